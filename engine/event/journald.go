package event

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/valyala/fastjson"
)

// journal reads an entry of the systemd journal in JSON.
func (p *Parser) journal(v *fastjson.Value, e *Event) {
	e.Product = "linux"
	for _, name := range [...]string{"_SOURCE_REALTIME_TIMESTAMP", "__REALTIME_TIMESTAMP"} {
		said := p.at(v, name)
		if n, err := strconv.ParseInt(said, 10, 64); err == nil {
			e.happened(time.UnixMicro(n).UTC(), said)
			break
		}
	}
	h := header{facility: -1, severity: -1, program: p.firstAt(v, "SYSLOG_IDENTIFIER", "_COMM", "_TRANSPORT")}
	e.Message = p.journalMessage(v.Get("MESSAGE"))
	e.Host = p.at(v, "_HOSTNAME")
	e.Process = h.program
	e.PID, _ = strconv.ParseInt(p.firstAt(v, "_PID", "SYSLOG_PID"), 10, 64)
	if n, err := strconv.Atoi(p.at(v, "PRIORITY")); err == nil && n >= 0 && n < len(ocsfSeverity) {
		e.Severity = ocsfSeverity[n]
	}
	if n, err := strconv.Atoi(p.at(v, "SYSLOG_FACILITY")); err == nil && n >= 0 && n < len(facilities) {
		h.facility = n
	}
	kept := keptColumns{e.Native, e.Format}
	e.CommandLine = p.at(v, "_CMDLINE")
	command, path := e.CommandLine, p.at(v, "_EXE")
	e.buffer = append([]byte(nil), e.buffer...)
	p.program(&h, e)
	kept.restore(e)
	e.CommandLine = firstOf(e.CommandLine, command)
	e.Process = firstOf(path, e.Process)
}

// keptColumns are those of the outer line, which a message within it does not change.
type keptColumns struct {
	native []byte
	format Format
}

func (k keptColumns) restore(e *Event) { e.Native, e.Format = k.native, k.format }

// journalMessage is the message, which is a list of bytes where it is no UTF-8.
func (p *Parser) journalMessage(v *fastjson.Value) string {
	if v == nil {
		return ""
	}
	if v.Type() != fastjson.TypeArray {
		return cleanText(p.scalar(v))
	}
	var b []byte
	for _, item := range v.GetArray() {
		n, err := item.Int()
		if err != nil || n < 0 || n > 255 {
			return cleanText(p.scalar(item))
		}
		b = append(b, byte(n))
	}
	return cleanText(string(b))
}

// journalText reads an entry of the journal's export: NAME=value on a line each, binary
// values with their length.
func (p *Parser) journalText(raw []byte, e *Event) bool {
	var o object
	o.open(e.buffer)
	found := false
	for len(raw) > 0 {
		line, rest, _ := bytes.Cut(raw, []byte{'\n'})
		raw = rest
		if len(line) == 0 {
			continue
		}
		name, value, ok := bytes.Cut(line, []byte{'='})
		if !ok {
			if value, raw, ok = binaryValue(rest); !ok {
				e.complain("the binary value of %q in an entry of the journal ends too soon", shorten(cleanText(string(name)), 60))
				break
			}
		}
		if !journalName(name) {
			e.complain("%q is no name of a field of the journal", shorten(cleanText(string(name)), 60))
			return false
		}
		found = true
		o.always(string(name), string(value))
	}
	if !found {
		e.complain("this is no entry of the journal's export")
		return false
	}
	e.native(o.close())
	v, err := p.json.ParseBytes(e.Native)
	if err != nil {
		e.complain("this entry of the journal cannot be read: %s", shorten(err.Error(), 200))
		return false
	}
	e.Format = Journald
	p.journal(v, e)
	return true
}

func binaryValue(s []byte) (value, rest []byte, ok bool) {
	if len(s) < 8 {
		return nil, nil, false
	}
	size := binary.LittleEndian.Uint64(s)
	if size > uint64(len(s)-8) {
		return nil, nil, false
	}
	value, rest = s[8:8+size], s[8+size:]
	return value, bytes.TrimPrefix(rest, []byte{'\n'}), true
}

func journalName(name []byte) bool {
	for _, c := range name {
		if c != '_' && (c < 'A' || c > 'Z') && !isDigit(c) {
			return false
		}
	}
	return len(name) > 0 && len(name) <= 64 && utf8.Valid(name)
}

// anyJSON reads an object that is of no known format, by the names that people give
// such things.
func (p *Parser) anyJSON(v *fastjson.Value, e *Event) {
	said := p.firstAt(v, "@timestamp", "timestamp", "time", "ts", "eventTime", "EventTime", "TimeGenerated", "requestReceivedTimestamp", "datetime", "date", "created_at", "_time")
	if t, ok := p.anyTime(said); ok {
		e.happened(t, said)
	}
	e.Message = cleanText(p.firstAt(v, "message", "msg", "Message", "SyslogMessage", "log", "text", "event", "action", "OperationName", "ActivityDisplayName"))
	e.Host = p.firstAt(v, "host.name", "hostname", "host", "HostName", "Computer", "computer", "device", "server")
	e.User = p.firstAt(v, "user.name", "user.username", "username", "userName", "user", "User", "actor.alternateId", "actor.login", "actor", "UserPrincipalName", "UserId", "remote_user")
	e.Process = p.firstAt(v, "process.executable", "process.name", "process", "ProcessName", "program", "app", "Image", "exe")
	e.CommandLine = p.firstAt(v, "process.command_line", "CommandLine", "command_line", "cmdline", "command")
	e.PID, _ = strconv.ParseInt(p.firstAt(v, "pid", "ProcessId", "process.pid"), 10, 64)
	e.File = p.firstAt(v, "file.path", "TargetFilename", "filename", "file", "path")
	e.Src = address(p.firstAt(v, "src_ip", "source.ip", "srcip", "src", "SourceIp", "sourceIPs", "client_ip", "clientIp", "ClientIP", "remote_addr", "remote_ip", "ip", "IPAddress", "sourceIPAddress", "client.ipAddress"))
	e.Dst = address(p.firstAt(v, "dest_ip", "dst_ip", "destination.ip", "dstip", "dst", "DestinationIp", "server_ip"))
	e.SrcPort = port(p.firstAt(v, "src_port", "source.port", "SourcePort", "srcport"))
	e.DstPort = port(p.firstAt(v, "dest_port", "dst_port", "destination.port", "DestinationPort", "dstport"))
	e.Domain = strings.ToLower(p.firstAt(v, "domain", "query", "dns.question.name", "DestinationHostname", "server_name"))
	e.URL = p.firstAt(v, "url", "uri", "request_uri", "requestURI", "url.full")
	e.UserAgent = p.firstAt(v, "user_agent", "userAgent", "http_user_agent", "UserAgent", "client.userAgent.rawUserAgent")
	e.Mail = p.firstAt(v, "email", "mail", "sender", "from")
	if !strings.Contains(e.Mail, "@") {
		e.Mail = ""
	}
	for _, name := range [...]string{"md5", "sha1", "sha256", "Hashes", "hash"} {
		e.setHashes(p.firstAt(v, name))
	}
	e.Outcome = outcomeOf(p.firstAt(v, "outcome", "outcome.result", "result", "Result", "status"))
	e.Severity = levelSeverity(p.firstAt(v, "level", "severity", "SeverityLevel", "log.level", "lvl"))
	p.known(v, e)
}

// known adds what is certain about some objects without a format of their own.
func (p *Parser) known(v *fastjson.Value, e *Event) {
	switch {
	case p.at(v, "kind") == "Event" && strings.HasPrefix(p.at(v, "apiVersion"), "audit.k8s.io"):
		e.Product, e.Service = "kubernetes", "audit"
		e.is(APIActivity, verbActivity(p.at(v, "verb")))
		e.Message = firstOf(e.Message, strings.TrimSpace(p.at(v, "verb")+" "+e.URL))
		e.Outcome = statusOutcome(p.at(v, "responseStatus", "code"))
	case v.Exists("SyslogMessage"):
		kept := keptColumns{e.Native, e.Format}
		h := header{facility: -1, severity: -1, program: p.at(v, "ProcessName")}
		e.Product = "linux"
		e.buffer = append([]byte(nil), e.buffer...)
		p.program(&h, e)
		kept.restore(e)
	case e.Src.IsValid() && e.Dst.IsValid():
		e.is(NetworkActivity, 6)
	case e.URL != "" && (v.Exists("request_method") || v.Exists("method")):
		e.is(HTTPActivity, methodActivity(strings.ToUpper(p.firstAt(v, "request_method", "method"))))
		e.Category = "webserver"
	}
}

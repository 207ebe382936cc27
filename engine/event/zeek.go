package event

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"strings"

	"github.com/valyala/fastjson"
)

// A zeekTable is what the head of a table of Zeek says about its rows.
type zeekTable struct {
	separator byte
	set       string
	empty     string
	unset     string
	path      string
	fields    []string
	types     []string
	taken     []byte // the head that it was read from; nil: from lines that came
}

func (t *zeekTable) open() bool { return len(t.fields) > 0 }

// isZeekHeader recognises a line of the head.
func isZeekHeader(line []byte) bool {
	for _, name := range [...]string{"#separator ", "#fields", "#types", "#path", "#set_separator", "#empty_field", "#unset_field", "#open", "#close"} {
		if bytes.HasPrefix(line, []byte(name)) {
			return true
		}
	}
	return false
}

// zeekRow reads a line of a table: of its head, or a row.
func (p *Parser) zeekRow(s string, e *Event) bool {
	s = strings.TrimRight(s, "\r\n")
	if strings.HasPrefix(s, "#") {
		if !p.zeek.header(s) {
			e.complain("the head of a table is longer than %d bytes or names more than %d columns", MaxHead, maxColumns)
		}
		p.text(s, e)
		e.Format, e.Product, e.Service, e.Meta = Zeek, "zeek", p.zeek.path, true
		return true
	}
	t := &p.zeek
	if !t.open() {
		e.complain("this row of a table of Zeek came before its head, which names the columns")
		return false
	}
	if n := strings.Count(s, string(t.separator)) + 1; n != len(t.fields) {
		e.complain("this row has %d cells, the head of the table names %d", n, len(t.fields))
		return false
	}
	cells := strings.Split(s, string(t.separator))
	var o object
	o.open(e.buffer)
	for i, cell := range cells {
		if cell != t.unset {
			t.cell(&o, i, cell)
		}
	}
	e.native(o.close())
	v, err := p.json.ParseBytes(e.Native)
	if err != nil {
		e.complain("this row cannot be read: %s", shorten(err.Error(), 200))
		return false
	}
	p.zeekMeaning(t.path, v, e)
	return true
}

// header reads one line of the head. False: it is out of bounds, and the rows have none.
func (t *zeekTable) header(s string) bool {
	t.taken = nil
	if len(s) > MaxHead || strings.Count(s, string(cmp.Or(t.separator, '\t'))) > maxColumns {
		*t = zeekTable{}
		return false
	}
	name, value, _ := strings.Cut(s, " ")
	if name == "#separator" {
		*t = zeekTable{separator: '\t', set: ",", empty: "(empty)", unset: "-"}
		if b, err := hex.DecodeString(strings.TrimPrefix(value, `\x`)); err == nil && len(b) == 1 {
			t.separator = b[0]
		} else if len(value) == 1 {
			t.separator = value[0]
		}
		return true
	}
	if t.separator == 0 {
		*t = zeekTable{separator: '\t', set: ",", empty: "(empty)", unset: "-"}
	}
	cells := strings.Split(s, string(t.separator))
	switch first := firstCell(cells); cells[0] {
	case "#set_separator":
		t.set = first
	case "#empty_field":
		t.empty = first
	case "#unset_field":
		t.unset = first
	case "#path":
		t.path, t.fields, t.types = first, nil, nil
	case "#fields":
		t.fields = cells[1:]
	case "#types":
		t.types = cells[1:]
	}
	return true
}

// take reads a whole head, unless it is the one at hand.
func (t *zeekTable) take(head []byte) {
	if len(t.taken) == len(head) && &t.taken[0] == &head[0] {
		return
	}
	*t = zeekTable{}
	for line := range bytes.Lines(head) {
		t.header(strings.TrimRight(string(line), "\r\n"))
	}
	t.taken = head
}

func firstCell(cells []string) string {
	if len(cells) < 2 {
		return ""
	}
	return cells[1]
}

// cell writes one value in the way of its type.
func (t *zeekTable) cell(o *object, i int, cell string) {
	kind := ""
	if i < len(t.types) {
		kind = t.types[i]
	}
	if strings.HasPrefix(kind, "set[") || strings.HasPrefix(kind, "vector[") {
		o.key(t.fields[i])
		o.b = append(o.b, '[')
		if cell != t.empty && t.set != "" {
			for j, item := range strings.Split(cell, t.set) {
				if j > 0 {
					o.b = append(o.b, ',')
				}
				o.b = appendText(o.b, unescapeHex(item))
			}
		}
		o.b = append(o.b, ']')
		return
	}
	if cell == t.empty {
		cell = ""
	}
	switch kind {
	case "count", "int", "port", "double", "time", "interval":
		if plainDecimal(cell) {
			o.raw(t.fields[i], []byte(cell))
			return
		}
	case "bool":
		if cell == "T" || cell == "F" {
			o.raw(t.fields[i], []byte(map[string]string{"T": "true", "F": "false"}[cell]))
			return
		}
	}
	o.always(t.fields[i], unescapeHex(cell))
}

// plainDecimal says whether a text is a number as JSON writes it.
func plainDecimal(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, part, dot := strings.Cut(s, ".")
	if whole == "" || dot && part == "" || len(whole) > 1 && whole[0] == '0' || len(s) > 40 {
		return false
	}
	_, ok := digits(whole)
	if dot && ok {
		_, ok = digits(part)
	}
	return ok
}

// unescapeHex takes \x09 and \\ out.
func unescapeHex(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) {
			if s[i+1] == '\\' {
				b.WriteByte('\\')
				i++
				continue
			}
			if s[i+1] == 'x' && i+3 < len(s) {
				if c, err := hex.DecodeString(s[i+2 : i+4]); err == nil {
					b.WriteByte(c[0])
					i += 3
					continue
				}
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// zeekJSON reads a line of a log that Zeek writes as JSON.
func (p *Parser) zeekJSON(v *fastjson.Value, e *Event) {
	path := firstOf(p.at(v, "_path"), p.o.Service)
	if path == "" {
		path = zeekPath(v)
	}
	p.zeekMeaning(path, v, e)
}

// zeekPath guesses the log from the names in it.
func zeekPath(v *fastjson.Value) string {
	for _, known := range [...]struct{ field, path string }{{"query", "dns"}, {"method", "http"}, {"auth_success", "ssh"}, {"cipher", "ssl"}, {"note", "notice"},
		{"conn_state", "conn"}, {"mailfrom", "smtp"}, {"fuid", "files"}, {"cookie", "rdp"}} {
		if v.Exists(known.field) {
			return known.path
		}
	}
	return ""
}

// zeekMeaning reads the values of a row by the names of Zeek.
func (p *Parser) zeekMeaning(path string, v *fastjson.Value, e *Event) {
	e.Format, e.Product, e.Service = Zeek, "zeek", path
	p.when(e, p.at(v, "ts"))
	e.Src, e.Dst = address(p.firstAt(v, "id.orig_h", "src")), address(p.firstAt(v, "id.resp_h", "dst"))
	e.SrcPort, e.DstPort = port(p.firstAt(v, "id.orig_p")), port(p.firstAt(v, "id.resp_p"))
	e.Message = strings.TrimSpace(path + " " + firstOf(p.firstAt(v, "msg", "message", "query", "uri", "server_name", "name", "note")))
	e.User = p.firstAt(v, "username", "user", "client")
	if path != "ntlm" && path != "ftp" && path != "kerberos" && path != "http" && path != "socks" {
		e.User = p.firstAt(v, "username", "user")
	}
	e.Domain = strings.ToLower(p.firstAt(v, "query", "host", "server_name"))
	e.UserAgent = p.firstAt(v, "user_agent")
	e.File = p.firstAt(v, "filename", "name", "path")
	e.setHash(p.firstAt(v, "md5"))
	e.setHash(p.firstAt(v, "sha1"))
	e.setHash(p.firstAt(v, "sha256"))
	p.zeekKind(path, v, e)
}

func (p *Parser) zeekKind(path string, v *fastjson.Value, e *Event) {
	switch path {
	case "dns":
		e.is(DNSActivity, 6)
		e.Category = "dns"
		for _, a := range v.GetArray("answers") {
			p.answer(p.scalar(a), e)
		}
	case "http":
		e.is(HTTPActivity, methodActivity(p.at(v, "method")))
		e.URL = p.at(v, "uri")
		if strings.HasPrefix(e.URL, "/") && e.Domain != "" {
			e.URL = "http://" + e.Domain + e.URL
		}
		e.Outcome = statusOutcome(p.at(v, "status_code"))
	case "ssh":
		e.is(SSHActivity, 6)
		e.Outcome = map[string]string{"true": Success, "false": Failure}[p.at(v, "auth_success")]
	case "rdp":
		e.is(RDPActivity, 6)
		e.User = p.at(v, "cookie")
	case "smb_mapping", "smb_files":
		e.is(SMBActivity, 2)
	case "ftp":
		e.is(FTPActivity, activityOther)
	case "smtp":
		e.is(EmailActivity, 4)
		e.Mail = strings.Trim(p.at(v, "mailfrom"), "<>")
	case "dhcp":
		e.is(DHCPActivity, activityOther)
	case "ntp":
		e.is(NTPActivity, activityOther)
	case "kerberos", "ntlm", "radius":
		e.is(Authentication, 1)
		e.Outcome = map[string]string{"true": Success, "false": Failure}[p.at(v, "success")]
	case "notice":
		e.is(DetectionFinding, 1)
		e.Severity = 3
	case "files", "x509", "pe", "software", "weird", "syslog", "stats", "capture_loss":
		if path == "x509" {
			p.certificate(p.firstAt(v, "fingerprint", "id"), e)
		}
		if path == "files" {
			e.is(FileActivity, activityOther)
		}
	default:
		e.is(NetworkActivity, 6)
	}
}

package event

import (
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fastjson"
)

// winNames are the fields of Windows events that columns are made of.
var winNames = []string{"EventID", "EventId", "event_id", "Channel", "channel", "LogName", "Computer", "computer_name", "Hostname", "Provider", "Provider_Name", "SourceName", "ProviderName", "provider_name",
	"TimeCreated", "TimeCreated_SystemTime", "UtcTime", "@timestamp", "EventTime", "TimeGenerated", "SystemTime", "Level", "level", "Message", "message",
	"Image", "SourceImage", "NewProcessName", "ProcessName", "Application", "CommandLine", "ProcessCommandLine", "ProcessId", "NewProcessId", "SourceProcessId",
	"User", "SourceUser", "TargetUserName", "SubjectUserName", "AccountName", "param1", "ImagePath", "ServiceName",
	"TargetFilename", "ImageLoaded", "ObjectName", "TargetObject", "PipeName", "RelativeTargetName", "Path",
	"SourceIp", "SourceAddress", "IpAddress", "SourcePort", "IpPort", "DestinationIp", "DestAddress", "DestinationPort", "DestPort",
	"DestinationHostname", "QueryName", "QueryResults", "Hashes", "Hash", "WorkstationName", "ScriptBlockText", "Execution", "Execution_ProcessID", "winlog", "event_data"}

var winSlot = func() map[string]int {
	m := map[string]int{}
	for i, name := range winNames {
		m[name] = i
	}
	return m
}()

// A winEvent holds the fields of one event wherever its exporter put them.
type winEvent struct {
	p      *Parser
	values []*fastjson.Value
}

// gather takes the fields of an object; those that were found before stand.
func (w *winEvent) gather(v *fastjson.Value) {
	if v == nil {
		return
	}
	switch v.Type() {
	case fastjson.TypeObject:
		v.GetObject().Visit(func(key []byte, kid *fastjson.Value) {
			if i, ok := winSlot[string(key)]; ok && w.values[i] == nil {
				w.values[i] = kid
			}
		})
		w.gather(v.Get("Data"))
	case fastjson.TypeArray: // [{"Name": "Image", "#text": "…"}]
		for _, item := range v.GetArray() {
			w.named(item)
		}
	}
}

func (w *winEvent) named(item *fastjson.Value) {
	name := item.GetStringBytes("@Name")
	if name == nil {
		name = item.GetStringBytes("Name")
	}
	if name == nil {
		name = item.GetStringBytes("#attributes", "Name")
	}
	i, ok := winSlot[string(name)]
	if !ok || w.values[i] != nil {
		return
	}
	for _, key := range [...]string{"#text", "Value", "content"} {
		if v := item.Get(key); v != nil {
			w.values[i] = v
			return
		}
	}
}

// get is the text of the first of these fields that says something.
func (w *winEvent) get(names ...string) string {
	for _, name := range names {
		v := w.values[winSlot[name]]
		if v == nil {
			continue
		}
		s := w.p.scalar(v)
		if v.Type() == fastjson.TypeObject {
			s = firstOf(w.p.at(v, "#text"), w.p.at(v, "#attributes", "SystemTime"), w.p.at(v, "@SystemTime"), w.p.at(v, "SystemTime"),
				w.p.at(v, "#attributes", "Name"), w.p.at(v, "@Name"), w.p.at(v, "Name"))
		}
		if s != "" && s != "-" {
			return s
		}
	}
	return ""
}

// windows reads an event of the Windows event log as any of its exporters writes it.
func (p *Parser) windows(v *fastjson.Value, e *Event) {
	if p.win == nil {
		p.win = make([]*fastjson.Value, len(winNames))
	}
	clear(p.win)
	w := &winEvent{p, p.win}
	for _, root := range [...][]string{{}, {"Event", "System"}, {"Event", "EventData"}, {"System"}, {"EventData"}, {"winlog", "event_data"}, {"winlog"}} {
		w.gather(v.Get(root...))
	}
	for _, root := range [...][]string{{"Event", "UserData"}, {"UserData"}} {
		if u := v.GetObject(root...); u != nil {
			u.Visit(func(_ []byte, kid *fastjson.Value) { w.gather(kid) })
		}
	}
	p.winMeaning(w, v, e)
}

func (p *Parser) winMeaning(w *winEvent, v *fastjson.Value, e *Event) {
	e.Product = "windows"
	channel := strings.ToLower(w.get("Channel", "channel", "LogName"))
	id, _ := strconv.Atoi(w.get("EventID", "EventId", "event_id"))
	e.Service = winServices[channel]
	if strings.HasPrefix(channel, "linux-sysmon") {
		e.Product, e.Service = "linux", "sysmon"
	}
	p.winTime(w, e)
	e.Host = firstOf(w.get("Computer", "computer_name", "Hostname"), p.firstAt(v, "host.name"))
	if said := firstOf(w.get("Message"), w.get("message")); said != "" {
		line, _, _ := strings.Cut(said, "\n")
		e.Message = cleanText(line)
	} else {
		e.Message = strings.TrimSpace(w.get("SourceName", "ProviderName", "provider_name", "Provider_Name", "Provider") + " event " + strconv.Itoa(id))
	}
	e.Severity = winSeverity(w.get("Level", "level"))
	e.Process = w.get("Image", "SourceImage", "NewProcessName", "ProcessName", "Application")
	e.CommandLine = w.get("CommandLine", "ProcessCommandLine", "ScriptBlockText", "ImagePath")
	e.PID = winNumber(w.get("NewProcessId", "ProcessId", "SourceProcessId"))
	e.User = w.get("User", "SourceUser", "TargetUserName", "SubjectUserName", "AccountName")
	e.File = w.get("TargetFilename", "ImageLoaded", "RelativeTargetName", "ObjectName", "TargetObject", "PipeName", "Path")
	e.Src, e.Dst = address(w.get("SourceIp", "SourceAddress", "IpAddress")), address(w.get("DestinationIp", "DestAddress"))
	e.SrcPort, e.DstPort = port(w.get("SourcePort", "IpPort")), port(w.get("DestinationPort", "DestPort"))
	e.Domain = strings.ToLower(strings.TrimSuffix(w.get("QueryName", "DestinationHostname"), "."))
	e.setHashes(w.get("Hashes", "Hash"))
	p.winKindOf(e.Service, id, w, e)
}

// winTime sets the time. SystemTime and UtcTime are always of UTC, EventTime is of the
// machine's own clock.
func (p *Parser) winTime(w *winEvent, e *Event) {
	for _, name := range [...]string{"TimeCreated_SystemTime", "TimeCreated", "SystemTime", "UtcTime", "@timestamp", "EventTime", "TimeGenerated"} {
		said := w.get(name)
		if said == "" {
			continue
		}
		if name == "TimeCreated_SystemTime" || name == "UtcTime" || name == "SystemTime" || name == "TimeCreated" && p.o.Zone == nil {
			if t, n := isoTime(said, time.UTC); n == len(said) {
				e.happened(t, said)
				return
			}
		}
		p.when(e, said)
		return
	}
}

// winSeverity is the severity_id of a level: 1 critical, 2 error, 3 warning.
func winSeverity(level string) int {
	switch strings.ToLower(level) {
	case "1", "critical":
		return 5
	case "2", "error":
		return 4
	case "3", "warning":
		return 3
	}
	return 1
}

// winNumber reads 4711 or 0x12d8.
func winNumber(s string) int64 {
	n, err := strconv.ParseInt(s, 0, 64)
	if err != nil {
		return 0
	}
	return n
}

// setHashes reads "SHA1=…,MD5=…,SHA256=…,IMPHASH=…" or one hash alone.
func (e *Event) setHashes(s string) {
	for s != "" {
		var one string
		one, s, _ = strings.Cut(s, ",")
		_, value, ok := strings.Cut(one, "=")
		if !ok {
			value = one
		} else if strings.EqualFold(strings.TrimSpace(one[:len(one)-len(value)-1]), "IMPHASH") {
			continue
		}
		e.setHash(value)
	}
}

// setHash takes a hash for what its length says.
func (e *Event) setHash(value string) {
	value = strings.ToLower(strings.TrimSpace(value))
	for i := range len(value) {
		if c := value[i]; !isDigit(c) && (c < 'a' || c > 'f') {
			return
		}
	}
	switch len(value) {
	case 32:
		e.Hashes.MD5 = firstOf(e.Hashes.MD5, value)
	case 40:
		e.Hashes.SHA1 = firstOf(e.Hashes.SHA1, value)
	case 64:
		e.Hashes.SHA256 = firstOf(e.Hashes.SHA256, value)
	}
}

// winKindOf says what the event is about by its number.
func (p *Parser) winKindOf(service string, id int, w *winEvent, e *Event) {
	k, ok := winKinds[service][id]
	if !ok {
		return
	}
	e.is(k.class, k.activity)
	e.Category = k.category
	e.Outcome = k.outcome
	switch {
	case k.class == DNSActivity:
		p.winAnswers(w.get("QueryResults"), e)
	case service == "security" && k.class == ProcessActivity:
		e.User = w.get("SubjectUserName", "TargetUserName")
	case service == "security" && k.class == Authentication:
		e.User = w.get("TargetUserName", "SubjectUserName")
	}
}

// winAnswers reads the addresses in the answer to a question: "type: 5 x;::ffff:1.2.3.4;".
func (p *Parser) winAnswers(s string, e *Event) {
	for part := range strings.SplitSeq(s, ";") {
		if a := address(strings.TrimSpace(part)); a.IsValid() && len(e.Also) < mostAlso {
			e.Also = append(e.Also, Observable{ObservableAddress, a.String(), "answers.rdata"})
		}
	}
}

// mostAlso bounds the further observables of one event.
const mostAlso = 256

package event

import (
	"bytes"

	"github.com/valyala/fastjson"
)

// Recognise says in which format the first lines of a source are: that of the most
// lines that are in any. Lines that are nothing but text are Text.
func Recognise(lines [][]byte) Format {
	p := NewParser(Options{})
	counts := map[Format]int{}
	best := Text
	var e Event
	for _, raw := range lines {
		if len(bytes.TrimSpace(raw)) == 0 {
			continue
		}
		p.sticky = ""
		p.Parse(Line{Raw: raw}, &e)
		if e.Format == Text {
			continue
		}
		counts[e.Format]++
		if counts[e.Format] > counts[best] {
			best = e.Format
		}
	}
	return best
}

// recognise says in which format a line is, beginning with that of the line before. Of
// a JSON object it says JSON; what is in it is told by formatOf.
func (p *Parser) recognise(raw []byte) Format {
	line := bytes.TrimLeft(raw, " \t\r\n")
	if len(line) == 0 {
		return Text
	}
	switch {
	case line[0] == '{':
		return JSON
	case line[0] == '#' && isZeekHeader(line):
		return Zeek
	case line[0] == '#' && p.zeek.open():
		return Zeek
	case line[0] == '<' && len(line) > 2 && isDigit(line[1]):
		return Syslog
	case bytes.HasPrefix(line, []byte("<Event")):
		return Windows
	case looksLikeAudit(line):
		return Auditd
	case bytes.HasPrefix(line, []byte("__CURSOR=")), bytes.HasPrefix(line, []byte("__REALTIME_TIMESTAMP=")):
		return Journald
	case (p.sticky == Zeek || p.zeek.taken != nil) && p.zeek.open() && bytes.IndexByte(line, p.zeek.separator) > 0:
		return Zeek
	case p.sticky == AccessLog && looksLikeAccess(line):
		return AccessLog
	case webErrorStart(string(line[:min(len(line), 160)])) > 0, bareLevel(string(line[:min(len(line), 16)])):
		return AccessLog
	case startsWithTime(line):
		return Syslog
	case looksLikeAccess(line), looksLikeSquid(line):
		return AccessLog
	}
	return Text
}

// startsWithTime recognises syslog as it stands in files, without a priority: a time,
// a host and a program.
func startsWithTime(line []byte) bool {
	s := string(line[:min(len(line), 200)])
	var h header
	from := sequence(s)
	from += weekday(s[from:])
	if ok, n := h.stamp(s[from:]); !ok || h.day.month == 0 && len(s) > from+n && s[from+n] != ' ' {
		return false
	}
	message := h.old(s)
	return h.program != "" || h.host != "" && message != "" && h.day.month > 0
}

// formatOf says what a JSON object is, by the names that only one format has. known is
// what it is taken for where none tells.
func formatOf(v *fastjson.Value, known Format) Format {
	has := func(names ...string) bool {
		for _, name := range names {
			if !v.Exists(name) {
				return false
			}
		}
		return true
	}
	switch {
	case has("class_uid") && (has("category_uid") || has("metadata")):
		return OCSF
	case has("eventSource", "eventName") && (has("eventVersion") || has("awsRegion") || has("userIdentity")):
		return CloudTrail
	case has("event_type") && (has("flow_id") || has("src_ip") || v.Exists("stats") || v.Exists("engine")):
		return Suricata
	case has("winlog"), has("Event", "System"), has("Event") && v.Exists("Event", "System"), has("EventID", "Channel"),
		has("EventID", "SourceName"), has("EventID", "Computer"), has("System", "EventData"), has("EventID", "Provider"), has("Channel", "Hostname"):
		return Windows
	case has("__REALTIME_TIMESTAMP"), has("_BOOT_ID", "MESSAGE"), has("__CURSOR"):
		return Journald
	case has("_path", "ts"), has("ts", "uid", "id.orig_h"), has("id.orig_h", "id.resp_h"), has("ts") && v.Exists("id", "orig_h"):
		return Zeek
	case has("ecs"), has("ecs.version"), has("@timestamp") && (has("event") || has("event.category") || has("agent", "host") || has("log.level")):
		return ECS
	}
	if known == "" || known == Auto {
		return JSON
	}
	return known
}

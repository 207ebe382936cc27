package event

import (
	"strconv"
	"strings"
	"time"
)

// A header is what stands before the message of a syslog line.
type header struct {
	facility, severity int // -1: none
	time               time.Time
	zoned              bool // the time said its zone
	day                clockDay
	host, program      string
	pid                string
	id                 string // of the kind of message
}

// A clockDay is a time without a year.
type clockDay struct {
	month, day int
	clock      time.Duration
	offset     time.Duration
	zoned      bool
}

var facilities = [...]string{"kern", "user", "mail", "daemon", "auth", "syslog", "lpr", "news", "uucp", "cron", "authpriv", "ftp",
	"ntp", "audit", "alert", "clock", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"}

var severities = [...]string{"emerg", "alert", "crit", "err", "warning", "notice", "info", "debug"}

// ocsfSeverity is the severity_id of a severity of syslog.
var ocsfSeverity = [...]int{6, 5, 5, 4, 3, 2, 1, 1}

// syslog reads a line of RFC 5424 or RFC 3164, with or without its priority.
func (p *Parser) syslog(s string, e *Event) bool {
	h := header{facility: -1, severity: -1}
	n := h.priority(s)
	message := ""
	data := ""
	if n > 0 && strings.HasPrefix(s[n:], "1 ") {
		var ok bool
		if message, data, ok = h.modern(s[n+2:], p.zone); !ok {
			e.complain("the header of RFC 5424 is broken; the line is read as one of RFC 3164")
			message = h.old(s[n:])
		}
	} else {
		message = h.old(s[n:])
	}
	p.syslogTime(&h, e)
	e.Format, e.Host, e.Process, e.Product = Syslog, cleanText(h.host), cleanText(h.program), "linux"
	e.PID, _ = strconv.ParseInt(h.pid, 10, 64)
	if h.severity >= 0 {
		e.Severity = ocsfSeverity[h.severity]
	}
	message = strings.TrimPrefix(message, "\ufeff")
	e.Message = cleanText(message)
	p.syslogNative(&h, data, message, e)
	p.program(&h, e)
	return true
}

// priority reads <34>.
func (h *header) priority(s string) int {
	if len(s) < 3 || s[0] != '<' {
		return 0
	}
	end := strings.IndexByte(s[:min(len(s), 6)], '>')
	if end < 2 {
		return 0
	}
	n, ok := digits(s[1:end])
	if !ok || n > 191 {
		return 0
	}
	h.facility, h.severity = n/8, n%8
	return end + 1
}

// modern reads what follows <34>1 in RFC 5424.
func (h *header) modern(s string, zone *time.Location) (message, data string, ok bool) {
	stamp, s, ok1 := strings.Cut(s, " ")
	host, s, ok2 := strings.Cut(s, " ")
	program, s, ok3 := strings.Cut(s, " ")
	pid, s, ok4 := strings.Cut(s, " ")
	id, s, ok5 := strings.Cut(s, " ")
	if !ok1 || !ok2 || !ok3 || !ok4 || !ok5 && id == "" {
		return "", "", false
	}
	if stamp != "-" {
		t, n := isoTime(stamp, zone)
		if n == 0 {
			return "", "", false
		}
		h.time, h.zoned = t, true
	}
	h.host, h.program, h.pid, h.id = notNil(host), notNil(program), notNil(pid), notNil(id)
	data, message = structuredData(s)
	return message, data, true
}

// notNil is the value of a field of RFC 5424, where - is none.
func notNil(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

// old reads a line of RFC 3164 behind its priority, as kindly as it can be: no rule is
// kept by everybody. What is left is the message.
func (h *header) old(s string) string {
	from := sequence(s)
	from += weekday(s[from:])
	ok, n := h.stamp(s[from:])
	if !ok {
		return s
	}
	n += from
	if strings.HasPrefix(s[n:], " [pid ") { // vsftpd's own file has neither host nor name
		h.program = "vsftpd"
		return s[n+1:]
	}
	host, tag, m, ok := hostAndTag(s, n)
	if !ok {
		return strings.TrimLeft(s[n:], " :")
	}
	h.host = host
	h.program, h.pid = splitTag(tag)
	return solaris(strings.TrimPrefix(s[m:], " "), h)
}

// sequence skips the number and the mark of an unsure clock that network devices write
// before the time: "29: *Mar 1 …".
func sequence(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) && n < 12 {
		n++
	}
	if n == 0 || n+1 >= len(s) || s[n] != ':' {
		n = 0
	} else {
		n++
		for n < len(s) && s[n] == ' ' {
			n++
		}
	}
	for n < len(s) && (s[n] == '*' || s[n] == '.' || s[n] == ' ') {
		n++
	}
	return n
}

// weekday skips "Wed ".
func weekday(s string) int {
	if len(s) > 4 && s[3] == ' ' {
		switch s[:3] {
		case "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun":
			return 4
		}
	}
	return 0
}

// hostAndTag reads " host program[12]:" from a place on. A line without a host begins
// with its program. It returns where the message begins; ok is false where there is
// neither.
func hostAndTag(s string, n int) (host, tag string, end int, ok bool) {
	for n < len(s) && s[n] == ' ' {
		n++
	}
	first := firstWord(s[n:])
	if first == "" {
		return "", "", n, false
	}
	if colon := tagEnd(s, n); colon > 0 && colon <= n+len(first) {
		return "", s[n:colon], colon + 1, true
	}
	host = first
	n += len(first)
	for n < len(s) && s[n] == ' ' {
		n++
	}
	if colon := tagEnd(s, n); colon > 0 {
		return host, s[n:colon], colon + 1, true
	}
	return host, "", n, true
}

func firstWord(s string) string {
	w, _, _ := strings.Cut(s, " ")
	return w
}

// longestTag bounds the name of a program; a colon further on belongs to the message.
const longestTag = 80

// tagEnd finds the colon behind the name of a program; 0: there is none. Spaces are
// part of no name, except before the number of a process.
func tagEnd(s string, from int) int {
	depth := 0
	for i := from; i < len(s) && i < from+longestTag; i++ {
		switch c := s[i]; {
		case c == '[' || c == '(':
			depth++
		case c == ']' || c == ')':
			depth--
		case c == ':' && depth == 0:
			if i == from || i+1 < len(s) && s[i+1] != ' ' && s[i-1] != ']' {
				return 0 // part of an address or of the message
			}
			return i
		case c == ' ' && depth == 0:
			return 0
		case c < ' ':
			return 0
		}
	}
	return 0
}

// splitTag takes "sshd[1291]", "su(pam_unix)[23164]" and "/usr/sbin/cron[1]" apart.
func splitTag(tag string) (program, pid string) {
	if open := strings.LastIndexByte(tag, '['); open >= 0 && strings.HasSuffix(tag, "]") {
		tag, pid = tag[:open], tag[open+1:len(tag)-1]
	}
	return tag, pid
}

// solaris takes "[ID 800047 auth.notice]" from the message.
func solaris(s string, h *header) string {
	inner, ok := strings.CutPrefix(s, "[ID ")
	if !ok {
		return s
	}
	end := strings.IndexByte(inner, ']')
	if end < 0 || end > 60 {
		return s
	}
	_, names, _ := strings.Cut(inner[:end], " ")
	facility, severity, _ := strings.Cut(names, ".")
	for i, name := range facilities {
		if name == facility && h.facility < 0 {
			h.facility = i
		}
	}
	for i, name := range severities {
		if name == severity && h.severity < 0 {
			h.severity = i
		}
	}
	return strings.TrimPrefix(inner[end+1:], " ")
}

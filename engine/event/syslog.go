package event

import (
	"net/netip"
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

// structuredData cuts the structured data from the message behind it. A ] in a value is
// escaped, as are quotes.
func structuredData(s string) (data, message string) {
	if strings.HasPrefix(s, "-") {
		return "", strings.TrimPrefix(s[1:], " ")
	}
	end, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == ']':
			end = i + 1
			if end == len(s) || s[end] != '[' {
				return s[:end], strings.TrimPrefix(s[end:], " ")
			}
		case c == '[' && i != end:
			return s[:end], s[end:]
		case i == end && c != '[':
			return s[:end], s[end:]
		}
	}
	return "", s // it never ends: it is text
}

// old reads a line of RFC 3164 behind its priority, as kindly as it can be: no rule is
// kept by everybody. What is left is the message.
func (h *header) old(s string) string {
	from := sequence(s)
	ok, n := h.stamp(s[from:])
	if !ok {
		// A host before the time, or none at all.
		return s
	}
	n += from
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

// stamp reads the time at the beginning: of ISO 8601, or the words of RFC 3164 with all
// that is added to them: a year before or behind, a fraction, a zone.
func (h *header) stamp(s string) (bool, int) {
	if t, n := isoTime(s, time.UTC); n > 0 {
		h.time, h.zoned = t, strings.ContainsAny(s[19:n], "Zz+-")
		return true, n
	}
	year, n := leadingYear(s)
	if len(s) < n+15 {
		return false, 0
	}
	month := monthOf(s[n : n+3])
	if month == 0 || s[n+3] != ' ' {
		return false, 0
	}
	at := n + 4
	for at < len(s) && s[at] == ' ' {
		at++
	}
	day, m := shortNumber(s[at:], 2)
	at += m
	if m == 0 || day < 1 || day > 31 || at >= len(s) || s[at] != ' ' {
		return false, 0
	}
	at++
	if y, m := shortNumber(s[at:], 4); m == 4 && at+4 < len(s) && s[at+4] == ' ' && y >= 1970 {
		year, at = y, at+5
	}
	clock, m := clockTime(s[at:])
	if m == 0 {
		return false, 0
	}
	at += m
	h.day = clockDay{month: month, day: day, clock: clock}
	at += h.zone(s[at:])
	if y, m := trailingYear(s[at:]); m > 0 {
		year, at = y, at+m
	}
	if year > 0 {
		h.setYear(year)
	}
	if at < len(s) && s[at] == ':' {
		at++
	}
	return true, at
}

func (h *header) setYear(year int) {
	if h.day.day > monthDays(year, h.day.month) {
		return
	}
	h.time = time.Date(year, time.Month(h.day.month), h.day.day, 0, 0, 0, 0, time.UTC).Add(h.day.clock - h.day.offset)
	h.zoned = h.day.zoned
}

func leadingYear(s string) (year, n int) {
	if y, m := shortNumber(s, 4); m == 4 && len(s) > 5 && s[4] == ' ' && y >= 1970 {
		return y, 5
	}
	return 0, 0
}

// trailingYear reads " 1987" behind the time, as in the examples of RFC 3164.
func trailingYear(s string) (year, n int) {
	if len(s) < 6 || s[0] != ' ' {
		return 0, 0
	}
	if y, m := shortNumber(s[1:], 4); m == 4 && s[5] == ' ' && y >= 1970 && y < 2200 {
		return y, 5
	}
	return 0, 0
}

// zone reads " CEST", " UTC" or " +02:00" behind the time. Letters are only a zone if
// all the world means the same by them.
func (h *header) zone(s string) int {
	if len(s) < 2 || s[0] != ' ' {
		return 0
	}
	if offset, n := zoneOffset(s); n > 1 && (n == len(s) || s[n] == ' ' || s[n] == ':') {
		h.day.offset, h.day.zoned = offset, true
		return n
	}
	end := 1
	for end < len(s) && end < 6 && s[end] >= 'A' && s[end] <= 'Z' {
		end++
	}
	if end == len(s) || s[end] != ' ' && s[end] != ':' {
		return 0
	}
	hours, known := zoneNames[s[1:end]]
	if !known {
		return 0
	}
	h.day.offset, h.day.zoned = time.Duration(hours)*time.Hour, true
	return end
}

var zoneNames = map[string]int{"UTC": 0, "GMT": 0, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3,
	"EDT": -4, "EST": -5, "CDT": -5, "CST": -6, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8, "JST": 9, "AEST": 10, "AEDT": 11}

// shortNumber reads at most so many digits.
func shortNumber(s string, most int) (value, n int) {
	for n < len(s) && n < most && isDigit(s[n]) {
		value = value*10 + int(s[n]-'0')
		n++
	}
	return value, n
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

// syslogTime sets the time of the event. A time without a year is the latest that is
// not after its arrival.
func (p *Parser) syslogTime(h *header, e *Event) {
	if !h.time.IsZero() {
		t := h.time
		if !h.zoned {
			t = inZone(t, p.zone)
		}
		e.happened(t, t.Format(time.RFC3339))
		return
	}
	if h.day.month == 0 || e.Received.IsZero() {
		return
	}
	for year := e.Received.Year() + 1; year > e.Received.Year()-9; year-- {
		if h.day.day > monthDays(year, h.day.month) {
			continue
		}
		t := time.Date(year, time.Month(h.day.month), h.day.day, 0, 0, 0, 0, time.UTC).Add(h.day.clock)
		if h.day.zoned {
			t = t.Add(-h.day.offset)
		} else {
			t = inZone(t, p.zone)
		}
		if !t.After(e.Received.Add(ahead)) {
			e.Time = t
			return
		}
	}
}

// inZone takes a time that was read as UTC for one of a wall clock.
func inZone(t time.Time, zone *time.Location) time.Time {
	if zone == time.UTC {
		return t
	}
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone).UTC()
}

// syslogNative writes the fields by the names that rules and people use.
func (p *Parser) syslogNative(h *header, data, message string, e *Event) {
	var o object
	o.open(e.buffer)
	o.text("hostname", h.host)
	o.text("program", h.program)
	o.text("pid", h.pid)
	o.text("msgid", h.id)
	if h.facility >= 0 {
		o.text("facility", facilities[h.facility])
		o.text("severity", severities[h.severity])
	}
	if data != "" {
		writeData(&o, data)
	}
	o.always("message", message)
	e.native(o.close())
}

// writeData writes structured data as {"id": {"name": "value"}}.
func writeData(o *object, data string) {
	o.enter("structured_data")
	for data != "" && data[0] == '[' {
		data = data[1:]
		end := strings.IndexAny(data, " ]")
		if end < 0 {
			break
		}
		o.enter(data[:end])
		data = writeParams(o, data[end:])
		o.leave()
	}
	o.leave()
}

// writeParams writes name="value" pairs and returns what follows the closing bracket.
func writeParams(o *object, s string) string {
	for {
		s = strings.TrimLeft(s, " ")
		if s == "" {
			return ""
		}
		if s[0] == ']' {
			return s[1:]
		}
		name, rest, ok := strings.Cut(s, "=")
		if !ok || rest == "" || rest[0] != '"' {
			return ""
		}
		value, n := quotedValue(rest[1:])
		o.always(name, value)
		s = rest[1+n:]
	}
}

// quotedValue reads up to the closing quote and takes the escapes of RFC 5424 out.
func quotedValue(s string) (string, int) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			return unescaped(s)
		case '"':
			return s[:i], i + 1
		}
	}
	return s, len(s)
}

func unescaped(s string) (string, int) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"':
			return b.String(), i + 1
		case c == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\' || s[i+1] == ']'):
			i++
			b.WriteByte(s[i])
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), len(s)
}

// address reads an address with or without brackets, a zone or a port behind it.
func address(s string) netip.Addr {
	s = strings.Trim(s, "[]")
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap()
}

// port reads the number of a port; 0: none.
func port(s string) uint16 {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}

func firstAddress(list ...netip.Addr) netip.Addr {
	for _, a := range list {
		if a.IsValid() {
			return a
		}
	}
	return netip.Addr{}
}

func bytesAddress(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a.Unmap()
}

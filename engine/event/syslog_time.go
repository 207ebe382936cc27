package event

import (
	"strings"
	"time"
)

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

package event

import (
	"strconv"
	"strings"
	"time"
)

// Times outside of these are no times of events: a broken clock or a number that means
// something else.
var (
	earliest = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	latest   = time.Date(2200, 1, 1, 0, 0, 0, 0, time.UTC)
)

// ahead is how far a sender's clock may be before ours.
const ahead = 25 * time.Hour

// happened sets the time of the event, unless it cannot be one.
func (e *Event) happened(t time.Time, said string) {
	switch {
	case t.Before(earliest) || t.After(latest):
		e.complain("the time %q is none of an event; that of its arrival is taken", said)
	case !e.Received.IsZero() && t.After(e.Received.Add(ahead)):
		e.complain("the time %q lies in the future; that of its arrival is taken", said)
	default:
		e.Time = t
	}
}

// when reads a time in any form that software writes it and sets that of the event.
func (p *Parser) when(e *Event, said string) {
	if said == "" {
		return
	}
	if t, ok := p.anyTime(said); ok {
		e.happened(t, said)
		return
	}
	e.complain("the time %q is in no known form; that of its arrival is taken", said)
}

// anyTime reads a number since 1970 in seconds or parts of them, a date of ISO 8601, of
// web servers, of RFC 1123 or of .NET.
func (p *Parser) anyTime(s string) (time.Time, bool) {
	s = strings.TrimSpace(s)
	if inner, ok := strings.CutPrefix(s, "/Date("); ok {
		s, _, _ = strings.Cut(inner, ")")
	}
	if t, n := isoTime(s, p.zone); n == len(s) && n > 0 {
		return t, true
	}
	if t, ok := epoch(s); ok {
		return t, true
	}
	if t, n := commonTime(s); n == len(s) && n > 0 {
		return t, true
	}
	for _, layout := range [...]string{time.RFC1123, time.RFC1123Z, time.ANSIC, time.UnixDate, "Jan 2, 2006 3:04:05 PM", "01/02/2006 15:04:05", "1/2/2006 3:04:05 PM"} {
		if t, err := time.ParseInLocation(layout, s, p.zone); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// epoch reads seconds since 1970 with a fraction, or milli-, micro- or nanoseconds.
func epoch(s string) (time.Time, bool) {
	whole, part, dot := strings.Cut(s, ".")
	if len(whole) < 8 || len(whole) > 19 {
		return time.Time{}, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil || n < 0 {
		return time.Time{}, false
	}
	switch {
	case n < 1e11:
		nanos, ok := int64(0), true
		if dot {
			nanos, ok = fraction(part)
		}
		return time.Unix(n, nanos).UTC(), ok
	case n < 1e14:
		return time.UnixMilli(n).UTC(), true
	case n < 1e17:
		return time.UnixMicro(n).UTC(), true
	}
	return time.Unix(0, n).UTC(), true
}

// fraction reads the digits behind the point of seconds as nanoseconds.
func fraction(s string) (int64, bool) {
	if s == "" || len(s) > 12 {
		return 0, false
	}
	n, scale := int64(0), int64(1e9)
	for i := range len(s) {
		c := s[i]
		if c < '0' || c > '9' {
			return 0, false
		}
		if scale > 1 {
			n, scale = n*10+int64(c-'0'), scale/10
		}
	}
	return n * scale, true
}

// isoTime reads a date and time of ISO 8601 at the beginning of s: 2024-03-27T13:06:56
// with T or a space, a fraction behind a point or comma, and a zone. Without a zone it
// is one of zone. It returns how long it is; 0 where there is none.
func isoTime(s string, zone *time.Location) (time.Time, int) {
	if len(s) < 19 || s[4] != '-' && s[4] != '/' || s[7] != s[4] || s[10] != 'T' && s[10] != ' ' && s[10] != 't' {
		return time.Time{}, 0
	}
	year, ok1 := digits(s[0:4])
	month, ok2 := digits(s[5:7])
	day, ok3 := digits(s[8:10])
	clock, n := clockTime(s[11:])
	if !ok1 || !ok2 || !ok3 || n == 0 || month < 1 || month > 12 || day < 1 || day > monthDays(year, month) {
		return time.Time{}, 0
	}
	n += 11
	offset, m := zoneOffset(s[n:])
	if m == 0 {
		t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, zone)
		return atClock(t, clock).UTC(), n
	}
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Add(clock - offset), n + m
}

// atClock is a wall clock's reading on a day, also on one that is not 24 hours long.
func atClock(day time.Time, clock time.Duration) time.Time {
	if day.Location() == time.UTC {
		return day.Add(clock)
	}
	y, m, d := day.Date()
	return time.Date(y, m, d, 0, 0, 0, int(clock), day.Location())
}

// clockTime reads 13:06:56 with a fraction if there is one.
func clockTime(s string) (time.Duration, int) {
	if len(s) < 8 || s[2] != ':' || s[5] != ':' {
		return 0, 0
	}
	hour, ok1 := digits(s[0:2])
	minute, ok2 := digits(s[3:5])
	second, ok3 := digits(s[6:8])
	if !ok1 || !ok2 || !ok3 || hour > 23 || minute > 59 || second > 60 {
		return 0, 0
	}
	d := time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second
	n := 8
	if len(s) > 9 && (s[8] == '.' || s[8] == ',') && isDigit(s[9]) {
		end := 9
		for end < len(s) && isDigit(s[end]) {
			end++
		}
		if nanos, ok := fraction(s[9:end]); ok {
			d, n = d+time.Duration(nanos), end
		}
	}
	return d, n
}

// zoneOffset reads Z, +02:00, +0200 or +02, also behind a space.
func zoneOffset(s string) (time.Duration, int) {
	n := 0
	if len(s) > 1 && s[0] == ' ' && (s[1] == '+' || s[1] == '-' || s[1] == 'Z') {
		n = 1
	}
	if len(s) <= n {
		return 0, 0
	}
	switch s[n] {
	case 'Z', 'z':
		return 0, n + 1
	case '+', '-':
	default:
		return 0, 0
	}
	sign := time.Duration(1)
	if s[n] == '-' {
		sign = -1
	}
	rest := s[n+1:]
	if len(rest) < 2 {
		return 0, 0
	}
	hours, ok := digits(rest[:2])
	if !ok || hours > 15 {
		return 0, 0
	}
	minutes, m := 0, 2
	if len(rest) >= 5 && rest[2] == ':' {
		if v, ok := digits(rest[3:5]); ok {
			minutes, m = v, 5
		}
	} else if len(rest) >= 4 {
		if v, ok := digits(rest[2:4]); ok {
			minutes, m = v, 4
		}
	}
	return sign * (time.Duration(hours)*time.Hour + time.Duration(minutes)*time.Minute), n + 1 + m
}

// commonTime reads the time of web servers' logs: 10/Oct/2000:13:55:36 -0700.
func commonTime(s string) (time.Time, int) {
	if len(s) > 1 && s[1] == '/' { // a day of one digit
		t, n := commonTime("0" + s)
		return t, max(n-1, 0)
	}
	if len(s) < 20 || s[2] != '/' || s[6] != '/' || s[11] != ':' {
		return time.Time{}, 0
	}
	day, ok1 := digits(s[0:2])
	month := monthOf(s[3:6])
	year, ok2 := digits(s[7:11])
	clock, n := clockTime(s[12:])
	if !ok1 || !ok2 || month == 0 || n == 0 || day < 1 || day > monthDays(year, month) {
		return time.Time{}, 0
	}
	n += 12
	offset, m := zoneOffset(s[n:])
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Add(clock - offset), n + m
}

// digits reads a number that is nothing but digits.
func digits(s string) (int, bool) {
	n := 0
	for i := range len(s) {
		if !isDigit(s[i]) {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, len(s) > 0
}

func isDigit(c byte) bool { return c-'0' < 10 }

// monthOf is the number of a month by its three letters; 0 for none.
func monthOf(s string) int {
	switch s {
	case "Jan", "jan":
		return 1
	case "Feb", "feb":
		return 2
	case "Mar", "mar":
		return 3
	case "Apr", "apr":
		return 4
	case "May", "may":
		return 5
	case "Jun", "jun":
		return 6
	case "Jul", "jul":
		return 7
	case "Aug", "aug":
		return 8
	case "Sep", "sep":
		return 9
	case "Oct", "oct":
		return 10
	case "Nov", "nov":
		return 11
	case "Dec", "dec":
		return 12
	}
	return 0
}

func monthDays(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

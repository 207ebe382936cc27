package detect

import (
	"bytes"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A testKind is what one test looks at.
type testKind uint8

const (
	testText   testKind = iota
	testRegexp          // without folding: regular expressions tell case
	testCIDR
	testNumber // of the value, or of a part of the time it names
	testNull   // the field is absent, or has no value
	testExists // the field is there, whatever its value
	testField  // the value is that of another field
)

// A test compares one field with one value. What matching looks at comes first, so that
// it lies together.
type test struct {
	is              testKind
	cased           bool
	mode            mode
	want            bool // of testExists
	needOnly        bool // need is all it asks for
	slot, otherSlot int32
	text            textMatcher
	need            []byte // of a keyword: what some value of the event must have, folded
	*testRest
}

// A testRest is what few tests need, or only their explanation.
type testRest struct {
	re      *regexp.Regexp
	network netip.Prefix
	number  float64
	part    string // of the time

	field       string  // empty: any value of the event
	other       string  // the field of testField
	pattern     pattern // of testText, for the cover
	said, value string  // as the rule has it, for the reason
}

// holds says whether the value passes a test that looks at one value alone.
func (t *test) holds(m *Matcher, v *value) bool {
	switch t.is {
	case testText:
		if t.cased {
			return t.text.match(v.text)
		}
		if t.text.letters&^m.lettersIn(v) != 0 {
			return false
		}
		return t.text.match(m.folded(v))
	case testRegexp:
		return t.re.Match(v.text)
	case testCIDR:
		addr, err := netip.ParseAddr(string(bytes.TrimSpace(v.text)))
		return err == nil && t.network.Contains(addr.WithZone("").Unmap())
	case testNumber:
		n, ok := numberOf(v.text, t.part)
		return ok && ordered(t.mode, n, t.number)
	}
	return false
}

func ordered(m mode, a, b float64) bool {
	switch m {
	case modeGT:
		return a > b
	case modeGTE:
		return a >= b
	case modeLT:
		return a < b
	case modeLTE:
		return a <= b
	}
	return a == b
}

// numberOf reads a number, or the part of the time that the text names.
func numberOf(text []byte, part string) (float64, bool) {
	if part == "" {
		f, err := strconv.ParseFloat(string(bytes.TrimSpace(text)), 64)
		return f, err == nil
	}
	at, ok := parseTime(string(text))
	if !ok {
		return 0, false
	}
	switch part {
	case "minute":
		return float64(at.Minute()), true
	case "hour":
		return float64(at.Hour()), true
	case "day":
		return float64(at.Day()), true
	case "week":
		_, week := at.ISOWeek()
		return float64(week), true
	case "month":
		return float64(at.Month()), true
	}
	return float64(at.Year()), true
}

// related says whether a value stands to that of another field as the mode wants.
func (t *test) related(m *Matcher, a, b *value) bool {
	left, right := a.text, b.text
	if !t.cased {
		left, right = m.folded(a), m.folded(b)
	}
	switch t.mode {
	case modeContains:
		return bytes.Contains(left, right)
	case modeStarts:
		return bytes.HasPrefix(left, right)
	case modeEnds:
		return bytes.HasSuffix(left, right)
	}
	return bytes.Equal(left, right)
}

// layouts are the forms of times that logs are written in, the usual first.
var layouts = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04:05.999999999Z0700",
	"2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999 MST", "2006-01-02 15:04:05.999999999Z07:00",
	"2006/01/02 15:04:05", "02/Jan/2006:15:04:05 -0700", "2006-01-02",
}

// parseTime reads a time. One without a zone is taken as UTC; numbers are seconds,
// milliseconds, microseconds or nanoseconds since 1970, told apart by their size.
func parseTime(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	if len(text) < 8 || len(text) > 64 {
		return time.Time{}, false
	}
	if n, err := strconv.ParseFloat(text, 64); err == nil {
		return unixTime(text, n)
	}
	for _, layout := range layouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

func unixTime(text string, n float64) (time.Time, bool) {
	if n < 1e8 || n > 1e19 {
		return time.Time{}, false
	}
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
		switch {
		case n < 1e11:
			return time.Unix(whole, 0).UTC(), true
		case n < 1e14:
			return time.UnixMilli(whole).UTC(), true
		case n < 1e17:
			return time.UnixMicro(whole).UTC(), true
		}
		return time.Unix(0, whole).UTC(), true
	}
	if n > 1e11 {
		return time.Time{}, false
	}
	return time.UnixMicro(int64(n * 1e6)).UTC(), true
}

// String is the test as a reason shows it.
func (t *test) String() string {
	if t.field == "" {
		return fmt.Sprintf("keyword %s", t.value)
	}
	return t.said + ": " + t.value
}

package outside

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"holdfast/eventstore"
)

// The query language of VictoriaLogs is text. Every name and value in it is written by
// quoted, every pattern by regexp.QuoteMeta before: a value can be nothing but a value.

// quoted writes a string literal.
func quoted(text string) string { return strconv.Quote(text) }

// logsFilter is what must hold of an event. The first filters are those that spare the
// most.
func logsFilter(q question, index, store string) (string, error) {
	list, err := clauses(q.Terms)
	if err != nil {
		return "", err
	}
	parts := []string{"{stream=" + quoted(index) + ",store=" + quoted(store) + "}"}
	parts = append(parts, logsTime(q)...)
	parts = append(parts, fmt.Sprintf(`"position":<=%d`, q.upTo))
	if q.Behind > 0 {
		parts = append(parts, fmt.Sprintf(`"position":>%d`, q.Behind))
	}
	for _, c := range list {
		parts = append(parts, logsClause(c))
	}
	return strings.Join(parts, " "), nil
}

// logsTime limits the time. _time is the time of a document for VictoriaLogs, which drops
// what is too far from now; those whose event happened long before it was received carry
// the mark late, and only their field time is right.
func logsTime(q question) []string {
	var rough, exact []string
	if !q.From.IsZero() {
		rough, exact = append(rough, "_time:>="+stamp(q.From)), append(exact, fmt.Sprintf(`"time":>=%d`, q.From.UnixMicro()))
	}
	if !q.To.IsZero() {
		rough, exact = append(rough, "_time:<"+stamp(q.To)), append(exact, fmt.Sprintf(`"time":<%d`, q.To.UnixMicro()))
	}
	if rough == nil {
		return nil
	}
	return append([]string{`((` + strings.Join(rough, " ") + `) or "late":="1")`}, exact...)
}

func logsClause(c clause) string {
	var any []string
	if c.any == nil {
		any = []string{`"_msg":~` + quoted("(?i)"+regexp.QuoteMeta(c.text))}
	}
	for _, p := range c.any {
		any = append(any, logsProbe(p))
	}
	text := any[0]
	if len(any) > 1 || c.not {
		text = "(" + strings.Join(any, " or ") + ")"
	}
	if c.not {
		return "!" + text
	}
	return text
}

func logsProbe(p probe) string {
	if p.field == onMarks {
		return `"marks":~` + quoted(markPattern(p))
	}
	field := quoted(p.field) + ":"
	switch {
	case p.asks == begins && p.anyCase:
		return field + "~" + quoted("(?i)^"+regexp.QuoteMeta(p.text))
	case p.asks == begins:
		return field + "=" + quoted(p.text) + "*"
	case p.asks == holds && p.anyCase:
		return field + "~" + quoted("(?i)"+regexp.QuoteMeta(p.text))
	case p.asks == holds:
		return field + "~" + quoted(regexp.QuoteMeta(p.text))
	case p.asks == present:
		return "(" + field + "* !" + field + `="0")`
	default:
		return field + "=" + quoted(p.text)
	}
}

// The marks of an event are one text, each on a line: they begin and end with newline.
const newline = "\n"

// markPattern finds a mark.
func markPattern(p probe) string {
	head, text := regexp.QuoteMeta(newline+markLine(p.head)), regexp.QuoteMeta(markLine(p.text))
	switch p.asks {
	case begins:
		return head + text
	case holds:
		return head + "[^" + newline + "]*" + text
	case between:
		return head + "(?:" + digitsBetween(p.text, p.last) + ")" + newline
	default:
		return head + text + newline
	}
}

// markLine keeps a mark on its line.
func markLine(mark string) string { return strings.ReplaceAll(mark, newline, "\u2028") }

// digitsBetween is a pattern of the texts of hexadecimal digits that stand from first to
// last. Both are of one length, and the first not behind the last.
func digitsBetween(first, last string) string {
	n := 0
	for n < len(first) && first[n] == last[n] {
		n++
	}
	if n == len(first) {
		return first
	}
	any := []string{digitsFrom(first[n:])}
	if between := digitsOver(first[n], last[n]); between != "" {
		any = append(any, between+rest(len(first)-n-1))
	}
	any = append(any, digitsUpTo(last[n:]))
	return first[:n] + "(?:" + strings.Join(any, "|") + ")"
}

const hexDigits = "0123456789abcdef"

// digitsOver are the digits between two, neither of them among these.
func digitsOver(low, high byte) string {
	i, j := strings.IndexByte(hexDigits, low)+1, strings.IndexByte(hexDigits, high)
	if i >= j {
		return ""
	}
	return "[" + hexDigits[i:j] + "]"
}

func rest(n int) string {
	if n == 0 {
		return ""
	}
	return "[0-9a-f]{" + strconv.Itoa(n) + "}"
}

// digitsFrom are the texts with this first digit that are not before this one.
func digitsFrom(first string) string {
	if strings.Trim(first[1:], "0") == "" {
		return first[:1] + rest(len(first)-1)
	}
	any := []string{first}
	for i := len(first) - 1; i > 0; i-- {
		if over := strings.IndexByte(hexDigits, first[i]) + 1; over < len(hexDigits) {
			any = append(any, first[:i]+"["+hexDigits[over:]+"]"+rest(len(first)-i-1))
		}
	}
	return strings.Join(any, "|")
}

// digitsUpTo are the texts with this first digit that are not behind this one.
func digitsUpTo(last string) string {
	if strings.Trim(last[1:], "f") == "" {
		return last[:1] + rest(len(last)-1)
	}
	any := []string{last}
	for i := len(last) - 1; i > 0; i-- {
		if under := strings.IndexByte(hexDigits, last[i]); under > 0 {
			any = append(any, last[:i]+"["+hexDigits[:under]+"]"+rest(len(last)-i-1))
		}
	}
	return strings.Join(any, "|")
}

// The queries of one search.

func logsHits(filter string, after *eventstore.Marker, limit int) string {
	if after != nil {
		at := after.Time.UnixMicro()
		filter += fmt.Sprintf(` ("time":<%d or "time":=%q "position":<%d)`, at, strconv.FormatInt(at, 10), after.Position)
	}
	return filter + fmt.Sprintf(` | sort by ("time" desc, "position" desc) limit %d | fields "store", "position", "time", "received", "source", "peer", "_msg", "base64", "empty", "cut"`, limit)
}

func logsTotal(filter string) string { return filter + ` | stats count_uniq("position") as n` }

func logsHistogram(filter string, l eventstore.Layout) string {
	return filter + fmt.Sprintf(` | stats by ("time":%d) count_uniq("position") as n`, l.Width)
}

func logsFacet(filter, path string) string {
	return filter + fmt.Sprintf(` %s:* | stats by (%s) count_uniq("position") as n | sort by ("n" desc, %s) limit %d`, quoted(path), quoted(path), quoted(path), eventstore.FacetValues)
}

func logsSpan(filter string) string {
	return filter + ` | stats min("time") as low, max("time") as high`
}

package eventstore

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode"

	"holdfast/kind"
)

// The limits of a query.
const (
	maxQuery   = 4 << 10 // bytes of its text
	maxTerms   = 32
	maxLimit   = 1_000
	usualLimit = 50
	maxFacets  = 12
)

// A Query says which events are wanted. All its terms must hold.
type Query struct {
	From, To time.Time // when it happened: from the first, before the second; zero: no bound
	Terms    []Term
	Limit    int      // how many hits are returned; 0: 50, at most 1 000
	After    *Marker  // go on behind this hit
	Behind   Position // only what was kept behind this position; 0: all
	Buckets  int      // of the histogram, about; 0: none
	Facets   []string
}

// Most is how many hits are returned at most.
func (q Query) Most() int {
	if q.Limit <= 0 {
		return usualLimit
	}
	return min(q.Limit, maxLimit)
}

// An Op says how a value is compared.
type Op string

// The comparisons. Letters are the same in both cases.
const (
	Is       Op = "is"
	Prefix   Op = "prefix"
	Contains Op = "contains"
	Network  Op = "network" // an address lies in a network
	AtLeast  Op = "at least"
	AtMost   Op = "at most"
	Present  Op = "present" // there is any value
)

// A Term is one condition. Without a field it looks for Value anywhere in the line.
type Term struct {
	Field string // a name of FieldNames, a path of OCSF, or a field as the product names it
	Op    Op
	Value string
	Not   bool
}

// String writes the term as ParseQuery reads it.
func (t Term) String() string {
	value, before, behind := t.Value, "", ""
	switch {
	case t.Op == Present:
		behind = "*"
	case t.Op == Prefix:
		behind = "*"
	case t.Op == Contains && t.Field != "":
		before, behind = "*", "*"
	case t.Op == AtLeast:
		before = ">="
	case t.Op == AtMost:
		before = "<="
	}
	if t.Op != Present && t.quoted() {
		value = `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(value) + `"`
	}
	value = before + value + behind
	if t.Field != "" {
		value = t.Field + ":" + value
	}
	if t.Not {
		return "-" + value
	}
	return value
}

// quoted tells whether the value would be read as something else without quotes.
func (t Term) quoted() bool {
	v := t.Value
	if v == "" || strings.ContainsAny(v, "*\"\\") || strings.ContainsFunc(v, unicode.IsSpace) {
		return true
	}
	if t.Field == "" {
		return strings.Contains(v, ":") || v[0] == '-'
	}
	return t.Op == Is && (isNetwork(v) || v[0] == '>' || v[0] == '<') || addressLike(v)
}

// ParseQuery reads what people type: words and "phrases" are looked for anywhere in the
// line, name:value in a field, and a minus before either leaves out what it finds. A
// word or a phrase may begin or end with *, a word be a network (10.0.0.0/8) or
// begin with >= or <= for a number. after: and before: take a date, an instant, or how
// long ago (15m, 2h, 7d). now is the present, in the zone in which dates are meant.
func ParseQuery(text string, now time.Time) (Query, error) {
	var q Query
	if len(text) > maxQuery {
		return q, kind.Fieldf("q", "a search has at most %d bytes", maxQuery)
	}
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		var t Term
		var err error
		if t, rest, err = readTerm(rest); err != nil {
			return q, err
		}
		if (t.Field == "after" || t.Field == "before") && !t.Not {
			at, err := ReadInstant(t.Value, now)
			if err != nil {
				return q, kind.Fieldf("q", "%s:%s: %v", t.Field, t.Value, err)
			}
			if t.Field == "after" {
				q.From = at
			} else {
				q.To = at
			}
			continue
		}
		if len(q.Terms) == maxTerms {
			return q, kind.Fieldf("q", "a search has at most %d parts", maxTerms)
		}
		q.Terms = append(q.Terms, t)
	}
	return q, q.Check()
}

// readTerm reads the first part of a text.
func readTerm(text string) (t Term, rest string, err error) {
	if len(text) > 1 && text[0] == '-' && !unicode.IsSpace(rune(text[1])) {
		t.Not, text = true, text[1:]
	}
	if end := strings.IndexByte(text, ':'); end > 0 && fieldLike(text[:end]) && !addressLike(text[end+1:]) {
		t.Field, text = strings.ToLower(text[:end]), text[end+1:]
	}
	value, phrase, before, behind, rest, err := readValue(text)
	switch t.Value = value; {
	case err != nil:
	case value == "" && t.Field == "":
		err = kind.Fieldf("q", "there is nothing to look for between the quotation marks")
	case value == "":
		err = kind.Fieldf("q", "nothing stands behind %q; write %s* for any value", t.Field+":", t.Field+":")
	case t.Field == "":
		t.Op = Contains
	case before:
		t.Op = Contains
	case behind:
		t.Op = Prefix
	case phrase:
		t.Op = Is
	default:
		t = withOp(t)
	}
	return t, rest, err
}

// fieldLike tells whether a word may be the name of a field.
func fieldLike(s string) bool {
	for i, c := range s {
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' || c == '@'
		if !letter && (i == 0 || (c < '0' || c > '9') && c != '.' && c != '-') {
			return false
		}
	}
	return true
}

// addressLike tells whether what stands behind a colon makes it the colon of a web
// address or of a drive.
func addressLike(s string) bool { return strings.HasPrefix(s, "//") || strings.HasPrefix(s, `\`) }

// readValue reads a word, or a phrase in quotes in which \" and \\ stand for
// themselves. Stars around a phrase are part of the value.
func readValue(text string) (value string, phrase, before, behind bool, rest string, err error) {
	opened := text
	if before = strings.HasPrefix(text, `*"`); before {
		opened = text[1:]
	}
	if !strings.HasPrefix(opened, `"`) {
		end := strings.IndexFunc(text, unicode.IsSpace)
		if end < 0 {
			end = len(text)
		}
		return text[:end], false, false, false, text[end:], nil
	}
	var b strings.Builder
	for i := 1; i < len(opened); i++ {
		switch c := opened[i]; {
		case c == '\\' && i+1 < len(opened) && (opened[i+1] == '"' || opened[i+1] == '\\'):
			i++
			b.WriteByte(opened[i])
		case c == '"':
			rest, behind = strings.CutPrefix(opened[i+1:], "*")
			return b.String(), true, before, behind, rest, nil
		default:
			b.WriteByte(c)
		}
	}
	return "", true, before, false, "", kind.Fieldf("q", "a quotation mark is not closed")
}

// withOp reads the comparison out of a word.
func withOp(t Term) Term {
	v := t.Value
	before, behind := strings.HasPrefix(v, "*"), strings.HasSuffix(v, "*")
	switch {
	case strings.Trim(v, "*") == "":
		t.Op, t.Value = Present, ""
	case strings.HasPrefix(v, ">="):
		t.Op, t.Value = AtLeast, v[2:]
	case strings.HasPrefix(v, "<="):
		t.Op, t.Value = AtMost, v[2:]
	case before:
		t.Op, t.Value = Contains, strings.Trim(v, "*")
	case behind:
		t.Op, t.Value = Prefix, strings.TrimSuffix(v, "*")
	case isNetwork(v):
		t.Op = Network
	default:
		t.Op = Is
	}
	return t
}

func isNetwork(v string) bool {
	_, err := netip.ParsePrefix(v)
	return err == nil
}

// ReadInstant reads a date, an instant or how long ago something was (15m, 2h, 7d). now is
// the present, in the zone in which dates are meant.
func ReadInstant(text string, now time.Time) (time.Time, error) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02"} {
		if at, err := time.ParseInLocation(layout, text, now.Location()); err == nil {
			return at.UTC(), nil
		}
	}
	if days, found := strings.CutSuffix(text, "d"); found {
		if n, err := strconv.ParseUint(days, 10, 16); err == nil {
			return now.AddDate(0, 0, -int(n)).UTC(), nil
		}
	}
	if ago, err := time.ParseDuration(text); err == nil && ago >= 0 {
		return now.Add(-ago).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("write a date (2026-03-04), an instant (2026-03-04T12:00), or how long ago (15m, 2h, 7d)")
}

// Check refuses what cannot be answered.
func (q *Query) Check() error {
	if len(q.Terms) > maxTerms || len(q.Facets) > maxFacets {
		return kind.Errorf(kind.Invalid, "a search has at most %d parts and %d facets", maxTerms, maxFacets)
	}
	if !q.From.IsZero() && !q.To.IsZero() && !q.From.Before(q.To) {
		return kind.Fieldf("q", "the search ends before it begins")
	}
	for _, t := range q.Terms {
		if t.Op == AtLeast || t.Op == AtMost {
			if _, err := strconv.ParseInt(t.Value, 10, 64); err != nil {
				return kind.Fieldf("q", "%s: %q is no whole number", t.Field, t.Value)
			}
		}
		if t.Field == "" && t.Value == "" {
			return kind.Fieldf("q", "there is nothing to look for")
		}
	}
	for _, f := range q.Facets {
		if len(columnNamed(f)) != 1 {
			return kind.Errorf(kind.Invalid, "there is no column %q to count", f)
		}
	}
	return nil
}

// String writes the query as ParseQuery reads it.
func (q Query) String() string {
	var parts []string
	for _, t := range q.Terms {
		parts = append(parts, t.String())
	}
	if !q.From.IsZero() {
		parts = append(parts, "after:"+q.From.UTC().Format(time.RFC3339Nano))
	}
	if !q.To.IsZero() {
		parts = append(parts, "before:"+q.To.UTC().Format(time.RFC3339Nano))
	}
	return strings.Join(parts, " ")
}

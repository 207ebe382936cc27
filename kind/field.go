package kind

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// A Type is how a field behaves. The Go type of the field decides it; the set is
// closed, so that every surface can handle every type.
type Type string

// The types, with the Go type that selects each.
const (
	Text     Type = "text"     // string
	LongText Type = "markdown" // Markdown
	Number   Type = "number"   // int, int64
	Decimal  Type = "decimal"  // float64
	Flag     Type = "flag"     // bool
	Day      Type = "date"     // Date
	Instant  Type = "instant"  // time.Time
	Amount   Type = "money"    // Money
	Span     Type = "range"    // Range
	Grade    Type = "level"    // Level
	Option   Type = "choice"   // a string type that is a Chooser
	Ref      Type = "ref"      // string with ref=KIND
	WordList Type = "list"     // []string
)

// A Field is one property of a record type.
type Field struct {
	Name    string // JSON name and column name
	Label   string // for people
	Doc     string // one sentence for help and hover
	Type    Type
	Ref     string   // for Ref: the kind referred to
	Unit    string   // what the number counts: "per year", "hours", "share", "money", …
	Choices []Choice // for Option

	Required  bool // must not be empty
	List      bool // a column of the default list
	Filter    bool // offered as a filter
	Search    bool // its words are found by search
	Computed  bool // written by the product, never by a form, a file or a request
	Immutable bool // given once, at creation
	Hidden    bool // stored, never shown or exported: a hash of a secret
	Index     bool // lists over many rows sort or filter by it
	Needs     Verb // what it takes to change it, beyond Write: "admin" for roles

	path []int
	goT  reflect.Type
}

var stringsType = reflect.TypeFor[[]string]()

// Of returns the value of the field in the record. A list is always a []string.
func (f *Field) Of(r Record) any {
	if f.Type == WordList {
		return f.value(r).Convert(stringsType).Interface()
	}
	return f.value(r).Interface()
}

func (f *Field) setWords(r Record, words []string) {
	f.value(r).Set(reflect.ValueOf(words).Convert(f.goT))
}

func (f *Field) value(r Record) reflect.Value {
	return reflect.ValueOf(r).Elem().FieldByIndex(f.path)
}

// IsZero tells whether the field is empty in the record.
func (f *Field) IsZero(r Record) bool {
	v := f.value(r)
	return v.IsZero() || (f.Type == WordList && v.Len() == 0)
}

// Equal tells whether two records agree in the field.
func (f *Field) Equal(a, b Record) bool {
	switch f.Type {
	case WordList:
		x, y := f.Of(a).([]string), f.Of(b).([]string)
		if len(x) != len(y) {
			return false
		}
		for i := range x {
			if x[i] != y[i] {
				return false
			}
		}
		return true
	case Instant:
		return f.Of(a).(time.Time).Equal(f.Of(b).(time.Time))
	}
	return f.Of(a) == f.Of(b)
}

// Copy sets the field of dst to its value in src.
func (f *Field) Copy(dst, src Record) { f.value(dst).Set(f.value(src)) }

// SetText parses the text form of the field and stores it. It is the inverse of
// Text, and what forms, CSV files and command lines use.
func (f *Field) SetText(r Record, s string) error {
	v := f.value(r)
	fail := func(err error) error {
		if err == nil {
			return nil
		}
		return Fieldf(f.Name, "%v", err)
	}
	switch f.Type {
	case Text, LongText, Ref:
		v.SetString(strings.ReplaceAll(s, "\r\n", "\n"))
	case Option:
		w, err := f.parseChoice(s)
		v.SetString(w)
		return fail(err)
	case Number:
		n, err := parseInteger(s)
		v.SetInt(n)
		return fail(err)
	case Decimal:
		if strings.TrimSpace(s) == "" {
			v.SetFloat(0)
			return nil
		}
		n, err := parseDecimal(s)
		v.SetFloat(n)
		return fail(err)
	case Flag:
		b, err := parseFlag(s)
		v.SetBool(b)
		return fail(err)
	case Day:
		d, err := ParseDate(s)
		v.SetString(string(d))
		return fail(err)
	case Instant:
		t, err := parseInstant(s)
		v.Set(reflect.ValueOf(t))
		return fail(err)
	case Amount:
		if strings.TrimSpace(s) == "" {
			v.SetInt(0)
			return nil
		}
		m, err := ParseMoney(s)
		v.SetInt(int64(m))
		return fail(err)
	case Span:
		rng, err := ParseRange(s)
		v.Set(reflect.ValueOf(rng))
		return fail(err)
	case Grade:
		l, err := ParseLevel(s)
		v.SetInt(int64(l))
		return fail(err)
	case WordList:
		words := splitWords(s)
		err := f.matchChoices(words)
		f.setWords(r, words)
		return fail(err)
	}
	return nil
}

// Text is the value as text that SetText reads back.
func (f *Field) Text(r Record) string {
	switch v := f.Of(r).(type) {
	case string:
		return v
	case Markdown:
		return string(v)
	case Date:
		return string(v)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return v.UTC().Format(time.RFC3339Nano)
	case []string:
		return strings.Join(v, ", ")
	case Level:
		if v == 0 {
			return ""
		}
		return strconv.Itoa(int(v))
	case Range:
		return v.String()
	case Money:
		return v.String()
	default:
		return fmt.Sprint(v)
	}
}

// Choice returns the declared choice for a value, or a plain one.
func (f *Field) Choice(value string) Choice {
	for _, c := range f.Choices {
		if c.Value == value {
			return c
		}
	}
	return Choice{Value: value, Label: Humanise(value)}
}

func (f *Field) parseChoice(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	words := make([]string, len(f.Choices))
	for i, c := range f.Choices {
		if c.Value == s || strings.EqualFold(c.Label, s) {
			return c.Value, nil
		}
		words[i] = c.Value
	}
	return "", fmt.Errorf("%q is not possible here; choose one of: %s", s, strings.Join(words, ", "))
}

// matchChoices replaces labels by values in a list with declared choices.
func (f *Field) matchChoices(words []string) error {
	if f.Choices == nil {
		return nil
	}
	for i, w := range words {
		value, err := f.parseChoice(w)
		if err != nil {
			return err
		}
		words[i] = value
	}
	return nil
}

// setJSON reads one JSON value into the field.
func (f *Field) setJSON(r Record, raw json.RawMessage) error {
	v := f.value(r)
	if string(raw) == "null" {
		v.SetZero()
		return nil
	}
	p := reflect.New(v.Type())
	if err := json.Unmarshal(raw, p.Interface()); err != nil {
		return fmt.Errorf("%s", explainJSON(f, err))
	}
	v.Set(p.Elem())
	switch f.Type {
	case Option:
		w, err := f.parseChoice(v.String())
		v.SetString(w)
		return err
	case WordList:
		words := f.Of(r).([]string)
		err := f.matchChoices(words)
		f.setWords(r, words)
		return err
	}
	return nil
}

// applyJSON sets the field to a value that was valid when it was written.
func (f *Field) applyJSON(r Record, raw json.RawMessage) error {
	v := f.value(r)
	if len(raw) == 0 || string(raw) == "null" {
		v.SetZero()
		return nil
	}
	p := reflect.New(v.Type())
	if err := json.Unmarshal(raw, p.Interface()); err != nil {
		return fmt.Errorf("%s: %s", f.Name, explainJSON(f, err))
	}
	v.Set(p.Elem())
	return nil
}

// explainJSON puts a decoder's complaint in words that name what was expected.
func explainJSON(f *Field, err error) string {
	want := map[Type]string{
		Text: "a text in quotes", LongText: "a text in quotes", Ref: "the key or id of a record, in quotes", Option: "a word in quotes",
		Number: "a whole number", Decimal: "a number", Flag: "true or false", WordList: "a list of texts",
		Instant: "a time such as \"2026-11-21T09:00:00Z\"",
	}[f.Type]
	if want == "" {
		return err.Error()
	}
	return "expected " + want
}

func parseInteger(s string) (int64, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a whole number", s)
	}
	return n, nil
}

func parseFlag(s string) (bool, error) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "", "false", "no", "0", "off":
		return false, nil
	case "true", "yes", "1", "on":
		return true, nil
	}
	return false, fmt.Errorf("%q is neither yes nor no", s)
}

// instantForms are tried in order: RFC 3339, what a browser's field sends, a day.
var instantForms = []string{time.RFC3339Nano, "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly}

func parseInstant(s string) (time.Time, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return time.Time{}, nil
	}
	for _, form := range instantForms {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a time; write it as 2026-11-21T09:00:00Z", s)
}

func splitWords(s string) []string {
	var words []string
	for _, w := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '\n' || r == ';' }) {
		if w = strings.TrimSpace(w); w != "" {
			words = append(words, w)
		}
	}
	return words
}

// Humanise turns a name of the code into words: "first_seen" is "First seen".
func Humanise(name string) string {
	s := strings.ReplaceAll(strings.ReplaceAll(strings.TrimSuffix(name, "_id"), "_", " "), "-", " ")
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

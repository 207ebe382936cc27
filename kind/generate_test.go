package kind_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"holdfast/isms"
	"holdfast/kind"
)

// Every property is tried on records of every kind, filled with whatever their
// fields may hold.

var plainText = rapid.Custom(func(t *rapid.T) string {
	runes := rapid.SliceOfN(rapid.OneOf(rapid.RuneFrom([]rune("aZ09 .,;:-'\"<>&%_\\äß漢🙂\n\t")), rapid.Rune()), 0, 12).Draw(t, "runes")
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == 0x7f || r == '\uFFFD' || r >= 0xD800 && r <= 0xDFFF {
			return -1
		}
		return r
	}, string(runes))
})

// word is an entry of a list that has a text form: no separator, no space around.
var word = rapid.Map(plainText, func(s string) string {
	s = strings.NewReplacer(",", "", ";", "", "\n", "", "\t", "").Replace(s)
	if s = strings.TrimSpace(s); s == "" {
		return "word"
	}
	return s
})

var number = rapid.Float64().Filter(func(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) })

// stored draws a value of the field as a database holds it, by column.
func stored(t *rapid.T, f *kind.Field) []any {
	one := func(v any) []any { return []any{v} }
	switch f.Type {
	case kind.Text, kind.LongText, kind.Ref:
		return one(plainText.Draw(t, f.Name))
	case kind.Number:
		return one(rapid.Int64Range(math.MinInt32, math.MaxInt32).Draw(t, f.Name))
	case kind.Amount:
		return one(rapid.Int64Range(-1e15, 1e15).Draw(t, f.Name))
	case kind.Grade:
		return one(rapid.Int64Range(0, 5).Draw(t, f.Name))
	case kind.Flag:
		return one(rapid.Int64Range(0, 1).Draw(t, f.Name))
	case kind.Decimal:
		return one(number.Draw(t, f.Name))
	case kind.Span:
		return span(t, f)
	case kind.Day:
		return one(day(t, f))
	case kind.Instant:
		return one(instant(t, f))
	case kind.Option:
		return one(rapid.SampledFrom(append([]string{""}, values(f)...)).Draw(t, f.Name))
	case kind.WordList:
		from := word
		if f.Choices != nil {
			from = rapid.SampledFrom(values(f))
		}
		b, err := json.Marshal(rapid.SliceOfN(from, 0, 4).Draw(t, f.Name))
		if err != nil {
			t.Fatal(err)
		}
		return one(string(b))
	}
	t.Fatalf("unknown type %s", f.Type)
	return nil
}

func values(f *kind.Field) []string {
	var list []string
	for _, c := range f.Choices {
		list = append(list, c.Value)
	}
	return list
}

func span(t *rapid.T, f *kind.Field) []any {
	n := rapid.Float64Range(-1e12, 1e12)
	low, high := n.Draw(t, f.Name+" low"), n.Draw(t, f.Name+" high")
	low, high = min(low, high), max(low, high)
	likely := rapid.SampledFrom([]float64{0, low, high, low/2 + high/2}).Draw(t, f.Name+" likely")
	return []any{low, likely, high}
}

func day(t *rapid.T, f *kind.Field) string {
	if !rapid.Bool().Draw(t, f.Name+" given") {
		return ""
	}
	return time.Unix(rapid.Int64Range(-2e9, 4e9).Draw(t, f.Name), 0).UTC().Format(time.DateOnly)
}

func instant(t *rapid.T, f *kind.Field) string {
	if !rapid.Bool().Draw(t, f.Name+" given") {
		return ""
	}
	return kind.FormatTime(time.UnixMicro(rapid.Int64Range(-2e15, 4e15).Draw(t, f.Name)))
}

// draw fills a new record.
func draw(t *rapid.T, k *kind.Kind) kind.Record {
	r := k.New()
	for _, f := range k.Fields {
		if !rapid.Bool().Draw(t, "fill "+f.Name) {
			continue
		}
		for i, v := range stored(t, f) {
			if err := f.Columns()[i].Set(r, v); err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
		}
	}
	return r
}

// law tries a property on records of every kind: a few of each, because there are
// many kinds and they share one machinery.
func law(t *testing.T, property func(t *rapid.T, k *kind.Kind)) {
	t.Helper()
	rapid.Check(t, func(t *rapid.T) {
		property(t, rapid.SampledFrom(isms.Kinds).Draw(t, "kind"))
	})
}

func same(t *rapid.T, what string, a, b kind.Record, fields []*kind.Field) {
	t.Helper()
	for _, f := range fields {
		if !f.Equal(a, b) {
			t.Errorf("%s: %s was %q and is %q", what, f.Name, f.Text(a), f.Text(b))
		}
	}
}

func TestWhatIsStoredIsReadBack(t *testing.T) {
	law(t, func(t *rapid.T, k *kind.Kind) {
		r, back := draw(t, k), k.New()
		for _, c := range k.Columns() {
			v := c.Value(r)
			if s, ok := v.(string); ok && rapid.Bool().Draw(t, "as bytes") {
				v = []byte(s) // as some drivers return text
			}
			if err := c.Set(back, v); err != nil {
				t.Fatal(err)
			}
		}
		same(t, "stored", r, back, k.Fields)
	})
}

func TestTheTextOfAFieldIsReadBack(t *testing.T) {
	law(t, func(t *rapid.T, k *kind.Kind) {
		r, back := draw(t, k), k.New()
		for _, f := range k.Fields {
			if err := f.SetText(back, f.Text(r)); err != nil {
				t.Errorf("%s does not read its own text %q: %v", f.Name, f.Text(r), err)
			}
		}
		same(t, "text", r, back, k.Fields)
	})
}

func TestWhatIsEncodedIsDecoded(t *testing.T) {
	law(t, func(t *rapid.T, k *kind.Kind) {
		r, back := draw(t, k), k.New()
		data, err := k.Encode(r)
		if err != nil {
			t.Fatal(err)
		}
		var shown map[string]json.RawMessage
		if err := json.Unmarshal(data, &shown); err != nil {
			t.Fatalf("%v in %s", err, data)
		}
		if err := k.Decode(back, data); err != nil {
			t.Fatalf("%v in %s", err, data)
		}
		for _, f := range k.Fields {
			switch {
			case f.Hidden && shown[f.Name] != nil:
				t.Errorf("%s is hidden and shown", f.Name)
			case f.Hidden || f.Computed:
				if !f.IsZero(back) {
					t.Errorf("%s was written from outside", f.Name)
				}
			case !f.Equal(r, back):
				t.Errorf("%s was %q and is %q", f.Name, f.Text(r), f.Text(back))
			}
		}
	})
}

func TestACloneIsEqualAndSharesNothing(t *testing.T) {
	law(t, func(t *rapid.T, k *kind.Kind) {
		r := draw(t, k)
		c := k.Clone(r)
		same(t, "clone", r, c, k.Fields)
		if changes, err := k.Diff(r, c); err != nil || len(changes) != 0 {
			t.Errorf("differs from its clone in %v, %v", changes, err)
		}
		for _, f := range k.Fields {
			if list, ok := f.Of(c).([]string); ok && len(list) > 0 {
				list[0] += "!"
				if f.Equal(r, c) {
					t.Errorf("%s is shared", f.Name)
				}
			}
		}
	})
}

// What Diff tells, Apply does: from nothing to a record, and from one to another.
func TestTheChangesToldMakeTheRecord(t *testing.T) {
	law(t, func(t *rapid.T, k *kind.Kind) {
		a, b := draw(t, k), draw(t, k)
		var told []*kind.Field
		for _, f := range k.Fields {
			switch f.Name {
			case "id", "version", "created_at", "created_by", "updated_at", "updated_by":
			default:
				if !f.Hidden {
					told = append(told, f)
				}
			}
		}
		born, err := k.Diff(nil, a)
		if err != nil {
			t.Fatal(err)
		}
		changes, err := k.Diff(a, b)
		if err != nil {
			t.Fatal(err)
		}
		again := k.New()
		for _, step := range [][]kind.Change{born, changes} {
			text, err := json.Marshal(step) // as the journal keeps it
			if err != nil {
				t.Fatal(err)
			}
			var kept []kind.Change
			if err := json.Unmarshal(text, &kept); err != nil {
				t.Fatal(err)
			}
			if err := k.Apply(again, kept); err != nil {
				t.Fatal(err)
			}
		}
		same(t, "told again", b, again, told)
		for _, c := range append(born, changes...) {
			if f := k.Field(c.Field); f.Hidden && (c.Before != nil || c.After != nil) {
				t.Errorf("%s is hidden, but its value is told", c.Field)
			}
		}
	})
}

func TestPreparingTwiceIsPreparingOnce(t *testing.T) {
	law(t, func(t *rapid.T, k *kind.Kind) {
		once := draw(t, k)
		k.Prepare(once)
		twice := k.Clone(once)
		k.Prepare(twice)
		same(t, "prepared", once, twice, k.Fields)
	})
}

// Validate must answer for whatever a record holds.
func TestValidateComplainsInFieldsOrNotAtAll(t *testing.T) {
	law(t, func(t *rapid.T, k *kind.Kind) {
		r := draw(t, k)
		k.Prepare(r)
		err := k.Validate(r)
		if err != nil && (kind.CodeOf(err) != kind.Invalid || len(kind.FieldsOf(err)) == 0) {
			t.Errorf("%s: %v", kind.CodeOf(err), err)
		}
		for _, f := range kind.FieldsOf(err) {
			name, _, _ := strings.Cut(f.Field, ".")
			if name != "" && k.Field(name) == nil {
				t.Errorf("complains about %q, which is no field", f.Field)
			}
		}
	})
}

// Every word of a closed list is read as itself, by value and by label.
func TestEveryChoiceIsReadAsItself(t *testing.T) {
	for _, k := range isms.Kinds {
		for _, f := range k.Fields {
			for _, c := range f.Choices {
				for _, text := range []string{c.Value, c.Label, strings.ToUpper(c.Label)} {
					r := k.New()
					if err := f.SetText(r, text); err != nil || f.Text(r) != c.Value {
						t.Errorf("%s.%s: %q is read as %q, %v", k.Name, f.Name, text, f.Text(r), err)
					}
				}
			}
		}
	}
}

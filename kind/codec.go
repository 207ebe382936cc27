package kind

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
)

// Decode reads a JSON object into the record, field by field, and tells of every
// field that is wrong or unknown. Fields that are absent keep their value, so the
// same call serves creation and change. Computed fields are skipped, so that what
// was read can be sent back whole.
func (k *Kind) Decode(r Record, data []byte) error {
	raw, err := objectOf(data)
	if err != nil {
		return err
	}
	var bad []FieldError
	for _, name := range sortedNames(raw) {
		f := k.byName[name]
		if f == nil || f.Hidden {
			bad = append(bad, FieldError{name, "is not a field of " + k.Name + k.suggest(name)})
			continue
		}
		if f.Computed {
			continue
		}
		if err := f.setJSON(r, raw[name]); err != nil {
			bad = append(bad, FieldError{name, strings.TrimPrefix(err.Error(), name+": ")})
		}
	}
	if bad != nil {
		return InvalidFields(bad)
	}
	return nil
}

func objectOf(data []byte) (map[string]json.RawMessage, error) {
	var raw map[string]json.RawMessage
	dec := json.NewDecoder(bytes.NewReader(data))
	if err := dec.Decode(&raw); err != nil {
		return nil, Errorf(Invalid, "not a JSON object: %w", err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, Errorf(Invalid, "there is text after the JSON object")
	}
	if raw == nil {
		return nil, Errorf(Invalid, "expected a JSON object, found null")
	}
	return raw, nil
}

func sortedNames(m map[string]json.RawMessage) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// suggest names the field that was probably meant.
func (k *Kind) suggest(name string) string {
	best, bestD := "", 3
	for _, f := range k.Fields {
		if f.Hidden {
			continue
		}
		if d := Distance(name, f.Name); d < bestD {
			best, bestD = f.Name, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}

// Distance is the number of single bytes to add, drop or change to turn one word
// into the other (Levenshtein). Two swapped neighbours count as one (optimal
// string alignment).
func Distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

// Encode writes the record as a JSON object with its fields in declared order.
// Hidden fields are left out.
func (k *Kind) Encode(r Record) (json.RawMessage, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for _, f := range k.Fields {
		if f.Hidden || (f.Name == "deleted_at" && f.IsZero(r)) {
			continue
		}
		value, err := f.JSON(r)
		if err != nil {
			return nil, err
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q:", f.Name)
		b.Write(value)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// JSON is the value of the field in JSON; an empty list is [].
func (f *Field) JSON(r Record) (json.RawMessage, error) {
	if f.Type == WordList && f.value(r).Len() == 0 {
		return json.RawMessage("[]"), nil
	}
	if f.Type == Instant && f.IsZero(r) {
		return json.RawMessage("null"), nil
	}
	return json.Marshal(f.Of(r))
}

// A Change is what a save did to one field, as the journal keeps it.
type Change struct {
	Field  string          `json:"field"`
	Before json.RawMessage `json:"before,omitempty"`
	After  json.RawMessage `json:"after,omitempty"`
}

// Diff lists the fields that differ. before may be nil: then every field with a
// value is listed. Bookkeeping fields are left out, and of hidden ones only the
// fact of the change is told.
func (k *Kind) Diff(before, after Record) ([]Change, error) {
	var changes []Change
	for _, f := range k.Fields {
		if bookkeeping[f.Name] {
			continue
		}
		if before == nil && f.IsZero(after) || before != nil && f.Equal(before, after) {
			continue
		}
		c := Change{Field: f.Name}
		if !f.Hidden {
			var err error
			if before != nil {
				if c.Before, err = f.JSON(before); err != nil {
					return nil, err
				}
			}
			if c.After, err = f.JSON(after); err != nil {
				return nil, err
			}
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// Apply does to the record what the changes did, without asking whether that is
// still allowed: it is how a record is told again from its journal. Hidden fields,
// whose values the journal does not know, and names that are no fields are left out.
func (k *Kind) Apply(r Record, changes []Change) error {
	for _, c := range changes {
		f := k.byName[c.Field]
		if f == nil || f.Hidden {
			continue
		}
		if err := f.applyJSON(r, c.After); err != nil {
			return err
		}
	}
	return nil
}

var bookkeeping = map[string]bool{
	"id": true, "version": true, "created_at": true, "created_by": true, "updated_at": true, "updated_by": true,
}

// Slug makes a key of a title: lower-case letters, digits and single hyphens, at
// most 60 characters. It is empty when the title holds no letter or digit.
func Slug(title string) string {
	var b strings.Builder
	gap := false
	for _, r := range strings.ToLower(title) {
		plain, ok := folded[r]
		if !ok {
			if !unicode.IsLetter(r) && !unicode.IsDigit(r) || r > unicode.MaxASCII {
				gap = b.Len() > 0
				continue
			}
			plain = string(r)
		}
		if gap {
			b.WriteByte('-')
			gap = false
		}
		b.WriteString(plain)
	}
	s := b.String()
	if len(s) > 60 {
		s = strings.TrimRight(s[:60], "-")
	}
	return s
}

var folded = map[rune]string{
	'ä': "ae", 'ö': "oe", 'ü': "ue", 'ß': "ss", 'é': "e", 'è': "e", 'ê': "e", 'à': "a", 'á': "a", 'â': "a",
	'ç': "c", 'ñ': "n", 'ø': "o", 'å': "a", 'ó': "o", 'í': "i", 'ú': "u", 'ô': "o", 'î': "i",
}

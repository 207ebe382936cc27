package port

import (
	"encoding/json"
	"fmt"
	"strings"

	"holdfast/kind"
)

// A Doc is one record as a file describes it. Fields that it does not name stay
// as they are.
type Doc struct {
	Kind   string // name or plural of a kind; empty: the reader of the file must say
	Key    string // empty: made of the title
	Values []Value
	Links  []Link
	At     Place
}

// A Value is what a document says of one field.
type Value struct {
	Field string
	At    Place
	shape shape
	text  string            // of a scalar
	words []string          // of a list
	parts map[string]string // of a map: the ends of a range
	cell  bool              // it comes from a table, where an empty cell may mean "not said"
}

type shape int

const (
	scalar shape = iota
	list
	object
)

// A Link names the records that a relation leads to.
type Link struct {
	Relation string // in the direction of reading: "treated by"
	Key      string // of the record at the far end
	At       Place
}

// A Place is where something stands in a file.
type Place struct {
	File string
	Line int
}

// String is "file:line".
func (p Place) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

// Text makes a Value of text, as from a form or a command line.
func Text(field, text string) Value { return Value{Field: field, text: text} }

// Default gives a kind to the documents that name none.
func Default(docs []Doc, kindName string) []Doc {
	for i := range docs {
		if docs[i].Kind == "" {
			docs[i].Kind = kindName
		}
	}
	return docs
}

// Limits that protect the memory of the reader.
const (
	MaxFile = 64 << 20 // bytes of one file
	MaxDocs = 200_000  // documents of one import
)

// maxProblems bounds how many mistakes are told at once.
const maxProblems = 50

// problems collects mistakes, so that a file with ten of them is read once.
type problems struct {
	list []kind.FieldError
	more int
}

func (p *problems) add(at Place, format string, args ...any) {
	if len(p.list) == maxProblems {
		p.more++
		return
	}
	p.list = append(p.list, kind.FieldError{Field: at.String(), Message: fmt.Sprintf(format, args...)})
}

// err is nil when there was no mistake.
func (p *problems) err() error {
	if len(p.list) == 0 {
		return nil
	}
	err := kind.InvalidFields(p.list)
	lines := make([]string, len(p.list))
	for i, f := range p.list {
		lines[i] = f.Field + ": " + f.Message
	}
	if p.more > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", p.more))
	}
	err.Message = strings.Join(lines, "\n")
	return err
}

// wrong makes an error about one place.
func wrong(at Place, format string, args ...any) error {
	var p problems
	p.add(at, format, args...)
	return p.err()
}

// span reads the ends of a range.
func (v Value) span() (kind.Range, error) {
	var r kind.Range
	for name, text := range v.parts {
		one, err := kind.ParseRange(text)
		if err != nil || one.Low != one.High {
			return r, fmt.Errorf("%s: %q is not a number", name, text)
		}
		switch name {
		case "low":
			r.Low = one.Low
		case "likely":
			r.Likely = one.Low
		case "high":
			r.High = one.Low
		default:
			return r, fmt.Errorf("a range has low, likely and high, not %s", name)
		}
	}
	return r, r.Check()
}

// decodeWords puts a list into a field without splitting its words.
func decodeWords(k *kind.Kind, f *kind.Field, r kind.Record, words []string) error {
	if words == nil {
		words = []string{}
	}
	raw, err := json.Marshal(words)
	if err != nil {
		return err
	}
	if f.Computed { // by the product itself: a restore
		return k.Apply(r, []kind.Change{{Field: f.Name, After: raw}})
	}
	return k.Decode(r, fmt.Appendf(nil, "{%q:%s}", f.Name, raw))
}

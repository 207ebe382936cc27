package kind

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// An Op compares a field with values.
type Op string

// The operators of filters, as in ?filter[due][lt]=2026-12-01.
const (
	Is       Op = "is"       // one of the values; the default
	Not      Op = "not"      // none of the values
	Contains Op = "contains" // text contains the value, ignoring case
	Less     Op = "lt"
	AtMost   Op = "lte"
	More     Op = "gt"
	AtLeast  Op = "gte"
	Empty    Op = "empty" // "true" or "false"
)

var ops = []Op{Is, Not, Contains, Less, AtMost, More, AtLeast, Empty}

// A Filter is one condition on a field. Values are in the text form of the field.
type Filter struct {
	Field  string
	Op     Op
	Values []string
}

// A Query says which records of a kind to list, in what order, and how many.
type Query struct {
	Filters []Filter
	Sort    string // JSON name, with "-" in front for descending; the kind's default when empty
	Search  string // words; matches title, key, labels and fields marked search
	Cursor  string // where the last page ended; opaque
	Limit   int    // 1 to MaxLimit; DefaultLimit when 0
	Deleted bool   // list what lies in the bin instead
	Count   bool   // also count all that match
	Linked  *LinkedTo
}

// LinkedTo restricts a list to the records joined by a link to one record.
type LinkedTo struct {
	Relation Relation
	ID       string
}

// Limits of a page.
const (
	DefaultLimit = 50
	MaxLimit     = 1000
)

// Where returns a copy of the query with one more condition.
func (q Query) Where(field string, values ...string) Query { return q.With(field, Is, values...) }

// With returns a copy of the query with one more condition.
func (q Query) With(field string, op Op, values ...string) Query {
	q.Filters = append(slices.Clone(q.Filters), Filter{field, op, values})
	return q
}

// ParseQuery reads the query part of a URL: filter[FIELD]=a,b and
// filter[FIELD][OP]=v, sort, q, page[cursor], page[limit], deleted, count.
// Parameters it does not know are an error, unless allowed lists them.
func ParseQuery(k *Kind, v url.Values, allowed ...string) (Query, error) {
	var q Query
	var bad []FieldError
	for _, name := range slices.Sorted(keysOf(v)) {
		value := v.Get(name)
		switch {
		case name == "sort":
			q.Sort = value
		case name == "q":
			q.Search = value
		case name == "page[cursor]":
			q.Cursor = value
		case name == "page[limit]":
			n, err := parseInteger(value)
			if err != nil || n < 0 || n > MaxLimit {
				bad = append(bad, FieldError{name, fmt.Sprintf("must be a number from 1 to %d", MaxLimit)})
			}
			q.Limit = int(n)
		case name == "deleted":
			q.Deleted = value == "true"
		case name == "count":
			q.Count = value == "true"
		case strings.HasPrefix(name, "filter["):
			f, err := parseFilter(name, v[name])
			if err != nil {
				bad = append(bad, FieldError{name, err.Error()})
				continue
			}
			if len(f.Values) > 0 {
				q.Filters = append(q.Filters, f)
			}
		case slices.Contains(allowed, name):
		default:
			bad = append(bad, FieldError{name, "is not a parameter of this list"})
		}
	}
	if bad != nil {
		return q, InvalidFields(bad)
	}
	return q, q.Check(k)
}

func keysOf(v url.Values) func(func(string) bool) {
	return func(yield func(string) bool) {
		for name := range v {
			if !yield(name) {
				return
			}
		}
	}
}

func parseFilter(name string, values []string) (Filter, error) {
	inner := strings.TrimSuffix(strings.TrimPrefix(name, "filter["), "]")
	field, op, _ := strings.Cut(inner, "][")
	f := Filter{Field: field, Op: Op(or(op, string(Is)))}
	for _, v := range values {
		if f.Op == Contains {
			f.Values = append(f.Values, v)
			continue
		}
		for _, w := range strings.Split(v, ",") {
			if w = strings.TrimSpace(w); w != "" {
				f.Values = append(f.Values, w)
			}
		}
	}
	return f, nil
}

// Check tells which fields or operators of the query do not exist.
func (q Query) Check(k *Kind) error {
	var bad []FieldError
	for _, f := range q.Filters {
		field := k.Field(f.Field)
		switch {
		case field == nil || field.Hidden:
			bad = append(bad, FieldError{"filter[" + f.Field + "]", "is not a field of " + k.Name + k.suggest(f.Field)})
		case !slices.Contains(ops, f.Op):
			bad = append(bad, FieldError{"filter[" + f.Field + "]", fmt.Sprintf("%q is not an operator", f.Op)})
		case len(f.Values) == 0:
			bad = append(bad, FieldError{"filter[" + f.Field + "]", "needs a value"})
		default:
			if err := field.checkFilter(k, f); err != nil {
				bad = append(bad, FieldError{"filter[" + f.Field + "]", err.Error()})
			}
		}
	}
	if q.Sort != "" {
		name := strings.TrimPrefix(q.Sort, "-")
		if f := k.Field(name); f == nil || f.Hidden || f.Type == WordList {
			bad = append(bad, FieldError{"sort", fmt.Sprintf("cannot sort by %q%s", name, k.suggest(name))})
		}
	}
	if bad != nil {
		return InvalidFields(bad)
	}
	return nil
}

// MaxFilterValues bounds one filter; databases bound the parameters of a statement.
const MaxFilterValues = 500

// checkFilter makes sure that the values can be compared with the field.
func (f *Field) checkFilter(k *Kind, filter Filter) error {
	if len(filter.Values) > MaxFilterValues {
		return fmt.Errorf("has more than %d values", MaxFilterValues)
	}
	for _, v := range filter.Values {
		if msg := controlComplaint(v); msg != "" {
			return fmt.Errorf("%s", msg)
		}
	}
	switch {
	case filter.Op == Empty:
		return nil
	case filter.Op == Contains && !storedAsText[f.Type], f.Type == WordList && filter.Op != Is && filter.Op != Not && filter.Op != Contains:
		return fmt.Errorf("cannot be compared with %q", filter.Op)
	case filter.Op == Contains || f.Type == WordList || f.Type == Ref:
		return nil
	}
	for _, v := range filter.Values {
		if _, err := f.FilterValue(k, v); err != nil {
			return err
		}
	}
	return nil
}

var storedAsText = map[Type]bool{Text: true, LongText: true, Option: true, Day: true, Instant: true, WordList: true, Ref: true}

// FilterValue turns the text of a filter into the stored value to compare with.
func (f *Field) FilterValue(k *Kind, text string) (any, error) {
	if f.Type == Ref || f.Type == WordList {
		return text, nil
	}
	if f.Type == Span {
		n, err := parseDecimal(text)
		return n, err
	}
	r := k.New()
	if err := f.SetText(r, text); err != nil {
		return nil, fmt.Errorf("%s", strings.TrimPrefix(err.Error(), f.Name+": "))
	}
	return f.Columns()[0].Value(r), nil
}

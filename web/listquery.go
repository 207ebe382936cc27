package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"holdfast/kind"
	"holdfast/web/ui"
)

// Parameters of a list beyond those of kind.ParseQuery.
const (
	paramColumns = "cols"  // names of the columns to show, once for each
	paramView    = "view"  // id of the saved view that is shown
	paramTrail   = "trail" // cursors of the pages before, for the way back
	paramAt      = "at"    // number of the first row of the page
)

var listParams = []string{paramColumns, paramView, paramTrail, paramAt}

// maxTrail bounds how far back the pager remembers the way.
const maxTrail = 20

// A listAddress is the address of a list in one of its states. Every link of the
// list is made from it, so that each state can be kept, shared and gone back from.
type listAddress struct {
	k      *kind.Kind
	values url.Values
	query  kind.Query
}

func readAddress(k *kind.Kind, given url.Values) (listAddress, error) {
	values := url.Values{}
	for name, list := range given {
		for _, v := range list {
			if v != "" {
				values.Add(name, v)
			}
		}
	}
	q, err := kind.ParseQuery(k, values, listParams...)
	q.Limit = min(max(q.Limit, 0), 200)
	return listAddress{k, values, q}, err
}

// with returns the address of the list after a change. Any change but of the page
// itself leads to its beginning.
func (a listAddress) with(change func(url.Values)) string {
	v := url.Values{}
	for name, list := range a.values {
		v[name] = slices.Clone(list)
	}
	v.Del("page[cursor]")
	v.Del(paramTrail)
	v.Del(paramAt)
	change(v)
	return a.href(v)
}

func (a listAddress) href(v url.Values) string {
	if len(v) == 0 {
		return "/" + a.k.Plural
	}
	return "/" + a.k.Plural + "?" + v.Encode()
}

// here is the present address.
func (a listAddress) here() string { return a.href(a.values) }

// narrowed is the query part that says what is listed, without paging, view and
// columns: what a saved view keeps and an export takes.
func (a listAddress) narrowed() url.Values {
	v := url.Values{}
	for name, list := range a.values {
		if name == "q" || name == "sort" || name == "deleted" || strings.HasPrefix(name, "filter[") {
			v[name] = slices.Clone(list)
		}
	}
	return v
}

// sorted is the address in the next order of the field: up, down, as usual.
func (a listAddress) sorted(f *kind.Field) (string, ui.Sort) {
	now := or(a.query.Sort, a.k.DefaultSort)
	next, state := f.Name, ui.Unsorted
	switch now {
	case f.Name:
		next, state = "-"+f.Name, ui.Ascending
	case "-" + f.Name:
		next, state = f.Name, ui.Descending
	default:
		if f.Type == kind.Amount || f.Type == kind.Number || f.Type == kind.Decimal || f.Type == kind.Grade || f.Type == kind.Span {
			next = "-" + f.Name // what people want to see of figures is the greatest
		}
	}
	return a.with(func(v url.Values) {
		v.Set("sort", next)
		v.Del(paramView)
	}), state
}

// filterValues are the values that a plain filter on the field has now.
func (a listAddress) filterValues(field string) []string {
	for _, f := range a.query.Filters {
		if f.Field == field && f.Op == kind.Is {
			return f.Values
		}
	}
	return nil
}

// toggled is the address with a value of a filter added or taken away.
func (a listAddress) toggled(field, value string) string {
	values := slices.Clone(a.filterValues(field))
	if i := slices.Index(values, value); i >= 0 {
		values = slices.Delete(values, i, i+1)
	} else {
		values = append(values, value)
	}
	return a.with(func(v url.Values) {
		v.Del(paramView)
		v.Del("filter[" + field + "]")
		v.Del("filter[" + field + "][is]")
		if len(values) > 0 {
			v.Set("filter["+field+"]", strings.Join(values, ","))
		}
	})
}

// without is the address with one filter taken away.
func (a listAddress) without(f kind.Filter) string {
	return a.with(func(v url.Values) {
		v.Del(paramView)
		v.Del("filter[" + f.Field + "][" + string(f.Op) + "]")
		if f.Op == kind.Is {
			v.Del("filter[" + f.Field + "]")
		}
	})
}

// cleared is the list without search and filters.
func (a listAddress) cleared() string {
	if len(a.query.Filters) == 0 && a.query.Search == "" {
		return ""
	}
	return a.with(func(v url.Values) {
		for name := range v {
			if name == "q" || name == paramView || strings.HasPrefix(name, "filter[") {
				v.Del(name)
			}
		}
	})
}

// kept are the parameters that a form of the list carries along.
func (a listAddress) kept(but func(name string) bool) []ui.Hidden {
	var list []ui.Hidden
	for name, values := range a.values {
		if name == "page[cursor]" || name == paramTrail || name == paramAt || but(name) {
			continue
		}
		for _, v := range values {
			list = append(list, ui.Hidden{Name: name, Value: v})
		}
	}
	slices.SortFunc(list, func(x, y ui.Hidden) int { return strings.Compare(x.Name+"\x00"+x.Value, y.Name+"\x00"+y.Value) })
	return list
}

// first is the number of the first row of the page.
func (a listAddress) first() int {
	n, err := strconv.Atoi(a.values.Get(paramAt))
	if err != nil || n < 1 || a.query.Cursor == "" {
		return 1
	}
	return n
}

// next is the address of the page that follows.
func (a listAddress) next(cursor string, rows int) string {
	if cursor == "" {
		return ""
	}
	trail := a.trail()
	return a.with(func(v url.Values) {
		v.Set("page[cursor]", cursor)
		v.Set(paramAt, strconv.Itoa(a.first()+rows))
		if a.query.Cursor != "" {
			trail = append(trail, a.query.Cursor)
			trail = trail[max(0, len(trail)-maxTrail):]
			v.Set(paramTrail, strings.Join(trail, "."))
		}
	})
}

// previous is the address of the page before; the first one where the trail ends.
func (a listAddress) previous(pageSize int) string {
	if a.query.Cursor == "" {
		return ""
	}
	trail := a.trail()
	return a.with(func(v url.Values) {
		if len(trail) == 0 {
			return
		}
		v.Set("page[cursor]", trail[len(trail)-1])
		v.Set(paramAt, strconv.Itoa(max(1, a.first()-pageSize)))
		if len(trail) > 1 {
			v.Set(paramTrail, strings.Join(trail[:len(trail)-1], "."))
		}
	})
}

func (a listAddress) trail() []string {
	text := a.values.Get(paramTrail)
	if text == "" {
		return nil
	}
	trail := strings.Split(text, ".")
	return trail[max(0, len(trail)-maxTrail):]
}

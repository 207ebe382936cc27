package web

import (
	"context"
	"slices"
	"strconv"

	"holdfast/kind"
	"holdfast/store"
	"holdfast/web/ui"
)

// How much of a list can be filtered without opening "More filters".
const (
	maxFacets      = 4
	maxFacetValues = 12
)

// facetFields are the fields whose values are offered beside the search box: the
// state, what the list shows, then other choices.
func facetFields(k *kind.Kind) []*kind.Field {
	var first, second, third []*kind.Field
	for _, f := range k.Fields {
		choice := f.Type == kind.Option || f.Type == kind.Grade
		switch {
		case !f.Filter || f.Hidden:
		case f.Name == k.StateField:
			first = append(first, f)
		case f.List && (choice || f.Type == kind.Ref):
			second = append(second, f)
		case choice:
			third = append(third, f)
		}
	}
	all := slices.Concat(first, second, third)
	return all[:min(len(all), maxFacets)]
}

// facets counts the values of the facet fields, each without its own filter, so
// that a person sees what another choice would give. Besides it has an entry for
// every other active filter, by which that can be taken away.
func (r *Request) facets(ctx context.Context, l *listing) ([]ui.Facet, error) {
	var facets []ui.Facet
	fields := facetFields(l.k)
	for _, f := range fields {
		facet, err := r.facet(ctx, l, f)
		if err != nil {
			return nil, err
		}
		if len(facet.Values) > 0 {
			facets = append(facets, facet)
		}
	}
	for _, filter := range l.query.Filters {
		f := l.k.Field(filter.Field)
		if filter.Op == kind.Is && slices.Contains(fields, f) {
			continue
		}
		text, err := r.filterText(f, filter)
		if err != nil {
			return nil, err
		}
		facets = append(facets, ui.Facet{ID: "filter-" + f.Name + "-" + string(filter.Op), Label: f.Label,
			Values: []ui.FacetValue{{Label: text, Href: l.without(filter), Active: true, Count: -1}}})
	}
	return facets, nil
}

func (r *Request) facet(ctx context.Context, l *listing, f *kind.Field) (ui.Facet, error) {
	q := l.query
	q.Cursor, q.Filters = "", slices.DeleteFunc(slices.Clone(q.Filters), func(x kind.Filter) bool { return x.Field == f.Name && x.Op == kind.Is })
	groups, err := r.App().Groups(ctx, l.k, q, f.Name, maxFacetValues)
	if err != nil && !outOfTime(err, ctx) {
		return ui.Facet{}, err
	}
	if err != nil {
		groups = nil
	}
	values, err := r.facetValues(l, f, groups)
	return ui.Facet{ID: "facet-" + f.Name, Label: f.Label, Values: values}, err
}

// facetValues names the values. Declared choices stand in their own order, and are
// offered even when there was no time to count.
func (r *Request) facetValues(l *listing, f *kind.Field, groups []store.Group) ([]ui.FacetValue, error) {
	counts := map[string]int{}
	var found []string
	for _, g := range groups {
		if g.Value != "" && g.Value != "0" {
			counts[g.Value] = int(g.Count)
			found = append(found, g.Value)
		}
	}
	active := l.filterValues(f.Name)
	order, labels := found, map[string]string{}
	switch f.Type {
	case kind.Option:
		order = nil
		for _, c := range f.Choices {
			if counts[c.Value] > 0 || groups == nil || slices.Contains(active, c.Value) {
				order = append(order, c.Value)
				labels[c.Value] = c.Label
			}
		}
	case kind.Grade:
		order = []string{"5", "4", "3", "2", "1"}
		for i, name := range kind.LevelNames {
			labels[strconv.Itoa(i+1)] = strconv.Itoa(i+1) + " " + name
		}
	case kind.Ref:
		refs, err := r.resolve(map[string][]string{f.Ref: append(slices.Clone(found), active...)})
		if err != nil {
			return nil, err
		}
		order = nil
		for _, id := range append(found, active...) {
			if ref, ok := refs[f.Ref][id]; ok && labels[id] == "" {
				labels[id] = ref.Title
				order = append(order, id)
			}
		}
	}
	var values []ui.FacetValue
	for _, v := range order {
		n := counts[v]
		if groups == nil {
			n = -1
		}
		values = append(values, ui.FacetValue{Label: or(labels[v], v), Count: n, Href: l.toggled(f.Name, v), Active: slices.Contains(active, v)})
	}
	return values, nil
}

var opWords = map[kind.Op]string{
	kind.Not: "not ", kind.Contains: "contains ", kind.Less: "before ", kind.AtMost: "up to ", kind.More: "above ", kind.AtLeast: "from ",
}

// filterText says in words what a filter lets through.
func (r *Request) filterText(f *kind.Field, filter kind.Filter) (string, error) {
	text := ""
	for i, v := range filter.Values {
		if i > 0 {
			text += ", "
		}
		switch {
		case filter.Op == kind.Empty && v == "true":
			return "empty", nil
		case filter.Op == kind.Empty:
			return "not empty", nil
		case f.Type == kind.Ref:
			refs, err := r.resolve(map[string][]string{f.Ref: {v}})
			if err != nil {
				return "", err
			}
			text += or(refs[f.Ref][v].Title, v)
		case len(f.Choices) > 0:
			text += f.Choice(v).Label
		default:
			text += v
		}
	}
	if (f.Type == kind.Number || f.Type == kind.Amount || f.Type == kind.Decimal) && filter.Op == kind.Less {
		return "below " + text, nil
	}
	return opWords[filter.Op] + text, nil
}

func (r *Request) filterBar(l *listing) ui.FilterBarProps {
	p := ui.FilterBarProps{
		Action: "/" + l.k.Plural, Query: l.query.Search, Placeholder: "Filter " + lower(pluralLabel(l.k)), Facets: l.facets, Views: l.views, ClearURL: l.cleared(),
		Keep: l.kept(func(name string) bool { return name == "q" || name == paramView }),
	}
	if len(l.narrowed()) > 0 && !l.query.Deleted && r.MaySome(kind.Write, r.Kind("saved_view")) {
		v := l.narrowed()
		v[paramColumns] = l.values[paramColumns]
		p.SaveURL = "/" + l.k.Plural + "/views/new?" + v.Encode()
	}
	return p
}

// moreFilters are fields that the facets do not cover, as a form.
func (r *Request) moreFilters(l *listing) []ui.FieldProps {
	facets := facetFields(l.k)
	var fields []ui.FieldProps
	for _, f := range l.k.Fields {
		if f.Hidden || slices.Contains(facets, f) || !(f.Filter || f.Type == kind.Day && f.List) {
			continue
		}
		fields = append(fields, l.filterFields(r, f)...)
	}
	return fields
}

// filterFields are the inputs by which a field is filtered.
func (l *listing) filterFields(r *Request, f *kind.Field) []ui.FieldProps {
	name := "filter[" + f.Name + "]"
	id := "filter-" + f.Name
	one := func(t ui.FieldType, op, label string) ui.FieldProps {
		return ui.FieldProps{Type: t, Name: name + op, ID: id + "-" + label, Label: f.Label + label, Value: l.values.Get(name + op)}
	}
	switch f.Type {
	case kind.Day, kind.Instant:
		return []ui.FieldProps{one(ui.DateField, "[gte]", " from"), one(ui.DateField, "[lt]", " before")}
	case kind.Number, kind.Decimal, kind.Amount, kind.Span:
		return []ui.FieldProps{one(ui.DecimalField, "[gte]", " from"), one(ui.DecimalField, "[lte]", " up to")}
	case kind.Flag:
		p := one(ui.ChoiceField, "", "")
		p.Options, p.Placeholder = []ui.Option{{Value: "true", Label: "Yes"}, {Value: "false", Label: "No"}}, "Any"
		return []ui.FieldProps{p}
	case kind.Ref:
		p := one(ui.ReferenceField, "", "")
		p.OptionsURL = optionsURL(r.Kind(f.Ref))
		if refs, err := r.resolve(map[string][]string{f.Ref: {p.Value}}); err == nil && p.Value != "" {
			p.Display = or(refs[f.Ref][p.Value].Title, p.Value)
		}
		return []ui.FieldProps{p}
	}
	if len(f.Choices) > 0 {
		p := one(ui.ChoiceField, "", "")
		p.Options, p.Placeholder = choiceOptions(f), "Any"
		return []ui.FieldProps{p}
	}
	if f.Type == kind.WordList {
		return []ui.FieldProps{one(ui.TextField, "", " has")}
	}
	return []ui.FieldProps{one(ui.TextField, "[contains]", " contains")}
}

func choiceOptions(f *kind.Field) []ui.Option {
	options := make([]ui.Option, len(f.Choices))
	for i, c := range f.Choices {
		options[i] = ui.Option{Value: c.Value, Label: c.Label, Help: c.Doc}
	}
	return options
}

func optionsURL(k *kind.Kind) string { return "/" + k.Plural + "/options" }

package page

import (
	"slices"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/web/ui"
)

// readFacets counts what other choices would show.
func (v *triageView) readFacets() error {
	severity, err := v.facet("Severity", "severity", "severity", "severity", 10)
	if err != nil {
		return err
	}
	status, err := v.facet("Status", "status", "status", "status", 10)
	if err != nil {
		return err
	}
	asset, err := v.facet("Asset", "asset", "asset_id", "asset_id", 15)
	if err != nil {
		return err
	}
	v.facets = []ui.Facet{severity, status, asset, v.flags()}
	return nil
}

// facet offers the values of a field, counted without its own filter.
func (v *triageView) facet(label, param, field, group string, limit int) (ui.Facet, error) {
	f := ui.Facet{ID: "facet-" + param, Label: label}
	q := v.query
	q.Filters = slices.DeleteFunc(slices.Clone(q.Filters), func(x kind.Filter) bool { return x.Field == field })
	groups, err := sumsOf(v.ledger, v.Request, v.question("facet", q, group, limit), func() ([]store.Group, error) {
		return v.App().Groups(v.Ctx(), isms.Findings, q, group, limit)
	})
	if err != nil {
		return f, err
	}
	names, err := v.facetNames(field, groups)
	if err != nil {
		return f, err
	}
	chosen := v.values[param]
	for _, g := range inOrder(field, groups) {
		if names[g.Value] != "" {
			f.Values = append(f.Values, ui.FacetValue{Label: names[g.Value], Count: int(g.Count), Href: v.toggled(param, g.Value), Active: slices.Contains(chosen, g.Value)})
		}
	}
	return f, nil
}

func (v *triageView) facetNames(field string, groups []store.Group) (map[string]string, error) {
	names, f := map[string]string{}, isms.Findings.Field(field)
	if f.Ref == "" {
		for _, c := range f.Choices {
			names[c.Value] = c.Label
		}
		return names, nil
	}
	var ids []string
	for _, g := range groups {
		ids = append(ids, g.Value)
	}
	found, err := v.App().Many(v.Ctx(), v.Kind(f.Ref), ids)
	for id, rec := range found {
		names[id] = rec.GetBase().Title
	}
	return names, err
}

// inOrder puts declared choices into their own order.
func inOrder(field string, groups []store.Group) []store.Group {
	choices := isms.Findings.Field(field).Choices
	if choices == nil {
		return groups
	}
	place := func(value string) int {
		return slices.IndexFunc(choices, func(c kind.Choice) bool { return c.Value == value })
	}
	list := slices.Clone(groups)
	slices.SortStableFunc(list, func(a, b store.Group) int { return place(a.Value) - place(b.Value) })
	return list
}

// flags are the filters that are either on or off.
func (v *triageView) flags() ui.Facet {
	f := ui.Facet{ID: "facet-only", Label: "Only"}
	for _, flag := range []struct{ name, label string }{{"exploited", "Exploited in the wild"}, {"overdue", "Overdue"}} {
		active := v.values.Get(flag.name) == "true"
		href := v.with(flag.name, "true")
		if active {
			href = v.with(flag.name, "")
		}
		f.Values = append(f.Values, ui.FacetValue{Label: flag.label, Count: -1, Href: href, Active: active})
	}
	return f
}

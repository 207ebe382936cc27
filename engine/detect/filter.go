package detect

import "slices"

// filter reads a filter: which rules it is for, its selections and its condition.
func (r *reader) filter(about About, parts map[string]pair) *Filter {
	f := &Filter{About: about}
	if _, named := parts["logsource"]; named {
		f.LogSource = r.logSource(about, parts)
	}
	p := parts["filter"]
	var conditions []pair
	for _, q := range r.pairs(p.value, "filter") {
		switch q.key {
		case "rules":
			f.Rules = r.texts(q.value, q.key)
		case "condition":
			for _, n := range r.items(q.value) {
				conditions = append(conditions, pair{r.text(n, "condition"), n, n})
			}
		default:
			f.selections = append(f.selections, selection{name: q.key, body: r.body(q.value, 0)})
		}
	}
	if r.err == nil && len(conditions) == 0 {
		r.fail(p.at, "the filter has no condition")
	}
	if len(f.Rules) == 1 && f.Rules[0] == "any" {
		f.Rules = nil
	}
	if f.conditions = r.conditions(conditions, f.selections); r.err == nil {
		r.err = tryBuild(f.at(), f.selections, f.conditions)
	}
	return f
}

// concerns says whether the filter is for the rule.
func (f *Filter) concerns(r *Rule) bool {
	if !f.LogSource.covers(r.LogSource) {
		return false
	}
	return len(f.Rules) == 0 || slices.ContainsFunc(f.Rules, r.called)
}

// filtered joins the condition of the filter with those of the draft. Its selections
// get names that no rule has.
func (d *draft) filtered(f *Filter, prefix string) {
	d.selections = slices.Clone(d.selections)
	for _, s := range f.selections {
		d.selections = append(d.selections, selection{prefix + s.name, s.body})
	}
	extra := condition{op: opOr}
	for _, c := range f.conditions {
		extra.kids = append(extra.kids, c.prefixed(prefix))
	}
	all := make([]condition, len(d.conditions))
	for i, c := range d.conditions {
		all[i] = condition{op: opAnd, kids: []condition{c, extra}}
	}
	d.conditions = all
}

func (c condition) prefixed(prefix string) condition {
	if c.op == opTest {
		return condition{name: prefix + c.name}
	}
	out := condition{op: c.op}
	for _, k := range c.kids {
		out.kids = append(out.kids, k.prefixed(prefix))
	}
	return out
}

package oscal

import (
	"slices"
	"strings"
)

// merge arranges the selections in the body of the result.
func (r *resolver) merge(p *Document, picked []*selection, body *Object) {
	how := p.Body.Object("merge")
	m := merger{r: r, method: how.Object("combine").Text("method"), shells: map[*Object]bool{}, where: p.Name}
	for _, s := range picked {
		for shell := range s.shells {
			m.shells[shell] = true
		}
	}
	switch asIs, _ := how.Get("as-is").(bool); {
	case asIs:
		for _, s := range picked {
			m.join(body, s.body)
		}
	case how.Object("custom") != nil:
		m.custom(how.Object("custom"), m.flat(picked), body, true)
	default:
		var list []*Object
		for _, c := range m.flat(picked) {
			list = m.add(list, c)
		}
		body.SetList("controls", list)
	}
}

type merger struct {
	r      *resolver
	method string
	shells map[*Object]bool
	where  string
}

// join adds what a catalogue or group holds to the one in the result: groups with the
// same id become one.
func (m *merger) join(into, from *Object) {
	for _, name := range []string{"params", "groups", "controls"} {
		list := into.List(name)
		for _, o := range from.List(name) {
			switch name {
			case "params":
				list = addOnce(list, o)
			case "groups":
				list = m.addGroup(list, o)
			case "controls":
				list = m.add(list, o)
			}
		}
		if len(list) > 0 {
			into.SetList(name, list)
		}
	}
}

func addOnce(list []*Object, param *Object) []*Object {
	if find(list, param.Text("id")) != nil {
		return list
	}
	return append(list, param)
}

func find(list []*Object, id string) *Object {
	i := slices.IndexFunc(list, func(o *Object) bool { return o.Text("id") == id })
	if i < 0 || id == "" {
		return nil
	}
	return list[i]
}

func (m *merger) addGroup(list []*Object, g *Object) []*Object {
	if old := find(list, g.Text("id")); old != nil {
		m.join(old, g)
		return list
	}
	return append(list, g)
}

// add puts a control into a list, by the rule of the profile when it is there already.
func (m *merger) add(list []*Object, c *Object) []*Object {
	old := find(list, c.Text("id"))
	switch {
	case old == nil:
		return append(list, c)
	case m.shells[c]:
		m.adopt(old, c)
	case m.shells[old]:
		m.adopt(c, old)
		list[slices.Index(list, old)] = c
	case m.method == "use-first":
		m.adopt(old, c)
	case m.method == "merge":
		unite(old, c)
	default:
		m.r.warn("%s: control %s is selected twice and stands twice in the result; set merge/combine/method to use-first or merge", m.where, c.Text("id"))
		return append(list, c)
	}
	return list
}

// adopt gives a control the children of another one with the same id.
func (m *merger) adopt(into, from *Object) {
	list := into.List("controls")
	for _, child := range from.List("controls") {
		list = m.add(list, child)
	}
	into.SetList("controls", list)
}

// unite adds to a control what another one with the same id says beyond it.
func unite(into, from *Object) {
	for _, f := range from.members {
		list, isList := f.value.([]any)
		if !isList {
			if into.Get(f.name) == nil {
				into.Set(f.name, f.value)
			}
			continue
		}
		all, _ := into.Get(f.name).([]any)
		for _, v := range list {
			o, _ := v.(*Object)
			var twin *Object
			if f.name == "controls" && o != nil {
				twin = find(into.List("controls"), o.Text("id"))
			}
			switch {
			case twin != nil:
				unite(twin, o)
			case !slices.ContainsFunc(all, func(w any) bool { return same(v, w) }):
				all = append(all, v)
			}
		}
		into.Set(f.name, all)
	}
}

// flat lists the selected controls without groups and shells, in their order.
func (m *merger) flat(picked []*selection) []*Object {
	var list []*Object
	var walk func(o *Object)
	walk = func(o *Object) {
		for _, g := range o.List("groups") {
			walk(g)
		}
		for _, c := range o.List("controls") {
			if m.shells[c] {
				walk(c)
				continue
			}
			list = append(list, c)
		}
	}
	for _, s := range picked {
		walk(s.body)
	}
	return list
}

// looseOf lists the parameters that stand outside of controls.
func looseOf(o *Object) []*Object {
	list := o.List("params")
	for _, g := range o.List("groups") {
		list = append(list, looseOf(g)...)
	}
	return list
}

// custom builds the arrangement of the profile from the controls that were selected.
func (m *merger) custom(plan *Object, pool []*Object, into *Object, top bool) {
	if !top {
		for _, name := range []string{"id", "class", "title", "params", "props", "links", "parts"} {
			if v := plan.Get(name); v != nil {
				into.Set(name, clone(v))
			}
		}
	}
	var list []*Object
	for _, insert := range plan.List("insert-controls") {
		for _, c := range inserted(insert, pool) {
			list = m.add(list, c)
		}
	}
	var groups []*Object
	for _, g := range plan.List("groups") {
		o := &Object{}
		m.custom(g, pool, o, false)
		groups = append(groups, o)
	}
	into.SetList("groups", groups)
	into.SetList("controls", list)
}

// inserted copies the controls that one place of a custom arrangement asks for.
// Children go with their parent when they are asked for too, and else stand alone.
func inserted(insert *Object, pool []*Object) []*Object {
	in, out := insert.List("include-controls"), insert.List("exclude-controls")
	all := insert.Get("include-controls") == nil
	var take func(list []*Object, parent string) []*Object
	take = func(list []*Object, parent string) []*Object {
		var found []*Object
		for _, c := range list {
			id := c.Text("id")
			children := take(c.List("controls"), id)
			if (all || anyNames(in, id, parent)) && !anyNames(out, id, parent) {
				c = c.without("controls")
				c.SetList("controls", children)
				found = append(found, c)
				continue
			}
			found = append(found, children...)
		}
		return found
	}
	list := take(pool, "")
	order := func(sign int) {
		slices.SortStableFunc(list, func(a, b *Object) int { return sign * strings.Compare(sortID(a), sortID(b)) })
	}
	switch insert.Text("order") {
	case "ascending":
		order(1)
	case "descending":
		order(-1)
	}
	return list
}

// sortID is by what a control is sorted: what its publisher says, or its id.
func sortID(c *Object) string {
	for _, p := range c.List("props") {
		if p.Text("name") == "sort-id" {
			return p.Text("value")
		}
	}
	return c.Text("id")
}

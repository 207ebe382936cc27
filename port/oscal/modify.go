package oscal

import "slices"

// modify sets parameters and alters controls.
func (r *resolver) modify(p *Document, body *Object) {
	how := p.Body.Object("modify")
	if how == nil {
		return
	}
	params, controls := map[string][]*Object{}, map[string][]*Object{}
	index(body, params, controls)
	for i, set := range how.List("set-parameters") {
		id := set.Text("param-id")
		if len(params[id]) == 0 {
			r.warn("%s: /profile/modify/set-parameters/%d: no selected control has the parameter %s", p.Name, i, id)
		}
		for _, param := range params[id] {
			setParameter(param, set)
		}
	}
	for i, alter := range how.List("alters") {
		id := alter.Text("control-id")
		if len(controls[id]) == 0 {
			r.warn("%s: /profile/modify/alters/%d: the control %s was not selected", p.Name, i, id)
		}
		for _, c := range controls[id] {
			for _, remove := range alter.List("removes") {
				removeFrom(c, remove)
			}
			for _, add := range alter.List("adds") {
				if !addTo(c, add) {
					r.warn("%s: /profile/modify/alters/%d: nothing in %s has the id %s", p.Name, i, id, add.Text("by-id"))
				}
			}
		}
	}
}

// index finds all parameters and controls below a catalogue, group or control.
func index(o *Object, params, controls map[string][]*Object) {
	for _, p := range o.List("params") {
		params[p.Text("id")] = append(params[p.Text("id")], p)
	}
	for _, g := range o.List("groups") {
		index(g, params, controls)
	}
	for _, c := range o.List("controls") {
		controls[c.Text("id")] = append(controls[c.Text("id")], c)
		index(c, params, controls)
	}
}

// setParameter applies a setting: what there is one of is replaced, what there may be
// several of is added. A value takes the place of a choice, and the other way round.
func setParameter(param, set *Object) {
	for _, m := range set.members {
		switch m.name {
		case "param-id":
		case "values", "select":
			param.Delete("values")
			param.Delete("select")
			param.Set(m.name, clone(m.value))
		case "props", "links", "constraints", "guidelines":
			param.SetList(m.name, append(param.List(m.name), cloneAll(set.List(m.name))...))
		default:
			param.Set(m.name, clone(m.value))
		}
	}
}

func cloneAll(list []*Object) []*Object {
	out := make([]*Object, len(list))
	for i, o := range list {
		out[i] = o.Clone()
	}
	return out
}

// alterable are the lists inside of a control that can be altered, by the name of an
// element; controls inside of it are not part of it.
var alterable = []struct{ element, list string }{{"param", "params"}, {"prop", "props"}, {"link", "links"}, {"part", "parts"}}

// removeFrom takes away everything inside a control, at any depth, that fits all that
// the removal names. A removal that names nothing takes nothing.
func removeFrom(o, remove *Object) {
	for _, it := range alterable {
		list := o.List(it.list)
		kept := slices.DeleteFunc(slices.Clone(list), func(x *Object) bool { return fits(x, it.element, remove) })
		if len(kept) < len(list) {
			o.SetList(it.list, kept)
		}
		for _, x := range kept {
			removeFrom(x, remove)
		}
	}
}

func fits(x *Object, element string, remove *Object) bool {
	named := false
	for _, by := range []struct{ rule, value string }{
		{"by-name", x.Text("name")}, {"by-class", x.Text("class")}, {"by-id", x.Text("id")},
		{"by-ns", x.Text("ns")}, {"by-item-name", element},
	} {
		want := remove.Text(by.rule)
		if want == "" {
			continue
		}
		if named = true; want != by.value {
			return false
		}
	}
	return named
}

// addTo applies an addition to a control. It says whether the place was found.
func addTo(control, add *Object) bool {
	id, position := add.Text("by-id"), add.Text("position")
	if id == "" || id == control.Text("id") {
		insertInto(control, add, position == "starting" || position == "before")
		return true
	}
	return addInside(control, add, id, position)
}

func addInside(o, add *Object, id, position string) bool {
	for _, it := range alterable {
		for _, x := range o.List(it.list) {
			if x.Text("id") != id {
				if addInside(x, add, id, position) {
					return true
				}
				continue
			}
			switch position {
			case "before", "after":
				insertBeside(o, it.list, x, add, position == "before")
			default:
				insertInto(x, add, position == "starting")
			}
			return true
		}
	}
	return false
}

// insertInto puts the contents of an addition at the start or the end of the lists of
// a control or part. A title takes the place of the title.
func insertInto(o, add *Object, start bool) {
	if title := add.Text("title"); title != "" {
		o.Set("title", title)
	}
	for _, it := range alterable {
		insertAt(o, it.list, cloneAll(add.List(it.list)), start)
	}
}

func insertAt(o *Object, name string, fresh []*Object, start bool) {
	switch {
	case len(fresh) == 0:
	case start:
		o.SetList(name, append(fresh, o.List(name)...))
	default:
		o.SetList(name, append(o.List(name), fresh...))
	}
}

// insertBeside puts what is of the same sort directly before or after a part or
// parameter, and other contents at the end of their own lists.
func insertBeside(parent *Object, name string, target, add *Object, before bool) {
	for _, it := range alterable {
		fresh := cloneAll(add.List(it.list))
		if it.list != name {
			insertAt(parent, it.list, fresh, false)
			continue
		}
		list := parent.List(name)
		i := slices.Index(list, target)
		if !before {
			i++
		}
		if len(fresh) > 0 {
			parent.SetList(name, slices.Insert(list, i, fresh...))
		}
	}
}

package oscal

import "strings"

// A selection is the controls of one import, in the structure of their catalogue.
type selection struct {
	body   *Object          // a copy of the catalogue, only with what was chosen
	chosen map[string]bool  // ids of the controls that the import names
	shells map[*Object]bool // parents that stand there only for their children
	loose  []*Object        // parameters of controls that were not chosen
}

// pick makes the selection of an import.
func (r *resolver) pick(source *Document, imp *Object, where string) *selection {
	all := imp.Get("include-controls") == nil
	in, out := imp.List("include-controls"), imp.List("exclude-controls")
	s := &selection{chosen: map[string]bool{}, shells: map[*Object]bool{}}
	known := map[string]bool{}
	var visit func(o *Object, parent string)
	visit = func(o *Object, parent string) {
		for _, g := range o.List("groups") {
			visit(g, "")
		}
		for _, c := range o.List("controls") {
			id := c.Text("id")
			known[id] = true
			if (all || anyNames(in, id, parent)) && !anyNames(out, id, parent) {
				s.chosen[id] = true
			}
			visit(c, id)
		}
	}
	visit(source.Body, "")
	for _, choice := range append(in, out...) {
		for _, id := range choice.Texts("with-ids") {
			if !known[id] {
				r.warn("%s: %s has no control %s", where, source.Name, id)
			}
		}
	}
	s.body = s.keep(source.Body)
	return s
}

// anyNames says whether one of the choices names a control, or its parent with
// children.
func anyNames(choices []*Object, id, parent string) bool {
	for _, c := range choices {
		if names(c, id) || parent != "" && c.Text("with-child-controls") == "yes" && names(c, parent) {
			return true
		}
	}
	return false
}

func names(choice *Object, id string) bool {
	for _, want := range choice.Texts("with-ids") {
		if want == id {
			return true
		}
	}
	for _, m := range choice.List("matching") {
		if glob(m.Text("pattern"), id) {
			return true
		}
	}
	return false
}

// glob says whether a text fits a pattern in which * stands for any characters and ?
// for one. It takes time in proportion to the product of the lengths at most.
func glob(pattern, s string) bool {
	p, t := []rune(pattern), []rune(s)
	star, mark, i, j := -1, 0, 0, 0
	for j < len(t) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i, j = i+1, j+1
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(string(p[i:]), "*") == ""
}

// keep copies a catalogue or group without what was not chosen. Groups without a
// control are left out.
func (s *selection) keep(o *Object) *Object {
	c := o.without("groups", "controls")
	var groups []*Object
	for _, g := range o.List("groups") {
		if g := s.keep(g); len(g.List("groups"))+len(g.List("controls")) > 0 {
			groups = append(groups, g)
		}
	}
	c.setInOrder(o, "groups", groups)
	c.setInOrder(o, "controls", s.keepControls(o))
	return c
}

func (s *selection) keepControls(parent *Object) []*Object {
	var list []*Object
	for _, c := range parent.List("controls") {
		children := s.keepControls(c)
		switch {
		case s.chosen[c.Text("id")]:
			k := c.without("controls")
			k.setInOrder(c, "controls", children)
			list = append(list, k)
		case len(children) > 0:
			s.loose = append(s.loose, c.List("params")...)
			shell := object("id", c.Text("id"), "class", c.Text("class"), "title", c.Text("title"))
			shell.SetList("controls", children)
			s.shells[shell] = true
			list = append(list, shell)
		default:
			s.loose = append(s.loose, c.List("params")...)
		}
	}
	return list
}

// without copies an object deeply, but for some members.
func (o *Object) without(names ...string) *Object {
	c := &Object{}
members:
	for _, m := range o.members {
		for _, n := range names {
			if m.name == n {
				continue members
			}
		}
		c.members = append(c.members, member{m.name, clone(m.value)})
	}
	return c
}

// setInOrder sets a list where it stands in the original.
func (o *Object) setInOrder(original *Object, name string, list []*Object) {
	if len(list) == 0 {
		return
	}
	at := 0
	for _, m := range original.members {
		if m.name == name {
			break
		}
		if i := o.index(m.name); i >= 0 {
			at = i + 1
		}
	}
	o.SetList(name, list)
	last := o.members[len(o.members)-1]
	copy(o.members[at+1:], o.members[at:len(o.members)-1])
	o.members[at] = last
}

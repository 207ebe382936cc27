package oscal

import (
	"regexp"
	"slices"
	"strings"
)

// insertion is where the prose of a control takes in a parameter.
var insertion = regexp.MustCompile(`\{\{\s*insert:\s*param,\s*([^\s}]+)\s*\}\}`)

// bringParams brings in the parameters that the result inserts and that stand in no
// control of it: those of the catalogue, and those of controls that were not
// selected. Each comes to the group of the first control that inserts it.
func bringParams(body, modify *Object, picked []*selection) {
	there, controls := map[string][]*Object{}, map[string][]*Object{}
	index(body, there, controls)
	var stray []*Object
	for _, s := range picked {
		stray = append(append(stray, looseOf(s.body)...), s.loose...)
	}
	for used := inserts(body, modify); ; {
		n := len(there)
		for _, p := range stray {
			id := p.Text("id")
			if !used[id] || there[id] != nil {
				continue
			}
			p = p.Clone()
			there[id] = []*Object{p}
			home := homeOf(body, id)
			home.SetList("params", append(home.List("params"), p))
			eachText(p, func(s string) { mark(used, s) })
		}
		if len(there) == n {
			return
		}
	}
}

// homeOf is the first group whose own controls or parameters insert a parameter, or the
// catalogue.
func homeOf(o *Object, id string) *Object {
	if h := groupOf(o, id); h != nil {
		return h
	}
	return o
}

func groupOf(o *Object, id string) *Object {
	if inserts(append(o.List("controls"), o.List("params")...)...)[id] {
		return o
	}
	for _, g := range o.List("groups") {
		if h := groupOf(g, id); h != nil {
			return h
		}
	}
	return nil
}

// inserts collects the ids of the parameters that texts insert.
func inserts(objects ...*Object) map[string]bool {
	used := map[string]bool{}
	for _, o := range objects {
		eachText(o, func(s string) { mark(used, s) })
	}
	return used
}

func mark(used map[string]bool, text string) {
	if !strings.Contains(text, "insert:") {
		return
	}
	for _, m := range insertion.FindAllStringSubmatch(text, -1) {
		used[m[1]] = true
	}
}

// dropParams takes away the parameters outside of controls that nothing inserts.
func dropParams(body *Object) {
	for {
		used := inserts(body)
		if !dropUnused(body, used) {
			return
		}
	}
}

func dropUnused(o *Object, used map[string]bool) bool {
	list := o.List("params")
	kept := slices.DeleteFunc(slices.Clone(list), func(p *Object) bool { return !used[p.Text("id")] })
	changed := len(kept) < len(list)
	if changed {
		o.SetList("params", kept)
	}
	for _, g := range o.List("groups") {
		changed = dropUnused(g, used) || changed
	}
	return changed
}

// eachText tells every text below a value.
func eachText(v any, tell func(string)) {
	switch v := v.(type) {
	case string:
		tell(v)
	case []any:
		for _, e := range v {
			eachText(e, tell)
		}
	case *Object:
		if v == nil {
			return
		}
		for _, m := range v.members {
			eachText(m.value, tell)
		}
	}
}

// reference is how a text points to a resource: the href of a link is nothing else,
// in prose it stands in brackets.
var reference = regexp.MustCompile(`(?:^|\()#([0-9A-Fa-f-]{36})(?:$|\))`)

// keepResources lists the resources that the result points to, and those marked to be
// kept always. Of several with one UUID the last counts.
func keepResources(all []*Object, body *Object) []*Object {
	wanted := map[string]bool{}
	eachText(body, func(s string) {
		for _, m := range reference.FindAllStringSubmatch(s, -1) {
			wanted[strings.ToLower(m[1])] = true
		}
	})
	last, always := map[string]int{}, map[string]bool{}
	for i, r := range all {
		id, keep := strings.ToLower(r.Text("uuid")), isKept(r)
		if keep || !always[id] {
			last[id] = i
		}
		always[id] = always[id] || keep
	}
	var kept []*Object
	for i, r := range all {
		id := strings.ToLower(r.Text("uuid"))
		if last[id] == i && (wanted[id] || always[id]) {
			kept = append(kept, r.Clone())
		}
	}
	return kept
}

func isKept(resource *Object) bool {
	return slices.ContainsFunc(resource.List("props"), func(p *Object) bool {
		return p.Text("name") == "keep" && p.Text("value") == "always"
	})
}

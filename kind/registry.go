package kind

import (
	"fmt"
	"slices"
)

// A Registry holds all kinds of a product together.
type Registry struct {
	all    []*Kind
	byName map[string]*Kind
}

// NewRegistry puts the kinds together, in the order of the menu within each
// group. It panics when names clash or a reference, link or inverse does not
// resolve: that is a mistake in the program.
func NewRegistry(kinds ...*Kind) *Registry {
	g := &Registry{all: kinds, byName: map[string]*Kind{}}
	for _, k := range kinds {
		for _, name := range slices.Compact([]string{k.Name, k.Plural}) {
			if g.byName[name] != nil {
				panic("two kinds are called " + name)
			}
			g.byName[name] = k
		}
	}
	for _, k := range kinds {
		g.mustResolve(k)
	}
	return g
}

func (g *Registry) mustResolve(k *Kind) {
	for _, f := range k.Fields {
		if f.Ref != "" && !g.isKind(f.Ref) {
			panic(fmt.Sprintf("kind %s: field %s refers to the unknown kind %s", k.Name, f.Name, f.Ref))
		}
	}
	for _, l := range k.Links {
		if !g.isKind(l.To) {
			panic(fmt.Sprintf("kind %s: link %q leads to the unknown kind %s", k.Name, l.Name, l.To))
		}
		if l.Name == "" || l.Inverse == "" {
			panic(fmt.Sprintf("kind %s: a link to %s lacks a name in one direction", k.Name, l.To))
		}
	}
}

func (g *Registry) isKind(name string) bool {
	k := g.byName[name]
	return k != nil && k.Name == name
}

// All kinds, in declared order.
func (g *Registry) All() []*Kind { return g.all }

// Named finds a kind by its name or plural; nil when there is none.
func (g *Registry) Named(name string) *Kind { return g.byName[name] }

// Find is Named with an error that people understand.
func (g *Registry) Find(name string) (*Kind, error) {
	if k := g.byName[name]; k != nil {
		return k, nil
	}
	best, bestD := "", 3
	for other := range g.byName {
		if d := Distance(name, other); d < bestD || d == bestD && other < best {
			best, bestD = other, d
		}
	}
	if best != "" {
		return nil, Errorf(NotFound, "there is no kind of record called %q; did you mean %s?", name, best)
	}
	return nil, Errorf(NotFound, "there is no kind of record called %q", name)
}

// Of finds the kind of a record. It panics for a record of no registered kind.
func (g *Registry) Of(r Record) *Kind {
	for _, k := range g.all {
		if k.Is(r) {
			return k
		}
	}
	panic(fmt.Sprintf("%T is not a registered kind", r))
}

// In lists the kinds of a group.
func (g *Registry) In(group Group) []*Kind {
	var in []*Kind
	for _, k := range g.all {
		if k.Group == group {
			in = append(in, k)
		}
	}
	return in
}

// A Referrer is a reference field of another kind.
type Referrer struct {
	Kind  *Kind
	Field *Field
}

// Referrers are the fields of all kinds that refer to k: what to show under "used by".
func (g *Registry) Referrers(k *Kind) []Referrer {
	var list []Referrer
	for _, other := range g.all {
		for _, f := range other.Fields {
			if f.Ref == k.Name {
				list = append(list, Referrer{other, f})
			}
		}
	}
	return list
}

// A Relation is a link as seen from one kind: forward as declared, or inverse.
type Relation struct {
	Name     string // in the direction of reading
	Declared string // name under which it is stored
	From     *Kind  // kind that declares it, where it starts
	To       *Kind  // kind where it ends
	Other    *Kind  // kind at the far end
	Forward  bool
	Doc      string
}

// Relations are the links that start or end at k.
func (g *Registry) Relations(k *Kind) []Relation {
	var list []Relation
	for _, l := range k.Links {
		list = append(list, Relation{l.Name, l.Name, k, g.byName[l.To], g.byName[l.To], true, l.Doc})
	}
	for _, other := range g.all {
		for _, l := range other.Links {
			if l.To == k.Name {
				list = append(list, Relation{l.Inverse, l.Name, other, k, other, false, l.Doc})
			}
		}
	}
	return list
}

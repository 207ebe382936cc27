// Package coverage infers from mappings between requirements what work done for one
// says about another: whether it is answered, in part or as a whole, and from what.
//
// Mappings are many-to-many and carry a relation of set theory (NIST IR 8477). Read
// "source … target", they allow exactly these conclusions, which chain:
//
//	equal       who meets either meets the other
//	subset      who meets the target meets the source; who meets the source meets part of the target
//	superset    who meets the source meets the target; who meets the target meets part of the source
//	intersects  nothing: neither answers the other, it is a hint for people
//
// However many parts are met, the whole is never concluded to be met: nobody has said
// that they are all there is. A part of something that is itself only partly met says
// nothing about that part. What fails shows that everything which would have answered
// it cannot be met.
//
// The package is pure. Requirements are opaque ids.
package coverage

import (
	"cmp"
	"fmt"
	"slices"
)

// A Relation is what the source of a pair is to its target.
type Relation string

// The relations.
const (
	Equal      Relation = "equal"
	Subset     Relation = "subset"
	Superset   Relation = "superset"
	Intersects Relation = "intersects"
)

// A Pair relates two requirements.
type Pair struct {
	Source     string
	Relation   Relation
	Target     string
	Confidence int    // 1 (a guess) to 5 (said so by the publisher)
	Authority  string // who says so
}

// A Level is how far a requirement is met, by whatever measured it.
type Level int

// The levels. Fails is weaker than Unknown on purpose: of two statements about the
// same requirement the greater one is never the bad one.
const (
	Fails Level = iota - 1
	Unknown
	Partly
	Met
)

var levelWords = map[Level]string{Fails: "fails", Unknown: "unknown", Partly: "partly", Met: "met"}

// String is the word for the level.
func (l Level) String() string { return levelWords[l] }

// A Step is one pair on the way from a source to a conclusion, in the direction of
// the conclusion: who meets From meets To (or a part of it, when Part is set).
type Step struct {
	From, To string
	Part     bool
	Pair     Pair
}

// A Source is a requirement from which something follows, with the way there. Of
// several ways the surest is kept: the one whose weakest pair has the most confidence,
// then the shortest, then the first in the order of the pairs.
type Source struct {
	ID         string
	Level      Level // of the source itself
	Path       []Step
	Confidence int // of the weakest pair on the path
}

// A Conclusion is what follows for one requirement from all others.
type Conclusion struct {
	Level   Level    // Met, Partly or Unknown; never from intersecting pairs
	Whole   []Source // each of them alone answers the requirement
	Parts   []Source // each of them answers a part of it
	Against []Source // each of them fails, and the requirement cannot be met while it does
	Hints   []Pair   // pairs that intersect with the requirement; nothing follows
}

// An edge is one direction of a pair.
type edge struct {
	to   int
	pair int
	part bool // who meets the start meets only a part of the end
	same bool // of an equal pair: what is partly met stays partly met
}

// A Graph is a set of pairs made ready for inference.
type Graph struct {
	pairs []Pair
	ids   []string
	index map[string]int
	out   [][]edge // who meets the node meets …
	in    [][]edge // … who is met by the node; edge.to is the start
	hints [][]int
}

// New checks the pairs and makes them ready. The order of the pairs does not matter.
func New(pairs []Pair) (*Graph, error) {
	g := &Graph{pairs: slices.Clone(pairs), index: map[string]int{}}
	slices.SortFunc(g.pairs, comparePairs)
	g.pairs = slices.Compact(g.pairs)
	for i, p := range g.pairs {
		if err := p.check(); err != nil {
			return nil, err
		}
		a, b := g.node(p.Source), g.node(p.Target)
		switch p.Relation {
		case Equal:
			g.join(a, edge{to: b, pair: i, same: true})
			g.join(b, edge{to: a, pair: i, same: true})
		case Subset:
			g.join(b, edge{to: a, pair: i})
			g.join(a, edge{to: b, pair: i, part: true})
		case Superset:
			g.join(a, edge{to: b, pair: i})
			g.join(b, edge{to: a, pair: i, part: true})
		case Intersects:
			g.hints[a], g.hints[b] = append(g.hints[a], i), append(g.hints[b], i)
		}
	}
	return g, nil
}

func comparePairs(a, b Pair) int {
	return cmp.Or(cmp.Compare(a.Source, b.Source), cmp.Compare(a.Target, b.Target), cmp.Compare(a.Relation, b.Relation),
		cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(a.Authority, b.Authority))
}

func (p Pair) check() error {
	switch {
	case p.Source == "" || p.Target == "":
		return fmt.Errorf("a mapping needs a source and a target: %q %s %q", p.Source, p.Relation, p.Target)
	case p.Source == p.Target:
		return fmt.Errorf("a mapping compares two requirements, not %q with itself", p.Source)
	case !slices.Contains([]Relation{Equal, Subset, Superset, Intersects}, p.Relation):
		return fmt.Errorf("%q is not a relation between %q and %q; it is equal, subset, superset or intersects", p.Relation, p.Source, p.Target)
	case p.Confidence < 1 || p.Confidence > 5:
		return fmt.Errorf("the confidence of %q %s %q goes from 1 to 5, not %d", p.Source, p.Relation, p.Target, p.Confidence)
	}
	return nil
}

func (g *Graph) node(id string) int {
	if n, ok := g.index[id]; ok {
		return n
	}
	n := len(g.ids)
	g.index[id], g.ids = n, append(g.ids, id)
	g.out, g.in, g.hints = append(g.out, nil), append(g.in, nil), append(g.hints, nil)
	return n
}

func (g *Graph) join(from int, e edge) {
	g.out[from] = append(g.out[from], e)
	e.to, from = from, e.to
	g.in[from] = append(g.in[from], e)
}

// Levels says for every requirement of the pairs how far it is met because of others
// or by itself. The cost is linear in the number of pairs.
func (g *Graph) Levels(known map[string]Level) map[string]Level {
	level := make([]Level, len(g.ids))
	var met, partly []int
	for n, id := range g.ids {
		switch known[id] {
		case Met:
			level[n], met = Met, append(met, n)
		case Partly:
			partly = append(partly, n)
		}
	}
	for len(met) > 0 {
		n := met[len(met)-1]
		met = met[:len(met)-1]
		for _, e := range g.out[n] {
			switch {
			case e.part:
				partly = append(partly, e.to)
			case level[e.to] != Met:
				level[e.to], met = Met, append(met, e.to)
			}
		}
	}
	for len(partly) > 0 {
		n := partly[len(partly)-1]
		partly = partly[:len(partly)-1]
		if level[n] != Unknown {
			continue
		}
		level[n] = Partly
		for _, e := range g.out[n] {
			if e.part || e.same {
				partly = append(partly, e.to)
			}
		}
	}
	out := make(map[string]Level, len(level))
	for n, id := range g.ids {
		out[id] = level[n]
	}
	return out
}

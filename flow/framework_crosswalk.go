package flow

import (
	"holdfast/engine/coverage"
)

// A CrosswalkLine is how one requirement of a framework is answered by another framework.
type CrosswalkLine struct {
	Standing *Standing
	Answer   coverage.Conclusion // as if everything in the other framework were met
	Hints    []CrosswalkHint
}

// A CrosswalkHint is a requirement of the other framework that shares something with it.
type CrosswalkHint struct {
	ID   string
	Pair coverage.Pair
}

// A Crosswalk says for every requirement of one framework which requirements of
// another answer it, over chains of mappings too.
type Crosswalk struct {
	Lines                        []CrosswalkLine
	Whole, Part, Hinted, Nothing int
}

// Crosswalk compares two frameworks of the statement: what of "to" would be answered
// if all of "from" were met.
func (st *Statement) Crosswalk(from, to string) Crosswalk {
	all := map[string]coverage.Level{}
	for _, s := range st.Of(from) {
		all[s.Requirement.ID] = coverage.Met
	}
	var w Crosswalk
	for _, s := range st.Of(to) {
		c := CrosswalkLine{Standing: s, Answer: st.graph.Conclude(s.Requirement.ID, all)}
		for _, p := range c.Answer.Hints {
			other := p.Source
			if other == s.Requirement.ID {
				other = p.Target
			}
			if _, ok := all[other]; ok {
				c.Hints = append(c.Hints, CrosswalkHint{other, p})
			}
		}
		switch {
		case c.Answer.Level == coverage.Met:
			w.Whole++
		case c.Answer.Level == coverage.Partly:
			w.Part++
		case len(c.Hints) > 0:
			w.Hinted++
		default:
			w.Nothing++
		}
		w.Lines = append(w.Lines, c)
	}
	return w
}

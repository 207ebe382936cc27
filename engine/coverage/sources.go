package coverage

import (
	"cmp"
	"slices"
)

// The roles of a requirement on the way back from a conclusion.
const (
	answers  = iota // if it is met, so is the goal
	reflects        // if it is partly met, so is the goal; reached through equal pairs only
	portion         // if it is met or partly met, the goal is partly met
	implies         // if it is met, the goal is partly met
	blocks          // if it fails, the goal cannot be met
	roles
)

// A visit is how the search came to a state: over which edge, from which state.
type visit struct {
	step edge // edge.to is the node nearer to the source
	next int  // state nearer to the goal
}

// Conclude says what follows for one requirement, from all that is known of others.
// A requirement of which no pair speaks has an empty conclusion. The cost is linear
// in the number of pairs.
func (g *Graph) Conclude(id string, known map[string]Level) Conclusion {
	goal, ok := g.index[id]
	if !ok {
		return Conclusion{}
	}
	var c Conclusion
	for _, i := range g.hints[goal] {
		c.Hints = append(c.Hints, g.pairs[i])
	}
	s := &search{g: g, goal: goal, sure: map[int]int{}}
	for round := range s.at {
		s.walk(maxConfidence - round)
	}
	for _, n := range s.nodes() {
		level := known[g.ids[n]]
		if level == Met && s.visited(n, answers) {
			c.Whole = append(c.Whole, s.source(n, answers, level))
			continue
		}
		if role, ok := s.partRole(n, level); ok {
			c.Parts = append(c.Parts, s.source(n, role, level))
		}
		if level == Fails && s.visited(n, blocks) {
			c.Against = append(c.Against, s.source(n, blocks, level))
		}
	}
	for _, list := range [][]Source{c.Whole, c.Parts, c.Against} {
		slices.SortFunc(list, func(a, b Source) int {
			return cmp.Or(cmp.Compare(b.Confidence, a.Confidence), cmp.Compare(len(a.Path), len(b.Path)), cmp.Compare(a.ID, b.ID))
		})
	}
	switch {
	case len(c.Whole) > 0:
		c.Level = Met
	case len(c.Parts) > 0:
		c.Level = Partly
	}
	return c
}

// maxConfidence is that of what a publisher says of its own text.
const maxConfidence = 5

// A search walks from the goal back to everything that speaks of it, once for each
// confidence over the pairs that have at least so much. A state is a node in a role.
type search struct {
	g    *Graph
	goal int
	at   [maxConfidence]map[int]visit // by round, the surest first
	sure map[int]int                  // the greatest confidence with which a state is reached
}

func (s *search) visited(n, role int) bool { return s.sure[n*roles+role] > 0 }

// nodes are all that were reached, without the goal, in a fixed order.
func (s *search) nodes() []int {
	var list []int
	for state := range s.sure {
		if n := state / roles; n != s.goal {
			list = append(list, n)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// partRole is the surest role in which a source of the level answers a part.
func (s *search) partRole(n int, level Level) (role int, ok bool) {
	var can []int
	switch level {
	case Met:
		can = []int{portion, implies}
	case Partly:
		can = []int{reflects, portion}
	}
	for _, r := range can {
		if s.visited(n, r) && (!ok || s.sure[n*roles+r] > s.sure[n*roles+role]) {
			role, ok = r, true
		}
	}
	return role, ok
}

// walk goes breadth first, so that each state is reached by a shortest way.
func (s *search) walk(confidence int) {
	found := map[int]visit{}
	var queue []int
	for _, role := range []int{answers, reflects, blocks} {
		found[s.goal*roles+role] = visit{}
		queue = append(queue, s.goal*roles+role)
	}
	for len(queue) > 0 {
		state := queue[0]
		queue = queue[1:]
		n, role := state/roles, state%roles
		edges := s.g.in[n]
		if role == blocks {
			edges = s.g.out[n]
		}
		for _, e := range edges {
			r, ok := leadsTo(role, e)
			to := e.to*roles + r
			if _, seen := found[to]; !ok || seen || s.g.pairs[e.pair].Confidence < confidence {
				continue
			}
			found[to] = visit{step: e, next: state}
			queue = append(queue, to)
		}
	}
	for state := range found {
		if s.sure[state] == 0 {
			s.sure[state] = confidence
		}
	}
	s.at[maxConfidence-confidence] = found
}

// leadsTo is the role of the start of an edge when its end has the role. For blocks
// the edge is read forwards: if its end fails, its start cannot be met.
func leadsTo(role int, e edge) (next int, ok bool) {
	switch role {
	case answers, implies, blocks:
		return role, !e.part
	case reflects:
		if e.part {
			return portion, true
		}
		return reflects, e.same
	}
	if e.part || e.same {
		return portion, true
	}
	return implies, true
}

// source reads the way from the source to the goal off the visits.
func (s *search) source(n, role int, level Level) Source {
	state := n*roles + role
	out := Source{ID: s.g.ids[n], Level: level, Confidence: s.sure[state]}
	round := s.at[maxConfidence-out.Confidence]
	for {
		v, ok := round[state]
		if !ok || v == (visit{}) && state/roles == s.goal {
			return out
		}
		out.Path = append(out.Path, Step{From: s.g.ids[state/roles], To: s.g.ids[v.next/roles], Part: v.step.part, Pair: s.g.pairs[v.step.pair]})
		state = v.next
	}
}

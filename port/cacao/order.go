package cacao

import (
	"cmp"
	"slices"
)

// steps lays the graph of the workflow out as a list in which every way leads forward.
func (d *document) steps(p *Playbook) {
	d.flow = d.object(d.doc, "playbook", "workflow")
	start := d.text(d.doc, "playbook", "workflow_start")
	switch {
	case d.err != nil:
		return
	case len(d.flow) == 0:
		d.fail("playbook: there is no workflow")
		return
	case len(d.flow) > maxSteps:
		d.fail("playbook: there are %d steps; %d can be followed", len(d.flow), maxSteps)
		return
	}
	w := &walk{document: d, state: map[string]int{}, found: map[string]*Step{}, conts: map[string]string{}}
	for id, v := range d.flow {
		if _, ok := v.(object); !ok {
			d.fail("%s: the step is not an object", cut(id))
			return
		}
	}
	w.visit(w.to("playbook", "workflow_start", start), "")
	slices.Reverse(w.done)
	for _, id := range w.rest() {
		before := len(w.done)
		w.visit(id, "")
		slices.Reverse(w.done[before:])
	}
	if d.err != nil {
		return
	}
	p.Steps = w.ordered()
	for _, s := range p.Steps {
		w.references(p, w.flow[s.ID].(object), s.ID)
	}
	w.early(p)
}

// A walk follows the ways of a workflow. Branches of decisions, loops and parallel
// steps end somewhere and then go on where the step that opened them says; while
// walking, cont is that place.
type walk struct {
	*document
	state map[string]int // 1: being visited, 2: done
	found map[string]*Step
	conts map[string]string // where a step that ends its branch goes on
	done  []string          // in an order in which people would follow them
}

const (
	visiting = 1
	visited  = 2
)

// way resolves a reference of a step: start steps are passed, an end goes on at cont.
func (w *walk) way(from, name, id, cont string) string {
	for range maxSteps {
		id = w.to(from, name, id)
		if id == "" {
			return cont
		}
		o := w.flow[id].(object)
		switch w.text(o, id, "type") {
		case "start":
			from, name = id, "on_completion"
			id = w.text(o, id, "on_completion")
		case "end":
			return cont
		default:
			return id
		}
	}
	w.fail("%s: %s leads in a circle of start steps", cut(from), name)
	return ""
}

// to demands that a step is there.
func (w *walk) to(from, name, id string) string {
	if id == "" {
		return ""
	}
	if _, ok := w.flow[id]; !ok {
		w.fail("%s: %s names %q, which is no step of the workflow", cut(from), name, cut(id))
		return ""
	}
	return id
}

// firsts reads a property that is one id today and was a list of ids before 2.0.
func (w *walk) firsts(o object, id, name string) []string {
	if text, ok := o[name].(string); ok {
		return []string{text}
	}
	return w.texts(o, id, name)
}

func (w *walk) visit(id, cont string) {
	if id == "" || w.err != nil {
		return
	}
	if w.state[id] == visited {
		if s := w.found[id]; s != nil && s.Next == w.conts[id] && cont != s.Next && cont != id {
			s.Shared = true
		}
		return
	}
	if w.state[id] == visiting {
		w.fail("%s: the ways of the workflow lead in a circle back to it; use a while-condition to repeat", cut(id))
		return
	}
	w.state[id], w.conts[id] = visiting, cont
	o := w.flow[id].(object)
	kind := typeOf(w.text(o, id, "type"))
	if kind == "start" || kind == End {
		if kind == "start" {
			w.visit(w.way(id, "on_completion", w.text(o, id, "on_completion"), cont), cont)
		}
		w.state[id] = visited
		return
	}
	s := w.step(id)
	w.found[id] = &s
	w.ways(&s, o, cont)
	w.state[id] = visited
	w.done = append(w.done, id)
}

// ways reads where a step leads and visits these places, the latest first.
func (w *walk) ways(s *Step, o object, cont string) {
	completion := cmp.Or(w.text(o, s.ID, "on_completion"), w.text(o, s.ID, "on_success"))
	next := w.way(s.ID, "on_completion", completion, cont)
	w.visit(next, cont)
	branch := func(name string, ids []string) string {
		// Before 2.0 a branch was a list of steps; they are followed one after another.
		first := next
		for i := len(ids) - 1; i >= 0; i-- {
			id := w.way(s.ID, name, ids[i], first)
			w.visit(id, first)
			first = id
		}
		return first
	}
	switch s.Type {
	case Action, Follow:
		s.Next = next
		if id := w.text(o, s.ID, "on_failure"); id != "" {
			s.Else = w.way(s.ID, "on_failure", id, cont)
			w.visit(s.Else, cont)
		}
	case Decision:
		s.Else = branch("on_false", w.firsts(o, s.ID, "on_false"))
		s.Next = branch("on_true", w.firsts(o, s.ID, "on_true"))
	case Loop:
		s.Else = branch("on_false", w.firsts(o, s.ID, "on_false"))
		next = s.Else // once the condition fails, it goes on there
		s.Next = branch("on_true", w.firsts(o, s.ID, "on_true"))
	case Switch:
		s.Next = next
		w.cases(s, o, next)
	case Parallel:
		s.Next = next
		w.fork(s, w.firsts(o, s.ID, "next_steps"), next)
	default:
		w.fail("%s: %q is no type of step that CACAO knows", s.ID, cut(string(s.Type)))
	}
}

func (w *walk) cases(s *Step, o object, next string) {
	cases := w.object(o, s.ID, "cases")
	names := make([]string, 0, len(cases))
	for name := range cases {
		names = append(names, name)
	}
	slices.Sort(names)
	var ids []string
	for _, name := range names {
		first := w.firsts(cases, s.ID, name)
		ids = append(ids, first...)
		for _, id := range first {
			s.Cases = append(s.Cases, Case{name, w.way(s.ID, "cases", id, next)})
		}
	}
	w.fork(s, ids, next)
}

func (w *walk) fork(s *Step, ids []string, next string) {
	for i := len(ids) - 1; i >= 0; i-- {
		if id := w.way(s.ID, "next_steps", ids[i], next); id != "" && id != next && !slices.Contains(s.Branches, id) {
			w.visit(id, next)
			s.Branches = append(s.Branches, id)
		}
	}
	slices.Reverse(s.Branches)
}

// rest lists steps that no way leads to, so that they are not lost.
func (w *walk) rest() []string {
	var ids []string
	for id := range w.flow {
		if w.state[id] == 0 {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// ordered sorts the steps so that ways lead forward. Among those that may come next,
// the position that our extension says decides, then the order of the walk.
func (w *walk) ordered() []Step {
	rank := map[string]int{}
	waits := map[string]int{}
	for i, id := range w.done {
		rank[id] = i
		for _, to := range w.found[id].leads() {
			waits[to]++
		}
	}
	before := func(a, b string) int {
		return cmp.Or(cmp.Compare(w.found[a].Note.Position, w.found[b].Note.Position), cmp.Compare(rank[a], rank[b]))
	}
	var ready []string
	for _, id := range w.done {
		if waits[id] == 0 {
			ready = append(ready, id)
		}
	}
	var out []Step
	for len(ready) > 0 {
		slices.SortFunc(ready, before)
		s := w.found[ready[0]]
		ready = ready[1:]
		out = append(out, *s)
		for _, to := range s.leads() {
			if waits[to]--; waits[to] == 0 {
				ready = append(ready, to)
			}
		}
	}
	return out
}

// leads lists where a step may lead to, once each.
func (s *Step) leads() []string {
	var out []string
	for _, id := range append([]string{s.Next, s.Else}, s.Branches...) {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// early puts an end into the list when one may come to it before the last step.
func (w *walk) early(p *Playbook) {
	needs := false
	for i := range p.Steps[:max(0, len(p.Steps)-1)] {
		s := &p.Steps[i]
		needs = needs || s.Next == "" || s.Else == "" && (s.Type == Decision || s.Type == Loop)
	}
	var ends []string
	for id, v := range w.flow {
		if o := v.(object); o["type"] == "end" {
			ends = append(ends, id)
		}
	}
	if !needs || len(ends) == 0 {
		return
	}
	slices.Sort(ends)
	end := Step{ID: ends[0], Type: End, Name: "End of the playbook"}
	for i := range p.Steps {
		s := &p.Steps[i]
		s.Next = cmp.Or(s.Next, end.ID)
		if s.Type == Decision || s.Type == Loop {
			s.Else = cmp.Or(s.Else, end.ID)
		}
	}
	p.Steps = append(p.Steps, end)
}

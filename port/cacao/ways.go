package cacao

import (
	"fmt"
	"slices"
	"strings"
)

// lay writes start, end and all ways between the steps.
func (w *writer) lay(flow object, start, end string) {
	first := end
	if len(w.p.Steps) > 0 && w.p.Steps[0].Type != End {
		first = w.p.Steps[0].ID
	}
	w.edge(flow, start, "start")["on_completion"] = first
	w.edge(flow, end, "end")
	for id, v := range w.flow {
		if o := v.(object); o["type"] == "end" && len(o) > 1 {
			flow[id] = o // it says something
		}
	}
	w.exception(flow)
	lands := w.landings(flow)
	for i := range w.p.Steps {
		s := &w.p.Steps[i]
		o, ok := flow[s.ID].(object)
		if !ok || s.Type == End {
			continue
		}
		failure, _ := o["on_failure"].(string)
		after, _ := o["on_completion"].(string)
		for _, name := range []string{"on_completion", "on_success", "on_failure", "on_true", "on_false", "next_steps"} {
			delete(o, name)
		}
		if s.Type != Action && s.Type != Follow && w.stays(flow, failure) {
			o["on_failure"] = failure
		}
		to := func(id string) string { return land(lands[s.ID], id, end) }
		if s.Type == Switch {
			w.switchCases(flow, o, s)
		}
		w.leave(o, s, to)
		if s.Type == Decision && w.apart(s, after) {
			o["on_completion"] = after
			if o["on_false"] == after {
				delete(o, "on_false") // it goes there anyway
			}
		}
	}
}

// apart tells whether it goes on at a step after a decision to which one of its branches
// does not lead itself, because it shares its steps with others.
func (w *writer) apart(s *Step, after string) bool {
	then, otherwise := map[string]bool{}, map[string]bool{}
	w.reach(s.Next, then)
	w.reach(s.Else, otherwise)
	return !(then[after] && otherwise[after]) && slices.ContainsFunc(w.p.Steps, func(o Step) bool { return o.ID == after && o.Type != End })
}

// edge is a start or an end: as it came, or a new one.
func (w *writer) edge(flow object, id, kind string) object {
	o, ok := w.flow[id].(object)
	if !ok || o["type"] != kind {
		o = object{"type": kind}
	}
	flow[id] = o
	return o
}

// exception keeps the way that is taken when everything else fails, if its step is there.
func (w *writer) exception(flow object) {
	if id, ok := w.doc["workflow_exception"].(string); ok && !w.stays(flow, id) {
		delete(w.doc, "workflow_exception")
	}
}

// stays tells whether a step is there; an end that was there stays.
func (w *writer) stays(flow object, id string) bool {
	if _, ok := flow[id]; ok {
		return true
	}
	o, _ := w.flow[id].(object)
	if o["type"] == "end" {
		flow[id] = o
	}
	return o["type"] == "end"
}

// landings tells for each step of a branch where the branch ends: at an end of its own
// instead of the step at which the branches meet. A step that others lead to as well is
// of no branch.
func (w *writer) landings(flow object) map[string][2]string {
	out := map[string][2]string{}
	for i := range w.p.Steps {
		s := &w.p.Steps[i]
		meet, first := s.Next, s.Branches
		switch s.Type {
		case Parallel, Switch:
		case Loop:
			meet, first = s.Else, []string{s.Next}
		default:
			continue
		}
		stop := ID("end", s.ID)
		w.edge(flow, stop, "end")
		others := map[string]bool{s.ID: true}
		w.reach(w.p.Steps[0].ID, others)
		inside := map[string]bool{meet: true}
		for _, id := range first {
			w.reach(id, inside)
		}
		for id := range inside {
			if id != meet && !others[id] {
				out[id] = [2]string{meet, stop}
			}
		}
	}
	return out
}

// reach adds a step, and those that it leads to, to what was reached already.
func (w *writer) reach(id string, reached map[string]bool) {
	todo := []string{id}
	for len(todo) > 0 {
		id, todo = todo[0], todo[1:]
		if id == "" || reached[id] {
			continue
		}
		reached[id] = true
		if i := slices.IndexFunc(w.p.Steps, func(s Step) bool { return s.ID == id }); i >= 0 {
			todo = append(todo, w.p.Steps[i].leads()...)
		}
	}
}

// land is the place to which a way leads.
func land(branch [2]string, id, end string) string {
	switch {
	case branch[1] != "" && id == branch[0]:
		return branch[1]
	case id == "" || strings.HasPrefix(id, "end--"):
		return end
	}
	return id
}

func (*writer) leave(o object, s *Step, to func(string) string) {
	switch s.Type {
	case Decision:
		o["on_true"], o["on_false"] = to(s.Next), to(s.Else)
	case Loop:
		o["on_true"], o["on_completion"] = to(s.Next), to(s.Else)
	case Parallel:
		o["next_steps"], o["on_completion"] = s.Branches, to(s.Next)
	case Switch:
		o["on_completion"] = to(s.Next)
	default:
		if s.Else != "" {
			o["on_success"], o["on_failure"] = to(s.Next), to(s.Else)
			return
		}
		o["on_completion"] = to(s.Next)
	}
}

// switchCases keeps the names of the cases whose steps are still there, and of those in
// which nothing is done.
func (w *writer) switchCases(flow, o object, s *Step) {
	cases := child(o, "cases")
	for name, v := range cases {
		if id, _ := v.(string); !slices.Contains(s.Branches, id) && id != s.Next && !w.stays(flow, id) {
			delete(cases, name)
		}
	}
	for i, id := range s.Branches {
		known := false
		for _, v := range cases {
			known = known || v == id
		}
		if !known {
			cases[fmt.Sprintf("case %d", i+1)] = id
		}
	}
}

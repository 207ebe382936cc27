package detect

import "slices"

// A grouping says where the fields of a correlation stand in the events of each of its
// rules.
type grouping struct{ fields, counted [][]int32 }

// correlate links the correlations with their rules and with each other, and gives
// the fields they group by slots.
func (k *compiler) correlate(list []*Correlation) []error {
	var problems []error
	usable := list
	for {
		var kept []*Correlation
		for _, c := range usable {
			if missing := k.missing(c, usable); missing != "" {
				problems = append(problems, c.at().errorf("the correlation refers to %q, and there is no such rule", missing))
				continue
			}
			kept = append(kept, c)
		}
		if len(kept) == len(usable) {
			break
		}
		usable = kept
	}
	ordered, err := inOrder(usable)
	if err != nil {
		return append(problems, err)
	}
	for _, c := range ordered {
		k.engine.correlations = append(k.engine.correlations, c)
		var g grouping
		for _, ref := range c.Rules {
			k.silence(c, ref)
			g.fields = append(g.fields, k.slotsOf(c, c.GroupBy, ref))
			g.counted = append(g.counted, k.slotsOf(c, c.fields, ref))
		}
		k.engine.grouping = append(k.engine.grouping, g)
	}
	return problems
}

func (k *compiler) missing(c *Correlation, all []*Correlation) string {
	for _, ref := range c.Rules {
		rule := slices.ContainsFunc(k.engine.rules, func(r compiled) bool { return r.rule.called(ref) })
		other := slices.ContainsFunc(all, func(o *Correlation) bool { return o.called(ref) })
		if !rule && !other {
			return ref
		}
	}
	return ""
}

// silence keeps a rule from matching on its own when it only serves correlations.
func (k *compiler) silence(c *Correlation, ref string) {
	for i := range k.engine.rules {
		if r := &k.engine.rules[i]; r.rule.called(ref) {
			r.silent = !c.Generate
		}
	}
}

// slotsOf finds the fields in the events of a rule: by its aliases, then as the
// pipelines call them for that rule.
func (k *compiler) slotsOf(c *Correlation, names []string, ref string) []int32 {
	var slots []int32
	for _, name := range names {
		field := c.field(name, ref)
		for i := range k.engine.rules {
			if r := &k.engine.rules[i]; r.rule.called(ref) {
				field = k.mapped(field, r.rule)
				break
			}
		}
		slots = append(slots, k.slot(field))
	}
	return slots
}

// mapped is what a field of a rule is called after the pipelines.
func (k *compiler) mapped(field string, r *Rule) string {
	d := draft{about: &r.About, source: r.LogSource, selections: []selection{{"", body{all: []item{{field: field}}}}}}
	if d.through(k.options.Pipelines) != nil {
		return field
	}
	for _, s := range d.selections {
		if s.name == "" && len(s.body.all) == 1 {
			return s.body.all[0].field
		}
	}
	return field
}

// inOrder sorts correlations so that each comes after those it refers to.
func inOrder(list []*Correlation) ([]*Correlation, error) {
	var out []*Correlation
	for len(out) < len(list) {
		before := len(out)
		for _, c := range list {
			ready := !slices.Contains(out, c) && !slices.ContainsFunc(list, func(o *Correlation) bool {
				return slices.ContainsFunc(c.Rules, o.called) && !slices.Contains(out, o)
			})
			if ready {
				out = append(out, c)
			}
		}
		if len(out) == before {
			for _, c := range list {
				if !slices.Contains(out, c) {
					return nil, c.at().errorf("the correlation refers to itself, by others or directly")
				}
			}
		}
	}
	return out, nil
}

// needs notes for each field in which classes of events it is asked for.
func (k *compiler) needs(t *sourceTable) {
	e := k.engine
	slots := make([]classSet, len(e.fields))
	everywhere := []int32{e.channelSlot, e.numberSlot, e.awsSlot, e.awsNameSlot}
	for _, g := range e.grouping {
		everywhere = append(everywhere, slices.Concat(append(g.fields, g.counted...)...)...)
	}
	for _, id := range everywhere {
		slots[id] = classSet{^uint64(0), ^uint64(0)}
	}
	for r := range e.rules {
		var classes classSet
		for class := range t.admits {
			if t.admits[class].has(int32(r)) {
				classes.add(class)
			}
		}
		e.rules[r].expr.need(slots, classes)
	}
	e.root.needs(slots, map[int32]bool{e.channelSlot: true, e.numberSlot: true, e.awsSlot: true, e.awsNameSlot: true})
	e.root.dates(e.timeSlots)
}

// need adds the classes to all fields of an expression.
func (e *expr) need(slots []classSet, classes classSet) {
	if e.op == opTest {
		slots[e.test.slot].join(classes)
		if e.test.is == testField {
			slots[e.test.otherSlot].join(classes)
		}
	}
	for _, k := range e.kids {
		k.need(slots, classes)
	}
}

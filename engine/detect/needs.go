package detect

import (
	"slices"

	"github.com/valyala/fastjson"
)

// A pending value is not opened before it is known whether the rules for this class
// of events ask for it.
type pending struct {
	node  *node
	value *fastjson.Value
}

// open walks the pending values that are needed, and what is pending below them.
func (m *Matcher) open(class int) {
	for i := 0; i < len(m.pending); i++ {
		if p := m.pending[i]; p.node.need.has(class) {
			m.walk(p.node, p.value)
		}
	}
}

// A classSet is a set of classes of events.
type classSet [2]uint64

func (s *classSet) has(class int) bool { return s[class>>6&1]&(1<<(class&63)) != 0 }

func (s *classSet) add(class int) { s[class>>6&1] |= 1 << (class & 63) }

func (s *classSet) join(o classSet) {
	s[0] |= o[0]
	s[1] |= o[1]
}

// needs notes at each node what is asked for at it or below. slots holds the classes
// for each field, soon the fields that tell the class.
func (n *node) needs(slots []classSet, soon map[int32]bool) {
	n.soon = n.named // the names in the list may be any
	for _, id := range n.slots {
		n.need.join(slots[id])
		n.soon = n.soon || soon[id]
	}
	for _, kid := range n.kids {
		kid.needs(slots, soon)
		n.need.join(kid.need)
		n.soon = n.soon || kid.soon
	}
	if n.any != nil {
		n.any.needs(slots, soon)
		n.need.join(n.any.need)
		n.soon = n.soon || n.any.soon
	}
}

// dates marks the nodes at or below which the time may stand.
func (n *node) dates(slots []int32) {
	n.dated = slices.ContainsFunc(n.slots, func(id int32) bool { return slices.Contains(slots, id) })
	for _, kid := range n.kids {
		kid.dates(slots)
		n.dated = n.dated || kid.dated
	}
	if n.any != nil {
		n.any.dates(slots)
		n.dated = n.dated || n.any.dated
	}
}

// openDates walks the pending values that may tell the time and that no rule for this
// class of events asked for. Few events are ever asked when they happened.
func (m *Matcher) openDates() {
	if m.datesIn {
		return
	}
	m.datesIn = true
	for i := 0; i < len(m.pending); i++ {
		if p := m.pending[i]; p.node.dated && !p.node.need.has(m.class) {
			m.walk(p.node, p.value)
		}
	}
}

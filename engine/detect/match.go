package detect

import (
	"fmt"
	"time"

	"github.com/valyala/fastjson"
)

// A Matcher matches events with the rules of an Engine, one after another. It keeps
// its memory from event to event and must not be used by two goroutines at once.
type Matcher struct {
	engine *Engine
	parser fastjson.Parser
	gen    uint32 // of the event at hand

	event     *fastjson.Value
	json      []byte // the event as it was given
	jsonFold  []byte // json folded, where it is not ASCII
	jsonPlain []byte // json with its escapes written out, where it has any
	slots     []slot
	filled    []int32 // slots of this event
	values    []value
	pending   []pending
	class     int  // of the event
	datesIn   bool // what tells the time was looked at

	scratch []byte // texts made for this event
	number  []byte

	seen       []uint32 // by rule: the event in which it became a candidate
	candidates []int32
	leavesIn   bool // the slot of all values is filled
	leafText   []byte
	leafTextIn bool
	matches    []Match
}

// NewMatcher returns a matcher for one goroutine.
func (e *Engine) NewMatcher() *Matcher {
	return &Matcher{engine: e, slots: make([]slot, len(e.fields)), seen: make([]uint32, len(e.rules))}
}

// A Match says that a rule matches the event that was given last.
type Match struct {
	Rule   *Rule
	Silent bool // the rule serves a correlation; its match alone is no alarm

	number int32
}

// MaxEvent bounds the JSON of one event.
const MaxEvent = 32 << 20

// Match returns the rules that match an event, in the order in which they were read.
// The event is a JSON object. The result is valid until the next call.
func (m *Matcher) Match(event []byte) ([]Match, error) {
	if len(event) > MaxEvent {
		return nil, fmt.Errorf("an event of more than %d MB", MaxEvent>>20)
	}
	v, err := m.parser.ParseBytes(event)
	if err != nil {
		return nil, err
	}
	if v.Type() != fastjson.TypeObject {
		return nil, fmt.Errorf("an event must be a JSON object, this is %s", v.Type())
	}
	return m.matchValue(event, v), nil
}

func (m *Matcher) matchValue(event []byte, v *fastjson.Value) []Match {
	m.reset(event, v)
	m.walk(m.engine.root, v)
	m.class = m.classOf()
	m.open(m.class)
	a := &m.engine.sources.admits[m.class]
	if a.words != nil {
		m.scanWords(a)
	}
	for _, id := range m.filled {
		m.probe(id, a)
	}
	for _, r := range a.always {
		m.candidate(r, a)
	}
	m.evaluate()
	return m.matches
}

func (m *Matcher) reset(event []byte, v *fastjson.Value) {
	m.gen++
	if m.gen == 0 { // after four thousand million events the counter begins again
		clear(m.slots)
		clear(m.seen)
		m.gen = 1
	}
	m.event, m.json, m.leavesIn, m.leafTextIn, m.datesIn = v, event, false, false, false
	m.filled, m.values, m.scratch, m.pending = m.filled[:0], m.values[:0], m.scratch[:0], m.pending[:0]
	m.candidates, m.matches = m.candidates[:0], m.matches[:0]
}

// allValues fills the slot of all values, once for each event.
func (m *Matcher) allValues() {
	if !m.leavesIn {
		m.leavesIn = true
		m.leaves(m.event)
	}
}

// probe looks for what the covers of rules have of one field.
func (m *Matcher) probe(id int32, a *admission) {
	f := &m.engine.fields[id]
	m.propose(f.present, a)
	if f.whole == nil && f.long == nil && f.short == nil && f.foreign == nil {
		return
	}
	for i := m.slots[id].first; i >= 0; i = m.values[i].next {
		v := &m.values[i]
		ascii := isASCII(v.text)
		if f.whole != nil && f.mayBeWhole(v.text, ascii) {
			m.propose(f.whole[string(m.folded(v))], a)
		}
		m.scan(f, v, ascii, a)
	}
}

// mayBeWhole says whether a text may be one that rules ask for as a whole, before it is
// folded and looked up.
func (f *fieldIndex) mayBeWhole(text []byte, ascii bool) bool {
	if !ascii {
		return len(text) <= 3*f.longest // folding makes texts shorter, to a third at most
	}
	if len(text) > f.longest {
		return false
	}
	h := wholeHash(text)
	return f.wholeBits[h>>6]>>(h&63)&1 != 0
}

// wholeHash is made of the length of a text and of its ends without case.
func wholeHash(text []byte) uint8 {
	n := len(text)
	if n == 0 {
		return 0
	}
	return uint8(n)*31 ^ foldByte[text[0]]*7 ^ foldByte[text[n/2]]*53 ^ foldByte[text[n-1]]*11
}

// scan looks for the pieces of a field. ASCII is folded on the way.
func (m *Matcher) scan(f *fieldIndex, v *value, ascii bool, a *admission) {
	text := v.text
	if !ascii {
		m.propose(f.foreign, a)
		if f.long == nil && f.short == nil {
			return
		}
		text = m.folded(v)
	}
	if f.long != nil {
		m.scanLong(f.long, text, a)
	}
	if f.short != nil {
		m.scanShort(f.short, text, a)
	}
}

func (m *Matcher) propose(rules []int32, a *admission) {
	for _, r := range rules {
		m.candidate(r, a)
	}
}

func (m *Matcher) candidate(r int32, a *admission) {
	if m.seen[r] != m.gen {
		m.seen[r] = m.gen
		if a.has(r) {
			m.candidates = append(m.candidates, r)
		}
	}
}

// evaluate decides the candidates.
func (m *Matcher) evaluate() {
	for _, r := range m.candidates {
		c := &m.engine.rules[r]
		if m.holds(c.expr) {
			m.matches = append(m.matches, Match{c.rule, c.silent, r})
		}
	}
	for i := 1; i < len(m.matches); i++ { // few: sorted by insertion
		for j := i; j > 0 && m.matches[j].number < m.matches[j-1].number; j-- {
			m.matches[j], m.matches[j-1] = m.matches[j-1], m.matches[j]
		}
	}
}

func (m *Matcher) holds(e *expr) bool {
	switch e.op {
	case opAnd:
		for _, k := range e.kids {
			if !m.holds(k) {
				return false
			}
		}
		return true
	case opOr:
		for _, k := range e.kids {
			if m.holds(k) {
				return true
			}
		}
		return false
	case opNot:
		return !m.holds(e.kids[0])
	}
	if t := e.test; t.need != nil {
		if has := m.mayHave(t.need); !has || t.needOnly {
			return has
		}
	}
	ok, _ := m.passes(e.test)
	return ok
}

// passes says whether a test holds, and for which value.
func (m *Matcher) passes(t *test) (bool, *value) {
	if t.slot == anySlot {
		m.allValues()
	}
	s := &m.slots[t.slot]
	there := s.gen == m.gen
	switch t.is {
	case testExists:
		return there == t.want, m.first(t.slot)
	case testNull:
		return !there || s.first < 0, nil
	case testField:
		return m.sameAs(t)
	}
	if !there {
		return false, nil
	}
	for i := s.first; i >= 0; i = m.values[i].next {
		if v := &m.values[i]; t.holds(m, v) {
			return true, v
		}
	}
	return false, nil
}

// sameAs compares two fields: one value of each is enough.
func (m *Matcher) sameAs(t *test) (bool, *value) {
	a := m.first(t.slot)
	for ; a != nil; a = m.following(a) {
		for b := m.first(t.otherSlot); b != nil; b = m.following(b) {
			if t.related(m, a, b) {
				return true, a
			}
		}
	}
	return false, nil
}

func (m *Matcher) following(v *value) *value {
	if v.next < 0 {
		return nil
	}
	return &m.values[v.next]
}

// Time is when the event that was given last happened. ok is false when it does not
// say so in a form that is known.
func (m *Matcher) Time() (at time.Time, ok bool) {
	m.openDates()
	for _, id := range m.engine.timeSlots {
		if v := m.first(id); v != nil {
			if at, ok = parseTime(string(v.text)); ok {
				return at, true
			}
		}
	}
	return time.Time{}, false
}

// Field returns the first value of a field of the event that was given last. Only
// fields that a correlation names, or a rule for such events, are known.
func (m *Matcher) Field(name string) (string, bool) {
	id, known := m.engine.slots[name]
	if !known {
		return "", false
	}
	v := m.first(id)
	if v == nil {
		return "", false
	}
	return string(v.text), true
}

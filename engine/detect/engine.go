package detect

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Options are how rules are compiled.
type Options struct {
	Pipelines []*Pipeline
	AnySource bool // try every rule on every event, whatever it is written for
}

// An Engine is a set of rules, ready to be matched with events. It does not change
// and may be used from several goroutines, each with a Matcher of its own.
type Engine struct {
	rules        []compiled
	correlations []*Correlation
	grouping     []grouping // of the correlations
	root         *node
	slots        map[string]int32
	fields       []fieldIndex // by slot
	sources      *sourceTable

	channelSlot, numberSlot, awsSlot, awsNameSlot int32
	timeSlots                                     []int32
}

// A compiled rule is what the matcher works with.
type compiled struct {
	rule      *Rule
	expr      *expr
	source    LogSource // after the pipelines
	silent    bool      // it serves a correlation and does not match on its own
	uncovered bool      // nothing tells beforehand that it cannot match
}

// A fieldIndex finds the rules whose cover has something of one field.
type fieldIndex struct {
	long, short *gramIndex // pieces
	whole       map[string][]int32
	longest     int       // of whole
	wholeBits   [4]uint64 // of the hashes of whole
	present     []int32
	foreign     []int32
}

// anySlot is the slot of all values of an event.
const anySlot = 0

// timeFields are where an event may say when it happened, the surest first.
var timeFields = []string{
	"TimeCreated_SystemTime", "eventTime", "EventTime", "UtcTime", "TimeCreated", "@timestamp", "timestamp",
	"time", "ts", "TimeGenerated", "_time", "requestReceivedTimestamp",
}

// Compile makes the engine. Rules that cannot be compiled, because a pipeline refuses
// them or a placeholder has no values, are left out and come back as problems.
func Compile(c *Collection, o Options) (*Engine, []error) {
	k := &compiler{engine: &Engine{root: &node{}, slots: map[string]int32{"": anySlot}}, options: o, wordIndexes: map[string]*wordIndex{}}
	k.engine.fields = make([]fieldIndex, 1)
	var problems []error
	for _, r := range c.Rules {
		if err := k.rule(r, c.Filters); err != nil {
			problems = append(problems, err)
		}
	}
	problems = append(problems, k.correlate(c.Correlations)...)
	k.ownFields()
	k.covers()
	k.admissions()
	k.engine.root.freeze()
	return k.engine, problems
}

// Rules is the number of rules that were compiled.
func (e *Engine) Rules() int { return len(e.rules) }

// Correlations is the number of correlations that were compiled.
func (e *Engine) Correlations() int { return len(e.correlations) }

// Longest is the longest time from the first event to the last that a correlation looks
// at, through the correlations that it refers to.
func (e *Engine) Longest() time.Duration {
	spans := make([]time.Duration, len(e.correlations))
	for i, c := range e.correlations { // each comes after those it refers to
		var below time.Duration
		for j, earlier := range e.correlations[:i] {
			if slices.ContainsFunc(c.Rules, earlier.called) {
				below = max(below, spans[j])
			}
		}
		spans[i] = c.Timespan + below
	}
	return slices.Max(append(spans, 0))
}

type compiler struct {
	engine  *Engine
	options Options

	usual       map[int32]map[uint32]int // grams of each field
	words       []wordPiece              // of keywords
	wordIndexes map[string]*wordIndex    // by the rules they are for
}

// A wordPiece is a piece of keywords with the rules that have it in their cover.
type wordPiece struct {
	text  string
	rules []int32
}

func (k *compiler) rule(r *Rule, filters []*Filter) error {
	d := draft{about: &r.About, source: r.LogSource, selections: r.selections, conditions: r.conditions}
	for i, f := range filters {
		if f.concerns(r) {
			d.filtered(f, fmt.Sprintf("_filter_%d_", i))
		}
	}
	if err := d.through(k.options.Pipelines); err != nil {
		return err
	}
	e, err := d.build.rule(d.selections, d.conditions)
	if err != nil {
		return err
	}
	e = packed(simplified(e))
	k.place(e)
	k.engine.rules = append(k.engine.rules, compiled{rule: r, expr: e, source: d.source})
	return nil
}

// simplified drops joints with one part.
func simplified(e *expr) *expr {
	out := &expr{op: e.op, test: e.test, selection: e.selection}
	for _, k := range e.kids {
		out.kids = append(out.kids, simplified(k))
	}
	out.kids = slices.Clip(out.kids)
	if e.op == opAnd { // what is decided fast comes first
		slices.SortStableFunc(out.kids, func(a, b *expr) int { return a.tests() - b.tests() })
	}
	if (e.op == opAnd || e.op == opOr) && len(out.kids) == 1 && (e.selection == "" || out.kids[0].selection == "") {
		kid := *out.kids[0]
		kid.selection = cmpText(kid.selection, e.selection)
		return &kid
	}
	return out
}

// packed copies an expression so that its parts and their texts lie together in memory:
// most rules are looked at rarely, and what is scattered must then be fetched bit by bit.
func packed(e *expr) *expr {
	var exprs, tests, texts int
	e.size(&exprs, &tests, &texts)
	s := slab{make([]expr, 0, exprs), make([]*expr, 0, exprs), make([]test, 0, tests), make([]byte, 0, texts)}
	return s.copy(e)
}

func (e *expr) size(exprs, tests, texts *int) {
	*exprs++
	if e.op == opTest {
		*tests++
		*texts += len(e.test.text.lit)
	}
	for _, k := range e.kids {
		k.size(exprs, tests, texts)
	}
}

// A slab is the memory of one rule. It is as large as it must be: what is in it never
// moves.
type slab struct {
	exprs []expr
	kids  []*expr
	tests []test
	texts []byte
}

func (s *slab) copy(e *expr) *expr {
	s.exprs = append(s.exprs, *e)
	out := &s.exprs[len(s.exprs)-1]
	if e.op == opTest {
		s.tests = append(s.tests, *e.test)
		out.test = &s.tests[len(s.tests)-1]
		from := len(s.texts)
		s.texts = append(s.texts, e.test.text.lit...)
		out.test.text.lit = s.texts[from:len(s.texts):len(s.texts)]
	}
	from := len(s.kids)
	s.kids = append(s.kids, e.kids...)
	out.kids = s.kids[from:len(s.kids):len(s.kids)]
	for i, k := range e.kids {
		out.kids[i] = s.copy(k)
	}
	return out
}

// tests counts the tests of an expression.
func (e *expr) tests() int {
	if e.op == opTest {
		return 1
	}
	n := 0
	for _, k := range e.kids {
		n += k.tests()
	}
	return n
}

// place gives the fields of the tests their slots.
func (k *compiler) place(e *expr) {
	if e.op == opTest {
		e.test.slot = k.slot(e.test.field)
		if e.test.is == testField {
			e.test.otherSlot = k.slot(e.test.other)
		}
		if e.test.slot == anySlot && e.test.is == testText {
			for _, l := range textLiterals(e.test) {
				if len(l.text) > len(e.test.need) && strings.IndexByte(l.text, leafEnd) < 0 {
					e.test.need = []byte(l.text)
				}
			}
			text := &e.test.text
			e.test.needOnly = !e.test.cased && text.shape == shapeContains && len(e.test.need) > 0 && string(text.lit) == string(e.test.need)
		}
	}
	for _, kid := range e.kids {
		k.place(kid)
	}
}

func (k *compiler) slot(field string) int32 {
	e := k.engine
	id, known := e.slots[field]
	if !known {
		id = int32(len(e.fields))
		e.slots[field] = id
		e.fields = append(e.fields, fieldIndex{})
		e.root.place(field, id)
	}
	return id
}

// ownFields are those by which an event is recognised and dated.
func (k *compiler) ownFields() {
	e := k.engine
	e.channelSlot, e.numberSlot = k.slot("Channel"), k.slot("EventID")
	e.awsSlot, e.awsNameSlot = k.slot("eventSource"), k.slot("eventName")
	for _, f := range timeFields {
		e.timeSlots = append(e.timeSlots, k.slot(f))
	}
}

// covers chooses a cover for each rule and enters it into the indexes.
func (k *compiler) covers() {
	e := k.engine
	chooser := &coverer{uses: map[literal]int{}}
	for i := range e.rules {
		chooser.count(e.rules[i].expr)
	}
	index := map[literal][]int32{}
	for i := range e.rules {
		got, ok := chooser.of(e.rules[i].expr)
		if ok && !slices.ContainsFunc(got.literals, func(l literal) bool { return l == literal{anySlot, literalPresence, ""} }) {
			for _, l := range got.literals {
				if list := index[l]; len(list) == 0 || list[len(list)-1] != int32(i) {
					index[l] = append(index[l], int32(i))
				}
			}
			continue
		}
		e.rules[i].uncovered = true
	}
	k.usual = chooser.grams()
	k.index(index)
}

// A pieceList is what a gramIndex is made of.
type pieceList struct {
	texts []string
	rules [][]int32
}

func (p *pieceList) add(text string, rules []int32) {
	p.texts, p.rules = append(p.texts, text), append(p.rules, rules)
}

func (p *pieceList) index(usual map[uint32]int) *gramIndex {
	if len(p.texts) == 0 {
		return nil
	}
	return newGramIndex(p.texts, p.rules, usual)
}

// index turns covers into the tables of each field.
func (k *compiler) index(covers map[literal][]int32) {
	long, short := make([]pieceList, len(k.engine.fields)), make([]pieceList, len(k.engine.fields))
	for _, l := range slices.SortedFunc(maps.Keys(covers), literal.compare) {
		rules := slices.Clip(covers[l])
		f := &k.engine.fields[l.slot]
		if l.slot == anySlot {
			k.words = append(k.words, wordPiece{l.text, rules})
			continue
		}
		switch l.is {
		case literalPresence:
			f.present = rules
		case literalForeign:
			f.foreign = rules
		case literalWhole:
			if f.whole == nil {
				f.whole = map[string][]int32{}
			}
			f.whole[l.text] = rules
			h := wholeHash([]byte(l.text))
			f.wholeBits[h>>6] |= 1 << (h & 63)
			f.longest = max(f.longest, len(l.text))
		default:
			lists := long
			if len(l.text) < leastLong {
				lists = short
			}
			lists[l.slot].add(l.text, rules)
		}
	}
	for slot := range k.engine.fields {
		f := &k.engine.fields[slot]
		f.long, f.short = long[slot].index(k.usual[int32(slot)]), short[slot].index(k.usual[int32(slot)])
	}
}

// admissions notes for each class of events which rules are for it.
func (k *compiler) admissions() {
	e := k.engine
	table, classes := newSourceTable()
	e.sources = table
	j := &judge{knownServices(), knownCategories()}
	for i := range classes {
		a := admission{rules: make([]uint64, (len(e.rules)+63)/64)}
		for r := range e.rules {
			rule := &e.rules[r]
			if !k.options.AnySource && !j.admits(&classes[i], rule.source) {
				continue
			}
			a.rules[r>>6] |= 1 << (r & 63)
			if rule.uncovered {
				a.always = append(a.always, int32(r))
			}
		}
		a.words = k.wordIndex(&a)
		table.admits = append(table.admits, a)
	}
	k.needs(table)
}

// wordIndex makes the index of the keywords that one class of events is searched for.
// Most classes have few of them and share an index with others.
func (k *compiler) wordIndex(a *admission) *wordIndex {
	var long, short pieceList
	var key []byte
	for _, w := range k.words {
		var rules []int32
		for _, r := range w.rules {
			if a.has(r) {
				rules = append(rules, r)
			}
		}
		if rules == nil {
			continue
		}
		key = append(append(key, w.text...), 0)
		for _, r := range rules {
			key = binary.AppendVarint(key, int64(r))
		}
		if len(w.text) < leastLong {
			short.add(w.text, rules)
		} else {
			long.add(w.text, rules)
		}
	}
	if key == nil {
		return nil
	}
	if k.wordIndexes[string(key)] == nil {
		k.wordIndexes[string(key)] = newWordIndex(long.index(k.usual[anySlot]), short.index(k.usual[anySlot]))
	}
	return k.wordIndexes[string(key)]
}

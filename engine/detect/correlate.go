package detect

import (
	"container/heap"
	"hash/maphash"
	"math"
	"time"
)

// Limits bound what a Correlator keeps. The zero value stands for the defaults.
type Limits struct {
	Groups   int           // groups of all correlations together; default 1,000,000
	Entries  int           // matches kept in all groups together; default 4,000,000
	Lateness time.Duration // by which an event may come after a later one; default ten minutes
}

// Found says that a correlation matches.
type Found struct {
	Correlation *Correlation
	Group       []GroupValue
	First, Last time.Time
	Count       int     // of events, of different values, or of rules seen, as the type has it
	Events      []int64 // numbers of the events, at most maxEvents
	Silent      bool    // it serves another correlation and is no alarm on its own
}

// A GroupValue is one value that the events of a group have in common.
type GroupValue struct {
	Field string `json:"field"`
	Value string `json:"value"`
}

// maxEvents bounds the events that are named with a match.
const maxEvents = 100

// Stats says what a Correlator holds and what it had to let go.
type Stats struct {
	Groups, Entries int
	TooLate         int // events that came later than Lateness allows
	Evicted         int // groups given up for want of space, the least used first
	Dropped         int // matches given up because one group had too many
}

// A Correlator follows the matches of a stream of events. It is used by one goroutine
// together with one Matcher. Windows that were told never overlap: a flood of events
// makes one match for each timespan and group.
type Correlator struct {
	engine *Engine
	limits Limits
	seed   [2]maphash.Seed
	states []*state
	byRule map[int32][]use
	latest int64 // time of the latest event
	stats  Stats
	buffer []byte
	found  []Found
}

// A use is one place of a rule in a correlation.
type use struct {
	state    *state
	position int
}

// A state is what is kept of one correlation.
type state struct {
	c       *Correlation
	silent  bool
	uses    []use // as part of other correlations
	fields  [][]int32
	counted [][]int32
	groups  map[groupKey]int32
	slab    []group
	free    []int32
	newest  int32 // ends of the list of groups by use; -1: empty
	oldest  int32
	open    deadlines
}

type groupKey [2]uint64

// NewCorrelator returns a correlator for one stream.
func (e *Engine) NewCorrelator(l Limits) *Correlator {
	if l.Groups <= 0 {
		l.Groups = 1_000_000
	}
	if l.Entries <= 0 {
		l.Entries = 4_000_000
	}
	if l.Lateness <= 0 {
		l.Lateness = 10 * time.Minute
	}
	c := &Correlator{engine: e, limits: l, seed: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, byRule: map[int32][]use{}, latest: math.MinInt64}
	for i, corr := range e.correlations {
		s := &state{c: corr, groups: map[groupKey]int32{}, newest: -1, oldest: -1, fields: e.grouping[i].fields, counted: e.grouping[i].counted}
		for position, ref := range corr.Rules {
			for r := range e.rules {
				if e.rules[r].rule.called(ref) {
					c.byRule[int32(r)] = append(c.byRule[int32(r)], use{s, position})
				}
			}
			for _, earlier := range c.states {
				if earlier.c.called(ref) {
					earlier.uses = append(earlier.uses, use{s, position})
					earlier.silent = earlier.silent || !corr.Generate
				}
			}
		}
		c.states = append(c.states, s)
	}
	return c
}

// Stats says what is held.
func (c *Correlator) Stats() Stats {
	s := c.stats
	for _, st := range c.states {
		s.Groups += len(st.groups)
	}
	return s
}

// Add takes the matches of the event that m was given last, and returns what they
// complete, valid until the next call. number is the caller's name for the event.
// An event without a time happens when the latest one did. arrived, if it is not zero,
// guards against clocks that run ahead: no event happens much later than it arrives.
func (c *Correlator) Add(m *Matcher, matches []Match, number int64, arrived time.Time) []Found {
	c.found = c.found[:0]
	if len(c.states) == 0 {
		return nil
	}
	at := c.timeOf(m, arrived)
	c.latest = max(c.latest, at)
	c.close(c.latest - int64(c.limits.Lateness))
	for _, match := range matches {
		for _, u := range c.byRule[match.number] {
			c.offer(u, at, number, c.fromEvent(m, u))
		}
	}
	return c.found
}

// Close judges the windows that are still open, at the end of a stream.
func (c *Correlator) Close() []Found {
	c.found = c.found[:0]
	c.close(math.MaxInt64)
	return c.found
}

func (c *Correlator) timeOf(m *Matcher, arrived time.Time) int64 {
	at, ok := m.Time()
	switch {
	case !ok && c.latest == math.MinInt64:
		return arrivedOr0(arrived)
	case !ok:
		return c.latest
	case !arrived.IsZero() && at.After(arrived.Add(c.limits.Lateness)):
		return arrived.UnixNano()
	}
	return at.UnixNano()
}

func arrivedOr0(arrived time.Time) int64 {
	if arrived.IsZero() {
		return 0
	}
	return arrived.UnixNano()
}

// lookup finds the group-by values of what is offered, and the values to count.
type lookup func(slots [][]int32, names []string) ([]string, bool)

func (c *Correlator) fromEvent(m *Matcher, u use) lookup {
	return func(slots [][]int32, names []string) ([]string, bool) {
		values := make([]string, 0, len(names))
		for _, id := range slots[u.position] {
			v := m.first(id)
			if v == nil {
				return nil, false
			}
			values = append(values, string(v.text))
		}
		return values, true
	}
}

// fromFound gives what a correlation offers to another: the values of its group.
func fromFound(f *Found, names map[string]string) lookup {
	return func(_ [][]int32, wanted []string) ([]string, bool) {
		values := make([]string, 0, len(wanted))
		for _, name := range wanted {
			value, ok := "", false
			for _, g := range f.Group {
				if g.Field == cmpText(names[name], name) {
					value, ok = g.Value, true
				}
			}
			if !ok {
				return nil, false
			}
			values = append(values, value)
		}
		return values, true
	}
}

// offer enters a match into the correlation at its group.
func (c *Correlator) offer(u use, at, number int64, find lookup) {
	s := u.state
	if at < c.latest-int64(c.limits.Lateness) {
		c.stats.TooLate++
		return
	}
	values, ok := find(s.fields, s.c.GroupBy)
	if !ok {
		return
	}
	e := entry{at: at, value: uint64(u.position), number: number}
	if s.c.Type == ValueCount {
		counted, ok := find(s.counted, s.c.fields)
		if !ok {
			return
		}
		e.value = c.hash(counted)[0]
	}
	g := c.group(s, values)
	horizon := c.latest - int64(c.limits.Lateness) - int64(s.c.Timespan)
	c.stats.Entries -= s.slab[g].forget(horizon)
	if s.c.closing() {
		c.keepOpen(s, g, e)
	} else {
		c.enter(s, g, e, values)
	}
	c.tidy(s, horizon)
}

// enter adds an entry and tells the window that it completes.
func (c *Correlator) enter(s *state, id int32, e entry, values []string) {
	g := &s.slab[id]
	if g.absorbed(e.at) {
		return
	}
	i := g.insert(e)
	c.stats.Entries++
	length := int64(s.c.Timespan)
	var numbers []int
	count := 0
	switch s.c.Type {
	case EventCount:
		if from, to, ok := g.crowded(i, max(s.c.bounds.min, 1), length); ok {
			numbers, count = places(from, to), to-from
		}
	case TemporalOrdered:
		if len(g.entries) > maxOrdered {
			g.entries = append(g.entries[:0], g.entries[1:]...)
			c.stats.Entries--
			c.stats.Dropped++
		}
		numbers = g.ordered(len(s.c.Rules), length)
		count = len(numbers)
	default:
		c.stats.Entries -= g.thin(i, length)
		if from, to, ok := g.varied(e.at, length, func(seen map[uint64]int) bool { count = len(seen); return s.c.enough(seen) }); ok {
			numbers = places(from, to)
		}
	}
	if numbers != nil {
		c.tell(s, id, numbers, count, values)
	}
}

func places(from, to int) []int {
	list := make([]int, 0, to-from)
	for i := from; i < to; i++ {
		list = append(list, i)
	}
	return list
}

// enough judges the different values, or rules, of a window.
func (c *Correlation) enough(seen map[uint64]int) bool {
	if c.names == nil {
		return c.bounds.has(len(seen))
	}
	return c.named(*c.names, seen)
}

func (c *Correlation) named(cond condition, seen map[uint64]int) bool {
	switch cond.op {
	case opTest:
		for i, name := range c.Rules {
			if name == cond.name && seen[uint64(i)] > 0 {
				return true
			}
		}
		return false
	case opAnd:
		for _, k := range cond.kids {
			if !c.named(k, seen) {
				return false
			}
		}
		return true
	}
	for _, k := range cond.kids {
		if c.named(k, seen) {
			return true
		}
	}
	return false
}

// tell makes a match of the entries and offers it to the correlations above.
func (c *Correlator) tell(s *state, id int32, numbers []int, count int, values []string) {
	g := &s.slab[id]
	first, last := g.entries[numbers[0]].at, g.entries[numbers[len(numbers)-1]].at
	f := Found{Correlation: s.c, First: time.Unix(0, first).UTC(), Last: time.Unix(0, last).UTC(), Count: count, Silent: s.silent}
	for i, name := range s.c.GroupBy {
		f.Group = append(f.Group, GroupValue{name, values[i]})
	}
	for _, n := range numbers[:min(len(numbers), maxEvents)] {
		f.Events = append(f.Events, g.entries[n].number)
	}
	c.stats.Entries -= g.tell(first, int64(s.c.Timespan))
	c.found = append(c.found, f)
	for _, u := range s.uses {
		aliases := map[string]string{}
		for alias, fields := range u.state.c.aliases {
			for ref, field := range fields {
				if s.c.called(ref) {
					aliases[alias] = field
				}
			}
		}
		c.offer(u, last, f.Events[len(f.Events)-1], fromFound(&f, aliases))
	}
}

// keepOpen adds an entry to a window that is judged when it has ended.
func (c *Correlator) keepOpen(s *state, id int32, e entry) {
	g := &s.slab[id]
	g.insert(e)
	c.stats.Entries++
	if g.deadline == 0 {
		g.deadline = g.entries[0].at + int64(s.c.Timespan)
		heap.Push(&s.open, deadline{g.deadline, id})
	}
}

// close judges the windows that ended before a time.
func (c *Correlator) close(before int64) {
	for _, s := range c.states {
		for len(s.open) > 0 && s.open[0].at <= before {
			d := heap.Pop(&s.open).(deadline)
			g := &s.slab[d.group]
			if g.deadline != d.at || len(g.entries) == 0 {
				continue
			}
			c.judge(s, d.group)
		}
	}
}

// judge decides the first window of a group and opens the next.
func (c *Correlator) judge(s *state, id int32) {
	g := &s.slab[id]
	to, seen := 0, map[uint64]int{}
	for to < len(g.entries) && g.entries[to].at < g.entries[0].at+int64(s.c.Timespan) {
		seen[g.entries[to].value]++
		to++
	}
	count := to
	if s.c.Type == ValueCount {
		count = len(seen)
	}
	if s.c.bounds.has(count) {
		c.tell(s, id, places(0, to), count, g.values)
	} else {
		g.entries = append(g.entries[:0], g.entries[to:]...)
		c.stats.Entries -= to
	}
	g = &s.slab[id]
	if g.deadline = 0; len(g.entries) > 0 {
		g.deadline = g.entries[0].at + int64(s.c.Timespan)
		heap.Push(&s.open, deadline{g.deadline, id})
	}
}

// A deadline is when the window of a group ends.
type deadline struct {
	at    int64
	group int32
}

type deadlines []deadline

func (d deadlines) Len() int           { return len(d) }
func (d deadlines) Less(i, j int) bool { return d[i].at < d[j].at }
func (d deadlines) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *deadlines) Push(x any)        { *d = append(*d, x.(deadline)) }
func (d *deadlines) Pop() any {
	last := (*d)[len(*d)-1]
	*d = (*d)[:len(*d)-1]
	return last
}

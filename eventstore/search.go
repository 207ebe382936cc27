package eventstore

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/valyala/fastjson"

	"holdfast/engine/event"
	"holdfast/kind"
)

// A Marker is the place of a hit in the order of a result: by time, and by position
// among those of one instant.
type Marker struct {
	Time     time.Time
	Position Position
}

// A Hit is an event that was found, with all that its line says.
type Hit struct {
	Position Position
	Event    event.Event
}

// Marker is the place of the hit.
func (h Hit) Marker() Marker { return Marker{h.Event.Time.Truncate(time.Microsecond), h.Position} }

// A Result is what a search found.
type Result struct {
	Hits    []Hit     // the newest first
	More    bool      // there are older ones
	Total   int       // of all that match
	AtLeast bool      // so many lines had to be read that older ones were not looked at
	Looked  time.Time // how far back was looked, where AtLeast is set
	Buckets []Bucket
	Facets  map[string][]Count
}

// A Bucket counts what happened in a span of time.
type Bucket struct {
	From  time.Time
	Width time.Duration
	Count int
}

// A Count is how often a value was met.
type Count struct {
	Value string
	Count int
}

// mostRead is how many lines one search reads that no column or filter spares it. A
// text over all that a large store holds is looked for in the newest of it.
const mostRead = 20_000_000

// facetValues is how many values of a column are told, the most frequent first.
const facetValues = 10

// Search finds events, sealed or not, the newest first.
func (s *Store) Search(ctx context.Context, q Query) (Result, error) {
	if err := q.check(); err != nil {
		return Result{}, err
	}
	parts, release, err := s.snapshot()
	if err != nil {
		return Result{}, err
	}
	defer release()
	r := newRun(s, q)
	parts = r.within(parts)
	if err := r.all(ctx, parts); err != nil {
		return Result{}, err
	}
	return r.result()
}

// snapshot is everything there is, in parts, none of which changes until release.
func (s *Store) snapshot() (parts []rows, release func(), err error) {
	s.headMu.Lock()
	defer s.headMu.Unlock()
	if err := s.catchUp(); err != nil {
		return nil, nil, err
	}
	s.segMu.RLock()
	for _, b := range s.head.blocks {
		if b.len() > 0 {
			parts = append(parts, b.view())
		}
	}
	for _, g := range s.segments {
		groups, err := g.open()
		if err != nil {
			s.segMu.RUnlock()
			return nil, nil, kind.Errorf(kind.Unavailable, "%w", err)
		}
		for _, group := range groups {
			parts = append(parts, group)
		}
	}
	return parts, s.segMu.RUnlock, nil
}

// A candidate is a row that may be among the hits.
type candidate struct {
	time     int64
	position int64
	part     rows
	row      int
}

// newer orders candidates, the newest first.
func newer(a, b candidate) int {
	return cmp.Or(cmp.Compare(b.time, a.time), cmp.Compare(b.position, a.position))
}

// A run is a search under way.
type run struct {
	store    *Store
	q        Query
	limit    int
	from, to int64 // microseconds
	start    int64 // of the first bucket
	width    int64 // of a bucket; 0: none

	mu      sync.Mutex // guards what follows
	top     []candidate
	total   int
	read    int
	short   bool
	looked  int64
	buckets []int
	facets  []map[string]int
}

func newRun(s *Store, q Query) *run {
	r := &run{store: s, q: q, limit: min(q.Limit, maxLimit), from: -1 << 62, to: 1 << 62}
	if r.limit <= 0 {
		r.limit = 50
	}
	if !q.From.IsZero() {
		r.from = q.From.UnixMicro()
	}
	if !q.To.IsZero() {
		r.to = q.To.UnixMicro()
	}
	for range q.Facets {
		r.facets = append(r.facets, map[string]int{})
	}
	return r
}

// within leaves out the parts whose time is out of bounds, orders the rest, the newest
// first, and lays out the histogram.
func (r *run) within(parts []rows) []rows {
	low, high := int64(1<<62), int64(-1<<62)
	parts = slices.DeleteFunc(parts, func(p rows) bool {
		from, to := p.span()
		if to < r.from || from >= r.to {
			return true
		}
		low, high = min(low, max(from, r.from)), max(high, min(to, r.to-1))
		return false
	})
	slices.SortFunc(parts, func(a, b rows) int {
		_, x := a.span()
		_, y := b.span()
		return cmp.Compare(y, x)
	})
	if r.q.Buckets > 0 && len(parts) > 0 {
		r.layOut(low, high)
	}
	return parts
}

// spans are the widths that a bucket may have: those that a clock has.
var spans = []time.Duration{time.Millisecond, 10 * time.Millisecond, 100 * time.Millisecond, time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour, 7 * 24 * time.Hour, 28 * 24 * time.Hour}

// layOut chooses the width of the buckets, so that there are not more than were asked
// for.
func (r *run) layOut(low, high int64) {
	if !r.q.From.IsZero() {
		low = r.from
	}
	if !r.q.To.IsZero() {
		high = r.to - 1
	}
	most := int64(min(r.q.Buckets, 500))
	for _, span := range spans {
		if r.width = span.Microseconds(); (high-low)/r.width < most {
			break
		}
	}
	for (high-low)/r.width >= most {
		r.width *= 2
	}
	r.start = low - mod(low, r.width)
	r.buckets = make([]int, (high-r.start)/r.width+1)
}

func mod(a, b int64) int64 { return (a%b + b) % b }

// all looks through the parts, several at a time.
func (r *run) all(ctx context.Context, parts []rows) error {
	next := make(chan rows)
	var wg sync.WaitGroup
	errs := make([]error, min(runtime.GOMAXPROCS(0), max(1, len(parts))))
	for w := range errs {
		wg.Go(func() {
			conditions := prepare(r.q.Terms) // each has buffers of its own
			for p := range next {
				if errs[w] == nil {
					errs[w] = r.part(p, conditions)
				}
			}
		})
	}
	err := feed(ctx, parts, next)
	close(next)
	wg.Wait()
	for _, e := range errs {
		err = cmp.Or(err, e)
	}
	return err
}

func feed(ctx context.Context, parts []rows, next chan<- rows) error {
	for _, p := range parts {
		select {
		case next <- p:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return ctx.Err()
}

// part looks through one part.
func (r *run) part(p rows, conditions []condition) error {
	want, times, err := r.inTime(p)
	if err != nil || want.next(0) < 0 {
		return err
	}
	if err := r.behind(p, want); err != nil {
		return err
	}
	for i := range conditions {
		if err := r.narrow(p, want, &conditions[i]); err != nil {
			return err
		}
		if want.next(0) < 0 {
			return nil
		}
	}
	if times == nil {
		if times, err = p.times(); err != nil {
			return err
		}
	}
	positions, err := p.positions()
	if err != nil {
		return err
	}
	facets, err := r.facetsOf(p, want)
	if err != nil {
		return err
	}
	r.take(p, want, times, positions, facets)
	return nil
}

// inTime are the rows of the time that is asked for.
func (r *run) inTime(p rows) (bitmap, []int64, error) {
	from, to := p.span()
	if from >= r.from && to < r.to {
		return allOf(p.len()), nil, nil
	}
	times, err := p.times()
	if err != nil {
		return nil, nil, err
	}
	want := newBitmap(p.len())
	for row, at := range times {
		if at >= r.from && at < r.to {
			want.set(row)
		}
	}
	return want, times, nil
}

// behind leaves the rows behind a position.
func (r *run) behind(p rows, want bitmap) error {
	if r.q.Behind == 0 {
		return nil
	}
	if g, sealed := p.(rowGroup); sealed {
		if _, last := g.bounds(theLayout.position); last <= int64(r.q.Behind) { //nolint:gosec // positions count lines
			clear(want)
			return nil
		}
	}
	positions, err := p.positions()
	if err != nil {
		return err
	}
	found := newBitmap(p.len())
	for row, at := range positions {
		if at > int64(r.q.Behind) { //nolint:gosec // positions count lines
			found.set(row)
		}
	}
	want.keep(found, false)
	return nil
}

// narrow leaves the rows for which a condition holds.
func (r *run) narrow(p rows, want bitmap, c *condition) error {
	if c.columns != nil {
		found, err := c.rows(p)
		if err == nil {
			want.keep(found, c.not)
		}
		return err
	}
	if !r.mayRead(p, want) {
		clear(want)
		return nil
	}
	if c.find != nil {
		found := newBitmap(p.len())
		err := p.lines(want, func(first int, data []byte, offsets []uint32) {
			c.find.findIn(data, offsets, func(line int) { found.set(first + line) })
		})
		if err != nil {
			return err
		}
		want.keep(found, c.not && !c.reads())
	}
	if c.reads() {
		return r.parse(p, want, c)
	}
	return nil
}

// mayRead counts lines that are read, and tells whether it may be done.
func (r *run) mayRead(p rows, want bitmap) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.read > mostRead {
		_, to := p.span()
		r.short, r.looked = true, max(r.looked, to)
		return false
	}
	r.read += want.count()
	return true
}

// parse leaves the rows whose events have the value.
func (r *run) parse(p rows, want bitmap, c *condition) error {
	var e event.Event
	var json fastjson.Parser
	cols := [2]values{}
	for i := range cols {
		var err error
		if cols[i], err = p.values(i, nil); err != nil {
			return err
		}
	}
	found := newBitmap(p.len())
	err := p.lines(want, func(first int, data []byte, offsets []uint32) {
		for i := range len(offsets) - 1 {
			row := first + i
			if !want.has(row) {
				continue
			}
			line := event.Line{Source: cols[columnSource].at(row), Peer: cols[columnPeer].at(row), Raw: data[offsets[i]:offsets[i+1]]}
			r.store.parse(line, &e)
			if c.inEvent(&e, &json) {
				found.set(row)
			}
		}
	})
	want.keep(found, c.not)
	return err
}

// parse reads a line; one goroutine at a time does.
func (s *Store) parse(l event.Line, e *event.Event) {
	s.parsing.Lock()
	defer s.parsing.Unlock()
	s.cfg.Parse(l, e)
}

// facetsOf counts the values of the rows.
func (r *run) facetsOf(p rows, want bitmap) ([]map[string]int, error) {
	all := make([]map[string]int, len(r.q.Facets))
	for f, name := range r.q.Facets {
		v, err := p.values(columnNamed(name)[0], nil)
		if err != nil {
			return nil, err
		}
		counts := make([]int, len(v.dict))
		want.each(func(row int) { counts[v.index[row]]++ })
		all[f] = map[string]int{}
		for i, n := range counts {
			if n > 0 && v.dict[i] != "" {
				all[f][v.dict[i]] += n
			}
		}
	}
	return all, nil
}

// take adds the rows that match to the result.
func (r *run) take(p rows, want bitmap, times, positions []int64, facets []map[string]int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.total += want.count()
	for f, counts := range facets {
		for value, n := range counts {
			r.facets[f][value] += n
		}
	}
	want.each(func(row int) {
		at := times[row]
		if r.width > 0 {
			r.buckets[(at-r.start)/r.width]++
		}
		if len(r.top) > r.limit && at < r.top[r.limit].time || r.q.After != nil && at > r.q.After.Time.UnixMicro() {
			return
		}
		r.offer(candidate{at, positions[row], p, row})
	})
}

// offer takes a row among the newest, if it is one of them.
func (r *run) offer(c candidate) {
	if a := r.q.After; a != nil {
		if newer(c, candidate{time: a.Time.UnixMicro(), position: int64(a.Position)}) <= 0 { //nolint:gosec // positions count lines
			return
		}
	}
	i, _ := slices.BinarySearchFunc(r.top, c, newer)
	if i > r.limit {
		return
	}
	r.top = slices.Insert(r.top, i, c)
	r.top = r.top[:min(len(r.top), r.limit+1)] // one more, to know whether there are more
}

// result reads the hits.
func (r *run) result() (Result, error) {
	out := Result{Total: r.total, AtLeast: r.short, More: len(r.top) > r.limit, Facets: map[string][]Count{}}
	if r.short {
		out.Looked = time.UnixMicro(r.looked).UTC()
	}
	var err error
	if out.Hits, err = r.hits(r.top[:min(len(r.top), r.limit)]); err != nil {
		return out, err
	}
	for i, n := range r.buckets {
		out.Buckets = append(out.Buckets, Bucket{time.UnixMicro(r.start + int64(i)*r.width).UTC(), time.Duration(r.width) * time.Microsecond, n})
	}
	for f, name := range r.q.Facets {
		out.Facets[name] = most(r.facets[f])
	}
	return out, nil
}

// hits reads the lines of the newest rows, each part once.
func (r *run) hits(top []candidate) ([]Hit, error) {
	wanted := map[rows]bitmap{}
	for _, c := range top {
		if wanted[c.part] == nil {
			wanted[c.part] = newBitmap(c.part.len())
		}
		wanted[c.part].set(c.row)
	}
	lines := map[rows]map[int]Stored{}
	for part, want := range wanted {
		var err error
		if lines[part], err = part.stored(want); err != nil {
			return nil, err
		}
	}
	list := make([]Hit, len(top))
	for i, c := range top {
		l := lines[c.part][c.row]
		list[i].Position = l.Position
		r.store.parse(l.Line, &list[i].Event)
		list[i].Event.Time = time.UnixMicro(c.time).UTC()
	}
	return list, nil
}

// most lists the values that were met most often.
func most(counts map[string]int) []Count {
	list := make([]Count, 0, len(counts))
	for value, n := range counts {
		list = append(list, Count{value, n})
	}
	slices.SortFunc(list, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return list[:min(len(list), facetValues)]
}

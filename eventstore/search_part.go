package eventstore

import (
	"cmp"
	"slices"
	"time"

	"github.com/valyala/fastjson"

	"holdfast/engine/event"
)

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
	positions, err := p.positions()
	if err != nil {
		return err
	}
	found := newBitmap(p.len())
	err = p.lines(want, func(first int, data []byte, offsets []uint32) {
		for i := range len(offsets) - 1 {
			row := first + i
			if !want.has(row) {
				continue
			}
			line := event.Line{Source: cols[columnSource].at(row), Peer: cols[columnPeer].at(row), Raw: data[offsets[i]:offsets[i+1]]}
			r.store.parse(Stored{Position(positions[row]), line}, &e) //nolint:gosec // positions count lines
			if c.inEvent(&e, &json) {
				found.set(row)
			}
		}
	})
	want.keep(found, c.not)
	return err
}

// parse reads a line; one goroutine at a time does.
func (s *Store) parse(l Stored, e *event.Event) {
	l = s.headed(l)
	s.parsing.Lock()
	defer s.parsing.Unlock()
	s.cfg.Parse(l.Line, e)
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
		out.Buckets = append(out.Buckets, Layout{Start: r.start, Width: r.width}.Bucket(i, n))
	}
	for f, name := range r.q.Facets {
		out.Facets[name] = TopCounts(r.facets[f])
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
		r.store.parse(l, &list[i].Event)
		list[i].Event.Time = time.UnixMicro(c.time).UTC()
	}
	return list, nil
}

// TopCounts lists the values that were met most often, as many as a facet has.
func TopCounts(counts map[string]int) []Count {
	list := make([]Count, 0, len(counts))
	for value, n := range counts {
		list = append(list, Count{value, n})
	}
	slices.SortFunc(list, func(a, b Count) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Value, b.Value))
	})
	return list[:min(len(list), FacetValues)]
}

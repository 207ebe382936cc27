package eventstore

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"sync"
	"time"

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

	// Of a reader that looks further than one store.
	Note    string // where it was looked, or why it could not be; empty: here
	Partial bool   // a store outside did not answer: older events may be missing
}

// A Reader finds events: a store, or whatever looks further than one.
type Reader interface {
	Search(ctx context.Context, q Query) (Result, error)
	At(ctx context.Context, p Position) (Hit, error)
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

// FacetValues is how many values of a column are told, the most frequent first.
const FacetValues = 10

// Search finds events, sealed or not, the newest first.
func (s *Store) Search(ctx context.Context, q Query) (Result, error) {
	if err := q.Check(); err != nil {
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
	r := &run{store: s, q: q, limit: q.Most(), from: -1 << 62, to: 1 << 62}
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
		l := r.q.Layout(Span{time.UnixMicro(low), time.UnixMicro(high)})
		r.start, r.width, r.buckets = l.Start, l.Width, make([]int, l.Count)
	}
	return parts
}

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

// Package outside keeps a copy of the events in a system of the organisation that takes
// what one machine cannot hold, and searches there: OpenSearch (also what speaks as
// Elasticsearch does) or VictoriaLogs, over HTTP.
//
// A Mirror follows the event store behind a durable cursor and writes each event with its
// line, its values and marks to find it by. A Store searches what was written, with the
// queries and the results of package eventstore. A Reader joins both: what the store here
// keeps, and what lies outside beyond it.
//
// Read it in this order:
//
//	config.go, outside.go       where it is, and what it can be asked
//	document.go, mark.go        what is written of an event
//	probe.go                    what a term of a query asks of a document
//	opensearch*.go, victoria*.go
//	                            the two systems: writing, the query, the answer
//	mirror.go, reader.go        at work
package outside

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/forward"
	"holdfast/kind"
)

// A Store is the copy of one event store. Many may search at once.
type Store struct {
	cfg Config
	out backend

	parsing sync.Mutex // held during a call of Parse
}

// Config says where the copy is, of which store it is, and how lines are read.
type Config struct {
	Settings Settings // that ReadSettings returned
	Identity string   // of the event store

	// Parse reads a line, as the source that it names says. It is called by one goroutine at
	// a time.
	Parse func(event.Line, *event.Event)
}

// A backend is a system outside. What it returns is not believed yet.
type backend interface {
	forward.Sender

	// span is when the first and the last event of the question happened; the zero Span when
	// there is none.
	span(ctx context.Context, q question) (eventstore.Span, error)
	// find answers a question.
	find(ctx context.Context, q question) (answer, error)
	// count tells how many events there are of the question.
	count(ctx context.Context, q question) (int, error)
}

// A question is a query with the last position that counts: what lies behind may not have
// arrived outside yet.
type question struct {
	eventstore.Query
	upTo   eventstore.Position
	layout *eventstore.Layout // of the histogram; nil: none
}

// An answer is what a backend found: hits in the order of a result, one more than were
// asked for where there are more, and counts.
type answer struct {
	total  int
	rows   []row
	counts map[int64]int // of the buckets, by when they begin, in microseconds
	facets map[string][]eventstore.Count
}

// A row is an event as it is kept outside.
type row struct {
	store    string
	position eventstore.Position
	time     time.Time
	line     event.Line
	cut      bool
}

func (r row) marker() eventstore.Marker { return eventstore.Marker{Time: r.time, Position: r.position} }

// Open makes ready to write and search. It asks nobody yet.
func Open(cfg Config) (*Store, error) {
	if len(cfg.Identity) != 32 || cfg.Parse == nil || cfg.Settings.where == nil {
		return nil, errors.New("a store outside needs settings that were read, the identity of the event store and a way to read lines")
	}
	client, err := newClient(&cfg.Settings)
	if err != nil {
		return nil, err
	}
	s := &Store{cfg: cfg}
	if cfg.Settings.Kind == KindVictoriaLogs {
		s.out = &victoria{client: client, set: &cfg.Settings, store: cfg.Identity}
	} else {
		s.out = &openSearch{client: client, set: &cfg.Settings, store: cfg.Identity}
	}
	return s, nil
}

// Name is the system and its machine, for people.
func (s *Store) Name() string {
	if s.cfg.Settings.Kind == KindVictoriaLogs {
		return "VictoriaLogs at " + s.cfg.Settings.where.Host
	}
	return "OpenSearch at " + s.cfg.Settings.where.Host
}

// Search finds events up to a position, as eventstore.Store does, within the patience of
// the settings.
func (s *Store) Search(ctx context.Context, q eventstore.Query, upTo eventstore.Position) (eventstore.Result, error) {
	if err := q.Check(); err != nil {
		return eventstore.Result{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Settings.patience())
	defer cancel()
	ask := question{Query: q, upTo: upTo}
	if q.Buckets > 0 {
		if err := s.layOut(ctx, &ask); err != nil {
			return eventstore.Result{}, s.blame(err)
		}
	}
	found, err := s.out.find(ctx, ask)
	if err == nil {
		err = ask.doubt(found, s.cfg.Identity)
	}
	if err != nil {
		return eventstore.Result{}, s.blame(err)
	}
	return s.result(ask, found), nil
}

// layOut chooses the buckets of the histogram. Where the query does not say its bounds,
// the events do.
func (s *Store) layOut(ctx context.Context, q *question) error {
	var events eventstore.Span
	if q.From.IsZero() || q.To.IsZero() {
		var err error
		if events, err = s.out.span(ctx, *q); err != nil || events.IsZero() {
			return err
		}
	}
	l := q.Layout(events)
	q.layout = &l
	return nil
}

// Span is when the first and the last event of a time happened, up to a position.
func (s *Store) Span(ctx context.Context, from, to time.Time, upTo eventstore.Position) (eventstore.Span, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Settings.patience())
	defer cancel()
	span, err := s.out.span(ctx, question{Query: eventstore.Query{From: from, To: to}, upTo: upTo})
	return span, s.blame(err)
}

// Count tells how many events there are behind one position, up to another.
func (s *Store) Count(ctx context.Context, behind, upTo eventstore.Position) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, s.cfg.Settings.patience())
	defer cancel()
	n, err := s.out.count(ctx, question{Query: eventstore.Query{Behind: behind}, upTo: upTo})
	return n, s.blame(err)
}

// At is the event at a position.
func (s *Store) At(ctx context.Context, p eventstore.Position) (eventstore.Hit, error) {
	if p == 0 {
		return eventstore.Hit{}, kind.Errorf(kind.NotFound, "there is no event 0")
	}
	r, err := s.Search(ctx, eventstore.Query{Behind: p - 1, Limit: 1}, p)
	if err != nil {
		return eventstore.Hit{}, err
	}
	if len(r.Hits) == 0 {
		return eventstore.Hit{}, kind.Errorf(kind.NotFound, "there is no event %d, neither here nor in %s", p, s.Name())
	}
	return r.Hits[0], nil
}

// blame says of an error whose it is, unless the question was wrong.
func (s *Store) blame(err error) error {
	switch {
	case err == nil, kind.CodeOf(err) == kind.Invalid:
		return err
	case errors.Is(err, context.DeadlineExceeded):
		return kind.Errorf(kind.Unavailable, "%s did not answer within %s", s.Name(), s.cfg.Settings.patience())
	}
	return kind.Errorf(kind.Unavailable, "%s: %w", s.Name(), err)
}

// doubt refuses an answer that cannot be right, whoever made it.
func (q question) doubt(a answer, store string) error {
	most := q.Most() + 1
	if len(a.rows) > most || a.total < 0 || q.After == nil && a.total < len(a.rows) {
		return fmt.Errorf("the answer cannot be right: %d events of %d, where %d were asked for", len(a.rows), a.total, most)
	}
	last := q.After
	for _, r := range a.rows {
		m := r.marker()
		if r.store != store || r.position <= q.Behind || r.position > q.upTo || !q.inTime(r.time) || last != nil && !newer(*last, m) {
			return fmt.Errorf("the answer cannot be right: event %d was not asked for, or not there", r.position)
		}
		last = &m
	}
	return nil
}

// inTime tells whether an instant is asked for.
func (q question) inTime(t time.Time) bool {
	at := t.UnixMicro()
	return (q.From.IsZero() || at >= q.From.UnixMicro()) && (q.To.IsZero() || at < q.To.UnixMicro())
}

// newer tells whether a stands before b in a result.
func newer(a, b eventstore.Marker) bool {
	if a.Time.Equal(b.Time) {
		return a.Position > b.Position
	}
	return a.Time.After(b.Time)
}

// result says the answer as eventstore does.
func (s *Store) result(q question, a answer) eventstore.Result {
	r := eventstore.Result{Total: a.total, More: len(a.rows) > q.Most(), Facets: map[string][]eventstore.Count{}}
	for _, row := range a.rows[:min(len(a.rows), q.Most())] {
		r.Hits = append(r.Hits, s.hit(row))
	}
	if q.layout != nil {
		for i := range q.layout.Count {
			b := q.layout.Bucket(i, 0)
			b.Count = a.counts[b.From.UnixMicro()]
			r.Buckets = append(r.Buckets, b)
		}
	}
	for _, name := range q.Facets {
		r.Facets[name] = slices.Clip(a.facets[name])
	}
	return r
}

// hit reads the line again, as the store here does.
func (s *Store) hit(r row) eventstore.Hit {
	h := eventstore.Hit{Position: r.position}
	s.parsing.Lock()
	defer s.parsing.Unlock()
	s.cfg.Parse(r.line, &h.Event)
	h.Event.Time = r.time
	if r.cut {
		h.Event.Complaint = "the line is longer: " + s.Name() + " keeps only its beginning"
	}
	return h
}

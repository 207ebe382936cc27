package outside

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/forward"
)

// Cursor is the name behind which a mirror follows the event store.
const Cursor = "outside"

// settling is how long after a system has taken an event it is surely found there: they
// make new documents searchable about once a second.
const settling = 10 * time.Second

// MirrorConfig is what a Mirror stands on. Log may be nil.
type MirrorConfig struct {
	Store  *Store
	Events *eventstore.Store
	Now    func() time.Time
	Log    *slog.Logger

	Parse func(event.Line, *event.Event) // called from one goroutine
	Pause time.Duration                  // before the second try, doubled before each further one; 0: a second

	Saved forward.Stats // the figures with which it goes on
	Keep  func(context.Context, forward.Stats) error
}

// A Mirror writes what arrives to the store outside, each event at least once, by the ways
// of package forward. Run is called once.
type Mirror struct {
	forward *forward.Forwarder

	mu      sync.Mutex
	settled eventstore.Position
}

// NewMirror opens the mirror where it left off.
func NewMirror(cfg MirrorConfig) (*Mirror, error) {
	set := cfg.Store.cfg.Settings
	f, err := forward.New(forward.Config{
		Target: forward.Target{Name: Cursor, Batch: set.Batch, From: set.From}, Sender: cfg.Store.out, Cursor: Cursor,
		Events: cfg.Events, Now: cfg.Now, Log: cfg.Log, Pause: cfg.Pause, Parse: cfg.Parse, SourceKey: func(string) string { return "" }, Saved: cfg.Saved, Keep: cfg.Keep,
	})
	if err != nil {
		return nil, err
	}
	return &Mirror{forward: f, settled: f.Stats().Position}, nil
}

// Run writes events until the context ends.
func (m *Mirror) Run(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { m.watch(ctx) })
	m.forward.Run(ctx)
}

// watch lets positions settle.
func (m *Mirror) watch(ctx context.Context) {
	tick := time.NewTicker(settling)
	defer tick.Stop()
	for {
		taken := m.forward.Stats().Position
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		m.mu.Lock()
		m.settled = taken
		m.mu.Unlock()
	}
}

// Settled is the last position up to which everything is found outside.
func (m *Mirror) Settled() eventstore.Position {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.settled
}

// Stats tells how it goes.
func (m *Mirror) Stats() forward.Stats { return m.forward.Stats() }

package forward

import (
	"context"
	"time"

	"holdfast/eventstore"
)

// Stats tell how forwarding goes. All counts are since the target was set up; what was sent
// twice counts twice.
type Stats struct {
	Position eventstore.Position `json:"position"`           // the last event that was dealt with
	Behind   uint64              `json:"behind"`             // events that wait
	At       time.Time           `json:"at"`                 // when it last dealt with events
	Sent     uint64              `json:"sent"`               // that the receiver took
	Left     uint64              `json:"left"`               // that the filter left out
	Refused  uint64              `json:"refused"`            // that the receiver would not take, and were given up
	Poison   uint64              `json:"poison"`             // that could not be written
	Cut      uint64              `json:"cut"`                // that were longer than a datagram
	Skipped  uint64              `json:"skipped"`            // that retention dropped before they could be sent
	Trouble  string              `json:"trouble,omitempty"`  // why it does not go on; empty: it does
	LastErr  string              `json:"last_err,omitempty"` // the last error, also when it is over
	LastAt   time.Time           `json:"last_at"`            // when that was
}

// Stats tells how forwarding goes.
func (f *Forwarder) Stats() Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.stats
	last := f.cfg.Events.Last()
	s.Behind = uint64(last - min(s.Position, last))
	return s
}

func (f *Forwarder) note(change func(*Stats)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(&f.stats)
}

// trouble notes why it does not go on. It is logged once, until it is another or over.
func (f *Forwarder) trouble(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	text := err.Error()
	fresh := f.Stats().Trouble != text
	f.note(func(s *Stats) { s.Trouble, s.LastErr, s.LastAt = text, text, f.cfg.Now() })
	if fresh {
		f.cfg.Log.Warn("forwarding events", "target", f.cfg.Target.Name, "error", err)
	}
	f.keep(ctx, fresh)
}

// keep saves the figures, not too often unless they must be. That they cannot be saved
// stops nothing: the position is with the cursor.
func (f *Forwarder) keep(ctx context.Context, must bool) {
	now := f.cfg.Now()
	if f.cfg.Keep == nil || !must && now.Sub(f.kept) < keepEvery {
		return
	}
	if err := f.cfg.Keep(ctx, f.Stats()); err != nil {
		f.cfg.Log.Warn("figures of forwarding", "target", f.cfg.Target.Name, "error", err)
		return
	}
	f.kept = now
}

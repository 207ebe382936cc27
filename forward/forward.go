// Package forward hands the events of a workspace on to other systems, as lines of syslog
// (RFC 5424) or as OCSF documents over HTTP: to the organisation's SIEM, to a data lake.
//
// It follows the event store behind a durable cursor of its own and remembers its position
// only after the receiver has taken the lines. What was taken in that moment and not yet
// remembered is sent again after a restart: each event arrives at least once. A receiver
// that is slow or away makes the cursor wait, and nobody else: whoever takes events in and
// whoever watches them does not notice.
//
// The senders of package notify are for single messages to addresses that users write:
// they connect for each one, and guard the inside of the network. Here an operator names
// the receiver in a file, it usually lies inside, and the connection stays.
package forward

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
)

// Config is what a Forwarder stands on. Log may be nil.
type Config struct {
	Target Target
	Events *eventstore.Store
	Now    func() time.Time
	Log    *slog.Logger

	// Parse reads a line as its source says. The forwarder calls it from one goroutine.
	Parse func(event.Line, *event.Event)
	// SourceKey is the key of the source with an id; empty: it is gone.
	SourceKey func(id string) string

	// Sender brings the events to where they go, instead of one that the target describes;
	// of the target only Name, Batch and From count then. Close is called when Run ends.
	Sender Sender
	// Cursor is the name behind which events are followed; empty: "forward-" and the name of
	// the target.
	Cursor string

	Pause time.Duration // before the second try, doubled before each further one; 0: a second

	// Saved are the figures with which it goes on; Keep is handed the new ones from time
	// to time and when trouble begins or ends.
	Saved Stats
	Keep  func(context.Context, Stats) error
}

// Bounds of one sending, and the times by which a forwarder goes.
const (
	partBytes = 1 << 20
	patience  = 30 * time.Second // that one sending may take
	idle      = time.Second      // how long it waits for events before it looks around
	keepEvery = 5 * time.Second
	sure      = 250 * time.Millisecond // after which what was taken is remembered in the midst of what was read
	longest   = time.Minute            // between two tries
)

// How long an event that the receiver refuses is offered.
const (
	roundsOfSome = 3  // when the receiver takes others
	roundsOfAll  = 8  // when it takes none: some minutes
	mostSuspects = 20 // refused one by one without any being taken: the rest is not asked now
)

// A Forwarder hands on the events of one workspace to one target. Run is called once.
type Forwarder struct {
	cfg    Config
	cursor *eventstore.Cursor
	out    Sender
	event  event.Event
	part   []Item
	size   int
	first  time.Duration // pause before the second try; doubles

	mu    sync.Mutex
	stats Stats
	kept  time.Time
}

// New opens the forwarder where it left off. A new one begins with the oldest event that is
// kept, or with the next one where the target says so.
func New(cfg Config) (*Forwarder, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	cursor, err := cfg.Events.Follow(cmp.Or(cfg.Cursor, "forward-"+cfg.Target.Name))
	if err != nil {
		return nil, err
	}
	if cursor.Position() == 0 && cfg.Target.From == FromNow {
		cursor.Seek(cfg.Events.Last())
		if err := cursor.Commit(); err != nil {
			return nil, err
		}
	}
	out := cfg.Sender
	if out == nil {
		if out, err = cfg.Target.open(); err != nil {
			return nil, err
		}
	}
	f := &Forwarder{cfg: cfg, cursor: cursor, out: out, first: cmp.Or(cfg.Pause, time.Second), stats: cfg.Saved}
	f.stats.Position, f.stats.Trouble = cursor.Position(), ""
	return f, nil
}

// Run hands on events until the context ends.
func (f *Forwarder) Run(ctx context.Context) {
	defer f.out.Close()
	for try := 0; ctx.Err() == nil; {
		err := f.step(ctx)
		if err == nil {
			try = 0
			continue
		}
		if ctx.Err() != nil || errors.Is(err, eventstore.ErrClosed) {
			break
		}
		try++
		f.trouble(ctx, err)
		if f.pause(ctx, try) != nil {
			break // only a context that ended cuts a pause short
		}
	}
	f.keep(context.WithoutCancel(ctx), true)
}

// step hands on the next lines and remembers that it did.
func (f *Forwarder) step(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, idle)
	lines, err := f.cursor.Next(waiting)
	cancel()
	if errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
		return f.commit(ctx, 0)
	}
	if err != nil {
		return err
	}
	begun := f.cfg.Now()
	for i := range lines {
		if it, ok := f.read(&lines[i]); ok {
			f.part, f.size = append(f.part, it), f.size+len(it.Data)
		}
		if len(f.part) >= f.cfg.Target.Batch || f.size >= partBytes {
			if err := f.flush(ctx); err != nil {
				return err
			}
			if f.cfg.Now().Sub(begun) > sure { // a slow receiver is not sent everything again after a restart
				f.cursor.Seek(lines[i].Position)
				return f.commit(ctx, i+1)
			}
		}
	}
	if err := f.flush(ctx); err != nil {
		return err
	}
	return f.commit(ctx, len(lines))
}

// commit remembers that all that was read is dealt with. A commit that the disk refused
// is made up for by the next one.
func (f *Forwarder) commit(ctx context.Context, lines int) error {
	if err := f.cursor.Commit(); err != nil {
		return err
	}
	f.note(func(s *Stats) {
		s.Position, s.Skipped, s.Trouble = f.cursor.Position(), f.cfg.Saved.Skipped+f.cursor.Skipped(), ""
		if lines > 0 {
			s.At = f.cfg.Now()
		}
	})
	f.keep(ctx, false)
	return nil
}

// read makes of a line what is sent; false: it is not for this target.
func (f *Forwarder) read(l *eventstore.Stored) (it Item, ok bool) {
	defer func() {
		if p := recover(); p != nil { // one event must not hold up all others
			it, ok = Item{}, false
			f.note(func(s *Stats) { s.Poison++ })
			f.cfg.Log.Error("an event was not forwarded", "target", f.cfg.Target.Name, "position", l.Position, "reason", fmt.Sprint(p))
		}
	}()
	source := f.cfg.SourceKey(l.Source)
	e := &f.event
	f.cfg.Parse(l.Line, e)
	if f.cfg.Sender == nil && !f.cfg.Target.wants(source, l.Source, e) {
		f.note(func(s *Stats) { s.Left++ })
		return Item{}, false
	}
	data, cut := f.out.Render(e, source, l.Position)
	if cut {
		f.note(func(s *Stats) { s.Cut++ })
	}
	return Item{l.Position, data}, true
}

// flush hands over the part that was gathered and returns when every event of it was taken
// or given up. An error means that the context has ended.
func (f *Forwarder) flush(ctx context.Context) error {
	left, taken, refusals := f.part, false, 0
	for try := 1; len(left) > 0; try++ {
		before := len(left)
		var err error
		left, err = f.offer(ctx, left)
		if sent := before - len(left); sent > 0 {
			taken, try = true, 1
			f.note(func(s *Stats) { s.Sent += uint64(sent) })
		}
		if len(left) == 0 {
			break
		}
		if errors.Is(err, ErrRefused) {
			refusals++
			if refusals >= roundsOfAll || taken && refusals >= roundsOfSome {
				f.giveUp(left, err)
				break
			}
		}
		f.trouble(ctx, err)
		if err := f.pause(ctx, try); err != nil {
			return err
		}
	}
	f.part, f.size = f.part[:0], 0
	return nil
}

// offer sends items, in halves where the receiver refuses them together, and returns those
// that were not taken, with why.
func (f *Forwarder) offer(ctx context.Context, items []Item) (left []Item, why error) {
	todo, taken := [][]Item{items}, false
	for len(todo) > 0 {
		part := todo[len(todo)-1]
		sending, cancel := context.WithTimeout(ctx, patience)
		err := f.out.Send(sending, part)
		cancel()
		var each *Untaken
		switch {
		case err == nil:
			todo, taken = todo[:len(todo)-1], true
			continue
		case errors.As(err, &each):
			left, why, todo, taken = append(left, each.Left...), err, todo[:len(todo)-1], taken || len(each.Left) < len(part)
			if !each.Refused {
				return append(left, rest(todo)...), err
			}
			continue
		case !errors.Is(err, ErrRefused):
			return append(left, rest(todo)...), err
		case len(part) > 1:
			todo = append(todo[:len(todo)-1], part[len(part)/2:], part[:len(part)/2])
			continue
		}
		left, why, todo = append(left, part[0]), err, todo[:len(todo)-1]
		if !taken && len(left) >= mostSuspects {
			return append(left, rest(todo)...), why
		}
	}
	return left, why
}

// rest are the items that wait, in their order: the next part lies on top.
func rest(todo [][]Item) []Item {
	var list []Item
	for i := len(todo) - 1; i >= 0; i-- {
		list = append(list, todo[i]...)
	}
	return list
}

// giveUp leaves behind what the receiver will not take.
func (f *Forwarder) giveUp(items []Item, why error) {
	f.note(func(s *Stats) { s.Refused += uint64(len(items)) })
	f.cfg.Log.Error("the receiver refused events; they were left out", "target", f.cfg.Target.Name, "events", len(items), "positions", some(items), "error", why)
}

// some are the positions of the first of the items, for the log.
func some(items []Item) []eventstore.Position {
	var list []eventstore.Position
	for _, it := range items[:min(len(items), mostSuspects)] {
		list = append(list, it.Position)
	}
	return list
}

// pause waits longer each time, at most a minute, or ends with the context.
func (f *Forwarder) pause(ctx context.Context, try int) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(min(f.first<<min(try-1, 10), longest)):
		return nil
	}
}

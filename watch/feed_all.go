package watch

import (
	"context"
	"time"

	"holdfast/eventstore"
	"holdfast/eventstore/stream"
)

// Correlate opens a watcher of what events show together. It sees all of them, so of
// those that run on several machines one works and the others wait to take over. What it
// finds is handed over to the Receiver of the workspace.
func Correlate(cfg Config) *Watcher {
	return newWatcher(cfg, together, &allFeed{cfg: cfg, id: cfg.App.NewID()})
}

// An allFeed gives all lines of a stream, in order, to the one whose turn it is. How far
// it came is remembered in the database alone, and whoever writes it makes sure that it is
// still his turn: what two did at once is written by one.
type allFeed struct {
	cfg    Config
	id     string
	stream *stream.Stream
	tail   *stream.Tail
	waits  uint64
	asked  time.Time
	beaten time.Time // when it showed last that it lives

	seen   uint64    // the beat of the one whose turn it is
	seenAt time.Time // when that was new
}

// A turn tells whose turn it is. Its beat goes on while that one lives: others compare it
// with their own clocks, so that those of machines need not agree.
type turn struct {
	Holder string `json:"holder,omitempty"`
	Name   string `json:"name,omitempty"` // of the machine
	Beat   uint64 `json:"beat,omitempty"`
}

// Parts of the patience of others: how often the holder shows that it lives, and how often
// others look.
const beatsInPatience = 6

// begin waits for the turn and goes to where the one before came to.
func (f *allFeed) begin(ctx context.Context) error {
	f.end(ctx)
	s, err := f.cfg.Shared.Open(ctx)
	if err != nil {
		return err
	}
	f.stream = s
	for {
		k, err := f.look(ctx)
		if err != nil {
			return err
		}
		if f.mayTake(k.Turn) {
			return f.take(ctx, k)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(f.cfg.Shared.patience() / beatsInPatience):
		}
	}
}

// look reads what is kept. What this installation watched before it shared its events, or
// while it did not, is dealt with.
func (f *allFeed) look(ctx context.Context) (kept, error) {
	own, err := saved(ctx, f.cfg.App, f.cfg.Workspace, whole)
	if err != nil {
		return kept{}, err
	}
	k, err := saved(ctx, f.cfg.App, f.cfg.Workspace, together)
	if own.Position > k.Position {
		k.Position, k.Sequence = own.Position, 0
	}
	return k, err
}

// mayTake tells whether nobody holds the turn, or somebody who shows no sign of life.
func (f *allFeed) mayTake(t turn) bool {
	now := f.cfg.App.Now()
	if t.Beat != f.seen || f.seenAt.IsZero() {
		f.seen, f.seenAt = t.Beat, now
	}
	return t.Holder == "" || t.Holder == f.id || now.Sub(f.seenAt) >= f.cfg.Shared.patience()
}

// take opens the stream and takes the turn, unless somebody else has done so meanwhile.
func (f *allFeed) take(ctx context.Context, found kept) error {
	tail, err := f.stream.Tail(ctx, stream.Mark{Position: found.Position, Sequence: found.Sequence})
	if err != nil {
		return err
	}
	f.tail = tail
	err = change(ctx, f.cfg.App, f.cfg.Workspace, together, func(k *kept) error {
		if k.Turn != found.Turn {
			return errOvertaken
		}
		k.Position, k.Sequence = found.Position, found.Sequence
		k.Turn = turn{f.id, f.cfg.Shared.Name, k.Turn.Beat + 1}
		return nil
	})
	f.beaten = f.cfg.App.Now()
	return err
}

func (f *allFeed) next(ctx context.Context) ([]eventstore.Stored, error) {
	lines, err := f.tail.Next(ctx)
	if err != nil && ctx.Err() == nil {
		return nil, &lost{err}
	}
	return lines, err
}

func (f *allFeed) note(k *kept, _ []eventstore.Stored, now time.Time, _ float64) error {
	if err := f.mine(k); err != nil {
		return err
	}
	mark := f.tail.Mark()
	k.Position, k.Sequence = mark.Position, mark.Sequence
	f.beaten = now
	return nil
}

// mine makes sure that it is still the turn of this one, and shows that it lives.
func (f *allFeed) mine(k *kept) error {
	if k.Turn.Holder != f.id {
		return errOvertaken
	}
	k.Turn.Beat++
	return nil
}

func (f *allFeed) commit(ctx context.Context) error { return f.ask(ctx) }

// ask finds out now and then how many lines wait.
func (f *allFeed) ask(ctx context.Context) (err error) {
	now := f.cfg.App.Now()
	if now.Sub(f.asked) < askEvery {
		return nil
	}
	f.asked = now
	if f.waits, _, err = f.stream.After(ctx, f.tail.Mark()); err != nil {
		return &lost{err}
	}
	return nil
}

func (f *allFeed) behind() uint64 { return f.waits }

func (f *allFeed) rest(ctx context.Context) (uint64, error) {
	if err := f.ask(ctx); err != nil {
		return 0, err
	}
	return f.waits, f.beat(ctx)
}

// beat shows now and then that it lives.
func (f *allFeed) beat(ctx context.Context) error {
	now := f.cfg.App.Now()
	if now.Sub(f.beaten) < f.cfg.Shared.patience()/beatsInPatience {
		return nil
	}
	f.beaten = now
	return change(ctx, f.cfg.App, f.cfg.Workspace, together, func(k *kept) error {
		k.Behind = f.waits
		return f.mine(k)
	})
}

// mostAgain bounds how many lines are looked at again.
const mostAgain = 500_000

// again goes by the time when the last line was received: none that was received within
// the span before it was published earlier.
func (f *allFeed) again(ctx context.Context, span time.Duration, each func(*eventstore.Stored)) error {
	mark := f.tail.Mark()
	if mark.Position == 0 {
		return nil
	}
	at, err := f.stream.Received(ctx, mark)
	if err != nil {
		return &lost{err}
	}
	if !at.IsZero() {
		at = at.Add(-span)
	}
	err = f.stream.Replay(ctx, mark, at, mostAgain, func(l *eventstore.Stored) error {
		each(l)
		return f.beat(ctx)
	})
	if err != nil && ctx.Err() == nil && !anew(err) {
		return &lost{err}
	}
	return err
}

// end lets another have the turn at once.
func (f *allFeed) end(ctx context.Context) {
	if f.tail == nil {
		return
	}
	f.tail.Close()
	f.tail = nil
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), f.cfg.Shared.patience())
	defer cancel()
	_ = change(ctx, f.cfg.App, f.cfg.Workspace, together, func(k *kept) error { // otherwise others wait for their patience to end
		if k.Turn.Holder != f.id {
			return errOvertaken
		}
		k.Turn.Holder = ""
		return nil
	})
}

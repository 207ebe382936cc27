package watch

import (
	"context"
	"time"

	"holdfast/eventstore"
	"holdfast/eventstore/stream"
)

// Shared is the stream that several machines share.
type Shared struct {
	// Open connects to the stream of the workspace; several watchers may get the same one.
	Open func(context.Context) (*stream.Stream, error)
	// Name is what people call this machine.
	Name string
	// Patience is how long a watcher that does the work for all may be silent before
	// another takes over; 0: half a minute.
	Patience time.Duration
}

func (s Shared) patience() time.Duration {
	if s.Patience <= 0 {
		return 30 * time.Second
	}
	return s.Patience
}

// Share opens a watcher of what each event shows by itself. Others may run beside it, on
// other machines: each gets a share of the events. What it finds is handed over to the
// Receiver of the workspace.
func Share(cfg Config) *Watcher {
	return newWatcher(cfg, alone, &shareFeed{cfg: cfg, id: cfg.App.NewID()})
}

// A shareFeed gives a share of the lines of a stream. A line that comes again, because
// the one who had it died before the stream knew that it was dealt with, is recognised.
type shareFeed struct {
	cfg    Config
	id     string
	stream *stream.Stream
	cursor *stream.Cursor
	waits  uint64    // lines that nobody of the group has committed
	asked  time.Time // when that was asked
	told   time.Time // when it told last that it works
	swept  time.Time // when it looked last for lines that will never come
}

// working is what a follower of a group tells of itself.
type working struct {
	Name      string    `json:"name"`
	At        time.Time `json:"at"`
	PerSecond float64   `json:"per_second"`
}

// How often a follower asks and tells, and when others think that it is gone.
const (
	askEvery  = 2 * time.Second
	tellEvery = 20 * time.Second
	goneAfter = time.Minute

	sweepEvery = time.Minute
)

// begin joins the group. What this installation watched before it shared its events, or
// while it did not, is dealt with.
func (f *shareFeed) begin(ctx context.Context) error {
	f.end(ctx)
	s, err := f.cfg.Shared.Open(ctx)
	if err != nil {
		return err
	}
	own, err := saved(ctx, f.cfg.App, f.cfg.Workspace, whole)
	if err != nil {
		return err
	}
	err = change(ctx, f.cfg.App, f.cfg.Workspace, alone, func(k *kept) error {
		k.Dealt.through(own.Position)
		k.works(f.id, working{Name: f.cfg.Shared.Name, At: f.cfg.App.Now()})
		return nil
	})
	if err != nil {
		return err
	}
	f.stream = s
	f.cursor, err = s.Follow(ctx, string(alone))
	return err
}

func (f *shareFeed) next(ctx context.Context) ([]eventstore.Stored, error) {
	lines, err := f.cursor.Next(ctx)
	if err != nil && ctx.Err() == nil {
		return nil, &lost{err}
	}
	return lines, err
}

// note adds the lines to those that the group has dealt with.
func (f *shareFeed) note(k *kept, lines []eventstore.Stored, now time.Time, rate float64) error {
	var fresh []eventstore.Stored
	for _, l := range lines {
		if k.Dealt.add(l.Position) {
			fresh = append(fresh, l)
		}
	}
	if len(fresh) < len(lines) {
		return &repeated{fresh}
	}
	k.Position = k.Dealt.low()
	k.works(f.id, working{Name: f.cfg.Shared.Name, At: now, PerSecond: rate})
	f.told = now
	return nil
}

func (f *shareFeed) commit(ctx context.Context) error {
	if err := f.cursor.Commit(); err != nil {
		return &lost{err}
	}
	return f.ask(ctx)
}

// ask finds out now and then how many lines wait.
func (f *shareFeed) ask(ctx context.Context) error {
	now := f.cfg.App.Now()
	if now.Sub(f.asked) < askEvery {
		return nil
	}
	n, err := f.cursor.Behind(ctx)
	if err != nil {
		return &lost{err}
	}
	f.waits, f.asked = n, now
	if now.Sub(f.swept) < sweepEvery {
		return nil
	}
	f.swept = now
	return f.sweep(ctx)
}

// sweep counts lines that left the stream before anybody looked, or never came into it,
// and waits for them no longer.
func (f *shareFeed) sweep(ctx context.Context) error {
	first, err := f.stream.First(ctx)
	if err != nil {
		return &lost{err}
	}
	k, err := saved(ctx, f.cfg.App, f.cfg.Workspace, alone)
	if err != nil || first <= k.Dealt.low()+1 {
		return err
	}
	return change(ctx, f.cfg.App, f.cfg.Workspace, alone, func(k *kept) error {
		k.Missed += k.Dealt.holes(first - 1)
		k.Dealt.through(first - 1)
		k.Position = k.Dealt.low()
		return nil
	})
}

// rest tells now and then that there is somebody who works, though there is no work.
func (f *shareFeed) rest(ctx context.Context) (uint64, error) {
	if err := f.ask(ctx); err != nil {
		return 0, err
	}
	now := f.cfg.App.Now()
	if now.Sub(f.told) < tellEvery {
		return f.waits, nil
	}
	f.told = now
	return f.waits, change(ctx, f.cfg.App, f.cfg.Workspace, alone, func(k *kept) error {
		k.works(f.id, working{Name: f.cfg.Shared.Name, At: now})
		k.PerSecond, k.Behind = k.rate(now, 0), f.waits
		return nil
	})
}

func (f *shareFeed) behind() uint64 { return f.waits }

func (f *shareFeed) again(context.Context, time.Duration, func(*eventstore.Stored)) error { return nil }

func (f *shareFeed) end(context.Context) {
	if f.cursor != nil {
		f.cursor.Close()
		f.cursor = nil
	}
}

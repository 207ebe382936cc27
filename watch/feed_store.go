package watch

import (
	"context"
	"time"

	"holdfast/eventstore"
)

// cursorName is that of the cursor in the event store.
const cursorName = "watch"

// A storeFeed gives the lines of the event store of this machine.
type storeFeed struct {
	cfg    Config
	cursor *eventstore.Cursor
}

// begin goes to where the last transaction ended. What detectors that shared the events
// have dealt with since is not looked at again.
func (f *storeFeed) begin(ctx context.Context) error {
	own, err := saved(ctx, f.cfg.App, f.cfg.Workspace, whole)
	if err != nil {
		return err
	}
	shared, err := saved(ctx, f.cfg.App, f.cfg.Workspace, alone)
	if err != nil {
		return err
	}
	f.cursor.Seek(min(max(own.Position, shared.Dealt.low()), f.cfg.Events.Last()))
	return nil
}

func (f *storeFeed) next(ctx context.Context) ([]eventstore.Stored, error) { return f.cursor.Next(ctx) }

func (f *storeFeed) note(k *kept, lines []eventstore.Stored, _ time.Time, _ float64) error {
	k.Position = lines[len(lines)-1].Position
	return nil
}

func (f *storeFeed) commit(context.Context) error { return f.cursor.Commit() }

func (f *storeFeed) rest(context.Context) (uint64, error) { return 0, nil }

func (f *storeFeed) behind() uint64 {
	last := f.cfg.Events.Last()
	return uint64(last - min(f.cursor.Position(), last))
}

func (f *storeFeed) end(context.Context) {}

// warmLines is how many lines before the present one are read again when rules are
// compiled, so that correlations remember what they had seen.
const warmLines = 50_000

func (f *storeFeed) again(ctx context.Context, _ time.Duration, each func(*eventstore.Stored)) error {
	until := f.cursor.Position()
	if until == 0 {
		return nil
	}
	f.cursor.Seek(until - min(until, warmLines))
	defer f.cursor.Seek(until)
	for ctx.Err() == nil && f.cursor.Position() < until {
		lines, err := f.cursor.Next(ctx)
		if err != nil {
			return err
		}
		for i := range lines {
			if lines[i].Position > until {
				return nil
			}
			each(&lines[i])
		}
	}
	return ctx.Err()
}

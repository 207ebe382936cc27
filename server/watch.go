package server

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/store"
	"holdfast/watch"
	"holdfast/web/page"
)

// watching holds the detectors of all workspaces.
type watching struct {
	mu   sync.Mutex
	runs map[string]*watch.Watcher // by workspace

	known map[string]*watch.Known // indicators of compromise, by workspace
	fresh map[string]bool         // workspaces with indicators that nobody looked for in the past
}

func (w *watching) of(workspace string) *watch.Watcher {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.runs[workspace]
}

// newSpaces is how often new workspaces are looked for.
const newSpaces = 10 * time.Second

// watchEvents runs a detector for every workspace until the context ends.
func (l *Local) watchEvents(ctx context.Context, log *slog.Logger) {
	var work sync.WaitGroup
	defer work.Wait()
	tick := time.NewTicker(newSpaces)
	defer tick.Stop()
	for {
		spaces, err := l.App.Workspaces(ctx)
		if err != nil && ctx.Err() == nil {
			log.Warn("workspaces to watch", "error", err)
		}
		for _, ws := range spaces {
			if w := l.watcherFor(ws.ID, log); w != nil {
				work.Go(func() { w.Run(ctx) })
			}
		}
		l.askForHunts(ctx, log)
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// watcherFor makes the detector of a workspace; nil: it has one, or its events cannot be
// opened now.
func (l *Local) watcherFor(workspace string, log *slog.Logger) *watch.Watcher {
	l.watching.mu.Lock()
	defer l.watching.mu.Unlock()
	if l.watching.runs[workspace] != nil {
		return nil
	}
	events, err := l.Events(workspace)
	if err != nil {
		log.Warn("events cannot be watched", "workspace", workspace, "error", err)
		return nil
	}
	known := watch.NewKnown(l.App)
	w, err := watch.New(watch.Config{App: l.App, Detection: l.Detection, Events: events, Workspace: workspace, Log: log, Indicators: known})
	if err != nil {
		log.Warn("events cannot be watched", "workspace", workspace, "error", err)
		return nil
	}
	if l.watching.runs == nil {
		l.watching.runs, l.watching.known = map[string]*watch.Watcher{}, map[string]*watch.Known{}
	}
	l.watching.runs[workspace], l.watching.known[workspace] = w, known
	return w
}

// hearOfRules tells a detector when what it was compiled from has changed.
func (l *Local) hearOfRules(_ context.Context, e app.Event) {
	if !changesWatch(e) {
		return
	}
	if w := l.watching.of(e.Workspace); w != nil {
		w.Changed()
	}
}

// changesWatch tells whether a change is more than the counting of hits and arrivals.
func changesWatch(e app.Event) bool {
	switch e.Kind {
	case isms.DetectionRules:
		r, ok := e.Record.(*isms.DetectionRule)
		before, was := e.Before.(*isms.DetectionRule)
		return !ok || !was || r.Body != before.Body || r.Status != before.Status || r.Title != before.Title || !r.DeletedAt.Equal(before.DeletedAt)
	case isms.Assets:
		a, ok := e.Record.(*isms.Asset)
		before, was := e.Before.(*isms.Asset)
		return !ok || !was || a.Address != before.Address || a.Target != before.Target || a.Title != before.Title || a.Key != before.Key || !a.DeletedAt.Equal(before.DeletedAt)
	case isms.EventSources:
		s, ok := e.Record.(*isms.EventSource)
		before, was := e.Before.(*isms.EventSource)
		return !ok || !was || s.Format != before.Format || s.AssetID != before.AssetID || s.Product != before.Product || s.Service != before.Service ||
			s.Category != before.Category || s.TimeZone != before.TimeZone
	}
	return false
}

// WatchStats tells how the watch over the events of a workspace goes: of the detector that
// runs here, else what it remembered last.
func (l *Local) WatchStats(ctx context.Context, workspace string) (watch.Stats, error) {
	if w := l.watching.of(workspace); w != nil {
		return w.Stats(), nil
	}
	return watch.Saved(ctx, l.App, workspace)
}

// watchFigures are those of the workspace of the actor, for its page.
func (l *Local) watchFigures(ctx context.Context) (*page.WatchFigures, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	s, err := l.WatchStats(ctx, actor.Workspace)
	return &page.WatchFigures{
		PerSecond: s.PerSecond, Behind: s.Behind, Lines: s.Lines, Matches: s.Matches, Alerts: s.Alerts, Left: s.Unread + s.Poison + s.Refused,
		Late: uint64(max(s.Late, 0)), Rules: s.Rules, Trying: s.Trying, Broken: s.Broken, At: s.At, Trouble: s.Trouble, //nolint:gosec // not negative
	}, err
}

// Limits beyond which the doctor speaks of the watch.
const (
	farBehind  = 100_000 // lines that wait
	brokenMany = 1
)

// examineWatch looks whether events are dealt with and whether all rules run.
func (l *Local) examineWatch(ctx context.Context) ([]store.Problem, error) {
	spaces, err := l.App.Workspaces(ctx)
	if err != nil {
		return nil, err
	}
	var list []store.Problem
	for _, ws := range spaces {
		s, err := l.WatchStats(ctx, ws.ID)
		if err != nil {
			list = append(list, ailment(err.Error(), "watch of "+ws.Title, "start the server; it begins anew with the oldest event"))
			continue
		}
		list = append(list, watchAilments(s, "watch of "+ws.Title)...)
	}
	return list, nil
}

func watchAilments(s watch.Stats, where string) []store.Problem {
	var list []store.Problem
	if s.Trouble != "" {
		list = append(list, ailment("events are not watched: "+s.Trouble, where, "mend what it names; it goes on by itself"))
	}
	if s.Behind > farBehind {
		list = append(list, advice(fmt.Sprintf("%d events wait to be looked at", s.Behind), where, "give the machine more time, or disable rules that match too much"))
	}
	if s.Broken >= brokenMany {
		list = append(list, advice(fmt.Sprintf("%d detection rules should run and cannot", s.Broken), where, "open them under Detection rules; each says why"))
	}
	if s.Poison > 0 {
		list = append(list, advice(fmt.Sprintf("%d events made the detector stumble and were left out", s.Poison), where, "send the developers one of them; the log names their positions"))
	}
	return list
}

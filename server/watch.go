package server

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/watch"
	"holdfast/web/page"
)

// watching holds the detectors of all workspaces.
type watching struct {
	mu   sync.Mutex
	runs map[string][]*watch.Watcher // by workspace

	known map[string]*watch.Known // indicators of compromise, by workspace
	fresh map[string]bool         // workspaces with indicators that nobody looked for in the past
}

func (w *watching) of(workspace string) []*watch.Watcher {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.runs[workspace]
}

// takesIn tells whether the events of the workspace are kept by this process.
func (l *Local) takesIn(workspace string) bool {
	l.watching.mu.Lock()
	defer l.watching.mu.Unlock()
	_, runs := l.watching.runs[workspace]
	return runs && !l.sharing.part.detectsOnly()
}

// newSpaces is how often new workspaces are looked for.
const newSpaces = 10 * time.Second

// watchEvents runs a detector for every workspace until the context ends, or what this
// process does with events that are shared.
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
			for _, run := range l.watchersFor(ws.ID, log) {
				work.Go(func() { run(ctx) })
			}
		}
		if !l.sharing.part.detectsOnly() {
			l.askForHunts(ctx, log)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// watchersFor makes what watches the events of a workspace; none: it is made already, or
// its events cannot be opened now.
func (l *Local) watchersFor(workspace string, log *slog.Logger) (runs []func(context.Context)) {
	l.watching.mu.Lock()
	defer l.watching.mu.Unlock()
	if _, made := l.watching.runs[workspace]; made {
		return nil
	}
	known := watch.NewKnown(l.App)
	watchers, runs, err := l.watchers(workspace, known, log)
	if err != nil {
		log.Warn("events cannot be watched", "workspace", workspace, "error", err)
		return nil
	}
	if l.watching.runs == nil {
		l.watching.runs, l.watching.known = map[string][]*watch.Watcher{}, map[string]*watch.Known{}
	}
	l.watching.runs[workspace], l.watching.known[workspace] = watchers, known
	for _, w := range watchers {
		runs = append(runs, w.Run)
	}
	return runs
}

func (l *Local) watchers(workspace string, known *watch.Known, log *slog.Logger) ([]*watch.Watcher, []func(context.Context), error) {
	if l.sharing.part != nil {
		return l.sharers(workspace, known, log)
	}
	events, err := l.Events(workspace)
	if err != nil {
		return nil, nil, err
	}
	w, err := watch.New(watch.Config{App: l.App, Detection: l.Detection, Events: events, Workspace: workspace, Log: log, Indicators: known})
	return []*watch.Watcher{w}, nil, err
}

// hearOfRules tells a detector when what it was compiled from has changed.
func (l *Local) hearOfRules(_ context.Context, e app.Event) {
	if e.Kind == isms.ThreatIndicators || !changesWatch(e) {
		return
	}
	for _, w := range l.watching.of(e.Workspace) {
		w.Changed()
	}
}

// changesWatch tells whether a change is more than the counting of hits and arrivals.
func changesWatch(e app.Event) bool {
	return watch.Concerns(e.Kind, e.Verb, func() []kind.Change {
		diff, err := e.Kind.Diff(e.Before, e.Record)
		if err != nil {
			return nil // a record that was written can be read
		}
		return diff
	})
}

// WatchStats tells how the watch over the events of a workspace goes: of the detector that
// runs here, else what it remembered last.
func (l *Local) WatchStats(ctx context.Context, workspace string) (watch.Stats, error) {
	if l.sharing.part != nil {
		return l.sharedStats(ctx, workspace)
	}
	for _, w := range l.watching.of(workspace) {
		return w.Stats(), nil
	}
	return watch.Saved(ctx, l.App, workspace)
}

// sharedStats are those of all machines that share the events, as they told last.
func (l *Local) sharedStats(ctx context.Context, workspace string) (watch.Stats, error) {
	before, err := watch.Saved(ctx, l.App, workspace)
	if err != nil {
		return before, err
	}
	groups, err := watch.SavedGroups(ctx, l.App, workspace)
	if err != nil {
		return before, err
	}
	s := groups.Sum(before)
	at, err := l.publishedOf(ctx, workspace)
	if err != nil {
		return s, err
	}
	s.Trouble = at.Trouble
	for _, w := range l.watching.of(workspace) {
		s.Trouble = cmp.Or(s.Trouble, w.Stats().Trouble)
	}
	if l.sharing.part.Publish {
		if events, err := l.Events(workspace); err == nil { // else the intake says why it cannot be opened
			s.Behind += uint64(events.Last() - min(at.Position, events.Last()))
		}
	}
	return s, nil
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

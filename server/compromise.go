package server

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/job"
	"holdfast/kind"
	"holdfast/watch"
)

// hearOfIndicators tells the watch that an indicator of compromise has changed, other
// than by being seen, and remembers that new ones have to be looked for in the past.
func (l *Local) hearOfIndicators(_ context.Context, e app.Event) {
	if e.Kind != isms.ThreatIndicators || !changesWatch(e) {
		return
	}
	l.watching.mu.Lock()
	defer l.watching.mu.Unlock()
	if k := l.watching.known[e.Workspace]; k != nil {
		k.Changed()
	}
	if e.Before == nil {
		if l.watching.fresh == nil {
			l.watching.fresh = map[string]bool{}
		}
		l.watching.fresh[e.Workspace] = true
	}
}

// askForHunts asks for a look into the past in every workspace with fresh indicators.
func (l *Local) askForHunts(ctx context.Context, log *slog.Logger) {
	l.watching.mu.Lock()
	fresh := l.watching.fresh
	l.watching.fresh = nil
	l.watching.mu.Unlock()
	for ws := range fresh {
		machine := access.With(ctx, access.Actor{Name: "holdfast", Workspace: ws, Machine: true, Via: "flow"})
		if _, err := l.App.Enqueue(machine, app.Request{Name: detection.JobHunt, Title: "Look for new indicators in stored events", Once: "hunt"}); err != nil && ctx.Err() == nil {
			log.Warn("looking for indicators in the past", "workspace", ws, "error", err)
		}
	}
}

const lastHunt = "indicators looked for in the past for "

// hunt looks for the indicators that are new since the last time in the events that were
// stored before they arrived.
func (l *Local) hunt(ctx context.Context, w *job.Work) error {
	ws := w.Job.Workspace
	begun := l.App.Now()
	q := kind.Query{}.Where("status", "active")
	if text, err := l.Store.Setting(ctx, lastHunt+ws); err != nil {
		return err
	} else if text != "" {
		q = q.With("created_at", kind.AtLeast, text)
	}
	var all []*isms.ThreatIndicator
	err := l.App.All(ctx, isms.ThreatIndicators, q, func(r kind.Record) error {
		all = append(all, r.(*isms.ThreatIndicator))
		return nil
	})
	if err != nil {
		return err
	}
	events, err := l.Events(ws)
	if err != nil {
		return err
	}
	out, err := watch.Hunt(ctx, l.App, l.Detection, events, all, time.Time{}, w.Progress)
	if err != nil {
		return err
	}
	w.Progress(fmt.Sprintf("%d indicators, %d events compared, %d show one, %d alerts", len(all), out.Looked, out.Seen, out.Alerts), 1, 1)
	w.Result("/alerts")
	return l.Store.SetSetting(ctx, lastHunt+ws, kind.FormatTime(begun))
}

package server

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"math"
	"slices"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/eventstore/sample"
	"holdfast/isms"
)

// sampleEventSources are the sources of the sample organisation through which each kind
// of sample line comes.
var sampleEventSources = map[string]string{
	sample.Auth: "bastion-log", sample.Web: "web-hosts-log", sample.Win: "laptops-log", sample.Cloud: "cloud-trail", sample.DNS: "dns-log", sample.Hosts: "app-hosts-log",
}

// How many events the sample has from the last day, and how often one more arrives.
const (
	sampleEventCount = 30_000 // of which the hours of the day keep about half
	sampleHostCount  = 6_000  // of the application hosts, likewise
	sampleEventEvery = 3 * time.Second
	sampleHostEvery  = 5 // of the times that others write
	sampleAtOnce     = 2_000
)

// busy is how much of what could happen does at an hour of the day: people work by day.
func busy(at time.Time) float64 {
	hour := float64(at.Hour()) + float64(at.Minute())/60
	return 0.3 + 0.7*max(0, math.Sin(math.Pi*(hour-6)/14))
}

// sampleEvents gives the sample organisation a day of events, unless it has any.
func (l *Local) sampleEvents(ctx context.Context, workspace string) error {
	s, err := l.Events(workspace)
	if err != nil || s.Last() > 0 {
		return err
	}
	ids, err := l.sampleSourceIDs(ctx, workspace)
	if err != nil {
		return err
	}
	now := l.App.Now()
	var lines []event.Line
	for _, some := range []iter.Seq[event.Line]{
		sample.Lines(1, sampleEventCount, now.Add(-24*time.Hour), now), sample.HostLines(1, sampleHostCount, now.Add(-24*time.Hour), now),
	} {
		dice := 0.0
		for line := range some {
			if _, dice = math.Modf(dice + math.Phi); dice < busy(line.Received) {
				line.Source = ids[line.Source]
				lines = append(lines, line)
			}
		}
	}
	slices.SortStableFunc(lines, func(a, b event.Line) int { return a.Received.Compare(b.Received) })
	for part := range slices.Chunk(lines, sampleAtOnce) {
		if _, err := s.Append(ctx, part...); err != nil {
			return err
		}
	}
	return nil
}

// sampleSourceIDs are the ids of the sources by the kind of sample line.
func (l *Local) sampleSourceIDs(ctx context.Context, workspace string) (map[string]string, error) {
	machine := access.With(ctx, access.Actor{Name: "Sample", Workspace: workspace, Machine: true, Via: "import"})
	ids := map[string]string{}
	for name, key := range sampleEventSources {
		source, err := app.Of[isms.EventSource](l.App, isms.EventSources).Get(machine, key)
		if err != nil {
			return nil, err
		}
		ids[name] = source.ID
	}
	return ids, nil
}

// goOnWithSampleEvents adds a line now and then until the context ends, so that there is
// something to follow.
func (l *Local) goOnWithSampleEvents(ctx context.Context, workspace string, log *slog.Logger) {
	s, err := l.Events(workspace)
	if err != nil {
		log.Warn("sample events", "error", err)
		return
	}
	ids, err := l.sampleSourceIDs(ctx, workspace)
	if err != nil {
		log.Warn("sample events", "error", err)
		return
	}
	tick := time.NewTicker(sampleEventEvery)
	defer tick.Stop()
	for seed := uint64(2); ; seed++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := l.App.Now()
		lines := slices.Collect(sample.Lines(seed, 1, now.Add(-sampleEventEvery), now))
		if seed%sampleHostEvery == 0 {
			lines = slices.AppendSeq(lines, sample.HostLines(seed, 1, now.Add(-sampleEventEvery), now))
		}
		for _, line := range lines {
			line.Source = ids[line.Source]
			if _, err := s.Append(ctx, line); err != nil {
				if ctx.Err() == nil && !errors.Is(err, eventstore.ErrClosed) {
					log.Warn("sample events", "error", err)
				}
				return
			}
		}
	}
}

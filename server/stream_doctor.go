package server

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"holdfast/eventstore/stream"
	"holdfast/isms"
	"holdfast/store"
	"holdfast/watch"
)

// Limits beyond which the doctor speaks of shared events.
const (
	someBehind  = 1_000 // lines that nobody has looked at
	manyParcels = 100   // findings of detectors that wait to become alerts
	doctorWaits = 5 * time.Second
	fullStream  = 0.9 // of its size
)

// examineStream looks whether events reach those who share them, and how far behind they
// are.
func (l *Local) examineStream(ctx context.Context) ([]store.Problem, error) {
	part := l.sharing.part
	if err := l.sharing.err; err != nil {
		return []store.Problem{ailment(err.Error(), l.Place.EventsFile(), "mend the file and start the server again")}, nil //nolint:nilerr // it is told as a problem
	}
	if part == nil {
		return nil, nil
	}
	spaces, err := l.App.Workspaces(ctx)
	if err != nil {
		return nil, err
	}
	var list []store.Problem
	for _, ws := range spaces {
		for _, examine := range []func(context.Context, *streamPart, *isms.Workspace) ([]store.Problem, error){l.examinePublishing, l.examineGroups, l.examineHandover} {
			found, err := examine(ctx, part, ws)
			list = append(list, found...)
			if err != nil {
				return list, err
			}
		}
	}
	return list, nil
}

// examinePublishing looks at the way into the stream.
func (l *Local) examinePublishing(ctx context.Context, part *streamPart, ws *isms.Workspace) ([]store.Problem, error) {
	where := "sharing the events of " + ws.Title
	at, err := l.publishedOf(ctx, ws.ID)
	if err != nil {
		return []store.Problem{ailment(err.Error(), where, "start the server that takes events in; it finds out where the stream ends")}, nil //nolint:nilerr // it is told as a problem
	}
	var list []store.Problem
	waits := ""
	if part.Publish {
		if events, err := l.Events(ws.ID); err == nil && events.Last() > at.Position { // no server runs, or it is this process
			waits = fmt.Sprintf(", %d wait", events.Last()-at.Position)
		}
	}
	if at.Trouble != "" {
		list = append(list, ailment("events are not shared"+waits+": "+at.Trouble, where, "mend what it names; nothing is lost while the event store keeps them, and it goes on by itself"))
	}
	if at.Skipped > 0 {
		list = append(list, advice(fmt.Sprintf("%d events were dropped by retention before they could be shared: no detector has seen them", at.Skipped), where, "keep events longer, or mend the stream sooner"))
	}
	return list, nil
}

// examineGroups asks the stream how far those are who follow it.
func (l *Local) examineGroups(ctx context.Context, part *streamPart, ws *isms.Workspace) ([]store.Problem, error) {
	where := "detectors of " + ws.Title
	cfg, err := part.config(l.Place.Data, ws.ID, os.Getenv)
	if err != nil {
		return nil, err
	}
	cfg.Join, cfg.Wait = true, doctorWaits
	s, err := stream.Open(ctx, cfg)
	if err != nil {
		return []store.Problem{ailment("the stream cannot be reached: "+err.Error(), where, "start NATS or mend events.yaml; until then events wait on the machine that takes them in, and nobody looks at them")}, nil //nolint:nilerr // it is told as a problem
	}
	defer s.Close() //nolint:errcheck // it was only asked
	ctx, cancel := context.WithTimeout(ctx, 2*doctorWaits)
	defer cancel()
	g, err := watch.SavedGroups(ctx, l.App, ws.ID)
	if err != nil {
		return []store.Problem{ailment(err.Error(), where, "start a detector; it begins anew with the oldest event")}, nil //nolint:nilerr // it is told as a problem
	}
	return groupAilments(ctx, s, g, where)
}

func groupAilments(ctx context.Context, s *stream.Stream, g watch.Groups, where string) ([]store.Problem, error) {
	var list []store.Problem
	n, known, err := s.Behind(ctx, watch.RulesGroup)
	if err != nil {
		return list, err
	}
	if !known { // nobody ever joined: all of it waits
		st, err := s.State(ctx)
		if err != nil {
			return list, err
		}
		n = st.Lines
	}
	if len(g.Machines) == 0 {
		list = append(list, ailment(fmt.Sprintf("no detector has worked in the last minute; %d events wait for rules", n), where, "start holdfast serve on a machine with detect: true in events.yaml"))
	} else if n > someBehind {
		list = append(list, advice(fmt.Sprintf("%d events wait for rules; they run on %s", n, strings.Join(g.Machines, ", ")), where, "let another machine detect"))
	}
	n, lost, err := s.After(ctx, g.Mark)
	if err != nil {
		return list, err
	}
	if g.Holder == "" && n > 0 {
		list = append(list, ailment(fmt.Sprintf("no detector runs correlations; %d events wait for them", n), where, "start holdfast serve on a machine with detect: true in events.yaml"))
	} else if n > someBehind {
		list = append(list, advice(fmt.Sprintf("%d events wait for correlations, which run on %s alone", n, g.Holder), where, "give that machine more time, or disable correlations over rules that match too much"))
	}
	if g.Missed > 0 {
		list = append(list, ailment(fmt.Sprintf("%d events left the stream before rules saw them, or never came into it", g.Missed), where, "keep them longer (keep_hours), and mind that detectors run"))
	}
	if lost > 0 {
		list = append(list, ailment(fmt.Sprintf("%d events left the stream before correlations saw them", lost), where, "keep them longer (keep_hours), and mind that detectors run"))
	}
	return append(list, fullAilments(ctx, s, where)...), nil
}

// fullAilments looks whether there is room. A full stream refuses what is new.
func fullAilments(ctx context.Context, s *stream.Stream, where string) []store.Problem {
	st, err := s.State(ctx)
	if err != nil || st.MaxBytes <= 0 || float64(st.Bytes) < fullStream*float64(st.MaxBytes) {
		return nil
	}
	return []store.Problem{advice(fmt.Sprintf("the stream holds %d MB of %d; when it is full new events wait on the machine that takes them in", st.Bytes>>20, st.MaxBytes>>20), where, "give the stream more room in NATS, or keep lines for less long")}
}

// examineHandover looks whether findings of detectors become alerts.
func (l *Local) examineHandover(ctx context.Context, _ *streamPart, ws *isms.Workspace) ([]store.Problem, error) {
	var waiting []store.Handover
	err := l.App.View(machineIn(ctx, ws.ID), func(tx *store.Tx) (err error) {
		waiting, err = tx.HandedOver(manyParcels)
		return err
	})
	if err != nil || len(waiting) < manyParcels {
		return nil, err
	}
	return []store.Problem{ailment("findings of detectors wait to become alerts", "detectors of "+ws.Title, "see whether the server runs on the machine with publish: true in events.yaml, and what its log says")}, nil
}

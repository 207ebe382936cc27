package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"holdfast/forward"
	"holdfast/isms"
	"holdfast/store"
)

// ForwardFile says where events are handed on to, when anywhere. It may hold tokens, so
// only its owner may read it.
func (p Place) ForwardFile() string { return filepath.Join(p.Data, "forward.yaml") }

// forwardTargets are the receivers of events; none without the file.
func (l *Local) forwardTargets() ([]forward.Target, error) {
	file := l.Place.ForwardFile()
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&lettersOfOthers != 0 {
		return nil, fmt.Errorf("%s may hold tokens and can be read by others: chmod 600 %s", file, file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	targets, err := forward.ReadTargets(data, os.Getenv)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return targets, nil
}

// forwardEvents hands events on to every target until the context ends. A target whose
// workspace does not exist yet begins when it does.
func (l *Local) forwardEvents(ctx context.Context, log *slog.Logger) {
	waiting, err := l.forwardTargets()
	if err != nil {
		log.Error("events are not forwarded", "error", err)
		return
	}
	var work sync.WaitGroup
	defer work.Wait()
	for len(waiting) > 0 {
		spaces, err := l.App.Workspaces(ctx)
		if err != nil && ctx.Err() == nil {
			log.Warn("workspaces to forward from", "error", err)
		}
		waiting = slices.DeleteFunc(waiting, func(t forward.Target) bool {
			f, err := l.forwarder(ctx, t, spaces, log)
			if err != nil {
				log.Warn("events are not forwarded", "target", t.Name, "error", err)
			}
			if f != nil {
				work.Go(func() { f.Run(ctx) })
			}
			return f != nil
		})
		select {
		case <-ctx.Done():
			return
		case <-time.After(newSpaces):
		}
	}
}

// forwarder makes the forwarder of a target.
func (l *Local) forwarder(ctx context.Context, t forward.Target, spaces []*isms.Workspace, log *slog.Logger) (*forward.Forwarder, error) {
	ws, err := spaceNamed(spaces, t.Workspace)
	if err != nil {
		return nil, err
	}
	events, err := l.Events(ws.ID)
	if err != nil {
		return nil, err
	}
	saved, err := l.ForwardStats(ctx, t.Name)
	if err != nil {
		return nil, err
	}
	read := l.anotherReader(ws.ID)
	return forward.New(forward.Config{
		Target: t, Events: events, Now: l.now, Log: log, Parse: read.parse, SourceKey: read.key, Saved: saved,
		Keep: func(ctx context.Context, s forward.Stats) error {
			text, err := json.Marshal(s)
			if err != nil {
				return err
			}
			return l.Store.SetSetting(ctx, forwardSetting+t.Name, string(text))
		},
	})
}

// spaceNamed is the workspace with a short name. No other is taken in its place: events
// of one must not reach the receiver of another.
func spaceNamed(spaces []*isms.Workspace, slug string) (*isms.Workspace, error) {
	for _, ws := range spaces {
		if ws.Slug == slug {
			return ws, nil
		}
	}
	return nil, fmt.Errorf("there is no workspace %q", slug)
}

// forwardSetting, with the name of a target, is where its figures are remembered.
const forwardSetting = "events forwarded to "

// ForwardStats tells how forwarding to a target goes, as it was remembered last.
func (l *Local) ForwardStats(ctx context.Context, target string) (forward.Stats, error) {
	var s forward.Stats
	text, err := l.Store.Setting(ctx, forwardSetting+target)
	if err != nil || text == "" {
		return s, err
	}
	return s, json.Unmarshal([]byte(text), &s)
}

// examineForward looks whether events reach those they are forwarded to.
func (l *Local) examineForward(ctx context.Context) ([]store.Problem, error) {
	targets, err := l.forwardTargets()
	if err != nil {
		return []store.Problem{ailment(err.Error(), l.Place.ForwardFile(), "mend the file and start the server again")}, nil //nolint:nilerr // it is told as a problem
	}
	if len(targets) == 0 {
		return nil, nil
	}
	spaces, err := l.App.Workspaces(ctx)
	if err != nil {
		return nil, err
	}
	var list []store.Problem
	for _, t := range targets {
		where := "forwarding to " + t.Name
		ws, err := spaceNamed(spaces, t.Workspace)
		if err != nil {
			list = append(list, ailment(err.Error(), where, "name one that exists in forward.yaml, by its short name"))
			continue
		}
		s, err := l.ForwardStats(ctx, t.Name)
		if err != nil {
			return list, err
		}
		if events, err := l.Events(ws.ID); err == nil { // no server runs: what it remembered is out of date
			s.Behind = uint64(events.Last() - min(s.Position, events.Last()))
		}
		list = append(list, forwardAilments(s, where)...)
	}
	return list, nil
}

func forwardAilments(s forward.Stats, where string) []store.Problem {
	var list []store.Problem
	if s.Trouble != "" {
		list = append(list, ailment(fmt.Sprintf("events are not forwarded, %d wait: %s", s.Behind, s.Trouble), where, "mend what it names; it goes on by itself"))
	} else if s.Behind > farBehind {
		what := fmt.Sprintf("%d events wait to be forwarded", s.Behind)
		if s.LastErr != "" {
			what += fmt.Sprintf("; the last error was on %s: %s", s.LastAt.UTC().Format(time.DateTime), s.LastErr)
		}
		list = append(list, advice(what, where, "see whether the receiver takes them fast enough, and whether the server runs"))
	}
	if s.Skipped > 0 {
		list = append(list, advice(fmt.Sprintf("%d events were dropped by retention before they could be forwarded", s.Skipped), where, "keep events longer, or make the receiver faster"))
	}
	if n := s.Refused + s.Poison; n > 0 {
		list = append(list, advice(fmt.Sprintf("%d events were not taken and left out; the last error: %s", n, s.LastErr), where, "the log names their positions; find them under Events"))
	}
	if s.Cut > 0 {
		list = append(list, advice(fmt.Sprintf("%d events were cut because a datagram holds no more", s.Cut), where, "use tls:// or tcp:// instead of udp://"))
	}
	return list
}

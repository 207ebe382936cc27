package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"holdfast/eventstore"
	"holdfast/eventstore/outside"
	"holdfast/forward"
	"holdfast/store"
)

// copies are the stores outside that events are copied to, by workspace.
type copies struct {
	mu      sync.Mutex
	stores  map[string]*outside.Store
	mirrors map[string]*outside.Mirror // those that run
}

// outsideSettings are what events.yaml says of a store outside; nil: there is none.
func (l *Local) outsideSettings() (*outside.Settings, error) {
	parts, err := l.Place.readEvents()
	if err != nil || parts.Outside == nil {
		return nil, err
	}
	set, err := parts.Outside.Ready(os.Getenv)
	if err != nil {
		return nil, fmt.Errorf("%s: outside: %w", l.Place.EventsFile(), err)
	}
	return &set, nil
}

// outsideStore is the copy of the events of a workspace; nil: there is none.
func (l *Local) outsideStore(workspace string) (*outside.Store, error) {
	l.copies.mu.Lock()
	defer l.copies.mu.Unlock()
	if s := l.copies.stores[workspace]; s != nil {
		return s, nil
	}
	set, err := l.outsideSettings()
	if err != nil || set == nil {
		return nil, err
	}
	events, err := l.Events(workspace)
	if err != nil {
		return nil, err
	}
	id, err := events.Identity()
	if err != nil {
		return nil, err
	}
	s, err := outside.Open(outside.Config{Settings: *set, Identity: id, Parse: l.anotherReader(workspace).parse})
	if err != nil {
		return nil, fmt.Errorf("%s: outside: %w", l.Place.EventsFile(), err)
	}
	if l.copies.stores == nil {
		l.copies.stores, l.copies.mirrors = map[string]*outside.Store{}, map[string]*outside.Mirror{}
	}
	l.copies.stores[workspace] = s
	return s, nil
}

// EventReader is what is searched for the events of a workspace: the store here, and the
// one outside where there is one.
func (l *Local) EventReader(workspace string) (eventstore.Reader, error) {
	events, err := l.Events(workspace)
	if err != nil {
		return nil, err
	}
	out, err := l.outsideStore(workspace)
	if err != nil {
		return onlyHere{events, err}, nil
	}
	if out == nil {
		return events, nil
	}
	return &outside.Reader{Here: events, Outside: out, Settled: func() eventstore.Position { return l.settled(workspace, events) }}, nil
}

// settled is the last event that is surely found outside. Where no mirror runs in this
// process, what was remembered is long done.
func (l *Local) settled(workspace string, events *eventstore.Store) eventstore.Position {
	l.copies.mu.Lock()
	m := l.copies.mirrors[workspace]
	l.copies.mu.Unlock()
	if m != nil {
		return m.Settled()
	}
	cursor, err := events.Follow(outside.Cursor)
	if err != nil {
		return 0
	}
	return cursor.Position()
}

// onlyHere searches the store here and says why not the one outside.
type onlyHere struct {
	*eventstore.Store
	why error
}

// Search finds events here.
func (o onlyHere) Search(ctx context.Context, q eventstore.Query) (eventstore.Result, error) {
	res, err := o.Store.Search(ctx, q)
	res.Partial, res.Note = true, fmt.Sprintf("The store outside is not searched: %v.", o.why)
	return res, err
}

// copyEvents writes the events of every workspace to the store outside, where there is
// one, until the context ends.
func (l *Local) copyEvents(ctx context.Context, log *slog.Logger) {
	set, err := l.outsideSettings()
	if err != nil {
		log.Error("events are not copied to the store outside", "error", err)
	}
	if err != nil || set == nil {
		return
	}
	var work sync.WaitGroup
	defer work.Wait()
	running := map[string]bool{}
	for {
		spaces, err := l.App.Workspaces(ctx)
		if err != nil && ctx.Err() == nil {
			log.Warn("workspaces to copy events of", "error", err)
		}
		for _, ws := range spaces {
			if running[ws.ID] {
				continue
			}
			m, err := l.mirror(ctx, ws.ID, log)
			if err != nil {
				log.Warn("events are not copied to the store outside", "workspace", ws.Slug, "error", err)
				continue
			}
			running[ws.ID] = true
			work.Go(func() { m.Run(ctx) })
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(newSpaces):
		}
	}
}

// mirror makes the mirror of a workspace.
func (l *Local) mirror(ctx context.Context, workspace string, log *slog.Logger) (*outside.Mirror, error) {
	out, err := l.outsideStore(workspace)
	if err == nil && out == nil {
		err = fmt.Errorf("%s names no store outside any longer", l.Place.EventsFile())
	}
	if err != nil {
		return nil, err
	}
	events, err := l.Events(workspace)
	if err != nil {
		return nil, err
	}
	saved, err := l.copyStats(ctx, workspace)
	if err != nil {
		return nil, err
	}
	m, err := outside.NewMirror(outside.MirrorConfig{
		Store: out, Events: events, Now: l.now, Log: log, Parse: l.anotherReader(workspace).parse, Saved: saved,
		Keep: func(ctx context.Context, s forward.Stats) error {
			text, err := json.Marshal(s)
			if err != nil {
				return err
			}
			return l.Store.SetSetting(ctx, copySetting+workspace, string(text))
		},
	})
	if err != nil {
		return nil, err
	}
	l.copies.mu.Lock()
	defer l.copies.mu.Unlock()
	l.copies.mirrors[workspace] = m
	return m, nil
}

// copySetting, with the id of a workspace, is where the figures of its mirror are
// remembered.
const copySetting = "events copied outside of "

// copyStats tells how the copying of a workspace goes, as it was remembered last.
func (l *Local) copyStats(ctx context.Context, workspace string) (forward.Stats, error) {
	var s forward.Stats
	text, err := l.Store.Setting(ctx, copySetting+workspace)
	if err != nil || text == "" {
		return s, err
	}
	return s, json.Unmarshal([]byte(text), &s)
}

// examineCopies looks whether the store outside answers, and has what was written to it.
func (l *Local) examineCopies(ctx context.Context) ([]store.Problem, error) {
	set, err := l.outsideSettings()
	if err != nil {
		return []store.Problem{ailment(err.Error(), l.Place.EventsFile(), "mend the file and start the server again")}, nil //nolint:nilerr // it is told as a problem
	}
	if set == nil {
		return nil, nil
	}
	spaces, err := l.App.Workspaces(ctx)
	if err != nil {
		return nil, err
	}
	var list []store.Problem
	for _, ws := range spaces {
		s, err := l.copyStats(ctx, ws.ID)
		if err != nil {
			return list, err
		}
		if events, err := l.Events(ws.ID); err == nil { // no server runs: what it remembered is out of date
			s.Behind = uint64(events.Last() - min(s.Position, events.Last()))
		}
		where := "the copy of the events of " + ws.Slug + " outside"
		list = append(list, copyAilments(s, where)...)
		list = append(list, l.examineCopy(ctx, *set, ws.ID, s, where)...)
	}
	return list, nil
}

// copyAilments says what the figures tell.
func copyAilments(s forward.Stats, where string) []store.Problem {
	shortened := s.Cut
	s.Cut = 0
	list := forwardAilments(s, where)
	if shortened > 0 {
		list = append(list, advice(fmt.Sprintf("of %d events only a part was written, as they are larger than a document may be", shortened), where, "let the other side take larger ones and raise largest in events.yaml"))
	}
	return list
}

// How many of the events that were written last are looked for, and how long a system
// may take to find what it has just taken.
const (
	mostCounted  = 10_000
	becomesFound = 1500 * time.Millisecond
)

// examineCopy asks the store outside for what was written last. A system may say yes and
// drop what is older or larger than it takes.
func (l *Local) examineCopy(ctx context.Context, set outside.Settings, workspace string, s forward.Stats, where string) []store.Problem {
	id, err := eventstore.IdentityIn(l.Place.EventsDir(workspace))
	if err != nil {
		return []store.Problem{ailment(err.Error(), where, "take the file from its copy")}
	}
	if id == "" {
		return nil // nothing was written yet
	}
	out, err := outside.Open(outside.Config{Settings: set, Identity: id, Parse: l.anotherReader(workspace).parse})
	if err != nil {
		return []store.Problem{ailment(err.Error(), l.Place.EventsFile(), "mend the file and start the server again")}
	}
	want := min(mostCounted, s.Sent/2, uint64(s.Position)) // what was sent again counts twice
	lost := int64(0)
	for try := range 3 {
		n, err := out.Count(ctx, s.Position-eventstore.Position(want), s.Position)
		if err != nil {
			return []store.Problem{ailment(err.Error(), where, "mend what it names; meanwhile only what is kept here is found")}
		}
		if lost = int64(want) - int64(n) - int64(s.Refused+s.Poison); lost <= 0 || try == 2 { //nolint:gosec // some thousand
			break
		}
		select { // what was written just now is found a little later
		case <-time.After(becomesFound):
		case <-ctx.Done():
			return nil
		}
	}
	if lost > 0 {
		return []store.Problem{ailment(fmt.Sprintf("of the last %d events that were taken, %d are not found there", want, lost), where,
			"see whether it keeps events that are this old and documents this large, and has not dropped them since")}
	}
	return nil
}

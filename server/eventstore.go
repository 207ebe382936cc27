package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"sync"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/job"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/watch"
)

// JobEvents drops events whose time is over and merges their segments.
const JobEvents = "events"

// How long events are kept where their source does not say, and how much in all. Alerts
// keep theirs as evidence.
const (
	keepEventsDays  = 30
	keepEventsBytes = 64 << 30
)

// EventsDir holds the events of a workspace.
func (p Place) EventsDir(workspace string) string {
	return filepath.Join(p.Data, "events", kind.Slug(workspace))
}

// openEvents are the event stores that are open.
type openEvents struct {
	mu     sync.Mutex
	stores map[string]*eventstore.Store // by workspace
	read   map[string]*lineReader       // by workspace
	others map[string][]*lineReader     // by workspace: of those who read beside the store
	tended map[string]bool              // sealed in the background
}

// Events is the event store of a workspace, opened on first use. It stays open until the
// installation is closed; only one process may have it open.
func (l *Local) Events(workspace string) (*eventstore.Store, error) {
	o := &l.events
	o.mu.Lock()
	defer o.mu.Unlock()
	if s := o.stores[workspace]; s != nil {
		return s, nil
	}
	shelf, err := l.segmentShelf(workspace)
	if err != nil {
		return nil, err
	}
	read := &lineReader{app: l.App, workspace: workspace}
	s, err := eventstore.Open(l.Place.EventsDir(workspace), eventstore.Config{Now: l.now, Parse: read.parse, Shelf: shelf})
	if errors.Is(err, eventstore.ErrLocked) {
		return nil, kind.Errorf(kind.Unavailable, "%w: ask the server that runs here, with --server", err)
	}
	if err != nil {
		return nil, err
	}
	if o.stores == nil {
		o.stores, o.read, o.tended = map[string]*eventstore.Store{}, map[string]*lineReader{}, map[string]bool{}
	}
	o.stores[workspace], o.read[workspace] = s, read
	return s, nil
}

// closeEvents closes the event stores that were opened.
func (l *Local) closeEvents() error {
	l.events.mu.Lock()
	defer l.events.mu.Unlock()
	var all []error
	for _, s := range l.events.stores {
		all = append(all, s.Close())
	}
	l.events.stores = nil
	return errors.Join(all...)
}

// A lineReader reads lines as the records of their sources say. One goroutine at a time
// reads; the records may change meanwhile.
type lineReader struct {
	app       *app.App
	workspace string

	mu      sync.Mutex
	parsers map[string]*event.Parser // by source
	keys    map[string]string        // of sources, by id
}

// mostParsers bounds how many sources are remembered.
const mostParsers = 10_000

func (r *lineReader) parse(l event.Line, e *event.Event) { r.of(l.Source).Parse(l, e) }

func (r *lineReader) of(source string) *event.Parser {
	r.mu.Lock()
	defer r.mu.Unlock()
	if p := r.parsers[source]; p != nil {
		return p
	}
	var o event.Options
	var key string
	machine := access.With(context.Background(), access.Actor{Name: "holdfast", Workspace: r.workspace, Machine: true, Via: "flow"})
	if s, err := app.Of[isms.EventSource](r.app, isms.EventSources).Get(machine, source); err == nil {
		o, key = detection.SourceOptions(s), s.Key
	} // a source that is gone is recognised line by line
	if r.parsers == nil || len(r.parsers) > mostParsers {
		r.parsers, r.keys = map[string]*event.Parser{}, map[string]string{}
	}
	p := event.NewParser(o)
	r.parsers[source], r.keys[source] = p, key
	return p
}

// key is the key of a source; empty: it is gone.
func (r *lineReader) key(source string) string {
	r.of(source)
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.keys[source]
}

func (r *lineReader) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.parsers = nil
}

// anotherReader reads lines of a workspace for somebody who does so beside the store.
func (l *Local) anotherReader(workspace string) *lineReader {
	l.events.mu.Lock()
	defer l.events.mu.Unlock()
	r := &lineReader{app: l.App, workspace: workspace}
	if l.events.others == nil {
		l.events.others = map[string][]*lineReader{}
	}
	l.events.others[workspace] = append(l.events.others[workspace], r)
	return r
}

// hearOfSources makes the event stores read lines anew when a source changed.
func (l *Local) hearOfSources(_ context.Context, e app.Event) {
	if e.Kind != isms.EventSources || !changesWatch(e) {
		return
	}
	l.events.mu.Lock()
	defer l.events.mu.Unlock()
	if r := l.events.read[e.Workspace]; r != nil {
		r.forget()
	}
	for _, r := range l.events.others[e.Workspace] {
		r.forget()
	}
}

// tendEvents seals what arrives, in every event store that is open, until the context
// ends. What is not sealed then is in the log.
func (l *Local) tendEvents(ctx context.Context, log *slog.Logger) {
	var work sync.WaitGroup
	defer work.Wait()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		for workspace, s := range l.untended() {
			work.Go(func() {
				s.Run(ctx, func(err error) { log.Error("seal events", "workspace", workspace, "error", err) })
			})
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// untended are the stores that nobody seals yet. From now on somebody does.
func (l *Local) untended() map[string]*eventstore.Store {
	o := &l.events
	o.mu.Lock()
	defer o.mu.Unlock()
	list := maps.Clone(o.stores)
	maps.DeleteFunc(list, func(ws string, _ *eventstore.Store) bool { return o.tended[ws] })
	for ws := range list {
		o.tended[ws] = true
	}
	return list
}

// careForEvents drops what may not be kept any longer and merges small segments.
func (l *Local) careForEvents(ctx context.Context, w *job.Work) error {
	s, err := l.Events(w.Job.Workspace)
	if err != nil {
		return err
	}
	sources, err := app.Of[isms.EventSource](l.App, isms.EventSources).All(ctx, kind.Query{})
	if err != nil {
		return err
	}
	keep := eventstore.Retention{Days: keepEventsDays, MaxBytes: keepEventsBytes, Sources: map[string]int{}}
	for _, source := range sources {
		keep.Sources[source.ID] = source.KeepDays
	}
	w.Progress("Dropping events whose time is over", 0, 0)
	dropped, err := s.Retain(ctx, keep)
	if err != nil {
		return err
	}
	if err := watch.DropRehearsals(s, l.now()); err != nil {
		return err
	}
	merged, err := s.Merge(ctx)
	var count int64
	for _, i := range dropped.Sources {
		count += i.Count
	}
	w.Progress(fmt.Sprintf("%d events dropped, %d segments merged", count, merged), 1, 1)
	w.Result("/events")
	return errors.Join(err, l.did(ctx, lastEvents+w.Job.Workspace))
}

// lastEvents remembers when events were cared for last.
const lastEvents = "events cared for in "

// examineEvents reads every segment of events and compares its hash.
func (l *Local) examineEvents(ctx context.Context) ([]store.Problem, error) {
	spaces, err := l.App.Workspaces(ctx)
	if err != nil {
		return nil, err
	}
	var list []store.Problem
	for _, ws := range spaces {
		s, err := l.Events(ws.ID)
		if errors.Is(err, eventstore.ErrLocked) {
			list = append(list, advice("events are not looked at while the server runs", l.Place.EventsDir(ws.ID), "stop the server first, to have them examined"))
			continue
		}
		if err != nil {
			list = append(list, ailment(err.Error(), l.Place.EventsDir(ws.ID), "let the account that runs the product own the data folder"))
			continue
		}
		wrong, err := s.Verify(ctx)
		if err != nil {
			return list, err
		}
		for _, p := range wrong {
			list = append(list, ailment(p.What, filepath.Join(l.Place.EventsDir(ws.ID), "segments", p.Where), p.Remedy))
		}
	}
	return list, nil
}

package server

import (
	"errors"
	"path/filepath"

	"holdfast/eventstore"
	"holdfast/kind"
)

// EventsDir holds the events of a workspace.
func (p Place) EventsDir(workspace string) string {
	return filepath.Join(p.Data, "events", kind.Slug(workspace))
}

// Events is the event store of a workspace, opened on first use. It stays open until the
// installation is closed; only one process may have it open.
func (l *Local) Events(workspace string) (*eventstore.Store, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if s := l.events[workspace]; s != nil {
		return s, nil
	}
	s, err := eventstore.Open(l.Place.EventsDir(workspace), eventstore.Config{Now: l.now})
	if err != nil {
		return nil, err
	}
	if l.events == nil {
		l.events = map[string]*eventstore.Store{}
	}
	l.events[workspace] = s
	return s, nil
}

// closeEvents closes the event stores that were opened.
func (l *Local) closeEvents() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []error
	for _, s := range l.events {
		all = append(all, s.Close())
	}
	l.events = nil
	return errors.Join(all...)
}

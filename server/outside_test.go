package server

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/api"
	"holdfast/api/client"
	"holdfast/app"
	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/isms"
	"holdfast/testkit/standin"
)

// copySays is what the doctor says of the store outside.
func copySays(t *testing.T, l *Local) string {
	t.Helper()
	list, err := l.examineCopies(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(list)
}

// copied is the last event that the running mirror of a workspace has dealt with.
func copied(l *Local, workspace string) eventstore.Position {
	l.copies.mu.Lock()
	m := l.copies.mirrors[workspace]
	l.copies.mu.Unlock()
	if m == nil {
		return 0
	}
	return m.Stats().Position
}

func outsideFile(t *testing.T, l *Local, text string) {
	t.Helper()
	if err := os.WriteFile(l.Place.EventsFile(), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestEventsThatAreNotKeptHereAnyLongerAreSearchedOutside goes the whole way: copied,
// dropped here, found through the API as before, and told about when the system is away.
func TestEventsThatAreNotKeptHereAnyLongerAreSearchedOutside(t *testing.T) {
	l, err := Open(t.Context(), Place{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	who, err := l.App.Found(t.Context(), "Fernhill", app.First{Name: "Ada", Email: "ada@example.org", Password: "correct horse battery staple"})
	if err != nil {
		t.Fatal(err)
	}
	source := &isms.EventSource{Base: isms.Base{Key: "gate", Title: "Gate"}, Transport: "http", Format: "text", Product: "gatekeeper"}
	if err := l.App.Save(access.With(t.Context(), who), source); err != nil {
		t.Fatal(err)
	}
	search := standin.NewOpenSearch(t)
	outsideFile(t, l, "outside:\n  kind: opensearch\n  url: "+search.URL+"\n  timeout: 5s\n")
	events, err := l.Events(who.Workspace)
	if err != nil {
		t.Fatal(err)
	}
	for _, old := range []int{50, 0} {
		if _, err := events.Append(t.Context(), event.Line{Source: source.ID, Received: time.Now().AddDate(0, 0, -old), Raw: fmt.Appendf(nil, "opened %d days ago", old)}); err != nil {
			t.Fatal(err)
		}
		if err := events.Seal(true); err != nil {
			t.Fatal(err)
		}
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { l.copyEvents(ctx, slog.New(slog.DiscardHandler)); close(done) }()
	soon(t, "both are copied", func() bool { return copied(l, who.Workspace) == 2 })
	stop()
	<-done
	l.copies.mirrors = nil // as after a restart: what was copied has settled
	if said := copySays(t, l); said != "[]" {
		t.Errorf("when all is well the doctor says %s", said)
	}
	if _, err := events.Retain(t.Context(), eventstore.Retention{Days: 30}); err != nil {
		t.Fatal(err)
	}

	doors := api.New(api.Config{App: l.App, Flow: l.Flow, Log: slog.New(slog.DiscardHandler), Now: time.Now, Events: l.Events, EventReader: l.EventReader,
		Session: func(*http.Request) (access.Actor, error) { return who, nil }})
	ask := func(query string) client.EventPage {
		t.Helper()
		w := httptest.NewRecorder()
		doors.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/events?buckets=10&facet=product&q="+query, nil))
		var p client.EventPage
		if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		return p
	}
	if p := ask("product:gatekeeper"); p.Total != 2 || p.Partial || !strings.Contains(p.Note, "Searched in OpenSearch") || p.Events[1].Raw != "opened 50 days ago" || p.Facets["product"][0].Count != 2 {
		t.Errorf("found: %+v", p)
	}
	if p := ask("after:2h"); p.Total != 1 || p.Note != "" {
		t.Errorf("of the last hours: %+v", p)
	}
	w := httptest.NewRecorder()
	doors.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/events/1", nil))
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "opened 50 days ago") {
		t.Errorf("the event that is only outside: %d %s", w.Code, w.Body)
	}

	search.Close()
	if p := ask("product:gatekeeper"); p.Total != 1 || !p.Partial || !strings.Contains(p.Note, "only what is kept here") {
		t.Errorf("when it is away: %+v", p)
	}
	w = httptest.NewRecorder()
	doors.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/api/v1/events/export?format=raw", nil))
	if w.Code != http.StatusServiceUnavailable {
		t.Errorf("an export of a part passes for the whole: %d", w.Code)
	}
	if said := copySays(t, l); !strings.Contains(said, "only what is kept here is found") {
		t.Errorf("the doctor says %s", said)
	}
}

func TestEventsThatTheSystemOutsideDropsAreMissedByTheDoctor(t *testing.T) {
	l, err := Open(t.Context(), Place{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	who, err := l.App.Found(t.Context(), "Fernhill", app.First{Name: "Ada", Email: "ada@example.org", Password: "correct horse battery staple"})
	if err != nil {
		t.Fatal(err)
	}
	logs := standin.NewVictoriaLogs(t)
	logs.Retention = time.Now().AddDate(0, 0, -7)
	outsideFile(t, l, "outside:\n  kind: victorialogs\n  url: "+logs.URL+"\n")
	events, err := l.Events(who.Workspace)
	if err != nil {
		t.Fatal(err)
	}
	var lines []event.Line
	for i := range 20 {
		lines = append(lines, event.Line{Received: time.Now().AddDate(0, 0, -i), Raw: fmt.Appendf(nil, "line %d", i)})
	}
	if _, err := events.Append(t.Context(), lines...); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { l.copyEvents(ctx, slog.New(slog.DiscardHandler)); close(done) }()
	soon(t, "all were sent", func() bool { return copied(l, who.Workspace) == 20 })
	stop()
	<-done
	if said := copySays(t, l); !strings.Contains(said, "are not found there") {
		t.Errorf("the doctor says %s", said)
	}

	for text, want := range map[string]string{"outside: {kind: splunk}": "kind: write", "outside: {kind: opensearch, url: 'https://x', user: a, password_env: NOT_SET_HERE}": "NOT_SET_HERE is empty"} {
		outsideFile(t, l, text)
		l.copies.stores = nil
		if said := copySays(t, l); !strings.Contains(said, want) {
			t.Errorf("%s: the doctor says %s", text, said)
		}
		reader, err := l.EventReader(who.Workspace)
		if err != nil {
			t.Fatal(err)
		}
		if r, err := reader.Search(t.Context(), eventstore.Query{}); err != nil || r.Total != 20 || !strings.Contains(r.Note, want) {
			t.Errorf("%s: %d found, %q, %v", text, r.Total, r.Note, err)
		}
	}
}

package server

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine/event"
	"holdfast/isms"
)

// siem is a receiver that keeps what it is sent.
type siem struct {
	mu     sync.Mutex
	got    strings.Builder
	answer int
}

func (s *siem) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answer == http.StatusOK {
		s.got.Write(body)
	}
	w.WriteHeader(s.answer)
}

func (s *siem) turn(code int) { s.mu.Lock(); defer s.mu.Unlock(); s.answer = code }

func (s *siem) has(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Contains(s.got.String(), text)
}

// forwardTo writes forward.yaml.
func forwardTo(t *testing.T, l *Local, mode os.FileMode, text string) {
	t.Helper()
	if err := os.WriteFile(l.Place.ForwardFile(), []byte(text), mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(l.Place.ForwardFile(), mode); err != nil {
		t.Fatal(err)
	}
}

// forwardSays is what the doctor says of forwarding.
func forwardSays(t *testing.T, l *Local) string {
	t.Helper()
	list, err := l.examineForward(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(list)
}

func soon(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within twenty seconds: %s", what)
		}
	}
}

func TestEventsOfTheNamedWorkspaceAreForwardedAndNoOthers(t *testing.T) {
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
	append1 := func(workspace, text string) {
		t.Helper()
		s, err := l.Events(workspace)
		if err == nil {
			_, err = s.Append(t.Context(), event.Line{Source: source.ID, Received: time.Now(), Raw: []byte(text)})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	append1(who.Workspace, "ours one")
	append1("another", "theirs one")
	spaces, err := l.App.Workspaces(t.Context())
	if err != nil || len(spaces) != 1 {
		t.Fatalf("%d workspaces, %v", len(spaces), err)
	}

	receiver := &siem{answer: http.StatusServiceUnavailable}
	web := httptest.NewServer(receiver)
	t.Cleanup(web.Close)
	forwardTo(t, l, 0o600, fmt.Sprintf("targets:\n  - {name: lake, workspace: %s, to: '%s', sources: [gate]}\n  - {name: stray, workspace: nobody, to: '%s'}\n", spaces[0].Slug, web.URL, web.URL))
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { l.forwardEvents(ctx, slog.New(slog.DiscardHandler)); close(done) }()
	defer func() { stop(); <-done }()

	soon(t, "the doctor tells what is wrong", func() bool { return strings.Contains(forwardSays(t, l), "1 wait: ") })
	if said := forwardSays(t, l); !strings.Contains(said, "answered 503") || !strings.Contains(said, `no workspace "nobody"`) {
		t.Errorf("the doctor says %s", said)
	}
	receiver.turn(http.StatusOK)
	soon(t, "our event arrives", func() bool { return receiver.has("ours one") })
	append1("another", "theirs two")
	append1(who.Workspace, "ours two")
	soon(t, "our next event arrives", func() bool { return receiver.has("ours two") })
	if receiver.has("theirs") {
		t.Error("events of another workspace were forwarded")
	}
	if !receiver.has("gatekeeper") {
		t.Error("events are not read as their source says")
	}
	stop()
	<-done
	if said := forwardSays(t, l); strings.Contains(said, "to lake") {
		t.Errorf("when all is well the doctor still says %s", said)
	}
}

func TestAForwardFileThatOthersReadOrThatIsWrongForwardsNothing(t *testing.T) {
	l, err := Open(t.Context(), Place{Data: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	const good = "targets: [{name: lake, workspace: w, to: 'https://siem.example'}]"
	for _, c := range []struct {
		mode       os.FileMode
		text, want string
	}{{0o644, good, "chmod 600"}, {0o600, "targets: [{name: lake}]", "workspace"}, {0o600, good, "no workspace"}} {
		forwardTo(t, l, c.mode, c.text)
		if said := forwardSays(t, l); !strings.Contains(said, c.want) {
			t.Errorf("the doctor says %s, want %q", said, c.want)
		}
	}
}

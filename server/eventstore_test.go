package server

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/isms"
	"holdfast/testkit"
)

// keptAt opens an installation with a workspace at a time.
func keptAt(t *testing.T, clock *testkit.Clock) (*Local, access.Actor) {
	t.Helper()
	l, err := openAt(context.Background(), Place{Data: t.TempDir()}, clock.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	who, err := l.App.Found(context.Background(), "Events", app.First{Name: "Ada", Email: "ada@example.org", Password: "correct horse battery staple"})
	if err != nil {
		t.Fatal(err)
	}
	return l, who
}

func TestLinesAreReadAsTheirSourceSaysAlsoAfterItChanged(t *testing.T) {
	l, who := keptAt(t, testkit.NewClock())
	admin := access.With(context.Background(), who)
	source := &isms.EventSource{Base: isms.Base{Title: "Web"}, Transport: "http", Format: "text"}
	if err := l.App.Save(admin, source); err != nil {
		t.Fatal(err)
	}
	s, err := l.Events(who.Workspace)
	if err != nil {
		t.Fatal(err)
	}
	format := func() event.Format {
		t.Helper()
		last, err := s.Append(context.Background(), event.Line{Source: source.ID, Received: l.App.Now(), Raw: []byte(`198.51.100.7 - - [02/Mar/2026:00:22:17 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8"`)})
		if err != nil {
			t.Fatal(err)
		}
		h, err := s.At(context.Background(), last)
		if err != nil {
			t.Fatal(err)
		}
		return h.Event.Format
	}
	if f := format(); f != event.Text {
		t.Errorf("read as %s, though the source says text", f)
	}
	source.Format = "access_log"
	if err := l.App.Save(admin, source); err != nil {
		t.Fatal(err)
	}
	if f := format(); f != event.AccessLog {
		t.Errorf("read as %s after the source changed", f)
	}
}

func TestEachWorkspaceHasAStoreOfItsOwnThatOneProcessMayOpen(t *testing.T) {
	l, who := keptAt(t, testkit.NewClock())
	s, err := l.Events(who.Workspace)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := l.Events(who.Workspace); err != nil || again != s {
		t.Errorf("a second store: %v", err)
	}
	if other, err := l.Events("another"); err != nil || other == s {
		t.Errorf("the store of another workspace is the same: %v", err)
	}
	if _, err := eventstore.Open(l.Place.EventsDir(who.Workspace), eventstore.Config{Now: time.Now}); err == nil {
		t.Error("a second process may open the store")
	}
}

func TestTheDoctorFindsASegmentThatSomebodyChanged(t *testing.T) {
	l, who := keptAt(t, testkit.NewClock())
	s, err := l.Events(who.Workspace)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(context.Background(), event.Line{Received: l.App.Now(), Raw: []byte("a line")}); err != nil {
		t.Fatal(err)
	}
	if err := s.Seal(true); err != nil {
		t.Fatal(err)
	}
	if wrong, err := l.examineEvents(context.Background()); err != nil || len(wrong) != 0 {
		t.Fatalf("untouched: %v, %v", wrong, err)
	}
	file := l.Place.EventsDir(who.Workspace) + "/segments/" + s.Segments()[0].Name
	if err := os.WriteFile(file, []byte("nonsense"), 0o600); err != nil {
		t.Fatal(err)
	}
	wrong, err := l.examineEvents(context.Background())
	if err != nil || len(wrong) != 1 || !strings.Contains(wrong[0].What, "hash differs") {
		t.Errorf("%v, %v", wrong, err)
	}
}

func TestKeysOfABucketAreNotReadFromAFileThatOthersMayRead(t *testing.T) {
	l, _ := keptAt(t, testkit.NewClock())
	for text, want := range map[string]string{"s3: {endpoint: 127.0.0.1:1, bucket: x}": "does not answer", "s3: {bukket: x}": "bukket", "{}": "names no store"} {
		if err := os.WriteFile(l.Place.EventsFile(), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := l.Events("w"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	if err := os.Chmod(l.Place.EventsFile(), 0o644); err != nil { //nolint:gosec // that is the mistake
		t.Fatal(err)
	}
	if _, err := l.Events("w"); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a file that others may read: %v", err)
	}
}

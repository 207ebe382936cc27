package server

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/feed"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
)

// patient opens a fresh installation with one workspace and a clock.
func patient(t *testing.T) (*Local, *time.Time) {
	t.Helper()
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	l, err := openAt(context.Background(), Place{Data: filepath.Join(t.TempDir(), "data")}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() }) // what it could not write is what the test broke
	first, err := l.App.Found(context.Background(), "House", app.First{Name: "Ada", Email: "ada@example.org"})
	if err != nil {
		t.Fatal(err)
	}
	ctx := access.With(context.Background(), first)
	if err := l.App.Save(ctx, &isms.Team{Base: kind.Base{Title: "Night shift"}}); err != nil {
		t.Fatal(err)
	}
	if err := l.Anchor(context.Background()); err != nil {
		t.Fatal(err)
	}
	return l, &now
}

// examine returns what the doctor says, without the advisories that a fresh
// installation lacks.
func examine(t *testing.T, l *Local) []store.Problem {
	t.Helper()
	all, err := l.Doctor(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var list []store.Problem
	for _, a := range all {
		if a.What == "" || a.Where == "" || a.Remedy == "" {
			t.Errorf("says too little: %+v", a)
		}
		if !strings.HasPrefix(a.What, "there are no advisories") {
			list = append(list, a)
		}
	}
	if len(list) == len(all) {
		t.Error("does not miss the advisories")
	}
	return list
}

func TestAFreshInstallationIsHealthy(t *testing.T) {
	l, _ := patient(t)
	if list := examine(t, l); len(list) != 0 {
		t.Errorf("%+v", list)
	}
	if err := l.Repair(context.Background()); err != nil {
		t.Fatal(err)
	}
	if list := examine(t, l); len(list) != 0 {
		t.Errorf("after a repair that was not needed: %+v", list)
	}
}

func TestWhatAilsAnInstallationIsFound(t *testing.T) {
	crimes := map[string]struct {
		do   func(t *testing.T, l *Local, now *time.Time) error
		want string
	}{
		"the folder is open": {func(_ *testing.T, l *Local, _ *time.Time) error { return os.Chmod(l.Place.Data, 0o755) }, "mode is 0755"},
		"a file is open":     {func(_ *testing.T, l *Local, _ *time.Time) error { return os.Chmod(l.Place.anchorFile(), 0o644) }, "mode is 0644"},
		"a folder inside is open": {func(_ *testing.T, l *Local, _ *time.Time) error {
			dir := filepath.Join(l.Place.Data, "blobs")
			if err := os.Mkdir(dir, 0o700); err != nil {
				return err
			}
			return os.Chmod(dir, 0o770)
		}, "mode is 0770"},
		"the clock was set back": {func(_ *testing.T, _ *Local, now *time.Time) error { *now = now.Add(-time.Hour); return nil }, "the clock shows 2026-03-02 08:00:00"},
		"an anchor is no anchor": {func(_ *testing.T, l *Local, _ *time.Time) error {
			return os.WriteFile(l.Place.anchorFile(), []byte("rubbish\n{}\n"), 0o600)
		}, "not an anchor"},
		"an anchor differs": {func(t *testing.T, l *Local, _ *time.Time) error {
			anchors, err := ReadAnchors(l.Place)
			if err != nil || len(anchors) == 0 {
				t.Fatal(anchors, err)
			}
			anchors[0].Hash = strings.Repeat("0", 64)
			line, err := json.Marshal(anchors[0])
			if err != nil {
				return err
			}
			return os.WriteFile(l.Place.anchorFile(), append(line, '\n'), 0o600)
		}, "rewritten"},
	}
	for name, crime := range crimes {
		t.Run(name, func(t *testing.T) {
			l, now := patient(t)
			if err := crime.do(t, l, now); err != nil {
				t.Fatal(err)
			}
			list := examine(t, l)
			if len(list) != 1 || !strings.Contains(list[0].What, crime.want) {
				t.Errorf("found %+v, want %q", list, crime.want)
			}
		})
	}
}

func TestALogThatGrowsWithoutEndIsFound(t *testing.T) {
	l := &Local{Place: Place{Data: t.TempDir()}}
	log := l.Place.DatabaseFile() + "-wal"
	for size, want := range map[int64]int{1 << 20: 0, mostWAL: 0, mostWAL + 1: 1} {
		if err := os.WriteFile(log, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(log, size); err != nil {
			t.Fatal(err)
		}
		if list, err := l.examineLog(context.Background()); err != nil || len(list) != want {
			t.Errorf("%d bytes: %+v, %v", size, list, err)
		}
	}
}

func TestALackOfSpaceIsFound(t *testing.T) {
	for free, want := range map[uint64]int{0: 1, leastSpace - 1: 1, leastSpace: 0, 1 << 40: 0} {
		if list := spaceAilments("data", free); len(list) != want {
			t.Errorf("%d bytes free: %+v", free, list)
		}
	}
}

func TestOldAdvisoriesAreFound(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "one.json")
	text := `{"schema_version":"1.6.0","id":"TEST-1","modified":"2026-01-01T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12","name":"bash"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"5.2"}]}]}]}`
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	fetched := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(file, fetched, fetched); err != nil {
		t.Fatal(err)
	}
	idx, err := feed.Load(context.Background(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if list := advisoryAilments(idx, dir, fetched.Add(7*24*time.Hour)); len(list) != 0 {
		t.Errorf("a week old: %+v", list)
	}
	if list := advisoryAilments(idx, dir, fetched.Add(20*24*time.Hour)); len(list) != 1 || !strings.Contains(list[0].What, "20 days") {
		t.Errorf("twenty days old: %+v", list)
	}
	if list := advisoryAilments(nil, dir, fetched); len(list) != 1 {
		t.Errorf("none: %+v", list)
	}
}

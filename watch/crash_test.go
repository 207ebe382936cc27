package watch

import (
	"bufio"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"holdfast/app"
	"holdfast/catalog"
	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/flow"
	"holdfast/flow/detection"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// childFolder names the folder in which this program watches until it is killed.
const childFolder = "HOLDFAST_TEST_WATCH"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childFolder); dir != "" {
		if err := watchIn(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if at := os.Getenv(detectorAt); at != "" {
		fmt.Fprintln(os.Stderr, detectAt(at))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// open opens what lies in the folder.
func open(dir string) (a *app.App, guard *detection.Flow, events *eventstore.Store, err error) {
	s, err := store.Open(context.Background(), filepath.Join(dir, "holdfast.db"), isms.Registry)
	if err != nil {
		return nil, nil, nil, err
	}
	cat, err := catalog.Load()
	if err != nil {
		return nil, nil, nil, err
	}
	a = app.New(s, time.Now, app.IDs(time.Now))
	f, err := flow.New(a, cat)
	if err != nil {
		return nil, nil, nil, err
	}
	events, err = eventstore.Open(filepath.Join(dir, "events"), eventstore.Config{Now: time.Now})
	return a, detection.New(f, response.New(f)), events, err
}

func watchIn(dir string) error {
	a, f, events, err := open(dir)
	if err != nil {
		return err
	}
	w, err := New(Config{App: a, Detection: f, Events: events, Workspace: testkit.Workspace})
	if err != nil {
		return err
	}
	ctx := testkit.Machine()
	if err := w.begin(ctx); err != nil {
		return err
	}
	for {
		if err := w.step(ctx); err != nil {
			return err
		}
		fmt.Println(w.Stats().Position) // whoever kills us wants to know how far it came
	}
}

func TestKilledAtAnyMomentItNeitherLosesNorCountsTwice(t *testing.T) {
	dir := t.TempDir()
	data, err := os.ReadFile(testkit.SQLiteFile(t))
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, "holdfast.db"), data, 0o600))
	const lines, actors = 60_000, 7
	prepare(t, dir, lines, actors)

	kills := 0
	for ; dealt(t, dir) < lines && kills < 500; kills++ {
		killInTheMiddle(t, dir)
	}
	if kills < 3 {
		t.Errorf("it was done after %d kills: too fast to be killed in the middle", kills)
	}
	a, _, events, err := open(dir)
	must(t, err)
	defer func() { must(t, events.Close()); must(t, a.Store().Close()) }()
	page, err := a.List(testkit.Machine(), isms.Alerts, kind.Query{})
	must(t, err)
	sum := 0
	for _, r := range page.Records {
		sum += r.(*isms.Alert).Count
	}
	if len(page.Records) != actors || sum != lines/2 {
		t.Errorf("after %d kills: %d alerts of %d, %d events of %d", kills, len(page.Records), actors, sum, lines/2)
	}
	t.Logf("%d lines, %d kills", lines, kills)
}

// killInTheMiddle lets a process watch for some steps and kills it at some moment of the
// next one.
func killInTheMiddle(t *testing.T, dir string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childFolder+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	steps := bufio.NewScanner(out)
	for range rand.IntN(3) {
		if !steps.Scan() {
			break
		}
	}
	time.Sleep(time.Duration(rand.IntN(30)) * time.Millisecond)
	must(t, cmd.Process.Kill())
	_ = cmd.Wait() // it was killed
}

// prepare writes a rule and lines of which every second one matches.
func prepare(t *testing.T, dir string, lines, actors int) {
	t.Helper()
	a, _, events, err := open(dir)
	must(t, err)
	must(t, a.Save(testkit.Machine(), &isms.DetectionRule{Base: isms.Base{Key: "failed", Title: "failed"}, Body: failed, Status: isms.RuleActive, Level: "high"}))
	var batch []event.Line
	for i := range lines {
		raw := "<38>Mar  2 09:00:00 bastion sshd[1]: Connection closed"
		if i%2 == 0 {
			raw = failure(i, fmt.Sprintf("203.0.113.%d", i/2%actors+1))
		}
		batch = append(batch, event.Line{Received: time.Now(), Raw: []byte(raw)})
	}
	for part := range slices.Chunk(batch, 1000) { // what arrives together is read together
		_, err = events.Append(context.Background(), part...)
		must(t, err)
	}
	must(t, events.Close())
	must(t, a.Store().Close())
}

// dealt is how many lines the watcher says it has dealt with.
func dealt(t *testing.T, dir string) int {
	t.Helper()
	s, err := store.Open(context.Background(), filepath.Join(dir, "holdfast.db"), isms.Registry)
	must(t, err)
	defer func() { must(t, s.Close()) }()
	saved, err := Saved(context.Background(), app.New(s, time.Now, app.IDs(time.Now)), testkit.Workspace)
	must(t, err)
	return int(saved.Lines) //nolint:gosec // small
}

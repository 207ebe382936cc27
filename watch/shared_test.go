package watch

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/app"
	"holdfast/blob"
	"holdfast/catalog"
	"holdfast/engine/event"
	"holdfast/eventstore"
	"holdfast/eventstore/stream"
	"holdfast/flow"
	"holdfast/flow/detection"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
	"holdfast/testkit/clients"
)

// patience of the tests with a detector that was killed.
const patience = 2 * time.Second

func streamAt(url string) stream.Config {
	return stream.Config{URL: url, Name: "shared", MaxBytes: 256 << 20, Patience: patience}
}

// A sharer is an installation whose events are shared: it takes in, publishes and makes
// alerts, and leaves looking to others.
type sharer struct {
	*testkit.World
	t         *testing.T
	detection *detection.Flow
	events    *eventstore.Store
	url       string
}

func newSharer(t *testing.T, s *store.Store, url string) *sharer {
	t.Helper()
	w := &sharer{World: testkit.New(s), t: t, url: url}
	w.App = app.New(s, time.Now, app.IDs(time.Now))
	cat, err := catalog.Load()
	must(t, err)
	f, err := flow.New(w.App, cat)
	must(t, err)
	dir := t.TempDir()
	files, err := blob.Open(filepath.Join(dir, "files"), filepath.Join(dir, "files.key"))
	must(t, err)
	t.Cleanup(func() { must(t, files.Close()) })
	f.KeepFilesIn(files)
	w.detection = detection.New(f, response.New(f))
	w.events, err = eventstore.Open(filepath.Join(dir, "events"), eventstore.Config{Now: time.Now})
	must(t, err)
	t.Cleanup(func() { must(t, w.events.Close()) })
	must(t, w.App.Save(testkit.Machine(), &isms.EventSource{Base: isms.Base{Key: "auth", Title: "Auth"}, Transport: "import", Format: "syslog"}))
	return w
}

// run publishes and receives until the test ends.
func (w *sharer) run() {
	w.t.Helper()
	s, err := stream.Open(w.t.Context(), streamAt(w.url))
	must(w.t, err)
	w.t.Cleanup(func() { _ = s.Close() })
	go func() { _ = s.Publish(w.t.Context(), w.events, 0, nil) }() // lines that do not come fail the test
	go (&Receiver{App: w.App, Detection: w.detection, Workspace: testkit.Workspace, Log: slog.New(slog.DiscardHandler)}).Run(w.t.Context())
}

func (w *sharer) rule(key, body string) {
	w.t.Helper()
	must(w.t, w.App.Save(testkit.Machine(), &isms.DetectionRule{Base: isms.Base{Key: key, Title: key}, Body: isms.Markdown(body), Status: isms.RuleActive, Level: "high"}))
}

func (w *sharer) arrive(lines ...string) {
	w.t.Helper()
	var list []event.Line
	for _, l := range lines {
		list = append(list, event.Line{Source: "auth", Received: time.Now(), Raw: []byte(l)})
	}
	_, err := w.events.Append(context.Background(), list...)
	must(w.t, err)
}

func (w *sharer) groups() Groups {
	w.t.Helper()
	g, err := SavedGroups(context.Background(), w.App, testkit.Workspace)
	must(w.t, err)
	return g
}

func (w *sharer) alertsOf(key string) (list []*isms.Alert, events int) {
	w.t.Helper()
	rule, err := w.App.Get(testkit.Machine(), isms.DetectionRules, key)
	must(w.t, err)
	must(w.t, w.App.All(testkit.Machine(), isms.Alerts, kind.Query{}.Where("rule_id", rule.GetBase().ID), func(r kind.Record) error {
		list = append(list, r.(*isms.Alert))
		events += r.(*isms.Alert).Count
		return nil
	}))
	return list, events
}

// waiting is how many parcels are on their way.
func (w *sharer) waiting() (n int) {
	w.t.Helper()
	must(w.t, w.App.View(testkit.Machine(), func(tx *store.Tx) error {
		list, err := tx.HandedOver(1000)
		n = len(list)
		return err
	}))
	return n
}

func (w *sharer) until(what string, ok func() bool) {
	w.t.Helper()
	for end := time.Now().Add(time.Minute); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("not within a minute: %s; %+v", what, w.groups())
		}
	}
}

// follower is the configuration of a detector of its own.
func followerOf(a *app.App, f *detection.Flow, name, url string) Config {
	return Config{App: a, Detection: f, Workspace: testkit.Workspace, Shared: Shared{Name: name, Patience: patience,
		Open: func(ctx context.Context) (*stream.Stream, error) { return stream.Open(ctx, streamAt(url)) }}}
}

// detectorAt names the database, the stream and the name of a detector that this program
// is instead of a test.
const detectorAt = "HOLDFAST_TEST_DETECTOR"

func detectAt(text string) error {
	at := strings.Split(text, "\n")
	ctx := context.Background()
	s, err := store.Open(ctx, at[0], isms.Registry)
	if err != nil {
		return err
	}
	cat, err := catalog.Load()
	if err != nil {
		return err
	}
	a := app.New(s, time.Now, app.IDs(time.Now))
	f, err := flow.New(a, cat)
	if err != nil {
		return err
	}
	cfg := followerOf(a, detection.New(f, response.New(f)), at[2], at[1])
	go Correlate(cfg).Run(ctx)
	Share(cfg).Run(ctx)
	return nil
}

// detector starts a process that only detects.
func (w *sharer) detector(database, name string) (kill func()) {
	w.t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), detectorAt+"="+strings.Join([]string{database, w.url, name}, "\n"))
	cmd.Stderr = os.Stderr
	must(w.t, cmd.Start())
	kill = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	w.t.Cleanup(kill)
	return kill
}

// probed is a correlation over lines that no other rule asks for.
const probed = `title: An unknown account
name: unknown_account
logsource: {product: linux, service: sshd}
detection:
  selection: ['Invalid user']
  condition: selection
---
title: Probing for accounts
correlation:
  type: event_count
  rules: [unknown_account]
  group-by: [src_ip]
  timespan: 10m
  condition: {gte: 5}
level: high
`

func probe(n int) string {
	return fmt.Sprintf("<38>Mar  2 09:00:%02d bastion sshd[%d]: Invalid user guest%d from 198.51.100.77 port 4711", n, 100+n, n)
}

func TestOneOfTwoDetectorsIsKilledAndEveryAlertIsThereOnce(t *testing.T) {
	nats := clients.StartNATS(t, clients.LargeLines)
	database := testkit.PostgresURL(t)
	s, err := store.Open(t.Context(), database, isms.Registry)
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	w := newSharer(t, s, nats.URL)
	w.rule("failed", failed)
	w.rule("probed", probed)
	w.run()
	kills := map[string]func(){"first": w.detector(database, "first"), "second": w.detector(database, "second")}
	w.until("both detectors work", func() bool { return len(w.groups().Machines) == 2 && w.groups().Holder != "" })

	const half, actors = 15_000, 7
	w.arrive(halfOf(half, actors, 0, 1, 2)...)
	w.until("a part is dealt with", func() bool { return w.groups().Rules.Lines > 1_000 && w.groups().Correlations.Lines > 1_000 })
	killed := w.groups().Holder // the one that runs correlations too
	kills[killed]()
	at := w.groups()
	w.arrive(halfOf(half, actors, 3, 4)...)
	w.until("all is dealt with", func() bool {
		g := w.groups()
		return g.Rules.Position == 2*half+5 && g.Correlations.Position == 2*half+5 && w.waiting() == 0
	})

	g := w.groups()
	if g.Rules.Lines != 2*half+5 || g.Correlations.Lines != 2*half+5 || g.Holder == killed {
		t.Errorf("%d lines for rules, %d for correlations, held by %q: %d were there", g.Rules.Lines, g.Correlations.Lines, g.Holder, 2*half+5)
	}
	list, events := w.alertsOf("failed")
	if len(list) != actors || events != half {
		t.Errorf("%d alerts that count %d events; %d and %d are right", len(list), events, actors, half)
	}
	list, events = w.alertsOf("probed")
	if len(list) != 1 || events != 5 {
		t.Fatalf("the correlation made %d alerts that count %d events", len(list), events)
	}
	kept, err := w.detection.AlertEvents(testkit.Machine(), list[0].ID)
	if err != nil || len(kept) != 5 || kept[0].Raw != probe(0) || kept[4].Raw != probe(4) {
		t.Errorf("%d lines are kept with it: %+v, %v", len(kept), kept, err)
	}
	t.Logf("%s was killed after %d and %d lines", killed, at.Rules.Lines, at.Correlations.Lines)
}

// halfOf are n lines of which every second one is a failure, with probes among them.
func halfOf(n, actors int, probes ...int) (list []string) {
	for i := range n {
		line := "<38>Mar  2 09:00:00 bastion sshd[1]: Connection closed"
		if i%2 == 0 {
			line = failure(i, fmt.Sprintf("203.0.113.%d", i/2%actors+1))
		}
		list = append(list, line)
		if at := n / len(probes); i%at == at/2 && i/at < len(probes) {
			list = append(list, probe(probes[i/at]))
		}
	}
	return list
}

// forgetful is a feed that dies after the transaction and before the stream hears of it.
type forgetful struct{ feed }

func (forgetful) commit(context.Context) error { return nil }

func TestLinesOfOneWhoDiedAfterItActedAreNotActedOnAgain(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newSharer(t, s, clients.StartNATS(t, clients.LargeLines).URL)
		w.rule("failed", failed)
		w.run()
		w.arrive(failure(1, "203.0.113.9"), "nothing", failure(2, "203.0.113.9"))
		ctx := testkit.Machine()
		first := Share(followerOf(w.App, w.detection, "first", w.url))
		must(t, first.begin(ctx))
		first.feed = forgetful{first.feed}
		w.until("the first has acted on all", func() bool {
			must(t, first.step(ctx))
			return w.groups().Rules.Lines == 3
		})
		first.feed.end(ctx) // what it had goes to others at once
		w.arrive(failure(3, "203.0.113.9"))
		second := Share(followerOf(w.App, w.detection, "second", w.url))
		must(t, second.begin(ctx))
		defer second.feed.end(ctx)
		w.until("the second has acted on the rest", func() bool {
			must(t, second.step(ctx))
			return w.groups().Rules.Position == 4 && w.waiting() == 0
		})
		w.until("the stream knows it", func() bool {
			must(t, second.step(ctx))
			n, err := second.feed.(*shareFeed).cursor.Behind(ctx)
			return err == nil && n == 0
		})
		list, events := w.alertsOf("failed")
		if len(list) != 1 || events != 3 || w.groups().Rules.Lines != 4 {
			t.Errorf("%d alerts that count %d events, %d lines", len(list), events, w.groups().Rules.Lines)
		}
	})
}

func TestOneThatWasThoughtDeadWritesNothingMore(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newSharer(t, s, clients.StartNATS(t, clients.LargeLines).URL)
		w.rule("probed", probed)
		w.run()
		ctx := testkit.Machine()
		slow := Correlate(followerOf(w.App, w.detection, "slow", w.url))
		must(t, slow.begin(ctx))
		w.arrive(probe(0), probe(1), probe(2), probe(3))
		w.until("four of five are seen", func() bool {
			must(t, slow.step(ctx))
			return w.groups().Correlations.Position == 4
		})
		next := Correlate(followerOf(w.App, w.detection, "next", w.url))
		must(t, next.begin(ctx)) // it waits until its patience ends
		w.arrive(probe(4))
		var err error
		for range 20 {
			if err = slow.step(ctx); err != nil {
				break
			}
		}
		if !errors.Is(err, errOvertaken) {
			t.Errorf("the slow one goes on: %v", err)
		}
		w.until("the fifth is seen with the four before", func() bool {
			must(t, next.step(ctx))
			return w.groups().Correlations.Position == 5 && w.waiting() == 0
		})
		list, events := w.alertsOf("probed")
		if len(list) != 1 || events != 5 || w.groups().Holder != "next" {
			t.Errorf("%d alerts that count %d events, held by %s", len(list), events, w.groups().Holder)
		}
		slow.feed.end(ctx)
		if w.groups().Holder != "next" {
			t.Error("whoever was overtaken gave away the turn of another")
		}
		next.feed.end(ctx)
		if w.groups().Holder != "" {
			t.Error("whoever ends keeps the turn")
		}
	})
}

package watch

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"holdfast/app"
	"holdfast/eventstore/stream"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/store"
	"holdfast/testkit"
	"holdfast/testkit/clients"
)

func TestWhatOthersChangeIsHeardThroughTheDatabase(t *testing.T) {
	s := testkit.SQLite(t)
	w := newSharer(t, s, clients.StartNATS(t, clients.LargeLines).URL)
	w.run()
	other := testkit.New(s) // another process, of which the detector hears nothing
	ctx := testkit.Machine()
	d := Share(followerOf(other.App, w.detection, "detector", w.url))
	must(t, d.begin(ctx))
	defer d.feed.end(ctx)
	must(t, d.step(ctx))
	if d.Stats().Rules != 0 {
		t.Fatalf("%d rules before there is one", d.Stats().Rules)
	}
	w.rule("failed", failed)
	must(t, d.step(ctx))
	if d.dirty.Load() != 0 {
		t.Error("it asks the database at every step")
	}
	other.Clock.Advance(listenEvery)
	must(t, d.step(ctx)) // it hears
	other.Clock.Advance(2 * debounce)
	must(t, d.step(ctx)) // it compiles
	if d.Stats().Rules != 1 {
		t.Errorf("%d rules after one was written elsewhere", d.Stats().Rules)
	}
	rule, err := app.Of[isms.DetectionRule](w.App, isms.DetectionRules).Get(ctx, "failed")
	must(t, err)
	must(t, w.detection.CountTrial(ctx, rule.ID, 3, time.Now()))
	other.Clock.Advance(listenEvery)
	must(t, d.step(ctx))
	if d.dirty.Load() != 0 {
		t.Error("the count of hits is taken for a change of the rule")
	}
}

func TestGoingOverToAStreamAndBackCountsNothingTwice(t *testing.T) {
	w := newSharer(t, testkit.SQLite(t), clients.StartNATS(t, clients.LargeLines).URL)
	w.rule("failed", failed)
	ctx := testkit.Machine()
	local := func() {
		t.Helper()
		d, err := New(Config{App: w.App, Detection: w.detection, Events: w.events, Workspace: testkit.Workspace})
		must(t, err)
		must(t, d.begin(ctx))
		w.until("this machine has looked at all", func() bool { must(t, d.step(ctx)); return d.Stats().Behind == 0 })
	}
	w.arrive(failure(1, "203.0.113.9"), failure(2, "203.0.113.9"))
	local()
	w.run() // all lines are published, also those that were looked at
	w.arrive(failure(3, "203.0.113.9"))
	d := Share(followerOf(w.App, w.detection, "detector", w.url))
	must(t, d.begin(ctx))
	w.until("a detector has looked at the third", func() bool {
		must(t, d.step(ctx))
		return w.groups().Rules.Position == 3 && w.waiting() == 0
	})
	d.feed.end(ctx)
	w.arrive(failure(4, "203.0.113.9"))
	local()
	if list, events := w.alertsOf("failed"); len(list) != 1 || events != 4 {
		t.Errorf("%d alerts that count %d events of 4", len(list), events)
	}
}

func TestLinesThatWillNeverComeAreCountedAndNotWaitedFor(t *testing.T) {
	w := newSharer(t, testkit.SQLite(t), clients.StartNATS(t, clients.LargeLines).URL)
	for i := range 20 {
		w.arrive(failure(i, "203.0.113.9"))
	}
	ctx := testkit.Machine()
	s, err := stream.Open(ctx, streamAt(w.url))
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	go func() { _ = s.Publish(t.Context(), w.events, 10, nil) }() // the stream has lines from the eleventh on
	must(t, w.App.Atomic(ctx, func(ctx context.Context) error {
		return (&kept{Dealt: spans{{1, 4}, {6, 7}}}).save(ctx, w.App, testkit.Workspace, alone)
	}))
	d := Share(followerOf(w.App, w.detection, "detector", w.url))
	must(t, d.begin(ctx))
	defer d.feed.end(ctx)
	w.until("all that there are are dealt with", func() bool {
		must(t, d.step(ctx))
		return w.groups().Rules.Position == 20
	})
	if g := w.groups(); g.Missed != 4 || g.Rules.Lines != 10 {
		t.Errorf("%d lines are missed, %d were looked at", g.Missed, g.Rules.Lines)
	}
}

func TestAParcelKeepsLinesWithinBoundsAndOneThatIsBrokenHoldsUpNobody(t *testing.T) {
	p := parcel{Found: []detection.Detection{{Events: [][]byte{make([]byte, 1<<20), []byte("short")}}}}
	for range 400 {
		p.Found = append(p.Found, detection.Detection{Events: [][]byte{make([]byte, 60<<10)}})
	}
	p.trim()
	total := 0
	for _, d := range p.Found {
		for _, l := range d.Events {
			total += len(l)
		}
	}
	if total > parcelLines || len(p.Found[0].Events[0]) != parcelLine || string(p.Found[0].Events[1]) != "short" {
		t.Errorf("%d bytes", total)
	}
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newSharer(t, s, "")
		ctx := testkit.Machine()
		whole := parcel{Found: []detection.Detection{{Source: "rule", Title: "Something happened"}, {Title: " "}}}
		must(t, w.App.Write(ctx, func(tx *store.Tx) error { return tx.HandOver(store.Handover{ID: "0", Body: "{"}) }))
		must(t, w.App.Atomic(ctx, func(ctx context.Context) error { return whole.handOver(ctx, w.App) }))
		r := &Receiver{App: w.App, Detection: w.detection, Workspace: testkit.Workspace, Log: slog.New(slog.DiscardHandler)}
		n, err := r.receive(ctx)
		g := w.groups().Rules
		if err != nil || n != 2 || g.Poison != 1 || g.Alerts != 1 || g.Refused != 1 || w.waiting() != 0 {
			t.Errorf("%d parcels, %+v, %v", n, g, err)
		}
		if n, err := r.receive(ctx); err != nil || n != 0 {
			t.Errorf("%d parcels are received again, %v", n, err)
		}
	})
}

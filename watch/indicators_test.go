package watch

import (
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

func (w *world) mark(key, typ, value string) *isms.ThreatIndicator {
	w.t.Helper()
	t := &isms.ThreatIndicator{Base: isms.Base{Key: key}, Type: isms.ThreatIndicatorType(typ), Value: value, Status: "active", Campaign: "Rook", Severity: "high"}
	w.save(t)
	return t
}

func (w *world) marked(key string) *isms.ThreatIndicator {
	w.t.Helper()
	t, err := app.Of[isms.ThreatIndicator](w.App, isms.ThreatIndicators).Get(testkit.Machine(), key)
	must(w.t, err)
	return t
}

const (
	guess   = "<38>Nov 22 11:59:00 bastion sshd[1]: Failed password for root from 203.0.113.9 port 4000 ssh2"
	another = "<38>Nov 22 11:59:01 bastion sshd[1]: Failed password for root from 198.51.100.20 port 4000 ssh2"
)

func TestAnEventThatShowsAnIndicatorRingsOnceAndCounts(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		known := NewKnown(w.App)
		w.w.cfg.Indicators = known
		w.mark("one", "address", "203.0.113.9")
		w.mark("net", "network", "198.51.100.0/24")
		old := w.mark("old", "address", "192.0.2.77")
		old.ValidUntil = w.Clock.Now().AddDate(-2, 0, 0)
		w.save(old)
		known.Changed()
		w.arrive(guess, guess, another, "<38>Nov 22 11:59:02 bastion sshd[1]: Failed password for root from 192.0.2.77 port 1 ssh2")
		must(t, w.w.step(testkit.Machine()))
		alerts := w.alerts()
		if len(alerts) != 2 {
			t.Fatalf("%d alerts, want one for the address and one for the network", len(alerts))
		}
		at := slices.IndexFunc(alerts, func(a *isms.Alert) bool { return a.IndicatorID == w.marked("one").ID })
		if at < 0 || alerts[at].Count != 2 || alerts[at].Actor != "203.0.113.9" || alerts[at].AssetID == "" || !strings.Contains(alerts[at].Title, "known from Rook") {
			t.Errorf("the alerts are %+v", alerts)
		}
		if m := w.marked("one"); m.Sightings != 2 || m.LastSeen.IsZero() {
			t.Errorf("the indicator was seen %d times, last %v", m.Sightings, m.LastSeen)
		}
		if m := w.marked("old"); m.Sightings != 0 {
			t.Error("an indicator whose time is over was looked for")
		}
		_, err := w.App.Do(testkit.Machine(), isms.ThreatIndicators, "one", "revoke", 0, kind.Input{Reason: "wrong"})
		must(t, err)
		known.Changed()
		w.arrive(guess)
		must(t, w.w.step(testkit.Machine()))
		if m := w.marked("one"); m.Sightings != 2 {
			t.Error("a revoked indicator is still looked for")
		}
	})
}

func TestWhatArrivesLateIsLookedForInThePast(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.arrive(guess, another, guess)
		ctx, quiet := testkit.Machine(), func(string, int, int) {}
		marks := []*isms.ThreatIndicator{w.mark("one", "address", "203.0.113.9"), w.mark("none", "domain", "evil.example")}
		out, err := Hunt(ctx, w.App, w.detection, w.events, marks, time.Time{}, quiet)
		must(t, err)
		if out.Seen != 2 || out.Alerts != 1 {
			t.Errorf("looking back: %+v", out)
		}
		alerts := w.alerts()
		if len(alerts) != 1 || alerts[0].Count != 2 || alerts[0].AssetID == "" {
			t.Fatalf("alerts: %+v", alerts)
		}
		for i := range searchedOneByOne + 1 {
			marks = append(marks, &isms.ThreatIndicator{Base: isms.Base{ID: "x"}, Type: "domain", Value: "x" + strings.Repeat("a", i%50) + ".example", Status: "active"})
		}
		again, err := Hunt(ctx, w.App, w.detection, w.events, marks, time.Time{}, quiet)
		must(t, err)
		if again.Looked != 3 || again.Seen != 2 {
			t.Errorf("reading everything: %+v, want what the search found", again)
		}
		if later, err := Hunt(ctx, w.App, w.detection, w.events, marks[:1], w.Clock.Now().Add(time.Hour), quiet); err != nil || later.Seen != 0 {
			t.Errorf("from later on: %+v, %v", later, err)
		}
	})
}

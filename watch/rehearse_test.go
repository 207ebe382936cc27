package watch

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/access"
	"holdfast/engine/event"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/testkit"
)

func quiet(string, int, int) {}

// rehearse tries a rule on what is stored.
func (w *world) rehearse(in Rehearse) *Rehearsal {
	w.t.Helper()
	out, err := RehearseRule(testkit.Machine(), w.App, w.detection, w.events, in, quiet)
	must(w.t, err)
	return out
}

// days lets failures arrive over some days: one guesser each day and one who comes back
// every day, two tries of each, with quiet lines between.
func (w *world) days(n int) {
	for day := range n {
		fresh := fmt.Sprintf("203.0.113.%d", 10+day)
		w.arrive(failure(1, "198.51.100.7"), "<38>Mar  2 09:00:01 bastion sshd[1]: Accepted publickey for marek", failure(2, fresh), failure(3, fresh), failure(4, "198.51.100.7"))
		w.Clock.Advance(24 * time.Hour)
	}
}

func TestARuleTriedOnStoredEventsSaysWhatItWouldHaveDone(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	w.rule("failed", failed, isms.RuleDraft)
	before := w.get(isms.DetectionRules, "failed").(*isms.DetectionRule)
	w.days(4)
	r := w.rehearse(Rehearse{Rule: "failed", MostHits: 3})
	if r.Read != 20 || r.Matches != 16 || r.Rings != 16 || r.Alerts != 8 || r.Stopped != "" || r.Stored != 20 {
		t.Errorf("%+v", r)
	}
	if got := r.PerDay(); got < 1.99 || got > 2.01 {
		t.Errorf("%g alerts a day from two guessers on each of four days", got)
	}
	sum := 0
	for i, b := range r.Buckets {
		sum += b.Count
		if i > 0 && !b.From.Equal(r.Buckets[i-1].From.Add(b.Width)) {
			t.Errorf("bar %d begins at %s, %s after the one before", i, b.From, b.From.Sub(r.Buckets[i-1].From))
		}
	}
	if n := len(r.Buckets); sum != 16 || n < 10 || n > 2*rehearsalBars || r.Buckets[n-1].From.Add(r.Buckets[n-1].Width).Before(r.To) {
		t.Errorf("%d bars with %d rings up to %v", n, sum, r.Buckets[n-1])
	}
	if len(r.Hits) != 3 || r.Hits[0].Position != 1 || r.Hits[0].Title != "failed on bastion.example.org, by root from 198.51.100.7" || !strings.Contains(r.Hits[0].Line, "Failed password") {
		t.Fatalf("hits: %+v", r.Hits)
	}
	if why := r.Hits[0].Reasons; len(why) != 1 || why[0].Selection != "selection" || !strings.Contains(why[0].Asked, "Failed password") {
		t.Errorf("reasons: %+v", why)
	}
	bastion := w.get(isms.Assets, "bastion").GetBase().ID
	auth := w.get(isms.EventSources, "auth").GetBase().ID
	if diff := cmp.Diff([]Tally{{bastion, "Bastion", 16}}, r.Assets); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]Tally{{auth, "Auth", 16}}, r.Sources); diff != "" {
		t.Error(diff)
	}
	if len(r.Actors) != 5 || r.Actors[0] != (Tally{"", "198.51.100.7", 8}) {
		t.Errorf("actors: %+v", r.Actors)
	}
	if after := w.get(isms.DetectionRules, "failed").(*isms.DetectionRule); len(w.alerts()) != 0 || after.Hits != 0 || after.Version != before.Version {
		t.Error("trying it wrote something")
	}
}

func TestOnlyTheSpanThatWasAskedForIsLookedAt(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	w.rule("failed", failed, isms.RuleDraft)
	w.days(2)
	must(t, w.events.Seal(true))
	w.days(2)
	now := w.Clock.Now()
	for _, c := range []struct {
		name     string
		from, to time.Time
		read     int
	}{
		{"the last two days, not sealed", now.Add(-48 * time.Hour), time.Time{}, 10},
		{"three days, over the seam", now.Add(-72 * time.Hour), now.Add(time.Hour), 15},
		{"the first two days", time.Time{}, now.Add(-48 * time.Hour), 10},
		{"nothing yet", now.Add(-time.Hour), now, 0},
	} {
		r := w.rehearse(Rehearse{Rule: "failed", From: c.from, To: c.to})
		if r.Read != c.read || r.To.After(now) {
			t.Errorf("%s: %d read up to %s", c.name, r.Read, r.To)
		}
		if c.read == 0 && (r.PerDay() != 0 || len(r.Buckets) != 0) {
			t.Errorf("%s: %+v", c.name, r)
		}
	}
}

func TestATriedCorrelationFindsWhatTheWatchFinds(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	parts := strings.SplitN(guessed, "---\n", 2)
	w.rule("part", parts[0], isms.RuleTesting)
	w.rule("together", parts[1], isms.RuleActive)
	for i := range 40 { // six guesses each from three machines, others too far apart
		w.arrive(failure(i, fmt.Sprintf("203.0.113.%d", 1+i%3)))
		w.Clock.Advance(time.Minute)
		if i == 17 {
			w.Clock.Advance(24 * time.Hour)
		}
		if i > 17 {
			w.Clock.Advance(10 * time.Minute)
		}
	}
	w.run()
	if len(w.alerts()) == 0 {
		t.Fatal("the watch found nothing to compare with")
	}
	rings := 0
	for _, a := range w.alerts() {
		rings += a.Count
	}
	r := w.rehearse(Rehearse{Rule: "together"})
	events := 0
	for _, h := range r.Hits {
		events += h.Events
		if h.Together == "" || h.Line == "" || h.Position == 0 || !strings.Contains(h.Title, "times") {
			t.Errorf("%+v", h)
		}
	}
	if r.Matches != 40 || r.Alerts != len(w.alerts()) || events != rings {
		t.Errorf("%d parts, %d alerts of %d events; the watch raised %d of %d", r.Matches, r.Alerts, events, len(w.alerts()), rings)
	}
	alone := w.rehearse(Rehearse{Rule: "together", Text: "title: Lonely\ncorrelation:\n  type: event_count\n  rules: [failed_sign_in]\n  group-by: [src_ip]\n  timespan: 10m\n  condition: {gte: 500}\n"})
	if alone.Rings != 0 || alone.Matches != 40 {
		t.Errorf("a text with a higher bound rang %d times", alone.Rings)
	}
}

func TestAFilterThatRunsHoldsAlsoWhenARuleIsTried(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	w.rule("failed", failed, isms.RuleDraft)
	w.rule("scanner", "title: Our scanner\nlogsource: {product: linux, service: sshd}\nfilter:\n  rules: [failed_sign_in]\n  ours: ['198.51.100.7']\n  condition: not ours\n", isms.RuleActive)
	w.days(2)
	if r := w.rehearse(Rehearse{Rule: "failed"}); r.Rings != 4 {
		t.Errorf("it rang %d times, want 4 without our scanner", r.Rings)
	}
}

func TestATrialSaysWhenItStoppedEarly(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	w.rule("failed", failed, isms.RuleDraft)
	w.days(10)
	r := w.rehearse(Rehearse{Rule: "failed", MostEvents: 12})
	if r.Stopped != StopEvents || r.Read != 12 || r.Stored != 50 || !r.Last.Equal(w.Clock.Now().Add(-24*time.Hour)) {
		t.Errorf("of too many, the newest: %+v", r)
	}
	var lines []event.Line
	for i := range 10_000 {
		lines = append(lines, event.Line{Source: "auth", Received: w.Clock.Now(), Raw: []byte(failure(i, "203.0.113.9"))})
	}
	for part := range 10 {
		_, err := w.events.Append(context.Background(), lines[part*1000:(part+1)*1000]...)
		must(t, err)
	}
	slow := func(string, int, int) { w.Clock.Advance(time.Second) }
	r, err := RehearseRule(testkit.Machine(), w.App, w.detection, w.events, Rehearse{Rule: "failed", MostTime: time.Second}, slow)
	must(t, err)
	if r.Stopped != StopTime || r.Read == 0 || r.Read >= 10_050 || r.Took < time.Second || r.Alerts == 0 {
		t.Errorf("out of time: read %d, took %s, stopped %q", r.Read, r.Took, r.Stopped)
	}
}

func TestWhoMayNotReadEventsCannotTryARuleOnThem(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	w.rule("failed", failed, isms.RuleActive)
	w.days(1)
	try := func(ctx context.Context, in Rehearse) error {
		out, err := RehearseRule(ctx, w.App, w.detection, w.events, in, quiet)
		if err != nil && out != nil {
			t.Error("an error came with an answer")
		}
		return err
	}
	for name, c := range map[string]struct {
		ctx  context.Context
		in   Rehearse
		want kind.Code
	}{
		"an auditor":        {testkit.As(access.Auditor), Rehearse{Rule: "failed"}, kind.Forbidden},
		"another workspace": {testkit.In("other", access.SecurityLead), Rehearse{Rule: "failed"}, kind.NotFound},
		"no rule":           {testkit.Machine(), Rehearse{Rule: "none"}, kind.NotFound},
		"a broken text":     {testkit.Machine(), Rehearse{Rule: "failed", Text: "title: x\n"}, kind.Invalid},
		"a lonely text":     {testkit.Machine(), Rehearse{Rule: "failed", Text: strings.SplitN(guessed, "---\n", 2)[1]}, kind.Invalid},
		"a span backwards":  {testkit.Machine(), Rehearse{Rule: "failed", From: w.Clock.Now().Add(time.Hour)}, kind.Invalid},
	} {
		if err := try(c.ctx, c.in); kind.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := try(testkit.As(access.SecurityLead), Rehearse{Rule: "failed"}); err != nil {
		t.Errorf("who may read events cannot: %v", err)
	}
}

func TestTheLastTrialIsKeptForADay(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	w.rule("failed", failed, isms.RuleDraft)
	w.days(1)
	id := w.get(isms.DetectionRules, "failed").GetBase().ID
	if r, err := KeptRehearsal(w.events, id, w.Clock.Now()); err != nil || r != nil {
		t.Fatalf("there is one before it was tried: %+v, %v", r, err)
	}
	want := w.rehearse(Rehearse{Rule: "failed"})
	must(t, KeepRehearsal(w.events, want))
	got, err := KeptRehearsal(w.events, id, w.Clock.Now())
	must(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	must(t, DropRehearsals(w.events, time.Now()))
	if got, err = KeptRehearsal(w.events, id, w.Clock.Now().Add(25*time.Hour)); err != nil || got != nil {
		t.Errorf("it is told after a day: %+v, %v", got, err)
	}
	must(t, DropRehearsals(w.events, time.Now().Add(25*time.Hour)))
	if got, err = KeptRehearsal(w.events, id, w.Clock.Now()); err != nil || got != nil {
		t.Errorf("it is still there: %+v, %v", got, err)
	}
}

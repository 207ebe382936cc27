package response_test

import (
	"context"
	"math"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// learning is a world in which causes teach the register, with a shop, a risk that a
// person estimated, and an incident that came true.
func learning(t *testing.T, s *store.Store) (*world, context.Context, *isms.Risk, *isms.Incident) {
	w := newWorld(t, s)
	w.App.Settle(w.Response.LearnFromCauses)
	lead := w.Actor("lead", access.SecurityLead)
	shop := &isms.Asset{Base: isms.Base{Key: "shop", Title: "Shop"}, Type: "application", Value: kind.Range{Low: 100_000, High: 200_000}}
	w.Must(w.App.Save(lead, shop))
	r := &isms.Risk{Base: isms.Base{Key: "keys", Title: "A key gets out"}, AssetID: shop.ID, Status: isms.RiskOpen,
		Events: kind.Range{Low: 0.05, High: 0.8}, Exposure: kind.Range{Low: 0.1, High: 0.3}}
	w.Must(w.App.Save(lead, r))
	w.Clock.Advance(200 * 24 * time.Hour)
	i := w.happens("leak", "shop")
	w.Must(w.App.Link(lead, isms.Incidents, i.ID, "realises", r.ID))
	return w, lead, r, i
}

func (w *world) happens(key, asset string) *isms.Incident {
	w.Helper()
	now := w.Clock.Now()
	i := &isms.Incident{Base: isms.Base{Key: key, Title: "Incident " + key}, Severity: "high", Category: "cloud_key_leak", AssetID: asset,
		StartedAt: now.Add(-2 * time.Hour), DetectedAt: now.Add(-time.Hour), DeclaredAt: now, CostSoFar: kind.MoneyOf(4000), Lessons: "Look earlier."}
	w.Must(w.App.Save(testkit.Machine(), i))
	return i
}

func (w *world) why(ctx context.Context, incident, parent, text, evidence string) *isms.RootCause {
	w.Helper()
	c, err := w.Response.AddWhy(ctx, response.Why{IncidentID: incident, ParentID: parent, Text: text, Evidence: evidence, Category: "process"})
	w.Must(err)
	return c
}

func (w *world) corrections() []*isms.CorrectiveAction {
	w.Helper()
	list, err := app.Of[isms.CorrectiveAction](w.App, isms.CorrectiveActions).All(testkit.Machine(), kind.Query{Sort: "key"})
	w.Must(err)
	return list
}

func TestAConfirmedCauseRaisesTheFrequencyOfItsRiskByBayesAndAsksForACorrection(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, lead, _, i := learning(t, s)
		before := w.Record(isms.Risks, "keys").(*isms.Risk)
		c := w.why(lead, "leak", "", "Keys live in files", "")
		if got := w.Record(isms.Risks, "keys").(*isms.Risk); got.Events != before.Events || len(w.corrections()) != 0 {
			t.Error("a suspicion changed the register")
		}
		if _, err := w.App.Do(lead, isms.RootCauses, c.ID, "confirm", 0, kind.Input{Reason: "The file with the key is in the repository."}); err != nil {
			t.Fatal(err)
		}
		x, err := w.Response.Experience(lead, "keys")
		w.Must(err)
		after := w.Record(isms.Risks, "keys").(*isms.Risk)
		// by hand: λ ~ lognormal 90 % in 0.05 … 0.8 → gamma by moments; one event in T years
		sigma := math.Log(16) / (2 * 1.6448536269514722)
		mean := math.Exp((math.Log(0.05)+math.Log(0.8))/2 + sigma*sigma/2)
		shape := 1 / math.Expm1(sigma*sigma)
		want := (shape + 1) / (shape/mean + x.Years)
		if got := x.Posterior.Mean(); math.Abs(got-want) > 1e-9*want {
			t.Errorf("posterior %v, by hand %v", got, want)
		}
		if after.EventsPrior != before.Events || after.PriorFrom == "" || after.Events.Low <= before.Events.Low || after.LossNow <= before.LossNow {
			t.Errorf("before %v %v, after %v %v, prior %v since %s", before.Events, before.LossNow, after.Events, after.LossNow, after.EventsPrior, after.PriorFrom)
		}
		if x.LossAfter <= x.LossBefore || math.Abs(x.LossAfter-after.LossNow.Float()) > 0.01*x.LossAfter {
			t.Errorf("the account says %v → %v, the record %v", x.LossBefore, x.LossAfter, after.LossNow)
		}
		list := w.corrections()
		if len(list) != 1 || list[0].RootCauseID != c.ID || list[0].Status != "proposed" || list[0].Due == "" {
			t.Fatalf("corrections: %+v", list)
		}
		// the same again changes nothing: a second cause of one incident is one event
		length := w.JournalLength()
		second := w.why(lead, "leak", c.ID, "There is no other place for them", "No vault was ever bought.")
		if got := w.Record(isms.Risks, "keys").(*isms.Risk); got.Events != after.Events {
			t.Errorf("a second cause of the same incident counted twice: %v, was %v", got.Events, after.Events)
		}
		if w.JournalLength() == length || second.Status != "confirmed" {
			t.Error("the second cause was not written")
		}
		tree, err := w.Response.Causes(lead, i.ID)
		w.Must(err)
		if tree.Depth != 2 || tree.Confirmed != 2 || len(tree.Causes) != 1 || len(tree.Causes[0].Children) != 1 || len(tree.Learnt) != 1 {
			t.Errorf("tree: %+v", tree)
		}
		// excluding both takes the experience back
		for _, id := range []string{second.ID, c.ID} {
			_, err := w.App.Do(lead, isms.RootCauses, id, "exclude", 0, kind.Input{Reason: "It was another key."})
			w.Must(err)
		}
		if got := w.Record(isms.Risks, "keys").(*isms.Risk); got.Events != before.Events || got.LossNow != before.LossNow {
			t.Errorf("excluded causes still count: %v %v", got.Events, got.LossNow)
		}
	})
}

func TestAnIncidentIsNotClosedBeforeACauseIsConfirmed(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, lead, _, i := learning(t, s)
		admin := w.Actor("admin", access.Administrator)
		for _, step := range []string{"contain", "eradicate", "recover", "learn"} {
			_, err := w.App.Do(lead, isms.Incidents, i.ID, step, 0, kind.Input{})
			w.Must(err)
		}
		w.why(lead, "leak", "", "Perhaps the weather", "")
		if _, err := w.App.Do(admin, isms.Incidents, i.ID, "close", 0, kind.Input{}); kind.CodeOf(err) != kind.Conflict {
			t.Errorf("closed on a suspicion: %v", err)
		}
		if got := w.Record(isms.Incidents, "leak").(*isms.Incident); got.Phase != isms.IncidentLearn {
			t.Errorf("a refused close left the phase at %s", got.Phase)
		}
		w.why(lead, "leak", "", "Keys live in files", "We found the file.")
		_, err := w.App.Do(admin, isms.Incidents, i.ID, "close", 0, kind.Input{})
		w.Must(err)
		other := w.happens("false", "shop")
		_, err = w.App.Do(admin, isms.Incidents, other.ID, "dismiss", 0, kind.Input{Reason: "A drill."})
		w.Must(err)
	})
}

func TestWhatNobodyForesawBecomesADraftRiskInMoney(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, lead, _, _ := learning(t, s)
		w.happens("news", "shop")
		w.why(lead, "news", "", "Nobody watches the bucket", "The log was empty.")
		var drafts []*isms.Risk
		for _, r := range w.Risks() {
			if r.Status == isms.RiskDraft {
				drafts = append(drafts, r)
			}
		}
		if len(drafts) != 1 || drafts[0].LossNow <= 0 || drafts[0].AssetID == "" || drafts[0].EventsBare.IsZero() {
			t.Fatalf("drafts: %+v", drafts)
		}
		once := drafts[0].EventsBare
		w.Clock.Advance(30 * 24 * time.Hour)
		w.happens("again", "shop")
		w.why(lead, "again", "", "Nobody watches the bucket", "Empty again.")
		got := w.Record(isms.Risks, drafts[0].Key).(*isms.Risk)
		if got.EventsBare.Low <= once.Low {
			t.Errorf("a second event did not raise it: %v, was %v", got.EventsBare, once)
		}
	})
}

func TestWhatHappensAgainReopensTheCorrectionThatShouldHaveStoppedIt(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, lead, r, _ := learning(t, s)
		w.why(lead, "leak", "", "Keys live in files", "We found the file.")
		fix := w.corrections()[0]
		_, err := w.App.Do(w.Actor("admin", access.Administrator), isms.CorrectiveActions, fix.ID, "agree", 0, kind.Input{})
		w.Must(err)
		_, err = w.App.Do(lead, isms.CorrectiveActions, fix.ID, "finish", 0, kind.Input{})
		w.Must(err)
		if n, err := w.Response.CheckCorrections(testkit.Machine()); err != nil || n != 0 {
			t.Errorf("asked before its day: %d, %v", n, err)
		}
		w.Clock.Advance(91 * 24 * time.Hour)
		if n, err := w.Response.CheckCorrections(testkit.Machine()); err != nil || n != 1 {
			t.Errorf("the look after ninety days was not asked for: %d, %v", n, err)
		}
		if n, err := w.Response.CheckCorrections(testkit.Machine()); err != nil || n != 0 {
			t.Errorf("asked twice: %d, %v", n, err)
		}
		_, err = w.App.Do(lead, isms.CorrectiveActions, fix.ID, "confirm", 0, kind.Input{Reason: "No key since."})
		w.Must(err)
		w.Clock.Advance(24 * time.Hour)
		i := w.happens("leak-2", "shop")
		w.Must(w.App.Link(lead, isms.Incidents, i.ID, "realises", r.ID))
		w.why(lead, "leak-2", "", "Keys live in files again", "Another file.")
		got := w.Record(isms.CorrectiveActions, fix.ID).(*isms.CorrectiveAction)
		if got.Status != "ineffective" || got.Rounds != 1 || len(w.corrections()) != 1 {
			t.Errorf("the correction is %s after round %d, and there are %d", got.Status, got.Rounds, len(w.corrections()))
		}
	})
}

func TestANewEstimateOfAPersonIsWhereExperienceBeginsAnew(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, lead, _, _ := learning(t, s)
		w.why(lead, "leak", "", "Keys live in files", "We found the file.")
		w.Clock.Advance(48 * time.Hour)
		r := w.Record(isms.Risks, "keys").(*isms.Risk)
		r.Events = kind.Range{Low: 0.01, High: 0.1}
		w.Must(w.App.Save(lead, r))
		got := w.Record(isms.Risks, "keys").(*isms.Risk)
		if got.Events != r.Events || got.EventsPrior != r.Events || got.PriorFrom != kind.DateOf(w.App.Now()) {
			t.Errorf("events %v, prior %v since %s", got.Events, got.EventsPrior, got.PriorFrom)
		}
		w.why(lead, "leak", "", "Another why of the old story", "Seen in the log.")
		if got := w.Record(isms.Risks, "keys").(*isms.Risk); got.Events != r.Events {
			t.Errorf("what the person knew counted again: %v", got.Events)
		}
	})
}

func TestNobodyLearnsWithoutTheRight(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w, _, _, _ := learning(t, s)
		if _, err := w.Response.AddWhy(testkit.As(access.Auditor), response.Why{IncidentID: "leak", Text: "Because"}); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor adds a why: %v", err)
		}
		if _, err := w.Response.AddWhy(testkit.As(access.SecurityLead), response.Why{IncidentID: "leak", Text: "  "}); kind.CodeOf(err) != kind.Invalid {
			t.Errorf("an empty why: %v", err)
		}
		if _, err := w.Response.AddWhy(testkit.As(access.SecurityLead), response.Why{IncidentID: "leak", ParentID: "nothing", Text: "Because"}); kind.CodeOf(err) != kind.Invalid {
			t.Errorf("a why below nothing: %v", err)
		}
		stranger := testkit.In("ws2", access.Administrator)
		if _, err := w.Response.Causes(stranger, "leak"); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("another workspace reads the causes: %v", err)
		}
		if _, err := w.Response.Causes(testkit.As(access.Staff), "leak"); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("staff reads the causes: %v", err)
		}
		if _, err := w.Response.Experience(stranger, "keys"); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("another workspace reads the experience: %v", err)
		}
	})
}

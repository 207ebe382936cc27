package flow_test

import (
	"math"
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// A risk of 10 events a year at 1 000 each, and a safeguard that prevents half of
// them for 2 000 a year and ten hours: ALE₁ 10 000, ALE₂ 5 000, RoSI 3 000.
func TestTheBusinessCaseAddsUpAndIsFrozen(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		lead := w.Actor("lead", access.SecurityLead)
		r := &isms.Risk{Base: isms.Base{Key: "r", Title: "R"}, Status: isms.RiskOpen, Events: kind.Exactly(10), LossResponse: kind.Exactly(1000)}
		w.Must(w.App.Save(lead, r))
		g := &isms.Safeguard{Base: isms.Base{Key: "g", Title: "G"}, AnnualCost: kind.Exactly(2000), Effort: kind.Exactly(10), OnFrequency: kind.Exactly(0.5)}
		w.Must(w.App.Save(lead, g))
		w.Must(w.App.Save(lead, &isms.Treatment{Base: isms.Base{Key: "t", Title: "T"}, RiskID: r.ID, SafeguardID: g.ID}))
		w.Must(w.App.Save(lead, &isms.Obligation{Base: isms.Base{Key: "o", Title: "O"}, Type: "law", Status: isms.ObligationApplies, Penalty: kind.Exactly(700)}))
		c, err := w.Flow.Case(lead)
		w.Must(err)
		near := func(what string, got, want float64) {
			if math.Abs(got-want) > 0.02*math.Max(want, 1) {
				t.Errorf("%s is %.2f, not %.2f", what, got, want)
			}
		}
		near("ALE₁", c.Now.Mean, 10_000)
		near("ALE₂", c.With.Mean, 5_000)
		near("RoSI", c.Return, c.Avoided-2_000)
		near("one-off cost", c.Once, 850)
		near("pay-back", c.Payback, 12*850/c.Return)
		if len(c.Measures) != 1 || math.Abs(c.Measures[0].Return-3_000) > 1 || len(c.AtStake) != 1 || c.Fines != 700 {
			t.Errorf("measures %+v, at stake %+v", c.Measures, c.AtStake)
		}
		b, err := w.Flow.FreezeCase(lead, "")
		w.Must(err)
		if b.Status != isms.BusinessCaseDraft || b.FrozenAt.IsZero() || b.Payback != c.Payback || !strings.Contains(string(b.Account), "ALE₁ − ALE₂ − ACS") || b.Return != b.LossBefore-b.LossAfter-b.AnnualCost {
			t.Errorf("frozen: %+v", b)
		}
		before := b.LossBefore
		r.Events, r.Version = kind.Exactly(20), w.Record(isms.Risks, "r").GetBase().Version
		w.Must(w.App.Save(lead, r))
		if got := w.Record(isms.BusinessCases, b.ID).(*isms.BusinessCase); got.LossBefore != before {
			t.Error("a frozen figure moved with the risk")
		}
		if again, err := w.Flow.FreezeCase(lead, b.ID); err != nil || again.LossBefore <= before {
			t.Errorf("frozen again: %v, %v", again, err)
		}
		boss := w.Actor("boss", access.Administrator)
		for _, action := range []string{"submit", "approve"} {
			_, err := w.App.Do(boss, isms.BusinessCases, b.ID, action, 0, kind.Input{Reason: "yes"})
			w.Must(err)
		}
		if _, err := w.Flow.FreezeCase(lead, b.ID); kind.CodeOf(err) != kind.Conflict {
			t.Errorf("a case that was decided changes: %v", err)
		}
		if _, err := w.Flow.FreezeCase(testkit.As(access.Auditor), ""); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor freezes: %v", err)
		}
	})
}

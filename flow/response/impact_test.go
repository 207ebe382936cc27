package response_test

import (
	"math"
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// shop is a business of five assets: a shop on an interface on a database that is
// restored from a vault, and a mailer that may wait.
func (w *world) shop() map[string]*isms.Asset {
	w.Helper()
	out := map[string]*isms.Asset{}
	for key, t := range map[string]isms.AssetType{"shop": "application", "api": "service", "db": "service", "vault": "service", "mailer": "supplier_service"} {
		a := &isms.Asset{Base: isms.Base{Key: key, Title: strings.ToUpper(key[:1]) + key[1:]}, Type: t, Criticality: 5, Lifecycle: "operating"}
		w.Save(a)
		out[key] = a
	}
	for _, d := range []struct {
		from, to  string
		nature    isms.DependencyNature
		strength  isms.Level
		survives  float64
		redundant bool
	}{
		{"shop", "api", "calls", 5, 0, false}, {"api", "db", "stores_in", 5, 1, false}, {"db", "vault", "restored_from", 5, 0, false},
		{"shop", "mailer", "calls", 2, 0, false}, {"api", "mailer", "calls", 5, 0, true},
	} {
		w.Save(&isms.AssetDependency{AssetID: out[d.from].ID, NeedsID: out[d.to].ID, Nature: d.nature, Strength: d.strength, SurvivesH: d.survives, Redundant: d.redundant})
	}
	w.Save(&isms.ImpactAssessment{Base: isms.Base{Key: "orders"}, Process: "Orders", AssetID: out["shop"].ID, Criticality: 5, RTOHours: 4, RPOHours: 1, MTPDHours: 48,
		LossHour: kind.Exactly(100), LossDay: kind.Exactly(2400), LossWeek: kind.Exactly(117_600)})
	w.Save(&isms.RecoveryTarget{Base: isms.Base{Key: "t-shop"}, AssetID: out["shop"].ID, RTO: 4, RPO: 1})
	w.Save(&isms.RecoveryTarget{Base: isms.Base{Key: "t-db"}, AssetID: out["db"].ID, RTO: 4, RPO: 24, MeasuredRTO: 12, MeasuredRPO: 24, TestedOn: "2026-02-01"})
	w.Save(&isms.Backup{Base: isms.Base{Key: "b-db"}, AssetID: out["db"].ID, Status: "operating", EveryHours: 24})
	return out
}

func recovery(t *testing.T, a *response.ImpactAnalysis, key string) *response.Recovery {
	t.Helper()
	for _, r := range a.Assets {
		if r.Record.Key == key {
			return r
		}
	}
	return nil
}

func gap(r *response.Recovery, k string) string {
	for _, g := range r.Gaps {
		if g.Kind == k {
			return g.Text
		}
	}
	return ""
}

func TestWhatAnAssetRestsOnInheritsItsTimeAndBrokenPromisesAreNamed(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.shop()
		a, err := w.Response.Impact(testkit.As(access.Auditor))
		w.Must(err)
		for key, want := range map[string]struct {
			need, point float64
			step        int
		}{"shop": {4, 1, 4}, "api": {4, 1, 3}, "db": {5, 1, 2}, "vault": {4, 0, 1}} {
			r := recovery(t, a, key)
			if r == nil || r.Need.Hours != want.need || r.Point.Hours != want.point || r.Step != want.step {
				t.Errorf("%s: %+v, want %+v", key, r, want)
			}
		}
		if recovery(t, a, "mailer") != nil {
			t.Error("what is hardly noticed, and what something stands in for, must be back in time")
		}
		db, shop := recovery(t, a, "db"), recovery(t, a, "shop")
		if got := gap(db, response.GapTime); !strings.Contains(got, "needs 12 hours and must be back within 5 hours: Api must be back within 4 hours and stores in it; it lasts 1 hour without.") {
			t.Errorf("database: %q", got)
		}
		if got := gap(shop, response.GapRests); got != "Shop promises 4 hours, but Db needs 12 hours." {
			t.Errorf("shop: %q", got)
		}
		if got := gap(db, response.GapData); !strings.Contains(got, "At most 1 hour of data may be lost, but it is copied every 24 hours") {
			t.Errorf("copies: %q", got)
		}
		if len(a.Cycles) != 0 || a.Waves[0].Assets[0].Record.Key != "vault" {
			t.Errorf("order: %+v, circles %v", a.Waves, a.Cycles)
		}
	})
}

func TestTheLossOfAnOutageFollowsWhatPeopleSaidAndNeverShrinks(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.shop()
		a, err := w.Response.Impact(testkit.As(access.Auditor))
		w.Must(err)
		l := a.Lines[0]
		// 100 after an hour and 2 400 after a day is even growth; between a day and a
		// week the exponent is ln 49 ÷ ln 7 = 2
		for i, want := range []float64{100, 400, 2400, 2400 * 9, 117_600} {
			if math.Abs(l.Losses[i].Mean-want) > 1e-6*want {
				t.Errorf("after %s: %v, want %v (%s)", l.Losses[i].Label, l.Losses[i].Mean, want, l.Losses[i].Why)
			}
			if i > 0 && l.Losses[i].Mean < l.Losses[i-1].Mean {
				t.Errorf("the loss shrinks after %s", l.Losses[i].Label)
			}
			if l.Losses[i].Why == "" {
				t.Errorf("the loss after %s is not explained", l.Losses[i].Label)
			}
		}
		if l.Losses[2].Unbearable || !l.Losses[3].Unbearable {
			t.Error("three days are longer than the maximum tolerable two, one day is not")
		}
		db := recovery(t, a, "db")
		for _, g := range db.Gaps {
			if g.Kind == response.GapTime && math.Abs(g.Cost-700) > 1e-6 { // 12 hours cost 1 200, 5 hours 500
				t.Errorf("the seven hours between need and reality cost %v", g.Cost)
			}
		}
	})
}

func TestAssetsThatWaitForEachOtherAreNamedAndDoNotStopTheRest(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		assets := w.shop()
		w.Save(&isms.AssetDependency{AssetID: assets["vault"].ID, NeedsID: assets["api"].ID, Nature: "signs_in_with", Strength: 5})
		a, err := w.Response.Impact(testkit.As(access.Auditor))
		w.Must(err)
		if len(a.Cycles) != 1 || len(a.Cycles[0]) != 3 || a.Cycles[0][0].Key != "api" {
			t.Fatalf("circles: %+v", a.Cycles)
		}
		if recovery(t, a, "api").Step != 1 || recovery(t, a, "vault").Step != 1 || recovery(t, a, "shop").Step != 2 {
			t.Error("the shop does not stand after the circle")
		}
	})
}

func TestAnotherWorkspaceAndStaffSeeNoImpact(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.shop()
		if a, err := w.Response.Impact(testkit.In("ws2", access.Administrator)); err != nil || len(a.Lines)+len(a.Assets)+len(a.Unassessed) != 0 {
			t.Errorf("another workspace: %+v, %v", a, err)
		}
		if _, err := w.Response.Impact(testkit.As(access.Staff)); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("staff: %v", err)
		}
	})
}

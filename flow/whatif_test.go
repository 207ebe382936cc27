package flow_test

import (
	"testing"

	"holdfast/access"
	"holdfast/engine"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
	"holdfast/testkit/flowtest"
)

func TestASafeguardOfTheCatalogueCanBeTriedWithoutARecordOfIt(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.Scan(flowtest.RootLogin(engine.Fail))
		ctx := testkit.As(access.Auditor)
		var tried bool
		for _, r := range w.Risks() {
			v, err := w.Flow.View(ctx, r.ID)
			w.Must(err)
			for _, c := range w.Flow.Candidates(&v.Pricing) {
				tried = true
				for _, pl := range v.Planned {
					if pl.Safeguard.Catalogue == c.ID {
						t.Errorf("%s is planned and a candidate too", c.ID)
					}
				}
				cmp, err := w.Flow.WhatIf(ctx, r.ID, []string{c.ID})
				w.Must(err)
				if cmp.After.Total.Mean > cmp.Before.Total.Mean || cmp.AnnualCost <= 0 {
					t.Errorf("%s: %.0f before, %.0f after, costs %.0f", c.ID, cmp.Before.Total.Mean, cmp.After.Total.Mean, cmp.AnnualCost)
				}
				if _, err := w.App.Get(ctx, isms.Safeguards, c.ID); kind.CodeOf(err) != kind.NotFound {
					t.Errorf("trying %s made a record of it: %v", c.ID, err)
				}
			}
			if _, err := w.Flow.WhatIf(ctx, r.ID, []string{"no-such-thing"}); kind.CodeOf(err) != kind.NotFound {
				t.Errorf("an unknown safeguard: %v", err)
			}
		}
		if !tried {
			t.Fatal("no candidate was found")
		}
	})
}

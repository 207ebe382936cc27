package app_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

func TestAReasonOfTheContextReachesWritesThatHaveNoneOfTheirOwn(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		ctx := w.App.Because(admin, "reviewed in request 7")
		risk, guard := &isms.Risk{Base: kind.Base{Title: "R"}}, &isms.Safeguard{Base: kind.Base{Title: "S"}}
		must(t, w.App.SaveBecause(ctx, risk, "its own"))
		must(t, w.App.Save(ctx, guard))
		must(t, w.App.Link(ctx, isms.Risks, risk.ID, "treated by", guard.ID))
		must(t, w.App.Unlink(ctx, isms.Risks, risk.ID, "treated by", guard.ID))
		must(t, w.App.Delete(ctx, isms.Risks, risk.ID, 0))
		list, err := w.App.History(admin, isms.Risks, risk.ID, 0, 10)
		must(t, err)
		got := map[string]string{}
		for _, e := range list {
			got[e.Verb] = e.Reason
		}
		const given = "reviewed in request 7"
		if diff := cmp.Diff(map[string]string{"create": "its own", "link": given, "unlink": given, "delete": given}, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLinksOfManyRecordsAreThoseOfEach(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		rel, err := w.App.Relation(isms.Risks, "treated by")
		must(t, err)
		want, ids := map[string][]string{}, []string{"nothing"}
		for i := range 4 {
			r := &isms.Risk{Base: kind.Base{Title: "R"}}
			must(t, w.App.Save(admin, r))
			ids = append(ids, r.ID)
			for range i {
				g := &isms.Safeguard{Base: kind.Base{Title: "S"}}
				must(t, w.App.Save(admin, g))
				must(t, w.App.Link(admin, isms.Risks, r.ID, "treated by", g.ID))
				want[r.ID] = append(want[r.ID], g.ID)
			}
		}
		got, err := w.App.LinkedIDs(admin, rel, ids)
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if other, err := w.App.LinkedIDs(testkit.In("ws2", access.Administrator), rel, ids); err != nil || len(other) != 0 {
			t.Errorf("another workspace sees %v, %v", other, err)
		}
		nobody := access.With(context.Background(), access.Actor{Name: "x", Workspace: testkit.Workspace})
		if _, err := w.App.LinkedIDs(nobody, rel, ids); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("without permission: %v", err)
		}
	})
}

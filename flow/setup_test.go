package flow_test

import (
	"testing"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
	"holdfast/testkit/flowtest"
)

func TestTheAssistantIsAnsweredTwiceAndMakesEverythingOnce(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		admin := w.Actor("ada", access.Administrator)
		for range 2 {
			w.Must(w.Flow.DescribeOrganisation(admin, flow.Profile{Name: "Fernhill", Country: "ie", Currency: "eur", Sector: "software", Headcount: 48}))
			_, err := w.Flow.NameJewels(admin, []flow.Jewel{{Name: "Portal", Type: "application", Value: kind.Exactly(1_000_000)}, {Name: "Records", Type: "data_set", Value: kind.Exactly(2_000_000)}})
			w.Must(err)
			_, err = w.Flow.TakeDuties(admin, []string{"gdpr", "no-such-duty"})
			w.Must(err)
			b, err := w.Flow.Beginning(admin)
			w.Must(err)
			if got := flow.SuggestedAppetite(b); got != 60_000 {
				t.Errorf("suggested: %v", got)
			}
			w.Must(w.Flow.StateAppetite(admin, "cautious", 60_000))
		}
		b, err := w.Flow.Beginning(admin)
		w.Must(err)
		if b.Organisation == nil || b.Organisation.Size != "small" || b.Organisation.Currency != "EUR" || b.Organisation.Country != "IE" || b.Organisation.SecurityLeadID != flowtest.IDOf(admin) {
			t.Errorf("organisation: %+v", b.Organisation)
		}
		if len(b.Jewels) != 2 || b.Worth != 3_000_000 || b.Obligations["gdpr"] != isms.ObligationApplies || len(b.Obligations) != 1 {
			t.Errorf("jewels %d worth %v, obligations %v", len(b.Jewels), b.Worth, b.Obligations)
		}
		if a := b.Appetite; a == nil || a.Status != isms.AppetiteInForce || a.Limit != kind.MoneyOf(120_000) || a.ApprovedBy != flowtest.IDOf(admin) {
			t.Errorf("appetite: %+v", b.Appetite)
		}
		for _, k := range []*kind.Kind{isms.Organisations, isms.Appetites} {
			page, err := w.App.List(admin, k, kind.Query{})
			w.Must(err)
			if len(page.Records) != 1 {
				t.Errorf("%d of %s", len(page.Records), k.Plural)
			}
		}
		if _, err := w.Flow.NameJewels(admin, nil); kind.CodeOf(err) != kind.Invalid {
			t.Errorf("nothing matters: %v", err)
		}
		if err := w.Flow.StateAppetite(admin, "cautious", -5); kind.CodeOf(err) != kind.Invalid {
			t.Errorf("a negative appetite: %v", err)
		}
		for _, role := range []access.Role{access.Auditor, access.Staff} {
			if err := w.Flow.DescribeOrganisation(testkit.As(role), flow.Profile{Name: "X"}); kind.CodeOf(err) != kind.Forbidden {
				t.Errorf("%s sets up: %v", role, err)
			}
		}
		if b, err := w.Flow.Beginning(testkit.In("ws2", access.Administrator)); err != nil || b.Organisation != nil || len(b.Jewels) != 0 {
			t.Errorf("another workspace: %+v, %v", b, err)
		}
	})
}

package flow_test

import (
	"slices"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// fenced is a small estate: a portal on a host, a database, a supplier that sends
// messages, an old host outside that reads the database.
func (w *world) fenced() (ids map[string]string) {
	w.Helper()
	ids = map[string]string{}
	for _, a := range []*isms.Asset{
		{Base: isms.Base{Key: "portal", Title: "Portal"}, Type: "application", Value: kind.Exactly(1000)},
		{Base: isms.Base{Key: "host", Title: "Host"}, Type: "host", Value: kind.Exactly(10)},
		{Base: isms.Base{Key: "db", Title: "Database"}, Type: "service", Value: kind.Exactly(500)},
		{Base: isms.Base{Key: "sms", Title: "Messages"}, Type: "supplier_service", Value: kind.Exactly(20)},
		{Base: isms.Base{Key: "old", Title: "Old host"}, Type: "host", Value: kind.Exactly(5)},
		{Base: isms.Base{Key: "desk", Title: "Desk"}, Type: "device", Location: "galway", Value: kind.Exactly(1)},
		{Base: isms.Base{Key: "gone", Title: "Gone"}, Type: "host", Lifecycle: "disposed"},
	} {
		ids[a.Key] = w.Save(a).GetBase().ID
	}
	for _, d := range []struct{ from, nature, to string }{
		{"portal", "runs_on", "host"}, {"portal", "stores_in", "db"}, {"portal", "calls", "sms"}, {"old", "reads_from", "db"}, {"host", "runs_on", "portal"}, {"portal", "contains", "gone"},
	} {
		ids[d.from+">"+d.to] = w.Save(&isms.AssetDependency{AssetID: ids[d.from], NeedsID: ids[d.to], Nature: isms.DependencyNature(d.nature)}).GetBase().ID
	}
	sc := &isms.Scope{Base: isms.Base{Key: "scope", Title: "Scope"}, Sites: []string{"Galway"}}
	ids["scope"] = w.Save(sc).GetBase().ID
	w.Must(w.App.Link(testkit.Machine(), isms.Scopes, "scope", "includes", "portal"))
	return ids
}

func (w *world) boundary() *flow.Boundary {
	w.Helper()
	b, err := w.Flow.Boundary(testkit.Machine(), "scope")
	w.Must(err)
	return b
}

func keysOf(list []flow.Placed) []string {
	var out []string
	for _, p := range list {
		out = append(out, p.Asset.Key)
	}
	return out
}

func TestTheInsideGrowsByPartsAndStopsAtSuppliers(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.fenced()
		b := w.boundary()
		if got := keysOf(b.In); !slices.Equal(got, []string{"portal", "db", "host", "desk"}) {
			t.Errorf("inside: %v", got)
		}
		if got := keysOf(b.Out); !slices.Equal(got, []string{"sms", "old"}) {
			t.Errorf("outside: %v", got)
		}
		for _, p := range b.In {
			if p.Why == "" {
				t.Errorf("%s is inside for no reason", p.Asset.Key)
			}
		}
		if _, err := w.Flow.Boundary(testkit.In("ws2", access.Administrator), "scope"); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("another workspace sees the scope: %v", err)
		}
		if _, err := w.Flow.Boundary(testkit.As(access.Staff), "scope"); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("staff see the scope: %v", err)
		}
	})
}

func TestWhatCrossesIsAtRiskUntilSomebodyLookedAndSomethingProtects(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		ids := w.fenced()
		lead := w.Actor("lead", access.SecurityLead)
		b := w.boundary()
		if len(b.Crossings) != 2 || len(b.Unreviewed()) != 2 || len(b.Unprotected()) != 2 {
			t.Fatalf("crossings: %+v", b.Crossings)
		}
		out, in := b.Crossings[0], b.Crossings[1]
		if out.Inside.Key != "portal" || !out.Outward || out.Worth != 1000 || in.Inside.Key != "db" || in.Outward || in.Outside.Key != "old" {
			t.Errorf("crossings: %+v", b.Crossings)
		}
		if _, err := w.App.Do(testkit.As(access.Auditor), isms.AssetDependencies, ids["portal>sms"], "review", 0, kind.Input{Reason: "fine"}); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor reviews: %v", err)
		}
		if _, err := w.App.Do(lead, isms.AssetDependencies, ids["portal>sms"], "review", 0, kind.Input{}); kind.CodeOf(err) != kind.Invalid {
			t.Errorf("a review without a word counts: %v", err)
		}
		_, err := w.App.Do(lead, isms.AssetDependencies, ids["portal>sms"], "review", 0, kind.Input{Reason: "Names and times only."})
		w.Must(err)
		guard := &isms.Safeguard{Base: isms.Base{Key: "guard", Title: "Guard"}, Status: isms.SafeguardApproved}
		w.Save(guard)
		w.Must(w.App.Link(testkit.Machine(), isms.Safeguards, "guard", "protects", "sms"))
		b = w.boundary()
		if left := b.Unreviewed(); len(left) != 1 || left[0].Outside.Key != "old" {
			t.Errorf("still to be looked at: %+v", left)
		}
		if len(b.Unprotected()) != 2 {
			t.Error("a safeguard that does not operate yet protects")
		}
		_, err = w.App.Do(testkit.Machine(), isms.Safeguards, "guard", "operate", 0, kind.Input{})
		w.Must(err)
		b = w.boundary()
		if c := b.Crossings[len(b.Crossings)-1]; c.Inside.Key != "portal" || c.AtRisk() || len(c.Guards) != 1 || c.Verdict != "Names and times only." {
			t.Errorf("reviewed and protected: %+v", c)
		}
		w.Clock.Advance(367 * 24 * time.Hour)
		if len(w.boundary().Unreviewed()) != 2 {
			t.Error("a review holds for more than a year")
		}
	})
}

func TestAVendorCrossesUntilItsAssessmentHolds(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	w.fenced()
	v := &isms.Vendor{Base: isms.Base{Key: "cloud", Title: "Cloud"}, Status: isms.VendorActive}
	w.Save(v)
	w.Save(&isms.Vendor{Base: isms.Base{Key: "other", Title: "Other"}, Status: isms.VendorActive})
	w.Must(w.App.Link(testkit.Machine(), isms.Vendors, "cloud", "supplies", "host"))
	w.Must(w.App.Link(testkit.Machine(), isms.Vendors, "cloud", "supplies", "db"))
	b := w.boundary()
	if len(b.Vendors) != 1 || len(b.Unreviewed()) != 3 {
		t.Fatalf("vendors %v, crossings %+v", b.Vendors, b.Crossings)
	}
	a := &isms.VendorAssessment{Base: isms.Base{Key: "a", Title: "This year"}, VendorID: v.ID, Method: "attestation", Status: isms.VendorAssessmentReview, ValidUntil: "2026-12-31"}
	w.Save(a)
	if len(w.boundary().Unreviewed()) != 3 {
		t.Error("an assessment that nobody approved counts")
	}
	_, err := w.App.Do(w.Actor("boss", access.Administrator), isms.VendorAssessments, "a", "approve", 0, kind.Input{Reason: "good"})
	w.Must(err)
	if left := w.boundary().Unreviewed(); len(left) != 2 {
		t.Errorf("still to be looked at: %+v", left)
	}
	w.Clock.Advance(366 * 24 * time.Hour)
	if len(w.boundary().Unreviewed()) != 3 {
		t.Error("an assessment that ran out still counts")
	}
}

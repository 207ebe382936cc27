package flow_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/catalog"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// small is a framework of a few requirements in its first edition.
func small() *catalog.Framework {
	return &catalog.Framework{
		ID: "small-1", Title: "Small standard", Abbreviation: "Small", Publisher: "Us", Version: "1", Topic: "security", About: "For tests.", Source: "None.",
		Requirements: []catalog.Requirement{
			{ID: "1", Chapter: true, Title: "Access"},
			{ID: "1.1", In: "1", Title: "Sign-in", Asks: "Sign in with two factors.", Proof: "A list.", Safeguards: []string{"mfa"}, Checks: []string{"sshd-root-login"}},
			{ID: "1.2", In: "1", Title: "Rights", Asks: "Few rights.", Proof: "A list."},
			{ID: "1.3", In: "1", Title: "Old", Asks: "Will go.", Proof: "A list."},
			{ID: "1.4", In: "1", Title: "Old but used", Asks: "Will go, but somebody decided.", Proof: "A list."},
		},
	}
}

func all[T any](w *world, k *kind.Kind, q kind.Query) []*T {
	w.Helper()
	list, err := app.Of[T](w.App, k).All(testkit.Machine(), q)
	w.Must(err)
	return list
}

func (w *world) requirement(code string) *isms.Requirement {
	w.Helper()
	for _, r := range all[isms.Requirement](w, isms.Requirements, kind.Query{}) {
		if r.Code == code {
			return r
		}
	}
	w.Fatalf("there is no requirement %s", code)
	return nil
}

func (w *world) adopt(ctx context.Context, fw *catalog.Framework, maps ...catalog.Mapping) flow.Adoption {
	w.Helper()
	out, err := w.Flow.AdoptFrom(ctx, fw, maps)
	w.Must(err)
	return out
}

func (w *world) safeguard(key string, status isms.SafeguardStatus) *isms.Safeguard {
	w.Helper()
	s := &isms.Safeguard{Base: isms.Base{Key: key, Title: key, Origin: "catalogue"}, Status: status, Catalogue: key}
	w.Must(w.App.Save(testkit.Machine(), s))
	return s
}

func head(w *world) int64 {
	w.Helper()
	n, err := w.App.JournalHead(testkit.Machine())
	w.Must(err)
	return n
}

func TestAdoptingTwiceChangesNothingAndANewEditionOnlyWhatChanged(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		admin := testkit.As(access.Administrator)
		guard := w.safeguard("mfa", isms.SafeguardOperating)
		got := w.adopt(admin, small())
		if got.Created != 5 || got.Links != 1 || got.Status != "adopted" {
			t.Fatalf("first: %+v", got)
		}
		if r := w.requirement("1.1"); r.ParentID != w.requirement("1").ID || r.Catalogue != "small-1/1.1" || r.Position != 2 {
			t.Errorf("kept %+v", r)
		}
		before := head(w)
		if got := w.adopt(admin, small()); got.Created+got.Changed+got.Links+got.Gone != 0 || got.Unchanged != 5 || head(w) != before {
			t.Errorf("again: %+v, and the journal grew by %d", got, head(w)-before)
		}

		mine := w.requirement("1.2")
		mine.Guidance = "Our own advice."
		w.Must(w.App.Save(admin, mine))
		w.Must(w.App.Unlink(admin, isms.Safeguards, guard.ID, "meets", w.requirement("1.1").ID))
		w.Must(w.App.Save(admin, &isms.Applicability{RequirementID: w.requirement("1.4").ID, Applies: isms.AppliesYes}))
		next := small()
		next.Version = "2"
		next.Requirements = next.Requirements[:3]
		next.Requirements[1].Asks, next.Requirements[2].Guidance = "Sign in with a passkey.", "Advice of the publisher."
		next.Requirements = append(next.Requirements, catalog.Requirement{ID: "1.5", In: "1", Title: "New", Asks: "New.", Proof: "New.", Safeguards: []string{"mfa"}})
		got = w.adopt(admin, next)
		want := flow.Adoption{FrameworkID: got.FrameworkID, Framework: "Small", Status: "adopted", Created: 1, Changed: 1, Unchanged: 2, Kept: 1, Gone: 1, Orphans: 1, Links: 1}
		if got != want {
			t.Errorf("new edition: %+v, want %+v", got, want)
		}
		if r := w.requirement("1.1"); r.Text != "Sign in with a passkey." {
			t.Errorf("the new text did not arrive: %q", r.Text)
		}
		if r := w.requirement("1.2"); r.Guidance != "Our own advice." {
			t.Errorf("what a person wrote was written over: %q", r.Guidance)
		}
		rel, err := w.App.Relation(isms.Safeguards, "meets")
		w.Must(err)
		if met := len(must(app.Of[isms.Requirement](w.App, isms.Requirements).Linked(admin, rel, guard.ID))(t)); met != 1 {
			t.Errorf("the safeguard meets %d requirements; the link that a person ended must stay ended", met)
		}
	})
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestMappingsAppearWhenTheirSecondEndDoes(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		admin := testkit.As(access.Administrator)
		other := &catalog.Framework{ID: "other-1", Title: "Other", Publisher: "Us", Version: "1", Topic: "security",
			Requirements: []catalog.Requirement{{ID: "X", Title: "Sign-in", Asks: "Sign in.", Proof: "A list."}}}
		m := catalog.Mapping{Source: "small-1", Target: "other-1", Authority: "Us", Pairs: []catalog.Pair{
			{Source: "1.1", Relation: "superset", Target: "X", Confidence: 4}, {Source: "nowhere", Relation: "equal", Target: "X", Confidence: 4}}}
		if got := w.adopt(admin, small(), m); got.Mappings != 0 {
			t.Errorf("a mapping to nothing was made: %+v", got)
		}
		if got := w.adopt(admin, other, m); got.Mappings != 1 {
			t.Errorf("the mapping is missing: %+v", got)
		}
		maps := all[isms.RequirementMapping](w, isms.RequirementMappings, kind.Query{})
		if len(maps) != 1 || maps[0].Relation != isms.MappingSuperset || maps[0].Confidence != 4 || maps[0].SourceID != w.requirement("1.1").ID {
			t.Errorf("made %+v", maps)
		}
		before := head(w)
		if w.adopt(admin, other, m); head(w) != before {
			t.Error("adopting again wrote something")
		}
	})
}

func TestWhoMayNotWriteFrameworksAdoptsNoneAndALeadAdoptsWithoutDeciding(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		for _, role := range []access.Role{access.Auditor, access.Contributor, access.Approver, access.Staff} {
			if _, err := w.Flow.Adopt(testkit.As(role), "iso27001-2022"); kind.CodeOf(err) != kind.Forbidden {
				t.Errorf("%s adopted: %v", role, err)
			}
		}
		if _, err := w.Flow.Adopt(testkit.As(access.Administrator), "iso-nonsense"); kind.CodeOf(err) != kind.NotFound || !strings.Contains(err.Error(), "iso27001-2022") {
			t.Errorf("an unknown framework: %v", err)
		}
		if n := len(all[isms.Framework](w, isms.Frameworks, kind.Query{})); n != 0 {
			t.Errorf("%d frameworks were left behind", n)
		}
		if got := w.adopt(testkit.As(access.SecurityLead), small()); got.Status != "available" || got.Created != 5 {
			t.Errorf("the lead decided what only an approver may: %+v", got)
		}
		if n := len(must(app.Of[isms.Framework](w.App, isms.Frameworks).All(testkit.In("elsewhere", access.Administrator), kind.Query{}))(t)); n != 0 {
			t.Errorf("another workspace sees %d frameworks", n)
		}
	})
}

func TestEveryShippedFrameworkIsTakenInWhole(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN: adopts every framework, because of -short")
	}
	w := newWorld(t, testkit.SQLite(t))
	for _, fw := range w.Flow.Catalogue().Frameworks {
		start := time.Now()
		got, err := w.Flow.Adopt(testkit.As(access.Administrator), fw.ID)
		w.Must(err)
		t.Logf("%-24s %4d requirements, %4d mappings, %3d ms", fw.ID, got.Created, got.Mappings, time.Since(start).Milliseconds())
		if got.Created != len(fw.Requirements) {
			t.Errorf("%s: %d of %d requirements", fw.ID, got.Created, len(fw.Requirements))
		}
	}
}

package flow_test

import (
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/catalog"
	"holdfast/engine"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
	"holdfast/testkit/flowtest"
)

func (w *world) statement() *flow.Statement {
	w.Helper()
	st, err := w.Flow.Statement(testkit.As(access.Auditor), "")
	w.Must(err)
	return st
}

func (w *world) standing(code string) *flow.Standing {
	w.Helper()
	s := w.statement().Line(w.requirement(code).ID)
	if s == nil {
		w.Fatalf("%s has no line", code)
	}
	return s
}

func (w *world) measures(code string, want isms.Measured) {
	w.Helper()
	if s := w.standing(code); s.Measured != want {
		w.Errorf("%s is %s, want %s:\n%s", code, s.Measured, want, s.Why())
	}
}

func TestARequirementIsMetOnlyWhileItsProofsAreGoodAndFresh(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		admin := testkit.As(access.Administrator)
		w.adopt(admin, small())
		w.measures("1.1", isms.MeasuredUnknown)
		w.Scan(flowtest.RootLogin(engine.Fail))
		w.measures("1.1", isms.MeasuredFails)
		w.Scan(flowtest.RootLogin(engine.Pass))
		w.measures("1.1", isms.MeasuredMet)
		w.Clock.Advance(31 * 24 * time.Hour)
		w.measures("1.1", isms.MeasuredStale)
		w.Scan(flowtest.RootLogin(engine.Pass))
		guard := w.safeguard("mfa", isms.SafeguardProposed)
		w.Must(w.App.Link(admin, isms.Safeguards, guard.ID, "meets", w.requirement("1.1").ID))
		w.measures("1.1", isms.MeasuredPartly) // a safeguard that is only proposed proves nothing
		guard = must(app.Of[isms.Safeguard](w.App, isms.Safeguards).Get(testkit.Machine(), "mfa"))(t)
		guard.Status, guard.TestedOn = isms.SafeguardOperating, kind.DateOf(w.Clock.Now())
		w.Must(w.App.Save(testkit.Machine(), guard))
		w.measures("1.1", isms.MeasuredMet)

		doc := &isms.Document{Base: isms.Base{Key: "p", Title: "Sign-in policy"}, Type: "policy", Status: isms.DocumentPublished, ReviewBy: kind.DateOf(w.Clock.Now().AddDate(0, 0, 5))}
		w.Must(w.App.Save(testkit.Machine(), doc))
		w.Must(w.App.Link(admin, isms.Documents, doc.ID, "implements", w.requirement("1.2").ID))
		w.measures("1.2", isms.MeasuredMet)
		draft := &isms.Document{Base: isms.Base{Key: "d", Title: "Draft"}, Type: "policy", Status: isms.DocumentDraft}
		w.Must(w.App.Save(testkit.Machine(), draft))
		w.Must(w.App.Link(admin, isms.Documents, draft.ID, "implements", w.requirement("1.2").ID))
		w.Must(w.App.Link(admin, isms.Documents, draft.ID, "implements", w.requirement("1.3").ID))
		w.measures("1.2", isms.MeasuredMet) // a draft takes nothing away
		w.measures("1.3", isms.MeasuredUnknown)
		w.Clock.Advance(6 * 24 * time.Hour)
		w.measures("1.2", isms.MeasuredStale)
		w.Must(w.App.Save(admin, &isms.Nonconformity{Base: isms.Base{Title: "Nobody follows it"}, Grade: "minor", Statement: "Seen.", RequirementID: w.requirement("1.2").ID}))
		w.measures("1.2", isms.MeasuredFails)
	})
}

func TestAStatementCoversTheComputedBoundaryOfItsScope(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		admin := testkit.As(access.Administrator)
		w.adopt(admin, small())
		w.Scan(flowtest.RootLogin(engine.Fail))
		scanned := w.OneFinding().AssetID
		shop := w.Save(&isms.Asset{Base: isms.Base{Key: "shop", Title: "Shop"}, Type: "application"}).GetBase().ID
		scope := w.Save(&isms.Scope{Base: isms.Base{Key: "shop", Title: "Shop"}}).GetBase().ID
		measured := func() isms.Measured {
			t.Helper()
			st, err := w.Flow.Statement(testkit.As(access.Auditor), scope)
			w.Must(err)
			return st.Line(w.requirement("1.1").ID).Measured
		}
		if got := measured(); got != isms.MeasuredFails {
			t.Errorf("a scope that names nothing covers all, yet it is %s", got)
		}
		w.Must(w.App.Link(testkit.Machine(), isms.Scopes, scope, "includes", shop))
		if got := measured(); got != isms.MeasuredUnknown {
			t.Errorf("a machine outside the boundary was counted: %s", got)
		}
		w.Save(&isms.AssetDependency{AssetID: shop, NeedsID: scanned, Nature: "runs_on"})
		if got := measured(); got != isms.MeasuredFails {
			t.Errorf("the machine on which the shop runs lies inside, yet it is %s", got)
		}
	})
}

func TestAnAcceptedFindingIsNoProofThatTheRequirementIsMet(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		admin := testkit.As(access.Administrator)
		w.adopt(admin, small())
		w.Scan(flowtest.RootLogin(engine.Fail))
		_, err := w.App.Do(admin, isms.Findings, w.OneFinding().ID, "accept", 0, kind.Input{Reason: "only from the office"})
		w.Must(err)
		w.measures("1.1", isms.MeasuredUnknown)
		if why := w.standing("1.1").Why(); !strings.Contains(why, "accepted") {
			t.Errorf("the reader does not learn of the acceptance: %s", why)
		}
	})
}

func TestWorkForOneFrameworkCountsForAnotherWithTheWayThere(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		admin := testkit.As(access.Administrator)
		w.adopt(admin, small())
		other := &catalog.Framework{ID: "other-1", Title: "Other", Abbreviation: "Other", Publisher: "Us", Version: "1", Topic: "security", Requirements: []catalog.Requirement{
			{ID: "same", Title: "Sign-in", Asks: "Sign in.", Proof: "A list."}, {ID: "part", Title: "Part", Asks: "Part.", Proof: "A list."},
			{ID: "more", Title: "More", Asks: "More.", Proof: "A list."}, {ID: "near", Title: "Near", Asks: "Near.", Proof: "A list."}}}
		m := catalog.Mapping{Source: "other-1", Target: "small-1", Authority: "Us", Pairs: []catalog.Pair{
			{Source: "same", Relation: "equal", Target: "1.1", Confidence: 4}, {Source: "part", Relation: "subset", Target: "1.1", Confidence: 3},
			{Source: "more", Relation: "superset", Target: "1.1", Confidence: 3}, {Source: "near", Relation: "intersects", Target: "1.1", Confidence: 5}}}
		w.adopt(admin, other, m)
		w.Scan(flowtest.RootLogin(engine.Pass))
		w.measures("same", isms.MeasuredMet)
		w.measures("part", isms.MeasuredMet)
		w.measures("more", isms.MeasuredPartly)
		w.measures("near", isms.MeasuredUnknown)
		got := w.standing("same")
		if len(got.Inferred.Whole) != 1 || got.Inferred.Whole[0].ID != w.requirement("1.1").ID || got.Inferred.Whole[0].Confidence != 4 {
			t.Errorf("the source was lost: %+v", got.Inferred)
		}
		if c := flow.CountOf(w.statement().Of(got.Framework.ID)); c.Met != 2 || c.Partly != 1 || c.Unknown != 1 || c.Inferred != 3 {
			t.Errorf("counted %+v", c)
		}
		walk := w.statement().Crosswalk(w.requirement("1.1").FrameworkID, got.Framework.ID)
		if walk.Whole != 2 || walk.Part != 1 || walk.Hinted != 1 || walk.Nothing != 0 {
			t.Errorf("the crosswalk says %d %d %d %d", walk.Whole, walk.Part, walk.Hinted, walk.Nothing)
		}
		// A bad proof of its own is not outvoted by a mapping.
		w.Must(w.App.Save(admin, &isms.Nonconformity{Base: isms.Base{Title: "Not here"}, Grade: "minor", Statement: "Seen.", RequirementID: w.requirement("same").ID}))
		w.measures("same", isms.MeasuredFails)
	})
}

func TestMeasureWritesWhatChangedAndNothingElse(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.App.Settle(w.Flow.ReactMeasure)
		admin := testkit.As(access.Administrator)
		out := w.adopt(admin, small())
		if n := must(w.Flow.OpenLines(admin, out.FrameworkID, ""))(t); n != 4 {
			t.Fatalf("%d lines were opened, chapters must have none", n)
		}
		if n := must(w.Flow.OpenLines(admin, out.FrameworkID, ""))(t); n != 0 {
			t.Errorf("%d lines were opened twice", n)
		}
		w.Scan(flowtest.RootLogin(engine.Pass))
		if n := must(w.Flow.Measure(testkit.Machine()))(t); n != 1 {
			t.Errorf("%d lines changed, want that of 1.1", n)
		}
		before := head(w)
		if n := must(w.Flow.Measure(testkit.Machine()))(t); n != 0 || head(w) != before {
			t.Errorf("measuring again changed %d lines, the journal grew by %d", n, head(w)-before)
		}
		w.Clock.Advance(24 * time.Hour)
		w.Scan(flowtest.RootLogin(engine.Fail))
		must(w.Flow.Measure(testkit.Machine()))(t)
		for _, l := range all[isms.Applicability](w, isms.Applicabilities, kind.Query{}) {
			if l.RequirementID == w.requirement("1.1").ID && (l.Measured != isms.MeasuredFails || l.MeasuredWhy == "" || l.MeasuredAt.IsZero()) {
				t.Errorf("the line keeps %s because %q", l.Measured, l.MeasuredWhy)
			}
		}
		trend := must(w.Flow.Trend(testkit.As(access.Auditor), out.FrameworkID, ""))(t)
		if len(trend) != 2 || trend[0].Share != 0.25 || trend[1].Share != 0 {
			t.Errorf("the trend is %+v", trend)
		}
		then := must(w.Flow.ChangedSince(testkit.As(access.Auditor), "", kind.DateOf(w.Clock.Now().AddDate(0, 0, -1))))(t)
		if c, ok := then[w.requirement("1.1").ID]; !ok || c.MeasuredThen != "met" || c.MeasuredNow != "fails" || len(then) != 1 {
			t.Errorf("compared with yesterday: %+v", then)
		}
		jobs := 0
		w.Must(w.App.View(testkit.Machine(), func(tx *store.Tx) error {
			list, err := tx.Jobs(100)
			for _, j := range list {
				if j.Name == flow.JobMeasure {
					jobs++
				}
			}
			return err
		}))
		if jobs != 1 {
			t.Errorf("%d measurements wait; one is enough", jobs)
		}
	})
}

func TestPeopleDecideAndTheMachineOnlyProposes(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		lead := testkit.As(access.SecurityLead)
		admin := access.With(lead, access.Actor{Name: "Ada", Workspace: testkit.Workspace, Roles: []access.Role{access.Administrator}, Via: "cli"})
		out := w.adopt(admin, small())
		guard := w.safeguard("mfa", isms.SafeguardOperating)
		w.Must(w.App.Link(admin, isms.Safeguards, guard.ID, "meets", w.requirement("1.1").ID))
		risk := &isms.Risk{Base: isms.Base{Title: "Taken account"}, Status: isms.RiskOpen}
		w.Must(w.App.Save(admin, risk))
		w.Must(w.App.Link(admin, isms.Risks, risk.ID, "treated by", guard.ID))
		law := &isms.Obligation{Base: isms.Base{Title: "The law"}, Type: "law", Status: isms.ObligationApplies}
		w.Must(w.App.Save(testkit.Machine(), law))
		w.Must(w.App.Link(admin, isms.Obligations, law.ID, "detailed by", w.requirement("1.2").ID))

		proposals := must(w.Flow.Proposals(lead, w.statement(), out.FrameworkID))(t)
		if p := proposals[w.requirement("1.1").ID]; p.Applies != isms.AppliesYes || !strings.Contains(p.Reason, "Taken account") || len(p.Risks) != 1 || p.IncludedFor[0] != "risk" {
			t.Errorf("proposed %+v", p)
		}
		if p := proposals[w.requirement("1.2").ID]; !strings.Contains(p.Reason, "The law demands it") || p.IncludedFor[0] != "law" {
			t.Errorf("proposed %+v", p)
		}
		if n := len(all[isms.Applicability](w, isms.Applicabilities, kind.Query{})); n != 0 {
			t.Errorf("a proposal wrote %d lines", n)
		}
		if n := must(w.Flow.AcceptProposals(lead, out.FrameworkID, ""))(t); n != 4 {
			t.Errorf("%d lines changed", n)
		}
		if s := w.standing("1.1"); s.Applies() != isms.AppliesYes || !s.Line.DecidedAt.IsZero() {
			t.Errorf("a lead decided in the name of an approver: %+v", s.Line)
		}
		how := "With keys."
		_, err := w.Flow.Decide(admin, "", []flow.LineDecision{{RequirementID: w.requirement("1.1").ID, Applies: isms.AppliesYes, Status: isms.ApplicabilityMet, How: &how}})
		w.Must(err)
		if s := w.standing("1.1"); s.Line.DecidedAt.IsZero() || s.Said() != isms.ApplicabilityMet || !s.Differs() && s.Measured != isms.MeasuredUnknown {
			t.Errorf("decided %+v", s.Line)
		}
		for name, bad := range map[string]flow.LineDecision{
			"no without a reason": {RequirementID: w.requirement("1.3").ID, Applies: isms.AppliesNo},
			"a chapter":           {RequirementID: w.requirement("1").ID, Applies: isms.AppliesYes},
			"met and excluded":    {RequirementID: w.requirement("1.1").ID, Applies: isms.AppliesNo, Reason: "no"},
			"met without how":     {RequirementID: w.requirement("1.3").ID, Status: isms.ApplicabilityMet},
			"an old version":      {RequirementID: w.requirement("1.1").ID, Applies: isms.AppliesYes, Version: 1},
		} {
			before := head(w)
			if _, err := w.Flow.Decide(admin, "", []flow.LineDecision{{RequirementID: w.requirement("1.4").ID, Applies: isms.AppliesNo, Reason: "never"}, bad}); err == nil || head(w) != before {
				t.Errorf("%s: %v, and the journal grew by %d", name, err, head(w)-before)
			}
		}
		if _, err := w.Flow.Decide(testkit.As(access.Auditor), "", []flow.LineDecision{{RequirementID: w.requirement("1.3").ID, Applies: isms.AppliesYes}}); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor decided: %v", err)
		}
		if st := must(w.Flow.Statement(testkit.In("elsewhere", access.Administrator), ""))(t); len(st.Lines) != 0 {
			t.Errorf("another workspace sees %d lines", len(st.Lines))
		}
	})
}

func TestTheGapSaysWhatWouldTurnItGreenAndPlansItOnce(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		admin := testkit.As(access.Administrator)
		out := w.adopt(admin, small())
		guard := w.safeguard("mfa", isms.SafeguardOperating)
		w.Must(w.App.Link(admin, isms.Safeguards, guard.ID, "meets", w.requirement("1.2").ID))
		w.Scan(flowtest.RootLogin(engine.Fail))
		st := w.statement()
		gap := w.Flow.Gap(st, out.FrameworkID, []flow.Action{{Kind: "fix", Fix: "Repair sshd-root-login", Avoided: 5000, Hours: 1, Cost: 85}})
		if gap.Count.Fails != 1 || gap.Count.Unknown != 3 || len(gap.Missing) != 4 || gap.Missing[0].Requirement.Code != "1.1" {
			t.Errorf("the gap is %+v", gap.Count)
		}
		if len(gap.Steps) < 3 || gap.Steps[0].Key != "fix/sshd-root-login" || gap.Steps[0].Avoided != 5000 {
			t.Errorf("the first step is %+v", gap.Steps)
		}
		if n := must(w.Flow.PlanSteps(admin, st, gap, "fix/sshd-root-login", "test/"+guard.ID))(t); n != 2 {
			t.Errorf("%d tasks were made", n)
		}
		if n := must(w.Flow.PlanSteps(admin, st, gap, "fix/sshd-root-login"))(t); n != 0 {
			t.Errorf("%d tasks were made twice", n)
		}
		tasks := all[isms.Task](w, isms.Tasks, kind.Query{})
		if len(tasks) != 2 || tasks[0].Source != "gap" || tasks[0].SubjectKind != "requirement" || !strings.Contains(tasks[0].Why+tasks[1].Why, "Small 1.1") {
			t.Errorf("made %+v", tasks)
		}
		if _, err := w.Flow.PlanSteps(testkit.As(access.Auditor), st, gap); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor made tasks: %v", err)
		}
		w.Scan(flowtest.RootLogin(engine.Pass))
		if again := w.Flow.Gap(w.statement(), out.FrameworkID, nil); again.Count.Met != 1 || again.Count.Fails != 0 {
			t.Errorf("repaired, and still %+v", again.Count)
		}
	})
}

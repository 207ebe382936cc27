package flow_test

import (
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

func (w *world) milestones() []*isms.Milestone {
	w.Helper()
	list, err := app.Of[isms.Milestone](w.App, isms.Milestones).All(testkit.Machine(), kind.Query{Sort: "due"})
	w.Must(err)
	return list
}

func (w *world) milestone(key string) *isms.Milestone {
	w.Helper()
	m, err := app.Of[isms.Milestone](w.App, isms.Milestones).Get(testkit.Machine(), key)
	w.Must(err)
	return m
}

func (w *world) step(id string) *flow.Step {
	w.Helper()
	r, err := w.Flow.Roadmap(testkit.Machine())
	w.Must(err)
	return r.Step(id)
}

func (w *world) part(step, name string) flow.Part {
	w.Helper()
	for _, p := range w.step(step).Parts {
		if p.Name == name {
			return p
		}
	}
	w.Fatalf("step %s has no part %q", step, name)
	return flow.Part{}
}

func TestAnEmptyWorkspaceHasNothingDoneAndKnowsWhatToDoFirst(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	r, err := w.Flow.Roadmap(testkit.Machine())
	w.Must(err)
	if len(r.Tracks) != 2 || r.Pace != nil {
		t.Fatalf("tracks %d, pace %+v", len(r.Tracks), r.Pace)
	}
	for _, track := range r.Tracks {
		if len(track.Steps) != 10 || track.Done != 0 {
			t.Errorf("%s: %d steps, %d done", track.ID, len(track.Steps), track.Done)
		}
		for _, st := range track.Steps {
			if st.Done || st.Next == nil || st.Next.Text == "" || st.Next.Kind == "" && st.Next.Page == "" {
				t.Errorf("%s is done (%v) or has no next action: %+v", st.ID, st.Done, st.Next)
			}
			for _, p := range st.Parts {
				if p.Counts == "" || p.Have > p.Want {
					t.Errorf("%s, %s: %+v", st.ID, p.Name, p)
				}
			}
		}
	}
	if r.Next == nil || r.Next.ID != "isms-1" {
		t.Errorf("next is %+v", r.Next)
	}
}

func TestAStepIsDoneByRecordsAndNeverByATickAlone(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		if _, err := w.Flow.Plan(testkit.Machine(), flow.Planning{}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.App.Do(testkit.As(access.SecurityLead), isms.Milestones, "isms-3", "reach", 0, kind.Input{}); err != nil {
			t.Fatal(err)
		}
		_, err := w.Flow.Replan(testkit.Machine(), false)
		w.Must(err)
		if m := w.milestone("isms-3"); m.Status == "reached" || m.Progress == 1 {
			t.Errorf("a tick made step 3 done: %s, %v", m.Status, m.Progress)
		}
		lead := w.Actor("lead", access.Administrator)
		portal := w.Save(&isms.Asset{Base: isms.Base{Key: "portal", Title: "Portal"}, Type: "application"}).GetBase().ID
		sms := w.Save(&isms.Asset{Base: isms.Base{Key: "sms", Title: "Text messages"}, Type: "supplier_service"}).GetBase().ID
		dep := w.Save(&isms.AssetDependency{AssetID: portal, NeedsID: sms, Nature: "calls"}).GetBase().ID
		scope := &isms.Scope{Base: isms.Base{Key: "all", Title: "All"}, Statement: "Making and running the portal.", Included: "The portal.",
			Excluded: "Text messages, which a supplier sends.", Interfaces: "The supplier.", Sites: []string{"Galway"}, ReviewBy: "2027-01-01"}
		w.Save(scope)
		w.Must(w.App.Link(testkit.Machine(), isms.Scopes, scope.ID, "includes", portal))
		if w.step("isms-3").Done {
			t.Error("a draft with an unreviewed crossing is a scope that is done")
		}
		if _, err := w.App.Do(lead, isms.Scopes, "all", "approve", 0, kind.Input{}); err != nil {
			t.Fatal(err)
		}
		if p := w.part("isms-3", "Crossings reviewed"); p.Have != 0 || p.Want != 1 || len(p.Lacks) != 1 || p.Lacks[0].ID != dep {
			t.Errorf("crossings: %+v", p)
		}
		if w.step("isms-3").Done {
			t.Error("nobody looked at what crosses, and the step is done")
		}
		if _, err := w.App.Do(lead, isms.AssetDependencies, dep, "review", 0, kind.Input{Reason: "Only names and times."}); err != nil {
			t.Fatal(err)
		}
		if st := w.step("isms-3"); !st.Done || st.Progress != 1 || st.Next != nil {
			t.Fatalf("step 3: %+v", st)
		}
		_, err = w.Flow.Replan(testkit.Machine(), false)
		w.Must(err)
		if m := w.milestone("isms-3"); m.Status != "reached" || m.Progress != 1 || m.ReachedOn == "" {
			t.Errorf("all parts are there and the milestone is %s", m.Status)
		}
		w.Clock.Advance(366 * 24 * time.Hour)
		_, err = w.Flow.Replan(testkit.Machine(), false)
		w.Must(err)
		if m := w.milestone("isms-3"); m.Status == "reached" {
			t.Error("the reviews are more than a year old and the milestone is still reached")
		}
	})
}

func TestPlanningTwiceChangesNothing(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		ada := w.Save(&isms.Person{Base: isms.Base{Key: "ada", Title: "Ada"}}).GetBase().ID
		n, err := w.Flow.Plan(testkit.As(access.SecurityLead), flow.Planning{Tracks: []string{flow.TrackISMS}, Start: "2026-04-01", HoursAWeek: 8, OwnerID: "ada"})
		w.Must(err)
		if n != 10 {
			t.Fatalf("made %d milestones", n)
		}
		list := w.milestones()
		for i, m := range list {
			if m.OwnerID != ada || m.Due <= m.StartOn || m.Effort.IsZero() || m.FirstDue != m.Due || m.Forecast == "" || m.DoneWhen == "" {
				t.Errorf("%s: %+v", m.Key, m)
			}
			if i > 0 && m.StartOn != list[i-1].Due {
				t.Errorf("%s begins on %s, the one before it ends on %s", m.Key, m.StartOn, list[i-1].Due)
			}
			if m.Status != "planned" {
				t.Errorf("%s is %s on the day of its planning: %s", m.Key, m.Status, m.Note)
			}
		}
		// 192 hours at eight a week are 24 weeks, plus the rounding of ten steps.
		if last := list[9].Due; last < "2026-09-16" || last > "2026-09-30" {
			t.Errorf("the plan ends on %s", last)
		}
		length := w.JournalLength()
		if n, err := w.Flow.Plan(testkit.As(access.SecurityLead), flow.Planning{Tracks: []string{flow.TrackISMS}, Start: "2026-06-01", HoursAWeek: 2}); err != nil || n != 0 {
			t.Errorf("planned again: %d, %v", n, err)
		}
		if again := w.JournalLength(); again != length {
			t.Errorf("planning again wrote %d entries", again-length)
		}
		w.Must(w.App.Delete(testkit.As(access.SecurityLead), isms.Milestones, "isms-8", 0))
		if n, err := w.Flow.Plan(testkit.As(access.SecurityLead), flow.Planning{Tracks: []string{flow.TrackISMS}}); err != nil || n != 0 {
			t.Errorf("a milestone that was thrown away came back: %d, %v", n, err)
		}
	})
}

func TestAPlanThatSlipsMovesWhatDependsOnItAndSaysWhy(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		_, err := w.Flow.Plan(testkit.Machine(), flow.Planning{Tracks: []string{flow.TrackISMS}, HoursAWeek: 4})
		w.Must(err)
		before := w.milestones()
		w.Clock.Advance(6 * 7 * 24 * time.Hour)
		moves, err := w.Flow.Replan(testkit.As(access.SecurityLead), false)
		w.Must(err)
		if len(moves) != 10 {
			t.Errorf("%d of 10 milestones moved", len(moves))
		}
		after := w.milestones()
		for i, m := range after {
			if m.Forecast <= before[i].Forecast || m.Due != before[i].Due {
				t.Errorf("%s: forecast %s, was %s; due %s, was %s", m.Key, m.Forecast, before[i].Forecast, m.Due, before[i].Due)
			}
			if m.Status != "at_risk" || !strings.Contains(string(m.Note), "hours a week") && !strings.Contains(string(m.Note), "has passed") {
				t.Errorf("%s is %s: %s", m.Key, m.Status, m.Note)
			}
		}
		if !strings.Contains(string(after[4].Note), "which slips") {
			t.Errorf("it does not say what it waits for: %s", after[4].Note)
		}
		length := w.JournalLength()
		_, err = w.Flow.Replan(testkit.As(access.SecurityLead), false)
		w.Must(err)
		if again := w.JournalLength(); again != length {
			t.Errorf("replanning over unchanged facts wrote %d entries", again-length)
		}
		_, err = w.Flow.Replan(testkit.As(access.SecurityLead), true)
		w.Must(err)
		for i, m := range w.milestones() {
			if m.Status == "at_risk" || m.Due != m.Forecast || m.FirstDue != before[i].Due {
				t.Errorf("%s after planning anew: %s, due %s, forecast %s, first planned %s", m.Key, m.Status, m.Due, m.Forecast, m.FirstDue)
			}
		}
	})
}

// The pace is checked by hand: 100 hours over ten weeks are planned, ten of them
// are done after five weeks: (10 + 4×10) ÷ (5 + 4) = 5.56 hours a week.
func TestThePaceFollowsItsFormula(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	today := w.Clock.Now()
	m := &isms.Milestone{Base: isms.Base{Key: "m", Title: "M"}, StartOn: kind.DateOf(today.AddDate(0, 0, -35)), Due: kind.DateOf(today.AddDate(0, 0, 35)),
		Effort: kind.Exactly(100), Progress: 0.1, Status: "underway"}
	w.Save(m)
	r, err := w.Flow.Roadmap(testkit.Machine())
	w.Must(err)
	p := r.Pace
	if p == nil || p.Done != 10 || p.Left != 90 || p.Planned != 10 || p.Weeks != 5 || p.Hours < 5.55 || p.Hours > 5.56 {
		t.Fatalf("pace: %+v", p)
	}
	if want := kind.DateOf(today.AddDate(0, 0, 114)); p.Ends != want { // 90 ÷ 5.556 × 7 = 113.4
		t.Errorf("ends on %s, not %s", p.Ends, want)
	}
}

func TestWhoMayNotPlanDoesNot(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		for _, role := range []access.Role{access.Auditor, access.Staff, access.Contributor, access.Approver} {
			if _, err := w.Flow.Plan(testkit.As(role), flow.Planning{}); kind.CodeOf(err) != kind.Forbidden {
				t.Errorf("%s plans: %v", role, err)
			}
			if _, err := w.Flow.Replan(testkit.As(role), true); kind.CodeOf(err) != kind.Forbidden {
				t.Errorf("%s replans: %v", role, err)
			}
		}
		if len(w.milestones()) != 0 {
			t.Error("a refused plan left milestones behind")
		}
		if _, err := w.Flow.Roadmap(testkit.As(access.Staff)); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("staff read the roadmap: %v", err)
		}
		if _, err := w.Flow.Roadmap(testkit.As(access.Auditor)); err != nil {
			t.Errorf("an auditor may not read the roadmap: %v", err)
		}
		_, err := w.Flow.Plan(testkit.Machine(), flow.Planning{})
		w.Must(err)
		other, err := w.Flow.Roadmap(testkit.In("ws2", access.Administrator))
		w.Must(err)
		if other.Pace != nil || other.Step("isms-1").Milestone != nil {
			t.Error("another workspace sees the plan")
		}
		for _, p := range []flow.Planning{{Start: "soon"}, {HoursAWeek: -1}, {OwnerID: "nobody"}} {
			if _, err := w.Flow.Plan(testkit.Machine(), p); kind.CodeOf(err) != kind.Invalid {
				t.Errorf("%+v is planned: %v", p, err)
			}
		}
	})
}

func TestQuickWinsCountWorkingTime(t *testing.T) {
	list := flow.QuickWins([]flow.Action{
		{Title: "long", Kind: "safeguard", Avoided: 90_000, Cost: 100, Hours: 80},
		{Title: "work", Kind: "safeguard", Avoided: 1_000, Cost: 10, Hours: 8},
		{Title: "repair", Kind: "fix", Avoided: 900, Cost: 85, Hours: 1},
	}, 5)
	if len(list) != 2 || list[0].Title != "repair" || list[1].Title != "work" {
		t.Errorf("%+v", list)
	}
}

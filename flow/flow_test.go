package flow_test

import (
	"testing"

	"holdfast/access"
	"holdfast/app"
	"holdfast/engine"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
	"holdfast/testkit/flowtest"
)

func TestTheLoopClosesByMeasurement(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.Must(w.Flow.Checks(testkit.Machine(), []engine.Check{{ID: "sshd-root-login", Title: "Root may sign in over SSH", Why: "One guessed password is the whole machine.",
			Fix: "Set PermitRootLogin no.", Remedy: "true", Severity: engine.High, Principle: "compromise", CWE: "CWE-250", Topic: "remote access"}}))

		out := w.Scan(flowtest.RootLogin(engine.Fail))
		if out.Opened != 1 || out.Open != 1 {
			t.Fatalf("first scan: %+v", out)
		}
		f := w.OneFinding()
		if f.Status != isms.FindingOpen || f.Due != "2026-04-01" {
			t.Errorf("finding is %s, due %s", f.Status, f.Due)
		}
		before := w.Risks()
		if len(before) == 0 || before[0].LossNow <= 0 || before[0].Status != isms.RiskDraft {
			t.Fatalf("no draft risk in money: %+v", before)
		}
		treatments, err := app.Of[isms.Treatment](w.App, isms.Treatments).All(testkit.Machine(), kind.Query{})
		w.Must(err)
		if len(treatments) == 0 {
			t.Error("no treatment is proposed")
		}
		for _, tr := range treatments {
			if want := tr.LossBefore - tr.LossAfter - tr.Cost; tr.Return-want > 1 || want-tr.Return > 1 {
				t.Errorf("%s: RoSI %v is not ALE₁ − ALE₂ − ACS = %v", tr.Title, tr.Return, want)
			}
		}

		length := w.JournalLength()
		w.Scan(flowtest.RootLogin(engine.Fail))
		if again := w.JournalLength(); again != length {
			t.Errorf("a scan that saw nothing new wrote %d journal entries", again-length)
		}

		out = w.Scan(flowtest.RootLogin(engine.Unknown))
		if got := w.OneFinding(); got.Status != isms.FindingOpen || out.Resolved != 0 {
			t.Errorf("a check that could not be established resolved the finding")
		}

		out = w.Scan(flowtest.RootLogin(engine.Pass))
		if got := w.OneFinding(); got.Status != isms.FindingResolved || got.ID != f.ID || out.Resolved != 1 {
			t.Errorf("after the repair the finding is %s (%+v)", got.Status, out)
		}
		after := w.Risks()
		if after[0].LossNow >= before[0].LossNow {
			t.Errorf("the repair did not lower the risk: %v, was %v", after[0].LossNow, before[0].LossNow)
		}
		proofs, err := app.Of[isms.Evidence](w.App, isms.Evidences).All(testkit.Machine(), kind.Query{})
		w.Must(err)
		if len(proofs) != 1 || proofs[0].FindingID != f.ID || proofs[0].Source != "measured" {
			t.Errorf("evidence: %+v", proofs)
		}

		out = w.Scan(flowtest.RootLogin(engine.Fail))
		if got := w.OneFinding(); got.Status != isms.FindingOpen || got.ID != f.ID || got.Reopened != 1 || out.Reopened != 1 {
			t.Errorf("broken again: %+v, %+v", got, out)
		}
		if again := w.Risks(); again[0].LossNow != before[0].LossNow {
			t.Errorf("the figure did not return: %v, was %v", again[0].LossNow, before[0].LossNow)
		}
		if _, err := s.VerifyJournals(testkit.Machine(), nil, nil); err != nil {
			t.Errorf("journal: %v", err)
		}
	})
}

func TestAFailedRunResolvesNothing(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.Scan(flowtest.RootLogin(engine.Fail))
		now := w.Clock.Now()
		_, err := w.Flow.Observe(testkit.Machine(), &engine.Target{Kind: engine.Host, Name: "web-1", Now: now},
			[]engine.Run{{Engine: "configcheck", Target: "web-1", Started: now, Finished: now, Err: kind.Errorf(kind.Unavailable, "disk gone")}})
		w.Must(err)
		if f := w.OneFinding(); f.Status != isms.FindingOpen {
			t.Errorf("the finding is %s", f.Status)
		}
	})
}

func TestOnlyAPersonAcceptsARisk(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.Scan(flowtest.RootLogin(engine.Fail))
		r := w.Risks()[0]
		if _, err := w.App.Do(testkit.Machine(), isms.Risks, r.ID, "accept", 0, kind.Input{Reason: "cheap"}); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("the machine accepted a risk: %v", err)
		}
		if _, err := w.App.Do(testkit.As(access.Contributor), isms.Risks, r.ID, "accept", 0, kind.Input{Reason: "cheap"}); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("a contributor accepted a risk: %v", err)
		}
		if got := w.Risks()[0]; got.Status != isms.RiskDraft {
			t.Errorf("the risk is %s", got.Status)
		}
	})
}

func TestARunRemembersTheChecksThatPassedButNoneThatPassedOnlyInPart(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		at := func(check, subject string, o engine.Outcome) engine.Observation {
			return engine.Observation{Engine: "configcheck", Check: check, Subject: subject, Outcome: o, Title: check, Severity: engine.High, Principle: "compromise"}
		}
		w.Scan(at("good", "", engine.Pass), at("half", "a", engine.Pass), at("half", "b", engine.Fail), at("blind", "a", engine.Pass), at("blind", "b", engine.Unknown), at("absent", "", engine.NotApplicable))
		var runs []store.Run
		w.Must(w.App.View(testkit.Machine(), func(tx *store.Tx) (err error) {
			runs, err = tx.LatestRuns("configcheck")
			return err
		}))
		if len(runs) != 1 || !runs[0].Finished.Equal(w.Clock.Now()) || runs[0].Summary != `{"compromise":{"pass":3,"fail":1,"passed":["good"]}}` {
			t.Errorf("kept %+v", runs)
		}
	})
}

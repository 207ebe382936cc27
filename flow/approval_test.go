package flow_test

import (
	"context"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
	"holdfast/testkit/flowtest"
)

// governed is a world in which approvals have their effect.
func governed(t *testing.T, s *store.Store) *world {
	w := newWorld(t, s)
	w.App.Settle(w.Flow.Approve)
	return w
}

func (w *world) scopeDraft(key string) *isms.Scope {
	w.Helper()
	sc := &isms.Scope{Base: isms.Base{Key: key, Title: "Scope " + key}, Statement: "Everything."}
	w.Save(sc)
	return sc
}

func (w *world) answer(ctx context.Context, id, action string) error {
	_, err := w.App.Do(ctx, isms.Approvals, id, action, 0, kind.Input{Reason: "because"})
	return err
}

func (w *world) approval(id string) *isms.Approval {
	w.Helper()
	a, err := app.Of[isms.Approval](w.App, isms.Approvals).Get(testkit.Machine(), id)
	w.Must(err)
	return a
}

func (w *world) scopeState(key string) isms.ScopeStatus {
	w.Helper()
	sc, err := app.Of[isms.Scope](w.App, isms.Scopes).Get(testkit.Machine(), key)
	w.Must(err)
	return sc.Status
}

func TestTheLastConsentOfTheQuorumHasItsEffect(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := governed(t, s)
		lead := w.Actor("lead", access.SecurityLead)
		one, two, stranger := w.Actor("one", access.Approver), w.Actor("two", access.Approver), w.Actor("stranger", access.Approver)
		w.Save(&isms.Committee{Base: isms.Base{Key: "board", Title: "Board"}, Quorum: 2})
		for _, who := range []context.Context{one, two} {
			w.Must(w.App.Link(testkit.Machine(), isms.Committees, "board", "has member", flowtest.IDOf(who)))
		}
		w.scopeDraft("s")
		a, err := w.Flow.Ask(lead, &isms.Approval{SubjectKind: "scope", SubjectKey: "s", Act: "approve", CommitteeID: "board", FourEyes: true})
		w.Must(err)
		if a.Quorum != 2 || w.approval(a.ID).AskedBy != flowtest.IDOf(lead) {
			t.Errorf("asked: quorum %d, by %q", a.Quorum, w.approval(a.ID).AskedBy)
		}
		if again, err := w.Flow.Ask(lead, &isms.Approval{SubjectKind: "scope", SubjectKey: "s", Act: "approve", CommitteeID: "board"}); err != nil || again.ID != a.ID {
			t.Errorf("asked twice: %v, %v", again, err)
		}
		if err := w.answer(stranger, a.ID, "approve"); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("somebody outside the committee answers: %v", err)
		}
		if err := w.answer(testkit.As(access.Auditor), a.ID, "approve"); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor answers: %v", err)
		}
		w.Must(w.answer(one, a.ID, "approve"))
		if err := w.answer(one, a.ID, "approve"); kind.CodeOf(err) != kind.Conflict {
			t.Errorf("one person counts twice: %v", err)
		}
		if w.scopeState("s") != isms.ScopeDraft || w.approval(a.ID).Status != isms.ApprovalPending {
			t.Fatal("one of two consents had an effect")
		}
		w.Must(w.answer(two, a.ID, "approve"))
		if w.scopeState("s") != isms.ScopeApproved || w.approval(a.ID).Status != isms.ApprovalApproved {
			t.Errorf("the quorum is full: scope %s, approval %s", w.scopeState("s"), w.approval(a.ID).Status)
		}
		if _, err := w.App.Get(testkit.In("ws2", access.Administrator), isms.Approvals, a.ID); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("another workspace sees the approval: %v", err)
		}
	})
}

func TestConsentToARecordThatChangedSinceIsRefusedWhole(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := governed(t, s)
		boss := w.Actor("boss", access.Approver)
		sc := w.scopeDraft("s")
		a, err := w.Flow.Ask(w.Actor("lead", access.SecurityLead), &isms.Approval{SubjectKind: "scope", SubjectKey: "s", Act: "approve"})
		w.Must(err)
		sc.Statement = "Something else."
		w.Save(sc)
		if err := w.answer(boss, a.ID, "approve"); kind.CodeOf(err) != kind.Conflict {
			t.Errorf("consent to a text that nobody saw: %v", err)
		}
		if got := w.approval(a.ID); got.Status != isms.ApprovalPending || len(got.ApprovedBy) != 0 || w.scopeState("s") != isms.ScopeDraft {
			t.Errorf("half of it was kept: %s, %v", got.Status, got.ApprovedBy)
		}
	})
}

func TestWhoeverAsksUnderFourEyesDoesNotAgree(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := governed(t, s)
		boss := w.Actor("boss", access.Administrator)
		w.scopeDraft("s")
		a, err := w.Flow.Ask(boss, &isms.Approval{SubjectKind: "scope", SubjectKey: "s", Act: "approve", FourEyes: true})
		w.Must(err)
		if err := w.answer(boss, a.ID, "approve"); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("the asker agrees: %v", err)
		}
		w.Must(w.answer(w.Actor("other", access.Approver), a.ID, "approve"))
		if w.scopeState("s") != isms.ScopeApproved {
			t.Error("the second pair of eyes had no effect")
		}
	})
}

func TestTheDeputyAnswersOnlyWhenItWasHandedOver(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := governed(t, s)
		boss, deputy := w.Actor("boss", access.Approver), w.Actor("deputy", access.Approver)
		w.scopeDraft("s")
		a, err := w.Flow.Ask(w.Actor("lead", access.SecurityLead), &isms.Approval{SubjectKind: "scope", SubjectKey: "s", Act: "approve", ApproverID: flowtest.IDOf(boss)})
		w.Must(err)
		if err := w.answer(deputy, a.ID, "approve"); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("the deputy answers unasked: %v", err)
		}
		if err := w.answer(deputy, a.ID, "delegate"); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("the deputy takes it: %v", err)
		}
		if err := w.answer(boss, a.ID, "delegate"); kind.CodeOf(err) != kind.Conflict {
			t.Errorf("handed over to nobody: %v", err)
		}
		p, err := app.Of[isms.Person](w.App, isms.People).Get(testkit.Machine(), "boss")
		w.Must(err)
		p.DeputyID = flowtest.IDOf(deputy)
		w.Save(p)
		w.Must(w.answer(boss, a.ID, "delegate"))
		w.Must(w.answer(deputy, a.ID, "approve"))
		if w.scopeState("s") != isms.ScopeApproved {
			t.Error("the deputy's consent had no effect")
		}
	})
}

func TestAQuestionExpiresAfterItsDayAndNotBefore(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := governed(t, s)
		w.scopeDraft("s")
		day := kind.DateOf(w.Clock.Now().AddDate(0, 0, 2))
		a, err := w.Flow.Ask(w.Actor("lead", access.SecurityLead), &isms.Approval{SubjectKind: "scope", SubjectKey: "s", Act: "approve", Expires: day})
		w.Must(err)
		w.Clock.Advance(2 * 24 * time.Hour)
		if n, err := w.Flow.ExpireApprovals(testkit.Machine()); err != nil || n != 0 {
			t.Errorf("on its last day: %d, %v", n, err)
		}
		w.Clock.Advance(24 * time.Hour)
		if n, err := w.Flow.ExpireApprovals(testkit.Machine()); err != nil || n != 1 {
			t.Errorf("the day after: %d, %v", n, err)
		}
		if err := w.answer(w.Actor("boss", access.Approver), a.ID, "approve"); err == nil || w.scopeState("s") != isms.ScopeDraft {
			t.Errorf("an answer after the end counts: %v", err)
		}
		if n, err := w.Flow.ExpireApprovals(testkit.Machine()); err != nil || n != 0 {
			t.Errorf("again: %d, %v", n, err)
		}
	})
}

func TestOnlyWhatExistsCanBeAskedFor(t *testing.T) {
	w := governed(t, testkit.SQLite(t))
	w.scopeDraft("s")
	for _, a := range []*isms.Approval{
		{SubjectKind: "nothing", SubjectKey: "s", Act: "approve"}, {SubjectKind: "scope", SubjectKey: "t", Act: "approve"},
		{SubjectKind: "scope", SubjectKey: "s", Act: "destroy"}, {SubjectKind: "approval", SubjectKey: "s", Act: "approve"},
	} {
		if _, err := w.Flow.Ask(w.Actor("lead"+a.Act+a.SubjectKey+a.SubjectKind, access.SecurityLead), a); err == nil {
			t.Errorf("%+v was asked", a)
		}
	}
}

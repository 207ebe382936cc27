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
)

// governed is a world in which approvals have their effect.
func governed(t *testing.T, s *store.Store) *world {
	w := newWorld(t, s)
	w.App.Settle(w.flow.Approve)
	return w
}

func (w *world) scopeDraft(key string) *isms.Scope {
	w.Helper()
	sc := &isms.Scope{Base: isms.Base{Key: key, Title: "Scope " + key}, Statement: "Everything."}
	w.save(sc)
	return sc
}

func (w *world) answer(ctx context.Context, id, action string) error {
	_, err := w.App.Do(ctx, isms.Approvals, id, action, 0, kind.Input{Reason: "because"})
	return err
}

func (w *world) approval(id string) *isms.Approval {
	w.Helper()
	a, err := app.Of[isms.Approval](w.App, isms.Approvals).Get(testkit.Machine(), id)
	w.must(err)
	return a
}

func (w *world) scopeState(key string) isms.ScopeStatus {
	w.Helper()
	sc, err := app.Of[isms.Scope](w.App, isms.Scopes).Get(testkit.Machine(), key)
	w.must(err)
	return sc.Status
}

func TestTheLastConsentOfTheQuorumHasItsEffect(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := governed(t, s)
		lead := w.actor("lead", access.SecurityLead)
		one, two, stranger := w.actor("one", access.Approver), w.actor("two", access.Approver), w.actor("stranger", access.Approver)
		w.save(&isms.Committee{Base: isms.Base{Key: "board", Title: "Board"}, Quorum: 2})
		for _, who := range []context.Context{one, two} {
			w.must(w.App.Link(testkit.Machine(), isms.Committees, "board", "has member", idOf(who)))
		}
		w.scopeDraft("s")
		a, err := w.flow.Ask(lead, &isms.Approval{SubjectKind: "scope", SubjectKey: "s", Act: "approve", CommitteeID: "board", FourEyes: true})
		w.must(err)
		if a.Quorum != 2 || w.approval(a.ID).AskedBy != idOf(lead) {
			t.Errorf("asked: quorum %d, by %q", a.Quorum, w.approval(a.ID).AskedBy)
		}
		if again, err := w.flow.Ask(lead, &isms.Approval{SubjectKind: "scope", SubjectKey: "s", Act: "approve", CommitteeID: "board"}); err != nil || again.ID != a.ID {
			t.Errorf("asked twice: %v, %v", again, err)
		}
		if err := w.answer(stranger, a.ID, "approve"); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("somebody outside the committee answers: %v", err)
		}
		if err := w.answer(testkit.As(access.Auditor), a.ID, "approve"); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor answers: %v", err)
		}
		w.must(w.answer(one, a.ID, "approve"))
		if err := w.answer(one, a.ID, "approve"); kind.CodeOf(err) != kind.Conflict {
			t.Errorf("one person counts twice: %v", err)
		}
		if w.scopeState("s") != isms.ScopeDraft || w.approval(a.ID).Status != isms.ApprovalPending {
			t.Fatal("one of two consents had an effect")
		}
		w.must(w.answer(two, a.ID, "approve"))
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
		boss := w.actor("boss", access.Approver)
		sc := w.scopeDraft("s")
		a, err := w.flow.Ask(w.actor("lead", access.SecurityLead), &isms.Approval{SubjectKind: "scope", SubjectKey: "s", Act: "approve"})
		w.must(err)
		sc.Statement = "Something else."
		w.save(sc)
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
		boss := w.actor("boss", access.Administrator)
		w.scopeDraft("s")
		a, err := w.flow.Ask(boss, &isms.Approval{SubjectKind: "scope", SubjectKey: "s", Act: "approve", FourEyes: true})
		w.must(err)
		if err := w.answer(boss, a.ID, "approve"); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("the asker agrees: %v", err)
		}
		w.must(w.answer(w.actor("other", access.Approver), a.ID, "approve"))
		if w.scopeState("s") != isms.ScopeApproved {
			t.Error("the second pair of eyes had no effect")
		}
	})
}

func TestTheDeputyAnswersOnlyWhenItWasHandedOver(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := governed(t, s)
		boss, deputy := w.actor("boss", access.Approver), w.actor("deputy", access.Approver)
		w.scopeDraft("s")
		a, err := w.flow.Ask(w.actor("lead", access.SecurityLead), &isms.Approval{SubjectKind: "scope", SubjectKey: "s", Act: "approve", ApproverID: idOf(boss)})
		w.must(err)
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
		w.must(err)
		p.DeputyID = idOf(deputy)
		w.save(p)
		w.must(w.answer(boss, a.ID, "delegate"))
		w.must(w.answer(deputy, a.ID, "approve"))
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
		a, err := w.flow.Ask(w.actor("lead", access.SecurityLead), &isms.Approval{SubjectKind: "scope", SubjectKey: "s", Act: "approve", Expires: day})
		w.must(err)
		w.Clock.Advance(2 * 24 * time.Hour)
		if n, err := w.flow.ExpireApprovals(testkit.Machine()); err != nil || n != 0 {
			t.Errorf("on its last day: %d, %v", n, err)
		}
		w.Clock.Advance(24 * time.Hour)
		if n, err := w.flow.ExpireApprovals(testkit.Machine()); err != nil || n != 1 {
			t.Errorf("the day after: %d, %v", n, err)
		}
		if err := w.answer(w.actor("boss", access.Approver), a.ID, "approve"); err == nil || w.scopeState("s") != isms.ScopeDraft {
			t.Errorf("an answer after the end counts: %v", err)
		}
		if n, err := w.flow.ExpireApprovals(testkit.Machine()); err != nil || n != 0 {
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
		if _, err := w.flow.Ask(w.actor("lead"+a.Act+a.SubjectKey+a.SubjectKind, access.SecurityLead), a); err == nil {
			t.Errorf("%+v was asked", a)
		}
	}
}

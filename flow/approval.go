package flow

import (
	"context"
	"fmt"
	"slices"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// Ask asks for formal consent to an action on a record: who is asked, how many
// must agree and until when follow from the arguments, else from the committee.
// The same question that still waits is not asked twice; its approval is returned.
func (f *Flow) Ask(ctx context.Context, a *isms.Approval) (*isms.Approval, error) {
	repo := app.Of[isms.Approval](f.app, isms.Approvals)
	k, subject, err := f.subjectOf(ctx, a)
	if err != nil {
		return nil, err
	}
	if k.Action(a.Act) == nil {
		return nil, kind.Fieldf("act", "%s has no action %q", k.Name, a.Act)
	}
	waiting, err := repo.All(ctx, kind.Query{}.Where("subject_kind", k.Name).Where("subject_key", subject.GetBase().Key).Where("act", a.Act).Where("status", string(isms.ApprovalPending)))
	if err != nil {
		return nil, err
	}
	for _, w := range waiting {
		if w.SubjectVersion == 0 || w.SubjectVersion == subject.GetBase().Version {
			return w, nil
		}
	}
	a.SubjectKind, a.SubjectKey, a.SubjectVersion = k.Name, subject.GetBase().Key, subject.GetBase().Version
	if a.CommitteeID != "" && a.Quorum == 0 {
		rec, err := f.app.Get(ctx, isms.Committees, a.CommitteeID)
		if err != nil {
			return nil, err
		}
		a.Quorum = max(1, rec.(*isms.Committee).Quorum)
	}
	if a.Title == "" {
		a.Title = prose.Cut(kind.Humanise(a.Act)+": "+subject.GetBase().Title, 300)
	}
	return a, repo.Save(ctx, a)
}

// subjectOf reads the record that an approval is about.
func (f *Flow) subjectOf(ctx context.Context, a *isms.Approval) (*kind.Kind, kind.Record, error) {
	k := f.app.Registry().Named(a.SubjectKind)
	if k == nil || k == isms.Approvals {
		return nil, nil, kind.Fieldf("subject_kind", "there is nothing to approve about %q", a.SubjectKind)
	}
	rec, err := f.app.Get(ctx, k, a.SubjectKey)
	return k, rec, err
}

// Approve is a Settler of the waist: it knows who asks, lets only members of a
// committee answer for it, finds the deputy to whom an approval is handed over, and
// does what was approved, all in one transaction with the answer. Where the effect
// is refused, the answer is not kept either.
func (f *Flow) Approve(ctx context.Context, changed []app.Event) error {
	for _, e := range changed {
		if e.Kind != isms.Approvals {
			continue
		}
		if err := f.settleApproval(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (f *Flow) settleApproval(ctx context.Context, e app.Event) error {
	a := e.Record.(*isms.Approval)
	switch e.Verb {
	case "create":
		return f.noteAsker(ctx, e)
	case "delegate":
		return f.findDeputy(ctx, e)
	case "approve", "decline":
		if err := f.sitsOn(ctx, a, e.Actor); err != nil {
			return err
		}
		// The versions of documents follow their consents by themselves.
		if a.Status == isms.ApprovalApproved && a.SubjectKind != isms.DocumentVersions.Name {
			return f.carryOut(ctx, a)
		}
	}
	return nil
}

// noteAsker writes down who asks: four eyes are counted from there.
func (f *Flow) noteAsker(ctx context.Context, e app.Event) error {
	if e.Actor.Machine || e.Actor.ID == "" {
		return nil
	}
	return f.amend(ctx, e, func(a *isms.Approval) { a.AskedBy = e.Actor.ID })
}

// findDeputy takes the deputy out of the record of the approver.
func (f *Flow) findDeputy(ctx context.Context, e app.Event) error {
	machine := AsProduct(ctx, e.Actor)
	rec, err := f.app.Get(machine, isms.People, e.Record.(*isms.Approval).ApproverID)
	if err != nil {
		return err
	}
	deputy := rec.(*isms.Person).DeputyID
	if deputy == "" {
		return kind.Errorf(kind.Conflict, "no deputy is named in your record; ask an administrator to enter one")
	}
	return f.amend(ctx, e, func(a *isms.Approval) { a.DelegatedTo = deputy })
}

// amend lets the product write into the approval that just changed.
func (f *Flow) amend(ctx context.Context, e app.Event, change func(*isms.Approval)) error {
	machine := AsProduct(ctx, e.Actor)
	rec, err := f.app.Get(machine, isms.Approvals, e.ID)
	if err != nil {
		return err
	}
	a := rec.(*isms.Approval)
	change(a)
	return f.app.Save(machine, a)
}

// sitsOn refuses an answer on behalf of a committee by somebody who is no member.
// An approver who is named, and the deputy, may answer all the same.
func (f *Flow) sitsOn(ctx context.Context, a *isms.Approval, actor access.Actor) error {
	if a.CommitteeID == "" || actor.ID == "" || actor.ID == a.ApproverID || actor.ID == a.DelegatedTo {
		return nil
	}
	rel, err := f.app.Relation(isms.Committees, "has member")
	if err != nil {
		return err
	}
	members, err := app.Of[isms.Person](f.app, isms.People).Linked(AsProduct(ctx, actor), rel, a.CommitteeID)
	if err != nil {
		return err
	}
	if len(members) > 0 && !slices.ContainsFunc(members, func(p *isms.Person) bool { return p.ID == actor.ID }) {
		return kind.Errorf(kind.Forbidden, "only members of the committee answer for it")
	}
	return nil
}

// carryOut does what was approved, as the person whose consent was the last one.
// A record that changed since it was asked for has to be asked for again.
func (f *Flow) carryOut(ctx context.Context, a *isms.Approval) error {
	k, rec, err := f.subjectOf(ctx, a)
	if err != nil {
		return fmt.Errorf("what was approved cannot be done: %w", err)
	}
	act := k.Action(a.Act)
	if act == nil {
		return nil // consent to the record as it stands; nothing follows from it
	}
	if act.To != "" && k.State(rec) == act.To {
		return nil
	}
	if a.SubjectVersion != 0 && rec.GetBase().Version != a.SubjectVersion {
		return kind.Errorf(kind.Conflict, "%s was changed after consent was asked for; withdraw this and ask again", rec.GetBase().Title)
	}
	reason := string(a.Rationale)
	if reason == "" {
		reason = "approved: " + a.Title
	}
	if _, err := f.app.Do(ctx, k, rec.GetBase().ID, a.Act, 0, kind.Input{Reason: reason}); err != nil {
		return fmt.Errorf("what was approved cannot be done: %w", err)
	}
	return nil
}

// ExpireApprovals closes the questions whose time to answer is over. It returns
// how many.
func (f *Flow) ExpireApprovals(ctx context.Context) (int, error) {
	today := string(kind.DateOf(f.app.Now()))
	list, err := app.Of[isms.Approval](f.app, isms.Approvals).All(ctx, kind.Query{}.Where("status", string(isms.ApprovalPending)).
		With("expires", kind.Less, today).With("expires", kind.Empty, "false"))
	if err != nil {
		return 0, err
	}
	for i, a := range list {
		if _, err := f.app.Do(ctx, isms.Approvals, a.ID, "expire", 0, kind.Input{Reason: "the day has passed and nobody answered"}); err != nil {
			return i, fmt.Errorf("approval %s: %w", a.Key, err)
		}
	}
	return len(list), nil
}

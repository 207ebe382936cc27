package flow

import (
	"context"
	"slices"
	"strings"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// The life of a document follows from that of its versions, whichever door an action
// comes through: page, API or command line. What follows is one transaction with the
// action itself.

// A Consent says who has to agree to a version. The zero value asks the approver of
// the document, or anybody who may approve when it has none.
type Consent struct {
	ApproverID  string    // who is asked; empty: the approver of the document
	CommitteeID string    // for whose decision it stands
	Quorum      int       // how many must agree; 0: one
	FourEyes    bool      // whoever asks may not agree
	Expires     kind.Date // after this day it is too late
	Why         string    // why it should be approved
}

// formal tells whether consent is asked for by a record of its own.
func (c Consent) formal() bool {
	return c.ApproverID != "" || c.CommitteeID != "" || c.Quorum > 1 || c.FourEyes || c.Expires != ""
}

// SubmitVersion sends a draft to review and asks for consent to it. version is that of
// the record as it was seen; 0 takes whatever is stored. A version submitted by any
// other door is asked about with the zero Consent.
func (f *Flow) SubmitVersion(ctx context.Context, idOrKey string, version int64, c Consent) (*isms.DocumentVersion, error) {
	machine, actor, err := onBehalf(ctx, isms.DocumentVersions, isms.Approvals)
	if err != nil {
		return nil, err
	}
	var v *isms.DocumentVersion
	err = f.app.Atomic(ctx, func(ctx context.Context) error {
		rec, err := f.app.Do(ctx, isms.DocumentVersions, idOrKey, "submit", version, kind.Input{})
		if err != nil {
			return err
		}
		v = rec.(*isms.DocumentVersion)
		return f.askConsent(access.With(ctx, surely(access.From(machine))), v, actor.ID, c)
	})
	return v, err
}

// askConsent asks for consent to a version once, whichever door it was submitted by.
func (f *Flow) askConsent(machine context.Context, v *isms.DocumentVersion, askedBy string, c Consent) error {
	waiting, err := f.consentsTo(machine, v, isms.ApprovalPending)
	if err != nil || len(waiting) > 0 {
		return err
	}
	d, err := f.documents().Get(machine, v.DocumentID)
	if err != nil {
		return err
	}
	if c.ApproverID == "" && c.Quorum < 2 {
		c.ApproverID = d.ApproverID
	}
	if !c.formal() {
		return nil
	}
	a := &isms.Approval{
		Base:        isms.Base{Title: "Approve “" + d.Title + "”, version " + v.Number, Origin: "person"},
		SubjectKind: isms.DocumentVersions.Name, SubjectKey: v.Key, SubjectVersion: v.Version, Act: "approve", AskedBy: askedBy,
		ApproverID: c.ApproverID, CommitteeID: c.CommitteeID, Quorum: c.Quorum, FourEyes: c.FourEyes, Expires: c.Expires, Justification: isms.Markdown(c.Why),
	}
	if _, err := app.Of[isms.Person](f.app, isms.People).Get(machine, askedBy); kind.CodeOf(err) == kind.NotFound {
		a.AskedBy = "" // acts here, but is not in the register
	}
	return f.app.Save(machine, a)
}

// askLater asks for consent to a version that came into review without a question,
// unless the same transaction has already taken it further.
func (f *Flow) askLater(machine context.Context, id, askedBy string) error {
	v, err := f.versions().Get(machine, id)
	if err != nil || v.Status != isms.VersionInReview {
		return err
	}
	return f.askConsent(machine, v, askedBy, Consent{})
}

// surely is for what has been asked before and cannot fail a second time.
func surely(a access.Actor, err error) access.Actor {
	if err != nil {
		panic(err)
	}
	return a
}

// followDocuments does what follows from a change to a version, a document, a consent
// or an acknowledgement. ctx acts as the person, machine as the product.
func (f *Flow) followDocuments(ctx, machine context.Context, e app.Event) error {
	switch r := e.Record.(type) {
	case *isms.DocumentVersion:
		return f.followVersion(ctx, machine, e, r)
	case *isms.Document:
		if e.Verb == "withdraw" {
			return f.withdrawn(ctx, machine, r)
		}
	case *isms.Approval:
		if r.SubjectKind == isms.DocumentVersions.Name && r.Act == "approve" {
			return f.followConsent(ctx, machine, e, r)
		}
	case *isms.Acknowledgement:
		if e.Verb == "accept" || e.Verb == "decline" {
			return f.answered(machine, e, r)
		}
	}
	return nil
}

func (f *Flow) followVersion(ctx, machine context.Context, e app.Event, v *isms.DocumentVersion) error {
	switch e.Verb {
	case "submit":
		if err := f.askLater(machine, v.ID, e.Actor.ID); err != nil {
			return err
		}
		return f.step(ctx, v.DocumentID, isms.DocumentDraft, "submit", "")
	case "revise":
		if err := f.dropConsents(machine, v); err != nil {
			return err
		}
		return f.stepBack(machine, v, string(v.Remarks))
	case "approve":
		if err := f.consented(machine, e.Actor, v); err != nil {
			return err
		}
		return f.step(ctx, v.DocumentID, isms.DocumentInReview, "approve", "")
	case "publish":
		return f.published(ctx, machine, v)
	case "supersede":
		return f.excuseReaders(ctx, v, "A newer version holds.")
	}
	return nil
}

// step moves the document along with its first version: one that is published stays so
// while a newer version is in the making.
func (f *Flow) step(ctx context.Context, documentID string, from isms.DocumentStatus, action, reason string) error {
	d, err := f.documents().Get(ctx, documentID)
	if err != nil || d.Status != from {
		return err
	}
	_, err = f.app.Do(ctx, isms.Documents, d.ID, action, 0, kind.Input{Reason: reason})
	return err
}

// stepBack takes a document that was never published back to draft with its version.
func (f *Flow) stepBack(machine context.Context, v *isms.DocumentVersion, reason string) error {
	for _, from := range []isms.DocumentStatus{isms.DocumentInReview, isms.DocumentApproved} {
		if err := f.step(machine, v.DocumentID, from, "revise", prose.FirstOf(reason, "the version went back to draft")); err != nil {
			return err
		}
	}
	return nil
}

// consentsTo lists the requests for consent to a version that are in a state.
func (f *Flow) consentsTo(ctx context.Context, v *isms.DocumentVersion, state isms.ApprovalStatus) ([]*isms.Approval, error) {
	return app.Of[isms.Approval](f.app, isms.Approvals).All(ctx, kind.Query{Sort: "created_at"}.Where("subject_kind", isms.DocumentVersions.Name).
		Where("subject_key", v.Key).Where("act", "approve").Where("status", string(state)))
}

// consented refuses an approval past those whose consent is needed: all who were
// asked, or else the approver whom the document names. The console of the machine that
// holds the database is nobody in the register and is not asked; the journal names it.
func (f *Flow) consented(machine context.Context, actor access.Actor, v *isms.DocumentVersion) error {
	open, err := f.consentsTo(machine, v, isms.ApprovalPending)
	if err != nil {
		return err
	}
	if len(open) > 0 {
		a := open[0]
		return kind.Errorf(kind.Conflict, "consent is asked for and %d of %d agreed; it is approved when the last has", len(a.ApprovedBy), a.Quorum)
	}
	d, err := f.documents().Get(machine, v.DocumentID)
	if err != nil || d.ApproverID == "" || actor.ID == "" || d.ApproverID == actor.ID {
		return err
	}
	given, err := f.consentsTo(machine, v, isms.ApprovalApproved)
	if err != nil || slices.ContainsFunc(given, func(a *isms.Approval) bool { return !a.UpdatedAt.Before(v.SubmittedAt) }) {
		return err
	}
	return kind.Errorf(kind.Forbidden, "the document names who approves it, and they have not been asked; send it back to draft and submit it again")
}

func (f *Flow) dropConsents(machine context.Context, v *isms.DocumentVersion) error {
	open, err := f.consentsTo(machine, v, isms.ApprovalPending)
	if err != nil {
		return err
	}
	for _, a := range open {
		if _, err := f.app.Do(machine, isms.Approvals, a.ID, "withdraw", 0, kind.Input{Reason: "the version went back to draft"}); err != nil {
			return err
		}
	}
	return nil
}

// followConsent approves the version with the last consent, and sends it back with the
// first refusal.
func (f *Flow) followConsent(ctx, machine context.Context, e app.Event, a *isms.Approval) error {
	decided := e.Verb == "approve" && a.Status == isms.ApprovalApproved || e.Verb == "decline"
	if !decided {
		return nil
	}
	v, err := f.versions().Get(machine, a.SubjectKey)
	if err != nil {
		return err
	}
	if e.Verb == "decline" {
		if v.Status != isms.VersionInReview {
			return nil
		}
		_, err := f.app.Do(machine, isms.DocumentVersions, v.ID, "revise", 0, kind.Input{Reason: string(a.Rationale)})
		return err
	}
	if v.Status != isms.VersionInReview || a.SubjectVersion != 0 && a.SubjectVersion != v.Version {
		return kind.Errorf(kind.Conflict, "version %s changed since consent was asked for; it has to be asked for again", v.Number)
	}
	open, err := f.consentsTo(machine, v, isms.ApprovalPending)
	if err != nil || len(open) > 0 {
		return err
	}
	_, err = f.app.Do(ctx, isms.DocumentVersions, v.ID, "approve", 0, kind.Input{Reason: string(a.Rationale)})
	return err
}

// published ends the version before, brings the document up to date and asks its
// readers.
func (f *Flow) published(ctx, machine context.Context, v *isms.DocumentVersion) error {
	list, err := f.versions().All(ctx, kind.Query{}.Where("document_id", v.DocumentID).Where("status", string(isms.VersionPublished)))
	if err != nil {
		return err
	}
	for _, before := range list {
		if before.ID == v.ID {
			continue
		}
		if _, err := f.app.Do(ctx, isms.DocumentVersions, before.ID, "supersede", 0, kind.Input{Reason: "version " + v.Number + " was published"}); err != nil {
			return err
		}
	}
	if err := f.inForce(ctx, machine, v); err != nil {
		return err
	}
	d, err := f.documents().Get(machine, v.DocumentID)
	if err != nil || !d.MustRead {
		return err
	}
	_, err = f.askReaders(machine, d, v, reading{})
	return err
}

// inForce makes the document one that holds, with its number and its next review.
func (f *Flow) inForce(ctx, machine context.Context, v *isms.DocumentVersion) error {
	for _, s := range []struct {
		from   isms.DocumentStatus
		action string
	}{{isms.DocumentPublished, "review"}, {isms.DocumentDraft, "submit"}, {isms.DocumentInReview, "approve"}, {isms.DocumentApproved, "publish"}} {
		if err := f.step(ctx, v.DocumentID, s.from, s.action, ""); err != nil {
			return err
		}
	}
	d, err := f.documents().Get(machine, v.DocumentID)
	if err != nil {
		return err
	}
	d.Number, d.PublishedOn = v.Number, kind.DateOf(v.PublishedAt)
	return f.documents().Save(machine, d)
}

// withdrawn ends what a withdrawn document asked of people.
func (f *Flow) withdrawn(ctx, machine context.Context, d *isms.Document) error {
	list, err := f.VersionsOf(machine, d.ID)
	if err != nil {
		return err
	}
	for _, v := range list {
		switch v.Status {
		case isms.VersionPublished:
			_, err = f.app.Do(ctx, isms.DocumentVersions, v.ID, "supersede", 0, kind.Input{Reason: "the document was withdrawn"})
		case isms.VersionInReview:
			err = f.dropConsents(machine, v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// excuseReaders takes back requests that nobody can fulfil any more.
func (f *Flow) excuseReaders(ctx context.Context, v *isms.DocumentVersion, why string) error {
	open, err := f.acknowledgements().All(ctx, kind.Query{}.Where("document_version_id", v.ID).
		Where("status", string(isms.AcknowledgementAsked), string(isms.AcknowledgementDeclined)))
	if err != nil {
		return err
	}
	for _, a := range open {
		if _, err := f.app.Do(ctx, isms.Acknowledgements, a.ID, "excuse", 0, kind.Input{Reason: why}); err != nil {
			return err
		}
	}
	return nil
}

// answered makes an acceptance proof: only the person gives it, to the text that
// holds, and the hash of that text is kept with it.
func (f *Flow) answered(machine context.Context, e app.Event, a *isms.Acknowledgement) error {
	if e.Actor.Machine || e.Actor.ID != a.PersonID {
		return kind.Errorf(kind.Forbidden, "only the person who is asked can %s it", strings.ToLower(e.Verb))
	}
	v, err := f.versions().Get(machine, a.DocumentVersionID)
	if err != nil {
		return err
	}
	if e.Verb == "decline" {
		return nil
	}
	if v.Status != isms.VersionPublished {
		return kind.Errorf(kind.Conflict, "version %s does not hold any more; open your tasks again to see the one that does", v.Number)
	}
	a = isms.Acknowledgements.Clone(a).(*isms.Acknowledgement)
	a.SHA256 = v.SHA256
	return f.acknowledgements().Save(machine, a)
}

// PublishDocument takes the newest version of a document all the way into force, for
// somebody who may approve: it is sent to review, approved and published in one go.
// Where consent is asked for and not given, it is refused.
func (f *Flow) PublishDocument(ctx context.Context, idOrKey string) (*isms.DocumentVersion, error) {
	var v *isms.DocumentVersion
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		d, err := f.documents().Get(ctx, idOrKey)
		if err != nil {
			return err
		}
		list, err := f.VersionsOf(ctx, d.ID)
		if err != nil {
			return err
		}
		if v = openVersion(list); v == nil {
			return kind.Errorf(kind.Conflict, "“%s” has no version in the making; begin one first", d.Title)
		}
		for _, s := range []struct {
			from   isms.VersionStatus
			action string
		}{{isms.VersionDraft, "submit"}, {isms.VersionInReview, "approve"}, {isms.VersionApproved, "publish"}} {
			if v.Status != s.from {
				continue
			}
			rec, err := f.app.Do(ctx, isms.DocumentVersions, v.ID, s.action, 0, kind.Input{})
			if err != nil {
				return err
			}
			v = rec.(*isms.DocumentVersion)
			if s.action == "submit" {
				err = f.step(ctx, v.DocumentID, isms.DocumentDraft, "submit", "")
			}
			if s.action == "approve" {
				err = f.consentBefore(ctx, v)
			}
			if err != nil {
				return err
			}
		}
		return nil
	})
	return v, err
}

// consentBefore asks for consents at once, because what follows from an action comes
// only at the end of its transaction.
func (f *Flow) consentBefore(ctx context.Context, v *isms.DocumentVersion) error {
	actor, err := access.From(ctx)
	if err != nil {
		return err
	}
	if err := f.consented(AsMachine(ctx, actor), actor, v); err != nil {
		return err
	}
	return f.step(ctx, v.DocumentID, isms.DocumentInReview, "approve", "")
}

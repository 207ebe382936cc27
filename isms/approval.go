package isms

import (
	"slices"

	"holdfast/kind"
)

// An Approval asks for formal consent to one version of one record. Each consent
// is one run of the action approve; the one that fills the quorum approves.
type Approval struct {
	Base
	SubjectKind    string         `json:"subject_kind"    isms:"required,list,filter,index,immutable,label=about (kind)" doc:"Kind of the record that needs consent."`
	SubjectKey     string         `json:"subject_key"     isms:"required,list,filter,index,immutable,label=about (record)" doc:"Key of the record that needs consent."`
	SubjectVersion int64          `json:"subject_version" isms:"immutable,label=version" doc:"The version consented to; a later one has to be asked for again."`
	Act            string         `json:"act"             isms:"filter,immutable,label=action asked" doc:"Name of the action that becomes possible: accept, approve."`
	Status         ApprovalStatus `json:"status"          isms:"list,filter,index"`
	ApproverID     string         `json:"approver_id"     isms:"ref=person,list,filter,label=approver" doc:"Who is asked; empty: anybody who may approve."`
	DelegatedTo    string         `json:"delegated_to"    isms:"ref=person,filter" doc:"Who may answer in place of the approver."`
	CommitteeID    string         `json:"committee_id"    isms:"ref=committee,filter,label=committee"`
	DecisionID     string         `json:"decision_id"     isms:"ref=decision,label=follows from decision"`
	Quorum         int            `json:"quorum"          isms:"unit=people" doc:"How many must agree; one when not set."`
	AskedBy        string         `json:"asked_by"        isms:"ref=person,computed,filter" doc:"Who asks."`
	FourEyes       bool           `json:"four_eyes"       doc:"Whoever asked may not agree."`
	Expires        Date           `json:"expires"         isms:"list,filter,index" doc:"After this day it is too late to answer."`
	Justification  Markdown       `json:"justification"   isms:"search" doc:"Why it should be approved."`
	ApprovedBy     []string       `json:"approved_by"     isms:"computed,list,label=agreed" doc:"Ids of the people who agreed."`
	Rationale      Markdown       `json:"rationale"       isms:"computed" doc:"What was said when it was decided."`
	DecidedAt      Instant        `json:"decided_at"      isms:"computed"`
}

// ApprovalStatus is where an approval stands.
type ApprovalStatus string

// The states of an approval.
const (
	ApprovalPending   ApprovalStatus = "pending"
	ApprovalApproved  ApprovalStatus = "approved"
	ApprovalDeclined  ApprovalStatus = "declined"
	ApprovalExpired   ApprovalStatus = "expired"
	ApprovalWithdrawn ApprovalStatus = "withdrawn"
)

// Choices lists the states.
func (ApprovalStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "pending", Tone: "warn"}, {Value: "approved", Tone: "good"}, {Value: "declined", Tone: "muted"},
		{Value: "expired", Tone: "muted", Doc: "Nobody answered in time."}, {Value: "withdrawn", Tone: "muted"},
	}
}

// Approvals describes the record type.
var Approvals = kind.Of("approval", kind.Spec[Approval]{
	Group: kind.Govern, Icon: "check", State: "status", Owner: "approver_id", Sort: "expires",
	Doc: "A request for formal consent to one version of one record, and the answers to it.",
	Prepare: func(a *Approval) {
		if a.Quorum == 0 {
			a.Quorum = 1
		}
		entitle(&a.Base, words(a.Act)+" "+kind.Humanise(a.SubjectKind), a.SubjectKey)
	},
	Validate: func(a *Approval) error {
		return refuse(a.Quorum < 1, "quorum", "must be at least one")
	},
	Actions: []kind.Act[Approval]{
		{Action: kind.Action{Name: "approve", From: []string{"pending"}, Needs: kind.Approve, Doc: "Counts as one consent; the quorum decides."}, Do: consent},
		{Action: kind.Action{Name: "decline", From: []string{"pending"}, To: "declined", Needs: kind.Approve, Reason: true, Doc: "One refusal is enough."}, Do: declineApproval},
		{Action: kind.Action{Name: "delegate", Label: "Hand over to the deputy", From: []string{"pending"}, Needs: kind.Approve,
			Doc: "The deputy named in the approver's record may answer as well."}, Do: delegateApproval},
		{Action: kind.Action{Name: "withdraw", From: []string{"pending"}, To: "withdrawn"}},
		{Action: kind.Action{Name: "expire", From: []string{"pending"}, To: "expired", Doc: "Done by the product when the day has passed."},
			Do: func(a *Approval, in kind.Input) error {
				return refuse(a.Expires == "" || kind.DateOf(in.At) <= a.Expires, "expires", "has not passed yet")
			}},
	},
})

// mayAnswer tells why somebody may not answer; nil when they may.
func (a *Approval) mayAnswer(in kind.Input) error {
	named := a.ApproverID != "" && a.Quorum == 1
	switch {
	case a.Expires != "" && kind.DateOf(in.At) > a.Expires:
		return kind.Errorf(kind.Conflict, "the time to answer ended on %s", a.Expires)
	case named && in.By != a.ApproverID && in.By != a.DelegatedTo:
		return kind.Errorf(kind.Forbidden, "somebody else is asked for this approval")
	}
	return nil
}

// consent adds one consent and approves when the quorum is full.
func consent(a *Approval, in kind.Input) error {
	if err := a.mayAnswer(in); err != nil {
		return err
	}
	if a.FourEyes && in.By == a.AskedBy {
		return kind.Errorf(kind.Forbidden, "whoever asks for this approval may not give it")
	}
	if slices.Contains(a.ApprovedBy, in.By) {
		return kind.Errorf(kind.Conflict, "you have agreed already")
	}
	a.ApprovedBy = append(slices.Clone(a.ApprovedBy), in.By)
	if len(a.ApprovedBy) >= a.Quorum {
		a.Status, a.DecidedAt, a.Rationale = ApprovalApproved, in.At, Markdown(in.Reason)
	}
	return nil
}

// delegateApproval is for the one who was asked. Who the deputy is stands in another
// record: flow puts the name in before the change is kept, and refuses when there is
// none.
func delegateApproval(a *Approval, in kind.Input) error {
	switch {
	case a.ApproverID == "":
		return kind.Errorf(kind.Conflict, "anybody who may approve is asked; there is nobody to stand in for")
	case in.By != a.ApproverID:
		return kind.Errorf(kind.Forbidden, "only who was asked can hand it over")
	}
	a.DelegatedTo = in.By
	return nil
}

func declineApproval(a *Approval, in kind.Input) error {
	if err := a.mayAnswer(in); err != nil {
		return err
	}
	a.DecidedAt, a.Rationale = in.At, Markdown(in.Reason)
	return nil
}

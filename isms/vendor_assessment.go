package isms

import "holdfast/kind"

// A VendorAssessment is one look at the security of a vendor, and what was
// concluded from it.
type VendorAssessment struct {
	Base
	VendorID   string                 `json:"vendor_id"   isms:"ref=vendor,required,list,filter,label=vendor,immutable"`
	Method     VendorAssessmentMethod `json:"method"      isms:"required,list,filter"`
	Status     VendorAssessmentStatus `json:"status"      isms:"list,filter"`
	Due        Date                   `json:"due"         isms:"list,filter"`
	AssessorID string                 `json:"assessor_id" isms:"ref=person,list,filter,label=assessor"`
	Questions  Markdown               `json:"questions"   doc:"What was asked, or which attestation was read."`
	Answers    Markdown               `json:"answers"     isms:"search"`
	Score      float64                `json:"score"       isms:"list,unit=share" doc:"Share of what was asked that is in order, 0 to 1."`
	Residual   Level                  `json:"residual"    isms:"list,filter,label=remaining risk"`
	Gaps       Markdown               `json:"gaps"        isms:"search" doc:"What is missing."`
	Conditions Markdown               `json:"conditions"  doc:"What they must do, by when, to be used."`
	ValidUntil Date                   `json:"valid_until" isms:"filter" doc:"Then they must be assessed again."`
	Rationale  Markdown               `json:"rationale"   isms:"computed" doc:"What was said when it was decided."`
	DecidedBy  string                 `json:"decided_by"  isms:"ref=person,computed"`
	DecidedOn  Date                   `json:"decided_on"  isms:"computed"`
}

// VendorAssessmentMethod tells how a vendor was looked at.
type VendorAssessmentMethod string

// Choices lists the methods, weakest first.
func (VendorAssessmentMethod) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "questionnaire"}, {Value: "rating", Doc: "Seen from outside by a rating service."},
		{Value: "attestation", Doc: "A certificate or report of an auditor was read."},
		{Value: "test", Doc: "Somebody tested what they supply."}, {Value: "audit", Doc: "We were there."},
	}
}

// VendorAssessmentStatus is where an assessment stands.
type VendorAssessmentStatus string

// The states of a vendor assessment.
const (
	VendorAssessmentPlanned  VendorAssessmentStatus = "planned"
	VendorAssessmentSent     VendorAssessmentStatus = "sent"
	VendorAssessmentReview   VendorAssessmentStatus = "review"
	VendorAssessmentApproved VendorAssessmentStatus = "approved"
	VendorAssessmentRefused  VendorAssessmentStatus = "refused"
)

// Choices lists the states.
func (VendorAssessmentStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "planned", Tone: "info"}, {Value: "sent", Tone: "warn", Doc: "The vendor has to answer."},
		{Value: "review", Tone: "warn", Doc: "We have to judge the answer."},
		{Value: "approved", Tone: "good", Doc: "May be used, on the conditions named."}, {Value: "refused", Tone: "critical", Doc: "Must not be used."},
	}
}

// VendorAssessments describes the record type.
var VendorAssessments = kind.Of("vendor_assessment", kind.Spec[VendorAssessment]{
	Group: kind.Identify, Plural: "vendor-assessments", Icon: "search", State: "status", Owner: "assessor_id", Sort: "due", Parent: "vendor_id",
	Doc: "One look at the security of a vendor, and what was concluded from it.",
	Prepare: func(a *VendorAssessment) {
		entitle(&a.Base, words(a.Method), byDay(a.Due))
	},
	Validate: func(a *VendorAssessment) error { return within("score", a.Score, 0, 1) },
	Links: []kind.Link{
		{Name: "evidenced by", To: "evidence", Inverse: "proves assessment"},
		{Name: "raises", To: "risk", Inverse: "raised by assessment"},
	},
	Actions: []kind.Act[VendorAssessment]{
		{Action: kind.Action{Name: "send", From: []string{"planned"}, To: "sent"}},
		{Action: kind.Action{Name: "receive", Label: "Answer received", From: []string{"planned", "sent"}, To: "review"}},
		{Action: kind.Action{Name: "approve", From: []string{"review"}, To: "approved", Needs: kind.Approve, Reason: true}, Do: approveVendorAssessment},
		{Action: kind.Action{Name: "refuse", From: []string{"review"}, To: "refused", Needs: kind.Approve, Reason: true}, Do: decideVendorAssessment},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"approved", "refused"}, To: "review", Reason: true}},
	},
})

// approveVendorAssessment makes the conclusion hold until the day given, or a year.
func approveVendorAssessment(a *VendorAssessment, in kind.Input) error {
	if in.Until != "" {
		a.ValidUntil = in.Until
	}
	if a.ValidUntil <= kind.DateOf(in.At) {
		a.ValidUntil = kind.DateOf(in.At.AddDate(1, 0, 0))
	}
	return decideVendorAssessment(a, in)
}

func decideVendorAssessment(a *VendorAssessment, in kind.Input) error {
	a.Rationale, a.DecidedBy, a.DecidedOn = Markdown(in.Reason), in.By, kind.DateOf(in.At)
	return nil
}

package isms

import "holdfast/kind"

// A ManagementReview is where management looks at the whole ISMS at regular times
// and decides what changes (ISO/IEC 27001, clause 9.3).
type ManagementReview struct {
	Base
	PeriodFrom   Date         `json:"period_from"  isms:"list" doc:"First day of the time that is looked at."`
	PeriodTo     Date         `json:"period_to"    isms:"list"`
	HeldOn       Date         `json:"held_on"      isms:"list,filter"`
	Status       ReviewStatus `json:"status"       isms:"list,filter"`
	ChairID      string       `json:"chair_id"     isms:"ref=person,list,filter,label=chair"`
	MeetingID    string       `json:"meeting_id"   isms:"ref=meeting,label=meeting" doc:"The meeting of the committee in which it was held."`
	Participants []string     `json:"participants" isms:"search"`
	FollowUp     Markdown     `json:"follow_up"    doc:"Input: what became of the decisions of the last review."`
	Changes      Markdown     `json:"changes"      isms:"search" doc:"Input: what changed inside and outside, and what interested parties expect now."`
	Performance  Markdown     `json:"performance"  doc:"Input: nonconformities, measurements, audits, and how far objectives were reached."`
	Feedback     Markdown     `json:"feedback"     doc:"Input: what interested parties said."`
	Risks        Markdown     `json:"risks"        doc:"Input: results of risk assessment, and how treatment stands."`
	Incidents    Markdown     `json:"incidents"    doc:"Input: what happened and what it cost."`
	Chances      Markdown     `json:"chances"      isms:"label=opportunities" doc:"Input: what could be better."`
	LossNow      Money        `json:"loss_now"     isms:"computed,unit=money,label=yearly loss now" doc:"As it stood when the inputs were gathered."`
	Decisions    Markdown     `json:"decisions"    isms:"search" doc:"Output: what is improved, and what is changed in the ISMS."`
	Resources    Markdown     `json:"resources"    doc:"Output: people and money that are granted."`
	Verdict      Markdown     `json:"verdict"      isms:"label=conclusion" doc:"Output: is the ISMS still suitable, adequate and effective?"`
	NextOn       Date         `json:"next_on"      isms:"list,filter,label=next review"`
	Pack         string       `json:"pack"         isms:"label=pack (file)" doc:"The papers as they lay on the table."`
	ApprovedBy   string       `json:"approved_by"  isms:"ref=person,computed"`
	ApprovedAt   Instant      `json:"approved_at"  isms:"computed"`
}

// ReviewStatus is where a management review stands.
type ReviewStatus string

// Choices lists the states.
func (ReviewStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "planned", Tone: "info"}, {Value: "prepared", Tone: "info", Doc: "The inputs are gathered and sent out."},
		{Value: "held", Tone: "warn", Doc: "The minutes are not yet approved."},
		{Value: "approved", Tone: "good"}, {Value: "cancelled", Tone: "muted"},
	}
}

// ManagementReviews describes the record type.
var ManagementReviews = kind.Of("management_review", kind.Spec[ManagementReview]{
	Group: kind.Improve, Icon: "users", State: "status", Owner: "chair_id", Sort: "-period_to",
	Doc: "Management looks at the whole ISMS and decides what changes.",
	Prepare: func(r *ManagementReview) {
		if r.PeriodTo != "" {
			entitle(&r.Base, "Management review until "+string(r.PeriodTo))
		}
	},
	Validate: func(r *ManagementReview) error {
		return complaints(daysOrdered("period_to", r.PeriodFrom, r.PeriodTo, "lies before the first day"))
	},
	Links: []kind.Link{
		{Name: "decided", To: "decision", Inverse: "decided in review"},
		{Name: "looked at", To: "risk", Inverse: "looked at in review"},
		{Name: "discussed", To: "audit", Inverse: "discussed in"},
		{Name: "started", To: "task", Inverse: "started by review"},
	},
	Actions: []kind.Act[ManagementReview]{
		{Action: kind.Action{Name: "prepare", Label: "Inputs are ready", From: []string{"planned"}, To: "prepared"}},
		{Action: kind.Action{Name: "hold", Label: "Held", From: []string{"planned", "prepared"}, To: "held"}, Do: holdReview},
		{Action: kind.Action{Name: "approve", Label: "Approve minutes", From: []string{"held"}, To: "approved", Needs: kind.Approve}, Do: approveReview},
		{Action: kind.Action{Name: "cancel", From: []string{"planned", "prepared"}, To: "cancelled", Reason: true}},
		{Action: kind.Action{Name: "plan", Label: "Plan again", From: []string{"cancelled"}, To: "planned"}},
	},
})

func holdReview(r *ManagementReview, in kind.Input) error {
	if r.HeldOn == "" {
		r.HeldOn = kind.DateOf(in.At)
	}
	return nil
}

// approveReview asks for the two outputs without which it was only a talk.
func approveReview(r *ManagementReview, in kind.Input) error {
	r.ApprovedBy, r.ApprovedAt = in.By, in.At
	return complaints(
		refuse(r.Decisions == "", "decisions", "say what was decided, even if it is that nothing changes"),
		refuse(r.Verdict == "", "verdict", "says whether the ISMS is still suitable, adequate and effective"))
}

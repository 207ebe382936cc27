package isms

import "holdfast/kind"

// A Plan is a part of the system security management plan: how to recover, how to
// go on working, whom to tell, and what to say to the media.
type Plan struct {
	Base
	Type        PlanType   `json:"type"         isms:"required,list,filter"`
	Status      PlanStatus `json:"status"       isms:"list,filter"`
	OwnerID     string     `json:"owner_id"     isms:"ref=person,list,filter,label=owner"`
	LeadID      string     `json:"lead_id"      isms:"ref=person,label=lead" doc:"Who leads when it is activated."`
	DeputyID    string     `json:"deputy_id"    isms:"ref=person,label=deputy" doc:"Who leads when the lead cannot be reached."`
	Activation  Markdown   `json:"activation"   isms:"search" doc:"When it is activated, and who may do so."`
	Body        Markdown   `json:"body"         isms:"search,label=text" doc:"What is done, in order; what is needed; where it is."`
	Scope       Markdown   `json:"scope"        doc:"Which processes, systems and places it covers, and which it does not."`
	Workaround  Markdown   `json:"workaround"   doc:"How people work while systems are down."`
	MeetingAt   string     `json:"meeting_at"   doc:"Where people meet when the usual places and systems are gone."`
	StandDown   Markdown   `json:"stand_down"   doc:"When and by whom normal work is declared."`
	Offline     string     `json:"offline"      doc:"Where a copy lies that can be read without our systems."`
	DocumentID  string     `json:"document_id"  isms:"ref=document,label=document" doc:"The published document that holds the same text, where there is one."`
	ReviewEvery int        `json:"review_every" isms:"unit=days" doc:"Days between reviews."`
	ReviewBy    Date       `json:"review_by"    isms:"list,filter"`
	TestedOn    Date       `json:"tested_on"    isms:"list,filter" doc:"When it was last exercised or used."`
	Number      string     `json:"number"       isms:"label=version"`
	ApprovedBy  string     `json:"approved_by"  isms:"ref=person,computed"`
	ApprovedAt  Instant    `json:"approved_at"  isms:"computed"`
}

// PlanType tells what a plan is for.
type PlanType string

// Choices lists the types.
func (PlanType) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "recovery", Label: "Disaster recovery", Doc: "How systems and data come back."},
		{Value: "continuity", Label: "Business continuity", Doc: "How work goes on in the meantime."},
		{Value: "communication", Label: "Stakeholder communication", Doc: "Who is told what, when, by whom."},
		{Value: "media", Doc: "What is said in public, and by whom."},
		{Value: "incident_response", Doc: "How incidents are answered at all."},
	}
}

// PlanStatus is where a plan stands.
type PlanStatus string

// Choices lists the states.
func (PlanStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "draft", Tone: "info"}, {Value: "in_review", Tone: "warn"}, {Value: "approved", Tone: "good"},
		{Value: "activated", Tone: "critical", Doc: "It is being followed right now."}, {Value: "retired", Tone: "muted"},
	}
}

// Plans describes the record type.
var Plans = kind.Of("plan", kind.Spec[Plan]{
	Group: kind.Respond, Icon: "flag", State: "status", Owner: "owner_id", Sort: "title",
	Doc:      "How to recover, to go on working, and to tell people, decided before it is needed.",
	Validate: func(p *Plan) error { return complaints(notNegative("review_every", p.ReviewEvery)) },
	Links: []kind.Link{
		{Name: "covers", To: "asset", Inverse: "covered by plan"},
		{Name: "prepares for", To: "risk", Inverse: "planned for in"},
		{Name: "fulfils", To: "obligation", Inverse: "fulfilled by plan"},
		{Name: "implements", To: "requirement", Inverse: "implemented by plan"},
	},
	Actions: []kind.Act[Plan]{
		{Action: kind.Action{Name: "submit", Label: "Send to review", From: []string{"draft"}, To: "in_review"}},
		{Action: kind.Action{Name: "revise", Label: "Back to draft", From: []string{"in_review", "approved", "retired"}, To: "draft"}},
		{Action: kind.Action{Name: "approve", From: []string{"in_review"}, To: "approved", Needs: kind.Approve}, Do: approvePlan},
		{Action: kind.Action{Name: "review", Label: "Reviewed, still right", From: []string{"approved"}, Needs: kind.Approve}, Do: approvePlan},
		{Action: kind.Action{Name: "activate", From: []string{"draft", "in_review", "approved"}, To: "activated", Reason: true, Danger: true,
			Doc: "Everybody concerned is called. A plan that is not approved is better than none."}},
		{Action: kind.Action{Name: "stand_down", Label: "Stand down", From: []string{"activated"}, To: "approved", Needs: kind.Approve, Reason: true,
			Doc: "Work is normal again; the plan has proved what it is worth."},
			Do: func(p *Plan, in kind.Input) error { p.TestedOn = kind.DateOf(in.At); return nil }},
		{Action: kind.Action{Name: "retire", From: []string{"draft", "in_review", "approved"}, To: "retired", Needs: kind.Approve, Reason: true}},
	},
})

func approvePlan(p *Plan, in kind.Input) error {
	p.ApprovedBy, p.ApprovedAt = in.By, in.At
	if p.ReviewEvery > 0 {
		p.ReviewBy = kind.DateOf(in.At.AddDate(0, 0, p.ReviewEvery))
	}
	return nil
}

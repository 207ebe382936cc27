package isms

import "holdfast/kind"

// A Decision is a question put to those who may answer it, and their answer. An
// Approval is the formal consent to one record; a Decision may be about anything.
type Decision struct {
	Base
	Question       Markdown       `json:"question"       isms:"search" doc:"What has to be decided, and until when it matters."`
	Status         DecisionStatus `json:"status"         isms:"list,filter"`
	Due            Date           `json:"due"            isms:"list,filter"`
	CommitteeID    string         `json:"committee_id"   isms:"ref=committee,list,filter,label=asked of"`
	MeetingID      string         `json:"meeting_id"     isms:"ref=meeting,filter,label=meeting"`
	AskedBy        string         `json:"asked_by"       isms:"ref=person,filter"`
	OwnerID        string         `json:"owner_id"       isms:"ref=person,list,filter,label=owner" doc:"Who sees that it is carried out."`
	Options        Markdown       `json:"options"        doc:"What could be done, with cost and effect of each, and of doing nothing."`
	Recommendation Markdown       `json:"recommendation" doc:"What whoever asks would do."`
	Cost           Money          `json:"cost"           isms:"list" doc:"What the recommendation costs per year."`
	LossAvoided    Money          `json:"loss_avoided"   isms:"list" doc:"Yearly loss that the recommendation avoids."`
	Outcome        Markdown       `json:"outcome"        isms:"search" doc:"What was decided."`
	Rationale      Markdown       `json:"rationale"      doc:"Why, in the words of whoever decided."`
	DecidedAt      Instant        `json:"decided_at"     isms:"computed,filter"`
	DecidedBy      string         `json:"decided_by"     isms:"ref=person,computed"`
	ReviewBy       Date           `json:"review_by"      isms:"filter"`
}

// DecisionStatus is where a decision stands.
type DecisionStatus string

// The states of a decision.
const (
	DecisionDraft     DecisionStatus = "draft"
	DecisionAsked     DecisionStatus = "asked"
	DecisionDecided   DecisionStatus = "decided"
	DecisionDeferred  DecisionStatus = "deferred"
	DecisionWithdrawn DecisionStatus = "withdrawn"
)

// Choices lists the states.
func (DecisionStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "draft", Tone: "info"}, {Value: "asked", Tone: "warn"}, {Value: "decided", Tone: "good"},
		{Value: "deferred", Tone: "warn", Doc: "Those who were asked want to see it later."}, {Value: "withdrawn", Tone: "muted"},
	}
}

// Decisions describes the record type.
var Decisions = kind.Of("decision", kind.Spec[Decision]{
	Group: kind.Govern, Icon: "question", State: "status", Owner: "owner_id", Sort: "due",
	Doc:      "A question put to those who may answer it, with the options, the answer and the reason.",
	Validate: func(d *Decision) error { return notNegative("cost", d.Cost) },
	Links: []kind.Link{
		{Name: "about risk", To: "risk", Inverse: "decided by"},
		{Name: "about safeguard", To: "safeguard", Inverse: "decided by"},
		{Name: "about treatment", To: "treatment", Inverse: "decided by"},
		{Name: "about objective", To: "objective", Inverse: "decided by"},
		{Name: "replaces", To: "decision", Inverse: "replaced by"},
	},
	Actions: []kind.Act[Decision]{
		{Action: kind.Action{Name: "ask", Label: "Ask for a decision", From: []string{"draft", "deferred", "withdrawn"}, To: "asked"}, Do: askDecision},
		{Action: kind.Action{Name: "decide", Label: "Record the decision", From: []string{"asked", "deferred"}, To: "decided", Needs: kind.Approve, Reason: true,
			Doc: "The outcome is the recommendation unless another was written."}, Do: decide},
		{Action: kind.Action{Name: "defer", From: []string{"asked"}, To: "deferred", Needs: kind.Approve, Reason: true},
			Do: func(d *Decision, in kind.Input) error {
				d.Rationale = Markdown(in.Reason)
				if in.Until != "" {
					d.Due = in.Until
				}
				return nil
			}},
		{Action: kind.Action{Name: "withdraw", From: []string{"draft", "asked", "deferred"}, To: "withdrawn"}},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"decided"}, To: "asked", Needs: kind.Approve, Reason: true},
			Do: func(d *Decision, _ kind.Input) error {
				d.DecidedAt, d.DecidedBy, d.Outcome = Instant{}, "", ""
				return nil
			}},
	},
})

func askDecision(d *Decision, in kind.Input) error {
	if d.AskedBy == "" {
		d.AskedBy = in.By
	}
	return refuse(d.Question == "" && d.Recommendation == "", "question", "say what has to be decided")
}

func decide(d *Decision, in kind.Input) error {
	if d.Outcome == "" {
		d.Outcome = d.Recommendation
	}
	d.Rationale, d.DecidedBy, d.DecidedAt = Markdown(in.Reason), in.By, in.At
	return refuse(d.Outcome == "", "outcome", "say what was decided")
}

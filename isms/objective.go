package isms

import "holdfast/kind"

// An Objective is what the organisation wants to reach with its security, in
// terms that can be measured (ISO/IEC 27001, clause 6.2).
type Objective struct {
	Base
	ParentID   string          `json:"parent_id"   isms:"ref=objective,filter,label=serves objective"`
	Status     ObjectiveStatus `json:"status"      isms:"list,filter"`
	Due        Date            `json:"due"         isms:"list,filter"`
	Progress   float64         `json:"progress"    isms:"list,unit=share" doc:"How much is reached, 0 to 1."`
	OwnerID    string          `json:"owner_id"    isms:"ref=person,list,filter,label=owner"`
	Priority   Level           `json:"priority"    isms:"list,filter"`
	Principles Principles      `json:"principles"  isms:"filter" doc:"Which of the four principles it serves."`
	Reason     Markdown        `json:"reason"      isms:"search" doc:"Why the business wants it."`
	Target     Markdown        `json:"target"      doc:"What will be true when it is reached, in figures."`
	Plan       Markdown        `json:"plan"        doc:"What is done, by whom, with which means."`
	Budget     Money           `json:"budget"`
	Hours      int             `json:"hours"       isms:"unit=hours" doc:"Working time set aside for it."`
	Outcome    Markdown        `json:"outcome"     doc:"What came of it."`
	ReachedOn  Date            `json:"reached_on"  isms:"computed"`
}

// ObjectiveStatus is where an objective stands.
type ObjectiveStatus string

// The states of an objective.
const (
	ObjectiveProposed ObjectiveStatus = "proposed"
	ObjectiveApproved ObjectiveStatus = "approved"
	ObjectiveReached  ObjectiveStatus = "reached"
	ObjectiveMissed   ObjectiveStatus = "missed"
	ObjectiveDropped  ObjectiveStatus = "dropped"
)

// Choices lists the states.
func (ObjectiveStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "proposed", Tone: "info"}, {Value: "approved", Tone: "info", Doc: "The organisation works towards it."},
		{Value: "reached", Tone: "good"}, {Value: "missed", Tone: "warn"}, {Value: "dropped", Tone: "muted"},
	}
}

// Objectives describes the record type.
var Objectives = kind.Of("objective", kind.Spec[Objective]{
	Group: kind.Govern, Icon: "target", State: "status", Owner: "owner_id", Sort: "due",
	Doc: "What the organisation wants to reach with its security, so that it can be measured.",
	Validate: func(o *Objective) error {
		return complaints(within("progress", o.Progress, 0, 1), notNegative("budget", o.Budget), notNegative("hours", o.Hours),
			notItself(&o.Base, "parent_id", o.ParentID))
	},
	Links: []kind.Link{
		{Name: "measured by", To: "indicator", Inverse: "measures"},
		{Name: "mitigates", To: "risk", Inverse: "mitigated by objective", Doc: "The risks that it wants smaller."},
		{Name: "answers", To: "obligation", Inverse: "answered by objective"},
		{Name: "reached by", To: "safeguard", Inverse: "helps to reach"},
	},
	Actions: []kind.Act[Objective]{
		{Action: kind.Action{Name: "approve", From: []string{"proposed", "dropped"}, To: "approved", Needs: kind.Approve}},
		{Action: kind.Action{Name: "reach", Label: "Reached", From: []string{"approved"}, To: "reached"},
			Do: func(o *Objective, in kind.Input) error {
				o.ReachedOn, o.Progress = kind.DateOf(in.At), 1
				return nil
			}},
		{Action: kind.Action{Name: "miss", Label: "Missed", From: []string{"approved"}, To: "missed", Reason: true}, Do: endObjective},
		{Action: kind.Action{Name: "drop", From: []string{"proposed", "approved"}, To: "dropped", Needs: kind.Approve, Reason: true}, Do: endObjective},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"reached", "missed"}, To: "approved"},
			Do: func(o *Objective, _ kind.Input) error { o.ReachedOn = ""; return nil }},
	},
})

func endObjective(o *Objective, in kind.Input) error {
	o.Outcome = Markdown(in.Reason)
	return nil
}

package isms

import "holdfast/kind"

// A Milestone is a point of the roadmap: something that is reached on a day.
type Milestone struct {
	Base
	Step        int             `json:"step"        isms:"list,filter" doc:"Number of the step of the roadmap it belongs to; 0: none."`
	Status      MilestoneStatus `json:"status"      isms:"list,filter"`
	StartOn     Date            `json:"start_on"    isms:"label=work begins" doc:"When the work on it is planned to begin."`
	Due         Date            `json:"due"         isms:"list,filter" doc:"When it is planned to be reached."`
	FirstDue    Date            `json:"first_due"   isms:"computed,label=first planned" doc:"The day of the first plan; the distance shows how plans slip."`
	Forecast    Date            `json:"forecast"    isms:"computed,list" doc:"When it will be reached at the present pace."`
	OwnerID     string          `json:"owner_id"    isms:"ref=person,list,filter,label=owner"`
	Description Markdown        `json:"description" isms:"search"`
	DoneWhen    Markdown        `json:"done_when"   doc:"How one sees that it was reached, in facts."`
	Measure     string          `json:"measure"     isms:"filter" doc:"Id of the definition of done that the product computes; empty: a person says so."`
	Progress    float64         `json:"progress"    isms:"list,unit=share" doc:"How much of it is there, 0 to 1."`
	Baseline    float64         `json:"baseline"    isms:"computed,unit=share,label=there already" doc:"How much of it was there when the work was planned; the pace is measured from here."`
	Effort      Range           `json:"effort"      isms:"unit=hours"`
	Budget      Range           `json:"budget"      isms:"unit=money"`
	ReachedOn   Date            `json:"reached_on"  isms:"computed"`
	Note        Markdown        `json:"note"        doc:"Why it slipped or was given up."`
}

// MilestoneStatus is where a milestone stands.
type MilestoneStatus string

// Choices lists the states.
func (MilestoneStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "planned", Tone: "info"}, {Value: "underway", Tone: "info"},
		{Value: "at_risk", Tone: "warn", Doc: "It will probably be late."},
		{Value: "reached", Tone: "good"}, {Value: "dropped", Tone: "muted"},
	}
}

// Milestones describes the record type.
var Milestones = kind.Of("milestone", kind.Spec[Milestone]{
	Group: kind.Govern, Icon: "flag", State: "status", Owner: "owner_id", Sort: "due",
	Doc: "A point of the roadmap that is reached on a day.",
	Prepare: func(m *Milestone) {
		if m.FirstDue == "" {
			m.FirstDue = m.Due
		}
	},
	Validate: func(m *Milestone) error {
		return complaints(within("progress", m.Progress, 0, 1), within("baseline", m.Baseline, 0, 1), notNegative("step", m.Step),
			daysOrdered("due", m.StartOn, m.Due, "lies before the day on which the work begins"))
	},
	Links: []kind.Link{
		{Name: "needs", To: "milestone", Inverse: "needed for"},
		{Name: "serves", To: "objective", Inverse: "served by milestone"},
		{Name: "made of", To: "task", Inverse: "part of milestone"},
		{Name: "delivers", To: "safeguard", Inverse: "delivered by"},
	},
	Actions: []kind.Act[Milestone]{
		{Action: kind.Action{Name: "start", From: []string{"planned"}, To: "underway"}},
		{Action: kind.Action{Name: "warn", Label: "Mark as at risk", From: []string{"planned", "underway"}, To: "at_risk", Reason: true}, Do: noteMilestone},
		{Action: kind.Action{Name: "recover", Label: "Back on track", From: []string{"at_risk"}, To: "underway"}},
		{Action: kind.Action{Name: "reach", Label: "Reached", From: []string{"planned", "underway", "at_risk"}, To: "reached"},
			Do: func(m *Milestone, in kind.Input) error {
				m.ReachedOn, m.Progress = kind.DateOf(in.At), 1
				return nil
			}},
		{Action: kind.Action{Name: "drop", From: []string{"planned", "underway", "at_risk"}, To: "dropped", Needs: kind.Approve, Reason: true}, Do: noteMilestone},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"reached", "dropped"}, To: "underway"},
			Do: func(m *Milestone, _ kind.Input) error { m.ReachedOn = ""; return nil }},
	},
})

func noteMilestone(m *Milestone, in kind.Input) error {
	m.Note = Markdown(in.Reason)
	return nil
}

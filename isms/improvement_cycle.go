package isms

import "holdfast/kind"

// An ImprovementCycle is one turn of Plan, Do, Check, Act over something that
// should become better.
type ImprovementCycle struct {
	Base
	Phase       CyclePhase `json:"phase"        isms:"list,filter"`
	OwnerID     string     `json:"owner_id"     isms:"ref=person,list,filter,label=owner"`
	StartOn     Date       `json:"start_on"     isms:"list,filter"`
	EndOn       Date       `json:"end_on"       isms:"list,filter" doc:"When the turn should be complete."`
	PreviousID  string     `json:"previous_id"  isms:"ref=improvement_cycle,label=previous turn"`
	Goal        Markdown   `json:"goal"         isms:"search" doc:"What should be better afterwards, and by how much."`
	Plan        Markdown   `json:"plan"         isms:"search,label=plan" doc:"What is changed, why it should help, how one will see it."`
	Done        Markdown   `json:"done"         isms:"label=do" doc:"What was really done."`
	Checked     Markdown   `json:"checked"      isms:"label=check" doc:"What was measured, beside what was expected."`
	Acted       Markdown   `json:"acted"        isms:"label=act" doc:"What is kept, what is dropped, what comes next."`
	Measure     string     `json:"measure"      isms:"search" doc:"By what it is measured, where it is no registered key indicator."`
	Before      float64    `json:"before_value" isms:"list,label=before"`
	Target      float64    `json:"target_value" isms:"label=target"`
	After       float64    `json:"after_value"  isms:"list,label=after"`
	LossBefore  Money      `json:"loss_before"  isms:"computed,unit=money,label=yearly loss before"`
	LossAfter   Money      `json:"loss_after"   isms:"computed,unit=money,label=yearly loss after"`
	DoAt        Instant    `json:"do_at"        isms:"computed,label=do since"`
	CheckAt     Instant    `json:"check_at"     isms:"computed,label=check since"`
	ActAt       Instant    `json:"act_at"       isms:"computed,label=act since"`
	CompletedAt Instant    `json:"completed_at" isms:"computed"`
}

// CyclePhase is how far a turn has come; it is the state of a cycle.
type CyclePhase string

// Choices lists the phases.
func (CyclePhase) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "plan", Tone: "info"}, {Value: "do", Tone: "warn"}, {Value: "check", Tone: "info"}, {Value: "act", Tone: "info"},
		{Value: "complete", Tone: "good"}, {Value: "abandoned", Tone: "muted"},
	}
}

// ImprovementCycles describes the record type.
var ImprovementCycles = kind.Of("improvement_cycle", kind.Spec[ImprovementCycle]{
	Group: kind.Improve, Icon: "improve", State: "phase", Owner: "owner_id", Sort: "-start_on",
	Doc: "One turn of plan, do, check, act over something that should become better.",
	Validate: func(c *ImprovementCycle) error {
		return complaints(notItself(&c.Base, "previous_id", c.PreviousID), daysOrdered("end_on", c.StartOn, c.EndOn, "lies before the first day"))
	},
	Links: []kind.Link{
		{Name: "aims at", To: "objective", Inverse: "aimed at by"},
		{Name: "measured by", To: "indicator", Inverse: "measures cycle"},
		{Name: "changes", To: "safeguard", Inverse: "changed in"},
		{Name: "carries out", To: "corrective_action", Inverse: "carried out in"},
		{Name: "lowers", To: "risk", Inverse: "lowered during"},
		{Name: "made of", To: "task", Inverse: "part of cycle"},
		{Name: "evidenced by", To: "evidence", Inverse: "proves improvement"},
	},
	Actions: []kind.Act[ImprovementCycle]{
		{Action: kind.Action{Name: "do", From: []string{"plan"}, To: "do"},
			Do: func(c *ImprovementCycle, in kind.Input) error {
				c.DoAt = in.At
				return refuse(c.Plan == "", "plan", "say what is changed and how one will see that it helped")
			}},
		{Action: kind.Action{Name: "check", From: []string{"do"}, To: "check"},
			Do: func(c *ImprovementCycle, in kind.Input) error { c.CheckAt = in.At; return nil }},
		{Action: kind.Action{Name: "act", From: []string{"check"}, To: "act"},
			Do: func(c *ImprovementCycle, in kind.Input) error {
				c.ActAt = in.At
				return refuse(c.Checked == "", "checked", "say what was measured")
			}},
		{Action: kind.Action{Name: "complete", Label: "Turn is complete", From: []string{"act"}, To: "complete"},
			Do: func(c *ImprovementCycle, in kind.Input) error {
				c.CompletedAt = in.At
				return refuse(c.Acted == "", "acted", "say what is kept and what comes next")
			}},
		{Action: kind.Action{Name: "repeat", Label: "Do more", From: []string{"check", "act"}, To: "do"}},
		{Action: kind.Action{Name: "abandon", From: []string{"plan", "do", "check", "act"}, To: "abandoned", Reason: true}},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"complete", "abandoned"}, To: "plan"},
			Do: func(c *ImprovementCycle, _ kind.Input) error { c.CompletedAt = Instant{}; return nil }},
	},
})

package isms

import (
	"cmp"

	"holdfast/kind"
)

// A PlaybookStep is one step of a playbook: who does what, when, and how one
// sees that it worked. The shape follows OASIS CACAO 2.0.
type PlaybookStep struct {
	Base
	PlaybookID   string        `json:"playbook_id" isms:"ref=playbook,required,filter,label=playbook,immutable"`
	Phase        IncidentPhase `json:"phase"       isms:"required,list,filter"`
	Position     int           `json:"position"    isms:"list,label=order" doc:"Steps are shown by phase, then by this number."`
	Type         StepType      `json:"type"        isms:"list"`
	Role         string        `json:"role"        isms:"list,filter" doc:"Who does it: lead, scribe, administrator, spokesperson."`
	Instruction  Markdown      `json:"instruction" isms:"required,search"`
	Condition    string        `json:"condition"   doc:"Only when this holds; empty: always."`
	Check        Markdown      `json:"check"       doc:"How one sees that it worked."`
	Command      Markdown      `json:"command"     doc:"The same for a machine; never run by the product without a person."`
	Minutes      int           `json:"minutes"     isms:"list,unit=minutes,label=takes"`
	Optional     bool          `json:"optional"`
	Irreversible bool          `json:"irreversible" isms:"list" doc:"It destroys traces or stops work; the lead has to agree."`
	NextID       string        `json:"next_id"     isms:"ref=playbook_step,label=next" doc:"Where to go on; empty: the next number."`
	ElseID       string        `json:"else_id"     isms:"ref=playbook_step,label=otherwise" doc:"Where to go when the condition does not hold or the step fails."`
	ExternalID   string        `json:"external_id" isms:"label=CACAO id"`
}

// StepType tells what a step of a playbook is.
type StepType string

// Choices lists the types.
func (StepType) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "action"}, {Value: "decision", Doc: "A question; the answer chooses the next step."},
		{Value: "communication", Doc: "Somebody is told."}, {Value: "parallel", Doc: "The steps that follow may be done at the same time."},
		{Value: "playbook", Doc: "Follow another playbook."},
	}
}

// PlaybookSteps describes the record type.
var PlaybookSteps = kind.Of("playbook_step", kind.Spec[PlaybookStep]{
	Group: kind.Respond, Icon: "list", Sort: "position", Parent: "playbook_id",
	Doc: "One step of a playbook: who does what, under which condition, and how one sees that it worked.",
	Prepare: func(s *PlaybookStep) {
		s.Type = cmp.Or(s.Type, "action")
		entitle(&s.Base, firstLine(string(s.Instruction)))
	},
	Validate: func(s *PlaybookStep) error {
		return complaints(notNegative("minutes", s.Minutes), notItself(&s.Base, "next_id", s.NextID), notItself(&s.Base, "else_id", s.ElseID),
			refuse(s.Phase == IncidentClosed, "phase", "is none in which something is done"))
	},
	Links: []kind.Link{
		{Name: "uses", To: "safeguard", Inverse: "used in step"},
		{Name: "continues with", To: "playbook", Inverse: "continued from"},
	},
})

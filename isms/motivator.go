package isms

import "holdfast/kind"

// A Motivator is a reason to change the security of the organisation: a new law,
// product, technology, partner or attack. It says which part of the work has to
// be looked at again; that is what keeps the ISMS adaptive.
type Motivator struct {
	Base
	Type        MotivatorType   `json:"type"        isms:"required,list,filter"`
	Status      MotivatorStatus `json:"status"      isms:"list,filter"`
	Urgency     Level           `json:"urgency"     isms:"list,filter"`
	NoticedOn   Date            `json:"noticed_on"  isms:"list"`
	Effective   Date            `json:"effective"   isms:"list,filter" doc:"From when it counts: the day a law comes into force, a product ships."`
	Description Markdown        `json:"description" isms:"search"`
	Reopens     WorkParts       `json:"reopens"     isms:"list,filter" doc:"What has to be looked at again because of it."`
	Effect      Markdown        `json:"effect"      doc:"What it changes for us, once somebody has thought about it."`
	Source      string          `json:"source"      doc:"Where we learnt of it."`
	OwnerID     string          `json:"owner_id"    isms:"ref=person,list,filter,label=owner"`
	HandledOn   Date            `json:"handled_on"  isms:"computed"`
}

// MotivatorType tells where a change comes from.
type MotivatorType string

// Choices lists the types.
func (MotivatorType) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "internal", Doc: "Our own doing: a product, a move, a merger, new people."},
		{Value: "external", Doc: "Politics, society, the market."},
		{Value: "technological"}, {Value: "legal"}, {Value: "economic"}, {Value: "environmental"},
		{Value: "threat", Doc: "Attackers can do something new."},
		{Value: "incident", Doc: "Something happened, here or to others."},
		{Value: "supply_chain"},
	}
}

// WorkParts are the parts of security management that a change can re-open.
type WorkParts []string

// Choices lists the parts, in the order of the work.
func (WorkParts) Choices() []kind.Choice {
	return kind.Words("context", "objectives", "scope", "obligations", "assets", "architecture", "threats", "risk_assessment",
		"appetite", "safeguards", "policies", "training", "vendors", "monitoring", "response_plans", "continuity_plans")
}

// MotivatorStatus is where a motivator stands.
type MotivatorStatus string

// The states of a motivator.
const (
	MotivatorNoticed   MotivatorStatus = "noticed"
	MotivatorAssessed  MotivatorStatus = "assessed"
	MotivatorHandled   MotivatorStatus = "handled"
	MotivatorDismissed MotivatorStatus = "dismissed"
)

// Choices lists the states.
func (MotivatorStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "noticed", Tone: "warn"}, {Value: "assessed", Tone: "info", Doc: "We know what it changes."},
		{Value: "handled", Tone: "good"}, {Value: "dismissed", Tone: "muted", Doc: "It changes nothing for us."},
	}
}

// Motivators describes the record type.
var Motivators = kind.Of("motivator", kind.Spec[Motivator]{
	Group: kind.Govern, Label: "Motivator of change", Icon: "bell", State: "status", Owner: "owner_id", Sort: "effective",
	Doc: "A reason to change, and which parts of the work have to be looked at again because of it.",
	Links: []kind.Link{
		{Name: "comes from", To: "interested_party", Inverse: "motivates"},
		{Name: "touches", To: "asset", Inverse: "touched by"},
		{Name: "changes", To: "risk", Inverse: "changed by", Doc: "The risks that it creates, raises or lowers."},
		{Name: "shifts", To: "scope", Inverse: "shifted by"},
		{Name: "calls into question", To: "safeguard", Inverse: "called into question by"},
		{Name: "outdates", To: "document", Inverse: "outdated by"},
		{Name: "re-opened", To: "task", Inverse: "re-opened by", Doc: "The reviews that it asked for; it is handled when all are done."},
	},
	Actions: []kind.Act[Motivator]{
		{Action: kind.Action{Name: "assess", Label: "Mark as assessed", From: []string{"noticed"}, To: "assessed"},
			Do: func(m *Motivator, _ kind.Input) error {
				return refuse(m.Effect == "", "effect", "say what it changes for us")
			}},
		{Action: kind.Action{Name: "handle", Label: "Mark as handled", From: []string{"noticed", "assessed"}, To: "handled", Doc: "Everything it re-opened was looked at."},
			Do: func(m *Motivator, in kind.Input) error { m.HandledOn = kind.DateOf(in.At); return nil }},
		{Action: kind.Action{Name: "dismiss", From: []string{"noticed", "assessed"}, To: "dismissed", Reason: true},
			Do: func(m *Motivator, in kind.Input) error { m.Effect = Markdown(in.Reason); return nil }},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"handled", "dismissed"}, To: "noticed"},
			Do: func(m *Motivator, _ kind.Input) error { m.HandledOn = ""; return nil }},
	},
})

package isms

import "holdfast/kind"

// A Playbook says beforehand how a kind of incident is answered. Its steps are
// records of their own, so that a room can tick them off one by one.
type Playbook struct {
	Base
	Scenario    IncidentType   `json:"scenario"     isms:"list,filter" doc:"The kind of incident that it answers."`
	Status      PlaybookStatus `json:"status"       isms:"list,filter"`
	OwnerID     string         `json:"owner_id"     isms:"ref=person,list,filter,label=owner"`
	ReviewBy    Date           `json:"review_by"    isms:"list,filter"`
	ProvedOn    Date           `json:"proved_on"    isms:"list" doc:"When it was last used, in an exercise or for real."`
	Description Markdown       `json:"description"  isms:"search" doc:"When it applies and what it aims at."`
	Triggers    Markdown       `json:"triggers"     doc:"By which signs one knows that this is the right playbook."`
	Severity    Severity       `json:"severity"     doc:"How bad such an incident usually is; the suggestion for a new one."`
	Contain     int            `json:"contain"      isms:"unit=minutes,label=time to contain" doc:"Budget of the phase."`
	Eradicate   int            `json:"eradicate"    isms:"unit=minutes,label=time to eradicate"`
	Recover     int            `json:"recover"      isms:"unit=minutes,label=time to recover"`
	Techniques  []string       `json:"techniques"   isms:"filter" doc:"MITRE ATT&CK ids that it answers."`
	Catalogue   string         `json:"catalogue"    isms:"computed,filter" doc:"Id in the shipped catalogue."`
	ExternalID  string         `json:"external_id"  isms:"filter,label=CACAO id" doc:"Identity in exchanged playbooks."`
	Number      string         `json:"number"       isms:"label=version"`
	Exchange    Markdown       `json:"exchange"     isms:"hidden,computed" doc:"The document in which it came, byte by byte, so that what we do not know is not lost."`
}

// PlaybookStatus is where a playbook stands.
type PlaybookStatus string

// Choices lists the states.
func (PlaybookStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "draft", Tone: "info"}, {Value: "ready", Tone: "good", Doc: "It is offered when an incident is declared."},
		{Value: "retired", Tone: "muted"},
	}
}

// Playbooks describes the record type.
var Playbooks = kind.Of("playbook", kind.Spec[Playbook]{
	Group: kind.Respond, Icon: "play", State: "status", Owner: "owner_id", Sort: "title",
	Doc: "How a kind of incident is answered, decided before it happens.",
	Validate: func(p *Playbook) error {
		return complaints(notNegative("contain", p.Contain), notNegative("eradicate", p.Eradicate), notNegative("recover", p.Recover))
	},
	Links: []kind.Link{
		{Name: "answers", To: "threat_vector", Inverse: "answered by"},
		{Name: "prepared for", To: "risk", Inverse: "prepared by"},
	},
	Actions: []kind.Act[Playbook]{
		{Action: kind.Action{Name: "approve", Label: "Make ready", From: []string{"draft", "retired"}, To: "ready", Needs: kind.Approve}},
		{Action: kind.Action{Name: "revise", Label: "Back to draft", From: []string{"ready"}, To: "draft"}},
		{Action: kind.Action{Name: "prove", Label: "Used", From: []string{"draft", "ready"}, Doc: "It was followed in an exercise or for real."},
			Do: func(p *Playbook, in kind.Input) error { p.ProvedOn = kind.DateOf(in.At); return nil }},
		{Action: kind.Action{Name: "retire", From: []string{"draft", "ready"}, To: "retired", Reason: true}},
	},
})

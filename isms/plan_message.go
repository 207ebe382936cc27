package isms

import (
	"cmp"

	"holdfast/kind"
)

// A PlanMessage is one line of a communication or media plan: who is told, when,
// by whom, through which channel, with a holding statement that was approved
// while there was time to think.
type PlanMessage struct {
	Base
	PlanID      string        `json:"plan_id"       isms:"ref=plan,required,list,filter,label=plan,immutable"`
	Audience    NotifiedParty `json:"audience"      isms:"required,list,filter"`
	PartyID     string        `json:"party_id"      isms:"ref=interested_party,filter,label=interested party" doc:"The party itself, where it is registered."`
	Scenario    IncidentType  `json:"scenario"      isms:"list,filter" doc:"For which kind of incident; empty: any."`
	WithinHours float64       `json:"within_hours"  isms:"list,unit=hours,label=within" doc:"How soon after the incident was declared."`
	SpeakerID   string        `json:"speaker_id"    isms:"ref=person,list,filter,label=speaker" doc:"Who says it; nobody else does."`
	Channel     string        `json:"channel"       doc:"Telephone, mail, web page, press release, a way that works when mail does not."`
	Repeat      string        `json:"repeat"        doc:"How often an update follows."`
	Statement   Markdown      `json:"statement"     isms:"search,label=holding statement" doc:"What may be said before much is known."`
	Never       Markdown      `json:"never"         doc:"What must not be said."`
	Status      MessageStatus `json:"status"        isms:"list,filter"`
	ApprovedBy  string        `json:"approved_by"   isms:"ref=person,computed"`
	ApprovedAt  Instant       `json:"approved_at"   isms:"computed"`
	SHA256      string        `json:"sha256"        isms:"computed" doc:"Hash of the statement that was approved."`
}

// MessageStatus tells whether a statement may be used.
type MessageStatus string

// The states of a planned message.
const (
	MessageDraft    MessageStatus = "draft"
	MessageApproved MessageStatus = "approved"
	MessageRetired  MessageStatus = "retired"
)

// Choices lists the states.
func (MessageStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "draft", Tone: "warn", Doc: "Nobody may use it yet."}, {Value: "approved", Tone: "good"}, {Value: "retired", Tone: "muted"},
	}
}

// PlanMessages describes the record type.
var PlanMessages = kind.Of("plan_message", kind.Spec[PlanMessage]{
	Group: kind.Respond, Label: "Planned message", Icon: "chat", State: "status", Owner: "speaker_id", Sort: "within_hours", Parent: "plan_id",
	Doc: "Who is told what in a crisis, when, by whom and how, with an approved holding statement.",
	Prepare: func(m *PlanMessage) {
		seal(&m.SHA256, string(m.Statement), m.Status == MessageApproved)
		entitle(&m.Base, cmp.Or(words(m.Audience), "Message"), words(m.Scenario))
	},
	Validate: func(m *PlanMessage) error {
		return complaints(notNegative("within_hours", m.WithinHours),
			refuse(broken(m.SHA256, string(m.Statement)), "statement", "was approved; send it back to draft to change it"))
	},
	Actions: []kind.Act[PlanMessage]{
		{Action: kind.Action{Name: "approve", From: []string{"draft"}, To: "approved", Needs: kind.Approve}, Do: approveMessage},
		{Action: kind.Action{Name: "revise", Label: "Back to draft", From: []string{"approved", "retired"}, To: "draft"}, Do: reviseMessage},
		{Action: kind.Action{Name: "retire", From: []string{"draft", "approved"}, To: "retired"}},
	},
})

func approveMessage(m *PlanMessage, in kind.Input) error {
	if m.Statement == "" {
		return kind.Fieldf("statement", "is empty; write what may be said")
	}
	m.ApprovedBy, m.ApprovedAt = in.By, in.At
	return nil
}

func reviseMessage(m *PlanMessage, _ kind.Input) error {
	m.ApprovedBy, m.ApprovedAt = "", Instant{}
	return nil
}

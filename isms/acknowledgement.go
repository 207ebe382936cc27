package isms

import "holdfast/kind"

// An Acknowledgement is the proof that one person read and accepted one version
// of a document, or the request to do so.
type Acknowledgement struct {
	Base
	DocumentVersionID string                `json:"document_version_id" isms:"ref=document_version,required,list,filter,label=document version,immutable"`
	PersonID          string                `json:"person_id"           isms:"ref=person,required,list,filter,label=person,immutable"`
	Status            AcknowledgementStatus `json:"status"              isms:"list,filter,index"`
	Due               Date                  `json:"due"                 isms:"list,filter,index"`
	AcceptedAt        Instant               `json:"accepted_at"         isms:"computed,list"`
	Campaign          string                `json:"campaign"            isms:"filter" doc:"Name of the campaign that asked for it."`
	SHA256            string                `json:"sha256"              isms:"computed" doc:"Hash of the text that was accepted."`
	Remark            Markdown              `json:"remark"              isms:"computed" doc:"Why it was declined or excused."`
	Reminders         int                   `json:"reminders"           isms:"computed" doc:"How often the person was reminded."`
	RemindedAt        Instant               `json:"reminded_at"         isms:"computed"`
}

// AcknowledgementStatus is where an acknowledgement stands.
type AcknowledgementStatus string

// The states of an acknowledgement.
const (
	AcknowledgementAsked    AcknowledgementStatus = "asked"
	AcknowledgementAccepted AcknowledgementStatus = "accepted"
	AcknowledgementDeclined AcknowledgementStatus = "declined"
	AcknowledgementExcused  AcknowledgementStatus = "excused"
)

// Choices lists the states.
func (AcknowledgementStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "asked", Tone: "warn"}, {Value: "accepted", Tone: "good"},
		{Value: "declined", Tone: "high", Doc: "The person does not accept it and says why."},
		{Value: "excused", Tone: "muted", Doc: "It does not concern this person after all."},
	}
}

// Acknowledgements describes the record type.
var Acknowledgements = kind.Of("acknowledgement", kind.Spec[Acknowledgement]{
	Group: kind.Govern, Icon: "success", State: "status", Owner: "person_id", Personal: true, Sort: "due", Parent: "document_version_id",
	Doc:     "That one person read and accepted one version of a document.",
	Prepare: func(a *Acknowledgement) { entitle(&a.Base, "Read and accept", byDay(a.Due)) },
	Actions: []kind.Act[Acknowledgement]{
		{Action: kind.Action{Name: "accept", Label: "I have read and accept it", From: []string{"asked", "declined"}, To: "accepted"},
			Do: func(a *Acknowledgement, in kind.Input) error { a.AcceptedAt, a.Remark = in.At, ""; return nil }},
		{Action: kind.Action{Name: "decline", Label: "I do not accept it", From: []string{"asked"}, To: "declined", Reason: true}, Do: remarkAcknowledgement},
		{Action: kind.Action{Name: "excuse", From: []string{"asked", "declined"}, To: "excused", Needs: kind.Approve, Reason: true}, Do: remarkAcknowledgement},
		{Action: kind.Action{Name: "ask", Label: "Ask again", From: []string{"declined", "excused"}, To: "asked"}},
	},
})

func remarkAcknowledgement(a *Acknowledgement, in kind.Input) error {
	a.Remark = Markdown(in.Reason)
	return nil
}

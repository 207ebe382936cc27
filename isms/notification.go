package isms

import (
	"cmp"

	"holdfast/kind"
)

// A Notification is the duty to tell somebody outside about an incident, with its
// clock, its text and the proof that it was sent.
type Notification struct {
	Base
	IncidentID   string             `json:"incident_id"   isms:"ref=incident,required,list,filter,label=incident,immutable"`
	Recipient    NotifiedParty      `json:"recipient"     isms:"required,list,filter"`
	Status       NotificationStatus `json:"status"        isms:"list,filter,index"`
	DueAt        Instant            `json:"due_at"        isms:"list,filter,index" doc:"The last moment that the law or contract allows."`
	Stage        NotificationStage  `json:"stage"         isms:"list,filter"`
	OwnerID      string             `json:"owner_id"      isms:"ref=person,list,filter,label=owner" doc:"Who sends it."`
	ObligationID string             `json:"obligation_id" isms:"ref=obligation,filter,label=obligation" doc:"The law or contract that demands it."`
	Rule         string             `json:"rule"          isms:"filter" doc:"Which clause, and how the time is counted: GDPR Art. 33, 72 hours."`
	Clock        string             `json:"clock"         isms:"computed,filter,index" doc:"Id of the rule that started it, in the shipped list of legal clocks; empty: a person wrote it."`
	ClockStart   Instant            `json:"clock_start"   doc:"When the clock started: the fact of the incident that the rule names."`
	Name         string             `json:"name"          isms:"search" doc:"Name of the authority, customer or person."`
	Channel      string             `json:"channel"       doc:"Where it is sent: a portal, a mail address, a telephone number."`
	Text         Markdown           `json:"text"          isms:"search,label=draft" doc:"What is told, filled from the record and finished by a person."`
	ApprovedBy   string             `json:"approved_by"   isms:"ref=person,computed"`
	ApprovedAt   Instant            `json:"approved_at"   isms:"computed"`
	SentAt       Instant            `json:"sent_at"       isms:"list"`
	SHA256       string             `json:"sha256"        isms:"computed" doc:"Hash of the text that was sent."`
	Proof        string             `json:"proof"         isms:"label=proof (file)" doc:"Receipt, screen shot, delivery report."`
	Reference    string             `json:"reference"     isms:"filter" doc:"The number under which the recipient keeps it."`
	Remark       Markdown           `json:"remark"        doc:"Why it was sent late, or why it is not needed."`
}

// NotifiedParty is who is told about an incident.
type NotifiedParty string

// Choices lists the parties.
func (NotifiedParty) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "data_protection_authority"}, {Value: "security_authority", Label: "Cyber-security authority or CSIRT"},
		{Value: "sector_regulator"}, {Value: "data_subjects", Label: "People whose data are affected"},
		{Value: "customers"}, {Value: "card_brands", Label: "Card brands and acquirer"}, {Value: "insurer"}, {Value: "police"},
		{Value: "partners", Label: "Partners and suppliers"}, {Value: "investors", Label: "Owners and investors"}, {Value: "staff"}, {Value: "media"},
	}
}

// NotificationStage tells which message of a series it is.
type NotificationStage string

// Choices lists the stages.
func (NotificationStage) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "only", Label: "Only message"}, {Value: "early_warning"}, {Value: "initial", Label: "Notification"},
		{Value: "intermediate", Label: "Intermediate report"}, {Value: "final", Label: "Final report"},
	}
}

// NotificationStatus is where a notification stands.
type NotificationStatus string

// The states of a notification.
const (
	NotificationPending  NotificationStatus = "pending"
	NotificationApproved NotificationStatus = "approved"
	NotificationSent     NotificationStatus = "sent"
	NotificationAnswered NotificationStatus = "answered"
	NotificationWaived   NotificationStatus = "waived"
)

// Choices lists the states.
func (NotificationStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "pending", Tone: "warn", Doc: "The clock runs."}, {Value: "approved", Tone: "info", Doc: "The text may be sent."},
		{Value: "sent", Tone: "good"}, {Value: "answered", Tone: "good", Doc: "The recipient confirmed or asked."},
		{Value: "waived", Tone: "muted", Doc: "Somebody decided that it is not needed."},
	}
}

// Notifications describes the record type.
var Notifications = kind.Of("notification", kind.Spec[Notification]{
	Group: kind.Respond, Icon: "external", State: "status", Owner: "owner_id", Sort: "due_at", Parent: "incident_id",
	Doc: "The duty to tell somebody about an incident, with its clock, its text and the proof of sending.",
	Prepare: func(n *Notification) {
		n.Stage = cmp.Or(n.Stage, "only")
		seal(&n.SHA256, string(n.Text), n.Status == NotificationSent || n.Status == NotificationAnswered)
		entitle(&n.Base, cmp.Or(n.Name, words(n.Recipient)), n.Rule)
	},
	Validate: func(n *Notification) error {
		return complaints(ordered("due_at", n.ClockStart, n.DueAt, "lies before the clock started"),
			refuse(broken(n.SHA256, string(n.Text)), "text", "was sent and cannot be changed; write a further notification"))
	},
	Actions: []kind.Act[Notification]{
		{Action: kind.Action{Name: "approve", Label: "Approve text", From: []string{"pending"}, To: "approved", Needs: kind.Approve}, Do: approveNotification},
		{Action: kind.Action{Name: "revise", Label: "Change text", From: []string{"approved"}, To: "pending"},
			Do: func(n *Notification, _ kind.Input) error { n.ApprovedBy, n.ApprovedAt = "", Instant{}; return nil }},
		{Action: kind.Action{Name: "send", Label: "Sent", From: []string{"approved"}, To: "sent", Doc: "Say by what means; attach the proof."}, Do: sendNotification},
		{Action: kind.Action{Name: "answer", Label: "Answer received", From: []string{"sent"}, To: "answered"}},
		{Action: kind.Action{Name: "waive", Label: "Not needed", From: []string{"pending", "approved"}, To: "waived", Needs: kind.Approve, Reason: true, Danger: true},
			Do: func(n *Notification, in kind.Input) error { n.Remark = Markdown(in.Reason); return nil }},
		{Action: kind.Action{Name: "reopen", Label: "Needed after all", From: []string{"waived"}, To: "pending"}},
	},
})

func approveNotification(n *Notification, in kind.Input) error {
	if n.Text == "" {
		return kind.Fieldf("text", "is empty; write what is told")
	}
	n.ApprovedBy, n.ApprovedAt = in.By, in.At
	return nil
}

func sendNotification(n *Notification, in kind.Input) error {
	if n.SentAt.IsZero() {
		n.SentAt = in.At
	}
	if in.Reason != "" {
		n.Remark = Markdown(in.Reason)
	}
	return nil
}

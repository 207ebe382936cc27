package isms

import "holdfast/kind"

// A Concern is what somebody noticed and found odd: a strange mail, a lost
// badge, a stranger in the corridor. Nobody needs to know whether it is serious.
type Concern struct {
	Base
	Category   ConcernCategory `json:"category"    isms:"list,filter"`
	Status     ConcernStatus   `json:"status"      isms:"list,filter"`
	What       Markdown        `json:"what"        isms:"required,search" doc:"What happened, in your own words."`
	At         Instant         `json:"at"          isms:"list,label=when" doc:"When it was noticed."`
	Place      string          `json:"place"       isms:"search" doc:"Where: a room, a system, a mailbox."`
	Blob       string          `json:"blob"        isms:"label=file" doc:"A picture of the screen, the mail."`
	ReporterID string          `json:"reporter_id" isms:"ref=person,list,filter,label=reporter,immutable" doc:"Empty when it was reported without a name."`
	HandlerID  string          `json:"handler_id"  isms:"ref=person,list,filter,label=handler" doc:"Who looks into it."`
	AlertID    string          `json:"alert_id"    isms:"ref=alert,filter,label=alert" doc:"The alert that it raised."`
	IncidentID string          `json:"incident_id" isms:"ref=incident,filter,label=incident" doc:"The incident that follows it up."`
	Receipt    string          `json:"receipt"     isms:"hidden,computed,index" doc:"Hash of the number with which the reporter looks at the answer."`
	Answer     Markdown        `json:"answer"      doc:"What the reporter is told; an answer is what makes people report again."`
	AnsweredAt Instant         `json:"answered_at" isms:"computed"`
}

// ConcernCategory tells roughly what a concern is about.
type ConcernCategory string

// Choices lists the categories.
func (ConcernCategory) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "unsure", Label: "I do not know"}, {Value: "mail_or_message"}, {Value: "lost_or_stolen"},
		{Value: "account", Label: "Account or password"}, {Value: "system", Label: "System behaves strangely"}, {Value: "data", Label: "Data where it should not be"},
		{Value: "person_or_place", Label: "Person or place"}, {Value: "mistake", Label: "I made a mistake", Doc: "Telling it early is always right."},
		{Value: "weakness", Doc: "Something that could be misused."},
	}
}

// ConcernStatus is where a concern stands.
type ConcernStatus string

// Choices lists the states.
func (ConcernStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "reported", Tone: "warn"}, {Value: "checking", Tone: "info"},
		{Value: "confirmed", Tone: "high", Doc: "It was serious; an alert or incident follows it up."},
		{Value: "answered", Tone: "good", Doc: "It was harmless, and the reporter knows."},
	}
}

// Concerns describes the record type.
var Concerns = kind.Of("concern", kind.Spec[Concern]{
	Group: kind.Detect, Label: "Report of something odd", Icon: "chat", State: "status", Owner: "reporter_id", Personal: true, Sort: "-created_at",
	Doc: "What somebody noticed and found odd, with a name or without.",
	Prepare: func(c *Concern) {
		if c.Category == "" {
			c.Category = "unsure"
		}
		entitle(&c.Base, firstLine(string(c.What)))
	},
	Actions: []kind.Act[Concern]{
		{Action: kind.Action{Name: "check", Label: "Look into it", From: []string{"reported"}, To: "checking"},
			Do: func(c *Concern, in kind.Input) error { c.HandlerID = in.By; return nil }},
		{Action: kind.Action{Name: "confirm", Label: "It is serious", From: []string{"reported", "checking", "answered"}, To: "confirmed"}},
		{Action: kind.Action{Name: "answer", From: []string{"reported", "checking", "confirmed"}, To: "answered", Reason: true,
			Doc: "What you write is shown to the reporter."},
			Do: func(c *Concern, in kind.Input) error {
				c.Answer, c.AnsweredAt = Markdown(in.Reason), in.At
				return nil
			}},
	},
})

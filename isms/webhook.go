package isms

import (
	"regexp"

	"holdfast/kind"
)

// A Webhook tells another system what happens here. Each message is signed, as
// Standard Webhooks demands. The address is checked again at every delivery.
type Webhook struct {
	Base
	URL          string        `json:"url"           isms:"required,list,search" doc:"Where messages are sent."`
	Events       []string      `json:"events"        isms:"list" doc:"KIND.WHAT, such as finding.created or risk.*; empty: everything."`
	Status       WebhookStatus `json:"status"        isms:"list,filter"`
	Secret       string        `json:"secret"        isms:"hidden,computed" doc:"Encrypted key of the signature, shown once."`
	OwnerID      string        `json:"owner_id"      isms:"ref=person,filter,label=owner" doc:"Who is told when it fails."`
	LastDelivery Instant       `json:"last_delivery" isms:"computed,list"`
	LastAnswer   string        `json:"last_answer"   isms:"computed,list" doc:"What came back: the HTTP status or the error."`
	Failures     int           `json:"failures"      isms:"computed,list" doc:"Deliveries that failed since the last success."`
	Note         Markdown      `json:"note"`
}

// WebhookStatus is whether messages are sent.
type WebhookStatus string

// The states of a webhook.
const (
	WebhookActive  WebhookStatus = "active"
	WebhookPaused  WebhookStatus = "paused"
	WebhookFailing WebhookStatus = "failing"
)

// Choices lists the states.
func (WebhookStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "active", Tone: "good"}, {Value: "paused", Tone: "muted"},
		{Value: "failing", Tone: "warn", Doc: "Stopped, because nothing arrived for too long."},
	}
}

var eventName = shape{regexp.MustCompile(`^(\*|[a-z][a-z_]*)\.(\*|[a-z][a-z_]*)$`), "has an entry that is not KIND.WHAT, such as finding.created"}

// Webhooks describes the record type.
var Webhooks = kind.Of("webhook", kind.Spec[Webhook]{
	Group: kind.System, Icon: "external", State: "status", Owner: "owner_id", Sort: "title",
	Doc: "Tells another system what happens here, with signed messages.",
	Prepare: func(w *Webhook) {
		entitle(&w.Base, w.URL)
	},
	Validate: func(w *Webhook) error {
		for _, e := range w.Events {
			if err := refuse(!eventName.pattern.MatchString(e), "events", eventName.hint); err != nil {
				return err
			}
		}
		return webAddress("url", w.URL, "https", "http")
	},
	Actions: []kind.Act[Webhook]{
		{Action: kind.Action{Name: "pause", From: []string{"active", "failing"}, To: "paused"}},
		{Action: kind.Action{Name: "resume", From: []string{"paused", "failing"}, To: "active"},
			Do: func(w *Webhook, _ kind.Input) error { w.Failures = 0; return nil }},
		{Action: kind.Action{Name: "fail", Label: "Mark as failing", From: []string{"active"}, To: "failing", Needs: kind.Admin, Doc: "Done by the product after many failures."}},
	},
})

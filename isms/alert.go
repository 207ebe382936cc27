package isms

import (
	"time"

	"holdfast/kind"
)

// An Alert is something that rang and that a person should look at. Its title
// says in one sentence what happened. Equal alerts are one, which counts.
type Alert struct {
	Base
	Severity        Severity     `json:"severity"            isms:"required,list,filter,index"`
	Status          AlertStatus  `json:"status"              isms:"list,filter,index"`
	AssetID         string       `json:"asset_id"            isms:"ref=asset,list,filter,label=asset"`
	Actor           string       `json:"actor"               isms:"list,filter,search,index,label=actor address" doc:"From where it came: an address, an account."`
	LastSeen        Instant      `json:"last_seen"           isms:"list,filter,index"`
	Count           int          `json:"count"               isms:"list" doc:"How often it happened."`
	Score           float64      `json:"score"               isms:"list,index" doc:"Level of the rule, weighed by criticality and position of the asset, 0 to 100."`
	Why             Markdown     `json:"why"                 isms:"search,label=why it matters here"`
	FirstStep       Markdown     `json:"first_step"          doc:"What to do first."`
	FirstSeen       Instant      `json:"first_seen"          isms:"index"`
	Source          AlertSource  `json:"source"              isms:"filter,index" doc:"What noticed it."`
	EventSourceID   string       `json:"event_source_id"     isms:"ref=event_source,filter,label=event source"`
	RuleID          string       `json:"rule_id"             isms:"ref=detection_rule,filter,label=rule"`
	TrapID          string       `json:"trap_id"             isms:"ref=trap,filter,label=trap"`
	IndicatorID     string       `json:"threat_indicator_id" isms:"ref=threat_indicator,filter,label=indicator of compromise"`
	IncidentID      string       `json:"incident_id"         isms:"ref=incident,filter,label=incident" doc:"The incident that it became part of."`
	OwnerID         string       `json:"owner_id"            isms:"ref=person,filter,label=assignee" doc:"Who looks at it."`
	Fingerprint     string       `json:"fingerprint"         isms:"filter,index,immutable" doc:"Equal for alerts that are the same: rule or trap, asset, actor."`
	Techniques      []string     `json:"techniques"          isms:"filter" doc:"MITRE ATT&CK ids."`
	Events          string       `json:"events"              isms:"computed,label=events (file)" doc:"The events that matched, kept as evidence."`
	SHA256          string       `json:"sha256"              isms:"computed" doc:"Hash of the events that matched."`
	AcknowledgedAt  Instant      `json:"acknowledged_at"     isms:"computed"`
	ClosedAt        Instant      `json:"closed_at"           isms:"computed"`
	SuppressedUntil Date         `json:"suppressed_until"    isms:"filter" doc:"Until then it only counts and calls nobody."`
	Verdict         AlertVerdict `json:"verdict"             isms:"filter" doc:"What it turned out to be."`
	Note            Markdown     `json:"note"                isms:"search" doc:"What was found when somebody looked, or why it is suppressed."`
}

// AlertSource is what noticed something.
type AlertSource string

// Choices lists the sources.
func (AlertSource) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "rule"}, {Value: "trap"}, {Value: "indicator", Label: "Indicator of compromise"},
		{Value: "silence", Doc: "A source that stopped talking."},
		{Value: "person", Doc: "Somebody reported something odd."}, {Value: "external", Doc: "Another system, a partner, an authority."},
	}
}

// AlertVerdict is what an alert turned out to be.
type AlertVerdict string

// Choices lists the verdicts.
func (AlertVerdict) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "attack", Tone: "critical"}, {Value: "policy_breach", Tone: "high", Doc: "One of us did what is not allowed."},
		{Value: "harmless", Tone: "muted", Doc: "It happened, and it was all right."},
		{Value: "false_alarm", Tone: "muted", Doc: "It did not happen; the rule is wrong."},
		{Value: "test", Tone: "info"},
	}
}

// AlertStatus is where an alert stands.
type AlertStatus string

// The states of an alert.
const (
	AlertNew          AlertStatus = "new"
	AlertAcknowledged AlertStatus = "acknowledged"
	AlertEscalated    AlertStatus = "escalated"
	AlertSuppressed   AlertStatus = "suppressed"
	AlertClosed       AlertStatus = "closed"
)

// Choices lists the states.
func (AlertStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "new", Tone: "warn", Doc: "Nobody has looked yet."}, {Value: "acknowledged", Tone: "info", Doc: "Somebody is looking."},
		{Value: "escalated", Tone: "critical", Doc: "Part of an incident."},
		{Value: "suppressed", Tone: "muted", Doc: "Known; it only counts until a date."}, {Value: "closed", Tone: "good"},
	}
}

// SuppressionDays is how long an alert stays suppressed when nobody named a day.
const SuppressionDays = 30

// Alerts describes the record type.
var Alerts = kind.Of("alert", kind.Spec[Alert]{
	Group: kind.Detect, Icon: "bell", State: "status", Owner: "owner_id", Sort: "-last_seen",
	Doc: "Something that rang: what happened, why it matters here, and what to do first.",
	Prepare: func(a *Alert) {
		a.Count = max(a.Count, 1)
		if a.LastSeen.Before(a.FirstSeen) {
			a.LastSeen = a.FirstSeen
		}
	},
	Validate: func(a *Alert) error {
		return complaints(within("score", a.Score, 0, 100),
			refuse(a.Status == AlertSuppressed && a.SuppressedUntil == "", "suppressed_until", "is needed while it is suppressed"))
	},
	Links: []kind.Link{
		{Name: "same story as", To: "alert", Inverse: "same story"},
		{Name: "shows", To: "risk", Inverse: "shown by", Doc: "The scenario that seems to happen."},
		{Name: "evidenced by", To: "evidence", Inverse: "proves alert"},
	},
	Actions: []kind.Act[Alert]{
		{Action: kind.Action{Name: "acknowledge", Label: "I am looking", From: []string{"new", "suppressed"}, To: "acknowledged"}, Do: acknowledgeAlert},
		{Action: kind.Action{Name: "escalate", Label: "Make it an incident", From: []string{"new", "acknowledged", "suppressed"}, To: "escalated", Danger: true},
			Do: acknowledgeAlert},
		{Action: kind.Action{Name: "suppress", From: []string{"new", "acknowledged"}, To: "suppressed", Reason: true,
			Doc: "It goes on counting, but calls nobody until a date."}, Do: suppressAlert},
		{Action: kind.Action{Name: "close", From: []string{"new", "acknowledged", "escalated", "suppressed"}, To: "closed", Reason: true}, Do: closeAlert},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"escalated", "suppressed", "closed"}, To: "new"}, Do: reopenAlert},
	},
})

// acknowledgeAlert starts no second clock and takes the alert from nobody.
func acknowledgeAlert(a *Alert, in kind.Input) error {
	if a.AcknowledgedAt.IsZero() {
		a.AcknowledgedAt = in.At
	}
	if a.OwnerID == "" {
		a.OwnerID = in.By
	}
	a.SuppressedUntil = ""
	return nil
}

func suppressAlert(a *Alert, in kind.Input) error {
	a.SuppressedUntil = in.Until
	if a.SuppressedUntil == "" {
		a.SuppressedUntil = kind.DateOf(in.At.AddDate(0, 0, SuppressionDays))
	}
	a.Note = Markdown(in.Reason)
	return nil
}

func closeAlert(a *Alert, in kind.Input) error {
	a.ClosedAt, a.Note, a.SuppressedUntil = in.At, Markdown(in.Reason), ""
	return nil
}

func reopenAlert(a *Alert, _ kind.Input) error {
	a.AcknowledgedAt, a.ClosedAt, a.SuppressedUntil, a.Verdict = time.Time{}, time.Time{}, "", ""
	return nil
}

package isms

import (
	"cmp"
	"regexp"

	"holdfast/kind"
)

// An AlertRoute says who is called about which alerts, by what means, and who is
// called when nobody answers.
type AlertRoute struct {
	Base
	Status        RouteStatus  `json:"status"         isms:"list,filter"`
	MinSeverity   Severity     `json:"min_severity"   isms:"list,filter,label=from severity" doc:"Alerts at least as bad as this."`
	Zone          string       `json:"zone"           isms:"filter" doc:"Only alerts on assets of this zone; empty: all."`
	Channel       AlertChannel `json:"channel"        isms:"required,list,filter"`
	Address       string       `json:"address"        doc:"Mail address, web address or host; empty: the mail address of the person."`
	PersonID      string       `json:"person_id"      isms:"ref=person,list,filter,label=person"`
	TeamID        string       `json:"team_id"        isms:"ref=team,list,filter,label=team"`
	QuietFrom     string       `json:"quiet_from"     doc:"Time of day from which only critical alerts call, as 22:00."`
	QuietUntil    string       `json:"quiet_until"    doc:"Time of day until which only critical alerts call, as 07:00."`
	EscalateAfter int          `json:"escalate_after" isms:"list,unit=minutes" doc:"When nobody acknowledges within this time, the next one is called; 0: never."`
	NextID        string       `json:"next_id"        isms:"ref=alert_route,label=then" doc:"The route taken when nobody answers."`
	LastUsed      Instant      `json:"last_used"      isms:"computed" doc:"When it last called somebody."`
	Failures      int          `json:"failures"       isms:"computed" doc:"Calls in a row that did not arrive."`
}

// AlertChannel is the means by which people are called.
type AlertChannel string

// Choices lists the channels.
func (AlertChannel) Choices() []kind.Choice {
	return []kind.Choice{{Value: "mail"}, {Value: "webhook"}, {Value: "chat"}, {Value: "syslog"}}
}

// RouteStatus tells whether a route is used.
type RouteStatus string

// Choices lists the states.
func (RouteStatus) Choices() []kind.Choice {
	return []kind.Choice{{Value: "active", Tone: "good"}, {Value: "paused", Tone: "warn", Doc: "Nobody is called by it."}}
}

var timeOfDay = shape{regexp.MustCompile(`^([01][0-9]|2[0-3]):[0-5][0-9]$`), "is a time of day, such as 22:00"}

// AlertRoutes describes the record type.
var AlertRoutes = kind.Of("alert_route", kind.Spec[AlertRoute]{
	Group: kind.Detect, Icon: "chat", State: "status", Sort: "title",
	Doc:     "Who is called about which alerts, by what means, and who comes next.",
	Prepare: func(r *AlertRoute) { r.MinSeverity = cmp.Or(r.MinSeverity, SeverityHigh) },
	Validate: func(r *AlertRoute) error {
		return complaints(notNegative("escalate_after", r.EscalateAfter), notItself(&r.Base, "next_id", r.NextID),
			timeOfDay.check("quiet_from", r.QuietFrom), timeOfDay.check("quiet_until", r.QuietUntil),
			refuse((r.QuietFrom == "") != (r.QuietUntil == ""), "quiet_until", "needs both the beginning and the end"),
			refuse(r.Address == "" && r.PersonID == "" && r.TeamID == "", "address", "name an address, a person or a team"))
	},
	Actions: []kind.Act[AlertRoute]{
		{Action: kind.Action{Name: "pause", From: []string{"active"}, To: "paused", Reason: true, Danger: true}},
		{Action: kind.Action{Name: "resume", From: []string{"paused"}, To: "active"}},
	},
})

package isms

import (
	"cmp"

	"holdfast/kind"
)

// An EventSource is where events come from: a log that is sent or followed. The
// events themselves are no records; they live in the event store.
type EventSource struct {
	Base
	Transport    Transport    `json:"transport"     isms:"required,list,filter" doc:"How the events arrive."`
	Format       EventFormat  `json:"format"        isms:"list,filter" doc:"How a line is read."`
	Status       SourceStatus `json:"status"        isms:"list,filter"`
	AssetID      string       `json:"asset_id"      isms:"ref=asset,list,filter,label=asset" doc:"What it tells about; empty: each event names its own."`
	OwnerID      string       `json:"owner_id"      isms:"ref=person,filter,label=owner"`
	LastSeen     Instant      `json:"last_seen"     isms:"computed,list" doc:"When the last event arrived."`
	PerDay       float64      `json:"per_day"       isms:"computed,list,unit=per day,label=events per day"`
	Dropped      int64        `json:"dropped"       isms:"computed" doc:"Events left out by its own limits since it was set up."`
	SilentAfter  int          `json:"silent_after"  isms:"unit=minutes" doc:"After so long without an event it counts as silent, which is an alert; 0: a day."`
	Address      string       `json:"address"       doc:"Where to listen, or the file to follow."`
	Token        string       `json:"token"         isms:"hidden" doc:"Hash of the secret with which a sender proves itself."`
	Certificate  string       `json:"certificate"   doc:"SHA-256 fingerprint of the certificate of the sender."`
	Senders      []string     `json:"senders"       doc:"Networks from which events are accepted; empty: any."`
	Product      string       `json:"product"       isms:"filter" doc:"As rules name it: windows, linux, aws."`
	Service      string       `json:"service"       isms:"filter" doc:"As rules name it: sshd, auth, cloudtrail."`
	Category     string       `json:"category"      isms:"filter" doc:"As rules name it: process_creation, firewall, webserver."`
	RateLimit    int          `json:"rate_limit"    isms:"unit=per second" doc:"More than this is counted and left out; 0: no limit."`
	KeepDays     int          `json:"keep_days"     isms:"unit=days" doc:"How long its events are kept; 0: as all others."`
	PersonalData bool         `json:"personal_data" isms:"filter" doc:"Its events tell about people; keep them no longer than needed."`
	TimeZone     string       `json:"time_zone"     doc:"Of times without a zone, as in Europe/London; empty: UTC."`
	Note         Markdown     `json:"note"          isms:"search" doc:"How it was set up on the other side."`
}

// Transport is how events arrive.
type Transport string

// Choices lists the transports.
func (Transport) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "syslog_udp", Label: "Syslog over UDP", Doc: "May lose lines; prefer TLS."},
		{Value: "syslog_tcp", Label: "Syslog over TCP"}, {Value: "syslog_tls", Label: "Syslog over TLS"},
		{Value: "syslog_relp", Label: "Syslog over RELP", Doc: "The only syslog that is acknowledged: each message is there once."},
		{Value: "syslog_relp_tls", Label: "Syslog over RELP and TLS", Doc: "Acknowledged and encrypted: for networks that others can read."},
		{Value: "http", Label: "HTTP", Doc: "JSON lines sent to an address with a token."},
		{Value: "file", Label: "File", Doc: "Followed as it grows, also when it is rotated."},
		{Value: "trap", Label: "Traps", Doc: "The traps of the product itself."},
		{Value: "import", Label: "Import", Doc: "Files handed over by a person."},
	}
}

// EventFormat is how a line of events is read.
type EventFormat string

// Choices lists the formats.
func (EventFormat) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "auto", Label: "Recognise it"},
		{Value: "syslog", Label: "Syslog (RFC 5424, RFC 3164)"},
		{Value: "ocsf", Label: "OCSF"}, {Value: "ecs", Label: "Elastic Common Schema"},
		{Value: "cloudtrail", Label: "AWS CloudTrail"}, {Value: "windows", Label: "Windows event JSON"},
		{Value: "zeek", Label: "Zeek"}, {Value: "suricata", Label: "Suricata EVE"},
		{Value: "auditd", Label: "Linux audit"}, {Value: "journald", Label: "Journal export"},
		{Value: "access_log", Label: "Web access log"}, {Value: "json", Label: "Other JSON lines"}, {Value: "text", Label: "Plain text"},
	}
}

// SourceStatus is where an event source stands.
type SourceStatus string

// The states of an event source.
const (
	SourceWaiting  SourceStatus = "waiting"
	SourceActive   SourceStatus = "active"
	SourceSilent   SourceStatus = "silent"
	SourceDisabled SourceStatus = "disabled"
)

// Choices lists the states.
func (SourceStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "waiting", Tone: "info", Doc: "Set up; nothing has arrived yet."},
		{Value: "active", Tone: "good"},
		{Value: "silent", Tone: "warn", Doc: "Nothing arrives any more: nobody would notice what happens there."},
		{Value: "disabled", Tone: "muted"},
	}
}

// EventSources describes the record type.
var EventSources = kind.Of("event_source", kind.Spec[EventSource]{
	Group: kind.Detect, Icon: "detect", State: "status", Owner: "owner_id", Sort: "title",
	Doc:     "Where events come from, how they are read, and when the last one arrived.",
	Prepare: func(s *EventSource) { s.Format = cmp.Or(s.Format, "auto") },
	Validate: func(s *EventSource) error {
		return complaints(notNegative("silent_after", s.SilentAfter), notNegative("rate_limit", s.RateLimit),
			notNegative("keep_days", s.KeepDays), zoneName.check("time_zone", s.TimeZone),
			refuse(s.Transport == "file" && s.Address == "", "address", "names the file to follow"))
	},
	Actions: []kind.Act[EventSource]{
		{Action: kind.Action{Name: "hear", Label: "Mark as active", From: []string{"waiting", "silent"}, To: "active", Doc: "Events arrive again."}},
		{Action: kind.Action{Name: "miss", Label: "Mark as silent", From: []string{"waiting", "active"}, To: "silent"}},
		{Action: kind.Action{Name: "disable", From: []string{"waiting", "active", "silent"}, To: "disabled", Reason: true, Danger: true,
			Doc: "Its events are refused; nobody notices what happens there."}},
		{Action: kind.Action{Name: "enable", From: []string{"disabled"}, To: "waiting"}},
	},
})

package isms

import (
	"cmp"
	"strings"

	"holdfast/kind"
)

// A ThreatIndicator is a mark by which an attack is recognised: an address, a
// domain, a hash. People keep the few that matter to them here; large feeds stay
// in the index of package feed. Not to be confused with a key indicator.
type ThreatIndicator struct {
	Base
	Type       ThreatIndicatorType   `json:"type"        isms:"required,list,filter"`
	Value      string                `json:"value"       isms:"required,list,filter,search,index" doc:"What to look for, exactly."`
	Status     ThreatIndicatorStatus `json:"status"      isms:"list,filter,index"`
	Confidence int                   `json:"confidence"  isms:"list,unit=percent" doc:"How sure the source is, 0 to 100."`
	Severity   Severity              `json:"severity"    isms:"filter" doc:"How bad a sighting is."`
	ValidFrom  Instant               `json:"valid_from"`
	ValidUntil Instant               `json:"valid_until" isms:"list,filter" doc:"Attackers move on; afterwards it says nothing any more."`
	ActorID    string                `json:"actor_id"    isms:"ref=threat_actor,filter,label=threat actor"`
	Campaign   string                `json:"campaign"    isms:"filter,search" doc:"Malware family or campaign."`
	Techniques []string              `json:"techniques"  isms:"filter" doc:"MITRE ATT&CK ids."`
	Source     string                `json:"source"      isms:"filter" doc:"Who told us: a feed, an authority, an incident of our own."`
	Sharing    TrafficLight          `json:"sharing"     isms:"filter,label=may be shared (TLP)"`
	Pattern    string                `json:"pattern"     doc:"The same as a STIX pattern, as it came."`
	ExternalID string                `json:"external_id" isms:"filter,index" doc:"Identity at the source: a STIX or MISP id."`
	Sightings  int                   `json:"sightings"   isms:"computed,list" doc:"How often it was seen here."`
	LastSeen   Instant               `json:"last_seen"   isms:"computed" doc:"When it was last seen here."`
	Note       Markdown              `json:"note"        isms:"search"`
}

// ThreatIndicatorType tells what an indicator looks like.
type ThreatIndicatorType string

// Choices lists the types.
func (ThreatIndicatorType) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "address", Doc: "An IPv4 or IPv6 address."}, {Value: "network", Doc: "A range of addresses: 192.0.2.0/24."},
		{Value: "domain", Doc: "With everything below it."}, {Value: "url", Label: "URL"},
		{Value: "md5", Label: "MD5"}, {Value: "sha1", Label: "SHA-1"}, {Value: "sha256", Label: "SHA-256"},
		{Value: "email", Label: "Mail address"}, {Value: "user_agent"}, {Value: "file_name"}, {Value: "certificate", Doc: "SHA-256 fingerprint."},
		{Value: "other", Doc: "Only the STIX pattern says what."},
	}
}

// TrafficLight tells with whom information may be shared (FIRST, Traffic Light
// Protocol 2.0).
type TrafficLight string

// Choices lists the labels, most open first.
func (TrafficLight) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "clear", Label: "TLP:CLEAR", Doc: "With anybody."},
		{Value: "green", Label: "TLP:GREEN", Doc: "Within the community."},
		{Value: "amber", Label: "TLP:AMBER", Doc: "Within the organisation and with its clients who need it."},
		{Value: "amber_strict", Label: "TLP:AMBER+STRICT", Doc: "Within the organisation only."},
		{Value: "red", Label: "TLP:RED", Doc: "With nobody else."},
	}
}

// ThreatIndicatorStatus tells whether an indicator is looked for.
type ThreatIndicatorStatus string

// Choices lists the states.
func (ThreatIndicatorStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "active", Tone: "good", Doc: "Every event is compared with it."},
		{Value: "expired", Tone: "muted"},
		{Value: "revoked", Tone: "muted", Doc: "It was wrong; its source took it back."},
	}
}

// hashLengths are the digits of a hash in hexadecimal.
var hashLengths = map[ThreatIndicatorType]int{"md5": 32, "sha1": 40, "sha256": 64, "certificate": 64}

// caseless are the types whose values mean the same in small letters.
var caseless = map[ThreatIndicatorType]bool{
	"address": true, "network": true, "domain": true, "md5": true, "sha1": true, "sha256": true, "certificate": true, "email": true,
}

// ThreatIndicators describes the record type.
var ThreatIndicators = kind.Of("threat_indicator", kind.Spec[ThreatIndicator]{
	Group: kind.Detect, Label: "Indicator of compromise", Icon: "bookmark", State: "status", Sort: "-updated_at",
	Doc:      "A mark by which an attack is recognised: an address, a domain, a hash.",
	Prepare:  prepareThreatIndicator,
	Validate: validateThreatIndicator,
	Links: []kind.Link{
		{Name: "found in", To: "incident", Inverse: "left behind"},
	},
	Actions: []kind.Act[ThreatIndicator]{
		{Action: kind.Action{Name: "expire", From: []string{"active"}, To: "expired"},
			Do: func(t *ThreatIndicator, in kind.Input) error { t.ValidUntil = in.At; return nil }},
		{Action: kind.Action{Name: "revoke", From: []string{"active", "expired"}, To: "revoked", Reason: true}},
		{Action: kind.Action{Name: "activate", Label: "Look for it again", From: []string{"expired", "revoked"}, To: "active"},
			Do: func(t *ThreatIndicator, _ kind.Input) error { t.ValidUntil = Instant{}; return nil }},
	},
})

// prepareThreatIndicator writes the value in the one form by which it is looked up.
func prepareThreatIndicator(t *ThreatIndicator) {
	t.Severity = cmp.Or(t.Severity, SeverityMedium)
	t.Sharing = cmp.Or(t.Sharing, "amber")
	if caseless[t.Type] {
		t.Value = strings.ToLower(t.Value)
	}
	if t.Type == "domain" {
		t.Value = strings.TrimSuffix(t.Value, ".")
	}
	entitle(&t.Base, t.Value)
}

func validateThreatIndicator(t *ThreatIndicator) error {
	n := hashLengths[t.Type]
	return complaints(
		within("confidence", t.Confidence, 0, 100),
		ordered("valid_until", t.ValidFrom, t.ValidUntil, "lies before the beginning"),
		refuse(n > 0 && !isHex(t.Value, n), "value", "is not a hash of that type in hexadecimal"),
		refuse(t.Type == "address" && !isAddress(t.Value), "value", "is not an address, such as 192.0.2.7 or 2001:db8::7"),
		refuse(t.Type == "network" && !isNetwork(t.Value), "value", "is not a network, such as 192.0.2.0/24"),
	)
}

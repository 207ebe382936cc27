package isms

import (
	"cmp"

	"holdfast/kind"
)

// A DetectionRule says which events, alone or together, deserve an alert. Its
// text is a Sigma rule or a Sigma correlation.
type DetectionRule struct {
	Base
	Status      RuleStatus   `json:"status"        isms:"list,filter,index"`
	Level       Severity     `json:"level"         isms:"list,filter,index" doc:"How bad a hit is; informational rules have none."`
	Maturity    RuleMaturity `json:"maturity"      isms:"list,filter" doc:"How well its author trusts it."`
	Type        RuleType     `json:"type"          isms:"filter" doc:"About one event, or about several together."`
	Body        Markdown     `json:"body"          isms:"required,label=rule" doc:"The rule as Sigma YAML."`
	Description Markdown     `json:"description"   isms:"search"`
	RuleID      string       `json:"rule_id"       isms:"filter,index,label=Sigma id" doc:"The id in the text of the rule, by which other rules refer to it."`
	Product     string       `json:"product"       isms:"filter" doc:"Of the log source of the rule."`
	Service     string       `json:"service"       isms:"filter" doc:"Of the log source of the rule."`
	Category    string       `json:"category"      isms:"filter" doc:"Of the log source of the rule."`
	Techniques  []string     `json:"techniques"    isms:"list,filter" doc:"MITRE ATT&CK ids of what it notices."`
	Doubts      Markdown     `json:"doubts"        isms:"label=false positives" doc:"What harmless thing may look the same."`
	FirstStep   Markdown     `json:"first_step"    doc:"What to do first when it rings."`
	Escalate    bool         `json:"escalate"      isms:"filter" doc:"A hit opens an incident at once."`
	OwnerID     string       `json:"owner_id"      isms:"ref=person,filter,label=owner"`
	PlaybookID  string       `json:"playbook_id"   isms:"ref=playbook,filter,label=playbook" doc:"What to follow when it becomes an incident."`
	Author      string       `json:"author"        isms:"search"`
	Licence     string       `json:"licence"       doc:"Under which the rule may be used."`
	References  []string     `json:"references"`
	Hits        int          `json:"hits"          isms:"computed" doc:"Alerts that it raised so far."`
	FalseAlarms int          `json:"false_alarms"  isms:"computed" doc:"How many of them were closed as false alarms."`
	LastHit     Instant      `json:"last_hit"      isms:"computed,list"`
	ProvedOn    Date         `json:"proved_on"     isms:"list,filter" doc:"When it last rang in a test, so that one knows it works."`
	Complaint   string       `json:"complaint"     isms:"computed" doc:"Why it cannot run; empty: it can."`
}

// RuleType tells what a rule looks at.
type RuleType string

// Choices lists the types.
func (RuleType) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "single", Label: "One event"},
		{Value: "correlation", Label: "Several events together", Doc: "Counts or sequences of what other rules match."},
	}
}

// RuleMaturity is the status of a rule in the words of Sigma.
type RuleMaturity string

// Choices lists the words.
func (RuleMaturity) Choices() []kind.Choice {
	return kind.Words("stable", "test", "experimental", "deprecated", "unsupported")
}

// RuleStatus tells whether a rule runs.
type RuleStatus string

// The states of a rule.
const (
	RuleDraft    RuleStatus = "draft"
	RuleTesting  RuleStatus = "testing"
	RuleActive   RuleStatus = "active"
	RuleDisabled RuleStatus = "disabled"
)

// Choices lists the states.
func (RuleStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "draft", Tone: "info"},
		{Value: "testing", Tone: "info", Doc: "Its hits are counted, but nobody is called."},
		{Value: "active", Tone: "good"}, {Value: "disabled", Tone: "muted"},
	}
}

// DetectionRules describes the record type.
var DetectionRules = kind.Of("detection_rule", kind.Spec[DetectionRule]{
	Group: kind.Detect, Icon: "filter", State: "status", Owner: "owner_id", Sort: "title",
	Doc: "Which events, alone or together, deserve an alert, as a Sigma rule.",
	Prepare: func(r *DetectionRule) {
		r.Type = cmp.Or(r.Type, "single")
		r.Level = cmp.Or(r.Level, SeverityMedium)
		r.Maturity = cmp.Or(r.Maturity, "experimental")
	},
	Links: []kind.Link{
		{Name: "reads", To: "event_source", Inverse: "read by"},
		{Name: "notices", To: "threat_vector", Inverse: "noticed by"},
		{Name: "part of", To: "safeguard", Inverse: "watches with", Doc: "The detective safeguard that it serves."},
	},
	Actions: []kind.Act[DetectionRule]{
		{Action: kind.Action{Name: "try", Label: "Try without alarm", From: []string{"draft", "active", "disabled"}, To: "testing"}, Do: mustRun},
		{Action: kind.Action{Name: "activate", From: []string{"draft", "testing", "disabled"}, To: "active"}, Do: mustRun},
		{Action: kind.Action{Name: "disable", From: []string{"testing", "active"}, To: "disabled", Reason: true}},
		{Action: kind.Action{Name: "prove", Label: "It rang in a test", From: []string{"testing", "active"}},
			Do: func(r *DetectionRule, in kind.Input) error { r.ProvedOn = kind.DateOf(in.At); return nil }},
	},
})

// mustRun keeps rules that the engine could not read out of operation.
func mustRun(r *DetectionRule, _ kind.Input) error {
	return refuse(r.Complaint != "", "body", "cannot run: "+r.Complaint)
}

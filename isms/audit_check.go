package isms

import (
	"cmp"

	"holdfast/kind"
)

// An AuditCheck is one question of an audit: what was asked, how much of it was
// looked at, and what was found.
type AuditCheck struct {
	Base
	AuditID       string           `json:"audit_id"       isms:"ref=audit,required,filter,label=audit,immutable"`
	RequirementID string           `json:"requirement_id" isms:"ref=requirement,list,filter,label=requirement"`
	SafeguardID   string           `json:"safeguard_id"   isms:"ref=safeguard,filter,label=safeguard"`
	Status        AuditCheckStatus `json:"status"         isms:"list,filter"`
	AuditorID     string           `json:"auditor_id"     isms:"ref=person,list,filter,label=auditor"`
	Question      Markdown         `json:"question"       isms:"search" doc:"What is asked or looked at."`
	Interviewed   []string         `json:"interviewed"    isms:"search" doc:"With whom the auditor talked."`
	Population    int              `json:"population"     doc:"How many there are in all: changes, joiners, servers."`
	SampleSize    int              `json:"sample_size"    isms:"list" doc:"How many of them were looked at."`
	Sample        []string         `json:"sample"         doc:"Which ones, by name or id."`
	Seed          int64            `json:"seed"           doc:"Of the random choice, so that it can be repeated; 0: chosen by hand."`
	Deviations    int              `json:"deviations"     isms:"list" doc:"How many of the sample were not as they should be."`
	Observed      Markdown         `json:"observed"       isms:"search" doc:"What was seen."`
	At            Instant          `json:"at"             isms:"computed"`
}

// AuditCheckStatus is the answer to the question of an audit.
type AuditCheckStatus string

// Choices lists the answers.
func (AuditCheckStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "open", Tone: "info"}, {Value: "conforms", Tone: "good"},
		{Value: "opportunity", Label: "Opportunity for improvement", Tone: "info"},
		{Value: "does_not_conform", Tone: "high", Doc: "It becomes a nonconformity."}, {Value: "not_audited", Tone: "muted"},
	}
}

// AuditChecks describes the record type.
var AuditChecks = kind.Of("audit_check", kind.Spec[AuditCheck]{
	Group: kind.Improve, Label: "Audit question", Icon: "question", State: "status", Owner: "auditor_id", Sort: "title", Parent: "audit_id",
	Doc:     "One question of an audit: what was sampled and what was found.",
	Prepare: func(c *AuditCheck) { entitle(&c.Base, firstLine(string(c.Question))) },
	Validate: func(c *AuditCheck) error {
		return complaints(notNegative("population", c.Population), notNegative("sample_size", c.SampleSize), notNegative("deviations", c.Deviations),
			refuse(c.Population > 0 && c.SampleSize > c.Population, "sample_size", "is more than there are"),
			refuse(c.SampleSize > 0 && c.Deviations > c.SampleSize, "deviations", "are more than were looked at"))
	},
	Links: []kind.Link{
		{Name: "evidenced by", To: "evidence", Inverse: "proves audit answer"},
	},
	Actions: []kind.Act[AuditCheck]{
		{Action: kind.Action{Name: "conform", Label: "Conforms", From: []string{"open", "not_audited"}, To: "conforms"}, Do: answerAuditCheck},
		{Action: kind.Action{Name: "improve", Label: "Could be better", From: []string{"open", "not_audited"}, To: "opportunity", Reason: true}, Do: answerAuditCheck},
		{Action: kind.Action{Name: "object", Label: "Does not conform", From: []string{"open", "not_audited"}, To: "does_not_conform", Reason: true}, Do: answerAuditCheck},
		{Action: kind.Action{Name: "skip", Label: "Not audited", From: []string{"open"}, To: "not_audited", Reason: true}, Do: answerAuditCheck},
		{Action: kind.Action{Name: "reopen", Label: "Ask again", From: []string{"conforms", "opportunity", "does_not_conform", "not_audited"}, To: "open"},
			Do: func(c *AuditCheck, _ kind.Input) error { c.At = Instant{}; return nil }},
	},
})

func answerAuditCheck(c *AuditCheck, in kind.Input) error {
	c.At = in.At
	c.AuditorID = cmp.Or(c.AuditorID, in.By)
	c.Observed = cmp.Or(c.Observed, Markdown(in.Reason))
	return nil
}

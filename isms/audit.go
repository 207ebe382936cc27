package isms

import (
	"cmp"

	"holdfast/kind"
)

// An Audit is one entry of the audit programme: an independent look at whether
// what was decided is done and works. The programme is the list of all audits.
type Audit struct {
	Base
	Type        AuditType   `json:"type"         isms:"required,list,filter"`
	Status      AuditStatus `json:"status"       isms:"list,filter"`
	Programme   string      `json:"programme"    isms:"list,filter" doc:"The programme or cycle it belongs to, such as 2026."`
	StartOn     Date        `json:"start_on"     isms:"list,filter"`
	EndOn       Date        `json:"end_on"       isms:"filter"`
	LeadID      string      `json:"lead_id"      isms:"ref=person,list,filter,label=lead auditor" doc:"When the lead is one of us."`
	Auditors    []string    `json:"auditors"     isms:"search" doc:"All who audit, with where they come from; nobody audits their own work."`
	VendorID    string      `json:"vendor_id"    isms:"ref=vendor,filter,label=audit firm"`
	ScopeID     string      `json:"scope_id"     isms:"ref=scope,filter,label=scope" doc:"The scope of the ISMS that it covers, where it is registered."`
	Extent      Markdown    `json:"extent"       isms:"search,label=extent" doc:"Places, processes, systems and time that it covers."`
	Criteria    Markdown    `json:"criteria"     isms:"search" doc:"Against what is measured, where it is no registered framework."`
	Goals       Markdown    `json:"goals"`
	Plan        Markdown    `json:"plan"         doc:"Who talks to whom, when, about what; what is sampled."`
	Conclusion  Markdown    `json:"conclusion"   isms:"search" doc:"What it says on the whole."`
	Verdict     AuditResult `json:"verdict"      isms:"list,filter"`
	Report      string      `json:"report"       isms:"label=report (file)"`
	ReportedOn  Date        `json:"reported_on"  isms:"computed"`
	AcceptedBy  string      `json:"accepted_by"  isms:"ref=person,computed"`
	Certificate string      `json:"certificate"  doc:"Number of the certificate that it led to."`
	ValidUntil  Date        `json:"valid_until"  isms:"filter" doc:"Of the certificate or attestation."`
	NextOn      Date        `json:"next_on"      isms:"filter,label=next one"`
}

// AuditType tells who audits.
type AuditType string

// Choices lists the types.
func (AuditType) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "internal"}, {Value: "certification", Doc: "By an accredited body, for a certificate."}, {Value: "surveillance", Doc: "Between two certifications."},
		{Value: "customer"}, {Value: "supplier", Doc: "We audit a supplier."}, {Value: "authority"}, {Value: "attestation", Doc: "A report such as SOC 2 or PCI DSS."},
		{Value: "gap_analysis", Doc: "What is missing, before anybody is judged."},
	}
}

// AuditResult is what an audit says on the whole.
type AuditResult string

// Choices lists the results.
func (AuditResult) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "open", Label: "Not known yet", Tone: "muted"}, {Value: "conforms", Tone: "good"},
		{Value: "conforms_with_findings", Tone: "warn"}, {Value: "does_not_conform", Tone: "critical"},
	}
}

// AuditStatus is where an audit stands.
type AuditStatus string

// Choices lists the states.
func (AuditStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "planned", Tone: "info"}, {Value: "approved", Tone: "info", Doc: "Part of the agreed programme."}, {Value: "underway", Tone: "warn"},
		{Value: "reported", Tone: "warn", Doc: "The report is there; nonconformities are open."},
		{Value: "closed", Tone: "good"}, {Value: "cancelled", Tone: "muted"},
	}
}

// Audits describes the record type.
var Audits = kind.Of("audit", kind.Spec[Audit]{
	Group: kind.Improve, Icon: "search", State: "status", Owner: "lead_id", Sort: "-start_on",
	Doc:     "An independent look at whether what was decided is done and works.",
	Prepare: func(a *Audit) { a.Verdict = cmp.Or(a.Verdict, "open") },
	Validate: func(a *Audit) error {
		return complaints(daysOrdered("end_on", a.StartOn, a.EndOn, "lies before the first day"))
	},
	Links: []kind.Link{
		{Name: "measures against", To: "framework", Inverse: "audited in"},
		{Name: "looks at", To: "asset", Inverse: "looked at in audit"},
		{Name: "evidenced by", To: "evidence", Inverse: "proves audit"},
		{Name: "follows up", To: "audit", Inverse: "followed up by"},
	},
	Actions: []kind.Act[Audit]{
		{Action: kind.Action{Name: "approve", Label: "Put into the programme", From: []string{"planned"}, To: "approved", Needs: kind.Approve}},
		{Action: kind.Action{Name: "start", From: []string{"planned", "approved"}, To: "underway"}},
		{Action: kind.Action{Name: "report", Label: "Report is there", From: []string{"underway"}, To: "reported"}, Do: reportAudit},
		{Action: kind.Action{Name: "close", From: []string{"reported"}, To: "closed", Needs: kind.Approve,
			Doc: "The organisation accepts the report, and its corrective actions are agreed."},
			Do: func(a *Audit, in kind.Input) error { a.AcceptedBy = in.By; return nil }},
		{Action: kind.Action{Name: "cancel", From: []string{"planned", "approved", "underway"}, To: "cancelled", Needs: kind.Approve, Reason: true}},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"closed", "cancelled"}, To: "planned", Reason: true}},
	},
})

func reportAudit(a *Audit, in kind.Input) error {
	if a.Conclusion == "" {
		return kind.Fieldf("conclusion", "says what the audit found on the whole")
	}
	if a.Verdict == "open" {
		return kind.Fieldf("verdict", "says whether it conforms")
	}
	a.ReportedOn = kind.DateOf(in.At)
	if a.EndOn == "" {
		a.EndOn = a.ReportedOn
	}
	return nil
}

package isms

import (
	"time"

	"holdfast/kind"
)

// A Finding is one vulnerability on one asset. An engine opens and resolves it;
// people decide what becomes of it in between.
type Finding struct {
	Base
	AssetID         string            `json:"asset_id"         isms:"ref=asset,required,list,filter,label=asset,immutable"`
	VulnerabilityID string            `json:"vulnerability_id" isms:"ref=vulnerability,required,filter,label=weakness,immutable"`
	Severity        Severity          `json:"severity"         isms:"required,list,filter,index"`
	Status          FindingState      `json:"status"           isms:"list,filter,index"`
	Due             Date              `json:"due"              isms:"list,filter,index" doc:"By when it should be gone, from its severity."`
	FirstSeen       Instant           `json:"first_seen"       isms:"list,index"`
	LastSeen        Instant           `json:"last_seen"        isms:"list,computed,index"`
	Subject         string            `json:"subject"          isms:"filter,search" doc:"What on the asset: a package, a file, a user, a port."`
	Detail          string            `json:"detail"           isms:"search" doc:"What was seen and where."`
	Fix             string            `json:"fix"              isms:"filter,index" doc:"What makes it go away; findings with the same fix are repaired together."`
	FixedIn         string            `json:"fixed_in"         doc:"First version without the weakness."`
	Installed       string            `json:"installed"        doc:"Version found."`
	Exploited       bool              `json:"exploited"        isms:"filter,index" doc:"Known to be exploited in the wild."`
	EPSS            float64           `json:"epss"             isms:"list,unit=share,index,label=EPSS"`
	Score           float64           `json:"score"`
	Kind            VulnerabilityType `json:"type"        isms:"filter,index"`
	Engine          string            `json:"engine"           isms:"filter" doc:"Which engine saw it; empty for one entered by hand."`
	Check           string            `json:"check"            isms:"filter,index" doc:"Id of the check or advisory."`
	VEX             VEXStatus         `json:"vex"              isms:"filter,label=VEX status" doc:"Whether the product is affected, in the words of VEX."`
	Justification   Markdown          `json:"justification"    doc:"Why it was accepted or is no weakness here."`
	AcceptedUntil   Date              `json:"accepted_until"   isms:"filter"`
	ResolvedAt      Instant           `json:"resolved_at"      isms:"computed"`
	Reopened        int               `json:"reopened"         isms:"computed" doc:"How often it came back."`
	OwnerID         string            `json:"owner_id"         isms:"ref=person,filter,label=owner"`
}

// FindingState is what became of a finding.
type FindingState string

// The states of a finding.
const (
	FindingOpen          FindingState = "open"
	FindingMitigated     FindingState = "mitigated"
	FindingAccepted      FindingState = "accepted"
	FindingFalsePositive FindingState = "false_positive"
	FindingResolved      FindingState = "resolved"
)

// Choices lists the states.
func (FindingState) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "open", Tone: "warn"},
		{Value: "mitigated", Tone: "info", Doc: "Still there, but something else stops it."},
		{Value: "accepted", Tone: "info", Doc: "Borne knowingly, for a time."},
		{Value: "false_positive", Tone: "muted", Doc: "Not a weakness here."},
		{Value: "resolved", Tone: "good", Doc: "A later run of the same check passed."},
	}
}

// VEXStatus says whether a product is affected (CISA, Vulnerability Exploitability
// eXchange).
type VEXStatus string

// Choices lists the statuses.
func (VEXStatus) Choices() []kind.Choice {
	return kind.Words("under_investigation", "affected", "not_affected", "fixed")
}

// DaysToFix is how long a finding of a severity may stay open.
var DaysToFix = map[Severity]int{
	SeverityCritical: 7, SeverityHigh: 30, SeverityMedium: 90, SeverityLow: 180, SeverityNone: 365,
}

// DaysToFixExploited replaces longer times for what is exploited in the wild.
const DaysToFixExploited = 7

// DueDate is the day by which a finding first seen then should be gone.
func DueDate(firstSeen time.Time, s Severity, exploited bool) Date {
	days, ok := DaysToFix[s]
	if !ok {
		days = DaysToFix[SeverityMedium]
	}
	if exploited {
		days = min(days, DaysToFixExploited)
	}
	return kind.DateOf(firstSeen.UTC().AddDate(0, 0, days))
}

// Findings describes the record type.
var Findings = kind.Of("finding", kind.Spec[Finding]{
	Group: kind.Identify, Icon: "bug", State: "status", Owner: "owner_id", Sort: "due", Parent: "asset_id",
	Doc: "One weakness on one asset: seen when, how bad, until when to repair.",
	Prepare: func(f *Finding) {
		if f.Due == "" && !f.FirstSeen.IsZero() {
			f.Due = DueDate(f.FirstSeen, f.Severity, f.Exploited)
		}
	},
	Actions: []kind.Act[Finding]{
		{Action: kind.Action{Name: "mitigate", Label: "Mark as mitigated", From: []string{"open"}, To: "mitigated", Reason: true}, Do: justify},
		{Action: kind.Action{Name: "accept", Label: "Accept", From: []string{"open", "mitigated"}, To: "accepted", Needs: kind.Approve, Reason: true}, Do: acceptFinding},
		{Action: kind.Action{Name: "dismiss", Label: "False positive", From: []string{"open", "mitigated"}, To: "false_positive", Reason: true}, Do: justify},
		{Action: kind.Action{Name: "resolve", Label: "Resolve", From: []string{"open", "mitigated", "accepted", "false_positive"}, To: "resolved",
			Doc: "For findings entered by hand; a scan resolves its own."}, Do: resolveFinding},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"mitigated", "accepted", "false_positive", "resolved"}, To: "open"}, Do: reopenFinding},
	},
})

func justify(f *Finding, in kind.Input) error {
	f.Justification = Markdown(in.Reason)
	return nil
}

func acceptFinding(f *Finding, in kind.Input) error {
	f.AcceptedUntil = in.Until
	if f.AcceptedUntil == "" {
		f.AcceptedUntil = kind.DateOf(in.At.AddDate(0, 6, 0))
	}
	return justify(f, in)
}

func resolveFinding(f *Finding, in kind.Input) error {
	f.ResolvedAt = in.At
	return nil
}

// reopenFinding counts the return of what was resolved and gives it a new due date.
func reopenFinding(f *Finding, in kind.Input) error {
	if f.Status == FindingResolved {
		f.Reopened++
		f.Due = DueDate(in.At, f.Severity, f.Exploited)
	}
	f.ResolvedAt, f.AcceptedUntil, f.Justification = Instant{}, "", ""
	return nil
}

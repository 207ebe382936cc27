package isms

import "holdfast/kind"

// An Applicability is one line of the statement of applicability: whether a
// requirement counts for a scope, why, and how far it is met. What people say
// (Status) and what checks show (Measured) are kept apart, so that a gap between
// the two is seen.
type Applicability struct {
	Base
	RequirementID  string              `json:"requirement_id"  isms:"ref=requirement,required,list,filter,index,label=requirement,immutable"`
	ScopeID        string              `json:"scope_id"        isms:"ref=scope,filter,index,label=scope,immutable" doc:"Empty: the whole organisation."`
	Applies        Applies             `json:"applies"         isms:"list,filter"`
	Status         ApplicabilityStatus `json:"status"          isms:"list,filter,index" doc:"How far it is met, as people say."`
	Measured       Measured            `json:"measured"        isms:"computed,list,filter" doc:"How far it is met, as checks and evidence show."`
	MeasuredAt     Instant             `json:"measured_at"     isms:"computed" doc:"When the newest of those checks ran."`
	MeasuredWhy    Markdown            `json:"measured_why"    isms:"computed" doc:"Which checks and evidence led to it."`
	IncludedFor    InclusionReasons    `json:"included_for"    isms:"filter,label=included because of"`
	Reason         Markdown            `json:"reason"          isms:"search" doc:"Why it counts or does not, in words."`
	How            Markdown            `json:"how"             isms:"search,label=how it is met"`
	Maturity       Level               `json:"maturity"        isms:"list,filter"`
	TargetMaturity Level               `json:"target_maturity"`
	OwnerID        string              `json:"owner_id"        isms:"ref=person,list,filter,label=owner"`
	Due            Date                `json:"due"             isms:"filter" doc:"By when it should be met."`
	ReviewBy       Date                `json:"review_by"       isms:"filter"`
	DecidedBy      string              `json:"decided_by"      isms:"ref=person,computed"`
	DecidedAt      Instant             `json:"decided_at"      isms:"computed"`
}

// Applies is whether a requirement counts.
type Applies string

// The answers.
const (
	AppliesUndecided Applies = "undecided"
	AppliesYes       Applies = "yes"
	AppliesNo        Applies = "no"
)

// Choices lists the answers.
func (Applies) Choices() []kind.Choice {
	return []kind.Choice{{Value: "undecided", Tone: "warn"}, {Value: "yes", Tone: "info"}, {Value: "no", Tone: "muted"}}
}

// InclusionReasons are why a requirement counts.
type InclusionReasons []string

// Choices lists the reasons.
func (InclusionReasons) Choices() []kind.Choice {
	return kind.Words("risk", "law", "contract", "business", "good_practice")
}

// ApplicabilityStatus is how far a requirement is met, as people say.
type ApplicabilityStatus string

// The states of an applicability.
const (
	ApplicabilityNotStarted ApplicabilityStatus = "not_started"
	ApplicabilityPlanned    ApplicabilityStatus = "planned"
	ApplicabilityPartly     ApplicabilityStatus = "partly"
	ApplicabilityMet        ApplicabilityStatus = "met"
)

// Choices lists the states.
func (ApplicabilityStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "not_started", Tone: "warn"}, {Value: "planned", Tone: "info"}, {Value: "partly", Tone: "info"}, {Value: "met", Tone: "good"},
	}
}

// Measured is how far a requirement is met, as the product can prove.
type Measured string

// The answers of measurement.
const (
	MeasuredUnknown Measured = "unknown"
	MeasuredFails   Measured = "fails"
	MeasuredPartly  Measured = "partly"
	MeasuredMet     Measured = "met"
	MeasuredStale   Measured = "stale"
)

// Choices lists the answers.
func (Measured) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "fails", Tone: "critical", Doc: "Checks say that it is not met."},
		{Value: "partly", Tone: "warn", Doc: "Some checks pass, some fail."},
		{Value: "stale", Tone: "warn", Doc: "It was met once, but the evidence has aged."},
		{Value: "met", Tone: "good", Doc: "All checks pass and the evidence is fresh."},
		{Value: "unknown", Tone: "muted", Doc: "Nothing has measured it."},
	}
}

// Applicabilities describes the record type.
var Applicabilities = kind.Of("applicability", kind.Spec[Applicability]{
	Group: kind.Govern, Label: "Applicability statement", Plural: "applicability", Icon: "grid",
	State: "status", Owner: "owner_id", Sort: "title", Parent: "requirement_id",
	Doc: "Whether a requirement counts for a scope, why, and how far it is met.",
	Prepare: func(a *Applicability) {
		if a.Applies == "" {
			a.Applies = AppliesUndecided
		}
		if a.Measured == "" {
			a.Measured = MeasuredUnknown
		}
		entitle(&a.Base, firstLine(string(a.How)), "Applies: "+string(a.Applies))
	},
	Validate: func(a *Applicability) error {
		return complaints(
			refuse(a.Applies == AppliesNo && a.Reason == "", "reason", "say why it does not apply"),
			refuse(a.Status == ApplicabilityMet && a.Applies == AppliesNo, "applies", "cannot be no for a requirement that is met"))
	},
	Links: []kind.Link{
		{Name: "met by", To: "safeguard", Inverse: "makes met", Doc: "The safeguards on which the answer rests, in this scope."},
		{Name: "because of risk", To: "risk", Inverse: "makes applicable"},
		{Name: "because of obligation", To: "obligation", Inverse: "makes applicable"},
		{Name: "evidenced by", To: "evidence", Inverse: "proves applicability"},
	},
	Actions: []kind.Act[Applicability]{
		{Action: kind.Action{Name: "include", Label: "It applies", Needs: kind.Approve}, Do: includeRequirement},
		{Action: kind.Action{Name: "exclude", Label: "It does not apply", From: []string{"not_started", "planned", "partly"}, Needs: kind.Approve, Reason: true}, Do: excludeRequirement},
		{Action: kind.Action{Name: "plan", From: []string{"not_started"}, To: "planned"}},
		{Action: kind.Action{Name: "progress", Label: "Partly met", From: []string{"not_started", "planned", "met"}, To: "partly"}},
		{Action: kind.Action{Name: "meet", Label: "Met", From: []string{"not_started", "planned", "partly"}, To: "met", Doc: "Say how it is met; the product measures by itself."},
			Do: func(a *Applicability, in kind.Input) error {
				if a.How == "" {
					a.How = Markdown(in.Reason)
				}
				return refuse(a.How == "", "how", "say how it is met")
			}},
		{Action: kind.Action{Name: "reset", Label: "Not met", From: []string{"planned", "partly", "met"}, To: "not_started"}},
	},
})

func includeRequirement(a *Applicability, in kind.Input) error {
	a.Applies, a.DecidedBy, a.DecidedAt = AppliesYes, in.By, in.At
	if in.Reason != "" {
		a.Reason = Markdown(in.Reason)
	}
	return nil
}

func excludeRequirement(a *Applicability, in kind.Input) error {
	a.Applies, a.DecidedBy, a.DecidedAt = AppliesNo, in.By, in.At
	a.Reason, a.IncludedFor = Markdown(in.Reason), nil
	return nil
}

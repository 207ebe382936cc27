package isms

import "holdfast/kind"

// A Risk is a scenario: a threat actor, through a vector, uses weaknesses to harm
// an asset. The machine may draft one; only a person accepts or closes it.
type Risk struct {
	Base
	AssetID     string     `json:"asset_id"  isms:"ref=asset,list,filter,label=asset" doc:"What would be harmed."`
	ActorID     string     `json:"actor_id"  isms:"ref=threat_actor,filter,label=threat actor" doc:"Who would do it."`
	VectorID    string     `json:"vector_id" isms:"ref=threat_vector,filter,label=threat vector" doc:"How they would do it."`
	Scenario    string     `json:"scenario"  isms:"filter,index" doc:"Id of the catalogue scenario that it follows; empty for one of your own."`
	Status      RiskStatus `json:"status"    isms:"list,filter,index"`
	OwnerID     string     `json:"owner_id"  isms:"ref=person,list,filter,label=owner" doc:"Who answers for it."`
	Description Markdown   `json:"description" isms:"search" doc:"What happens, step by step."`

	Objectives AttackObjectives   `json:"objectives" isms:"label=attack objectives"`
	Impacts    ImpactKinds        `json:"impacts"    isms:"filter"`
	Harms      SecurityAttributes `json:"harms"      isms:"label=security attributes harmed"`
	Treatment  RiskTreatment      `json:"treatment"  isms:"list,filter" doc:"How the organisation answers it."`

	AssetValue Range `json:"asset_value" isms:"unit=money" doc:"AV. Empty: the value of the asset."`
	Exposure   Range `json:"exposure"    isms:"unit=share,label=exposure factor" doc:"EF: the share of the value lost in one event, 0 to 1."`
	Events     Range `json:"events"      isms:"unit=per year,label=events per year" doc:"EAE: expected yearly events as things stand today, if you know better than the formula. Empty: computed from the row above, the open findings and the operating safeguards."`
	EventsBare Range `json:"events_bare" isms:"unit=per year,label=events per year without safeguards" doc:"Expected yearly events with every door open: the inherent risk."`

	EventsPrior Range `json:"events_prior" isms:"computed,unit=per year,label=events per year before experience" doc:"The estimate as it was before incidents were counted. Who enters another figure begins anew."`
	PriorFrom   Date  `json:"prior_from"   isms:"computed,label=experience counts since"`

	LossProductivity Range `json:"loss_productivity" isms:"unit=money,label=lost productivity" doc:"Instead of AV × EF: the loss of one event by its forms."`
	LossResponse     Range `json:"loss_response"     isms:"unit=money,label=response"`
	LossReplacement  Range `json:"loss_replacement"  isms:"unit=money,label=replacement"`
	LossFines        Range `json:"loss_fines"        isms:"unit=money,label=fines and judgements"`
	LossAdvantage    Range `json:"loss_advantage"    isms:"unit=money,label=lost competitive advantage"`
	LossReputation   Range `json:"loss_reputation"   isms:"unit=money,label=lost reputation"`

	ImpactLevel       Level `json:"impact_level"      isms:"label=impact"      doc:"Qualitative: how bad one event would be."`
	ProbabilityLevel  Level `json:"probability_level" isms:"label=probability" doc:"Qualitative: how likely it is within a year."`
	SystemLevel       Level `json:"system_level"      isms:"label=system criticality" doc:"Qualitative: how critical the system is; empty: that of the asset."`
	TargetImpact      Level `json:"target_impact"      doc:"Where the treatment should bring it."`
	TargetProbability Level `json:"target_probability"`

	Weakness float64 `json:"weakness" isms:"computed,unit=share" doc:"How far the open findings hold the door open: 1 − ∏(1 − weight), 0 to 1."`
	Measured bool    `json:"measured" isms:"computed,filter" doc:"Findings feed it, so its figure follows what scans see."`

	LossInherent Money `json:"loss_inherent" isms:"computed,label=yearly loss inherent" doc:"ALE without safeguards."`
	LossNow      Money `json:"loss_now"      isms:"computed,list,index,label=yearly loss now" doc:"ALE with the safeguards of today."`
	LossTarget   Money `json:"loss_target"   isms:"computed,label=yearly loss target" doc:"ALE when the proposed treatments work."`
	LossP95      Money `json:"loss_p95"      isms:"computed,label=bad year (P95)" doc:"Only one year in twenty costs more."`
	Findings     int   `json:"findings"      isms:"computed,list,label=open findings" doc:"How many open findings feed the scenario."`

	ReviewBy      Date     `json:"review_by"   isms:"list,filter"`
	Rationale     Markdown `json:"rationale" doc:"Why this answer, in the words of whoever decided."`
	AcceptedBy    string   `json:"accepted_by" isms:"ref=person,computed"`
	AcceptedAt    Instant  `json:"accepted_at" isms:"computed"`
	AcceptedUntil Date     `json:"accepted_until" isms:"computed" doc:"An acceptance ends; then somebody must decide again."`
}

// RiskStatus is where a risk stands.
type RiskStatus string

// The states of a risk.
const (
	RiskDraft    RiskStatus = "draft"
	RiskOpen     RiskStatus = "open"
	RiskTreating RiskStatus = "treating"
	RiskAccepted RiskStatus = "accepted"
	RiskClosed   RiskStatus = "closed"
)

// Choices lists the states.
func (RiskStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "draft", Tone: "info", Doc: "Proposed by the product; nobody has looked yet."},
		{Value: "open", Tone: "warn", Doc: "Confirmed by a person; not yet decided."},
		{Value: "treating", Tone: "info", Doc: "Being reduced by treatments."},
		{Value: "accepted", Tone: "good", Doc: "Borne knowingly, for a time."},
		{Value: "closed", Tone: "muted", Doc: "Can no longer happen."},
	}
}

// RiskTreatment is how the organisation answers a risk.
type RiskTreatment string

// Choices lists the answers.
func (RiskTreatment) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "avoid", Doc: "Stop doing what causes it."},
		{Value: "reduce", Doc: "Make it rarer or cheaper with safeguards."},
		{Value: "share", Doc: "Carry it together with a partner."},
		{Value: "transfer", Doc: "Let an insurer or a contract carry it."},
		{Value: "accept", Doc: "Bear it knowingly."},
	}
}

// Risks describes the record type.
var Risks = kind.Of("risk", kind.Spec[Risk]{
	Group: kind.Identify, Icon: "target", State: "status", Owner: "owner_id", Sort: "-loss_now",
	Doc:      "What could go wrong, how often, and what it would cost.",
	Validate: validateRisk,
	Links: []kind.Link{
		{Name: "uses", To: "finding", Inverse: "feeds", Doc: "The findings that make the scenario possible."},
		{Name: "treated by", To: "safeguard", Inverse: "treats", Doc: "The safeguards that make it rarer or cheaper."},
		{Name: "demanded by", To: "obligation", Inverse: "demands", Doc: "The law or contract that is broken when it happens."},
	},
	Actions: []kind.Act[Risk]{
		{Action: kind.Action{Name: "confirm", Label: "Confirm", From: []string{"draft"}, To: "open", Doc: "The scenario is real for us."}},
		{Action: kind.Action{Name: "treat", Label: "Start treatment", From: []string{"draft", "open", "accepted"}, To: "treating"}},
		{Action: kind.Action{Name: "accept", Label: "Accept risk", From: []string{"draft", "open", "treating"}, To: "accepted", Needs: kind.Approve, Reason: true,
			Doc: "The organisation bears it knowingly, until a date."}, Do: acceptRisk},
		{Action: kind.Action{Name: "close", Label: "Close risk", From: []string{"draft", "open", "treating", "accepted"}, To: "closed", Needs: kind.Approve, Reason: true}},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"accepted", "closed"}, To: "open"}},
	},
})

func acceptRisk(r *Risk, in kind.Input) error {
	r.AcceptedBy, r.AcceptedAt, r.AcceptedUntil = in.By, in.At, in.Until
	if r.AcceptedUntil == "" {
		r.AcceptedUntil = kind.DateOf(in.At.AddDate(1, 0, 0))
	}
	r.Rationale, r.Treatment = Markdown(in.Reason), "accept"
	return nil
}

func validateRisk(r *Risk) error {
	var bad []kind.FieldError
	if r.Exposure.Low < 0 || r.Exposure.High > 1 {
		bad = append(bad, kind.FieldError{Field: "exposure", Message: "is a share between 0 and 1"})
	}
	for name, v := range map[string]Range{"events": r.Events, "events_bare": r.EventsBare, "asset_value": r.AssetValue} {
		if v.Low < 0 {
			bad = append(bad, kind.FieldError{Field: name, Message: "cannot be negative"})
		}
	}
	if bad != nil {
		return kind.InvalidFields(bad)
	}
	return nil
}

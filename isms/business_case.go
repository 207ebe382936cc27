package isms

import "holdfast/kind"

// A BusinessCase asks the executive team for support: what security costs, what
// it saves, and what happens without it.
type BusinessCase struct {
	Base
	Status      BusinessCaseStatus `json:"status"       isms:"list,filter"`
	SponsorID   string             `json:"sponsor_id"   isms:"ref=person,list,filter,label=sponsor" doc:"The executive who stands for it."`
	CommitteeID string             `json:"committee_id" isms:"ref=committee,filter,label=asked of"`
	Investment  Money              `json:"investment"   isms:"list" doc:"Spent once."`
	AnnualCost  Money              `json:"annual_cost"  isms:"list" doc:"ACS: spent each year, with the yearly share of the investment."`
	LossBefore  Money              `json:"loss_before"  isms:"list" doc:"ALE₁: expected yearly loss as things are."`
	LossAfter   Money              `json:"loss_after"   doc:"ALE₂: expected yearly loss with the proposal."`
	Return      Money              `json:"return"       isms:"computed,list,label=RoSI" doc:"RoSI = ALE₁ − ALE₂ − ACS, money per year."`
	Problem     Markdown           `json:"problem"      isms:"search" doc:"What could happen, and what it would cost."`
	Proposal    Markdown           `json:"proposal"     isms:"search"`
	Options     Markdown           `json:"options"      doc:"Other ways, and doing nothing."`
	Benefits    Markdown           `json:"benefits"     doc:"What else it brings: customers, contracts, insurance."`
	Timescale   Markdown           `json:"timescale"    doc:"What is there after a month, a quarter, a year."`
	Rationale   Markdown           `json:"rationale"    isms:"computed" doc:"What was said when it was decided."`
	Payback     float64            `json:"payback"      isms:"computed,unit=months" doc:"Months until the loss avoided has paid for the investment and the running cost; 0: it never does, or is not computed."`
	FrozenAt    Instant            `json:"frozen_at"    isms:"computed" doc:"When the figures were taken from the live data; empty: they were entered."`
	Account     Markdown           `json:"account"      isms:"computed,label=how the figures came about" doc:"Every figure with its inputs, as they were when it was frozen."`
	DecidedBy   string             `json:"decided_by"   isms:"ref=person,computed"`
	DecidedAt   Instant            `json:"decided_at"   isms:"computed"`
}

// BusinessCaseStatus is where a business case stands.
type BusinessCaseStatus string

// The states of a business case.
const (
	BusinessCaseDraft     BusinessCaseStatus = "draft"
	BusinessCaseSubmitted BusinessCaseStatus = "submitted"
	BusinessCaseApproved  BusinessCaseStatus = "approved"
	BusinessCaseDeclined  BusinessCaseStatus = "declined"
)

// Choices lists the states.
func (BusinessCaseStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "draft", Tone: "info"}, {Value: "submitted", Tone: "warn"}, {Value: "approved", Tone: "good"}, {Value: "declined", Tone: "muted"},
	}
}

// BusinessCases describes the record type.
var BusinessCases = kind.Of("business_case", kind.Spec[BusinessCase]{
	Group: kind.Govern, Plural: "business-cases", Icon: "money", State: "status", Owner: "sponsor_id",
	Doc: "What security costs, what it saves and what happens without it, put to the executive team.",
	Prepare: func(b *BusinessCase) {
		b.Return = b.LossBefore - b.LossAfter - b.AnnualCost
	},
	Validate: func(b *BusinessCase) error {
		return complaints(notNegative("investment", b.Investment), notNegative("annual_cost", b.AnnualCost),
			notNegative("loss_before", b.LossBefore), notNegative("loss_after", b.LossAfter))
	},
	Links: []kind.Link{
		{Name: "proposes", To: "safeguard", Inverse: "proposed in"},
		{Name: "lowers", To: "risk", Inverse: "lowered in"},
		{Name: "serves objective", To: "objective", Inverse: "argued for in"},
	},
	Actions: []kind.Act[BusinessCase]{
		{Action: kind.Action{Name: "submit", From: []string{"draft", "declined"}, To: "submitted"}},
		{Action: kind.Action{Name: "approve", From: []string{"submitted"}, To: "approved", Needs: kind.Approve}, Do: decideBusinessCase},
		{Action: kind.Action{Name: "decline", From: []string{"submitted"}, To: "declined", Needs: kind.Approve, Reason: true}, Do: decideBusinessCase},
		{Action: kind.Action{Name: "revise", From: []string{"submitted", "approved"}, To: "draft"}},
	},
})

func decideBusinessCase(b *BusinessCase, in kind.Input) error {
	b.Rationale, b.DecidedBy, b.DecidedAt = Markdown(in.Reason), in.By, in.At
	return nil
}

package isms

import "holdfast/kind"

// A Treatment is the decision to answer one risk with one safeguard, and what it
// is expected to bring.
type Treatment struct {
	Base
	RiskID      string          `json:"risk_id"      isms:"ref=risk,required,list,filter,label=risk,immutable"`
	SafeguardID string          `json:"safeguard_id" isms:"ref=safeguard,required,list,filter,label=safeguard"`
	Status      TreatmentStatus `json:"status"       isms:"list,filter"`
	OwnerID     string          `json:"owner_id"     isms:"ref=person,list,filter,label=owner"`
	Due         Date            `json:"due"          isms:"list,filter"`
	OnFrequency Range           `json:"on_frequency" isms:"unit=share,label=effect on frequency" doc:"For this risk; empty: that of the safeguard."`
	OnLoss      Range           `json:"on_loss"      isms:"unit=share,label=effect on loss"      doc:"For this risk; empty: that of the safeguard."`
	CostShare   float64         `json:"cost_share"   isms:"unit=share" doc:"The part of the safeguard's cost charged to this risk, 0 to 1."`
	LossBefore  Money           `json:"loss_before"  isms:"computed" doc:"ALE₁: yearly loss of the risk before."`
	LossAfter   Money           `json:"loss_after"   isms:"computed" doc:"ALE₂: yearly loss with the safeguard."`
	Cost        Money           `json:"cost"         isms:"computed,list,label=yearly cost" doc:"ACS charged to this treatment."`
	Return      Money           `json:"return"       isms:"computed,list,index,label=RoSI" doc:"RoSI = ALE₁ − ALE₂ − ACS, money per year."`
	Plan        Markdown        `json:"plan"         doc:"What is to be done, by whom."`
	Rationale   Markdown        `json:"rationale"`
	DoneOn      Date            `json:"done_on"      isms:"computed"`
}

// TreatmentStatus is where a treatment stands.
type TreatmentStatus string

// The states of a treatment.
const (
	TreatmentProposed TreatmentStatus = "proposed"
	TreatmentApproved TreatmentStatus = "approved"
	TreatmentRunning  TreatmentStatus = "running"
	TreatmentDone     TreatmentStatus = "done"
	TreatmentDeclined TreatmentStatus = "declined"
)

// Choices lists the states.
func (TreatmentStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "proposed", Tone: "info"}, {Value: "approved", Tone: "info"}, {Value: "running", Tone: "warn"},
		{Value: "done", Tone: "good"}, {Value: "declined", Tone: "muted"},
	}
}

// Treatments describes the record type.
var Treatments = kind.Of("treatment", kind.Spec[Treatment]{
	Group: kind.Protect, Icon: "check", State: "status", Owner: "owner_id", Sort: "-return", Parent: "risk_id",
	Doc: "The decision to answer a risk with a safeguard, with what it costs and brings.",
	Prepare: func(t *Treatment) {
		if t.CostShare == 0 {
			t.CostShare = 1
		}
	},
	Validate: func(t *Treatment) error {
		if t.CostShare < 0 || t.CostShare > 1 {
			return kind.Fieldf("cost_share", "is a share between 0 and 1")
		}
		return nil
	},
	Links: []kind.Link{
		{Name: "evidenced by", To: "evidence", Inverse: "proves treatment"},
	},
	Actions: []kind.Act[Treatment]{
		{Action: kind.Action{Name: "approve", From: []string{"proposed", "declined"}, To: "approved", Needs: kind.Approve}},
		{Action: kind.Action{Name: "decline", From: []string{"proposed", "approved"}, To: "declined", Needs: kind.Approve, Reason: true},
			Do: func(t *Treatment, in kind.Input) error { t.Rationale = Markdown(in.Reason); return nil }},
		{Action: kind.Action{Name: "start", From: []string{"approved"}, To: "running"}},
		{Action: kind.Action{Name: "finish", From: []string{"approved", "running"}, To: "done"},
			Do: func(t *Treatment, in kind.Input) error { t.DoneOn = kind.DateOf(in.At); return nil }},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"done"}, To: "running"},
			Do: func(t *Treatment, _ kind.Input) error { t.DoneOn = ""; return nil }},
	},
})

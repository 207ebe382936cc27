package isms

import "holdfast/kind"

// An ImpactAssessment is one line of the business impact assessment: what an hour,
// a day, a month without an asset or a process costs, and how soon it must be back.
type ImpactAssessment struct {
	Base
	AssetID      string       `json:"asset_id"      isms:"ref=asset,list,filter,label=asset" doc:"What is missing; empty for a process without an asset."`
	Process      string       `json:"process"       isms:"list,filter,search" doc:"The business process that stops."`
	Status       ImpactStatus `json:"status"        isms:"list,filter"`
	Criticality  Level        `json:"criticality"   isms:"list,filter" doc:"How much the business depends on it; copied to the asset on approval."`
	RTOHours     float64      `json:"rto_hours"     isms:"list,unit=hours,label=RTO" doc:"Recovery time objective: so soon it is to be back."`
	RPOHours     float64      `json:"rpo_hours"     isms:"list,unit=hours,label=RPO" doc:"Recovery point objective: so much work may be lost."`
	MTPDHours    float64      `json:"mtpd_hours"    isms:"unit=hours,label=maximum tolerable downtime" doc:"After that the harm cannot be repaired."`
	LossHour     Range        `json:"loss_hour"     isms:"unit=money,label=loss after an hour" doc:"In total since the beginning."`
	LossDay      Range        `json:"loss_day"      isms:"unit=money,label=loss after a day"`
	LossWeek     Range        `json:"loss_week"     isms:"unit=money,label=loss after a week"`
	LossMonth    Range        `json:"loss_month"    isms:"unit=money,label=loss after a month"`
	Impacts      ImpactKinds  `json:"impacts"       isms:"filter" doc:"In which ways it hurts."`
	Consequences Markdown     `json:"consequences"  isms:"search" doc:"What happens, to whom, in words."`
	Minimum      Markdown     `json:"minimum"       doc:"What must run at least, and with how many people."`
	Workaround   Markdown     `json:"workaround"    doc:"How the work goes on by hand, and for how long."`
	PeakTimes    string       `json:"peak_times"    doc:"When it hurts most: month end, Christmas."`
	OwnerID      string       `json:"owner_id"      isms:"ref=person,list,filter,label=owner" doc:"Who knows the business."`
	ReviewBy     Date         `json:"review_by"     isms:"filter"`
	ApprovedOn   Date         `json:"approved_on"   isms:"computed"`
	ApprovedBy   string       `json:"approved_by"   isms:"ref=person,computed"`
}

// ImpactStatus is where an impact assessment stands.
type ImpactStatus string

// The states of an impact assessment.
const (
	ImpactDraft    ImpactStatus = "draft"
	ImpactApproved ImpactStatus = "approved"
	ImpactOutdated ImpactStatus = "outdated"
)

// Choices lists the states.
func (ImpactStatus) Choices() []kind.Choice {
	return []kind.Choice{{Value: "draft", Tone: "info"}, {Value: "approved", Tone: "good"}, {Value: "outdated", Tone: "warn"}}
}

// ImpactAssessments describes the record type.
var ImpactAssessments = kind.Of("impact_assessment", kind.Spec[ImpactAssessment]{
	Group: kind.Identify, Label: "Business impact", Plural: "impact-assessments", Icon: "clock",
	State: "status", Owner: "owner_id", Sort: "-criticality", Parent: "asset_id",
	Doc: "What it costs to be without an asset or a process, and how soon it must be back.",
	Prepare: func(a *ImpactAssessment) {
		if a.Process != "" {
			entitle(&a.Base, "Loss of "+a.Process)
		}
	},
	Validate: validateImpact,
	Links: []kind.Link{
		{Name: "needs", To: "asset", Inverse: "needed for process", Doc: "Everything without which the process stops."},
	},
	Actions: []kind.Act[ImpactAssessment]{
		{Action: kind.Action{Name: "approve", From: []string{"draft", "outdated"}, To: "approved", Needs: kind.Approve},
			Do: func(a *ImpactAssessment, in kind.Input) error {
				a.ApprovedOn, a.ApprovedBy = kind.DateOf(in.At), in.By
				return nil
			}},
		{Action: kind.Action{Name: "outdate", Label: "Mark as outdated", From: []string{"approved"}, To: "outdated"}},
		{Action: kind.Action{Name: "revise", From: []string{"approved", "outdated"}, To: "draft"}},
	},
})

// validateImpact refuses what contradicts itself: loss cannot shrink as time goes
// by, and the aim must lie before the point of no return.
func validateImpact(a *ImpactAssessment) error {
	errs := []error{
		refuse(a.AssetID == "" && a.Process == "", "process", "name the process or the asset"),
		notNegative("rto_hours", a.RTOHours), notNegative("rpo_hours", a.RPOHours), notNegative("mtpd_hours", a.MTPDHours),
		refuse(a.MTPDHours > 0 && a.RTOHours > a.MTPDHours, "rto_hours", "is longer than the maximum tolerable downtime"),
	}
	before := Range{}
	for _, loss := range []struct {
		name  string
		value Range
	}{{"loss_hour", a.LossHour}, {"loss_day", a.LossDay}, {"loss_week", a.LossWeek}, {"loss_month", a.LossMonth}} {
		if loss.value.IsZero() {
			continue
		}
		errs = append(errs, notNegative(loss.name, loss.value.Low),
			refuse(loss.value.Low < before.Low || loss.value.High < before.High, loss.name, "is less than the loss after a shorter time"))
		before = loss.value
	}
	return complaints(errs...)
}

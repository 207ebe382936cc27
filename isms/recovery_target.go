package isms

import "holdfast/kind"

// A RecoveryTarget says how soon an asset must be back and how much of its newest
// data may be lost, beside what was really measured.
type RecoveryTarget struct {
	Base
	AssetID     string       `json:"asset_id"      isms:"ref=asset,required,list,filter,label=asset,immutable"`
	PlanID      string       `json:"plan_id"       isms:"ref=plan,filter,label=plan" doc:"The plan by which it is restored."`
	RTO         float64      `json:"rto"           isms:"list,unit=hours,label=back within (RTO)" doc:"Recovery time objective: from the failure until it works again."`
	RPO         float64      `json:"rpo"           isms:"list,unit=hours,label=data lost at most (RPO)" doc:"Recovery point objective: age of the newest data that may be lost."`
	MTD         float64      `json:"mtd"           isms:"unit=hours,label=unbearable after (MTD)" doc:"Maximum tolerable downtime: afterwards the harm cannot be repaired."`
	Minimum     Markdown     `json:"minimum"       doc:"What must work at least, and what may wait."`
	MeasuredRTO float64      `json:"measured_rto"  isms:"list,unit=hours,label=measured time" doc:"How long it really took the last time."`
	MeasuredRPO float64      `json:"measured_rpo"  isms:"unit=hours,label=measured loss" doc:"How old the restored data really were."`
	TestedOn    Date         `json:"tested_on"     isms:"list,filter"`
	ExerciseID  string       `json:"exercise_id"   isms:"ref=exercise,label=exercise" doc:"The exercise that measured it."`
	TestEvery   int          `json:"test_every"    isms:"unit=days" doc:"How often it must be shown."`
	CostPerHour Range        `json:"cost_per_hour" isms:"unit=money" doc:"What an hour without it costs."`
	Result      TargetResult `json:"result"        isms:"computed,list,filter"`
	Priority    int          `json:"priority"      isms:"label=order" doc:"What is restored first."`
	OwnerID     string       `json:"owner_id"      isms:"ref=person,filter,label=owner"`
}

// TargetResult tells whether a target was met when it was measured.
type TargetResult string

// The results of a target.
const (
	TargetUntested TargetResult = "untested"
	TargetMet      TargetResult = "met"
	TargetMissed   TargetResult = "missed"
)

// Choices lists the results.
func (TargetResult) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "untested", Tone: "warn", Doc: "Nobody knows."}, {Value: "met", Tone: "good"}, {Value: "missed", Tone: "high"},
	}
}

// RecoveryTargets describes the record type.
var RecoveryTargets = kind.Of("recovery_target", kind.Spec[RecoveryTarget]{
	Group: kind.Respond, Icon: "target", Owner: "owner_id", Sort: "rto", Parent: "asset_id",
	Doc: "How soon an asset must be back and how much data may be lost, beside what was measured.",
	Prepare: func(t *RecoveryTarget) {
		entitle(&t.Base, "Recovery target")
		t.Result = t.judge()
	},
	Validate: func(t *RecoveryTarget) error {
		return complaints(notNegative("rto", t.RTO), notNegative("rpo", t.RPO), notNegative("mtd", t.MTD),
			notNegative("measured_rto", t.MeasuredRTO), notNegative("measured_rpo", t.MeasuredRPO), notNegative("test_every", t.TestEvery),
			refuse(t.MTD > 0 && t.RTO > t.MTD, "rto", "is later than the moment from which the downtime is unbearable"))
	},
	Actions: []kind.Act[RecoveryTarget]{
		{Action: kind.Action{Name: "measure", Label: "Measured today", Doc: "The measured values were shown today, by an exercise or for real."},
			Do: func(t *RecoveryTarget, in kind.Input) error { t.TestedOn = kind.DateOf(in.At); return nil }},
	},
})

// judge compares what was measured with what was aimed at. Only a test counts;
// a measured time of zero on a tested target means that it never stopped.
func (t *RecoveryTarget) judge() TargetResult {
	switch {
	case t.TestedOn == "":
		return TargetUntested
	case t.MeasuredRTO > t.RTO, t.MeasuredRPO > t.RPO:
		return TargetMissed
	}
	return TargetMet
}

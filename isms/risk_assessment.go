package isms

import "holdfast/kind"

// A RiskAssessment is one round of looking at the risks of a scope: who took part,
// by which method, and what came out. The figures are frozen when it is approved.
type RiskAssessment struct {
	Base
	ScopeID    string               `json:"scope_id"    isms:"ref=scope,list,filter,label=scope" doc:"Empty: the whole organisation."`
	Status     RiskAssessmentStatus `json:"status"      isms:"list,filter"`
	Method     AssessmentMethod     `json:"method"      isms:"required,list,filter"`
	Starts     Date                 `json:"starts"      isms:"list"`
	Ends       Date                 `json:"ends"        isms:"list,filter"`
	LeadID     string               `json:"lead_id"     isms:"ref=person,list,filter,label=lead"`
	Occasion   AssessmentOccasion   `json:"occasion"    isms:"filter" doc:"What gave rise to it."`
	Criteria   Markdown             `json:"criteria"    doc:"How likelihood and impact were judged, and what is acceptable."`
	Sources    Markdown             `json:"sources"     doc:"Scans, interviews, documents on which it rests."`
	Limits     Markdown             `json:"limits"      doc:"What was not looked at, and how sure the figures are."`
	Summary    Markdown             `json:"summary"     isms:"search" doc:"What came out, for people who read one page."`
	Advice     Markdown             `json:"advice"      isms:"search" doc:"What should be done, most pressing first."`
	Risks      int                  `json:"risks"       isms:"computed,list" doc:"How many risks were looked at."`
	LossNow    Money                `json:"loss_now"    isms:"computed,list,label=yearly loss now"`
	LossTarget Money                `json:"loss_target" isms:"computed,label=yearly loss target"`
	LossP95    Money                `json:"loss_p95"    isms:"computed,label=bad year (P95)" doc:"Only one year in twenty costs more."`
	NextBy     Date                 `json:"next_by"     isms:"filter,label=repeat by"`
	ApprovedBy string               `json:"approved_by" isms:"ref=person,computed"`
	ApprovedAt Instant              `json:"approved_at" isms:"computed"`
}

// AssessmentMethod is how risks are measured.
type AssessmentMethod string

// Choices lists the methods.
func (AssessmentMethod) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "quantitative", Doc: "In money: SLE, ALE, Monte Carlo."},
		{Value: "semi_quantitative", Doc: "Probability × severity on numeric scales."},
		{Value: "qualitative", Doc: "Impact × probability × criticality in words."},
	}
}

// AssessmentOccasion is what gave rise to an assessment.
type AssessmentOccasion string

// Choices lists the occasions.
func (AssessmentOccasion) Choices() []kind.Choice {
	return kind.Words("first", "regular", "change", "incident", "project", "request")
}

// RiskAssessmentStatus is where an assessment stands.
type RiskAssessmentStatus string

// The states of a risk assessment.
const (
	RiskAssessmentPlanned  RiskAssessmentStatus = "planned"
	RiskAssessmentRunning  RiskAssessmentStatus = "running"
	RiskAssessmentApproved RiskAssessmentStatus = "approved"
	RiskAssessmentClosed   RiskAssessmentStatus = "closed"
)

// Choices lists the states.
func (RiskAssessmentStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "planned", Tone: "info"}, {Value: "running", Tone: "warn"}, {Value: "approved", Tone: "good"},
		{Value: "closed", Tone: "muted", Doc: "Replaced by a later one, or given up."},
	}
}

// RiskAssessments describes the record type.
var RiskAssessments = kind.Of("risk_assessment", kind.Spec[RiskAssessment]{
	Group: kind.Identify, Plural: "risk-assessments", Icon: "search", State: "status", Owner: "lead_id", Sort: "-starts",
	Doc: "One round of looking at the risks of a scope, with its method, people and result.",
	Prepare: func(a *RiskAssessment) {
		if a.Starts != "" {
			entitle(&a.Base, "Risk assessment of "+string(a.Starts))
		}
	},
	Validate: func(a *RiskAssessment) error {
		return daysOrdered("ends", a.Starts, a.Ends, "lies before the first day")
	},
	Links: []kind.Link{
		{Name: "looked at", To: "risk", Inverse: "looked at in"},
		{Name: "carried out by", To: "person", Inverse: "took part in assessment"},
		{Name: "prompted by", To: "motivator", Inverse: "prompted assessment"},
	},
	Actions: []kind.Act[RiskAssessment]{
		{Action: kind.Action{Name: "start", From: []string{"planned"}, To: "running"},
			Do: func(a *RiskAssessment, in kind.Input) error {
				if a.Starts == "" {
					a.Starts = kind.DateOf(in.At)
				}
				return nil
			}},
		{Action: kind.Action{Name: "approve", From: []string{"running"}, To: "approved", Needs: kind.Approve, Doc: "The figures are kept as they are now."}, Do: approveRiskAssessment},
		{Action: kind.Action{Name: "close", From: []string{"planned", "running", "approved"}, To: "closed", Reason: true}},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"approved"}, To: "running", Needs: kind.Approve, Reason: true},
			Do: func(a *RiskAssessment, _ kind.Input) error { a.ApprovedBy, a.ApprovedAt = "", Instant{}; return nil }},
	},
})

func approveRiskAssessment(a *RiskAssessment, in kind.Input) error {
	a.ApprovedBy, a.ApprovedAt = in.By, in.At
	if a.Ends == "" {
		a.Ends = kind.DateOf(in.At)
	}
	return refuse(a.Summary == "", "summary", "say what came out before it is approved")
}

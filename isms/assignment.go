package isms

import "holdfast/kind"

// An Assignment is one course for one person: the request to take it and, later,
// the training record.
type Assignment struct {
	Base
	CourseID    string           `json:"course_id"   isms:"ref=course,required,list,filter,label=course,immutable"`
	PersonID    string           `json:"person_id"   isms:"ref=person,required,list,filter,label=person,immutable"`
	Status      AssignmentStatus `json:"status"      isms:"list,filter,index"`
	Due         Date             `json:"due"         isms:"list,filter,index"`
	Score       int              `json:"score"       isms:"list,unit=percent" doc:"Share of right answers, in percent."`
	Attempts    int              `json:"attempts"    isms:"computed"`
	StartedAt   Instant          `json:"started_at"  isms:"computed"`
	FinishedAt  Instant          `json:"finished_at" isms:"computed,list"`
	ValidUntil  Date             `json:"valid_until" isms:"list,filter,index" doc:"The day on which it must be renewed."`
	Certificate string           `json:"certificate" isms:"label=certificate (file)" doc:"Proof from outside, where there is one."`
	Why         string           `json:"why"         isms:"filter" doc:"Why this person: a new role, a campaign, an incident."`
	Remark      Markdown         `json:"remark"      isms:"computed" doc:"Why the person was excused."`
	Reminders   int              `json:"reminders"   isms:"computed" doc:"How often the person was reminded."`
}

// AssignmentStatus is where an assignment stands.
type AssignmentStatus string

// The states of an assignment.
const (
	AssignmentAssigned AssignmentStatus = "assigned"
	AssignmentStarted  AssignmentStatus = "started"
	AssignmentPassed   AssignmentStatus = "passed"
	AssignmentFailed   AssignmentStatus = "failed"
	AssignmentExcused  AssignmentStatus = "excused"
)

// Choices lists the states.
func (AssignmentStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "assigned", Tone: "warn"}, {Value: "started", Tone: "info"}, {Value: "passed", Tone: "good"},
		{Value: "failed", Tone: "high", Doc: "Below the pass mark; try again."},
		{Value: "excused", Tone: "muted"},
	}
}

// Assignments describes the record type.
var Assignments = kind.Of("assignment", kind.Spec[Assignment]{
	Group: kind.Protect, Icon: "book", State: "status", Owner: "person_id", Personal: true, Sort: "due", Parent: "course_id",
	Doc:      "One course for one person: when it is due, and the record that it was passed.",
	Prepare:  func(a *Assignment) { entitle(&a.Base, "Take the course", byDay(a.Due)) },
	Validate: func(a *Assignment) error { return complaints(within("score", a.Score, 0, 100)) },
	Actions: []kind.Act[Assignment]{
		{Action: kind.Action{Name: "start", From: []string{"assigned", "failed"}, To: "started"},
			Do: func(a *Assignment, in kind.Input) error { a.StartedAt = in.At; a.Attempts++; return nil }},
		{Action: kind.Action{Name: "pass", Label: "Passed", From: []string{"assigned", "started", "failed"}, To: "passed"}, Do: finishAssignment},
		{Action: kind.Action{Name: "fail", Label: "Not passed", From: []string{"started"}, To: "failed"}, Do: finishAssignment},
		{Action: kind.Action{Name: "excuse", From: []string{"assigned", "started", "failed"}, To: "excused", Needs: kind.Approve, Reason: true},
			Do: func(a *Assignment, in kind.Input) error { a.Remark = Markdown(in.Reason); return nil }},
		{Action: kind.Action{Name: "assign", Label: "Assign again", From: []string{"passed", "excused"}, To: "assigned"},
			Do: func(a *Assignment, _ kind.Input) error {
				a.FinishedAt, a.Score, a.Attempts, a.ValidUntil, a.Remark = Instant{}, 0, 0, "", ""
				return nil
			}},
	},
})

func finishAssignment(a *Assignment, in kind.Input) error {
	a.FinishedAt = in.At
	if in.Until != "" {
		a.ValidUntil = in.Until
	}
	return nil
}

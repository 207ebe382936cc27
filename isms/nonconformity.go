package isms

import (
	"cmp"

	"holdfast/kind"
)

// A Nonconformity is that something is not as a requirement says. It is found in
// an audit, a test, an exercise, an incident or daily work.
type Nonconformity struct {
	Base
	Grade         NonconformityGrade  `json:"grade"          isms:"required,list,filter"`
	Status        NonconformityStatus `json:"status"         isms:"list,filter"`
	Source        NonconformitySource `json:"source"         isms:"list,filter"`
	Due           Date                `json:"due"            isms:"list,filter,index" doc:"By when it must be repaired."`
	OwnerID       string              `json:"owner_id"       isms:"ref=person,list,filter,label=owner"`
	AuditID       string              `json:"audit_id"       isms:"ref=audit,filter,label=audit"`
	AuditCheckID  string              `json:"audit_check_id" isms:"ref=audit_check,label=audit question"`
	TestID        string              `json:"test_id"        isms:"ref=test,filter,label=test"`
	ExerciseID    string              `json:"exercise_id"    isms:"ref=exercise,filter,label=exercise"`
	IncidentID    string              `json:"incident_id"    isms:"ref=incident,filter,label=incident"`
	RequirementID string              `json:"requirement_id" isms:"ref=requirement,list,filter,label=requirement" doc:"What is not met."`
	AssetID       string              `json:"asset_id"       isms:"ref=asset,filter,label=asset"`
	Statement     Markdown            `json:"statement"      isms:"required,search" doc:"What should be, and what is."`
	Facts         Markdown            `json:"facts"          isms:"search" doc:"What was seen, so that nobody can doubt it."`
	Correction    Markdown            `json:"correction"     doc:"What was done at once, before the cause was looked for."`
	Reach         Markdown            `json:"reach"          doc:"Where else the same may be found."`
	FoundOn       Date                `json:"found_on"       isms:"filter"`
	ClosedOn      Date                `json:"closed_on"      isms:"computed"`
	ClosedBy      string              `json:"closed_by"      isms:"ref=person,computed"`
	Remark        Markdown            `json:"remark"         isms:"computed" doc:"What was said when it was rejected or closed."`
}

// NonconformityGrade tells how bad a nonconformity is.
type NonconformityGrade string

// Choices lists the grades, worst first.
func (NonconformityGrade) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "major", Tone: "critical", Doc: "A requirement is missing or does not work at all."},
		{Value: "minor", Tone: "medium", Doc: "A slip in something that works."},
		{Value: "observation", Tone: "info", Doc: "It conforms, but may not for long."},
	}
}

// NonconformitySource tells where a nonconformity was found.
type NonconformitySource string

// Choices lists the sources.
func (NonconformitySource) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "audit"}, {Value: "test"}, {Value: "exercise"}, {Value: "incident"}, {Value: "review", Label: "Management review"},
		{Value: "complaint"}, {Value: "daily_work"},
	}
}

// NonconformityStatus is where a nonconformity stands.
type NonconformityStatus string

// Choices lists the states.
func (NonconformityStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "open", Tone: "warn"}, {Value: "analysing", Tone: "info", Doc: "The cause is looked for."},
		{Value: "correcting", Tone: "info", Doc: "Corrective actions are under way."},
		{Value: "verifying", Tone: "info", Doc: "It is repaired; does it last?"},
		{Value: "closed", Tone: "good"}, {Value: "rejected", Tone: "muted", Doc: "It was none."},
	}
}

// Nonconformities describes the record type.
var Nonconformities = kind.Of("nonconformity", kind.Spec[Nonconformity]{
	Group: kind.Improve, Plural: "nonconformities", Icon: "failure", State: "status", Owner: "owner_id", Sort: "due",
	Doc: "Something that is not as a requirement says, wherever it was found.",
	Prepare: func(n *Nonconformity) {
		n.Source = cmp.Or(n.Source, sourceOf(n))
		entitle(&n.Base, firstLine(string(n.Statement)))
	},
	Validate: func(n *Nonconformity) error {
		return complaints(daysOrdered("due", n.FoundOn, n.Due, "lies before it was found"))
	},
	Links: []kind.Link{
		{Name: "weakens", To: "safeguard", Inverse: "weakened by"},
		{Name: "breaks", To: "obligation", Inverse: "broken by"},
		{Name: "violates", To: "document", Inverse: "violated by"},
		{Name: "raises", To: "risk", Inverse: "raised by nonconformity"},
		{Name: "evidenced by", To: "evidence", Inverse: "proves nonconformity"},
	},
	Actions: []kind.Act[Nonconformity]{
		{Action: kind.Action{Name: "analyse", Label: "Look for the cause", From: []string{"open"}, To: "analysing"}},
		{Action: kind.Action{Name: "correct", Label: "Start correcting", From: []string{"open", "analysing", "verifying"}, To: "correcting"}},
		{Action: kind.Action{Name: "verify", Label: "Corrected", From: []string{"correcting"}, To: "verifying"}},
		{Action: kind.Action{Name: "close", From: []string{"correcting", "verifying"}, To: "closed", Needs: kind.Approve, Reason: true,
			Doc: "The cause is gone; say how one knows."}, Do: closeNonconformity},
		{Action: kind.Action{Name: "reject", Label: "It is none", From: []string{"open", "analysing"}, To: "rejected", Needs: kind.Approve, Reason: true}, Do: closeNonconformity},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"closed", "rejected"}, To: "open"},
			Do: func(n *Nonconformity, _ kind.Input) error { n.ClosedOn, n.ClosedBy = "", ""; return nil }},
	},
})

func closeNonconformity(n *Nonconformity, in kind.Input) error {
	n.ClosedOn, n.ClosedBy, n.Remark = kind.DateOf(in.At), in.By, Markdown(in.Reason)
	return nil
}

// sourceOf tells where it was found by the record that it names.
func sourceOf(n *Nonconformity) NonconformitySource {
	switch {
	case n.AuditID != "" || n.AuditCheckID != "":
		return "audit"
	case n.TestID != "":
		return "test"
	case n.ExerciseID != "":
		return "exercise"
	case n.IncidentID != "":
		return "incident"
	}
	return "daily_work"
}

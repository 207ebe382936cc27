package isms

import (
	"cmp"

	"holdfast/kind"
)

// A RootCause is one answer to the question why an incident could happen. The
// answer to the next why lies below it, so that the causes are a tree.
type RootCause struct {
	Base
	IncidentID  string        `json:"incident_id" isms:"ref=incident,required,list,filter,label=incident,immutable"`
	ParentID    string        `json:"parent_id"   isms:"ref=root_cause,filter,label=explains" doc:"The cause that this one explains; empty: it explains the incident itself."`
	Category    CauseCategory `json:"category"    isms:"list,filter"`
	Role        CauseRole     `json:"role"        isms:"list,filter"`
	Status      CauseStatus   `json:"status"      isms:"list,filter"`
	OwnerID     string        `json:"owner_id"    isms:"ref=person,list,filter,label=analyst"`
	Explanation Markdown      `json:"explanation" isms:"search" doc:"Why did this happen?"`
	Evidence    Markdown      `json:"evidence"    doc:"How one knows: log lines, statements, files."`
	Confidence  Level         `json:"confidence"  isms:"list"`
	Frequency   Range         `json:"frequency"   isms:"unit=per year,label=expected again" doc:"How often it would happen again if nothing changed."`
	Position    int           `json:"position"    doc:"Order among the causes at the same place."`
}

// CauseCategory tells where a cause lies.
type CauseCategory string

// Choices lists the categories.
func (CauseCategory) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "people", Doc: "Knowledge, attention, workload."}, {Value: "process", Doc: "No rule, a wrong rule, a rule nobody keeps."},
		{Value: "technology", Doc: "A weakness of a system."}, {Value: "design", Doc: "It was built so that it could happen."},
		{Value: "supplier"}, {Value: "governance", Doc: "No owner, no money, no decision."}, {Value: "environment", Doc: "Nature, power, building."},
	}
}

// CauseRole tells what a cause contributed.
type CauseRole string

// Choices lists the roles.
func (CauseRole) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "root", Doc: "Without it the incident would not have happened."},
		{Value: "contributing", Doc: "It made things worse or more likely."},
		{Value: "detection_gap", Doc: "Why it was noticed late."}, {Value: "response_gap", Doc: "Why the answer took so long."},
	}
}

// CauseStatus is where a cause stands.
type CauseStatus string

// Choices lists the states.
func (CauseStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "suspected", Tone: "warn"}, {Value: "confirmed", Tone: "high", Doc: "Shown by evidence."},
		{Value: "excluded", Tone: "muted", Doc: "It was not this."},
		{Value: "removed", Tone: "good", Doc: "It can no longer have this effect."},
	}
}

// RootCauses describes the record type.
var RootCauses = kind.Of("root_cause", kind.Spec[RootCause]{
	Group: kind.Respond, Icon: "question", State: "status", Owner: "owner_id", Sort: "position", Parent: "incident_id",
	Doc: "One answer to the question why an incident could happen.",
	Prepare: func(c *RootCause) {
		c.Role = cmp.Or(c.Role, "contributing")
		entitle(&c.Base, firstLine(string(c.Explanation)))
	},
	Validate: func(c *RootCause) error { return complaints(notItself(&c.Base, "parent_id", c.ParentID)) },
	Links: []kind.Link{
		{Name: "lies in", To: "vulnerability", Inverse: "caused", Doc: "The weaknesses behind it."},
		{Name: "past", To: "safeguard", Inverse: "failed in", Doc: "The safeguards that should have stopped it and did not."},
		{Name: "re-prices", To: "risk", Inverse: "re-priced by", Doc: "The risks whose frequency it changes."},
		{Name: "evidenced by", To: "evidence", Inverse: "proves cause"},
	},
	Actions: []kind.Act[RootCause]{
		{Action: kind.Action{Name: "confirm", From: []string{"suspected", "excluded"}, To: "confirmed"}, Do: confirmCause},
		{Action: kind.Action{Name: "exclude", From: []string{"suspected", "confirmed"}, To: "excluded", Reason: true},
			Do: func(c *RootCause, in kind.Input) error { c.Evidence = Markdown(in.Reason); return nil }},
		{Action: kind.Action{Name: "remove", Label: "Cause is removed", From: []string{"confirmed"}, To: "removed", Reason: true}},
		{Action: kind.Action{Name: "reopen", Label: "Re-open", From: []string{"excluded", "removed"}, To: "suspected"}},
	},
})

func confirmCause(c *RootCause, in kind.Input) error {
	if c.Evidence == "" {
		c.Evidence = Markdown(in.Reason)
	}
	return refuse(c.Evidence == "", "evidence", "says how one knows; a cause without evidence stays a suspicion")
}

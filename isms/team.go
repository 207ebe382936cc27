package isms

import "holdfast/kind"

// A Team is a group of people with a task: a department, a project, a crew on call.
type Team struct {
	Base
	Purpose  Markdown   `json:"purpose"   isms:"search" doc:"What it is there for and what it answers for."`
	Type     TeamType   `json:"type"      isms:"list,filter"`
	Status   TeamStatus `json:"status"    isms:"list,filter"`
	LeadID   string     `json:"lead_id"   isms:"ref=person,list,filter,label=lead"`
	ParentID string     `json:"parent_id" isms:"ref=team,list,filter,label=part of"`
	Email    string     `json:"email"     isms:"list" doc:"Reaches all members."`
	Chat     string     `json:"chat"      doc:"Channel or room."`
	OnCall   string     `json:"on_call"   doc:"How to reach somebody outside working hours."`
	Site     string     `json:"site"      isms:"filter"`
}

// TeamType tells what a team is for.
type TeamType string

// Choices lists the types.
func (TeamType) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "department"}, {Value: "project"},
		{Value: "response", Label: "Incident response"},
		{Value: "crisis", Label: "Crisis management"},
		{Value: "offensive", Label: "Offensive testing"},
		{Value: "defensive", Label: "Defence and monitoring"},
		{Value: "supplier", Doc: "People of another company who work for us."},
	}
}

// TeamStatus is whether a team exists.
type TeamStatus string

// The states of a team.
const (
	TeamActive    TeamStatus = "active"
	TeamDissolved TeamStatus = "dissolved"
)

// Choices lists the states.
func (TeamStatus) Choices() []kind.Choice {
	return []kind.Choice{{Value: "active", Tone: "good"}, {Value: "dissolved", Tone: "muted"}}
}

// Teams describes the record type.
var Teams = kind.Of("team", kind.Spec[Team]{
	Group: kind.Govern, Icon: "users", State: "status", Owner: "lead_id", Sort: "title",
	Doc: "A group of people with a task, so that work and alarms reach somebody when one is away.",
	Validate: func(t *Team) error {
		return complaints(mailAddress("email", t.Email), notItself(&t.Base, "parent_id", t.ParentID))
	},
	Links: []kind.Link{
		{Name: "looks after", To: "asset", Inverse: "looked after by", Doc: "Who is called when it fails."},
	},
	Actions: []kind.Act[Team]{
		{Action: kind.Action{Name: "dissolve", From: []string{"active"}, To: "dissolved", Reason: true, Danger: true}},
		{Action: kind.Action{Name: "revive", From: []string{"dissolved"}, To: "active"}},
	},
})

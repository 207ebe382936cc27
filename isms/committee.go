package isms

import "holdfast/kind"

// A Committee is a body that steers and decides, such as the steering committee.
type Committee struct {
	Base
	Type       CommitteeType   `json:"type"        isms:"list,filter"`
	Status     CommitteeStatus `json:"status"      isms:"list,filter"`
	ChairID    string          `json:"chair_id"    isms:"ref=person,list,filter,label=chair"`
	Mandate    Markdown        `json:"mandate"     isms:"search" doc:"What it is there for and what it may decide."`
	SpendLimit Money           `json:"spend_limit" isms:"list" doc:"The most it may spend by one decision; 0: nothing."`
	Quorum     int             `json:"quorum"      isms:"list,unit=people" doc:"How many members must agree to decide."`
	MeetsEvery int             `json:"meets_every" isms:"list,unit=days"`
	ReportsTo  string          `json:"reports_to"  doc:"Who hears of its decisions."`
	Email      string          `json:"email"`
}

// CommitteeType tells what a committee decides on.
type CommitteeType string

// Choices lists the types.
func (CommitteeType) Choices() []kind.Choice {
	return kind.Words("steering", "executive", "risk", "audit", "change", "privacy", "crisis")
}

// CommitteeStatus is whether a committee exists.
type CommitteeStatus string

// The states of a committee.
const (
	CommitteeActive    CommitteeStatus = "active"
	CommitteeDissolved CommitteeStatus = "dissolved"
)

// Choices lists the states.
func (CommitteeStatus) Choices() []kind.Choice {
	return []kind.Choice{{Value: "active", Tone: "good"}, {Value: "dissolved", Tone: "muted"}}
}

// Committees describes the record type.
var Committees = kind.Of("committee", kind.Spec[Committee]{
	Group: kind.Govern, Icon: "users", State: "status", Owner: "chair_id", Sort: "title",
	Doc: "A body that steers and decides, with its members, its mandate and what it may spend.",
	Validate: func(c *Committee) error {
		return complaints(mailAddress("email", c.Email), notNegative("spend_limit", c.SpendLimit),
			notNegative("quorum", c.Quorum), notNegative("meets_every", c.MeetsEvery))
	},
	Links: []kind.Link{
		{Name: "has member", To: "person", Inverse: "sits on"},
	},
	Actions: []kind.Act[Committee]{
		{Action: kind.Action{Name: "dissolve", From: []string{"active"}, To: "dissolved", Needs: kind.Approve, Reason: true, Danger: true}},
		{Action: kind.Action{Name: "revive", From: []string{"dissolved"}, To: "active", Needs: kind.Approve}},
	},
})

package isms

import (
	"strconv"

	"holdfast/kind"
)

// A Meeting of a committee or a team, with what was said. What was decided is a
// Decision of its own.
type Meeting struct {
	Base
	CommitteeID string        `json:"committee_id" isms:"ref=committee,list,filter,label=committee"`
	At          Instant       `json:"at"           isms:"list,filter" doc:"When it begins."`
	Status      MeetingStatus `json:"status"       isms:"list,filter"`
	Minutes     int           `json:"minutes"      isms:"unit=minutes,label=duration"`
	Place       string        `json:"place"        isms:"list" doc:"Room, or address of the call."`
	ChairID     string        `json:"chair_id"     isms:"ref=person,filter,label=chair"`
	WriterID    string        `json:"writer_id"    isms:"ref=person,label=keeps the minutes"`
	Agenda      Markdown      `json:"agenda"       isms:"search"`
	Record      Markdown      `json:"record"       isms:"search,label=minutes" doc:"What was said."`
	ApprovedOn  Date          `json:"approved_on"  isms:"computed,list" doc:"When the minutes were approved."`
	ApprovedBy  string        `json:"approved_by"  isms:"ref=person,computed"`
}

// MeetingStatus is where a meeting stands.
type MeetingStatus string

// The states of a meeting.
const (
	MeetingPlanned   MeetingStatus = "planned"
	MeetingHeld      MeetingStatus = "held"
	MeetingApproved  MeetingStatus = "approved"
	MeetingCancelled MeetingStatus = "cancelled"
)

// Choices lists the states.
func (MeetingStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "planned", Tone: "info"}, {Value: "held", Tone: "warn", Doc: "The minutes are not approved yet."},
		{Value: "approved", Label: "Minutes approved", Tone: "good"}, {Value: "cancelled", Tone: "muted"},
	}
}

// Meetings describes the record type.
var Meetings = kind.Of("meeting", kind.Spec[Meeting]{
	Group: kind.Govern, Icon: "calendar", State: "status", Owner: "chair_id", Sort: "-at", Parent: "committee_id",
	Doc: "A meeting of a committee, with agenda, attendance and minutes.",
	Prepare: func(m *Meeting) {
		if !m.At.IsZero() {
			entitle(&m.Base, "Meeting on "+strconv.Itoa(m.At.UTC().Day())+m.At.UTC().Format(" January 2006"))
		}
	},
	Validate: func(m *Meeting) error { return notNegative("minutes", m.Minutes) },
	Links: []kind.Link{
		{Name: "attended by", To: "person", Inverse: "attended"},
		{Name: "missed by", To: "person", Inverse: "missed"},
		{Name: "discussed risk", To: "risk", Inverse: "discussed in"},
	},
	Actions: []kind.Act[Meeting]{
		{Action: kind.Action{Name: "hold", Label: "Mark as held", From: []string{"planned"}, To: "held"}},
		{Action: kind.Action{Name: "approve", Label: "Approve minutes", From: []string{"held"}, To: "approved", Needs: kind.Approve}, Do: approveMinutes},
		{Action: kind.Action{Name: "cancel", From: []string{"planned"}, To: "cancelled", Reason: true}},
		{Action: kind.Action{Name: "reopen", Label: "Correct the minutes", From: []string{"approved"}, To: "held", Reason: true},
			Do: func(m *Meeting, _ kind.Input) error { m.ApprovedOn, m.ApprovedBy = "", ""; return nil }},
		{Action: kind.Action{Name: "plan", Label: "Plan again", From: []string{"cancelled"}, To: "planned"}},
	},
})

func approveMinutes(m *Meeting, in kind.Input) error {
	m.ApprovedOn, m.ApprovedBy = kind.DateOf(in.At), in.By
	return refuse(m.Record == "", "record", "is empty; there is nothing to approve")
}

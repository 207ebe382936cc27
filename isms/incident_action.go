package isms

import (
	"cmp"

	"holdfast/kind"
)

// An IncidentAction is one entry of the timeline of an incident: what was seen,
// decided, done or said. It is never changed; a correction is a new entry.
type IncidentAction struct {
	Base
	IncidentID     string        `json:"incident_id"      isms:"ref=incident,required,filter,label=incident,immutable"`
	At             Instant       `json:"at"               isms:"list,immutable,index" doc:"When it happened, which may be before it was written down."`
	Type           EntryType     `json:"type"             isms:"list,filter,immutable"`
	Phase          IncidentPhase `json:"phase"            isms:"list,filter,immutable"`
	PersonID       string        `json:"person_id"        isms:"ref=person,list,filter,label=by,immutable"`
	What           Markdown      `json:"what"             isms:"required,search,immutable"`
	Result         Markdown      `json:"result"           isms:"search" doc:"What came of it; empty while it is under way."`
	Status         EntryStatus   `json:"status"           isms:"list,filter"`
	AssetID        string        `json:"asset_id"         isms:"ref=asset,list,filter,label=asset,immutable" doc:"On what it was done."`
	PlaybookStepID string        `json:"playbook_step_id" isms:"ref=playbook_step,label=playbook step,immutable"`
	CorrectsID     string        `json:"corrects_id"      isms:"ref=incident_action,label=corrects,immutable" doc:"The entry that it puts right; both stay."`
	EvidenceID     string        `json:"evidence_id"      isms:"ref=evidence,filter,label=evidence,immutable" doc:"The exhibit that was taken or handed over."`
	HandedTo       string        `json:"handed_to"        isms:"immutable" doc:"Who holds the exhibit from now on: the chain of custody."`
	Automatic      bool          `json:"automatic"        isms:"computed,filter" doc:"Written by the product from what it saw."`
	Minutes        int           `json:"minutes"          isms:"unit=minutes,label=work" doc:"Time of people that it took; it counts into the cost."`
	Cost           Money         `json:"cost"             isms:"unit=money" doc:"Money spent on it besides the time."`
}

// EntryType tells what an entry of a timeline is.
type EntryType string

// Choices lists the types.
func (EntryType) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "action", Doc: "Something was done."}, {Value: "observation", Doc: "Something was seen."},
		{Value: "decision", Doc: "Somebody decided."}, {Value: "communication", Doc: "Somebody was told."},
		{Value: "custody", Doc: "An exhibit was taken or handed over."},
		{Value: "correction", Doc: "An earlier entry was wrong."},
	}
}

// EntryStatus is where an entry stands.
type EntryStatus string

// Choices lists the states.
func (EntryStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "done", Tone: "good"}, {Value: "underway", Tone: "warn"},
		{Value: "failed", Tone: "high", Doc: "It was tried and did not work."},
		{Value: "undone", Tone: "muted", Doc: "It was taken back: the wall is down again."},
	}
}

// IncidentActions describes the record type.
var IncidentActions = kind.Of("incident_action", kind.Spec[IncidentAction]{
	Group: kind.Respond, Label: "Timeline entry", Icon: "clock", State: "status", Owner: "person_id", Sort: "at", Parent: "incident_id",
	Doc: "One entry of the timeline of an incident: what was seen, decided, done or said.",
	Prepare: func(e *IncidentAction) {
		e.Type = cmp.Or(e.Type, "action")
		if e.CorrectsID != "" {
			e.Type = "correction"
		}
		entitle(&e.Base, firstLine(string(e.What)))
	},
	Validate: func(e *IncidentAction) error {
		return complaints(notNegative("minutes", e.Minutes), notNegative("cost", e.Cost),
			notItself(&e.Base, "corrects_id", e.CorrectsID),
			refuse(e.Type == "correction" && e.CorrectsID == "", "corrects_id", "names the entry that was wrong"),
			refuse(e.Type == "custody" && e.EvidenceID == "", "evidence_id", "names the exhibit"))
	},
	Actions: []kind.Act[IncidentAction]{
		{Action: kind.Action{Name: "start", Label: "Try again", From: []string{"failed", "undone"}, To: "underway"}},
		{Action: kind.Action{Name: "finish", Label: "It worked", From: []string{"underway"}, To: "done"}, Do: resultOfEntry},
		{Action: kind.Action{Name: "fail", Label: "It did not work", From: []string{"underway"}, To: "failed", Reason: true}, Do: resultOfEntry},
		{Action: kind.Action{Name: "undo", Label: "Taken back", From: []string{"done"}, To: "undone", Reason: true}, Do: resultOfEntry},
	},
})

// resultOfEntry adds to what is known of the result.
func resultOfEntry(e *IncidentAction, in kind.Input) error {
	if in.Reason == "" {
		return nil
	}
	if e.Result != "" {
		e.Result += "\n\n"
	}
	e.Result += Markdown(in.Reason)
	return nil
}

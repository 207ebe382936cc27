package isms

import (
	"cmp"

	"holdfast/kind"
)

// An Exercise plays a crisis before it comes, and measures how people and systems
// do. What happens in it are its injects.
type Exercise struct {
	Base
	Type         ExerciseType   `json:"type"          isms:"list,filter"`
	Status       ExerciseStatus `json:"status"        isms:"list,filter"`
	At           Instant        `json:"at"            isms:"list,filter" doc:"When it takes place."`
	LeadID       string         `json:"lead_id"       isms:"ref=person,list,filter,label=lead"`
	Category     IncidentType   `json:"category"      isms:"list,filter" doc:"The kind of incident that is played."`
	Scenario     Markdown       `json:"scenario"      isms:"search" doc:"The story as it is told at the beginning."`
	Goals        Markdown       `json:"goals"         doc:"What it should show."`
	PlanID       string         `json:"plan_id"       isms:"ref=plan,filter,label=plan" doc:"The plan that is tried."`
	PlaybookID   string         `json:"playbook_id"   isms:"ref=playbook,filter,label=playbook"`
	Participants []string       `json:"participants"  isms:"search" doc:"Who took part, by name or role."`
	Minutes      int            `json:"minutes"       isms:"unit=minutes,label=planned length"`
	StartedAt    Instant        `json:"started_at"    isms:"computed"`
	EndedAt      Instant        `json:"ended_at"      isms:"computed"`
	TargetHours  float64        `json:"target_hours"  isms:"unit=hours,label=recovery aimed at"`
	Recovery     float64        `json:"recovery"      isms:"list,unit=hours,label=measured recovery" doc:"From the first sign until work went on."`
	Score        int            `json:"score"         isms:"list,unit=percent" doc:"How well it went, over all injects."`
	Result       Markdown       `json:"result"        isms:"search" doc:"What worked, what did not."`
	Announced    bool           `json:"announced"     isms:"filter" doc:"People knew that it was an exercise."`
	NextOn       Date           `json:"next_on"       isms:"filter,label=next one"`
	RestoreID    string         `json:"restore_id"    isms:"ref=restore_point,filter,label=restore point" doc:"The copy that is brought back in a restore test."`
	Seed         int            `json:"seed"          doc:"The number from which its story was made; the same number makes the same story."`
}

// ExerciseType tells how close to reality an exercise is.
type ExerciseType string

// Choices lists the types, from talk to real.
func (ExerciseType) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "walkthrough", Doc: "Reading the plan together."}, {Value: "tabletop", Doc: "Talking through a story with injects."},
		{Value: "restore", Label: "Restore test", Doc: "Bringing back real data."}, {Value: "call_out", Label: "Call-out", Doc: "Who can be reached, how soon?"},
		{Value: "simulation", Doc: "Acting on systems set apart for it."}, {Value: "failover", Doc: "Working from the reserve."},
		{Value: "full", Label: "Full interruption"},
	}
}

// ExerciseStatus is where an exercise stands.
type ExerciseStatus string

// Choices lists the states.
func (ExerciseStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "planned", Tone: "info"}, {Value: "running", Tone: "warn"},
		{Value: "evaluating", Tone: "info", Doc: "It was held; what follows from it is not yet written down."},
		{Value: "done", Tone: "good"}, {Value: "cancelled", Tone: "muted"},
	}
}

// Exercises describes the record type.
var Exercises = kind.Of("exercise", kind.Spec[Exercise]{
	Group: kind.Respond, Icon: "play", State: "status", Owner: "lead_id", Sort: "-at",
	Doc:     "A crisis that is played, to measure how people and systems do.",
	Prepare: func(e *Exercise) { e.Type = cmp.Or(e.Type, "tabletop") },
	Validate: func(e *Exercise) error {
		return complaints(within("score", e.Score, 0, 100), notNegative("minutes", e.Minutes),
			notNegative("target_hours", e.TargetHours), notNegative("recovery", e.Recovery))
	},
	Links: []kind.Link{
		{Name: "plays", To: "risk", Inverse: "played in"},
		{Name: "tries", To: "asset", Inverse: "tried in"},
		{Name: "proves", To: "safeguard", Inverse: "proved in"},
		{Name: "evidenced by", To: "evidence", Inverse: "proves exercise"},
	},
	Actions: []kind.Act[Exercise]{
		{Action: kind.Action{Name: "start", From: []string{"planned"}, To: "running"},
			Do: func(e *Exercise, in kind.Input) error { e.StartedAt = in.At; return nil }},
		{Action: kind.Action{Name: "end", From: []string{"running"}, To: "evaluating"}, Do: endExercise},
		{Action: kind.Action{Name: "evaluate", Label: "Evaluation finished", From: []string{"evaluating"}, To: "done"},
			Do: func(e *Exercise, _ kind.Input) error {
				return refuse(e.Result == "", "result", "write down what worked and what did not")
			}},
		{Action: kind.Action{Name: "cancel", From: []string{"planned", "running"}, To: "cancelled", Reason: true}},
		{Action: kind.Action{Name: "plan", Label: "Plan again", From: []string{"cancelled"}, To: "planned"}},
	},
})

func endExercise(e *Exercise, in kind.Input) error {
	e.EndedAt = in.At
	if e.At.IsZero() {
		e.At = e.StartedAt
	}
	return nil
}

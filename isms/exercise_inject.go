package isms

import "holdfast/kind"

// An ExerciseInject is one piece of news in an exercise: what the players are
// told at which minute, what they should do, and what they did.
type ExerciseInject struct {
	Base
	ExerciseID string        `json:"exercise_id" isms:"ref=exercise,required,filter,label=exercise,immutable"`
	Minute     int           `json:"minute"      isms:"list,unit=minutes,label=at minute" doc:"After the beginning."`
	Status     InjectStatus  `json:"status"      isms:"list,filter"`
	News       Markdown      `json:"news"        isms:"required,search" doc:"What the players are told, and from whom it seems to come."`
	Phase      IncidentPhase `json:"phase"       isms:"list,filter"`
	Audience   string        `json:"audience"    isms:"list" doc:"Who is told; empty: everybody."`
	Expected   Markdown      `json:"expected"    doc:"What a prepared team does."`
	WithinMin  int           `json:"within"      isms:"unit=minutes" doc:"How soon it should be done; 0: no limit."`
	GivenAt    Instant       `json:"given_at"    isms:"computed"`
	AnsweredAt Instant       `json:"answered_at" isms:"computed"`
	Answer     Markdown      `json:"answer"      isms:"search" doc:"What the players really did."`
	Met        []string      `json:"met"         doc:"Which of the things that a prepared team does were done."`
	Score      int           `json:"score"       isms:"list,unit=percent"`
}

// InjectStatus is where an inject stands.
type InjectStatus string

// Choices lists the states.
func (InjectStatus) Choices() []kind.Choice {
	return []kind.Choice{
		{Value: "waiting", Tone: "info"}, {Value: "given", Tone: "warn"}, {Value: "answered", Tone: "good"},
		{Value: "missed", Tone: "high", Doc: "Nothing was done in time."}, {Value: "skipped", Tone: "muted"},
	}
}

// ExerciseInjects describes the record type.
var ExerciseInjects = kind.Of("exercise_inject", kind.Spec[ExerciseInject]{
	Group: kind.Respond, Icon: "bell", State: "status", Sort: "minute", Parent: "exercise_id",
	Doc:     "One piece of news in an exercise, what a prepared team does about it, and what ours did.",
	Prepare: func(i *ExerciseInject) { entitle(&i.Base, firstLine(string(i.News))) },
	Validate: func(i *ExerciseInject) error {
		return complaints(within("score", i.Score, 0, 100), notNegative("minute", i.Minute), notNegative("within", i.WithinMin))
	},
	Actions: []kind.Act[ExerciseInject]{
		{Action: kind.Action{Name: "give", Label: "Tell the players", From: []string{"waiting", "skipped"}, To: "given"},
			Do: func(i *ExerciseInject, in kind.Input) error { i.GivenAt = in.At; return nil }},
		{Action: kind.Action{Name: "answer", Label: "Answered", From: []string{"given", "missed"}, To: "answered"}, Do: answerInject},
		{Action: kind.Action{Name: "miss", Label: "Nothing was done", From: []string{"given"}, To: "missed"},
			Do: func(i *ExerciseInject, _ kind.Input) error { i.Score = 0; return nil }},
		{Action: kind.Action{Name: "skip", From: []string{"waiting"}, To: "skipped"}},
	},
})

func answerInject(i *ExerciseInject, in kind.Input) error {
	i.AnsweredAt = in.At
	if in.Reason != "" {
		i.Answer = Markdown(in.Reason)
	}
	return nil
}

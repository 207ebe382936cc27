package api

import (
	"net/http"
	"time"

	"holdfast/api/client"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
)

// planExercise makes an exercise of the organisation's own records.
func (a *api) planExercise(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in client.ExerciseOrder
	if err := decode(w, r, &in); err != nil {
		return err
	}
	o := response.ExerciseOrder{RiskID: in.Risk, AssetID: in.Asset, Scenario: isms.IncidentType(in.Scenario), Restore: in.Restore, Seed: in.Seed, Minutes: in.Minutes, LeadID: in.Lead, Announced: in.Announced}
	if in.At != "" {
		at, err := time.Parse(time.RFC3339, in.At)
		if err != nil {
			return kind.Fieldf("at", "is not a time such as 2027-03-01T09:00:00Z")
		}
		o.At = at
	}
	e, err := a.Response.PlanExercise(r.Context(), o)
	if err != nil {
		return err
	}
	return a.answerExercise(w, r, e.ID)
}

func (a *api) exerciseRoom(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	return a.answerExercise(w, r, r.PathValue("id"))
}

func (a *api) answerExercise(w http.ResponseWriter, r *http.Request, id string) error {
	room, err := a.Response.ExerciseRoom(r.Context(), id)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, exerciseView(room))
}

func exerciseView(room *response.ExerciseRoom) client.ExerciseRoom {
	e := room.Exercise
	v := client.ExerciseRoom{ID: e.ID, Title: e.Title, Type: string(e.Type), Status: string(e.Status), Scenario: string(e.Scenario), At: kind.FormatTime(e.At), Seed: e.Seed, Lead: room.Lead,
		Playbook: room.Playbook, Plays: []string{}, Tries: []string{}, Minutes: int(room.Elapsed.Minutes()), Score: room.Score, Recovery: e.Recovery, TargetHours: e.TargetHours,
		NextOn: string(e.NextOn), Result: string(e.Result), Injects: []client.ExerciseInject{}, Follows: []string{}}
	for _, n := range room.Plays {
		v.Plays = append(v.Plays, n.Title)
	}
	for _, n := range room.Tries {
		v.Tries = append(v.Tries, n.Title)
	}
	for _, i := range room.Injects {
		v.Injects = append(v.Injects, client.ExerciseInject{ID: i.ID, Minute: i.Minute, Status: string(i.Status), Phase: string(i.Phase), To: i.Audience, News: string(i.News),
			Criteria: orNone(response.Criteria(i)), Met: orNone(i.Met), Within: i.WithinMin, Answer: string(i.Answer), Score: i.Score, Due: room.Due(i)})
	}
	for _, c := range room.Follows {
		v.Follows = append(v.Follows, c.Title)
	}
	return v
}

func (a *api) startExercise(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	if err := a.Response.StartExercise(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return a.answerExercise(w, r, r.PathValue("id"))
}

func (a *api) finishExercise(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in client.ExerciseEnd
	if err := decode(w, r, &in); err != nil {
		return err
	}
	room, err := a.Response.FinishExercise(r.Context(), r.PathValue("id"), response.ExerciseEnd{Recovery: in.Recovery, Result: in.Result, NextOn: kind.Date(in.NextOn), Restored: in.Restored, Compared: in.Compared})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, exerciseView(room))
}

func (a *api) giveInject(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	if err := a.Response.GiveInject(r.Context(), r.PathValue("id")); err != nil {
		return err
	}
	return answer(w, http.StatusOK, object{})
}

func (a *api) scoreInject(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in client.InjectScore
	if err := decode(w, r, &in); err != nil {
		return err
	}
	i, err := a.Response.ScoreInject(r.Context(), r.PathValue("id"), response.InjectAnswer{Text: in.Answer, Met: in.Met, Missed: in.Missed})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, object{"score": i.Score})
}

// addExercisePaths describes these operations.
func addExercisePaths(paths object) {
	str, num, integer, flag := object{"type": "string"}, object{"type": "number"}, object{"type": "integer"}, object{"type": "boolean"}
	inject := shape("One piece of news.", object{"id": str, "minute": integer, "status": str, "phase": str, "to": str, "news": str, "criteria": arrayOf(str), "met": arrayOf(str), "within": integer, "answer": str, "score": integer, "due": flag})
	room := shape("An exercise as the moderator sees it.", object{"id": str, "title": str, "type": str, "status": str, "scenario": str, "at": str, "seed": integer, "lead": str, "playbook": str, "plays": arrayOf(str), "tries": arrayOf(str),
		"minutes": integer, "score": integer, "recovery": num, "target_hours": num, "next_on": str, "result": str, "injects": arrayOf(inject), "follows": arrayOf(str)})
	byID := []object{param("id")}
	paths["/exercises/generate"] = object{"post": op("areas", "planExercise", "Make an exercise of the organisation's own risks, systems and people", nil,
		jsonBody(shape("What to play; everything may be left out.", object{"risk": str, "asset": str, "scenario": str, "restore": flag, "seed": integer, "minutes": integer, "at": str, "lead": str, "announced": flag}), true), ok("200", "The exercise.", room))}
	paths["/exercises/{id}/room"] = object{"parameters": byID, "get": op("areas", "exerciseRoom", "An exercise with its clock and its news", nil, nil, ok("200", "The room.", room))}
	paths["/exercises/{id}/start"] = object{"parameters": byID, "post": op("areas", "startExercise", "Start the clock", nil, nil, ok("200", "The room.", room))}
	paths["/exercises/{id}/finish"] = object{"parameters": byID, "post": op("areas", "finishExercise", "End an exercise; what went wrong becomes corrective actions", nil,
		jsonBody(shape("What is known.", object{"recovery": num, "result": str, "next_on": str, "restored": flag, "compared": str}), true), ok("200", "The room.", room))}
	paths["/exercise-injects/{id}/give"] = object{"parameters": byID, "post": op("areas", "giveInject", "Tell the players the news", nil, nil, ok("200", "It is done.", object{"type": "object"}))}
	paths["/exercise-injects/{id}/score"] = object{"parameters": byID, "post": op("areas", "scoreInject", "Judge what the players did", nil,
		jsonBody(shape("What was done, and which of the criteria were met.", object{"answer": str, "met": arrayOf(str), "missed": flag}), true), ok("200", "The score.", shape("Percent.", object{"score": integer})))}
}

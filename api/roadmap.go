package api

import (
	"fmt"
	"net/http"

	"holdfast/api/client"
	"holdfast/flow"
	"holdfast/kind"
)

// roadmap answers with both tracks, computed from the records as they are now.
func (a *api) roadmap(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	road, err := a.Flow.Roadmap(r.Context())
	if err != nil {
		return err
	}
	out := client.Roadmap{Today: string(road.Today), Tracks: []client.RoadmapTrack{}}
	if road.Next != nil {
		out.Next = road.Next.ID
	}
	for _, t := range road.Tracks {
		track := client.RoadmapTrack{ID: t.ID, Title: t.Title, Done: t.Done, Progress: t.Progress, Steps: []client.RoadmapStep{}}
		for _, st := range t.Steps {
			track.Steps = append(track.Steps, stepView(st))
		}
		out.Tracks = append(out.Tracks, track)
	}
	if p := road.Pace; p != nil {
		out.Pace = &client.RoadmapPace{Planned: p.Planned, Pace: p.Hours, Left: p.Left, Ends: string(p.Ends), Formula: p.Formula}
	}
	return answer(w, http.StatusOK, out)
}

func stepView(st flow.Step) client.RoadmapStep {
	v := client.RoadmapStep{ID: st.ID, Number: st.Number, Title: st.Title, Progress: st.Progress, Done: st.Done, Parts: []client.RoadmapPart{}}
	if st.Next != nil {
		v.Next = st.Next.Text
	}
	if m := st.Milestone; m != nil {
		v.Owner, v.Due, v.Expected, v.Status = m.Owner, string(m.Due), string(m.Expected), string(m.Status)
	}
	for _, p := range st.Parts {
		part := client.RoadmapPart{Name: p.Name, Counts: p.Counts, Have: p.Have, Want: p.Want, More: p.More, Lacks: []string{}}
		for _, n := range p.Lacks {
			part.Lacks = append(part.Lacks, n.Title+": "+n.Note)
		}
		v.Parts = append(v.Parts, part)
	}
	return v
}

// planRoadmap makes the milestones that are missing.
func (a *api) planRoadmap(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in client.PlanRequest
	if err := decode(w, r, &in); err != nil {
		return err
	}
	n, err := a.Flow.Plan(r.Context(), flow.Planning{Tracks: in.Tracks, Start: kind.Date(in.Start), HoursAWeek: in.Hours, OwnerID: in.Owner})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, client.RoadmapChange{Made: n, Moved: []string{}})
}

// replanRoadmap holds the plan against reality.
func (a *api) replanRoadmap(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in client.ReplanRequest
	if err := decode(w, r, &in); err != nil {
		return err
	}
	moves, err := a.Flow.Replan(r.Context(), in.Adopt)
	if err != nil {
		return err
	}
	out := client.RoadmapChange{Moved: []string{}}
	for _, m := range moves {
		out.Moved = append(out.Moved, fmt.Sprintf("%s: %s, due %s, expected %s. %s", m.Title, m.Status, m.Due, m.Forecast, m.Why))
	}
	return answer(w, http.StatusOK, out)
}

// board answers with what the steering committee needs besides the portfolio.
func (a *api) board(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	b, err := a.Flow.Board(r.Context())
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, map[string]any{"today": b.Today, "since": b.Since, "asks": orNone(b.Asks), "changes": orNone(b.Changes)})
}

func orNone[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// addRoadmapPaths describes these operations.
func addRoadmapPaths(paths object) {
	str, num, integer, flag := object{"type": "string"}, object{"type": "number"}, object{"type": "integer"}, object{"type": "boolean"}
	part := shape("One fact of a definition of done.", object{"name": str, "counts": str, "have": integer, "want": integer, "lacks": arrayOf(str), "more": integer})
	step := shape("Done when each part is.", object{"id": str, "number": integer, "title": str, "progress": num, "done": flag, "next": str, "owner": str, "due": str, "expected": str, "status": str, "parts": arrayOf(part)})
	track := shape("Ten steps towards one aim.", object{"id": str, "title": str, "done": integer, "progress": num, "steps": arrayOf(step)})
	pace := shape("How fast the plan is carried out.", object{"planned": num, "pace": num, "left": num, "ends": str, "formula": str})
	change := shape("What planning changed.", object{"made": integer, "moved": arrayOf(str)})
	paths["/roadmap"] = object{"get": op("areas", "roadmap", "The way to a working ISMS, computed from the records", nil, nil,
		ok("200", "The roadmap.", shape("Two tracks of ten steps.", object{"today": str, "next": str, "tracks": arrayOf(track), "pace": pace})))}
	paths["/roadmap/plan"] = object{"post": op("areas", "planRoadmap", "Make the milestones that are missing", nil,
		jsonBody(shape("How to lay them out.", object{"tracks": arrayOf(str), "start": str, "hours": num, "owner": str}), true), ok("200", "What was made.", change))}
	paths["/roadmap/replan"] = object{"post": op("areas", "replan", "Hold the plan against reality", nil,
		jsonBody(shape("Whether the forecasts become the new dates.", object{"adopt": flag}), true), ok("200", "What moved.", change))}
	question := shape("What waits for an answer.", object{"kind": str, "id": str, "version": integer, "title": str, "text": str, "about": object{"type": "object"}, "wants": str,
		"due": str, "cost": num, "avoided": num, "agreed": integer, "quorum": integer, "yes": str, "no": str, "mine": flag})
	news := shape("What changed since the last meeting.", object{"text": str, "count": integer, "good": flag, "kind": str})
	paths["/board"] = object{"get": op("areas", "board", "What the steering committee is asked, and what changed since its last meeting", nil, nil,
		ok("200", "The board page.", shape("Questions and news.", object{"today": str, "since": str, "asks": arrayOf(question), "changes": arrayOf(news)})))}
}

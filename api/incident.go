package api

import (
	"context"
	"net/http"
	"time"

	"holdfast/api/client"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
)

// declareIncident opens an incident, or adds to the open one of the same story.
func (a *api) declareIncident(w http.ResponseWriter, r *http.Request) error {
	var in client.DeclareRequest
	if err := incidentBody(w, r, &in); err != nil {
		return err
	}
	id, err := a.Response.DeclareIncident(r.Context(), response.IncidentCall{Title: in.Title, AssetID: in.AssetID, Category: isms.IncidentType(in.Category), Severity: isms.Severity(in.Severity),
		AlertIDs: in.AlertIDs, TrapID: in.TrapID, ConcernID: in.ConcernID, PlaybookID: in.PlaybookID, LeadID: in.LeadID, DetectedAt: in.DetectedAt, StartedAt: in.StartedAt,
		Summary: isms.Markdown(in.Summary), Exercise: in.Exercise})
	if err != nil {
		return err
	}
	return a.answerIncident(r.Context(), w, http.StatusCreated, id)
}

func incidentBody(w http.ResponseWriter, r *http.Request, into any) error {
	if _, err := params(r); err != nil {
		return err
	}
	return decode(w, r, into)
}

// incidentRoom answers with an incident and all around it.
func (a *api) incidentRoom(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	return a.answerIncident(r.Context(), w, http.StatusOK, r.PathValue("id"))
}

func (a *api) answerIncident(ctx context.Context, w http.ResponseWriter, status int, id string) error {
	room, err := a.Response.Room(ctx, id)
	if err != nil {
		return err
	}
	return answer(w, status, incidentView(room))
}

func incidentView(r *response.Room) client.Room {
	i := r.Incident
	v := client.Room{ID: i.ID, Key: i.Key, Title: i.Title, Phase: string(i.Phase), Severity: string(i.Severity), Category: string(i.Category), Lead: r.Name(i.LeadID), Version: i.Version,
		PhaseDue: i.PhaseDue, Cost: r.Cost.Total, Value: r.Reach.Value, People: r.Reach.People,
		Steps: []client.RoomStep{}, Clocks: []client.RoomClock{}, Reach: []client.RoomReach{}, Timeline: []client.RoomEntry{}, Evidence: []client.RoomProof{}}
	if r.Asset != nil {
		v.Asset = r.Asset.Title
	}
	if r.Playbook != nil {
		v.Playbook = r.Playbook.Title
	}
	for _, s := range r.Steps {
		v.Steps = append(v.Steps, client.RoomStep{ID: s.Step.ID, Key: s.Step.Key, Title: s.Step.Title, Phase: string(s.Step.Phase), State: s.State, Next: s.Next, Lead: s.Step.Irreversible})
	}
	for _, c := range r.Clocks {
		v.Clocks = append(v.Clocks, incidentClock(c))
	}
	for _, x := range r.Reach.Assets {
		v.Reach = append(v.Reach, client.RoomReach{ID: x.Asset.ID, Title: x.Asset.Title, Affected: x.Affected, Falls: x.Falls, Open: x.Open, Steps: x.Steps})
	}
	for _, e := range r.Timeline {
		v.Timeline = append(v.Timeline, client.RoomEntry{ID: e.ID, At: e.At, Type: string(e.Type), Phase: string(e.Phase), By: entryBy(r, e), What: string(e.What), Result: string(e.Result),
			Automatic: e.Automatic, Corrects: e.CorrectsID, Corrected: r.Corrected[e.ID]})
	}
	for _, x := range r.Exhibits {
		p := client.RoomProof{ID: x.Evidence.ID, Title: x.Evidence.Title, Holder: x.Holder, SHA256: x.Evidence.SHA256}
		if len(x.Files) > 0 {
			p.SHA256 = x.Files[0].SHA256
		}
		v.Evidence = append(v.Evidence, p)
	}
	return v
}

func entryBy(r *response.Room, e *isms.IncidentAction) string {
	if name := r.Name(e.PersonID); name != "" {
		return name
	}
	return e.CreatedBy
}

func incidentClock(c response.RoomClock) client.RoomClock {
	n := c.Notice
	v := client.RoomClock{ID: n.ID, Clock: n.Clock, Title: n.Title, Rule: n.Rule, Status: string(n.Status), Due: n.DueAt, Sent: n.SentAt, Late: c.Late, SHA256: n.SHA256, Text: string(n.Text)}
	switch {
	case n.DueAt.IsZero() || !c.Open:
	case c.Late:
		v.Left = response.InWords(c.Left) + " late"
	default:
		v.Left = response.InWords(c.Left) + " left"
	}
	return v
}

// moveIncident takes an incident to another phase.
func (a *api) moveIncident(w http.ResponseWriter, r *http.Request) error {
	var in client.PhaseRequest
	if err := incidentBody(w, r, &in); err != nil {
		return err
	}
	if _, err := a.Response.MovePhase(r.Context(), r.PathValue("id"), in.Version, in.Action, in.Reason, in.Lessons); err != nil {
		return err
	}
	return a.answerIncident(r.Context(), w, http.StatusOK, r.PathValue("id"))
}

// noteIncident adds to the timeline, or puts an entry right.
func (a *api) noteIncident(w http.ResponseWriter, r *http.Request) error {
	var in client.NoteRequest
	if err := incidentBody(w, r, &in); err != nil {
		return err
	}
	var err error
	if in.Correct != "" {
		_, err = a.Response.CorrectEntry(r.Context(), in.Correct, in.What)
	} else {
		_, err = a.Response.WriteNote(r.Context(), r.PathValue("id"), response.Note{Type: isms.EntryType(in.Type), What: in.What, Result: in.Result, At: in.At, Minutes: in.Minutes, Cost: kind.MoneyOf(in.Cost)})
	}
	if err != nil {
		return err
	}
	return a.answerIncident(r.Context(), w, http.StatusCreated, r.PathValue("id"))
}

// tickIncident says what came of a step of the playbook.
func (a *api) tickIncident(w http.ResponseWriter, r *http.Request) error {
	var in client.TickRequest
	if err := incidentBody(w, r, &in); err != nil {
		return err
	}
	if err := a.Response.TickStep(r.Context(), r.PathValue("id"), r.PathValue("step"), response.Tick{Outcome: in.Outcome, Note: in.Note, Minutes: in.Minutes}); err != nil {
		return err
	}
	return a.answerIncident(r.Context(), w, http.StatusOK, r.PathValue("id"))
}

// handIncident gives a role to somebody else.
func (a *api) handIncident(w http.ResponseWriter, r *http.Request) error {
	var in client.HandOverRequest
	if err := incidentBody(w, r, &in); err != nil {
		return err
	}
	if err := a.Response.HandOver(r.Context(), r.PathValue("id"), in.Version, in.Role, in.Person, in.Note); err != nil {
		return err
	}
	return a.answerIncident(r.Context(), w, http.StatusOK, r.PathValue("id"))
}

// clockIncident approves, sends, waives or fills a message again.
func (a *api) clockIncident(w http.ResponseWriter, r *http.Request) error {
	var in client.NoticeRequest
	if err := incidentBody(w, r, &in); err != nil {
		return err
	}
	room, err := a.Response.Room(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	id := incidentNotice(room, r.PathValue("clock"))
	if id == "" {
		return kind.Errorf(kind.NotFound, "this incident has no clock %q", r.PathValue("clock"))
	}
	if err := a.doNotice(r.Context(), id, in); err != nil {
		return err
	}
	return a.answerIncident(r.Context(), w, http.StatusOK, room.Incident.ID)
}

func incidentNotice(room *response.Room, name string) string {
	for _, c := range room.Clocks {
		if n := c.Notice; n.ID == name || n.Key == name || n.Clock == name {
			return n.ID
		}
	}
	return ""
}

func (a *api) doNotice(ctx context.Context, id string, in client.NoticeRequest) error {
	switch in.Do {
	case "approve":
		return a.Response.ApproveNotification(ctx, id, 0)
	case "refill":
		return a.Response.RefillDraft(ctx, id, 0)
	case "waive":
		_, err := a.App.Do(ctx, isms.Notifications, id, "waive", 0, kind.Input{Reason: in.Remark})
		return err
	case "send":
		_, err := a.Response.SendNotification(ctx, id, 0, response.SendCall{At: in.At, Channel: in.Channel, Reference: in.Reference, Remark: in.Remark})
		return err
	}
	return kind.Fieldf("do", "is approve, send, waive or refill")
}

// reportOdd keeps a report of something odd and answers with its number.
func (a *api) reportOdd(w http.ResponseWriter, r *http.Request) error {
	var in client.OddRequest
	if err := incidentBody(w, r, &in); err != nil {
		return err
	}
	receipt, _, err := a.Response.ReportOdd(r.Context(), response.OddCall{What: in.What, Category: isms.ConcernCategory(in.Category), Place: in.Place, Anonymous: in.Anonymous})
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, client.OddReceipt{Receipt: receipt})
}

// oddAnswer answers to whoever knows the number of a report.
func (a *api) oddAnswer(w http.ResponseWriter, r *http.Request) error {
	var in client.OddReceipt
	if err := incidentBody(w, r, &in); err != nil {
		return err
	}
	found, err := a.Response.OddAnswerFor(r.Context(), in.Receipt)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, struct {
		Status     string    `json:"status"`
		ReportedAt time.Time `json:"reported_at"`
		Answer     string    `json:"answer"`
		AnsweredAt time.Time `json:"answered_at,omitzero"`
	}{string(found.Status), found.ReportedAt, found.Answer, found.AnsweredAt})
}

func addIncidentPaths(paths object) {
	str, num, integer, flag := object{"type": "string"}, object{"type": "number"}, object{"type": "integer"}, object{"type": "boolean"}
	room := shape("An incident with what those who answer it need.", object{"id": str, "key": str, "title": str, "phase": str, "severity": str, "category": str, "asset": str, "lead": str, "playbook": str,
		"version": integer, "phase_due": str, "cost": num, "value": num, "people": integer,
		"steps":    arrayOf(shape("A step of the playbook.", object{"id": str, "key": str, "title": str, "phase": str, "state": str, "next": flag, "lead_only": flag})),
		"clocks":   arrayOf(shape("A message that is due.", object{"id": str, "clock": str, "title": str, "rule": str, "status": str, "due": str, "sent": str, "late": flag, "left": str, "sha256": str, "text": str})),
		"reach":    arrayOf(shape("An asset in the blast radius.", object{"id": str, "title": str, "affected": flag, "falls": flag, "open": flag, "steps": integer})),
		"timeline": arrayOf(shape("An entry of the timeline.", object{"id": str, "at": str, "type": str, "phase": str, "by": str, "what": str, "result": str, "automatic": flag, "corrects": str, "corrected": str})),
		"evidence": arrayOf(shape("A piece of evidence.", object{"id": str, "title": str, "holder": str, "sha256": str}))})
	post := func(id, summary, status string, params []object, body object) object {
		o := object{"post": op("areas", id, summary, nil, jsonBody(body, true), ok(status, "The room.", room))}
		if len(params) > 0 {
			o["parameters"] = params
		}
		return o
	}
	at := func(names ...string) (list []object) {
		for _, n := range names {
			if n == "id" {
				list = append(list, param("id"))
				continue
			}
			list = append(list, object{"name": n, "in": "path", "required": true, "schema": str})
		}
		return list
	}
	paths["/incidents/declare"] = post("declareIncident", "Call something an incident; a title or an alert is enough, and the open incident of the same story takes further alerts in", "201", nil,
		shape("What is known.", object{"title": str, "asset_id": str, "category": str, "severity": str, "alert_ids": arrayOf(str), "trap_id": str, "concern_id": str, "playbook_id": str, "lead_id": str, "detected_at": str, "started_at": str, "summary": str, "exercise": flag}))
	paths["/incidents/{id}/room"] = object{"parameters": at("id"), "get": op("areas", "incidentRoom", "An incident with its steps, clocks, reach and timeline", nil, nil, ok("200", "The room.", room))}
	paths["/incidents/{id}/phase"] = post("moveIncident", "Take an incident to another phase, or close it", "200", at("id"), shape("Where to.", object{"action": str, "reason": str, "lessons": str, "version": integer}))
	paths["/incidents/{id}/notes"] = post("noteIncident", "Add to the timeline, or put an entry right", "201", at("id"), shape("The entry.", object{"type": str, "what": str, "result": str, "at": str, "minutes": integer, "cost": num, "corrects": str}))
	paths["/incidents/{id}/steps/{step}"] = post("tickIncident", "Say what came of a step of the playbook", "200", at("id", "step"), shape("What came of it.", object{"outcome": str, "note": str, "minutes": integer}))
	paths["/incidents/{id}/roles"] = post("handIncident", "Give a role to somebody else", "200", at("id"), shape("Which, and to whom.", object{"role": str, "person": str, "note": str, "version": integer}))
	paths["/incidents/{id}/clocks/{clock}"] = post("clockIncident", "Approve, send, waive or fill a message again", "200", at("id", "clock"), shape("What to do.", object{"do": str, "at": str, "channel": str, "reference": str, "remark": str}))
	paths["/concerns/report"] = object{"post": op("areas", "reportOdd", "Report something odd, with a name or without", nil, jsonBody(shape("What was noticed.", object{"what": str, "category": str, "place": str, "anonymous": flag}), true),
		ok("201", "The number of the report.", shape("Shown this once.", object{"receipt": str})))}
	paths["/concerns/answer"] = object{"post": op("areas", "oddAnswer", "What became of a report", nil, jsonBody(shape("Its number.", object{"receipt": str}), true),
		ok("200", "The answer.", shape("What the reporter may know.", object{"status": str, "reported_at": str, "answer": str, "answered_at": str})))}
}

package api

import (
	"net/http"
	"time"

	"holdfast/api/client"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
)

// securityPlan answers with how complete the management plan is.
func (a *api) securityPlan(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	p, err := a.Response.SecurityPlan(r.Context())
	if err != nil {
		return err
	}
	out := client.SecurityPlan{Today: string(p.Today), Progress: p.Progress, Parts: []client.RoadmapStep{}}
	if p.Next != nil {
		out.Next = p.Next.Text
	}
	for _, part := range p.Parts {
		v := stepView(part.Step)
		v.ID, v.Status = string(part.Type), "missing"
		if part.Plan != nil {
			v.Status = string(part.Plan.Status)
		}
		out.Parts = append(out.Parts, v)
	}
	return answer(w, http.StatusOK, out)
}

// writePlans makes the plans that are missing from the skeletons.
func (a *api) writePlans(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	made, err := a.Response.WritePlans(r.Context())
	if err != nil {
		return err
	}
	out := client.Written{Made: []client.Named{}}
	for _, p := range made {
		out.Made = append(out.Made, client.Named{Key: p.Key, Title: p.Title})
	}
	return answer(w, http.StatusOK, out)
}

func (a *api) impact(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	out, err := a.Response.Impact(r.Context())
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, out)
}

func (a *api) backupBoard(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	out, err := a.Response.Backups(r.Context())
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, out)
}

// moment reads a time of the API; empty is none.
func moment(field, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return t, kind.Fieldf(field, "is no moment; write it as 2026-03-02T14:30:00Z")
	}
	return t.UTC().Truncate(time.Microsecond), nil
}

// reportCopy takes in the word of a backup tool.
func (a *api) reportCopy(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in client.CopyReport
	if err := decode(w, r, &in); err != nil {
		return err
	}
	taken, err := moment("taken", in.Taken)
	if err != nil {
		return err
	}
	p, err := a.Response.ReportCopy(r.Context(), response.CopyReport{Backup: r.PathValue("id"), Taken: taken, Identifier: in.Identifier, Size: in.Size, SHA256: in.SHA256, Place: in.Place,
		KeepUntil: kind.Date(in.KeepUntil), Failure: in.Failure})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, copyView(p))
}

// reportRestore takes in that a copy was restored.
func (a *api) reportRestore(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in client.RestoreReport
	if err := decode(w, r, &in); err != nil {
		return err
	}
	p, err := a.Response.ReportRestore(r.Context(), response.RestoreReport{Backup: r.PathValue("id"), Point: in.Point, Good: !in.Failed, Minutes: in.Minutes, Result: in.Result})
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, copyView(p))
}

func copyView(p *isms.RestorePoint) client.RestorePoint {
	if p == nil {
		return client.RestorePoint{}
	}
	return client.RestorePoint{ID: p.ID, Key: p.Key, Title: p.Title, Status: string(p.Status), Identifier: p.Identifier, Taken: kind.FormatTime(p.TakenAt)}
}

// restoreChoice answers to which copy one goes back, for an incident or an asset.
func (a *api) restoreChoice(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "asset", "incident", "before")
	if err != nil {
		return err
	}
	before, err := moment("before", v.Get("before"))
	if err != nil {
		return err
	}
	var list []*response.RestoreChoice
	switch {
	case v.Get("asset") != "":
		one, err := a.Response.ChooseRestore(r.Context(), v.Get("asset"), v.Get("incident"), before)
		if err != nil {
			return err
		}
		list = append(list, one)
	case v.Get("incident") != "":
		if list, err = a.Response.RestoreChoices(r.Context(), v.Get("incident")); err != nil {
			return err
		}
	default:
		return kind.Fieldf("incident", "name an incident or an asset")
	}
	return answer(w, http.StatusOK, client.ListOf(list, "", -1))
}

// taintCopies writes the choice down.
func (a *api) taintCopies(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in client.TaintRequest
	if err := decode(w, r, &in); err != nil {
		return err
	}
	before, err := moment("before", in.Before)
	if err != nil {
		return err
	}
	c, n, err := a.Response.TaintAfter(r.Context(), in.Asset, in.Incident, before)
	if err != nil {
		return err
	}
	out := client.Tainted{Marked: n}
	if c.Chosen != nil {
		out.Chosen = c.Chosen.Record.Key
	}
	return answer(w, http.StatusOK, out)
}

// causes answers with why an incident could happen.
func (a *api) causes(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	t, err := a.Response.Causes(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, t)
}

// addWhy writes one more answer into the tree.
func (a *api) addWhy(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in client.WhyRequest
	if err := decode(w, r, &in); err != nil {
		return err
	}
	c, err := a.Response.AddWhy(r.Context(), response.Why{IncidentID: r.PathValue("id"), ParentID: in.Parent, Text: in.Why, Evidence: in.Evidence, Category: isms.CauseCategory(in.Category), Role: isms.CauseRole(in.Role)})
	if err != nil {
		return err
	}
	return answer(w, http.StatusCreated, client.Cause{ID: c.ID, Key: c.Key, Title: c.Title, Status: string(c.Status)})
}

// responseTimes answers with how fast alerts and incidents were answered.
func (a *api) responseTimes(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "months")
	if err != nil {
		return err
	}
	months, err := number(v, "months", 12, 60)
	if err != nil {
		return err
	}
	out, err := a.Flow.ResponseTimes(r.Context(), months)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, out)
}

// addContinuityPaths describes these operations.
func addContinuityPaths(paths object) {
	str, num, integer, flag := object{"type": "string"}, object{"type": "number"}, object{"type": "integer"}, object{"type": "boolean"}
	when := object{"type": "string", "format": "date-time"}
	any := func(doc string) object { return object{"type": "object", "description": doc} }
	point := shape("One copy.", object{"id": str, "key": str, "title": str, "status": str, "identifier": str, "taken": str})
	made := shape("Plans that were written.", object{"made": arrayOf(ref("Named"))})
	paths["/continuity/plan"] = object{
		"get": op("areas", "securityPlan", "The system security management plan: how complete each part is and what is missing", nil, nil,
			ok("200", "The plan.", shape("Counted from records.", object{"today": str, "progress": num, "next": str, "parts": arrayOf(any("A part with its facts."))}))),
		"post": op("areas", "writePlans", "Write the plans that are missing from the shipped skeletons", nil, nil, ok("200", "What was written.", made))}
	paths["/continuity/impact"] = object{"get": op("areas", "impact", "What an outage costs, how soon everything must be back, and in which order", nil, nil, ok("200", "The analysis.", any("Lines, assets, waves and circles.")))}
	paths["/continuity/backups"] = object{"get": op("areas", "backupBoard", "How well every asset can be restored; a copy nobody restored counts as none", nil, nil, ok("200", "The board.", any("Assets, the worst first.")))}
	paths["/continuity/response-times"] = object{"get": op("areas", "responseTimes", "Mean and median time to detect, acknowledge, contain and recover, by month",
		[]object{query("months", "How many months back.", object{"type": "integer", "minimum": 1, "maximum": 60, "default": 12})}, nil, ok("200", "The times in hours.", any("Months and the last year.")))}
	paths["/continuity/restore-choice"] = object{
		"get": op("areas", "restoreChoice", "The newest verified restore point from before an intrusion", []object{query("incident", "Id or key.", str), query("asset", "Id or key; with it only this asset.", str),
			query("before", "Since when copies are not trusted; empty: as the incident says.", when)}, nil, ok("200", "One choice for each asset.", ref("AnyList"))),
		"post": op("areas", "taintCopies", "Mark copies from after the intrusion as tainted and hold the chosen one", nil,
			jsonBody(shape("Which.", object{"asset": str, "incident": str, "before": str}), true), ok("200", "What was marked.", shape("How many.", object{"marked": integer, "chosen": str})))}
	paths["/backups/{id}/copies"] = object{"parameters": []object{param("id")}, "post": op("areas", "reportCopy", "Report a copy, or that it failed, from a backup tool", nil,
		jsonBody(shape("What the tool says.", object{"taken": when, "identifier": str, "size": integer, "sha256": str, "place": str, "keep_until": str, "failure": str}), true), ok("200", "The restore point; empty after a failure.", point))}
	paths["/backups/{id}/restores"] = object{"parameters": []object{param("id")}, "post": op("areas", "reportRestore", "Report that a copy was restored and compared", nil,
		jsonBody(shape("What came of it.", object{"point": str, "failed": flag, "minutes": integer, "result": str}), true), ok("200", "The restore point.", point))}
	paths["/incidents/{id}/causes"] = object{"parameters": []object{param("id")},
		"get": op("areas", "causes", "Why an incident could happen, and what the register learnt from it", nil, nil, ok("200", "The tree.", any("Causes below causes, and risks before and after."))),
		"post": op("areas", "addWhy", "Add an answer to the question why; with evidence it is confirmed at once", nil,
			jsonBody(shape("The answer.", object{"parent": str, "why": str, "evidence": str, "category": str, "role": str}), true), ok("201", "The cause.", shape("A cause.", object{"id": str, "key": str, "title": str, "status": str})))}
}

package api

import (
	"net/http"

	"holdfast/api/client"
	"holdfast/engine/decoy"
	"holdfast/flow"
	"holdfast/flow/detection"
)

// trapMap answers with what waits where. Hashes of tokens stay out of it.
func (a *api) trapMap(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	m, err := a.Detection.TrapMap(r.Context())
	if err != nil {
		return err
	}
	out := client.TrapMap{Waiting: m.Waiting, Sprung: m.Sprung, Mute: m.Mute, Untried: m.Unproved, Base: m.Base, Zone: m.Zone, Complaint: m.Complaint,
		Zones: []client.TrapZone{}, Suggestions: []client.TrapSuggestion{}}
	for _, z := range m.Zones {
		zone := client.TrapZone{Name: z.Name, Assets: z.Assets, Blind: z.Blind, Traps: []client.TrapPoint{}}
		for _, p := range z.Traps {
			zone.Traps = append(zone.Traps, pointView(p))
		}
		out.Zones = append(out.Zones, zone)
	}
	for _, s := range m.Suggestions {
		out.Suggestions = append(out.Suggestions, client.TrapSuggestion{ID: s.ID, Type: string(s.Type), Title: s.Title, Zone: s.Zone, Asset: s.Asset,
			Before: titlesOf(s.Before), Why: s.Why, Placement: s.Placement, Score: s.Score})
	}
	return answer(w, http.StatusOK, out)
}

func pointView(p detection.TrapPoint) client.TrapPoint {
	t := p.Trap
	return client.TrapPoint{ID: t.ID, Key: t.Key, Title: t.Title, Type: string(t.Type), Status: string(t.Status), Asset: p.Asset, At: p.At, Lacks: p.Lacks,
		Hits: t.Hits, Scans: t.Scans, LastHit: t.LastHit, Proved: string(t.ProvedOn), Stale: p.Stale, Old: p.Old}
}

func titlesOf(list []flow.Named) []string {
	out := []string{}
	for _, n := range list {
		out = append(out, n.Title)
	}
	return out
}

// planTrap makes a planned trap of a suggestion.
func (a *api) planTrap(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in struct {
		Suggestion string `json:"suggestion"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	t, err := a.Detection.PlanTrap(r.Context(), in.Suggestion)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, client.PlannedTrap{ID: t.ID, Key: t.Key, Title: t.Title, Status: string(t.Status)})
}

// touches answers with who touched traps, newest first.
func (a *api) touches(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "trap", "limit")
	if err != nil {
		return err
	}
	limit, err := number(v, "limit", 50, 200)
	if err != nil {
		return err
	}
	var ids []string
	if name := v.Get("trap"); name != "" {
		p, err := a.Detection.TrapPath(r.Context(), name)
		if err != nil {
			return err
		}
		ids = []string{p.Point.Trap.ID}
	}
	list, err := a.Detection.Touches(r.Context(), limit, ids...)
	if err != nil {
		return err
	}
	out := []client.Touch{}
	for _, t := range list {
		out = append(out, touchView(t))
	}
	return answer(w, http.StatusOK, client.ListOf(out, "", -1))
}

func touchView(t detection.Touch) client.Touch {
	return client.Touch{ID: t.ID, TrapID: t.TrapID, At: t.At, Remote: t.Remote, Test: t.Test, Where: t.Where, Event: t.Event, Statement: t.Statement, Visit: t.Visit, Hit: t.Hit}
}

func (a *api) touch(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	t, err := a.Detection.Touch(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, touchView(t))
}

// makeToken makes the token of a trap and shows it this once.
func (a *api) makeToken(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in client.TokenRequest
	if err := decode(w, r, &in); err != nil {
		return err
	}
	t, err := a.Detection.MakeToken(r.Context(), detection.TokenWish{TrapID: r.PathValue("id"), Replace: in.Replace,
		Place: decoy.Place{Base: in.Base, Zone: in.Zone, Host: in.Host, Title: in.Title, Format: in.Format}})
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	return answer(w, http.StatusCreated, client.Token{TrapID: r.PathValue("id"), Name: t.Name, MediaType: t.Type, Data: t.Data, Value: t.Value, Advice: t.Advice})
}

// testTrap announces a test.
func (a *api) testTrap(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	t, knocked, err := a.Detection.TestTrap(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	out := client.TrapTest{Until: t.TestUntil, Knocked: knocked}
	if h := a.Detection.TrapHouse(); h != nil {
		out.At = h.Stands(t.ID)
	}
	return answer(w, http.StatusOK, out)
}

// reportVisit takes in a visit to a decoy that runs elsewhere.
func (a *api) reportVisit(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var v decoy.Visit
	if err := decode(w, r, &v); err != nil {
		return err
	}
	p, err := a.Detection.TrapPath(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	v.Trap = p.Point.Trap.ID
	rang, err := a.Detection.Visit(r.Context(), v.Shown())
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, client.Rang(rang))
}

// addTrapPaths describes these operations.
func addTrapPaths(paths object) {
	str, num, integer, flag := object{"type": "string"}, object{"type": "number"}, object{"type": "integer"}, object{"type": "boolean"}
	point := shape("A trap and its place.", object{"id": str, "key": str, "title": str, "type": str, "status": str, "asset": str, "at": str, "lacks": str, "hits": integer, "scans": integer, "last_hit": str, "proved_on": str, "stale": flag, "old": flag})
	zone := shape("A zone of the network.", object{"name": str, "assets": integer, "blind": flag, "traps": arrayOf(point)})
	suggestion := shape("A place where a trap would pay.", object{"id": str, "type": str, "title": str, "zone": str, "asset": str, "before": arrayOf(str), "why": str, "placement": str, "score": num})
	touch := shape("Somebody who touched a trap.", object{"id": str, "trap_id": str, "at": str, "remote": str, "test": flag, "where": str, "event": str, "statement": str, "visit": object{"type": "object"}, "hit": object{"type": "object"}})
	rang := shape("What became of it.", object{"trap_id": str, "alert_id": str, "incident_id": str, "evidence_id": str, "scanner": flag, "test": flag})
	paths["/trap-map"] = object{"get": op("areas", "trapMap", "What waits where, where nothing does, and where a trap would pay", nil, nil, ok("200", "The map.",
		shape("Traps by zone.", object{"waiting": integer, "sprung": integer, "mute": integer, "untried": integer, "base": str, "zone": str, "complaint": str, "zones": arrayOf(zone), "suggestions": arrayOf(suggestion)})))}
	paths["/trap-map/plan"] = object{"post": op("areas", "planTrap", "Make a planned trap of a suggestion", nil, jsonBody(shape("Which.", object{"suggestion": str}), true),
		ok("200", "The trap.", shape("A planned trap.", object{"id": str, "key": str, "title": str, "status": str})))}
	paths["/trap-touches"] = object{"get": op("areas", "listTouches", "Who touched traps, newest first", []object{query("trap", "Id or key; all when it is empty.", str),
		query("limit", "How many at most.", object{"type": "integer", "minimum": 1, "maximum": 200, "default": 50})}, nil, ok("200", "The touches.", listSchema(touch)))}
	paths["/trap-touches/{id}"] = object{"parameters": []object{param("id")}, "get": op("areas", "getTouch", "What one visitor did", nil, nil, ok("200", "The touch.", touch))}
	paths["/traps/{id}/token"] = object{"parameters": []object{param("id")}, "post": op("areas", "makeToken", "Make the token of a trap; it is shown this once", nil,
		jsonBody(shape("Where it calls home and how it is dressed.", object{"base": str, "zone": str, "host": str, "title": str, "format": str, "replace": flag}), false),
		ok("201", "The token.", shape("A token.", object{"trap_id": str, "name": str, "media_type": str, "data": str, "value": str, "advice": str})))}
	paths["/traps/{id}/test"] = object{"parameters": []object{param("id")}, "post": op("areas", "testTrap", "Announce a test: the next touch proves the trap and opens no incident", nil, nil,
		ok("200", "The test.", shape("A test.", object{"until": str, "knocked": flag, "at": str})))}
	paths["/traps/{id}/visits"] = object{"parameters": []object{param("id")}, "post": op("areas", "reportVisit", "Tell of a visit to a decoy that runs elsewhere", nil,
		jsonBody(object{"type": "object", "description": "A visit, as holdfast decoy run -o json prints it."}, true), ok("200", "What became of it.", rang))}
}

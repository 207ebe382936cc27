package api

import (
	"net/http"
	"strconv"

	"holdfast/api/client"
	"holdfast/flow"
	"holdfast/kind"
)

// parties answers with how the needs of interested parties are met.
func (a *api) parties(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	st, err := a.Flow.Statement(r.Context(), "")
	if err != nil {
		return err
	}
	list, err := a.Flow.Parties(r.Context(), st)
	if err != nil {
		return err
	}
	var out []client.Party
	for _, h := range list {
		p := h.Party
		out = append(out, client.Party{ID: p.ID, Key: p.Key, Title: p.Title, Category: string(p.Category), Hostile: h.Hostile(), Needs: string(p.Needs),
			Measured: string(h.Measured), Proofs: proofViews(h.Proofs), Lacks: orNone(h.Lacks), ReviewDue: h.ReviewDue})
	}
	return answer(w, http.StatusOK, client.ListOf(out, "", -1))
}

func proofViews(proofs []flow.Proof) []client.StatementProof {
	out := []client.StatementProof{}
	for _, p := range proofs {
		out = append(out, client.StatementProof{Source: p.Source, Verdict: string(p.Verdict), Title: p.Title, Text: p.Text, At: p.At, Until: string(p.Until), Kind: p.Kind, ID: p.ID})
	}
	return out
}

// boundary answers with what lies inside a scope, outside, and what crosses.
func (a *api) boundary(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	b, err := a.Flow.Boundary(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	out := client.Boundary{Scope: b.Scope.Key, In: placedViews(b.In), Out: placedViews(b.Out), Sites: orNone(b.Sites),
		Teams: namesOf(b.Teams), People: namesOf(b.People), Vendors: namesOf(b.Vendors), Crossings: []client.Crossing{}}
	for _, c := range b.Crossings {
		out.Crossings = append(out.Crossings, client.Crossing{Kind: c.Kind, ID: c.ID, Inside: c.Inside.Title, Outside: c.Outside.Title, How: c.How, Outward: c.Outward,
			Worth: c.Worth, Loss: c.Loss, Guards: namesOf(c.Guards), Reviewed: string(c.Reviewed), Verdict: c.Verdict, AtRisk: c.AtRisk()})
	}
	return answer(w, http.StatusOK, out)
}

func placedViews(list []flow.Placed) []client.Placed {
	out := []client.Placed{}
	for _, p := range list {
		out = append(out, client.Placed{Key: p.Asset.Key, Title: p.Asset.Title, Why: p.Why})
	}
	return out
}

// namesOf are the titles of records, none of them as an empty list.
func namesOf(list []flow.Named) []string {
	out := []string{}
	for _, n := range list {
		out = append(out, n.Title)
	}
	return out
}

// businessCase answers with the business case from the live records.
func (a *api) businessCase(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	c, err := a.Flow.Case(r.Context())
	if err != nil {
		return err
	}
	out := client.Case{Now: client.CaseSpan(c.Now), With: client.CaseSpan(c.With), Once: c.Once, Hours: c.Hours, Yearly: c.Yearly, Avoided: c.Avoided,
		Return: c.Return, Payback: c.Payback, Fines: c.Fines, Measures: []client.Measure{}}
	for _, m := range c.Measures {
		out.Measures = append(out.Measures, client.Measure(m))
	}
	return answer(w, http.StatusOK, out)
}

// trendDays is how far back trends are read when nobody says.
const trendDays = 365

// trends answers with the indicators and their readings.
func (a *api) trends(w http.ResponseWriter, r *http.Request) error {
	q, err := params(r, "days")
	if err != nil {
		return err
	}
	days := trendDays
	if text := q.Get("days"); text != "" {
		if days, err = strconv.Atoi(text); err != nil || days < 1 || days > 3660 {
			return kind.Fieldf("days", "is a number from 1 to 3660")
		}
	}
	list, err := a.Flow.Trends(r.Context(), days)
	if err != nil {
		return err
	}
	var out []client.Trend
	for _, t := range list {
		i := t.Indicator
		v := client.Trend{Key: i.Key, Title: i.Title, Unit: i.Unit, Health: string(i.Health), Value: i.Value, Target: i.Target, Points: []client.Reading{}, Objectives: namesOf(t.Objectives)}
		if d, ok := t.Change(); ok {
			v.Change = &d
		}
		for _, p := range t.Points {
			v.Points = append(v.Points, client.Reading(p))
		}
		out = append(out, v)
	}
	return answer(w, http.StatusOK, client.ListOf(out, "", -1))
}

// addGovernPaths describes these operations.
func addGovernPaths(paths object) {
	str, num, integer, flag := object{"type": "string"}, object{"type": "number"}, object{"type": "integer"}, object{"type": "boolean"}
	get := func(id, summary string, params []object, s object) object {
		return object{"get": op("areas", id, summary, params, nil, ok("200", summary+".", s))}
	}
	proof := shape("One fact for or against.", object{"source": str, "verdict": str, "title": str, "text": str, "at": object{"type": "string", "format": "date-time"}, "until": str, "kind": str, "id": str})
	paths["/parties"] = get("listParties", "How the needs of interested parties are met, the worst first", nil, listSchema(shape("An interested party.", object{
		"id": str, "key": str, "title": str, "category": str, "hostile": flag, "needs": str, "measured": str, "proofs": arrayOf(proof), "lacks": arrayOf(str), "review_due": flag})))
	placed := shape("An asset with why it is there.", object{"key": str, "title": str, "why": str})
	crossing := shape("Where something passes the boundary.", object{"kind": str, "id": str, "inside": str, "outside": str, "how": str, "outward": flag, "worth": num, "loss": num,
		"guards": arrayOf(str), "reviewed": str, "verdict": str, "at_risk": flag})
	paths["/scopes/{id}/boundary"] = get("scopeBoundary", "What lies inside a scope, outside, and what crosses", []object{param("id")},
		shape("The computed boundary.", object{"scope": str, "in": arrayOf(placed), "out": arrayOf(placed), "sites": arrayOf(str), "teams": arrayOf(str), "people": arrayOf(str),
			"vendors": arrayOf(str), "crossings": arrayOf(crossing)}))
	span := shape("A figure with its bad years.", object{"mean": num, "p50": num, "p90": num, "p95": num})
	measure := shape("A planned safeguard with what it is worth.", object{"id": str, "title": str, "avoided": num, "cost": num, "hours": num, "return": num, "risks": arrayOf(str)})
	paths["/business-case"] = get("businessCase", "The business case from the live records", nil, shape("Loss before and after, and what the plan costs.", object{
		"now": span, "with": span, "once": num, "hours": num, "yearly": num, "avoided": num, "return": num, "payback": num, "fines": num, "measures": arrayOf(measure)}))
	reading := shape("The value of one moment.", object{"at": object{"type": "string", "format": "date-time"}, "value": num})
	paths["/trends"] = get("trends", "The indicators with their readings", []object{query("days", "How far back; a year when not given.", integer)}, listSchema(shape("An indicator.", object{
		"key": str, "title": str, "unit": str, "health": str, "value": num, "target": num, "change": num, "points": arrayOf(reading), "objectives": arrayOf(str)})))
}

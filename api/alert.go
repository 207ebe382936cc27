package api

import (
	"net/http"

	"holdfast/api/client"
	"holdfast/isms"
	"holdfast/kind"
)

// mostStories is how many alerts are grouped at once.
const mostStories = 1000

// stories answers with the alerts that wait, grouped by story, the worst first.
func (a *api) stories(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	page, err := a.App.List(r.Context(), isms.Alerts, kind.Query{Sort: "-last_seen", Limit: mostStories}.
		Where("status", string(isms.AlertNew), string(isms.AlertAcknowledged), string(isms.AlertEscalated)))
	if err != nil {
		return err
	}
	var list []*isms.Alert
	for _, rec := range page.Records {
		list = append(list, rec.(*isms.Alert))
	}
	found, err := a.Detection.Stories(r.Context(), list)
	if err != nil {
		return err
	}
	out := []client.Story{}
	for _, s := range found {
		out = append(out, client.Story{Severity: string(s.Severity), Score: s.Score, Count: s.Count, First: s.First, Last: s.Last, Alerts: alertLines(s.Alerts)})
	}
	return answer(w, http.StatusOK, client.ListOf(out, "", -1))
}

func alertLines(list []*isms.Alert) []client.AlertLine {
	out := []client.AlertLine{}
	for _, x := range list {
		out = append(out, alertLine(x))
	}
	return out
}

func alertLine(x *isms.Alert) client.AlertLine {
	return client.AlertLine{ID: x.ID, Key: x.Key, Title: x.Title, Severity: string(x.Severity), Status: string(x.Status), Score: x.Score, Count: x.Count, AssetID: x.AssetID, Actor: x.Actor, Last: x.LastSeen}
}

// aboutAlert answers with everything there is to say of one alert.
func (a *api) aboutAlert(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	x, err := a.Detection.AboutAlert(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	out := client.AlertAbout{
		Alert: alertLine(x.Alert), Why: string(x.Alert.Why), FirstStep: string(x.Alert.FirstStep), Formula: x.Weight.Formula(), SHA256: x.Alert.SHA256,
		Dependents: recordTitles(x.Dependents), Next: recordTitles(x.Needs), Findings: recordTitles(x.Findings), Risks: recordTitles(x.Risks), Story: alertLines(x.Story), Events: []string{},
	}
	for _, e := range x.Events {
		out.Events = append(out.Events, e.Text())
	}
	return answer(w, http.StatusOK, out)
}

func recordTitles[T kind.Record](list []T) []string {
	out := []string{}
	for _, rec := range list {
		out = append(out, rec.GetBase().Title)
	}
	return out
}

// tryRoute asks for a test over an alert route.
func (a *api) tryRoute(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	job, err := a.Detection.TryRoute(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return answer(w, http.StatusAccepted, map[string]string{"job": job})
}

// addAlertPaths describes the operations on alerts and rules.
func addAlertPaths(paths object) {
	str, num, integer := object{"type": "string"}, object{"type": "number"}, object{"type": "integer"}
	at := object{"type": "string", "format": "date-time"}
	line := shape("An alert in short.", object{"id": str, "key": str, "title": str, "severity": str, "status": str, "score": num, "count": integer, "asset_id": str, "actor": str, "last_seen": at})
	story := shape("Alerts that belong together.", object{"severity": str, "score": num, "count": integer, "first_seen": at, "last_seen": at, "alerts": arrayOf(line)})
	id := object{"name": "id", "in": "path", "required": true, "schema": str, "description": "Id or key."}
	paths["/alert-stories"] = object{"get": op("areas", "alertStories", "The alerts that wait, by story, the worst first", nil, nil, ok("200", "The stories.", listSchema(story)))}
	paths["/alerts/{id}/about"] = object{"get": op("areas", "aboutAlert", "Why an alert matters here, what to do first, its events and its story", []object{id}, nil, ok("200", "The alert.",
		shape("The alert.", object{"alert": line, "why": str, "first_step": str, "formula": str, "dependents": arrayOf(str), "next_doors": arrayOf(str), "findings": arrayOf(str), "risks": arrayOf(str),
			"story": arrayOf(line), "events": arrayOf(str), "sha256": str})))}
	paths["/alert-routes/{id}/test"] = object{"post": op("areas", "tryAlertRoute", "Send a test over an alert route", []object{id}, nil, ok("202", "The job that sends it.", shape("The job.", object{"job": str})))}
	addRulePaths(paths)
}

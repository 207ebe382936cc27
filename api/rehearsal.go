package api

import (
	"cmp"
	"net/http"
	"time"

	"holdfast/api/client"
	"holdfast/engine/detect"
	"holdfast/eventstore"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/watch"
)

// How long a request may try a rule on stored events, in seconds.
const (
	usualRehearsal = 20
	mostRehearsal  = 120
)

// rehearse tries a rule on stored events: at once, or in the background.
func (a *api) rehearse(w http.ResponseWriter, r *http.Request) error {
	events, err := a.eventStore(r)
	if err != nil {
		return err
	}
	if _, err := params(r); err != nil {
		return err
	}
	var in client.RehearsalRequest
	if err := decode(w, r, &in); err != nil {
		return err
	}
	wanted, err := readRehearsal(in, a.Now())
	if err != nil {
		return err
	}
	wanted.Rule = r.PathValue("id")
	if in.Background {
		job, err := watch.AskToRehearse(r.Context(), a.App, a.Detection, wanted)
		if err != nil {
			return err
		}
		return answer(w, http.StatusAccepted, map[string]string{"job": job})
	}
	out, err := watch.RehearseRule(r.Context(), a.App, a.Detection, events, wanted, func(string, int, int) {})
	if err != nil {
		return err
	}
	if err := watch.KeepRehearsal(events, out); err != nil {
		return err
	}
	return answer(w, http.StatusOK, rehearsalView(out))
}

// readRehearsal checks what was asked for.
func readRehearsal(in client.RehearsalRequest, now time.Time) (watch.Rehearse, error) {
	out := watch.Rehearse{Text: in.Body, MostEvents: in.Events, MostHits: in.Hits}
	seconds := cmp.Or(in.Seconds, usualRehearsal)
	if seconds < 1 || seconds > mostRehearsal {
		return out, kind.Fieldf("seconds", "is a number from 1 to %d; more time has background: true", mostRehearsal)
	}
	if in.Events < 0 || in.Hits < 0 {
		return out, kind.Fieldf("events", "and hits are not negative")
	}
	out.MostTime = time.Duration(seconds) * time.Second
	for _, part := range []struct {
		name, text string
		into       *time.Time
	}{{"since", cmp.Or(in.Since, "7d"), &out.From}, {"until", in.Until, &out.To}} {
		if part.text == "" || part.name == "since" && part.text == "all" {
			continue
		}
		at, err := eventstore.ReadInstant(part.text, now)
		if err != nil {
			return out, kind.Fieldf(part.name, "%q: %v", part.text, err)
		}
		*part.into = at
	}
	return out, nil
}

// lastRehearsal answers what trying a rule came to the last time.
func (a *api) lastRehearsal(w http.ResponseWriter, r *http.Request) error {
	events, err := a.eventStore(r)
	if err != nil {
		return err
	}
	if _, err := params(r); err != nil {
		return err
	}
	rule, err := a.App.Get(r.Context(), isms.DetectionRules, r.PathValue("id"))
	if err != nil {
		return err
	}
	out, err := watch.KeptRehearsal(events, rule.GetBase().ID, a.App.Now())
	if err != nil {
		return err
	}
	if out == nil {
		return kind.Errorf(kind.NotFound, "the rule was not tried on stored events within a day")
	}
	return answer(w, http.StatusOK, rehearsalView(out))
}

func rehearsalView(x *watch.Rehearsal) client.Rehearsal {
	out := client.Rehearsal{
		Rule: x.Rule, Text: x.Text, At: x.At, From: x.From, To: x.To, First: x.First, Last: x.Last, Stored: x.Stored, Read: x.Read, Unread: x.Unread,
		Matches: x.Matches, Rings: x.Rings, Alerts: x.Alerts, PerDay: x.PerDay(), Stopped: string(x.Stopped), Seconds: x.Took.Seconds(),
		Buckets: []client.EventBucket{}, Hits: []client.RehearsalHit{}, Assets: tallies(x.Assets), Sources: tallies(x.Sources), Actors: tallies(x.Actors),
	}
	if x.Read > 0 {
		out.Days = x.Days()
	}
	for _, b := range x.Buckets {
		out.Buckets = append(out.Buckets, client.EventBucket{From: b.From, Seconds: b.Width.Seconds(), Count: b.Count})
	}
	for _, h := range x.Hits {
		hit := client.RehearsalHit{Position: uint64(h.Position), At: h.At, Title: h.Title, Line: h.Line, Events: h.Events, Reasons: []string{}}
		if h.Together != "" {
			hit.Reasons = append(hit.Reasons, h.Together)
		}
		for _, reason := range h.Reasons {
			hit.Reasons = append(hit.Reasons, reasonText(reason))
		}
		out.Hits = append(out.Hits, hit)
	}
	return out
}

func tallies(list []watch.Tally) []client.Tally {
	out := []client.Tally{}
	for _, t := range list {
		out = append(out, client.Tally(t))
	}
	return out
}

// reasonText says which selection of a rule met which value.
func reasonText(r detect.Reason) string {
	text := r.Selection + ": " + r.Asked
	if r.Not {
		text = "not " + text
	}
	if r.Value != "" {
		text += " found in " + r.Value
	}
	return text
}

// addRehearsalPaths describes these operations.
func addRehearsalPaths(paths object) {
	str, integer, number := object{"type": "string"}, object{"type": "integer"}, object{"type": "number"}
	when := object{"type": "string", "format": "date-time"}
	tally := arrayOf(shape("How often something was met.", object{"id": str, "name": str, "count": integer}))
	hit := shape("One time that the rule would have rung.", object{"position": integer, "at": when, "title": str, "line": str, "reasons": arrayOf(str), "events": integer})
	bar := shape("A span of time.", object{"from": when, "seconds": number, "count": integer})
	out := shape("What the rule would have done. Alerts counts one for a machine and an actor a day; stopped is empty when everything was looked at.", object{
		"rule": str, "text_sha256": str, "at": when, "from": when, "to": when, "first": when, "last": when, "stored": integer, "read": integer, "unread": integer,
		"matches": integer, "rings": integer, "alerts": integer, "days": number, "per_day": number, "stopped": object{"type": "string", "enum": []string{"", "time", "events"}}, "seconds": number,
		"buckets": arrayOf(bar), "hits": arrayOf(hit), "assets": tally, "sources": tally, "actors": tally})
	in := object{"content": object{mediaJSON: object{"schema": object{"type": "object", "properties": object{
		"since":  object{"type": "string", "description": "How long ago (24h, 7d), a date, an instant, or all. Empty: 7d."},
		"until":  object{"type": "string", "description": "The same. Empty: now."},
		"events": object{"type": "integer", "description": "How many at most: of more, the newest."}, "seconds": object{"type": "integer", "minimum": 1, "maximum": mostRehearsal, "default": usualRehearsal},
		"hits": object{"type": "integer", "description": "How many are told one by one. 0: 20, at most 200."}, "body": object{"type": "string", "description": "A text to try instead of that of the rule."},
		"background": object{"type": "boolean", "description": "Answer with a job, which may take ten minutes; read the result with GET."}}}}}}
	id := object{"name": "id", "in": "path", "required": true, "schema": str, "description": "Id or key."}
	post := op("areas", "rehearseRule", "Try a rule on stored events; nothing is written and nobody is called", []object{id}, in, ok("200", "What it would have done.", out))
	post["responses"].(object)["202"] = object{"description": "The job, where it runs in the background.", "content": object{mediaJSON: object{"schema": shape("The job.", object{"job": str})}}}
	paths["/detection-rules/{id}/try"] = object{"post": post, "get": op("areas", "lastRehearsal", "What trying a rule on stored events came to the last time, within a day", []object{id}, nil, ok("200", "What it would have done.", out))}
}

package api

import (
	"net/http"

	"holdfast/api/client"
	"holdfast/kind"
)

// forwarding tells where events are handed on to, and how that goes.
func (a *api) forwarding(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	if a.Forward == nil {
		return kind.Errorf(kind.Unavailable, "events are not forwarded here")
	}
	x, err := a.Forward(r.Context())
	if err != nil {
		return err
	}
	out := client.Forwarding{File: x.File, Problem: x.Problem, Targets: []client.ForwardTarget{}}
	for _, s := range x.Targets {
		out.Targets = append(out.Targets, client.ForwardTarget{
			Name: s.Name, To: s.To, How: s.How, State: string(s.State()), Sources: append([]string{}, s.Sources...), MinSeverity: s.MinSeverity, LastDealt: s.At,
			Waiting: s.Behind, Sent: s.Sent, Filtered: s.Left, Refused: s.Refused, Unwritten: s.Poison, Cut: s.Cut, Skipped: s.Skipped,
			Trouble: s.Trouble, LastError: s.LastErr, LastErrorAt: s.LastAt,
		})
	}
	return answer(w, http.StatusOK, out)
}

// testForward sends a test event to a target.
func (a *api) testForward(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	if a.TestForward == nil {
		return kind.Errorf(kind.Unavailable, "events are not forwarded here")
	}
	if err := a.TestForward(r.Context(), r.PathValue("name")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// addForwardPaths describes these operations.
func addForwardPaths(paths object) {
	str, integer := object{"type": "string"}, object{"type": "integer"}
	when := object{"type": "string", "format": "date-time"}
	target := shape("A receiver of events. It holds no secret.", object{
		"name": str, "to": str, "how": str, "state": object{"type": "string", "enum": []string{"not begun", "forwarding", "behind", "stands still"}}, "sources": arrayOf(str), "min_severity": str,
		"last_dealt": when, "waiting": integer, "sent": integer, "filtered": integer, "refused": integer, "unwritten": integer, "cut": integer, "skipped": integer,
		"trouble": str, "last_error": str, "last_error_at": when})
	name := object{"name": "name", "in": "path", "required": true, "schema": str, "description": "Name of the target."}
	paths["/forwarding"] = object{"get": op("areas", "forwarding", "Where events are handed on to, and how that goes", nil, nil,
		ok("200", "The targets.", shape("Where events are handed on to.", object{"file": str, "problem": str, "targets": arrayOf(target)})))}
	paths["/forwarding/{name}/test"] = object{"post": op("areas", "testForwarding", "Send a test event to a target", []object{name}, nil, ok("204", "The receiver took it.", nil))}
}

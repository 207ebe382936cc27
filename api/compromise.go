package api

import (
	"cmp"
	"net/http"
	"strconv"

	"holdfast/api/client"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port/stix"
)

// importIndicators takes in indicators of compromise: the body is a file of STIX, of
// MISP, or a table.
func (a *api) importIndicators(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "name", "source", "severity", "valid_days", "context", "dry_run")
	if err != nil {
		return err
	}
	in := detection.IndicatorIntake{Source: v.Get("source"), Severity: isms.Severity(v.Get("severity")), DryRun: v.Get("dry_run") == "true"}
	if text := v.Get("valid_days"); text != "" {
		if in.ValidDays, err = strconv.Atoi(text); err != nil || in.ValidDays < 1 || in.ValidDays > 36_500 {
			return kind.Fieldf("valid_days", "is a number of days from 1 to 36500")
		}
	}
	data, _, err := body(w, r, stix.MaxFile, mediaBytes, mediaJSON, mediaCSV, "text/plain", "application/stix+json")
	if err != nil {
		return err
	}
	marks, err := stix.Read(cmp.Or(v.Get("name"), "body"), data, stix.Options{Context: v.Get("context") == "true"})
	if err != nil {
		return kind.Errorf(kind.Invalid, "%w", err)
	}
	x, err := a.Detection.TakeInIndicators(r.Context(), marks, in)
	if err != nil {
		return err
	}
	out := client.IndicatorsTaken{Format: x.Format, Read: x.Read, Created: x.Created, Changed: x.Changed, Unchanged: x.Unchanged, Revoked: x.Revoked, Old: x.Old, Left: x.Left,
		DryRun: x.DryRun, Skipped: []client.IndicatorSkip{}}
	for _, s := range x.Skipped {
		out.Skipped = append(out.Skipped, client.IndicatorSkip(s))
	}
	return answer(w, http.StatusOK, out)
}

// addIndicatorPaths describes this operation.
func addIndicatorPaths(paths object) {
	str, integer, flag := object{"type": "string"}, object{"type": "integer"}, object{"type": "boolean"}
	skip := shape("Something that cannot be looked for.", object{"where": str, "what": str, "why": str})
	paths["/threat-indicators/import"] = object{"post": op("areas", "importIndicators", "Take in indicators of compromise: STIX 2, MISP or a table, all or none", []object{
		query("name", "Name of the file, for messages.", str), query("source", "Who tells, where the file does not say.", str), query("severity", "Of a sighting; medium when empty.", str),
		query("valid_days", "How long they are looked for; what their author says, or by their type, when empty.", integer), query("context", "Take in also what MISP marks as context only.", flag),
		query("dry_run", "Tell what would happen and keep nothing.", flag)},
		object{"required": true, "content": object{mediaBytes: object{"schema": object{"type": "string", "format": "binary"}}}},
		ok("200", "What became of them.", shape("What became of a file of indicators.", object{"format": str, "read": integer, "created": integer, "changed": integer, "unchanged": integer,
			"revoked": integer, "old": integer, "left": integer, "skipped": arrayOf(skip), "dry_run": flag})))}
}

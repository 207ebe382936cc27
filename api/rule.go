package api

import (
	"net/http"

	"holdfast/api/client"
	"holdfast/engine/event"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
)

// maxRules bounds an archive of rules.
const maxRules = 64 << 20

// importRules takes in a YAML file or a ZIP archive of Sigma rules: the body is the file.
func (a *api) importRules(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "name", "state", "dry_run")
	if err != nil {
		return err
	}
	data, _, err := body(w, r, maxRules, mediaBytes)
	if err != nil {
		return err
	}
	name := v.Get("name")
	if name == "" {
		name = "rules.yml"
	}
	files, err := detection.RuleFiles(name, data)
	if err != nil {
		return err
	}
	return a.takeRules(w, r, files, v.Get("state"), v.Get("dry_run") == "true")
}

// adoptRules takes in the rules that ship with the product.
func (a *api) adoptRules(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in struct {
		State  string `json:"state"`
		DryRun bool   `json:"dry_run"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	files, err := detection.ShippedRules()
	if err != nil {
		return err
	}
	return a.takeRules(w, r, files, in.State, in.DryRun)
}

// takeRules takes rules in, or tells what would come.
func (a *api) takeRules(w http.ResponseWriter, r *http.Request, files []detection.RuleFile, state string, dryRun bool) error {
	x, err := detection.RuleImport{}, error(nil)
	if dryRun {
		x, err = a.Detection.PreviewRules(r.Context(), files)
	} else {
		x, err = a.Detection.ImportRules(r.Context(), files, isms.RuleStatus(state))
	}
	if err != nil {
		return err
	}
	out := client.RuleImport{Added: x.Added, Changed: x.Changed, Same: x.Same, Refused: append([]string{}, x.Refused...), Rules: []client.RuleNews{}, DryRun: dryRun}
	for _, n := range x.Rules {
		out.Rules = append(out.Rules, client.RuleNews{File: n.File, Title: n.Title, Level: string(n.Level), Source: n.Source, Key: n.Key})
	}
	return answer(w, http.StatusOK, out)
}

// exportRules answers with all rules as a ZIP archive.
func (a *api) exportRules(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="rules.zip"`)
	_, err := a.Detection.ExportRules(r.Context(), kind.Query{}, w)
	return err
}

// tryRule tries a rule on events; nothing is written.
func (a *api) tryRule(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in client.RuleTry
	if err := decode(w, r, &in); err != nil {
		return err
	}
	lines, err := a.Detection.TrialLines([]byte(in.Events))
	if err != nil {
		return err
	}
	t, err := a.Detection.TryRule(r.Context(), in.Body, lines, event.Options{Format: event.Format(in.Format)})
	if err != nil {
		return err
	}
	out := client.RuleTrial{Lines: t.Lines, Matches: t.Matches, Hits: []client.RuleHit{}, Together: t.Together}
	if out.Together == nil {
		out.Together = []string{}
	}
	for _, h := range t.Hits {
		hit := client.RuleHit{Line: h.Line, Rule: h.Rule, Reasons: []string{}}
		for _, reason := range h.Reasons {
			hit.Reasons = append(hit.Reasons, reasonText(reason))
		}
		out.Hits = append(out.Hits, hit)
	}
	return answer(w, http.StatusOK, out)
}

func addRulePaths(paths object) {
	str, integer := object{"type": "string"}, object{"type": "integer"}
	flag := object{"type": "boolean"}
	news := shape("A rule that is new or changed.", object{"file": str, "title": str, "level": str, "source": str, "key": str})
	done := shape("What the import did, or would do.", object{"added": integer, "changed": integer, "same": integer, "refused": arrayOf(str), "rules": arrayOf(news), "dry_run": flag})
	query := func(name, words string) object {
		return object{"name": name, "in": "query", "schema": str, "description": words}
	}
	raw := object{"required": true, "content": object{mediaBytes: object{"schema": object{"type": "string", "format": "binary"}}}}
	json := func(members object) object {
		return object{"required": true, "content": object{mediaJSON: object{"schema": object{"type": "object", "properties": members}}}}
	}
	paths["/detection-rules/import"] = object{"post": op("areas", "importRules", "Take in Sigma rules: one YAML file or a ZIP archive", []object{query("name", "Name of the file."), query("state", "Of new rules: draft, testing or active."), query("dry_run", "true: tell what would come and keep nothing.")}, raw, ok("200", "Done.", done))}
	paths["/detection-rules/adopt"] = object{"post": op("areas", "adoptRules", "Take in the rules that ship with the product", nil, json(object{"state": str, "dry_run": flag}), ok("200", "Done.", done))}
	paths["/detection-rules/export"] = object{"get": op("areas", "exportRules", "All rules as a ZIP archive", nil, nil, ok("200", "The archive.", nil))}
	hit := shape("A line that matches.", object{"line": integer, "rule": str, "reasons": arrayOf(str)})
	paths["/detection-rules/try"] = object{"post": op("areas", "tryRule", "Try a rule on events; nothing is kept", nil, json(object{"body": str, "events": str, "format": str}),
		ok("200", "What it says.", shape("What it says.", object{"lines": integer, "matches": integer, "hits": arrayOf(hit), "together": arrayOf(str)})))}
	addRehearsalPaths(paths)
	addForwardPaths(paths)
	addFeedPaths(paths)
}

package api

import (
	"bytes"
	"net/http"

	"holdfast/api/client"
	"holdfast/port/cacao"
)

// adoptPlaybooks takes playbooks of the catalogue in.
func (a *api) adoptPlaybooks(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in struct {
		Playbooks []string `json:"playbooks"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	list, err := a.Response.AdoptPlaybooks(r.Context(), in.Playbooks...)
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, client.ListOf(list, "", int64(len(list))))
}

// importPlaybook takes a CACAO document in.
func (a *api) importPlaybook(w http.ResponseWriter, r *http.Request) error {
	v, err := params(r, "dry_run")
	if err != nil {
		return err
	}
	data, _, err := body(w, r, cacao.MaxFile, mediaJSON)
	if err != nil {
		return err
	}
	out, err := a.Response.ImportPlaybook(r.Context(), data, v.Get("dry_run") == "true")
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, out)
}

// exportPlaybook answers with a playbook as a CACAO document.
func (a *api) exportPlaybook(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	doc, _, err := a.Response.ExportPlaybook(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", mediaJSON)
	w.Header().Set("Content-Disposition", `attachment; filename="playbook.json"`)
	_, _ = bytes.NewReader(doc).WriteTo(w) // the reader has gone: nobody is left to tell
	return nil
}

// playbookSheet answers with a playbook as it is followed.
func (a *api) playbookSheet(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	s, err := a.Response.PlaybookSheet(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	p := s.Playbook
	out := client.PlaybookSheet{ID: p.ID, Title: p.Title, Scenario: string(p.Scenario), Severity: string(p.Severity), Status: string(p.Status), Owner: s.Owner,
		Aim: string(p.Description), Triggers: string(p.Triggers), Steps: []client.PlaybookRow{}}
	for i, st := range s.Steps {
		next, other := s.Leads(i)
		row := client.PlaybookRow{Number: i + 1, ID: st.ID, Phase: string(st.Phase), Type: string(st.Type), Role: st.Role, Title: st.Title, Instruction: string(st.Instruction),
			Condition: st.Condition, Check: string(st.Check), Command: string(st.Command), Minutes: st.Minutes, Irreversible: st.Irreversible, Next: next + 1, Otherwise: other + 1,
			Uses: []string{}, Follows: s.Follows[st.ID].Title}
		for _, u := range s.Uses[st.ID] {
			row.Uses = append(row.Uses, u.Title)
		}
		out.Steps = append(out.Steps, row)
	}
	return answer(w, http.StatusOK, out)
}

// moveStep moves a step by one place within its phase.
func (a *api) moveStep(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	var in struct {
		Up bool `json:"up"`
	}
	if err := decode(w, r, &in); err != nil {
		return err
	}
	if err := a.Response.MoveStep(r.Context(), r.PathValue("id"), in.Up); err != nil {
		return err
	}
	return answer(w, http.StatusOK, object{})
}

// addPlaybookPaths describes these operations.
func addPlaybookPaths(paths object) {
	str, integer, flag := object{"type": "string"}, object{"type": "integer"}, object{"type": "boolean"}
	intake := shape("What became of a playbook.", object{"playbook_id": str, "title": str, "status": str, "new": flag, "created": integer, "changed": integer, "unchanged": integer, "kept": integer, "gone": integer, "notes": arrayOf(str)})
	row := shape("One step.", object{"number": integer, "id": str, "phase": str, "type": str, "role": str, "title": str, "instruction": str, "condition": str, "check": str, "command": str,
		"minutes": integer, "irreversible": flag, "next": integer, "otherwise": integer, "uses": arrayOf(str), "follows": str})
	paths["/playbooks/adopt"] = object{"post": op("areas", "adoptPlaybooks", "Take playbooks of the catalogue in; words of people stay", nil,
		jsonBody(shape("Which; none: all.", object{"playbooks": arrayOf(str)}), true), ok("200", "What became of each.", shape("A list.", object{"data": arrayOf(intake)})))}
	paths["/playbooks/import"] = object{"post": op("areas", "importPlaybook", "Take in a CACAO playbook (2.0, 1.1, 1.0); what is not known is kept",
		[]object{query("dry_run", "Tell what would come and keep nothing.", flag)}, object{"required": true, "content": object{mediaJSON: object{}}}, ok("200", "What came, or would come.", intake))}
	paths["/playbooks/{id}/cacao"] = object{"parameters": []object{param("id")}, "get": op("areas", "exportPlaybook", "A playbook as a CACAO 2.0 document", nil, nil, fileResponse(mediaJSON))}
	paths["/playbooks/{id}/sheet"] = object{"parameters": []object{param("id")}, "get": op("areas", "playbookSheet", "A playbook as it is followed", nil, nil,
		ok("200", "The steps in their order.", shape("A playbook.", object{"id": str, "title": str, "scenario": str, "severity": str, "status": str, "owner": str, "aim": str, "triggers": str, "steps": arrayOf(row)})))}
	paths["/playbook-steps/{id}/move"] = object{"parameters": []object{param("id")}, "post": op("areas", "moveStep", "Move a step by one place within its phase", nil,
		jsonBody(shape("Where to.", object{"up": flag}), true), ok("200", "It is done.", object{"type": "object"}))}
}

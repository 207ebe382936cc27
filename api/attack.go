package api

import (
	"net/http"
	"slices"

	"holdfast/api/client"
	"holdfast/flow/detection"
)

// coverage answers with what would be noticed of what attackers do. Of techniques of which
// nothing is known and which nobody relevant would use, it says only that.
func (a *api) coverage(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	c, err := a.Detection.Coverage(r.Context())
	if err != nil {
		return err
	}
	out := client.Coverage{Today: string(c.Today), Share: c.Share, Proved: c.Proved, Weighed: c.Weighed, Count: map[string]int{}, Strange: orNone(c.Strange), Techniques: []client.CoverageTechnique{}}
	for sight, n := range c.Count {
		out.Count[string(sight)] = n
	}
	at := map[string]int{}
	for _, col := range c.Columns {
		for _, cell := range col.Cells {
			for _, x := range append([]*detection.AttackCell{cell}, cell.Subs...) {
				if i, there := at[x.ID]; there {
					out.Techniques[i].Tactics = append(out.Techniques[i].Tactics, col.Word)
					continue
				}
				at[x.ID] = len(out.Techniques)
				out.Techniques = append(out.Techniques, cellView(x, col.Word))
			}
		}
	}
	return answer(w, http.StatusOK, out)
}

func cellView(c *detection.AttackCell, tactic string) client.CoverageTechnique {
	v := client.CoverageTechnique{ID: c.ID, Name: c.Name, Tactics: []string{tactic}, Sight: string(c.Sight), Weight: c.Weight, Matters: c.Matters, Last: string(c.Last), Missed: string(c.Missed),
		By: []client.CoverageWatcher{}, Because: titlesOf(c.Because), Logs: orNone(slices.Clone(c.Logs)), Remedy: c.Remedy}
	for _, x := range c.By {
		v.By = append(v.By, client.CoverageWatcher{Kind: x.Kind, ID: x.ID, Title: x.Title, Live: x.Live, Lacks: x.Lacks, Proved: string(x.Proved)})
	}
	return v
}

// coverageLayer answers with the matrix as a layer of ATT&CK Navigator.
func (a *api) coverageLayer(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	c, err := a.Detection.Coverage(r.Context())
	if err != nil {
		return err
	}
	text, err := c.Layer("Holdfast " + string(c.Today))
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="coverage-layer.json"`)
	_, err = w.Write(text)
	return err
}

// findBlindSpots writes the blind spots that matter into the register.
func (a *api) findBlindSpots(w http.ResponseWriter, r *http.Request) error {
	if _, err := params(r); err != nil {
		return err
	}
	out, err := a.Detection.FindBlindSpots(r.Context())
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, client.CoverageChange{Opened: out.Opened, Reopened: out.Reopened, Resolved: out.Resolved, Open: out.Open})
}

// addCoveragePaths describes these operations.
func addCoveragePaths(paths object) {
	str, num, integer, flag := object{"type": "string"}, object{"type": "number"}, object{"type": "integer"}, object{"type": "boolean"}
	watcher := shape("A rule or a trap.", object{"kind": str, "id": str, "title": str, "live": flag, "lacks": str, "proved": str})
	technique := shape("A technique and how far it would be noticed.", object{"id": str, "name": str, "tactics": arrayOf(str), "sight": str, "weight": num, "matters": flag, "last": str, "missed": str,
		"by": arrayOf(watcher), "because": arrayOf(str), "logs": arrayOf(str), "remedy": str})
	paths["/coverage"] = object{"get": op("areas", "coverage", "What would be noticed of what attackers do, by the techniques of MITRE ATT&CK", nil, nil, ok("200", "The matrix.",
		shape("The matrix.", object{"today": str, "share": num, "proved": num, "weighed": integer, "count": object{"type": "object"}, "strange": arrayOf(str), "techniques": arrayOf(technique)})))}
	paths["/coverage/layer"] = object{"get": op("areas", "coverageLayer", "The matrix as a layer of ATT&CK Navigator", nil, nil, ok("200", "A layer.", object{"type": "object"}))}
	paths["/coverage/findings"] = object{"post": op("areas", "findBlindSpots", "Write the blind spots that matter into the register", nil, nil, ok("200", "What it changed.",
		shape("What changed.", object{"opened": integer, "reopened": integer, "resolved": integer, "open": integer})))}
}

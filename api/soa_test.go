package api_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"holdfast/isms"
	"holdfast/testkit"
)

func TestAFrameworkIsAdoptedDecidedAndReadOverTheAPI(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.person("auditor", testkit.Workspace, []string{isms.RoleAdministrator}, "*:read")
		w.person("lead", testkit.Workspace, []string{isms.RoleSecurityLead}, "*:write")
		w.person("staff", testkit.Workspace, []string{isms.RoleAdministrator}, "asset:read")
		w.person("stranger", "ws2", []string{isms.RoleAdministrator}, "*:admin")
		if list := w.do("admin", "GET", "/frameworks/shipped", "").is(200).data(); len(list) < 10 || list[0]["loaded"] != false {
			t.Errorf("shipped: %v", list)
		}
		w.do("admin", "GET", "/soa", "").is(404)
		if got := w.do("admin", "POST", "/frameworks/adopt", `{"framework": "nis2"}`).is(200).json(); got["created"] == 0.0 || got["lines"] == 0.0 {
			t.Errorf("adopted: %v", got)
		}
		if got := w.do("admin", "POST", "/frameworks/adopt", `{"framework": "nis2"}`).is(200).json(); got["created"] != 0.0 || got["changed"] != 0.0 || got["lines"] != 0.0 {
			t.Errorf("adopted twice: %v", got)
		}
		w.do("admin", "POST", "/frameworks/adopt", `{"framework": "nonsense"}`).is(404)
		w.do("auditor", "POST", "/frameworks/adopt", `{"framework": "dora"}`).is(403)
		st := w.do("auditor", "GET", "/soa?framework=nis2", "").is(200).json()
		line := st["lines"].([]any)[0].(map[string]any)
		if line["applies"] != "undecided" || line["measured"] != "unknown" {
			t.Errorf("the line is %v", line)
		}
		body := `{"lines": [{"requirement": "` + line["requirement_id"].(string) + `", "applies": "yes", "reason": "We fall under it.", "status": "partly", "maturity": 2}]}`
		w.do("auditor", "POST", "/soa", body).is(403)
		if got := w.do("lead", "POST", "/soa", body).is(200).json(); got["changed"] != 1.0 {
			t.Errorf("decided: %v", got)
		}
		w.do("lead", "POST", "/soa", `{"lines": [{"requirement": "none", "applies": "yes"}]}`).is(422)
		w.do("lead", "POST", "/soa", `{}`).is(422)
		line = w.do("auditor", "GET", "/soa?framework=nis2", "").is(200).json()["lines"].([]any)[0].(map[string]any)
		if line["applies"] != "yes" || line["said"] != "partly" || line["maturity"] != 2.0 {
			t.Errorf("the line is %v", line)
		}
		rows, err := csv.NewReader(strings.NewReader(string(w.do("auditor", "GET", "/soa.csv?framework=nis2", "").is(200).body))).ReadAll()
		if err != nil || len(rows) != len(st["lines"].([]any))+1 || rows[1][4] != "We fall under it." {
			t.Errorf("the table has %d rows: %v", len(rows), err)
		}
		gap := w.do("auditor", "GET", "/gap?framework=nis2", "").is(200).json()
		step := gap["steps"].([]any)[0].(map[string]any)["key"].(string)
		w.do("auditor", "POST", "/gap/tasks", `{"framework": "nis2", "steps": ["`+step+`"]}`).is(403)
		for _, want := range []float64{1, 0} {
			if got := w.do("lead", "POST", "/gap/tasks", `{"framework": "nis2", "steps": ["`+step+`"]}`).is(200).json(); got["changed"] != want {
				t.Errorf("tasks: %v, want %v", got, want)
			}
		}
		w.do("auditor", "GET", "/duties", "").is(200)
		w.do("auditor", "GET", "/soa?framework=elsewhere", "").is(404)
		w.do("auditor", "GET", "/soa?scope=elsewhere", "").is(404)
		w.do("staff", "GET", "/soa", "").is(403)
		w.do("staff", "GET", "/duties", "").is(403)
		if got := w.do("stranger", "GET", "/soa?framework=nis2", ""); got.status == 200 {
			t.Error("another workspace sees the statement")
		}
	})
}

func TestTheStatementAnswersAsTheDescriptionSays(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t), 1_000_000)
	doc := spec(t, w)
	w.do("admin", "POST", "/frameworks/adopt", `{"framework": "iso27001-2022"}`).is(200)
	for path, got := range map[string]string{"/soa": "/soa", "/gap": "/gap", "/duties": "/duties", "/frameworks/shipped": "/frameworks/shipped"} {
		s := schemaOf(t, doc, "/paths/"+strings.ReplaceAll(path, "/", "~1")+"/get/responses/200/content/application~1json/schema")
		if err := valid(t, s, w.do("admin", "GET", got, "").is(200).body); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

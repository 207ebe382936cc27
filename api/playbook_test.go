package api_test

import (
	"bytes"
	"os"
	"strings"
	"testing"

	"holdfast/isms"
	"holdfast/testkit"
)

func TestPlaybooksAreAdoptedFollowedAndExchanged(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.person("lead", testkit.Workspace, []string{"security_lead"}, "*:write")
		w.person("auditor", testkit.Workspace, []string{isms.RoleAdministrator}, "*:read") // a token that may only read
		w.reads("auditor", "/playbooks/none/sheet", 404)
		w.sends("auditor", "/playbooks/adopt", `{"playbooks":["phishing"]}`, 403)
		w.sends("lead", "/playbooks/adopt", `{"playbooks":["no-such"]}`, 404)
		w.sends("lead", "/playbooks/adopt", `{"playbooks":["phishing"]}`, 200)
		sheet := w.reads("auditor", "/playbooks/phishing/sheet", 200)
		for _, want := range []string{"End the sessions, then change the password", `"otherwise":`, `"phase":"learn"`} {
			if !strings.Contains(sheet, want) {
				t.Errorf("the sheet lacks %s", want)
			}
		}
		doc := w.reads("auditor", "/playbooks/phishing/cacao", 200)
		if !strings.Contains(doc, `"spec_version": "cacao-2.0"`) {
			t.Errorf("no CACAO document: %.200s", doc)
		}
		foreign, err := os.ReadFile("../port/cacao/testdata/branches.json")
		if err != nil {
			t.Fatal(err)
		}
		w.sends("auditor", "/playbooks/import", string(foreign), 403)
		w.sends("lead", "/playbooks/import", `{"type":"playbook"}`, 422)
		if out := w.sends("lead", "/playbooks/import?dry_run=true", string(foreign), 200); !strings.Contains(out, `"created":8`) {
			t.Errorf("a trial says %s", out)
		}
		if list := w.reads("lead", "/playbooks", 200); strings.Contains(list, "A host calls") {
			t.Error("a trial kept the playbook")
		}
		w.sends("lead", "/playbooks/import", string(foreign), 200)
		id := between(w.reads("lead", "/playbooks?q=host", 200), `"id":"`, `"`)
		if back := w.reads("lead", "/playbooks/"+id+"/cacao", 200); !bytes.Equal([]byte(back), foreign) {
			t.Error("an unchanged document did not come back byte by byte")
		}
	})
}

func TestAnExerciseIsPlayedOverTheAPI(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		w.person("lead", testkit.Workspace, []string{"security_lead"}, "*:write")
		w.person("auditor", testkit.Workspace, []string{isms.RoleAdministrator}, "*:read") // a token that may only read
		w.sends("auditor", "/exercises/generate", `{"scenario":"ransomware"}`, 403)
		w.sends("lead", "/exercises/generate", `{"scenario":"weather"}`, 422)
		room := w.sends("lead", "/exercises/generate", `{"scenario":"ransomware","seed":7}`, 200)
		id, inject := between(room, `"id":"`, `"`), between(room[strings.Index(room, `"injects"`):], `"id":"`, `"`)
		w.sends("lead", "/exercise-injects/"+inject+"/give", "", 409)
		w.sends("auditor", "/exercises/"+id+"/start", "", 403)
		w.sends("lead", "/exercises/"+id+"/start", "", 200)
		w.sends("lead", "/exercise-injects/"+inject+"/give", "", 200)
		if out := w.sends("lead", "/exercise-injects/"+inject+"/score", `{"met":["Declare the incident"]}`, 200); !strings.Contains(out, `"score":33`) {
			t.Errorf("one of three is %s", out)
		}
		end := w.sends("lead", "/exercises/"+id+"/finish", `{"recovery":5}`, 200)
		if !strings.Contains(end, `"status":"done"`) || !strings.Contains(end, "After the exercise") {
			t.Errorf("the end: %s", end)
		}
		if out := w.reads("auditor", "/exercises/"+id+"/room", 200); !strings.Contains(out, `"score":33`) {
			t.Errorf("the room: %s", out)
		}
	})
}

// between is the text between two marks.
func between(text, a, b string) string {
	_, rest, _ := strings.Cut(text, a)
	found, _, _ := strings.Cut(rest, b)
	return found
}

// reads gets a path and demands a status.
func (w *world) reads(who, path string, status int) string {
	w.t.Helper()
	return w.demands(w.do(who, "GET", path, ""), "GET "+path, status)
}

// sends posts JSON and demands a status.
func (w *world) sends(who, path, body string, status int) string {
	w.t.Helper()
	return w.demands(w.do(who, "POST", path, body), "POST "+path, status)
}

func (w *world) demands(r *reply, what string, status int) string {
	w.t.Helper()
	if r.status != status {
		w.t.Fatalf("%s: %d, must be %d: %s", what, r.status, status, r.body)
	}
	return string(r.body)
}

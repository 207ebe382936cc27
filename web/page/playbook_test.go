package page_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
)

func TestPlaybooksAreTakenFollowedAndEditedWithoutScript(t *testing.T) {
	w := newWorld(t)
	v := w.as("ada@example.org")
	page := v.sees("/playbook-shelf")
	if !strings.Contains(page, "16 kinds of incident have no playbook that is ready") {
		t.Error("an empty shelf does not say what is missing")
	}
	v.does("/playbook-shelf/adopt", url.Values{"playbook": {"mistake"}})
	page = v.sees("/playbooks/mistake")
	for _, want := range []string{"The way through", "Say thank you first", "Done when:", "Otherwise", "Add a step"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page of a playbook lacks %q", want)
		}
	}
	sheet, err := w.response.PlaybookSheet(w.machine(), "mistake")
	w.must(err)
	v.does("/playbook-steps/"+sheet.Steps[1].ID+"/move", url.Values{"to": {"up"}})
	v.does("/playbooks/mistake/steps", url.Values{"title": {"Breathe"}, "phase": {"detect"}, "instruction": {"Twice."}, "minutes": {"1"}})
	now, err := w.response.PlaybookSheet(w.machine(), "mistake")
	w.must(err)
	if now.Steps[0].ID != sheet.Steps[1].ID || now.Steps[3].Title != "Breathe" {
		t.Errorf("first %q, fourth %q", now.Steps[0].Title, now.Steps[3].Title)
	}
	if !strings.Contains(v.sees("/playbooks/mistake/follow"), "Breathe") || !strings.Contains(v.sees("/playbooks/mistake/cacao.json"), "cacao-2.0") {
		t.Error("the view for the night or the exchange lacks something")
	}
}

func TestAnExerciseIsPlayedWithoutScript(t *testing.T) {
	w := newWorld(t)
	v := w.as("ada@example.org")
	w.must(w.App.Save(w.machine(), &isms.Asset{Base: isms.Base{Key: "shop", Title: "Web <b>shop</b>"}, Type: "application", Criticality: 5}))
	v.does("/practice", url.Values{"scenario": {"ransomware"}, "seed": {"7"}})
	e, err := w.App.List(w.machine(), isms.Exercises, kind.Query{})
	w.must(err)
	id := e.Records[0].GetBase().ID
	page := v.sees("/exercises/" + id + "/room")
	if !strings.Contains(page, "Start the clock") || strings.Contains(page, "<b>shop</b>") {
		t.Error("the room has no start, or shows a name as it was typed")
	}
	v.does("/exercises/"+id+"/start", nil)
	room, err := w.response.ExerciseRoom(w.machine(), id)
	w.must(err)
	first := room.Injects[0]
	v.does("/exercise-injects/"+first.ID+"/give", nil)
	v.does("/exercise-injects/"+first.ID+"/score", url.Values{"met": {"", response.Criteria(first)[0]}, "answer": {"Called."}})
	v.does("/exercises/"+id+"/finish", url.Values{"recovery": {"6"}})
	page = v.sees("/exercises/" + id)
	for _, want := range []string{"What changes", "33", "Corrective actions"} {
		if !strings.Contains(page, want) {
			t.Errorf("the result lacks %q", want)
		}
	}
}

// does posts a form and demands that it is taken.
func (v *visitor) does(path string, form url.Values) {
	v.Helper()
	if status, body := v.post(path, form); status != http.StatusOK {
		v.Fatalf("POST %s: status %d\n%s", path, status, clip(body))
	}
}

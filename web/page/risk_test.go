package page_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
)

// costliest is the risk with the greatest expected loss.
func (w *world) costliest() *isms.Risk {
	w.Helper()
	list, err := app.Of[isms.Risk](w.App, isms.Risks).List(w.machine(), kind.Query{Sort: "-loss_now", Limit: 1})
	w.must(err)
	return list[0]
}

// drafted is the costliest risk that a scan drafted.
func (w *world) drafted() *isms.Risk {
	w.Helper()
	list, err := app.Of[isms.Risk](w.App, isms.Risks).List(w.machine(), kind.Query{Sort: "-loss_now", Limit: 1}.Where("measured", "true").Where("status", "draft"))
	w.must(err)
	if len(list) == 0 {
		w.Fatal("the scan drafted no risk")
	}
	return list[0]
}

func TestTheWorkbenchTellsWhatARiskCostsAndWhy(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	body := v.sees("/risks/"+w.costliest().ID,
		"How it would happen", "Threat actor", "What a year of this risk may cost", "Bad year (P95)", "1 year in 100 (P99)", "ALE = EAE × SLE",
		"Quantitative: Monte Carlo simulation", "Qualitative: impact × probability × criticality", "Semi-quantitative", "standard error", "Treatments", "What if?")
	for _, source := range []string{"source--computed", "source--imported"} {
		if !strings.Contains(body, source) {
			t.Errorf("the explanation names no source of the kind %s", source)
		}
	}
	if strings.Contains(body, "NaN") || strings.Contains(body, "%!") {
		t.Error("the page holds a figure that is none")
	}
	v.sees("/risks/"+w.drafted().ID, "Findings that feed it", "measured")
}

func TestARiskWithoutFiguresSaysWhatIsMissing(t *testing.T) {
	w := sampleWorld(t)
	r := &isms.Risk{Base: isms.Base{Title: "Something vague"}}
	w.must(w.App.Save(w.admin(), r))
	v := w.as("ada@example.org")
	body := v.sees("/risks/"+r.ID, "Not in money yet", "Add the figures")
	if strings.Contains(body, "a year today") || strings.Contains(body, "P99") {
		t.Error("a risk without figures shows some")
	}
}

func TestWhatIfAnswersTheScriptAndThoseWithoutOne(t *testing.T) {
	w := sampleWorld(t)
	r := w.drafted()
	path := "/risks/" + r.ID + "/what-if?safeguard=" + w.candidate(r)
	v := w.as("ada@example.org")
	before, err := w.App.JournalHead(w.machine())
	w.must(err)
	v.sees(path, "<html", "Before and after", "RoSI", "Avoided a year", "checked", "Somebody")
	status, part := v.part(path)
	if status != http.StatusOK || strings.Contains(part, "<html") || !strings.Contains(part, "RoSI") {
		t.Errorf("fragment: status %d\n%s", status, clip(part))
	}
	after, err := w.App.JournalHead(w.machine())
	w.must(err)
	if before != after {
		t.Error("asking what if wrote something")
	}
	if status, _ := v.get("/risks/" + r.ID + "/what-if?safeguard=no-such-safeguard"); status != http.StatusNotFound {
		t.Errorf("an unknown safeguard: status %d", status)
	}
}

func TestATreatmentIsApprovedFromTheWorkbenchByWhoeverMay(t *testing.T) {
	w := sampleWorld(t)
	list, err := app.Of[isms.Treatment](w.App, isms.Treatments).List(w.machine(), kind.Query{Limit: 1}.Where("status", string(isms.TreatmentProposed)))
	w.must(err)
	if len(list) == 0 {
		t.Fatal("nothing is proposed")
	}
	tr := list[0]
	action := "/treatments/" + tr.ID + "/do/approve"
	if body := w.as("ada@example.org").sees("/risks/" + tr.RiskID); !strings.Contains(body, action) {
		t.Error("an approver is not offered to approve")
	}
	w.join("lead@example.org", "security_lead")
	lead := w.as("lead@example.org")
	if body := lead.sees("/risks/" + tr.RiskID); strings.Contains(body, action) {
		t.Error("who proposes is offered to approve")
	}
	if status, _ := lead.post(action, url.Values{}); status != http.StatusForbidden {
		t.Errorf("a lead approves: status %d", status)
	}
	back := "/risks/" + tr.RiskID + "#treatments"
	if status, body := w.as("ada@example.org").post(action, url.Values{"back": {back}}); status != http.StatusOK || !strings.Contains(body, "What if?") {
		t.Errorf("approving does not lead back to the workbench: status %d", status)
	}
	rec, err := w.App.Get(w.machine(), isms.Treatments, tr.ID)
	w.must(err)
	if got := rec.(*isms.Treatment).Status; got != isms.TreatmentApproved {
		t.Errorf("it is %s", got)
	}
}

func TestStaffAndOtherWorkspacesSeeNothingOfARisk(t *testing.T) {
	w := sampleWorld(t)
	r := w.costliest()
	w.join("staff@example.org", "staff")
	_, err := w.App.Found(t.Context(), "Other", app.First{Name: "Eve", Email: "eve@example.org", Password: password})
	w.must(err)
	for _, who := range []string{"staff@example.org", "eve@example.org"} {
		for _, path := range []string{"/risks/" + r.ID, "/risks/" + r.ID + "/what-if"} {
			if status, body := w.as(who).get(path); status < 400 || strings.Contains(body, r.Title) {
				t.Errorf("%s reads %s: status %d", who, path, status)
			}
		}
	}
}

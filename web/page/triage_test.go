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

// findings lists the findings of the workspace that match.
func (w *world) findings(q kind.Query) []*isms.Finding {
	w.Helper()
	list, err := app.Of[isms.Finding](w.App, isms.Findings).All(w.machine(), q)
	w.must(err)
	return list
}

func openOf(fix string) kind.Query {
	return kind.Query{}.Where("status", string(isms.FindingOpen)).Where("fix", fix)
}

const curl = "Upgrade curl" // a repair of the sample scan

func TestTriagePutsFindingsTogetherByWhatMendsThem(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	body := v.sees("/triage", "Upgrade openssl", "Upgrade linux", "By repair", "By asset", "By weakness", "a year", "Exploited", "EPSS")
	if n := strings.Count(body, `class="tgroup`); n == 0 || strings.Count(body, `name="groups"`) > 25 {
		t.Error("a page of groups holds between 1 and 25")
	}
	v.sees("/triage?by=asset", "Web host 1", "Application host 1")
	v.sees("/triage?by=weakness&severity=critical", "A made-up flaw in openssl")
	v.sees("/triage?group="+url.QueryEscape(curl), "7.88.1-12", "Select CVE-2025-")
}

func TestFiltersOfTriageNarrowWhatIsShown(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	for path, absent := range map[string]string{
		"/triage?severity=critical": curl,
		"/triage?exploited=true":    curl,
		"/triage?overdue=true":      curl,
		"/triage?status=resolved":   curl,
		"/triage?q=openssl":         curl,
	} {
		if body := v.sees(path); strings.Contains(body, absent) {
			t.Errorf("%s shows %q", path, absent)
		}
	}
	for _, path := range []string{"/triage?by=nonsense", "/triage?severity=terrible"} {
		if status, _ := v.get(path); status < 400 || status >= 500 {
			t.Errorf("GET %s: status %d, want a complaint", path, status)
		}
	}
}

func TestAGroupAnswersItsInsideToTheScript(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	status, body := v.part("/triage/group?group=" + url.QueryEscape(curl))
	if status != http.StatusOK || !strings.Contains(body, "CVE-2025-") || strings.Contains(body, "<html") {
		t.Errorf("status %d\n%s", status, clip(body))
	}
}

func TestADecisionIsAskedForItsReasonAndThenTaken(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	before := len(w.findings(openOf(curl)))
	form := url.Values{"decision": {"accept"}, "by": {"fix"}, "groups": {curl}, "back": {"/triage?by=fix"}}
	status, body := v.post("/triage", form)
	if status != http.StatusOK || !strings.Contains(body, "Accept these findings") || len(w.findings(openOf(curl))) != before {
		t.Fatalf("asking: status %d, %d still open", status, len(w.findings(openOf(curl))))
	}

	form.Set("confirmed", "true")
	form.Set("until", "2020-01-01")
	if status, body := v.post("/triage", form); status != http.StatusUnprocessableEntity || !strings.Contains(body, "say why") || !strings.Contains(body, "a day after today") {
		t.Errorf("without a reason and with a day that has passed: status %d", status)
	}
	if n := len(w.findings(openOf(curl))); n != before {
		t.Fatalf("a refused decision changed %d findings", before-n)
	}

	form.Set("until", "2026-06-30")
	form.Set("reason", "The service is not reachable from outside.")
	if status, body := v.post("/triage", form); status != http.StatusOK || !strings.Contains(body, "findings accepted") {
		t.Fatalf("deciding: status %d\n%s", status, clip(body))
	}
	accepted := w.findings(kind.Query{}.Where("fix", curl).Where("status", string(isms.FindingAccepted)))
	if len(accepted) != before || len(w.findings(openOf(curl))) != 0 {
		t.Fatalf("%d of %d are accepted", len(accepted), before)
	}
	if f := accepted[0]; f.AcceptedUntil != "2026-06-30" || string(f.Justification) != form.Get("reason") {
		t.Errorf("accepted until %s because %q", f.AcceptedUntil, f.Justification)
	}
}

func TestADecisionOnOneFindingLeavesTheRestOfItsGroup(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	before := w.findings(openOf(curl))
	form := url.Values{"decision": {"dismiss"}, "id": {before[0].ID}, "confirmed": {"true"}, "reason": {"Built without the feature."}}
	if status, body := v.post("/triage", form); status != http.StatusOK || !strings.Contains(body, "1 finding marked as false positive") {
		t.Fatalf("status %d\n%s", status, clip(body))
	}
	if n := len(w.findings(openOf(curl))); n != len(before)-1 {
		t.Errorf("%d are open, want %d", n, len(before)-1)
	}
}

func TestWhatAlreadyIsDecidedIsToldAndTheRestIsDone(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	list := w.findings(openOf(curl))
	_, err := w.App.Do(w.admin(), isms.Findings, list[0].ID, "dismiss", 0, kind.Input{Reason: "no"})
	w.must(err)
	form := url.Values{"decision": {"mitigate"}, "id": {list[0].ID, list[1].ID}, "confirmed": {"true"}, "reason": {"Behind the proxy."}}
	status, body := v.post("/triage", form)
	if status != http.StatusOK || !strings.Contains(body, "1 finding marked as mitigated, 1 refused") || !strings.Contains(body, list[0].Title) {
		t.Fatalf("status %d\n%s", status, clip(body))
	}
	if got := w.findings(kind.Query{}.Where("status", string(isms.FindingMitigated)).Where("fix", curl)); len(got) != 1 || got[0].ID != list[1].ID {
		t.Errorf("mitigated: %v", got)
	}
}

func TestNobodyDecidesWithoutTheRight(t *testing.T) {
	w := sampleWorld(t)
	w.join("lead@example.org", "security_lead")
	w.join("auditor@example.org", "auditor")
	w.join("staff@example.org", "staff")
	before := len(w.findings(openOf(curl)))
	for _, c := range []struct {
		who, decision string
		status        int
	}{
		{"lead@example.org", "accept", http.StatusForbidden}, // proposes, does not approve
		{"auditor@example.org", "dismiss", http.StatusForbidden},
		{"auditor@example.org", "assign", http.StatusForbidden},
		{"staff@example.org", "dismiss", http.StatusNotFound},
	} {
		form := url.Values{"decision": {c.decision}, "groups": {curl}, "confirmed": {"true"}, "reason": {"because"}, "until": {"2026-06-30"}, "owner_id": {w.first.ID}}
		if status, _ := w.as(c.who).post("/triage", form); status != c.status {
			t.Errorf("%s, %s: status %d, want %d", c.who, c.decision, status, c.status)
		}
	}
	if n := len(w.findings(openOf(curl))); n != before {
		t.Fatalf("somebody without the right decided on %d findings", before-n)
	}
	if body := w.as("auditor@example.org").sees("/triage"); strings.Contains(body, `name="decision"`) {
		t.Error("an auditor is offered decisions")
	}
	if status, _ := w.as("staff@example.org").get("/triage"); status != http.StatusNotFound {
		t.Errorf("staff open triage: status %d", status)
	}
}

func TestFindingsOfAnotherWorkspaceAreNeitherSeenNorDecided(t *testing.T) {
	w := sampleWorld(t)
	target := w.findings(openOf(curl))[0]
	other, err := w.App.Found(t.Context(), "Other", app.First{Name: "Eve", Email: "eve@example.org", Password: password})
	w.must(err)
	if other.Workspace == w.first.Workspace {
		t.Fatal("the same workspace")
	}
	v := w.as("eve@example.org")
	if body := v.sees("/triage"); strings.Contains(body, "Upgrade") {
		t.Error("the findings of another workspace are shown")
	}
	v.post("/triage", url.Values{"decision": {"dismiss"}, "id": {target.ID}, "groups": {curl}, "confirmed": {"true"}, "reason": {"mine"}})
	rec, err := w.App.Get(w.admin(), isms.Findings, target.ID)
	w.must(err)
	if got := rec.(*isms.Finding).Status; got != isms.FindingOpen {
		t.Errorf("another workspace changed it to %s", got)
	}
}

func TestTriageFollowsEveryChangeOfAFinding(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	path := "/triage?q=curl"
	v.sees(path, curl)
	for _, f := range w.findings(openOf(curl)) {
		_, err := w.App.Do(w.admin(), isms.Findings, f.ID, "dismiss", 0, kind.Input{Reason: "no"})
		w.must(err)
	}
	if body := v.sees(path, "No finding matches"); strings.Contains(body, curl) {
		t.Error("the page shows what was decided")
	}
	v.sees("/triage?q=curl&status=false_positive", curl)
}

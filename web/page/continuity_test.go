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

func TestThePlanTheImpactAndTheBackupsSayWhatIsMissing(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	v.sees("/plan", "System security management plan", "Disaster recovery of Rondo", "Approved words for everybody", "Niamh Daly", "/reports/crisis-sheet.pdf")
	v.sees("/continuity", "What an outage costs", "Booking of appointments", "The order of recovery", "Rondo database", "growing by a power of the time")
	v.sees("/backups", "Document store", "Copied, and never restored: that counts as no backup.", "Old ticket system", "holdfast backup report")
	for _, path := range []string{"/plan", "/continuity", "/backups"} {
		if _, body := v.get(path); strings.Contains(body, "NaN") || strings.Contains(body, "%!") || strings.Contains(body, "{{") {
			t.Errorf("%s holds a figure or a text that is none", path)
		}
	}
	w.join("staff@example.org", "staff")
	for _, path := range []string{"/plan", "/continuity", "/backups", "/backups/choose"} {
		if status, _ := w.as("staff@example.org").get(path); status != http.StatusNotFound {
			t.Errorf("staff opens %s: %d", path, status)
		}
	}
}

func TestCopiesFromAfterTheIntrusionAreMarkedWithoutScriptAndNotByAnAuditor(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	voice := w.record(isms.Incidents, "cloned-voice-call").GetBase().ID
	asset := w.record(isms.Assets, "rondo-db").GetBase().ID
	v.sees("/backups/choose?asset="+asset+"&incident="+voice, "it would bring them back", "chosen", "Mark them, hold the chosen one")
	form := url.Values{"asset": {asset}, "incident": {voice}, "before": {""}}
	w.join("auditor@example.org", "auditor")
	auditor := w.as("auditor@example.org")
	if _, body := auditor.get("/backups/choose?asset=" + asset + "&incident=" + voice); strings.Contains(body, `action="/backups/taint"`) {
		t.Error("an auditor sees the button")
	}
	if status, _ := auditor.post("/backups/taint", form); status != http.StatusNotFound {
		t.Errorf("an auditor marks copies: %d", status)
	}
	if got := w.record(isms.RestorePoints, "point-database-2").(*isms.RestorePoint); got.Status != "unverified" {
		t.Errorf("after the refusal the copy is %s", got.Status)
	}
	if status, body := v.post("/backups/taint", form); status != http.StatusOK || !strings.Contains(body, "Tainted") {
		t.Errorf("marked: %d", status)
	}
	if got := w.record(isms.RestorePoints, "point-database-2").(*isms.RestorePoint); got.Status != "tainted" || got.Result == "" {
		t.Errorf("the copy of last night is %s, %q", got.Status, got.Result)
	}
	if got := w.record(isms.RestorePoints, "point-database-4").(*isms.RestorePoint); !got.Hold {
		t.Error("the last good copy is not held")
	}
	if status, _ := v.post("/backups/choose?asset="+asset+"&before=yesterday", url.Values{}); status == http.StatusOK {
		t.Error("a moment that is none was taken")
	}
}

func TestAWhyIsAddedWithoutScriptAndAMistakeKeepsWhatWasTyped(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	id := w.record(isms.Incidents, "cloned-voice-call").GetBase().ID
	at := "/incidents/" + id + "/causes"
	v.sees(at, "A reset needs only a voice", "Second why", "Voices of the management stand on the web", "Re-prices")
	if status, body := v.post(at, url.Values{"why": {" "}, "evidence": {"The tape of that day"}}); status != http.StatusUnprocessableEntity || !strings.Contains(body, "say in a sentence why") || !strings.Contains(body, "The tape of that day") {
		t.Errorf("an empty why: %d", status)
	}
	risk := w.record(isms.Risks, "fake-colleague@on-call").(*isms.Risk)
	if status, body := v.post(at, url.Values{"why": {"<script>alert(1)</script> nobody trains it"}, "evidence": {"No course names it"}, "category": {"people"}, "role": {"root"}}); status != http.StatusOK || strings.Contains(body, "<script>alert(1)") || !strings.Contains(body, "What the register learnt") {
		t.Errorf("a why: %d", status)
	}
	causes, err := app.Of[isms.RootCause](w.App, isms.RootCauses).All(w.admin(), kind.Query{}.Where("incident_id", id))
	w.must(err)
	if len(causes) != 3 || causes[2].Status != "confirmed" {
		t.Errorf("%d causes", len(causes))
	}
	if after := w.record(isms.Risks, "fake-colleague@on-call").(*isms.Risk); after.PriorFrom == "" || after.EventsBare == risk.EventsBare && after.Events == risk.Events {
		t.Errorf("the risk learnt nothing: %v, was %v", after.EventsBare, risk.EventsBare)
	}
	w.join("auditor@example.org", "auditor")
	auditor := w.as("auditor@example.org")
	if _, body := auditor.get(at); strings.Contains(body, "Write it down") {
		t.Error("an auditor sees the form")
	}
	if status, _ := auditor.post(at, url.Values{"why": {"because"}}); status != http.StatusNotFound {
		t.Errorf("an auditor adds a why: %d", status)
	}
}

func TestMissingPlansAreWrittenFromSkeletonsWithoutScript(t *testing.T) {
	w := newWorld(t)
	v := w.as("ada@example.org")
	v.sees("/plan", "5 plans are not written yet", "Write them from the skeletons")
	if status, body := v.post("/plan/write", url.Values{}); status != http.StatusOK || !strings.Contains(body, "Disaster recovery plan") {
		t.Errorf("written: %d", status)
	}
	v.sees("/continuity", "Nothing is assessed yet")
	v.sees("/backups", "Nothing is copied, and nothing is known to need it")
}

package page_test

import (
	"bytes"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/testkit/browser"
)

func (w *world) record(k *kind.Kind, key string) kind.Record {
	w.Helper()
	r, err := w.App.Get(w.admin(), k, key)
	w.must(err)
	return r
}

func TestTheBoardPageFitsOnOneSheetOfA4(t *testing.T) {
	w := sampleWorld(t)
	s := browser.New(t)
	signIn(s, w)
	s.Emulate(browser.Light, 1440)
	s.Visit(w.url + "/board")
	pdf := s.PDF()
	if n := len(regexp.MustCompile(`/Type\s*/Page\b[^s]`).FindAll(pdf, -1)); n != 1 {
		t.Errorf("the board page is printed on %d sheets", n)
	}
	if !bytes.Contains(pdf, []byte("/MediaBox [0 0 594.95996 841.91998]")) && !bytes.Contains(pdf, []byte("/MediaBox [0 0 595")) {
		t.Errorf("the sheet is not A4: %s", regexp.MustCompile(`/MediaBox \[[^\]]*\]`).Find(pdf))
	}
}

func TestADecisionIsTakenOnTheBoardPageWithoutScript(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	body := v.sees("/board", "Decisions asked", "Leave Textwave?", "second text gateway", "The five greatest risks", w.costliest().Title, "What changed since the last meeting", "Appetite")
	if strings.Contains(body, "NaN") || strings.Contains(body, "%!") {
		t.Error("the page holds a figure that is none")
	}
	ask := w.record(isms.Approvals, "approve-textwave-exit")
	do := "/approvals/" + ask.GetBase().ID + "/do/"
	if !strings.Contains(body, do+"approve") || !strings.Contains(body, do+"decline") {
		t.Fatal("the question has no buttons")
	}
	if status, _ := v.post(do+"decline", url.Values{"back": {"/board"}}); status != http.StatusUnprocessableEntity {
		t.Errorf("declined without a reason: %d", status)
	}
	if status, at := v.post(do+"approve", url.Values{"reason": {"Ready is better than sorry."}, "back": {"/board#asks"}}); status != http.StatusOK || strings.Contains(at, "second text gateway") {
		t.Errorf("approved: %d", status)
	}
	if got := w.record(isms.Treatments, "treat-textwave-exit").(*isms.Treatment); got.Status != isms.TreatmentApproved {
		t.Errorf("the treatment that was approved is %s", got.Status)
	}
}

func TestWhoMayOnlyReadSeesTheQuestionsAndAnswersNone(t *testing.T) {
	w := sampleWorld(t)
	w.join("auditor@example.org", "auditor")
	v := w.as("auditor@example.org")
	body := v.sees("/board", "Leave Textwave?", "Somebody else is asked")
	if strings.Contains(body, `/do/decide"`) || strings.Contains(body, `/do/approve"`) {
		t.Error("an auditor sees buttons to decide")
	}
	ask := w.record(isms.Approvals, "approve-textwave-exit")
	if status, _ := v.post("/approvals/"+ask.GetBase().ID+"/do/approve", url.Values{}); status != http.StatusForbidden {
		t.Errorf("an auditor approves: %d", status)
	}
	for _, path := range []string{"/roadmap/plan", "/roadmap/replan"} {
		if status, _ := v.post(path, url.Values{}); status != http.StatusNotFound {
			t.Errorf("an auditor posts to %s: %d", path, status)
		}
	}
	w.join("staff@example.org", "staff")
	_, err := w.App.Found(t.Context(), "Other", app.First{Name: "Eve", Email: "eve@example.org", Password: password})
	w.must(err)
	for _, path := range []string{"/board", "/roadmap", "/scope"} {
		if status, _ := w.as("staff@example.org").get(path); status != http.StatusNotFound {
			t.Errorf("staff open %s: %d", path, status)
		}
		if _, body := w.as("eve@example.org").get(path); strings.Contains(body, "Textwave") || strings.Contains(body, "Rondo") {
			t.Errorf("another workspace sees the sample at %s", path)
		}
	}
}

func TestTheRoadmapIsPlannedAndHeldAgainstRealityByItsButtons(t *testing.T) {
	w := newWorld(t)
	v := w.as("ada@example.org")
	v.sees("/roadmap", "Next on the roadmap: step 1", "Plan the milestones", "Counts:")
	if status, _ := v.post("/roadmap/plan", url.Values{"start": {"2026-03-09"}, "hours": {"four"}, "track": {"isms"}}); status != http.StatusUnprocessableEntity && status != http.StatusBadRequest {
		t.Errorf("hours in words: %d", status)
	}
	status, body := v.post("/roadmap/plan", url.Values{"start": {"2026-03-09"}, "hours": {"4"}, "track": {"", "isms"}})
	if status != http.StatusOK || !strings.Contains(body, "The plan") {
		t.Fatalf("planned: %d", status)
	}
	list, err := app.Of[isms.Milestone](w.App, isms.Milestones).All(w.admin(), kind.Query{})
	w.must(err)
	if len(list) != 10 {
		t.Errorf("%d milestones", len(list))
	}
	if status, _ := v.post("/roadmap/replan", url.Values{}); status != http.StatusOK {
		t.Errorf("held against reality: %d", status)
	}
}

func TestACrossingIsReviewedOnTheScopePage(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	dep := w.record(isms.AssetDependencies, "rondo-calls-sms-gateway").GetBase().ID
	body := v.sees("/scope", "What crosses", "Rondo portal calls Text reminders", "Not reviewed")
	if !strings.Contains(body, "/asset-dependencies/"+dep+"/do/review") {
		t.Fatal("the crossing cannot be reviewed there")
	}
	if status, _ := v.post("/asset-dependencies/"+dep+"/do/review", url.Values{"reason": {"Names and times only."}, "back": {"/scope"}}); status != http.StatusOK {
		t.Errorf("reviewed: %d", status)
	}
	v.sees("/scope", "Names and times only.")
}

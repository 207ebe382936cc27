package page_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"holdfast/flow/detection"
	"holdfast/isms"
)

// rings raises an alert as the product does.
func (w *world) rings(title, actor string) *isms.Alert {
	w.Helper()
	id, _, err := w.detection.RaiseAlert(w.machine(), detection.Detection{Source: "rule", Title: title, Actor: actor, AssetID: "bastion", Level: isms.SeverityHigh})
	w.must(err)
	return w.record(isms.Alerts, id).(*isms.Alert)
}

func TestAWholeStoryIsAcknowledgedFromTheInboxWithoutScript(t *testing.T) {
	w := sampleWorld(t)
	first, second := w.rings("Somebody guesses passwords", "203.0.113.9"), w.rings("Somebody else is in", "203.0.113.9")
	v := w.as("ada@example.org")
	v.sees("/inbox", "one story of", "Somebody guesses passwords", "203.0.113.9", `action="/inbox"`)
	if status, _ := v.post("/inbox", url.Values{"story": {first.ID + "," + second.ID}, "action": {"do:acknowledge"}}); status != http.StatusOK {
		t.Fatalf("acknowledged: %d", status)
	}
	for _, a := range []*isms.Alert{first, second} {
		if got := w.record(isms.Alerts, a.ID).(*isms.Alert); got.Status != isms.AlertAcknowledged {
			t.Errorf("%s is %s", got.Title, got.Status)
		}
	}
	if _, body := v.post("/inbox", url.Values{"action": {"do:close"}}); !strings.Contains(body, "Select some alerts first") {
		t.Error("nothing was selected, and nobody says so")
	}
}

func TestAHostileLineCanDoNothingOnThePageOfItsAlert(t *testing.T) {
	w := sampleWorld(t)
	a := w.rings("<script>alert(1)</script>\x1b[2J \u202egnp.exe", "\"><img src=x onerror=alert(1)>")
	body := w.as("ada@example.org").sees("/alerts/"+a.Key, "Do this first", "Why it matters here", "&lt;script&gt;")
	for _, harm := range []string{"<script>alert", "<img src=x", "\x1b"} {
		if strings.Contains(body, harm) {
			t.Errorf("the page holds %q", harm)
		}
	}
}

func TestTheBenchOfARuleSaysWhetherItRunsAndWhatItMatches(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	rule := w.record(isms.DetectionRules, "rule-root-at-night").(*isms.DetectionRule)
	bench := "/detection-rules/" + rule.ID + "/bench"
	v.sees(bench, "It can run")
	if _, body := v.post(bench, url.Values{"do": {"try"}, "body": {"title: x\nlogsource: {product: linux}\ndetection:\n  a:\n    b|nonsense: 1\n  condition: a\n"}}); !strings.Contains(body, "It cannot run") || !strings.Contains(body, "Line 5") {
		t.Error("a rule that cannot run does not say so with its line")
	}
	line := "<38>Mar  2 02:00:00 app-1 sudo: pam_unix(sudo:session): session opened for user root(uid=0)"
	if _, body := v.post(bench, url.Values{"do": {"try"}, "body": {string(rule.Body)}, "events": {line + "\nnothing"}, "format": {"auto"}}); !strings.Contains(body, "1 of 2 lines match") {
		t.Error("the trial does not find the line")
	}
	if got := w.record(isms.DetectionRules, rule.ID).(*isms.DetectionRule); got.Version != rule.Version {
		t.Error("a trial changed the rule")
	}
}

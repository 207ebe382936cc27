package page_test

import (
	"strings"
	"testing"

	"holdfast/app"
	"holdfast/flow/detection"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/testkit/browser"
)

// unbroken opens a page that shows what a stranger wrote, and fails when that ran, made
// elements or the page wider, or when a character is on the page that nobody sees.
func unbroken(t *testing.T, b *browser.Session, base, page string) {
	t.Helper()
	b.Visit(base + page)
	if title := browser.Value[string](b, "document.title"); title == "taken" {
		t.Errorf("%s: a line ran as script", page)
	}
	if wide := browser.Value[int](b, "document.documentElement.scrollWidth - document.documentElement.clientWidth"); wide > 0 {
		t.Errorf("%s: the page is %d pixels too wide", page, wide)
	}
	if n := browser.Value[int](b, "document.querySelectorAll('main').length * 10 + document.querySelectorAll('main script, main img, main svg[onload]').length"); n != 10 {
		t.Errorf("%s: the page has grown elements of a line (%d)", page, n)
	}
	if unseen := browser.Value[string](b, `document.querySelector("main").textContent.match(/.{0,40}[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b\u202a-\u202e\u2060-\u2069\ufeff].{0,20}/)?.[0] ?? ""`); unseen != "" {
		t.Errorf("%s: a character that nobody sees is on the page: %q", page, unseen)
	}
	if size := browser.Value[int](b, `document.documentElement.outerHTML.length`); size > 400_000 {
		t.Errorf("%s: the page has %d bytes", page, size)
	}
}

// TestAHostileLineBreaksNeitherItsAlertNorItsRoom follows what an attacker wrote: into the
// evidence and the title of an alert, from there into an incident, and by the hand of
// somebody who copies it into the timeline.
func TestAHostileLineBreaksNeitherItsAlertNorItsRoom(t *testing.T) {
	w := sampleWorld(t).filing()
	w.App.Settle(w.response.FollowIncidents)
	w.App.Settle(w.detection.FollowAlerts)
	var events [][]byte
	for _, line := range hostileLines() {
		events = append(events, []byte(line))
	}
	id, _, err := w.detection.RaiseAlert(w.machine(), detection.Detection{Source: "rule", Title: "Odd line: " + strings.Join(hostileLines()[:5], " "), Actor: "\u202epeer<img src=x>", AssetID: "bastion", Level: isms.SeverityHigh, Events: events})
	w.must(err)
	lines := hostileLines()
	summary := strings.Join([]string{lines[0], lines[3], lines[6], lines[7]}, "\n")
	room, err := w.response.DeclareIncident(w.admin(), response.IncidentCall{AlertIDs: []string{id}, Summary: isms.Markdown(summary)})
	w.must(err)
	for _, line := range lines {
		if _, err := w.response.WriteNote(w.admin(), room, response.Note{What: line, Result: line}); err != nil && kind.CodeOf(err) != kind.Invalid {
			t.Fatal(err) // one that is empty or too long is refused, and says why
		}
	}
	entries, err := app.Of[isms.IncidentAction](w.App, isms.IncidentActions).All(w.admin(), kind.Query{Sort: "-at"}.Where("incident_id", room))
	w.must(err)
	if len(entries) < 7 {
		t.Fatalf("%d entries: the lines are not in the timeline", len(entries))
	}
	b := browser.New(t)
	signIn(b, w)
	for _, width := range []int{1440, 390} {
		b.Emulate(browser.Dark, width)
		for _, page := range []string{"/inbox", "/alerts/" + id, "/incidents/" + room, "/incidents/" + room + "/entries/" + entries[0].ID, "/response"} {
			unbroken(t, b, w.url, page)
		}
		b.Visit(w.url + "/incidents/" + room)
		b.NoGraveViolations("a room with hostile lines")
	}
	if problems := b.Problems(); len(problems) > 0 {
		t.Errorf("the browser complains: %v", problems)
	}
}

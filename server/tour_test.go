package server

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/testkit/browser"
)

// TestTheTourIsAccessible walks through the pages that a newcomer sees in the demo
// and lets axe look at each in both themes. With HOLDFAST_SCREENSHOTS=DIR it also
// photographs those that the README shows ("make screenshots").
func TestTheTourIsAccessible(t *testing.T) {
	if testing.Short() {
		t.Skip("NOT RUN: the tour through the demo, because of -short")
	}
	s := browser.New(t)
	link := started(t, Demo, Options{})
	base := link[:strings.Index(link, "/demo/")]
	me := visitor(t)
	if status, _ := get(t, me, link); status != http.StatusOK {
		t.Fatal("the link of the demo does not work")
	}
	settle(t, me, base)
	risk := firstID(t, me, base+"/api/v1/risks?sort=-loss_now&page[limit]=1")
	host := firstID(t, me, base+"/api/v1/assets?filter[origin]=engine&page[limit]=1")
	s.Visit(link)
	for _, stop := range []struct{ name, path string }{
		{"home", "/"}, {"triage", "/triage"}, {"risk", "/risks/" + risk}, {"heatmap", "/heatmap"}, {"roadmap", "/roadmap"}, {"board", "/board"}, {"scope", "/scope"}, {"business-case", "/business-case"}, {"trends", "/trends"}, {"plan", "/plan"}, {"continuity", "/continuity"}, {"backups", "/backups"}, {"choose", "/backups/choose?asset=rondo-db&incident=cloned-voice-call"}, {"causes", "/incidents/leaked-test-key/causes"}, {"begin", "/begin?step=jewels"}, {"asset", "/assets/" + host},
		{"playbook-shelf", "/playbook-shelf"}, {"playbook", "/playbooks/play-ransomware"}, {"follow", "/playbooks/play-trap/follow"}, {"practice", "/practice"}, {"exercise-room", "/exercises/drill-table-ransomware/room"}, {"exercise", "/exercises/drill-table-ransomware"},
		{"software", "/assets/" + host + "/software"}, {"list", "/findings"}, {"form", "/risks/new"}, {"reports", "/reports"},
		{"frameworks", "/frameworks"}, {"framework", "/frameworks/iso27001-2022"}, {"soa", "/soa"}, {"gap", "/gap"}, {"crosswalk", "/crosswalk"}, {"duties", "/obligations-register"}, {"parties", "/parties"}, {"sources", "/sources"}, {"connect", "/sources/connect"}, {"connect-linux", "/sources/connect?recipe=linux"}, {"inbox", "/inbox"}, {"alert", "/alerts/alert-night-ssh"}, {"watch", "/watch"}, {"compromise", "/compromise"}, {"forwarding", "/forwarding"}, {"rule-bench", "/detection-rules/rule-snapshot-deleted/bench"}, {"import-rules", "/detection-rules/import"}, {"code", "/code"}, {"events", "/events"}, {"event", "/events/1"}, {"import", "/frameworks/import"}, {"documents", "/documents"}, {"document", "/documents/backup-procedure"}, {"readers", "/documents/readers/all"}, {"my", "/my"}, {"trap-map", "/trap-map"}, {"trap", "/traps/trap-ssh-data-zone"}, {"set-trap", "/trap-map/new"}, {"coverage", "/attack?technique=T1110"}, {"response", "/response"}, {"response-times", "/response-times"}, {"room", "/incidents/reporting-host-taken"}, {"report-odd", "/report"}, {"search", "/search?q=patient"}, {"account", "/account"},
	} {
		s.Accessible(stop.name, base+stop.path, nil)
		if dir := os.Getenv("HOLDFAST_SCREENSHOTS"); dir != "" {
			for _, theme := range []string{browser.Light, browser.Dark} {
				s.Emulate(theme, 1440)
				s.Visit(base + stop.path)
				s.Screenshot(filepath.Join(dir, stop.name+"-"+theme+".png"))
				s.Emulate(theme, 390)
				s.Visit(base + stop.path)
				s.FullScreenshot(filepath.Join(dir, "phone", stop.name+"-"+theme+".png"))
			}
		}
	}
	// The server hands the report out in a sandbox where no script runs, not even
	// axe; so the same bytes are opened from a file.
	_, report := get(t, me, base+"/reports/risk.html")
	saved := filepath.Join(t.TempDir(), "risk.html")
	if err := os.WriteFile(saved, []byte(report), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, theme := range []string{"light", "dark"} {
		s.Emulate(theme, 1440)
		s.Visit("file://" + saved)
		s.NoGraveViolations("report in " + theme)
		if dir := os.Getenv("HOLDFAST_SCREENSHOTS"); dir != "" {
			s.Screenshot(filepath.Join(dir, "report-"+theme+".png"))
		}
	}
	for _, p := range s.Problems() {
		t.Errorf("the browser complains: %s", p)
	}
}

// settle waits until the scan of this machine and the frameworks of the sample have
// been taken in.
func settle(t *testing.T, c *http.Client, base string) {
	t.Helper()
	for range 240 {
		_, body := get(t, c, base+"/api/v1/jobs")
		var jobs struct {
			Data []struct{ Name, State, Error string }
		}
		if err := json.Unmarshal([]byte(body), &jobs); err != nil {
			t.Fatal(err)
		}
		done := 0
		for _, j := range jobs.Data {
			if j.Name != JobScanHost && j.Name != JobSample {
				continue
			}
			if j.State == "failed" {
				t.Fatalf("%s failed: %s", j.Name, j.Error)
			}
			if j.State == "done" {
				done++
			}
		}
		if done == 2 {
			return
		}
		time.Sleep(500 * time.Millisecond)
	}
	t.Fatal("the scan of this machine did not end within two minutes")
}

func firstID(t *testing.T, c *http.Client, to string) string {
	t.Helper()
	status, body := get(t, c, to)
	var page struct{ Data []struct{ ID string } }
	if err := json.Unmarshal([]byte(body), &page); err != nil || len(page.Data) == 0 {
		t.Fatalf("%s: %d: %.300s", to, status, body)
	}
	return page.Data[0].ID
}

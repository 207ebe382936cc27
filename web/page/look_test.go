package page_test

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/testkit/browser"
)

// TestLook takes pictures of every page for people to judge. Name the folder in
// HOLDFAST_LOOK; a part of a name in HOLDFAST_LOOK_AT restricts it.
func TestLook(t *testing.T) {
	dir := os.Getenv("HOLDFAST_LOOK")
	if dir == "" {
		t.Skip("set HOLDFAST_LOOK to a folder to take pictures of the pages")
	}
	w := sampleWorld(t)
	s := browser.New(t)
	signIn(s, w)
	pages := looks(w)
	for _, name := range sortedNames(pages) {
		path := pages[name]
		if !strings.Contains(name, os.Getenv("HOLDFAST_LOOK_AT")) {
			continue
		}
		for _, theme := range []string{browser.Light, browser.Dark} {
			for _, width := range []int{1440, 390} {
				s.Emulate(theme, width)
				s.Visit(w.url + path)
				time.Sleep(100 * time.Millisecond)
				s.FullScreenshot(filepath.Join(dir, name+"-"+strconv.Itoa(width)+"-"+theme+".png"))
			}
		}
	}
}

// TestLookAtBeginnings takes pictures of what new installations and staff see.
func TestLookAtBeginnings(t *testing.T) {
	dir := os.Getenv("HOLDFAST_LOOK")
	if dir == "" {
		t.Skip("set HOLDFAST_LOOK to a folder to take pictures of the pages")
	}
	w := newWorld(t)
	s := browser.New(t)
	signIn(s, w)
	s.Emulate(browser.Light, 1440)
	s.Visit(w.url + "/")
	s.Screenshot(filepath.Join(dir, "start-1440-light.png"))
	s.Emulate(browser.Dark, 390)
	s.Visit(w.url + "/triage")
	s.Screenshot(filepath.Join(dir, "triage-empty-390-dark.png"))
	s.Emulate(browser.Dark, 1440)
	s.Visit(w.url + "/heatmap")
	s.Screenshot(filepath.Join(dir, "heatmap-empty-1440-dark.png"))
}

func sortedNames(pages map[string]string) []string { return slices.Sorted(maps.Keys(pages)) }

func signIn(s *browser.Session, w *world) {
	s.Visit(w.url + "/signin")
	s.Type("input[name=email]", "ada@example.org")
	s.Type("input[name=password]", password+"\r")
	s.WaitFor(`location.pathname == "/"`)
}

// looks are the pages worth a picture, by name.
func looks(w *world) map[string]string {
	risks, err := app.Of[isms.Risk](w.App, isms.Risks).List(w.admin(), kind.Query{Limit: 2})
	w.must(err)
	scanned, err := app.Of[isms.Risk](w.App, isms.Risks).List(w.admin(), kind.Query{Limit: 1, Sort: "-loss_now"}.Where("measured", "true").Where("status", "draft"))
	w.must(err)
	return map[string]string{
		"home": "/", "triage": "/triage?group=Upgrade+openssl",
		"risk": "/risks/" + risks[0].ID, "risk-measured": "/risks/" + scanned[0].ID,
		"board": "/board", "business-case": "/business-case", "trends": "/trends", "roadmap": "/roadmap", "scope": "/scope", "heatmap": "/heatmap", "reports": "/reports", "asset": "/assets/" + scanned[0].AssetID, "software": "/assets/" + scanned[0].AssetID + "/software",
		"what-if": "/risks/" + scanned[0].ID + "/what-if?safeguard=" + w.candidate(scanned[0]),
	}
}

// candidate is a safeguard of the catalogue that could be tried on the risk.
func (w *world) candidate(r *isms.Risk) string {
	v, err := w.flow.View(w.admin(), r.ID)
	w.must(err)
	return w.flow.Candidates(&v.Pricing)[0].ID
}

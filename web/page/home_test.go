package page_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"holdfast/feed"
)

func TestHomeSaysWhereWeStandAndWhatToDoFirst(t *testing.T) {
	w := sampleWorld(t)
	v := w.as("ada@example.org")
	body := v.sees("/", "Expected yearly loss", "a year today", "Do these first", "Make disruption difficult", "Open findings", "What is due", "Capacity", "Look at this machine")
	if n := strings.Count(body, `class="next__item"`); n != 5 {
		t.Errorf("want the five next actions, have %d", n)
	}
	if strings.Contains(body, "NaN") || strings.Contains(body, "%!") {
		t.Error("the page holds a figure that is none")
	}
}

func TestAnEmptyInstallationIsWelcomedAndShowsNoZeros(t *testing.T) {
	w := newWorld(t)
	v := w.as("ada@example.org")
	body := v.sees("/", "Welcome to Holdfast", "Describe your organisation", "Name what matters most", "Look at this machine")
	for _, absent := range []string{"Expected yearly loss", "Do these first", "of 100"} {
		if strings.Contains(body, absent) {
			t.Errorf("an empty installation shows %q", absent)
		}
	}
}

func TestStaffSeeTheirTasksAndNothingOfTheLedger(t *testing.T) {
	w := sampleWorld(t)
	w.join("staff@example.org", "staff")
	v := w.as("staff@example.org")
	body := v.sees("/", "My tasks", "My training")
	for _, absent := range []string{"Expected yearly loss", "Open findings", "Do these first", "Look at this machine"} {
		if strings.Contains(body, absent) {
			t.Errorf("staff see %q", absent)
		}
	}
	if status, _ := v.post("/scan", url.Values{}); status != http.StatusNotFound || w.scans != 0 {
		t.Errorf("staff asked for a scan: status %d, %d scans", status, w.scans)
	}
}

func TestAskingForALookShowsTheJobUntilItEnds(t *testing.T) {
	w := newWorld(t)
	v := w.as("ada@example.org")
	if status, body := v.post("/scan", url.Values{}); status != http.StatusOK || !strings.Contains(body, "Under way") {
		t.Fatalf("after asking for a scan: status %d\n%s", status, clip(body))
	}
	if w.scans != 1 {
		t.Fatalf("want one scan, have %d", w.scans)
	}
	if _, body := v.post("/scan", url.Values{}); !strings.Contains(body, "under way already") {
		t.Error("a second look began while the first was waiting")
	}
}

func TestHomeSaysWhenSoftwareCannotBeJudged(t *testing.T) {
	w := sampleWorld(t)
	const missing = "No advisories are loaded"
	if body := w.as("ada@example.org").sees("/"); strings.Contains(body, missing) {
		t.Error("the page complains although nobody said anything of advisories")
	}
	for _, c := range []struct {
		give func() (*feed.Index, error)
		want string
	}{
		{func() (*feed.Index, error) { return nil, nil }, missing},
		{func() (*feed.Index, error) { return nil, errors.New("the folder cannot be read") }, "the folder cannot be read"},
	} {
		w.advisories = c.give
		w.serve()
		w.as("ada@example.org").sees("/", c.want)
	}
}

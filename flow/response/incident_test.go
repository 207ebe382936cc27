package response_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// responding is a world in which incidents tell their own story, with a web server
// that matters and its neighbour.
func responding(t *testing.T, s *store.Store) *world {
	w := newWorld(t, s)
	w.App.Settle(w.Response.FollowIncidents)
	w.Save(&isms.Asset{Base: isms.Base{Key: "web-1", Title: "Web server"}, Type: "host", Criticality: 4, Value: kind.Exactly(400_000), Address: "10.0.0.5", Target: "web-1", Lifecycle: "operating"})
	w.Save(&isms.Asset{Base: isms.Base{Key: "db-1", Title: "Database server"}, Type: "host", Criticality: 5, Value: kind.Exactly(900_000), Address: "10.0.0.9", Lifecycle: "operating"})
	w.Save(&isms.Playbook{Base: isms.Base{Key: "pb-trap", Title: "A trap was touched"}, Scenario: "trap_hit", Status: "ready", Contain: 45})
	return w
}

func (w *world) signal(key, asset, actor string, s isms.Severity, techniques ...string) string {
	w.Helper()
	now := w.Clock.Now()
	a := &isms.Alert{Base: isms.Base{Key: key, Title: "Alert " + key}, AssetID: asset, Actor: actor, Severity: s, FirstSeen: now.Add(-10 * time.Minute), LastSeen: now, Techniques: techniques, Source: "rule"}
	w.Must(app.Of[isms.Alert](w.App, isms.Alerts).Save(testkit.Machine(), a))
	return a.ID
}

func (w *world) incident(id string) *isms.Incident {
	w.Helper()
	inc, err := app.Of[isms.Incident](w.App, isms.Incidents).Get(testkit.Machine(), id)
	w.Must(err)
	return inc
}

func (w *world) declare(ctx context.Context, call response.IncidentCall) string {
	w.Helper()
	id, err := w.Response.DeclareIncident(ctx, call)
	w.Must(err)
	return id
}

// timeline is what is told of an incident, one line for each entry, in order.
func (w *world) timeline(id string) string {
	w.Helper()
	list, err := app.Of[isms.IncidentAction](w.App, isms.IncidentActions).All(testkit.Machine(), kind.Query{Sort: "at"}.Where("incident_id", id))
	w.Must(err)
	var b strings.Builder
	for _, e := range list {
		b.WriteString(string(e.What) + " | " + string(e.Result) + "\n")
	}
	return b.String()
}

func TestATitleAndAnAssetAreEnoughToDeclareAnIncident(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := responding(t, s)
		id := w.declare(testkit.As(access.Contributor), response.IncidentCall{Title: "Files are encrypted on the web server", AssetID: "web-1"})
		inc := w.incident(id)
		if inc.Severity != isms.SeverityHigh || inc.Category != "ransomware" || inc.Phase != isms.IncidentDetect {
			t.Errorf("guessed %s %s in phase %s; want high ransomware in detect", inc.Severity, inc.Category, inc.Phase)
		}
		if want := w.Clock.Now().Add(time.Hour); !inc.PhaseDue.Equal(want) {
			t.Errorf("the phase ends at %s, want %s", inc.PhaseDue, want)
		}
		if story := w.timeline(id); !strings.Contains(story, "declared the incident: Files are encrypted") || !strings.Contains(story, "follows from the worth of Web server") {
			t.Errorf("the timeline does not say who declared it and how the severity came about:\n%s", story)
		}
		if again := w.declare(testkit.As(access.Contributor), response.IncidentCall{Title: "files are encrypted on the web server", AssetID: "web-1"}); again != id {
			t.Error("the same words on the same asset opened a second incident")
		}
		if other := w.declare(testkit.As(access.Contributor), response.IncidentCall{Title: "Somebody lost a phone"}); other == id || w.incident(other).Category != "lost_device" {
			t.Errorf("another story became part of the first, or is a %q", w.incident(other).Category)
		}
	})
}

func TestWhoMayNotWriteIncidentsDeclaresNone(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := responding(t, s)
		for _, role := range []access.Role{access.Auditor, access.Staff, access.Approver} {
			if _, err := w.Response.DeclareIncident(testkit.As(role), response.IncidentCall{Title: "Fire"}); kind.CodeOf(err) != kind.Forbidden {
				t.Errorf("%s declares an incident: %v", role, err)
			}
		}
		if _, err := w.Response.DeclareIncident(testkit.In("elsewhere", access.Administrator), response.IncidentCall{Title: "Fire", AssetID: "web-1"}); err == nil {
			t.Error("an asset of another workspace can be named")
		}
		if _, err := w.Response.DeclareIncident(testkit.As(access.SecurityLead), response.IncidentCall{}); kind.FieldsOf(err) == nil {
			t.Errorf("an incident without a title: %v", err)
		}
		if n := len(w.incidents()); n != 0 {
			t.Errorf("%d incidents were left behind", n)
		}
	})
}

func (w *world) incidents() []*isms.Incident {
	w.Helper()
	list, err := app.Of[isms.Incident](w.App, isms.Incidents).All(testkit.Machine(), kind.Query{})
	w.Must(err)
	return list
}

func TestAlertsOfOneStoryAreOneIncidentOnTheAssetThatWasTaken(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := responding(t, s)
		first := w.signal("brute-force", "web-1", "203.0.113.7", isms.SeverityMedium, "T1110")
		id := w.declare(testkit.Machine(), response.IncidentCall{AlertIDs: []string{first}})
		w.Clock.Advance(20 * time.Minute)
		decoy := w.signal("decoy", "db-1", "10.0.0.5", isms.SeverityCritical, "T1021")
		if again := w.declare(testkit.Machine(), response.IncidentCall{AlertIDs: []string{decoy}}); again != id {
			t.Fatal("the attacker went on from the web server, and a second incident was opened")
		}
		for range 2 {
			if again := w.declare(testkit.Machine(), response.IncidentCall{AlertIDs: []string{decoy}}); again != id {
				t.Fatal("the same alert opened a second incident")
			}
		}
		inc := w.incident(id)
		if inc.Severity != isms.SeverityCritical {
			t.Errorf("severity %s; the second alert shows that it is critical", inc.Severity)
		}
		a, err := app.Of[isms.Alert](w.App, isms.Alerts).Get(testkit.Machine(), decoy)
		w.Must(err)
		if a.IncidentID != id || a.Status != isms.AlertEscalated {
			t.Errorf("the alert is %s and part of %q", a.Status, a.IncidentID)
		}
		story := w.timeline(id)
		if strings.Count(story, "Alert: Alert decoy") != 1 || strings.Count(story, "Alert: Alert brute-force") != 1 {
			t.Errorf("each alert is told once:\n%s", story)
		}
		w.Clock.Advance(30 * 24 * time.Hour)
		late := w.signal("late", "web-1", "203.0.113.7", isms.SeverityLow)
		if again := w.declare(testkit.Machine(), response.IncidentCall{AlertIDs: []string{late}}); again == id {
			t.Error("a month later it is still the same story")
		}
	})
}

func TestAVisitorFromOneOfOurHostsMakesThatHostTheAsset(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := responding(t, s)
		w.Save(&isms.Trap{Base: isms.Base{Key: "trap", Title: "Decoy"}, Type: "ssh", AssetID: "db-1"})
		a := &isms.Alert{Base: isms.Base{Title: "Somebody signed in to a decoy"}, AssetID: "db-1", TrapID: "trap", Actor: "10.0.0.5", Severity: isms.SeverityHigh, FirstSeen: w.Clock.Now(), Source: "trap"}
		w.Must(app.Of[isms.Alert](w.App, isms.Alerts).Save(testkit.Machine(), a))
		inc := w.incident(w.declare(testkit.Machine(), response.IncidentCall{AlertIDs: []string{a.ID}}))
		web, err := app.Of[isms.Asset](w.App, isms.Assets).Get(testkit.Machine(), "web-1")
		w.Must(err)
		if inc.AssetID != web.ID || inc.Category != "trap_hit" || inc.PlaybookID == "" {
			t.Errorf("asset %q (web server is %q), category %s, playbook %q", inc.AssetID, web.ID, inc.Category, inc.PlaybookID)
		}
		contain, err := w.App.Do(testkit.As(access.Contributor), isms.Incidents, inc.ID, "contain", 0, kind.Input{})
		w.Must(err)
		if got := w.incident(contain.GetBase().ID).PhaseDue.Sub(w.Clock.Now()); got != 45*time.Minute {
			t.Errorf("containment has %s; the playbook plans 45 minutes", got)
		}
	})
}

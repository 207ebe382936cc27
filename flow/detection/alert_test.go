package detection_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/blob"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// watched is a world with two machines of which one needs the other, a rule and a trap.
func watched(t *testing.T, s *store.Store) *world {
	t.Helper()
	w := newWorld(t, s)
	dir := t.TempDir()
	files, err := blob.Open(filepath.Join(dir, "files"), filepath.Join(dir, "key"))
	w.Must(err)
	t.Cleanup(func() { _ = files.Close() })
	w.Flow.KeepFilesIn(files)
	w.App.Settle(w.Detection.FollowAlerts)
	w.App.Settle(w.Detection.FollowRules)
	w.Save(&isms.Organisation{Base: isms.Base{Key: "org", Title: "Fernhill"}, Currency: "EUR"})
	w.Save(&isms.Asset{Base: isms.Base{Key: "web", Title: "Web host"}, Type: "host", Criticality: 4, Value: kind.Exactly(250000), Exposed: true, Address: "192.0.2.10"})
	w.Save(&isms.Asset{Base: isms.Base{Key: "shop", Title: "Shop"}, Type: "service", Criticality: 5})
	w.Save(&isms.Asset{Base: isms.Base{Key: "db", Title: "Database"}, Type: "host", Criticality: 5, Address: "192.0.2.20"})
	w.Save(&isms.AssetDependency{Base: isms.Base{Key: "d1"}, AssetID: "shop", NeedsID: "web", Nature: "runs_on"})
	w.Save(&isms.AssetDependency{Base: isms.Base{Key: "d2"}, AssetID: "web", NeedsID: "db", Nature: "reads_from"})
	w.Save(&isms.DetectionRule{Base: isms.Base{Key: "guess", Title: "Guessing"}, Body: sigma, Level: isms.SeverityHigh, Techniques: []string{"T1110"}, FirstStep: "Call the owner."})
	w.Save(&isms.Trap{Base: isms.Base{Key: "trap", Title: "Quiet host"}, Type: "ssh", AssetID: "db", Level: isms.SeverityCritical, Scanners: []string{"198.51.100.0/24"}})
	return w
}

func (w *world) raise(d detection.Detection) (string, bool) {
	w.Helper()
	id, fresh, err := w.Detection.RaiseAlert(testkit.Machine(), d)
	w.Must(err)
	return id, fresh
}

func (w *world) alert(id string) *isms.Alert {
	w.Helper()
	return w.Record(isms.Alerts, id).(*isms.Alert)
}

func guessing(n int) detection.Detection {
	return detection.Detection{Source: "rule", RuleID: "guess", AssetID: "web", Actor: "203.0.113.9", Title: "Somebody guesses passwords on web", Count: n}
}

func TestEqualDetectionsAreOneAlertWhichCounts(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := watched(t, s)
		id, fresh := w.raise(guessing(3))
		if !fresh {
			t.Error("the first one is not fresh")
		}
		again, fresh := w.raise(guessing(4))
		a := w.alert(id)
		if again != id || fresh || a.Count != 7 || a.Status != isms.AlertNew {
			t.Errorf("second: %s fresh %v, count %d", again, fresh, a.Count)
		}
		other := guessing(1)
		other.Actor = "203.0.113.10"
		if id2, _ := w.raise(other); id2 == id {
			t.Error("another actor was counted on the same alert")
		}
		r := w.Record(isms.DetectionRules, "guess").(*isms.DetectionRule)
		if r.Hits != 2 || r.LastHit.IsZero() {
			t.Errorf("the rule has %d hits, want one for each alert", r.Hits)
		}
		stale := detection.Detection{Source: "rule", RuleID: "gone", AssetID: "gone-too", Title: "Something"}
		if id, _ := w.raise(stale); w.alert(id).AssetID != "" {
			t.Error("an asset that does not exist was written")
		}
	})
}

func TestAnAlertSaysWhyItMattersHereAndWeighsItsPlace(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := watched(t, s)
		w.Save(&isms.Vulnerability{Base: isms.Base{Key: "weak", Title: "Passwords open the door"}, Type: "configuration", Techniques: []string{"T1110.001"}})
		w.Save(&isms.Finding{Base: isms.Base{Key: "f", Title: "Passwords allowed in SSH"}, AssetID: "web", VulnerabilityID: "weak", Severity: "medium", Status: "open"})
		w.Save(&isms.ThreatVector{Base: isms.Base{Key: "brute", Title: "Brute force"}, Technique: "T1110"})
		w.Save(&isms.Risk{Base: isms.Base{Key: "r", Title: "They get in by guessing"}, AssetID: "web", VectorID: "brute", Status: "open"})
		id, _ := w.raise(guessing(1))
		a := w.alert(id)
		for _, want := range []string{"EUR 250,000", "criticality high", "1 asset depends on it (Shop)", "reachable from the internet", "Passwords allowed in SSH", "They get in by guessing", "Database"} {
			if !strings.Contains(string(a.Why), want) {
				t.Errorf("why lacks %q: %s", want, a.Why)
			}
		}
		// 100 × 0.8 (high) × 0.85 (criticality high) × (0.7 + 0.15 exposed + 0.05 one dependent)
		if a.Score != 61 || a.Severity != "high" || string(a.FirstStep) != "Call the owner." || len(a.Techniques) != 1 {
			t.Errorf("score %v, severity %s, first step %q", a.Score, a.Severity, a.FirstStep)
		}
		rel, err := w.App.Relation(isms.Alerts, "shows")
		w.Must(err)
		if risks, err := w.App.Linked(testkit.Machine(), rel, id, 5); err != nil || len(risks) != 1 {
			t.Errorf("it shows %d risks: %v", len(risks), err)
		}
		lost, _ := w.raise(detection.Detection{Source: "rule", Title: "Nobody knows where"})
		if b := w.alert(lost); !strings.Contains(string(b.Why), "No asset") || b.Score != 21 || b.Severity != "medium" {
			t.Errorf("without an asset: %v %s %s", b.Score, b.Severity, b.Why)
		}
	})
}

func TestTheScoreIsTheProductOfItsFactors(t *testing.T) {
	for name, c := range map[string]struct {
		level isms.Severity
		at    detection.Exposure
		want  float64
	}{
		"the worst of all":   {"critical", detection.Exposure{Known: true, Criticality: 5, Exposed: true, Dependents: 40}, 100},
		"deep inside":        {"critical", detection.Exposure{Known: true, Criticality: 5}, 70},
		"nothing of worth":   {"low", detection.Exposure{Known: true, Criticality: 1}, 7},
		"ungraded":           {"high", detection.Exposure{Known: true}, 34},
		"informational":      {"none", detection.Exposure{Known: true, Criticality: 3, Exposed: true}, 6},
		"a level of nowhere": {"high", detection.Exposure{Known: true, Criticality: 77}, 34},
	} {
		w := detection.Weigh(c.level, c.at)
		product := 100.0
		for _, f := range w.Factors {
			product *= f.Weight
			if f.Weight < 0 || f.Weight > 1.0001 {
				t.Errorf("%s: %s weighs %v", name, f.Name, f.Weight)
			}
		}
		if w.Score != c.want || product-w.Score > 0.51 || w.Score-product > 0.51 || !strings.Contains(w.Formula(), fmt.Sprintf("= %.0f", c.want)) {
			t.Errorf("%s: %s, want %v", name, w.Formula(), c.want)
		}
	}
}

func TestEventsAreKeptOnceBoundedAndForThoseWhoMayReadTheAlert(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := watched(t, s)
		d := guessing(1)
		d.Events = [][]byte{[]byte("first\nline"), {0xff, 0xfe, 'x'}}
		id, _ := w.raise(d)
		d.Events = nil
		for i := range 2 * detection.KeptEvents {
			d.Events = append(d.Events, []byte(fmt.Sprint("line ", i)))
		}
		w.raise(d)
		list, err := w.Detection.AlertEvents(testkit.As(access.Auditor), id)
		w.Must(err)
		if len(list) != detection.KeptEvents || list[0].Text() != "first\nline" || list[1].Text() != `"\xff\xfex"` || list[2].Text() != "line 0" {
			t.Errorf("%d events, first %q %q", len(list), list[0].Text(), list[1].Text())
		}
		a := w.alert(id)
		if len(a.SHA256) != 64 || a.Events != a.SHA256 {
			t.Errorf("hash %q, file %q", a.SHA256, a.Events)
		}
		if _, err := w.Detection.AlertEvents(testkit.In("other", access.Administrator), id); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("another workspace reads the events: %v", err)
		}
		if _, err := w.Detection.AlertEvents(testkit.As(access.Staff), id); err == nil {
			t.Error("staff read the events")
		}
		huge := detection.Detection{Source: "rule", Title: "Huge", Events: [][]byte{[]byte(strings.Repeat("x", 1<<20))}}
		id, _ = w.raise(huge)
		if list, err := w.Detection.AlertEvents(testkit.Machine(), id); err != nil || len(list) != 1 || len(list[0].Raw) > 64<<10 || !list[0].Cut {
			t.Errorf("a line of 1 MB is kept as it came: %v", err)
		}
	})
}

func TestAClosedAlertStaysClosedForADayUnlessItGetsWorse(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := watched(t, s)
		id, _ := w.raise(guessing(1))
		shut := func() {
			_, err := w.App.Do(testkit.As(access.SecurityLead), isms.Alerts, id, "close", 0, kind.Input{Reason: "it was the test of the team"})
			w.Must(err)
		}
		shut()
		if again, fresh := w.raise(guessing(1)); again != id || fresh || w.alert(id).Status != isms.AlertClosed {
			t.Error("an alert that was just closed rings again")
		}
		worse := guessing(1)
		worse.Level = isms.SeverityCritical
		if again, fresh := w.raise(worse); again != id || !fresh || w.alert(id).Status != isms.AlertNew || w.alert(id).Severity != "critical" {
			t.Errorf("something worse does not open it: %s %s", w.alert(id).Status, w.alert(id).Severity)
		}
		shut()
		w.Clock.Advance(25 * time.Hour)
		if again, fresh := w.raise(guessing(1)); again == id || !fresh {
			t.Error("after a day it is still counted on the closed one")
		}
	})
}

func TestASuppressedAlertOnlyCountsUntilItsDay(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := watched(t, s)
		id, _ := w.raise(guessing(1))
		until := kind.DateOf(w.Clock.Now().AddDate(0, 0, 2))
		_, err := w.App.Do(testkit.As(access.SecurityLead), isms.Alerts, id, "suppress", 0, kind.Input{Reason: "known", Until: until})
		w.Must(err)
		loud := guessing(5)
		loud.Escalate = true
		if _, fresh := w.raise(loud); fresh || w.alert(id).Status != isms.AlertSuppressed || w.alert(id).Count != 6 {
			t.Errorf("a suppressed alert: fresh %v, %s, count %d", fresh, w.alert(id).Status, w.alert(id).Count)
		}
		w.Clock.Advance(48 * time.Hour)
		if n, err := w.Detection.CareForAlerts(testkit.Machine()); n != 0 || err != nil {
			t.Errorf("on its last day %d suppressions ended: %v", n, err)
		}
		w.Clock.Advance(24 * time.Hour)
		if n, err := w.Detection.CareForAlerts(testkit.Machine()); n != 1 || err != nil || w.alert(id).Status != isms.AlertNew {
			t.Errorf("after its day %d suppressions ended: %v", n, err)
		}
		if n, err := w.Detection.CareForAlerts(testkit.Machine()); n != 0 || err != nil {
			t.Errorf("a second time: %d %v", n, err)
		}
	})
}

func TestOwnScannersDoNotRingAndTestsCallNobody(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := watched(t, s)
		hit := detection.Detection{Source: "trap", TrapID: "trap", Actor: "198.51.100.7", Title: "Somebody knocked at a host that does not exist"}
		if id, fresh := w.raise(hit); id != "" || fresh {
			t.Error("a scanner of our own rings")
		}
		hit.Actor = "203.0.113.9"
		id, fresh := w.raise(hit)
		if a := w.alert(id); !fresh || a.AssetID != w.Record(isms.Assets, "db").GetBase().ID || a.Severity != "critical" {
			t.Errorf("a hit: %+v", a)
		}
		drill := guessing(1)
		drill.Test, drill.Escalate = true, true
		id, _ = w.raise(drill)
		r := w.Record(isms.DetectionRules, "guess").(*isms.DetectionRule)
		if a := w.alert(id); a.Verdict != "test" || a.Status != isms.AlertNew || r.ProvedOn != kind.DateOf(w.Clock.Now()) || r.Hits != 0 {
			t.Errorf("a test: %s %s, rule proved on %q with %d hits", a.Verdict, a.Status, r.ProvedOn, r.Hits)
		}
		if real, _ := w.raise(guessing(1)); real == id {
			t.Error("the real thing was counted on a test")
		}
	})
}

func TestAlertsOfOneAttackAreOneStory(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := watched(t, s)
		w.raise(guessing(1))                                                                                                                 // on web, high
		w.raise(detection.Detection{Source: "rule", Title: "A shell", AssetID: "web", Actor: "root", Level: "medium"})                       // same machine, one is high
		w.raise(detection.Detection{Source: "trap", TrapID: "trap", Actor: "192.0.2.10", Title: "From web to a trap"})                       // from the machine of the first
		w.raise(detection.Detection{Source: "rule", Title: "Noise", AssetID: "shop", Actor: "198.51.100.2", Level: "low"})                   // elsewhere
		w.raise(detection.Detection{Source: "rule", Title: "Other noise", AssetID: "shop", Actor: "198.51.100.3", Level: "low", RuleID: ""}) // noise is no story
		drill := guessing(1)
		drill.Test = true
		w.raise(drill)
		list, err := w.Detection.Stories(testkit.As(access.Auditor), w.allAlerts())
		w.Must(err)
		var sizes []int
		for _, s := range list {
			sizes = append(sizes, len(s.Alerts))
		}
		if fmt.Sprint(sizes) != "[3 1 1 1]" || list[0].Severity != "critical" || list[0].Count != 3 || list[0].Alerts[0].Title != "From web to a trap" {
			t.Errorf("stories of %v alerts, the first: %+v", sizes, list[0])
		}
	})
}

func (w *world) allAlerts() []*isms.Alert {
	var all []*isms.Alert
	w.Must(w.App.All(testkit.Machine(), isms.Alerts, kind.Query{Sort: "created_at"}, func(r kind.Record) error {
		all = append(all, r.(*isms.Alert))
		return nil
	}))
	return all
}

func TestNobodyRaisesAnAlertWithoutTheRightOrInAnotherWorkspace(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := watched(t, s)
		if _, _, err := w.Detection.RaiseAlert(testkit.As(access.Auditor), guessing(1)); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor raises alerts: %v", err)
		}
		if _, _, err := w.Detection.RaiseAlert(testkit.Machine(), detection.Detection{Source: "rule", Title: " \n"}); kind.CodeOf(err) != kind.Invalid {
			t.Errorf("an alert without a sentence: %v", err)
		}
		if n := len(w.allAlerts()); n != 0 {
			t.Errorf("%d alerts were written", n)
		}
		id, _, err := w.Detection.RaiseAlert(testkit.In("other", access.SecurityLead), guessing(1))
		w.Must(err)
		if len(w.allAlerts()) != 0 {
			t.Error("an alert of another workspace is seen here")
		}
		if mine, _ := w.raise(guessing(1)); mine == id {
			t.Error("it was counted in another workspace")
		}
	})
}

func TestAnAlertThatIsGraveEnoughOpensOneIncident(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := watched(t, s)
		lead := w.Actor("lead", access.SecurityLead)
		loud := guessing(1)
		loud.Escalate = true
		id, _ := w.raise(loud)
		a := w.alert(id)
		if a.Status != isms.AlertEscalated || a.IncidentID == "" {
			t.Fatalf("%s, incident %q", a.Status, a.IncidentID)
		}
		if again, fresh := w.raise(loud); again != id || fresh {
			t.Error("the same is a second alert")
		}
		quiet, _ := w.raise(detection.Detection{Source: "rule", AssetID: "shop", Actor: "198.51.100.77", Title: "A quiet one"})
		if w.alert(quiet).IncidentID != "" {
			t.Error("a quiet alert opened an incident")
		}
		_, err := w.App.Do(lead, isms.Alerts, quiet, "escalate", 0, kind.Input{})
		w.Must(err)
		if w.alert(quiet).IncidentID == "" {
			t.Error("made an incident by hand, it has none")
		}
	})
}

func TestAFalseAlarmIsCountedOnItsRuleOnce(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := watched(t, s)
		id, _ := w.raise(guessing(1))
		lead := testkit.As(access.SecurityLead)
		for range 2 {
			a := w.alert(id)
			a.Verdict, a.Note = "false_alarm", a.Note+"."
			w.Must(w.App.Save(lead, a))
		}
		if r := w.Record(isms.DetectionRules, "guess").(*isms.DetectionRule); r.FalseAlarms != 1 {
			t.Errorf("%d false alarms", r.FalseAlarms)
		}
	})
}

package detection_test

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/blob"
	"holdfast/engine/decoy"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// trapped is a world with an asset on the way to another, a playbook, and an armed decoy.
func trapped(t *testing.T, s *store.Store) *world {
	t.Helper()
	w := newWorld(t, s)
	dir := t.TempDir()
	files, err := blob.Open(filepath.Join(dir, "files"), filepath.Join(dir, "key"))
	w.Must(err)
	t.Cleanup(func() { files.Close() })
	w.Flow.KeepFilesIn(files)
	w.Save(&isms.Asset{Base: isms.Base{Key: "door", Title: "Report host"}, Type: "host", Lifecycle: "operating", Zone: "data", Criticality: 3, Address: "10.0.3.7"})
	w.Save(&isms.Asset{Base: isms.Base{Key: "jewel", Title: "Patient records"}, Type: "data_set", Lifecycle: "operating", Zone: "data", Criticality: 5})
	w.Save(&isms.AssetDependency{AssetID: "door", NeedsID: "jewel", Nature: "reads_from", Strength: 5})
	w.Save(&isms.Playbook{Base: isms.Base{Key: "play", Title: "A trap was touched"}, Scenario: "trap_hit", Status: "ready"})
	w.Save(&isms.PlaybookStep{PlaybookID: "play", Phase: "contain", Position: 1, Instruction: "Cut the machine off."})
	w.Save(&isms.Trap{Base: isms.Base{Key: "quiet", Title: "Quiet host"}, Type: "ssh", Status: isms.TrapArmed, AssetID: "door", Zone: "data", Address: "127.0.0.1:0",
		Level: "critical", PlaybookID: "play", Scanners: []string{"10.0.9.0/24"}})
	return w
}

func (w *world) trap(key string) *isms.Trap { return w.Record(isms.Traps, key).(*isms.Trap) }

func (w *world) alerts() []*isms.Alert {
	w.Helper()
	list, err := app.Of[isms.Alert](w.App, isms.Alerts).All(testkit.Machine(), kind.Query{Sort: "created_at"})
	w.Must(err)
	return list
}

// visitFrom is the announcement and the end of a visit.
func (w *world) visitFrom(trap, remote string) (open, end decoy.Visit) {
	open = decoy.Visit{ID: "v" + remote, Trap: w.trap(trap).ID, Service: "ssh", Remote: remote, Start: w.Clock.Now(), Open: true}
	end = open
	end.Open, end.End, end.Ended = false, open.Start.Add(9*time.Second), decoy.EndedByVisitor
	end.Credentials = []decoy.Credential{{User: "root", Secret: "hunter2", Method: "password"}, {User: "root", Secret: "Sommer24", Method: "password"}}
	end.Commands, end.Received, end.Sample, end.SHA256 = []string{`wget x\x1b[2J`}, 12, []byte("\x1b[2J<script>"), strings.Repeat("ab", 32)
	return open, end
}

func TestAVisitRingsAtOnceAndItsEndCompletesTheSameAlert(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := trapped(t, s)
		open, end := w.visitFrom("quiet", "10.0.3.44:50222")
		first, err := w.Detection.Visit(testkit.Machine(), open)
		w.Must(err)
		alerts := w.alerts()
		if len(alerts) != 1 || alerts[0].ID != first.AlertID || alerts[0].Actor != "10.0.3.44" || alerts[0].TrapID != w.trap("quiet").ID || alerts[0].Severity != "critical" ||
			alerts[0].Title != "10.0.3.44 is speaking to the trap “Quiet host”" || alerts[0].FirstStep != "Cut the machine off." {
			t.Fatalf("after the announcement: %+v", alerts)
		}
		if !slices.Equal(alerts[0].Techniques, []string{"T1046", "T1021", "T1110"}) || !strings.Contains(string(alerts[0].Why), "Patient records") {
			t.Errorf("the alert knows %v, %s", alerts[0].Techniques, alerts[0].Why)
		}
		if trap := w.trap("quiet"); trap.Status != isms.TrapSprung || trap.Hits != 1 || trap.LastHit.IsZero() {
			t.Errorf("the trap is %s after %d hits", trap.Status, trap.Hits)
		}
		inc := w.Record(isms.Incidents, first.IncidentID).(*isms.Incident)
		if inc.Category != "trap_hit" || inc.PlaybookID != w.Record(isms.Playbooks, "play").GetBase().ID || inc.Phase != isms.IncidentDetect {
			t.Errorf("the incident is %+v", inc)
		}

		w.Clock.Advance(10 * time.Second)
		last, err := w.Detection.Visit(testkit.Machine(), end)
		w.Must(err)
		if last.AlertID != first.AlertID || last.EvidenceID == "" || last.IncidentID != first.IncidentID {
			t.Errorf("the end came to %+v, the announcement to %+v", last, first)
		}
		if a := w.alerts(); len(a) != 1 || a[0].Count != 1 || a[0].Title != "10.0.3.44 tried 2 names with passwords and 1 command on the trap “Quiet host”" || a[0].Events == "" {
			t.Errorf("after the end: %+v", a)
		}
		if trap := w.trap("quiet"); trap.Hits != 1 {
			t.Errorf("one visit counts %d times", trap.Hits)
		}
		touch, err := w.Detection.Touch(testkit.As(access.Auditor), last.EvidenceID)
		w.Must(err)
		if touch.Visit == nil || touch.Visit.Credentials[1].Secret != "Sommer24" || string(touch.Visit.Sample) != "\x1b[2J<script>" || touch.Actor() != "10.0.3.44" {
			t.Errorf("kept is %+v", touch)
		}
		e := w.Record(isms.Evidences, last.EvidenceID).(*isms.Evidence)
		if strings.Contains(string(e.Statement), "Sommer24") || !strings.Contains(string(e.Statement), end.SHA256) || e.SHA256 == "" {
			t.Errorf("the evidence says %s", e.Statement)
		}
		again := end
		again.ID, again.Start = "other", w.Clock.Now()
		if _, err := w.Detection.Visit(testkit.Machine(), again); err != nil || w.trap("quiet").Hits != 2 || len(w.alerts()) != 1 {
			t.Errorf("a visit whose announcement was lost does not ring: %v", err)
		}
	})
}

func TestOurOwnScannersAreCountedAndRingNothing(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := trapped(t, s)
		open, end := w.visitFrom("quiet", "10.0.9.3:1000")
		for _, v := range []decoy.Visit{open, end} {
			rang, err := w.Detection.Visit(testkit.Machine(), v)
			w.Must(err)
			if !rang.Scanner || rang.AlertID != "" {
				t.Errorf("a scanner rang: %+v", rang)
			}
		}
		if trap := w.trap("quiet"); trap.Scans != 1 || trap.Hits != 0 || trap.Status != isms.TrapArmed || len(w.alerts()) != 0 {
			t.Errorf("after a scan: %+v", trap)
		}
	})
}

func TestWhatMustNotHappenWhenATrapIsTouched(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := trapped(t, s)
		w.Save(&isms.Trap{Base: isms.Base{Key: "planned", Title: "Not there yet"}, Type: "ssh", Address: "127.0.0.1:0"})
		w.Save(&isms.Trap{Base: isms.Base{Key: "soft", Title: "Alert only"}, Type: "ftp", Status: isms.TrapArmed, Address: "127.0.0.1:0", Quiet: true})
		_, end := w.visitFrom("quiet", "10.0.3.44:1")
		for name, ctx := range map[string]context.Context{"an auditor": testkit.As(access.Auditor), "nobody": context.Background()} {
			if _, err := w.Detection.Visit(ctx, end); err == nil {
				t.Errorf("%s rings a trap", name)
			}
		}
		if rang, err := w.Detection.Visit(testkit.In("elsewhere", access.Administrator), end); err != nil || rang.TrapID != "" {
			t.Errorf("the trap rings in another workspace: %+v, %v", rang, err)
		}
		planned, _ := w.visitFrom("planned", "10.0.3.44:1")
		if rang, err := w.Detection.Visit(testkit.Machine(), planned); err != nil || rang.TrapID != "" {
			t.Errorf("a trap that does not wait rings: %+v, %v", rang, err)
		}
		if n := len(w.alerts()); n != 0 {
			t.Fatalf("%d alerts", n)
		}
		_, soft := w.visitFrom("soft", "10.0.3.45:1")
		rang, err := w.Detection.Visit(testkit.Machine(), soft)
		w.Must(err)
		if rang.AlertID == "" || rang.IncidentID != "" {
			t.Errorf("a trap that only alerts came to %+v", rang)
		}
		if _, err := w.Detection.Touches(testkit.As(access.Staff), 10); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("staff reads visits: %v", err)
		}
		if list, err := w.Detection.Touches(testkit.In("elsewhere", access.Administrator), 10); err != nil || len(list) != 0 {
			t.Errorf("another workspace sees %v, %v", list, err)
		}
	})
}

func TestAFloodOfVisitsIsCountedAndNotKept(t *testing.T) {
	w := trapped(t, testkit.SQLite(t))
	for i := range detection.KeptTouches + 5 {
		_, end := w.visitFrom("quiet", fmt.Sprintf("10.0.3.44:%d", i+1))
		_, err := w.Detection.Visit(testkit.Machine(), end)
		w.Must(err)
		w.Clock.Advance(time.Second)
	}
	list, err := w.Detection.Touches(testkit.Machine(), 500, w.trap("quiet").ID)
	w.Must(err)
	if len(list) != detection.KeptTouches || w.trap("quiet").Hits != detection.KeptTouches+5 {
		t.Errorf("%d are kept of %d", len(list), w.trap("quiet").Hits)
	}
}

func TestATokenIsShownOnceAndRingsByWhateverItIsKnown(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := trapped(t, s)
		place := decoy.Place{Base: "https://files.example.org/share", Zone: "c.example.org", Host: "mail.example.org"}
		lead := w.Actor("lead", access.SecurityLead)
		for _, name := range decoy.TokenKinds() {
			w.Save(&isms.Trap{Base: isms.Base{Key: name, Title: "Bait " + name}, Type: isms.TrapType(name), AssetID: "door"})
			token, err := w.Detection.MakeToken(lead, detection.TokenWish{TrapID: name, Place: place})
			w.Must(err)
			trap := w.trap(name)
			if trap.Status != isms.TrapArmed || trap.Token != decoy.Hash(token.ID) || strings.Contains(trap.Address, token.ID) || len(token.Data) == 0 {
				t.Errorf("%s: %+v", name, trap)
			}
			for _, known := range append([]string{token.ID}, token.Marks...) {
				rang, err := w.Detection.RingEvent(testkit.Machine(), []byte(`sshd: x "`+known+`" y`), w.Clock.Now(), "10.0.3.50", "Bastion")
				w.Must(err)
				if len(rang) != 1 || rang[0].TrapID != trap.ID || rang[0].AlertID == "" {
					t.Errorf("%s is not known by %s: %+v", name, known, rang)
				}
			}
			if _, err := w.Detection.MakeToken(testkit.As(access.Administrator), detection.TokenWish{TrapID: name, Place: place}); kind.CodeOf(err) != kind.Conflict {
				t.Errorf("%s: a second token silences the first: %v", name, err)
			}
		}
		for name, ctx := range map[string]context.Context{"an auditor": testkit.As(access.Auditor), "another workspace": testkit.In("elsewhere", access.Administrator)} {
			if _, err := w.Detection.MakeToken(ctx, detection.TokenWish{TrapID: "web_link", Place: place, Replace: true}); err == nil {
				t.Errorf("%s makes a token", name)
			}
		}
		if _, err := w.Detection.MakeToken(testkit.As(access.Administrator), detection.TokenWish{TrapID: "quiet", Place: place}); kind.CodeOf(err) != kind.Invalid {
			t.Errorf("a decoy gets a token: %v", err)
		}
		n := len(w.alerts())
		foreign, err := decoy.NewID(strings.NewReader("fifteen letters"))
		w.Must(err)
		if rang, err := w.Detection.RingEvent(testkit.Machine(), []byte("GET /"+foreign+" AKIA0BCDEFGHIJKLMNOP"), w.Clock.Now(), "", ""); err != nil || len(rang) != 0 || len(w.alerts()) != n {
			t.Errorf("tokens of others ring: %+v, %v", rang, err)
		}
	})
}

func TestATokenShownToADecoyRingsBoth(t *testing.T) {
	w := trapped(t, testkit.SQLite(t))
	w.Save(&isms.Trap{Base: isms.Base{Key: "key", Title: "Old key"}, Type: "ssh_key", AssetID: "door"})
	token, err := w.Detection.MakeToken(testkit.As(access.Administrator), detection.TokenWish{TrapID: "key", Place: decoy.Place{Base: "https://x.example/s"}})
	w.Must(err)
	_, end := w.visitFrom("quiet", "10.0.3.44:1")
	end.Tokens = token.Marks
	_, err = w.Detection.Visit(testkit.Machine(), end)
	w.Must(err)
	if w.trap("key").Hits != 1 || w.trap("quiet").Hits != 1 || len(w.alerts()) != 2 {
		t.Errorf("the key rang %d times, the decoy %d times, %d alerts", w.trap("key").Hits, w.trap("quiet").Hits, len(w.alerts()))
	}
	if title := w.alerts()[1].Title; title != "10.0.3.44 showed the trap “Old key” to the decoy ssh" {
		t.Errorf("the alert says %q", title)
	}
}

// house is a place of traps in which one decoy listens.
type house struct{ knocked []string }

func (h *house) Home() (string, string) { return "https://files.example.org/share", "" }
func (h *house) Complaint() string      { return "" }
func (h *house) Stands(string) string   { return "127.0.0.1:2222" }
func (h *house) Knock(_ context.Context, trapID string) error {
	h.knocked = append(h.knocked, trapID)
	return nil
}

func TestAnAnnouncedTestProvesTheTrapOnceAndOpensNoIncident(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := trapped(t, s)
		h := &house{}
		w.Detection.KeepTrapsIn(h)
		_, knocked, err := w.Detection.TestTrap(w.Actor("lead", access.SecurityLead), "quiet")
		w.Must(err)
		if !knocked || !slices.Equal(h.knocked, []string{w.trap("quiet").ID}) {
			t.Errorf("the decoy was not touched: %v", h.knocked)
		}
		open, end := w.visitFrom("quiet", "10.0.9.3:1000") // even from a scanner of our own
		first, err := w.Detection.Visit(testkit.Machine(), open)
		w.Must(err)
		last, err := w.Detection.Visit(testkit.Machine(), end)
		w.Must(err)
		trap := w.trap("quiet")
		if !first.Test || !last.Test || first.IncidentID != "" || last.AlertID != first.AlertID || trap.ProvedOn != kind.DateOf(w.Clock.Now()) || trap.Hits != 0 || trap.Status != isms.TrapArmed || !trap.TestUntil.IsZero() {
			t.Errorf("the test came to %+v, %+v, %+v", first, last, trap)
		}
		w.Clock.Advance(time.Second)
		_, real := w.visitFrom("quiet", "10.0.3.44:1000")
		if rang, err := w.Detection.Visit(testkit.Machine(), real); err != nil || rang.Test || rang.IncidentID == "" {
			t.Errorf("after the test the real thing is taken for one: %+v, %v", rang, err)
		}
		if _, _, err := w.Detection.TestTrap(testkit.As(access.Auditor), "quiet"); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor tests: %v", err)
		}
		_, _, err = w.Detection.TestTrap(testkit.As(access.Administrator), "quiet")
		w.Must(err)
		w.Clock.Advance(detection.TestTime + time.Second)
		_, late := w.visitFrom("quiet", "10.0.3.45:1000")
		if rang, err := w.Detection.Visit(testkit.Machine(), late); err != nil || rang.Test {
			t.Errorf("a test is waited for without end: %+v, %v", rang, err)
		}
	})
}

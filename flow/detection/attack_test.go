package detection_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// attacked is a world with an actor who guesses passwords, encrypts data and phishes, a
// risk that is played by the second, and a source that arrives.
func attacked(t *testing.T, s *store.Store) *world {
	t.Helper()
	w := newWorld(t, s)
	w.Save(&isms.Asset{Base: isms.Base{Key: "crown", Title: "Patient records"}, Type: "data_set", Lifecycle: "operating", Criticality: 5})
	w.Save(&isms.Asset{Base: isms.Base{Key: "files", Title: "File server"}, Type: "host", Lifecycle: "operating", Criticality: 3})
	w.Save(&isms.ThreatActor{Base: isms.Base{Key: "crew", Title: "Crew"}, Type: "organised_crime", Relevance: isms.ActorRelevant, Capability: 5})
	w.Save(&isms.ThreatActor{Base: isms.Base{Key: "far", Title: "Far away"}, Type: "state", Relevance: isms.ActorRemote, Capability: 5})
	for key, technique := range map[string]string{"guess": "T1110.003", "encrypt": "T1486", "phish": "T1566", "implant": "T1542"} {
		w.Save(&isms.ThreatVector{Base: isms.Base{Key: key, Title: key}, Technique: technique, Prevalence: 5})
		who := "crew"
		if key == "implant" {
			who = "far"
		}
		w.Must(w.App.Link(testkit.Machine(), isms.ThreatActors, who, "operates", key))
	}
	w.Save(&isms.Risk{Base: isms.Base{Key: "ransom", Title: "Ransom"}, AssetID: "files", VectorID: "encrypt", Status: isms.RiskOpen, LossNow: kind.MoneyOf(50000)})
	w.Save(&isms.EventSource{Base: isms.Base{Key: "sshd", Title: "Bastion"}, Transport: "syslog_tls", Status: isms.SourceActive, Product: "linux", Service: "sshd"})
	return w
}

func (w *world) coverage() *detection.Coverage {
	w.Helper()
	c, err := w.Detection.Coverage(testkit.As(access.Auditor))
	w.Must(err)
	return c
}

func (w *world) sight(id string) detection.Sight { w.Helper(); return w.coverage().Cell(id).Sight }

func TestATechniqueIsSeenByWhatWouldRingAndProvedByATest(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := attacked(t, s)
		today := kind.DateOf(w.Clock.Now())
		if c := w.coverage(); len(c.Columns) != 14 || c.Cell("T1110").Sight != detection.SightBlind || c.Share != 0 {
			t.Fatalf("without rules and traps: %d columns, %s, %v", len(c.Columns), c.Cell("T1110").Sight, c.Share)
		}
		rule := &isms.DetectionRule{Base: isms.Base{Key: "r", Title: "Guessing"}, Status: isms.RuleDraft, Product: "linux", Service: "sshd", Techniques: []string{"T1110.003", "T9999"}, Body: "title: x"}
		w.Save(rule)
		if got := w.sight("T1110.003"); got != detection.SightDeaf {
			t.Errorf("a draft makes it %s", got)
		}
		_, err := w.App.Do(testkit.Machine(), isms.DetectionRules, "r", "activate", 0, kind.Input{})
		w.Must(err)
		c := w.coverage()
		if c.Cell("T1110.003").Sight != detection.SightCovered || c.Cell("T1110").Sight != detection.SightCovered || c.Cell("T1110.001").Sight != detection.SightBlind {
			t.Errorf("a rule that reads what arrives makes it %s, the whole %s, another case %s", c.Cell("T1110.003").Sight, c.Cell("T1110").Sight, c.Cell("T1110.001").Sight)
		}
		if !slices.Equal(c.Strange, []string{"T9999"}) {
			t.Errorf("strange are %v", c.Strange)
		}
		_, err = w.App.Do(testkit.Machine(), isms.DetectionRules, "r", "prove", 0, kind.Input{})
		w.Must(err)
		if got := w.coverage().Cell("T1110"); got.Sight != detection.SightProved || got.Last != today {
			t.Errorf("after it rang in a test it is %s, last on %s", got.Sight, got.Last)
		}
		// A later test that was not noticed takes the proof away.
		w.Clock.Advance(48 * 3600e9)
		w.Save(&isms.Test{Base: isms.Base{Key: "drill", Title: "Drill"}, Nature: "offensive", Status: "done", EndOn: kind.DateOf(w.Clock.Now()), Techniques: []string{"T1110.003"}})
		if got := w.coverage().Cell("T1110.003"); got.Sight != detection.SightCovered || got.Missed == "" {
			t.Errorf("after it was missed in a test it is %s", got.Sight)
		}
		_, err = w.App.Do(testkit.Machine(), isms.EventSources, "sshd", "miss", 0, kind.Input{})
		w.Must(err)
		if got := w.coverage().Cell("T1110.003"); got.Sight != detection.SightDeaf || !strings.Contains(got.Remedy+got.By[0].Lacks, "silent") {
			t.Errorf("with a silent source it is %s: %s", got.Sight, got.Remedy)
		}
	})
}

func TestATrapCoversOnlyWhatItWouldRingFor(t *testing.T) {
	w := attacked(t, testkit.SQLite(t))
	w.Save(&isms.Trap{Base: isms.Base{Key: "d", Title: "Decoy"}, Type: "smb", Status: isms.TrapArmed, Address: "127.0.0.1:0"})
	w.Save(&isms.Trap{Base: isms.Base{Key: "k", Title: "Key"}, Type: "cloud_key", Status: isms.TrapArmed})
	if got := w.sight("T1135"); got != detection.SightCovered {
		t.Errorf("a decoy that listens makes it %s", got)
	}
	if got := w.coverage().Cell("T1552"); got.Sight != detection.SightDeaf || got.By[0].Lacks != "no token was made for the trap" {
		t.Errorf("a trap without a token makes it %s", got.Sight)
	}
	trap := w.trap("d")
	trap.Complaint = "Another program listens there."
	w.Save(trap)
	if got := w.sight("T1135"); got != detection.SightDeaf {
		t.Errorf("a decoy that cannot listen makes it %s", got)
	}
}

func TestWeightComesFromTheActorsAndRisksOfTheRegister(t *testing.T) {
	w := attacked(t, testkit.SQLite(t))
	c := w.coverage()
	encrypt, guess, implant := c.Cell("T1486"), c.Cell("T1110"), c.Cell("T1542")
	if encrypt.Weight != 100 || guess.Weight != 25 || implant.Weight != 0 { // 1 + 3 against 1 against a remote actor
		t.Errorf("weights are %v, %v, %v", encrypt.Weight, guess.Weight, implant.Weight)
	}
	if c.Weighed != 3 || len(c.Blind()) != 3 || c.Blind()[0] != encrypt || implant.Matters {
		t.Errorf("%d have weight, %d are blind", c.Weighed, len(c.Blind()))
	}
	var why []string
	for _, n := range encrypt.Because {
		why = append(why, n.Title)
	}
	if strings.Join(why, ",") != "Crew,Ransom" {
		t.Errorf("because of %v", why)
	}
	if !strings.Contains(guess.Remedy, "sign-ins") || !strings.Contains(guess.Remedy, "trap") {
		t.Errorf("the remedy says %q", guess.Remedy)
	}
}

func TestBlindSpotsBecomeFindingsOnceAndGoWhenSomethingWouldRing(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := attacked(t, s)
		out, err := w.Detection.FindBlindSpots(testkit.Machine())
		w.Must(err)
		list := w.spots()
		if out.Opened != 3 || len(list) != 3 {
			t.Fatalf("%+v, %d findings", out, len(list))
		}
		ransom := w.Record(isms.Findings, list["attack-t1486"].ID).(*isms.Finding)
		if ransom.AssetID != w.Record(isms.Assets, "files").GetBase().ID || ransom.Severity != isms.SeverityHigh || ransom.Kind != "monitoring" || list["attack-t1566"].AssetID != w.Record(isms.Assets, "crown").GetBase().ID {
			t.Errorf("findings %+v", list)
		}
		weakness := w.Record(isms.Vulnerabilities, "attack-t1486").(*isms.Vulnerability)
		if weakness.Type != "monitoring" || weakness.Fix == "" || !slices.Equal(weakness.Techniques, []string{"T1486"}) {
			t.Errorf("weakness %+v", weakness)
		}
		before := w.JournalLength()
		if again, err := w.Detection.FindBlindSpots(testkit.Machine()); err != nil || again.Opened+again.Reopened+again.Resolved != 0 || w.JournalLength() != before {
			t.Errorf("a second look writes %+v, %d entries, %v", again, w.JournalLength()-before, err)
		}
		w.Save(&isms.DetectionRule{Base: isms.Base{Key: "r", Title: "Mass encryption"}, Status: isms.RuleActive, Product: "linux", Techniques: []string{"T1486"}, Body: "title: x"})
		gone, err := w.Detection.FindBlindSpots(testkit.Machine())
		w.Must(err)
		if fd := w.spots()["attack-t1486"]; gone.Resolved != 1 || fd.Status != isms.FindingResolved {
			t.Errorf("what would ring now is %s: %+v", fd.Status, gone)
		}
		if _, err := w.Detection.Coverage(testkit.As(access.Staff)); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("staff sees the matrix: %v", err)
		}
		if c, err := w.Detection.Coverage(testkit.In("elsewhere", access.Administrator)); err != nil || c.Weighed != 0 {
			t.Errorf("another workspace sees weights: %v", err)
		}
	})
}

func (w *world) spots() map[string]*isms.Finding {
	w.Helper()
	list, err := app.Of[isms.Finding](w.App, isms.Findings).All(testkit.Machine(), kind.Query{}.Where("engine", "coverage"))
	w.Must(err)
	out := map[string]*isms.Finding{}
	for _, fd := range list {
		out[fd.Check] = fd
	}
	return out
}

func TestAnAuditorDoesNotWriteBlindSpots(t *testing.T) {
	w := attacked(t, testkit.SQLite(t))
	if _, err := w.Detection.FindBlindSpots(testkit.As(access.Auditor)); kind.CodeOf(err) != kind.Forbidden || len(w.spots()) != 0 {
		t.Errorf("an auditor writes findings: %v", err)
	}
}

func TestALayerForNavigatorHoldsWhatIsKnown(t *testing.T) {
	w := attacked(t, testkit.SQLite(t))
	w.Save(&isms.DetectionRule{Base: isms.Base{Key: "r", Title: "Guessing"}, Status: isms.RuleActive, Product: "linux", Service: "sshd", Techniques: []string{"T1110.003"}, Body: "title: x", ProvedOn: kind.DateOf(w.Clock.Now())})
	text, err := w.coverage().Layer("Example")
	w.Must(err)
	var l struct {
		Domain     string
		Versions   map[string]string
		Techniques []struct {
			TechniqueID, Tactic, Color string
			Score                      int
		}
	}
	w.Must(json.Unmarshal(text, &l))
	found := map[string]int{}
	for _, x := range l.Techniques {
		found[x.TechniqueID+" "+x.Tactic] = x.Score
	}
	if l.Domain != "enterprise-attack" || l.Versions["layer"] != "4.5" || found["T1110.003 credential-access"] != 100 || found["T1110 credential-access"] != 100 {
		t.Errorf("%s %v %v", l.Domain, l.Versions, found)
	}
	if score, ok := found["T1486 impact"]; !ok || score != 0 || len(found) > 10 {
		t.Errorf("%d techniques: %v", len(found), found)
	}
}

package detection_test

import (
	"fmt"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port/stix"
	"holdfast/store"
	"holdfast/testkit"
)

func (w *world) marks() map[string]*isms.ThreatIndicator {
	w.Helper()
	out := map[string]*isms.ThreatIndicator{}
	list, err := app.Of[isms.ThreatIndicator](w.App, isms.ThreatIndicators).All(testkit.Machine(), kind.Query{})
	w.Must(err)
	for _, t := range list {
		out[t.Value] = t
	}
	return out
}

func TestMarksAreTakenInOnceAndLearnWithoutForgetting(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		lead := testkit.As(access.SecurityLead)
		w.Save(&isms.ThreatActor{Base: isms.Base{Key: "crew", Title: "Crew"}, Type: "organised_crime"})
		file := func(confidence int, revoked bool) *stix.Result {
			r, err := stix.Read("x", []byte(fmt.Sprintf(`{"objects": [
				{"type": "indicator", "id": "indicator--1", "pattern": "[domain-name:value = 'evil.example']", "confidence": %d, "revoked": %t, "valid_from": %q},
				{"type": "indicator", "id": "indicator--2", "pattern": "[ipv4-addr:value = '203.0.113.9']", "valid_from": "2019-01-01T00:00:00Z"},
				{"type": "indicator", "id": "indicator--3", "pattern": "[file:hashes.MD5 = '0123456789abcdef0123456789abcdef']", "valid_from": "2019-01-01T00:00:00Z"},
				{"type": "threat-actor", "id": "threat-actor--1", "name": "CREW"},
				{"type": "relationship", "id": "relationship--1", "relationship_type": "indicates", "source_ref": "indicator--1", "target_ref": "threat-actor--1"}]}`, confidence, revoked, w.Clock.Now().Format(time.RFC3339))), stix.Options{})
			w.Must(err)
			return r
		}
		take := func(r *stix.Result, o detection.IndicatorIntake) detection.IndicatorsTaken {
			t.Helper()
			out, err := w.Detection.TakeInIndicators(lead, r, o)
			w.Must(err)
			return out
		}
		if out := take(file(40, false), detection.IndicatorIntake{DryRun: true}); out.Created != 2 || len(w.marks()) != 0 {
			t.Errorf("a trial kept %d: %+v", len(w.marks()), out)
		}
		out := take(file(40, false), detection.IndicatorIntake{Source: "CERT"})
		domain := w.marks()["evil.example"]
		if out.Created != 2 || out.Old != 1 || domain == nil || domain.Source != "CERT" || domain.ActorID == "" || domain.Confidence != 40 || domain.ValidUntil.IsZero() {
			t.Fatalf("%+v: %+v", out, domain)
		}
		if hash := w.marks()["0123456789abcdef0123456789abcdef"]; hash == nil || !hash.ValidUntil.IsZero() {
			t.Errorf("a hash stays what it is: %+v", hash)
		}
		length := w.JournalLength()
		if out := take(file(40, false), detection.IndicatorIntake{Source: "CERT"}); out.Unchanged != 2 || w.JournalLength() != length {
			t.Errorf("a second time: %+v, %d entries", out, w.JournalLength()-length)
		}
		domain.Note = "Seen at the neighbour's."
		w.Must(w.App.Save(lead, domain))
		if out := take(file(90, false), detection.IndicatorIntake{Source: "other"}); out.Changed != 1 {
			t.Errorf("more confidence: %+v", out)
		}
		if got := w.marks()["evil.example"]; got.Confidence != 90 || got.Source != "CERT" || got.Note != "Seen at the neighbour's." {
			t.Errorf("it learnt %+v", got)
		}
		if out := take(file(90, true), detection.IndicatorIntake{}); out.Revoked != 1 || w.marks()["evil.example"].Status != "revoked" {
			t.Errorf("taken back: %+v, %s", out, w.marks()["evil.example"].Status)
		}
		_, err := w.Detection.TakeInIndicators(testkit.As(access.Auditor), file(1, false), detection.IndicatorIntake{})
		w.Refuses(kind.Forbidden, "an auditor takes indicators in", err)
		if n, err := w.Detection.ExpireIndicators(testkit.Machine()); err != nil || n != 0 {
			t.Errorf("%d expired too early, %v", n, err)
		}
		take(&stix.Result{Marks: []stix.Mark{{Type: "address", Value: "203.0.113.10"}}}, detection.IndicatorIntake{ValidDays: 1})
		w.Clock.Advance(25 * time.Hour)
		if n, err := w.Detection.ExpireIndicators(testkit.Machine()); err != nil || n != 1 || w.marks()["203.0.113.10"].Status != "expired" {
			t.Errorf("%d expired, %v, %s", n, err, w.marks()["203.0.113.10"].Status)
		}
	})
}

package catalog

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"holdfast/isms"
	"holdfast/kind"
)

var demoDay = time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC)

func sample(t testing.TB) []SampleRecord {
	t.Helper()
	list, err := Sample(demoDay)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// recordsByKey are the documents that can be found by kind and key so far.
type recordsByKey map[string]bool

func (r recordsByKey) add(d SampleRecord) { r[d.Kind+"/"+d.Key] = true }

func TestTheSampleOrganisationIsMadeOfValidRecords(t *testing.T) {
	list := sample(t)
	all := recordsByKey{}
	for _, d := range list {
		all.add(d)
	}
	before := recordsByKey{}
	for _, d := range list {
		for _, complaint := range complaintsOf(d, before, all) {
			t.Errorf("%s: %s %s: %s", d.Place, d.Kind, d.Key, complaint)
		}
		before.add(d)
	}
}

func complaintsOf(d SampleRecord, before, all recordsByKey) (bad []string) {
	say := func(format string, args ...any) { bad = append(bad, fmt.Sprintf(format, args...)) }
	k := isms.Registry.Named(d.Kind)
	if k == nil {
		say("no such kind")
		return bad
	}
	body, err := d.JSON()
	if err != nil {
		say("%v", err)
		return bad
	}
	r := k.New()
	if err := k.Decode(r, body); err != nil {
		say("%v", err)
		return bad
	}
	k.Prepare(r)
	if err := k.Validate(r); err != nil {
		say("%v", err)
	}
	for _, f := range k.Fields {
		key, _ := d.Fields[f.Name].(string)
		if f.Type == kind.Ref && key != "" && !before[f.Ref+"/"+key] {
			say("%s: no %s %q stands before it", f.Name, f.Ref, key)
		}
	}
	if subject, ok := d.Fields["subject_kind"].(string); ok {
		for _, name := range []string{"subject_id", "subject_key"} {
			if key, ok := d.Fields[name].(string); ok && !all[subject+"/"+key] {
				say("%s: there is no %s %q", name, subject, key)
			}
		}
	}
	for name, keys := range d.Links {
		i := slices.IndexFunc(k.Links, func(l kind.Link) bool { return l.Name == name })
		if i < 0 {
			say("no link %q", name)
			continue
		}
		for _, key := range keys {
			if !all[k.Links[i].To+"/"+key] {
				say("link %q: there is no %s %q", name, k.Links[i].To, key)
			}
		}
	}
	return bad
}

func TestTheSampleTellsAWholeStory(t *testing.T) {
	count := map[string]int{}
	for _, d := range sample(t) {
		count[d.Kind]++
	}
	for name, least := range map[string]int{"asset": 40, "person": 14, "team": 4, "interested_party": 10, "objective": 6, "indicator": 6,
		"measurement": 60, "motivator": 3, "scope": 1, "committee": 1, "meeting": 3, "decision": 4, "appetite": 1, "obligation": 6, "vendor": 8,
		"contract": 8, "vendor_assessment": 8, "processing": 5, "threat_actor": 8, "threat_vector": 10, "vulnerability": 6, "finding": 6,
		"risk": 14, "safeguard": 25, "treatment": 10, "task": 12, "exception": 1, "document": 5, "document_version": 5, "acknowledgement": 10,
		"course": 3, "assignment": 10, "event_source": 3, "detection_rule": 3, "trap": 3, "alert": 4, "incident": 2, "incident_action": 6,
		"root_cause": 2, "playbook": 3, "plan": 4, "recovery_target": 4, "backup": 4, "exercise": 2, "test": 3, "audit": 1, "nonconformity": 2,
		"corrective_action": 3, "management_review": 1, "improvement_cycle": 1, "evidence": 5, "comment": 4, "milestone": 10} {
		if count[name] < least {
			t.Errorf("%d of %s, must be at least %d", count[name], name, least)
		}
	}
}

func TestStatesOfTheSampleAreThoseOfTheRecords(t *testing.T) {
	for _, d := range sample(t) {
		k := isms.Registry.Named(d.Kind)
		if state, ok := d.Fields[k.StateField].(string); ok && !slices.Contains(k.States(), state) {
			t.Errorf("%s: %s %s has the unknown state %q", d.Place, d.Kind, d.Key, state)
		}
	}
}

func sampleOf(text string) ([]SampleRecord, error) {
	c, err := Load()
	if err != nil {
		return nil, err
	}
	return SampleFS(fstest.MapFS{"sample/a.yaml": {Data: []byte(text)}}, c, demoDay)
}

func TestRelativeDaysAndShorthandsAreResolved(t *testing.T) {
	list, err := sampleOf(`
- {kind: finding, key: f, title: "Until {+35d}, not {later}", due: -30d, first_seen: -3d 15:25, review_by: +1y, detail: -30 degrees}
- {kind: measurement, key: m, indicator_id: i, series: [3, 2.5]}
- {kind: acknowledgement, key: a, each: {person_id: [x, y]}}
- {kind: safeguard, key: mfa, title: Ours, annual_cost: [1, 2, 3]}
- {kind: threat_vector, key: human-error}
`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range list {
		b, err := d.JSON()
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, d.Kind+" "+string(b))
	}
	for i, want := range []string{
		`finding {"detail":"-30 degrees","due":"2026-10-22","first_seen":"2026-11-18T15:25:00Z","key":"f","review_by":"2027-11-21","title":"Until 2026-12-26, not {later}"}`,
		`measurement {"at":"2026-10-22T00:00:00Z","indicator_id":"i","key":"m-1","value":3}`,
		`measurement {"at":"2026-11-21T00:00:00Z","indicator_id":"i","key":"m-2","value":2.5}`,
		`acknowledgement {"key":"a-x","person_id":"x"}`,
		`acknowledgement {"key":"a-y","person_id":"y"}`,
	} {
		if got[i] != want {
			t.Errorf("record %d is %s, must be %s", i, got[i], want)
		}
	}
	for _, part := range []string{`"title":"Ours"`, `"annual_cost":{"high":3,"likely":2,"low":1}`, `"function":"preventive"`, `"catalogue":"mfa"`} {
		if !strings.Contains(got[5], part) {
			t.Errorf("the safeguard must hold %s: %s", part, got[5])
		}
	}
	var vector map[string]any
	if err := json.Unmarshal([]byte(strings.TrimPrefix(got[6], "threat_vector ")), &vector); err != nil || vector["hazard"] != true || vector["tactics"] != nil {
		t.Errorf("a hazard has no tactic: %v %v", vector, err)
	}
}

func TestASlipInTheSampleIsRefusedWithItsPlace(t *testing.T) {
	for text, words := range map[string]string{
		"- {key: a}": "a.yaml:1: kind is missing",
		"- {kind: asset, key: a}\n- {kind: asset}":           "a.yaml:2: key is missing",
		"- {kind: asset, key: a}\n\n- {kind: asset, key: a}": "a.yaml:3: asset/a stands already at sample/a.yaml:1",
		"- {kind: asset, key: a, links: {x: 5}}":             "a.yaml:1: links",
		"- {kind: asset, key: a, due: -1d 25:00}":            "not a time of day",
		"- {kind: asset, key: a, each: {x: 5}}":              "each names one field",
		"- {kind: asset, key: a, each: {x: [1], y: [2]}}":    "each names one field",
		"- {kind: measurement, key: a, series: 5}":           "series is missing or of the wrong form",
		"kind: asset": "a.yaml",
		"- {kind: asset, key: a}\n---\n- {kind: asset, key: b}": "one YAML document",
		"- {kind: asset, key: a, key: b}":                       "already defined",
	} {
		if _, err := sampleOf(text); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("%q must be refused with %q, got: %v", text, words, err)
		}
	}
}

func FuzzSampleFilesNeverPanic(f *testing.F) {
	f.Add("- {kind: a, key: b, links: {x: [y]}, each: {p: [1, 2]}, due: -30d 10:00}")
	f.Add("- {kind: measurement, key: m, series: [1, 2, 3]}")
	f.Add("- null\n- 5")
	f.Fuzz(func(_ *testing.T, text string) { _, _ = sampleOf(text) })
}

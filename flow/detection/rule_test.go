package detection_test

import (
	"archive/zip"
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/fstest"

	"holdfast/access"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

const sigma = `title: Root shell at night
id: 5f1f2a3e-0c1e-4a6f-9f5d-000000000001
status: test
description: Somebody became root.
author: us
level: high
tags: [attack.privilege_escalation, attack.t1548.003]
falsepositives: [A change at night]
logsource: {product: linux, service: sudo}
detection:
  selection:
    message|contains: 'session opened for user root'
  condition: selection
`

const broken = "title: Broken\nlogsource: {product: linux}\ndetection:\n  selection:\n    a|nonsense: 1\n  condition: selection\n"

func TestRulesAreReadIntoRecordsAndComeOutLetterForLetter(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.App.Settle(w.Detection.FollowRules)
		lead := testkit.As(access.SecurityLead)
		files, err := detection.ReadRuleFiles(fstest.MapFS{"a/night.yml": {Data: []byte(sigma)}, "b/bad.yaml": {Data: []byte(broken)}, "notes.txt": {Data: []byte("x")}})
		w.Must(err)
		out, err := w.Detection.ImportRules(lead, files, isms.RuleTesting)
		w.Must(err)
		if out.Added != 1 || len(out.Refused) != 1 || !strings.Contains(out.Refused[0], "b/bad.yaml:5") {
			t.Fatalf("%+v", out)
		}
		r := w.Record(isms.DetectionRules, "night").(*isms.DetectionRule)
		if r.Status != isms.RuleTesting || r.Level != "high" || r.Product != "linux" || r.Service != "sudo" || r.Maturity != "test" ||
			len(r.Techniques) != 1 || r.Techniques[0] != "T1548.003" || r.RuleID == "" || r.Complaint != "" || !strings.Contains(string(r.Doubts), "A change at night") {
			t.Errorf("%+v", r)
		}
		var packed bytes.Buffer
		n, err := w.Detection.ExportRules(testkit.As(access.Auditor), kind.Query{}, &packed)
		w.Must(err)
		z, err := zip.NewReader(bytes.NewReader(packed.Bytes()), int64(packed.Len()))
		w.Must(err)
		in, err := z.Open("night.yml")
		w.Must(err)
		if text, err := io.ReadAll(in); err != nil || string(text) != sigma || n != 1 {
			t.Errorf("%d rules came out, the text as\n%s", n, text)
		}
	})
}

func TestImportingAgainChangesTheTextAndNothingThatPeopleDecided(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		lead := testkit.As(access.SecurityLead)
		files, err := detection.RuleFiles("night.yml", []byte(sigma))
		w.Must(err)
		_, err = w.Detection.ImportRules(lead, files, isms.RuleActive)
		w.Must(err)
		r := w.Record(isms.DetectionRules, "night").(*isms.DetectionRule)
		r.Level, r.FirstStep = "low", "Look in the calendar."
		w.Must(w.App.Save(lead, r))
		_, err = w.App.Do(lead, isms.DetectionRules, r.ID, "disable", 0, kind.Input{Reason: "too loud"})
		w.Must(err)
		if out, err := w.Detection.ImportRules(lead, files, isms.RuleActive); err != nil || out.Same != 1 || out.Added+out.Changed != 0 {
			t.Errorf("the same file again: %+v %v", out, err)
		}
		renamed := []detection.RuleFile{{Name: "elsewhere/other-name.yml", Text: strings.Replace(sigma, "user root", "user toor", 1)}}
		out, err := w.Detection.ImportRules(lead, renamed, isms.RuleActive)
		r = w.Record(isms.DetectionRules, "night").(*isms.DetectionRule)
		if err != nil || out.Changed != 1 || r.Level != "low" || r.FirstStep == "" || r.Status != isms.RuleDisabled || !strings.Contains(string(r.Body), "toor") {
			t.Errorf("%+v %v: level %s, %s", out, err, r.Level, r.Status)
		}
		for name, bad := range map[string]error{
			"an auditor":      second(w.Detection.ImportRules(testkit.As(access.Auditor), files, "")),
			"a state of none": second(w.Detection.ImportRules(lead, files, isms.RuleDisabled)),
		} {
			if bad == nil {
				t.Errorf("%s imports rules", name)
			}
		}
		if out, err := w.Detection.ImportRules(testkit.In("other", access.SecurityLead), files, ""); err != nil || out.Added != 1 {
			t.Errorf("another workspace has its own: %+v %v", out, err)
		}
	})
}

func TestWhatWouldComeOfRulesIsToldBeforeAnythingIsWritten(t *testing.T) {
	w := newWorld(t, testkit.SQLite(t))
	lead := testkit.As(access.SecurityLead)
	night := detection.RuleFile{Name: "night.yml", Text: sigma}
	_, err := w.Detection.ImportRules(lead, []detection.RuleFile{night}, isms.RuleActive)
	w.Must(err)
	before := w.Record(isms.DetectionRules, "night").(*isms.DetectionRule)
	files := []detection.RuleFile{
		{Name: "night.yml", Text: strings.Replace(sigma, "user root", "user toor", 1)}, {Name: "bad.yml", Text: broken},
		{Name: "new.yml", Text: strings.Replace(sigma, "000000000001", "000000000002", 1)},
	}
	packed, err := detection.PackRules(files)
	w.Must(err)
	files, err = detection.RuleFiles("rules.zip", packed)
	w.Must(err)
	out, err := w.Detection.PreviewRules(lead, files)
	w.Must(err)
	if out.Added != 1 || out.Changed != 1 || len(out.Refused) != 1 || len(out.Rules) != 2 || out.Rules[1].Key != "night" || out.Rules[0].Key != "" || out.Rules[0].Source != "linux, sudo" || out.Rules[0].Level != "high" {
		t.Errorf("%+v", out)
	}
	after := w.Record(isms.DetectionRules, "night").(*isms.DetectionRule)
	page, err := w.App.List(lead, isms.DetectionRules, kind.Query{})
	if err != nil || len(page.Records) != 1 || after.Version != before.Version {
		t.Errorf("the preview wrote: %d rules, version %d, %v", len(page.Records), after.Version, err)
	}
	done, err := w.Detection.ImportRules(lead, files, isms.RuleTesting)
	if err != nil || done.Added != out.Added || done.Changed != out.Changed {
		t.Errorf("then %+v came, %v", done, err)
	}
	if _, err := w.Detection.PreviewRules(testkit.As(access.Auditor), files); kind.CodeOf(err) != kind.Forbidden {
		t.Errorf("an auditor previews an import: %v", err)
	}
}

func second[T any](_ T, err error) error { return err }

func TestARuleThatIsWrittenSaysAtOnceWhetherItCanRun(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.App.Settle(w.Detection.FollowRules)
		lead := testkit.As(access.SecurityLead)
		r := &isms.DetectionRule{Base: isms.Base{Key: "mine", Title: "Mine"}, Body: broken}
		w.Must(w.App.Save(lead, r))
		r = w.Record(isms.DetectionRules, "mine").(*isms.DetectionRule)
		if !strings.Contains(r.Complaint, "mine:5") {
			t.Errorf("complaint %q", r.Complaint)
		}
		if _, err := w.App.Do(lead, isms.DetectionRules, "mine", "activate", 0, kind.Input{}); kind.CodeOf(err) != kind.Invalid {
			t.Errorf("a broken rule is activated: %v", err)
		}
		r.Body = sigma
		w.Must(w.App.Save(lead, r))
		r = w.Record(isms.DetectionRules, "mine").(*isms.DetectionRule)
		if r.Complaint != "" || r.Service != "sudo" {
			t.Errorf("mended, it still complains: %q", r.Complaint)
		}
		if _, err := w.App.Do(lead, isms.DetectionRules, "mine", "activate", 0, kind.Input{}); err != nil {
			t.Errorf("a whole rule is not activated: %v", err)
		}
		r = w.Record(isms.DetectionRules, "mine").(*isms.DetectionRule)
		r.Body = isms.Markdown("title: Together\ncorrelation:\n  type: event_count\n  rules: [another_record]\n  group-by: [user]\n  timespan: 5m\n  condition: {gte: 3}\n")
		w.Must(w.App.Save(lead, r))
		r = w.Record(isms.DetectionRules, "mine").(*isms.DetectionRule)
		if r.Complaint != "" || r.Type != "correlation" {
			t.Errorf("a correlation of rules that are records of their own: %q, %s", r.Complaint, r.Type)
		}
	})
}

func TestTheShippedRulesAreAdoptedOnce(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		w.App.Settle(w.Detection.FollowRules)
		lead := testkit.As(access.SecurityLead)
		first, err := w.Detection.AdoptRules(lead, isms.RuleActive)
		w.Must(err)
		again, err := w.Detection.AdoptRules(lead, isms.RuleActive)
		w.Must(err)
		if first.Added < 40 || len(first.Refused) > 0 || again.Same != first.Added || again.Added+again.Changed > 0 {
			t.Errorf("%+v, then %+v", first, again)
		}
		page, err := w.App.List(lead, isms.DetectionRules, kind.Query{Limit: 100}.With("complaint", kind.Empty, "false"))
		if err != nil || len(page.Records) > 0 {
			t.Errorf("%d of them complain: %v", len(page.Records), err)
		}
		if _, err := w.Detection.AdoptRules(auditor(), isms.RuleActive); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("an auditor adopts rules: %v", err)
		}
	})
}

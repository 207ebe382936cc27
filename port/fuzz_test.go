package port_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"holdfast/engine"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port"
	"holdfast/testkit"
)

// importable takes in whatever was read: nothing may panic, and a refusal must be
// an answer, not a failure of ours.
func importable(t *testing.T, docs []port.Doc, err error) {
	t.Helper()
	if err == nil && len(docs) <= 50 {
		_, err = port.Import(lead, fuzzWorld.App, docs, port.Options{Now: testkit.Start, DryRun: true})
	}
	if code := kind.CodeOf(err); code == kind.Internal {
		t.Errorf("our mistake: %v", err)
	}
}

var fuzzWorld *testkit.World

func fuzzing(f *testing.F) { fuzzWorld = testkit.New(testkit.SQLite(f)) }

func FuzzReadYAML(f *testing.F) {
	fuzzing(f)
	for _, s := range []string{"{kind: risk, key: r, title: R}", "- kind: asset\n  value: {low: 1, high: 2}", "---\n---\n# nothing", "a: &a [*a]", "kind: person\nlinks:\n  holds: [a, b]",
		"kind: task\ndue: -30d", "kind: [1, 2]", "? {a: b}\n: c", "kind: comment\nsubject_kind: comment\nsubject_id: x", "!!python/object x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		docs, err := port.ReadYAML("fuzz", strings.NewReader(text))
		importable(t, docs, err)
	})
}

func FuzzReadJSON(f *testing.F) {
	fuzzing(f)
	for _, s := range []string{`{"kind": "risk", "title": "R"}`, `[{"kind": "asset", "value": {"low": 1}}]`, `{"data": [{"data": []}]}`, `{"a": [[1]]}`, `{} {} x`, `null`, `[null, 1]`, `{"kind": 1, "links": {"x": null}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		docs, err := port.ReadJSON("fuzz", strings.NewReader(text))
		importable(t, docs, err)
	})
}

func FuzzReadCSV(f *testing.F) {
	fuzzing(f)
	for _, s := range []string{"key,title\na,A", "\xef\xbb\xbftitle;labels\nx;y,z", "title\n\"unclosed", "title,title\na,b", "links: holds\na", ",,\n", "Title\t\nx\ty"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		docs, err := port.ReadCSV("fuzz", strings.NewReader(text), isms.People)
		importable(t, docs, err)
	})
}

func FuzzReadXLSX(f *testing.F) {
	fuzzing(f)
	if err := fuzzWorld.App.Save(lead, &isms.Person{Base: isms.Base{Title: "Ada"}}); err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := port.Write(lead, fuzzWorld.App, &b, port.XLSX, isms.People, kind.Query{}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		docs, err := port.ReadXLSX("fuzz", bytes.NewReader(data), isms.People)
		importable(t, docs, err)
	})
}

func FuzzReadScan(f *testing.F) {
	whole, err := json.Marshal(port.NewScan(&engine.Target{Kind: engine.SBOM, Name: "x", Now: testkit.Start, Inventory: &engine.Inventory{Packages: []engine.Package{{Name: "a", Version: "1", Ecosystem: "npm"}}}},
		[]engine.Run{{Engine: "e", Observations: []engine.Observation{{Engine: "e", Check: "c", Title: "t", Outcome: engine.Fail, Severity: engine.Low}}}}, port.ScanAdvisories{}))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Fuzz(func(t *testing.T, data []byte) {
		target, runs, err := port.ReadScan("fuzz", bytes.NewReader(data), testkit.Start)
		if err != nil {
			if kind.CodeOf(err) == kind.Internal {
				t.Errorf("our mistake: %v", err)
			}
			return
		}
		if target.Name == "" || target.Now.After(testkit.Start.AddDate(0, 0, 1)) {
			t.Errorf("a target that must be refused was taken: %+v", target)
		}
		for _, run := range runs {
			for _, o := range run.Observations {
				if o.Engine != run.Engine || o.Check == "" {
					t.Errorf("an observation that must be refused was taken: %+v", o)
				}
			}
		}
	})
}

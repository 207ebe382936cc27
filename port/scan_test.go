package port_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine"
	"holdfast/kind"
	"holdfast/port"
	"holdfast/testkit"
)

func seen() (*engine.Target, []engine.Run) {
	pkg := engine.Package{Name: "libssl3", Version: "3.0.9", Source: "openssl", SourceVer: "3.0.9", Ecosystem: "Debian:12"}
	t := &engine.Target{Kind: engine.Host, Name: "web-1", Now: testkit.Start, Inventory: &engine.Inventory{
		Host: engine.HostFacts{Hostname: "web-1"}, Packages: []engine.Package{pkg}, Problems: []engine.Problem{{Path: "/x", Reason: "no"}}}}
	return t, []engine.Run{
		{Engine: "vulnmatch", Target: "web-1", Started: testkit.Start, Finished: testkit.Start, Observations: []engine.Observation{
			{Engine: "vulnmatch", Check: "CVE-1", Outcome: engine.Fail, Title: "a", Severity: engine.Medium, Package: &pkg, FixedIn: "3.0.10", Advisory: &engine.Advisory{ID: "DSA-1", KEV: true, EPSS: 0.5}},
			{Engine: "vulnmatch", Check: "CVE-2", Outcome: engine.Fail, Title: "=b", Severity: engine.Critical},
			{Engine: "vulnmatch", Check: "CVE-3", Outcome: engine.Pass, Title: "c"}}},
		{Engine: "configcheck", Target: "web-1", Started: testkit.Start, Finished: testkit.Start, Observations: []engine.Observation{}, Err: errors.New("no files")},
	}
}

func TestAScanIsReadBackAsItWasMade(t *testing.T) {
	target, runs := seen()
	data, err := json.Marshal(port.NewScan(target, runs, port.ScanAdvisories{Loaded: 3}))
	if err != nil {
		t.Fatal(err)
	}
	gotTarget, gotRuns, err := port.ReadScan("x", bytes.NewReader(data), testkit.Start)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(target, gotTarget); diff != "" {
		t.Error(diff)
	}
	same := cmp.Comparer(func(a, b error) bool { return (a == nil) == (b == nil) && (a == nil || a.Error() == b.Error()) })
	if diff := cmp.Diff(runs, gotRuns, same); diff != "" {
		t.Error(diff) // above all a failed run must stay one: it resolves nothing
	}
}

func TestAScanShowsTheWorstFirstAndOnlyWhatFailed(t *testing.T) {
	target, runs := seen()
	s := port.NewScan(target, runs, port.ScanAdvisories{})
	if len(s.Findings) != 2 || s.Findings[0].Check != "CVE-2" || s.Findings[1].Package != "openssl" || !s.Findings[1].Exploited || s.Worst() != engine.Critical {
		t.Errorf("got %+v", s.Findings)
	}
	var b bytes.Buffer
	if err := s.WriteCSV(&b); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(b.String(), ",'=b,") || strings.Count(b.String(), "\n") != 3 {
		t.Errorf("got %s", &b)
	}
}

func TestAScanThatCannotBeTrueIsRefused(t *testing.T) {
	for name, spoil := range map[string]func(*port.Scan){
		"of the future":        func(s *port.Scan) { s.Target.At = testkit.Start.Add(time.Hour) },
		"finished tomorrow":    func(s *port.Scan) { s.Engines[0].Finished = testkit.Start.Add(24 * time.Hour) },
		"without a time":       func(s *port.Scan) { s.Target.At = time.Time{} },
		"without a name":       func(s *port.Scan) { s.Target.Name = "" },
		"of an odd kind":       func(s *port.Scan) { s.Target.Kind = "planet" },
		"by a nameless engine": func(s *port.Scan) { s.Engines[0].Name = "" },
		"of another engine":    func(s *port.Scan) { s.Engines[0].Observations[0].Engine = "configcheck" },
		"without a check":      func(s *port.Scan) { s.Engines[0].Observations[0].Check = "" },
		"with an odd outcome":  func(s *port.Scan) { s.Engines[0].Observations[0].Outcome = "perhaps" },
		"with an odd severity": func(s *port.Scan) { s.Engines[0].Observations[0].Severity = "dreadful" },
		"in another form":      func(s *port.Scan) { s.Form = "holdfast-scan/2" },
	} {
		target, runs := seen()
		s := port.NewScan(target, runs, port.ScanAdvisories{})
		spoil(s)
		data, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := port.ReadScan("x", bytes.NewReader(data), testkit.Start); kind.CodeOf(err) != kind.Invalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

package flow_test

import (
	"fmt"
	"testing"
	"time"

	"holdfast/catalog"
	"holdfast/engine"
	"holdfast/flow"
	"holdfast/testkit"
)

// BenchmarkObserve measures how long it takes to take in a first scan with 2 000
// vulnerabilities, and the same scan again. The second writes nothing.
func BenchmarkObserve(b *testing.B) {
	cat, err := catalog.Load()
	if err != nil {
		b.Fatal(err)
	}
	var seen []engine.Observation
	for i := range 2000 {
		pkg := &engine.Package{Name: fmt.Sprintf("package-%d", i%300), Version: "1.0", Ecosystem: "Debian:12"}
		id := fmt.Sprintf("CVE-2025-%05d", i)
		seen = append(seen, engine.Observation{Engine: "vulnmatch", Check: id, Subject: pkg.Name, Outcome: engine.Fail, Title: "Known weakness",
			Severity: engine.Medium, Package: pkg, FixedIn: "1.1", Principle: "compromise", Advisory: &engine.Advisory{ID: id, CVE: id,
				Summary: "Made up for the benchmark", CVSS: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N", Score: 5.3, Severity: engine.Medium}})
	}
	for b.Loop() {
		w := testkit.New(testkit.SQLite(b))
		f, err := flow.New(w.App, cat)
		if err != nil {
			b.Fatal(err)
		}
		w.App.Settle(f.React)
		for _, name := range []string{"first-s", "again-s"} {
			target := &engine.Target{Kind: engine.Host, Name: "web-1", Now: w.Clock.Now(), Inventory: &engine.Inventory{}}
			began := time.Now()
			if _, err := f.Observe(testkit.Machine(), target, []engine.Run{{Engine: "vulnmatch", Finished: w.Clock.Now(), Observations: seen}}); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(time.Since(began).Seconds(), name)
			w.Clock.Advance(time.Hour)
		}
	}
}

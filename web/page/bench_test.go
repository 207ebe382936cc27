package page_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
)

// BenchmarkPages measures how long a person waits for each page of the sample
// organisation: once more after it was seen, and for the first time after a change.
func BenchmarkPages(b *testing.B) {
	w := sampleWorld(b)
	v := w.as("ada@example.org")
	pages := looks(w)
	for _, name := range sortedNames(pages) {
		b.Run(name+"/again", func(b *testing.B) {
			for b.Loop() {
				v.sees(pages[name])
			}
		})
		b.Run(name+"/changed", func(b *testing.B) {
			n := 0
			for b.Loop() {
				b.StopTimer()
				n++
				w.must(w.App.Save(w.admin(), &isms.Task{Base: isms.Base{Title: fmt.Sprintf("Task %s %d", name, n)}}))
				b.StartTimer()
				v.sees(pages[name])
			}
		})
	}
}

// BenchmarkTriageOf100000 measures triage over a hundred thousand findings.
func BenchmarkTriageOf100000(b *testing.B) {
	w := sampleWorld(b)
	w.flood(100_000)
	v := w.as("ada@example.org")
	for _, path := range []string{"/triage", "/triage?by=asset", "/triage?by=weakness", "/triage?severity=critical&overdue=true", "/triage?group=" + url.QueryEscape("Upgrade package-7")} {
		b.Run(path, func(b *testing.B) {
			n := 0
			for b.Loop() {
				b.StopTimer()
				n++
				w.must(w.App.Save(w.admin(), &isms.Task{Base: isms.Base{Title: fmt.Sprintf("Task %s %d", path, n)}}))
				b.StartTimer()
				if status, _ := v.get(path); status != http.StatusOK {
					b.Fatalf("status %d", status)
				}
			}
		})
	}
}

// flood writes many findings, as many scans would have.
func (w *world) flood(n int) {
	w.Helper()
	asset, weakness := w.drafted().AssetID, w.findings(kind.Query{}.Where("fix", curl))[0].VulnerabilityID
	grades := []isms.Severity{isms.SeverityCritical, isms.SeverityHigh, isms.SeverityMedium, isms.SeverityLow}
	const atOnce = 5000
	for from := 0; from < n; from += atOnce {
		w.must(w.Store.Update(w.machine(), func(tx *store.Tx) error {
			for i := from; i < from+atOnce; i++ {
				id := fmt.Sprintf("flood%06d", i)
				first := w.Clock.Now().Add(-time.Duration(i%400) * 24 * time.Hour)
				f := &isms.Finding{Base: isms.Base{ID: id, Key: id, Title: "Flaw " + id, Version: 1, CreatedAt: first, UpdatedAt: first}, AssetID: asset, VulnerabilityID: weakness,
					Severity: grades[i%4], Status: isms.FindingOpen, FirstSeen: first, LastSeen: first, Fix: fmt.Sprintf("Upgrade package-%d", i%700), Kind: "advisory",
					EPSS: float64(i%100) / 100, Exploited: i%50 == 0, Due: isms.DueDate(first, grades[i%4], i%50 == 0)}
				if err := tx.Insert(isms.Findings, f); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	w.must(w.Store.Analyse(w.machine()))
}

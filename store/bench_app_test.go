package store_test

import (
	"slices"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// changeEvery is how many pages are read between two changes of the findings: a
// change makes every count stale.
const changeEvery = 200

// BenchmarkFindingsPage measures what a person waits for when opening, filtering
// and sorting a list of 100 000 findings: the page, its count and two facets, asked
// through the waist, which remembers counts until the findings change. They
// change once in two hundred questions. p95-ms has a budget of 50; cold-ms is the
// mean of the questions whose count was not known.
func BenchmarkFindingsPage(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := open(b)
			testkit.Findings(b, testkit.Machine(), s, 100_000)
			a := testkit.New(s).App
			var times []time.Duration
			var cold time.Duration
			colds, n := 0, 0
			seen := map[string]bool{}
			for b.Loop() {
				if n%changeEvery == 0 {
					if err := a.Save(testkit.As(access.SecurityLead), &isms.Finding{Base: kind.Base{Title: "One more"}, AssetID: "a000001", VulnerabilityID: "v000001", Severity: "low", Status: "open"}); err != nil {
						b.Fatal(err)
					}
					clear(seen)
				}
				c := questions[n%8] // opening, sorting and filtering; search has its own budget
				n++
				began := time.Now()
				askThrough(b, a, c.q)
				took := time.Since(began)
				times = append(times, took)
				if !seen[c.name] {
					seen[c.name], cold, colds = true, cold+took, colds+1
				}
			}
			slices.Sort(times)
			b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
			b.ReportMetric(float64(times[len(times)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(cold.Microseconds())/1000/float64(colds), "cold-ms")
		})
	}
}

func askThrough(b *testing.B, a *app.App, q kind.Query) {
	ctx := testkit.As(access.SecurityLead)
	if _, err := a.List(ctx, isms.Findings, q); err != nil {
		b.Fatal(err)
	}
	for _, facet := range []string{"status", "severity"} {
		if _, err := a.Groups(ctx, isms.Findings, q, facet, 10); err != nil {
			b.Fatal(err)
		}
	}
}

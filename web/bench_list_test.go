package web_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// changeEvery is how many pages are read between two changes of the
// findings; a change makes every remembered count stale.
const changeEvery = 200

// BenchmarkFindingsPage measures the whole answer of the server to somebody who
// opens, filters and sorts a list of 100 000 findings: session, permission, page,
// counts and rendering, over HTTP. p95-ms has a budget of 50; cold-ms is the mean of
// the pages asked for the first time since the last change.
func BenchmarkFindingsPage(b *testing.B) {
	pages := []string{
		"/findings", "/findings?sort=title", "/findings?sort=-severity", "/findings?sort=-epss", "/findings?filter[status]=open&filter[severity]=critical",
		"/findings?filter[status]=open&filter[severity]=critical&sort=-first_seen", "/findings?filter[asset_id]=a000007&filter[status]=open",
		"/findings?filter[exploited]=true&filter[status]=open&filter[due][lt]=2026-03-02",
	}
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := start(b, open(b))
			testkit.Findings(b, s.ctx, s.world.Store, 100_000)
			v := s.as("ada@example.org")
			var all, cold []time.Duration
			for n := 0; b.Loop(); n++ {
				if n%changeEvery == 0 {
					f := &isms.Finding{Base: kind.Base{Title: "One more"}, AssetID: "a000001", VulnerabilityID: "v000001", Severity: "low", Status: "open"}
					s.save(f)
				}
				began := time.Now()
				v.get(pages[n%len(pages)]).is(http.StatusOK)
				took := time.Since(began)
				if all = append(all, took); n%changeEvery < len(pages) {
					cold = append(cold, took)
				}
			}
			b.ReportMetric(percentile(all, 50), "p50-ms")
			b.ReportMetric(percentile(all, 95), "p95-ms")
			b.ReportMetric(percentile(cold, 50), "cold-p50-ms")
			b.ReportMetric(percentile(cold, 100), "cold-worst-ms")
		})
	}
}

// percentile is in milliseconds.
func percentile(times []time.Duration, p int) float64 {
	slices.Sort(times)
	return float64(times[(len(times)-1)*p/100].Microseconds()) / 1000
}

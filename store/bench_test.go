package store_test

import (
	"slices"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// questions are what the findings page asks: open, filter, sort, search, page.
var questions = []struct {
	name string
	q    kind.Query
}{
	{"open", kind.Query{Count: true}},
	{"by_title", kind.Query{Sort: "title", Count: true}},
	{"by_severity_down", kind.Query{Sort: "-severity", Count: true}},
	{"by_epss_down", kind.Query{Sort: "-epss", Count: true}},
	{"open_critical", kind.Query{Count: true}.Where("status", "open").Where("severity", "critical")},
	{"open_critical_by_first_seen", kind.Query{Count: true, Sort: "-first_seen"}.Where("status", "open").Where("severity", "critical")},
	{"one_asset", kind.Query{Count: true}.Where("asset_id", "a000007").Where("status", "open")},
	{"exploited_overdue", kind.Query{Count: true}.Where("exploited", "true").Where("status", "open").With("due", kind.Less, "2026-03-02")},
	{"search", kind.Query{Count: true, Search: "package-33 cve-2026-00733"}},
	{"search_common_word", kind.Query{Count: true, Search: "package"}},
	{"contains", kind.Query{Count: true}.With("title", kind.Contains, "number 9999")},
}

// ask reads the page and the facets beside it.
func ask(t testing.TB, s *store.Store, q kind.Query) store.Page {
	var page store.Page
	err := s.View(testkit.As(access.SecurityLead), func(tx *store.Tx) (err error) {
		if page, err = tx.List(isms.Findings, q, ""); err != nil {
			return err
		}
		for _, facet := range []string{"status", "severity"} {
			if _, err := tx.Groups(isms.Findings, q, "", facet, 10); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return page
}

// BenchmarkListOf100000 measures the time in which the database answers what the
// findings page asks, with the count and two facets; p95-ms is the figure that has
// a budget of 50.
func BenchmarkListOf100000(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := open(b)
			testkit.Findings(b, testkit.Machine(), s, 100_000)
			for _, c := range questions {
				b.Run(c.name, func(b *testing.B) {
					var times []time.Duration
					for b.Loop() {
						start := time.Now()
						ask(b, s, c.q)
						times = append(times, time.Since(start))
					}
					slices.Sort(times)
					b.ReportMetric(float64(times[len(times)*95/100].Microseconds())/1000, "p95-ms")
				})
			}
		})
	}
}

package store_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// fill writes n findings on 40 assets, as many scans would have.
func fill(t testing.TB, s *store.Store, n int) {
	t.Helper()
	severities := []isms.Severity{"critical", "high", "medium", "low"}
	states := []isms.FindingState{"open", "open", "open", "resolved", "accepted", "false_positive"}
	const assets, weaknesses, atOnce = 40, 2000, 5000
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	must(s.Update(testkit.Machine(), func(tx *store.Tx) error {
		for i := range assets {
			must(tx.Insert(isms.Assets, &isms.Asset{Base: base("a", i, "Server "), Type: "host", Nature: "tangible", Lifecycle: "operating"}))
		}
		for i := range weaknesses {
			must(tx.Insert(isms.Vulnerabilities, &isms.Vulnerability{Base: base("v", i, "Weakness "), Type: "advisory"}))
		}
		return nil
	}))
	for from := 0; from < n; from += atOnce {
		must(s.Update(testkit.Machine(), func(tx *store.Tx) error {
			for i := from; i < min(n, from+atOnce); i++ {
				first := testkit.Start.Add(-time.Duration(i%400) * 24 * time.Hour)
				f := &isms.Finding{Base: base("f", i, fmt.Sprintf("CVE-2026-%05d in package-%d number ", i%weaknesses, i%700)),
					AssetID: fmt.Sprintf("a%06d", i%assets), VulnerabilityID: fmt.Sprintf("v%06d", i%weaknesses), Severity: severities[(i*7)%4],
					Status: states[(i*11)%6], FirstSeen: first, LastSeen: testkit.Start, Engine: "vulnmatch", Check: fmt.Sprintf("CVE-2026-%05d", i%weaknesses),
					Subject: fmt.Sprintf("package-%d", i%700), Fix: fmt.Sprintf("Upgrade package-%d", i%700), Kind: "advisory",
					Detail: "1.2.3-1 is older than 1.2.4-1", EPSS: float64(i%100) / 100, Score: float64(i%100) / 10, Exploited: i%50 == 0}
				f.Due = isms.DueDate(first, f.Severity, f.Exploited)
				must(tx.Insert(isms.Findings, f))
			}
			return nil
		}))
	}
	must(s.Analyse(testkit.Machine()))
}

func base(prefix string, i int, title string) kind.Base {
	id := fmt.Sprintf("%s%06d", prefix, i)
	return kind.Base{ID: id, Key: id, Title: fmt.Sprintf("%s%d", title, i), Version: 1, CreatedAt: testkit.Start, UpdatedAt: testkit.Start}
}

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
			fill(b, s, 100_000)
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

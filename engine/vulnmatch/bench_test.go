package vulnmatch

import (
	"context"
	"fmt"
	"testing"

	"holdfast/engine"
	"holdfast/feed"
)

// installedFrom makes an inventory of n packages that the index knows, each just
// below the oldest fix or at 0.0.1.
func installedFrom(tb testing.TB, index *feed.Index, n int) []engine.Package {
	tb.Helper()
	known := names(tb, index)
	out := make([]engine.Package, 0, n)
	for i := 0; len(out) < n; i++ {
		k := known[i*len(known)/n%len(known)]
		out = append(out, engine.Package{
			Name: k[1], Ecosystem: k[0], Version: oldest(index, k, comparers[feed.Base(k[0])]), Path: fmt.Sprint("p", i),
		})
	}
	return out
}

// BenchmarkObserve5000 runs the engine over 5 000 packages that are all outdated,
// with the largest public corpora.
func BenchmarkObserve5000(b *testing.B) {
	index := loadCorpus(b, "osv/almalinux8.zip", "osv/bitnami_part1.zip", "osv/go-vulndb_GO-2020..2024.zip", "osv/rustsec_2016..2023.zip", "osv/pypa_a-m.zip")
	packages := installedFrom(b, index, 5000)
	e := New(index)
	b.ReportAllocs()
	found := 0
	for b.Loop() {
		o, err := e.Observe(context.Background(), &engine.Target{Inventory: &engine.Inventory{Packages: packages}})
		if err != nil {
			b.Fatal(err)
		}
		found = len(o)
	}
	b.ReportMetric(float64(found), "observations")
	b.ReportMetric(float64(index.Stats().Advisories), "advisories")
}

// statements is the plain form of an index: everything in one list.
type statements []struct {
	ecosystem, name string
	ranges          []feed.Range
}

func listAll(tb testing.TB, index *feed.Index) statements {
	tb.Helper()
	var out statements
	for _, n := range names(tb, index) {
		for a := range index.Affected(n[0], n[1]) {
			ranges := make([]feed.Range, len(a.Ranges))
			for i, r := range a.Ranges {
				ranges[i] = feed.Range{SemVer: r.SemVer, Events: append([]feed.Event(nil), r.Events...)}
			}
			out = append(out, struct {
				ecosystem, name string
				ranges          []feed.Range
			}{n[0], n[1], ranges})
		}
	}
	return out
}

// BenchmarkLookup compares the index with a scan of all statements, for the same
// packages with the same comparison of versions. The ratio of the two is the
// figure; both count the same matches.
func BenchmarkLookup(b *testing.B) {
	index := loadCorpus(b, "osv/almalinux8.zip", "osv/bitnami_part1.zip", "osv/go-vulndb_GO-2020..2024.zip")
	packages := installedFrom(b, index, 200)
	all := listAll(b, index)
	byScan, byIndex := 0, 0
	b.Run("scan", func(b *testing.B) {
		for b.Loop() {
			byScan = 0
			for _, p := range packages {
				compare := comparers[feed.Base(p.Ecosystem)]
				for _, s := range all {
					if s.ecosystem == p.Ecosystem && s.name == p.Name && anyRange(s.ranges, p.Version, compare) {
						byScan++
					}
				}
			}
		}
	})
	b.Run("index", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			byIndex = 0
			for _, p := range packages {
				compare := comparers[feed.Base(p.Ecosystem)]
				for a := range index.Affected(p.Ecosystem, p.Name) {
					if anyRange(a.Ranges, p.Version, compare) {
						byIndex++
					}
				}
			}
		}
	})
	if byScan != byIndex && byScan > 0 && byIndex > 0 {
		b.Errorf("the scan finds %d, the index %d", byScan, byIndex)
	}
}

func anyRange(ranges []feed.Range, version string, compare comparer) bool {
	for _, r := range ranges {
		if inRange(r.Events, version, compare) {
			return true
		}
	}
	return false
}

// BenchmarkIndexSize shows how the cost of one look-up grows with the index: by
// the logarithm, so that a hundred times the records cost less than twice.
func BenchmarkIndexSize(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		files := make([]string, 0, 2)
		list := make([]byte, 0, n*200)
		for i := range n {
			sep := ","
			if i == 0 {
				sep = "["
			}
			list = append(list, sep+osv(fmt.Sprintf("X-%d", i), "npm", fmt.Sprintf("package-%d", i), until("2.0.0"), "")...)
		}
		files = append(files, "a.json", string(append(list, ']')))
		index := load(b, files...)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			i := 0
			for b.Loop() {
				i = (i*7919 + 1) % n
				for a := range index.Affected("npm", fmt.Sprintf("package-%d", i)) {
					if !inRange(a.Ranges[0].Events, "1.0.0", compareSemVer) {
						b.Fatal("must be affected")
					}
				}
			}
		})
	}
}

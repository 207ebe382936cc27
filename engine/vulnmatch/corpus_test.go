package vulnmatch

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/engine"
	"holdfast/feed"
)

// corpora are the public collections of real records, with the least number of
// fixed versions each must bring to the test.
var corpora = map[string]int{
	"osv/almalinux8.zip":              20000,
	"osv/bitnami_part1.zip":           5000,
	"osv/go-vulndb_GO-2020..2024.zip": 1500,
	"osv/rustsec_2016..2023.zip":      400,
	"osv/pypa_a-m.zip":                900,
	"osv/vunnel_rocky-osv.zip":        5,
	"osv/vunnel_ubuntu-osv.zip":       3,
	"distro/alpine-secdb_v3.10.zip":   1500,
	"distro/debian_tracker_parts.zip": 4,
}

// loadCorpus indexes one member of the public data.
func loadCorpus(tb testing.TB, members ...string) *feed.Index {
	tb.Helper()
	z := openData(tb)
	dir := tb.TempDir()
	for _, f := range z.File {
		for _, m := range members {
			if f.Name == m {
				if err := os.WriteFile(filepath.Join(dir, filepath.Base(m)), readZipFile(tb, f), 0o600); err != nil {
					tb.Fatal(err)
				}
			}
		}
	}
	index, err := feed.Load(context.Background(), dir, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return index
}

// names lists the packages of an index, as the engine would look them up.
func names(tb testing.TB, index *feed.Index) [][2]string {
	tb.Helper()
	var out [][2]string
	for ecosystem, name := range index.Packages() {
		out = append(out, [2]string{ecosystem, name})
	}
	return out
}

// below makes a version just older than the fix; "" where there is no sure one.
func below(ecosystem, fixed string) string {
	switch distributionOf(ecosystem) {
	case dpkg, rpm:
		return fixed + "~"
	case apk:
		if head, _, ok := strings.Cut(fixed, "-r"); ok && !strings.Contains(head, "_") {
			return head + "_alpha"
		}
		return ""
	}
	switch base := feed.Base(ecosystem); base {
	case "PyPI":
		if v, ok := parsePEP440(fixed); ok && !v.dev && v.local == "" {
			return fixed + ".dev0"
		}
	case "Go", "npm", "crates.io", "Bitnami", "Kubernetes":
		v := parseSemVer(fixed)
		switch {
		case v.pre == "" && base == "Bitnami":
			return v.core + "-a"
		case v.pre == "":
			return v.core + "-0"
		}
	}
	return ""
}

func TestNoRealFixedVersionIsAffectedAndTheOneBelowIs(t *testing.T) {
	for member, least := range corpora {
		t.Run(member, func(t *testing.T) {
			index := loadCorpus(t, member)
			checked, lower := 0, 0
			for _, n := range names(t, index) {
				compare := comparers[feed.Base(n[0])]
				if compare == nil {
					t.Fatalf("the versions of %s cannot be ordered", n[0])
				}
				for a := range index.Affected(n[0], n[1]) {
					for _, r := range a.Ranges {
						c, l := checkRange(t, n[0], n[1], r, compare)
						checked, lower = checked+c, lower+l
					}
				}
			}
			if checked < least || lower < checked/2 {
				t.Errorf("%d fixed versions and %d below were checked, expected at least %d", checked, lower, least)
			}
		})
	}
}

// checkRange checks each fixed version of a range, but for those at which the same
// range begins again.
func checkRange(t *testing.T, ecosystem, name string, r feed.Range, compare comparer) (checked, lower int) {
	from := ""
	for _, e := range r.Events {
		if e.Kind == feed.Introduced {
			from = e.Version
		}
		if e.Kind != feed.Fixed || from == "" || e.Version == "0" {
			continue
		}
		if from != "0" && compare(from, e.Version) >= 0 {
			continue
		}
		checked++
		if inRange(r.Events, e.Version, compare) && !beginsAgain(r.Events, e.Version, compare) {
			t.Errorf("%s %s: the fixed version %s is affected by %v", ecosystem, name, e.Version, r.Events)
		}
		b := below(ecosystem, e.Version)
		if b == "" || (from != "0" && compare(b, from) < 0) {
			continue
		}
		lower++
		if !inRange(r.Events, b, compare) {
			t.Errorf("%s %s: %s, just below the fix %s, is not affected by %v", ecosystem, name, b, e.Version, r.Events)
		}
	}
	return checked, lower
}

func TestEveryRealFixIsNewerThanWhatIsInstalledAndEndsTheObservation(t *testing.T) {
	for member, least := range corpora {
		t.Run(member, func(t *testing.T) {
			index := loadCorpus(t, member)
			found := 0
			for i, n := range names(t, index) {
				if i%7 != 0 { // a seventh of the packages keeps the test short
					continue
				}
				compare := comparers[feed.Base(n[0])]
				m := newMatcher(index, n[0])
				p := &engine.Package{Name: n[1], Version: oldest(index, n, compare), Ecosystem: n[0]}
				m.judge(p)
				for record, h := range m.hits {
					if h.fix == "" {
						continue
					}
					found++
					if compare(h.fix, p.Version) <= 0 {
						t.Fatalf("%s %s %s: %s is fixed in %s, which is not newer", n[0], n[1], p.Version, h.facts.ID, h.fix)
					}
					again := newMatcher(index, n[0])
					again.judge(&engine.Package{Name: n[1], Version: h.fix, Ecosystem: n[0]})
					if again.hits[record] != nil {
						t.Fatalf("%s %s: %s is still true of %s, its own fix", n[0], n[1], h.facts.ID, h.fix)
					}
				}
			}
			if found == 0 && least > 100 {
				t.Error("nothing was found in old packages")
			}
		})
	}
}

// beginsAgain reports whether some part of the range starts at or before a version
// and ends behind it.
func beginsAgain(events []feed.Event, version string, compare comparer) bool {
	start := ""
	for _, e := range events {
		switch {
		case e.Kind == feed.Introduced:
			start = e.Version
		case compare(start, version) <= 0 && compare(version, e.Version) < 0:
			return true
		}
	}
	return false
}

// oldest is a version just below the oldest fix of a package.
func oldest(index *feed.Index, n [2]string, compare comparer) string {
	version := ""
	for a := range index.Affected(n[0], n[1]) {
		for _, r := range a.Ranges {
			for _, e := range r.Events {
				if b := below(n[0], e.Version); e.Kind == feed.Fixed && b != "" && (version == "" || compare(b, version) < 0) {
					version = b
				}
			}
		}
	}
	if version == "" {
		return "0.0.1"
	}
	return version
}

// lockReport is the part of a report of another scanner that is compared.
type lockReport struct {
	Results []struct {
		Type            string
		Vulnerabilities []struct{ VulnerabilityID, PkgName, InstalledVersion, FixedVersion string }
	}
}

// The advisories of these reports are not in the OSV corpora as a whole, but a
// CVE of the Go database that both know must have the same verdict.
func TestGoVerdictsAgreeWithAnotherScanner(t *testing.T) {
	inner := nestedZip(t, "matching/trivy_lockfiles_part1.zip")
	index := loadCorpus(t, "osv/go-vulndb_GO-2020..2024.zip")
	compared := 0
	for _, f := range inner.File {
		if !strings.HasPrefix(filepath.Base(f.Name), "gomod") || !strings.HasSuffix(f.Name, ".golden") {
			continue
		}
		var report lockReport
		if err := json.Unmarshal(readZipFile(t, f), &report); err != nil {
			t.Fatal(err)
		}
		for _, r := range report.Results {
			for _, w := range r.Vulnerabilities {
				known, err := index.Find(w.VulnerabilityID)
				if err != nil || len(known) == 0 {
					continue
				}
				compared++
				found := observe(t, index, engine.Package{Name: w.PkgName, Version: w.InstalledVersion, Ecosystem: "Go"})
				if !strings.Contains(strings.Join(keys(found), " "), w.VulnerabilityID) {
					t.Errorf("%s %s: %s was not found", w.PkgName, w.InstalledVersion, w.VulnerabilityID)
				}
			}
		}
	}
	if compared == 0 {
		t.Error("nothing was compared")
	}
}

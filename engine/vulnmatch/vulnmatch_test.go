package vulnmatch

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine"
	"holdfast/feed"
)

// load makes an index of files, given as name and content by turns.
func load(tb testing.TB, files ...string) *feed.Index {
	tb.Helper()
	dir := tb.TempDir()
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, files[i]), []byte(files[i+1]), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
	index, err := feed.Load(context.Background(), dir, nil)
	if err != nil {
		tb.Fatal(err)
	}
	if p := index.Stats().Problems; len(p) > 0 {
		tb.Fatal(p)
	}
	return index
}

// osv writes a record; more is added to it as it stands.
func osv(id, ecosystem, name, events, more string) string {
	kind := "ECOSYSTEM"
	return fmt.Sprintf(`{"id":%q,"modified":"2024-05-01T00:00:00Z","affected":[{"package":{"ecosystem":%q,"name":%q},
		"ranges":[{"type":%q,"events":[%s]}]}]%s}`, id, ecosystem, name, kind, events, more)
}

// until is the pair of events of most records.
func until(fixed string) string { return fmt.Sprintf(`{"introduced":"0"},{"fixed":%q}`, fixed) }

func observe(tb testing.TB, index *feed.Index, packages ...engine.Package) []engine.Observation {
	tb.Helper()
	found, err := New(index).Observe(context.Background(), &engine.Target{Inventory: &engine.Inventory{Packages: packages}})
	if err != nil {
		tb.Fatal(err)
	}
	return found
}

// keys are the keys of the failed observations.
func keys(found []engine.Observation) []string {
	out := []string{}
	for _, o := range found {
		if o.Outcome == engine.Fail {
			out = append(out, o.Key())
		}
	}
	return out
}

func TestAPackageOneRevisionOlderThanTheFixIsReportedAndTheFixedOneIsNot(t *testing.T) {
	for _, c := range []struct{ ecosystem, name, older, fixed, newer string }{
		{"Debian:12", "openssl", "3.0.11-1~deb12u1", "3.0.11-1~deb12u2", "3.0.13-1"},
		{"Ubuntu:22.04:LTS", "wayland", "1.20.0-1", "1.20.0-1ubuntu0.1", "1.20.0-1ubuntu0.2"},
		{"Alpine:v3.18", "busybox", "1.36.1-r4", "1.36.1-r5", "1.36.1-r10"},
		{"AlmaLinux:8", "openssl", "1:1.1.1k-9.el8_7", "1:1.1.1k-12.el8_9", "1:1.1.1k-12.el8_10"},
		{"Rocky Linux:9", "firefox", "0:102.10.0-1.el9_1", "0:102.11.0-2.el9_2", "0:102.12.0-1.el9_2"},
		{"Red Hat:enterprise_linux:9::baseos", "bash", "5.1.8-5.el9", "5.1.8-6.el9", "5.1.8-6.el9_1"},
		{"openSUSE:Leap 15.5", "zlib", "1.2.13-150500.2.3", "1.2.13-150500.4.3.1", "1.2.13-150500.5"},
		{"Wolfi", "curl", "8.3.0-r1", "8.4.0-r0", "8.4.0-r1"},
		{"npm", "lodash", "4.17.20", "4.17.21", "5.0.0-beta"},
		{"Go", "golang.org/x/net", "v0.16.0", "0.17.0", "v0.17.1-0.20240101000000-abcdefabcdef"},
		{"crates.io", "rocksdb", "0.18.9", "0.19.0", "0.20.0"},
		{"PyPI", "Django", "4.2.0rc1", "4.2", "4.2.post1"},
		{"Maven", "org.apache.logging.log4j:log4j-core", "2.17.0", "2.17.1", "2.17.1-sp"},
		{"NuGet", "Newtonsoft.Json", "13.0.1-beta2", "13.0.1", "13.0.1.1"},
		{"RubyGems", "rack", "2.2.6.3", "2.2.6.4", "3.0.0"},
		{"Packagist", "symfony/http-kernel", "v5.4.19", "5.4.20", "v6.0.0-RC1"},
		{"Bitnami", "apr", "1.7.0-9", "1.7.1", "1.7.1-1"},
		{"Hex", "plug", "1.3.4", "1.3.5", "1.4.0"},
		{"Pub", "http", "0.13.2", "0.13.3", "0.13.3+1"},
		{"Hackage", "aeson", "1.5.6", "2.0.0", "2.0.1"},
		{"CRAN", "readxl", "1.0-0", "1.1-0", "1.2"},
	} {
		index := load(t, "a.json", osv("X-2024-1", c.ecosystem, c.name, until(c.fixed), ""))
		p := engine.Package{Name: c.name, Ecosystem: c.ecosystem}
		for version, want := range map[string][]string{
			c.older: {"vulnmatch/X-2024-1/" + c.name}, c.fixed: {}, c.newer: {},
		} {
			p.Version = version
			found := observe(t, index, p)
			if diff := cmp.Diff(want, keys(found)); diff != "" {
				t.Errorf("%s %s %s (fixed in %s): %s", c.ecosystem, c.name, version, c.fixed, diff)
			}
			if len(want) > 0 && len(found) == 1 && found[0].FixedIn != c.fixed {
				t.Errorf("%s %s: fixed in %q, want %q", c.ecosystem, c.name, found[0].FixedIn, c.fixed)
			}
		}
	}
}

func TestEveryFormOfRangeIsEvaluatedAsTheSchemaSays(t *testing.T) {
	for _, c := range []struct {
		name, affected string
		in, out        []string
	}{
		{"introduced zero is before every version", `"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.0.0"}]}]`,
			[]string{"0.0.0-0", "0.9.0"}, []string{"1.0.0"}},
		{"no fix", `"ranges":[{"type":"SEMVER","events":[{"introduced":"1.0.0"}]}]`, []string{"1.0.0", "99.0.0"}, []string{"0.9.0"}},
		{"the last affected version is affected", `"ranges":[{"type":"SEMVER","events":[{"introduced":"1.0.0"},{"last_affected":"1.5.0"}]}]`,
			[]string{"1.0.0", "1.5.0"}, []string{"1.5.1", "0.9.0"}},
		{"only one version", `"ranges":[{"type":"SEMVER","events":[{"introduced":"1.0.0"},{"last_affected":"1.0.0"}]}]`,
			[]string{"1.0.0"}, []string{"1.0.1", "0.9.9"}},
		{"nothing is said behind a limit", `"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"limit":"2.0.0"}]}]`,
			[]string{"1.0.0"}, []string{"2.0.0", "3.0.0"}},
		{"a limit of all limits nothing", `"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"limit":"*"}]}]`, []string{"9.0.0"}, nil},
		{"branches in one range", `"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.5.0"},{"introduced":"2.0.0"},{"fixed":"2.3.0"}]}]`,
			[]string{"1.4.0", "2.0.0", "2.2.9"}, []string{"1.5.0", "1.9.0", "2.3.0"}},
		{"events in any order", `"ranges":[{"type":"SEMVER","events":[{"fixed":"2.3.0"},{"introduced":"2.0.0"},{"fixed":"1.5.0"},{"introduced":"0"}]}]`,
			[]string{"1.4.0", "2.2.9"}, []string{"1.5.0", "2.3.0"}},
		{"brought back at the version of the fix", `"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.0.0"},{"introduced":"1.0.0"},{"fixed":"1.1.0"}]}]`,
			[]string{"0.9.0", "1.0.0"}, []string{"1.1.0"}},
		{"parts that touch, the later first", `"ranges":[{"type":"SEMVER","events":[{"introduced":"1.3.0"},{"fixed":"1.4.0"},{"introduced":"1.2.0"},{"fixed":"1.3.0"}]}]`,
			[]string{"1.2.0", "1.3.0", "1.3.9"}, []string{"1.1.0", "1.4.0"}},
		{"parts that overlap", `"ranges":[{"type":"SEMVER","events":[{"introduced":"14.0.0"},{"fixed":"14.14.1"},{"introduced":"14.14.0"},{"fixed":"14.20.0"}]}]`,
			[]string{"14.0.0", "14.14.1", "14.19.0"}, []string{"14.20.0"}},
		{"ends before starts", `"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"introduced":"2.0.0"},{"fixed":"1.5.0"},{"last_affected":"2.3.0"}]}]`,
			[]string{"1.4.0", "2.0.0", "2.3.0"}, []string{"1.5.0", "2.3.1"}},
		{"never affected", `"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"0"}]}]`, nil, []string{"0.0.1", "1.0.0"}},
		{"several ranges", `"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.0.0"}]},{"type":"SEMVER","events":[{"introduced":"3.0.0"},{"fixed":"3.1.0"}]}]`,
			[]string{"0.5.0", "3.0.5"}, []string{"1.0.0", "2.0.0", "3.1.0"}},
		{"versions named one by one", `"versions":["1.0.0","1.2.0"]`, []string{"1.0.0", "1.2.0", "v1.2.0"}, []string{"1.1.0"}},
		{"named versions beside a range", `"versions":["5.0.0"],"ranges":[{"type":"SEMVER","events":[{"introduced":"1.0.0"},{"fixed":"1.1.0"}]}]`,
			[]string{"5.0.0", "1.0.5"}, []string{"5.0.1", "1.1.0"}},
		{"commits say nothing of versions", `"versions":["1.0.0"],"ranges":[{"type":"GIT","repo":"https://example.org/r","events":[{"introduced":"0"}]}]`,
			[]string{"1.0.0"}, []string{"1.0.1"}},
	} {
		index := load(t, "a.json", `{"id":"X-1","modified":"2024-05-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"p"},`+c.affected+`}]}`)
		for _, v := range c.in {
			if len(observe(t, index, engine.Package{Name: "p", Version: v, Ecosystem: "npm"})) != 1 {
				t.Errorf("%s: %s must be affected", c.name, v)
			}
		}
		for _, v := range c.out {
			if len(observe(t, index, engine.Package{Name: "p", Version: v, Ecosystem: "npm"})) != 0 {
				t.Errorf("%s: %s must not be affected", c.name, v)
			}
		}
	}
}

func TestTheFixIsTheOneOfTheInstalledBranch(t *testing.T) {
	index := load(t, "a.json", osv("X-1", "npm", "p",
		`{"introduced":"0"},{"fixed":"1.5.0"},{"introduced":"2.0.0"},{"fixed":"2.3.0"},{"introduced":"3.0.0"}`, ""))
	for version, want := range map[string]string{"1.1.0": "1.5.0", "2.1.0": "2.3.0", "3.1.0": ""} {
		found := observe(t, index, engine.Package{Name: "p", Version: version, Ecosystem: "npm"})
		if len(found) != 1 || found[0].FixedIn != want {
			t.Errorf("%s: %+v, want the fix %q", version, found, want)
		}
	}
}

func TestAFixThatIsAffectedAgainIsNotOffered(t *testing.T) {
	index := load(t, "a.json", `{"id":"X-1","modified":"2024-05-01T00:00:00Z","affected":[{"package":{"ecosystem":"npm","name":"p"},"ranges":[
		{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.5.0"}]},{"type":"SEMVER","events":[{"introduced":"1.4.0"},{"fixed":"1.6.0"}]}]}]}`)
	if got := observe(t, index, engine.Package{Name: "p", Version: "1.0.0", Ecosystem: "npm"})[0].FixedIn; got != "1.6.0" {
		t.Errorf("fixed in %s, want 1.6.0", got)
	}
}

func TestTheSameWeaknessFromTwoPublishersIsOneObservation(t *testing.T) {
	index := load(t,
		"ghsa.json", osv("GHSA-aaaa-bbbb-cccc", "PyPI", "jinja2", until("2.11.3"), `,"aliases":["CVE-2020-28493"],"summary":"Slow pattern in a filter",
			"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:L"}],"database_specific":{"cwe_ids":["CWE-400"]},
			"references":[{"type":"WEB","url":"https://example.org/a"}]`),
		"pysec.json", osv("PYSEC-2021-66", "PyPI", "Jinja2", until("2.11.4"), `,"aliases":["CVE-2020-28493","GHSA-aaaa-bbbb-cccc"],"details":"Longer words.",
			"published":"2021-02-01T20:15:00Z"`))
	found := observe(t, index, engine.Package{Name: "Jinja2", Version: "2.10", Ecosystem: "PyPI", Path: "app/requirements.txt"})
	if len(found) != 1 {
		t.Fatalf("%d observations: %v", len(found), keys(found))
	}
	o := found[0]
	if o.Check != "CVE-2020-28493" || o.FixedIn != "2.11.4" || o.Severity != engine.Medium || o.Title != "Slow pattern in a filter" {
		t.Errorf("check %s, fixed in %s, severity %s, title %q", o.Check, o.FixedIn, o.Severity, o.Title)
	}
	a := o.Advisory
	if a.ID != "GHSA-aaaa-bbbb-cccc" || a.Score != 5.3 || a.Details != "Longer words." || a.Published.Year() != 2021 {
		t.Errorf("advisory %+v", a)
	}
	if diff := cmp.Diff([]string{"CVE-2020-28493", "PYSEC-2021-66"}, a.Aliases); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]engine.Seen{{Path: "app/requirements.txt", Value: "Jinja2 2.10"}}, o.Evidence); diff != "" {
		t.Error(diff)
	}
}

func TestAChainOfAliasesIsOneWeakness(t *testing.T) {
	index := load(t, "a.json", "["+
		osv("A-1", "npm", "p", until("2.0.0"), `,"aliases":["B-1"]`)+","+
		osv("C-1", "npm", "p", until("2.0.0"), `,"aliases":["D-1"]`)+","+
		osv("E-1", "npm", "p", until("2.0.0"), `,"aliases":["B-1","D-1"]`)+"]")
	if got := keys(observe(t, index, engine.Package{Name: "p", Version: "1.0.0", Ecosystem: "npm"})); len(got) != 1 {
		t.Errorf("%v, want one", got)
	}
}

func TestSeveralBinariesOfOneSourceAreOneObservation(t *testing.T) {
	index := load(t, "a.json", osv("DEBIAN-CVE-2023-5678", "Debian:12", "openssl", until("3.0.11-1~deb12u2"), `,"upstream":["CVE-2023-5678"]`))
	source := func(name string) engine.Package {
		return engine.Package{Name: name, Version: "3.0.11-1~deb12u1", Source: "openssl", SourceVer: "3.0.11-1~deb12u1", Ecosystem: "Debian:12", Path: "var/lib/dpkg/status"}
	}
	found := observe(t, index, source("openssl"), source("libssl3"))
	if diff := cmp.Diff([]string{"vulnmatch/CVE-2023-5678/openssl"}, keys(found)); diff != "" {
		t.Fatal(diff)
	}
	if want := "openssl 3.0.11-1~deb12u1 < 3.0.11-1~deb12u2 (libssl3, openssl) (no severity published, taken as medium)"; found[0].Detail != want {
		t.Errorf("detail %q\nwant   %q", found[0].Detail, want)
	}
}

func TestAnUpdateOfADistributionIsOneObservationForEachCVE(t *testing.T) {
	index := load(t,
		"a.json", osv("ALSA-2024:1", "AlmaLinux:8", "openssl-libs", until("1:1.1.1k-12.el8_9"), `,"summary":"Important: openssl security update","related":["CVE-2023-3446","CVE-2023-3817"]`),
		"b.json", osv("ALBA-2024:2", "AlmaLinux:8", "openssl-libs", until("1:1.1.1k-14.el8_9"), `,"summary":"openssl bug fix update"`),
		"kev.json", `{"catalogVersion":"2024.01.01","vulnerabilities":[{"cveID":"CVE-2023-3817","dateAdded":"2024-01-01","dueDate":"2024-01-22"}]}`,
		"epss.csv", "#model_version:v1,score_date:2024-01-01\ncve,epss,percentile\nCVE-2023-3446,0.00383,0.73075\n")
	found := observe(t, index, engine.Package{Name: "openssl-libs", Version: "1:1.1.1k-9.el8_7", Source: "openssl", SourceVer: "1:1.1.1k-9.el8_7", Ecosystem: "AlmaLinux:8"})
	if diff := cmp.Diff([]string{"vulnmatch/CVE-2023-3446/openssl", "vulnmatch/CVE-2023-3817/openssl"}, keys(found)); diff != "" {
		t.Fatal(diff)
	}
	if found[0].Severity != engine.High || found[0].Advisory.EPSS != 0.00383 || found[0].Advisory.KEV {
		t.Errorf("first: %+v", found[0].Advisory)
	}
	if !found[1].Advisory.KEV || found[1].Advisory.KEVDue != "2024-01-22" || found[1].Advisory.EPSS != 0 {
		t.Errorf("second: %+v", found[1].Advisory)
	}
	if found[0].Title != "Known vulnerability in openssl, repaired by ALSA-2024:1" {
		t.Errorf("title %q", found[0].Title)
	}
}

func TestARelatedWeaknessOfALibraryIsNotTakenForItself(t *testing.T) {
	index := load(t, "a.json", osv("GO-2024-1", "Go", "example.org/m", until("2.0.0"), `,"related":["CVE-2024-7"]`))
	found := observe(t, index, engine.Package{Name: "example.org/m", Version: "v1.0.0", Ecosystem: "Go"})
	if diff := cmp.Diff([]string{"vulnmatch/GO-2024-1/example.org/m"}, keys(found)); diff != "" {
		t.Error(diff)
	}
}

func TestAModularPackageIsNotJudgedByAnotherStream(t *testing.T) {
	index := load(t,
		"16.json", osv("ALSA-2024:16", "AlmaLinux:8", "nodejs", until("1:16.20.2-4.module_el8.9.0+3747+ead8229c"), `,"summary":"Important: nodejs:16 security update","related":["CVE-2024-16"]`),
		"18.json", osv("ALSA-2024:18", "AlmaLinux:8", "nodejs", until("1:18.20.2-1.module_el8.9.0+3828+c9fa9644"), `,"summary":"Important: nodejs:18 security update","related":["CVE-2024-18"]`),
		"plain.json", osv("ALSA-2024:99", "AlmaLinux:8", "nodejs", until("1:20.0.0-1.el8"), `,"summary":"Important: nodejs security update","related":["CVE-2024-99"]`))
	for _, c := range []struct {
		name, version, label string
		want                 []string
	}{
		{"by its label", "1:16.20.2-3.module_el8.8.0+3653+c77a731f", "nodejs:16:8080020231101:c5e3", []string{"vulnmatch/CVE-2024-16/nodejs"}},
		{"fixed in its stream", "1:16.20.2-4.module_el8.9.0+3747+ead8229c", "nodejs:16:8090020240101:c5e3", []string{}},
		{"without a label, by a known build", "1:16.20.2-4.module_el8.9.0+3747+ead8229c", "", []string{}},
		{"no module at all", "1:10.0.0-1.el8", "", []string{"vulnmatch/CVE-2024-99/nodejs"}},
	} {
		found := observe(t, index, engine.Package{Name: "nodejs", Version: c.version, Module: c.label, Ecosystem: "AlmaLinux:8"})
		if diff := cmp.Diff(c.want, keys(found)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
	}
}

func TestABuildThatAnUpdateNamesAsFixedIsNotReportedForAnotherBuild(t *testing.T) {
	index := load(t, "a.json", `{"id":"ALSA-2021:1","modified":"2024-05-01T00:00:00Z","related":["CVE-2021-1"],"affected":[
		{"package":{"ecosystem":"AlmaLinux:8","name":"p"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.0-2.el8_3"}]}]},
		{"package":{"ecosystem":"AlmaLinux:8","name":"p"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.0-2.el8_5"}]}]}]}`)
	for version, want := range map[string]int{"1.0-1.el8_5": 1, "1.0-2.el8_3": 0, "1.0-2.el8_5": 0} {
		if got := len(observe(t, index, engine.Package{Name: "p", Version: version, Ecosystem: "AlmaLinux:8"})); got != want {
			t.Errorf("%s: %d observations, want %d", version, got, want)
		}
	}
}

func TestUbuntuProAdvisoriesCountWhereTheArchiveHasNoFix(t *testing.T) {
	index := load(t,
		"only-pro.json", osv("UBUNTU-CVE-2024-1", "Ubuntu:Pro:16.04:LTS", "p", until("1.0-1ubuntu1+esm1"), ""),
		"both.json", `{"id":"UBUNTU-CVE-2024-2","modified":"2024-05-01T00:00:00Z","affected":[
			{"package":{"ecosystem":"Ubuntu:16.04:LTS","name":"p"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]},
			{"package":{"ecosystem":"Ubuntu:Pro:16.04:LTS","name":"p"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"1.0-1ubuntu1+esm2"}]}]}]}`)
	for version, want := range map[string][]string{
		"1.0-1ubuntu1":      {"vulnmatch/CVE-2024-1/p", "vulnmatch/CVE-2024-2/p"},
		"1.0-1ubuntu1+esm1": {"vulnmatch/CVE-2024-2/p"},
		"1.0-1ubuntu1+esm2": {},
	} {
		if diff := cmp.Diff(want, keys(observe(t, index, engine.Package{Name: "p", Version: version, Ecosystem: "Ubuntu:16.04"}))); diff != "" {
			t.Errorf("%s: %s", version, diff)
		}
	}
}

func TestAKeyDoesNotChangeWithTheVersion(t *testing.T) {
	index := load(t, "a.json", osv("X-1", "npm", "p", until("2.0.0"), ""))
	before := keys(observe(t, index, engine.Package{Name: "p", Version: "1.0.0", Ecosystem: "npm", Path: "a/package-lock.json"}))
	after := keys(observe(t, index, engine.Package{Name: "p", Version: "1.1.0", Ecosystem: "npm", Path: "a/package-lock.json"}))
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
}

func TestCopiesOfOneLibraryHaveDifferentSubjects(t *testing.T) {
	index := load(t, "a.json", "["+osv("X-1", "npm", "p", until("2.0.0"), "")+","+osv("X-2", "PyPI", "p", until("2.0.0"), "")+"]")
	npm := func(path, version string) engine.Package {
		return engine.Package{Name: "p", Version: version, Ecosystem: "npm", Path: path}
	}
	python := engine.Package{Name: "p", Version: "1.0", Ecosystem: "PyPI", Path: "a/lock"}
	for _, c := range []struct {
		name     string
		packages []engine.Package
		want     []string
	}{
		{"alone", []engine.Package{npm("a/lock", "1.0.0")}, []string{"vulnmatch/X-1/p"}},
		{"two places", []engine.Package{npm("a/lock", "1.0.0"), npm("b/lock", "1.0.0")}, []string{"vulnmatch/X-1/p@a/lock", "vulnmatch/X-1/p@b/lock"}},
		{"one place, two versions", []engine.Package{npm("a/lock", "1.0.0"), npm("a/lock", "1.5.0")}, []string{"vulnmatch/X-1/p"}},
		{"one place, two ecosystems", []engine.Package{npm("a/lock", "1.0.0"), python}, []string{"vulnmatch/X-2/p@a/lock:PyPI", "vulnmatch/X-1/p@a/lock:npm"}},
	} {
		found := observe(t, index, c.packages...)
		if diff := cmp.Diff(c.want, keys(found)); diff != "" {
			t.Errorf("%s: %s", c.name, diff)
		}
		if c.name == "one place, two versions" && !strings.HasPrefix(found[0].Detail, "p 1.0.0 < 2.0.0; p 1.5.0 < 2.0.0") {
			t.Errorf("detail %q", found[0].Detail)
		}
	}
}

func TestPackagesThatCannotBeJudgedAreToldOncePerEcosystem(t *testing.T) {
	index := load(t, "a.json", osv("X-1", "Debian:12", "p", until("2.0"), ""))
	found := observe(t, index,
		engine.Package{Name: "a", Version: "1", Ecosystem: "Debian:11"}, engine.Package{Name: "b", Version: "1", Ecosystem: "Debian:11"},
		engine.Package{Name: "c", Version: "1", Ecosystem: "Plan 9"}, engine.Package{Name: "p", Version: "", Ecosystem: "Debian:12"})
	var got []string
	for _, o := range found {
		got = append(got, string(o.Outcome)+" "+o.Subject+": "+o.Detail)
	}
	want := []string{
		"unknown Debian:11: no advisories for Debian:11 loaded: 2 packages not judged",
		"unknown Debian:12: 1 package of Debian:12 without a version not judged",
		"unknown Plan 9: the versions of Plan 9 cannot be ordered: 1 package not judged",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWithoutAdvisoriesTheRunFailsSoThatNothingResolves(t *testing.T) {
	only := load(t, "epss.csv", "cve,epss,percentile\nCVE-2023-3446,0.1,0.2\n")
	for _, index := range []*feed.Index{nil, only} {
		_, err := New(index).Observe(context.Background(), &engine.Target{Inventory: &engine.Inventory{}})
		if !errors.Is(err, ErrNoAdvisories) {
			t.Errorf("got %v", err)
		}
	}
	index := load(t, "a.json", osv("X-1", "npm", "p", until("2.0.0"), ""))
	if _, err := New(index).Observe(context.Background(), &engine.Target{}); !errors.Is(err, ErrNoInventory) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := New(index).Observe(ctx, &engine.Target{Inventory: &engine.Inventory{Packages: []engine.Package{{Name: "p"}}}}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestAWithdrawnAdvisoryNeverMatches(t *testing.T) {
	old := osv("X-1", "npm", "p", until("2.0.0"), "")
	taken := osv("X-1", "npm", "p", until("2.0.0"), `,"withdrawn":"2024-06-01T00:00:00Z"`)
	keep := osv("X-2", "npm", "q", until("2.0.0"), "")
	index := load(t, "a.json", old, "b.json", taken, "c.json", keep)
	if got := keys(observe(t, index, engine.Package{Name: "p", Version: "1.0.0", Ecosystem: "npm"})); len(got) != 0 {
		t.Errorf("%v", got)
	}
}

func TestObservationsDoNotDependOnTheOrderOfTheInventory(t *testing.T) {
	index := load(t, "a.json", "["+osv("X-1", "npm", "p", until("2.0.0"), "")+","+osv("X-2", "npm", "q", until("2.0.0"), "")+"]")
	p := engine.Package{Name: "p", Version: "1.0.0", Ecosystem: "npm"}
	q := engine.Package{Name: "q", Version: "1.0.0", Ecosystem: "npm"}
	if diff := cmp.Diff(observe(t, index, p, q), observe(t, index, q, p)); diff != "" {
		t.Error(diff)
	}
}

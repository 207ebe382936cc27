package feed

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// record1 writes a record with one package; more is added to it as it stands.
func record1(id, ecosystem, name, fixed, more string) string {
	return fmt.Sprintf(`{"id":%q,"modified":"2024-05-01T00:00:00Z","affected":[{"package":{"ecosystem":%q,"name":%q},
		"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":%q}]}]}]%s}`, id, ecosystem, name, fixed, more)
}

// zipOf packs names and contents given by turns.
func zipOf(tb testing.TB, files ...string) string {
	tb.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		w, err := z.Create(files[i])
		if err == nil {
			_, err = w.Write([]byte(files[i+1]))
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func gzipOf(tb testing.TB, content string) string {
	tb.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(content)); err != nil {
		tb.Fatal(err)
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

func write(tb testing.TB, name, content string) {
	tb.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
		tb.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		tb.Fatal(err)
	}
}

// loadFiles loads a folder with names and contents given by turns.
func loadFiles(tb testing.TB, files ...string) *Index {
	tb.Helper()
	x, err := tryFiles(tb, files...)
	if err != nil {
		tb.Fatal(err)
	}
	return x
}

func tryFiles(tb testing.TB, files ...string) (*Index, error) {
	tb.Helper()
	dir := tb.TempDir()
	for i := 0; i < len(files); i += 2 {
		write(tb, filepath.Join(dir, files[i]), files[i+1])
	}
	return Load(context.Background(), dir, nil)
}

// ids are the advisories about a package, with the versions at which each starts
// and stops.
func ids(x *Index, ecosystem, name string) []string {
	out := []string{}
	for a := range x.Affected(ecosystem, name) {
		line := x.Facts(a).ID
		for _, r := range a.Ranges {
			for _, e := range r.Events {
				line += " " + eventKeys[e.Kind] + "=" + e.Version
			}
		}
		for v := range a.Versions() {
			line += " " + v
		}
		out = append(out, line)
	}
	return out
}

func TestAdvisoriesAreFoundWhateverTheyArePackedIn(t *testing.T) {
	one := record1("X-1", "npm", "p", "1.0.0", "")
	yaml := "id: X-1\nmodified: 2024-05-01T00:00:00Z\naffected:\n- package: {ecosystem: npm, name: p}\n  ranges:\n  - type: ECOSYSTEM\n    events:\n    - introduced: \"0\"\n    - fixed: 1.0.0\n"
	for name, content := range map[string]string{
		"a.json":            one,
		"deep/folder/a.yml": yaml,
		"list.json":         "[" + one + "]",
		"api.json":          `{"vulns":[` + one + `]}`,
		"a.json.gz":         gzipOf(t, one),
		"a.zip":             zipOf(t, "x/a.json", one),
		"nested.zip":        zipOf(t, "inner.zip", zipOf(t, "a.yaml", yaml)),
		"packed.zip":        zipOf(t, "a.json.gz", gzipOf(t, one)),
		"zipped.zip.gz":     gzipOf(t, zipOf(t, "a.json", one)),
	} {
		x := loadFiles(t, name, content)
		if diff := cmp.Diff([]string{"X-1 introduced=0 fixed=1.0.0"}, ids(x, "npm", "p")); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestYAMLVersionsKeepTheirDigits(t *testing.T) {
	x := loadFiles(t, "a.yaml", "id: X-1\nmodified: 2024-05-01T00:00:00Z\naffected:\n- package: {ecosystem: PyPI, name: p}\n  versions: [1.10, 1.0, 0x10, 2020-01-01, yes, 1e3, 'a\"b']\n")
	if diff := cmp.Diff([]string{`X-1 1.10 1.0 0x10 2020-01-01 yes 1e3 a"b`}, ids(x, "PyPI", "p")); diff != "" {
		t.Error(diff)
	}
}

func TestPackageNamesAndReleasesAreFoundInEverySpelling(t *testing.T) {
	for _, c := range []struct{ filedEcosystem, filedName, ecosystem, name string }{
		{"Debian:12", "p", "Debian:12.5", "p"}, {"Debian:12", "p", "Debian:bookworm", "p"}, {"Alpine:v3.18", "p", "Alpine:3.18.4", "p"},
		{"Alpine:v3.18", "p", "Alpine:v3.18", "p"}, {"Ubuntu:22.04:LTS", "p", "Ubuntu:22.04", "p"}, {"Ubuntu:23.10", "p", "Ubuntu:23.10", "p"},
		{"Ubuntu:Pro:16.04:LTS", "p", "Ubuntu:Pro:16.04", "p"}, {"AlmaLinux:8", "p", "AlmaLinux:8.9", "p"}, {"Rocky Linux:9", "p", "Rocky Linux:9.2", "p"},
		{"Red Hat:enterprise_linux:8::appstream", "p", "Red Hat:8.6", "p"}, {"Red Hat:rhel_eus:8.6::baseos", "p", "Red Hat:rhel_eus:8.6", "p"},
		{"PyPI", "Zope.Interface", "PyPI", "zope_interface"}, {"NuGet", "Newtonsoft.Json", "NuGet", "newtonsoft.json"}, {"Alpine:edge", "p", "Alpine:edge", "p"},
	} {
		x := loadFiles(t, "a.json", record1("X-1", c.filedEcosystem, c.filedName, "1", ""))
		if len(ids(x, c.ecosystem, c.name)) != 1 || !x.Holds(c.ecosystem) {
			t.Errorf("%s %s is not found as %s %s", c.filedEcosystem, c.filedName, c.ecosystem, c.name)
		}
	}
	x := loadFiles(t, "a.json", record1("X-1", "Debian:12", "p", "1", ""))
	for _, other := range []string{"Debian:11", "Debian:1", "Debian", "Ubuntu:12", ""} {
		if len(ids(x, other, "p")) != 0 || x.Holds(other) {
			t.Errorf("an advisory for Debian:12 must not be found as %q", other)
		}
	}
}

func TestABadRecordIsNamedAndDoesNotStopTheOthers(t *testing.T) {
	good := record1("GOOD", "npm", "p", "1.0.0", "")
	for _, c := range []struct{ name, content, place string }{
		{"no-id.json", `{"modified":"2024-05-01T00:00:00Z","affected":[],"id":""}`, "id: is missing"},
		{"syntax.json", "{\n \"id\": \"X\",\n \"affected\": [}\n", "line 3, column"},
		{"time.json", `{"id":"X-1","modified":"yesterday","affected":[]}`, `X-1: modified: "yesterday" is not a time`},
		{"affected.json", `{"id":"X-1","affected":{}}`, "X-1: affected: is not a list"},
		{"type.json", `{"id":"X-1","affected":[{"package":{"ecosystem":"npm","name":"p"},"ranges":[{"type":"DOTS","events":[]}]}]}`, `X-1: affected[0]: ranges[0].type: "DOTS"`},
		{"start.json", `{"id":"X-1","affected":[{"package":{"ecosystem":"npm","name":"p"},"ranges":[{"type":"SEMVER","events":[{"fixed":"1"}]}]}]}`, "ranges[0].events: none is introduced"},
		{"event.json", `{"id":"X-1","affected":[{"package":{"ecosystem":"npm","name":"p"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"repaired":"1"}]}]}]}`, "ranges[0].events[1]: has none"},
		{"versions.json", `{"id":"X-1","affected":[{"package":{"ecosystem":"npm","name":"p"},"versions":[1.5]}]}`, "versions[0]: is not a string"},
		{"indent.yaml", "id: X\n  affected: [\n", "line"},
		{"anchor.yaml", "id: &a X\nmodified: 2024-05-01\nalias: *a\n", "anchors"},
		{"list.json", "[" + good + `,{"id":"X-9","affected":7}]`, "[1]: X-9: affected: is not a list"},
		{"kev.json", `{"catalogVersion":"1","vulnerabilities":[{"cveID":"nonsense"}]}`, `vulnerabilities[0]: cveID: "nonsense"`},
		{"epss.csv", "cve,epss,percentile\nCVE-2024-1,1.5,0.1\n", "line 2"},
	} {
		x := loadFiles(t, "good.json", good, c.name, c.content)
		s := x.Stats()
		if s.Rejected != 1 || len(s.Problems) != 1 || !strings.Contains(s.Problems[0], c.name) || !strings.Contains(s.Problems[0], c.place) {
			t.Errorf("%s: %d rejected, %q, want the place %q", c.name, s.Rejected, s.Problems, c.place)
		}
		if len(ids(x, "npm", "p")) != 1 {
			t.Errorf("%s: the good record was lost", c.name)
		}
	}
}

func TestADamagedArchiveIsRefusedAsAWhole(t *testing.T) {
	records := make([]string, 0, 200)
	for i := range 100 {
		records = append(records, fmt.Sprintf("%d.json", i), record1(fmt.Sprint("X-", i), "npm", "p", "1.0.0", ""))
	}
	whole := zipOf(t, records...)
	flipped := []byte(whole)
	flipped[len(flipped)/3] ^= 0xff
	for name, content := range map[string]string{
		"cut.zip": whole[:len(whole)/2], "flipped.zip": string(flipped), "text.zip": "no zip at all",
		"cut.json.gz": gzipOf(t, whole)[:100], "empty.json.gz": "", "inner.zip": zipOf(t, "cut.zip", whole[:len(whole)/2]),
	} {
		_, err := tryFiles(t, name, content, "good.json", record1("GOOD", "npm", "p", "1.0.0", ""))
		if !errors.Is(err, ErrArchive) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestABombIsDefusedBeforeItFillsTheMemory(t *testing.T) {
	zeros := strings.Repeat("0", 8<<20)
	nested := zipOf(t, "a.json", record1("X-1", "npm", "p", "1.0.0", ""))
	for range 5 {
		nested = zipOf(t, "a.zip", nested)
	}
	for name, content := range map[string]string{
		"ratio.zip": zipOf(t, "a.json", zeros), "ratio.json.gz": gzipOf(t, zeros), "deep.zip": nested,
	} {
		if _, err := tryFiles(t, name, content); !errors.Is(err, ErrArchive) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	small := limits{member: 1 << 10, total: 2 << 10, entries: 3, ratio: 250, depth: 3}
	one := record1("X-1", "npm", "p", "1.0.0", "")
	for name, content := range map[string]string{
		"member.json": strings.Repeat(" ", 2<<10), "total.zip": zipOf(t, "a.json", one+strings.Repeat(" ", 700), "b.json", one+strings.Repeat(" ", 700), "c.json", one+strings.Repeat(" ", 700)),
		"entries.zip": zipOf(t, "a.json", one, "b.json", one, "c.json", one, "d.json", one),
	} {
		path := filepath.Join(t.TempDir(), name)
		write(t, path, content)
		if err := readSources(context.Background(), []string{path}, &counter{}, small, func(int64) {}); !errors.Is(err, ErrArchive) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestASourceWithoutAnythingIsAnErrorWithTheReason(t *testing.T) {
	for name, content := range map[string]string{"a.txt": "hello", "a.json": `{"some":"thing"}`, "broken.json": "{"} {
		_, err := tryFiles(t, name, content)
		if !errors.Is(err, ErrEmpty) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := Load(context.Background(), filepath.Join(t.TempDir(), "absent.zip"), nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestALinkIsNotFollowed(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret.json")
	write(t, outside, record1("X-1", "npm", "p", "1.0.0", ""))
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.json"), record1("X-2", "npm", "q", "1.0.0", ""))
	if err := os.Symlink(outside, filepath.Join(dir, "b.json")); err != nil {
		t.Skip(err)
	}
	x, err := Load(context.Background(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(ids(x, "npm", "p")) != 0 {
		t.Error("a file outside of the folder was read")
	}
}

func TestACancelledLoadStops(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "a.json"), record1("X-1", "npm", "p", "1.0.0", ""))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Load(ctx, dir, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

func TestProgressEndsAtTheWhole(t *testing.T) {
	dir := t.TempDir()
	for i := range 50 {
		write(t, filepath.Join(dir, fmt.Sprint(i, ".json")), record1(fmt.Sprint("X-", i), "npm", "p", "1.0.0", ""))
	}
	last, total := 0, 0
	if _, err := Load(context.Background(), dir, func(_ string, done, all int) {
		if done < last {
			t.Errorf("progress goes back from %d to %d", last, done)
		}
		last, total = done, all
	}); err != nil {
		t.Fatal(err)
	}
	if last != total || total == 0 {
		t.Errorf("told %d of %d", last, total)
	}
}

func TestTheNewestCopyOfAnAdvisoryCounts(t *testing.T) {
	older := strings.Replace(record1("X-1", "npm", "p", "1.0.0", ""), "2024-05", "2024-04", 1)
	newer := record1("X-1", "npm", "p", "1.0.1", "")
	for _, order := range [][2]string{{older, newer}, {newer, older}} {
		x := loadFiles(t, "a.json", order[0], "b.json", order[1])
		if diff := cmp.Diff([]string{"X-1 introduced=0 fixed=1.0.1"}, ids(x, "npm", "p")); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAWithdrawalIsNotUndoneByAnOldCopy(t *testing.T) {
	x := loadFiles(t, "a.json", record1("X-1", "npm", "p", "1.0.0", ""),
		"b.json", record1("X-1", "npm", "p", "1.0.0", `,"withdrawn":"2024-06-01T00:00:00Z"`), "c.json", record1("X-2", "npm", "p", "2.0.0", ""))
	if diff := cmp.Diff([]string{"X-2 introduced=0 fixed=2.0.0"}, ids(x, "npm", "p")); diff != "" {
		t.Error(diff)
	}
	if s := x.Stats(); s.Withdrawn != 1 || s.Advisories != 1 {
		t.Errorf("%+v", s)
	}
}

func TestUpdatesThatRepairNoVulnerabilityAreLeftOut(t *testing.T) {
	x := loadFiles(t, "a.json", record1("ALBA-2024:1", "AlmaLinux:8", "p", "1", ""), "b.json", record1("ALBA-2024:2", "AlmaLinux:8", "p", "2", `,"related":["CVE-2024-1"]`))
	if diff := cmp.Diff([]string{"ALBA-2024:2 introduced=0 fixed=2"}, ids(x, "AlmaLinux:8", "p")); diff != "" || x.Stats().NotSecurity != 1 {
		t.Error(diff, x.Stats().NotSecurity)
	}
}

func TestSecDBAndTrackerBecomeRecords(t *testing.T) {
	secdb := "distroversion: v3.18\nreponame: main\npackages:\n- pkg:\n    name: busybox\n    secfixes:\n      1.36.1-r5:\n      - CVE-2023-0001 (+)\n      - XSA-12 CVE-2023-0002\n      '0':\n      - CVE-2023-0003\n- pkg:\n    name: none\n    secfixes: []\n"
	tracker := `{"openssl":{"CVE-2023-1":{"description":"Words.","releases":{
		"bookworm":{"status":"resolved","fixed_version":"3.0.11-1","urgency":"low"},
		"bullseye":{"status":"open","urgency":"unimportant"},
		"buster":{"status":"resolved","fixed_version":"0"},
		"stretch":{"status":"undetermined"},
		"sid":{"status":"open"}}}},"zlib":{"TEMP-0000-1":{"releases":{"bookworm":{"status":"open"}}}}}`
	x := loadFiles(t, "main.yaml", secdb, "tracker.json", tracker)
	for place, want := range map[[2]string][]string{
		{"Alpine:v3.18", "busybox"}: {"ALPINE-CVE-2023-0001 introduced=0 fixed=1.36.1-r5", "ALPINE-CVE-2023-0002 introduced=0 fixed=1.36.1-r5"},
		{"Debian:12", "openssl"}:    {"DEBIAN-CVE-2023-1 introduced=0 fixed=3.0.11-1"},
		{"Debian:11", "openssl"}:    {"DEBIAN-CVE-2023-1 introduced=0"},
		{"Debian:10", "openssl"}:    {},
		{"Debian:9", "openssl"}:     {},
		{"Debian:12", "zlib"}:       {"DEBIAN-TEMP-0000-1 introduced=0"},
	} {
		if diff := cmp.Diff(want, ids(x, place[0], place[1])); diff != "" {
			t.Errorf("%v: %s", place, diff)
		}
	}
	for a := range x.Affected("Debian:11", "openssl") {
		if f := x.Facts(a); f.Severity != "none" {
			t.Errorf("urgency unimportant became %q", f.Severity)
		}
	}
}

func TestKEVAndEPSSAreFoundByEveryNameOfAVulnerability(t *testing.T) {
	kev := "cveID,vendorProject,product,dateAdded,dueDate,knownRansomwareCampaignUse\nCVE-2024-1,V,\"P, Q\",2024-01-01,2024-01-22,Known\nCVE-2024-2,V,P,2024-01-01,2024-01-10,Unknown\n"
	epss := "#model_version:v4,score_date:2024-05-01T00:00:00+0000\ncve,epss,percentile\nCVE-2024-1,0.00383,0.73075\nCVE-2024-3,0.94400,0.99990\n"
	x := loadFiles(t, "kev.csv", kev, "epss.csv.gz", gzipOf(t, epss))
	for _, c := range []struct {
		ids  []string
		want Exploitation
	}{
		{[]string{"CVE-2024-1"}, Exploitation{KEV: true, KEVAdded: "2024-01-01", KEVDue: "2024-01-22", Ransomware: true, EPSS: 0.00383, Percentile: 0.73075}},
		{[]string{"DEBIAN-CVE-2024-1"}, Exploitation{KEV: true, KEVAdded: "2024-01-01", KEVDue: "2024-01-22", Ransomware: true, EPSS: 0.00383, Percentile: 0.73075}},
		{[]string{"GHSA-x", "CVE-2024-2", "UBUNTU-CVE-2024-3"}, Exploitation{KEV: true, KEVAdded: "2024-01-01", KEVDue: "2024-01-10", EPSS: 0.944, Percentile: 0.9999}},
		{[]string{"CVE-2024-11", "CVE-2024-0", "CVE-1999-1", "GHSA-CVE", "XCVE-2024-1"}, Exploitation{}},
	} {
		if diff := cmp.Diff(c.want, x.Enrich(c.ids...)); diff != "" {
			t.Errorf("%v: %s", c.ids, diff)
		}
	}
	if s := x.Stats(); s.KEV != 2 || s.EPSS != 2 || s.EPSSDate != "2024-05-01T00:00:00+0000" {
		t.Errorf("%+v", s)
	}
}

func TestTheSeverityIsThatOfTheBestSource(t *testing.T) {
	v31 := `{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}`
	v4 := `{"type":"CVSS_V4","score":"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N"}`
	v2 := `{"type":"CVSS_V2","score":"AV:N/AC:L/Au:N/C:C/I:C/A:C"}`
	for _, c := range []struct {
		more     string
		score    float64
		severity string
	}{
		{`,"severity":[` + v31 + `]`, 9.8, "critical"},
		{`,"severity":[` + v31 + `,` + v4 + `]`, 6.9, "medium"},
		{`,"severity":[` + v2 + `]`, 10, "high"},
		{`,"severity":[{"type":"Ubuntu","score":"negligible"}]`, 0, "low"},
		{`,"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/nonsense"}],"database_specific":{"severity":"MODERATE"}`, 0, "medium"},
		{`,"database_specific":{"severity":"HIGH"}`, 0, "high"},
		{`,"summary":"Critical: p security update"`, 0, "critical"},
		{`,"summary":"A note: not a word of severity"`, 0, ""},
		{``, 0, ""},
	} {
		x := loadFiles(t, "a.json", record1("X-1", "npm", "p", "1.0.0", c.more))
		for a := range x.Affected("npm", "p") {
			if f := x.Facts(a); f.Score != c.score || f.Severity != c.severity {
				t.Errorf("%s: %v %q, want %v %q", c.more, f.Score, f.Severity, c.score, c.severity)
			}
		}
	}
}

func TestAMaliciousPackageIsCritical(t *testing.T) {
	x := loadFiles(t, "a.json", record1("MAL-2024-1", "npm", "p", "9.0.0", ""))
	for a := range x.Affected("npm", "p") {
		if f := x.Facts(a); f.Severity != "critical" {
			t.Errorf("severity %q", f.Severity)
		}
	}
}

func TestTheWholeTextIsReadWhenAskedFor(t *testing.T) {
	long := strings.Repeat("Many words. ", 10_000)
	x := loadFiles(t, "a.json", record1("X-1", "npm", "p", "1.0.0", `,"aliases":["CVE-2024-1"],"summary":"Short","details":"`+long+`","published":"2024-01-02T03:04:05.678Z",
		"database_specific":{"cwe_ids":["CWE-79"]},"references":[{"type":"WEB","url":"https://example.org"}]`), "b.json", record1("X-2", "npm", "p", "1.0.0", ""))
	for _, id := range []string{"X-1", "CVE-2024-1"} {
		found, err := x.Find(id)
		if err != nil || len(found) != 1 {
			t.Fatalf("%s: %d, %v", id, len(found), err)
		}
		a := found[0]
		if a.ID != "X-1" || a.Summary != "Short" || a.Details != long || a.CWEs[0] != "CWE-79" || a.URLs[0] != "https://example.org" ||
			!a.Published.Equal(time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)) {
			t.Errorf("%s: %.200v", id, a)
		}
	}
	if found, err := x.Find("X-"); err != nil || len(found) != 0 {
		t.Errorf("a part of an id must not be found: %v, %v", found, err)
	}
}

func TestANilIndexIsEmpty(t *testing.T) {
	var x *Index
	if len(ids(x, "npm", "p")) != 0 || x.Holds("npm") || x.Stats().Advisories != 0 || x.Enrich("CVE-2024-1").KEV || x.Close() != nil {
		t.Error("a nil index says something")
	}
	if found, err := x.Find("X-1"); found != nil || err != nil {
		t.Error("a nil index finds something")
	}
}

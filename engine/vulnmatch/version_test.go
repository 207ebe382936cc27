package vulnmatch

import (
	"archive/zip"
	"bufio"
	"bytes"
	"io"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/google/osv-scalibr/semantic"
	"pgregory.net/rapid"
)

// One or two lines for each rule that is easy to get wrong; the large public
// tables are read from the data folder by TestPublishedVersionOrderHolds.
var orderings = map[string][]string{
	"Debian": {
		"1.0~rc1 < 1.0", "1.0 < 1.0+b1", "1:0.1 > 9.9", "1.0 = 1.0-0", "1.0 = 0:1.0", "3.0.11-1~deb12u1 < 3.0.11-1~deb12u2",
		"3.0.11-1~deb12u2 < 3.0.11-1", "1.10 > 1.9", "1.0a < 1.0+", "2.36-9+deb12u3 < 2.36-9+deb12u10", "1.2-1-1 > 1.1-9",
	},
	"AlmaLinux": {
		"0:1.0-1.el8 = 1.0-1.el8", "1:1.0-1 > 2.0-1", "1.0~rc1-1 < 1.0-1", "1.0^git1-1 > 1.0-1", "1.0^git1-1 < 1.0.1-1",
		"1.0-1.el8_5 < 1.0-1.el8_10", "1.0 < 1.0-1", "1.a < 1.1", "010 = 10",
	},
	"Alpine": {
		"1.2.3-r0 < 1.2.3-r1", "1.2_rc1 < 1.2", "1.2 < 1.2_p1", "1.2a > 1.2", "1.2 < 1.2.0", "1.2.10 > 1.2.9", "1.01 < 1.1",
		"1.2_alpha2 < 1.2_beta1", "1.2_git20200101-r0 > 1.2-r5", "1.2~abc-r1 = 1.2~def-r1",
	},
	"npm":       {"1.0.0-rc.1 < 1.0.0", "1.0.0-2 < 1.0.0-10", "1.0.0-2 < 1.0.0-a", "1.0.0+a = 1.0.0+b", "1.2 = 1.2.0", "1.2.3 < 1.2.3.1"},
	"Go":        {"v1.2.3 = 1.2.3", "0.0.0-20200101000000-aaaaaaaaaaaa < 0.0.0-20210101000000-aaaaaaaaaaaa", "go1.21.3 > 1.21.2", "2.0.0+incompatible = 2.0.0"},
	"crates.io": {"0.0.0-0 < 0.0.0", "0.9.0 < 0.10.0"},
	"Bitnami":   {"1.7.1-3 > 1.7.1", "1.7.1-3 < 1.7.1-10", "1.7.1-rc1 < 1.7.1", "1.7.1-9 < 1.7.2"},
	"Pub":       {"1.0.0 < 1.0.0+1", "1.0.0-a < 1.0.0"},
	"NuGet":     {"1.0 = 1.0.0.0", "1.0.0-BETA = 1.0.0-beta", "1.0.0.1 > 1.0.0"},
	"PyPI": {
		"1.0.dev1 < 1.0a1", "1.0a1 < 1.0b1", "1.0b1 < 1.0rc1", "1.0c1 = 1.0rc1", "1.0rc1 < 1.0", "1.0 < 1.0.post1", "1.0-1 = 1.0.post1",
		"1.0 = 1.0.0", "1!0.1 > 9.0", "1.0+a < 1.0+1", "1.0 < 1.0+a", "1.0a1.dev1 < 1.0a1", "1.0.post1.dev1 < 1.0.post1",
		"1.0.post1.dev1 > 1.0", "v1.0 = 1.0", "1.0_ALPHA.1 = 1.0a1", "2004d < 2004e", "2004d < 0.1", "1.0aa < 0.1",
	},
	"Maven": {
		"1.0-alpha-1 < 1.0-beta-1", "1.0-SNAPSHOT < 1.0", "1.0 < 1.0-sp", "1.0.Final = 1.0", "1-cr1 = 1-rc1", "1.0-jre < 1.0-1",
		"1.0.0 = 1", "2.0.1-123 > 2.0.1-xyz", "1.0a1 = 1.0-alpha-1",
	},
	"RubyGems":  {"1.0.a1 < 1.0", "1.0.0 = 1", "1.0.a.10 > 1.0.a9", "1.0.b1 > 1.0.a2", "1.0-1 < 1.0"},
	"Packagist": {"1.0-dev < 1.0a1", "1.0RC1 < 1.0", "1.0 < 1.0pl1", "v1.0 = 1.0", "1.0.0 > 1.0", "1.0-Beta2 > 1.0-beta1"},
	"CRAN":      {"0.1-2 < 0.2-2", "0.9 < 0.75"},
	"Hackage":   {"1.0 < 1.0.0", "1.2 < 1.10"},
}

func TestVersionsAreOrderedByTheRulesOfTheirEcosystem(t *testing.T) {
	for ecosystem, lines := range orderings {
		for _, line := range lines {
			checkOrdering(t, ecosystem, line)
		}
	}
}

func TestAReleaseOfAnEcosystemDoesNotChangeTheOrder(t *testing.T) {
	if d, ok := Compare("Debian:12", "1.0~rc1", "1.0"); !ok || d != -1 {
		t.Errorf("Compare = %d, %v", d, ok)
	}
	if _, ok := Compare("Plan 9", "1", "2"); ok {
		t.Error("an unknown ecosystem must not be ordered")
	}
}

// checkOrdering checks one line "a < b", in both directions.
func checkOrdering(t *testing.T, ecosystem, line string) {
	t.Helper()
	f := strings.Fields(line)
	if len(f) != 3 {
		t.Fatalf("%s: bad line %q", ecosystem, line)
	}
	want := map[string]int{"<": -1, "=": 0, ">": 1}[f[1]]
	if got, _ := Compare(ecosystem, f[0], f[2]); got != want {
		t.Errorf("%s: %s, got %d", ecosystem, line, got)
	}
	if got, _ := Compare(ecosystem, f[2], f[0]); got != -want {
		t.Errorf("%s reversed: %s, got %d", ecosystem, line, got)
	}
}

// published names the file of vectors of each ecosystem.
var published = map[string]string{
	"alpine": "Alpine", "cran": "CRAN", "debian": "Debian", "hackage": "Hackage", "maven": "Maven", "nuget": "NuGet",
	"packagist": "Packagist", "pub": "Pub", "pypi": "PyPI", "redhat": "Red Hat", "rubygems": "RubyGems", "semver": "npm",
}

func TestPublishedVersionOrderHolds(t *testing.T) {
	inner := nestedZip(t, "version-ordering/versions_handwritten.zip")
	lines := 0
	for _, f := range inner.File {
		ecosystem := published[strings.TrimSuffix(path.Base(f.Name), "-versions.txt")]
		if ecosystem == "" {
			continue
		}
		scan := bufio.NewScanner(bytes.NewReader(readZipFile(t, f)))
		for scan.Scan() {
			line := strings.TrimSpace(scan.Text())
			if line == "" || line[0] == '#' || strings.HasPrefix(line, "//") {
				continue
			}
			lines++
			checkOrdering(t, ecosystem, line)
		}
	}
	if lines < 1400 {
		t.Errorf("only %d lines were checked", lines)
	}
}

const dataFolder = "../../../shared/data"

// openData opens the zip of vulnerability data, or skips the test.
func openData(tb testing.TB) *zip.ReadCloser {
	tb.Helper()
	z, err := zip.OpenReader(dataFolder + "/02-vulnerabilities.zip")
	if os.IsNotExist(err) {
		tb.Skip("the public test data (../shared/data beside the module) is absent")
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = z.Close() })
	return z
}

func nestedZip(tb testing.TB, name string) *zip.Reader {
	tb.Helper()
	z := openData(tb)
	for _, f := range z.File {
		if f.Name == name {
			b := readZipFile(tb, f)
			inner, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
			if err != nil {
				tb.Fatal(err)
			}
			return inner
		}
	}
	tb.Fatalf("%s is not in the data", name)
	return nil
}

func readZipFile(tb testing.TB, f *zip.File) []byte {
	tb.Helper()
	r, err := f.Open()
	if err != nil {
		tb.Fatal(err)
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// wellFormed are the versions on which our order and the reference must agree;
// outside of them the reference itself is not an order.
var wellFormed = map[string]string{
	"Debian":    `([0-9]:)?[0-9]{1,2}(\.[0-9]{1,2}){0,2}([a-z+~.][a-z0-9]{0,3}){0,2}(-[0-9]{1,2}([+~][a-z]{1,3}[0-9]{1,2}){0,2})?`,
	"Red Hat":   `([0-9]:)?[0-9]{1,2}(\.[0-9a-z]{1,2}){0,3}([~^][a-z0-9]{1,3}){0,2}-[0-9]{1,2}(\.[a-z]{1,2}[0-9]{1,2}(_[0-9]{1,2})?){0,2}`,
	"Alpine":    `[0-9]{1,2}\.[0-9]\.[0-9]{1,2}[a-c]?(_(alpha|beta|pre|rc|cvs|svn|git|hg|p)[0-9]{0,2}){0,2}-r[0-9]{1,2}`,
	"npm":       `v?[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{1,2}(-[a-c0-9]{1,3}(\.[a-c0-9]{1,3}){0,2})?(\+[a-z]{1,3})?`,
	"NuGet":     `[0-9]{1,2}(\.[0-9]{1,2}){0,3}(-[a-cA-C0-9]{1,3}(\.[a-c0-9]{1,3}){0,2})?`,
	"PyPI":      `([0-9]!)?[0-9]{1,2}(\.[0-9]{1,2}){0,3}([-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?[0-9]{1,2})?([-_.]?(post|rev|r)[-_.]?[0-9]{1,2})?([-_.]?dev[-_.]?[0-9]{1,2})?(\+[a-z0-9]{1,2}(\.[a-z0-9]{1,2}){0,1})?`,
	"Maven":     `[0-9]{1,2}(\.[0-9]{1,2}){0,3}((-|\.)(alpha|beta|milestone|rc|cr|snapshot|final|ga|sp|jre|RELEASE))?(-[0-9]{1,2})?`,
	"RubyGems":  `(0|[1-9][0-9]?)(\.(0|[1-9][0-9]?)){0,3}(\.(a|b|rc|pre)(\.?[1-9]{1,2})?){0,2}`,
	"Packagist": `v?[0-9]{1,2}(\.[0-9]{1,2}){0,3}(-?(dev|alpha|beta|b|RC|p)[0-9]{1,2})?`,
}

func TestOrderAgreesWithTheReferenceImplementation(t *testing.T) {
	for ecosystem, pattern := range wellFormed {
		t.Run(ecosystem, rapid.MakeCheck(func(t *rapid.T) {
			versions := rapid.StringMatching(pattern)
			a, b := versions.Draw(t, "a"), versions.Draw(t, "b")
			v, err := semantic.Parse(a, ecosystem)
			if err != nil {
				t.Skip(err)
			}
			want, err := v.CompareStr(b)
			if err != nil {
				t.Skip(err)
			}
			if got, _ := Compare(ecosystem, a, b); got != sign(want) {
				t.Fatalf("%s: compare %q with %q: got %d, the reference says %d", ecosystem, a, b, got, want)
			}
		}))
	}
}

func TestOrderIsAntisymmetricAndTransitive(t *testing.T) {
	anything := []string{"Debian", "Red Hat", "Alpine", "npm", "NuGet", "Pub", "Bitnami", "PyPI", "RubyGems", "Hackage"}
	for _, ecosystem := range anything {
		t.Run(ecosystem+" on any text", rapid.MakeCheck(func(t *rapid.T) {
			checkTotalOrder(t, ecosystem, rapid.StringMatching(`[0-2a-bR.:+~^_!v-]{0,7}`))
		}))
	}
	for ecosystem, pattern := range wellFormed {
		t.Run(ecosystem, rapid.MakeCheck(func(t *rapid.T) {
			checkTotalOrder(t, ecosystem, rapid.StringMatching(pattern))
		}))
	}
}

func checkTotalOrder(t *rapid.T, ecosystem string, versions *rapid.Generator[string]) {
	a, b, c := versions.Draw(t, "a"), versions.Draw(t, "b"), versions.Draw(t, "c")
	ab, _ := Compare(ecosystem, a, b)
	ba, _ := Compare(ecosystem, b, a)
	bc, _ := Compare(ecosystem, b, c)
	ac, _ := Compare(ecosystem, a, c)
	if ab != -ba {
		t.Fatalf("not antisymmetric: %q %q: %d and %d", a, b, ab, ba)
	}
	if aa, _ := Compare(ecosystem, a, a); aa != 0 {
		t.Fatalf("%q is not equal to itself", a)
	}
	if ab <= 0 && bc <= 0 && ac > 0 || ab == 0 && bc == 0 && ac != 0 {
		t.Fatalf("not transitive: %q %q %q", a, b, c)
	}
}

func TestHotComparisonsDoNotAllocate(t *testing.T) {
	pairs := map[string][2]string{
		"Debian":    {"1:3.0.11-1~deb12u1", "1:3.0.11-1~deb12u2"},
		"AlmaLinux": {"1:1.1.1k-9.el8_7", "1:1.1.1k-12.el8_9"},
		"Alpine":    {"1.36.1_git20230101-r5", "1.36.1_git20230101-r6"},
		"Go":        {"v0.17.0-0.20230101000000-abcdefabcdef", "0.17.0"},
		"PyPI":      {"1!2.0.0rc1.post2.dev3+local.1", "1!2.0.0rc1.post2.dev3+local.2"},
		"Maven":     {"2.13.4.2-jre-SNAPSHOT", "2.13.4.2-jre"},
		"RubyGems":  {"7.0.4.pre.1", "7.0.4.pre.2"},
		"Packagist": {"v6.0.0-RC1", "6.0.0-RC2"},
		"NuGet":     {"1.0.0.1-BETA.1", "1.0.0.1-beta.2"},
	}
	for ecosystem, p := range pairs {
		compare := comparers[ecosystem]
		if n := testing.AllocsPerRun(100, func() { compare(p[0], p[1]) }); n != 0 {
			t.Errorf("%s allocates %v times", ecosystem, n)
		}
	}
}

func FuzzCompare(f *testing.F) {
	for ecosystem, lines := range orderings {
		for _, line := range lines {
			w := strings.Fields(line)
			f.Add(ecosystem, w[0], w[2])
		}
	}
	f.Fuzz(func(t *testing.T, ecosystem, a, b string) {
		if len(a) > 1000 || len(b) > 1000 {
			t.Skip("longer than a version can be")
		}
		x, _ := Compare(ecosystem, a, b)
		y, _ := Compare(ecosystem, b, a)
		if x != -y {
			t.Errorf("%s: %q and %q: %d, reversed %d", ecosystem, a, b, x, y)
		}
	})
}

// BenchmarkCompare measures ours and the reference in one run; the ratio of the
// two lines of an ecosystem is what counts.
func BenchmarkCompare(b *testing.B) {
	pairs := map[string][2]string{
		"Debian":  {"1:3.0.11-1~deb12u1", "1:3.0.11-1~deb12u2"},
		"Red Hat": {"1:1.1.1k-9.el8_7", "1:1.1.1k-12.el8_9"},
		"Alpine":  {"1.36.1_git20230101-r5", "1.36.1_git20230101-r6"},
		"npm":     {"4.17.15-rc.1", "4.17.19"},
		"PyPI":    {"2.0.0rc1", "2.0.0"},
		"Maven":   {"2.13.4.2-jre-SNAPSHOT", "2.13.4.2-jre"},
	}
	for ecosystem, p := range pairs {
		b.Run(ecosystem+"/ours", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				Compare(ecosystem, p[0], p[1])
			}
		})
		b.Run(ecosystem+"/reference", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				v, _ := semantic.Parse(p[0], ecosystem)
				_, _ = v.CompareStr(p[1])
			}
		})
	}
}

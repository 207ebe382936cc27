package feed

import (
	"archive/zip"
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const vulnerabilityData = "../../shared/data/02-vulnerabilities.zip"

// member reads one file of the public data, or skips the test.
func member(tb testing.TB, name string) []byte {
	tb.Helper()
	z, err := zip.OpenReader(vulnerabilityData)
	if os.IsNotExist(err) {
		tb.Skip("the public test data (../shared/data beside the module) is absent")
	}
	if err != nil {
		tb.Fatal(err)
	}
	defer z.Close()
	f, err := z.Open(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func unzipped(tb testing.TB, name string) []byte {
	tb.Helper()
	z, err := gzip.NewReader(bytes.NewReader(member(tb, name)))
	if err != nil {
		tb.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func TestAllPublicRecordsAreRead(t *testing.T) {
	_ = member(t, "epss/vunnel_epss_fixtures.csv")
	x, err := Load(context.Background(), vulnerabilityData, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := x.Stats()
	// One record of the data is faulty on purpose.
	if s.Rejected != 1 || len(s.Problems) != 1 || !strings.Contains(s.Problems[0], "CVE-2018-1002102") {
		t.Errorf("%d rejected: %v", s.Rejected, s.Problems)
	}
	if s.Advisories < 10_000 || s.KEV != 1252 || s.EPSS < 1524 || s.Withdrawn < 15 {
		t.Errorf("%d advisories, %d KEV, %d EPSS, %d withdrawn", s.Advisories, s.KEV, s.EPSS, s.Withdrawn)
	}
	count := map[string]int{}
	for _, e := range s.Ecosystems {
		count[e.Name] = e.Advisories
	}
	for ecosystem, least := range map[string]int{
		"AlmaLinux:8": 2000, "Alpine:v3.10": 1500, "Bitnami": 2800, "Go": 1740, "PyPI": 970, "crates.io": 620, "Rocky Linux:8": 2, "Ubuntu:22.04": 3, "Debian:12": 2,
	} {
		if count[ecosystem] < least {
			t.Errorf("%s: %d advisories, want at least %d", ecosystem, count[ecosystem], least)
		}
	}
}

func TestKEVAsJSONAndAsCSVSaysTheSame(t *testing.T) {
	dir := t.TempDir()
	byForm := map[string]*Index{}
	for _, form := range []string{"json", "csv"} {
		name := filepath.Join(dir, form, "kev."+form)
		write(t, name, string(unzipped(t, "kev/known_exploited_vulnerabilities_2025-01."+form+".gz")))
		x, err := Load(context.Background(), name, nil)
		if err != nil {
			t.Fatal(err)
		}
		byForm[form] = x
	}
	a, b := byForm["json"], byForm["csv"]
	if diff := cmp.Diff(len(a.part[secKEV]), len(b.part[secKEV])); diff != "" {
		t.Fatal(diff)
	}
	for at := 0; at < len(a.part[secKEV]); at += kevRow {
		key := u64(a.part[secKEV], at)
		cve := fmt.Sprintf("CVE-%d-%04d", key>>44, key&(1<<44-1))
		if diff := cmp.Diff(a.Enrich(cve), b.Enrich(cve)); diff != "" || !a.Enrich(cve).KEV {
			t.Errorf("%s: %s", cve, diff)
		}
	}
}

// The vectors name the score that the calculator of another project gives. For
// version 4 the two round a few exact halves to different sides; the word for the
// severity must be the same even then.
func TestScoresAgreeWithAnotherCalculator(t *testing.T) {
	for name, least := range map[string]int{"cvss/vectors_simple31.txt.gz": 2500, "cvss/vectors_simple4.txt.gz": 1000} {
		scan := bufio.NewScanner(bytes.NewReader(unzipped(t, name)))
		n, halves := 0, 0
		for scan.Scan() {
			vector, rest, ok := strings.Cut(scan.Text(), " - ")
			if !ok {
				continue
			}
			first := strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune("(), ", r) })[0]
			want, err := strconv.ParseFloat(first, 64)
			if err != nil {
				t.Fatal(err)
			}
			n++
			got, ok := rate(vector)
			if cvssRank(vector) == 4 && got.score != want && math.Abs(got.score-want) < 0.1001 && got.word == scoreWord(vector, want) {
				halves++
			} else if !ok || got.score != want {
				t.Errorf("%s: %v (%v), want %v", vector, got.score, ok, want)
			}
		}
		if n < least || halves > n/100 {
			t.Errorf("%s: %d vectors, %d rounded to the other side", name, n, halves)
		}
	}
}

// bigExport is a zip of n records, shaped like the export of an ecosystem.
func bigExport(tb testing.TB, n int) string {
	tb.Helper()
	name := filepath.Join(tb.TempDir(), "all.zip")
	f, err := os.Create(name)
	if err != nil {
		tb.Fatal(err)
	}
	z := zip.NewWriter(f)
	details := strings.Repeat("Some words about what goes wrong and how it is repaired. ", 12)
	for i := range n {
		w, err := z.Create(fmt.Sprintf("X-%d.json", i))
		if err != nil {
			tb.Fatal(err)
		}
		more := fmt.Sprintf(`,"aliases":["CVE-2024-%d"],"summary":"Number %d","details":"%d %s","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
			"references":[{"type":"WEB","url":"https://example.org/%d"}]`, i, i, i, details, i)
		if _, err := io.WriteString(w, record1(fmt.Sprintf("X-%d", i), "npm", fmt.Sprintf("package-%d", i%50_000), fmt.Sprintf("1.%d.0", i), more)); err != nil {
			tb.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
	return name
}

// BenchmarkBuild100000 compares making an index of 100 000 records with merely
// unpacking and decoding them by the standard library; the ratio is the figure.
func BenchmarkBuild100000(b *testing.B) {
	name := bigExport(b, 100_000)
	b.Run("index", func(b *testing.B) {
		for b.Loop() {
			x, err := Load(context.Background(), name, nil)
			if err != nil {
				b.Fatal(err)
			}
			resident := 0
			for _, p := range x.part {
				resident += len(p)
			}
			b.ReportMetric(float64(resident)/1e6, "resident-MB")
		}
	})
	b.Run("plain decoding", func(b *testing.B) {
		for b.Loop() {
			decodeAll(b, name)
		}
	})
}

func decodeAll(tb testing.TB, name string) {
	tb.Helper()
	z, err := zip.OpenReader(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer z.Close()
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			tb.Fatal(err)
		}
		var v any
		if err := json.NewDecoder(r).Decode(&v); err != nil {
			tb.Fatal(err)
		}
		_ = r.Close()
	}
}

// BenchmarkOpen100000 is the time of a start that finds its index stored.
func BenchmarkOpen100000(b *testing.B) {
	dir := b.TempDir()
	export, err := os.ReadFile(bigExport(b, 100_000))
	if err != nil {
		b.Fatal(err)
	}
	write(b, filepath.Join(sourcesFolder(dir), "all.zip"), string(export))
	open(b, dir)
	b.ResetTimer()
	for b.Loop() {
		x, err := Open(dir)
		if err != nil || len(x.Stats().Notes) > 0 {
			b.Fatal(err, x.Stats().Notes)
		}
		_ = x.Close()
	}
}

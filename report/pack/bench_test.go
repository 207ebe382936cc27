package pack_test

import (
	"archive/zip"
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"
)

// BenchmarkPackOfAnOrganisation makes the audit pack of the sample organisation, which
// has adopted the largest frameworks as well, so that it has more than three hundred
// pages. The budget is ten seconds on two cores.
func BenchmarkPackOfAnOrganisation(b *testing.B) {
	l, ctx := open(b)
	for _, id := range []string{"iso27001-2022", "nist-csf-2.0", "nist-800-53-moderate", "asvs-5.0"} {
		if _, err := l.Flow.Adopt(ctx, id); err != nil {
			b.Fatal(err)
		}
	}
	m := maker(l)
	var raw bytes.Buffer
	for b.Loop() {
		raw.Reset()
		if _, _, err := m.Write(ctx, &raw); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(pagesIn(b, raw.Bytes())), "pages")
	b.ReportMetric(float64(raw.Len())/1e6, "MB")
}

var pdfPage = regexp.MustCompile(`/Type /Page\b[^s]`)

// pagesIn counts the pages of all PDFs of a pack.
func pagesIn(t testing.TB, raw []byte) int {
	z, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range z.File {
		if !strings.HasSuffix(f.Name, ".pdf") {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		n += len(pdfPage.FindAll(data, -1))
	}
	return n
}

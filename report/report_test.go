package report

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/report/chart"
)

var update = flag.Bool("update", false, "write the golden file anew")

func htmlOf(t testing.TB, d Document) string {
	t.Helper()
	var b bytes.Buffer
	if err := HTML(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func pdfOf(t testing.TB, d Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := PDF(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// poppler runs a tool of poppler-utils over a PDF. Where it is not installed the
// test says so and is skipped; in CI it fails.
func poppler(t *testing.T, pdf []byte, tool string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s of poppler-utils is not installed: the structure of the PDF cannot be checked", tool)
		}
		t.Skipf("NOT CHECKED: %s of poppler-utils is not installed, so the structure of the PDF stays unproven", tool)
	}
	name := filepath.Join(t.TempDir(), "a.pdf")
	if err := os.WriteFile(name, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	for i, a := range args {
		if a == "FILE" {
			args[i] = name
		}
	}
	var errors bytes.Buffer
	cmd := exec.Command(tool, args...)
	cmd.Stderr = &errors
	out, err := cmd.Output()
	if err != nil || errors.Len() > 0 {
		t.Fatalf("%s: %v: %s", tool, err, errors.String())
	}
	return string(out)
}

// pageTexts are the pages of a PDF as text.
func pageTexts(t *testing.T, pdf []byte) []string {
	t.Helper()
	pages := strings.Split(poppler(t, pdf, "pdftotext", "-layout", "FILE", "-"), "\f")
	return pages[:len(pages)-1]
}

func TestTheHTMLOfTheSampleIsTheGoldenFile(t *testing.T) {
	const name = "testdata/sample.golden.html"
	got := htmlOf(t, sample())
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("the HTML changed; look at it, then run with -update (-want +got):\n%.4000s", diff)
	}
}

func TestTheSameDocumentGivesTheSameBytesAndNoClockIsRead(t *testing.T) {
	if !bytes.Equal(pdfOf(t, sample()), pdfOf(t, sample())) {
		t.Error("two PDFs of one document differ")
	}
	if htmlOf(t, sample()) != htmlOf(t, sample()) {
		t.Error("two HTML files of one document differ")
	}
	undated := sample()
	undated.Date = time.Time{}
	if pdf := pdfOf(t, undated); !bytes.Contains(pdf, []byte("D:19700101")) {
		t.Error("a document without a date is not dated with the fixed day")
	}
}

func TestThePDFCarriesItsTitleLanguageAndDate(t *testing.T) {
	info := poppler(t, pdfOf(t, sample()), "pdfinfo", "FILE")
	for _, want := range []string{"Risk assessment report", "Harbour & Quay Ltd", "Jun 15 10:00:00 2026", "A4"} {
		if !strings.Contains(info, want) {
			t.Errorf("pdfinfo does not tell %q:\n%s", want, info)
		}
	}
	if !bytes.Contains(pdfOf(t, sample()), []byte("/Lang (en-GB)")) {
		t.Error("the language is not set")
	}
	hostile := sample()
	hostile.Lang = "en) /OpenAction (evil"
	if bytes.Contains(pdfOf(t, hostile), []byte("OpenAction")) {
		t.Error("a hostile language tag reached the file")
	}
}

func TestTheContentsNameThePageOnWhichASectionStands(t *testing.T) {
	pages := pageTexts(t, pdfOf(t, long(60)))
	line := regexp.MustCompile(`(?m)^\s*[\d.]+\s+(Chapter \d+)[\s.]+(\d+)$`)
	var entries [][]string
	contents := 0
	for _, p := range pages {
		if found := line.FindAllStringSubmatch(p, -1); found != nil {
			entries = append(entries, found...)
			contents++
		}
	}
	if len(entries) != 60 || contents < 2 {
		t.Fatalf("%d entries on %d pages of contents, want 60 on more than one", len(entries), contents)
	}
	for _, e := range entries {
		page, _ := strconv.Atoi(e[2])
		if !regexp.MustCompile(`(?m)` + e[1] + `$`).MatchString(pages[page-1]) {
			t.Errorf("%s does not stand on page %d", e[1], page)
		}
	}
}

func TestEveryPageButTheCoverHasItsHeadAndFoot(t *testing.T) {
	pages := pageTexts(t, pdfOf(t, sample()))
	for i, p := range pages {
		n := i + 1
		foot := "Page " + strconv.Itoa(n) + " of " + strconv.Itoa(len(pages))
		p = strings.Join(strings.Fields(p), " ")
		has := strings.Contains(p, foot) && strings.Contains(p, "Version 1.4 · 15 June 2026 · Approved") && strings.Contains(p, "Confidential")
		if n == 1 && strings.Contains(p, foot) {
			t.Error("the cover has a running foot")
		}
		if n > 1 && !has {
			t.Errorf("page %d lacks its head or foot:\n%s", n, p)
		}
	}
}

func TestATableRepeatsItsHeadOnEveryPage(t *testing.T) {
	d := Document{Title: "Register"}
	table := Table{Columns: []Column{{Name: "Requirement"}, {Name: "Evidence"}}}
	for i := range 200 {
		table.Rows = append(table.Rows, Cells("A."+strconv.Itoa(i), strings.Repeat("checked and proved ", 1+i%30)))
	}
	table.Rows = append(table.Rows, Cells("tall", strings.Repeat("a row of more than one page. ", 600)))
	d.Blocks = []Block{table}
	pages := pageTexts(t, pdfOf(t, d))
	if len(pages) < 6 {
		t.Fatalf("only %d pages", len(pages))
	}
	for i, p := range pages[1:] {
		if n := strings.Count(p, "Requirement"); n != 1 {
			t.Errorf("page %d has %d heads:\n%.300s", i+2, n, p)
		}
	}
}

func TestTheOutlineHoldsEverySectionAndLeadsToItsPage(t *testing.T) {
	pdf := pdfOf(t, sample())
	n := len(sample().outline())
	if got := bytes.Count(pdf, []byte("<</Title ")); got != n {
		t.Errorf("%d bookmarks for %d sections", got, n)
	}
	links := regexp.MustCompile(`/Dest \[(\d+) 0 R /XYZ`).FindAllSubmatch(pdf, -1)
	if len(links) < 2*n {
		t.Errorf("%d links inside the document, want one per section from the contents and from the outline", len(links))
	}
	for _, l := range links {
		if at, _ := strconv.Atoi(string(l[1])); at < 3 {
			t.Errorf("a link leads to object %d, which is no page", at)
		}
	}
}

func TestTextComesOutOfThePDFAsItWentIn(t *testing.T) {
	text := strings.Join(pageTexts(t, pdfOf(t, sample())), "\n")
	for _, want := range []string{"Ελληνικά, Кириллица, żółć, ≤ 5 → done, €450k – “quoted”", "Ransomware on the file server", "AllowGroups", "£190k"} {
		if !strings.Contains(text, want) {
			t.Errorf("the text of the PDF lacks %q", want)
		}
	}
}

func TestAScreenReaderFindsTheStructureAndWhatEveryDrawingShows(t *testing.T) {
	pdf := pdfOf(t, sample())
	if info := poppler(t, pdf, "pdfinfo", "FILE"); !regexp.MustCompile(`Tagged:\s+yes`).MatchString(info) {
		t.Fatalf("the PDF is not tagged:\n%s", info)
	}
	tree := poppler(t, pdf, "pdfinfo", "-struct-text", "FILE")
	want := 0
	for _, b := range sample().Blocks {
		if _, ok := b.(Figure); ok {
			want++
		}
	}
	if got := strings.Count(tree, "Figure\n"); got != want {
		t.Errorf("%d figures in the structure, %d in the document", got, want)
	}
	for _, part := range []string{"Document\n", "TOCI\n", "H1 (block)\n    \"1 Summary for the steering committee", "TH:\n", "TD\n", "LBody (block)\n", "BlockQuote", "Code"} {
		if !strings.Contains(tree, part) {
			t.Errorf("the structure lacks %q", part)
		}
	}
	// What repeats itself on every page is not read out, the content is, once.
	for text, n := range map[string]int{"Page 3 of": 0, "Harbour & Quay Ltd  ·": 0, "Decision asked": 1, "Loss per year ": 1} {
		if got := strings.Count(tree, text); got != n {
			t.Errorf("%q is read out %d times, want %d", text, got, n)
		}
	}
}

func TestAFileOfAnotherLayoutIsRefusedNotGuessedAt(t *testing.T) {
	for _, bad := range []string{"", "%PDF-1.3\n%%EOF\n", "/Root 9 0 R\n/Info 8 0 R\n>>\nstartxref\n99999\n%%EOF\n", "xref\n0 3\n0000000000 65535 f \n/Root 9 0 R\n/Info 8 0 R\n>>\nstartxref\n0\n%%EOF\n"} {
		if _, err := newBook(Document{}).structured([]byte(bad)); err == nil {
			t.Errorf("%q was taken for a PDF of ours", bad)
		}
	}
}

func TestNumberingHasNoGapsAndPlainSectionsHaveNoNumber(t *testing.T) {
	d := Document{Blocks: []Block{
		Heading{Level: 1, Text: "a"}, Heading{Level: 4, Text: "b"}, Heading{Level: 2, Text: "c", ID: "mine"}, Heading{Level: 0, Text: "d", Plain: true},
		Heading{Level: 2, Text: "e"}, Heading{Level: 1, Text: "f", ID: "mine"}, Heading{Level: 2, Text: "g", ID: `x" onclick="`},
	}}
	var got []string
	for _, s := range d.outline() {
		got = append(got, strconv.Itoa(s.level)+" "+s.number+" "+s.text+" #"+s.id)
	}
	want := []string{"1 1 a #s-1", "2 1.1 b #s-1-1", "2 1.2 c #mine", "1  d #h-4", "2  e #h-5", "1 2 f #s-2", "2 2.1 g #s-2-1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outline (-want +got):\n%s", diff)
	}
}

func TestOnlySafeLinksLeadAnywhere(t *testing.T) {
	for link, want := range map[string]string{
		"https://example.org/a?b=c": "https://example.org/a?b=c", "http://example.org": "http://example.org", "mailto:a@example.org": "mailto:a@example.org", "#risks": "#risks",
		"javascript:alert(1)": "", "JaVaScRiPt:alert(1)": "", " javascript:alert(1)": "", "java\nscript:alert(1)": "", "data:text/html,x": "", "file:///etc/passwd": "",
		"//example.org": "", "example.org": "", "https:": "", "mailto:": "", `https://example.org/"onclick="x`: "", "https://exa mple.org": "", "vbscript:x": "", "https://example.org/\u202e": "",
	} {
		if got := safeLink(link); got != want {
			t.Errorf("safeLink(%q) = %q, want %q", link, got, want)
		}
	}
}

func TestTheHTMLStandsAloneAndHoldsNoScript(t *testing.T) {
	out := htmlOf(t, hostile())
	for _, bad := range []string{"<script", "javascript:", "<link", "<img", "onclick=\"x", "\x00", "\u202e", "\x1b"} {
		if strings.Contains(out, bad) {
			t.Errorf("the HTML holds %q", bad)
		}
	}
	if !strings.Contains(out, "default-src 'none'") || strings.Contains(out, "http-equiv=\"refresh\"") {
		t.Error("the HTML does not forbid loading")
	}
	if regexp.MustCompile(`<[a-z][^>]* style=`).MatchString(out) {
		t.Error("there is a style attribute, which a strict policy forbids")
	}
}

// hostile is a document of texts that nobody should hand in.
func hostile() Document {
	evil := "<script>alert(1)</script>\" onclick=\"x\x00\x1b[31m\u202e😀👩\u200d💻 שלום العربية 中文 \xff\xfe"
	long := strings.Repeat("Donaudampfschifffahrtsgesellschaftskapitän", 40)
	zalgo := "z" + strings.Repeat("\u0301\u0302", 400)
	text := Text{{Text: evil, Bold: true, Link: "javascript:alert(1)"}, {Text: long, Code: true, Italic: true, Link: "https://example.org/" + strings.Repeat("x", 300)}, {Text: zalgo, Italic: true}, {Text: "\n\n\n"}, {}}
	var wide Table
	for range 40 {
		wide.Columns = append(wide.Columns, Column{Name: long, Align: Centre, Width: 0.9})
	}
	wide.Rows = []Row{{Cells: []Cell{{Text: text, Tone: 200}}}, {Group: true}, {}, Cells(strings.Split(evil+long[:300], "")...)}
	nest := []Block{Paragraph{text}}
	for range 30 {
		nest = []Block{Callout{Title: evil, Tone: 99, Blocks: nest}, List{Ordered: true, Items: []Item{nest, {}}}}
		if len(nest) > 4 {
			break
		}
	}
	d := Document{Title: evil + long, Subtitle: zalgo, Organisation: evil, Version: long, Classification: long, Status: evil, Lang: "\"><script>", Properties: []Property{{evil, long}, {long, evil}}}
	d.Blocks = []Block{
		Toc{Title: evil, Depth: 99}, Toc{}, PageBreak{}, PageBreak{}, nil, Heading{Level: -4, Text: evil}, Heading{Level: 99, Text: long, ID: evil}, Heading{},
		Paragraph{text}, Paragraph{}, List{}, List{Items: []Item{nil, {Paragraph{text}, Table{}}}}, wide, Table{Rows: []Row{Cells("no columns")}},
		Figure{}, Figure{Chart: chart.Bars{Title: evil}, Caption: long}, Figure{Chart: chart.Timeline{Milestones: []chart.Milestone{{Name: evil}}}, WithTable: true},
		KeyFigures{}, KeyFigures{[]KeyFigure{{long, evil, long, 77}, {}}}, Callout{}, Callout{Title: evil, Blocks: []Block{wide, Heading{Text: evil}, Toc{}, PageBreak{}, Figure{Chart: chart.Dials{}}}},
		Definitions{[]Definition{{long, text}, {}}}, Quote{}, Quote{text, evil}, Why{}, Why{evil, long, []Input{{evil, long, evil}}}, Code{}, Code{evil + "\n\t" + long},
		Paragraph{Rich("**" + evil + "** [x](javascript:alert(1)) `" + long + "`")},
	}
	d.Blocks = append(d.Blocks, nest...)
	return d
}

func TestHostileTextBreaksNeitherPDFNorPage(t *testing.T) {
	pdf := pdfOf(t, hostile())
	pages := pageTexts(t, pdf)
	if len(pages) < 3 {
		t.Errorf("only %d pages", len(pages))
	}
	if bytes.Contains(pdf, []byte("javascript")) {
		t.Error("a script reached the PDF")
	}
}

func TestAnEmptyDocumentIsACoverAndAnEmptyPage(t *testing.T) {
	if pages := pageTexts(t, pdfOf(t, Document{})); len(pages) != 2 {
		t.Errorf("%d pages", len(pages))
	}
	htmlOf(t, Document{})
}

func TestAnEndlessDocumentIsRefusedWithARemedy(t *testing.T) {
	d := Document{Title: "Endless"}
	for range maxPages + 2 {
		d.Blocks = append(d.Blocks, PageBreak{}, Paragraph{Plain("x")})
	}
	err := PDF(&bytes.Buffer{}, d)
	if err == nil || !strings.Contains(err.Error(), "Endless") || !strings.Contains(err.Error(), "split it") {
		t.Errorf("error = %v", err)
	}
}

func BenchmarkPDFPages(b *testing.B) {
	d := long(230)
	pages := 0
	for b.Loop() {
		pages += bytes.Count(pdfOf(b, d), []byte("/Type /Page\n"))
	}
	b.ReportMetric(float64(pages)/float64(b.N), "pages")
	b.ReportMetric(float64(pages)/b.Elapsed().Seconds(), "pages/s")
}

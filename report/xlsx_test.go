package report

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

func xlsxOf(t interface{ Fatal(...any) }, d Document) []byte {
	var b bytes.Buffer
	if err := XLSX(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func opened(t *testing.T, raw []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() }) //nolint:errcheck // it was only read
	return f
}

func TestTheWorkbookHasASheetForEachTableAndTheSameBytes(t *testing.T) {
	raw := xlsxOf(t, sample())
	for range 3 {
		if !bytes.Equal(raw, xlsxOf(t, sample())) {
			t.Fatal("the same document gave other bytes")
		}
	}
	f := opened(t, raw)
	names := f.GetSheetList()
	if len(names) != 15 || names[0] != "Contents" {
		t.Errorf("sheets %v", names)
	}
	rows, err := f.GetRows("Risk register, by expected loss")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"Above appetite", "R1", "A crew phishes a clerk, runs macros and encrypts the file server.", "critical", "£182k", "reduce"}
	if diff := cmp.Diff(want, rows[3]); diff != "" {
		t.Errorf("first row (-want +got):\n%s", diff)
	}
	for name, text := range unzipped(t, raw) {
		if !strings.HasPrefix(name, "xl/worksheets/sheet") || strings.HasSuffix(name, "sheet1.xml") {
			continue
		}
		for _, want := range []string{`<autoFilter ref="$A$3:`, `ySplit="3"`, `orientation="landscape"`, `fitToPage="true"`, `&amp;P`} {
			if !strings.Contains(text, want) && !strings.Contains(text, strings.Replace(want, `"true"`, `"1"`, 1)) {
				t.Errorf("%s lacks %s", name, want)
			}
		}
	}
}

func TestCellsOfAWorkbookAreTypedSoThatPeopleCanCompute(t *testing.T) {
	row := Row{Cells: []Cell{
		{Text: Plain("1,234"), Value: Number(1234)}, {Text: Plain("£182k"), Value: Amount{182345.5, "GBP"}},
		{Text: Plain("71 %"), Value: Share(0.71)}, {Text: Plain("15 June 2026"), Value: Day{time.Date(2026, 6, 15, 23, 0, 0, 0, time.UTC)}}, {Text: Plain("007")}}}
	f := opened(t, xlsxOf(t, Document{Blocks: []Block{Table{Columns: []Column{{Name: "a"}, {Name: "b"}, {Name: "c"}, {Name: "d"}, {Name: "e"}}, Rows: []Row{row}}}}))
	var shown, raw []string
	for _, cell := range []string{"A4", "B4", "C4", "D4", "E4"} {
		s, err := f.GetCellValue("Table", cell)
		if err != nil {
			t.Fatal(err)
		}
		r, err := f.GetCellValue("Table", cell, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		shown, raw = append(shown, s), append(raw, r)
	}
	if diff := cmp.Diff([]string{"1,234", "182,346 GBP", "71%", "2026-06-15", "007"}, shown); diff != "" {
		t.Errorf("shown (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"1234", "182345.5", "0.71", "46188", "007"}, raw); diff != "" {
		t.Errorf("kept (-want +got):\n%s", diff)
	}
}

func TestNoTextOfAWorkbookBecomesAFormula(t *testing.T) {
	const evil = `=HYPERLINK("http://evil.example","x")`
	d := Document{Title: evil, Organisation: "&L=1+1", Blocks: []Block{Heading{Text: "@x"},
		Table{Caption: "+1", Columns: []Column{{Name: "=1"}, {Name: "b"}}, Rows: []Row{Cells(evil, "-1+2"), Cells("plain", "@SUM(A1)")}}}}
	raw := xlsxOf(t, d)
	for name, text := range unzipped(t, raw) {
		if strings.HasPrefix(name, "xl/worksheets/") && strings.Contains(text, "<f>") {
			t.Errorf("%s holds a formula", name)
		}
	}
	f := opened(t, raw)
	sheet := f.GetSheetList()[1]
	for cell, guarded := range map[string]bool{"A1": true, "A3": true, "B3": false, "A4": true, "B4": true, "A5": false, "B5": true} {
		id, err := f.GetCellStyle(sheet, cell)
		if err != nil {
			t.Fatal(err)
		}
		prefix := f.Styles.CellXfs.Xf[id].QuotePrefix
		if (prefix != nil && *prefix) != guarded {
			t.Errorf("%s is guarded against becoming a formula: %v, want %v", cell, !guarded, guarded)
		}
	}
	if got, err := f.GetCellValue(sheet, "A4"); err != nil || got != evil {
		t.Errorf("the text came back as %q (%v)", got, err)
	}
}

func TestADocumentWithoutTablesMakesNoWorkbook(t *testing.T) {
	d := Document{Title: "Only words", Blocks: []Block{Paragraph{Plain("words")}, Table{Columns: []Column{{Name: "empty"}}}}}
	if err := XLSX(&bytes.Buffer{}, d); !errors.Is(err, ErrNoTables) {
		t.Errorf("want ErrNoTables, have %v", err)
	}
	if d.HasTables() {
		t.Error("it says that it has tables")
	}
}

func TestSheetNamesAreAllowedAndNeverTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := collector{taken: map[string]bool{}}
		seen := map[string]bool{}
		for _, s := range rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"a", "A", "A:B", "'", strings.Repeat("long name ", 9)})), 1, 30).Draw(t, "names") {
			name := c.sheetName(s)
			if len([]rune(name)) > maxSheetName || name == "" || strings.ContainsAny(name, `:\/?*[]'`) || seen[strings.ToLower(name)] {
				t.Fatalf("%q became %q", s, name)
			}
			seen[strings.ToLower(name)] = true
		}
	})
}

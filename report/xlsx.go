package report

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"holdfast/report/chart"
	"holdfast/report/font"
)

// ErrNoTables is what XLSX answers for a document that is all text.
var ErrNoTables = errors.New("the document has no table that a workbook could hold")

// HasTables tells whether XLSX can make a workbook of the document.
func (d Document) HasTables() bool { return len(d.tables()) > 0 }

// XLSX writes the tables of the document as a workbook: a sheet of contents, then a
// sheet for each table, key figure and chart, with a frozen head, a filter, typed
// cells and a set-up for printing. It holds no formula, and text that looks like
// one stays text. It fails with ErrNoTables when there is nothing to write. The same
// document gives the same bytes.
func XLSX(w io.Writer, doc Document) error {
	tables := doc.tables()
	if len(tables) == 0 {
		return fmt.Errorf("making the XLSX of %q: %w", doc.Title, ErrNoTables)
	}
	b, err := newWorkbook(doc)
	if err == nil {
		err = b.write(tables)
	}
	var raw bytes.Buffer
	if err == nil {
		err = b.book.Write(&raw)
	}
	if err = errors.Join(err, b.book.Close()); err != nil {
		return fmt.Errorf("making the XLSX of %q: %w", doc.Title, err)
	}
	if err := ordered(w, raw.Bytes(), zipTime(doc)); err != nil {
		return fmt.Errorf("writing the XLSX of %q: %w", doc.Title, err)
	}
	return nil
}

// ordered writes a zip again with its files in a fixed order, the types first, and
// at a fixed time: the library that made it writes them as they come.
func ordered(w io.Writer, raw []byte, at time.Time) error {
	in, err := zip.NewReader(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return err
	}
	const types = "[Content_Types].xml"
	place := func(f *zip.File) string { // '!' comes before every letter
		return strings.Replace(f.Name, types, "!", 1)
	}
	slices.SortFunc(in.File, func(a, b *zip.File) int { return strings.Compare(place(a), place(b)) })
	out := zip.NewWriter(w)
	for _, f := range in.File {
		if err := copyFile(out, f, at); err != nil {
			return err
		}
	}
	return out.Close()
}

func copyFile(out *zip.Writer, f *zip.File, at time.Time) error {
	to, err := out.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Deflate, Modified: at})
	if err != nil {
		return err
	}
	from, err := f.Open()
	if err != nil {
		return err
	}
	_, err = io.Copy(to, from)
	return errors.Join(err, from.Close())
}

// A tabled is a table of the document with the section it stands in.
type tabled struct {
	name    string // of its sheet
	section string
	caption string
	table   Table
}

// maxSheets bounds a workbook.
const maxSheets = 200

// tables are what a workbook holds, in the order of the document.
func (d Document) tables() []tabled {
	c := collector{sections: d.outline(), taken: map[string]bool{"contents": true}}
	next := 0
	for _, b := range d.Blocks {
		if _, ok := b.(Heading); ok {
			s := c.sections[next]
			c.section = strings.TrimSpace(s.number + " " + s.text)
			c.short = s.text
			next++
			continue
		}
		c.block(b, 0)
	}
	return c.out
}

// collector finds the tables among blocks inside blocks.
type collector struct {
	sections       []section
	section, short string
	taken          map[string]bool
	out            []tabled
}

func (c *collector) blocks(blocks []Block, depth int) {
	for _, b := range blocks {
		c.block(b, depth)
	}
}

func (c *collector) block(b Block, depth int) {
	if depth > maxDepth {
		return
	}
	switch v := b.(type) {
	case Table:
		c.add(v.Caption, v)
	case Figure:
		if v.Chart != nil {
			c.add(v.Caption, chartTable(v.Chart.Table()))
		}
	case KeyFigures:
		t := Table{Columns: []Column{{Name: "Figure"}, {Name: "Value"}, {Name: "Note"}}}
		for _, k := range v.Items {
			t.Rows = append(t.Rows, Cells(k.Label, k.Value, k.Note))
		}
		c.add("Key figures", t)
	case Callout:
		c.blocks(v.Blocks, depth+1)
	case List:
		for _, item := range v.Items {
			c.blocks(item, depth+1)
		}
	}
}

func (c *collector) add(caption string, t Table) {
	if len(t.Rows) == 0 || len(t.Columns) == 0 || len(c.out) == maxSheets {
		return
	}
	caption = font.OneLine(caption)
	name := caption
	if c.short != "" && (name == "" || utf8.RuneCountInString(name) > maxSheetName) {
		name = c.short
	}
	c.out = append(c.out, tabled{name: c.sheetName(name), section: c.section, caption: caption, table: t.ungrouped()})
}

// maxSheetName is the longest name of a sheet that the format allows.
const maxSheetName = 31

// sheetName is a name as the format allows it, which no other sheet has.
func (c *collector) sheetName(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) || r > 0xFFFF {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if s == "" {
		s = "Table"
	}
	name := cutAt(s, maxSheetName)
	for n := 2; c.taken[strings.ToLower(name)]; n++ {
		tail := " " + strconv.Itoa(n)
		name = cutAt(s, maxSheetName-len(tail)) + tail
	}
	c.taken[strings.ToLower(name)] = true
	return name
}

// cutAt shortens to n signs, at a space where there is one.
func cutAt(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	cut := string(r[:n])
	if i := strings.LastIndexByte(cut, ' '); i > n/2 {
		cut = cut[:i]
	}
	return strings.TrimSpace(cut)
}

// ungrouped puts the heading of each group into a column of its own, so that a
// table can be sorted and filtered.
func (t Table) ungrouped() Table {
	if !slices.ContainsFunc(t.Rows, func(r Row) bool { return r.Group }) {
		return t
	}
	out := Table{Caption: t.Caption, Columns: append([]Column{{Name: "Group"}}, t.Columns...)}
	var group Cell
	for _, r := range t.Rows {
		if r.Group {
			group = Cell{}
			if len(r.Cells) > 0 {
				group = r.Cells[0]
			}
			continue
		}
		out.Rows = append(out.Rows, Row{Cells: append([]Cell{group}, r.Cells...)})
	}
	return out
}

// looksLikeFormula tells text that a spreadsheet would compute when somebody edits
// it or saves it as CSV.
func looksLikeFormula(s string) bool {
	return s != "" && strings.ContainsRune("=+-@\t\r", rune(s[0]))
}

// plainText of a cell, as long as a cell may be.
func plainText(t Text) string {
	s := strings.TrimSpace(font.Clean(t.String()))
	if r := []rune(s); len(r) > excelize.TotalCellChars {
		s = string(r[:excelize.TotalCellChars-1]) + "…"
	}
	return s
}

// ink is a colour as the format writes it.
func (b *workbook) ink(c chart.Colour) string { return "#" + b.doc.Brand.hex(c) }

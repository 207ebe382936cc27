package report

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"holdfast/report/chart"
	"holdfast/report/font"
)

// workbook is an XLSX in the making.
type workbook struct {
	doc    Document
	book   *excelize.File
	styles map[cellStyle]int
}

// A cellStyle is how a cell looks; the workbook makes each once.
type cellStyle struct {
	role    cellRole
	tone    Tone
	align   Align
	format  string // of numbers and days; empty: text
	guarded bool   // text that is not to be taken for a formula
}

type cellRole uint8

const (
	roleText cellRole = iota
	roleTitle
	roleHead
	roleNote
	roleName
	roleLink
)

func newWorkbook(doc Document) (*workbook, error) {
	b := &workbook{doc: doc, book: excelize.NewFile(), styles: map[cellStyle]int{}}
	at := zipTime(doc).Format(time.RFC3339)
	err := b.book.SetDocProps(&excelize.DocProperties{
		Title: font.OneLine(doc.Title), Subject: font.OneLine(doc.Subtitle), Creator: font.OneLine(doc.Organisation), LastModifiedBy: "Holdfast",
		Keywords: font.OneLine(doc.Classification), Created: at, Modified: at, Language: doc.lang(), Version: font.OneLine(doc.Version),
	})
	if err != nil {
		return b, err
	}
	return b, b.book.SetDefaultFont("Calibri")
}

func (b *workbook) write(tables []tabled) error {
	if err := b.book.SetSheetName("Sheet1", "Contents"); err != nil {
		return err
	}
	for _, t := range tables {
		if _, err := b.book.NewSheet(t.name); err != nil {
			return err
		}
		if err := b.sheet(t); err != nil {
			return fmt.Errorf("sheet %q: %w", t.name, err)
		}
	}
	return b.contents(tables)
}

// style of a cell, made when it is first asked for.
func (b *workbook) style(s cellStyle) (int, error) {
	if id, ok := b.styles[s]; ok {
		return id, nil
	}
	x := &excelize.Style{Font: &excelize.Font{Family: "Calibri", Size: 11, Color: b.ink(chart.Ink)}, Alignment: &excelize.Alignment{Vertical: "top", WrapText: true}}
	switch s.role {
	case roleTitle:
		x.Font.Size, x.Font.Bold, x.Alignment.WrapText = 16, true, false
	case roleHead:
		x.Font.Bold, x.Alignment.Vertical = true, "bottom"
		x.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{b.ink(chart.AccentSoft)}}
		x.Border = []excelize.Border{{Type: "bottom", Color: b.ink(chart.Accent), Style: 2}}
	case roleNote:
		x.Font.Color, x.Alignment.WrapText = b.ink(chart.Muted), false
	case roleName:
		x.Font.Bold = true
	case roleLink:
		x.Font.Color, x.Font.Underline, x.Alignment.WrapText = b.ink(chart.Accent), "single", false
	case roleText:
		x.Border = []excelize.Border{{Type: "bottom", Color: b.ink(chart.Grid), Style: 1}}
	}
	x.Alignment.Horizontal = [...]string{"", "right", "center"}[min(s.align, Centre)]
	if s.tone != Neutral {
		strong, soft := s.tone.colour()
		x.Font.Bold, x.Font.Color = true, b.ink(strong)
		x.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{b.ink(soft)}}
	}
	if s.format != "" {
		x.CustomNumFmt = &s.format
	}
	id, err := b.book.NewStyle(x)
	if err != nil {
		return 0, err
	}
	if s.guarded { // the library makes no such style by itself, and would find the one without
		on := true
		xf := b.book.Styles.CellXfs.Xf[id]
		xf.QuotePrefix = &on
		b.book.Styles.CellXfs.Xf = append(b.book.Styles.CellXfs.Xf, xf)
		b.book.Styles.CellXfs.Xf[id].QuotePrefix = nil
		b.book.Styles.CellXfs.Count++
		id = len(b.book.Styles.CellXfs.Xf) - 1
	}
	b.styles[s] = id
	return id, nil
}

// The first rows of a sheet: its title, where it comes from, and the head.
const (
	titleRow = 1
	noteRow  = 2
	headRow  = 3
)

// sheet writes one table.
func (b *workbook) sheet(t tabled) error {
	if err := b.setUp(t, headRow+len(t.table.Rows)); err != nil { // before the rows: the library closes the sheet with them
		return err
	}
	s, err := b.book.NewStreamWriter(t.name)
	if err != nil {
		return err
	}
	for i, w := range widthsInSigns(t.table) {
		if err := s.SetColWidth(i+1, i+1, w); err != nil {
			return err
		}
	}
	if err := s.SetPanes(&excelize.Panes{Freeze: true, YSplit: headRow, TopLeftCell: fmt.Sprintf("A%d", headRow+1), ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	title := t.caption
	if title == "" {
		title = t.section
	}
	if err := b.texts(s, titleRow, roleTitle, title); err != nil {
		return err
	}
	if err := b.texts(s, noteRow, roleNote, join("  ·  ", t.section, font.OneLine(b.doc.Title), font.OneLine(b.doc.Organisation), b.doc.date())); err != nil {
		return err
	}
	if err := b.rows(s, t.table); err != nil {
		return err
	}
	return s.Flush()
}

func (b *workbook) texts(s *excelize.StreamWriter, row int, role cellRole, texts ...string) error {
	cells := make([]any, len(texts))
	for i, text := range texts {
		id, err := b.style(cellStyle{role: role, guarded: looksLikeFormula(text)})
		if err != nil {
			return err
		}
		cells[i] = excelize.Cell{StyleID: id, Value: text}
	}
	height := 15.0
	if role == roleTitle {
		height = 24
	}
	return s.SetRow(fmt.Sprintf("A%d", row), cells, excelize.RowOpts{Height: height})
}

func (b *workbook) rows(s *excelize.StreamWriter, t Table) error {
	head := make([]any, len(t.Columns))
	for i, c := range t.Columns {
		name := font.OneLine(c.Name)
		id, err := b.style(cellStyle{role: roleHead, align: c.Align, guarded: looksLikeFormula(name)})
		if err != nil {
			return err
		}
		head[i] = excelize.Cell{StyleID: id, Value: name}
	}
	if err := s.SetRow(fmt.Sprintf("A%d", headRow), head); err != nil {
		return err
	}
	for n, r := range t.Rows {
		cells := make([]any, len(t.Columns))
		for i, c := range t.Columns {
			var cell Cell
			if i < len(r.Cells) {
				cell = r.Cells[i]
			}
			x, err := b.cell(cell, c)
			if err != nil {
				return err
			}
			cells[i] = x
		}
		if err := s.SetRow(fmt.Sprintf("A%d", headRow+1+n), cells); err != nil {
			return err
		}
	}
	return nil
}

// cell is a typed value where there is one, else text.
func (b *workbook) cell(c Cell, column Column) (excelize.Cell, error) {
	s := cellStyle{align: column.Align}
	var value any
	switch v := c.Value.(type) {
	case Number:
		value, s.format = float64(v), "#,##0.###"
		if float64(v) == float64(int64(v)) {
			s.format = "#,##0"
		}
	case Amount:
		value, s.format = v.Value, moneyFormat(v.Currency)
	case Share:
		value, s.format = float64(v), "0%"
	case Day:
		value, s.format = excelDays(v.Time), "yyyy-mm-dd"
	default:
		text := plainText(c.Text)
		value, s.guarded = text, looksLikeFormula(text)
		if text != "" {
			s.tone = c.Tone
		}
	}
	id, err := b.style(s)
	return excelize.Cell{StyleID: id, Value: value}, err
}

// moneyFormat shows whole amounts with the code of their currency.
func moneyFormat(currency string) string {
	if len(currency) != 3 || strings.Trim(currency, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		return "#,##0"
	}
	return `#,##0 "` + currency + `"`
}

// excelDays is a day as a workbook counts it: days since 30 December 1899.
func excelDays(t time.Time) float64 {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24
}

// widthsInSigns are how many signs each column shows: enough for most of its texts,
// not so many that a row runs off the screen.
func widthsInSigns(t Table) []float64 {
	out := make([]float64, len(t.Columns))
	for i, c := range t.Columns {
		most := utf8.RuneCountInString(c.Name) + 4 // room for the arrow of the filter
		for _, r := range t.Rows {
			if i < len(r.Cells) {
				for line := range strings.SplitSeq(r.Cells[i].Text.String(), "\n") {
					most = max(most, utf8.RuneCountInString(line)+2)
				}
			}
		}
		out[i] = float64(min(max(most, 8), 60))
	}
	return out
}

// setUp adds the filter, and how the sheet is printed.
func (b *workbook) setUp(t tabled, last int) error {
	lastCell, err := excelize.CoordinatesToCellName(len(t.table.Columns), last)
	if err != nil {
		return err
	}
	if err := b.book.AutoFilter(t.name, fmt.Sprintf("A%d:%s", headRow, lastCell), nil); err != nil {
		return err
	}
	if err := b.page(t.name); err != nil {
		return err
	}
	return b.book.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", Scope: t.name, RefersTo: fmt.Sprintf("'%s'!$%d:$%d", t.name, headRow, headRow)})
}

// page sets the paper up: across, as wide as one page, with head and foot.
func (b *workbook) page(sheet string) error {
	across, size, wide, high, fit := "landscape", 9, 1, 0, true // 9 is A4, 1 is Letter
	if b.doc.Brand.Paper == Letter {
		size = 1
	}
	if err := b.book.SetPageLayout(sheet, &excelize.PageLayoutOptions{Orientation: &across, Size: &size, FitToWidth: &wide, FitToHeight: &high}); err != nil {
		return err
	}
	if err := b.book.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	safe := func(s string) string { return cutAt(strings.ReplaceAll(font.OneLine(s), "&", "&&"), 80) }
	return b.book.SetHeaderFooter(sheet, &excelize.HeaderFooterOptions{
		OddHeader: "&L" + safe(join(" · ", b.doc.Organisation, b.doc.Title)) + "&R" + safe(b.doc.Classification),
		OddFooter: "&L" + safe(join(" · ", versioned(b.doc.Version), b.doc.date(), b.doc.Status)) + "&RPage &P of &N",
	})
}

// contents is the first sheet: what the workbook is, and a link to each sheet.
func (b *workbook) contents(tables []tabled) error {
	const sheet = "Contents"
	row := 0
	put := func(column string, role cellRole, value any) error {
		text, _ := value.(string)
		id, err := b.style(cellStyle{role: role, guarded: looksLikeFormula(text)})
		if err != nil {
			return err
		}
		at := fmt.Sprintf("%s%d", column, row)
		if err := b.book.SetCellValue(sheet, at, value); err != nil {
			return err
		}
		return b.book.SetCellStyle(sheet, at, at, id)
	}
	line := func(role cellRole, text string) error { row++; return put("A", role, text) }
	if err := line(roleTitle, font.OneLine(b.doc.Title)); err != nil {
		return err
	}
	if err := line(roleNote, join("  ·  ", font.OneLine(b.doc.Subtitle), font.OneLine(b.doc.Organisation))); err != nil {
		return err
	}
	row++
	for _, p := range b.doc.properties() {
		if err := line(roleName, p.Name); err != nil {
			return err
		}
		if err := put("B", roleNote, p.Value); err != nil {
			return err
		}
	}
	row++
	if err := line(roleHead, "Sheet"); err != nil {
		return err
	}
	if err := errors.Join(put("B", roleHead, "What it holds"), put("C", roleHead, "Rows")); err != nil {
		return err
	}
	for _, t := range tables {
		if err := line(roleLink, t.name); err != nil {
			return err
		}
		if err := b.book.SetCellHyperLink(sheet, fmt.Sprintf("A%d", row), "'"+t.name+"'!A1", "Location"); err != nil {
			return err
		}
		if err := put("B", roleText, join(": ", t.section, t.caption)); err != nil {
			return err
		}
		if err := put("C", roleText, len(t.table.Rows)); err != nil {
			return err
		}
	}
	err := errors.Join(b.book.SetColWidth(sheet, "A", "A", 34), b.book.SetColWidth(sheet, "B", "B", 100), b.book.SetColWidth(sheet, "C", "C", 9))
	return errors.Join(err, b.page(sheet))
}

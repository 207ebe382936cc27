package report

import (
	"fmt"
	"strconv"
	"strings"

	"holdfast/report/chart"
	"holdfast/report/font"
)

// table writes a table whose head is repeated on every page and whose short rows
// are not parted.
func (m *manuscript) table(t Table, c column) {
	if len(t.Columns) == 0 {
		return
	}
	m.opened()
	if caption := m.captions.table(t.Caption); caption != "" {
		m.caption("Table", m.captions.tables, caption, true)
	}
	widths := t.widths(c.width)
	m.f(`<w:tbl><w:tblPr><w:tblStyle w:val="Records"/><w:tblW w:w="%d" w:type="dxa"/><w:tblInd w:w="%d" w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblLook w:val="0020" w:firstRow="1" w:lastRow="0" w:firstColumn="0" w:lastColumn="0" w:noHBand="1" w:noVBand="1"/>`, c.width, c.left)
	if caption := font.OneLine(t.Caption); caption != "" {
		m.out.WriteString(`<w:tblCaption w:val="`)
		xmlText.WriteString(&m.out, caption) //nolint:errcheck // a Builder does not fail
		m.out.WriteString(`"/>`)
	}
	m.out.WriteString(`</w:tblPr><w:tblGrid>`)
	for _, w := range widths {
		m.out.WriteString(`<w:gridCol w:w="` + strconv.Itoa(w) + `"/>`)
	}
	m.out.WriteString("</w:tblGrid>\n")
	m.tableHead(t, widths)
	for _, r := range t.Rows {
		m.row(t, r, widths)
	}
	m.out.WriteString("</w:tbl>\n")
	m.gap()
	m.guess.space(8)
}

// widths of the columns in twentieths of a point, which add up to total.
func (t Table) widths(total int) []int {
	shares := t.shares(float64(total) / 20)
	out := make([]int, len(shares))
	left := total
	for i, w := range shares {
		out[i] = min(twips(w), left)
		left -= out[i]
	}
	out[len(out)-1] += left
	return out
}

func (m *manuscript) tableHead(t Table, widths []int) {
	m.out.WriteString(`<w:tr><w:trPr><w:cantSplit/><w:tblHeader/></w:trPr>`)
	for i, c := range t.Columns {
		m.cell(widths[i], 1, chart.NoColour)
		m.paragraph(stand{style: "TableHead", align: c.Align, keepNext: true}, Plain(font.OneLine(c.Name)))
		m.out.WriteString(`</w:tc>`)
	}
	m.out.WriteString("</w:tr>\n")
	m.guess.hold(guessedCell + guessedPads)
}

func (m *manuscript) cell(width, span int, area chart.Colour) {
	m.out.WriteString(`<w:tc><w:tcPr><w:tcW w:w="` + strconv.Itoa(width) + `" w:type="dxa"/>`)
	if span > 1 {
		m.out.WriteString(`<w:gridSpan w:val="` + strconv.Itoa(span) + `"/>`)
	}
	if area != chart.NoColour {
		m.out.WriteString(`<w:shd w:val="clear" w:color="auto" w:fill="` + m.doc.Brand.hex(area) + `"/>`)
	}
	m.out.WriteString(`</w:tcPr>`)
}

func (m *manuscript) row(t Table, r Row, widths []int) {
	if r.Group {
		var text Text
		if len(r.Cells) > 0 {
			text = Plain(font.OneLine(r.Cells[0].Text.String()))
		}
		total := 0
		for _, w := range widths {
			total += w
		}
		m.out.WriteString(`<w:tr><w:trPr><w:cantSplit/></w:trPr>`)
		m.cell(total, len(widths), chart.Panel)
		m.paragraph(stand{style: "TableGroup", keepNext: true}, text)
		m.out.WriteString("</w:tc></w:tr>\n")
		m.guess.hold(guessedCell + guessedPads)
		return
	}
	most := 1
	for i := range t.Columns {
		if i < len(r.Cells) {
			most = max(most, m.guess.count(r.Cells[i].Text.String(), float64(widths[i])/20-2*cellPadX, tableCut.size))
		}
	}
	m.out.WriteString(`<w:tr>`)
	if most <= wholeRow {
		m.out.WriteString(`<w:trPr><w:cantSplit/></w:trPr>`)
	}
	for i, c := range t.Columns {
		var cell Cell
		if i < len(r.Cells) {
			cell = r.Cells[i]
		}
		m.cell(widths[i], 1, chart.NoColour)
		m.paragraph(stand{style: "TableText", align: c.Align, tone: cell.Tone}, cell.Text)
		m.out.WriteString(`</w:tc>`)
	}
	m.out.WriteString("</w:tr>\n")
	m.guess.space(float64(most)*guessedCell + guessedPads)
}

// caption writes "Table 3: …" with the number as a field, so that the word
// processor can list and renumber them.
func (m *manuscript) caption(kind string, n int, caption string, above bool) {
	m.open(stand{style: "Caption", keepNext: above}, nil)
	m.runs(Plain(kind+" "), Neutral)
	m.out.WriteString(field(`SEQ `+kind+` \* ARABIC`, strconv.Itoa(n)))
	if rest := strings.TrimPrefix(caption, fmt.Sprintf("%s %d", kind, n)); rest != "" {
		m.runs(Plain(rest), Neutral)
	}
	m.shut()
	if above {
		m.guess.hold(20)
	} else {
		m.guess.space(20)
	}
}

// field is what the word processor computes, with what it came to.
func field(code, value string) string {
	var b strings.Builder
	b.WriteString(`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> `)
	xmlText.WriteString(&b, code) //nolint:errcheck // a Builder does not fail
	b.WriteString(` </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r><w:r><w:t>`)
	xmlText.WriteString(&b, value) //nolint:errcheck // a Builder does not fail
	b.WriteString(`</w:t></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>`)
	return b.String()
}

package report

import (
	"fmt"
	"strconv"
	"strings"

	"holdfast/report/chart"
	"holdfast/report/font"
)

// A column is the room that blocks are laid into, in twentieths of a point.
type column struct {
	left, width int
	lists       int // lists around
	depth       int // blocks around
}

func (c column) inner(left, width int) column {
	return column{left: left, width: max(width, 600), lists: c.lists, depth: c.depth + 1}
}

// section writes a heading of the outline. Its number is the word processor's own.
func (m *manuscript) section(i int) {
	s := m.sections[i]
	m.guess.heading(s)
	m.paragraph(stand{style: "Heading" + strconv.Itoa(s.level), unlisted: s.number == "", mark: m.marks[s.id]}, Plain(s.text))
}

func (m *manuscript) blocks(blocks []Block, c column) {
	for _, b := range blocks {
		m.block(b, c)
	}
}

// block writes one block that is no part of the outline.
func (m *manuscript) block(block Block, c column) {
	if c.depth > maxDepth {
		return
	}
	switch v := block.(type) {
	case Heading: // inside another block: a label
		m.paragraph(stand{style: "BlockLabel", keepNext: true, left: c.left}, Plain(font.OneLine(v.Text)))
	case Paragraph:
		m.guess.text(v.Text, c, 7)
		m.paragraph(stand{left: c.left}, v.Text)
	case List:
		m.list(v, c)
	case Table:
		m.table(v, c)
	case Figure:
		m.figure(v, c)
	case KeyFigures:
		m.keyFigures(v, c)
	case Callout:
		m.callout(v, c)
	case Definitions:
		m.definitions(v, c)
	case Quote:
		m.guess.text(v.Text, c, 12)
		m.paragraph(stand{style: "Quote", keepNext: v.Source != ""}, v.Text)
		if v.Source != "" {
			m.paragraph(stand{style: "QuoteSource"}, Plain("– "+font.OneLine(v.Source)))
		}
	case Why:
		m.boxed(chart.Grid, chart.Panel, c, func(in column) { m.blocks(v.blocks(), in) })
	case Code:
		text := strings.TrimRight(strings.ReplaceAll(v.Text, "\t", "    "), "\n ")
		m.guess.lines(strings.Count(text, "\n")+2, guessedCell)
		m.paragraph(stand{style: "CodeBlock"}, Plain(text))
	}
}

// numbering is a list of its own: an ordered list starts at 1 again.
type numbering struct{ level int }

// The lists that every document has.
const (
	headingList = 1 + iota
	bulletList
	firstOwnList
)

// maxLists is how deep lists can stand in lists.
const maxLists = 9

func (m *manuscript) list(l List, c column) {
	level := min(c.lists, maxLists-1)
	num := bulletList
	if l.Ordered {
		m.lists = append(m.lists, numbering{level})
		num = firstOwnList + len(m.lists) - 1
	}
	inner := c.inner((level+1)*listIndent, c.width-listIndent)
	inner.lists++
	for _, item := range l.Items {
		first := stand{style: "ListParagraph", num: num, level: level}
		rest := []Block(item)
		var text Text
		if len(rest) > 0 {
			if p, ok := rest[0].(Paragraph); ok {
				text, rest = p.Text, rest[1:]
			}
		}
		m.guess.text(text, inner, 2)
		m.paragraph(first, text)
		m.blocks(rest, inner)
	}
}

// listIndent is how far each level of a list stands in.
const listIndent = 400

// boxed lays blocks on an area with a bar at its left: a table of one cell, which
// keeps its shape in every word processor.
func (m *manuscript) boxed(bar, area chart.Colour, c column, fill func(in column)) {
	m.opened()
	m.f(`<w:tbl><w:tblPr><w:tblW w:w="%d" w:type="dxa"/><w:tblInd w:w="%d" w:type="dxa"/><w:tblBorders><w:left w:val="single" w:sz="24" w:space="0" w:color="%s"/></w:tblBorders><w:shd w:val="clear" w:color="auto" w:fill="%s"/><w:tblLayout w:type="fixed"/><w:tblCellMar><w:top w:w="60" w:type="dxa"/><w:left w:w="220" w:type="dxa"/><w:bottom w:w="60" w:type="dxa"/><w:right w:w="220" w:type="dxa"/></w:tblCellMar><w:tblLook w:val="0000"/></w:tblPr>`,
		c.width, c.left, m.doc.Brand.hex(bar), m.doc.Brand.hex(area))
	m.f(`<w:tblGrid><w:gridCol w:w="%d"/></w:tblGrid><w:tr><w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/><w:shd w:val="clear" w:color="auto" w:fill="%s"/></w:tcPr>`+"\n", c.width, c.width, m.doc.Brand.hex(area))
	in := c.inner(0, c.width-440)
	in.lists = 0
	from := m.out.Len()
	fill(in)
	if m.out.Len() == from {
		m.paragraph(stand{style: "Gap"}, nil) // a cell ends with a paragraph
	}
	m.f("</w:tc></w:tr></w:tbl>\n")
	m.gap()
	m.guess.space(20)
}

// gap parts a table from what follows; two tables side by side would become one.
func (m *manuscript) gap() { m.paragraph(stand{style: "Gap"}, nil) }

func (m *manuscript) callout(v Callout, c column) {
	tone := v.Tone
	if tone == Neutral {
		tone = Accent
	}
	strong, soft := tone.colour()
	m.boxed(strong, soft, c, func(in column) {
		if title := font.OneLine(v.Title); title != "" {
			m.guess.hold(guessedLine + 6)
			m.paragraph(stand{style: "BlockLabel", keepNext: true}, Plain(title))
		}
		m.blocks(v.Blocks, in)
	})
}

func (m *manuscript) definitions(v Definitions, c column) {
	for _, d := range v.Items {
		m.guess.text(d.Text, column{width: c.width * 73 / 100}, 7)
		m.open(stand{style: "Definition"}, append(Plain(d.Term), d.Text...))
		m.runs(Text{{Text: font.OneLine(d.Term), Bold: true}}, Neutral)
		m.tab()
		m.runs(d.Text, Neutral)
		m.shut()
	}
}

// keyFigures stand four in a row, in a table without rules.
func (m *manuscript) keyFigures(v KeyFigures, c column) {
	for from := 0; from < len(v.Items); from += 4 {
		m.keyRow(v.Items[from:min(from+4, len(v.Items))], c)
	}
}

func (m *manuscript) keyRow(items []KeyFigure, c column) {
	m.opened()
	w := c.width / 4
	m.f(`<w:tbl><w:tblPr><w:tblW w:w="%d" w:type="dxa"/><w:tblInd w:w="%d" w:type="dxa"/><w:tblLayout w:type="fixed"/><w:tblCellMar><w:left w:w="0" w:type="dxa"/><w:right w:w="160" w:type="dxa"/></w:tblCellMar><w:tblLook w:val="0000"/></w:tblPr><w:tblGrid>`, w*len(items), c.left)
	m.out.WriteString(strings.Repeat(fmt.Sprintf(`<w:gridCol w:w="%d"/>`, w), len(items)))
	m.out.WriteString(`</w:tblGrid><w:tr><w:trPr><w:cantSplit/></w:trPr>`)
	for _, k := range items {
		strong, _ := k.Tone.colour()
		rule := strong
		if k.Tone == Neutral {
			rule = chart.Accent
		}
		m.f(`<w:tc><w:tcPr><w:tcW w:w="%d" w:type="dxa"/><w:tcBorders><w:top w:val="single" w:sz="12" w:space="0" w:color="%s"/></w:tcBorders></w:tcPr>`, w, m.doc.Brand.hex(rule))
		m.out.WriteString(`<w:p><w:pPr><w:pStyle w:val="KeyValue"/></w:pPr><w:r><w:rPr><w:color w:val="` + m.doc.Brand.hex(strong) + `"/></w:rPr>`)
		m.signs(font.OneLine(k.Value))
		m.out.WriteString("</w:r></w:p>\n")
		m.paragraph(stand{style: "KeyLabel"}, Plain(font.OneLine(k.Label)))
		if note := font.OneLine(k.Note); note != "" {
			m.paragraph(stand{style: "KeyNote"}, Plain(note))
		}
		m.out.WriteString(`</w:tc>`)
	}
	m.out.WriteString("</w:tr></w:tbl>\n")
	m.gap()
	m.guess.space(76)
}

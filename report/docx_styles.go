package report

import (
	"fmt"
	"strconv"
	"strings"

	"holdfast/report/chart"
)

// A styleDef is a style of paragraphs. Sizes are in half points, room in
// twentieths; para holds what is rare, in the order of the format.
type styleDef struct {
	id, name string
	based    string // empty: Normal
	next     string // what follows by Enter; empty: the same
	size     int
	bold     bool
	italic   bool
	mono     bool
	colour   chart.Colour
	before   int
	after    int
	line     int // 240 is single; 0: as Normal
	keep     bool
	para     string // between keepNext and spacing
	tail     string // after spacing
}

// styleDefs are the paragraph styles, by which people may restyle the file.
func (m *manuscript) styleDefs() []styleDef {
	right := strconv.Itoa(m.sheet.text())
	toRight := `<w:tabs><w:tab w:val="right" w:pos="` + right + `"/></w:tabs>`
	rule := func(side string, c chart.Colour, size, space int) string {
		return fmt.Sprintf(`<w:pBdr><w:%s w:val="single" w:sz="%d" w:space="%d" w:color="%s"/></w:pBdr>`, side, size, space, m.doc.Brand.hex(c))
	}
	list := []styleDef{
		{id: "Logo", name: "Logo", size: 20, colour: chart.Ink, after: 200, line: 240},
		{id: "Organisation", name: "Organisation", size: 24, bold: true, colour: chart.Ink, after: 2600},
		{id: "Title", name: "Title", next: "Subtitle", size: 72, colour: chart.Ink, before: 240, after: 200, line: 220, para: rule("top", chart.Accent, 36, 18)},
		{id: "Subtitle", name: "Subtitle", size: 30, colour: chart.Muted, after: 2400, line: 260},
		{id: "CoverLine", name: "Cover Line", size: 21, colour: chart.Ink, before: 60, after: 60, para: rule("top", chart.Grid, 4, 5) + `<w:tabs><w:tab w:val="left" w:pos="2600"/></w:tabs>`, tail: `<w:ind w:left="2600" w:hanging="2600"/>`},
		{id: "BlockLabel", name: "Block Label", next: "Normal", size: 20, bold: true, colour: chart.Ink, before: 60, after: 60, keep: true},
		{id: "ListParagraph", name: "List Paragraph", size: 20, colour: chart.Ink, after: 50},
		{id: "Caption", name: "caption", next: "Normal", size: 17, colour: chart.Muted, before: 80, after: 120},
		{id: "Figure", name: "Figure", next: "Caption", size: 20, colour: chart.Ink, before: 200, after: 40, keep: true, line: 240, tail: `<w:jc w:val="center"/>`},
		{id: "Quote", name: "Quote", size: 21, italic: true, colour: chart.Muted, before: 120, after: 120, para: rule("left", chart.Accent, 18, 12), tail: `<w:ind w:left="300"/>`},
		{id: "QuoteSource", name: "Quote Source", size: 17, colour: chart.Muted, after: 160, para: rule("left", chart.Accent, 18, 12), tail: `<w:ind w:left="300"/>`},
		{id: "Definition", name: "Definition", size: 20, colour: chart.Ink, after: 100, para: `<w:tabs><w:tab w:val="left" w:pos="2480"/></w:tabs>`, tail: `<w:ind w:left="2480" w:hanging="2480"/>`},
		{id: "CodeBlock", name: "Code Block", size: 16, mono: true, colour: chart.Ink, before: 100, after: 160, line: 260, para: rule("left", chart.Grid, 18, 10) + `<w:shd w:val="clear" w:color="auto" w:fill="` + m.doc.Brand.hex(chart.Panel) + `"/>`, tail: `<w:ind w:left="220"/>`},
		{id: "TableHead", name: "Table Head", size: 17, bold: true, colour: chart.Ink, before: 60, after: 60, line: 240, keep: true},
		{id: "TableText", name: "Table Text", size: 18, colour: chart.Ink, before: 60, after: 60, line: 245},
		{id: "TableGroup", name: "Table Group", size: 18, bold: true, colour: chart.Ink, before: 70, after: 70, line: 245, keep: true},
		{id: "KeyValue", name: "Key Value", size: 44, colour: chart.Ink, before: 100, after: 0, line: 240, keep: true},
		{id: "KeyLabel", name: "Key Label", size: 18, bold: true, colour: chart.Ink, after: 20, line: 245},
		{id: "KeyNote", name: "Key Note", size: 17, colour: chart.Muted, after: 20, line: 245},
		{id: "Gap", name: "Gap", size: 8, colour: chart.Ink, after: 60, line: 240},
		{id: "TOCHeading", name: "TOC Heading", size: 46, colour: chart.Ink, after: 240, line: 240, keep: true},
		{id: "Header", name: "header", size: 16, colour: chart.Muted, line: 240, para: rule("bottom", chart.Grid, 4, 6) + toRight},
		{id: "Footer", name: "footer", size: 16, colour: chart.Muted, line: 240, para: rule("top", chart.Grid, 4, 6) + toRight},
	}
	return append(list, m.outlineStyles()...)
}

// outlineStyles are those of the headings and of their entries in the contents.
func (m *manuscript) outlineStyles() []styleDef {
	var list []styleDef
	sizes, rooms := [...]int{0, 46, 28, 22, 20}, [...]int{0, 600, 420, 320, 260}
	for i := 1; i <= maxLevel; i++ {
		n := strconv.Itoa(i)
		colour := chart.Ink
		if i == maxLevel {
			colour = chart.Muted
		}
		list = append(list, styleDef{id: "Heading" + n, name: "heading " + n, next: "Normal", size: sizes[i], bold: i > 1, colour: colour, before: rooms[i], after: 120, line: 240, keep: true,
			para: `<w:numPr><w:ilvl w:val="` + strconv.Itoa(i-1) + `"/><w:numId w:val="1"/></w:numPr>`, tail: `<w:outlineLvl w:val="` + strconv.Itoa(i-1) + `"/>`})
		left, hanging := [...]int{0, 560, 1260, 2100, 3000}[i], [...]int{0, 560, 700, 840, 900}[i]
		before := 20
		if i == 1 {
			before = 140
		}
		list = append(list, styleDef{id: "TOC" + n, name: "toc " + n, size: 20, bold: i == 1, colour: chart.Ink, before: before, after: 20, line: 240,
			para: fmt.Sprintf(`<w:tabs><w:tab w:val="left" w:pos="%d"/><w:tab w:val="right" w:leader="dot" w:pos="%d"/></w:tabs>`, left, m.sheet.text()),
			tail: fmt.Sprintf(`<w:ind w:left="%d" w:hanging="%d"/>`, left, hanging)})
	}
	return list
}

// family is the font of the text.
func (m *manuscript) family() string {
	if f := m.doc.Brand.family(); f != "" {
		return f
	}
	return "Calibri"
}

func (m *manuscript) styles() string {
	var b strings.Builder
	fmt.Fprintf(&b, `%[1]s<w:styles %[2]s><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="%[4]s" w:hAnsi="%[4]s" w:eastAsia="%[4]s" w:cs="%[4]s"/><w:color w:val="%[3]s"/><w:sz w:val="20"/><w:szCs w:val="20"/><w:lang w:val="%[5]s" w:eastAsia="en-US" w:bidi="ar-SA"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:widowControl/></w:pPr></w:pPrDefault></w:docDefaults>`,
		xmlHead, spaceWord, m.doc.Brand.hex(chart.Ink), m.family(), m.doc.lang())
	b.WriteString(`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/><w:qFormat/><w:pPr><w:spacing w:after="140" w:line="276" w:lineRule="auto"/></w:pPr></w:style>`)
	b.WriteString(`<w:style w:type="character" w:default="1" w:styleId="DefaultParagraphFont"><w:name w:val="Default Paragraph Font"/><w:uiPriority w:val="1"/><w:semiHidden/></w:style>`)
	fmt.Fprintf(&b, `<w:style w:type="character" w:styleId="Hyperlink"><w:name w:val="Hyperlink"/><w:rPr><w:color w:val="%s"/><w:u w:val="single"/></w:rPr></w:style>`, m.doc.Brand.hex(chart.Accent))
	fmt.Fprintf(&b, `<w:style w:type="character" w:styleId="CodeText"><w:name w:val="Code Text"/><w:rPr><w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:cs="Consolas"/><w:sz w:val="18"/><w:shd w:val="clear" w:color="auto" w:fill="%s"/></w:rPr></w:style>`, m.doc.Brand.hex(chart.Panel))
	b.WriteString(`<w:style w:type="table" w:default="1" w:styleId="TableNormal"><w:name w:val="Normal Table"/><w:uiPriority w:val="99"/><w:semiHidden/><w:tblPr><w:tblInd w:w="0" w:type="dxa"/><w:tblCellMar><w:top w:w="0" w:type="dxa"/><w:left w:w="108" w:type="dxa"/><w:bottom w:w="0" w:type="dxa"/><w:right w:w="108" w:type="dxa"/></w:tblCellMar></w:tblPr></w:style>`)
	fmt.Fprintf(&b, `<w:style w:type="table" w:customStyle="1" w:styleId="Records"><w:name w:val="Records"/><w:basedOn w:val="TableNormal"/><w:tblPr><w:tblBorders><w:bottom w:val="single" w:sz="4" w:space="0" w:color="%s"/><w:insideH w:val="single" w:sz="4" w:space="0" w:color="%s"/></w:tblBorders></w:tblPr><w:tblStylePr w:type="firstRow"><w:tcPr><w:tcBorders><w:bottom w:val="single" w:sz="8" w:space="0" w:color="%s"/></w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr></w:tblStylePr></w:style>`,
		m.doc.Brand.hex(chart.Axis), m.doc.Brand.hex(chart.Grid), m.doc.Brand.hex(chart.Accent))
	for _, s := range m.styleDefs() {
		m.style(&b, s)
	}
	b.WriteString(`</w:styles>`)
	return b.String()
}

func (m *manuscript) style(b *strings.Builder, s styleDef) {
	based, next := s.based, s.next
	if based == "" {
		based = "Normal"
	}
	if next == "" {
		next = s.id
	}
	fmt.Fprintf(b, `<w:style w:type="paragraph" w:styleId="%s"><w:name w:val="%s"/><w:basedOn w:val="%s"/><w:next w:val="%s"/><w:qFormat/><w:pPr>`, s.id, s.name, based, next)
	if s.keep {
		b.WriteString(`<w:keepNext/><w:keepLines/>`)
	}
	b.WriteString(s.para)
	line := s.line
	if line == 0 {
		line = 276
	}
	fmt.Fprintf(b, `<w:spacing w:before="%d" w:after="%d" w:line="%d" w:lineRule="auto"/>%s</w:pPr><w:rPr>`, s.before, s.after, line, s.tail)
	if s.mono {
		b.WriteString(`<w:rFonts w:ascii="Consolas" w:hAnsi="Consolas" w:cs="Consolas"/>`)
	}
	if s.bold {
		b.WriteString(`<w:b/><w:bCs/>`)
	}
	if s.italic {
		b.WriteString(`<w:i/><w:iCs/>`)
	}
	fmt.Fprintf(b, `<w:color w:val="%s"/><w:sz w:val="%d"/><w:szCs w:val="%d"/></w:rPr></w:style>`, m.doc.Brand.hex(s.colour), s.size, s.size)
}

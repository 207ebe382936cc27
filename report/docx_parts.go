package report

import (
	"fmt"
	"strconv"
	"strings"

	"holdfast/report/chart"
	"holdfast/report/font"
)

// A part is a file inside the DOCX.
type part struct {
	name   string
	text   string
	packed bool // compressed already
}

const (
	xmlHead = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"

	// The vocabularies of the format (ECMA-376), and the one for pictures in SVG.
	spaceWord    = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`
	spaceRelated = `xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	spaces       = spaceWord + ` ` + spaceRelated +
		` xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"` +
		` xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"` +
		` xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"` +
		` xmlns:asvg="http://schemas.microsoft.com/office/drawing/2016/SVG/main"`

	relatedPackage = "http://schemas.openxmlformats.org/package/2006/relationships"
	relatedOffice  = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"
)

// parts are all files of the DOCX, in their order.
func (m *manuscript) parts() []part {
	list := []part{
		{name: "[Content_Types].xml", text: m.contentTypes()},
		{name: "_rels/.rels", text: relations([]relation{
			{"rDocument", relatedOffice + "officeDocument", "word/document.xml", false},
			{"rCore", "http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties", "docProps/core.xml", false},
			{"rApp", relatedOffice + "extended-properties", "docProps/app.xml", false}})},
		{name: "docProps/core.xml", text: m.core()},
		{name: "docProps/app.xml", text: xmlHead + `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>Holdfast</Application><DocSecurity>0</DocSecurity></Properties>`},
		{name: "word/document.xml", text: xmlHead + `<w:document ` + spaces + `><w:body>` + "\n" + m.body() + m.section0() + `</w:body></w:document>`},
		{name: "word/_rels/document.xml.rels", text: m.relations()},
		{name: "word/styles.xml", text: m.styles()},
		{name: "word/numbering.xml", text: m.numberings()},
		{name: "word/settings.xml", text: xmlHead + `<w:settings ` + spaceWord + `><w:zoom w:percent="100"/><w:defaultTabStop w:val="720"/><w:characterSpacingControl w:val="doNotCompress"/><w:compat><w:compatSetting w:name="compatibilityMode" w:uri="http://schemas.microsoft.com/office/word" w:val="15"/></w:compat><w:themeFontLang w:val="` + m.doc.lang() + `"/><w:decimalSymbol w:val="."/><w:listSeparator w:val=","/></w:settings>`},
		{name: "word/fontTable.xml", text: xmlHead + `<w:fonts ` + spaceWord + `><w:font w:name="` + m.family() + `"><w:altName w:val="Carlito"/><w:family w:val="swiss"/><w:pitch w:val="variable"/></w:font><w:font w:name="Consolas"><w:altName w:val="DejaVu Sans Mono"/><w:family w:val="modern"/><w:pitch w:val="fixed"/></w:font></w:fonts>`},
		{name: "word/header1.xml", text: m.header()},
		{name: "word/footer1.xml", text: m.footer()},
	}
	for i, p := range m.pictures {
		n := strconv.Itoa(i + 1)
		if p.logo != nil {
			list = append(list, part{name: "word/media/figure" + n + "." + p.ending(), text: string(p.logo.data), packed: true})
			continue
		}
		list = append(list, part{name: "word/media/figure" + n + ".png", text: p.png, packed: true}, part{name: "word/media/figure" + n + ".svg", text: p.svg})
	}
	return list
}

func (m *manuscript) contentTypes() string {
	const main = "application/vnd.openxmlformats-officedocument.wordprocessingml."
	var b strings.Builder
	b.WriteString(xmlHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/><Default Extension="png" ContentType="image/png"/><Default Extension="jpeg" ContentType="image/jpeg"/><Default Extension="svg" ContentType="image/svg+xml"/>`)
	for _, o := range [][2]string{
		{"/word/document.xml", main + "document.main+xml"}, {"/word/styles.xml", main + "styles+xml"}, {"/word/numbering.xml", main + "numbering+xml"},
		{"/word/settings.xml", main + "settings+xml"}, {"/word/fontTable.xml", main + "fontTable+xml"}, {"/word/header1.xml", main + "header+xml"}, {"/word/footer1.xml", main + "footer+xml"},
		{"/docProps/core.xml", "application/vnd.openxmlformats-package.core-properties+xml"}, {"/docProps/app.xml", "application/vnd.openxmlformats-officedocument.extended-properties+xml"},
	} {
		b.WriteString(`<Override PartName="` + o[0] + `" ContentType="` + o[1] + `"/>`)
	}
	b.WriteString(`</Types>`)
	return b.String()
}

type relation struct {
	id, kind, target string
	outside          bool
}

func relations(list []relation) string {
	var b strings.Builder
	b.WriteString(xmlHead + `<Relationships xmlns="` + relatedPackage + `">`)
	for _, r := range list {
		b.WriteString(`<Relationship Id="` + r.id + `" Type="` + r.kind + `" Target="` + xmlText.Replace(r.target) + `"`)
		if r.outside {
			b.WriteString(` TargetMode="External"`)
		}
		b.WriteString(`/>`)
	}
	b.WriteString(`</Relationships>`)
	return b.String()
}

func (m *manuscript) relations() string {
	list := []relation{
		{"rStyles", relatedOffice + "styles", "styles.xml", false}, {"rNumbering", relatedOffice + "numbering", "numbering.xml", false},
		{"rSettings", relatedOffice + "settings", "settings.xml", false}, {"rFonts", relatedOffice + "fontTable", "fontTable.xml", false},
		{"rHeader", relatedOffice + "header", "header1.xml", false}, {"rFooter", relatedOffice + "footer", "footer1.xml", false},
	}
	for i, p := range m.pictures {
		n := strconv.Itoa(i + 1)
		list = append(list, relation{"rPicture" + n, relatedOffice + "image", "media/figure" + n + "." + p.ending(), false})
		if p.drawing != nil {
			list = append(list, relation{"rVector" + n, relatedOffice + "image", "media/figure" + n + ".svg", false})
		}
	}
	for i, address := range m.links {
		list = append(list, relation{"rLink" + strconv.Itoa(i+1), relatedOffice + "hyperlink", address, true})
	}
	return relations(list)
}

func (m *manuscript) core() string {
	d := m.doc
	at := zipTime(d).Format("2006-01-02T15:04:05Z")
	e := func(s string) string { return xmlText.Replace(font.OneLine(s)) }
	return xmlHead + `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		`<dc:title>` + e(d.Title) + `</dc:title><dc:subject>` + e(d.Subtitle) + `</dc:subject><dc:creator>` + e(d.Organisation) + `</dc:creator><cp:keywords>` + e(d.Classification) + `</cp:keywords><cp:lastModifiedBy>Holdfast</cp:lastModifiedBy>` +
		`<dcterms:created xsi:type="dcterms:W3CDTF">` + at + `</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">` + at + `</dcterms:modified>` +
		`<dc:language>` + d.lang() + `</dc:language><cp:version>` + e(d.Version) + `</cp:version><cp:contentStatus>` + e(d.Status) + `</cp:contentStatus></cp:coreProperties>`
}

// section0 ends the body: the paper, and what stands on every page but the first.
func (m *manuscript) section0() string {
	s := m.sheet
	orient := ""
	if s.width > s.height {
		orient = ` w:orient="landscape"`
	}
	return fmt.Sprintf(`<w:sectPr><w:headerReference w:type="default" r:id="rHeader"/><w:footerReference w:type="default" r:id="rFooter"/><w:pgSz w:w="%d" w:h="%d"%s/><w:pgMar w:top="%d" w:right="%d" w:bottom="%d" w:left="%d" w:header="860" w:footer="760" w:gutter="0"/><w:titlePg/></w:sectPr>`,
		s.width, s.height, orient, s.top, s.side, s.bottom, s.side)
}

// edge writes the content of a head or a foot: something left, something right.
func (m *manuscript) edge(element, style, left, right string) string {
	return xmlHead + `<w:` + element + ` ` + spaces + `><w:p><w:pPr><w:pStyle w:val="` + style + `"/></w:pPr><w:r><w:t xml:space="preserve">` + xmlText.Replace(left) + `</w:t></w:r><w:r><w:tab/></w:r>` + right + `</w:p></w:` + element + `>`
}

func (m *manuscript) header() string {
	class := `<w:r><w:rPr><w:b/><w:color w:val="` + m.doc.Brand.hex(chart.Ink) + `"/></w:rPr><w:t xml:space="preserve">` + xmlText.Replace(font.OneLine(m.doc.Classification)) + `</w:t></w:r>`
	return m.edge("hdr", "Header", join("  ·  ", font.OneLine(m.doc.Organisation), font.OneLine(m.doc.Title)), class)
}

func (m *manuscript) footer() string {
	text := func(s string) string { return `<w:r><w:t xml:space="preserve">` + s + `</w:t></w:r>` }
	return m.edge("ftr", "Footer", join("  ·  ", versioned(m.doc.Version), m.doc.date(), font.OneLine(m.doc.Status), font.OneLine(m.doc.Brand.Footer)),
		text("Page ")+field("PAGE", "1")+text(" of ")+field("NUMPAGES", strconv.Itoa(m.guess.page)))
}

// numberings are the lists: the headings, all that have dots, and each ordered list.
func (m *manuscript) numberings() string {
	var b strings.Builder
	b.WriteString(xmlHead + `<w:numbering ` + spaceWord + `>`)
	abstract := func(id int, level func(i int) string) {
		fmt.Fprintf(&b, `<w:abstractNum w:abstractNumId="%d"><w:multiLevelType w:val="multilevel"/>`, id)
		for i := range maxLists {
			fmt.Fprintf(&b, `<w:lvl w:ilvl="%d"><w:start w:val="1"/>%s</w:lvl>`, i, level(i))
		}
		b.WriteString(`</w:abstractNum>`)
	}
	number := ""
	abstract(1, func(i int) string {
		number += "." + "%" + strconv.Itoa(i+1)
		style := ""
		if i < maxLevel {
			style = `<w:pStyle w:val="Heading` + strconv.Itoa(i+1) + `"/>`
		}
		return `<w:numFmt w:val="decimal"/>` + style + `<w:suff w:val="tab"/><w:lvlText w:val="` + number[1:] + `"/><w:lvlJc w:val="left"/><w:pPr><w:tabs><w:tab w:val="num" w:pos="720"/></w:tabs><w:ind w:left="720" w:hanging="720"/></w:pPr><w:rPr><w:color w:val="` + m.doc.Brand.hex(chart.Accent) + `"/></w:rPr>`
	})
	indent := func(i int) string {
		return fmt.Sprintf(`<w:lvlJc w:val="left"/><w:pPr><w:ind w:left="%d" w:hanging="300"/></w:pPr><w:rPr><w:color w:val="%s"/></w:rPr>`, (i+1)*listIndent, m.doc.Brand.hex(chart.Accent))
	}
	dots := [...]string{"•", "–", "▪"}
	abstract(2, func(i int) string {
		return `<w:numFmt w:val="bullet"/><w:lvlText w:val="` + dots[i%len(dots)] + `"/>` + indent(i)
	})
	formats := [...]string{"decimal", "lowerLetter", "lowerRoman"}
	abstract(3, func(i int) string {
		return `<w:numFmt w:val="` + formats[i%len(formats)] + `"/><w:lvlText w:val="%` + strconv.Itoa(i+1) + `."/>` + indent(i)
	})
	b.WriteString(`<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num><w:num w:numId="2"><w:abstractNumId w:val="2"/></w:num>`)
	for i, l := range m.lists {
		fmt.Fprintf(&b, `<w:num w:numId="%d"><w:abstractNumId w:val="3"/><w:lvlOverride w:ilvl="%d"><w:startOverride w:val="1"/></w:lvlOverride></w:num>`, firstOwnList+i, l.level)
	}
	b.WriteString(`</w:numbering>`)
	return b.String()
}

package report

import (
	"strconv"
	"strings"

	"golang.org/x/text/unicode/bidi"

	"holdfast/report/font"
)

// A stand says how a paragraph stands.
type stand struct {
	style    string
	keepNext bool
	num      int // list it is an item of; 0: none
	level    int
	unlisted bool // takes no number although its style has one
	left     int  // indent
	align    Align
	tone     Tone
	mark     string // bookmark around it
}

var xmlText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;")

// paragraph writes running text. The parts of its properties stand in the order
// that the format asks for.
func (m *manuscript) paragraph(l stand, t Text) {
	m.open(l, t)
	m.runs(t, l.tone)
	if l.mark != "" {
		m.out.WriteString(`<w:bookmarkEnd w:id="` + strconv.Itoa(m.objects) + `"/>`)
	}
	m.shut()
}

func (m *manuscript) open(l stand, t Text) {
	b := &m.out
	b.WriteString(`<w:p><w:pPr>`)
	if l.style != "" {
		b.WriteString(`<w:pStyle w:val="` + l.style + `"/>`)
	}
	if l.keepNext {
		b.WriteString(`<w:keepNext/>`)
	}
	if m.newPage {
		b.WriteString(`<w:pageBreakBefore/>`)
	}
	switch {
	case l.num > 0:
		b.WriteString(`<w:numPr><w:ilvl w:val="` + strconv.Itoa(l.level) + `"/><w:numId w:val="` + strconv.Itoa(l.num) + `"/></w:numPr>`)
	case l.unlisted:
		b.WriteString(`<w:numPr><w:ilvl w:val="0"/><w:numId w:val="0"/></w:numPr>`)
	}
	if font.RightToLeft(t.String()) {
		b.WriteString(`<w:bidi/>`)
	}
	if m.newPage {
		b.WriteString(`<w:spacing w:before="0"/>`) // nothing above it to keep away from
		m.newPage = false
	}
	if l.left > 0 {
		b.WriteString(`<w:ind w:left="` + strconv.Itoa(l.left) + `"/>`)
	} else if l.unlisted {
		b.WriteString(`<w:ind w:left="0" w:firstLine="0"/>`)
	}
	switch l.align {
	case Right:
		b.WriteString(`<w:jc w:val="right"/>`)
	case Centre:
		b.WriteString(`<w:jc w:val="center"/>`)
	}
	b.WriteString(`</w:pPr>`)
	if l.mark != "" {
		id := strconv.Itoa(m.object())
		b.WriteString(`<w:bookmarkStart w:id="` + id + `" w:name="` + l.mark + `"/>`)
	}
}

func (m *manuscript) shut() { m.out.WriteString("</w:p>\n") }

// tab moves to the next stop of the line.
func (m *manuscript) tab() { m.out.WriteString(`<w:r><w:tab/></w:r>`) }

// runs writes the pieces of a text, each in its style and its direction.
func (m *manuscript) runs(t Text, tone Tone) {
	for _, s := range t {
		link := safeLink(s.Link)
		switch {
		case link == "":
		case link[0] == '#':
			mark := m.marks[link[1:]]
			if mark == "" {
				link = ""
				break
			}
			m.out.WriteString(`<w:hyperlink w:anchor="` + mark + `" w:history="1">`)
		default:
			m.out.WriteString(`<w:hyperlink r:id="` + m.relation(link) + `" w:history="1">`)
		}
		for _, part := range directions(font.Clean(s.Text)) {
			m.run(s, part, tone, link != "")
		}
		if link != "" {
			m.out.WriteString(`</w:hyperlink>`)
		}
	}
}

// relation is the name of a link to the outside.
func (m *manuscript) relation(address string) string {
	if id, ok := m.linkIDs[address]; ok {
		return id
	}
	m.links = append(m.links, address)
	id := "rLink" + strconv.Itoa(len(m.links))
	m.linkIDs[address] = id
	return id
}

func (m *manuscript) run(s Span, d directed, tone Tone, linked bool) {
	b := &m.out
	b.WriteString(`<w:r>`)
	style := ""
	switch {
	case linked:
		style = "Hyperlink"
	case s.Code:
		style = "CodeText"
	}
	if style != "" || s.Bold || s.Italic || tone != Neutral || d.rtl || linked && s.Code {
		b.WriteString(`<w:rPr>`)
		if style != "" {
			b.WriteString(`<w:rStyle w:val="` + style + `"/>`)
		}
		if s.Bold || tone != Neutral {
			b.WriteString(`<w:b/><w:bCs/>`)
		}
		if s.Italic {
			b.WriteString(`<w:i/><w:iCs/>`)
		}
		if tone != Neutral {
			strong, soft := tone.colour()
			b.WriteString(`<w:color w:val="` + m.doc.Brand.hex(strong) + `"/><w:shd w:val="clear" w:color="auto" w:fill="` + m.doc.Brand.hex(soft) + `"/>`)
		}
		if d.rtl {
			b.WriteString(`<w:rtl/>`)
		}
		b.WriteString(`</w:rPr>`)
	}
	m.signs(d.text)
	b.WriteString(`</w:r>`)
}

// signs writes text with its line ends.
func (m *manuscript) signs(text string) {
	for i, line := range strings.Split(text, "\n") {
		if i > 0 {
			m.out.WriteString(`<w:br/>`)
		}
		if line != "" {
			m.out.WriteString(`<w:t xml:space="preserve">`)
			xmlText.WriteString(&m.out, line) //nolint:errcheck // a Builder does not fail
			m.out.WriteString(`</w:t>`)
		}
	}
}

// directed is text of one direction of reading.
type directed struct {
	text string
	rtl  bool
}

// directions parts a text where its direction turns. Spaces and signs between two
// words of one direction belong to them.
func directions(s string) []directed {
	if s == "" {
		return nil
	}
	if dir(s) == "" {
		return []directed{{text: s}}
	}
	var out []directed
	from, neutral, rtl := 0, 0, font.RightToLeft(s)
	for i, r := range s {
		p, _ := bidi.LookupRune(r)
		class := p.Class()
		strong := class == bidi.L || class == bidi.R || class == bidi.AL
		if !strong {
			continue
		}
		if turned := class != bidi.L; turned != rtl {
			if neutral > from {
				out = append(out, directed{s[from:neutral], rtl})
			}
			from, rtl = neutral, turned
		}
		neutral = i + len(string(r))
	}
	return append(out, directed{s[from:], rtl})
}

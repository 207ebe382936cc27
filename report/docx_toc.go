package report

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// toc writes a field of contents with its entries already made: it reads well
// before anybody refreshes it. The pages in it are guessed from the length of the
// text; a word processor knows its own and puts them right when it refreshes.
func (m *manuscript) toc(b *strings.Builder, t Toc) {
	b.WriteString(`<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/><w:docPartUnique/></w:docPartObj></w:sdtPr><w:sdtContent>`)
	b.WriteString(`<w:p><w:pPr><w:pStyle w:val="TOCHeading"/></w:pPr><w:r><w:t xml:space="preserve">`)
	xmlText.WriteString(b, t.title()) //nolint:errcheck // a Builder does not fail
	b.WriteString("</w:t></w:r></w:p>\n")
	begin := fmt.Sprintf(`<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText xml:space="preserve"> TOC \o "1-%d" \h \z \u </w:instrText></w:r><w:r><w:fldChar w:fldCharType="separate"/></w:r>`, t.depth())
	for _, s := range m.sections {
		if s.level <= t.depth() {
			m.tocEntry(b, s, begin)
			begin = ""
		}
	}
	b.WriteString(`<w:p><w:pPr><w:pStyle w:val="Gap"/></w:pPr>` + begin + `<w:r><w:fldChar w:fldCharType="end"/></w:r></w:p></w:sdtContent></w:sdt>` + "\n")
}

func (m *manuscript) tocEntry(b *strings.Builder, s section, begin string) {
	mark := m.marks[s.id]
	b.WriteString(`<w:p><w:pPr><w:pStyle w:val="TOC` + strconv.Itoa(s.level) + `"/></w:pPr>` + begin + `<w:hyperlink w:anchor="` + mark + `" w:history="1">`)
	if s.number != "" {
		b.WriteString(`<w:r><w:t>` + s.number + `</w:t></w:r><w:r><w:tab/></w:r>`)
	}
	for _, d := range directions(s.text) {
		b.WriteString(`<w:r>`)
		if d.rtl {
			b.WriteString(`<w:rPr><w:rtl/></w:rPr>`)
		}
		b.WriteString(`<w:t xml:space="preserve">`)
		xmlText.WriteString(b, d.text) //nolint:errcheck // a Builder does not fail
		b.WriteString(`</w:t></w:r>`)
	}
	b.WriteString(`<w:r><w:tab/></w:r>` + field(`PAGEREF `+mark+` \h`, strconv.Itoa(m.guess.at[s.id])) + "</w:hyperlink></w:p>\n")
}

// A pageGuess follows how far down the page the text has come, in points. It needs
// to be right to a page or so.
type pageGuess struct {
	page          int
	y             float64
	height, width float64
	at            map[string]int // by heading id
	held          []string       // headings that wait for what they stay with
	room          float64        // which they take
}

// The lines of the styles, in points; a line of Calibri is 1.22 times its size.
const (
	guessedLine = 14.0
	guessedCell = 11.3
	guessedPads = 6.5
)

func (g *pageGuess) turn() { g.page, g.y = g.page+1, 0 }

// space takes room that is never parted. Headings just above come along when it
// goes to the next page.
func (g *pageGuess) space(h float64) {
	if g.y > 0 && g.y+g.room+h > g.height {
		g.turn()
	}
	for _, id := range g.held {
		g.at[id] = g.page
	}
	g.y = math.Min(g.y+g.room+h, g.height)
	g.held, g.room = g.held[:0], 0
}

// hold takes room for what stays with the next.
func (g *pageGuess) hold(h float64) { g.room += h }

func (g *pageGuess) lines(n int, line float64) {
	for range n {
		g.space(line)
	}
}

// count is how many lines a text takes. A sign is about half as wide as it is
// high, and lines end a little early because words are not parted.
func (g *pageGuess) count(text string, width, size float64) int {
	n := 0
	for line := range strings.SplitSeq(text, "\n") {
		n += max(1, int(math.Ceil(float64(utf8.RuneCountInString(line))*size*0.49/max(width, 20))))
	}
	return n
}

func (g *pageGuess) text(t Text, c column, after float64) {
	g.lines(g.count(t.String(), float64(c.width)/20, bodyCut.size), guessedLine)
	g.y += after
}

func (g *pageGuess) heading(s section) {
	if g.at == nil {
		g.at = map[string]int{}
	}
	g.at[s.id] = g.page
	g.held = append(g.held, s.id)
	g.room += [...]float64{0, 64, 44, 36, 31}[s.level]
}

func (g *pageGuess) toc(sections []section, t Toc) {
	g.space(40)
	for _, s := range sections {
		if s.level <= t.depth() {
			g.space(guessedLine)
		}
	}
}

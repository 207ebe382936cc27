package report

import (
	"archive/zip"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"holdfast/report/font"
)

// DOCX writes the document as an Office Open XML file for word processors: real
// headings, lists, captions and a field of contents, tables whose heads are
// repeated, figures as vectors with a picture for programs that show none. It has
// no macro and loads nothing. The same document gives the same bytes.
func DOCX(w io.Writer, doc Document) error {
	m := newManuscript(doc)
	m.cover()
	m.document()
	if err := m.encodePictures(); err != nil {
		return fmt.Errorf("making the DOCX of %q: %w", doc.Title, err)
	}
	if err := m.pack(w); err != nil {
		return fmt.Errorf("writing the DOCX of %q: %w", doc.Title, err)
	}
	return nil
}

// A manuscript is a DOCX file in the making. Lengths are in twentieths of a point,
// as the format has them.
type manuscript struct {
	doc      Document
	sheet    sheet
	sections []section
	captions captions
	marks    map[string]string // by heading id: the bookmark at the heading

	out      strings.Builder
	contents []slot // where tables of contents go once the pages are guessed

	links    []string // addresses outside, by relation
	linkIDs  map[string]string
	pictures []*picture
	lists    []numbering
	objects  int // last number given to a drawing or a bookmark

	newPage bool // the next paragraph opens a page
	guess   pageGuess
}

// slot is a place in the body where a table of contents is put in.
type slot struct {
	at  int
	toc Toc
}

// A sheet is the paper, in twentieths of a point.
type sheet struct{ width, height, side, top, bottom int }

func (s sheet) text() int { return s.width - 2*s.side }

func twips(points float64) int { return int(points*20 + 0.5) }

func newManuscript(doc Document) *manuscript {
	m := &manuscript{doc: doc, sections: doc.outline(), marks: map[string]string{}, linkIDs: map[string]string{}}
	l := doc.leaf()
	m.sheet = sheet{twips(l.width), twips(l.height), twips(l.side), twips(l.top), twips(l.bottom)}
	for i, s := range m.sections {
		m.marks[s.id] = "_Toc" + strconv.Itoa(i+1)
	}
	m.guess = pageGuess{page: 2, height: m.doc.leaf().room(), width: m.doc.leaf().text()}
	return m
}

func (m *manuscript) f(format string, args ...any) { fmt.Fprintf(&m.out, format, args...) }

func (m *manuscript) object() int {
	m.objects++
	return m.objects
}

func (m *manuscript) cover() {
	d := m.doc
	if l, ok := d.Brand.logo(); ok {
		m.pictures = append(m.pictures, &picture{logo: &l})
		m.open(stand{style: "Logo"}, nil)
		m.drawing(len(m.pictures), l.width, l.height, font.OneLine(d.Organisation))
		m.shut()
	}
	m.paragraph(stand{style: "Organisation"}, Plain(font.OneLine(d.Organisation)))
	m.paragraph(stand{style: "Title"}, Plain(font.OneLine(d.Title)))
	if s := font.OneLine(d.Subtitle); s != "" {
		m.paragraph(stand{style: "Subtitle"}, Plain(s))
	}
	for _, p := range d.properties() {
		m.open(stand{style: "CoverLine"}, nil)
		m.runs(Plain(p.Name), Neutral)
		m.tab()
		m.runs(Text{{Text: p.Value, Bold: true}}, Neutral)
		m.shut()
	}
	m.newPage = true
	m.guess = pageGuess{page: 2, height: m.doc.leaf().room(), width: m.doc.leaf().text()}
}

// document writes the blocks that are the outline, and all others between them.
func (m *manuscript) document() {
	next := 0
	for _, b := range m.doc.Blocks {
		switch v := b.(type) {
		case Heading:
			m.section(next)
			next++
		case Toc:
			m.opened()
			m.contents = append(m.contents, slot{m.out.Len(), v})
			m.guess.toc(m.sections, v)
		case PageBreak:
			if !m.newPage {
				m.guess.turn()
			}
			m.newPage = true
		default:
			m.block(b, column{width: m.sheet.text()})
		}
	}
}

// opened writes the page break that is due, where no paragraph can carry it.
func (m *manuscript) opened() {
	if m.newPage {
		m.paragraph(stand{style: "Gap"}, nil)
	}
}

// body is the text with its tables of contents put in.
func (m *manuscript) body() string {
	all := m.out.String()
	if len(m.contents) == 0 {
		return all
	}
	var b strings.Builder
	from := 0
	for _, s := range m.contents {
		b.WriteString(all[from:s.at])
		m.toc(&b, s.toc)
		from = s.at
	}
	b.WriteString(all[from:])
	return b.String()
}

// zipTime is the time of every file inside: the document's own, never the clock's.
// The format knows none before 1980.
func zipTime(doc Document) time.Time {
	t := doc.Date.UTC().Truncate(2 * time.Second)
	if t.Year() < 1980 || t.Year() > 2107 {
		return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)
	}
	return t
}

// pack writes the parts of the file in a fixed order.
func (m *manuscript) pack(w io.Writer) error {
	z := zip.NewWriter(w)
	for _, p := range m.parts() {
		h := &zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: zipTime(m.doc)}
		if p.packed {
			h.Method = zip.Store
		}
		f, err := z.CreateHeader(h)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(f, p.text); err != nil {
			return err
		}
	}
	return z.Close()
}

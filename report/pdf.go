package report

import (
	"bytes"
	"fmt"
	"io"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"holdfast/report/chart"
	"holdfast/report/font"
)

// maxPages bounds a document, because memory does. Nobody reads more.
const maxPages = 5000

// PDF writes the document as a PDF: cover, contents, outline, running
// heads, links, and tags for screen readers. It fails when the document is longer than 5000 pages or w fails,
// and then what was written is not to be used.
func PDF(w io.Writer, doc Document) error {
	b := newBook(doc)
	if !doc.Sheet {
		b.cover()
	}
	pieces := b.layout()
	if err := b.place(pieces); err != nil {
		return err
	}
	b.finish()
	var raw bytes.Buffer
	err := b.pdf.Output(&raw)
	if err != nil {
		return fmt.Errorf("making the PDF of %q: %w", doc.Title, err)
	}
	file, err := b.structured(raw.Bytes())
	if err != nil {
		return fmt.Errorf("making the PDF of %q: %w", doc.Title, err)
	}
	if _, err := w.Write(file); err != nil {
		return fmt.Errorf("writing the PDF of %q: %w", doc.Title, err)
	}
	return nil
}

// book is a PDF in the making.
type book struct {
	doc      Document
	leaf     leaf
	pdf      *fpdf.Fpdf
	pen      *font.Pen
	sections []section
	captions captions

	links map[string]int // by heading id: the PDF's own link number
	pages map[string]int // by heading id: where it came to stand
	later []func()       // what can only be printed when all pages are known

	root   *element
	marked [][]*element // by page, then by the number of the mark: whose it is
	inTag  bool
}

func newBook(doc Document) *book {
	page := doc.leaf()
	pdf := fpdf.NewCustom(&fpdf.InitType{OrientationStr: "P", UnitStr: "pt", Size: fpdf.SizeType{Wd: page.width, Ht: page.height}})
	pdf.SetAutoPageBreak(false, 0)
	pdf.SetMargins(0, 0, 0)
	pdf.SetCellMargin(0)
	pdf.SetCatalogSort(true)
	date := doc.Date
	if date.IsZero() {
		date = time.Unix(0, 0).UTC() // a fixed day: the same document has to give the same bytes
	}
	pdf.SetCreationDate(date)
	pdf.SetModificationDate(date)
	pdf.SetLang(doc.lang())
	pdf.SetTitle(printable(doc.Title), true)
	pdf.SetSubject(printable(doc.Subtitle), true)
	pdf.SetAuthor(printable(doc.Organisation), true)
	pdf.SetCreator("Holdfast", true)
	pdf.SetProducer("Holdfast", true)
	b := &book{doc: doc, leaf: page, pdf: pdf, pen: font.NewPen(pdf), sections: doc.outline(), links: map[string]int{}, pages: map[string]int{}, root: &element{kind: "Document"}}
	pdf.AddLink() // number 0 means no link to the PDF writer
	for _, s := range b.sections {
		b.links[s.id] = pdf.AddLink()
	}
	return b
}

// printable is text for the parts of a PDF that are not drawn by the pen.
func printable(s string) string { return font.Printable(font.OneLine(s)) }

func (b *book) addPage() {
	b.pdf.AddPage()
	b.pen.Reset()
}

// turnTo goes back to a page that was made before.
func (b *book) turnTo(page int) {
	b.pdf.SetPage(page)
	b.pen.Reset()
}

func (b *book) fill(c chart.Colour) {
	v := b.doc.Brand.rgb(c)
	b.pdf.SetFillColor(int(v.R), int(v.G), int(v.B))
}

func (b *book) rect(x, y, w, h float64, c chart.Colour) {
	b.artifact(func() {
		b.fill(c)
		b.pdf.Rect(x, y, w, h, "F")
	})
}

func (b *book) pill(x, y, w, h, r float64, c chart.Colour) {
	b.artifact(func() {
		b.fill(c)
		b.pdf.RoundedRect(x, y, w, h, r, "1234", "F")
	})
}

// rule is a horizontal line of a thickness, drawn as an area: it cannot be dashed
// or coloured by what was drawn before.
func (b *book) rule(x, y, w, thick float64, c chart.Colour) { b.rect(x, y-thick/2, w, thick, c) }

// type styles of the page.
type cut struct {
	face   font.Face
	size   float64
	line   float64
	colour chart.Colour
}

var (
	bodyCut    = cut{font.Regular, 9.8, 14.8, chart.Ink}
	smallCut   = cut{font.Regular, 8.2, 11.6, chart.Muted}
	tableCut   = cut{font.Regular, 8.8, 12.4, chart.Ink}
	headCut    = cut{font.Medium, 8.2, 11.4, chart.Ink}
	labelCut   = cut{font.Medium, 9.2, 12.6, chart.Ink}
	codeCut    = cut{font.Mono, 7.9, 12, chart.Ink}
	runningCut = cut{font.Regular, 7.8, 10, chart.Muted}
	coverTitle = cut{font.Light, 36, 43, chart.Ink}
	coverSub   = cut{font.Regular, 15, 21, chart.Muted}
)

var headingCuts = [maxLevel + 1]cut{
	1: {font.Light, 23, 28, chart.Ink},
	2: {font.Medium, 14, 18.5, chart.Ink},
	3: {font.Medium, 11, 15, chart.Ink},
	4: {font.Medium, 9.8, 14, chart.Muted},
}

// baseline of a line of this cut whose top is at y.
func (c cut) baseline(y float64) float64 { return y + c.line/2 + c.size*0.355 }

// text prints one line. Outside of tagged it is decoration to a screen reader. The
// space at its end is not seen; it parts the words of two lines when they are read.
func (b *book) text(x, top float64, c cut, s string) {
	if s != "" {
		b.artifact(func() { b.pen.Text(x, c.baseline(top), c.face, c.size, b.doc.Brand.rgb(c.colour), s+" ") })
	}
}

func (b *book) textRight(x, top float64, c cut, s string) {
	b.text(x-font.Width(c.face, c.size, s), top, c, s)
}

func (c cut) wrap(s string, width float64, most int) []string {
	return font.Wrap(c.face, c.size, s, width, most)
}

// cover is the first page.
func (b *book) cover() {
	b.addPage()
	b.text(0, 0, bodyCut, " ") // bookmarks take the encoding of the face that was set last
	b.rect(0, 0, 16, b.leaf.height, chart.Accent)
	cover := b.root.child("Sect")
	b.tagged(cover.child("P"), func() {
		top := 84.0
		if l, ok := b.doc.Brand.logo(); ok {
			top = b.logo(l, 72) + 12
		}
		b.text(b.leaf.side, top, cut{font.Medium, 12, 15, chart.Ink}, font.Fit(font.Medium, 12, font.OneLine(b.doc.Organisation), b.leaf.text()))
	})
	y := b.leaf.height * 0.3
	b.rect(b.leaf.side, y-26, 46, 4, chart.Accent)
	b.tagged(cover.child("P"), func() {
		for _, line := range coverTitle.wrap(font.OneLine(b.doc.Title), b.leaf.text(), 5) {
			b.text(b.leaf.side, y, coverTitle, line)
			y += coverTitle.line
		}
	})
	y += 10
	b.tagged(cover.child("P"), func() {
		for _, line := range coverSub.wrap(font.OneLine(b.doc.Subtitle), b.leaf.text()*0.84, 4) {
			b.text(b.leaf.side, y, coverSub, line)
			y += coverSub.line
		}
	})
	b.coverProperties(cover)
}

// logo stands on the cover with its top at y; it returns where it ends.
func (b *book) logo(l logo, y float64) float64 {
	o := fpdf.ImageOptions{ImageType: l.format}
	b.pdf.RegisterImageOptionsReader("logo", o, bytes.NewReader(l.data))
	b.artifact(func() { b.pdf.ImageOptions("logo", b.leaf.side, y, l.width, l.height, false, o, 0, "") })
	return y + l.height
}

// coverProperties stand at the foot of the cover, two beside each other.
func (b *book) coverProperties(cover *element) {
	const row, most = 40.0, 10
	all := b.doc.properties()
	all = all[:min(len(all), most)]
	half := (b.leaf.text() - 24) / 2
	top := b.leaf.height - 90 - float64((len(all)+1)/2)*row
	for i, p := range all {
		x, y := b.leaf.side+float64(i%2)*(half+24), top+float64(i/2)*row
		b.rule(x, y, half, 0.7, chart.Grid)
		b.tagged(cover.child("P"), func() {
			b.text(x, y+6, smallCut, font.Fit(font.Regular, smallCut.size, p.Name, half))
			b.text(x, y+18, cut{font.Medium, 10.5, 14, chart.Ink}, font.Fit(font.Medium, 10.5, p.Value, half))
		})
	}
}

// finish prints what needed all pages: contents, then running heads and feet.
func (b *book) finish() {
	for _, print := range b.later {
		print()
	}
	total := b.pdf.PageCount()
	left := join("  ·  ", versioned(b.doc.Version), b.doc.date(), font.OneLine(b.doc.Status), font.OneLine(b.doc.Brand.Footer))
	title := join("  ·  ", font.OneLine(b.doc.Organisation), font.OneLine(b.doc.Title))
	class := font.Fit(font.Medium, runningCut.size, font.OneLine(b.doc.Classification), b.leaf.text()/3)
	marked := runningCut
	marked.face, marked.colour = font.Medium, chart.Ink
	first := 2 // the cover has neither head nor foot
	if b.doc.Sheet {
		first = 1
	}
	for n := first; n <= total; n++ {
		b.turnTo(n)
		b.text(b.leaf.side, 46, runningCut, font.Fit(font.Regular, runningCut.size, title, b.leaf.text()*0.64))
		b.textRight(b.leaf.side+b.leaf.text(), 46, marked, class)
		b.rule(b.leaf.side, 62, b.leaf.text(), 0.6, chart.Grid)
		foot := b.leaf.height - 54.0
		b.rule(b.leaf.side, foot-8, b.leaf.text(), 0.6, chart.Grid)
		b.text(b.leaf.side, foot, runningCut, font.Fit(font.Regular, runningCut.size, left, b.leaf.text()*0.75))
		b.textRight(b.leaf.side+b.leaf.text(), foot, runningCut, fmt.Sprintf("Page %d of %d", n, total))
	}
}

func versioned(v string) string {
	if v = font.OneLine(v); v != "" {
		return "Version " + v
	}
	return ""
}

// join puts together what is not empty.
func join(sep string, parts ...string) string {
	out := ""
	for _, p := range parts {
		if p != "" && out != "" {
			out += sep
		}
		out += p
	}
	return out
}

package font

import (
	"slices"
	"strings"

	"codeberg.org/go-pdf/fpdf"
)

// RGB is a colour for print.
type RGB struct{ R, G, B uint8 }

// A Pen prints text into a PDF whose unit is the point. Faces are put into the
// file the first time they are used, and only the signs that were printed.
type Pen struct {
	PDF *fpdf.Fpdf

	added [faceCount]bool
	face  Face
	size  float64
	set   bool
}

// NewPen returns a pen for the PDF.
func NewPen(pdf *fpdf.Fpdf) *Pen { return &Pen{PDF: pdf} }

// Reset forgets what is set on the page. Call it after a change of page.
func (p *Pen) Reset() { p.set = false }

// Text prints one line with its baseline starting at x, y.
func (p *Pen) Text(x, y float64, f Face, size float64, colour RGB, text string) {
	p.PDF.SetTextColor(int(colour.R), int(colour.G), int(colour.B))
	for _, r := range runs(f, visual(text)) {
		p.use(r.face, size)
		p.PDF.Text(x, y, r.text)
		x += r.width * size / 1000
	}
}

func (p *Pen) use(f Face, size float64) {
	if p.set && p.face == f && p.size == size {
		return
	}
	name := faces[f].name
	if !p.added[f] {
		// A copy: the PDF writer changes the bytes of the font while it cuts it.
		p.PDF.AddUTF8FontFromBytes(name, "", slices.Clone(faces[f].ttf))
		p.added[f] = true
	}
	p.PDF.SetFont(name, "", size)
	p.face, p.size, p.set = f, size, true
}

type run struct {
	face  Face
	text  string
	width float64 // in thousandths of the size
}

// runs parts a text by the faces that can print it.
func runs(f Face, text string) []run {
	var (
		out []run
		b   strings.Builder
		cur = run{face: f}
	)
	flush := func() {
		if b.Len() > 0 {
			cur.text = b.String()
			out = append(out, cur)
			b.Reset()
		}
	}
	for _, r := range text {
		face, as, advance, ok := resolve(f, r)
		if !ok {
			continue
		}
		if face != cur.face {
			flush()
			cur = run{face: face}
		}
		b.WriteRune(as)
		cur.width += float64(advance)
	}
	flush()
	return out
}

// Printable is text as it can be printed: signs outside the faces as open boxes,
// invisible ones gone. Use it for strings that go into a PDF by another way than
// Text, such as a bookmark, because the PDF writer fails on signs it cannot address.
func Printable(text string) string {
	var b strings.Builder
	for _, r := range runs(Regular, text) {
		b.WriteString(r.text)
	}
	return b.String()
}

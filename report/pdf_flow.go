package report

import (
	"fmt"
	"slices"

	"holdfast/report/chart"
	"holdfast/report/font"
)

// A piece is a part of the document that is never cut by a page: a line of text, a
// line of a table row, a figure. A document is laid out into pieces first; place
// then deals them onto pages.
type piece struct {
	before  float64 // room above, not at the top of a page
	height  float64
	keep    bool // stays on the page of the next piece
	newPage bool
	head    *tableHead // repeated above when this piece opens a page
	draw    func(y float64)
}

// tableHead is what a table repeats on every page.
type tableHead struct {
	height float64
	draw   func(y float64)
}

// place deals the pieces onto pages. A run of pieces that keep together moves to
// the next page as a whole, unless it is longer than a page.
func (b *book) place(pieces []piece) error {
	need := make([]float64, len(pieces)+1) // from the top of the piece to the end of its run
	for i := len(pieces) - 1; i >= 0; i-- {
		need[i] = pieces[i].height
		if pieces[i].keep && i+1 < len(pieces) {
			need[i] += pieces[i+1].before + need[i+1]
		}
	}
	b.addPage()
	y, top := b.leaf.top, true
	for i, p := range pieces {
		gap := p.before
		if top {
			gap = 0
		}
		fits := y+gap+p.height <= b.leaf.lowest() && (y+gap+need[i] <= b.leaf.lowest() || need[i] > b.leaf.room())
		if !top && (p.newPage || !fits) {
			if b.pdf.PageCount() >= maxPages {
				return fmt.Errorf("the document %q is longer than %d pages: split it, or leave out detail", b.doc.Title, maxPages)
			}
			b.addPage()
			y, gap = b.leaf.top, 0
			if p.head != nil {
				p.head.draw(y)
				y += p.head.height
			}
		}
		p.draw(y + gap)
		y += gap + p.height
		top = false
	}
	return nil
}

// frame is the column that blocks are laid into.
type frame struct {
	b    *book
	e    *element // what the blocks are part of
	x, w float64
	out  []piece
}

func (f *frame) add(p piece) { f.out = append(f.out, p) }

// sub lays blocks into a narrower column and returns their pieces.
func (f *frame) sub(e *element, x, w float64, blocks []Block, depth int) []piece {
	inner := frame{b: f.b, e: e, x: x, w: max(w, 60)}
	inner.blocks(blocks, depth)
	return inner.out
}

// inlineStyle is what a Span's Tag stands for while text is broken into lines.
type inlineStyle struct {
	link   string
	code   bool
	colour chart.Colour
}

// run is text ready to be broken: spans, and what their tags stand for.
type run struct {
	spans  []font.Span
	styles []inlineStyle
}

// run prepares text in a cut. strong is for heads and labels.
func (c cut) run(t Text, strong bool) run {
	var r run
	for _, s := range t {
		style := inlineStyle{link: safeLink(s.Link), code: s.Code, colour: c.colour}
		if style.link != "" {
			style.colour = chart.Accent
		}
		face, size := s.face(strong), c.size
		if c.face != font.Regular && face == font.Regular {
			face = c.face
		}
		if s.Code {
			size *= 0.88
		}
		r.styles = append(r.styles, style)
		r.spans = append(r.spans, font.Span{Text: font.Clean(s.Text), Face: face, Size: size, Tag: len(r.styles) - 1})
	}
	return r
}

// drawLine prints one broken line with its links and the ground of code.
func (b *book) drawLine(x, top float64, c cut, l font.Line, styles []inlineStyle) {
	if font.RightToLeft(l.Text()) {
		l.Spans = slices.Clone(l.Spans)
		slices.Reverse(l.Spans)
	}
	for i, s := range l.Spans {
		style := styles[s.Tag]
		w := font.Width(s.Face, s.Size, s.Text)
		if i == len(l.Spans)-1 {
			s.Text += " " // not seen; it parts the words of two lines when they are read
		}
		if style.code {
			b.pill(x-1.5, top+2, w+3, c.line-3.5, 2, chart.Panel)
		}
		b.pen.Text(x, c.baseline(top), s.Face, s.Size, b.doc.Brand.rgb(style.colour), s.Text)
		if style.link != "" {
			b.rule(x, c.baseline(top)+2, w, 0.5, chart.Accent)
			b.follow(x, top, w, c.line, style.link)
		}
		x += w
	}
}

// follow makes an area lead to an address or to a heading.
func (b *book) follow(x, y, w, h float64, link string) {
	if link[0] != '#' {
		b.pdf.LinkString(x, y, w, h, link)
		return
	}
	if n, ok := b.links[link[1:]]; ok {
		b.pdf.Link(x, y, w, h, n)
	}
}

// paragraph adds text line by line, keeping two lines together at either end.
func (f *frame) paragraph(t Text, c cut, strong bool, before float64) {
	f.prose(f.e.child("P"), t, c, strong, before)
}

// prose is a paragraph as an element of its own kind.
func (f *frame) prose(e *element, t Text, c cut, strong bool, before float64) {
	r := c.run(t, strong)
	lines := font.Break(r.spans, f.w)
	turned := font.RightToLeft(t.String())
	for i, l := range lines {
		p := piece{height: c.line, keep: i == 0 && len(lines) > 1 || i == len(lines)-2}
		if i == 0 {
			p.before = before
		}
		p.draw = func(y float64) {
			x := f.x
			if turned {
				x += f.w - l.Width
			}
			f.b.tagged(e, func() { f.b.drawLine(x, y, c, l, r.styles) })
		}
		f.add(p)
	}
}

// boxed puts pieces on a ground with a bar at the left, which goes on over pages.
// The room between the pieces becomes part of them, so that the ground has no gaps.
func (f *frame) boxed(inner []piece, before float64, ground, bar chart.Colour, pad float64) {
	for i, p := range inner {
		draw, gap := p.draw, p.before
		p.before = 0
		if i == 0 {
			p.before, gap = before, pad
		}
		p.height += gap
		if i == len(inner)-1 {
			p.height += pad
			p.keep = false
		} else if i == 0 || i == len(inner)-2 {
			p.keep = true
		}
		whole := p.height
		if i == len(inner)-1 {
			p.height += 5 // room after the box, which is not painted
		}
		p.head = nil
		p.draw = func(y float64) {
			f.b.rect(f.x, y, f.w, whole+0.2, ground)
			f.b.rect(f.x, y, 3, whole+0.2, bar)
			draw(y + gap)
		}
		f.add(p)
	}
}

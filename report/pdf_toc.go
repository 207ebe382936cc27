package report

import (
	"strconv"

	"holdfast/report/chart"
	"holdfast/report/font"
)

// toc lists the sections; their pages are printed when they are known.
func (f *frame) toc(t Toc) {
	c := headingCuts[1]
	e := f.e.child("TOC")
	title := e.child("Caption")
	f.add(piece{before: 0, height: c.line + 14, keep: true, draw: func(y float64) {
		f.b.tagged(title, func() { f.b.text(f.x, y, c, font.Fit(c.face, c.size, t.title(), f.w)) })
	}})
	for _, s := range f.b.sections {
		if s.level > t.depth() {
			continue
		}
		f.tocLine(e.child("TOCI"), s)
	}
}

func (f *frame) tocLine(e *element, s section) {
	c, before := bodyCut, 1.5
	indent := 34 * float64(s.level-1)
	if s.level == 1 {
		c.face, before = font.Medium, 8
	}
	if s.level > 1 {
		indent -= 8 * float64(s.level-1)
	}
	number := max(font.Width(c.face, c.size, s.number)+10, 26)
	if s.number == "" {
		number = 0
	}
	const page = 34.0
	text := font.Fit(c.face, c.size, s.text, f.w-indent-number-page)
	f.add(piece{before: before, height: c.line, draw: func(y float64) {
		f.b.tagged(e, func() {
			f.b.text(f.x+indent, y, c, s.number)
			f.b.text(f.x+indent+number, y, c, text)
		})
		on := f.b.pdf.PageNo()
		f.b.later = append(f.b.later, func() {
			f.b.turnTo(on)
			at := strconv.Itoa(f.b.pages[s.id])
			f.b.tagged(e, func() { f.b.textRight(f.x+f.w, y, c, at) })
			from := f.x + indent + number + font.Width(c.face, c.size, text) + 6
			f.b.dots(from, f.x+f.w-font.Width(c.face, c.size, at)-6, c.baseline(y))
			f.b.pdf.Link(f.x, y, f.w, c.line, f.b.links[s.id])
		})
	}})
}

// dots lead the eye; they stand on a grid of the page, so that they align.
func (b *book) dots(from, to, y float64) {
	const step = 5.0
	b.artifact(func() {
		b.fill(chart.Axis)
		for x := float64(int(from/step)+1) * step; x < to; x += step {
			b.pdf.Rect(x, y-0.9, 0.9, 0.9, "F")
		}
	})
}

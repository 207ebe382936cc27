package report

import (
	"strings"

	"holdfast/report/chart"
	"holdfast/report/font"
)

const (
	cellPadX = 6.0
	cellPadY = 4.2
)

// grid is a table ready to be set: widths, and rows as lines.
type grid struct {
	f       *frame
	e       *element
	columns []Column
	x, w    []float64
}

// table adds the caption, the head and the rows, each line of a row a piece.
func (f *frame) table(t Table) {
	if len(t.Columns) == 0 {
		return
	}
	e := f.e.child("Table")
	if caption := f.b.captions.table(t.Caption); caption != "" {
		f.caption(e, caption, 12)
		f.keepLast()
	} else {
		f.add(piece{height: 8, keep: true, draw: func(float64) {}})
	}
	g := f.grid(t)
	g.e = e
	head, first := g.head()
	f.add(piece{height: head.height, keep: true, draw: first})
	for i, r := range t.Rows {
		if r.Group {
			g.group(r, head)
			continue
		}
		from := len(f.out)
		g.row(r, head, i == len(t.Rows)-1)
		if lines := len(f.out) - from; lines <= wholeRow && (i == 0 || i == len(t.Rows)-2) {
			f.keepLast() // no row stands alone under the head, or on the next page
		}
	}
	if n := len(f.out); n > 0 {
		f.out[n-1].height += 8
		f.out[n-1].keep = false
	}
}

// grid shares the width among the columns.
func (f *frame) grid(t Table) *grid {
	g := &grid{f: f, columns: t.Columns, x: make([]float64, len(t.Columns)), w: t.shares(f.w)}
	x := f.x
	for i := range g.w {
		g.x[i] = x
		x += g.w[i]
	}
	return g
}

// shares are the widths of the columns, in points: first what each needs for its
// longest word, then the rest by how much each has to say.
func (t Table) shares(total float64) []float64 {
	n := len(t.Columns)
	least, natural := make([]float64, n), make([]float64, n)
	for i, c := range t.Columns {
		least[i], natural[i] = measure(Plain(font.OneLine(c.Name)), headCut, true)
	}
	for _, r := range t.Rows {
		if r.Group {
			continue
		}
		for i, cell := range r.Cells[:min(len(r.Cells), n)] {
			a, b := measure(cell.Text, tableCut, cell.Tone != Neutral)
			least[i], natural[i] = max(least[i], a), max(natural[i], b)
		}
	}
	w := make([]float64, n)
	share(w, t.Columns, least, natural, total)
	return w
}

// measure tells the width of the longest word and of the whole text of a cell.
func measure(t Text, c cut, strong bool) (word, whole float64) {
	for _, s := range t {
		face := s.face(strong)
		for _, line := range strings.Split(font.Clean(s.Text), "\n") {
			for _, w := range strings.Fields(line) {
				word = max(word, font.Width(face, c.size, w))
			}
		}
		whole += font.Width(face, c.size, s.Text)
	}
	return word + 2*cellPadX + 0.5, whole + 2*cellPadX + 0.5
}

// share fills w with widths that sum up to total.
func share(w []float64, columns []Column, least, natural []float64, total float64) {
	longest := total / min(float64(len(w)), 3) // a word longer than this is cut
	left, needs, wants := total, 0.0, 0.0
	for i, c := range columns {
		if c.Width > 0 && c.Width <= 1 {
			w[i] = c.Width * total
			left -= w[i]
			continue
		}
		least[i] = min(least[i], longest)
		natural[i] = min(max(natural[i], least[i]), total)
		needs, wants = needs+least[i], wants+natural[i]
	}
	for i := range columns {
		switch {
		case w[i] > 0:
		case needs >= left || wants <= 0: // too many columns: everybody gets less
			w[i] = max(left, 0) * least[i] / max(needs, 1)
		case wants <= left:
			w[i] = natural[i] * left / wants
		default:
			w[i] = least[i] + (natural[i]-least[i])*(left-needs)/max(wants-needs, 1)
		}
	}
	sum := 0.0
	for _, v := range w {
		sum += v
	}
	for i := range w { // given widths may not add up
		w[i] *= total / max(sum, 1)
	}
}

// head of the table: as it is repeated on every page, where it is decoration, and
// how it is drawn first.
func (g *grid) head() (again *tableHead, first func(y float64)) {
	lines := make([][]string, len(g.columns))
	most := 1
	for i, c := range g.columns {
		lines[i] = headCut.wrap(font.OneLine(c.Name), g.w[i]-2*cellPadX, 4)
		most = max(most, len(lines[i]))
	}
	height := float64(most)*headCut.line + 2*cellPadY + 1
	f := g.f
	draw := func(y float64, cell func(i int, draw func())) {
		for i, ls := range lines {
			top := y + cellPadY + float64(most-len(ls))*headCut.line
			cell(i, func() {
				for n, l := range ls {
					x := g.place(i, font.Width(headCut.face, headCut.size, l))
					f.b.text(x, top+float64(n)*headCut.line, headCut, l)
				}
			})
		}
		f.b.rule(f.x, y+height-0.5, f.w, 1, chart.Accent)
	}
	row := g.e.child("TR")
	heads := make([]*element, len(lines))
	for i := range heads {
		heads[i] = row.child("TH")
		heads[i].scope = "Column"
	}
	again = &tableHead{height: height, draw: func(y float64) {
		draw(y, func(_ int, draw func()) { f.b.artifact(draw) })
	}}
	return again, func(y float64) {
		draw(y, func(i int, draw func()) { f.b.tagged(heads[i], draw) })
	}
}

// place is where a text of a width begins in column i.
func (g *grid) place(i int, width float64) float64 {
	switch g.columns[i].Align {
	case Right:
		return g.x[i] + g.w[i] - cellPadX - width
	case Centre:
		return g.x[i] + (g.w[i]-width)/2
	}
	return g.x[i] + cellPadX
}

// group sets a row that heads the ones below it.
func (g *grid) group(r Row, head *tableHead) {
	f := g.f
	text := ""
	if len(r.Cells) > 0 {
		text = font.OneLine(r.Cells[0].Text.String())
	}
	text = font.Fit(font.Medium, tableCut.size, text, f.w-2*cellPadX)
	c := tableCut
	c.face = font.Medium
	height := c.line + 2*cellPadY
	e := g.e.child("TR").child("TH")
	e.scope = "Row"
	f.add(piece{height: height, keep: true, head: head, draw: func(y float64) {
		f.b.rect(f.x, y, f.w, height-0.4, chart.Panel)
		f.b.tagged(e, func() { f.b.text(f.x+cellPadX, y+cellPadY, c, text) })
	}})
}

// wholeRow is the number of lines up to which a row is kept on one page.
const wholeRow = 14

// row sets a row line by line, so that a long one can run over a page.
func (g *grid) row(r Row, head *tableHead, last bool) {
	f := g.f
	cells := make([]cellLines, len(g.columns))
	row := g.e.child("TR")
	most := 1
	for i := range g.columns {
		var cell Cell
		if i < len(r.Cells) {
			cell = r.Cells[i]
		}
		cells[i] = g.cell(cell, i)
		cells[i].e = row.child("TD")
		most = max(most, len(cells[i].lines))
	}
	for n := range most {
		p := piece{height: tableCut.line, head: head, keep: n < most-1 && (most <= wholeRow || n < 1 || n == most-2)}
		offset := 0.0
		if n == 0 {
			offset = cellPadY
			p.height += cellPadY
		}
		if n == most-1 {
			p.height += cellPadY + 0.5
		}
		bottom := p.height
		p.draw = func(y float64) {
			for i, c := range cells {
				if n < len(c.lines) {
					g.drawCell(i, c, n, y+offset)
				}
			}
			if n == most-1 {
				colour := chart.Grid
				if last {
					colour = chart.Axis
				}
				f.b.rule(f.x, y+bottom-0.25, f.w, 0.5, colour)
			}
		}
		f.add(p)
	}
}

// cellLines is a cell broken to the width of its column.
type cellLines struct {
	lines  []font.Line
	styles []inlineStyle
	tone   Tone
	e      *element
}

func (g *grid) cell(c Cell, i int) cellLines {
	look := tableCut
	look.colour, _ = c.Tone.colour()
	r := look.run(c.Text, c.Tone != Neutral)
	return cellLines{lines: font.Break(r.spans, max(g.w[i]-2*cellPadX, 8)), styles: r.styles, tone: c.Tone}
}

func (g *grid) drawCell(i int, c cellLines, n int, y float64) {
	line := c.lines[n]
	x := g.place(i, line.Width)
	if c.tone != Neutral && len(line.Spans) > 0 {
		_, soft := c.tone.colour()
		g.f.b.pill(x-4, y-0.4, line.Width+8, tableCut.line+0.4, 3, soft)
	}
	g.f.b.tagged(c.e, func() { g.f.b.drawLine(x, y, tableCut, line, c.styles) })
}

// definitions are set as a table of two columns without rules.
func (f *frame) definitions(v Definitions) {
	term := f.w * 0.27
	list := f.e.child("L")
	for _, d := range v.Items {
		li := list.child("LI")
		sign, body := li.child("Lbl"), li.child("LBody")
		left := labelCut.wrap(font.OneLine(d.Term), term-12, 6)
		r := bodyCut.run(d.Text, false)
		right := font.Break(r.spans, f.w-term)
		most := max(len(left), len(right))
		for n := range most {
			p := piece{height: bodyCut.line, keep: n < most-1 && (most <= wholeRow || n == 0 || n == most-2)}
			if n == 0 {
				p.before = 7
			}
			p.draw = func(y float64) {
				if n < len(left) {
					f.b.tagged(sign, func() { f.b.text(f.x, y+(bodyCut.line-labelCut.line)/2, labelCut, left[n]) })
				}
				if n < len(right) {
					f.b.tagged(body, func() { f.b.drawLine(f.x+term, y, bodyCut, right[n], r.styles) })
				}
			}
			f.add(p)
		}
	}
}

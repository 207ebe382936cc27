package report

import (
	"strconv"
	"strings"

	"holdfast/report/chart"
	"holdfast/report/font"
)

// maxDepth bounds blocks inside blocks. What is nested deeper is left out; no
// reader could follow it, and a column would have no width left.
const maxDepth = 8

// layout turns the whole document into pieces.
func (b *book) layout() []piece {
	f := frame{b: b, e: b.root, x: b.leaf.side, w: b.leaf.text()}
	next := 0
	breakBefore := false
	for _, block := range b.doc.Blocks {
		from := len(f.out)
		switch v := block.(type) {
		case PageBreak:
			breakBefore = true
			continue
		case Heading:
			f.section(b.sections[next])
			next++
		case Toc:
			f.toc(v)
		default:
			f.block(block, 0)
		}
		if breakBefore && len(f.out) > from {
			f.out[from].newPage, breakBefore = true, false
		}
	}
	return f.out
}

func (f *frame) blocks(blocks []Block, depth int) {
	if depth > maxDepth {
		return
	}
	for _, block := range blocks {
		f.block(block, depth)
	}
}

// block lays out one block that is no part of the outline.
func (f *frame) block(block Block, depth int) {
	switch v := block.(type) {
	case Heading: // inside another block: a label
		f.paragraph(Plain(font.OneLine(v.Text)), labelCut, true, 6)
		f.keepLast()
	case Paragraph:
		f.paragraph(v.Text, bodyCut, false, 7)
	case List:
		f.list(v, depth)
	case Table:
		f.table(v)
	case Figure:
		f.figure(v)
	case KeyFigures:
		f.keyFigures(v)
	case Callout:
		f.callout(v, depth)
	case Definitions:
		f.definitions(v)
	case Quote:
		f.quote(v)
	case Why:
		f.why(v, depth)
	case Code:
		f.code(v)
	}
}

// keepLast holds the last piece to what follows.
func (f *frame) keepLast() {
	if n := len(f.out); n > 0 {
		f.out[n-1].keep = true
	}
}

// section sets a heading of the outline, with its bookmark and its link target.
func (f *frame) section(s section) {
	c := headingCuts[s.level]
	before := [...]float64{0, 34, 24, 17, 13}[s.level]
	indent := 0.0
	if s.number != "" {
		indent = max(font.Width(c.face, c.size, s.number)+10, [...]float64{0, 34, 34, 34, 34}[s.level])
	}
	e := f.e.child("H" + strconv.Itoa(s.level))
	lines := c.wrap(s.text, f.w-indent, 6)
	for i, line := range lines {
		p := piece{height: c.line, keep: true}
		if i == 0 {
			p.before = before
		}
		if i == len(lines)-1 && s.level == 1 {
			p.height += 5
		}
		p.draw = func(y float64) {
			f.b.tagged(e, func() {
				if i == 0 {
					f.b.open(s, y)
					number := c
					number.colour = chart.Accent
					f.b.text(f.x, y, number, s.number)
				}
				f.b.text(f.x+indent, y, c, line)
			})
		}
		f.add(p)
	}
}

// open notes where a section came to stand.
func (b *book) open(s section, y float64) {
	b.pages[s.id] = b.pdf.PageNo()
	b.pdf.SetLink(b.links[s.id], y-8, -1)
	b.pdf.Bookmark(printable(strings.TrimSpace(s.number+" "+s.text)), s.level-1, y-8)
}

func (f *frame) list(l List, depth int) {
	if depth >= maxDepth {
		return
	}
	indent := 16.0
	if l.Ordered {
		indent = max(18, font.Width(font.Regular, bodyCut.size, strconv.Itoa(len(l.Items))+".")+8)
	}
	list := f.e.child("L")
	for n, item := range l.Items {
		li := list.child("LI")
		sign := li.child("Lbl")
		inner := f.sub(li.child("LBody"), f.x+indent, f.w-indent, item, depth+1)
		for i, p := range inner {
			if i == 0 {
				draw := p.draw
				p.before = 3.5
				if n == 0 {
					p.before = 6
				}
				p.draw = func(y float64) {
					f.marker(sign, l.Ordered, n, y)
					draw(y)
				}
			}
			f.add(p)
		}
	}
}

func (f *frame) marker(sign *element, ordered bool, n int, y float64) {
	if ordered {
		f.b.tagged(sign, func() { f.b.text(f.x, y, bodyCut, strconv.Itoa(n+1)+".") })
		return
	}
	f.b.artifact(func() {
		f.b.fill(chart.Accent)
		f.b.pdf.Circle(f.x+4, y+bodyCut.line/2+0.4, 1.7, "F")
	})
}

func (f *frame) figure(v Figure) {
	if v.Chart == nil {
		return
	}
	caption := f.b.captions.figure(v.Caption)
	d := v.Chart.Draw(f.w / reduced)
	width := f.w
	if limit := f.b.leaf.room() - 100; d.Height*width/d.Width > limit {
		width = d.Width * limit / d.Height
	}
	height := d.Height * width / d.Width
	e := f.e.child("Figure")
	e.alt = strings.TrimSpace(d.Title + ". " + d.Desc)
	f.add(piece{before: 14, height: height + 4, keep: true, draw: func(y float64) {
		f.b.tagged(e, func() { d.PDF(f.b.pen, f.x+(f.w-width)/2, y, width) })
	}})
	f.caption(e, caption, 4)
	if v.WithTable {
		f.table(chartTable(v.Chart.Table()))
	}
}

// chartTable is a chart's figures as a table of the document.
func chartTable(t chart.Table) Table {
	out := Table{}
	for _, c := range t.Columns {
		align := Left
		if c.Number {
			align = Right
		}
		out.Columns = append(out.Columns, Column{Name: c.Name, Align: align})
	}
	for _, r := range t.Rows {
		out.Rows = append(out.Rows, Cells(r...))
	}
	return out
}

// caption sets the name of a figure or table in small print.
func (f *frame) caption(of *element, s string, before float64) {
	if s == "" {
		return
	}
	f.prose(of.child("Caption"), Plain(s), smallCut, false, before)
	if n := len(f.out); n > 0 {
		f.out[n-1].height += 6
	}
}

func (f *frame) keyFigures(v KeyFigures) {
	const perRow, gap = 4, 16.0
	for from := 0; from < len(v.Items); from += perRow {
		items := v.Items[from:min(from+perRow, len(v.Items))]
		columns := perRow
		if len(v.Items) < perRow {
			columns = len(v.Items)
		}
		w := (f.w - gap*float64(columns-1)) / float64(columns)
		f.add(f.figuresRow(items, w, gap))
	}
}

// figuresRow is one row of key figures; it is never cut.
func (f *frame) figuresRow(items []KeyFigure, w, gap float64) piece {
	value := cut{font.Light, 25, 32, chart.Ink}
	inner := w - 12
	type column struct{ label, note []string }
	var columns []column
	tallest := 0.0
	for _, k := range items {
		c := column{labelCut.wrap(font.OneLine(k.Label), inner, 3), nil}
		if note := font.OneLine(k.Note); note != "" {
			c.note = smallCut.wrap(note, inner, 4)
		}
		columns = append(columns, c)
		tallest = max(tallest, value.line+float64(len(c.label))*labelCut.line+float64(len(c.note))*smallCut.line+2)
	}
	e := f.e.child("Div")
	draw := func(y float64) {
		for i, k := range items {
			strong, _ := k.Tone.colour()
			bar := chart.Accent
			if k.Tone != Neutral {
				bar = strong
			}
			x := f.x + float64(i)*(w+gap)
			f.b.rect(x, y, 2, tallest, bar)
			c := value
			c.colour = strong
			text := font.OneLine(k.Value)
			for c.size > 12 && font.Width(c.face, c.size, text) > inner {
				c.size--
			}
			f.b.tagged(e.child("P"), func() {
				f.b.text(x+12, y, c, font.Fit(c.face, c.size, text, inner))
				top := y + value.line
				for _, line := range columns[i].label {
					f.b.text(x+12, top, labelCut, line)
					top += labelCut.line
				}
				for _, line := range columns[i].note {
					f.b.text(x+12, top+1, smallCut, line)
					top += smallCut.line
				}
			})
		}
	}
	return piece{before: 14, height: tallest + 4, draw: draw}
}

func (f *frame) callout(v Callout, depth int) {
	strong, ground := v.Tone.colour()
	if v.Tone == Neutral {
		strong, ground = chart.Accent, chart.AccentSoft
	}
	inner := frame{b: f.b, e: f.e.child("Div"), x: f.x + 16, w: f.w - 30}
	if title := font.OneLine(v.Title); title != "" {
		c := cut{font.Medium, 10.2, 15, strong}
		inner.paragraph(Plain(title), c, true, 0)
		inner.keepLast()
	}
	inner.out = append(inner.out, inner.sub(inner.e, inner.x, inner.w, v.Blocks, depth+1)...)
	f.boxed(inner.out, 12, ground, strong, 10)
}

func (f *frame) quote(v Quote) {
	inner := frame{b: f.b, e: f.e.child("BlockQuote"), x: f.x + 18, w: f.w - 36}
	var text Text
	for _, s := range v.Text {
		s.Italic = !s.Code
		text = append(text, s)
	}
	inner.paragraph(text, bodyCut, false, 0)
	if source := font.OneLine(v.Source); source != "" {
		inner.keepLast()
		inner.paragraph(Plain("– "+source), smallCut, false, 3)
	}
	f.boxed(inner.out, 12, chart.Surface, chart.Grid, 4)
}

func (f *frame) why(v Why, depth int) {
	f.boxed(f.sub(f.e.child("Div"), f.x+16, f.w-30, v.blocks(), depth+1), 12, chart.Panel, chart.Accent, 10)
}

// blocks are a Why in the terms of the other blocks.
func (v Why) blocks() []Block {
	title := "Why this figure?"
	if figure := font.OneLine(v.Figure); figure != "" {
		title = figure
	}
	out := []Block{Paragraph{Text{{Text: title, Bold: true}}}}
	if v.Formula != "" {
		out = append(out, Paragraph{Text{{Text: font.OneLine(v.Formula), Italic: true}}})
	}
	t := Table{Columns: []Column{{Name: "Input"}, {Name: "Value", Align: Right}, {Name: "Source"}}}
	for _, in := range v.Inputs {
		t.Rows = append(t.Rows, Cells(in.Name, in.Value, in.Source))
	}
	if len(t.Rows) > 0 {
		out = append(out, t)
	}
	return out
}

func (f *frame) code(v Code) {
	inner := frame{b: f.b, x: f.x + 12, w: f.w - 22}
	e := f.e.child("P").child("Code")
	text := strings.TrimRight(strings.ReplaceAll(v.Text, "\t", "    "), "\n ")
	// Hard spaces keep the indentation, and a line that is too long is cut.
	text = strings.ReplaceAll(font.Clean(text), " ", "\u00a0")
	for _, l := range font.Break([]font.Span{{Text: text, Face: font.Mono, Size: codeCut.size}}, inner.w) {
		inner.add(piece{height: codeCut.line, draw: func(y float64) {
			f.b.tagged(e, func() { f.b.text(inner.x, y, codeCut, l.Text()) })
		}})
	}
	f.boxed(inner.out, 9, chart.Panel, chart.Grid, 7)
}

package chart

import (
	"fmt"
	"math"
	"strings"

	"holdfast/report/font"
)

// Bars compares amounts by name, longest label and all. A bar may be made of
// parts, which are then stacked and named in a legend.
type Bars struct {
	Title  string
	Parts  []Part // at least one; a single one has no legend
	Rows   []Row
	Format func(float64) string // of a value; nil: Compact
	Goal   *Mark                // a line across all bars
}

// A Part of every bar.
type Part struct {
	Name   string
	Colour Colour // NoColour: the colour of its place in the series
}

// A Row is one bar: as many values as there are parts. Negative values and values
// that are no number count as nothing.
type Row struct {
	Name   string
	Values []float64
	Colour Colour // of a bar with a single part; NoColour: that of the part
	Note   string // shown in the tooltip
}

// maxBars bounds the drawing; the rest is told as a count.
const maxBars = 60

func (b Bars) format(v float64) string {
	if b.Format != nil {
		return strong.fit(font.OneLine(b.Format(v)), 90)
	}
	return Compact(v)
}

func (r Row) value(i int) float64 {
	if i < len(r.Values) && finite(r.Values[i]) && r.Values[i] > 0 {
		return r.Values[i]
	}
	return 0
}

func (b Bars) total(r Row) float64 {
	sum := 0.0
	for i := range b.parts() {
		sum += r.value(i)
	}
	return sum
}

func (b Bars) parts() []Part {
	parts := b.Parts
	if len(parts) == 0 {
		parts = []Part{{}}
	}
	out := make([]Part, len(parts))
	for i, p := range parts {
		out[i] = Part{font.OneLine(p.Name), p.Colour}
		if p.Colour == NoColour {
			out[i].Colour = Series(i)
		}
	}
	return out
}

// Draw implements Chart.
func (b Bars) Draw(width float64) *Drawing {
	d := newDrawing("bars", b.Title, width)
	if len(b.Rows) == 0 {
		return d.empty("Nothing to compare yet.")
	}
	rows, left := b.Rows, 0
	if len(rows) > maxBars {
		rows, left = rows[:maxBars], len(rows)-maxBars
	}
	top := 0.0
	if parts := b.parts(); len(parts) > 1 {
		var items []legendItem
		for _, p := range parts {
			items = append(items, legendItem{name: p.Name, paint: paint{fill: p.Colour.area()}, square: true})
		}
		top = d.legend(0, 0, d.Width, items) + 6
	}
	if b.Goal != nil && finite(b.Goal.Amount) {
		top += 18
	}
	bottom := b.drawRows(d, rows, top)
	if left > 0 {
		d.text(0, bottom+14, small, fmt.Sprintf("and %d more", left))
		bottom += 20
	}
	d.Height = bottom + 2
	d.Desc = b.describe()
	return d
}

// drawRows chooses the place of the labels: beside the bars, or above on a phone.
func (b Bars) drawRows(d *Drawing, rows []Row, top float64) float64 {
	const thick = 18.0
	beside, values, most := 0.0, 0.0, 0.0
	for _, r := range rows {
		beside = max(beside, label.width(font.OneLine(r.Name)))
		values = max(values, strong.width(b.format(b.total(r))))
		most = max(most, b.total(r))
	}
	if b.Goal != nil && finite(b.Goal.Amount) {
		most = max(most, b.Goal.Amount)
	}
	beside = min(beside+12, d.Width*0.4)
	if d.narrow() {
		beside = 0
	}
	scale := (d.Width - beside - values - 10) / max(most, math.SmallestNonzeroFloat64)
	if most == 0 || scale < 0 {
		scale = 0
	}
	y := top
	axis := len(d.shapes)
	d.line(beside, top-2, beside, 0, paint{stroke: Axis, width: 1}) // its end is known below
	for _, r := range rows {
		if d.narrow() {
			d.text(0, y+12, label, label.fit(font.OneLine(r.Name), d.Width))
			y += 18
			b.bar(d, r, 0, y, thick, scale)
			y += thick + 10
			continue
		}
		names := label.wrap(font.OneLine(r.Name), beside-12, 2)
		height := max(thick, float64(len(names))*label.line())
		d.lines(beside-12, y+(height-float64(len(names))*label.line())/2, label.at(end), names)
		b.bar(d, r, beside, y+(height-thick)/2, thick, scale)
		y += height + 9
	}
	d.shapes[axis].path[0].to.y = y - 5
	if b.Goal != nil && finite(b.Goal.Amount) {
		b.goal(d, beside, beside+b.Goal.Amount*scale, top, y-5)
	}
	return y
}

func (b Bars) bar(d *Drawing, r Row, x, y, thick, scale float64) {
	parts := b.parts()
	from := x
	for i, p := range parts {
		w := r.value(i) * scale
		if w <= 0 {
			continue
		}
		colour := p.Colour
		if len(parts) == 1 && r.Colour != NoColour {
			colour = r.Colour
		}
		d.tip(b.tip(r, p, r.value(i)), func() {
			d.rect(from, y, max(w-boolean(len(parts) > 1), 0.75), thick, 1.5, paint{fill: colour.area()})
		})
		from += w
	}
	d.text(from+7, y+thick/2+4.2, strong, b.format(b.total(r)))
}

// boolean is the pixel that parts stacked values.
func boolean(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func (b Bars) tip(r Row, p Part, v float64) string {
	s := font.OneLine(r.Name) + ": "
	if p.Name != "" {
		s += p.Name + " "
	}
	s += b.format(v)
	if r.Note != "" {
		s += "\n" + font.OneLine(r.Note)
	}
	return s
}

func (b Bars) goal(d *Drawing, left, x, top, bottom float64) {
	name := small.fit(font.OneLine(b.Goal.Name)+" "+b.format(b.Goal.Amount), d.Width-left)
	w := small.width(name)
	d.line(x, top-4, x, bottom, paint{stroke: Ink, width: 1.2, dash: dashed})
	d.text(clamp(x-w/2, left, d.Width-w), top-8, small.in(Ink), name)
}

func (b Bars) describe() string {
	best := b.Rows[0]
	for _, r := range b.Rows {
		if b.total(r) > b.total(best) {
			best = r
		}
	}
	return fmt.Sprintf("%s; the greatest is %s with %s.", count(len(b.Rows), "bar", "bars"), font.OneLine(best.Name), b.format(b.total(best)))
}

// Table implements Chart.
func (b Bars) Table() Table {
	parts := b.parts()
	t := Table{Columns: []Column{{Name: "Name"}}}
	for _, p := range parts {
		name := p.Name
		if name == "" {
			name = "Value"
		}
		t.Columns = append(t.Columns, Column{Name: name, Number: true})
	}
	if len(parts) > 1 {
		t.Columns = append(t.Columns, Column{Name: "Total", Number: true})
	}
	for _, r := range b.Rows {
		row := []string{strings.TrimSpace(font.OneLine(r.Name))}
		for i := range parts {
			row = append(row, b.format(r.value(i)))
		}
		if len(parts) > 1 {
			row = append(row, b.format(b.total(r)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

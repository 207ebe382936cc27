package chart

import (
	"fmt"
	"math"

	"holdfast/report/font"
)

// A Donut shows what a whole is made of, with the whole in its middle.
type Donut struct {
	Title  string
	Slices []Slice
	Format func(float64) string // of a value; nil: Compact
	Unit   string               // under the total: "findings"
}

// A Slice is one part of the whole. Values of zero, less, or no number are left out.
type Slice struct {
	Name   string
	Value  float64
	Colour Colour // NoColour: the colour of its place
}

func (n Donut) format(v float64) string {
	if n.Format != nil {
		return font.OneLine(n.Format(v))
	}
	return Compact(v)
}

// maxSlices bounds the parts; more than that nobody can tell apart in a ring.
const maxSlices = 8

// parts are the slices that count, the smallest of too many joined into one.
func (n Donut) parts() (out []Slice, total float64) {
	for i, s := range n.Slices {
		if !(s.Value > 0) || !finite(s.Value) {
			continue
		}
		if s.Colour == NoColour {
			s.Colour = Series(i)
		}
		s.Name = font.OneLine(s.Name)
		total += s.Value
		if len(out) == maxSlices {
			out[maxSlices-1] = Slice{"Others", out[maxSlices-1].Value + s.Value, Muted}
			continue
		}
		out = append(out, s)
	}
	return out, total
}

// Draw implements Chart: ring to the left, names to the right, below on a phone.
func (n Donut) Draw(width float64) *Drawing {
	d := newDrawing("donut", n.Title, width)
	parts, total := n.parts()
	if total == 0 {
		return d.empty("Nothing to count yet.")
	}
	const r, thick, row = 66.0, 24.0, 24.0
	cx, cy := r+thick/2+2, r+thick/2+2
	nameX, nameY, room := cx+r+thick/2+28, 0.0, 0.0
	if d.narrow() {
		cx = d.Width / 2
		nameX, nameY = 0, cy+r+thick
	}
	room = min(d.Width-nameX, 420)
	if !d.narrow() {
		nameY = max(0, cy-float64(len(parts))*row/2)
	}
	angle := -math.Pi / 2
	for _, s := range parts {
		sweep := 2 * math.Pi * s.Value / total
		pad := min(0.018, sweep/4)
		if len(parts) == 1 {
			pad = 0
		}
		d.tip(n.words(s, total), func() {
			first, curves := ring(cx, cy, r+thick/2, r-thick/2, angle+pad, angle+sweep-pad)
			d.shapes = append(d.shapes, shape{kind: path, x: first.x, y: first.y, path: curves, closed: true, paint: paint{fill: s.Colour.area()}})
		})
		angle += sweep
	}
	d.text(cx, cy+6, style{size: 24, face: font.Medium, colour: Ink, anchor: middle}, style{size: 24, face: font.Medium}.fit(n.format(total), 2*(r-thick/2)-8))
	d.text(cx, cy+22, small.at(middle), small.fit(font.OneLine(n.Unit), 2*(r-thick/2)-14))
	for i, s := range parts {
		n.row(d, s, total, nameX, nameY+float64(i)*row, room)
	}
	d.Height = max(cy+r+thick/2+2, nameY+float64(len(parts))*row)
	d.Desc = fmt.Sprintf("%s in %s; %s.", n.format(total), count(len(parts), "part", "parts"), n.words(parts[0], total))
	return d
}

// row names one slice with its value and share, figures in two aligned columns.
func (n Donut) row(d *Drawing, s Slice, total, x, y, room float64) {
	share := Percent(s.Value / total)
	value := n.format(s.Value)
	const shareW = 56.0
	valueW := max(strong.width(value), 44)
	d.rect(x, y+5, 12, 12, 2, paint{fill: s.Colour.area()})
	d.text(x+20, y+15, label, label.fit(s.Name, room-20-shareW-valueW-10))
	d.text(x+room-shareW, y+15, strong.at(end), value)
	d.text(x+room, y+15, small.at(end), share)
}

// ring is the outline of a piece of a ring.
func ring(cx, cy, outer, inner, a, b float64) (point, []segment) {
	first, out := arcPath(cx, cy, outer, a, b)
	turn, back := arcPath(cx, cy, inner, b, a)
	out = append(out, segment{to: turn})
	return first, append(out, back...)
}

func (n Donut) words(s Slice, total float64) string {
	return fmt.Sprintf("%s: %s (%s)", s.Name, n.format(s.Value), Percent(s.Value/total))
}

// Table implements Chart.
func (n Donut) Table() Table {
	t := Table{Columns: []Column{{Name: "Name"}, {Name: "Value", Number: true}, {Name: "Share", Number: true}}}
	_, total := n.parts()
	for _, s := range n.Slices {
		if s.Value > 0 && finite(s.Value) {
			t.Rows = append(t.Rows, []string{font.OneLine(s.Name), n.format(s.Value), Percent(s.Value / total)})
		}
	}
	return t
}

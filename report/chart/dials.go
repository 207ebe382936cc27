package chart

import (
	"fmt"
	"math"
	"strings"

	"holdfast/report/font"
)

// Dials shows shares side by side as gauges: the posture along the four
// principles, for one.
type Dials struct {
	Title string
	Dials []Dial
}

// A Dial is one share.
type Dial struct {
	Name   string
	Value  float64  // 0 to 1
	Before *float64 // the value it is compared with; nil: none
	Note   string   // one short line under the name
}

// known reports whether the value was measured at all.
func (d Dial) known() bool { return finite(d.Value) }

func (d Dial) value() float64 { return clamp(d.Value, 0, 1) }

func (d Dial) words() string {
	if !d.known() {
		return "not measured"
	}
	s := Percent(math.Round(d.value()*100) / 100)
	if c := d.change(); c != "" {
		s += ", " + c
	}
	return s
}

// change against the value before, in points: "+4 points".
func (d Dial) change() string {
	if d.Before == nil || !finite(*d.Before) || !d.known() {
		return ""
	}
	diff := math.Round(d.value()*100) - math.Round(clamp(*d.Before, 0, 1)*100)
	switch {
	case diff > 0:
		return fmt.Sprintf("▲ %.0f", diff)
	case diff < 0:
		return fmt.Sprintf("▼ %.0f", -diff)
	}
	return "no change"
}

// maxDials bounds the drawing.
const maxDials = 12

// Draw implements Chart: up to four in a row, two on a phone.
func (d Dials) Draw(width float64) *Drawing {
	w := newDrawing("dials", d.Title, width)
	dials := d.Dials[:min(len(d.Dials), maxDials)]
	if len(dials) == 0 {
		return w.empty("Nothing measured yet.")
	}
	perRow := min(4, len(dials))
	if w.narrow() {
		perRow = min(2, len(dials))
	}
	const gap = 20.0
	cell := (w.Width - gap*float64(perRow-1)) / float64(perRow)
	y := 0.0
	for from := 0; from < len(dials); from += perRow {
		tallest := 0.0
		for i, dial := range dials[from:min(from+perRow, len(dials))] {
			tallest = max(tallest, dial.draw(w, float64(i)*(cell+gap), y, cell))
		}
		y += tallest + 16
	}
	w.Height = y - 12
	w.Desc = d.describe()
	return w
}

// draw one gauge into a cell and return its height.
func (d Dial) draw(w *Drawing, x, y, cell float64) float64 {
	r := clamp(cell/2-12, 34, 62)
	cx, cy := x+cell/2, y+r+8
	name := strong.at(middle).wrap(font.OneLine(d.Name), cell, 3)
	note := small.at(middle).wrap(font.OneLine(d.Note), cell, 2)
	thick := r * 0.17
	w.tip(font.OneLine(d.Name)+": "+d.words(), func() {
		w.arc(cx, cy, r, 0, 1, paint{stroke: Grid, width: thick})
		if d.known() && d.value() > 0 {
			w.arc(cx, cy, r, 0, d.value(), paint{stroke: Accent, width: thick})
		}
		if d.Before != nil && finite(*d.Before) {
			a := gaugeAngle(clamp(*d.Before, 0, 1))
			w.line(cx+math.Cos(a)*(r-thick), cy+math.Sin(a)*(r-thick), cx+math.Cos(a)*(r+thick), cy+math.Sin(a)*(r+thick), paint{stroke: Ink, width: 1.6})
		}
		figure := "–"
		if d.known() {
			figure = fmt.Sprintf("%.0f", d.value()*100)
		}
		w.text(cx, cy+r*0.14, style{size: math.Round(r * 0.56), face: font.Medium, colour: Ink, anchor: middle}, figure)
		w.text(cx, cy+r*0.14+16, small.at(middle), d.change())
	})
	top := cy + r*0.72 + 12
	height := w.lines(cx, top, strong.at(middle), name)
	if d.Note != "" {
		height += w.lines(cx, top+height+1, small.at(middle), note)
	}
	return top + height - y
}

// A gauge opens downwards: it runs over three quarters of the circle.
func gaugeAngle(share float64) float64 { return math.Pi * (0.75 + 1.5*share) }

// arc of a gauge from one share to another, as cubic curves.
func (d *Drawing) arc(cx, cy, r, from, to float64, p paint) {
	a, b := gaugeAngle(from), gaugeAngle(to)
	first, segments := arcPath(cx, cy, r, a, b)
	d.curve(first, segments, false, p)
}

// arcPath approximates a circle's arc from angle a to b by a curve per eighth.
func arcPath(cx, cy, r, a, b float64) (point, []segment) {
	n := max(1, int(math.Ceil(math.Abs(b-a)/(math.Pi/4))))
	step := (b - a) / float64(n)
	k := 4.0 / 3 * math.Tan(step/4) * r
	at := func(t float64) point { return point{cx + r*math.Cos(t), cy + r*math.Sin(t)} }
	var out []segment
	for i := range n {
		t1, t2 := a+float64(i)*step, a+float64(i+1)*step
		p1, p2 := at(t1), at(t2)
		out = append(out, segment{curve: true, to: p2,
			c1: point{p1.x - k*math.Sin(t1), p1.y + k*math.Cos(t1)},
			c2: point{p2.x + k*math.Sin(t2), p2.y - k*math.Cos(t2)},
		})
	}
	return at(a), out
}

func (d Dials) describe() string {
	var parts []string
	for _, dial := range d.Dials {
		parts = append(parts, font.OneLine(dial.Name)+" "+dial.words())
	}
	return strings.Join(parts, "; ") + "."
}

// Table implements Chart.
func (d Dials) Table() Table {
	t := Table{Columns: []Column{{Name: "Name"}, {Name: "Now", Number: true}, {Name: "Before", Number: true}}}
	for _, dial := range d.Dials {
		now, before := "not measured", "–"
		if dial.known() {
			now = Percent(dial.value())
		}
		if dial.Before != nil {
			before = Percent(clamp(*dial.Before, 0, 1))
		}
		t.Rows = append(t.Rows, []string{font.OneLine(dial.Name), now, before})
	}
	return t
}

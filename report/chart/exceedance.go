package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"holdfast/report/font"
)

// A LossExceedance shows how likely a year is to cost more than an amount, before
// and after treatment, against the amounts the organisation has set itself.
type LossExceedance struct {
	Title    string
	Currency string // ISO 4217
	Curves   []Curve
	Marks    []Mark        // amounts: appetite, limit, capacity
	Levels   []Probability // chances worth a line of their own: "1 in 10 years"
	Scale    Scale
}

// A Curve is the chance (0 to 1) that a year costs more than each amount.
type Curve struct {
	Name   string
	Role   Role
	Points []Exceedance
}

// An Exceedance is one point of a curve.
type Exceedance struct {
	Loss   float64 // money per year
	Chance float64 // of losing more than Loss in a year, 0 to 1
}

// Role says what a curve stands for, and so how it is drawn.
type Role uint8

// The roles of a curve. Now is the one people act on and the strongest.
const (
	Now      Role = iota // current, with the safeguards that operate
	Inherent             // without any safeguard
	Planned              // after the treatment plan
)

// A Mark is an amount of money with a name.
type Mark struct {
	Name   string
	Amount float64
}

// A Probability is a chance per year with a name.
type Probability struct {
	Name   string
	Chance float64
}

func (r Role) paint() paint {
	switch r {
	case Inherent:
		return paint{stroke: Series2, width: 2, dash: dashed}
	case Planned:
		return paint{stroke: Series3, width: 2.5, dash: longDash}
	}
	return paint{stroke: Accent, width: 2.5}
}

// Over is the chance of losing more than loss, read off the curve.
func (c Curve) Over(loss float64) float64 {
	pts := c.sorted()
	for i, p := range pts {
		if p.Loss >= loss {
			if i == 0 || p.Loss == loss {
				return p.Chance
			}
			before := pts[i-1]
			return before.Chance + (p.Chance-before.Chance)*(loss-before.Loss)/(p.Loss-before.Loss)
		}
	}
	return 0
}

// At is the loss exceeded with the given chance, read off the curve. It is zero
// when a loss is rarer than that at all.
func (c Curve) At(chance float64) float64 {
	pts := c.sorted()
	for i := len(pts) - 1; i >= 0; i-- {
		p := pts[i]
		if p.Chance < chance {
			continue
		}
		if i == len(pts)-1 || p.Chance == chance {
			return p.Loss
		}
		after := pts[i+1]
		return p.Loss + (after.Loss-p.Loss)*(p.Chance-chance)/(p.Chance-after.Chance)
	}
	return 0
}

// sorted drops what is no number and orders by loss; a chance never rises with it.
func (c Curve) sorted() []Exceedance {
	pts := make([]Exceedance, 0, len(c.Points))
	for _, p := range c.Points {
		if finite(p.Loss) && finite(p.Chance) && p.Loss >= 0 {
			pts = append(pts, Exceedance{p.Loss, clamp(p.Chance, 0, 1)})
		}
	}
	slices.SortStableFunc(pts, func(a, b Exceedance) int {
		switch {
		case a.Loss < b.Loss:
			return -1
		case a.Loss > b.Loss:
			return 1
		}
		return 0
	})
	for i := 1; i < len(pts); i++ {
		pts[i].Chance = min(pts[i].Chance, pts[i-1].Chance)
	}
	return pts
}

// Draw implements Chart.
func (l LossExceedance) Draw(width float64) *Drawing {
	d := newDrawing("loss-exceedance", l.Title, width)
	var amounts []float64
	for _, c := range l.Curves {
		for _, p := range c.sorted() {
			amounts = append(amounts, p.Loss)
		}
	}
	if len(amounts) == 0 {
		return d.empty("No simulated losses yet.")
	}
	for _, m := range l.Marks {
		amounts = append(amounts, m.Amount)
	}
	d.Desc = l.describe()

	plotLeft, plotRight := 48.0, d.Width-14
	y := d.legend(plotLeft, 0, plotRight-plotLeft, l.legend()) + 22
	x := moneyAxis(amounts, l.Scale)
	x.from, x.to = plotLeft, plotRight
	marks := l.placeMarks(x, d.Width)
	top := y + float64(lanes(marks))*16 + 6
	base := top + math.Round(clamp(d.Width*0.42, 190, 380))
	p := axis{min: 0, max: 1, from: base, to: top}

	d.text(0, y-8, small, "Chance per year of losing more")
	d.left(p, plotLeft, plotRight, 5, func(v float64) string { return Percent(v) })
	d.bottom(x, top, base, func(v float64) string { return Money(v, l.Currency) })
	d.text(plotRight, base+34, small.at(end), small.fit("Loss per year", plotRight-plotLeft))
	d.Height = base + 40
	l.drawMarks(d, marks, y, base)
	l.drawLevels(d, p, plotLeft, plotRight)
	for _, c := range l.Curves {
		l.drawCurve(d, c, x, p)
	}
	return d
}

func (l LossExceedance) legend() []legendItem {
	var items []legendItem
	for _, c := range l.Curves {
		items = append(items, legendItem{name: font.OneLine(c.Name), paint: c.Role.paint()})
	}
	for _, v := range l.levels() {
		items = append(items, legendItem{name: font.OneLine(v.Name), paint: levelLine})
	}
	return items
}

// markLabel is a mark with the place of its label.
type markLabel struct {
	x, text float64 // of the line, and of the left end of the label
	lane    int
	name    string
	dash    dash
}

// placeMarks puts every label in the first lane where it does not touch another.
func (l LossExceedance) placeMarks(x axis, width float64) []markLabel {
	marks := slices.Clone(l.Marks)
	slices.SortStableFunc(marks, func(a, b Mark) int {
		switch {
		case a.Amount < b.Amount:
			return -1
		case a.Amount > b.Amount:
			return 1
		}
		return 0
	})
	var out []markLabel
	var edges []float64
	for i, m := range marks {
		if !finite(m.Amount) || m.Amount < 0 {
			continue
		}
		name := small.fit(font.OneLine(m.Name)+" "+Money(m.Amount, l.Currency), width)
		w := small.width(name)
		at := x.at(m.Amount)
		left := clamp(at-w/2, 0, width-w)
		lane := 0
		for lane < len(edges) && edges[lane]+10 > left {
			lane++
		}
		if lane == len(edges) {
			edges = append(edges, 0)
		}
		edges[lane] = left + w
		out = append(out, markLabel{x: at, text: left, lane: lane, name: name, dash: []dash{dotted, dashed, solid, longDash}[i%4]})
	}
	return out
}

func lanes(marks []markLabel) int {
	n := 0
	for _, m := range marks {
		n = max(n, m.lane+1)
	}
	return n
}

// drawMarks draws the lines from below the lowest label, so that none is crossed.
func (l LossExceedance) drawMarks(d *Drawing, marks []markLabel, y, base float64) {
	top := y + float64(lanes(marks))*16 + 2
	for _, m := range marks {
		d.tip(m.name, func() {
			d.line(m.x, top, m.x, base, paint{stroke: Ink, width: 1.2, dash: m.dash})
			d.text(m.text, y+float64(lanes(marks)-1-m.lane)*16+12, small.in(Ink), m.name)
		})
	}
}

var levelLine = paint{stroke: Muted, width: 1.2, dash: dotted}

// levels are the chances that can be drawn.
func (l LossExceedance) levels() []Probability {
	return slices.DeleteFunc(slices.Clone(l.Levels), func(v Probability) bool { return !(v.Chance > 0 && v.Chance < 1) })
}

func (l LossExceedance) drawLevels(d *Drawing, p axis, left, right float64) {
	for _, v := range l.levels() {
		y := p.at(v.Chance)
		d.tip(font.OneLine(v.Name)+": "+Percent(v.Chance), func() { d.line(left, y, right, y, levelLine) })
	}
}

func (l LossExceedance) drawCurve(d *Drawing, c Curve, x, p axis) {
	pts := c.sorted()
	if len(pts) == 0 {
		return
	}
	line := []point{{x.from, p.at(pts[0].Chance)}}
	for _, e := range pts {
		if at := (point{x.at(e.Loss), p.at(e.Chance)}); math.Abs(at.x-line[len(line)-1].x)+math.Abs(at.y-line[len(line)-1].y) >= 0.5 {
			line = append(line, at)
		}
	}
	d.poly(line, false, c.Role.paint())
	for _, chance := range exceedanceChances {
		if loss := c.At(chance); loss > 0 {
			d.hit(x.at(loss), p.at(chance), 9, fmt.Sprintf("%s: %s chance of losing more than %s in a year", font.OneLine(c.Name), Percent(chance), Money(loss, l.Currency)))
		}
	}
}

var exceedanceChances = []float64{0.9, 0.75, 0.5, 0.25, 0.2, 0.1, 0.05, 0.02, 0.01}

func (l LossExceedance) describe() string {
	var parts []string
	for _, c := range l.Curves {
		parts = append(parts, fmt.Sprintf("%s: one year in ten costs more than %s, one in a hundred more than %s.",
			font.OneLine(c.Name), Money(c.At(0.1), l.Currency), Money(c.At(0.01), l.Currency)))
	}
	return strings.Join(parts, " ")
}

// Table implements Chart: the loss at each chance, then the chance at each mark.
func (l LossExceedance) Table() Table {
	t := Table{Columns: []Column{{Name: "Chance per year / amount"}}}
	for _, c := range l.Curves {
		t.Columns = append(t.Columns, Column{Name: font.OneLine(c.Name), Number: true})
	}
	for _, chance := range exceedanceChances {
		row := []string{Percent(chance) + " chance of losing more than"}
		for _, c := range l.Curves {
			row = append(row, Money(c.At(chance), l.Currency))
		}
		t.Rows = append(t.Rows, row)
	}
	for _, m := range l.Marks {
		row := []string{"Chance of exceeding " + font.OneLine(m.Name) + " (" + Money(m.Amount, l.Currency) + ")"}
		for _, c := range l.Curves {
			row = append(row, Percent(c.Over(m.Amount)))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

package chart

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"holdfast/report/font"
)

// A Trend shows how figures moved over time. With Spark set it is a word-sized
// line without axes, for a table or a tile.
type Trend struct {
	Title  string
	Series []Line
	Format func(float64) string // of a value; nil: Compact
	Goal   *Mark                // a level to reach
	Spark  bool
}

// A Line is one figure over time.
type Line struct {
	Name   string
	Points []Moment
}

// A Moment is a value at a time.
type Moment struct {
	At    time.Time
	Value float64
}

func (t Trend) format(v float64) string {
	if t.Format != nil {
		return small.fit(font.OneLine(t.Format(v)), 90)
	}
	return Compact(v)
}

func (l Line) sorted() []Moment {
	out := slices.DeleteFunc(slices.Clone(l.Points), func(m Moment) bool { return !finite(m.Value) })
	slices.SortStableFunc(out, func(a, b Moment) int { return a.At.Compare(b.At) })
	return out
}

// bounds of all series in time and value; ok is false without a single point.
func (t Trend) bounds() (from, to time.Time, lo, hi float64, ok bool) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, s := range t.Series {
		for _, m := range s.sorted() {
			if !ok || m.At.Before(from) {
				from = m.At
			}
			if !ok || m.At.After(to) {
				to = m.At
			}
			lo, hi, ok = math.Min(lo, m.Value), math.Max(hi, m.Value), true
		}
	}
	if ok && t.Goal != nil && finite(t.Goal.Amount) {
		lo, hi = math.Min(lo, t.Goal.Amount), math.Max(hi, t.Goal.Amount)
	}
	return from, to, lo, hi, ok
}

// Draw implements Chart. A sparkline is drawn into the width as it is, from 40 on.
func (t Trend) Draw(width float64) *Drawing {
	d := newDrawing("trend", t.Title, width)
	if t.Spark {
		d.Kind, d.Width = "spark", clamp(width, 40, 600)
	}
	from, to, lo, hi, ok := t.bounds()
	switch {
	case !ok && t.Spark:
		d.Height, d.Desc = 24, "No figures yet."
		d.line(0, 12, d.Width, 12, paint{stroke: Grid, width: 1})
		return d
	case !ok:
		return d.empty("No figures over time yet.")
	}
	d.Desc = t.describe()
	if t.Spark {
		t.spark(d, from, to, lo, hi)
		return d
	}
	t.plot(d, from, to, lo, hi)
	return d
}

func (t Trend) spark(d *Drawing, from, to time.Time, lo, hi float64) {
	d.Height = 24
	if hi == lo {
		hi, lo = hi+1, lo-1
	}
	x, y := axis{min: 0, max: to.Sub(from).Seconds(), from: 3, to: d.Width - 4}, axis{min: lo, max: hi, from: 20, to: 4}
	for i, s := range t.Series {
		pts := s.points(from, x, y)
		if len(pts) == 0 {
			continue
		}
		d.poly(pts, false, paint{stroke: Series(i), width: 1.5})
		last := pts[len(pts)-1]
		d.circle(last.x, last.y, 2.5, paint{fill: Series(i)})
	}
}

func (l Line) points(from time.Time, x, y axis) []point {
	var pts []point
	for _, m := range l.sorted() {
		pts = append(pts, point{x.at(m.At.Sub(from).Seconds()), y.at(m.Value)})
	}
	return pts
}

func (t Trend) plot(d *Drawing, from, to time.Time, lo, hi float64) {
	top := 8.0
	if len(t.Series) > 1 {
		var items []legendItem
		for i, s := range t.Series {
			items = append(items, legendItem{name: font.OneLine(s.Name), paint: seriesPaint(i)})
		}
		top += d.legend(0, 0, d.Width, items)
	}
	y := linearAxis(math.Min(lo, 0), hi)
	wide := 0.0
	for _, v := range y.ticks(4) {
		wide = max(wide, small.width(t.format(v)))
	}
	left, right := wide+10, d.Width-12
	base := top + clamp(d.Width*0.3, 120, 260)
	y.from, y.to = base, top
	x := axis{min: 0, max: max(to.Sub(from).Seconds(), 1), from: left, to: right}
	d.left(y, left, right, 4, t.format)
	d.line(left, base, right, base, paint{stroke: Axis, width: 1})
	d.dates(from, to, x, base)
	d.Height = base + 24
	if t.Goal != nil && finite(t.Goal.Amount) {
		t.goal(d, y.at(t.Goal.Amount), left, right, base)
	}
	for i, s := range t.Series {
		t.series(d, i, s, from, x, y)
	}
}

func seriesPaint(i int) paint {
	return paint{stroke: Series(i), width: 2.2, dash: []dash{solid, dashed, longDash, dotted}[i%4]}
}

// goal names the level below the plot, where no line can run through the name.
func (t Trend) goal(d *Drawing, y, left, right, base float64) {
	d.line(left, y, right, y, paint{stroke: Ink, width: 1.2, dash: dashed})
	d.line(left, base+34, left+20, base+34, paint{stroke: Ink, width: 1.2, dash: dashed})
	d.text(left+26, base+38, small.in(Ink), small.in(Ink).fit(font.OneLine(t.Goal.Name)+" "+t.format(t.Goal.Amount), right-left-26))
	d.Height = base + 46
}

func (t Trend) series(d *Drawing, i int, s Line, from time.Time, x, y axis) {
	pts := s.points(from, x, y)
	if len(pts) == 0 {
		return
	}
	d.poly(pts, false, seriesPaint(i))
	last := pts[len(pts)-1]
	d.circle(last.x, last.y, 3.5, paint{fill: Series(i), stroke: Surface, width: 1.5})
	for n, m := range s.sorted() {
		if n < 400 {
			d.hit(pts[n].x, pts[n].y, 8, strings.TrimSpace(font.OneLine(s.Name)+" "+day(m.At))+": "+t.format(m.Value))
		}
	}
}

func day(t time.Time) string { return t.Format("2 Jan 2006") }

// dates labels a time axis with days, months or years, whatever fits.
func (d *Drawing) dates(from, to time.Time, x axis, base float64) {
	ticks, layout := timeTicks(from, to, int(math.Max(2, (x.to-x.from)/80)))
	places, widths, names := make([]float64, len(ticks)), make([]float64, len(ticks)), make([]string, len(ticks))
	for i, at := range ticks {
		names[i] = at.Format(layout)
		widths[i] = small.width(names[i])
		places[i] = clamp(x.at(at.Sub(from).Seconds()), widths[i]/2, d.Width-widths[i]/2)
	}
	for i, ok := range spaced(places, widths, 8) {
		if ok {
			at := x.at(ticks[i].Sub(from).Seconds())
			d.line(at, base, at, base+4, paint{stroke: Axis, width: 1})
			d.text(places[i], base+17, small.at(middle), names[i])
		}
	}
}

// timeTicks are at most about n round dates between from and to.
func timeTicks(from, to time.Time, n int) ([]time.Time, string) {
	days := to.Sub(from).Hours() / 24
	if !(days > 0) {
		return []time.Time{from}, "2 Jan 2006"
	}
	if days/float64(n) < 20 {
		step := max(1, int(math.Ceil(days/float64(n))))
		first := time.Date(from.Year(), from.Month(), from.Day(), 0, 0, 0, 0, from.Location())
		return stepDates(first, from, to, 0, step), "2 Jan"
	}
	months := days / 30.44
	for _, step := range []int{1, 2, 3, 6, 12, 24, 60, 120, 600, 1200} {
		if months/float64(step) > float64(n) && step < 1200 {
			continue
		}
		layout := "Jan 2006"
		first := time.Date(from.Year(), 1, 1, 0, 0, 0, 0, from.Location())
		if step >= 12 {
			layout = "2006"
			years := step / 12
			first = time.Date(from.Year()/years*years, 1, 1, 0, 0, 0, 0, from.Location())
		}
		return stepDates(first, from, to, step, 0), layout
	}
	return []time.Time{from, to}, "2006"
}

func stepDates(first, from, to time.Time, months, days int) []time.Time {
	var out []time.Time
	for i := 0; i < 20000 && len(out) < 200; i++ {
		at := first.AddDate(0, i*months, i*days)
		if at.After(to) {
			break
		}
		if !at.Before(from) {
			out = append(out, at)
		}
	}
	return out
}

func (t Trend) describe() string {
	var parts []string
	for _, s := range t.Series {
		pts := s.sorted()
		if len(pts) == 0 {
			continue
		}
		a, b := pts[0], pts[len(pts)-1]
		parts = append(parts, strings.TrimSpace(fmt.Sprintf("%s from %s on %s to %s on %s.", font.OneLine(s.Name), t.format(a.Value), day(a.At), t.format(b.Value), day(b.At))))
	}
	return strings.Join(parts, " ")
}

// Table implements Chart: one row per moment and series.
func (t Trend) Table() Table {
	tab := Table{Columns: []Column{{Name: "Date"}, {Name: "Figure"}, {Name: "Value", Number: true}}}
	for _, s := range t.Series {
		for _, m := range s.sorted() {
			tab.Rows = append(tab.Rows, []string{day(m.At), font.OneLine(s.Name), t.format(m.Value)})
		}
	}
	return tab
}

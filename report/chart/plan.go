package chart

import (
	"fmt"
	"time"

	"holdfast/report/font"
)

// A Plan draws work over time: a bar from begin to due day, filled as far as the
// work has come, and the day on which it is expected where that is another.
type Plan struct {
	Title string
	Rows  []Work
	Today time.Time // a line for the reader's day; zero: none
}

// Work is one bar of a Plan. Times that are zero are not drawn.
type Work struct {
	Name       string
	Begin, Due time.Time
	Expected   time.Time // at the present pace
	Progress   float64   // 0 to 1
	Done       bool
	Late       bool   // expected later than is bearable
	Note       string // shown in the tooltip
}

// maxWork bounds the drawing; the rest is told as a count.
const maxWork = 60

// begin is where the bar starts: at its due day when nobody said.
func (w Work) begin() time.Time {
	if w.Begin.IsZero() || w.Begin.After(w.Due) {
		return w.Due
	}
	return w.Begin
}

func (p Plan) rows() []Work {
	var out []Work
	for _, w := range p.Rows {
		if !w.Due.IsZero() {
			out = append(out, w)
		}
	}
	return out
}

func (p Plan) span(rows []Work) (from, to time.Time) {
	from, to = rows[0].begin(), rows[0].Due
	take := func(t time.Time) {
		if t.IsZero() {
			return
		}
		if t.Before(from) {
			from = t
		}
		if t.After(to) {
			to = t
		}
	}
	for _, w := range rows {
		take(w.begin())
		take(w.Due)
		take(w.Expected)
	}
	take(p.Today)
	return from, to
}

// Draw implements Chart: names beside the bars where there is room, else above.
func (p Plan) Draw(width float64) *Drawing {
	d := newDrawing("plan", p.Title, width)
	rows := p.rows()
	if len(rows) == 0 {
		return d.empty("Nothing is planned yet.")
	}
	d.Desc = p.describe(rows)
	left := max(0, len(rows)-maxWork)
	rows = rows[:len(rows)-left]
	from, to := p.span(rows)
	names, step := clamp(d.Width*0.26, 130, 230), 27.0
	if d.narrow() {
		names, step = 0, 42
	}
	x := axis{min: 0, max: max(to.Sub(from).Seconds(), 1), from: names + 8, to: d.Width - 12}
	top := p.key(d, rows)
	base := top + step*float64(len(rows)) + 4
	if !p.Today.IsZero() {
		at := x.at(p.Today.Sub(from).Seconds())
		d.line(at, top, at, base, paint{stroke: Accent, width: 1.2, dash: dashed})
	}
	for i, w := range rows {
		y := top + step*float64(i)
		d.tip(p.words(w), func() { p.row(d, w, y, names, x, from) })
	}
	d.line(x.from, base, x.to, base, paint{stroke: Axis, width: 1})
	d.dates(from, to, x, base)
	d.Height = base + 24
	if left > 0 {
		d.text(0, d.Height+12, small, fmt.Sprintf("and %d more", left))
		d.Height += 18
	}
	return d
}

// key names what the marks mean.
func (p Plan) key(d *Drawing, rows []Work) float64 {
	items := []legendItem{{name: "Planned", paint: paint{fill: AccentSoft, stroke: Accent, width: 1}, square: true}, {name: "Done", paint: paint{fill: Accent}, square: true}}
	for _, w := range rows {
		if w.Late {
			items = append(items, legendItem{name: "Slips to", paint: paint{stroke: Series3, width: 2, dash: dashed}})
			break
		}
	}
	if !p.Today.IsZero() {
		items = append(items, legendItem{name: "Today", paint: paint{stroke: Accent, width: 1.2, dash: dashed}})
	}
	return d.legend(0, 0, d.Width, items) + 4
}

func (p Plan) row(d *Drawing, w Work, y, names float64, x axis, from time.Time) {
	name := font.OneLine(w.Name)
	if names > 0 {
		d.text(0, y+14, label, label.fit(name, names))
	} else {
		d.text(0, y+12, strong, strong.fit(name, d.Width))
		y += 16
	}
	x1, x2 := x.at(w.begin().Sub(from).Seconds()), x.at(w.Due.Sub(from).Seconds())
	wide := max(x2-x1, 3)
	d.rect(x1, y+4, wide, 13, 3, paint{fill: AccentSoft, stroke: Accent, width: 1})
	if done := w.share(); done > 0 {
		d.rect(x1, y+4, wide*done, 13, 3, paint{fill: Accent})
	}
	if w.Done {
		d.poly([]point{{x1 + wide/2 - 4, y + 10.5}, {x1 + wide/2 - 1, y + 13.5}, {x1 + wide/2 + 4, y + 7.5}}, false, paint{stroke: Surface, width: 1.8})
		return
	}
	if w.Late && w.Expected.After(w.Due) {
		at := x.at(w.Expected.Sub(from).Seconds())
		d.line(x1+wide, y+10.5, at, y+10.5, paint{stroke: Series3, width: 2, dash: dashed})
		d.poly([]point{{at, y + 5}, {at + 5.5, y + 10.5}, {at, y + 16}, {at - 5.5, y + 10.5}}, true, paint{fill: Surface, stroke: Series3, width: 2})
	}
}

func (w Work) state() string {
	switch {
	case w.Done:
		return "done"
	case w.Late && w.Expected.After(w.Due):
		return "slips to " + day(w.Expected)
	case w.Late:
		return "late"
	}
	return "on plan"
}

func (w Work) share() float64 {
	if !finite(w.Progress) {
		return 0
	}
	return clamp(w.Progress, 0, 1)
}

func (w Work) percent() string { return fmt.Sprintf("%.0f %%", 100*w.share()) }

func (p Plan) words(w Work) string {
	s := fmt.Sprintf("%s: due %s, %s there, %s", font.OneLine(w.Name), day(w.Due), w.percent(), w.state())
	if w.Note != "" {
		s += "\n" + font.OneLine(w.Note)
	}
	return s
}

func (p Plan) describe(rows []Work) string {
	done, late := 0, 0
	for _, w := range rows {
		switch {
		case w.Done:
			done++
		case w.Late:
			late++
		}
	}
	from, to := p.span(rows)
	return fmt.Sprintf("%s from %s to %s, %d done, %d late.", count(len(rows), "milestone", "milestones"), day(from), day(to), done, late)
}

// Table implements Chart.
func (p Plan) Table() Table {
	tab := Table{Columns: []Column{{Name: "Milestone"}, {Name: "Begins"}, {Name: "Due"}, {Name: "Expected"}, {Name: "There", Number: true}, {Name: "State"}}}
	for _, w := range p.rows() {
		expected := "–"
		if !w.Done && !w.Expected.IsZero() {
			expected = day(w.Expected)
		}
		tab.Rows = append(tab.Rows, []string{font.OneLine(w.Name), day(w.begin()), day(w.Due), expected, w.percent(), w.state()})
	}
	return tab
}

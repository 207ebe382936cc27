package chart

import (
	"fmt"
	"slices"
	"time"

	"holdfast/report/font"
)

// A Timeline shows milestones in their order: a roadmap, or the course of an
// incident. Milestones less than three days apart altogether show the time of day.
type Timeline struct {
	Title      string
	Milestones []Milestone
	Today      time.Time // a mark for the reader's day; zero: none
}

// A Milestone is one event.
type Milestone struct {
	Name string
	At   time.Time
	Note string
	Done bool
}

// maxMilestones bounds the drawing; the rest is told as a count.
const maxMilestones = 80

func (t Timeline) sorted() []Milestone {
	out := slices.Clone(t.Milestones)
	slices.SortStableFunc(out, func(a, b Milestone) int { return a.At.Compare(b.At) })
	return out
}

// stamp writes dates or times of day.
func (t Timeline) stamp(at time.Time) string {
	if ms := t.sorted(); len(ms) > 1 && ms[len(ms)-1].At.Sub(ms[0].At) < 72*time.Hour {
		return at.Format("2 Jan 15:04")
	}
	return day(at)
}

func (t Timeline) late(m Milestone) bool {
	return !m.Done && !t.Today.IsZero() && m.At.Before(t.Today)
}

func (t Timeline) state(m Milestone) string {
	switch {
	case m.Done:
		return "done"
	case t.late(m):
		return "overdue"
	}
	return "planned"
}

// Draw implements Chart: along an axis where the labels have room, else as a list.
func (t Timeline) Draw(width float64) *Drawing {
	d := newDrawing("timeline", t.Title, width)
	ms := t.sorted()
	if len(ms) == 0 {
		return d.empty("No milestones yet.")
	}
	d.Desc = t.describe(ms)
	left := 0
	if len(ms) > maxMilestones {
		ms, left = ms[:maxMilestones], len(ms)-maxMilestones
	}
	if d.narrow() || left > 0 || !t.along(d, ms) {
		t.list(d, ms)
	}
	if left > 0 {
		d.text(0, d.Height+12, small, fmt.Sprintf("and %d more", left))
		d.Height += 18
	}
	return d
}

// banner is the label of a milestone beside its pole.
type banner struct {
	x    float64
	lane int
	name []string
}

const (
	flagWidth = 138.0
	flagLane  = 52.0
	maxLanes  = 5
)

// along draws the axis form. It reports false, with nothing drawn, when the labels
// need more lanes than are good to read.
func (t Timeline) along(d *Drawing, ms []Milestone) bool {
	from, to := ms[0].At, ms[len(ms)-1].At
	if !t.Today.IsZero() && t.Today.After(from) && t.Today.Before(to.AddDate(0, 6, 0)) && t.Today.After(to) {
		to = t.Today
	}
	x := axis{min: 0, max: max(to.Sub(from).Seconds(), 1), from: 8, to: d.Width - flagWidth - 8}
	flags := make([]banner, len(ms))
	highest := 0
	// From right to left: a flag flies above every pole that it would cover, so
	// that no pole runs through a label.
	for i := len(ms) - 1; i >= 0; i-- {
		flags[i] = banner{x: x.at(ms[i].At.Sub(from).Seconds()), name: strong.wrap(font.OneLine(ms[i].Name), flagWidth-10, 2)}
		for _, other := range flags[i+1:] {
			if other.x < flags[i].x+flagWidth {
				flags[i].lane = max(flags[i].lane, other.lane+1)
			}
		}
		if highest = max(highest, flags[i].lane); highest >= maxLanes {
			return false
		}
	}
	base := float64(highest+1)*flagLane + 6
	d.line(0, base, d.Width, base, paint{stroke: Axis, width: 2})
	for i, m := range ms {
		t.flag(d, m, flags[i], float64(highest-flags[i].lane)*flagLane, base)
	}
	d.Height = base + 12
	t.axisDates(d, from, to, x, base)
	return true
}

func (t Timeline) axisDates(d *Drawing, from, to time.Time, x axis, base float64) {
	if to.Sub(from) >= 72*time.Hour {
		d.dates(from, to, x, base+7)
		d.Height = base + 30
	}
	if !t.Today.IsZero() && !t.Today.Before(from) && !t.Today.After(to) {
		at := x.at(t.Today.Sub(from).Seconds())
		d.poly([]point{{at - 5, d.Height + 8}, {at + 5, d.Height + 8}, {at, d.Height}}, true, paint{fill: Accent})
		d.text(clamp(at+10, 0, d.Width-40), d.Height+9, small.in(Accent), "Today")
		d.Height += 16
	}
}

func (t Timeline) flag(d *Drawing, m Milestone, f banner, y, base float64) {
	d.tip(t.words(m), func() {
		d.line(f.x, y+4, f.x, base-7, paint{stroke: Axis, width: 1})
		h := d.lines(f.x+7, y, strong, f.name)
		d.text(f.x+7, y+h+11, small, small.fit(t.stamp(m.At)+" · "+t.state(m), flagWidth-10))
		t.marker(d, m, f.x, base)
	})
}

func (t Timeline) marker(d *Drawing, m Milestone, x, y float64) {
	p := paint{fill: Surface, stroke: Accent, width: 2}
	switch {
	case m.Done:
		p.fill = Accent
	case t.late(m):
		p.stroke, p.dash = Ink, dotted
	}
	d.circle(x, y, 6, p)
	if m.Done {
		d.poly([]point{{x - 2.6, y + 0.2}, {x - 0.7, y + 2.2}, {x + 2.8, y - 2}}, false, paint{stroke: Surface, width: 1.5})
	}
}

// list draws one milestone below the other.
func (t Timeline) list(d *Drawing, ms []Milestone) {
	const x = 8.0
	y := 4.0
	today := t.Today.IsZero()
	type stop struct{ y float64 }
	var stops []stop
	line := len(d.shapes)
	d.line(x, 0, x, 0, paint{stroke: Axis, width: 2}) // its end is known below
	for _, m := range ms {
		if !today && m.At.After(t.Today) {
			today = true
			d.line(x-6, y+7, x+6, y+7, paint{stroke: Accent, width: 2})
			d.text(x+16, y+11, small.in(Accent), "Today")
			y += 24
		}
		stops = append(stops, stop{y + 8})
		d.tip(t.words(m), func() {
			t.marker(d, m, x, y+8)
			y += d.lines(x+16, y, strong, strong.wrap(font.OneLine(m.Name), d.Width-x-16, 3))
			y += d.lines(x+16, y, small, small.wrap(t.stamp(m.At)+" · "+t.state(m), d.Width-x-16, 2))
			if note := font.OneLine(m.Note); note != "" {
				y += d.lines(x+16, y, small, small.wrap(note, d.Width-x-16, 2))
			}
		})
		y += 10
	}
	d.shapes[line].y = stops[0].y
	d.shapes[line].path[0].to = point{x, stops[len(stops)-1].y}
	d.Height = y
}

func (t Timeline) words(m Milestone) string {
	s := font.OneLine(m.Name) + ": " + t.stamp(m.At) + ", " + t.state(m)
	if m.Note != "" {
		s += "\n" + font.OneLine(m.Note)
	}
	return s
}

func (t Timeline) describe(ms []Milestone) string {
	done, late := 0, 0
	for _, m := range ms {
		switch t.state(m) {
		case "done":
			done++
		case "overdue":
			late++
		}
	}
	s := fmt.Sprintf("%s from %s to %s, %d done", count(len(ms), "milestone", "milestones"), t.stamp(ms[0].At), t.stamp(ms[len(ms)-1].At), done)
	if late > 0 {
		s += fmt.Sprintf(", %d overdue", late)
	}
	return s + "."
}

// Table implements Chart.
func (t Timeline) Table() Table {
	tab := Table{Columns: []Column{{Name: "When"}, {Name: "Milestone"}, {Name: "State"}}}
	for _, m := range t.sorted() {
		name := font.OneLine(m.Name)
		if m.Note != "" {
			name += " (" + font.OneLine(m.Note) + ")"
		}
		tab.Rows = append(tab.Rows, []string{t.stamp(m.At), name, t.state(m)})
	}
	return tab
}

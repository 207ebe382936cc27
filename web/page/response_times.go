package page

import (
	"strconv"
	"time"

	"github.com/a-h/templ"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report/chart"
	"holdfast/web"
	"holdfast/web/ui"
)

// seesTimes: whoever may read alerts and incidents with the targets for them.
func seesTimes(a access.Actor) bool {
	return seesIncidents(a) && web.MayRead(isms.Alerts, isms.Indicators)(a)
}

// timesMonths are the spans of time that the page offers.
var timesMonths = []int{6, 12, 24}

// A timesView is how fast alarms and incidents are answered.
type timesView struct {
	*web.Request
	figures
	times  *flow.ResponseTimes
	months int
}

// responseTimes shows the mean times to detect, acknowledge, contain and recover by month.
func (c Config) responseTimes(r *web.Request) error {
	v := &timesView{Request: r, figures: figures{r.Format}, months: 12}
	if text := r.URL.Query().Get("months"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 60 {
			return kind.Fieldf("months", "is a number from 1 to 60")
		}
		v.months = n
	}
	var err error
	if v.times, err = c.Flow.ResponseTimes(r.Ctx(), v.months); err != nil {
		return err
	}
	return r.Render("Response times", timesBody(v))
}

func (v *timesView) tabs() []ui.TabItem {
	var list []ui.TabItem
	for _, n := range timesMonths {
		list = append(list, ui.TabItem{Label: strconv.Itoa(n) + " months", Href: link("/response-times", "months", strconv.Itoa(n)), Current: n == v.months})
	}
	return list
}

// nothing tells whether no time is known in all the months.
func (v *timesView) nothing() bool {
	for _, m := range v.times.Months {
		if m.Incidents > 0 || len(m.Times) > 0 {
			return false
		}
	}
	return true
}

// stats are the means of the last year against their targets.
func (v *timesView) stats() []ui.StatProps {
	var list []ui.StatProps
	for _, m := range v.times.Measures {
		s := ui.StatProps{Label: m.Title, Value: "none yet", Note: "aim: " + hoursWords(m.Target), Href: "#time-" + m.ID, Why: v.whyTime(m)}
		if sp, ok := v.times.Year[m.ID]; ok {
			s.Value = hoursWords(sp.Mean)
			s.Delta, s.Tone = pace(sp.Mean, m)
		}
		list = append(list, s)
	}
	return list
}

// pace judges a mean by its target.
func pace(hours float64, m flow.ResponseMeasure) (string, ui.Tone) {
	switch {
	case hours <= m.Target:
		return "fast enough", ui.Positive
	case hours > m.Warn:
		return "far too slow", ui.Negative
	}
	return "slower than aimed at", ui.Attention
}

func (v *timesView) whyTime(m flow.ResponseMeasure) *ui.WhyProps {
	w := &ui.WhyProps{ID: "why-time-" + m.ID, About: m.Title, Summary: m.Doc + " False alarms and exercises do not count.", Formula: "mean = sum of the times ÷ their number, over the last 365 days"}
	if sp, ok := v.times.Year[m.ID]; ok {
		w.Inputs = []ui.WhyInput{{Name: "Times", Value: strconv.Itoa(sp.Count), Source: ui.Computed}, {Name: "Mean", Value: hoursWords(sp.Mean), Source: ui.Computed},
			{Name: "Median", Value: hoursWords(sp.Median), Source: ui.Computed}, {Name: "Slowest", Value: hoursWords(sp.Worst), Source: ui.Computed}}
	}
	w.Inputs = append(w.Inputs, ui.WhyInput{Name: "Good at", Value: hoursWords(m.Target), Source: ui.Estimated}, ui.WhyInput{Name: "Act at", Value: hoursWords(m.Warn), Source: ui.Estimated})
	return w
}

// A unit of time on the axis of a curve.
type timeUnit struct {
	name  string
	hours float64
}

// unitOf is the greatest unit of which the longest time has at least two.
func unitOf(longest float64) timeUnit {
	switch {
	case longest >= 48:
		return timeUnit{"d", 24}
	case longest >= 2:
		return timeUnit{"h", 1}
	}
	return timeUnit{"min", 1.0 / 60}
}

func (u timeUnit) words(x float64) string {
	return strconv.FormatFloat(x, 'f', fewer(x), 64) + " " + u.name
}

// curve draws the mean of each month in which something was measured.
func (v *timesView) curve(m flow.ResponseMeasure) chart.Trend {
	longest := m.Target
	for _, month := range v.times.Months {
		longest = max(longest, month.Times[m.ID].Mean)
	}
	u := unitOf(longest)
	line := chart.Line{Name: m.Title}
	for _, month := range v.times.Months {
		sp, ok := month.Times[m.ID]
		at, err := time.Parse("2006-01", month.Month)
		if ok && err == nil {
			line.Points = append(line.Points, chart.Moment{At: at, Value: sp.Mean / u.hours})
		}
	}
	return chart.Trend{Title: m.Title, Series: []chart.Line{line}, Goal: &chart.Mark{Name: "Aim", Amount: m.Target / u.hours}, Format: u.words}
}

// frame holds the curve with its figures as a table.
func (v *timesView) frame(m flow.ResponseMeasure) ui.ChartProps {
	p := ui.ChartProps{ID: "chart-" + m.ID, Title: "Mean by month", Bare: true, Columns: []string{"Month", "Mean", "Median", "Slowest", "Times"}}
	for _, month := range v.times.Months {
		if sp, ok := month.Times[m.ID]; ok {
			p.Rows = append(p.Rows, []string{v.monthName(month), hoursWords(sp.Mean), hoursWords(sp.Median), hoursWords(sp.Worst), strconv.Itoa(sp.Count)})
		}
	}
	return p
}

func (v *timesView) measured(m flow.ResponseMeasure) bool {
	for _, month := range v.times.Months {
		if _, ok := month.Times[m.ID]; ok {
			return true
		}
	}
	return false
}

func (v *timesView) monthName(m flow.ResponseMonth) string {
	at, err := time.Parse("2006-01", m.Month)
	if err != nil {
		return m.Month
	}
	return at.Format("January 2006")
}

// table is every month with its incidents and times, the newest first.
func (v *timesView) table() ui.TableProps {
	t := ui.TableProps{ID: "times", Title: "Month by month", Caption: "Incidents and mean times by month, the newest first", Columns: []ui.Column{{Key: "month", Label: "Month", Main: true}, {Key: "incidents", Label: "Incidents", Align: ui.End}}}
	for _, m := range v.times.Measures {
		t.Columns = append(t.Columns, ui.Column{Key: m.ID, Label: m.Title, Align: ui.End})
	}
	for i := len(v.times.Months) - 1; i >= 0; i-- {
		month := v.times.Months[i]
		row := ui.Row{Cells: []templ.Component{ui.Text(v.monthName(month)), ui.Text(v.format.Count(int64(month.Incidents)))}}
		for _, m := range v.times.Measures {
			row.Cells = append(row.Cells, timeCell(month, m))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func timeCell(month flow.ResponseMonth, m flow.ResponseMeasure) templ.Component {
	sp, ok := month.Times[m.ID]
	if !ok {
		return ui.None()
	}
	return ui.Text(hoursWords(sp.Mean))
}

// hoursWords is a time in the words of people: "40 min", "3.5 h", "2 days".
func hoursWords(h float64) string {
	switch {
	case h < 1:
		return strconv.FormatFloat(h*60, 'f', 0, 64) + " min"
	case h < 48:
		return strconv.FormatFloat(h, 'f', fewer(h), 64) + " h"
	}
	return strconv.FormatFloat(h/24, 'f', fewer(h/24), 64) + " days"
}

// fewer is one digit behind the point where that says something.
func fewer(x float64) int {
	if x < 10 && x != float64(int(x)) {
		return 1
	}
	return 0
}

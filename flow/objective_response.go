package flow

import (
	"context"
	"math"
	"slices"
	"time"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
)

// A ResponseMeasure is one of the four times that tell how fast an organisation is.
type ResponseMeasure struct {
	ID    string `json:"id"` // detect, acknowledge, contain, recover
	Title string `json:"title"`
	Doc   string `json:"doc"` // between which moments, of which records

	Target float64 `json:"target"` // hours: as fast as this is good
	Warn   float64 `json:"warn"`   // hours: slower than this asks for action
}

// ResponseMeasures lists the four, in the order of an answer.
func ResponseMeasures() []ResponseMeasure {
	return []ResponseMeasure{
		{"detect", "Time to detect", "From when the attack or fault began until the first sign was noticed, of incidents where both are known.", 24, 168},
		{"acknowledge", "Time to acknowledge", "From when an alert first rang until somebody looked.", 1, 8},
		{"contain", "Time to contain", "From the first sign until nothing more could be reached, of incidents that got that far.", 24, 72},
		{"recover", "Time to recover", "From the first sign until work went on as before, of incidents that got that far.", 72, 240},
	}
}

// responseDays is over which time the indicators look back: a small organisation has
// too few incidents for less.
const responseDays = 365

// A Spread is mean and median of some times, in hours.
type Spread struct {
	Count  int     `json:"count"`
	Mean   float64 `json:"mean"`
	Median float64 `json:"median"`
	Worst  float64 `json:"worst"`
}

// A ResponseMonth is the four times of one month; by the month in which the moment
// fell that ends the time.
type ResponseMonth struct {
	Month     string            `json:"month"`     // 2026-03
	Incidents int               `json:"incidents"` // noticed in the month, without false alarms and exercises
	Times     map[string]Spread `json:"times"`     // by measure; only those with something to measure
}

// ResponseTimes are the four times, by month and over the year.
type ResponseTimes struct {
	Measures []ResponseMeasure `json:"measures"` // what is measured, with its target
	Months   []ResponseMonth   `json:"months"`   // oldest first, as many as were asked for
	Year     map[string]Spread `json:"year"`     // of the last 365 days
}

// ResponseTimes computes the four times from the timelines of alerts and incidents,
// for so many months up to the present one. False alarms and exercises do not count.
func (f *Flow) ResponseTimes(ctx context.Context, months int) (*ResponseTimes, error) {
	s := f.Survey(ctx)
	out := &ResponseTimes{Measures: s.aims(), Year: map[string]Spread{}}
	first := time.Date(s.Now.Year(), s.Now.Month(), 1, 0, 0, 0, 0, time.UTC).AddDate(0, 1-min(max(months, 1), 60), 0)
	for at := first; !at.After(s.Now); at = at.AddDate(0, 1, 0) {
		m := ResponseMonth{Month: at.Format("2006-01"), Incidents: s.noticedBetween(at, at.AddDate(0, 1, 0)), Times: map[string]Spread{}}
		for _, r := range ResponseMeasures() {
			if sp := spreadOf(s.spans(r.ID), at, at.AddDate(0, 1, 0)); sp.Count > 0 {
				m.Times[r.ID] = sp
			}
		}
		out.Months = append(out.Months, m)
	}
	for _, r := range ResponseMeasures() {
		if sp := s.lastYear(r.ID, s.Now); sp.Count > 0 {
			out.Year[r.ID] = sp
		}
	}
	return out, s.Err
}

// aims are the measures with the targets that the organisation set itself, where it has
// an indicator of the mean; else ours.
func (s *Survey) aims() []ResponseMeasure {
	list := ResponseMeasures()
	for _, i := range Every[isms.Indicator](s, isms.Indicators) {
		for n := range list {
			if i.Formula == meanTime+list[n].ID {
				list[n].Target, list[n].Warn = i.Target, i.Warn
			}
		}
	}
	return list
}

// A span is a time that ended at a moment.
type span struct {
	at    time.Time
	hours float64
}

// spans lists every time of a measure that is known.
func (s *Survey) spans(measure string) []span {
	at := "spans/" + measure
	if list, ok := s.held[at].([]span); ok || s.Err != nil {
		return list
	}
	var list []span
	add := func(from, to time.Time) {
		if !from.IsZero() && !to.IsZero() && !to.Before(from) {
			list = append(list, span{to, to.Sub(from).Hours()})
		}
	}
	if measure == "acknowledge" {
		for _, a := range s.answered() {
			add(a.FirstSeen, a.AcknowledgedAt)
		}
	} else {
		for _, i := range s.realIncidents() {
			switch measure {
			case "detect":
				add(i.StartedAt, i.DetectedAt)
			case "contain":
				add(noticed(i), i.ContainedAt)
			case "recover":
				add(noticed(i), i.RecoveredAt)
			}
		}
	}
	s.held[at] = list
	return list
}

// realIncidents are those that happened: no false alarms and no exercises.
func (s *Survey) realIncidents() []*isms.Incident {
	return slices.DeleteFunc(slices.Clone(Every[isms.Incident](s, isms.Incidents)), func(i *isms.Incident) bool {
		return i.Outcome == isms.ResultFalseAlarm || i.Outcome == "exercise"
	})
}

func (s *Survey) noticedBetween(from, to time.Time) (n int) {
	for _, i := range s.realIncidents() {
		if at := noticed(i); !at.Before(from) && at.Before(to) {
			n++
		}
	}
	return n
}

func noticed(i *isms.Incident) time.Time {
	if i.DetectedAt.IsZero() {
		return i.DeclaredAt
	}
	return i.DetectedAt
}

// answered lists the alerts that somebody looked at in the last two years; the newest
// 10 000 of them.
func (s *Survey) answered() []*isms.Alert {
	const most = 10_000
	since := kind.FormatTime(s.Now.AddDate(-2, 0, 0))
	q := kind.Query{Sort: "-acknowledged_at", Limit: kind.MaxLimit}.With("acknowledged_at", kind.AtLeast, since)
	var list []*isms.Alert
	for len(list) < most && s.Err == nil {
		page, err := s.f.app.List(s.Ctx, isms.Alerts, q)
		if s.Err = err; err != nil {
			return nil
		}
		for _, r := range page.Records {
			list = append(list, r.(*isms.Alert))
		}
		if q.Cursor = page.Next; page.Next == "" {
			break
		}
	}
	return list
}

func spreadOf(list []span, from, to time.Time) Spread {
	var hours []float64
	for _, x := range list {
		if !x.at.Before(from) && x.at.Before(to) {
			hours = append(hours, x.hours)
		}
	}
	n := len(hours)
	if n == 0 {
		return Spread{}
	}
	slices.Sort(hours)
	sum := 0.0
	for _, h := range hours {
		sum += h
	}
	return Spread{Count: n, Mean: sum / float64(n), Median: (hours[(n-1)/2] + hours[n/2]) / 2, Worst: hours[n-1]}
}

func (s *Survey) lastYear(measure string, until time.Time) Spread {
	return spreadOf(s.spans(measure), until.AddDate(0, 0, -responseDays), until.Add(time.Microsecond))
}

// responseFormulas are mean and median of the four times as indicators.
func responseFormulas() []Formula {
	var list []Formula
	for _, m := range ResponseMeasures() {
		principle := isms.Principle("impact")
		if m.ID == "detect" || m.ID == "acknowledge" {
			principle = "detection"
		}
		doc := m.Doc + " Over the last 365 days, without false alarms and exercises; no reading is taken while nothing happened."
		list = append(list,
			Formula{meanTime + m.ID, "Mean t" + m.Title[1:], "hours", "lower", "performance", principle, m.Target, m.Warn, doc, func(s *Survey) float64 { return meanOf(s.lastYear(m.ID, s.Now)) }},
			Formula{medianTime + m.ID, "Median t" + m.Title[1:], "hours", "lower", "performance", principle, m.Target, m.Warn, doc, func(s *Survey) float64 { return medianOf(s.lastYear(m.ID, s.Now)) }})
	}
	return list
}

// The ids of response formulas begin with these.
const (
	meanTime   = "mean-time-to-"
	medianTime = "median-time-to-"
)

// meanOf is no number where there is nothing to measure: no incident is not the same
// as one that was noticed at once.
func meanOf(sp Spread) float64 {
	if sp.Count == 0 {
		return math.NaN()
	}
	return sp.Mean
}

func medianOf(sp Spread) float64 {
	if sp.Count == 0 {
		return math.NaN()
	}
	return sp.Median
}

// pastMonths is how far back an indicator of response is read when it is new: the
// timelines are there, so the trend need not wait for a year.
const pastMonths = 12

// readPast takes the readings of the ends of past months for an indicator that was
// never read. It returns how many.
func (s *Survey) readPast(i *isms.Indicator) (int, error) {
	pick, measure := meanOf, ""
	for _, m := range ResponseMeasures() {
		switch i.Formula {
		case meanTime + m.ID:
			measure = m.ID
		case medianTime + m.ID:
			pick, measure = medianOf, m.ID
		}
	}
	if measure == "" || !i.MeasuredAt.IsZero() {
		return 0, nil
	}
	n := 0
	month := time.Date(s.Now.Year(), s.Now.Month(), 1, 0, 0, 0, 0, time.UTC)
	for back := pastMonths - 1; back >= 0; back-- {
		end := month.AddDate(0, -back, 0).Add(-time.Second)
		value := pick(s.lastYear(measure, end))
		if s.Err != nil || math.IsNaN(value) {
			continue
		}
		m := &isms.Measurement{IndicatorID: i.ID, At: end, Value: math.Round(value*100) / 100, Source: "computed", Note: "Computed later from the timelines."}
		if err := app.Of[isms.Measurement](s.f.app, isms.Measurements).Save(s.Ctx, m); err != nil {
			return n, err
		}
		n++
	}
	return n, s.Err
}

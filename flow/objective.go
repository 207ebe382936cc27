package flow

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
)

// A Formula computes an indicator from live records.
type Formula struct {
	ID        string
	Title     string
	Unit      string
	Direction isms.IndicatorDirection
	Type      isms.IndicatorClass
	Principle isms.Principle
	Target    float64
	Warn      float64
	Doc       string // what is counted, and out of which records
	compute   func(*Survey) float64
}

// Formulas lists the indicators that the product computes by itself. The share of
// requirements met (FormulaMet) is kept with the statement of applicability.
func Formulas() []Formula {
	return append([]Formula{
		{"expected-loss", "Expected yearly loss", "money", "lower", "risk", "", 250_000, 500_000, "Sum of the yearly loss (ALE) of all risks that are not closed, as their records say.", expectedLoss},
		{"open-criticals", "Open critical findings", "findings", "lower", "risk", "compromise", 0, 5, "Open findings of critical severity.", openCriticals},
		{"overdue-findings", "Findings past their due date", "findings", "lower", "control", "compromise", 0, 5, "Open findings whose due date has passed.", overdueFindings},
		{"days-to-fix", "Mean days to repair a finding", "days", "lower", "performance", "compromise", 14, 45, "Mean of the days from first seen to resolved, over the findings resolved within the last 90 days; the newest 1 000 of them.", daysToFix},
		{"safeguards-operating", "Safeguards in operation", "%", "higher", "control", "impact", 90, 60, "Operating safeguards out of those that are approved, under way or in operation.", safeguardsOperating},
		{"safeguards-tested", "Safeguards that proved themselves", "%", "higher", "control", "detection", 90, 60, "Operating safeguards that were tested within their interval, a year where none is set.", safeguardsTested},
		{"training-done", "Staff with a valid course", "%", "higher", "performance", "detection", 95, 80, "Active staff with a course that was passed and has not run out.", trainingDone},
		{"overdue-tasks", "Overdue tasks", "tasks", "lower", "performance", "", 0, 10, "Tasks that are not done and whose date has passed.", overdueTasks},
		{"roadmap", "Way to a working ISMS", "%", "higher", "performance", "", 100, 50, "Mean progress of the ten steps of the roadmap.", roadmapShare},
	}, responseFormulas()...)
}

func formula(id string) *Formula {
	list := Formulas()
	if i := slices.IndexFunc(list, func(x Formula) bool { return x.ID == id }); i >= 0 {
		return &list[i]
	}
	return nil
}

func expectedLoss(s *Survey) float64 {
	sum := kind.Money(0)
	for _, r := range Every[isms.Risk](s, isms.Risks) {
		if r.Status != isms.RiskClosed {
			sum += r.LossNow
		}
	}
	return sum.Float()
}

var openFindings = kind.Query{}.Where("status", string(isms.FindingOpen))

func openCriticals(s *Survey) float64 {
	return float64(s.count(isms.Findings, openFindings.Where("severity", string(isms.SeverityCritical))))
}

func overdueFindings(s *Survey) float64 {
	return float64(s.count(isms.Findings, openFindings.With("due", kind.Less, string(s.Today)).With("due", kind.Empty, "false")))
}

func daysToFix(s *Survey) float64 {
	if s.Err != nil {
		return 0
	}
	q := kind.Query{Sort: "-resolved_at", Limit: kind.MaxLimit}.Where("status", string(isms.FindingResolved)).With("resolved_at", kind.AtLeast, kind.FormatTime(s.Now.AddDate(0, 0, -90)))
	list, err := s.f.findings.List(s.Ctx, q)
	if s.Err = err; err != nil || len(list) == 0 {
		return 0
	}
	days := 0.0
	for _, fd := range list {
		days += max(0, fd.ResolvedAt.Sub(fd.FirstSeen).Hours()/24)
	}
	return days / float64(len(list))
}

func percentOf(p Part) float64 {
	if p.Want == 0 {
		return 0
	}
	return 100 * float64(p.Have) / float64(p.Want)
}

func safeguardsOperating(s *Survey) float64 {
	p := Part{}
	for _, g := range Every[isms.Safeguard](s, isms.Safeguards) {
		switch g.Status {
		case isms.SafeguardOperating:
			p.Have++
			p.Want++
		case isms.SafeguardApproved, isms.SafeguardImplementing:
			p.Want++
		}
	}
	return percentOf(p)
}

func safeguardsTested(s *Survey) float64 {
	return percentOf(partNamed(s.reviewed(), "Safeguards tried out"))
}
func trainingDone(s *Survey) float64 {
	return percentOf(partNamed(s.trained(), "Everybody has learnt"))
}

func partNamed(list []Part, name string) Part {
	for _, p := range list {
		if p.Name == name {
			return p
		}
	}
	return Part{}
}

func overdueTasks(s *Survey) float64 {
	open := kind.Query{}.Where("status", string(isms.TaskOpen), string(isms.TaskDoing), string(isms.TaskWaiting))
	return float64(s.count(isms.Tasks, open.With("due", kind.Less, string(s.Today)).With("due", kind.Empty, "false")))
}

func roadmapShare(s *Survey) float64 { return 100 * s.roadmap().Tracks[1].Progress }

// ReadIndicators writes the reading of the day of every computed indicator. A second
// reading on one day is taken only when the figure changed, and replaces the first.
// It returns how many readings it took.
func (f *Flow) ReadIndicators(ctx context.Context) (int, error) {
	n := 0
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		n = 0
		s := f.Survey(ctx)
		list, err := app.Of[isms.Indicator](f.app, isms.Indicators).All(ctx, kind.Query{}.Where("source", "computed"))
		if err != nil {
			return err
		}
		for _, i := range list {
			calc := formula(i.Formula)
			if calc == nil {
				continue
			}
			value := math.Round(calc.compute(s)*100) / 100
			if s.Err != nil {
				return fmt.Errorf("indicator %s: %w", i.Key, s.Err)
			}
			if math.IsNaN(value) || kind.DateOf(i.MeasuredAt) == s.Today && i.Value == value {
				continue // nothing to measure, or nothing new
			}
			past, err := s.readPast(i)
			if err != nil {
				return fmt.Errorf("indicator %s: %w", i.Key, err)
			}
			n += past
			m := &isms.Measurement{IndicatorID: i.ID, At: s.Now, Value: value, Source: "computed", Note: isms.Markdown(calc.Doc)}
			if err := f.app.Save(ctx, m); err != nil {
				return fmt.Errorf("indicator %s: %w", i.Key, err)
			}
			n++
		}
		return nil
	})
	return n, err
}

// KeepReadings is a Settler of the waist: a new measurement becomes the value of its
// indicator unless a later one is known, and says how healthy it was then.
func (f *Flow) KeepReadings(ctx context.Context, changed []app.Event) error {
	for _, e := range changed {
		if e.Kind != isms.Measurements || e.Verb != "create" {
			continue
		}
		if err := f.keepNewest(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

func (f *Flow) keepNewest(ctx context.Context, e app.Event) error {
	machine := AsProduct(ctx, e.Actor)
	m := e.Record.(*isms.Measurement)
	rec, err := f.app.Get(machine, isms.Indicators, m.IndicatorID)
	if err != nil {
		return err
	}
	i := rec.(*isms.Indicator)
	if m.Health == "" || m.Health == isms.HealthUnknown {
		rec, err := f.app.Get(machine, isms.Measurements, e.ID)
		if err != nil {
			return err
		}
		stored := rec.(*isms.Measurement)
		stored.Health = i.HealthOf(m.Value)
		if err := f.app.Save(machine, stored); err != nil {
			return err
		}
	}
	if m.At.Before(i.MeasuredAt) || m.At.After(f.app.Now()) {
		return nil
	}
	i.Value, i.MeasuredAt = m.Value, m.At
	return f.app.Save(machine, i)
}

// OfferIndicators makes the computed indicators that are missing and for which there is
// something to measure, by formula; those of the principal figures stand on the board
// page. It returns how many it made.
func (f *Flow) OfferIndicators(ctx context.Context) (int, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return 0, err
	}
	if actor.May(kind.Write, isms.Indicators) != access.All {
		return 0, actor.Refuse(kind.Write, isms.Indicators)
	}
	repo := app.Of[isms.Indicator](f.app, isms.Indicators)
	made := 0
	err = f.app.Atomic(AsProduct(ctx, actor), func(ctx context.Context) error {
		made = 0
		have, err := repo.All(ctx, kind.Query{})
		if err != nil {
			return err
		}
		s := f.Survey(ctx)
		for _, c := range Formulas() {
			if slices.ContainsFunc(have, func(i *isms.Indicator) bool { return i.Formula == c.ID || i.Key == c.ID }) {
				continue
			}
			if math.IsNaN(c.compute(s)) {
				continue // offered again once there is something
			}
			if s.Err != nil {
				return fmt.Errorf("indicator %s: %w", c.ID, s.Err)
			}
			i := &isms.Indicator{Base: isms.Base{Key: c.ID, Title: c.Title, Origin: "engine"}, Type: c.Type, Unit: c.Unit, Direction: c.Direction, Target: c.Target, Warn: c.Warn,
				Source: "computed", Formula: c.ID, EveryDays: 1, Principle: c.Principle, Description: isms.Markdown(c.Doc), Board: c.ID == "expected-loss" || c.ID == "roadmap" || c.ID == "overdue-findings"}
			if err := repo.Save(ctx, i); err != nil {
				return fmt.Errorf("indicator %s: %w", c.ID, err)
			}
			made++
		}
		return nil
	})
	return made, err
}

// A Trend is an indicator with its readings, oldest first.
type Trend struct {
	Indicator  *isms.Indicator `json:"indicator"`
	Points     []Reading       `json:"points"`
	Objectives []Named         `json:"objectives"` // those that it measures
}

// A Reading is the value of one moment.
type Reading struct {
	At    time.Time `json:"at"`
	Value float64   `json:"value"`
}

// Change is how much the newest reading is better than the oldest one: positive is
// better, whichever way the indicator points. False when there are not two.
func (t Trend) Change() (float64, bool) {
	if len(t.Points) < 2 {
		return 0, false
	}
	d := t.Points[len(t.Points)-1].Value - t.Points[0].Value
	if t.Indicator.Direction != "higher" {
		d = -d
	}
	return d, true
}

// Trends reads the indicators with their readings of so many days; of two readings
// at one moment the later written one counts.
func (f *Flow) Trends(ctx context.Context, days int) ([]Trend, error) {
	s := f.Survey(ctx)
	since := s.Now.AddDate(0, 0, -days)
	list, err := app.Of[isms.Measurement](f.app, isms.Measurements).All(ctx, kind.Query{Sort: "at"}.With("at", kind.AtLeast, kind.FormatTime(since)))
	if err != nil {
		return nil, err
	}
	points := map[string][]Reading{}
	for _, m := range list {
		have := points[m.IndicatorID]
		if n := len(have); n > 0 && have[n-1].At.Equal(m.At) {
			have[n-1].Value = m.Value
			continue
		}
		points[m.IndicatorID] = append(have, Reading{m.At, m.Value})
	}
	measures := s.to(isms.Objectives, "measured by")
	aims := ByID(Every[isms.Objective](s, isms.Objectives))
	var out []Trend
	for _, i := range Every[isms.Indicator](s, isms.Indicators) {
		t := Trend{Indicator: i, Points: points[i.ID]}
		for _, id := range measures[i.ID] {
			if o := aims[id]; o != nil {
				t.Objectives = append(t.Objectives, NamedOf("objective", &o.Base, ""))
			}
		}
		out = append(out, t)
	}
	return out, s.Err
}

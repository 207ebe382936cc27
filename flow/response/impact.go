package response

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
)

// An ImpactAnalysis is the business impact analysis over all processes and assets:
// what an outage costs as time goes by, how soon everything must be back so that
// nothing that rests on it waits, in which order, and where promises and needs part.
type ImpactAnalysis struct {
	Today      kind.Date      `json:"today"`
	Lines      []ImpactLine   `json:"lines"`      // the dearest day first
	Assets     []*Recovery    `json:"assets"`     // in the order of recovery
	Waves      []RecoveryWave `json:"waves"`      // what can be restored at the same time
	Cycles     [][]flow.Named `json:"cycles"`     // assets that wait for each other
	Unassessed []flow.Named   `json:"unassessed"` // critical assets of which nobody said what their loss costs
	Conflicts  int            `json:"conflicts"`  // assets with a gap
}

// An ImpactLine is a process or an asset with what its loss costs.
type ImpactLine struct {
	Record      flow.Named             `json:"record"` // the impact assessment, or the recovery target where there is none
	Assessment  *isms.ImpactAssessment `json:"-"`      // nil: only a recovery target is there
	Asset       *flow.Named            `json:"asset,omitempty"`
	Criticality isms.Level             `json:"criticality"`
	RTO         float64                `json:"rto"`    // hours; 0: nobody said
	RPO         float64                `json:"rpo"`    // hours
	MTPD        float64                `json:"mtpd"`   // hours
	Losses      []LossAt               `json:"losses"` // at Outages
	Draft       bool                   `json:"draft"`  // not approved
}

// A LossAt is what an outage has cost after some hours, all in all.
type LossAt struct {
	Hours      float64 `json:"hours"`
	Label      string  `json:"label"`
	Mean       float64 `json:"mean"`
	Low        float64 `json:"low"`
	High       float64 `json:"high"`
	PerHour    float64 `json:"per_hour"`   // mean ÷ hours
	Why        string  `json:"why"`        // from which entries it follows, and how
	Unbearable bool    `json:"unbearable"` // later than the maximum tolerable downtime
}

// Outages are the lengths for which the loss is shown, in hours.
var Outages = []struct {
	Hours float64
	Label string
}{{1, "1 hour"}, {4, "4 hours"}, {24, "1 day"}, {72, "3 days"}, {168, "1 week"}}

// Impact computes the business impact analysis from the live records: impact
// assessments, recovery targets, dependencies of assets and backups. It writes
// nothing. Times are hours since the failure.
func (f *Flow) Impact(ctx context.Context) (*ImpactAnalysis, error) {
	s := f.survey(ctx)
	a := s.impact()
	return a, s.Err
}

func (s *survey) impact() *ImpactAnalysis {
	a := &ImpactAnalysis{Today: s.Today, Lines: s.impactLines()}
	n := s.recoveryNet()
	n.lines = a.Lines
	n.demands()
	n.inherit()
	n.judge()
	a.Waves, a.Cycles = n.order()
	for _, w := range a.Waves {
		for _, r := range w.Assets {
			a.Assets = append(a.Assets, r)
			if len(r.Gaps) > 0 {
				a.Conflicts++
			}
		}
	}
	a.Unassessed = n.unassessed()
	return a
}

func (s *survey) impactLines() []ImpactLine {
	assets := flow.ByID(every[isms.Asset](s, isms.Assets))
	targets := map[string]*isms.RecoveryTarget{}
	for _, t := range every[isms.RecoveryTarget](s, isms.RecoveryTargets) {
		targets[t.AssetID] = t
	}
	var list []ImpactLine
	assessed := map[string]bool{}
	for _, as := range every[isms.ImpactAssessment](s, isms.ImpactAssessments) {
		assessed[as.AssetID] = true
		l := ImpactLine{Record: flow.NamedOf("impact_assessment", &as.Base, ""), Assessment: as, Criticality: as.Criticality, RTO: as.RTOHours, RPO: as.RPOHours, MTPD: as.MTPDHours,
			Draft: as.Status != isms.ImpactApproved}
		var perHour kind.Range
		if t := targets[as.AssetID]; t != nil {
			perHour = t.CostPerHour
		}
		l.at(assets[as.AssetID])
		l.losses(curveOf(as, perHour))
		list = append(list, l)
	}
	for _, t := range every[isms.RecoveryTarget](s, isms.RecoveryTargets) {
		if assessed[t.AssetID] || t.CostPerHour.IsZero() {
			continue
		}
		l := ImpactLine{Record: flow.NamedOf("recovery_target", &t.Base, ""), RTO: t.RTO, RPO: t.RPO, MTPD: t.MTD, Draft: true}
		l.at(assets[t.AssetID])
		l.losses(lossCurve{{hours: 1, loss: t.CostPerHour, from: "cost of an hour in the recovery target"}})
		list = append(list, l)
	}
	slices.SortStableFunc(list, func(x, y ImpactLine) int {
		return cmp.Or(cmp.Compare(y.Losses[2].Mean, x.Losses[2].Mean), cmp.Compare(y.Criticality, x.Criticality), strings.Compare(x.Record.Title, y.Record.Title))
	})
	return list
}

func (l *ImpactLine) at(a *isms.Asset) {
	if a == nil {
		return
	}
	n := flow.NamedOf("asset", &a.Base, "")
	l.Asset = &n
	l.Criticality = max(l.Criticality, a.Criticality)
}

func (l *ImpactLine) losses(c lossCurve) {
	for _, o := range Outages {
		at := c.at(o.Hours)
		at.Label, at.Unbearable = o.Label, l.MTPD > 0 && o.Hours > l.MTPD
		l.Losses = append(l.Losses, at)
	}
}

// curve of a line, for lengths that are not among Outages.
func (l *ImpactLine) lossAfter(hours float64) float64 {
	if l.Assessment == nil || hours <= 0 {
		return l.Losses[0].Mean * hours
	}
	return curveOf(l.Assessment, kind.Range{}).at(hours).Mean
}

// A lossCurve is what somebody said of a loss after some lengths of outage, in
// total, shortest first.
type lossCurve []lossPoint

type lossPoint struct {
	hours float64
	loss  kind.Range
	from  string
}

func curveOf(a *isms.ImpactAssessment, perHour kind.Range) lossCurve {
	var c lossCurve
	for _, p := range []lossPoint{{1, a.LossHour, "an hour"}, {24, a.LossDay, "a day"}, {168, a.LossWeek, "a week"}, {720, a.LossMonth, "a month"}} {
		if !p.loss.IsZero() {
			c = append(c, p)
		}
	}
	if len(c) == 0 && !perHour.IsZero() {
		c = lossCurve{{hours: 1, loss: perHour, from: "cost of an hour in the recovery target"}}
	}
	return c
}

// at reads the curve. Between two entries the loss grows by a power of the time, so
// that a loss that doubles with each doubling of the time is a straight line; before
// the first and after the last entry it grows evenly.
func (c lossCurve) at(hours float64) LossAt {
	out := LossAt{Hours: hours}
	if len(c) == 0 {
		out.Why = "Nobody has said what it costs."
		return out
	}
	i := 0
	for i < len(c)-1 && hours > c[i].hours {
		i++
	}
	right := c[i]
	switch {
	case right.hours == hours:
		out.Mean, out.Low, out.High = flow.Mean(right.loss), right.loss.Low, right.loss.High
		out.Why = "As entered for " + right.from + "; the mean of its range."
	case i == 0 || hours > right.hours:
		by := hours / right.hours
		out.Mean, out.Low, out.High = flow.Mean(right.loss)*by, right.loss.Low*by, right.loss.High*by
		out.Why = fmt.Sprintf("The loss after %s × %.3g, growing evenly with time.", lasting(right.hours), by)
	default:
		left := c[i-1]
		out.Mean = between(left.hours, flow.Mean(left.loss), right.hours, flow.Mean(right.loss), hours)
		out.Low = between(left.hours, left.loss.Low, right.hours, right.loss.Low, hours)
		out.High = between(left.hours, left.loss.High, right.hours, right.loss.High, hours)
		out.Why = fmt.Sprintf("Between the entries for %s and %s, growing by a power of the time.", left.from, right.from)
	}
	out.PerHour = out.Mean / hours
	return out
}

// between is v on the power curve through two points; a straight line where one of
// them is nothing.
func between(t1, v1, t2, v2, t float64) float64 {
	if v1 <= 0 || v2 <= 0 {
		return v1 + (v2-v1)*(t-t1)/(t2-t1)
	}
	return v1 * math.Pow(t/t1, math.Log(v2/v1)/math.Log(t2/t1))
}

// lasting is a length of time as people say it: "15 minutes", "9.5 hours", "3 days".
func lasting(h float64) string {
	unit, n := "hour", h
	switch {
	case h <= 0:
		return "no time"
	case h < 0.995:
		unit, n = "minute", h*60
	case h >= 48:
		unit, n = "day", h/24
	}
	text := strings.TrimSuffix(fmt.Sprintf("%.1f", n), ".0")
	if text == "1" {
		return "1 " + unit
	}
	return text + " " + unit + "s"
}

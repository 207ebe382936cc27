// Package figure draws what the pipeline knows: charts as data, made of records
// and simulations, for pages and paper alike.
package figure

import (
	"fmt"

	"holdfast/engine/quantify"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/report/chart"
)

// Curve turns a simulation into a curve of the chart.
func Curve(name string, role chart.Role, r *quantify.Result) chart.Curve {
	c := chart.Curve{Name: name, Role: role}
	for _, p := range r.Curve {
		c.Points = append(c.Points, chart.Exceedance{Loss: p.Loss, Chance: p.Probability})
	}
	return c
}

// years are the chances worth a line of their own.
var years = []chart.Probability{{Name: "1 year in 10", Chance: 0.1}, {Name: "1 year in 100", Chance: 0.01}}

// Exceedance is the loss-exceedance curve of all risks against the appetite.
func Exceedance(p *flow.Portfolio, currency string) chart.LossExceedance {
	l := chart.LossExceedance{Title: "Chance that a year costs more than an amount", Currency: currency, Levels: years}
	if p.Inherent != nil {
		l.Curves = append(l.Curves, Curve("Without safeguards", chart.Inherent, p.Inherent))
	}
	l.Curves = append(l.Curves, Curve("Today", chart.Now, p.Now))
	if p.Target != nil {
		l.Curves = append(l.Curves, Curve("With the planned treatments", chart.Planned, p.Target))
	}
	if p.Appetite != nil {
		l.Marks = []chart.Mark{{Name: "Appetite", Amount: p.Bands.Appetite}, {Name: "Limit", Amount: p.Bands.Limit}, {Name: "Capacity", Amount: p.Bands.Capacity}}
	}
	return l
}

// RiskExceedance is the same for one risk; false when it has no figures yet.
func RiskExceedance(v *flow.RiskView, currency string) (chart.LossExceedance, bool) {
	l := chart.LossExceedance{Title: "Chance that a year of this risk costs more than an amount", Currency: currency, Levels: years}
	if v.Now == nil {
		return l, false
	}
	if v.Inherent != nil {
		l.Curves = append(l.Curves, Curve("Without safeguards", chart.Inherent, v.Inherent))
	}
	l.Curves = append(l.Curves, Curve("Today", chart.Now, v.Now))
	if v.Target != nil {
		l.Curves = append(l.Curves, Curve("With the planned treatments", chart.Planned, v.Target))
	}
	return l, true
}

// Stage of a risk on the heat map: today, inherent or target.
type Stage string

// The stages.
const (
	Today    Stage = "today"
	AtTarget Stage = "target"
)

// HeatMap places the graded risks on the matrix. Labels are R1, R2, … in the order
// given, which is also that of the table beside it.
func HeatMap(risks []*isms.Risk, m quantify.Matrix, stage Stage) chart.HeatMap {
	h := chart.HeatMap{Title: "Risks by probability and impact", Impact: m.Impact, Probability: m.Probability}
	if stage == AtTarget {
		h.Title = "Risks by probability and impact, when treated"
	}
	for i, r := range risks {
		impact, probability := r.ImpactLevel, r.ProbabilityLevel
		if stage == AtTarget && r.TargetImpact > 0 && r.TargetProbability > 0 {
			impact, probability = r.TargetImpact, r.TargetProbability
		}
		if impact == 0 || probability == 0 {
			continue
		}
		h.Risks = append(h.Risks, chart.Placed{Label: fmt.Sprintf("R%d", i+1), Name: r.Title,
			Probability: Place(probability, len(m.Probability)), Impact: Place(impact, len(m.Impact))})
	}
	return h
}

// Place maps a level of 1 to 5 onto a scale of n steps, from 0.
func Place(l isms.Level, n int) int { return (int(l) - 1) * (n - 1) / 4 }

// Chain draws the scenario of a risk: actor, vector, weakness, asset, and the
// safeguards between them.
func Chain(v *flow.RiskView, currency string) chart.Chain {
	c := chart.Chain{Title: v.Risk.Title, Actor: chart.Link{Name: "Anybody"}, Vector: chart.Link{Name: "Any way in"},
		Weakness: weakness(v), Asset: chart.Link{Name: "No asset named"}}
	if a := v.Actor; a != nil {
		c.Actor = chart.Link{Name: a.Title, Details: details("capability", a.Capability.String(), "opportunity", a.Opportunity.String())}
	}
	if t := v.Vector; t != nil {
		c.Vector = chart.Link{Name: t.Title, Details: details("ATT&CK", t.Technique)}
	}
	if a := v.Asset; a != nil {
		c.Asset = chart.Link{Name: a.Title, Details: details("criticality", a.Criticality.String())}
		if !a.Value.IsZero() {
			c.Asset.Details = append(c.Asset.Details, "worth "+chart.Money(a.Value.Low, currency)+" to "+chart.Money(a.Value.High, currency))
		}
	}
	for _, s := range v.Operating {
		c.Safeguards = append(c.Safeguards, chart.Guard{Name: s.Title, At: stageOf(s), Operating: true})
	}
	for _, pl := range v.Planned {
		c.Safeguards = append(c.Safeguards, chart.Guard{Name: pl.Safeguard.Title, At: stageOf(pl.Safeguard)})
	}
	return c
}

func weakness(v *flow.RiskView) chart.Link {
	worst, open := (*isms.Finding)(nil), 0
	for _, f := range v.Open {
		if f.Status == isms.FindingResolved || f.Status == isms.FindingFalsePositive {
			continue
		}
		open++
		if worst == nil || f.Score > worst.Score || f.Score == worst.Score && rank[f.Severity] > rank[worst.Severity] {
			worst = f
		}
	}
	switch {
	case worst == nil && len(v.Open) > 0:
		return chart.Link{Name: "All findings resolved", Details: []string{"unknown weaknesses remain"}}
	case worst == nil:
		return chart.Link{Name: "Weakness not measured"}
	case open == 1:
		return chart.Link{Name: worst.Title, Details: []string{string(worst.Severity)}}
	}
	return chart.Link{Name: fmt.Sprintf("%d open findings", open), Details: []string{"worst: " + worst.Title}}
}

var rank = map[isms.Severity]int{isms.SeverityLow: 1, isms.SeverityMedium: 2, isms.SeverityHigh: 3, isms.SeverityCritical: 4}

// stageOf is the link of the chain at which a safeguard acts, from what it does.
func stageOf(s *isms.Safeguard) chart.Stage {
	switch s.Function {
	case "detective":
		return chart.AtWeakness
	case "corrective":
		return chart.AtAsset
	}
	return chart.AtVector
}

// details makes "name: value" lines of the pairs that have a value.
func details(pairs ...string) []string {
	var lines []string
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			lines = append(lines, pairs[i]+": "+pairs[i+1])
		}
	}
	return lines
}

// Posture shows the four principles as dials.
func Posture(list []flow.Posture) chart.Dials {
	d := chart.Dials{Title: "Posture along the four principles"}
	for _, p := range list {
		dial := chart.Dial{Name: p.Principle.Label, Value: p.Score / 100}
		if !p.Known {
			dial.Note = "not measured yet"
		}
		d.Dials = append(d.Dials, dial)
	}
	return d
}

package page

import (
	"fmt"
	"slices"

	"github.com/a-h/templ"

	"holdfast/engine/quantify"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report/chart"
	"holdfast/report/figure"
	"holdfast/web"
	"holdfast/web/ui"
)

// contributors is how many risks the bar chart compares.
const contributors = 10

// A heatView is the portfolio at a glance: where the risks lie, what a year may
// cost, and who the greatest contributors are.
type heatView struct {
	*web.Request
	figures
	portfolio *flow.Portfolio
	matrix    quantify.Matrix
	graded    bool // at least one risk lies on the matrix
	assets    map[string]kind.Record
}

func (c Config) heatmap(r *web.Request) error {
	v := &heatView{Request: r, figures: figures{r.Format}}
	var err error
	if v.portfolio, err = c.ledger.portfolioOf(r); err != nil {
		return err
	}
	if v.matrix, err = c.matrix(r); err != nil {
		return err
	}
	var assets []string
	for _, x := range v.portfolio.Risks {
		assets = append(assets, x.AssetID)
	}
	if v.assets, err = r.App().Many(r.Ctx(), isms.Assets, distinct(assets)); err != nil {
		return err
	}
	v.graded = slices.ContainsFunc(v.portfolio.Risks, func(x *isms.Risk) bool { return x.ImpactLevel > 0 && x.ProbabilityLevel > 0 })
	r.Wide()
	return r.Render("Heat map & loss", heatBody(v))
}

// stats are the figures of the tail, today, with the plan beside them.
func (v *heatView) stats() []ui.StatProps {
	now, target := v.portfolio.Now.Total, v.portfolio.Target.Total
	pair := func(label, note string, a, b float64) ui.StatProps {
		s := ui.StatProps{Label: label, Value: v.short(a), Note: note}
		if saved := a - b; round(saved) > 0 {
			s.Delta, s.Trend, s.Tone = v.short(b)+" with the plan", ui.Down, ui.Positive
		}
		return s
	}
	expected := pair("Expected", "The mean of all years", now.Mean, target.Mean)
	expected.Why = v.whyLoss("why-expected", v.portfolio)
	list := []ui.StatProps{expected,
		pair("Bad year (P95)", "1 in 20 costs more", now.P95, target.P95),
		pair("Worse year (P99)", "1 in 100 costs more", now.P99, target.P99),
		pair("Worst 5 %, mean", "Expected shortfall", now.TailMean, target.TailMean),
	}
	if v.portfolio.Appetite != nil {
		list = append(list, v.chance("Above the limit", v.portfolio.Bands.Limit), v.chance("Above capacity", v.portfolio.Bands.Capacity))
	}
	return list
}

// chance is how likely a year costs more than an amount.
func (v *heatView) chance(label string, amount float64) ui.StatProps {
	now, target := v.portfolio.Now.Exceedance(amount), v.portfolio.Target.Exceedance(amount)
	s := ui.StatProps{Label: label, Value: v.rare(now), Note: "Chance of more than " + v.short(amount)}
	if target < now {
		s.Delta, s.Trend, s.Tone = v.rare(target)+" with the plan", ui.Down, ui.Positive
	}
	return s
}

// rare writes a chance that the simulation may have found in no year at all.
func (v *heatView) rare(chance float64) string {
	if least := 1 / float64(v.portfolio.Now.Years); chance < least {
		return "under " + chart.Percent(least)
	}
	return v.Format.Share(chance)
}

func (v *heatView) heatAt(stage figure.Stage) templ.Component {
	h := figure.HeatMap(v.portfolio.Risks, v.matrix, stage)
	h.Band = bandOf(v.matrix)
	return draw(h, half)
}

func (v *heatView) curve() templ.Component {
	return figureOf(ui.ChartProps{ID: "exceedance", Title: "What a year may cost", Subtitle: "Chance that a year costs more than an amount, all risks together"},
		figure.Exceedance(v.portfolio, v.Format.Currency), half)
}

// bars compares the risks that cost most.
func (v *heatView) bars() templ.Component {
	b := chart.Bars{Title: "Expected yearly loss by risk", Format: v.short}
	list := slices.Clone(v.portfolio.Now.Scenarios)
	slices.SortStableFunc(list, func(a, b quantify.Summary) int { return compareFloats(b.Mean, a.Mean) })
	for _, s := range list[:min(contributors, len(list))] {
		row := chart.Row{Name: s.Name, Values: []float64{s.Mean}}
		if t, ok := v.portfolio.Target.Scenario(s.ID); ok && t.Mean < s.Mean {
			row.Note = "with the plan " + v.short(t.Mean)
		}
		b.Rows = append(b.Rows, row)
	}
	return figureOf(ui.ChartProps{ID: "contributors", Title: "Greatest contributors", Subtitle: "Expected yearly loss today"}, b, half)
}

// A placedRisk is a row beside the maps.
type placedRisk struct {
	key, title, href, today, goal, now, target string
}

// placed lists the risks in the order of their numbers on the map.
func (v *heatView) placed() []placedRisk {
	var list []placedRisk
	for i, r := range v.portfolio.Risks {
		p := placedRisk{key: fmt.Sprintf("R%d", i+1), title: r.Title, href: riskURL(r.ID), today: "Not graded", goal: "–", now: "–", target: "–"}
		if rating := v.rate(r, r.ImpactLevel, r.ProbabilityLevel); rating != nil {
			p.today = upperFirst(rating.Level)
		}
		if rating := v.rate(r, r.TargetImpact, r.TargetProbability); rating != nil {
			p.goal = upperFirst(rating.Level)
		}
		if r.LossNow > 0 {
			p.now, p.target = v.amount(r.LossNow), v.amount(r.LossTarget)
		}
		list = append(list, p)
	}
	return list
}

// rate applies the matrix; nil when the risk was not graded.
func (v *heatView) rate(r *isms.Risk, impact, probability isms.Level) *quantify.Rating {
	criticality := r.SystemLevel
	if a, ok := v.assets[r.AssetID].(*isms.Asset); ok && criticality == 0 {
		criticality = a.Criticality
	}
	rating, err := flow.RateLevels(v.matrix, impact, probability, criticality)
	if err != nil {
		return nil
	}
	return rating
}

// bandOf colours a cell of the matrix by its own bands, for a system of usual
// criticality.
func bandOf(m quantify.Matrix) func(probability, impact int) chart.Colour {
	colours := []chart.Colour{chart.None, chart.Low, chart.Medium, chart.High, chart.Critical}
	if len(m.Bands) < len(colours) {
		colours = colours[1:]
	}
	return func(probability, impact int) chart.Colour {
		place, score := 0, float64((probability+1)*(impact+1))
		for i, b := range m.Bands {
			if score >= b.From {
				place = i
			}
		}
		return colours[min(place, len(colours)-1)]
	}
}

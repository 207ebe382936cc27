package page

import (
	"fmt"
	"strconv"

	"github.com/a-h/templ"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report/chart"
	"holdfast/web"
	"holdfast/web/ui"
)

// mayArgue: whoever may write business cases.
func mayArgue(a access.Actor) bool { return a.May(kind.Write, isms.BusinessCases) == access.All }

// A caseView is what security costs and saves.
type caseView struct {
	*web.Request
	figures
	sum    *flow.Case
	writes bool
}

func (c Config) businessCase(r *web.Request) error {
	p, err := c.ledger.portfolioOf(r)
	if err != nil {
		return err
	}
	v := &caseView{Request: r, figures: figures{r.Format}, writes: mayArgue(r.Actor)}
	if v.sum, err = c.Flow.CaseOf(r.Ctx(), p); err != nil {
		return err
	}
	r.Wide()
	return r.Render("Business case", caseBody(v))
}

// freezeCase writes the figures of today into a business case and opens it.
func (c Config) freezeCase(r *web.Request) error {
	b, err := c.Flow.FreezeCase(r.Ctx(), "")
	if err != nil {
		return err
	}
	return r.Redirect(web.RecordURL(isms.BusinessCases, b.ID), ui.ToastProps{Text: "The figures of today are frozen. Complete the words and submit it.", Tone: ui.Positive})
}

func (v *caseView) stats() []ui.StatProps {
	why := func(id, about, formula string, inputs ...ui.WhyInput) *ui.WhyProps {
		return &ui.WhyProps{ID: "why-case-" + id, About: about, Formula: formula, Inputs: inputs}
	}
	in := func(name string, x float64) ui.WhyInput {
		return ui.WhyInput{Name: name, Value: v.money(x), Source: ui.Computed}
	}
	payback := ui.StatProps{Label: "Pay-back", Value: "never", Note: "The plan costs more than it saves",
		Why: why("payback", "Pay-back", "12 × one-off cost ÷ RoSI", in("One-off cost", v.sum.Once), in("RoSI", v.sum.Return))}
	if v.sum.Payback > 0 {
		payback.Value, payback.Unit, payback.Note = v.format.Number(v.sum.Payback, 1), "months", "Until the one-off work is paid for"
	}
	hours := ui.WhyInput{Name: "Work", Value: v.format.Number(ratio(v.sum.Hours), 0) + " hours", Source: ui.Estimated}
	hour := ui.WhyInput{Name: "One hour, from the " + v.sum.HourFrom, Value: v.money(v.sum.HourCost), Source: ui.Estimated}
	return []ui.StatProps{
		{Label: "Loss a year now", Value: v.short(v.sum.Now.Mean), Note: "P90 " + v.short(v.sum.Now.P90) + ", P95 " + v.short(v.sum.Now.P95), Why: v.whyLoss("why-case-now", v.sum.Portfolio)},
		{Label: "Loss with the plan", Value: v.short(v.sum.With.Mean), Note: "P90 " + v.short(v.sum.With.P90) + ", P95 " + v.short(v.sum.With.P95),
			Why: why("with", "Loss with the plan", "The same simulation with the effect of "+strconv.Itoa(v.sum.Plans)+" planned safeguards", in("Loss now", v.sum.Now.Mean), in("Avoided", v.sum.Avoided))},
		{Label: "Cost a year", Value: v.short(v.sum.Yearly), Note: "Of " + strconv.Itoa(v.sum.Plans) + " planned safeguards", Why: why("acs", "ACS", "Σ yearly cost of the planned safeguards", v.costs()...)},
		{Label: "Cost once", Value: v.short(v.sum.Once), Note: v.format.Number(ratio(v.sum.Hours), 0) + " hours of work", Why: why("once", "One-off cost", "hours × cost of an hour", hours, hour)},
		{Label: "RoSI", Value: v.short(v.sum.Return), Unit: "a year", Note: "Saved less spent", Why: why("rosi", "Return on security investment", "RoSI = ALE₁ − ALE₂ − ACS", in("ALE₁", v.sum.Now.Mean), in("ALE₂", v.sum.With.Mean), in("ACS", v.sum.Yearly))},
		payback,
	}
}

func (v *caseView) costs() []ui.WhyInput {
	var list []ui.WhyInput
	for _, m := range v.sum.Measures[:min(6, len(v.sum.Measures))] {
		list = append(list, ui.WhyInput{Name: m.Title, Value: v.money(m.Cost), Source: ui.Estimated, Href: web.RecordURL(isms.Safeguards, m.ID)})
	}
	return list
}

func (v *caseView) measureWords(m flow.Measure) string {
	return fmt.Sprintf("avoids %s for %s a year, %s of work, %s", v.money(m.Avoided), v.money(m.Cost), v.hours(ratio(m.Hours)), v.plural(int64(len(m.Risks)), "risk", "risks"))
}

func (v *caseView) best() []flow.Measure { return v.sum.Measures[:min(5, len(v.sum.Measures))] }

// A trendsView is the figures that tell how security is doing.
type trendsView struct {
	*web.Request
	figures
	trends []flow.Trend
}

func (c Config) trends(r *web.Request) error {
	v := &trendsView{Request: r, figures: figures{r.Format}}
	var err error
	if v.trends, err = c.Flow.Trends(r.Ctx(), 365); err != nil {
		return err
	}
	return r.Render("Objectives & trends", trendsBody(v))
}

func seesTrends(a access.Actor) bool {
	return web.MayRead(isms.Indicators, isms.Measurements, isms.Objectives)(a)
}

// offerIndicators makes the indicators that the product computes by itself.
func (c Config) offerIndicators(r *web.Request) error {
	n, err := c.measureFromNow(r)
	if err != nil {
		return err
	}
	return r.Redirect("/trends", ui.ToastProps{Text: upperFirst(figures{r.Format}.plural(int64(n), "indicator", "indicators")) + " added. They are read every day.", Tone: ui.Positive})
}

// measureFromNow makes the computed indicators and reads them for the first time, so
// that nobody waits a day for a figure or is asked to enter one that is computed.
func (c Config) measureFromNow(r *web.Request) (int, error) {
	n, err := c.Flow.OfferIndicators(r.Ctx())
	if err != nil {
		return 0, err
	}
	_, err = c.Flow.ReadIndicators(r.Ctx())
	return n, err
}

func mayMeasure(a access.Actor) bool {
	return a.May(kind.Write, isms.Indicators) == access.All && a.May(kind.Write, isms.Measurements) == access.All
}

func (v *trendsView) line(t flow.Trend) templ.Component {
	line := chart.Line{Name: t.Indicator.Title}
	for _, p := range t.Points {
		line.Points = append(line.Points, chart.Moment{At: p.At, Value: p.Value})
	}
	c := chart.Trend{Title: t.Indicator.Title, Series: []chart.Line{line}, Goal: &chart.Mark{Name: "Target", Amount: t.Indicator.Target},
		Format: func(x float64) string { return v.figureWords(t.Indicator, x) }}
	return figureOf(ui.ChartProps{ID: "trend-" + t.Indicator.Key, Title: v.figureWords(t.Indicator, t.Indicator.Value), Subtitle: upperFirst(v.trendWords(t)), Bare: true, Why: v.whyTrend(t)}, c, half)
}

func (v *trendsView) whyTrend(t flow.Trend) *ui.WhyProps {
	i := t.Indicator
	w := &ui.WhyProps{ID: "why-trend-" + i.Key, About: i.Title, Summary: string(i.Description), More: web.RecordURL(isms.Indicators, i.ID),
		Formula: fmt.Sprintf("good at %s, act at %s", v.figureWords(i, i.Target), v.figureWords(i, i.Warn))}
	source := ui.Estimated
	if i.Source == "computed" {
		source = ui.Computed
	}
	w.Inputs = []ui.WhyInput{{Name: "Last reading", Value: v.figureWords(i, i.Value), Source: source, At: i.MeasuredAt}}
	return w
}

func (v *trendsView) serves(t flow.Trend) string {
	text := ""
	for i, o := range t.Objectives {
		if i > 0 {
			text += ", "
		}
		text += o.Title
	}
	return text
}

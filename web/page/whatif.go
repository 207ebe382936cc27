package page

import (
	"slices"

	"github.com/a-h/templ"

	"holdfast/engine/quantify"
	"holdfast/kind"
	"holdfast/report/chart"
	"holdfast/report/figure"
	"holdfast/web"
	"holdfast/web/ui"
)

// mostTried bounds how many safeguards one question may add.
const mostTried = 20

// A choice is a safeguard that can be tried on a risk.
type choice struct {
	id, title, cost string
	planned         bool
}

// A whatIf is the answer to: what if these safeguards worked?
type whatIf struct {
	chosen []string
	result *quantify.Comparison // nil: nothing was chosen
}

// tryOut answers GET /risks/{id}/what-if?safeguard=…: the fragment for the script,
// a page of its own without.
func (c Config) tryOut(r *web.Request) error {
	v, err := c.riskView(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	v.whatIf = &whatIf{chosen: distinct(r.URL.Query()["safeguard"])}
	if len(v.whatIf.chosen) > mostTried {
		return kind.Errorf(kind.TooLarge, "at most %d safeguards can be tried at once", mostTried)
	}
	if len(v.whatIf.chosen) > 0 {
		if v.whatIf.result, err = c.Flow.WhatIf(r.Ctx(), v.Risk.ID, v.whatIf.chosen); err != nil {
			return err
		}
	}
	if r.Fragment() {
		return r.RenderPart(whatIfAnswer(v))
	}
	r.Crumbs(ui.Crumb{Label: "Risks", Href: "/risks"}, ui.Crumb{Label: v.Risk.Title, Href: riskURL(v.Risk.ID)})
	return r.Render("What if?", whatIfBody(v))
}

// choices are the safeguards to try: those planned first, then the catalogue's.
func (v *riskView) choices() []choice {
	var list []choice
	for _, pl := range v.Planned {
		list = append(list, choice{pl.Safeguard.ID, pl.Safeguard.Title, v.yearly(pl.Safeguard.AnnualCost), true})
	}
	for _, s := range v.candidates {
		list = append(list, choice{s.ID, s.Title, v.yearly(kind.Range(s.AnnualCost)), false})
	}
	return list
}

// yearly writes a range of costs in short.
func (f figures) yearly(r kind.Range) string {
	switch {
	case r.IsZero():
		return "no cost named"
	case r.Low == r.High:
		return f.short(r.Low) + " a year"
	}
	return f.short(r.Low) + "–" + f.short(r.High) + " a year"
}

func (v *riskView) isChosen(id string) bool {
	return v.whatIf != nil && slices.Contains(v.whatIf.chosen, id)
}

// curves are the risk before and after.
func (v *riskView) curves() templ.Component {
	c := v.whatIf.result
	l := chart.LossExceedance{Title: "Chance that a year costs more than an amount, before and after", Currency: v.req.Format.Currency,
		Curves: []chart.Curve{figure.Curve("Today", chart.Now, c.Before), figure.Curve("With what you chose", chart.Planned, c.After)}}
	return figureOf(ui.ChartProps{ID: "what-if-curve", Title: "Before and after", Subtitle: "Chance that a year costs more than an amount", Bare: true}, l, wide)
}

// verdictOf says whether it pays, and how sure that is.
func verdictOf(c *quantify.Comparison) (string, ui.Tone, string) {
	switch {
	case c.Pays():
		return "Pays for itself beyond doubt of the simulation.", ui.Positive, "success"
	case c.RoSI > 0:
		return "Pays on average, but chance alone could explain it.", ui.Attention, "question"
	}
	return "Costs more than it saves on this risk alone. It may still pay over several risks.", ui.Negative, "warning"
}

// signed writes an amount with its sign.
func (f figures) signed(v float64) string {
	if round(v) > 0 {
		return "+" + f.money(v)
	}
	return f.money(v)
}

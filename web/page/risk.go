package page

import (
	"fmt"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"holdfast/catalog"
	"holdfast/engine/quantify"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report/chart"
	"holdfast/report/figure"
	"holdfast/web"
	"holdfast/web/ui"
)

// riskSkip are the fields that the workbench shows better than a list of fields.
var riskSkip = []string{"treatment", "loss_now", "loss_inherent", "loss_target", "loss_p95", "weakness", "measured", "findings",
	"impact_level", "probability_level", "target_impact", "target_probability", "accepted_by", "accepted_at", "accepted_until", "rationale",
	"actor_id", "vector_id", "scenario"}

// riskAbove is the risk workbench: what the risk costs, why, and what to do.
func (c Config) riskAbove(r *web.Request, rec kind.Record) (templ.Component, error) {
	if !seesLedger(r.Actor) {
		return nil, nil
	}
	v, err := c.riskView(r, rec.GetBase().ID)
	if err != nil {
		return nil, err
	}
	return riskBench(v), nil
}

// A riskView is the workbench of one risk.
type riskView struct {
	req *web.Request
	figures
	*flow.RiskView
	flow       *flow.Flow
	today      kind.Date
	treatments []treatmentLine
	candidates []*catalog.Safeguard
	assets     map[string]kind.Record
	whatIf     *whatIf
}

func (c Config) riskView(r *web.Request, id string) (*riskView, error) {
	rv, err := c.Flow.View(r.Ctx(), id)
	if err != nil {
		return nil, err
	}
	v := &riskView{req: r, figures: figures{r.Format}, RiskView: rv, flow: c.Flow, today: r.Format.Today(r.Now()), candidates: c.Flow.Candidates(&rv.Pricing)}
	if rv.Matrix, err = c.matrix(r); err != nil {
		return nil, err
	}
	if err := v.rateAgain(); err != nil {
		return nil, err
	}
	v.settleWhy()
	if v.treatments, err = v.readTreatments(); err != nil {
		return nil, err
	}
	var assets []string
	for _, f := range rv.Open {
		assets = append(assets, f.AssetID)
	}
	v.assets, err = r.App().Many(r.Ctx(), isms.Assets, distinct(assets))
	return v, err
}

// settleWhy explains the figure that stands on the page: the exact mean, where the
// formula has one, with what the simulation found beside it.
func (v *riskView) settleWhy() {
	if v.Now == nil {
		return
	}
	t := v.Now.Total
	v.Why.Value, v.Why.Source.By = v.Figures.Now, "closed form"
	v.Why.Source.Note = "The simulation gives " + v.money(t.Mean) + " ± " + v.money(t.StdErr) + " (standard error)."
	v.Why.Range = "Nine years in ten cost no more than " + v.money(t.P90) + ", ninety-nine in a hundred no more than " + v.money(t.P99) + "."
}

// matrix is the qualitative matrix of the size that the organisation chose.
func (c Config) matrix(r *web.Request) (quantify.Matrix, error) {
	page, err := r.App().List(r.Ctx(), isms.Organisations, kind.Query{Sort: "created_at", Limit: 1})
	if err != nil {
		return quantify.Matrix{}, err
	}
	if len(page.Records) > 0 && page.Records[0].(*isms.Organisation).RiskMatrix == "3" {
		return quantify.Matrix3(), nil
	}
	return quantify.Matrix5(), nil
}

// rateAgain rates the levels on the matrix of the organisation.
func (v *riskView) rateAgain() error {
	criticality := v.Risk.SystemLevel
	if criticality == 0 && v.Asset != nil {
		criticality = v.Asset.Criticality
	}
	var err error
	if v.Rating, err = flow.RateLevels(v.Matrix, v.Risk.ImpactLevel, v.Risk.ProbabilityLevel, criticality); err != nil {
		return err
	}
	v.RatingGoal, err = flow.RateLevels(v.Matrix, v.Risk.TargetImpact, v.Risk.TargetProbability, criticality)
	return err
}

// A treatmentLine is a treatment with its safeguard.
type treatmentLine struct {
	*isms.Treatment
	safeguard *isms.Safeguard
}

// readTreatments lists all treatments of the risk, the most worthwhile first, those
// that were declined last.
func (v *riskView) readTreatments() ([]treatmentLine, error) {
	page, err := v.req.App().List(v.req.Ctx(), isms.Treatments, kind.Query{Sort: "-return", Limit: 100}.Where("risk_id", v.Risk.ID))
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, rec := range page.Records {
		ids = append(ids, rec.(*isms.Treatment).SafeguardID)
	}
	found, err := v.req.App().Many(v.req.Ctx(), isms.Safeguards, distinct(ids))
	if err != nil {
		return nil, err
	}
	var list []treatmentLine
	for _, rec := range page.Records {
		t := rec.(*isms.Treatment)
		if s, ok := found[t.SafeguardID].(*isms.Safeguard); ok {
			list = append(list, treatmentLine{t, s})
		}
	}
	slices.SortStableFunc(list, func(a, b treatmentLine) int { return declined(a) - declined(b) })
	return list, nil
}

func declined(t treatmentLine) int {
	if t.Status == isms.TreatmentDeclined {
		return 1
	}
	return 0
}

// stats are the four figures at the top.
func (v *riskView) stats() []ui.StatProps {
	now := ui.StatProps{Label: "Today", Value: v.money(v.Figures.Now), Unit: "a year", Why: v.whyNow(), Note: v.noteNow()}
	target := ui.StatProps{Label: "With the plan", Value: v.money(v.Figures.Target), Unit: "a year", Note: v.plural(int64(len(v.Planned)), "treatment", "treatments") + " planned"}
	if saved := v.Figures.Now - v.Figures.Target; saved > 0 {
		target.Delta, target.Trend, target.Tone = v.money(saved)+" less", ui.Down, ui.Positive
	}
	if len(v.Planned) == 0 {
		target.Note = "Nothing is planned yet"
	}
	bad := ui.StatProps{Label: "Bad year (P95)", Value: v.money(v.Figures.P95), Note: "One year in twenty costs more"}
	bare := ui.StatProps{Label: "Without safeguards", Value: v.money(v.Figures.Inherent), Unit: "a year", Note: "Every door open: the inherent risk"}
	return []ui.StatProps{now, target, bad, bare}
}

func (v *riskView) noteNow() string {
	if n := openFindings(v.Open); n > 0 {
		return v.plural(int64(n), "open finding", "open findings") + ": doors " + v.req.Format.Share(v.Figures.Weakness) + " open"
	}
	return v.plural(int64(len(v.Operating)), "safeguard", "safeguards") + " in operation"
}

func openFindings(list []*isms.Finding) (n int) {
	for _, f := range list {
		if f.Status == isms.FindingOpen || f.Status == isms.FindingAccepted || f.Status == isms.FindingMitigated {
			n++
		}
	}
	return n
}

// whyNow is the first level of the explanation; the whole tree is further down.
func (v *riskView) whyNow() *ui.WhyProps {
	w := &ui.WhyProps{ID: "why-now", About: "Expected yearly loss today (ALE)", Formula: v.Why.Formula, Summary: v.Why.Range, More: "#why"}
	for _, in := range v.Why.Inputs {
		w.Inputs = append(w.Inputs, ui.WhyInput{Name: upperFirst(in.Name), Value: v.quantity(in), Source: sourceOf(in.Source), By: in.Source.By, At: in.Source.When})
	}
	return w
}

// quantity writes the value of an explanation with its unit.
func (f figures) quantity(e quantify.Explanation) string {
	switch e.Unit {
	case "share":
		return f.format.Share(e.Value)
	case "events per year":
		return f.format.Number(e.Value, decimalsFor(e.Value)) + " a year"
	case " per year":
		return f.money(e.Value) + " a year"
	}
	return f.money(e.Value)
}

// decimalsFor keeps about two significant digits.
func decimalsFor(v float64) int {
	switch {
	case v >= 10:
		return 0
	case v >= 1:
		return 1
	case v >= 0.1:
		return 2
	}
	return 3
}

func sourceOf(s quantify.Source) ui.Source {
	switch s.Kind {
	case quantify.Measured:
		return ui.Measured
	case quantify.Imported:
		return ui.Imported
	case quantify.Computed:
		return ui.Computed
	}
	return ui.Estimated
}

func (v *riskView) chain() templ.Component {
	return draw(figure.Chain(v.RiskView, v.req.Format.Currency), wide)
}

func (v *riskView) curve() templ.Component {
	c, _ := figure.RiskExceedance(v.RiskView, v.req.Format.Currency)
	return figureOf(ui.ChartProps{ID: "exceedance", Title: "What a year of this risk may cost", Subtitle: "Chance that a year costs more than an amount", Note: v.curveNote()}, c, wide)
}

func (v *riskView) curveNote() string {
	t := v.Now.Total
	return fmt.Sprintf("%s of the years cost nothing. One in twenty costs more than %s; the mean of those is %s.", v.req.Format.Share(1-t.AnyLoss), v.money(t.P95), v.money(t.TailMean))
}

// histogram shows how the simulated years of today are distributed.
func (v *riskView) histogram() templ.Component {
	losses := make([]float64, v.Now.Years)
	for i := range losses {
		losses[i] = v.Now.Quantile((float64(i) + 0.5) / float64(len(losses)))
	}
	t := v.Now.Total
	h := chart.Histogram{Title: "Simulated years by what they cost", Currency: v.req.Format.Currency,
		Marks: []chart.Mark{{Name: "Mean", Amount: t.Mean}, {Name: "P95", Amount: t.P95}}}.Bin(losses, 40)
	return figureOf(ui.ChartProps{ID: "histogram", Title: "Simulated years", Subtitle: v.req.Format.Count(int64(v.Now.Years)) + " years with a fixed seed, by what they cost", Bare: true}, h, wide)
}

// heat places the risk on the qualitative matrix.
func (v *riskView) heat() templ.Component {
	h := chart.HeatMap{Title: "Place on the matrix", Impact: v.Matrix.Impact, Probability: v.Matrix.Probability, Band: bandOf(v.Matrix)}
	for _, p := range []struct {
		label, name         string
		impact, probability isms.Level
	}{{"Now", "Today", v.Risk.ImpactLevel, v.Risk.ProbabilityLevel}, {"Goal", "When treated", v.Risk.TargetImpact, v.Risk.TargetProbability}} {
		if p.impact > 0 && p.probability > 0 {
			h.Risks = append(h.Risks, chart.Placed{Label: p.label, Name: p.name,
				Impact: figure.Place(p.impact, len(v.Matrix.Impact)), Probability: figure.Place(p.probability, len(v.Matrix.Probability))})
		}
	}
	return draw(h, 440)
}

// A lossLine is a row of the table of what a year costs.
type lossLine struct {
	name, help string
	of         func(quantify.Summary) string
}

func (v *riskView) lossLines() []lossLine {
	return []lossLine{
		{"Expected (ALE)", "The mean over all simulated years, with its standard error", func(s quantify.Summary) string { return v.money(s.Mean) + " ± " + v.money(s.StdErr) }},
		{"Every second year (P50)", "Half of the years cost no more", func(s quantify.Summary) string { return v.money(s.P50) }},
		{"1 year in 10 (P90)", "Nine years in ten cost no more", func(s quantify.Summary) string { return v.money(s.P90) }},
		{"1 year in 20 (P95)", "Nineteen years in twenty cost no more", func(s quantify.Summary) string { return v.money(s.P95) }},
		{"1 year in 100 (P99)", "Ninety-nine years in a hundred cost no more", func(s quantify.Summary) string { return v.money(s.P99) }},
		{"Years with a loss", "Share of the years in which it happens", func(s quantify.Summary) string { return v.req.Format.Share(s.AnyLoss) }},
	}
}

// states are the columns of that table.
func (v *riskView) states() []struct {
	name string
	of   *quantify.Result
} {
	type column = struct {
		name string
		of   *quantify.Result
	}
	list := []column{{"Without safeguards", v.Inherent}, {"Today", v.Now}}
	if v.Target != nil {
		list = append(list, column{"With the plan", v.Target})
	}
	return list
}

func (f figures) rated(r *quantify.Rating) string {
	if r == nil {
		return "Not graded"
	}
	return fmt.Sprintf("%s (score %s)", upperFirst(r.Level), f.format.Number(r.Score, 1))
}

// worst are the findings that feed the risk, the gravest first.
func (v *riskView) worst(n int) []*isms.Finding {
	list := slices.DeleteFunc(slices.Clone(v.Open), func(f *isms.Finding) bool {
		return f.Status == isms.FindingResolved || f.Status == isms.FindingFalsePositive
	})
	slices.SortStableFunc(list, func(a, b *isms.Finding) int {
		if d := slices.Index(severities, string(a.Severity)) - slices.Index(severities, string(b.Severity)); d != 0 {
			return d
		}
		return compareFloats(b.EPSS, a.EPSS)
	})
	return list[:min(n, len(list))]
}

func (v *riskView) assetName(f *isms.Finding) string {
	if rec := v.assets[f.AssetID]; rec != nil {
		return rec.GetBase().Title
	}
	return ""
}

// mayDecide tells whether the actor may do this with a treatment now.
func (v *riskView) mayDecide(t treatmentLine, action string) bool {
	a := isms.Treatments.Action(action)
	return (len(a.From) == 0 || slices.Contains(a.From, string(t.Status))) && v.req.MayTouch(a.Needs, isms.Treatments, t.Treatment)
}

func (v *riskView) accepted() *ui.CalloutProps {
	if v.Risk.Status != isms.RiskAccepted {
		return nil
	}
	text := strings.TrimSpace(string(v.Risk.Rationale))
	return &ui.CalloutProps{Tone: ui.Positive, Icon: "check", Title: "Accepted until " + string(v.Risk.AcceptedUntil), Text: text}
}

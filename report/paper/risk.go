package paper

import (
	"context"
	"fmt"
	"strings"

	"holdfast/app"
	"holdfast/engine/quantify"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/chart"
	"holdfast/report/figure"
	"holdfast/store"
)

// assessment collects what the risk assessment report is made of.
type assessment struct {
	organisation
	portfolio *flow.Portfolio
	actions   []flow.Action
	posture   []flow.Posture
	views     []*flow.RiskView
	owners    map[string]string
	assets    map[string]string
	severity  map[string]int64
	runs      []store.Run
	scanned   map[string]string
}

// detailed is for how many risks, the most expensive first, the report tells the
// whole story; the register lists all.
const detailed = 12

// riskAssessment is the risk assessment report: where the organisation stands in
// money, the risks with their scenarios, what to do about them and why it pays. Its
// version is the number of the last entry of the journal, so it can be traced to
// the state of the records that it was made of.
func riskAssessment(m *maker) report.Document {
	as, err := collect(m.ctx, m.app, m.flow, m.organisation)
	if err != nil {
		m.err = err
		return report.Document{}
	}
	doc := m.document("Risk assessment", "What could go wrong, what it would cost, and what to do about it", "For decision",
		report.Property{Name: "Method", Value: "Money (Monte Carlo) and matrix"},
		report.Property{Name: "Risks", Value: fmt.Sprintf("%d, of which %d in money", len(as.portfolio.Risks), as.portfolio.Priced)})
	for _, part := range []func() []report.Block{as.summary, as.landscape, as.register, as.stories, as.treatment, as.measured, as.method} {
		doc.Blocks = append(doc.Blocks, part()...)
	}
	doc.Blocks = append(doc.Blocks, m.traced())
	return doc
}

func collect(ctx context.Context, a *app.App, f *flow.Flow, o organisation) (*assessment, error) {
	as := &assessment{organisation: o, severity: map[string]int64{}}
	var err error
	if as.portfolio, err = f.Portfolio(ctx); err != nil {
		return nil, err
	}
	if as.actions, err = f.NextActions(ctx, 10); err != nil {
		return nil, err
	}
	if as.posture, err = f.Posture(ctx); err != nil {
		return nil, err
	}
	var owners, assets []string
	for i, r := range as.portfolio.Risks {
		owners, assets = append(owners, r.OwnerID), append(assets, r.AssetID)
		if i < detailed {
			v, err := f.View(ctx, r.ID)
			if err != nil {
				return nil, err
			}
			as.views = append(as.views, v)
		}
	}
	if as.owners, err = titles(ctx, a, isms.People, owners); err != nil {
		return nil, err
	}
	if as.assets, err = titles(ctx, a, isms.Assets, assets); err != nil {
		return nil, err
	}
	groups, err := a.Groups(ctx, isms.Findings, kind.Query{}.Where("status", string(isms.FindingOpen)), "severity", 10)
	for _, g := range groups {
		as.severity[g.Value] = g.Count
	}
	if err != nil {
		return nil, err
	}
	return as, as.collectRuns(ctx, a)
}

func (as *assessment) collectRuns(ctx context.Context, a *app.App) error {
	err := a.View(ctx, func(tx *store.Tx) error {
		var err error
		as.runs, err = tx.Runs("", 20)
		return err
	})
	var ids []string
	for _, r := range as.runs {
		ids = append(ids, r.AssetID)
	}
	if err != nil {
		return err
	}
	as.scanned, err = titles(ctx, a, isms.Assets, ids)
	return err
}

// summary is the page for those who read one page.
func (as *assessment) summary() []report.Block {
	p := as.portfolio
	now, target := p.Now.Total, p.Target.Total
	blocks := []report.Block{h1("In short")}
	blocks = append(blocks, para("With the safeguards of today we expect to lose **%s a year**; one year in twenty costs more than **%s**. The treatments proposed here would bring the expected loss down to **%s**.",
		as.money(now.Mean), as.money(now.P95), as.money(target.Mean)))
	blocks = append(blocks, report.KeyFigures{Items: []report.KeyFigure{
		{Value: as.money(now.Mean), Label: "Expected yearly loss", Note: "± " + as.money(now.StdErr) + " standard error"},
		{Value: as.money(now.P95), Label: "A bad year (P95)", Note: "one year in twenty costs more"},
		{Value: as.money(target.Mean), Label: "After the planned treatments"},
		{Value: fmt.Sprint(len(p.Risks)), Label: "Risks not closed", Note: fmt.Sprintf("%d in money", p.Priced)},
	}})
	blocks = append(blocks, as.appetite()...)
	if len(as.actions) > 0 {
		blocks = append(blocks, h2("Do these first"))
		var items []string
		for _, a := range as.actions[:min(5, len(as.actions))] {
			items = append(items, fmt.Sprintf("%s: avoids %s a year for %s.", a.Title, as.money(a.Avoided), as.money(a.Cost)))
		}
		list := report.Items(items...)
		list.Ordered = true
		blocks = append(blocks, list)
	}
	return blocks
}

func (as *assessment) appetite() []report.Block {
	p := as.portfolio
	if p.Appetite == nil {
		return []report.Block{report.Callout{Title: "No risk appetite is stated", Blocks: []report.Block{
			para("Until the management says how much loss a year it is willing to bear, nobody can say whether the figure above is acceptable.")}}}
	}
	tone := report.Neutral
	if p.Position >= quantify.AboveLimit {
		tone = report.High
	}
	return []report.Block{report.Callout{Title: "Against the risk appetite", Tone: tone, Blocks: []report.Block{
		para("%s The appetite is %s a year, the limit %s, the capacity %s.", sentence(p.Position.Words()), as.money(p.Bands.Appetite), as.money(p.Bands.Limit), as.money(p.Bands.Capacity))}}}
}

// sentence begins with a capital letter and ends with a full stop.
func sentence(s string) string {
	if s == "" {
		return ""
	}
	return strings.TrimSuffix(strings.ToUpper(s[:1])+s[1:], ".") + "."
}

func (as *assessment) landscape() []report.Block {
	m := quantify.Matrix5()
	return []report.Block{
		h1("Where we stand"),
		para("The curve shows how likely a year is to cost more than an amount. The further it lies to the left, the better."),
		report.Figure{Chart: figure.Exceedance(as.portfolio, as.currency), Caption: "Loss exceedance of all risks together"},
		para("The matrix shows the same risks by the judgement of people: how likely, and how bad. The labels are those of the register."),
		report.Figure{Chart: figure.HeatMap(as.portfolio.Risks, m, figure.Today), Caption: "Heat map, today"},
		report.Figure{Chart: figure.Posture(as.posture), Caption: "Posture along the four principles, as measured"},
		as.postureTable(),
	}
}

func (as *assessment) postureTable() report.Block {
	t := report.Table{Caption: "What the posture is computed from", Columns: []report.Column{{Name: "Principle", Width: 0.36}, {Name: "Measured", Width: 0.44}, {Name: "As it should be", Width: 0.2, Align: report.Right}}}
	for _, p := range as.posture {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(p.Principle.Label)}, Group: true})
		for _, part := range p.Parts {
			t.Rows = append(t.Rows, report.Cells("", part.Name, fmt.Sprintf("%d of %d", part.Good, part.All)))
		}
		if !p.Known {
			t.Rows = append(t.Rows, report.Cells("", "nothing has been measured yet", "–"))
		}
	}
	return t
}

func (as *assessment) register() []report.Block {
	t := report.Table{Caption: "All risks that are not closed, most expensive first", Columns: []report.Column{
		{Name: "No.", Width: 0.07}, {Name: "Risk", Width: 0.36}, {Name: "Owner", Width: 0.15}, {Name: "State", Width: 0.14},
		{Name: "A year now", Width: 0.14, Align: report.Right}, {Name: "Planned", Width: 0.14, Align: report.Right}}}
	for i, r := range as.portfolio.Risks {
		t.Rows = append(t.Rows, report.Cells(fmt.Sprintf("R%d", i+1), r.Title, dash(as.owners[r.OwnerID]), string(r.Status), as.amount(r.LossNow), as.amount(r.LossTarget)))
	}
	if len(t.Rows) == 0 {
		return []report.Block{h1("Risk register"), para("No risk has been recorded yet.")}
	}
	return []report.Block{h1("Risk register"), t}
}

func (as *assessment) stories() []report.Block {
	if len(as.views) == 0 {
		return nil
	}
	blocks := []report.Block{h1("The greatest risks")}
	for i, v := range as.views {
		blocks = append(blocks, as.story(i+1, v)...)
	}
	return blocks
}

func (as *assessment) story(n int, v *flow.RiskView) []report.Block {
	r := v.Risk
	blocks := []report.Block{h2(fmt.Sprintf("R%d  %s", n, r.Title))}
	if text, err := report.Markdown(string(r.Description), 4); err == nil {
		blocks = append(blocks, text...)
	}
	blocks = append(blocks, report.Figure{Chart: figure.Chain(v, as.currency), Caption: "The scenario"})
	facts := []report.Definition{
		{Term: "Asset", Text: report.Plain(dash(as.assets[r.AssetID]))},
		{Term: "Owner", Text: report.Plain(dash(as.owners[r.OwnerID]))},
		{Term: "Answer", Text: report.Plain(dash(kind.Humanise(string(r.Treatment))))},
		{Term: "Harm", Text: report.Plain(dash(strings.ReplaceAll(strings.Join(append(append([]string{}, r.Harms...), r.Impacts...), ", "), "_", " ")))},
	}
	if v.Rating != nil {
		facts = append(facts, report.Definition{Term: "Matrix", Text: report.Plain(fmt.Sprintf("%s (impact %s, probability %s)", v.Rating.Level, r.ImpactLevel, r.ProbabilityLevel))})
	}
	blocks = append(blocks, report.Definitions{Items: facts})
	if v.Why != nil {
		blocks = append(blocks, as.why(v))
	}
	return append(blocks, as.plans(v)...)
}

// why prints the formula with its inputs, as deep as they go.
func (as *assessment) why(v *flow.RiskView) report.Block {
	w := report.Why{Figure: "Expected yearly loss: " + as.money(v.Figures.Now), Formula: v.Why.Formula}
	var add func(e quantify.Explanation, depth int)
	add = func(e quantify.Explanation, depth int) {
		value := e.Range
		if value == "" {
			value = quantify.Figure(e.Value)
		}
		w.Inputs = append(w.Inputs, report.Input{Name: strings.Repeat("· ", depth) + e.Name, Value: strings.TrimSpace(value + " " + e.Unit), Source: sourceText(e.Source)})
		for _, in := range e.Inputs {
			add(in, depth+1)
		}
	}
	for _, in := range v.Why.Inputs {
		add(in, 0)
	}
	return w
}

// sourceText says where a figure comes from.
func sourceText(s quantify.Source) string {
	parts := []string{string(s.Kind)}
	if s.By != "" {
		parts = append(parts, "by "+s.By)
	}
	if !s.When.IsZero() {
		parts = append(parts, "on "+s.When.Format("2 January 2006"))
	}
	text := strings.Join(parts, " ")
	if s.Note != "" {
		text += ": " + s.Note
	}
	return text
}

func (as *assessment) plans(v *flow.RiskView) []report.Block {
	if len(v.Planned) == 0 {
		return nil
	}
	t := report.Table{Caption: "Treatments of this risk", Columns: []report.Column{{Name: "Safeguard", Width: 0.4}, {Name: "State", Width: 0.12},
		{Name: "Avoids", Width: 0.16, Align: report.Right}, {Name: "Costs", Width: 0.16, Align: report.Right}, {Name: "RoSI", Width: 0.16, Align: report.Right}}}
	for _, pl := range v.Planned {
		tr := pl.Treatment
		t.Rows = append(t.Rows, report.Cells(pl.Safeguard.Title, string(tr.Status), as.amount(tr.LossBefore-tr.LossAfter), as.amount(tr.Cost), as.amount(tr.Return)))
	}
	return []report.Block{t}
}

func (as *assessment) treatment() []report.Block {
	if len(as.actions) == 0 {
		return nil
	}
	t := report.Table{Caption: "Most loss avoided for the money first; figures a year, costs of the first year", Columns: []report.Column{
		{Name: "Action", Width: 0.46}, {Name: "Risks", Width: 0.09, Align: report.Right}, {Name: "Avoids", Width: 0.15, Align: report.Right},
		{Name: "Costs", Width: 0.15, Align: report.Right}, {Name: "For each 1", Width: 0.15, Align: report.Right}}}
	for _, a := range as.actions {
		t.Rows = append(t.Rows, report.Cells(a.Title, fmt.Sprint(len(a.Risks)), as.money(a.Avoided), as.money(a.Cost), chart.Compact(a.Ratio)))
	}
	return []report.Block{h1("What to do next"), t}
}

func (as *assessment) measured() []report.Block {
	blocks := []report.Block{h1("What was measured")}
	t := report.Table{Caption: "Open findings by severity", Columns: []report.Column{{Name: "Severity", Width: 0.6}, {Name: "Open", Width: 0.4, Align: report.Right}}}
	for _, s := range []string{"critical", "high", "medium", "low"} {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{toned(s, report.Severity(s)), cell(fmt.Sprint(as.severity[s]))}})
	}
	blocks = append(blocks, t)
	if len(as.runs) == 0 {
		return append(blocks, para("No scan has run yet: the figures rest on the judgement of people alone."))
	}
	runs := report.Table{Caption: "Latest runs", Columns: []report.Column{{Name: "When", Width: 0.25}, {Name: "Asset", Width: 0.25}, {Name: "Engine", Width: 0.2}, {Name: "Result", Width: 0.3}}}
	for _, r := range as.runs {
		result := fmt.Sprintf("%s, %d failed", count(r.Looked, "fact", "facts"), r.Failed)
		if r.Error != "" {
			result = "did not run: " + r.Error
		}
		runs.Rows = append(runs.Rows, report.Cells(r.Finished.Format("2 Jan 2006 15:04"), dash(as.scanned[r.AssetID]), r.Engine, result))
	}
	return append(blocks, runs)
}

func (as *assessment) method() []report.Block {
	return []report.Block{
		h1("How the figures are made"),
		report.Definitions{Items: []report.Definition{
			{Term: "Single loss expectancy", Text: report.Rich("`SLE = AV × EF`: the value of the asset × the share of it that is lost in one event, or the sum of the losses by form.")},
			{Term: "Annual loss expectancy", Text: report.Rich("`ALE = EAE × SLE`: expected events a year × the loss of one event.")},
			{Term: "Return on security investment", Text: report.Rich("`RoSI = ALE₁ − ALE₂ − ACS`: the loss before, less the loss after, less the yearly cost of the safeguard. Above zero it pays.")},
			{Term: "Ranges", Text: report.Rich("Every input may be uncertain. Two values enclose 90 % of what is expected; three are minimum, most likely and maximum.")},
			{Term: "Simulation", Text: report.Plain(fmt.Sprintf("%d years are drawn with a fixed seed, so the same records give the same figures. The standard error tells how far chance may have moved the mean.", as.portfolio.Now.Years))},
			{Term: "Open findings", Text: report.Rich(fmt.Sprintf("A risk that scans feed follows them: its bare frequency is multiplied by %s when no finding is open, and by up to 100 %% as open findings combine to `1 − ∏(1 − weight)`; the weights are critical %g, high %g, medium %g, low %g.",
				chart.Percent(flow.Background), flow.DoorWeight[isms.SeverityCritical], flow.DoorWeight[isms.SeverityHigh], flow.DoorWeight[isms.SeverityMedium], flow.DoorWeight[isms.SeverityLow]))},
		}},
	}
}

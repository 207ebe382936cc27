package paper

import (
	"fmt"

	"holdfast/flow"
	"holdfast/isms"
	"holdfast/report"
	"holdfast/report/chart"
)

// gapAnalysis says what each framework lacks, and what would turn it green.
func gapAnalysis(m *maker) report.Document {
	s := newStatement(m)
	if m.err != nil {
		return report.Document{}
	}
	actions, err := m.flow.NextActions(m.ctx, 50)
	if err != nil {
		m.err = err
		return report.Document{}
	}
	total := flow.CountOf(s.st.Lines)
	status := "Live"
	if total.Total == 0 {
		status = "Draft: no framework is in use"
	}
	doc := m.document("Gap analysis", "What is missing, and what would close the gaps", status,
		report.Property{Name: "Scope", Value: s.scope()}, report.Property{Name: "Measured as met", Value: fmt.Sprintf("%d of %d requirements", total.Met, total.Counting())})
	doc.Blocks = append(doc.Blocks, s.overview()...)
	for _, f := range s.st.Frameworks {
		doc.Blocks = append(doc.Blocks, s.gap(m.flow.Gap(s.st, f.ID, actions))...)
	}
	doc.Blocks = append(doc.Blocks, m.method(measuredBy(), para("A step is what the product knows that would change a measured answer: a test that is due, a document to publish, a safeguard to operate, a finding to fix. What it avoids is the loss of the risks behind it; its cost is that of the first year with the time of people. Steps that save the most for their cost come first."))...)
	return doc
}

func (s statement) gap(g flow.Gap) []report.Block {
	if g.Framework == nil {
		return nil
	}
	blocks := []report.Block{report.PageBreak{}, h1(g.Framework.Title)}
	c := g.Count
	blocks = append(blocks, report.KeyFigures{Items: []report.KeyFigure{
		{Value: chart.Percent(c.Share()), Label: "Measured as met", Note: fmt.Sprintf("%d of %d", c.Met, c.Counting())},
		{Value: fmt.Sprint(c.Fails), Label: "Not met", Tone: warn(c.Fails)},
		{Value: fmt.Sprint(c.Stale), Label: "Proof has aged"},
		{Value: fmt.Sprint(c.Unknown), Label: "Nothing measures it"},
	}})
	blocks = append(blocks, s.trend(g.Framework)...)
	blocks = append(blocks, h2("What would close the gaps"))
	blocks = append(blocks, s.steps(g)...)
	blocks = append(blocks, h2("What is missing"))
	t := report.Table{Caption: "Requirements of " + short(g.Framework) + " that are not measured as met, the worst first", Columns: []report.Column{{Name: "No.", Width: 0.12}, {Name: "Requirement", Width: 0.44}, {Name: "Measured", Width: 0.16}, {Name: "Said", Width: 0.14}, {Name: "Seen", Width: 0.14}}}
	for _, l := range g.Missing {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(l.Requirement.Code), cell(l.Requirement.Title), s.measured(l), s.said(l), s.seen(l)}})
	}
	if len(t.Rows) == 0 {
		return append(blocks, para("Nothing is missing."))
	}
	return append(blocks, t)
}

// mostSteps is how many steps of a framework the paper names; the page has all.
const mostSteps = 40

func (s statement) steps(g flow.Gap) []report.Block {
	t := report.Table{Caption: "Steps, most loss avoided for the money first", Columns: []report.Column{{Name: "Step", Width: 0.3}, {Name: "How", Width: 0.34}, {Name: "Answers", Width: 0.1, Align: report.Right}, {Name: "Avoids", Width: 0.13, Align: report.Right}, {Name: "Costs", Width: 0.13, Align: report.Right}}}
	for _, step := range g.Steps[:min(mostSteps, len(g.Steps))] {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(step.Title), cell(step.How), number(len(step.Answers)), s.figure(step.Avoided), s.figure(step.Cost)}})
	}
	if len(t.Rows) == 0 {
		return []report.Block{para("No step is known that would close a gap.")}
	}
	blocks := []report.Block{t}
	if more := len(g.Steps) - mostSteps; more > 0 {
		blocks = append(blocks, para("%s more on the page of the gap analysis.", count(more, "step stands", "steps stand")))
	}
	return blocks
}

// trend is how much was met over time, once there are two readings.
func (s statement) trend(f *isms.Framework) []report.Block {
	scope := ""
	if s.st.Scope != nil {
		scope = s.st.Scope.ID
	}
	readings, err := s.flow.Trend(s.ctx, f.ID, scope)
	if err != nil {
		s.maker.err = err
		return nil
	}
	line := chart.Line{Name: "Measured as met"}
	for _, r := range readings {
		line.Points = append(line.Points, chart.Moment{At: r.Day.Time(), Value: r.Share})
	}
	if len(line.Points) < 2 {
		return nil
	}
	return []report.Block{report.Figure{Chart: chart.Trend{Title: "Share of the requirements that is met", Series: []chart.Line{line}, Format: chart.Percent}, Caption: "How the share that is met moved"}}
}

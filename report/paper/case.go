package paper

import (
	"fmt"

	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/chart"
	"holdfast/report/figure"
)

// businessCase puts to the executive team what security costs, what it saves, and
// what happens without it: the case that is on the table, with the figures of today.
func businessCase(m *maker) report.Document {
	c := business{maker: m, record: openCase(m)}
	if m.err == nil {
		c.portfolio, m.err = m.flow.Portfolio(m.ctx)
	}
	if m.err == nil {
		c.actions, m.err = m.flow.NextActions(m.ctx, 12)
	}
	if m.err != nil {
		return report.Document{}
	}
	m.note(isms.Risks.Plural, len(c.portfolio.Risks))
	title, status := "Business case for information security", "Draft: no case has been submitted"
	var props []report.Property
	if r := c.record; r != nil {
		title, status = r.Title, word(r.Status)
		props = append(props, report.Property{Name: "Sponsor", Value: m.person(r.SponsorID)})
		if !r.DecidedAt.IsZero() {
			props = append(props, report.Property{Name: "Decided", Value: fmt.Sprintf("%s, by %s", shown(kind.DateOf(r.DecidedAt.In(m.zone))), m.person(r.DecidedBy))})
		}
	}
	doc := m.document(title, "What it costs, what it saves, and what happens without it", status, props...)
	for _, part := range []func() []report.Block{c.ask, c.today, c.proposal, c.measures, c.rest} {
		doc.Blocks = append(doc.Blocks, part()...)
	}
	doc.Blocks = append(doc.Blocks, m.method(para("`RoSI = ALE₁ − ALE₂ − ACS`: the expected loss of a year as things are, less that with the proposal, less its yearly cost. Above zero it pays. Losses come from the simulation of all open risks; a measure is worth what it takes off them on top of those that operate already."))...)
	return doc
}

// openCase is the case on the table, else the newest that was decided or begun.
func openCase(m *maker) *isms.BusinessCase {
	var found *isms.BusinessCase
	for _, c := range all[isms.BusinessCase](m, isms.BusinessCases, kind.Query{Sort: "-created_at"}) {
		if c.Status == isms.BusinessCaseSubmitted {
			return c
		}
		if found == nil {
			found = c
		}
	}
	return found
}

// business is the case in the making.
type business struct {
	*maker
	record    *isms.BusinessCase
	portfolio *flow.Portfolio
	actions   []flow.Action
}

// ask is the one page that has to be read.
func (c business) ask() []report.Block {
	blocks := []report.Block{h1("What is asked")}
	r := c.record
	if r == nil {
		cost, avoided := 0.0, 0.0
		for _, a := range c.actions {
			cost, avoided = cost+a.Cost, avoided+a.Avoided
		}
		return append(blocks, para("No case has been written yet. The measures below would cost %s in the first year and, each taken alone, avoid %s a year.", c.money(cost), c.money(avoided)))
	}
	tone := report.Low
	if r.Return <= 0 {
		tone = report.High
	}
	blocks = append(blocks, report.KeyFigures{Items: []report.KeyFigure{
		{Value: c.amount(r.Investment), Label: "Spent once"}, {Value: c.amount(r.AnnualCost), Label: "Spent each year"},
		{Value: c.amount(r.LossBefore - r.LossAfter), Label: "Loss avoided each year"}, {Value: c.amount(r.Return), Label: "Return each year (RoSI)", Tone: tone},
	}})
	blocks = append(blocks, report.Figure{Chart: chart.Bars{Title: "A year without and with the proposal", Format: c.money, Parts: []chart.Part{{Name: "Expected loss", Colour: chart.High}, {Name: "Cost of the proposal", Colour: chart.Accent}},
		Rows: []chart.Row{{Name: "Without", Values: []float64{r.LossBefore.Float(), 0}}, {Name: "With", Values: []float64{r.LossAfter.Float(), r.AnnualCost.Float()}}}}, Caption: "What a year costs without and with the proposal"})
	return append(blocks, told("The problem", r.Problem)...)
}

func (c business) today() []report.Block {
	p := c.portfolio
	blocks := []report.Block{h1("Where we stand today"), para("As things are we expect to lose **%s a year**; one year in twenty costs more than **%s**.", c.money(p.Now.Total.Mean), c.money(p.Now.Total.P95))}
	if p.Appetite != nil {
		blocks = append(blocks, para("%s The appetite is %s a year, the limit %s.", sentence(p.Position.Words()), c.money(p.Bands.Appetite), c.money(p.Bands.Limit)))
	}
	return append(blocks, report.Figure{Chart: figure.Exceedance(p, c.currency), Caption: "How likely a year is to cost more than an amount"})
}

func (c business) proposal() []report.Block {
	r := c.record
	if r == nil {
		return nil
	}
	blocks := []report.Block{h1("The proposal")}
	blocks = append(blocks, markdown(r.Proposal, 4)...)
	t := report.Table{Caption: "The safeguards proposed", Columns: []report.Column{{Name: "Safeguard", Width: 0.42}, {Name: "State", Width: 0.16}, {Name: "Owner", Width: 0.2}, {Name: "Cost of a year", Width: 0.22, Align: report.Right}}}
	for _, x := range c.linkedRecords(isms.BusinessCases, "proposes", []string{r.ID})[r.ID] {
		g := x.(*isms.Safeguard)
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(g.Title), state(g.Status), cell(c.person(g.OwnerID)), {Text: report.Plain(c.span(g.AnnualCost)), Value: report.Amount{Value: g.AnnualCost.Mid(), Currency: c.currency}}}})
	}
	if len(t.Rows) > 0 {
		blocks = append(blocks, t)
	}
	risks := report.Table{Caption: "The risks that it lowers", Columns: []report.Column{{Name: "Risk", Width: 0.64}, {Name: "A year now", Width: 0.18, Align: report.Right}, {Name: "Planned", Width: 0.18, Align: report.Right}}}
	for _, x := range c.linkedRecords(isms.BusinessCases, "lowers", []string{r.ID})[r.ID] {
		k := x.(*isms.Risk)
		risks.Rows = append(risks.Rows, report.Row{Cells: []report.Cell{cell(k.Title), c.moneyCell(k.LossNow), c.moneyCell(k.LossTarget)}})
	}
	if len(risks.Rows) > 0 {
		blocks = append(blocks, risks)
	}
	return blocks
}

// measures are what the product itself would do next, so that the proposal can be
// held against it.
func (c business) measures() []report.Block {
	t := report.Table{Caption: "Most loss avoided for the money first; costs of the first year", Columns: []report.Column{{Name: "Measure", Width: 0.46}, {Name: "Avoids", Width: 0.18, Align: report.Right}, {Name: "Costs", Width: 0.18, Align: report.Right}, {Name: "For each 1", Width: 0.18, Align: report.Right}}}
	for _, a := range c.actions {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(a.Title), c.figure(a.Avoided), c.figure(a.Cost), {Text: report.Plain(chart.Compact(a.Ratio)), Value: report.Number(a.Ratio)}}})
	}
	return tableOr("What pays most today", t, "No measure is known that avoids more than it costs.")
}

func (c business) rest() []report.Block {
	r := c.record
	if r == nil {
		return nil
	}
	var blocks []report.Block
	for _, part := range []struct {
		label string
		text  kind.Markdown
	}{{"Other ways, and doing nothing", r.Options}, {"What else it brings", r.Benefits}, {"When", r.Timescale}, {"What was said when it was decided", r.Rationale}} {
		if text := markdown(part.text, 4); text != nil {
			blocks = append(append(blocks, h2(part.label)), text...)
		}
	}
	if blocks == nil {
		return nil
	}
	return append([]report.Block{h1("What to weigh")}, blocks...)
}

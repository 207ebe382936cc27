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

// managementReview is what lies on the table when management looks at the ISMS: the
// inputs that ISO/IEC 27001 asks for in clause 9.3, from the records, and the
// outputs where they are written.
func managementReview(m *maker) report.Document {
	r := management{maker: m, review: latestReview(m)}
	from, to := kind.DateOf(m.day().AddDate(0, -6, 0)), m.today
	status := "Prepared"
	var props []report.Property
	if v := r.review; v != nil {
		if v.PeriodFrom != "" {
			from = v.PeriodFrom
		}
		if v.PeriodTo != "" && v.PeriodTo < to {
			to = v.PeriodTo
		}
		status = word(v.Status)
		props = append(props, report.Property{Name: "Review", Value: v.Title}, report.Property{Name: "Chair", Value: m.person(v.ChairID)})
		if v.HeldOn != "" {
			props = append(props, report.Property{Name: "Held on", Value: shown(v.HeldOn)})
		}
	}
	r.from = from
	props = append(props, report.Property{Name: "Period", Value: shown(from) + " to " + shown(to)})
	doc := m.document("Management review", "What management has to look at, and to decide", status, props...)
	for _, part := range []func() []report.Block{r.before, r.changes, r.risks, r.objectives, r.indicators, r.incidents, r.audits, r.decisions, r.outputs} {
		doc.Blocks = append(doc.Blocks, part()...)
	}
	doc.Blocks = append(doc.Blocks, m.method(para("The chapters follow the inputs and outputs of clause 9.3 of ISO/IEC 27001:2022. What people wrote for this review stands beside what the records show."))...)
	return doc
}

// latestReview is the one to come, else the last that was held.
func latestReview(m *maker) *isms.ManagementReview {
	var held *isms.ManagementReview
	for _, v := range all[isms.ManagementReview](m, isms.ManagementReviews, kind.Query{Sort: "-period_to"}) {
		switch v.Status {
		case "planned", "prepared":
			return v
		case "held", "approved":
			if held == nil {
				held = v
			}
		}
	}
	return held
}

// management is the pack in the making.
type management struct {
	*maker
	review *isms.ManagementReview
	from   kind.Date
}

// said is what people wrote for the review, as a quotation from it.
func (r management) said(pick func(*isms.ManagementReview) kind.Markdown) []report.Block {
	if r.review == nil {
		return nil
	}
	return markdown(pick(r.review), 4)
}

func (r management) before() []report.Block {
	blocks := append([]report.Block{h1("What became of earlier decisions")}, r.said(func(v *isms.ManagementReview) kind.Markdown { return v.FollowUp })...)
	t := report.Table{Caption: "Corrective actions that are open", Columns: []report.Column{{Name: "Action", Width: 0.46}, {Name: "Owner", Width: 0.18}, {Name: "Due", Width: 0.18}, {Name: "State", Width: 0.18}}}
	for _, c := range all[isms.CorrectiveAction](r.maker, isms.CorrectiveActions, kind.Query{Sort: "due"}) {
		if c.Status != "effective" && c.Status != "dropped" && c.Status != "rejected" {
			t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(c.Title), cell(r.person(c.OwnerID)), r.due(c.Due), state(c.Status)}})
		}
	}
	if len(t.Rows) == 0 {
		return append(blocks, para("No corrective action is open."))
	}
	return append(blocks, t)
}

func (r management) changes() []report.Block {
	blocks := append([]report.Block{h1("What changed around us")}, r.said(func(v *isms.ManagementReview) kind.Markdown { return v.Changes })...)
	t := report.Table{Caption: "Motivators of change in the period", Columns: []report.Column{{Name: "What", Width: 0.4}, {Name: "Kind", Width: 0.16}, {Name: "Noticed", Width: 0.16}, {Name: "State", Width: 0.14}, {Name: "Urgency", Width: 0.14}}}
	for _, c := range all[isms.Motivator](r.maker, isms.Motivators, kind.Query{Sort: "-noticed_on"}) {
		if c.NoticedOn >= r.from || c.HandledOn == "" {
			t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(c.Title), cell(word(c.Type)), day(c.NoticedOn), state(c.Status), grade(c.Urgency)}})
		}
	}
	if len(t.Rows) > 0 {
		blocks = append(blocks, t)
	}
	if said := r.said(func(v *isms.ManagementReview) kind.Markdown { return v.Feedback }); said != nil {
		blocks = append(append(blocks, h2("What interested parties said")), said...)
	}
	return blocks
}

func (r management) risks() []report.Block {
	blocks := append([]report.Block{h1("Risks and their treatment")}, r.said(func(v *isms.ManagementReview) kind.Markdown { return v.Risks })...)
	if r.err != nil {
		return nil
	}
	p, err := r.flow.Portfolio(r.ctx)
	if err != nil {
		r.maker.err = err
		return nil
	}
	posture, err := r.flow.Posture(r.ctx)
	if err != nil {
		r.maker.err = err
		return nil
	}
	r.note(isms.Risks.Plural, len(p.Risks))
	figures := report.KeyFigures{Items: []report.KeyFigure{
		{Value: r.money(p.Now.Total.Mean), Label: "Expected loss of a year", Note: lastTime(r)},
		{Value: r.money(p.Now.Total.P95), Label: "A bad year (P95)"},
		{Value: r.money(p.Target.Total.Mean), Label: "After the planned treatments"},
		{Value: fmt.Sprint(len(p.Risks)), Label: "Open risks"},
	}}
	if p.Appetite != nil {
		figures.Items[0].Note = "appetite: " + r.money(p.Bands.Appetite)
	}
	blocks = append(blocks, figures, report.Figure{Chart: figure.Exceedance(p, r.currency), Caption: "How likely a year is to cost more than an amount"},
		report.Figure{Chart: figure.Posture(posture), Caption: "Posture along the four principles, as measured"})
	return append(blocks, r.topRisks(p)...)
}

// lastTime is the loss that stood in the review when its inputs were gathered.
func lastTime(r management) string {
	if r.review == nil || r.review.LossNow == 0 {
		return ""
	}
	return "when prepared: " + r.amount(r.review.LossNow)
}

func (r management) topRisks(p *flow.Portfolio) []report.Block {
	t := report.Table{Caption: "The five most expensive risks", Columns: []report.Column{{Name: "Risk", Width: 0.46}, {Name: "Owner", Width: 0.18}, {Name: "State", Width: 0.14}, {Name: "A year now", Width: 0.22, Align: report.Right}}}
	for _, x := range p.Risks[:min(5, len(p.Risks))] {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(x.Title), cell(r.person(x.OwnerID)), state(x.Status), r.moneyCell(x.LossNow)}})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return []report.Block{t}
}

func (r management) objectives() []report.Block {
	t := report.Table{Caption: "Objectives of information security", Columns: []report.Column{{Name: "Objective", Width: 0.42}, {Name: "Owner", Width: 0.18}, {Name: "Due", Width: 0.16}, {Name: "Reached", Width: 0.1, Align: report.Right}, {Name: "State", Width: 0.14}}}
	bars := chart.Bars{Title: "How far the objectives are reached", Format: chart.Percent, Parts: []chart.Part{{Name: "Reached"}}}
	for _, o := range all[isms.Objective](r.maker, isms.Objectives, kind.Query{Sort: "due"}) {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(o.Title), cell(r.person(o.OwnerID)), day(o.Due), share(o.Progress), state(o.Status)}})
		if o.ReachedOn == "" && len(bars.Rows) < 10 {
			bars.Rows = append(bars.Rows, chart.Row{Name: o.Title, Values: []float64{o.Progress}})
		}
	}
	blocks := tableOr("Objectives", t, "No objective has been set.")
	if len(bars.Rows) > 0 {
		blocks = append(blocks, report.Figure{Chart: bars, Caption: "How far the open objectives are reached"})
	}
	return blocks
}

func (r management) indicators() []report.Block {
	blocks := append([]report.Block{h1("Performance")}, r.said(func(v *isms.ManagementReview) kind.Markdown { return v.Performance })...)
	t := report.Table{Caption: "Indicators", Columns: []report.Column{{Name: "Indicator", Width: 0.5}, {Name: "Last reading", Width: 0.18, Align: report.Right}, {Name: "Read on", Width: 0.16}, {Name: "Health", Width: 0.16}}}
	for _, i := range all[isms.Indicator](r.maker, isms.Indicators, kind.Query{Sort: "title"}) {
		c := cell("not yet read")
		if !i.MeasuredAt.IsZero() {
			c = report.Cell{Text: report.Plain(chart.Compact(i.Value) + " " + i.Unit), Value: report.Number(i.Value)}
		}
		read := cell("–")
		if !i.MeasuredAt.IsZero() {
			read = day(kind.DateOf(i.MeasuredAt))
		}
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(i.Title), c, read, state(i.Health)}})
	}
	if len(t.Rows) == 0 {
		return append(blocks, para("Nothing is measured yet."))
	}
	return append(blocks, t)
}

func (r management) incidents() []report.Block {
	blocks := append([]report.Block{h1("Incidents")}, r.said(func(v *isms.ManagementReview) kind.Markdown { return v.Incidents })...)
	t := report.Table{Caption: "Incidents of the period", Columns: []report.Column{{Name: "Incident", Width: 0.42}, {Name: "Severity", Width: 0.14}, {Name: "Declared", Width: 0.16}, {Name: "Phase", Width: 0.14}, {Name: "Cost so far", Width: 0.14, Align: report.Right}}}
	for _, i := range all[isms.Incident](r.maker, isms.Incidents, kind.Query{Sort: "-declared_at"}) {
		if i.ClosedAt.IsZero() || kind.DateOf(i.DeclaredAt) >= r.from {
			t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(i.Title), toned(string(i.Severity), report.Severity(string(i.Severity))), day(kind.DateOf(i.DeclaredAt)), state(i.Phase), r.moneyCell(i.CostSoFar)}})
		}
	}
	if len(t.Rows) == 0 {
		return append(blocks, para("No incident in the period."))
	}
	return append(blocks, t)
}

func (r management) audits() []report.Block {
	t := report.Table{Caption: "Audits of the period, and those to come", Columns: []report.Column{{Name: "Audit", Width: 0.44}, {Name: "Kind", Width: 0.16}, {Name: "Begins", Width: 0.14}, {Name: "State", Width: 0.13}, {Name: "Verdict", Width: 0.13}}}
	for _, a := range all[isms.Audit](r.maker, isms.Audits, kind.Query{Sort: "-start_on"}) {
		if a.StartOn >= r.from {
			t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(a.Title), cell(word(a.Type)), day(a.StartOn), state(a.Status), state(a.Verdict)}})
		}
	}
	blocks := tableOr("Audits and nonconformities", t, "No audit in the period.")
	n := report.Table{Caption: "Nonconformities that are open", Columns: []report.Column{{Name: "Nonconformity", Width: 0.44}, {Name: "Grade", Width: 0.14}, {Name: "Owner", Width: 0.16}, {Name: "Due", Width: 0.13}, {Name: "State", Width: 0.13}}}
	for _, c := range all[isms.Nonconformity](r.maker, isms.Nonconformities, kind.Query{Sort: "due"}) {
		if c.ClosedOn == "" && c.Status != "closed" && c.Status != "rejected" {
			n.Rows = append(n.Rows, report.Row{Cells: []report.Cell{cell(c.Title), state(c.Grade), cell(r.person(c.OwnerID)), r.due(c.Due), state(c.Status)}})
		}
	}
	if len(n.Rows) > 0 {
		blocks = append(blocks, n)
	}
	return blocks
}

// decisions are what is asked of management now.
func (r management) decisions() []report.Block {
	blocks := []report.Block{h1("Decisions asked")}
	n := 0
	for _, d := range all[isms.Decision](r.maker, isms.Decisions, kind.Query{Sort: "due"}) {
		if !d.DecidedAt.IsZero() || d.Status != "asked" && d.Status != "draft" {
			continue
		}
		n++
		inner := markdown(d.Question, 4)
		if d.Options != "" {
			inner = append(inner, para("**Options.** %s", plain(d.Options)))
		}
		if d.Recommendation != "" {
			inner = append(inner, para("**Recommended.** %s", plain(d.Recommendation)))
		}
		inner = append(inner, para("Costs %s a year, avoids %s a year; by %s, asked by %s.", r.amount(d.Cost), r.amount(d.LossAvoided), shown(d.Due), r.person(d.AskedBy)))
		blocks = append(blocks, report.Callout{Title: d.Title, Blocks: inner})
	}
	if n == 0 {
		blocks = append(blocks, para("No decision is asked."))
	}
	if said := r.said(func(v *isms.ManagementReview) kind.Markdown { return v.Chances }); said != nil {
		blocks = append(append(blocks, h2("What could be better")), said...)
	}
	return blocks
}

// outputs are what management decided, once it has.
func (r management) outputs() []report.Block {
	if r.review == nil {
		return nil
	}
	var blocks []report.Block
	for _, o := range []struct {
		label string
		text  kind.Markdown
	}{{"Conclusion", r.review.Verdict}, {"Decisions", r.review.Decisions}, {"Resources", r.review.Resources}} {
		if text := markdown(o.text, 4); text != nil {
			blocks = append(append(blocks, h2(o.label)), text...)
		}
	}
	if blocks == nil {
		return nil
	}
	return append([]report.Block{h1("What management decided")}, blocks...)
}

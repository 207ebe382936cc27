package paper

import (
	"cmp"
	"fmt"
	"slices"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/chart"
)

// treatmentPlan tells what is done about each risk, by whom, by when and for what.
func treatmentPlan(m *maker) report.Document {
	p := plan{maker: m, treatments: all[isms.Treatment](m, isms.Treatments, kind.Query{Sort: "due"})}
	var risks, guards []string
	for _, t := range p.treatments {
		risks, guards = append(risks, t.RiskID), append(guards, t.SafeguardID)
	}
	p.risks, p.guards = p.records(risks), m.titled(isms.Safeguards, guards)
	approved, open := 0, 0
	for _, t := range p.treatments {
		switch t.Status {
		case isms.TreatmentDeclined:
			continue
		case isms.TreatmentProposed:
		default:
			approved++
		}
		open++
	}
	status := "Approved"
	if approved < open || open == 0 {
		status = fmt.Sprintf("Draft: %d of %d treatments are approved", approved, open)
	}
	doc := m.document("Risk treatment plan", "What is done about each risk, by whom, by when and for what", status,
		report.Property{Name: "Treatments", Value: count(open, "treatment", "treatments")})
	doc.Landscape = true
	for _, part := range []func() []report.Block{p.overview, p.byRisk, p.timeline, p.untreated, p.declined} {
		doc.Blocks = append(doc.Blocks, part()...)
	}
	doc.Blocks = append(doc.Blocks, m.method(
		para("What a treatment avoids is the expected loss of a year without it less that with it. `RoSI = ALE₁ − ALE₂ − ACS` is what is left when its yearly cost is paid: above zero it pays. Risks whose answer is to share, transfer, avoid or accept are listed apart when no treatment belongs to them."))...)
	return doc
}

// plan is the treatment plan in the making.
type plan struct {
	*maker
	treatments []*isms.Treatment
	risks      map[string]*isms.Risk
	guards     map[string]string
}

func (p plan) records(ids []string) map[string]*isms.Risk {
	out := map[string]*isms.Risk{}
	if p.err != nil {
		return out
	}
	found, err := p.app.Many(p.ctx, isms.Risks, distinct(ids))
	p.err = err
	for id, r := range found {
		out[id] = r.(*isms.Risk)
	}
	p.note(isms.Risks.Plural, len(out))
	return out
}

// counts tells whether a treatment is part of the plan.
func counts(t *isms.Treatment) bool { return t.Status != isms.TreatmentDeclined }

func (p plan) overview() []report.Block {
	var cost, avoided, back kind.Money
	late, done, all := 0, 0, 0
	status := map[isms.TreatmentStatus]int{}
	for _, t := range p.treatments {
		status[t.Status]++
		if !counts(t) {
			continue
		}
		all++
		cost, avoided, back = cost+t.Cost, avoided+t.LossBefore-t.LossAfter, back+t.Return
		if t.Status == isms.TreatmentDone {
			done++
		} else if t.Due != "" && t.Due < p.today {
			late++
		}
	}
	blocks := []report.Block{h1("At a glance"), report.KeyFigures{Items: []report.KeyFigure{
		{Value: fmt.Sprintf("%d of %d", done, all), Label: "Treatments done"},
		{Value: p.amount(cost), Label: "Cost of a year"},
		{Value: p.amount(avoided), Label: "Loss avoided in a year", Note: "each treatment taken alone"},
		{Value: fmt.Sprint(late), Label: "Overdue", Tone: warn(late)},
	}}}
	if all == 0 {
		return append(blocks, para("No treatment has been planned yet."))
	}
	d := chart.Donut{Title: "Treatments by state", Unit: "treatments"}
	for _, c := range isms.TreatmentStatus("").Choices() {
		if n := status[isms.TreatmentStatus(c.Value)]; n > 0 {
			d.Slices = append(d.Slices, chart.Slice{Name: word(isms.TreatmentStatus(c.Value)), Value: float64(n)})
		}
	}
	return append(blocks, report.Figure{Chart: d, Caption: "Where the treatments stand"})
}

// byRisk is the plan itself, under the risk that each treatment answers.
func (p plan) byRisk() []report.Block {
	t := report.Table{Caption: "Treatments by risk, most expensive risk first", Columns: []report.Column{
		{Name: "Safeguard", Width: 0.24}, {Name: "What is done", Width: 0.2}, {Name: "Owner", Width: 0.11}, {Name: "Due", Width: 0.1}, {Name: "State", Width: 0.09},
		{Name: "Avoids", Width: 0.09, Align: report.Right}, {Name: "Costs", Width: 0.08, Align: report.Right}, {Name: "RoSI", Width: 0.09, Align: report.Right}}}
	for _, id := range p.order() {
		r := p.risks[id]
		title := "A risk that you may not read"
		if r != nil {
			title = fmt.Sprintf("%s: %s a year now, answered by: %s", r.Title, p.amount(r.LossNow), dash(word(r.Treatment)))
		}
		t.Rows = append(t.Rows, report.Row{Group: true, Cells: []report.Cell{cell(title)}})
		for _, tr := range p.treatments {
			if tr.RiskID != id || !counts(tr) {
				continue
			}
			due := p.due(tr.Due)
			if tr.Status == isms.TreatmentDone {
				due = day(cmp.Or(tr.DoneOn, tr.Due))
			}
			t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(dash(p.guards[tr.SafeguardID])), cell(dash(plain(tr.Plan))), cell(p.person(tr.OwnerID)), due, state(tr.Status),
				p.moneyCell(tr.LossBefore - tr.LossAfter), p.moneyCell(tr.Cost), p.moneyCell(tr.Return)}})
		}
	}
	return tableOr("The plan", t, "No treatment has been planned yet.")
}

// order is that of the risks with treatments that count, most expensive first.
func (p plan) order() []string {
	var ids []string
	for _, t := range p.treatments {
		if counts(t) {
			ids = append(ids, t.RiskID)
		}
	}
	ids = distinct(ids)
	loss := func(id string) kind.Money {
		if r := p.risks[id]; r != nil {
			return r.LossNow
		}
		return 0
	}
	slices.SortStableFunc(ids, func(a, b string) int { return cmp.Or(cmp.Compare(loss(b), loss(a)), cmp.Compare(a, b)) })
	return ids
}

func (p plan) timeline() []report.Block {
	tl := chart.Timeline{Title: "When the treatments are due", Today: p.day()}
	for _, t := range p.treatments {
		if counts(t) && t.Due != "" && len(tl.Milestones) < 12 {
			tl.Milestones = append(tl.Milestones, chart.Milestone{Name: dash(p.guards[t.SafeguardID]), At: t.Due.Time(), Done: t.Status == isms.TreatmentDone})
		}
	}
	if len(tl.Milestones) == 0 {
		return nil
	}
	return []report.Block{h1("When"), report.Figure{Chart: tl, Caption: "The next due dates of the plan"}}
}

// untreated are the risks that no treatment answers.
func (p plan) untreated() []report.Block {
	treated := map[string]bool{}
	for _, t := range p.treatments {
		treated[t.RiskID] = treated[t.RiskID] || counts(t)
	}
	t := report.Table{Caption: "Risks without a treatment", Columns: []report.Column{{Name: "Risk", Width: 0.4}, {Name: "Answer", Width: 0.14}, {Name: "A year now", Width: 0.14, Align: report.Right}, {Name: "Reason", Width: 0.32}}}
	for _, r := range all[isms.Risk](p.maker, isms.Risks, kind.Query{Sort: "-loss_now"}.With("status", kind.Not, string(isms.RiskClosed))) {
		if !treated[r.ID] {
			t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(r.Title), cell(dash(word(r.Treatment))), p.moneyCell(r.LossNow), cell(dash(plain(r.Rationale)))}})
		}
	}
	return tableOr("Not treated", t, "Every open risk has a treatment.")
}

func (p plan) declined() []report.Block {
	t := report.Table{Caption: "Treatments that were declined", Columns: []report.Column{{Name: "Safeguard", Width: 0.35}, {Name: "Risk", Width: 0.35}, {Name: "Why", Width: 0.3}}}
	for _, tr := range p.treatments {
		if counts(tr) {
			continue
		}
		risk := "–"
		if r := p.risks[tr.RiskID]; r != nil {
			risk = r.Title
		}
		t.Rows = append(t.Rows, report.Cells(dash(p.guards[tr.SafeguardID]), risk, dash(plain(tr.Rationale))))
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return []report.Block{h1("Declined"), t}
}

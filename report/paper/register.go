package paper

import (
	"fmt"
	"strings"

	"holdfast/engine/quantify"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/chart"
	"holdfast/report/figure"
)

// riskRegister lists every risk, most expensive first, then those that are closed.
func riskRegister(m *maker) report.Document {
	risks := all[isms.Risk](m, isms.Risks, kind.Query{Sort: "-loss_now"})
	var open, closed []*isms.Risk
	var assets []string
	decided := 0
	for _, r := range risks {
		assets = append(assets, r.AssetID)
		if r.Status == isms.RiskClosed {
			closed = append(closed, r)
			continue
		}
		open = append(open, r)
		if r.Treatment != "" {
			decided++
		}
	}
	g := register{maker: m, assets: m.titled(isms.Assets, assets)}
	status := "Live"
	if decided < len(open) {
		status = fmt.Sprintf("Draft: %d of %d risks have no answer yet", len(open)-decided, len(open))
	}
	doc := m.document("Risk register", "Every risk, who answers for it, and what it costs", status,
		report.Property{Name: "Risks", Value: fmt.Sprintf("%d open, %d closed", len(open), len(closed))})
	doc.Landscape = true
	doc.Blocks = append(doc.Blocks, g.overview(open)...)
	doc.Blocks = append(doc.Blocks, g.open(open)...)
	doc.Blocks = append(doc.Blocks, g.decisions(open)...)
	doc.Blocks = append(doc.Blocks, g.closed(closed)...)
	doc.Blocks = append(doc.Blocks, m.method(
		para("Money is the expected loss of a year (`ALE = EAE × SLE`) with the safeguards of today, computed from ranges; a bad year is the one of which only one in twenty is worse. The level is that of the matrix: impact, probability and how critical the system is. An acceptance ends; then somebody has to decide again."))...)
	return doc
}

// register is the risk register in the making.
type register struct {
	*maker
	assets map[string]string
}

func (g register) overview(open []*isms.Risk) []report.Block {
	blocks := []report.Block{h1("At a glance")}
	if len(open) == 0 {
		return append(blocks, para("No risk is open."))
	}
	var now kind.Money
	accepted, overdue, unowned := 0, 0, 0
	bars := chart.Bars{Title: "The most expensive risks", Format: g.money, Parts: []chart.Part{{Name: "A year now"}}}
	for i, r := range open {
		now += r.LossNow
		if r.Status == isms.RiskAccepted {
			accepted++
		}
		if r.ReviewBy != "" && r.ReviewBy < g.today {
			overdue++
		}
		if r.OwnerID == "" {
			unowned++
		}
		if i < 10 && r.LossNow > 0 {
			bars.Rows = append(bars.Rows, chart.Row{Name: fmt.Sprintf("R%d  %s", i+1, r.Title), Values: []float64{r.LossNow.Float()}})
		}
	}
	blocks = append(blocks, report.KeyFigures{Items: []report.KeyFigure{
		{Value: fmt.Sprint(len(open)), Label: "Open risks", Note: fmt.Sprintf("%d accepted", accepted)},
		{Value: g.amount(now), Label: "Expected loss of a year", Note: "sum of the open risks"},
		{Value: fmt.Sprint(overdue), Label: "Reviews overdue", Tone: warn(overdue)},
		{Value: fmt.Sprint(unowned), Label: "Without an owner", Tone: warn(unowned)},
	}})
	if len(bars.Rows) > 0 {
		blocks = append(blocks, report.Figure{Chart: bars, Caption: "What the most expensive risks cost in an average year"})
	}
	return append(blocks, report.Figure{Chart: figure.HeatMap(open, quantify.Matrix5(), figure.Today), Caption: "Open risks by probability and impact, today"})
}

// warn colours a figure that should be nothing.
func warn(n int) report.Tone {
	if n > 0 {
		return report.High
	}
	return report.Neutral
}

func (g register) open(open []*isms.Risk) []report.Block {
	t := report.Table{Caption: "Open risks, most expensive first", Columns: []report.Column{
		{Name: "No.", Width: 0.05}, {Name: "Risk", Width: 0.25}, {Name: "Asset", Width: 0.13}, {Name: "Owner", Width: 0.1}, {Name: "Level", Width: 0.08},
		{Name: "Answer", Width: 0.08}, {Name: "State", Width: 0.08}, {Name: "A year now", Width: 0.08, Align: report.Right}, {Name: "Planned", Width: 0.07, Align: report.Right}, {Name: "Review by", Width: 0.08}}}
	for i, r := range open {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(fmt.Sprintf("R%d", i+1)), cell(r.Title), cell(dash(g.assets[r.AssetID])), cell(g.person(r.OwnerID)), level(r),
			cell(dash(word(r.Treatment))), state(r.Status), g.moneyCell(r.LossNow), g.moneyCell(r.LossTarget), g.due(r.ReviewBy)}})
	}
	return tableOr("The register", t, "No risk is open.")
}

// level is where the matrix puts a risk, in its colour.
func level(r *isms.Risk) report.Cell {
	rating, err := flow.RateLevels(quantify.Matrix5(), r.ImpactLevel, r.ProbabilityLevel, r.SystemLevel)
	if err != nil || rating == nil {
		return cell("–")
	}
	return toned(rating.Level, report.Severity(strings.ReplaceAll(rating.Level, "very high", "critical")))
}

// decisions tells why each risk is answered as it is, where somebody has said so.
func (g register) decisions(open []*isms.Risk) []report.Block {
	t := report.Table{Caption: "Why each risk is answered as it is", Columns: []report.Column{
		{Name: "No.", Width: 0.06}, {Name: "Risk", Width: 0.3}, {Name: "Answer", Width: 0.1}, {Name: "In the words of whoever decided", Width: 0.34}, {Name: "Accepted until", Width: 0.1}, {Name: "By", Width: 0.1}}}
	for i, r := range open {
		if r.Rationale == "" && r.AcceptedUntil == "" {
			continue
		}
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(fmt.Sprintf("R%d", i+1)), cell(r.Title), cell(dash(word(r.Treatment))), cell(dash(plain(r.Rationale))), g.due(r.AcceptedUntil), cell(g.person(r.AcceptedBy))}})
	}
	return tableOr("Decisions", t, "Nobody has written down a reason yet.")
}

func (g register) closed(closed []*isms.Risk) []report.Block {
	t := report.Table{Caption: "Closed risks", Columns: []report.Column{{Name: "Risk", Width: 0.4}, {Name: "Asset", Width: 0.25}, {Name: "Why", Width: 0.35}}}
	for _, r := range closed {
		t.Rows = append(t.Rows, report.Cells(r.Title, dash(g.assets[r.AssetID]), dash(plain(r.Rationale))))
	}
	return tableOr("Closed", t, "No risk has been closed.")
}

// tableOr is a section with a table, or with a sentence when there is nothing in it.
func tableOr(heading string, t report.Table, empty string) []report.Block {
	if len(t.Rows) == 0 {
		return []report.Block{h1(heading), para("%s", empty)}
	}
	return []report.Block{h1(heading), t}
}

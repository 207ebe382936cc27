package paper

import (
	"fmt"
	"strings"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/chart"
)

// obligationRegister lists what binds the organisation, what meets it and how one
// knows.
func obligationRegister(m *maker) report.Document {
	o := obligations{maker: m}
	var ids, parties []string
	for _, b := range all[isms.Obligation](m, isms.Obligations, kind.Query{Sort: "title"}) {
		switch b.Status {
		case isms.ObligationApplies, isms.ObligationProposed:
			o.binding = append(o.binding, b)
		default:
			o.others = append(o.others, b)
		}
		ids, parties = append(ids, b.ID), append(parties, b.PartyID)
	}
	o.parties = m.titled(isms.InterestedParties, parties)
	o.guards = m.linkedRecords(isms.Obligations, "fulfilled by", ids)
	o.demands = m.linkedRecords(isms.Obligations, "detailed by", ids)
	o.documents = m.linked(isms.Obligations, "answered in", ids)
	undecided := 0
	for _, b := range o.binding {
		if b.Status == isms.ObligationProposed {
			undecided++
		}
	}
	status := "Live"
	if undecided > 0 {
		status = "Draft: " + count(undecided, "obligation is", "obligations are") + " undecided"
	}
	doc := m.document("Register of obligations", "What law, regulators and contracts demand, and what meets it", status,
		report.Property{Name: "Obligations", Value: fmt.Sprintf("%d that bind, %d that do not", len(o.binding), len(o.others))})
	doc.Landscape = true
	for _, part := range []func() []report.Block{o.overview, o.register, o.chain, o.notices, o.outside} {
		doc.Blocks = append(doc.Blocks, part()...)
	}
	doc.Blocks = append(doc.Blocks, m.method(para("The chain goes from the obligation over the requirements that spell it out to the safeguards and documents that meet it. Whether it is kept is the answer of its owner; a safeguard speaks for it only while it operates."))...)
	return doc
}

// obligations is the register in the making.
type obligations struct {
	*maker
	binding, others []*isms.Obligation
	parties         map[string]string
	guards, demands map[string][]kind.Record
	documents       map[string][]string
}

func (o obligations) overview() []report.Block {
	blocks := []report.Block{h1("At a glance")}
	if len(o.binding) == 0 {
		return append(blocks, para("No obligation has been recorded yet."))
	}
	kept, bare, overdue := map[isms.Compliance]int{}, 0, 0
	for _, b := range o.binding {
		kept[b.Compliance]++
		if len(o.guards[b.ID]) == 0 && len(o.documents[b.ID]) == 0 {
			bare++
		}
		if b.ReviewBy != "" && b.ReviewBy < o.today {
			overdue++
		}
	}
	d := chart.Donut{Title: "Obligations by whether they are kept", Unit: "obligations"}
	for _, c := range isms.Compliance("").Choices() {
		if n := kept[isms.Compliance(c.Value)]; n > 0 {
			d.Slices = append(d.Slices, chart.Slice{Name: word(isms.Compliance(c.Value)), Value: float64(n)})
		}
	}
	return append(blocks, report.KeyFigures{Items: []report.KeyFigure{
		{Value: fmt.Sprint(len(o.binding)), Label: "Obligations"},
		{Value: fmt.Sprint(kept["breached"]), Label: "Breached", Tone: warn(kept["breached"])},
		{Value: fmt.Sprint(bare), Label: "With nothing that meets them", Tone: warn(bare)},
		{Value: fmt.Sprint(overdue), Label: "Reviews overdue", Tone: warn(overdue)},
	}}, report.Figure{Chart: d, Caption: "Are they kept?"})
}

func (o obligations) register() []report.Block {
	t := report.Table{Caption: "Obligations that bind", Columns: []report.Column{
		{Name: "Obligation", Width: 0.2}, {Name: "Kind", Width: 0.08}, {Name: "Reference", Width: 0.12}, {Name: "What it demands", Width: 0.24}, {Name: "Owed to", Width: 0.1}, {Name: "Owner", Width: 0.1}, {Name: "Kept", Width: 0.07}, {Name: "Review by", Width: 0.09}}}
	for _, b := range o.binding {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(b.Title), cell(word(b.Type)), cell(dash(b.Reference)), cell(dash(plain(b.Text))), cell(dash(o.parties[b.PartyID])), cell(o.person(b.OwnerID)), state(b.Compliance), o.due(b.ReviewBy)}})
	}
	return tableOr("The register", t, "No obligation has been recorded yet.")
}

// chain shows for each obligation what spells it out and what meets it.
func (o obligations) chain() []report.Block {
	t := report.Table{Caption: "From the obligation to what meets it", Columns: []report.Column{
		{Name: "Obligation", Width: 0.24}, {Name: "Spelt out in", Width: 0.26}, {Name: "Safeguards", Width: 0.28}, {Name: "Documents", Width: 0.22}}}
	for _, b := range o.binding {
		var demands, guards []string
		for _, r := range o.demands[b.ID] {
			demands = append(demands, r.(*isms.Requirement).Code)
		}
		for _, r := range o.guards[b.ID] {
			g := r.(*isms.Safeguard)
			guards = append(guards, fmt.Sprintf("%s (%s)", g.Title, strings.ToLower(word(g.Status))))
		}
		t.Rows = append(t.Rows, report.Cells(b.Title, dash(strings.Join(demands, ", ")), listed(guards), listed(o.documents[b.ID])))
	}
	return tableOr("What meets them", t, "No obligation has been recorded yet.")
}

// notices are the duties to tell somebody after an incident, the shortest first.
func (o obligations) notices() []report.Block {
	t := report.Table{Caption: "Duties to tell somebody after an incident", Columns: []report.Column{
		{Name: "Within", Width: 0.1, Align: report.Right}, {Name: "Obligation", Width: 0.26}, {Name: "When", Width: 0.34}, {Name: "Where", Width: 0.3}}}
	for _, b := range o.binding {
		if b.NotifyHours > 0 {
			t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{{Text: report.Plain(fmt.Sprintf("%d hours", b.NotifyHours)), Value: report.Number(b.NotifyHours)}, cell(b.Title), cell(dash(plain(b.NotifyWhen))), cell(dash(b.NotifyTo))}})
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return []report.Block{h1("Whom to tell"), t}
}

func (o obligations) outside() []report.Block {
	t := report.Table{Caption: "Looked at, and found not to bind", Columns: []report.Column{{Name: "Obligation", Width: 0.4}, {Name: "State", Width: 0.2}, {Name: "Why", Width: 0.4}}}
	for _, b := range o.others {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(b.Title), state(b.Status), cell(dash(plain(b.Reason)))}})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return []report.Block{h1("What does not bind"), t}
}

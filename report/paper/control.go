package paper

import (
	"fmt"
	"strings"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/chart"
)

// controlSheets holds a sheet for each safeguard that is not retired.
func controlSheets(m *maker) report.Document {
	list := all[isms.Safeguard](m, isms.Safeguards, kind.Query{Sort: "title"}.With("status", kind.Not, string(isms.SafeguardRetired)))
	s := sheets{maker: m, list: list}
	ids := make([]string, len(list))
	operating := 0
	for i, g := range list {
		ids[i] = g.ID
		if g.Status == isms.SafeguardOperating {
			operating++
		}
	}
	s.meets = m.linkedRecords(isms.Safeguards, "meets", ids)
	s.protects = m.linked(isms.Safeguards, "protects", ids)
	s.fulfils = m.linked(isms.Safeguards, "fulfils", ids)
	s.proofs = m.linkedRecords(isms.Safeguards, "evidenced by", ids)
	s.treats = append(s.treats, all[isms.Treatment](m, isms.Treatments, kind.Query{})...)
	var risks []string
	for _, t := range s.treats {
		risks = append(risks, t.RiskID)
	}
	s.risks = m.titled(isms.Risks, risks)
	doc := m.document("Security control sheets", "What each safeguard does, who answers for it, and what proves it", "Live",
		report.Property{Name: "Safeguards", Value: fmt.Sprintf("%d, of which %d operate", len(list), operating)})
	doc.Blocks = append(doc.Blocks, s.overview()...)
	for i, g := range list {
		doc.Blocks = append(doc.Blocks, s.sheet(i, g)...)
	}
	doc.Blocks = append(doc.Blocks, m.method(para("A safeguard proves itself by a test on a day, by checks that pass, and by evidence that has not aged. Its effect is the share of events that it prevents and the share of a loss that it saves."))...)
	return doc
}

// sheets are the control sheets in the making.
type sheets struct {
	*maker
	list              []*isms.Safeguard
	meets, proofs     map[string][]kind.Record
	protects, fulfils map[string][]string
	treats            []*isms.Treatment
	risks             map[string]string
}

func (s sheets) overview() []report.Block {
	blocks := []report.Block{h1("Overview")}
	if len(s.list) == 0 {
		return append(blocks, para("No safeguard has been recorded yet."))
	}
	bars := chart.Bars{Title: "Safeguards by principle and state", Parts: []chart.Part{{Name: "Operating", Colour: chart.Accent}, {Name: "On the way", Colour: chart.Series2}}}
	for _, p := range isms.Principle("").Choices() {
		row := chart.Row{Name: p.Label, Values: []float64{0, 0}}
		for _, g := range s.list {
			if !contains(g.Principles, p.Value) {
				continue
			}
			if g.Status == isms.SafeguardOperating {
				row.Values[0]++
			} else {
				row.Values[1]++
			}
		}
		bars.Rows = append(bars.Rows, row)
	}
	t := report.Table{Caption: "All safeguards", Columns: []report.Column{{Name: "Safeguard", Width: 0.36}, {Name: "Function", Width: 0.14}, {Name: "State", Width: 0.15}, {Name: "Owner", Width: 0.17}, {Name: "Last tested", Width: 0.18}}}
	for _, g := range s.list {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{{Text: report.Text{{Text: g.Title, Link: "#" + anchor(g)}}}, cell(dash(word(g.Function))), state(g.Status), cell(s.person(g.OwnerID)), s.tested(g)}})
	}
	return append(blocks, report.Figure{Chart: bars, Caption: "Safeguards along the four principles"}, t)
}

// anchor of a sheet, for links inside the paper.
func anchor(g *isms.Safeguard) string { return "control-" + g.ID }

func contains(list []string, v string) bool {
	for _, x := range list {
		if x == v {
			return true
		}
	}
	return false
}

// tested says when a safeguard last proved itself; coloured when that is too long ago.
func (s sheets) tested(g *isms.Safeguard) report.Cell {
	c := day(g.TestedOn)
	if g.TestEvery > 0 && g.TestedOn != "" && kind.DateOf(g.TestedOn.Time().AddDate(0, 0, g.TestEvery)) < s.today {
		c.Tone = report.High
		c.Text = report.Plain(shown(g.TestedOn) + ", too long ago")
	}
	return c
}

// sheet is one page about one safeguard.
func (s sheets) sheet(i int, g *isms.Safeguard) []report.Block {
	var blocks []report.Block
	if i == 0 {
		blocks = append(blocks, report.PageBreak{}, h1("The sheets"))
	}
	blocks = append(blocks, report.Heading{Level: 2, Text: g.Title, ID: anchor(g)})
	blocks = append(blocks, markdown(g.Description, 4)...)
	var principles []string
	for _, p := range isms.Principle("").Choices() {
		if contains(g.Principles, p.Value) {
			principles = append(principles, p.Label)
		}
	}
	facts := [][2]string{
		{"State", word(g.Status)}, {"Operates since", shown(g.OperatingSince)}, {"Owner", s.person(g.OwnerID)}, {"Acts", word(g.Function)}, {"Means", word(g.Means)}, {"Serves", strings.Join(principles, "; ")},
		{"Cost of a year", s.span(g.AnnualCost)}, {"Prevents", effect(g.OnFrequency, "of the events")}, {"Saves", effect(g.OnLoss, "of a loss")},
		{"Protects", listed(s.protects[g.ID])}, {"Fulfils", listed(s.fulfils[g.ID])}, {"Answers risks", listed(s.risksOf(g))},
		{"Meets", s.requirements(g)}, {"References", strings.Join(g.References, ", ")}, {"How it is tested", plain(g.HowTested)}, {"Last tested", s.tested(g).Text.String()}, {"Checks", strings.Join(g.Checks, ", ")},
	}
	d := report.Definitions{}
	for _, f := range facts {
		if f[1] != "" && f[1] != "–" {
			d.Items = append(d.Items, report.Definition{Term: f[0], Text: report.Plain(f[1])})
		}
	}
	return append(append(blocks, d), s.evidence(g)...)
}

func effect(r kind.Range, of string) string {
	switch {
	case r.IsZero():
		return ""
	case r.Low == r.High:
		return chart.Percent(r.Low) + " " + of
	}
	return chart.Percent(r.Low) + " to " + chart.Percent(r.High) + " " + of
}

func (s sheets) risksOf(g *isms.Safeguard) []string {
	var out []string
	for _, t := range s.treats {
		if t.SafeguardID == g.ID && counts(t) && s.risks[t.RiskID] != "" {
			out = append(out, s.risks[t.RiskID])
		}
	}
	return distinct(out)
}

func (s sheets) requirements(g *isms.Safeguard) string {
	var out []string
	for _, r := range s.meets[g.ID] {
		req := r.(*isms.Requirement)
		out = append(out, strings.TrimSpace(req.Code+" "+strings.TrimPrefix(req.Title, req.Code)))
	}
	return listed(out)
}

// evidence lists what proves the safeguard, and whether it still does.
func (s sheets) evidence(g *isms.Safeguard) []report.Block {
	t := report.Table{Caption: "Evidence for " + g.Title, Columns: []report.Column{{Name: "Evidence", Width: 0.46}, {Name: "Source", Width: 0.14}, {Name: "Seen", Width: 0.16}, {Name: "Holds until", Width: 0.24}}}
	for _, r := range s.proofs[g.ID] {
		e := r.(*isms.Evidence)
		until := s.due(e.ValidUntil)
		if e.ValidUntil != "" && e.ValidUntil < s.today {
			until.Text = report.Plain("aged on " + shown(e.ValidUntil))
		}
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(e.Title), state(e.Source), day(kind.DateOf(e.At)), until}})
	}
	if len(t.Rows) == 0 {
		return []report.Block{para("*Nothing has been recorded that proves it.*")}
	}
	return []report.Block{t}
}

package paper

import (
	"fmt"
	"strings"

	"holdfast/flow"
	"holdfast/isms"
	"holdfast/report"
	"holdfast/report/chart"
)

// roadmapPaper is the way to a working ISMS: what is done, what is next, and when it
// ends at the pace of today.
func roadmapPaper(m *maker) report.Document {
	r, err := m.flow.Roadmap(m.ctx)
	if err != nil {
		m.err = err
		return report.Document{}
	}
	p := roadmap{maker: m, road: r}
	m.note(isms.Milestones.Plural, len(p.milestones()))
	status := "Under way"
	if r.Next == nil {
		status = "Every step is done"
	}
	var props []report.Property
	for _, t := range r.Tracks {
		props = append(props, report.Property{Name: t.Title, Value: fmt.Sprintf("%d of %d steps done", t.Done, len(t.Steps))})
	}
	doc := m.document("Roadmap", "The steps to a working ISMS, with dates", status, props...)
	doc.Blocks = append(doc.Blocks, p.overview()...)
	doc.Blocks = append(doc.Blocks, p.timeline()...)
	for _, t := range r.Tracks {
		doc.Blocks = append(doc.Blocks, p.track(t)...)
	}
	how := []report.Block{para("Each step has a definition of done that is counted from the records: how many of how many are as they should be. A step is done only when each of its parts is.")}
	if r.Pace != nil {
		how = append(how, report.Why{Figure: "When the last milestone is reached: " + shown(r.Pace.Ends), Formula: r.Pace.Formula, Inputs: []report.Input{
			{Name: "Hours a week planned", Value: chart.Compact(r.Pace.Planned), Source: "efforts and dates of the milestones"}, {Name: "Hours of work done", Value: chart.Compact(r.Pace.Done), Source: "progress of the milestones"},
			{Name: "Weeks since the start", Value: chart.Compact(r.Pace.Weeks), Source: "journal"}, {Name: "Hours left", Value: chart.Compact(r.Pace.Left), Source: "efforts and progress of the milestones"}}})
	}
	doc.Blocks = append(doc.Blocks, m.method(how...)...)
	return doc
}

// roadmap is the paper in the making.
type roadmap struct {
	*maker
	road *flow.Roadmap
}

// milestones are those of the steps, then the others.
func (p roadmap) milestones() []flow.Milestone {
	var list []flow.Milestone
	for _, t := range p.road.Tracks {
		for _, s := range t.Steps {
			if s.Milestone != nil {
				list = append(list, *s.Milestone)
			}
		}
	}
	return append(list, p.road.Extra...)
}

func (p roadmap) overview() []report.Block {
	blocks := []report.Block{h1("At a glance")}
	figures := report.KeyFigures{}
	for _, t := range p.road.Tracks {
		figures.Items = append(figures.Items, report.KeyFigure{Value: chart.Percent(t.Progress), Label: t.Title, Note: fmt.Sprintf("%d of %d steps done", t.Done, len(t.Steps))})
	}
	if pace := p.road.Pace; pace != nil {
		figures.Items = append(figures.Items, report.KeyFigure{Value: shown(pace.Ends), Label: "The end, at the pace of today", Note: chart.Compact(pace.Hours) + " hours a week"})
	}
	blocks = append(blocks, figures)
	if n := p.road.Next; n != nil {
		inner := []report.Block{para("%s", n.Why)}
		if n.Next != nil {
			inner = append(inner, para("**%s**", n.Next.Text))
		}
		blocks = append(blocks, report.Callout{Title: fmt.Sprintf("Next: %d  %s", n.Number, n.Title), Blocks: inner})
	}
	return blocks
}

func (p roadmap) timeline() []report.Block {
	tl := chart.Timeline{Title: "Milestones", Today: p.day()}
	t := report.Table{Caption: "Milestones", Columns: []report.Column{{Name: "Milestone", Width: 0.36}, {Name: "Owner", Width: 0.18}, {Name: "Planned", Width: 0.14}, {Name: "Expected", Width: 0.18}, {Name: "State", Width: 0.14}}}
	for _, m := range p.milestones() {
		if m.Status == "dropped" {
			continue
		}
		if m.Due != "" && len(tl.Milestones) < 14 {
			tl.Milestones = append(tl.Milestones, chart.Milestone{Name: m.Title, At: m.Due.Time(), Done: m.Status == "reached"})
		}
		expected := day(m.Expected)
		if m.Status == "reached" {
			expected = day(m.ReachedOn)
		} else if m.Slips() {
			expected.Tone = report.High
		}
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(m.Title), cell(dash(m.Owner)), day(m.Due), expected, state(m.Status)}})
	}
	if len(t.Rows) == 0 {
		return []report.Block{h1("Milestones"), para("Nothing is planned yet: no milestone has a date.")}
	}
	blocks := []report.Block{h1("Milestones")}
	if len(tl.Milestones) > 0 {
		blocks = append(blocks, report.Figure{Chart: tl, Caption: "The milestones of the roadmap"})
	}
	return append(blocks, t)
}

// track is the steps of one track with what is counted in each.
func (p roadmap) track(t flow.Track) []report.Block {
	bars := chart.Bars{Title: t.Title, Format: chart.Percent, Parts: []chart.Part{{Name: "Done"}}}
	blocks := []report.Block{report.PageBreak{}, h1(t.Title), para("%s", t.Doc)}
	table := report.Table{Caption: "What counts in each step: " + t.Title, Columns: []report.Column{{Name: "What", Width: 0.34}, {Name: "There", Width: 0.12, Align: report.Right}, {Name: "State", Width: 0.12}, {Name: "What to do", Width: 0.42}}}
	for _, s := range t.Steps {
		name := fmt.Sprintf("%d  %s", s.Number, s.Title)
		bars.Rows = append(bars.Rows, chart.Row{Name: name, Values: []float64{s.Progress}})
		table.Rows = append(table.Rows, report.Row{Group: true, Cells: []report.Cell{cell(name + ": " + chart.Percent(s.Progress))}})
		for _, part := range s.Parts {
			table.Rows = append(table.Rows, p.part(part))
		}
	}
	return append(blocks, report.Figure{Chart: bars, Caption: "How much of each step is there"}, table)
}

func (p roadmap) part(part flow.Part) report.Row {
	there := fmt.Sprintf("%d of %d", part.Have, part.Want)
	if part.Want == 0 {
		there = "–"
	}
	if part.Done() {
		return report.Row{Cells: []report.Cell{cell(part.Name), cell(there), toned("done", report.Low), cell("–")}}
	}
	var lacks []string
	for _, l := range part.Lacks {
		lacks = append(lacks, l.Title)
	}
	todo := part.Next.Text
	if len(lacks) > 0 {
		todo += " (" + strings.Join(lacks, "; ")
		if part.More > 0 {
			todo += fmt.Sprintf("; and %d more", part.More)
		}
		todo += ")"
	}
	return report.Row{Cells: []report.Cell{cell(part.Name), cell(there), toned("open", report.Medium), cell(dash(todo))}}
}

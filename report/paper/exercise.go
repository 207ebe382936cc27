package paper

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
)

// exerciseReport tells of the last exercise that was held: what was played, what was
// expected and done, how long recovery took, and what changes.
func exerciseReport(m *maker) report.Document {
	held := all[isms.Exercise](m, isms.Exercises, kind.Query{Sort: "-at"}.Where("status", "done"))
	if m.err != nil {
		return report.Document{}
	}
	if len(held) == 0 {
		doc := m.document("Exercise report", "What was played, and what it showed", "Nothing was played yet")
		doc.Blocks = append(doc.Blocks, h1("Nothing was played yet"), para("A crisis that was played once is half as long. Make an exercise of your own risks, play it, and this report writes itself."))
		return doc
	}
	return exercisePaperOf(m, held[0].ID, held)
}

// Exercise is the report on one exercise; one that is still to come has its story and
// what is expected, and no score. Like all papers it is for whoever may read its records.
func (d Desk) Exercise(ctx context.Context, idOrKey string) (report.Document, error) {
	return d.make(ctx, func(m *maker) report.Document {
		held := all[isms.Exercise](m, isms.Exercises, kind.Query{Sort: "-at"}.Where("status", "done"))
		if m.err != nil {
			return report.Document{}
		}
		return exercisePaperOf(m, idOrKey, held)
	})
}

func exercisePaperOf(m *maker, idOrKey string, held []*isms.Exercise) report.Document {
	room, err := m.response.ExerciseRoom(m.ctx, idOrKey)
	if err != nil {
		m.err = err
		return report.Document{}
	}
	p := exercisePaper{maker: m, room: room}
	m.note(isms.Exercises.Plural, len(held))
	m.note(isms.ExerciseInjects.Plural, len(room.Injects))
	m.note(isms.CorrectiveActions.Plural, len(room.Follows))
	e := room.Exercise
	when := "Planned for "
	if p.held() {
		when = "Held on "
	}
	doc := m.document("Exercise report", e.Title, when+shown(kind.DateOf(e.At)), p.properties()...)
	for _, part := range [][]report.Block{p.overview(), p.news(), p.follows(), p.before(held)} {
		doc.Blocks = append(doc.Blocks, part...)
	}
	doc.Blocks = append(doc.Blocks, m.method(
		para("Each piece of news has points that a prepared team fulfils. The score of an answer is the share of the points that were met, three quarters of it when it came later than allowed; what nobody answered counts as nothing, what was not told does not count. The score of the exercise is the mean."),
		para("A recovery at a table is what the players believe. Only exercises on real systems are written into the recovery targets."))...)
	return doc
}

type exercisePaper struct {
	*maker
	room *response.ExerciseRoom
}

func (p exercisePaper) properties() []report.Property {
	e := p.room.Exercise
	list := []report.Property{{Name: "Kind", Value: kind.Humanise(string(e.Type))}, {Name: "Moderator", Value: dash(p.room.Lead)}}
	if p.room.Playbook != "" {
		list = append(list, report.Property{Name: "Playbook", Value: p.room.Playbook})
	}
	if p.room.Plan != "" {
		list = append(list, report.Property{Name: "Plan", Value: p.room.Plan})
	}
	return list
}

func (p exercisePaper) overview() []report.Block {
	e := p.room.Exercise
	var figures report.KeyFigures
	if p.held() {
		figures.Items = append(figures.Items, report.KeyFigure{Value: fmt.Sprintf("%d %%", e.Score), Label: "Score"}, report.KeyFigure{Value: fmt.Sprint(len(p.room.Follows)), Label: "Corrective actions"})
	} else {
		figures.Items = append(figures.Items, report.KeyFigure{Value: fmt.Sprint(len(p.room.Injects)), Label: "Pieces of news"})
	}
	if e.Recovery > 0 {
		note := "no target is set"
		if e.TargetHours > 0 {
			note = fmt.Sprintf("aimed at %g hours", e.TargetHours)
		}
		figures.Items = append(figures.Items, report.KeyFigure{Value: fmt.Sprintf("%g h", e.Recovery), Label: "Until work went on", Note: note})
	}
	if e.NextOn != "" {
		figures.Items = append(figures.Items, report.KeyFigure{Value: shown(e.NextOn), Label: "Next exercise"})
	}
	blocks := []report.Block{h1("At a glance"), figures}
	if len(e.Participants) > 0 {
		blocks = append(blocks, report.Definitions{Items: []report.Definition{{Term: "Took part", Text: report.Plain(strings.Join(e.Participants, ", "))}}})
	}
	for _, part := range []struct {
		title string
		text  kind.Markdown
	}{{"The story", e.Scenario}, {"What it should show", e.Goals}, {"What worked, and what did not", e.Result}} {
		if text := markdown(part.text, 3); text != nil {
			blocks = append(append(blocks, h2(part.title)), text...)
		}
	}
	return blocks
}

// held tells whether the exercise was played.
func (p exercisePaper) held() bool {
	return p.room.Exercise.Status == "done" || p.room.Exercise.Status == "evaluating"
}

// script is the news of an exercise that is still to come, for the moderator.
func (p exercisePaper) script() []report.Block {
	t := report.Table{Caption: "News, and what is expected", Columns: []report.Column{{Name: "Min.", Width: 0.08, Align: report.Right}, {Name: "News", Width: 0.46}, {Name: "Expected", Width: 0.46}}}
	for _, i := range p.room.Injects {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(fmt.Sprint(i.Minute)), cell(plainText(i.News)), cell(strings.Join(response.Criteria(i), "\n"))}})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return []report.Block{h1("News"), para("Only the moderator reads this: it says what is expected."), t}
}

func (p exercisePaper) news() []report.Block {
	if !p.held() {
		return p.script()
	}
	t := report.Table{Caption: "News, what was expected, and what was done", Columns: []report.Column{{Name: "Min.", Width: 0.08, Align: report.Right}, {Name: "News", Width: 0.29}, {Name: "Expected", Width: 0.29}, {Name: "Done", Width: 0.23}, {Name: "Score", Width: 0.11, Align: report.Right}}}
	for _, i := range p.room.Injects {
		if i.Status == "skipped" {
			continue
		}
		var expected []string
		for _, c := range response.Criteria(i) {
			mark := "✗ "
			if slices.Contains(i.Met, c) {
				mark = "✓ "
			}
			expected = append(expected, mark+c)
		}
		tone := report.Low
		switch {
		case i.Score < 60:
			tone = report.High
		case i.Score < 80:
			tone = report.Medium
		}
		done := string(i.Answer)
		if i.Status == "missed" {
			done = "Nothing in time"
		}
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(fmt.Sprint(i.Minute)), cell(plainText(i.News)), cell(strings.Join(expected, "\n")), cell(dash(done)), toned(fmt.Sprintf("%d %%", i.Score), tone)}})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return []report.Block{h1("News and answers"), t}
}

// plainText is a text on one line.
func plainText(text kind.Markdown) string { return strings.Join(strings.Fields(string(text)), " ") }

func (p exercisePaper) follows() []report.Block {
	if !p.held() {
		return nil
	}
	blocks := []report.Block{h1("What changes")}
	if len(p.room.Follows) == 0 {
		return append(blocks, para("Nothing: everything that was expected was done."))
	}
	owners := p.titled(isms.People, ownersOf(p.room.Follows))
	t := report.Table{Caption: "Corrective actions", Columns: []report.Column{{Name: "What", Width: 0.5}, {Name: "Owner", Width: 0.2}, {Name: "Due", Width: 0.15}, {Name: "State", Width: 0.15}}}
	for _, c := range p.room.Follows {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(c.Title), cell(dash(owners[c.OwnerID])), day(c.Due), state(c.Status)}})
	}
	return append(blocks, t)
}

func ownersOf(list []*isms.CorrectiveAction) []string {
	var out []string
	for _, c := range list {
		out = append(out, c.OwnerID)
	}
	return out
}

// before compares with the exercises that came before.
func (p exercisePaper) before(held []*isms.Exercise) []report.Block {
	if len(held) < 2 {
		return nil
	}
	t := report.Table{Caption: "Exercises so far", Columns: []report.Column{{Name: "Exercise", Width: 0.4}, {Name: "Held", Width: 0.18}, {Name: "Score", Width: 0.12, Align: report.Right}, {Name: "Recovery", Width: 0.15, Align: report.Right}, {Name: "Target", Width: 0.15, Align: report.Right}}}
	for _, e := range held {
		hours := func(h float64) report.Cell {
			if h == 0 {
				return cell("–")
			}
			return cell(fmt.Sprintf("%g h", h))
		}
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(e.Title), day(kind.DateOf(e.At)), cell(fmt.Sprintf("%d %%", e.Score)), hours(e.Recovery), hours(e.TargetHours)}})
	}
	return []report.Block{h1("Exercises so far"), t}
}

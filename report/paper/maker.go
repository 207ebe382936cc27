package paper

import (
	"context"
	"fmt"
	"strings"
	"time"

	"holdfast/app"
	"holdfast/flow"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/journal"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/chart"
	"holdfast/store"
)

// A maker gathers what a paper is made of, and remembers from where. It stops at
// the first error: from then on it answers with nothing.
type maker struct {
	organisation
	ctx      context.Context
	app      *app.App
	flow     *flow.Flow
	response *response.Flow
	head     journal.Head
	today    kind.Date
	people   map[string]string
	read     []source
	err      error
}

// A source is what was read for a paper.
type source struct {
	what  string
	count int
}

func (d Desk) maker(ctx context.Context) (*maker, error) {
	m := &maker{ctx: ctx, app: d.App, flow: d.Flow, response: d.Response}
	var err error
	if m.organisation, err = whose(ctx, d.App); err != nil {
		return nil, err
	}
	if err := d.dress(&m.organisation); err != nil {
		return nil, err
	}
	m.today = kind.DateOf(d.App.Now().In(m.zone))
	err = d.App.View(ctx, func(tx *store.Tx) (err error) {
		m.head, err = tx.Head()
		return err
	})
	if err != nil {
		return nil, err
	}
	m.people = names(m, isms.People)
	return m, m.err
}

// all reads every record of a kind that matches and notes that it was read.
func all[T any](m *maker, k *kind.Kind, q kind.Query) []*T {
	if m.err != nil {
		return nil
	}
	var list []*T
	list, m.err = app.Of[T](m.app, k).All(m.ctx, q)
	m.note(k.Plural, len(list))
	return list
}

// note that so many of something were read; the same thing is noted once.
func (m *maker) note(what string, n int) {
	what = kind.Humanise(what)
	for i, s := range m.read {
		if s.what == what {
			m.read[i].count = max(s.count, n)
			return
		}
	}
	m.read = append(m.read, source{what, n})
}

// names are the titles of all records of a kind by id.
func names(m *maker, k *kind.Kind) map[string]string {
	out := map[string]string{}
	if m.err == nil {
		m.err = m.app.All(m.ctx, k, kind.Query{}, func(r kind.Record) error {
			out[r.GetBase().ID] = r.GetBase().Title
			return nil
		})
	}
	return out
}

// titled are the titles of some records by id.
func (m *maker) titled(k *kind.Kind, ids []string) map[string]string {
	if m.err != nil {
		return nil
	}
	var out map[string]string
	out, m.err = titles(m.ctx, m.app, k, ids)
	return out
}

// linked are the titles at the far end of a relation, by the id at the near end.
func (m *maker) linked(k *kind.Kind, relation string, ids []string) map[string][]string {
	far := m.linkedRecords(k, relation, ids)
	out := map[string][]string{}
	for id, list := range far {
		for _, r := range list {
			out[id] = append(out[id], r.GetBase().Title)
		}
	}
	return out
}

// linkedRecords are the records at the far end of a relation that may be read.
func (m *maker) linkedRecords(k *kind.Kind, relation string, ids []string) map[string][]kind.Record {
	if m.err != nil || len(ids) == 0 {
		return nil
	}
	rel, err := m.app.Relation(k, relation)
	if err != nil {
		m.err = err
		return nil
	}
	far, err := m.app.LinkedIDs(m.ctx, rel, ids)
	if err != nil {
		m.err = err
		return nil
	}
	var wanted []string
	for _, id := range ids {
		wanted = append(wanted, far[id]...)
	}
	found, err := m.app.Many(m.ctx, rel.Other, distinct(wanted))
	if err != nil {
		m.err = err
		return nil
	}
	out := map[string][]kind.Record{}
	for _, id := range ids {
		for _, to := range far[id] {
			if r := found[to]; r != nil {
				out[id] = append(out[id], r)
			}
		}
		byTitle(out[id])
	}
	return out
}

// document is the frame of a paper: whose it is, of which state, of which day.
func (m *maker) document(title, subtitle, status string, properties ...report.Property) report.Document {
	return report.Document{
		Title: title, Subtitle: subtitle, Organisation: m.name, Lang: m.lang, Brand: m.brand,
		Version: fmt.Sprintf("journal entry %d", m.head.Seq), Date: m.day(), Classification: m.classification, Status: status,
		Properties: properties, Blocks: []report.Block{report.Toc{}, report.PageBreak{}},
	}
}

// day is the start of the day on which the paper is made, so that the same records
// give the same bytes on the same day.
func (m *maker) day() time.Time { return m.today.Time() }

// method ends a paper: how it was made and of what.
func (m *maker) method(how ...report.Block) []report.Block {
	blocks := append([]report.Block{h1("Method and sources")}, how...)
	t := report.Table{Caption: "The records this paper was made of", Columns: []report.Column{{Name: "Records", Width: 0.7}, {Name: "Read", Width: 0.3, Align: report.Right}}}
	for _, s := range m.read {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(s.what), number(s.count)}})
	}
	if len(t.Rows) > 0 {
		blocks = append(blocks, t)
	}
	return append(blocks, m.traced())
}

// traced says of which state of the records a paper was made, so that it can be
// proved later.
func (m *maker) traced() report.Block {
	text := "Nothing has been recorded yet."
	if m.head.Seq > 0 {
		text = fmt.Sprintf("State of the records: entry %d of the journal, of %s, with the hash `%s`. With this hash anybody can prove later that the records stood like this.", m.head.Seq, m.when(m.head.At), m.head.Hash)
	}
	return report.Paragraph{Text: report.Rich(text)}
}

// when is a time as people of the organisation read it.
func (m *maker) when(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(m.zone).Format("2 January 2006, 15:04")
}

func (m *maker) person(id string) string { return dash(m.people[id]) }

// due is a day as a cell: coloured when it has passed.
func (m *maker) due(d kind.Date) report.Cell {
	c := day(d)
	if d != "" && d < m.today {
		c.Tone = report.High
		c.Text = report.Plain(shown(d) + ", overdue")
	}
	return c
}

func (m *maker) moneyCell(v kind.Money) report.Cell {
	return report.Cell{Text: report.Plain(m.amount(v)), Value: report.Amount{Value: v.Float(), Currency: m.currency}}
}

func (m *maker) figure(v float64) report.Cell {
	return report.Cell{Text: report.Plain(m.money(v)), Value: report.Amount{Value: v, Currency: m.currency}}
}

// span of money as people write it.
func (m *maker) span(r kind.Range) string {
	switch {
	case r.IsZero():
		return "–"
	case r.Low == r.High:
		return m.money(r.Low)
	}
	return m.money(r.Low) + " to " + m.money(r.High)
}

// day is a cell with a day in it.
func day(d kind.Date) report.Cell {
	if d == "" {
		return cell("–")
	}
	return report.Cell{Text: report.Plain(shown(d)), Value: report.Day{Time: d.Time()}}
}

func shown(d kind.Date) string {
	if d == "" {
		return "–"
	}
	return d.Time().Format("2 Jan 2006")
}

func number(n int) report.Cell {
	return report.Cell{Text: report.Plain(fmt.Sprint(n)), Value: report.Number(n)}
}

// share is a part of the whole as a cell.
func share(v float64) report.Cell {
	return report.Cell{Text: report.Plain(chart.Percent(v)), Value: report.Share(v)}
}

// word is what a value of a closed list is called.
func word[T interface {
	~string
	kind.Chooser
}](v T) string {
	for _, c := range v.Choices() {
		if c.Value == string(v) && c.Label != "" {
			return c.Label
		}
	}
	return kind.Humanise(string(v))
}

// state is a value of a closed list as a cell, in the colour of its meaning.
func state[T interface {
	~string
	kind.Chooser
}](v T) report.Cell {
	c := cell(dash(word(v)))
	for _, choice := range v.Choices() {
		if choice.Value == string(v) {
			c.Tone = tones[choice.Tone]
		}
	}
	return c
}

// tones of the closed lists as those of the page.
var tones = map[string]report.Tone{"critical": report.Critical, "high": report.High, "medium": report.Medium, "low": report.Low,
	"good": report.Low, "warn": report.Medium, "info": report.Accent, "muted": report.Faint}

// grade is a level of 1 to 5 as a cell.
func grade(l kind.Level) report.Cell {
	if l == 0 {
		return cell("–")
	}
	return report.Cell{Text: report.Plain(fmt.Sprintf("%d  %s", int(l), l))}
}

// markdown is a text of a record as blocks, below headings of the level; nothing
// when it is empty or too long to be one.
func markdown(text kind.Markdown, level int) []report.Block {
	if strings.TrimSpace(string(text)) == "" {
		return nil
	}
	blocks, err := report.Markdown(string(text), level)
	if err != nil {
		return []report.Block{para("%s", err)}
	}
	return blocks
}

// told is a text under a label, when there is one.
func told(label string, text kind.Markdown) []report.Block {
	blocks := markdown(text, 4)
	if blocks == nil {
		return nil
	}
	return append([]report.Block{report.Heading{Level: 3, Text: label}}, blocks...)
}

// plain is a text of a record on one line, for cells.
func plain(text kind.Markdown) string { return report.Rich(string(text)).String() }

// listed joins names for a cell.
func listed(names []string) string { return dash(strings.Join(names, "; ")) }

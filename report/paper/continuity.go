package paper

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/report"
	"holdfast/report/chart"
)

// securityPlan is the system security management plan: disaster recovery, business
// continuity, communication and media in one document, with the figures of today.
func securityPlan(m *maker) report.Document {
	if m.err != nil {
		return report.Document{}
	}
	p, err := m.response.SecurityPlan(m.ctx)
	if err != nil {
		m.err = err
		return report.Document{}
	}
	c := continuity{maker: m, plan: p}
	m.note(isms.Plans.Plural, c.written())
	m.note(isms.CrisisContacts.Plural, len(p.Contacts))
	m.note(isms.ImpactAssessments.Plural, len(p.Impact.Lines))
	m.note(isms.Backups.Plural, len(p.Backups.Assets))
	doc := m.document("System security management plan", "How we answer, recover, go on working, and what we say", c.status(), c.properties()...)
	doc.Blocks[0] = report.Toc{Depth: 1}
	doc.Blocks = append(doc.Blocks, c.overview()...)
	for _, part := range p.Parts {
		doc.Blocks = append(doc.Blocks, c.part(part)...)
	}
	doc.Blocks = append(doc.Blocks, m.method(
		para("How complete a part is follows from its records: each fact counts how many of how many are as they should be, and a part is as complete as the mean of its facts. How soon something must be back is inherited along the dependencies of the assets: what others rest on must be back before them. A backup from which nobody ever restored counts as none."))...)
	return doc
}

// continuity is the plan in the making.
type continuity struct {
	*maker
	plan *response.SecurityPlan
}

func (c continuity) written() int {
	n := 0
	for _, part := range c.plan.Parts {
		if part.Plan != nil {
			n += 1 + len(part.Others)
		}
	}
	return n
}

// status is approved only when every plan is.
func (c continuity) status() string {
	approved, all := 0, 0
	for _, part := range c.plan.Parts {
		if part.Type == "contacts" {
			continue
		}
		all++
		if part.Plan != nil && (part.Plan.Status == "approved" || part.Plan.Status == "activated") {
			approved++
		}
	}
	if approved == all {
		return "Approved"
	}
	return fmt.Sprintf("%d of %d plans approved", approved, all)
}

func (c continuity) properties() []report.Property {
	props := []report.Property{{Name: "Complete", Value: chart.Percent(c.plan.Progress)}}
	for _, part := range c.plan.Parts {
		if p := part.Plan; p != nil {
			value := strings.TrimSpace(p.Number + " " + strings.ToLower(word(p.Status)))
			if p.ReviewBy != "" {
				value += ", review by " + shown(p.ReviewBy)
			}
			props = append(props, report.Property{Name: part.Title, Value: value})
		}
	}
	return props
}

func (c continuity) overview() []report.Block {
	bars := chart.Bars{Title: "How complete each part is", Format: chart.Percent, Parts: []chart.Part{{Name: "There"}}}
	for _, part := range c.plan.Parts {
		bars.Rows = append(bars.Rows, chart.Row{Name: part.Title, Values: []float64{part.Progress}})
	}
	blocks := []report.Block{h1("At a glance"),
		report.KeyFigures{Items: []report.KeyFigure{
			{Value: chart.Percent(c.plan.Progress), Label: "of the plan is there"},
			{Value: fmt.Sprint(c.plan.Impact.Conflicts), Label: "assets whose promises and needs part"},
			{Value: fmt.Sprint(c.plan.Backups.Bad), Label: "assets without a backup that counts"},
			{Value: fmt.Sprint(len(c.plan.Contacts)), Label: "crisis contacts"},
		}},
		report.Figure{Chart: bars, Caption: "How complete each part is, counted from the records"}}
	if n := c.plan.Next; n != nil {
		blocks = append(blocks, report.Callout{Title: "To do first", Blocks: []report.Block{para("%s.", strings.TrimSuffix(n.Text, "."))}})
	}
	return blocks
}

// part is one of the plans, with the live tables that belong to it.
func (c continuity) part(part response.PlanPart) []report.Block {
	blocks := []report.Block{report.PageBreak{}, h1(part.Title)}
	if part.Type == "contacts" {
		return append(append(blocks, c.contacts()...), c.missing(part)...)
	}
	if part.Plan == nil {
		return append(blocks, para("This plan is not written yet."))
	}
	blocks = append(blocks, c.who(part.Plan))
	for _, t := range []struct {
		label string
		text  isms.Markdown
	}{{"When it is activated", part.Plan.Activation}, {"What it covers", part.Plan.Scope}, {"What is done", part.Plan.Body}, {"How work goes on by hand", part.Plan.Workaround}} {
		blocks = append(blocks, section(t.label, t.text)...)
	}
	switch part.Type {
	case "recovery":
		blocks = append(append(blocks, c.order()...), c.backups()...)
	case "continuity":
		blocks = append(blocks, c.impact()...)
	case "communication", "media":
		blocks = append(blocks, c.messages(part)...)
	}
	blocks = append(blocks, section("When normal work begins again", part.Plan.StandDown)...)
	return append(blocks, c.missing(part)...)
}

// section is a text under a heading, when there is one.
func section(label string, text isms.Markdown) []report.Block {
	blocks := markdown(text, 4)
	if blocks == nil {
		return nil
	}
	return append([]report.Block{h2(label)}, blocks...)
}

func (c continuity) who(p *isms.Plan) report.Block {
	t := report.Table{Caption: "Who leads, and where the plan stands", Columns: []report.Column{{Name: "What", Width: 0.3}, {Name: "Who or when", Width: 0.7}}}
	row := func(name string, value report.Cell) {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(name), value}})
	}
	row("Lead", cell(c.withPhone(p.LeadID)))
	row("Deputy", cell(c.withPhone(p.DeputyID)))
	row("Owner of the plan", cell(c.person(p.OwnerID)))
	row("State", state(p.Status))
	row("Approved", cell(c.approved(p)))
	row("Next review", c.due(p.ReviewBy))
	row("Last tried", day(p.TestedOn))
	row("People meet", cell(dash(p.MeetingAt)))
	row("Copy without our systems", cell(dash(p.Offline)))
	return t
}

func (c continuity) withPhone(id string) string {
	if phone := c.plan.Phone(id); phone != "" {
		return c.person(id) + ", " + phone
	}
	return c.person(id)
}

func (c continuity) approved(p *isms.Plan) string {
	if p.ApprovedAt.IsZero() {
		return "–"
	}
	return c.person(p.ApprovedBy) + ", " + c.when(p.ApprovedAt)
}

// hoursOf is a time of the plan; a dash for none.
func hoursOf(h float64) string {
	switch {
	case h <= 0:
		return "–"
	case h < 1:
		return fmt.Sprintf("%.0f min", h*60)
	case h >= 48:
		return strings.TrimSuffix(fmt.Sprintf("%.1f", h/24), ".0") + " d"
	}
	return strings.TrimSuffix(fmt.Sprintf("%.1f", h), ".0") + " h"
}

func (c continuity) order() []report.Block {
	t := report.Table{Caption: "The order of recovery", Columns: []report.Column{{Name: "Asset", Width: 0.28}, {Name: "Needed", Width: 0.1, Align: report.Right}, {Name: "Able", Width: 0.1, Align: report.Right}, {Name: "Why, and what parts the two", Width: 0.52}}}
	for _, w := range c.plan.Impact.Waves {
		t.Rows = append(t.Rows, report.Row{Group: true, Cells: []report.Cell{cell(fmt.Sprintf("Step %d", w.Number))}})
		for _, r := range w.Assets {
			text := r.Need.Why
			for _, g := range r.Gaps {
				if g.Kind != response.GapData && g.Kind != response.GapCopy {
					text = g.Text
					break
				}
			}
			able := cell(hoursOf(r.Able))
			if r.Able > r.Need.Hours && r.Need.Hours > 0 {
				able.Tone = report.High
			}
			t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(r.Record.Title), cell(hoursOf(r.Need.Hours)), able, cell(dash(text))}})
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	blocks := []report.Block{h2("The order of recovery"), para("What stands in one step can be restored at the same time, after everything in the steps before it."), t}
	for _, cycle := range c.plan.Impact.Cycles {
		var names []string
		for _, n := range cycle {
			names = append(names, n.Title)
		}
		blocks = append(blocks, report.Callout{Title: "They wait for each other", Tone: report.High, Blocks: []report.Block{para("%s need each other. Decide which one starts without the others, and write down how.", strings.Join(names, ", "))}})
	}
	return blocks
}

var healthTone = map[isms.Health]report.Tone{isms.HealthBad: report.Critical, isms.HealthWatch: report.Medium, isms.HealthGood: report.Low}

func (c continuity) backups() []report.Block {
	t := report.Table{Caption: "What we restore from", Columns: []report.Column{{Name: "Asset", Width: 0.24}, {Name: "State", Width: 0.12}, {Name: "Last proved", Width: 0.16}, {Name: "Where the copies lie, and the key", Width: 0.48}}}
	for _, l := range c.plan.Backups.Assets {
		var where []string
		for _, b := range l.Backups {
			text := dash(b.Place)
			if b.KeyPlace != "" {
				text += " (key: " + b.KeyPlace + ")"
			}
			where = append(where, text)
		}
		proved := cell("never")
		if !l.LastVerified.IsZero() {
			proved = cell(l.LastVerified.In(c.zone).Format("2 Jan 2006"))
		}
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(l.Record.Title), toned(healthWord[l.Health], healthTone[l.Health]), proved, cell(listed(where))}})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	blocks := []report.Block{h2("What we restore from"), t}
	for _, l := range c.plan.Backups.Assets {
		for _, b := range l.Backups {
			if steps := markdown(b.Restore, 4); steps != nil && b.Restore != "" {
				blocks = append(append(blocks, report.Heading{Level: 3, Text: "How to restore " + l.Record.Title}), steps...)
			}
		}
	}
	return blocks
}

var healthWord = map[isms.Health]string{isms.HealthBad: "does not count", isms.HealthWatch: "to be mended", isms.HealthGood: "good"}

func (c continuity) impact() []report.Block {
	cols := []report.Column{{Name: "Process", Width: 0.3}, {Name: "Back in", Width: 0.1, Align: report.Right}, {Name: "Unbearable", Width: 0.1, Align: report.Right}}
	for _, o := range response.Outages {
		cols = append(cols, report.Column{Name: o.Label, Width: 0.1, Align: report.Right})
	}
	t := report.Table{Caption: "What an outage costs", Columns: cols}
	for _, l := range c.plan.Impact.Lines {
		r := report.Row{Cells: []report.Cell{cell(l.Record.Title), cell(hoursOf(l.RTO)), cell(hoursOf(l.MTPD))}}
		for _, at := range l.Losses {
			f := c.figure(at.Mean)
			if at.Unbearable {
				f.Tone = report.Critical
			}
			r.Cells = append(r.Cells, f)
		}
		t.Rows = append(t.Rows, r)
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return []report.Block{h2("What an outage costs"), para("All in all since the beginning, the mean of what was entered. A coloured figure lies beyond the longest outage that can be borne."), t}
}

func (c continuity) messages(part response.PlanPart) []report.Block {
	t := report.Table{Caption: "Who is told: " + part.Title, Columns: []report.Column{{Name: "Who", Width: 0.24}, {Name: "Within", Width: 0.1, Align: report.Right}, {Name: "By whom", Width: 0.2}, {Name: "How", Width: 0.32}, {Name: "Words", Width: 0.14}}}
	var texts []report.Block
	for _, m := range part.Messages {
		who := word(m.Audience)
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(who), cell(hoursOf(m.WithinHours)), cell(c.person(m.SpeakerID)), cell(dash(m.Channel)), state(m.Status)}})
		if m.Statement == "" {
			continue
		}
		inner := markdown(m.Statement, 4)
		if m.Repeat != "" {
			inner = append(inner, para("Again: %s.", strings.TrimSuffix(m.Repeat, ".")))
		}
		if m.Never != "" {
			inner = append(inner, para("**Never:** %s", plain(m.Never)))
		}
		title := "To " + strings.ToLower(who[:1]) + who[1:]
		if m.Status != isms.MessageApproved {
			title += " (draft, not to be used)"
		}
		texts = append(texts, report.Callout{Title: title, Blocks: inner})
	}
	if len(t.Rows) == 0 {
		return []report.Block{h2("Who is told"), para("Nothing is prepared yet.")}
	}
	return append([]report.Block{h2("Who is told"), t, h2("Holding statements")}, texts...)
}

func (c continuity) contacts() []report.Block {
	t := report.Table{Caption: "Crisis contacts", Columns: []report.Column{{Name: "For what", Width: 0.24}, {Name: "Who", Width: 0.22}, {Name: "Telephone", Width: 0.18}, {Name: "Other way", Width: 0.2}, {Name: "Tried", Width: 0.16}}}
	vendors := c.vendors()
	for _, x := range c.plan.Contacts {
		who := slices.DeleteFunc([]string{c.plan.Person(x.PersonID), cmp.Or(x.Organisation, vendors[x.VendorID])}, func(s string) bool { return s == "" })
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(x.Role), cell(listed(who)), cell(dash(x.Telephone)), cell(dash(strings.TrimSpace(x.Alternative + " " + x.Mail))), day(x.CheckedOn)}})
	}
	if len(t.Rows) == 0 {
		return []report.Block{para("Nobody is named yet.")}
	}
	return []report.Block{t}
}

// vendors are the names of the suppliers among the contacts.
func (c continuity) vendors() map[string]string {
	var ids []string
	for _, x := range c.plan.Contacts {
		ids = append(ids, x.VendorID)
	}
	return c.titled(isms.Vendors, ids)
}

// missing is what still lacks in a part.
func (c continuity) missing(part response.PlanPart) []report.Block {
	t := report.Table{Caption: "What is missing: " + part.Title, Columns: []report.Column{{Name: "What", Width: 0.32}, {Name: "There", Width: 0.14, Align: report.Right}, {Name: "Which lack", Width: 0.54}}}
	for _, f := range part.Parts {
		if f.Done() {
			continue
		}
		var lacks []string
		for _, n := range f.Lacks {
			lacks = append(lacks, n.Title+": "+n.Note)
		}
		if f.More > 0 {
			lacks = append(lacks, fmt.Sprintf("and %d more", f.More))
		}
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(f.Name), cell(fmt.Sprintf("%d of %d", f.Have, f.Want)), cell(listed(lacks))}})
	}
	if len(t.Rows) == 0 {
		return []report.Block{para("Nothing is missing in this part.")}
	}
	return []report.Block{h2("What is missing"), t}
}

package paper

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"holdfast/catalog"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
)

// Of is the report on one record: an incident or an exercise, by id or key. Other kinds
// have none.
func (d Desk) Of(ctx context.Context, k *kind.Kind, idOrKey string) (report.Document, error) {
	switch k {
	case isms.Incidents:
		return d.Incident(ctx, idOrKey)
	case isms.Exercises:
		return d.Exercise(ctx, idOrKey)
	}
	return report.Document{}, kind.Errorf(kind.NotFound, "there is no report on one %s", strings.ToLower(k.Label))
}

// Incident is the report on one incident: what happened, when, who did what, who was
// told by when, what is kept as proof, what it cost and why it could happen. It is
// made for whoever may read the records of the incident.
func (d Desk) Incident(ctx context.Context, idOrKey string) (report.Document, error) {
	room, err := d.Response.Room(ctx, idOrKey)
	if err != nil {
		return report.Document{}, err
	}
	return d.make(ctx, func(m *maker) report.Document { return incidentPaper(m, room) })
}

type incident struct {
	*maker
	*response.Room
}

func incidentPaper(m *maker, room *response.Room) report.Document {
	p := incident{m, room}
	i := room.Incident
	m.note(isms.IncidentActions.Plural, len(room.Timeline))
	m.note(isms.Notifications.Plural, len(room.Clocks))
	m.note(isms.Evidences.Plural, len(room.Exhibits))
	doc := m.document("Incident report", i.Title, isms.Incidents.Field("phase").Choice(string(i.Phase)).Label, report.Property{Name: "Reference", Value: i.Key}, report.Property{Name: "Severity", Value: kind.Humanise(string(i.Severity))})
	for _, part := range []func() []report.Block{p.overview, p.summary, p.clocks, p.timeline, p.evidence, p.reach, p.cost, p.learnt} {
		doc.Blocks = append(doc.Blocks, part()...)
	}
	doc.Blocks = append(doc.Blocks, m.method(para("The timeline was written by the product from what it saw and by people from what they did. Entries are never changed; a correction is a further entry, and both are shown. All times are those of the time zone %s.", p.Zone))...)
	return doc
}

// at is a time as the organisation's clock shows it.
func (p incident) at(t time.Time) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(p.Zone).Format("2 Jan 2006 15:04 MST")
}

func (p incident) overview() []report.Block {
	i := p.Room.Incident
	figures := report.KeyFigures{Items: []report.KeyFigure{{Value: kind.Humanise(string(i.Severity)), Label: "Severity"}, {Value: p.money(p.Cost.Total), Label: "Cost so far"}, {Value: p.money(p.Reach.Value), Label: "Value in reach"}}}
	if !i.RecoveredAt.IsZero() {
		figures.Items = append(figures.Items, report.KeyFigure{Value: response.InWords(i.RecoveredAt.Sub(i.DetectedAt)), Label: "From notice to recovery"})
	}
	asset := "–"
	if p.Asset != nil {
		asset = p.Asset.Title
	}
	defs := report.Definitions{}
	for _, d := range [][2]string{
		{"What kind", isms.Incidents.Field("category").Choice(string(i.Category)).Label}, {"Where", asset}, {"Began", p.at(i.StartedAt)}, {"Noticed", p.at(i.DetectedAt)},
		{"Declared", p.at(i.DeclaredAt)}, {"Certain", p.at(i.AwareAt)}, {"Contained", p.at(i.ContainedAt)}, {"Eradicated", p.at(i.EradicatedAt)}, {"Recovered", p.at(i.RecoveredAt)}, {"Closed", p.at(i.ClosedAt)},
		{"Lead", p.person(i.LeadID)}, {"Scribe", p.person(i.ScribeID)}, {"Communication", p.person(i.SpokespersonID)}, {"Techniques", listed(i.Techniques)},
		{"Personal data", p.personal()},
	} {
		defs.Items = append(defs.Items, report.Definition{Term: d[0], Text: report.Plain(d[1])})
	}
	return []report.Block{h1("At a glance"), figures, defs}
}

func (p incident) personal() string {
	i := p.Room.Incident
	if !i.PersonalData {
		return "not affected, as far as one knows"
	}
	return fmt.Sprintf("of about %s people: %s", thousands(i.DataSubjects), dash(strings.Join(i.DataCategories, ", ")))
}

// thousands is a whole number with its groups: 1,100,000.
func thousands(n int) string {
	text := strconv.Itoa(n)
	for at := len(text) - 3; at > 0; at -= 3 {
		text = text[:at] + "," + text[at:]
	}
	return text
}

func (p incident) summary() []report.Block {
	if p.Room.Incident.Summary == "" {
		return nil
	}
	return append([]report.Block{h1("What happened")}, markdown(p.Room.Incident.Summary, 2)...)
}

// clocks are the messages with their time limits and how they were kept.
func (p incident) clocks() []report.Block {
	blocks := []report.Block{h1("Who was told, and by when")}
	if len(p.Clocks) == 0 {
		return append(blocks, para("No fact of the incident started a legal or contractual clock."))
	}
	t := report.Table{Caption: "Messages and their time limits", Columns: []report.Column{{Name: "To whom", Width: 0.24}, {Name: "Rule", Width: 0.22}, {Name: "Due", Width: 0.19}, {Name: "Sent", Width: 0.19}, {Name: "State", Width: 0.16}}}
	for _, c := range p.Clocks {
		n := c.Notice
		st := state(n.Status)
		if c.Late {
			st = toned("late: "+response.InWords(c.Left), report.Critical)
			if !c.Open {
				st = toned("sent "+response.InWords(n.SentAt.Sub(n.DueAt))+" late", report.High)
			}
		}
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(n.Title), cell(dash(n.Rule)), cell(p.at(n.DueAt)), cell(p.at(n.SentAt)), st}})
	}
	blocks = append(blocks, t)
	for _, c := range p.Clocks {
		blocks = append(blocks, p.proof(c)...)
	}
	return blocks
}

// proof is what shows that a message was sent, and how its time was counted.
func (p incident) proof(c response.RoomClock) []report.Block {
	n := c.Notice
	var lines []string
	if legal, err := catalog.LegalClocks(); err == nil {
		if rule, ok := legal.Clock(n.Clock); ok {
			lines = append(lines, "How it was counted: "+rule.Counted+" Source: "+rule.Source+".")
		}
	}
	if n.SHA256 != "" {
		lines = append(lines, "SHA-256 of the text that was sent: "+n.SHA256+".")
	}
	if n.Reference != "" {
		lines = append(lines, "Their number: "+n.Reference+".")
	}
	if n.Remark != "" {
		lines = append(lines, "Remark: "+string(n.Remark))
	}
	if len(lines) == 0 {
		return nil
	}
	blocks := []report.Block{h2(n.Title)}
	for _, l := range lines {
		blocks = append(blocks, report.Paragraph{Text: report.Plain(l)})
	}
	return blocks
}

func (p incident) timeline() []report.Block {
	t := report.Table{Caption: "Timeline", Columns: []report.Column{{Name: "When", Width: 0.17}, {Name: "Phase", Width: 0.11}, {Name: "By", Width: 0.16}, {Name: "What", Width: 0.56}}}
	for _, e := range p.Timeline {
		what := strings.TrimSpace(string(e.What) + "\n" + string(e.Result))
		switch {
		case e.CorrectsID != "":
			what = "Correction: " + what
		case p.Corrected[e.ID] != "":
			what = "(corrected later) " + what
		}
		by := p.Name(e.PersonID)
		if by == "" && e.Automatic {
			by = "Holdfast"
		}
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(p.at(e.At)), cell(kind.Humanise(string(e.Phase))), cell(dash(by)), cell(what)}})
	}
	return []report.Block{h1("Timeline"), t}
}

func (p incident) evidence() []report.Block {
	blocks := []report.Block{h1("Evidence and its chain of custody")}
	if len(p.Exhibits) == 0 {
		return append(blocks, para("No piece of evidence was taken."))
	}
	t := report.Table{Caption: "Evidence", Columns: []report.Column{{Name: "What", Width: 0.26}, {Name: "Taken", Width: 0.17}, {Name: "SHA-256", Width: 0.29}, {Name: "Who held it", Width: 0.28}}}
	for _, x := range p.Exhibits {
		hash := x.Evidence.SHA256
		if len(x.Files) > 0 {
			hash = x.Files[0].SHA256
		}
		var chain []string
		for _, e := range x.Chain {
			chain = append(chain, p.at(e.At)+": "+e.HandedTo)
		}
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(x.Evidence.Title), cell(p.at(x.Evidence.At)), cell(broken(hash)), cell(strings.Join(chain, "\n"))}})
	}
	return append(blocks, t)
}

// broken puts spaces into a hash, so that it can be compared and fits its column.
func broken(hash string) string {
	var parts []string
	for len(hash) > 16 {
		parts, hash = append(parts, hash[:16]), hash[16:]
	}
	return strings.Join(append(parts, hash), " ")
}

func (p incident) reach() []report.Block {
	blocks := []report.Block{h1("How far it reached")}
	if len(p.Reach.Assets) == 0 {
		return append(blocks, para("No asset is named."))
	}
	t := report.Table{Caption: "Assets in reach", Columns: []report.Column{{Name: "Asset", Width: 0.4}, {Name: "Affected", Width: 0.14}, {Name: "Falls with it", Width: 0.14}, {Name: "Can be got at", Width: 0.14}, {Name: "Value", Width: 0.18, Align: report.Right}}}
	yes := map[bool]string{true: "yes", false: ""}
	for _, a := range p.Reach.Assets {
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(a.Asset.Title), cell(yes[a.Affected]), cell(yes[a.Falls]), cell(yes[a.Open]), cell(p.money(a.Asset.Value.Mid()))}})
	}
	blocks = append(blocks, t)
	for _, x := range p.Reach.Processing {
		blocks = append(blocks, para("Personal data in reach: **%s**, about %s people.", x.Title, thousands(x.People)))
	}
	for _, c := range p.Reach.Restores {
		blocks = append(blocks, para("Restore of **%s**: %s", c.Asset.Title, c.Advice))
	}
	return blocks
}

func (p incident) cost() []report.Block {
	c := p.Cost
	return []report.Block{h1("What it cost"), report.Why{Figure: p.money(c.Total), Formula: "minutes ÷ 60 × rate + money spent + loss of the outage", Inputs: []report.Input{
		{Name: "Time of people", Value: fmt.Sprintf("%d min × %s an hour", c.Minutes, p.money(c.Rate)), Source: c.RateFrom},
		{Name: "Money spent", Value: p.money(c.Money), Source: "timeline"},
		{Name: "Outage", Value: p.money(c.Outage), Source: dash(c.OutageOf)}}}}
}

func (p incident) learnt() []report.Block {
	blocks := []report.Block{h1("Why it could happen, and what changes")}
	for _, c := range p.Causes {
		blocks = append(blocks, para("**%s** (%s, %s)", c.Title, kind.Humanise(string(c.Role)), kind.Humanise(string(c.Status))))
		if c.Explanation != "" {
			blocks = append(blocks, markdown(c.Explanation, 3)...)
		}
	}
	if len(p.Causes) == 0 {
		blocks = append(blocks, para("No cause is written down yet."))
	}
	if p.Room.Incident.Lessons != "" {
		blocks = append(blocks, h2("Lessons"))
		blocks = append(blocks, markdown(p.Room.Incident.Lessons, 3)...)
	}
	return blocks
}

package paper

import (
	"cmp"
	"fmt"
	"strings"

	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
)

// crisisSheet is what hangs printed where people can read it when no system works:
// the first steps, whom to call, the order of recovery and the words that may be
// said. It is short on purpose.
func crisisSheet(m *maker) report.Document {
	if m.err != nil {
		return report.Document{}
	}
	p, err := m.response.SecurityPlan(m.ctx)
	if err != nil {
		m.err = err
		return report.Document{}
	}
	c := crisis{continuity{maker: m, plan: p}}
	m.note(isms.CrisisContacts.Plural, len(p.Contacts))
	doc := m.document("Crisis sheet", "Print it, and keep it where no system is needed", "Printed copy of "+shown(m.today))
	doc.Sheet, doc.Blocks = true, nil
	for _, part := range []func() []report.Block{c.first, c.calls, c.leads, c.restore, c.say, c.foot} {
		doc.Blocks = append(doc.Blocks, part()...)
	}
	return doc
}

type crisis struct{ continuity }

func plainHeading(level int, text string) report.Heading {
	return report.Heading{Level: level, Text: text, Plain: true}
}

// first are the first steps, the same for every crisis: whoever reads them has no
// time to look for the right plan.
func (c crisis) first() []report.Block {
	steps := report.List{Ordered: true}
	for _, text := range []string{
		"**Call** the first number below that answers. You need no permission.",
		"**Do not switch off, restart or clean anything.** Pull the network cable or switch off the wireless instead. Memory is evidence.",
		"**Write down** what you saw, where, and at what time. A pen will do.",
		"**Do not use our mail or chat** to talk about it: whoever is in may read along. Use the telephone" + c.meeting() + ".",
		"**Stop what makes it worse:** jobs that overwrite copies, automatic deletion of old copies, payments.",
		"**Say nothing outside.** Give the name of the speaker below.",
	} {
		steps.Items = append(steps.Items, report.Item{para("%s", text)})
	}
	return []report.Block{plainHeading(1, "Crisis sheet · "+c.name), report.Callout{Title: "First steps", Tone: report.Critical, Blocks: []report.Block{steps}}}
}

// meeting is where people meet, out of the first plan that says so.
func (c crisis) meeting() string {
	for _, part := range c.plan.Parts {
		if part.Plan != nil && part.Plan.MeetingAt != "" {
			return "; we meet here: " + part.Plan.MeetingAt
		}
	}
	return ""
}

func (c crisis) calls() []report.Block {
	t := report.Table{Columns: []report.Column{{Name: "For what", Width: 0.25}, {Name: "Who", Width: 0.23}, {Name: "Telephone", Width: 0.22}, {Name: "Other way, hours, what they ask for", Width: 0.3}}}
	vendors := c.vendors()
	for _, x := range c.plan.Contacts {
		who := join(c.plan.Person(x.PersonID), cmp.Or(x.Organisation, vendors[x.VendorID]))
		number := join(x.Telephone, "")
		if number == "" {
			number = c.plan.Phone(x.PersonID)
		}
		more := join(x.Alternative, x.Mail, x.Hours)
		if x.Contract != "" {
			more = join(more, "known as "+x.Contract)
		}
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(x.Role), cell(dash(who)), {Text: report.Rich("**" + dash(number) + "**")}, cell(dash(more))}})
	}
	if len(t.Rows) == 0 {
		return []report.Block{plainHeading(2, "Whom to call"), para("Nobody is named yet. Enter the crisis contacts and print this sheet again.")}
	}
	return []report.Block{plainHeading(2, "Whom to call"), t}
}

// join writes what is there, with commas.
func join(parts ...string) string {
	var there []string
	for _, p := range parts {
		if p = strings.TrimSpace(p); p != "" {
			there = append(there, p)
		}
	}
	return strings.Join(there, ", ")
}

// leads are who leads each plan, and when it is activated.
func (c crisis) leads() []report.Block {
	t := report.Table{Columns: []report.Column{{Name: "Plan", Width: 0.24}, {Name: "Lead", Width: 0.22}, {Name: "Deputy", Width: 0.22}, {Name: "Copy on paper", Width: 0.32}}}
	for _, part := range c.plan.Parts {
		if p := part.Plan; p != nil {
			t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(part.Title), cell(c.withPhone(p.LeadID)), cell(c.withPhone(p.DeputyID)), cell(dash(p.Offline))}})
		}
	}
	if len(t.Rows) == 0 {
		return nil
	}
	return []report.Block{plainHeading(2, "Who leads"), t}
}

// mostRestored bounds the order of recovery on the sheet.
const mostRestored = 12

func (c crisis) restore() []report.Block {
	backup := map[string]string{}
	for _, l := range c.plan.Backups.Assets {
		for _, b := range l.Backups {
			text := b.Place
			if b.KeyPlace != "" {
				text += "; key: " + b.KeyPlace
			}
			if backup[l.Record.ID] == "" || b.Offline || b.Immutable {
				backup[l.Record.ID] = text
			}
		}
	}
	t := report.Table{Columns: []report.Column{{Name: "Step", Width: 0.08, Align: report.Right}, {Name: "System", Width: 0.3}, {Name: "Within", Width: 0.12, Align: report.Right}, {Name: "From which copy, and the key", Width: 0.5}}}
	left := 0
	for _, r := range c.plan.Impact.Assets {
		if !isSystem(r) {
			continue
		}
		if len(t.Rows) == mostRestored {
			left++
			continue
		}
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(fmt.Sprint(r.Step)), cell(r.Record.Title), cell(hoursOf(r.Need.Hours)), cell(dash(backup[r.Record.ID]))}})
	}
	if len(t.Rows) == 0 {
		return nil
	}
	blocks := []report.Block{plainHeading(2, "What comes back first"), t}
	if left > 0 {
		blocks = append(blocks, para("And %d more, in the management plan.", left))
	}
	return blocks
}

// isSystem: people, places and names are not restored, and data come with what holds
// them.
func isSystem(r *response.Recovery) bool {
	switch r.Asset.Type {
	case "person", "role", "facility", "reputation", "data_set", "software":
		return false
	}
	return true
}

// say are the approved words, soonest first. Drafts do not stand on the sheet.
func (c crisis) say() []report.Block {
	t := report.Table{Columns: []report.Column{{Name: "To", Width: 0.16}, {Name: "By", Width: 0.16}, {Name: "Within", Width: 0.1, Align: report.Right}, {Name: "Words", Width: 0.58}}}
	for _, part := range c.plan.Parts {
		for _, m := range part.Messages {
			if m.Status != isms.MessageApproved {
				continue
			}
			text := plain(m.Statement)
			if m.Never != "" {
				text += " Never: " + plain(m.Never)
			}
			t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{cell(word(m.Audience)), cell(c.withPhone(m.SpeakerID)), cell(hoursOf(m.WithinHours)), cell(text)}})
		}
	}
	if len(t.Rows) == 0 {
		return []report.Block{plainHeading(2, "What may be said"), para("No words are approved yet: refer everybody to the lead.")}
	}
	return []report.Block{plainHeading(2, "What may be said"), t}
}

func (c crisis) foot() []report.Block {
	renew := kind.DateOf(c.today.Time().AddDate(0, 3, 0))
	return []report.Block{para("Made on %s. Print it again when a name or number changes, and by %s at the latest. Copies lie with the crisis team and away from the office.", shown(c.today), shown(renew)), c.traced()}
}

package paper

import (
	"fmt"

	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
)

// policyHandbook binds the texts of all documents in force into one book.
func policyHandbook(m *maker) report.Document {
	h := handbook{maker: m, versions: map[string]*isms.DocumentVersion{}}
	for _, d := range all[isms.Document](m, isms.Documents, kind.Query{Sort: "title"}.With("status", kind.Not, string(isms.DocumentWithdrawn))) {
		if m.err != nil {
			break
		}
		list, err := m.flow.VersionsOf(m.ctx, d.ID)
		m.err = err
		if v := flow.InForce(list); v != nil {
			h.versions[d.ID] = v
			h.inForce = append(h.inForce, d)
		} else {
			h.coming = append(h.coming, d)
		}
	}
	status := "In force"
	if len(h.inForce) == 0 {
		status = "Draft: no document is in force"
	}
	doc := m.document("Policy handbook", "All policies and procedures that are in force", status,
		report.Property{Name: "Documents", Value: fmt.Sprintf("%d in force, %d in the making", len(h.inForce), len(h.coming))})
	doc.Blocks = append(doc.Blocks, h.list()...)
	for _, d := range h.inForce {
		doc.Blocks = append(doc.Blocks, h.text(d)...)
	}
	doc.Blocks = append(doc.Blocks, m.method(para("Only published versions stand here, word for word. A version cannot be changed after it was approved; its hash proves that."))...)
	return doc
}

// handbook is the book in the making.
type handbook struct {
	*maker
	inForce, coming []*isms.Document
	versions        map[string]*isms.DocumentVersion
}

func (h handbook) list() []report.Block {
	blocks := []report.Block{h1("The documents")}
	t := report.Table{Caption: "Documents in force", Columns: []report.Column{{Name: "Document", Width: 0.34}, {Name: "Kind", Width: 0.13}, {Name: "Version", Width: 0.1}, {Name: "In force since", Width: 0.15}, {Name: "Owner", Width: 0.14}, {Name: "Review by", Width: 0.14}}}
	for _, d := range h.inForce {
		v := h.versions[d.ID]
		t.Rows = append(t.Rows, report.Row{Cells: []report.Cell{{Text: report.Text{{Text: d.Title, Link: "#document-" + d.ID}}}, cell(word(d.Type)), cell(v.Number), day(v.HoldsFrom), cell(h.person(d.OwnerID)), h.due(d.ReviewBy)}})
	}
	if len(t.Rows) == 0 {
		blocks = append(blocks, para("No document is in force yet."))
	} else {
		blocks = append(blocks, t)
	}
	c := report.Table{Caption: "Documents that are not yet in force", Columns: []report.Column{{Name: "Document", Width: 0.5}, {Name: "Kind", Width: 0.2}, {Name: "State", Width: 0.3}}}
	for _, d := range h.coming {
		c.Rows = append(c.Rows, report.Row{Cells: []report.Cell{cell(d.Title), cell(word(d.Type)), state(d.Status)}})
	}
	if len(c.Rows) > 0 {
		blocks = append(blocks, c)
	}
	return blocks
}

// text is one document: what it is, then its words.
func (h handbook) text(d *isms.Document) []report.Block {
	v := h.versions[d.ID]
	blocks := []report.Block{report.PageBreak{}, report.Heading{Level: 1, Text: d.Title, ID: "document-" + d.ID}}
	facts := report.Definitions{Items: []report.Definition{
		{Term: "Version", Text: report.Plain(fmt.Sprintf("%s, in force since %s", v.Number, shown(v.HoldsFrom)))},
		{Term: "Owner", Text: report.Plain(h.person(d.OwnerID))},
		{Term: "Approved by", Text: report.Plain(h.approval(v))},
		{Term: "Classification", Text: report.Plain(word(d.Classification))},
		{Term: "Hash", Text: report.Text{{Text: dash(v.SHA256), Code: true}}},
	}}
	blocks = append(blocks, facts)
	if v.Body == "" {
		return append(blocks, para("The text is a file of its own: `%s`.", v.Blob))
	}
	return append(blocks, markdown(withoutTitle(v.Body, d.Title), 2)...)
}

func (h handbook) approval(v *isms.DocumentVersion) string {
	if v.ApprovedAt.IsZero() {
		return h.person(v.ApprovedBy)
	}
	return fmt.Sprintf("%s on %s", h.person(v.ApprovedBy), shown(kind.DateOf(v.ApprovedAt.In(h.zone))))
}

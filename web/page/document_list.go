package page

import (
	"strings"

	"github.com/a-h/templ"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// readsDocuments: whoever may read documents, staff included.
func readsDocuments(a access.Actor) bool { return a.May(kind.Read, isms.Documents) > access.Own }

// writesDocuments: whoever runs the set.
func writesDocuments(a access.Actor) bool {
	return a.May(kind.Write, isms.Documents) == access.All && a.May(kind.Write, isms.DocumentVersions) == access.All
}

// seesMaking: whoever sees what is in the making. Staff reads what holds.
func seesMaking(a access.Actor) bool { return a.May(kind.Read, isms.Approvals) == access.All }

// A documentRow is a document of the set with what its line shows.
type documentRow struct {
	flow.DocumentCard
	owner    string
	total    int // people who were asked to read the version in force
	accepted int
}

// A documentSet is the workbench.
type documentSet struct {
	*web.Request
	figures
	rows   []documentRow
	state  flow.DocumentState // chosen; empty: all
	counts map[flow.DocumentState]int
	today  kind.Date
	total  int // asked to read, over all documents in force
	read   int
	late   int
}

// documentStateWords are the states as people read them, with their shape.
var documentStateWords = map[flow.DocumentState]struct {
	word  string
	stage ui.Stage
}{
	flow.DocumentDue: {"Review due", ui.Waiting}, flow.DocumentMissing: {"Not written", ui.Todo}, flow.DocumentReviewing: {"In review", ui.Doing},
	flow.DocumentAgreed: {"Approved", ui.Doing}, flow.DocumentDrafted: {"Draft", ui.Todo}, flow.DocumentHolds: {"In force", ui.Done}, flow.DocumentGone: {"Withdrawn", ui.Stopped},
}

// documentList shows which documents there are and which are needed.
func (c Config) documentList(r *web.Request) error {
	cards, err := c.Flow.DocumentSet(r.Ctx())
	if err != nil {
		return err
	}
	if !seesMaking(r.Actor) {
		return r.Render("Documents", documentShelf(onlyInForce(cards)))
	}
	v := documentSet{Request: r, figures: figures{r.Format}, counts: map[flow.DocumentState]int{}, today: r.Format.Today(r.Now()), state: flow.DocumentState(r.FormValue("state"))}
	progress, err := c.Flow.Campaigns(r.Ctx(), "")
	if err != nil {
		return err
	}
	names, err := c.namesOf(r, cards)
	if err != nil {
		return err
	}
	for _, card := range cards {
		v.counts[card.State]++
		row := documentRow{DocumentCard: card}
		if card.Document != nil {
			row.owner = names[card.Document.OwnerID]
		}
		for _, p := range progress {
			if card.InForce != nil && p.Version.ID == card.InForce.ID {
				row.total, row.accepted = row.total+p.Total, row.accepted+p.Accepted
				v.late += p.Overdue
			}
		}
		v.total, v.read = v.total+row.total, v.read+row.accepted
		if v.state == "" || v.state == card.State {
			v.rows = append(v.rows, row)
		}
	}
	return r.Render("Documents", documentSetBody(v))
}

func onlyInForce(cards []flow.DocumentCard) []flow.DocumentCard {
	var out []flow.DocumentCard
	for _, c := range cards {
		if c.InForce != nil && c.State != flow.DocumentGone {
			out = append(out, c)
		}
	}
	return out
}

// namesOf are the names of the owners.
func (c Config) namesOf(r *web.Request, cards []flow.DocumentCard) (map[string]string, error) {
	var ids []string
	for _, card := range cards {
		if card.Document != nil && card.Document.OwnerID != "" {
			ids = append(ids, card.Document.OwnerID)
		}
	}
	people, err := r.App().Many(r.Ctx(), isms.People, ids)
	names := map[string]string{}
	for id, p := range people {
		names[id] = p.GetBase().Title
	}
	return names, err
}

func (v documentSet) tabs() []ui.TabItem {
	total := 0
	for _, n := range v.counts {
		total += n
	}
	tabs := []ui.TabItem{{Label: "All", Href: "/documents", Count: v.format.Count(int64(total)), Current: v.state == ""}}
	for _, s := range flow.DocumentStates {
		if n := v.counts[s]; n > 0 {
			tabs = append(tabs, ui.TabItem{Label: documentStateWords[s].word, Href: link("/documents", "state", string(s)), Count: v.format.Count(int64(n)), Current: v.state == s})
		}
	}
	return tabs
}

func (v documentSet) stats() []ui.StatProps {
	making := v.counts[flow.DocumentDrafted] + v.counts[flow.DocumentReviewing] + v.counts[flow.DocumentAgreed]
	read := ui.StatProps{Label: "Read and accepted", Value: "–", Note: "nobody was asked yet", Href: "/documents/readers/all"}
	if v.total > 0 {
		read.Value, read.Note = v.format.Share(float64(v.read)/float64(v.total)), v.plural(int64(v.read), "reading", "readings")+" of "+v.format.Count(int64(v.total))
		if v.late > 0 {
			read.Delta, read.Tone = v.plural(int64(v.late), "is late", "are late"), ui.Negative
		}
	}
	return []ui.StatProps{
		{Label: "In force", Value: v.format.Count(int64(v.counts[flow.DocumentHolds] + v.counts[flow.DocumentDue])), Note: "people rely on them", Href: "/documents?state=published"},
		{Label: "In the making", Value: v.format.Count(int64(making)), Note: v.plural(int64(v.counts[flow.DocumentReviewing]), "waits for an answer", "wait for an answer"), Href: "/documents?state=in_review"},
		{Label: "Review due", Value: v.format.Count(int64(v.counts[flow.DocumentDue])), Note: "to be read again", Href: "/documents?state=due"},
		{Label: "Not written", Value: v.format.Count(int64(v.counts[flow.DocumentMissing])), Note: "of the usual set", Href: "/documents?state=missing"},
		read,
	}
}

func (v documentSet) table() ui.TableProps {
	t := ui.TableProps{
		ID: "documents", Caption: "Documents", Filters: ui.Tabs("Documents by state", "", v.tabs()),
		Columns: []ui.Column{{Key: "title", Label: "Document", Main: true}, {Key: "state", Label: "State", Narrow: true}, {Key: "number", Label: "In force", Narrow: true},
			{Key: "owner", Label: "Owner"}, {Key: "review", Label: "Next review", Narrow: true}, {Key: "read", Label: "Accepted", Narrow: true}, {Key: "do", Label: "Next", Narrow: true}},
		Empty: ui.EmptyProps{Icon: "file", Title: "No document is in this state"},
	}
	for _, row := range v.rows {
		t.Rows = append(t.Rows, ui.Row{ID: row.Title(), Label: row.Title(), Href: row.href(), Cells: []templ.Component{
			ui.Lines(ui.Strong(row.Title()), ui.Muted(row.about())), stateOf(row.State), row.holds(), textOrNone(row.owner), v.review(row), row.readers(v), v.next(row)}})
	}
	return t
}

func stateOf(s flow.DocumentState) templ.Component {
	w := documentStateWords[s]
	return ui.State(w.word, w.stage)
}

func textOrNone(s string) templ.Component {
	if s == "" {
		return ui.None()
	}
	return ui.Text(s)
}

func (r documentRow) href() string {
	if r.Document == nil {
		return ""
	}
	return documentURL(r.Document)
}

func (r documentRow) about() string {
	if r.Template != nil {
		return r.Template.About
	}
	about, _, _ := strings.Cut(string(r.Document.Summary), "\n")
	return about
}

func (r documentRow) holds() templ.Component {
	if r.InForce == nil {
		return ui.None()
	}
	return ui.Text(r.InForce.Number)
}

func (v documentSet) review(r documentRow) templ.Component {
	if r.Document == nil || r.Document.ReviewBy == "" || r.InForce == nil {
		return ui.None()
	}
	return ui.Badge(ui.BadgeProps{Text: dueWords(r.Document.ReviewBy, v.today), Tone: dueTone(r.Document.ReviewBy, v.today), Title: string(r.Document.ReviewBy)})
}

func (r documentRow) readers(v documentSet) templ.Component {
	if r.total == 0 {
		return ui.None()
	}
	return ui.Number(v.format.Share(float64(r.accepted) / float64(r.total)))
}

// next is the button that brings the document on.
func (v documentSet) next(r documentRow) templ.Component {
	may := writesDocuments(v.Actor)
	switch {
	case r.State == flow.DocumentMissing && may:
		return postButton("/documents/write", ui.ButtonProps{Label: "Write it", Size: ui.Small, Icon: "plus"}, ui.Hidden{Name: "template", Value: r.Template.ID})
	case r.Document == nil:
		return ui.None()
	case r.State == flow.DocumentDrafted && may:
		return ui.Button(ui.ButtonProps{Label: "Edit", Size: ui.Small, Icon: "edit", Href: documentURL(r.Document) + "/write"})
	case r.State == flow.DocumentReviewing:
		return ui.Button(ui.ButtonProps{Label: "Look at it", Size: ui.Small, Href: documentURL(r.Document)})
	case r.State == flow.DocumentAgreed || r.State == flow.DocumentDue:
		return ui.Button(ui.ButtonProps{Label: map[bool]string{true: "Review", false: "Publish"}[r.State == flow.DocumentDue], Size: ui.Small, Href: documentURL(r.Document)})
	}
	return ui.None()
}

// writeDocuments writes one document from its template, or all that are missing and
// every proposal that follows from changed data.
func (c Config) writeDocuments(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	if id := form.Get("template"); id != "" {
		one, err := c.Flow.WriteDocument(r.Ctx(), id)
		if err != nil {
			return err
		}
		return r.Redirect(documentURL(one.Document), writtenNotice(r, []flow.WrittenDocument{one}))
	}
	list, err := c.Flow.WriteDocuments(r.Ctx())
	if err != nil {
		return err
	}
	return r.Redirect("/documents", writtenNotice(r, list))
}

// writtenNotice says what became of templates.
func writtenNotice(r *web.Request, list []flow.WrittenDocument) ui.ToastProps {
	n := map[string]int64{}
	for _, d := range list {
		n[d.What]++
	}
	f := figures{r.Format}
	var parts []string
	if n[flow.DocumentWritten] > 0 {
		parts = append(parts, f.plural(n[flow.DocumentWritten], "draft written", "drafts written"))
	}
	if n[flow.DocumentProposed] > 0 {
		parts = append(parts, f.plural(n[flow.DocumentProposed], "change proposed", "changes proposed"))
	}
	if n[flow.DocumentWaiting] > 0 {
		parts = append(parts, f.plural(n[flow.DocumentWaiting], "waits for a decision", "wait for a decision"))
	}
	if parts == nil {
		return ui.ToastProps{Text: "Nothing to write: every document says what the records say."}
	}
	return ui.ToastProps{Text: strings.Join(parts, ", ") + ".", Tone: ui.Positive}
}

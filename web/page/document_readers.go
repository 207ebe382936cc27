package page

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// asksReaders: whoever may start a campaign.
func asksReaders(a access.Actor) bool {
	return a.May(kind.Write, isms.Acknowledgements) == access.All && writesDocuments(a)
}

// A readersView is how far the readings of one document, or of all, have come.
type readersView struct {
	*web.Request
	figures
	document *isms.Document // nil: all
	progress []flow.Progress
	today    kind.Date
}

// readers shows who accepted and who is missing.
func (c Config) readers(r *web.Request) error {
	v, err := c.readersOf(r)
	if err != nil {
		return err
	}
	if r.FormValue("as") == "csv" {
		return v.export()
	}
	r.Crumbs(ui.Crumb{Label: web.GroupName(kind.Govern)}, ui.Crumb{Label: "Documents", Href: "/documents"})
	if v.document != nil {
		r.Crumbs(documentCrumbs(v.document)...)
	}
	return r.Render("Readers", readersBody(v))
}

func (c Config) readersOf(r *web.Request) (readersView, error) {
	v := readersView{Request: r, figures: figures{r.Format}, today: r.Format.Today(r.Now())}
	id := r.PathValue("id")
	if id != "" {
		d, _, err := c.documentOf(r)
		if err != nil {
			return v, err
		}
		v.document, id = d, d.ID
	}
	var err error
	v.progress, err = c.Flow.Campaigns(r.Ctx(), id)
	return v, err
}

// export writes the proof as a table: who was asked, when, and what they accepted.
func (v readersView) export() error {
	var out bytes.Buffer
	w := csv.NewWriter(&out)
	rows := [][]string{{"campaign", "document", "version", "sha256_of_version", "person", "email", "state", "due", "accepted_at", "sha256_accepted", "reminders"}}
	for _, p := range v.progress {
		for _, r := range p.Readers {
			a := r.Acknowledgement
			at := ""
			if !a.AcceptedAt.IsZero() {
				at = kind.FormatTime(a.AcceptedAt)
			}
			rows = append(rows, []string{harmless(p.Name), harmless(p.Document.Title), harmless(p.Version.Number), p.Version.SHA256, harmless(r.Person.Title), harmless(r.Person.Email), string(a.Status), string(a.Due), at, a.SHA256, kind.Itoa(int64(a.Reminders))})
		}
	}
	if err := w.WriteAll(rows); err != nil {
		return err
	}
	return sendFile(v.Request, "readers-"+string(v.today)+".csv", "text/csv; charset=utf-8", out.Bytes())
}

// harmless keeps a spreadsheet from calculating what somebody wrote.
func harmless(s string) string {
	if s != "" && strings.ContainsAny(s[:1], "=+-@\t\r") {
		return "'" + s
	}
	return s
}

func (v readersView) table(id string, p flow.Progress) ui.TableProps {
	t := ui.TableProps{ID: id, Caption: "Readers of " + p.Document.Title, Dense: true,
		Columns: []ui.Column{{Key: "person", Label: "Person", Main: true}, {Key: "state", Label: "State", Narrow: true}, {Key: "due", Label: "Due", Narrow: true}, {Key: "at", Label: "Accepted", Narrow: true}, {Key: "hash", Label: "Text (SHA-256)"}, {Key: "reminders", Label: "Reminded", Align: ui.End, Narrow: true}}}
	for _, r := range p.Readers {
		a := r.Acknowledgement
		state := ui.State(kind.Humanise(string(a.Status)), readerStage(a))
		due := ui.None()
		if a.Status == isms.AcknowledgementAsked && a.Due != "" {
			due = ui.Badge(ui.BadgeProps{Text: dueWords(a.Due, v.today), Tone: dueTone(a.Due, v.today), Title: string(a.Due)})
		}
		at, hash := ui.None(), ui.None()
		if !a.AcceptedAt.IsZero() {
			at = ui.Time(v.format.Time(a.AcceptedAt))
		}
		if a.SHA256 != "" {
			hash = ui.Mono(a.SHA256[:min(16, len(a.SHA256))] + "…")
		}
		t.Rows = append(t.Rows, ui.Row{ID: a.ID, Label: r.Person.Title, Href: web.RecordURL(isms.Acknowledgements, a.ID), Cells: []templ.Component{ui.Text(r.Person.Title), state, due, at, hash, ui.Number(v.format.Count(int64(a.Reminders)))}})
	}
	return t
}

func readerStage(a *isms.Acknowledgement) ui.Stage {
	switch a.Status {
	case isms.AcknowledgementAccepted:
		return ui.Done
	case isms.AcknowledgementDeclined:
		return ui.Failed
	case isms.AcknowledgementExcused:
		return ui.Stopped
	}
	return ui.Waiting
}

func (v readersView) url(as string) string {
	if v.document == nil {
		return link("/documents/readers/all", "as", as)
	}
	return link(documentURL(v.document)+"/readers", "as", as)
}

// A campaignView is the form by which people are asked to read.
type campaignView struct {
	published []ui.Option
	audience  []ui.Option
	form      flow.Campaign
	problem   error
}

func (c Config) campaignPage(r *web.Request) error {
	due := r.Format.Today(r.Now().AddDate(0, 0, 14))
	v := campaignView{form: flow.Campaign{Name: "Reading, " + r.Now().In(r.Format.Zone).Format("January 2006"), Due: due, Standing: true}}
	if d := r.FormValue("document"); d != "" {
		v.form.Documents = []string{d}
	}
	return c.showCampaign(r, http.StatusOK, v)
}

func (c Config) showCampaign(r *web.Request, status int, v campaignView) error {
	cards, err := c.Flow.DocumentSet(r.Ctx())
	if err != nil {
		return err
	}
	for _, card := range onlyInForce(cards) {
		v.published = append(v.published, ui.Option{Value: card.Document.Key, Label: card.Title(), Help: "Version " + card.InForce.Number + ", for " + audienceWords(card.Document.Audience)})
	}
	v.audience = []ui.Option{{Value: "everybody", Label: "Everybody"}}
	teams, err := app.Of[isms.Team](r.App(), isms.Teams).All(r.Ctx(), kind.Query{Sort: "title"}.Where("status", string(isms.TeamActive)))
	if err != nil {
		return err
	}
	for _, t := range teams {
		v.audience = append(v.audience, ui.Option{Value: t.Key, Label: t.Title, Help: "Team"})
	}
	for _, role := range isms.Roles(nil).Choices() {
		v.audience = append(v.audience, ui.Option{Value: role.Value, Label: kind.Humanise(role.Value), Help: "Role in the product"})
	}
	r.Crumbs(ui.Crumb{Label: web.GroupName(kind.Govern)}, ui.Crumb{Label: "Documents", Href: "/documents"})
	return r.RenderAs(status, "Ask people to read", campaignBody(v))
}

func (c Config) startCampaign(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	standing := form["standing"]
	notEmpty := func(list []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return s == "" })
	}
	v := campaignView{form: flow.Campaign{Name: strings.TrimSpace(form.Get("name")), Documents: notEmpty(form["documents"]), Audience: notEmpty(form["audience"]),
		Due: kind.Date(form.Get("due")), Standing: len(standing) > 0 && standing[len(standing)-1] == "true"}}
	if _, err = kind.ParseDate(form.Get("due")); err != nil {
		err = kind.Fieldf("due", "%v", err)
	}
	var out flow.Asked
	if err == nil {
		out, err = c.Flow.StartCampaign(r.Ctx(), v.form)
	}
	if kind.CodeOf(err) == kind.Invalid {
		v.problem = err
		return c.showCampaign(r, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	f := figures{r.Format}
	text := f.plural(int64(out.Asked), "reading", "readings") + " asked for."
	if out.Already > 0 {
		text += " " + f.plural(int64(out.Already), "was", "were") + " asked for before."
	}
	return r.Redirect("/documents/readers/all", ui.ToastProps{Text: text, Tone: ui.Positive})
}

package page

import (
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"

	"github.com/a-h/templ"
)

// A responseView is the list of incident rooms.
type responseView struct {
	*web.Request
	figures
	open     []response.OpenIncident
	closed   []*isms.Incident
	concerns []*isms.Concern
	assets   []ui.Option
	writes   bool
	title    string // as typed
}

// mostClosed bounds the closed incidents that the page shows.
const mostClosed = 10

// response lists the open incidents with their clocks, and declares new ones.
func (c Config) response(r *web.Request) error {
	v := &responseView{Request: r, figures: figures{r.Format}, writes: mayAnswer(r.Actor), title: r.FormValue("title")}
	var err error
	if v.open, err = c.Response.OpenIncidents(r.Ctx()); err != nil {
		return err
	}
	page, err := r.App().List(r.Ctx(), isms.Incidents, kind.Query{Sort: "-closed_at", Limit: mostClosed}.Where("phase", string(isms.IncidentClosed)))
	if err != nil {
		return err
	}
	for _, rec := range page.Records {
		v.closed = append(v.closed, rec.(*isms.Incident))
	}
	if r.May(kind.Read, isms.Concerns) {
		if v.concerns, err = c.Response.OpenConcerns(r.Ctx()); err != nil {
			return err
		}
	}
	if v.writes {
		if err := v.readAssets(); err != nil {
			return err
		}
	}
	if r.Fragment() {
		return r.RenderPart(openIncidents(v))
	}
	return r.Render("Incident rooms", responseBody(v))
}

// readAssets offers the assets that matter most first.
func (v *responseView) readAssets() error {
	page, err := v.App().List(v.Ctx(), isms.Assets, kind.Query{Sort: "-criticality", Limit: 200}.With("lifecycle", kind.Not, "disposed"))
	v.assets = []ui.Option{{Value: "", Label: "not known yet"}}
	for _, rec := range page.Records {
		v.assets = append(v.assets, ui.Option{Value: rec.GetBase().ID, Label: rec.GetBase().Title})
	}
	return err
}

// incidentChoices offers the choices of a field of incidents, with an empty one first.
func incidentChoices(field, empty string) []ui.Option {
	list := []ui.Option{{Value: "", Label: empty}}
	for _, c := range isms.Incidents.Field(field).Choices {
		list = append(list, ui.Option{Value: c.Value, Label: c.Label})
	}
	return list
}

// lines are the open incidents, each with what presses.
func (v *responseView) lines() []ui.ListItem {
	var list []ui.ListItem
	for _, o := range v.open {
		it := ui.ListItem{Title: o.Incident.Title, Href: incidentURL(o.Incident), Detail: v.openWords(o)}
		it.Aside = ui.Group(ui.Severity(string(o.Incident.Severity)), v.pressing(o))
		list = append(list, it)
	}
	return list
}

func (v *responseView) openWords(o response.OpenIncident) string {
	text := phaseNames[o.Incident.Phase]
	switch {
	case o.Over > 0:
		text += ", " + response.InWords(o.Over) + " over its time"
	case o.Left > 0:
		text += ", " + response.InWords(o.Left) + " left"
	}
	if o.Asset != "" {
		text += " · " + o.Asset
	}
	if o.Lead != "" {
		text += " · led by " + o.Lead
	}
	return text + " · declared " + response.InWords(v.Now().Sub(o.Incident.DeclaredAt)) + " ago"
}

func (v *responseView) pressing(o response.OpenIncident) templ.Component {
	switch {
	case o.Late > 0:
		return ui.Badge(ui.BadgeProps{Text: "word is " + clockLeft(*o.Next), Tone: ui.Negative})
	case o.Next != nil:
		return ui.Badge(ui.BadgeProps{Text: "word due in " + clockLeft(*o.Next), Tone: ui.Attention})
	}
	return ui.Badge(ui.BadgeProps{Text: "no clock"})
}

func (v *responseView) closedLines() []ui.ListItem {
	var list []ui.ListItem
	for _, i := range v.closed {
		list = append(list, ui.ListItem{Title: i.Title, Href: incidentURL(i), Detail: "closed after " + response.InWords(i.ClosedAt.Sub(i.DeclaredAt)), Aside: ui.Severity(string(i.Severity))})
	}
	return list
}

func (v *responseView) concernLines() []ui.ListItem {
	var list []ui.ListItem
	for _, c := range v.concerns {
		list = append(list, ui.ListItem{Title: c.Title, Href: web.RecordURL(isms.Concerns, c.ID), Detail: "reported " + response.InWords(v.Now().Sub(c.CreatedAt)) + " ago"})
	}
	return list
}

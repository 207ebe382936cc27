package page

import (
	"fmt"

	"holdfast/access"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report/chart"
	"holdfast/web"
	"holdfast/web/ui"

	"github.com/a-h/templ"
)

// seesCauses: whoever may read incidents with all that their causes touch.
func seesCauses(a access.Actor) bool {
	return seesLedger(a) && web.MayRead(isms.Incidents, isms.RootCauses, isms.CorrectiveActions)(a)
}

// mayAskWhy: whoever may write causes.
func mayAskWhy(a access.Actor) bool {
	return seesCauses(a) && a.May(kind.Write, isms.RootCauses) == access.All
}

// A causeView is why an incident could happen.
type causeView struct {
	*web.Request
	figures
	tree   *response.CauseTree
	writes bool
	typed  response.Why
	wrong  map[string]string
}

func (c Config) causes(r *web.Request) error {
	v, err := c.causeView(r)
	if err != nil {
		return err
	}
	return r.Render("Why it happened", causeBody(v))
}

func (c Config) causeView(r *web.Request) (*causeView, error) {
	t, err := c.Response.Causes(r.Ctx(), r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	r.Wide()
	r.Crumbs(ui.Crumb{Label: "Incidents", Href: "/incidents"}, ui.Crumb{Label: t.Incident.Title, Href: web.RecordURL(isms.Incidents, t.Incident.ID)})
	return &causeView{Request: r, figures: figures{r.Format}, tree: t, writes: mayAskWhy(r.Actor), wrong: map[string]string{}}, nil
}

// addWhy takes an answer in; what is wrong stands at its field, with what was typed.
func (c Config) addWhy(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	why := response.Why{IncidentID: r.PathValue("id"), ParentID: form.Get("parent"), Text: form.Get("why"), Evidence: form.Get("evidence"),
		Category: isms.CauseCategory(form.Get("category")), Role: isms.CauseRole(form.Get("role"))}
	cause, err := c.Response.AddWhy(r.Ctx(), why)
	if fields := kind.FieldsOf(err); kind.CodeOf(err) == kind.Invalid && len(fields) > 0 {
		v, viewErr := c.causeView(r)
		if viewErr != nil {
			return viewErr
		}
		v.typed = why
		for _, f := range fields {
			v.wrong[f.Field] = f.Message
		}
		return r.RenderAs(422, "Why it happened", causeBody(v))
	}
	if err != nil {
		return err
	}
	text := "Written down. Say how one knows to confirm it."
	if cause.Status == "confirmed" {
		text = "Confirmed. The risk was counted anew, and a corrective action is proposed."
	}
	return r.Redirect(causesURL(r.PathValue("id"))+"#cause-"+cause.ID, ui.ToastProps{Text: text, Tone: ui.Positive})
}

func causesURL(incident string) string { return web.RecordURL(isms.Incidents, incident) + "/causes" }

// toCauses is the button on an incident that leads to its causes.
func (c Config) toCauses(r *web.Request, rec kind.Record) ([]templ.Component, error) {
	if !seesCauses(r.Actor) {
		return nil, nil
	}
	return []templ.Component{ui.Button(ui.ButtonProps{Label: "Why?", Icon: "question", Href: causesURL(rec.GetBase().ID)}),
		ui.Button(ui.ButtonProps{Label: "Restore points", Icon: "history", Href: link("/backups/choose", "incident", rec.GetBase().ID)})}, nil
}

// causeTree is the button on a cause that leads to the whole tree.
func (c Config) causeTree(r *web.Request, rec kind.Record) ([]templ.Component, error) {
	if !seesCauses(r.Actor) {
		return nil, nil
	}
	return []templ.Component{ui.Button(ui.ButtonProps{Label: "The whole tree", Icon: "link", Href: causesURL(rec.(*isms.RootCause).IncidentID)})}, nil
}

// graph is the cause-effect tree: what happened, and what stands behind it.
func (v *causeView) graph() chart.Graph {
	g := chart.Graph{Title: "Why " + v.tree.Incident.Title}
	g.Nodes = append(g.Nodes, chart.Node{ID: v.tree.Incident.ID, Name: v.tree.Incident.Title, Kind: "what happened", Strong: true})
	var add func(parent string, list []response.CauseNode)
	add = func(parent string, list []response.CauseNode) {
		for _, n := range list {
			g.Nodes = append(g.Nodes, chart.Node{ID: n.Cause.ID, Name: n.Cause.Title, Kind: v.causeWord(n.Cause)})
			g.Edges = append(g.Edges, chart.Edge{From: parent, To: n.Cause.ID})
			add(n.Cause.ID, n.Children)
		}
	}
	add(v.tree.Incident.ID, v.tree.Causes)
	return g
}

func (v *causeView) causeWord(c *isms.RootCause) string {
	word := isms.RootCauses.Field("role").Choice(string(c.Role)).Label
	if word == "" {
		word = kind.Humanise(string(c.Role))
	}
	return lowerFirst(word) + ", " + string(c.Status)
}

func (v *causeView) options(of string) []ui.Option {
	list := []ui.Option{{Value: "", Label: "–"}}
	for _, c := range isms.RootCauses.Field(of).Choices {
		label := c.Label
		if label == "" {
			label = kind.Humanise(c.Value)
		}
		list = append(list, ui.Option{Value: c.Value, Label: label, Help: c.Doc})
	}
	return list
}

// typedFor is what was typed into the form of a cause, after a mistake.
func (v *causeView) typedFor(parent string) (response.Why, string) {
	if v.typed.ParentID != parent || len(v.wrong) == 0 {
		return response.Why{}, ""
	}
	return v.typed, v.wrong["why"]
}

// experience is a risk before and after, as bars.
func (v *causeView) experience(x response.Experience) chart.Bars {
	return chart.Bars{Title: "Events a year: " + x.Risk.Title, Parts: []chart.Part{{Name: "Events a year"}}, Format: func(f float64) string { return v.Format.Number(f, 2) },
		Rows: []chart.Row{{Name: "Before", Values: []float64{beliefMean(x, false)}, Colour: chart.Series(1)}, {Name: "After", Values: []float64{beliefMean(x, true)}, Colour: chart.Series(0)}}}
}

func beliefMean(x response.Experience, after bool) float64 {
	b := x.Prior
	if after {
		b = x.Posterior
	}
	if b.Rate == 0 {
		return 0
	}
	return b.Mean() * x.Thinning
}

func (v *causeView) lossLine(x response.Experience) string {
	if x.LossAfter == 0 {
		return "It is not in money yet: give it a loss for one event."
	}
	line := fmt.Sprintf("Expected loss of a year %s, was %s.", v.money(x.LossAfter), v.money(x.LossBefore))
	return line + " At least one more within a year: " + v.Format.Share(x.Chance) + "."
}

func (v *causeView) actionItems(list []*isms.CorrectiveAction) []ui.ListItem {
	var out []ui.ListItem
	for _, a := range list {
		out = append(out, ui.ListItem{Title: a.Title, Href: web.RecordURL(isms.CorrectiveActions, a.ID), Detail: checkLine(a), Aside: v.Show(isms.CorrectiveActions, a, "status")})
	}
	return out
}

func checkLine(a *isms.CorrectiveAction) string {
	switch {
	case a.Status == "ineffective":
		return string(a.CheckResult)
	case a.CheckOn != "":
		return "looked at again on " + string(a.CheckOn)
	case a.Due != "":
		return "due " + string(a.Due)
	}
	return ""
}

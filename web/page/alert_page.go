package page

import (
	"fmt"
	"strings"
	"unicode"

	"holdfast/access"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"

	"github.com/a-h/templ"
)

// An alertView is what stands above the fields of an alert: what a person needs who was
// woken by it.
type alertView struct {
	req *web.Request
	figures
	alert *isms.Alert
	about *detection.AlertAbout
}

// alertSkip are the fields that stand above already.
var alertSkip = []string{"why", "first_step", "events", "sha256", "score", "fingerprint"}

func (c Config) alertAbove(r *web.Request, rec kind.Record) (templ.Component, error) {
	if !seesAlerts(r.Actor) {
		return nil, nil
	}
	about, err := c.Detection.AboutAlert(r.Ctx(), rec.GetBase().ID)
	if err != nil {
		return nil, err
	}
	return alertBench(&alertView{req: r, figures: figures{r.Format}, alert: about.Alert, about: about}), nil
}

func (v *alertView) stats() []ui.StatProps {
	a := v.alert
	score := ui.StatProps{Label: "Score", Value: fmt.Sprintf("%.0f", a.Score), Unit: "of 100", Why: v.why()}
	list := []ui.StatProps{score, {Label: "Events", Value: v.format.Count(int64(a.Count)), Note: "since " + v.format.Time(a.FirstSeen).Format("2 Jan 15:04")}}
	if v.about.Asset != nil {
		list = append(list, ui.StatProps{Label: "On", Value: v.about.Asset.Title, Href: assetURL(v.about.Asset.ID), Note: v.worth()})
	}
	if a.Actor != "" {
		list = append(list, ui.StatProps{Label: "From", Value: a.Actor, Href: link("/alerts", "filter[actor]", a.Actor), Note: "see everything it did"})
	}
	return list
}

func (v *alertView) worth() string {
	var parts []string
	if value := v.about.Asset.Value; !value.IsZero() {
		parts = append(parts, "worth "+v.format.Range(value, "money"))
	}
	if c := v.about.Asset.Criticality.String(); c != "" {
		parts = append(parts, "criticality "+strings.ToLower(c))
	}
	return strings.Join(parts, ", ")
}

// why answers how the score came to be.
func (v *alertView) why() *ui.WhyProps {
	p := &ui.WhyProps{About: "Score", Summary: "An order of urgency: how bad the rule is, times what the asset means to us, times how open its place is.",
		Formula: "score = 100 × level × criticality × position"}
	for _, f := range v.about.Weight.Factors {
		p.Inputs = append(p.Inputs, ui.WhyInput{Name: f.Name, Value: fmt.Sprintf("%.2f (%s)", f.Weight, f.Value)})
	}
	return p
}

func (v *alertView) dependents() []ui.ListItem { return assetItems(v.about.Dependents) }

func (v *alertView) next() []ui.ListItem { return assetItems(v.about.Needs) }

func assetItems(list []*isms.Asset) []ui.ListItem {
	var items []ui.ListItem
	for _, a := range list[:min(len(list), 8)] {
		detail := strings.ToLower(kind.Humanise(string(a.Type)))
		if c := a.Criticality.String(); c != "" {
			detail += ", criticality " + strings.ToLower(c)
		}
		items = append(items, ui.ListItem{Title: a.Title, Href: assetURL(a.ID), Detail: detail})
	}
	return items
}

func (v *alertView) story() []ui.ListItem {
	var items []ui.ListItem
	for _, a := range v.about.Story {
		items = append(items, ui.ListItem{Title: a.Title, Href: web.RecordURL(isms.Alerts, a.ID), Detail: stateWord(a) + ", last seen " + v.format.Time(a.LastSeen).Format("2 Jan 15:04"), Aside: ui.Severity(string(a.Severity))})
	}
	return items
}

func (v *alertView) findings() []ui.ListItem {
	var items []ui.ListItem
	for _, f := range v.about.Findings[:min(len(v.about.Findings), 5)] {
		items = append(items, ui.ListItem{Title: f.Title, Href: web.RecordURL(isms.Findings, f.ID), Aside: ui.Severity(string(f.Severity))})
	}
	return items
}

// safe shows a line of a log so that it can do nothing to whoever reads it: what steers a
// terminal or turns the direction of writing stands there as a code.
func safe(line string) string {
	var b strings.Builder
	for _, r := range line {
		switch {
		case r == '\t':
			b.WriteRune(' ')
		case unicode.IsControl(r), unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			fmt.Fprintf(&b, "␛%04X", r)
		default:
			b.WriteRune(r)
		}
		if b.Len() > maxShownLine {
			return b.String() + " …"
		}
	}
	return b.String()
}

// maxShownLine bounds how much of a line the page shows; the file has all that is kept.
const maxShownLine = 2000

// tryRoute sends a test over a route.
func (c Config) tryRoute(r *web.Request) error {
	job, err := c.Detection.TryRoute(r.Ctx(), r.PathValue("id"))
	if err != nil {
		return err
	}
	if job == "" {
		return r.Redirect(web.RecordURL(isms.AlertRoutes, r.PathValue("id")), ui.ToastProps{Text: "A test is on its way already."})
	}
	return r.Redirect("/jobs/" + job)
}

// mayTryRoutes: whoever may change routes may try them.
func mayTryRoutes(a access.Actor) bool { return a.May(kind.Write, isms.AlertRoutes) == access.All }

// routeActions offers the test of a route.
func routeActions(r *web.Request, rec kind.Record) ([]templ.Component, error) {
	if !r.May(kind.Write, isms.AlertRoutes) {
		return nil, nil
	}
	return []templ.Component{tryRouteButton(rec.GetBase().ID)}, nil
}

// alertActions offers what an alert in earnest calls for, without looking into a menu.
func (c Config) alertActions(r *web.Request, rec kind.Record) ([]templ.Component, error) {
	a := rec.(*isms.Alert)
	if !mayAnswer(r.Actor) || a.Status != isms.AlertNew && a.Status != isms.AlertAcknowledged {
		return nil, nil
	}
	return []templ.Component{ui.Button(ui.ButtonProps{Label: "Make it an incident", Icon: "respond", Href: web.RecordURL(isms.Alerts, a.ID) + "/do/escalate"})}, nil
}

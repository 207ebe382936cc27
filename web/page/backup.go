package page

import (
	"fmt"
	"time"

	"holdfast/access"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"

	"github.com/a-h/templ"
)

// mayTaint: whoever may write restore points.
func mayTaint(a access.Actor) bool {
	return seesPlans(a) && a.May(kind.Write, isms.RestorePoints) == access.All
}

// A backupView is how well every asset can be restored.
type backupView struct {
	*web.Request
	figures
	board  *response.BackupBoard
	writes bool
}

func (c Config) backups(r *web.Request) error {
	b, err := c.Response.Backups(r.Ctx())
	if err != nil {
		return err
	}
	r.Wide()
	return r.Render("Backups & restore", backupBody(&backupView{Request: r, figures: figures{r.Format}, board: b, writes: mayTaint(r.Actor)}))
}

func (v *backupView) stats() []ui.StatProps {
	n := func(x int) string { return v.Format.Count(int64(x)) }
	return []ui.StatProps{
		{Label: "Can be restored", Value: n(v.board.Good), Note: "A restore proved it, lately enough"},
		{Label: "To be mended", Value: n(v.board.Watch), Note: "It works, and something is less than good"},
		{Label: "Count as no backup", Value: n(v.board.Bad), Note: "Never restored, late, failing or missing"},
	}
}

func healthOf(h isms.Health) ui.Tone {
	switch h {
	case isms.HealthGood:
		return ui.Positive
	case isms.HealthWatch:
		return ui.Attention
	}
	return ui.Negative
}

func backupWord(h isms.Health) string {
	switch h {
	case isms.HealthGood:
		return "Good"
	case isms.HealthWatch:
		return "To be mended"
	}
	return "Does not count"
}

// facts are the figures of an asset: what would be lost, and how long it took.
func (v *backupView) facts(l *response.BackupLine) []ui.KeyValueItem {
	items := []ui.KeyValueItem{
		{Label: "Lost if it failed now", Value: ui.Text(lostNow(l))},
		{Label: "Copied every", Value: against(l.Every, l.RPO, "may lose")},
		{Label: "Restore took", Value: against(l.Took, l.RTO, "must be back in")},
		{Label: "Last proved", Value: provedWhen(v, l)},
	}
	return items
}

func lostNow(l *response.BackupLine) string {
	if l.LastCopy.IsZero() {
		return "Everything"
	}
	return "The work of " + lengthShort(l.AgeHours)
}

func against(have, want float64, words string) templ.Component {
	text := lengthShort(have)
	if want <= 0 {
		return ui.Text(text)
	}
	limit := ui.Muted(" " + words + " " + lengthShort(want))
	if have > want {
		return ui.Join(ui.Badge(ui.BadgeProps{Text: text, Tone: ui.Negative}), limit)
	}
	return ui.Join(ui.Text(text), limit)
}

func provedWhen(v *backupView, l *response.BackupLine) templ.Component {
	if l.LastVerified.IsZero() {
		return ui.Badge(ui.BadgeProps{Text: "never", Tone: ui.Negative})
	}
	return ui.Date(v.Format.Time(l.LastVerified))
}

func ruleIcon(r response.BackupRule) string {
	if r.Holds {
		return "success"
	}
	return "failure"
}

func (v *backupView) arrangements(l *response.BackupLine) []ui.ListItem {
	var list []ui.ListItem
	for _, b := range l.Backups {
		list = append(list, ui.ListItem{Title: b.Title, Href: web.RecordURL(isms.Backups, b.ID), Detail: b.Place, Aside: v.Show(isms.Backups, b, "status")})
	}
	return list
}

// mostPoints is how many copies of an asset are shown.
const mostPoints = 6

func (v *backupView) points(l *response.BackupLine) []ui.ListItem {
	var list []ui.ListItem
	for i, p := range l.Points {
		if i == mostPoints {
			break
		}
		detail := p.Place
		if p.RestoreMinutes > 0 {
			detail += fmt.Sprintf(" · restored in %s", lengthShort(float64(p.RestoreMinutes)/60))
		}
		if p.Hold {
			detail += " · must not be deleted"
		}
		list = append(list, ui.ListItem{Title: v.Format.Time(p.TakenAt).Format("2 Jan 2006, 15:04"), Href: web.RecordURL(isms.RestorePoints, p.ID), Detail: detail, Aside: v.Show(isms.RestorePoints, p, "status")})
	}
	return list
}

// A chooseView is the choice of a restore point.
type chooseView struct {
	*web.Request
	choices  []*response.RestoreChoice
	incident *isms.Incident
	asset    string
	before   string
	writes   bool
}

// chooseRestore shows to which copy an asset is brought back: for all assets of an
// incident, or for one asset and a moment.
func (c Config) chooseRestore(r *web.Request) error {
	v := &chooseView{Request: r, asset: r.URL.Query().Get("asset"), before: r.URL.Query().Get("before"), writes: mayTaint(r.Actor)}
	incident := r.URL.Query().Get("incident")
	before, err := momentFrom(r, v.before)
	if err != nil {
		return err
	}
	if incident != "" {
		rec, err := r.App().Get(r.Ctx(), isms.Incidents, incident)
		if err != nil {
			return err
		}
		v.incident = rec.(*isms.Incident)
		r.Crumbs(ui.Crumb{Label: "Incidents", Href: "/incidents"}, ui.Crumb{Label: v.incident.Title, Href: web.RecordURL(isms.Incidents, v.incident.ID)})
	}
	switch {
	case v.asset != "":
		one, err := c.Response.ChooseRestore(r.Ctx(), v.asset, incident, before)
		if err != nil {
			return err
		}
		v.choices = append(v.choices, one)
	case incident != "":
		if v.choices, err = c.Response.RestoreChoices(r.Ctx(), incident); err != nil {
			return err
		}
	}
	return r.Render("Choose a restore point", chooseBody(v))
}

// momentFrom reads the moment that a form names, in the zone of the organisation.
func momentFrom(r *web.Request, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, r.Format.Zone); err == nil {
			return t.UTC(), nil
		}
	}
	t, err := kind.ParseTime(text)
	if err != nil {
		return t, kind.Fieldf("before", "is no moment; write it as 2026-03-02T14:30")
	}
	return t, nil
}

// taint marks the copies from after the intrusion and holds the chosen one.
func (c Config) taint(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	before, err := momentFrom(r, form.Get("before"))
	if err != nil {
		return err
	}
	choice, n, err := c.Response.TaintAfter(r.Ctx(), form.Get("asset"), form.Get("incident"), before)
	if err != nil {
		return err
	}
	text := upperFirst(figures{r.Format}.plural(int64(n), "copy", "copies")) + " of " + choice.Asset.Title + " marked as tainted."
	if choice.Chosen != nil {
		text += " The chosen one is held."
	}
	return r.Redirect(link("/backups/choose", "incident", form.Get("incident"), "asset", form.Get("asset"), "before", form.Get("before")), ui.ToastProps{Text: text, Tone: ui.Positive})
}

func optionTone(verdict string) ui.Tone {
	switch verdict {
	case response.PointGood:
		return ui.Positive
	case response.PointUnverified:
		return ui.Attention
	}
	return ui.Negative
}

func optionWord(verdict string) string {
	switch verdict {
	case response.PointGood:
		return "Good"
	case response.PointUnverified:
		return "Never tried"
	case response.PointTainted:
		return "Tainted"
	}
	return "Failed"
}

func (v *chooseView) options(c *response.RestoreChoice) []ui.ListItem {
	var list []ui.ListItem
	for _, o := range c.Options {
		title := v.Format.Time(o.Taken).Format("2 Jan 2006, 15:04")
		if c.Chosen != nil && o.Record.ID == c.Chosen.Record.ID {
			title += ": chosen"
		}
		list = append(list, ui.ListItem{Title: title, Href: web.RecordURL(isms.RestorePoints, o.Record.ID), Detail: o.Why, Aside: ui.Badge(ui.BadgeProps{Text: optionWord(o.Verdict), Tone: optionTone(o.Verdict)})})
	}
	return list
}

// chosenWords are what going back to the chosen copy costs.
func chosenWords(c *response.RestoreChoice) string {
	text := ". The work of " + lengthShort(c.LostHours) + " is lost"
	if c.Minutes > 0 {
		text += ", and the restore took " + lengthShort(float64(c.Minutes)/60) + " the last time"
	}
	return text + "."
}

func (v *chooseView) open(c *response.RestoreChoice) bool {
	for _, o := range c.Options {
		if o.Verdict == response.PointTainted && o.Point.Status != "tainted" {
			return true
		}
	}
	return c.Chosen != nil && !c.Chosen.Point.Hold
}

func (v *chooseView) incidentID() string {
	if v.incident == nil {
		return ""
	}
	return v.incident.ID
}

package page

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report/chart"
	"holdfast/web"
	"holdfast/web/ui"
)

// seesRoadmap: whoever may read all that the definitions of done are computed from.
func seesRoadmap(a access.Actor) bool {
	return seesLedger(a) && web.MayRead(isms.Milestones, isms.Objectives, isms.Scopes, isms.Documents, isms.Audits, isms.Vendors)(a)
}

// mayPlan: whoever may change milestones.
func mayPlan(a access.Actor) bool { return a.May(kind.Write, isms.Milestones) == access.All }

// A roadView is the way to a working ISMS.
type roadView struct {
	*web.Request
	figures
	road  *flow.Roadmap
	wins  []flow.Action
	plans bool // the reader may plan
}

func (c Config) roadmap(r *web.Request) error {
	v := &roadView{Request: r, figures: figures{r.Format}, plans: mayPlan(r.Actor)}
	var err error
	if v.road, err = c.Flow.Roadmap(r.Ctx()); err != nil {
		return err
	}
	actions, err := c.ledger.actionsOf(r)
	if err != nil {
		return err
	}
	v.wins = flow.QuickWins(actions, 6)
	r.Wide()
	return r.Render("Roadmap", roadBody(v))
}

// roadmapNext is the next step for Home: fetched after the page, because computing
// every definition of done takes longer than showing a page.
func (c Config) roadmapNext(r *web.Request) error {
	road, err := c.Flow.Roadmap(r.Ctx())
	if err != nil {
		return err
	}
	if !r.Fragment() {
		return r.Redirect("/roadmap")
	}
	return r.RenderPart(roadNext(road.Next))
}

// planRoadmap makes the milestones that are missing.
func (c Config) planRoadmap(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	p := flow.Planning{Start: kind.Date(form.Get("start")), OwnerID: form.Get("owner_id"), Tracks: distinct(form["track"])}
	if text := strings.TrimSpace(form.Get("hours")); text != "" {
		if p.HoursAWeek, err = strconv.ParseFloat(text, 64); err != nil {
			return kind.Fieldf("hours", "is a number of hours a week")
		}
	}
	n, err := c.Flow.Plan(r.Ctx(), p)
	if err != nil {
		return err
	}
	text := figures{r.Format}.plural(int64(n), "milestone was", "milestones were") + " planned. Those that were there stay as they are."
	return r.Redirect("/roadmap", ui.ToastProps{Text: text, Tone: ui.Positive})
}

// replanRoadmap holds the plan against reality.
func (c Config) replanRoadmap(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	moves, err := c.Flow.Replan(r.Ctx(), form.Get("adopt") == "true")
	if err != nil {
		return err
	}
	text := "The plan and reality agree: nothing had to change."
	if len(moves) > 0 {
		text = upperFirst(figures{r.Format}.plural(int64(len(moves)), "milestone was", "milestones were")) + " brought up to date."
	}
	return r.Redirect("/roadmap", ui.ToastProps{Text: text, Tone: ui.Positive})
}

// nextURL is where the next action is taken.
func nextURL(n flow.Next) string {
	switch n.Page {
	case "scope":
		return "/scope"
	case "roadmap":
		return "/roadmap#plan"
	case "triage":
		return "/triage?overdue=true"
	case "setup":
		return "/begin"
	case "quick-wins":
		return "/roadmap#quick-wins"
	}
	k := isms.Registry.Named(n.Kind)
	switch {
	case k == nil:
		return "/roadmap"
	case n.ID != "":
		return web.RecordURL(k, n.ID)
	case n.New:
		return "/" + k.Plural + "/new"
	}
	return "/" + k.Plural
}

func nextLabel(n flow.Next) string {
	switch {
	case n.New:
		return "Add it"
	case n.ID != "":
		return "Open it"
	}
	return "Go there"
}

// namedURL leads to a record that is named; a name without a record has none.
func namedURL(n flow.Named) string {
	k := isms.Registry.Named(n.Kind)
	if k == nil || n.ID == "" {
		return ""
	}
	return web.RecordURL(k, n.ID)
}

func (v *roadView) planned() bool { return v.road.Pace != nil }

// unplanned counts the steps that have no milestone.
func (v *roadView) unplanned() (n int) {
	for _, t := range v.road.Tracks {
		for _, st := range t.Steps {
			if st.Milestone == nil {
				n++
			}
		}
	}
	return n
}

func (v *roadView) planWords() string {
	return upperFirst(v.plural(int64(v.unplanned()), "step has", "steps have")) + " no milestone yet"
}

// slips tells whether a milestone is expected later than planned.
func (v *roadView) slips() bool {
	for _, w := range v.work() {
		if w.Late {
			return true
		}
	}
	return false
}

// work is what the timeline draws: the milestones of both tracks and the others.
func (v *roadView) work() []chart.Work {
	var list []chart.Work
	add := func(name string, m *flow.Milestone, progress float64) {
		if m == nil || m.Status == "dropped" {
			return
		}
		list = append(list, chart.Work{Name: name, Begin: m.StartOn.Time(), Due: m.Due.Time(), Expected: m.Expected.Time(), Progress: progress,
			Done: m.Status == "reached", Late: m.Slips(), Note: string(m.Note)})
	}
	for i := len(v.road.Tracks) - 1; i >= 0; i-- {
		for _, st := range v.road.Tracks[i].Steps {
			add(strconv.Itoa(st.Number)+" "+st.Title, st.Milestone, st.Progress)
		}
	}
	for i := range v.road.Extra {
		m := v.road.Extra[i]
		add(m.Title, &m, m.Progress)
	}
	return list
}

func (v *roadView) timeline() templ.Component {
	p := chart.Plan{Title: "Milestones, planned and expected", Rows: v.work(), Today: v.road.Today.Time()}
	return figureOf(ui.ChartProps{ID: "plan-chart", Title: "The plan", Subtitle: "Each bar runs from the day on which the work begins to the day on which it is due", Why: v.whyPace(), Bare: true}, p, 1040)
}

// whyPace says how the forecasts come about.
func (v *roadView) whyPace() *ui.WhyProps {
	p := v.road.Pace
	if p == nil {
		return nil
	}
	hours := func(x float64) string { return v.format.Number(ratio(x), 1) + " hours" }
	return &ui.WhyProps{ID: "why-pace", About: "When each milestone is expected", Formula: p.Formula,
		Summary: fmt.Sprintf("The work goes on at %s a week; the plan asks for %s.", hours(p.Hours), hours(p.Planned)),
		Inputs: []ui.WhyInput{
			{Name: "Start of the plan", Value: string(p.Start), Source: ui.Computed}, {Name: "Weeks since then", Value: v.format.Number(ratio(p.Weeks), 1), Source: ui.Computed},
			{Name: "Work done since then", Value: hours(p.Done), Source: ui.Computed}, {Name: "Work that is left", Value: hours(p.Left), Source: ui.Computed},
		}}
}

func (v *roadView) paceStats() []ui.StatProps {
	p := v.road.Pace
	full := v.road.Tracks[1]
	list := []ui.StatProps{
		{Label: "Steps done", Value: strconv.Itoa(full.Done), Unit: "of 10", Note: whole(full.Progress) + " of all parts are there"},
		{Label: "First measures done", Value: strconv.Itoa(v.road.Tracks[0].Done), Unit: "of 10", Note: whole(v.road.Tracks[0].Progress) + " of all parts are there"},
	}
	if p == nil {
		return list
	}
	pace := ui.StatProps{Label: "Pace", Value: v.format.Number(ratio(p.Hours), 1), Unit: "hours a week", Note: v.format.Number(ratio(p.Planned), 1) + " are planned", Why: v.whyPace()}
	pace.Why.ID = "why-pace-stat"
	return append(list, pace, ui.StatProps{Label: "Everything reached", Value: dayWords(p.Ends), Note: v.format.Number(ratio(p.Left), 0) + " hours of work are left"})
}

// dayWords writes a day as people do: "12 May 2027".
func dayWords(d kind.Date) string {
	if d == "" {
		return "–"
	}
	t := d.Time()
	return strconv.Itoa(t.Day()) + t.Format(" January 2006")
}

func whole(x float64) string { return strconv.Itoa(int(math.Floor(100*x))) + " %" }

func stepTone(st flow.Step) ui.Tone {
	switch {
	case st.Done:
		return ui.Positive
	case st.Milestone != nil && st.Milestone.Slips():
		return ui.Attention
	}
	return ui.Plain
}

// stepDates says who and when: "Aoife Keane · due 12 May 2027, expected 3 June 2027".
func (v *roadView) stepDates(m *flow.Milestone) string {
	var parts []string
	if m.Owner != "" {
		parts = append(parts, m.Owner)
	}
	switch {
	case m.Status == "reached" && m.ReachedOn != "":
		parts = append(parts, "reached on "+dayWords(m.ReachedOn))
	case m.Status == "reached":
		parts = append(parts, "reached")
	case m.Due != "":
		due := "due " + dayWords(m.Due)
		if m.Slips() && m.Expected > m.Due {
			due += ", expected " + dayWords(m.Expected)
		}
		parts = append(parts, due)
	}
	return strings.Join(parts, " · ")
}

func (v *roadView) milestoneBadge(m *flow.Milestone) templ.Component {
	label, tone := kind.Humanise(string(m.Status)), ui.Plain
	for _, c := range m.Status.Choices() {
		if c.Value != string(m.Status) {
			continue
		}
		switch c.Tone {
		case "good":
			tone = ui.Positive
		case "warn":
			tone = ui.Attention
		case "info":
			tone = ui.Accent
		}
	}
	return ui.Badge(ui.BadgeProps{Text: label, Tone: tone})
}

// partIcon shows whether a part is there.
func partIcon(p flow.Part) string {
	switch {
	case p.Want == 0:
		return "minus"
	case p.Done():
		return "success"
	}
	return "clock"
}

func partClass(p flow.Part) string {
	switch {
	case p.Want == 0:
		return "part--none"
	case p.Done():
		return "part--done"
	}
	return "part--open"
}

func partCount(p flow.Part) string {
	if p.Want == 0 {
		return "nothing to count"
	}
	return p.String()
}

func (v *roadView) winLine(a flow.Action) string {
	return homeView{Request: v.Request, figures: v.figures}.actionLine(a)
}

// tracksInOrder puts the ten steps first; the ten measures are for those who are
// not ready, and fold away once most of them are there.
func (v *roadView) tracksInOrder() []flow.Track {
	return []flow.Track{v.road.Tracks[1], v.road.Tracks[0]}
}

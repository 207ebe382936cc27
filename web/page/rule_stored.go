package page

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"holdfast/eventstore"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/watch"
	"holdfast/web"
	"holdfast/web/ui"
)

// storedSpans are the times over which a rule can be tried, the usual one first.
var storedSpans = []struct {
	name, label string
	back        time.Duration // 0: all
}{
	{"7d", "The last 7 days", 7 * 24 * time.Hour}, {"1d", "The last 24 hours", 24 * time.Hour}, {"30d", "The last 30 days", 30 * 24 * time.Hour}, {"all", "All that is kept", 0},
}

// quickTrial is how long somebody waits for the page; what takes longer goes on in the
// background.
const quickTrial = 2 * time.Second

// A storedTrial is what a rule would have done with stored events.
type storedTrial struct {
	span    string
	last    *watch.Rehearsal // nil: it was not tried within a day
	job     *store.Job       // that is at it
	problem string
}

// knowStored reads what the rule came to the last time.
func (c Config) knowStored(v *ruleView) error {
	v.stored.span = cmp.Or(v.stored.span, storedSpans[0].name)
	if !c.triesStored(v) {
		return nil
	}
	events, err := c.Events(v.Actor.Workspace)
	if err != nil {
		return err
	}
	if v.stored.last == nil {
		if v.stored.last, err = watch.KeptRehearsal(events, v.rule.ID, v.App().Now()); err != nil {
			return err
		}
	}
	if v.stored.job == nil && v.FormValue("job") != "" {
		v.stored.job, err = jobOf(v.Request, v.FormValue("job"))
	}
	return err
}

// triesStored: whoever may read events, where events are kept.
func (c Config) triesStored(v *ruleView) bool { return c.Events != nil && v.Actor.MayReadEvents() }

// jobOf is a job by its id; nil: there is none.
func jobOf(r *web.Request, id string) (*store.Job, error) {
	var j store.Job
	err := r.App().View(r.Ctx(), func(tx *store.Tx) (err error) {
		j, err = tx.JobByID(id)
		return err
	})
	if kind.CodeOf(err) == kind.NotFound {
		return nil, nil //nolint:nilnil // an address can be typed
	}
	return &j, err
}

// tryOnStored tries the text of the form on stored events: at once, and in the background
// where that takes longer than anybody waits.
func (c Config) tryOnStored(v *ruleView, form url.Values) error {
	if !c.triesStored(v) {
		return v.Actor.RefuseEvents()
	}
	events, err := c.Events(v.Actor.Workspace)
	if err != nil {
		return err
	}
	now := v.App().Now()
	in := watch.Rehearse{Rule: v.rule.ID, Text: v.text, To: now, MostTime: quickTrial}
	v.stored.span = form.Get("span")
	for _, s := range storedSpans {
		if s.name == v.stored.span && s.back > 0 {
			in.From = now.Add(-s.back)
		}
	}
	v.stored.last, err = watch.RehearseRule(v.Ctx(), v.App(), c.Detection, events, in, func(string, int, int) {})
	if kind.CodeOf(err) == kind.Invalid {
		v.stored.problem = err.Error()
		return c.showBench(v, http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	if err := watch.KeepRehearsal(events, v.stored.last); err != nil {
		return err
	}
	if v.stored.last.Stopped == watch.StopTime {
		id, err := watch.AskToRehearse(v.Ctx(), v.App(), c.Detection, in)
		if err != nil {
			return err
		}
		if v.stored.job, err = jobOf(v.Request, id); err != nil {
			return err
		}
	}
	return c.showBench(v, http.StatusOK)
}

func (s storedTrial) options() []ui.Option {
	var list []ui.Option
	for _, o := range storedSpans {
		list = append(list, ui.Option{Value: o.name, Label: o.label})
	}
	return list
}

// otherText tells that the text that was tried is not the one that is shown.
func (v *ruleView) otherText() bool {
	return v.stored.last != nil && v.stored.last.Text != watch.TextHash(v.text)
}

// perDay is the estimate in words.
func (v *ruleView) perDay() string {
	r := v.stored.last
	if r.Alerts == 0 {
		return "none"
	}
	if d := r.PerDay(); d >= 10 {
		return v.format.Count(int64(d + 0.5))
	} else if d >= 0.1 {
		return v.format.Number(d, 1)
	}
	return "less than 0.1"
}

func (v *ruleView) storedStats() []ui.StatProps {
	r := v.stored.last
	unread := ""
	if r.Unread > 0 {
		unread = ", " + v.plural(int64(r.Unread), "could not be asked about", "could not be asked about")
	}
	return []ui.StatProps{
		{Label: "Events read", Value: v.format.Count(int64(r.Read)), Note: v.covered() + unread},
		{Label: "Matched", Value: v.format.Count(int64(r.Matches)), Note: "it would have rung " + v.plural(int64(r.Rings), "time", "times")},
		{Label: "Alerts a day", Value: v.perDay(), Note: v.plural(int64(r.Alerts), "alert", "alerts") + " in " + daysWords(v, r), Why: v.whyPerDay()},
	}
}

// covered is the time over which events were read.
func (v *ruleView) covered() string {
	r := v.stored.last
	if r.Read == 0 {
		return "none arrived in that time"
	}
	return v.format.Time(r.First).Format("2 Jan 15:04") + " to " + v.format.Time(r.Last).Format("2 Jan 15:04")
}

func daysWords(v *ruleView, r *watch.Rehearsal) string {
	if d := r.Days(); d >= 2 {
		return v.format.Number(d, 1) + " days"
	}
	return v.format.Number(r.Days()*24, 1) + " hours"
}

// whyPerDay opens how the estimate came to be.
func (v *ruleView) whyPerDay() *ui.WhyProps {
	r := v.stored.last
	if r.Read == 0 {
		return nil
	}
	return &ui.WhyProps{
		About: "Alerts a day", Formula: "alerts ÷ days",
		Summary: "The same machine and actor ring once a day; what comes after counts on that alert. The days are those that the events cover.",
		Inputs: []ui.WhyInput{
			{Name: "Alerts", Value: v.format.Count(int64(r.Alerts)), Source: ui.Measured, At: v.format.Time(r.At)},
			{Name: "Days", Value: v.format.Number(r.Days(), 2), Source: ui.Measured, At: v.format.Time(r.At)},
		},
	}
}

// early says why it had not looked at everything; empty: it had.
func (v *ruleView) early() string {
	r := v.stored.last
	switch r.Stopped {
	case watch.StopTime:
		return "It stopped early: what arrived after " + v.format.Time(r.Last).Format("2 Jan 15:04") + " was not looked at."
	case watch.StopEvents:
		return "Only the newest " + v.format.Count(int64(r.Read)) + " of about " + v.format.Count(int64(min(r.Stored, 1<<62))) + " events were looked at." //nolint:gosec // bounded
	}
	return ""
}

func (v *ruleView) storedChart() ui.ChartProps {
	r := v.stored.last
	p := ui.ChartProps{ID: "rings-over-time", Title: "When it would have rung", Columns: []string{"From", "Times"}, Bare: true}
	for _, b := range r.Buckets {
		if b.Count > 0 {
			p.Rows = append(p.Rows, []string{v.format.Time(b.From).Format("2006-01-02 15:04"), v.format.Count(int64(b.Count))})
		}
	}
	if len(r.Buckets) > 0 {
		p.Subtitle = "One bar is " + spanWords(r.Buckets[0].Width) + ", the first from " + v.format.Time(r.Buckets[0].From).Format("2 Jan 15:04") + "."
	}
	return p
}

func (v *ruleView) storedBars() []bar {
	return barsOf(v.stored.last.Buckets, func(b eventstore.Bucket) string {
		q := eventstore.Query{From: b.From, To: b.From.Add(b.Width)}
		return link("/events", "q", q.String())
	}, func(b eventstore.Bucket) string {
		return v.format.Time(b.From).Format(bucketLayout(b)) + ": " + v.plural(int64(b.Count), "time", "times")
	})
}

// A tallyColumn is one of the lists of who and where.
type tallyColumn struct {
	title string
	list  []watch.Tally
	href  func(watch.Tally) string
	none  string // stands for what has no name
}

func (v *ruleView) tallies() []tallyColumn {
	r := v.stored.last
	record := func(k *kind.Kind) func(watch.Tally) string {
		return func(t watch.Tally) string {
			if t.ID == "" {
				return ""
			}
			return web.RecordURL(k, t.ID)
		}
	}
	actor := func(t watch.Tally) string { return "" }
	return []tallyColumn{
		{"By machine", r.Assets, record(isms.Assets), "None of the register"}, {"By source", r.Sources, record(isms.EventSources), "Unknown"}, {"By actor", r.Actors, actor, "Nobody was named"},
	}
}

func (c tallyColumn) items(v *ruleView) []ui.KeyValueItem {
	var list []ui.KeyValueItem
	for _, t := range c.list {
		item := ui.KeyValueItem{Label: cmp.Or(plainly(t.Name, 60), c.none), Value: ui.Number(v.format.Count(int64(t.Count)))}
		if href := c.href(t); href != "" {
			item.Value = linkTo(href, item.Value)
		}
		list = append(list, item)
	}
	return list
}

// storedWords is the last trial in a line.
func (v *ruleView) storedWords() string {
	r := v.stored.last
	if r.Read == 0 {
		return "No event arrived in the time on which it was tried."
	}
	text := "Tried " + v.format.Time(r.At).Format("2 Jan 15:04") + " on " + v.plural(int64(r.Read), "event", "events") + ": "
	if r.Alerts == 0 {
		return text + "it would not have rung."
	}
	return text + "about " + strings.ToLower(v.perDay()) + " alerts a day."
}

// mayActivate tells whether the rule, as it is saved and was tried, can be switched on.
func (v *ruleView) mayActivate() bool {
	saved := v.text == string(v.rule.Body) && !v.otherText()
	return saved && v.problem == "" && v.rule.Status != isms.RuleActive && v.stored.last != nil && writesRules(v.Actor)
}

func activate(v *ruleView) templ.Attributes {
	return templ.Attributes{"formaction": web.RecordURL(isms.DetectionRules, v.rule.ID) + "/do/activate"}
}

func (v *ruleView) firstHits() string {
	if n, of := len(v.stored.last.Hits), v.stored.last.Rings; n < of {
		return "The first " + v.format.Count(int64(n)) + " of " + v.format.Count(int64(of))
	}
	return "Each time"
}

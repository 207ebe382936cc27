package page

import (
	"errors"
	"fmt"
	"math"

	"github.com/a-h/templ"

	"holdfast/engine/quantify"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/journal"
	"holdfast/kind"
	"holdfast/report/figure"
	"holdfast/store"
	"holdfast/web"
	"holdfast/web/ui"
)

// homeView is what the home page shows to those who run the ISMS.
type homeView struct {
	*web.Request
	portfolio *flow.Portfolio
	actions   []flow.Action
	posture   []flow.Posture
	recent    []journal.Entry
	jobs      []store.Job // running or waiting
	due       []kind.Record
	open      map[string]int64 // open findings by severity
	advisory  *ui.CalloutProps
}

// home answers: where do we stand, and what do we do next? Staff see their tasks.
func (c Config) home(r *web.Request) error {
	if !sees(r) {
		return c.staffHome(r)
	}
	v := homeView{Request: r, open: map[string]int64{}}
	var err error
	if v.portfolio, err = c.Flow.Portfolio(r.Ctx()); err != nil {
		return err
	}
	if v.actions, err = c.Flow.NextActions(r.Ctx(), 5); err != nil {
		return err
	}
	if v.posture, err = c.Flow.Posture(r.Ctx()); err != nil {
		return err
	}
	if v.recent, err = r.App().Recent(r.Ctx(), 0, 12); err != nil {
		return err
	}
	if err := v.work(); err != nil {
		return err
	}
	v.advisory = c.advisoryState()
	r.Wide()
	return r.Render("Home", home(v))
}

// work reads what is under way and what is due.
func (v *homeView) work() error {
	groups, err := v.App().Groups(v.Ctx(), isms.Findings, kind.Query{}.Where("status", string(isms.FindingOpen)), "severity", 10)
	if err != nil {
		return err
	}
	for _, g := range groups {
		v.open[g.Value] = g.Count
	}
	err = v.App().View(v.Ctx(), func(tx *store.Tx) error {
		jobs, err := tx.Jobs(20)
		for _, j := range jobs {
			if j.State == store.JobRunning || j.State == store.JobWaiting && j.Attempt == 0 && j.Name != "review" {
				v.jobs = append(v.jobs, j)
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	page, err := v.App().List(v.Ctx(), isms.Tasks, kind.Query{Sort: "due", Limit: 6}.With("due", kind.Empty, "false").Where("status", "open", "doing", "todo"))
	if kind.CodeOf(err) == kind.Invalid { // the states of tasks have other words
		page, err = v.App().List(v.Ctx(), isms.Tasks, kind.Query{Sort: "due", Limit: 6}.With("due", kind.Empty, "false"))
	}
	v.due = page.Records
	return err
}

// advisoryState tells when software cannot be judged, and what to do about it.
func (c Config) advisoryState() *ui.CalloutProps {
	idx, err := c.Advisories()
	if err == nil && idx != nil {
		return nil
	}
	text := "Weaknesses of configuration are measured. Known vulnerabilities of software are not: the list of advisories has not been fetched yet. It is fetched in the background when the network allows; or start with --advisories and a folder or zip in the OSV format."
	if err != nil && !errors.Is(err, errNone) {
		text = "The list of advisories cannot be read: " + err.Error()
	}
	return &ui.CalloutProps{Tone: ui.Attention, Title: "No advisories are loaded", Text: text}
}

var errNone = errors.New("none")

func (c Config) staffHome(r *web.Request) error {
	page, err := r.App().List(r.Ctx(), isms.Tasks, kind.Query{Sort: "due", Limit: 50})
	if err != nil && kind.CodeOf(err) != kind.Forbidden {
		return err
	}
	assignments, err := r.App().List(r.Ctx(), isms.Assignments, kind.Query{Limit: 50})
	if err != nil && kind.CodeOf(err) != kind.Forbidden {
		return err
	}
	return r.Render("Home", myWork(r, page.Records, assignments.Records))
}

// money is an amount with the currency of the organisation.
func (v homeView) money(x float64) string { return v.Format.Amount(roundMoney(x)) }

// roundMoney keeps three significant digits: more would claim what nobody knows.
func roundMoney(x float64) float64 {
	if x == 0 || math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	unit := math.Pow(10, math.Max(0, math.Floor(math.Log10(math.Abs(x)))-2))
	return math.Round(x/unit) * unit
}

func (v homeView) position() (string, ui.Tone) {
	if v.portfolio.Appetite == nil {
		return "No appetite is stated yet", ui.Attention
	}
	tone := ui.Positive
	switch {
	case v.portfolio.Position >= quantify.AboveLimit:
		tone = ui.Negative
	case v.portfolio.Position >= quantify.AboveAppetite:
		tone = ui.Attention
	}
	return v.portfolio.Position.Words(), tone
}

// appetiteMeter shows the expected loss against the five figures of the appetite.
func (v homeView) meter() ui.MeterProps {
	words, tone := v.position()
	return ui.MeterProps{Label: "Expected yearly loss against capacity", Value: v.portfolio.Now.Total.Mean, Max: math.Max(v.portfolio.Bands.Capacity, 1), Text: words, Tone: tone}
}

func (v homeView) whyLoss() *ui.WhyProps {
	w := &ui.WhyProps{ID: "why-loss", Title: "Expected yearly loss", Formula: "Σ ALE over all risks that are not closed; ALE = EAE × SLE, simulated"}
	for _, s := range v.portfolio.Now.Scenarios[:min(8, len(v.portfolio.Now.Scenarios))] {
		w.Inputs = append(w.Inputs, ui.WhyInput{Name: s.Name, Value: v.money(s.Mean), Source: ui.Computed})
	}
	w.Note = fmt.Sprintf("%d years simulated with a fixed seed; standard error %s.", v.portfolio.Now.Years, v.money(v.portfolio.Now.Total.StdErr))
	return w
}

func (v homeView) whyPosture(p flow.Posture) *ui.WhyProps {
	w := &ui.WhyProps{ID: "why-" + p.Principle.Value, Title: p.Principle.Label, Formula: "mean of the shares below", Note: p.Principle.Doc}
	for _, part := range p.Parts {
		w.Inputs = append(w.Inputs, ui.WhyInput{Name: part.Name, Value: fmt.Sprintf("%d of %d", part.Good, part.All), Source: ui.Measured, Detail: part.Doc})
	}
	return w
}

func (v homeView) postureStat(p flow.Posture) ui.StatProps {
	s := ui.StatProps{Label: p.Principle.Label, Value: "–", Note: p.Principle.Doc, Why: v.whyPosture(p)}
	if p.Known {
		s.Value, s.Unit = fmt.Sprintf("%.0f", p.Score), "of 100"
	}
	return s
}

// actionURL leads to where the action is taken.
func actionURL(a flow.Action) string {
	if a.Kind == "safeguard" {
		return web.RecordURL(isms.Safeguards, a.Safeguard)
	}
	return "/triage?by=fix&fix=" + escape(a.Fix)
}

func (v homeView) curve() templ.Component {
	return frame(ui.ChartProps{ID: "loss", Title: "What a year may cost", Subtitle: "Chance that a year costs more than an amount",
		Why: v.whyLoss()}, figure.Exceedance(v.portfolio, v.Format.Currency), wide)
}

// what describes an entry of the journal in words.
func what(e journal.Entry) string {
	verbs := map[string]string{"create": "added", "update": "changed", "delete": "deleted", "restore": "restored", "link": "linked", "unlink": "unlinked"}
	verb := verbs[e.Verb]
	if verb == "" {
		verb = kind.Humanise(e.Verb)
	}
	return verb + ": " + e.Title
}

func (v homeView) changes() []ui.TimelineEntry {
	var list []ui.TimelineEntry
	for _, e := range v.recent {
		k := v.App().Registry().Named(e.Kind)
		list = append(list, ui.TimelineEntry{At: v.Format.Time(e.At), Who: e.Actor, What: what(e), Href: web.RecordURL(k, e.RecordID), Icon: k.Icon, Reason: e.Reason})
	}
	return list
}

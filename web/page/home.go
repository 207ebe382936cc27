package page

import (
	"fmt"
	"slices"

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
	figures
	portfolio *flow.Portfolio
	actions   []flow.Action
	posture   []flow.Posture
	recent    []journal.Entry
	jobs      []store.Job // running, or waiting for the first time
	due       []dueItem
	open      map[string]int64 // open findings by severity
	overdue   int64
	advisory  *ui.CalloutProps
	scannable bool
}

// home answers: where do we stand, and what do we do next? Staff see their tasks.
func (c Config) home(r *web.Request) error {
	if !seesLedger(r.Actor) {
		return c.myWork(r)
	}
	v := homeView{Request: r, figures: figures{r.Format}, open: map[string]int64{}, scannable: c.ScanHost != nil && mayScan(r.Actor)}
	var err error
	if v.portfolio, err = c.ledger.portfolioOf(r); err != nil {
		return err
	}
	if err := v.readWork(); err != nil {
		return err
	}
	if empty, err := v.nothingYet(); err != nil {
		return err
	} else if empty {
		return r.Render("Welcome", startBody(v))
	}
	if v.actions, err = c.ledger.actionsOf(r); err != nil {
		return err
	}
	v.actions = v.actions[:min(len(v.actions), 5)]
	if v.posture, err = c.Flow.Posture(r.Ctx()); err != nil {
		return err
	}
	if v.advisory, err = c.advisoryState(); err != nil {
		return err
	}
	r.Wide()
	return r.Render("Home", homeBody(v))
}

// nothingYet tells whether this is a new installation: no asset and no risk.
func (v *homeView) nothingYet() (bool, error) {
	if len(v.portfolio.Risks) > 0 {
		return false, nil
	}
	page, err := v.App().List(v.Ctx(), isms.Assets, kind.Query{Limit: 1})
	return len(page.Records) == 0, err
}

// readWork reads what is under way, what is due and what happened.
func (v *homeView) readWork() error {
	open := kind.Query{}.Where("status", string(isms.FindingOpen))
	groups, err := v.App().Groups(v.Ctx(), isms.Findings, open, "severity", 10)
	if err != nil {
		return err
	}
	for _, g := range groups {
		v.open[g.Value] = g.Count
	}
	today := string(v.Format.Today(v.Now()))
	late := open.With("due", kind.Less, today).With("due", kind.Empty, "false")
	late.Limit, late.Count = 1, true
	page, err := v.App().List(v.Ctx(), isms.Findings, late)
	if err != nil {
		return err
	}
	v.overdue = page.Total
	if v.jobs, err = underWay(v.Request); err != nil {
		return err
	}
	if v.due, err = v.dueItems(); err != nil {
		return err
	}
	v.recent, err = v.App().Recent(v.Ctx(), 0, 200)
	return err
}

// underWay lists the jobs that a person may be waiting for.
func underWay(r *web.Request) ([]store.Job, error) {
	var list []store.Job
	err := r.App().View(r.Ctx(), func(tx *store.Tx) error {
		jobs, err := tx.Jobs(20)
		for _, j := range jobs {
			if j.State == store.JobRunning || j.State == store.JobWaiting && !j.RunAt.After(r.Now()) {
				list = append(list, j)
			}
		}
		return err
	})
	return list, err
}

// A dueItem is something with a date that somebody has to do.
type dueItem struct {
	title, href, what string
	due               kind.Date
	late              bool
}

// dueItems are the next dated duties over the kinds that have any.
func (v *homeView) dueItems() ([]dueItem, error) {
	today := v.Format.Today(v.Now())
	var list []dueItem
	for _, s := range []struct {
		k      *kind.Kind
		field  string
		states []string
		what   string
	}{
		{isms.Tasks, "due", []string{string(isms.TaskOpen), string(isms.TaskDoing), string(isms.TaskWaiting)}, "Task"},
		{isms.Treatments, "due", []string{string(isms.TreatmentApproved), string(isms.TreatmentRunning)}, "Treatment"},
		{isms.Risks, "review_by", []string{string(isms.RiskOpen), string(isms.RiskTreating), string(isms.RiskAccepted)}, "Review of a risk"},
	} {
		q := kind.Query{Sort: s.field, Limit: 6}.Where(s.k.StateField, s.states...).With(s.field, kind.Empty, "false")
		page, err := v.App().List(v.Ctx(), s.k, q)
		if kind.CodeOf(err) == kind.Forbidden {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, rec := range page.Records {
			day := kind.Date(s.k.Field(s.field).Text(rec))
			list = append(list, dueItem{title: rec.GetBase().Title, href: web.RecordURL(s.k, rec.GetBase().ID), what: s.what, due: day, late: day < today})
		}
	}
	slices.SortStableFunc(list, func(a, b dueItem) int { return compareDates(a.due, b.due) })
	return list[:min(len(list), 6)], nil
}

func compareDates(a, b kind.Date) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// advisoryState tells when software cannot be judged, and what to do about it.
func (c Config) advisoryState() (*ui.CalloutProps, error) {
	if c.Advisories == nil {
		return nil, nil
	}
	idx, err := c.Advisories()
	switch {
	case err != nil:
		return &ui.CalloutProps{Tone: ui.Negative, Title: "The list of advisories cannot be read", Text: err.Error()}, nil
	case idx != nil:
		return nil, nil
	}
	return &ui.CalloutProps{Tone: ui.Attention, Title: "No advisories are loaded",
		Text: "Weaknesses of configuration are measured. Known vulnerabilities of software are not, because the list of advisories has not been fetched yet. That happens in the background as soon as the network allows it; or start with --advisories and a folder or zip in the OSV format."}, nil
}

// scan asks for a look at this machine.
func (c Config) scan(r *web.Request) error {
	if c.ScanHost == nil {
		return kind.Errorf(kind.NotFound, "this installation cannot look at the machine it runs on")
	}
	job, err := c.ScanHost(r.Ctx())
	if err != nil {
		return err
	}
	text := "The look at this machine has begun."
	if job == "" {
		text = "A look at this machine is under way already."
	}
	return r.Redirect("/", ui.ToastProps{Text: text, Tone: ui.Positive})
}

func positionOf(p *flow.Portfolio) (string, ui.Tone) {
	if p.Appetite == nil {
		return "No appetite is stated yet, so nobody can say whether this is too much.", ui.Attention
	}
	switch {
	case p.Position >= quantify.AboveLimit:
		return p.Position.Words(), ui.Negative
	case p.Position >= quantify.AboveAppetite:
		return p.Position.Words(), ui.Attention
	}
	return p.Position.Words(), ui.Positive
}

// whyLoss tells of what the expected yearly loss consists.
func (f figures) whyLoss(id string, p *flow.Portfolio) *ui.WhyProps {
	w := &ui.WhyProps{ID: id, About: "Expected yearly loss", Formula: "Σ ALE over all risks that are not closed; ALE = EAE × SLE",
		Summary: fmt.Sprintf("%s simulated years with a fixed seed; chance may have moved the figure by %s (standard error). %d of %d risks are in money.",
			f.format.Count(int64(p.Now.Years)), f.money(p.Now.Total.StdErr), p.Priced, len(p.Risks)),
		More: "/heatmap"}
	list := slices.Clone(p.Now.Scenarios)
	slices.SortStableFunc(list, func(a, b quantify.Summary) int { return -compareFloats(a.Mean, b.Mean) })
	for _, s := range list[:min(6, len(list))] {
		w.Inputs = append(w.Inputs, ui.WhyInput{Name: s.Name, Value: f.money(s.Mean), Source: ui.Computed, Href: riskURL(s.ID)})
	}
	return w
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func (v homeView) postureStat(p flow.Posture) ui.StatProps {
	w := &ui.WhyProps{ID: "why-" + p.Principle.Value, About: p.Principle.Label, Summary: p.Principle.Doc,
		Formula: "score = mean of the shares below × 100"}
	note := "Nothing has been measured yet."
	for i, part := range p.Parts {
		text := fmt.Sprintf("%d of %d", part.Good, part.All)
		w.Inputs = append(w.Inputs, ui.WhyInput{Name: part.Name, Value: text, Source: ui.Measured})
		if i == 0 || part.Share() < weakest(p.Parts).Share() {
			note = ""
		}
	}
	s := ui.StatProps{Label: p.Principle.Label, Value: "–", Note: note, Why: w}
	if p.Known {
		weak := weakest(p.Parts)
		s.Value, s.Unit = fmt.Sprintf("%.0f", p.Score), "of 100"
		s.Note = fmt.Sprintf("Weakest: %s (%d of %d)", lowerFirst(weak.Name), weak.Good, weak.All)
	}
	return s
}

// weakest is the part from which there is most to gain.
func weakest(parts []flow.PosturePart) flow.PosturePart {
	return slices.MinFunc(parts, func(a, b flow.PosturePart) int { return compareFloats(a.Share(), b.Share()) })
}

func (v homeView) curve() templ.Component {
	return figureOf(ui.ChartProps{ID: "loss", Title: "What a year may cost", Subtitle: "Chance that a year costs more than an amount", Bare: true},
		figure.Exceedance(v.portfolio, v.Format.Currency), 600)
}

// what describes an entry of the journal in words.
func what(e journal.Entry) string {
	if verb, ok := verbs[e.Verb]; ok {
		return verb
	}
	return lowerFirst(kind.Humanise(e.Verb))
}

var verbs = map[string]string{
	"create": "added", "update": "changed", "delete": "deleted", "restore": "restored", "link": "linked", "unlink": "unlinked",
	"accept": "accepted", "approve": "approved", "decline": "declined", "close": "closed", "confirm": "confirmed", "reopen": "re-opened",
	"mitigate": "marked as mitigated", "dismiss": "marked as false positive", "resolve": "resolved", "operate": "put into operation",
	"start": "started", "finish": "finished", "treat": "started to treat",
}

// changes tells what happened, things alike in one line: a scan that opened a
// hundred findings is one event for a reader. Signing in is no news.
func (v homeView) changes() []ui.TimelineEntry {
	var list []ui.TimelineEntry
	for i := 0; i < len(v.recent) && len(list) < 6; {
		e, n := v.recent[i], 1
		for i+n < len(v.recent) && alike(e, v.recent[i+n]) {
			n++
		}
		i += n
		if e.Reason == "signed in" || e.Verb == "link" || e.Verb == "unlink" {
			continue
		}
		list = append(list, v.change(e, n))
	}
	return list
}

// change is one line of the history: n entries like e.
func (v homeView) change(e journal.Entry, n int) ui.TimelineEntry {
	k := v.App().Registry().Named(e.Kind)
	if n > 1 {
		return ui.TimelineEntry{At: v.Format.Time(e.At), Who: e.Actor, Href: "/" + k.Plural, Icon: k.Icon,
			What: fmt.Sprintf("%s %d %s", what(e), n, lowerFirst(kind.Humanise(k.Plural)))}
	}
	return ui.TimelineEntry{At: v.Format.Time(e.At), Who: e.Actor, What: what(e) + " " + lowerFirst(k.Label) + " “" + shorten(e.Title, 80) + "”",
		Href: web.RecordURL(k, e.RecordID), Icon: k.Icon, Reason: e.Reason}
}

func alike(a, b journal.Entry) bool {
	return a.Actor == b.Actor && a.Verb == b.Verb && a.Kind == b.Kind
}

package page

import (
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report/chart"
	"holdfast/web"
	"holdfast/web/ui"
)

// mayTask: whoever may write any task.
func mayTask(a access.Actor) bool {
	return seesStatement(a) && a.May(kind.Write, isms.Tasks) == access.All
}

// A gapView is what a framework lacks, in one scope, with the others beside it.
type gapView struct {
	*web.Request
	figures
	st      *flow.Statement
	scopes  []*isms.Scope
	gap     flow.Gap
	trend   []flow.MetReading
	planned map[string]*isms.Task
	side    []scopeColumn
	tasks   bool
	most    int // steps that are shown
	today   kind.Date
}

// A scopeColumn is how the frameworks stand in one scope.
type scopeColumn struct {
	name, key string
	counts    map[string]flow.GapCount // by framework
}

// maxSide bounds how many scopes stand side by side.
const maxSide = 5

func (c Config) gapPage(r *web.Request) error {
	v, err := c.gapView(r)
	if err != nil {
		return err
	}
	r.Wide()
	return r.Render("Gap analysis", gapBody(v))
}

func (c Config) gapView(r *web.Request) (*gapView, error) {
	v := &gapView{Request: r, figures: figures{r.Format}, tasks: mayTask(r.Actor), most: 25, today: r.Format.Today(r.Now())}
	var err error
	if v.scopes, err = scopesOf(r); err != nil {
		return nil, err
	}
	if r.FormValue("all") != "" {
		v.most = 1_000
	}
	scope := chosenScope(v.scopes, r.FormValue("scope"))
	if v.st, err = c.statements.of(r, scope); err != nil || len(v.st.Frameworks) == 0 {
		return v, err
	}
	actions, err := c.ledger.actionsOf(r)
	if err != nil {
		return nil, err
	}
	fw := chosenFramework(v.st.Frameworks, r.FormValue("framework"))
	v.gap = c.Flow.Gap(v.st, fw.ID, actions)
	if v.trend, err = c.Flow.Trend(r.Ctx(), fw.ID, scope); err != nil {
		return nil, err
	}
	if v.planned, err = c.Flow.Planned(r.Ctx(), v.gap.Steps); err != nil {
		return nil, err
	}
	return v, c.beside(r, v)
}

// beside measures the other scopes too.
func (c Config) beside(r *web.Request, v *gapView) error {
	type place struct{ name, key, id string }
	places := []place{{"The whole organisation", "", ""}}
	for _, s := range v.scopes[:min(maxSide, len(v.scopes))] {
		places = append(places, place{s.Title, s.Key, s.ID})
	}
	for _, p := range places {
		st, err := c.statements.of(r, p.id)
		if err != nil {
			return err
		}
		col := scopeColumn{name: p.name, key: p.key, counts: map[string]flow.GapCount{}}
		for _, fw := range st.Frameworks {
			col.counts[fw.ID] = flow.CountOf(st.Of(fw.ID))
		}
		v.side = append(v.side, col)
	}
	return nil
}

// planGap makes tasks of the steps that were chosen.
func (c Config) planGap(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	keys := distinct(form["step"])
	if len(keys) == 0 {
		return r.Back("/gap", ui.ToastProps{Text: "Choose at least one step", Tone: ui.Attention})
	}
	v, err := c.gapView(r)
	if err != nil {
		return err
	}
	n, err := c.Flow.PlanSteps(r.Ctx(), v.st, v.gap, keys...)
	if err != nil {
		return err
	}
	return r.Back("/gap", ui.ToastProps{Text: plainCount(n, "task was made", "tasks were made"), Tone: ui.Positive})
}

func (v *gapView) scopeKey() string {
	if v.st.Scope == nil {
		return ""
	}
	return v.st.Scope.Key
}

func (v *gapView) stats() []ui.StatProps {
	c := v.gap.Count
	loss, hours := 0.0, 0.0
	for _, s := range v.gap.Steps {
		loss, hours = loss+s.Avoided, hours+s.Hours
	}
	met := ui.StatProps{Label: "Measured as met", Value: v.Format.Share(c.Share()), Note: strconv.Itoa(c.Met) + " of " + strconv.Itoa(c.Counting())}
	if n := len(v.trend); n > 1 {
		first := v.trend[max(0, n-31)]
		if d := c.Share() - first.Share; d > 0.004 {
			met.Delta, met.Trend, met.Tone = v.Format.Share(d)+" more than on "+string(first.Day), ui.Up, ui.Positive
		} else if d < -0.004 {
			met.Delta, met.Trend, met.Tone = v.Format.Share(-d)+" less than on "+string(first.Day), ui.Down, ui.Negative
		}
	}
	return []ui.StatProps{met,
		{Label: "Missing", Value: strconv.Itoa(len(v.gap.Missing)), Note: barWords(c)},
		{Label: "Steps", Value: strconv.Itoa(len(v.gap.Steps)), Note: v.Format.Number(hours, 0) + " hours of work"},
		{Label: "Loss they avoid", Value: v.money(loss), Unit: "a year", Note: "Where the figures of risks are known"},
	}
}

// curve is how much was met over time.
func (v *gapView) curve() templ.Component {
	line := chart.Line{Name: shortName(v.gap.Framework)}
	for _, r := range v.trend {
		line.Points = append(line.Points, chart.Moment{At: r.Day.Time(), Value: 100 * r.Share})
	}
	t := chart.Trend{Title: "Met over time", Series: []chart.Line{line}, Format: func(f float64) string { return strconv.FormatFloat(f, 'f', 0, 64) + " %" }}
	return figureOf(ui.ChartProps{ID: "trend", Title: "Met over time", Subtitle: "Share of the requirements that apply, one reading a day"}, t, wide)
}

// worth tells whether there are enough readings for a curve.
func (v *gapView) worth() bool {
	return len(v.trend) > 2 && v.trend[len(v.trend)-1].Day.Time().Sub(v.trend[0].Day.Time()) > 48*time.Hour
}

// answers names what a step would help to meet.
func (v *gapView) answers(s flow.GapStep) string {
	const most = 5
	text := ""
	for i, id := range s.Answers[:min(most, len(s.Answers))] {
		if i > 0 {
			text += ", "
		}
		if line := v.st.Line(id); line != nil {
			text += line.Requirement.Code
		}
	}
	if more := len(s.Answers) - most; more > 0 {
		text += " and " + strconv.Itoa(more) + " more"
	}
	return text
}

// stepURL leads to what a step is about; empty for none.
func stepURL(s flow.GapStep) string { return proofURL(flow.Proof{Kind: s.Kind, ID: s.ID}) }

// worst are the gaps that are listed.
func (v *gapView) worst(n int) []*flow.Standing { return v.gap.Missing[:min(n, len(v.gap.Missing))] }

// A walkView compares two frameworks.
type walkView struct {
	*web.Request
	st       *flow.Statement
	from, to *isms.Framework
	walk     flow.Crosswalk
	lines    []flow.CrosswalkLine
	show     string
}

func (c Config) crosswalk(r *web.Request) error {
	st, err := c.statements.of(r, "")
	if err != nil {
		return err
	}
	q := r.URL.Query()
	v := &walkView{Request: r, st: st, show: q.Get("show")}
	if len(st.Frameworks) > 1 {
		v.choose(q.Get("from"), q.Get("to"))
		v.walk = st.Crosswalk(v.from.ID, v.to.ID)
		for _, l := range v.walk.Lines {
			if v.show == "" || v.show == answerOf(l) {
				v.lines = append(v.lines, l)
			}
		}
	}
	r.Wide()
	return r.Render("Crosswalk", walkBody(v))
}

// choose picks the two frameworks; without a choice, the two that are most used.
func (v *walkView) choose(from, to string) {
	list := slices.Clone(v.st.Frameworks)
	slices.SortStableFunc(list, func(a, b *isms.Framework) int {
		return flow.CountOf(v.st.Of(b.ID)).Said - flow.CountOf(v.st.Of(a.ID)).Said
	})
	v.from, v.to = list[0], list[1]
	for _, fw := range list {
		if fw.Key == from || fw.ID == from {
			v.from = fw
		}
		if fw.Key == to || fw.ID == to {
			v.to = fw
		}
	}
	if v.from == v.to {
		for _, fw := range list {
			if fw != v.to {
				v.from = fw
				break
			}
		}
	}
}

// answerOf says how a requirement is answered: whole, part, hint or none.
func answerOf(l flow.CrosswalkLine) string {
	switch {
	case len(l.Answer.Whole) > 0:
		return "whole"
	case len(l.Answer.Parts) > 0:
		return "part"
	case len(l.Hints) > 0:
		return "hint"
	}
	return "none"
}

func (v *walkView) chips() []chip {
	to := func(show string) string { return link("/crosswalk", "from", v.from.Key, "to", v.to.Key, "show", show) }
	return []chip{
		{"All", to(""), len(v.walk.Lines), v.show == ""}, {"Answered", to("whole"), v.walk.Whole, v.show == "whole"}, {"In part", to("part"), v.walk.Part, v.show == "part"},
		{"Related only", to("hint"), v.walk.Hinted, v.show == "hint"}, {"Nothing", to("none"), v.walk.Nothing, v.show == "none"},
	}
}

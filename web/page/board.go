package page

import (
	"fmt"
	"strconv"

	"github.com/a-h/templ"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report/chart"
	"holdfast/report/figure"
	"holdfast/web"
	"holdfast/web/ui"
)

// seesBoard: whoever may read what the steering committee decides on.
func seesBoard(a access.Actor) bool {
	return seesRoadmap(a) && web.MayRead(isms.Approvals, isms.Decisions, isms.Meetings, isms.Indicators)(a)
}

// A boardView is one page for the steering committee.
type boardView struct {
	*web.Request
	figures
	portfolio *flow.Portfolio
	board     *flow.Board
	owners    map[string]kind.Record
}

func (c Config) board(r *web.Request) error {
	v := &boardView{Request: r, figures: figures{r.Format}}
	var err error
	if v.portfolio, err = c.ledger.portfolioOf(r); err != nil {
		return err
	}
	if v.board, err = c.Flow.Board(r.Ctx()); err != nil {
		return err
	}
	var ids []string
	for _, x := range v.top() {
		ids = append(ids, x.OwnerID)
	}
	if v.owners, err = r.App().Many(r.Ctx(), isms.People, distinct(ids)); err != nil {
		return err
	}
	r.Wide()
	return r.Render("Board page", boardBody(v))
}

// top are the five most expensive risks.
func (v *boardView) top() []*isms.Risk { return v.portfolio.Risks[:min(5, len(v.portfolio.Risks))] }

func (v *boardView) owner(id string) string {
	if p := v.owners[id]; p != nil {
		return p.GetBase().Title
	}
	return "nobody"
}

func (v *boardView) subtitle() string {
	name := v.Format.Organisation
	if name == "" {
		name = v.Format.Workspace
	}
	return name + ", " + dayWords(v.Format.Today(v.Now()))
}

// curve is the loss before and after the plan, against the appetite.
func (v *boardView) curve() templ.Component {
	l := figure.Exceedance(v.portfolio, v.Format.Currency)
	return figureOf(ui.ChartProps{ID: "board-loss", Title: "What a year may cost", Subtitle: "Chance that a year costs more than an amount, before and after the plan", Bare: true}, l, 560)
}

// lossWords say the figures in a sentence.
func (v *boardView) lossWords() string {
	p := v.portfolio
	text := fmt.Sprintf("A year costs %s on average today and %s when the plan is carried out.", v.money(p.Now.Total.Mean), v.money(p.Target.Total.Mean))
	if then := v.board.LossThen; then != nil {
		text += fmt.Sprintf(" At the last meeting it was %s.", v.money(then.Value))
	}
	return text
}

// answers says how a risk is answered.
func answerWords(x *isms.Risk) string {
	switch {
	case x.Status == isms.RiskDraft:
		return "draft, nobody looked"
	case x.Treatment != "":
		return kind.Humanise(string(x.Treatment)) + ", " + string(x.Status)
	}
	return kind.Humanise(string(x.Status))
}

// askURL is where an answer is posted.
func askURL(q flow.Question, action string) string {
	return web.RecordURL(isms.Registry.Named(q.Kind), q.ID) + "/do/" + action
}

func askRecord(q flow.Question) string {
	if url := namedURL(q.About); url != "" {
		return url
	}
	return web.RecordURL(isms.Registry.Named(q.Kind), q.ID)
}

func yesLabel(q flow.Question) string {
	if q.Kind == "decision" {
		return "Decide so"
	}
	return "Approve"
}

func noLabel(q flow.Question) string {
	if q.Kind == "decision" {
		return "Defer"
	}
	return "Decline"
}

// askFigures say what an answer costs and brings.
func (v *boardView) askFigures(q flow.Question) string {
	text := ""
	add := func(s string) {
		if text != "" {
			text += " · "
		}
		text += s
	}
	if q.Cost > 0 {
		add("costs " + v.money(q.Cost) + " a year")
	}
	if q.Avoided > 0 {
		add("avoids " + v.money(q.Avoided) + " a year")
	}
	if q.Quorum > 1 {
		add(strconv.Itoa(q.Agreed) + " of " + strconv.Itoa(q.Quorum) + " agreed")
	}
	if q.Due != "" {
		add(dueWords(q.Due, v.board.Today))
	}
	return upperFirst(text)
}

func (v *boardView) changesTitle() string {
	if v.board.Last == nil {
		return "What changed in a month"
	}
	return "What changed since the last meeting"
}

func (v *boardView) changesDoc() string {
	if v.board.Last == nil {
		return "No meeting was held yet"
	}
	return v.board.Last.Title + ", " + dayWords(v.board.Since)
}

func newsURL(n flow.News) string { return "/" + isms.Registry.Named(n.Kind).Plural }

// figureWords writes the value of an indicator with its unit.
func (f figures) figureWords(i *isms.Indicator, value float64) string {
	switch i.Unit {
	case "money", f.format.Currency:
		return f.short(value)
	case "%":
		return f.format.Number(value, 0) + " %"
	case "":
		return f.format.Number(ratio(value), 1)
	}
	return f.format.Number(ratio(value), 1) + " " + i.Unit
}

// spark is a trend as small as a word.
func (f figures) spark(t flow.Trend) templ.Component {
	line := chart.Line{Name: t.Indicator.Title}
	for _, p := range t.Points {
		line.Points = append(line.Points, chart.Moment{At: p.At, Value: p.Value})
	}
	return svg(chart.Trend{Title: t.Indicator.Title, Series: []chart.Line{line}, Spark: true}, 110, "plot spark")
}

func healthTone(h isms.Health) ui.Tone {
	switch h {
	case isms.HealthGood:
		return ui.Positive
	case isms.HealthBad:
		return ui.Negative
	case isms.HealthWatch:
		return ui.Attention
	}
	return ui.Plain
}

func healthWord(h isms.Health) string {
	switch h {
	case isms.HealthGood:
		return "good"
	case isms.HealthBad:
		return "act"
	case isms.HealthWatch:
		return "watch"
	}
	return "not read"
}

// trendWords compare the newest reading with the oldest.
func (f figures) trendWords(t flow.Trend) string {
	d, ok := t.Change()
	switch {
	case !ok:
		return "no trend yet"
	case d > 0:
		return "better than a year ago"
	case d < 0:
		return "worse than a year ago"
	}
	return "as a year ago"
}

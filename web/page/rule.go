package page

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"holdfast/access"
	"holdfast/engine/event"
	"holdfast/flow/detection"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"

	"github.com/a-h/templ"
)

// seesRules: whoever may read all detection rules.
func seesRules(a access.Actor) bool { return web.MayRead(isms.DetectionRules)(a) }

// writesRules: whoever may write them.
func writesRules(a access.Actor) bool { return a.May(kind.Write, isms.DetectionRules) == access.All }

// maxRuleForm bounds a rule with the events that it is tried on.
const maxRuleForm = detection.MaxTrial + detection.MaxRule + 64<<10

// A ruleView is the bench of one rule: its text, whether it can run, and what it says about
// events.
type ruleView struct {
	*web.Request
	figures
	rule     *isms.DetectionRule
	text     string
	events   string
	as       string // format in which the events are read
	trial    *detection.Trial
	problem  string // why the text cannot run
	mistaken string // what is wrong with the events
	read     *detection.RuleText
	version  int64
	stored   storedTrial // what it says of the events that are stored
}

func (c Config) ruleOf(r *web.Request) (*ruleView, error) {
	rec, err := r.App().Get(r.Ctx(), isms.DetectionRules, r.PathValue("id"))
	if err != nil {
		return nil, err
	}
	rule := rec.(*isms.DetectionRule)
	v := &ruleView{Request: r, figures: figures{r.Format}, rule: rule, text: string(rule.Body), version: rule.Version, as: string(event.Auto)}
	v.check()
	return v, nil
}

// check says whether the text as it stands can run.
func (v *ruleView) check() {
	read, err := detection.ReadRule("rule", v.text)
	v.read, v.problem = read, ""
	if err != nil {
		v.problem = strings.TrimPrefix(err.Error(), "rule:")
		if line, rest, ok := strings.Cut(v.problem, ":"); ok && !strings.ContainsAny(line, " ") && line != "" {
			v.problem = "Line " + line + ":" + rest
		}
	} else {
		v.problem = v.rule.Complaint
		if v.text != string(v.rule.Body) {
			v.problem = ""
		}
	}
}

// rulePage is the bench of a rule.
func (c Config) rulePage(r *web.Request) error {
	v, err := c.ruleOf(r)
	if err != nil {
		return err
	}
	return c.showBench(v, http.StatusOK)
}

func (c Config) showBench(v *ruleView, status int) error {
	if err := c.knowStored(v); err != nil {
		return err
	}
	v.Crumbs(ui.Crumb{Label: "Detection rules", Href: "/detection-rules"}, ui.Crumb{Label: v.rule.Title, Href: web.RecordURL(isms.DetectionRules, v.rule.ID)})
	return v.RenderAs(status, "Bench: "+v.rule.Title, ruleBench(v, c.triesStored(v)))
}

// tryRule checks the text of the form, tries it on the events of the form, and saves it
// when that is what was asked for.
func (c Config) tryRule(r *web.Request) error {
	v, err := c.ruleOf(r)
	if err != nil {
		return err
	}
	form, err := r.Form()
	if err != nil {
		return err
	}
	if form.Has("body") {
		v.text = strings.ReplaceAll(form.Get("body"), "\r\n", "\n")
	}
	v.events, v.as = form.Get("events"), cmp.Or(form.Get("format"), v.as)
	v.check()
	if r.Fragment() {
		return r.RenderPart(ruleVerdict(v))
	}
	if form.Get("do") == "save" {
		return v.save(form)
	}
	if form.Get("do") == "stored" {
		return c.tryOnStored(v, form)
	}
	if v.problem != "" || v.events == "" {
		return c.showBench(v, http.StatusOK)
	}
	lines, err := c.Detection.TrialLines([]byte(v.events))
	if err == nil {
		v.trial, err = c.Detection.TryRule(r.Ctx(), v.text, lines, event.Options{Format: event.Format(v.as)})
	}
	if err != nil {
		if kind.CodeOf(err) != kind.Invalid {
			return err
		}
		v.mistaken = err.Error()
		return c.showBench(v, http.StatusUnprocessableEntity)
	}
	return c.showBench(v, http.StatusOK)
}

func (v *ruleView) save(form url.Values) error {
	if !writesRules(v.Actor) {
		return v.Actor.Refuse(kind.Write, isms.DetectionRules)
	}
	rule := v.rule
	rule.Body = isms.Markdown(v.text)
	if form.Get("version") != kind.Itoa(rule.Version) {
		return kind.Errorf(kind.Conflict, "%s changed this rule in the meantime; copy your text and open it again", rule.UpdatedBy)
	}
	if err := v.App().Save(v.Ctx(), rule); err != nil {
		return err
	}
	notice := ui.ToastProps{Text: "The rule is saved. It can run.", Tone: ui.Positive}
	if v.problem != "" {
		notice = ui.ToastProps{Text: "The rule is saved, but it cannot run yet: " + v.problem, Tone: ui.Attention}
	}
	return v.Redirect(web.RecordURL(isms.DetectionRules, rule.ID)+"/bench", notice)
}

func (v *ruleView) action() string {
	return web.RecordURL(isms.DetectionRules, v.rule.ID) + "/bench"
}

func (v *ruleView) formats() []ui.Option {
	var list []ui.Option
	for _, f := range event.Formats {
		label := kind.Humanise(string(f))
		if f == event.Auto {
			label = "Recognise it"
		}
		list = append(list, ui.Option{Value: string(f), Label: label})
	}
	return list
}

// verdict says in words what a trial came to.
func (v *ruleView) verdict() string {
	t := v.trial
	if t.Matches == 0 && len(t.Together) == 0 {
		return "Nothing matches in " + v.plural(int64(t.Lines), "line", "lines") + "."
	}
	text := fmt.Sprintf("%s of %s match", v.format.Count(int64(t.Matches)), v.plural(int64(t.Lines), "line", "lines"))
	if n := len(t.Together); n > 0 {
		text += "; together they ring " + v.plural(int64(n), "time", "times")
	}
	return text + "."
}

// ruleAbove stands above the fields of a rule.
func (c Config) ruleAbove(r *web.Request, rec kind.Record) (templ.Component, error) {
	rule := rec.(*isms.DetectionRule)
	v := &ruleView{Request: r, figures: figures{r.Format}, rule: rule, text: string(rule.Body)}
	return ruleSummary(v, c.triesStored(v)), c.knowStored(v)
}

func (v *ruleView) stats() []ui.StatProps {
	r := v.rule
	proved := "never"
	if r.ProvedOn != "" {
		proved = dayWords(r.ProvedOn)
	}
	return []ui.StatProps{
		{Label: "Hits", Value: v.format.Count(int64(r.Hits)), Href: link("/alerts", "filter[rule_id]", r.ID), Note: "alerts that it raised"},
		{Label: "False alarms", Value: v.format.Count(int64(r.FalseAlarms)), Note: "of them, said people"},
		{Label: "Rang in a test", Value: proved},
	}
}

// ruleActions leads to the bench.
func ruleActions(_ *web.Request, rec kind.Record) ([]templ.Component, error) {
	return []templ.Component{ui.Button(ui.ButtonProps{Label: "Write and try it", Icon: "edit", Href: web.RecordURL(isms.DetectionRules, rec.GetBase().ID) + "/bench"})}, nil
}

// exportRules answers all rules as an archive.
func (c Config) exportRules(r *web.Request) error {
	r.W.Header().Set("Content-Type", "application/zip")
	r.W.Header().Set("Content-Disposition", `attachment; filename="rules.zip"`)
	_, err := c.Detection.ExportRules(r.Ctx(), kind.Query{}, r.W)
	return err
}

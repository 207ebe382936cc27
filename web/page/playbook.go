package page

import (
	"io"
	"net/http"
	"strconv"
	"strings"

	"holdfast/access"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port/cacao"
	"holdfast/web"
	"holdfast/web/ui"

	"github.com/a-h/templ"
)

var seesPlaybooks = web.MayRead(isms.Playbooks, isms.PlaybookSteps)

// mayKeepPlaybooks: whoever may write all playbooks and steps.
func mayKeepPlaybooks(a access.Actor) bool {
	return a.May(kind.Write, isms.Playbooks) == access.All && a.May(kind.Write, isms.PlaybookSteps) == access.All
}

// A bookShelfView shows for every kind of incident what is followed.
type bookShelfView struct {
	*web.Request
	rows   []bookRow
	lacks  int // kinds of incident without a playbook that is ready
	keeps  bool
	errors []ui.FieldError
}

type bookRow struct {
	scenario kind.Choice
	books    []*isms.Playbook
	steps    map[string]int
	entry    string // id in the catalogue; empty: it has none
}

func (c Config) playbookShelf(r *web.Request) error {
	v, err := c.bookShelf(r)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK)
}

func (v *bookShelfView) show(status int) error {
	v.Crumbs(ui.Crumb{Label: "Playbooks", Href: "/playbooks"})
	return v.RenderAs(status, "Playbook shelf", bookShelfBody(v))
}

func (c Config) bookShelf(r *web.Request) (*bookShelfView, error) {
	v := &bookShelfView{Request: r, keeps: mayKeepPlaybooks(r.Actor)}
	page, err := r.App().List(r.Ctx(), isms.Playbooks, kind.Query{Limit: kind.MaxLimit, Sort: "title"})
	if err != nil {
		return nil, err
	}
	groups, err := r.App().Groups(r.Ctx(), isms.PlaybookSteps, kind.Query{}, "playbook_id", kind.MaxLimit)
	if err != nil {
		return nil, err
	}
	steps := map[string]int{}
	for _, g := range groups {
		steps[g.Value] = int(g.Count)
	}
	for _, choice := range isms.IncidentType("").Choices() {
		row := bookRow{scenario: choice, steps: steps}
		for _, rec := range page.Records {
			if p := rec.(*isms.Playbook); string(p.Scenario) == choice.Value && p.Status != "retired" {
				row.books = append(row.books, p)
			}
		}
		for _, p := range c.Flow.Catalogue().Playbooks {
			if p.Scenario == choice.Value {
				row.entry = p.ID
			}
		}
		if choice.Value == "other" && len(row.books) == 0 {
			continue
		}
		if !row.ready() && choice.Value != "other" {
			v.lacks++
		}
		v.rows = append(v.rows, row)
	}
	return v, nil
}

func (r bookRow) ready() bool {
	for _, p := range r.books {
		if p.Status == "ready" {
			return true
		}
	}
	return false
}

func (r bookRow) label() string {
	if r.scenario.Label != "" {
		return r.scenario.Label
	}
	return kind.Humanise(r.scenario.Value)
}

func (v *bookShelfView) bookLine(p *isms.Playbook, steps int) string {
	parts := []string{figures{v.Format}.plural(int64(steps), "step", "steps")}
	if p.Contain > 0 {
		parts = append(parts, "contained within "+minutesText(p.Contain))
	}
	if p.ProvedOn != "" {
		parts = append(parts, "used "+dayWords(p.ProvedOn))
	} else {
		parts = append(parts, "never used")
	}
	return strings.Join(parts, " · ")
}

// minutesText writes minutes as people say them: "45 min", "2 h", "3 days".
func minutesText(n int) string {
	switch {
	case n >= 48*60:
		return strconv.Itoa((n+12*60)/(24*60)) + " days"
	case n >= 120 && n%60 == 0:
		return strconv.Itoa(n/60) + " h"
	case n >= 120:
		return strconv.Itoa(n/60) + " h " + strconv.Itoa(n%60) + " min"
	}
	return strconv.Itoa(n) + " min"
}

func (c Config) adoptPlaybooks(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	var ids []string
	if id := form.Get("playbook"); id != "" {
		ids = []string{id}
	}
	list, err := c.Response.AdoptPlaybooks(r.Ctx(), ids...)
	if err != nil {
		return err
	}
	made := 0
	for _, in := range list {
		if in.New {
			made++
		}
	}
	text := "Everything was there already. What you changed stays as it is."
	if made > 0 {
		text = upperFirst(figures{r.Format}.plural(int64(made), "playbook was", "playbooks were")) + " taken from the catalogue. Read them before you need them."
	}
	if len(list) == 1 {
		return r.Redirect(web.RecordURL(isms.Playbooks, list[0].PlaybookID), ui.ToastProps{Text: text, Tone: ui.Positive})
	}
	return r.Redirect("/playbook-shelf", ui.ToastProps{Text: text, Tone: ui.Positive})
}

// importPlaybook takes a CACAO file in.
func (c Config) importPlaybook(r *web.Request) error {
	if err := r.ParseMultipartForm(maxPlaybook); err != nil {
		return kind.Errorf(kind.Invalid, "the file did not arrive whole: %v", err)
	}
	var in response.PlaybookIntake
	data, err := uploaded(r, "file")
	if err == nil {
		in, err = c.Response.ImportPlaybook(r.Ctx(), data, false)
	}
	if kind.CodeOf(err) == kind.Invalid {
		v, broken := c.bookShelf(r)
		if broken != nil {
			return broken
		}
		v.errors = []ui.FieldError{{Field: "file", Label: "File", Text: err.Error()}}
		return v.show(http.StatusUnprocessableEntity)
	}
	if err != nil {
		return err
	}
	toasts := []ui.ToastProps{{Text: "Taken in: " + in.Title + ".", Tone: ui.Positive}}
	for _, n := range in.Notes {
		toasts = append(toasts, ui.ToastProps{Text: n, Tone: ui.Attention})
	}
	return r.Redirect(web.RecordURL(isms.Playbooks, in.PlaybookID), toasts...)
}

// maxPlaybook bounds an upload with the form around it.
const maxPlaybook = cacao.MaxFile + 64<<10

// uploaded is the content of the one file of a form.
func uploaded(r *web.Request, name string) ([]byte, error) {
	f, _, err := r.FormFile(name)
	if err != nil {
		return nil, kind.Errorf(kind.Invalid, "choose a file first")
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, cacao.MaxFile+1))
}

// A sheetView is a playbook as it is followed.
type sheetView struct {
	*web.Request
	*response.PlaybookSheet
	edits  bool
	follow bool // the view for the night and for paper
}

func (c Config) sheet(r *web.Request, id string) (*sheetView, error) {
	s, err := c.Response.PlaybookSheet(r.Ctx(), id)
	if err != nil {
		return nil, err
	}
	return &sheetView{Request: r, PlaybookSheet: s, edits: mayKeepPlaybooks(r.Actor)}, nil
}

// playbookAbove shows the steps of a playbook on its page.
func (c Config) playbookAbove(r *web.Request, rec kind.Record) (templ.Component, error) {
	if !seesPlaybooks(r.Actor) {
		return nil, nil
	}
	v, err := c.sheet(r, rec.GetBase().ID)
	if err != nil {
		return nil, err
	}
	r.Wide()
	return sheetParts(v), nil
}

func (c Config) playbookActions(r *web.Request, rec kind.Record) ([]templ.Component, error) {
	url := web.RecordURL(isms.Playbooks, rec.GetBase().ID)
	return []templ.Component{
		ui.Button(ui.ButtonProps{Label: "Follow or print", Icon: "list", Href: url + "/follow"}),
		ui.Button(ui.ButtonProps{Label: "CACAO", Icon: "download", Href: url + "/cacao.json"}),
	}, nil
}

// followPlaybook is the playbook for the night and for paper: the steps and nothing else.
func (c Config) followPlaybook(r *web.Request) error {
	v, err := c.sheet(r, r.PathValue("id"))
	if err != nil {
		return err
	}
	v.follow, v.edits = true, false
	r.Crumbs(ui.Crumb{Label: "Playbooks", Href: "/playbook-shelf"}, ui.Crumb{Label: v.Playbook.Title, Href: web.RecordURL(isms.Playbooks, v.Playbook.ID)})
	return r.Render("Follow: "+v.Playbook.Title, followBody(v))
}

func (c Config) exportPlaybook(r *web.Request) error {
	doc, _, err := c.Response.ExportPlaybook(r.Ctx(), r.PathValue("id"))
	if err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Disposition", `attachment; filename="playbook.json"`)
	_, err = r.W.Write(doc)
	return err
}

func (c Config) moveStep(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	rec, err := r.App().Get(r.Ctx(), isms.PlaybookSteps, id)
	if err != nil {
		return err
	}
	st := rec.(*isms.PlaybookStep)
	if err := c.Response.MoveStep(r.Ctx(), st.ID, form.Get("to") == "up"); err != nil {
		return err
	}
	return r.Redirect(web.RecordURL(isms.Playbooks, st.PlaybookID) + "#step-" + st.ID)
}

func (c Config) addStep(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	p, err := r.App().Get(r.Ctx(), isms.Playbooks, r.PathValue("id"))
	if err != nil {
		return err
	}
	minutes, err := strconv.Atoi(strings.TrimSpace("0" + form.Get("minutes")))
	if err != nil || minutes > 100_000 {
		return kind.Fieldf("minutes", "is a number of minutes")
	}
	st := &isms.PlaybookStep{Base: isms.Base{Title: strings.TrimSpace(form.Get("title"))}, PlaybookID: p.GetBase().ID, Phase: isms.IncidentPhase(form.Get("phase")), Role: strings.TrimSpace(form.Get("role")),
		Instruction: isms.Markdown(form.Get("instruction")), Minutes: minutes}
	if err := c.Response.AddStep(r.Ctx(), st, form.Get("after")); err != nil {
		return err
	}
	return r.Redirect(web.RecordURL(isms.Playbooks, st.PlaybookID)+"#step-"+st.ID, ui.ToastProps{Text: "The step is in its place.", Tone: ui.Positive})
}

// phaseLabel is how people call a phase.
func phaseLabel(p isms.IncidentPhase) string { return kind.Humanise(string(p)) }

// phaseDoc says what a phase is for.
func phaseDoc(p isms.IncidentPhase) string {
	for _, c := range p.Choices() {
		if c.Value == string(p) {
			return c.Doc
		}
	}
	return ""
}

func (v *sheetView) of(phase isms.IncidentPhase) (out []int) {
	for i, st := range v.Steps {
		if st.Phase == phase {
			out = append(out, i)
		}
	}
	return out
}

// budget says how long the phase may take and what its steps add up to.
func (v *sheetView) budget(phase isms.IncidentPhase) string {
	sum := "steps add up to " + minutesText(v.Minutes(phase))
	if b := v.Budget(phase); b > 0 {
		return "within " + minutesText(b) + " · " + sum
	}
	return sum
}

// stepLine says who, how long and what is special.
func (v *sheetView) stepLine(st *isms.PlaybookStep) string {
	var parts []string
	if st.Role != "" {
		parts = append(parts, st.Role)
	}
	if st.Minutes > 0 {
		parts = append(parts, minutesText(st.Minutes))
	}
	if st.Optional {
		parts = append(parts, "optional")
	}
	return strings.Join(parts, " · ")
}

// ways says where a step leads when that is not simply the next one.
func (v *sheetView) ways(i int) (yes, no string) {
	next, other := v.Leads(i)
	name := func(k int) string {
		if k >= len(v.Steps) {
			return "the end"
		}
		return strconv.Itoa(k+1) + " " + v.Steps[k].Title
	}
	if other >= 0 || next != i+1 {
		yes = name(next)
	}
	if other >= 0 {
		no = name(other)
	}
	return yes, no
}

func (v *sheetView) phaseOptions() []ui.Option {
	var out []ui.Option
	for _, p := range response.AnswerPhases {
		out = append(out, ui.Option{Value: string(p), Label: phaseLabel(p)})
	}
	return out
}

func (v *sheetView) afterOptions() []ui.Option {
	out := []ui.Option{{Value: "", Label: "At the end of its phase"}}
	for i, st := range v.Steps {
		out = append(out, ui.Option{Value: st.ID, Label: strconv.Itoa(i+1) + " " + st.Title})
	}
	return out
}

package page

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/a-h/templ"

	"holdfast/access"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web"
	"holdfast/web/ui"
)

// seesStatement: whoever may read all on which the statement of applicability rests.
func seesStatement(a access.Actor) bool {
	return seesLedger(a) && web.MayRead(isms.Frameworks, isms.Requirements, isms.RequirementMappings, isms.Applicabilities, isms.Evidences, isms.Documents,
		isms.Tests, isms.Nonconformities, isms.Exceptions, isms.Scopes, isms.Obligations, isms.Audits, isms.ManagementReviews, isms.Measurements)(a)
}

// maySay: whoever may write lines of the statement.
func maySay(a access.Actor) bool {
	return seesStatement(a) && a.May(kind.Write, isms.Applicabilities) == access.All
}

// statements remembers the statement of each scope as long as nothing has changed:
// several pages ask for it one after the other. What is remembered is shared and
// belongs to nobody; ask only on pages that need seesStatement.
type statements struct {
	flow *flow.Flow
	mu   sync.Mutex
	held map[string]heldStatement
}

type heldStatement struct {
	head int64
	at   time.Time
	st   *flow.Statement
}

// heldFor is how long a statement is remembered at most: runs of checks that change
// no record are seen after that.
const heldFor = 20 * time.Second

// maxHeld bounds the memory.
const maxHeld = 100

func (s *statements) of(r *web.Request, scopeID string) (*flow.Statement, error) {
	head, err := r.App().JournalHead(r.Ctx())
	if err != nil {
		return nil, err
	}
	key := r.Actor.Workspace + " " + scopeID
	s.mu.Lock()
	have, ok := s.held[key]
	s.mu.Unlock()
	if ok && have.head == head && r.Now().Sub(have.at) < heldFor {
		return have.st, nil
	}
	st, err := s.flow.Statement(r.Ctx(), scopeID)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held == nil || len(s.held) >= maxHeld {
		s.held = map[string]heldStatement{}
	}
	s.held[key] = heldStatement{head, r.Now(), st}
	return st, nil
}

// A soaView is the statement of applicability of one framework in one scope.
type soaView struct {
	*web.Request
	figures
	flow      *flow.Flow
	st        *flow.Statement
	scopes    []*isms.Scope
	framework *isms.Framework
	all       []*flow.Standing
	groups    []soaGroup
	shown     int
	count     flow.GapCount
	proposals map[string]flow.LineProposal
	changed   map[string]flow.LineChange
	since     kind.Date
	show, q   string
	edit      *flow.Standing
	typed     url.Values // of a form that was refused
	errors    []ui.FieldError
	people    []ui.Option
	writes    bool
	decides   bool
	today     kind.Date
}

// A soaGroup is a chapter with its requirements.
type soaGroup struct {
	title string
	lines []*flow.Standing
}

func (c Config) soa(r *web.Request) error {
	v, err := c.soaView(r, r.URL.Query())
	if err != nil {
		return err
	}
	r.Wide()
	return r.Render("Statement of applicability", soaBody(v))
}

// soaView reads the statement as the query asks for it.
func (c Config) soaView(r *web.Request, q url.Values) (*soaView, error) {
	v := &soaView{Request: r, figures: figures{r.Format}, flow: c.Flow, today: r.Format.Today(r.Now()), show: q.Get("show"), q: strings.TrimSpace(q.Get("q")),
		writes: maySay(r.Actor), decides: r.May(kind.Approve, isms.Applicabilities)}
	var err error
	if v.scopes, err = scopesOf(r); err != nil {
		return nil, err
	}
	scope := chosenScope(v.scopes, q.Get("scope"))
	if v.st, err = c.statements.of(r, scope); err != nil {
		return nil, err
	}
	if len(v.st.Frameworks) == 0 {
		return v, nil
	}
	v.framework = chosenFramework(v.st.Frameworks, q.Get("framework"))
	v.all = v.st.Of(v.framework.ID)
	v.count = flow.CountOf(v.all)
	if v.count.Undecided > 0 {
		if v.proposals, err = c.Flow.Proposals(r.Ctx(), v.st, v.framework.ID); err != nil {
			return nil, err
		}
	}
	if day, err := kind.ParseDate(q.Get("since")); err == nil && day != "" {
		v.since = day
		if v.changed, err = c.Flow.ChangedSince(r.Ctx(), scope, day); err != nil {
			return nil, err
		}
	}
	v.group()
	return v, v.open(q.Get("edit"))
}

// scopesOf lists the scopes that can be chosen.
func scopesOf(r *web.Request) ([]*isms.Scope, error) {
	page, err := r.App().List(r.Ctx(), isms.Scopes, kind.Query{Sort: "title", Limit: 100}.With("status", kind.Not, string(isms.ScopeRetired)))
	var list []*isms.Scope
	for _, rec := range page.Records {
		list = append(list, rec.(*isms.Scope))
	}
	return list, err
}

// chosenScope is the id of the scope with the key or id; empty for none.
func chosenScope(list []*isms.Scope, name string) string {
	for _, s := range list {
		if name != "" && (s.ID == name || s.Key == name) {
			return s.ID
		}
	}
	return ""
}

// chosenFramework is the one with the key or id, else the first that was adopted.
func chosenFramework(list []*isms.Framework, name string) *isms.Framework {
	for _, fw := range list {
		if name != "" && (fw.ID == name || fw.Key == name) {
			return fw
		}
	}
	for _, fw := range list {
		if fw.Catalogue != "" && fw.Status == isms.FrameworkAdopted {
			return fw
		}
	}
	return list[0]
}

// group puts the lines that are shown under the chapter at the top of each.
func (v *soaView) group() {
	for _, s := range v.all {
		if !v.wants(s) {
			continue
		}
		title := v.chapterOf(s)
		if n := len(v.groups); n == 0 || v.groups[n-1].title != title {
			v.groups = append(v.groups, soaGroup{title: title})
		}
		g := &v.groups[len(v.groups)-1]
		g.lines = append(g.lines, s)
		v.shown++
	}
}

// chapterOf names the chapters above a requirement, the widest first.
func (v *soaView) chapterOf(s *flow.Standing) string { return chapterOf(v.st, s) }

func chapterOf(st *flow.Statement, s *flow.Standing) string {
	title := ""
	for id := s.Requirement.ParentID; id != ""; {
		c := st.Chapters[id]
		if c == nil {
			break
		}
		title, id = c.Code+" "+c.Title, c.ParentID
	}
	return title
}

// wants tells whether a line passes the filter and the search.
func (v *soaView) wants(s *flow.Standing) bool {
	if v.q != "" && !strings.Contains(strings.ToLower(s.Requirement.Code+" "+s.Requirement.Title), strings.ToLower(v.q)) {
		return false
	}
	switch v.show {
	case "":
		return true
	case "differs":
		return s.Differs()
	case "undecided":
		return s.Applies() == isms.AppliesUndecided
	case "excluded":
		return s.Applies() == isms.AppliesNo
	case "changed":
		_, ok := v.changed[s.Requirement.ID]
		return ok
	}
	return s.Applies() != isms.AppliesNo && string(s.Measured) == v.show
}

// open prepares the line that is edited.
func (v *soaView) open(id string) error {
	if id == "" || !v.writes {
		return nil
	}
	for _, s := range v.all {
		if s.Requirement.ID == id {
			v.edit = s
		}
	}
	if v.edit == nil {
		return nil
	}
	page, err := v.App().List(v.Ctx(), isms.People, kind.Query{Sort: "title", Limit: 500}.Where("status", string(isms.PersonActive)))
	v.people = []ui.Option{{Value: "", Label: "Nobody"}}
	for _, rec := range page.Records {
		v.people = append(v.people, ui.Option{Value: rec.GetBase().ID, Label: rec.GetBase().Title})
	}
	return err
}

// to is the address of this page with some parameters changed.
func (v *soaView) to(pairs ...string) string {
	at := map[string]string{"framework": v.framework.Key, "scope": v.scopeKey(), "show": v.show, "q": v.q, "since": string(v.since)}
	for i := 0; i+1 < len(pairs); i += 2 {
		at[pairs[i]] = pairs[i+1]
	}
	var flat []string
	for _, name := range []string{"framework", "scope", "show", "q", "since", "edit"} {
		flat = append(flat, name, at[name])
	}
	return link("/soa", flat...)
}

func (v *soaView) scopeKey() string {
	if v.st.Scope == nil {
		return ""
	}
	return v.st.Scope.Key
}

// scopeID is what forms post.
func (v *soaView) scopeID() string {
	if v.st.Scope == nil {
		return ""
	}
	return v.st.Scope.ID
}

// A chip is a filter with how many lines it would show.
type chip struct {
	label, href string
	count       int
	current     bool
}

func (v *soaView) chips() []chip {
	c := v.count
	list := []chip{{"All", v.to("show", ""), c.Total, v.show == ""}}
	for _, x := range []struct {
		value, label string
		n            int
	}{
		{"met", "Met", c.Met}, {"partly", "Partly", c.Partly}, {"fails", "Fails", c.Fails}, {"stale", "Stale", c.Stale}, {"unknown", "Not measured", c.Unknown},
		{"differs", "People disagree", c.Differs}, {"undecided", "Undecided", c.Undecided}, {"excluded", "Do not apply", c.Excluded}, {"changed", "Changed", v.changes()},
	} {
		if x.n > 0 || v.show == x.value {
			list = append(list, chip{x.label, v.to("show", x.value), x.n, v.show == x.value})
		}
	}
	return list
}

func (v *soaView) changes() int {
	n := 0
	for _, s := range v.all {
		if _, ok := v.changed[s.Requirement.ID]; ok {
			n++
		}
	}
	return n
}

func (v *soaView) tabs() []ui.TabItem {
	var tabs []ui.TabItem
	for _, fw := range v.st.Frameworks {
		c := flow.CountOf(v.st.Of(fw.ID))
		tabs = append(tabs, ui.TabItem{Label: shortName(fw), Href: v.to("framework", fw.Key, "show", "", "q", ""), Count: v.Format.Share(c.Share()), Current: fw.ID == v.framework.ID})
	}
	return tabs
}

// shortName is how people call a framework.
func shortName(fw *isms.Framework) string {
	if fw.Abbreviation != "" {
		return fw.Abbreviation
	}
	return fw.Title
}

func (v *soaView) stats() []ui.StatProps {
	c := v.count
	list := []ui.StatProps{
		{Label: "Apply", Value: strconv.Itoa(c.Counting()), Unit: "of " + strconv.Itoa(c.Total), Note: plainCount(c.Excluded, "does not apply", "do not apply")},
		{Label: "Measured as met", Value: v.Format.Share(c.Share()), Note: strconv.Itoa(c.Met) + " of " + strconv.Itoa(c.Counting()), Why: &ui.WhyProps{ID: "why-met", About: "Measured as met",
			Formula: "met ÷ (all − those that do not apply)", Summary: "Met: there is a good proof and none against it. Checks that pass, tested safeguards, documents in force, records, and what follows from other frameworks."}},
		{Label: "People say met", Value: v.Format.Share(c.SaidShare()), Note: strconv.Itoa(c.Said) + " of " + strconv.Itoa(c.Counting())},
		{Label: "Where they disagree", Value: strconv.Itoa(c.Differs), Href: v.to("show", "differs"), Note: "People or proof is wrong there"},
	}
	return list
}

func plainCount(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}

// measuredStage is the shape of a measured answer.
func measuredStage(m isms.Measured) ui.Stage {
	switch m {
	case isms.MeasuredMet:
		return ui.Done
	case isms.MeasuredPartly:
		return ui.Doing
	case isms.MeasuredStale:
		return ui.Waiting
	case isms.MeasuredFails:
		return ui.Failed
	}
	return ui.Todo
}

func measuredMark(m isms.Measured) templ.Component {
	return ui.State(measuredLabel(m), measuredStage(m))
}

func measuredLabel(m isms.Measured) string {
	if m == isms.MeasuredUnknown {
		return "Not measured"
	}
	return isms.Applicabilities.Field("measured").Choice(string(m)).Label
}

func saidMark(s isms.ApplicabilityStatus) templ.Component {
	stage := map[isms.ApplicabilityStatus]ui.Stage{isms.ApplicabilityMet: ui.Done, isms.ApplicabilityPartly: ui.Doing, isms.ApplicabilityPlanned: ui.Waiting}[s]
	if stage == "" {
		stage = ui.Todo
	}
	return ui.State(isms.Applicabilities.Field("status").Choice(string(s)).Label, stage)
}

// rowTone marks the lines where people and proof disagree.
func rowTone(s *flow.Standing) string {
	switch {
	case s.Applies() == isms.AppliesNo:
		return "soa__row--out"
	case s.Differs() && s.Said() == isms.ApplicabilityMet:
		return "table__row--negative"
	case s.Differs():
		return "table__row--attention"
	}
	return ""
}

// ageOf says how old a proof is: what an auditor asks first.
func (v *soaView) ageOf(s *flow.Standing) string { return ageWords(s.Fresh(), v.today) }

func ageWords(p *flow.Proof, today kind.Date) string {
	if p == nil || p.At.IsZero() {
		return ""
	}
	days := daysBetween(kind.DateOf(p.At), today)
	switch {
	case days <= 0:
		return "proof of today"
	case days == 1:
		return "proof of yesterday"
	}
	return "proof " + strconv.Itoa(days) + " days old"
}

// guardsOf names the safeguards of a line.
func guardsOf(s *flow.Standing) []flow.Proof { return s.Of("safeguard") }

// checksOf sums up the checks and the evidence of a line.
func checksOf(s *flow.Standing) string {
	good, bad := 0, 0
	var parts []string
	for _, p := range s.Of("check", "advisory") {
		switch p.Verdict {
		case flow.Good:
			if p.Kind == "passed" {
				parts = append(parts, lowerFirst(p.Title))
			} else {
				good++
			}
		case flow.Bad:
			bad++
		}
	}
	if bad > 0 {
		parts = append(parts, plainCount(bad, "check fails", "checks fail"))
	}
	if good > 0 {
		parts = append(parts, "no overdue weakness")
	}
	for source, words := range map[string][2]string{"document": {"document", "documents"}, "test": {"test", "tests"}, "record": {"record", "records"}, "evidence": {"evidence", "pieces of evidence"}} {
		if n := len(s.Of(source)); n > 0 {
			parts = append(parts, plainCount(n, words[0], words[1]))
		}
	}
	slices.Sort(parts)
	if s.OnlyInferred() {
		parts = append(parts, "from another framework")
	}
	return strings.Join(parts, ", ")
}

// saySoa takes what somebody says about one line.
func (c Config) saySoa(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	d := flow.LineDecision{RequirementID: form.Get("requirement"), Applies: isms.Applies(form.Get("applies")), Reason: strings.TrimSpace(form.Get("reason")),
		IncludedFor: distinct(form["included_for"]), Status: isms.ApplicabilityStatus(form.Get("status"))}
	how, owner := strings.TrimSpace(form.Get("how")), form.Get("owner_id")
	level, err := kind.ParseLevel(form.Get("maturity"))
	review, err2 := kind.ParseDate(form.Get("review_by"))
	d.How, d.OwnerID, d.Maturity, d.ReviewBy = &how, &owner, &level, &review
	d.Version, _ = strconv.ParseInt(form.Get("version"), 10, 64) // 0 when the line was not there yet
	switch {
	case err != nil:
		err = kind.Fieldf("maturity", "%s", err.Error())
	case err2 != nil:
		err = kind.Fieldf("review_by", "%s", err2.Error())
	default:
		_, err = c.Flow.Decide(r.Ctx(), form.Get("scope_id"), []flow.LineDecision{d})
	}
	if err == nil {
		return r.Back("/soa", ui.ToastProps{Text: "Saved", Tone: ui.Positive})
	}
	if code := kind.CodeOf(err); code != kind.Invalid && code != kind.Conflict {
		return err
	}
	return c.soaAgain(r, form, err)
}

// soaAgain shows the page with the form as it was typed and what is wrong.
func (c Config) soaAgain(r *web.Request, form url.Values, problem error) error {
	back, err := url.Parse(form.Get("back"))
	if err != nil {
		back = &url.URL{}
	}
	q := back.Query()
	q.Set("edit", form.Get("requirement"))
	v, err := c.soaView(r, q)
	if err != nil {
		return err
	}
	v.typed = form
	for _, f := range kind.FieldsOf(problem) {
		v.errors = append(v.errors, ui.FieldError{Field: f.Field, ID: "f-" + f.Field, Label: labelOf(f.Field), Text: f.Message})
	}
	status := http.StatusUnprocessableEntity
	if len(v.errors) == 0 {
		v.errors = append(v.errors, ui.FieldError{Text: upperFirst(problem.Error()) + "."})
	}
	if kind.CodeOf(problem) == kind.Conflict {
		status = http.StatusConflict
	}
	r.Wide()
	return r.RenderAs(status, "Statement of applicability", soaBody(v))
}

func labelOf(field string) string {
	if f := isms.Applicabilities.Field(field); f != nil {
		return f.Label
	}
	return ""
}

// bulkSoa decides many lines the same way, or all as proposed.
func (c Config) bulkSoa(r *web.Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	if form.Get("do") == "accept" {
		n, err := c.Flow.AcceptProposals(r.Ctx(), form.Get("framework_id"), form.Get("scope_id"))
		if err != nil {
			return err
		}
		return r.Back("/soa", ui.ToastProps{Text: plainCount(n, "requirement decided as proposed", "requirements decided as proposed"), Tone: ui.Positive})
	}
	var how *string // nothing typed: each line keeps its own words
	if text := strings.TrimSpace(form.Get("how")); text != "" {
		how = &text
	}
	var list []flow.LineDecision
	for _, id := range distinct(form["id"]) {
		list = append(list, flow.LineDecision{RequirementID: id, Applies: isms.Applies(form.Get("applies")), Status: isms.ApplicabilityStatus(form.Get("status")), Reason: strings.TrimSpace(form.Get("reason")), How: how})
	}
	if len(list) == 0 {
		return r.Back("/soa", ui.ToastProps{Text: "Choose at least one requirement", Tone: ui.Attention})
	}
	n, err := c.Flow.Decide(r.Ctx(), form.Get("scope_id"), list)
	if kind.CodeOf(err) == kind.Invalid || kind.CodeOf(err) == kind.Conflict {
		return r.Back("/soa", ui.ToastProps{Text: "Nothing was changed. " + upperFirst(err.Error()) + ".", Tone: ui.Negative})
	}
	if err != nil {
		return err
	}
	return r.Back("/soa", ui.ToastProps{Text: plainCount(n, "requirement changed", "requirements changed"), Tone: ui.Positive})
}

// value is what a field of the form holds: what was typed, else what is stored.
func (v *soaView) value(field string) string {
	if v.typed != nil {
		return v.typed.Get(field)
	}
	l := v.edit.Line
	if l == nil {
		l = &isms.Applicability{Applies: isms.AppliesUndecided, Status: isms.ApplicabilityNotStarted}
		if p, ok := v.proposals[v.edit.Requirement.ID]; ok {
			l.Reason, l.Applies = isms.Markdown(p.Reason), p.Applies
		}
	}
	return isms.Applicabilities.Field(field).Text(l)
}

func (v *soaView) values(field string) []string {
	if v.typed != nil {
		return v.typed[field]
	}
	if v.edit.Line != nil {
		return v.edit.Line.IncludedFor
	}
	return v.proposals[v.edit.Requirement.ID].IncludedFor
}

func (v *soaView) errorAt(field string) string {
	for _, e := range v.errors {
		if e.Field == field {
			return upperFirst(e.Text)
		}
	}
	return ""
}

// choicesOf are the options of a field of a line.
func choicesOf(field string) []ui.Option {
	var list []ui.Option
	for _, c := range isms.Applicabilities.Field(field).Choices {
		list = append(list, ui.Option{Value: c.Value, Label: c.Label, Help: c.Doc})
	}
	return list
}

func levelOptions() []ui.Option {
	list := []ui.Option{{Value: "0", Label: "–"}}
	for i := 1; i <= len(kind.LevelNames); i++ {
		list = append(list, ui.Option{Value: strconv.Itoa(i), Label: strconv.Itoa(i)})
	}
	return list
}

// proofURL is where a proof can be looked at; empty for none.
func proofURL(p flow.Proof) string {
	switch p.Kind {
	case "check":
		return link("/findings", "filter[check]", p.ID, "filter[status]", "open")
	case "advisory":
		return link("/triage", "type", "advisory")
	case "", "passed", "unmeasured":
		return ""
	}
	if k := isms.Registry.Named(p.Kind); k != nil {
		return web.RecordURL(k, p.ID)
	}
	return ""
}

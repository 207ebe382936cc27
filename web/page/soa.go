package page

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

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
		isms.Tests, isms.Nonconformities, isms.Exceptions, isms.Scopes, isms.Teams, isms.AssetDependencies, isms.Obligations, isms.Audits, isms.ManagementReviews, isms.Measurements)(a)
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
	groups    []soaGroup // of the page that is shown
	shown     int        // lines that pass the filter, on all pages
	page      int        // from 1
	pages     int
	first     int // of the lines on this page, from 1
	last      int
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
	v.page, _ = strconv.Atoi(q.Get("page"))
	v.paginate(v.group(), q.Get("edit"))
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

// group puts the lines that pass the filter under the chapter at the top of each.
func (v *soaView) group() []soaGroup {
	var groups []soaGroup
	for _, s := range v.all {
		if !v.wants(s) {
			continue
		}
		title := v.chapterOf(s)
		if n := len(groups); n == 0 || groups[n-1].title != title {
			groups = append(groups, soaGroup{title: title})
		}
		g := &groups[len(groups)-1]
		g.lines = append(g.lines, s)
		v.shown++
	}
	return groups
}

// fullPage is how many lines end a page; it ends with a chapter, so that Annex A of
// ISO/IEC 27001 stays in one piece.
const fullPage = 130

// paginate takes the chapters of the page that is asked for, or of that on which a
// line is edited.
func (v *soaView) paginate(groups []soaGroup, edited string) {
	var pages [][]soaGroup
	lines, at := fullPage, 0
	for _, g := range groups {
		if lines+len(g.lines) > fullPage {
			pages, lines = append(pages, nil), 0
		}
		last := &pages[len(pages)-1]
		*last, lines = append(*last, g), lines+len(g.lines)
		if edited != "" && slices.ContainsFunc(g.lines, func(s *flow.Standing) bool { return s.Requirement.ID == edited }) {
			v.page = len(pages)
		}
	}
	v.pages = len(pages)
	v.page = max(1, min(v.page, v.pages))
	for i, p := range pages {
		n := 0
		for _, g := range p {
			n += len(g.lines)
		}
		if i+1 == v.page {
			v.groups, v.first, v.last = p, at+1, at+n
		}
		at += n
	}
}

func (v *soaView) pager() ui.PagerProps {
	p := ui.PagerProps{First: v.first, Last: v.last, Total: v.shown}
	if v.page > 1 {
		p.PrevURL = v.to("page", strconv.Itoa(v.page-1))
	}
	if v.page < v.pages {
		p.NextURL = v.to("page", strconv.Itoa(v.page+1))
	}
	return p
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

package page

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/web"
	"holdfast/web/ui"
)

// How much triage shows at once.
const (
	groupsShown   = 25
	findingsShown = 100
	valuedGroups  = 2000 // up to here groups are ordered by the loss that their repair avoids
)

// A grouping is a way to put findings together.
type grouping struct {
	name, field, label string
	k                  *kind.Kind // of the record that the field refers to; nil: plain text
}

var groupings = []grouping{
	{"fix", "fix", "By repair", nil},
	{"asset", "asset_id", "By asset", isms.Assets},
	{"weakness", "vulnerability_id", "By weakness", isms.Vulnerabilities},
}

// byValue orders groups by the expected loss that their repair avoids.
const byValue store.TriageOrder = "value"

var triageOrders = []struct {
	order store.TriageOrder
	label string
}{{byValue, "Loss avoided"}, {store.WorstFirst, "Worst first"}, {store.DueFirst, "Due first"}, {store.MostFirst, "Most findings"}}

// narrowing are the parameters that restrict which findings are shown.
var narrowing = []string{"severity", "status", "asset", "exploited", "overdue", "q"}

// A triageAddress is what the address of the page says.
type triageAddress struct {
	values url.Values
	by     grouping
	order  store.TriageOrder
	group  string // the group that stands open
	page   int    // from 0
	query  kind.Query
}

// readTriage reads and checks an address. today decides what is overdue.
func readTriage(values url.Values, today kind.Date) (triageAddress, error) {
	a := triageAddress{values: values, by: groupings[0], order: store.TriageOrder(values.Get("sort")), group: values.Get("group")}
	if name := values.Get("by"); name != "" {
		i := slices.IndexFunc(groupings, func(g grouping) bool { return g.name == name })
		if i < 0 {
			return a, kind.Fieldf("by", "is fix, asset or weakness")
		}
		a.by = groupings[i]
	}
	if a.order == "" || a.order == byValue && a.by.name != "fix" {
		a.order = store.WorstFirst
		if a.by.name == "fix" {
			a.order = byValue
		}
	}
	if n, err := strconv.Atoi(values.Get("page")); err == nil && n > 1 && n < 100_000 {
		a.page = n - 1
	}
	a.query = narrowedBy(values, today)
	return a, a.query.Check(isms.Findings)
}

// narrowedBy is the query for the findings that an address lets through.
func narrowedBy(values url.Values, today kind.Date) kind.Query {
	status := values["status"]
	if len(status) == 0 {
		status = []string{string(isms.FindingOpen)}
	}
	q := kind.Query{Search: values.Get("q")}.Where("status", status...)
	for name, field := range map[string]string{"severity": "severity", "asset": "asset_id"} {
		if v := values[name]; len(v) > 0 {
			q = q.Where(field, v...)
		}
	}
	if values.Get("exploited") == "true" {
		q = q.Where("exploited", "true")
	}
	if values.Get("overdue") == "true" {
		q = q.With("due", kind.Less, string(today)).With("due", kind.Empty, "false")
	}
	slices.SortFunc(q.Filters, func(a, b kind.Filter) int { return strings.Compare(a.Field, b.Field) })
	return q
}

// with is the address with some parameters set; an empty value takes one away. The
// page starts again unless it is set.
func (a triageAddress) with(pairs ...string) string {
	v := url.Values{}
	for name, list := range a.values {
		if name != "page" && name != "group" {
			v[name] = list
		}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Del(pairs[i])
		if pairs[i+1] != "" {
			v.Set(pairs[i], pairs[i+1])
		}
	}
	if len(v) == 0 {
		return "/triage"
	}
	return "/triage?" + v.Encode()
}

// toggled is the address with a value of a filter added or taken away.
func (a triageAddress) toggled(name, value string) string {
	v := url.Values{}
	for n, list := range a.values {
		if n != "page" && n != "group" {
			v[n] = slices.Clone(list)
		}
	}
	if i := slices.Index(v[name], value); i >= 0 {
		v[name] = slices.Delete(v[name], i, i+1)
	} else {
		v[name] = append(v[name], value)
	}
	if len(v) == 0 {
		return "/triage"
	}
	return "/triage?" + v.Encode()
}

// narrowed are the parameters that say which findings are meant, for forms.
func (a triageAddress) narrowed() (hidden []ui.Hidden) {
	for _, name := range append([]string{"by"}, narrowing...) {
		for _, v := range a.values[name] {
			hidden = append(hidden, ui.Hidden{Name: name, Value: v})
		}
	}
	return hidden
}

// filtered tells whether the address narrows anything.
func (a triageAddress) filtered() bool {
	return slices.ContainsFunc(narrowing, func(n string) bool { return a.values.Get(n) != "" })
}

// A triageView is the page.
type triageView struct {
	*web.Request
	figures
	triageAddress
	ledger *ledger
	today  kind.Date
	groups []triageGroup
	total  int64 // groups
	facets []ui.Facet
}

// A triageGroup is one line of the page.
type triageGroup struct {
	store.FindingGroup
	title, sub string
	action     *flow.Action // what repairing it brings; nil: unknown
	open       bool
	detail     *groupDetail // when it stands open
}

func (c Config) triage(r *web.Request) error {
	today := r.Format.Today(r.Now())
	a, err := readTriage(r.URL.Query(), today)
	if err != nil {
		return err
	}
	v := &triageView{Request: r, figures: figures{r.Format}, triageAddress: a, today: today, ledger: c.ledger}
	actions, err := c.fixes(r)
	if err != nil {
		return err
	}
	var counted error // beside the sums: both go over many rows
	var beside sync.WaitGroup
	beside.Go(func() { counted = v.readFacets() })
	err = v.readGroups(actions)
	beside.Wait()
	if err := errors.Join(err, counted); err != nil {
		return err
	}
	if err := v.nameGroups(); err != nil {
		return err
	}
	if err := v.openGroup(c); err != nil {
		return err
	}
	r.Wide()
	return r.Render("Findings triage", triageBody(v))
}

// fixes are the next actions that repair findings, by repair.
func (c Config) fixes(r *web.Request) (map[string]*flow.Action, error) {
	list, err := c.ledger.actionsOf(r)
	if err != nil {
		return nil, err
	}
	fixes := map[string]*flow.Action{}
	for i := range list {
		if list[i].Kind == "fix" {
			fixes[list[i].Fix] = &list[i]
		}
	}
	return fixes, nil
}

// readGroups reads the page of groups in the order asked for.
func (v *triageView) readGroups(actions map[string]*flow.Action) error {
	order, limit, offset := v.order, groupsShown, v.page*groupsShown
	if order == byValue {
		order, limit, offset = store.WorstFirst, valuedGroups, 0
	}
	sums, err := sumsOf(v.ledger, v.Request, v.question("groups", v.query, v.by.field, v.today, order, limit, offset), func() (s groupSums, err error) {
		s.list, s.total, err = v.App().FindingGroups(v.Ctx(), v.query, v.by.field, v.today, order, limit, offset)
		return s, err
	})
	if err != nil {
		return err
	}
	list, total := sums.list, sums.total
	if v.order == byValue && total > valuedGroups {
		v.order = store.WorstFirst
		return v.readGroups(actions)
	}
	v.total = total
	for _, g := range list {
		tg := triageGroup{FindingGroup: g, title: g.Value}
		if v.by.name == "fix" {
			tg.action = actions[g.Value]
		}
		v.groups = append(v.groups, tg)
	}
	if v.order == byValue {
		slices.SortStableFunc(v.groups, func(a, b triageGroup) int { return -compareFloats(a.avoided(), b.avoided()) })
		from := min(v.page*groupsShown, len(v.groups))
		v.groups = v.groups[from:min(from+groupsShown, len(v.groups))]
	}
	return nil
}

// groupSums are a page of groups and how many there are.
type groupSums struct {
	list  []store.FindingGroup
	total int64
}

// question names a question to the findings, so that its answer can be kept.
func (v *triageView) question(parts ...any) string { return fmt.Sprintf("%q", parts) }

func (g triageGroup) avoided() float64 {
	if g.action == nil {
		return 0
	}
	return g.action.Avoided
}

// nameGroups gives the groups the titles that people know them by.
func (v *triageView) nameGroups() error {
	var refs []string
	for _, g := range v.groups {
		refs = append(refs, g.Value)
	}
	if v.by.k != nil {
		found, err := v.App().Many(v.Ctx(), v.by.k, refs)
		if err != nil {
			return err
		}
		for i := range v.groups {
			if rec := found[v.groups[i].Value]; rec != nil {
				v.groups[i].title, v.groups[i].sub = rec.GetBase().Title, subtitleOf(rec)
			}
		}
		return nil
	}
	return v.nameRepairs()
}

func subtitleOf(rec kind.Record) string {
	switch rec := rec.(type) {
	case *isms.Vulnerability:
		return rec.Identifier
	case *isms.Asset:
		return rec.Platform
	}
	return ""
}

// repairPrefix begins the repair of a failed check; the id of the check follows.
const repairPrefix = "Repair "

// nameRepairs says of failed checks what is wrong, rather than which check failed.
func (v *triageView) nameRepairs() error {
	var list []store.FindingGroup
	for _, g := range v.groups {
		list = append(list, g.FindingGroup)
	}
	titles, err := repairTitles(v.Request, list)
	for i, g := range v.groups {
		if title := titles[g.Value]; title != "" {
			v.groups[i].title, v.groups[i].sub = title, strings.TrimPrefix(g.Value, repairPrefix)
		}
	}
	return err
}

// pager leads through the groups.
func (v *triageView) pager() *ui.PagerProps {
	if v.total <= groupsShown {
		return nil
	}
	p := &ui.PagerProps{First: v.page*groupsShown + 1, Last: v.page*groupsShown + len(v.groups), Total: int(v.total)}
	if v.page > 0 {
		p.PrevURL = v.with("page", strconv.Itoa(v.page))
	}
	if int64(p.Last) < v.total {
		p.NextURL = v.with("page", strconv.Itoa(v.page+2))
	}
	return p
}

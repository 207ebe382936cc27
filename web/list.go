package web

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"holdfast/kind"
	"holdfast/store"
	"holdfast/web/ui"
)

// listPage is the generic list of a kind.
func listPage(k *kind.Kind) func(*Request) error {
	return func(r *Request) error {
		a, err := readAddress(k, r.URL.Query())
		if err != nil {
			return err
		}
		l, err := r.list(a)
		if err != nil {
			return err
		}
		title := pluralLabel(k)
		if a.query.Deleted {
			title = "Bin of " + lower(title)
		}
		r.Crumbs(groupCrumb(k))
		r.Wide()
		return r.Render(title, listBody(r, l, title))
	}
}

func groupCrumb(k *kind.Kind) ui.Crumb { return ui.Crumb{Label: groupNames[k.Group]} }

// A listing is one page of a list with what is needed to show it.
type listing struct {
	listAddress
	page    store.Page
	counted bool // page.Total is exact
	columns []*kind.Field
	shown   map[string]bool
	refs    references
	facets  []ui.Facet
	views   []ui.SavedView
	dense   bool
}

// list reads the page, its count and what it refers to.
func (r *Request) list(a listAddress) (*listing, error) {
	l := &listing{listAddress: a, columns: offeredColumns(a.k)}
	var err error
	if l.page, err = r.App().List(r.Ctx(), a.k, a.query); err != nil {
		return nil, err
	}
	l.shown = shownColumns(l.columns, a.values[paramColumns])
	if l.refs, err = r.refsOf(l.columns, l.page.Records...); err != nil {
		return nil, err
	}
	if err := r.count(l); err != nil {
		return nil, err
	}
	if l.views, err = r.savedViews(a); err != nil {
		return nil, err
	}
	if c, err := r.Cookie(densityCookie); err == nil {
		l.dense = c.Value == "dense"
	}
	return l, nil
}

// count counts the rows and the facets within the time that the configuration
// grants; what is not counted by then is shown without a figure.
func (r *Request) count(l *listing) error {
	ctx, cancel := context.WithTimeout(r.Ctx(), r.Site.CountWithin)
	defer cancel()
	q := l.query
	q.Cursor, q.Limit, q.Count = "", 1, true
	first := l.first()
	if l.page.Next == "" && l.query.Cursor == "" {
		l.page.Total, l.counted = int64(len(l.page.Records)), true
	} else if page, err := r.App().List(ctx, l.k, q); err == nil {
		l.page.Total, l.counted = page.Total, true
	} else if outOfTime(err, ctx) {
		l.page.Total = int64(first + len(l.page.Records) - 1)
	} else {
		return err
	}
	facets, err := r.facets(ctx, l)
	l.facets = facets
	return err
}

// outOfTime tells whether our own limit ended a query, in the words of either
// database.
func outOfTime(err error, ctx context.Context) bool {
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) || ctx.Err() != nil
}

// maxColumns bounds the columns that are offered: each is in the page.
const maxColumns = 12

// offeredColumns are those of the description, then what one may add.
func offeredColumns(k *kind.Kind) []*kind.Field {
	columns := []*kind.Field{k.Field("title")}
	add := func(f *kind.Field) {
		if !f.Hidden && f.Type != kind.LongText && !slices.Contains(columns, f) && len(columns) < maxColumns {
			columns = append(columns, f)
		}
	}
	for _, f := range k.Fields {
		if f.List {
			add(f)
		}
	}
	for _, f := range k.Fields {
		if f.Filter || f.Index {
			add(f)
		}
	}
	add(k.Field("updated_at"))
	return columns
}

// shownColumns are the chosen ones, or those of the description.
func shownColumns(columns []*kind.Field, chosen []string) map[string]bool {
	shown := map[string]bool{"title": true}
	for _, f := range columns {
		shown[f.Name] = shown[f.Name] || len(chosen) == 0 && f.List || slices.Contains(chosen, f.Name)
	}
	return shown
}

func (r *Request) table(l *listing) ui.TableProps {
	p := ui.TableProps{
		ID: l.k.Plural, Caption: pluralLabel(l.k), Dense: l.dense, Empty: r.emptyList(l), Choose: true, ChooseURL: "/" + l.k.Plural,
		Keep:    l.kept(func(name string) bool { return name == paramColumns }),
		Filters: ui.FilterBar(r.filterBar(l)), Tools: filterButton(r, l),
		Bulk: r.bulkActions(l), BulkURL: "/" + l.k.Plural + "/bulk?" + url.Values{"back": {l.here()}}.Encode(),
	}
	for _, f := range l.columns {
		p.Columns = append(p.Columns, r.column(l, f))
	}
	for _, rec := range l.page.Records {
		p.Rows = append(p.Rows, r.row(l, rec))
	}
	p.Pager = l.pager()
	return p
}

func (r *Request) column(l *listing, f *kind.Field) ui.Column {
	c := ui.Column{Key: f.Name, Label: f.Label, Help: r.help(f), Hidden: !l.shown[f.Name], Main: f.Name == "title"}
	switch f.Type {
	case kind.Amount, kind.Number, kind.Decimal, kind.Span:
		c.Align = ui.End
	}
	if f.Type != kind.WordList {
		c.SortURL, c.Sort = l.sorted(f)
	}
	return c
}

func (r *Request) row(l *listing, rec kind.Record) ui.Row {
	b := rec.GetBase()
	row := ui.Row{ID: b.ID, Href: recordURL(l.k, rec), Label: b.Title}
	for _, f := range l.columns {
		row.Cells = append(row.Cells, r.tableCell(l.k, f, rec, l.refs))
	}
	return row
}

func (r *Request) tableCell(k *kind.Kind, f *kind.Field, rec kind.Record, refs references) templ.Component {
	if f.Name == "title" {
		return ui.Text(or(rec.GetBase().Title, rec.GetBase().Key))
	}
	return r.cell(k, f, rec, refs)
}

func (l *listing) pager() *ui.PagerProps {
	rows := len(l.page.Records)
	if rows == 0 {
		return nil
	}
	size := l.query.Limit
	if size == 0 {
		size = kind.DefaultLimit
	}
	first := l.first()
	return &ui.PagerProps{
		First: first, Last: first + rows - 1, Total: max(int(l.page.Total), first+rows-1), Approximate: !l.counted,
		PrevURL: l.previous(size), NextURL: l.next(l.page.Next, rows),
	}
}

// help explains a field: by the glossary if it has the word, or by its own words.
func (r *Request) help(f *kind.Field) string {
	if m := r.Meaning(f.Label); m != "" && f.Doc == "" {
		return m
	}
	return f.Doc
}

// emptyList says what belongs here and offers the first step.
func (r *Request) emptyList(l *listing) ui.EmptyProps {
	name := lower(pluralLabel(l.k))
	if clear := l.cleared(); clear != "" {
		return ui.EmptyProps{Icon: "filter", Title: "No " + name + " match", Text: "Take a filter away, or search for fewer words.",
			Actions: ui.Button(ui.ButtonProps{Label: "Show all", Href: clear})}
	}
	if l.query.Deleted {
		return ui.EmptyProps{Icon: "trash", Title: "The bin is empty", Text: "Deleted " + name + " lie here until they are restored.",
			Actions: ui.Button(ui.ButtonProps{Label: "Back to the list", Href: "/" + l.k.Plural})}
	}
	e := ui.EmptyProps{Icon: l.k.Icon, Title: "No " + name + " yet", Text: l.k.Doc}
	if r.mayCreate(l.k) {
		e.Actions = ui.Button(ui.ButtonProps{Label: "New " + lower(l.k.Label), Icon: "plus", Href: "/" + l.k.Plural + "/new"})
	}
	return e
}

// madeElsewhere are kinds whose records come about by more than a form.
var madeElsewhere = []string{"api_token", "attachment", "comment", "passkey", "workspace"}

// mayCreate tells whether the generic form makes records of the kind for the actor.
func (r *Request) mayCreate(k *kind.Kind) bool {
	return !slices.Contains(madeElsewhere, k.Name) && r.MaySome(kind.Write, k)
}

// listActions are the buttons of the header: workbenches over the kind and "new".
func (r *Request) listActions(l *listing) templ.Component {
	var buttons []templ.Component
	for _, p := range r.Site.menu {
		if p.On == l.k.Name && p.allows(r.Actor) {
			buttons = append(buttons, ui.Button(ui.ButtonProps{Label: p.Title, Icon: p.Icon, Href: pathOf(p.Pattern)}))
		}
	}
	buttons = append(buttons, ui.Menu(ui.MenuProps{ID: "list-menu", Align: "end", Button: ui.ButtonProps{Label: "More", Icon: "more", IconOnly: true}, Items: r.listMenu(l)}))
	if !l.query.Deleted && r.mayCreate(l.k) {
		buttons = append(buttons, ui.Button(ui.ButtonProps{Label: "New " + lower(l.k.Label), Icon: "plus", Variant: ui.Primary, Href: "/" + l.k.Plural + "/new"}))
	}
	return ui.Join(buttons...)
}

func (r *Request) listMenu(l *listing) []ui.MenuItem {
	export := func(format string) string {
		return strings.TrimSuffix("/api/v1/"+l.k.Plural+"."+format+"?"+l.narrowed().Encode(), "?")
	}
	density := ui.MenuItem{Label: "Compact rows", Icon: "list", Href: "/preferences/density?rows=dense", Post: true, Divider: true}
	if l.dense {
		density.Label, density.Href = "Comfortable rows", "/preferences/density?rows=normal"
	}
	items := []ui.MenuItem{
		{Label: "Export as CSV", Icon: "download", Href: export("csv")},
		{Label: "Export as JSON", Icon: "download", Href: export("json")},
		density,
	}
	if r.MaySome(kind.Read, r.Kind("saved_view")) {
		items = append(items, ui.MenuItem{Label: "Saved views", Icon: "bookmark", Href: "/saved-views?" + url.Values{"filter[of]": {l.k.Name}}.Encode()})
	}
	if l.query.Deleted {
		return append(items, ui.MenuItem{Label: "Back to the list", Icon: "list", Href: "/" + l.k.Plural})
	}
	return append(items, ui.MenuItem{Label: "Bin", Icon: "trash", Href: "/" + l.k.Plural + "?deleted=true"})
}

const densityCookie = "rows"

func setDensity(r *Request) error {
	rows := "normal"
	if r.FormValue("rows") == "dense" {
		rows = "dense"
	}
	r.yearCookie(densityCookie, rows)
	return r.Redirect(r.referer())
}

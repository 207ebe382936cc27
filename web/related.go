package web

import (
	"net/url"
	"slices"

	"holdfast/kind"
	"holdfast/web/ui"
)

// How much of what belongs to a record its page shows.
const (
	maxLinked    = 12
	maxReferrers = 6
)

// A relationView is one relation of a record with the records at its far end.
type relationView struct {
	rel    kind.Relation
	owner  kind.Record
	k      *kind.Kind
	items  []kind.Record
	more   bool
	change bool // the actor may add and take away
}

func (v relationView) title() string { return upper(v.rel.Name) }

// relations reads the links of the record in both directions.
func (r *Request) relations(k *kind.Kind, rec kind.Record) ([]relationView, error) {
	change := r.MayTouch(kind.Write, k, rec) && rec.GetBase().DeletedAt.IsZero()
	var list []relationView
	for _, rel := range r.App().Registry().Relations(k) {
		if !r.MaySome(kind.Read, rel.Other) {
			continue
		}
		items, err := r.App().Linked(r.Ctx(), rel, rec.GetBase().ID, maxLinked+1)
		if err != nil {
			return nil, err
		}
		v := relationView{rel: rel, owner: rec, k: k, items: items, change: change}
		if len(items) > maxLinked {
			v.items, v.more = items[:maxLinked], true
		}
		if len(items) > 0 || change {
			list = append(list, v)
		}
	}
	slices.SortStableFunc(list, func(a, b relationView) int { return min(len(b.items), 1) - min(len(a.items), 1) })
	return list, nil
}

// filledRelations is how many relations lead somewhere; they stand first.
func filledRelations(list []relationView) int {
	n := 0
	for _, v := range list {
		if len(v.items) > 0 {
			n++
		}
	}
	return n
}

func addLink(k *kind.Kind) func(*Request) error {
	return joining(k, func(r *Request, id, relation, other string) error {
		if other == "" {
			return kind.Fieldf("other", "choose a record first")
		}
		return r.App().Link(r.Ctx(), k, id, relation, other)
	}, "Linked.")
}

func removeLink(k *kind.Kind) func(*Request) error {
	return joining(k, func(r *Request, id, relation, other string) error {
		return r.App().Unlink(r.Ctx(), k, id, relation, other)
	}, "The link is taken away.")
}

func joining(k *kind.Kind, do func(r *Request, id, relation, other string) error, done string) func(*Request) error {
	return func(r *Request) error {
		form, err := r.Form()
		if err != nil {
			return err
		}
		rec, err := r.App().Get(r.Ctx(), k, r.PathValue("id"))
		if err != nil {
			return err
		}
		if err := do(r, rec.GetBase().ID, form.Get("relation"), form.Get("other")); kind.CodeOf(err) == kind.Invalid || kind.CodeOf(err) == kind.NotFound {
			return r.Redirect(recordURL(k, rec)+"#links", ui.ToastProps{Text: "Nothing was linked: " + err.Error() + ".", Tone: ui.Attention})
		} else if err != nil {
			return err
		}
		return r.Redirect(recordURL(k, rec)+"#links", ui.ToastProps{Text: done, Tone: ui.Positive})
	}
}

// A referrerView is a table of records that refer to this one by a field.
type referrerView struct {
	kind.Referrer
	rec   kind.Record
	child bool // the field is the parent of those records
	items []kind.Record
	more  bool
	table ui.TableProps
	all   string // address of the whole list
	add   string // address of the form for another one; empty: not permitted
}

func (v referrerView) title() string {
	if v.child {
		return pluralLabel(v.Kind)
	}
	return pluralLabel(v.Kind) + " (" + lower(v.Field.Label) + ")"
}

// referrers reads what refers to the record, children first. Bookkeeping of people
// (who accepted, who approved) is left to the lists.
func (r *Request) referrers(k *kind.Kind, rec kind.Record) ([]referrerView, error) {
	var children, others []referrerView
	for _, ref := range r.App().Registry().Referrers(k) {
		if ref.Field.Hidden || !r.MaySome(kind.Read, ref.Kind) || slices.Contains(r.Site.details[k.Name].Skip, ref.Kind.Name) {
			continue
		}
		child := ref.Kind.ParentField == ref.Field.Name
		page, err := r.App().List(r.Ctx(), ref.Kind, kind.Query{Limit: maxReferrers}.Where(ref.Field.Name, rec.GetBase().ID))
		if err != nil {
			return nil, err
		}
		v := referrerView{Referrer: ref, rec: rec, child: child, items: page.Records, more: page.Next != ""}
		if r.mayCreate(ref.Kind) && !ref.Field.Computed && rec.GetBase().DeletedAt.IsZero() {
			v.add = "/" + ref.Kind.Plural + "/new?" + url.Values{ref.Field.Name: {rec.GetBase().ID}, "back": {recordURL(k, rec)}}.Encode()
		}
		if len(v.items) == 0 && (!child || v.add == "") {
			continue
		}
		v.all = "/" + ref.Kind.Plural + "?" + url.Values{"filter[" + ref.Field.Name + "]": {rec.GetBase().ID}}.Encode()
		if v.table, err = r.smallTable(v); err != nil {
			return nil, err
		}
		if child {
			children = append(children, v)
		} else {
			others = append(others, v)
		}
	}
	slices.SortStableFunc(children, func(a, b referrerView) int { return min(len(b.items), 1) - min(len(a.items), 1) })
	return append(children, others...), nil
}

// maxSmallColumns bounds the columns of a table inside a page.
const maxSmallColumns = 5

func (r *Request) smallTable(v referrerView) (ui.TableProps, error) {
	columns := []*kind.Field{v.Kind.Field("title")}
	for _, f := range v.Kind.Fields {
		if f.List && f != v.Field && f.Name != "title" && f.Type != kind.LongText && len(columns) < maxSmallColumns {
			columns = append(columns, f)
		}
	}
	return r.Table(TableOf{Kind: v.Kind, ID: v.Kind.Name + "-" + v.Field.Name, Caption: v.title() + " of this record", Columns: columns, Records: v.items})
}

// A TableOf is a small table of records inside a page.
type TableOf struct {
	Kind    *kind.Kind
	ID      string // unique on the page
	Caption string
	Columns []*kind.Field // the first one names the row
	Records []kind.Record
	Empty   ui.EmptyProps
}

// Table makes a table without filters or selection, as the generic lists show
// their rows. It reads the titles of what the records refer to.
func (r *Request) Table(t TableOf) (ui.TableProps, error) {
	refs, err := r.refsOf(t.Columns, t.Records...)
	if err != nil {
		return ui.TableProps{}, err
	}
	p := ui.TableProps{ID: t.ID, Caption: t.Caption, Dense: true, Empty: t.Empty}
	for i, f := range t.Columns {
		c := ui.Column{Key: f.Name, Label: f.Label, Help: r.help(f), Main: i == 0}
		switch f.Type {
		case kind.Amount, kind.Number, kind.Decimal, kind.Span:
			c.Align = ui.End
		}
		p.Columns = append(p.Columns, c)
	}
	for _, rec := range t.Records {
		row := ui.Row{ID: rec.GetBase().ID, Href: recordURL(t.Kind, rec), Label: rec.GetBase().Title}
		for _, f := range t.Columns {
			row.Cells = append(row.Cells, r.tableCell(t.Kind, f, rec, refs))
		}
		p.Rows = append(p.Rows, row)
	}
	return p, nil
}

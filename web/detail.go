package web

import (
	"slices"

	"github.com/a-h/templ"

	"holdfast/kind"
	"holdfast/web/ui"
)

// A detailView is the generic page of a record.
type detailView struct {
	k         *kind.Kind
	rec       kind.Record
	refs      references
	actions   []actionView
	extra     []templ.Component // buttons of the workbench
	above     templ.Component
	aside     templ.Component
	skip      []string
	fold      bool
	relations []relationView
	referrers []referrerView
	comments  *commentView
	history   historyView
	mayEdit   bool
	mayDelete bool
}

func detailPage(k *kind.Kind) func(*Request) error {
	return func(r *Request) error {
		rec, err := r.App().Get(r.Ctx(), k, r.PathValue("id"))
		if err != nil {
			return err
		}
		return r.RenderRecord(k, rec)
	}
}

// RenderRecord answers with the generic page of a record, with what Config.Details
// adds for its kind.
func (r *Request) RenderRecord(k *kind.Kind, rec kind.Record) error {
	v, err := r.detail(k, rec)
	if err != nil {
		return err
	}
	r.Crumbs(groupCrumb(k), ui.Crumb{Label: pluralLabel(k), Href: "/" + k.Plural})
	return r.Render(or(rec.GetBase().Title, rec.GetBase().Key), detailBody(r, v))
}

func (r *Request) detail(k *kind.Kind, rec kind.Record) (*detailView, error) {
	living := rec.GetBase().DeletedAt.IsZero()
	v := &detailView{
		k: k, rec: rec, actions: r.actions(k, rec),
		mayEdit: living && r.MayTouch(kind.Write, k, rec) && len(r.formFields(k, rec)) > 0 && k.Name != "api_token", mayDelete: r.MayTouch(kind.Delete, k, rec),
	}
	var err error
	if v.refs, err = r.refsOf(k.Fields, rec); err != nil {
		return nil, err
	}
	if v.relations, err = r.relations(k, rec); err != nil {
		return nil, err
	}
	if v.referrers, err = r.referrers(k, rec); err != nil {
		return nil, err
	}
	if v.comments, err = r.comments(k, rec); err != nil {
		return nil, err
	}
	if v.history, err = r.history(k, rec.GetBase().ID, 0, historyFields); err != nil {
		return nil, err
	}
	return v, r.enrich(v)
}

// enrich adds what the workbenches have to say about the record.
func (r *Request) enrich(v *detailView) (err error) {
	d, ok := r.Site.details[v.k.Name]
	if !ok {
		return nil
	}
	v.skip, v.fold = d.Skip, d.Fold
	if d.Actions != nil {
		if v.extra, err = d.Actions(r, v.rec); err != nil {
			return err
		}
	}
	if d.Above != nil {
		if v.above, err = d.Above(r, v.rec); err != nil {
			return err
		}
	}
	if d.Aside != nil {
		v.aside, err = d.Aside(r, v.rec)
	}
	return err
}

// beginnings tells whether something that belongs to the record is not there yet.
func (v *detailView) beginnings() bool {
	return slices.ContainsFunc(v.referrers, func(ref referrerView) bool { return len(ref.items) == 0 })
}

// fieldPart says in which part of the page a field is shown.
type fieldPart int

const (
	partNowhere fieldPart = iota
	partProse             // long text, full width
	partFigures           // estimates, amounts, grades
	partDetails           // what it is and who answers for it
	partRecord            // what the product keeps about the record
)

func (v *detailView) part(f *kind.Field) fieldPart {
	switch {
	case f.Hidden, f.Name == "title", f.Name == v.k.StateField, slices.Contains(v.skip, f.Name):
		return partNowhere
	case f.Name == "labels":
		return partDetails
	case isBase(f.Name):
		return partRecord
	case f.Type == kind.LongText:
		return partProse
	case f.Type == kind.Span, f.Type == kind.Amount, f.Type == kind.Decimal, f.Type == kind.Number, f.Type == kind.Grade:
		return partFigures
	}
	return partDetails
}

func isBase(name string) bool {
	switch name {
	case "id", "key", "origin", "version", "created_at", "created_by", "updated_at", "updated_by", "deleted_at":
		return true
	}
	return false
}

// filled are the fields of a part that hold something.
func (v *detailView) filled(p fieldPart) []*kind.Field {
	var list []*kind.Field
	for _, f := range v.k.Fields {
		if v.part(f) == p && (!f.IsZero(v.rec) || f.Type == kind.Flag && f.List) {
			list = append(list, f)
		}
	}
	return list
}

// missing are the labels of fields that somebody could fill in.
func (v *detailView) missing(p fieldPart) []string {
	var list []string
	for _, f := range v.k.Fields {
		if v.part(f) == p && f.IsZero(v.rec) && !f.Computed && f.Type != kind.Flag {
			list = append(list, f.Label)
		}
	}
	return list
}

func (r *Request) keyValues(v *detailView, fields []*kind.Field) []ui.KeyValueItem {
	var items []ui.KeyValueItem
	for _, f := range fields {
		items = append(items, ui.KeyValueItem{Label: f.Label, Value: r.value(v.k, f, v.rec, v.refs), Help: r.help(f)})
	}
	return items
}

// optionsFragment answers the search of a reference field: titles of records.
func optionsFragment(k *kind.Kind) func(*Request) error {
	return func(r *Request) error {
		q := kind.Query{Search: r.FormValue("q"), Limit: 20}
		if q.Search == "" {
			q.Sort = "title"
		}
		page, err := r.App().List(r.Ctx(), k, q)
		if err != nil {
			return err
		}
		var options []ui.Option
		for _, rec := range page.Records {
			b := rec.GetBase()
			o := ui.Option{Value: b.ID, Label: b.Title, Help: b.Key}
			if state := k.State(rec); state != "" {
				o.Help = k.Field(k.StateField).Choice(state).Label
			}
			options = append(options, o)
		}
		return r.RenderPart(ui.ReferenceOptions(options))
	}
}

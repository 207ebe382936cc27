package web

import (
	"net/http"
	"net/url"
	"slices"

	"holdfast/app"
	"holdfast/kind"
	"holdfast/web/ui"
)

// A formView is the form of a record as it is shown: new, failed, or in conflict.
type formView struct {
	k        *kind.Kind
	rec      kind.Record // as stored; nil for a new one
	fields   []*kind.Field
	raw      url.Values
	version  int64
	problem  error
	conflict *conflictView
	back     string
}

func (v formView) title() string {
	if v.rec == nil {
		return "New " + lower(v.k.Label)
	}
	return "Edit " + v.rec.GetBase().Title
}

func (v formView) action() string {
	if v.rec == nil {
		return "/" + v.k.Plural
	}
	return recordURL(v.k, v.rec)
}

func (v formView) cancel() string {
	if v.back != "" {
		return v.back
	}
	return v.action()
}

func newPage(k *kind.Kind) func(*Request) error {
	return func(r *Request) error {
		if k.Name == "api_token" {
			return r.Redirect("/account#tokens")
		}
		if !r.mayCreate(k) {
			return r.Actor.Refuse(kind.Write, k)
		}
		fields := r.formFields(k, nil)
		raw := r.rawOf(fields, k.New())
		query := r.URL.Query()
		for _, f := range fields {
			if posted(f, query) { // a link may fill in what is known: the asset of a new risk
				raw[f.Name] = query[f.Name]
			}
		}
		return r.showForm(formView{k: k, fields: fields, raw: raw, back: backOf(r)}, http.StatusOK)
	}
}

// backOf is where a form leads to when it is done, if its link said so.
func backOf(r *Request) string {
	if back := r.FormValue("back"); safePath(back) {
		return back
	}
	return ""
}

func createRecord(k *kind.Kind) func(*Request) error {
	return func(r *Request) error {
		form, err := r.Form()
		if err != nil {
			return err
		}
		if !r.mayCreate(k) {
			return r.Actor.Refuse(kind.Write, k)
		}
		v := formView{k: k, fields: r.formFields(k, nil), raw: form, back: backOf(r)}
		rec := k.New()
		if v.problem = r.readForm(v.fields, rec, form); v.problem == nil {
			v.problem = r.App().Save(r.Ctx(), rec)
		}
		if again(v.problem) {
			return r.showForm(v, http.StatusUnprocessableEntity)
		}
		if v.problem != nil {
			return v.problem
		}
		r.changed(k)
		saved := ui.ToastProps{Text: k.Label + " “" + rec.GetBase().Title + "” is saved.", Tone: ui.Positive}
		if form.Get("then") == "another" {
			return r.Redirect("/"+k.Plural+"/new", saved)
		}
		return r.Back(recordURL(k, rec), saved)
	}
}

// again tells whether the form is shown once more: the input is wrong, or a key is
// taken.
func again(err error) bool {
	code := kind.CodeOf(err)
	return code == kind.Invalid || code == kind.Conflict
}

func editPage(k *kind.Kind) func(*Request) error {
	return func(r *Request) error {
		rec, err := r.App().Get(r.Ctx(), k, r.PathValue("id"))
		if err != nil {
			return err
		}
		if !r.MayTouch(kind.Write, k, rec) {
			return r.Actor.Refuse(kind.Write, k)
		}
		fields := r.formFields(k, rec)
		return r.showForm(formView{k: k, rec: rec, fields: fields, raw: r.rawOf(fields, rec), version: rec.GetBase().Version, back: backOf(r)}, http.StatusOK)
	}
}

func updateRecord(k *kind.Kind) func(*Request) error {
	return func(r *Request) error {
		form, err := r.Form()
		if err != nil {
			return err
		}
		stored, err := r.App().Get(r.Ctx(), k, r.PathValue("id"))
		if err != nil {
			return err
		}
		v := formView{k: k, rec: stored, fields: r.formFields(k, stored), raw: form, version: atoi64(form.Get("version")), back: backOf(r)}
		mine := k.Clone(stored)
		mine.GetBase().Version = v.version
		if v.problem = r.readForm(v.fields, mine, form); v.problem == nil {
			v.problem = r.App().Save(r.Ctx(), mine)
		}
		if newer, ok := app.Stored(v.problem); ok {
			return r.showConflict(v, mine, newer)
		}
		if again(v.problem) {
			return r.showForm(v, http.StatusUnprocessableEntity)
		}
		if v.problem != nil {
			return v.problem
		}
		r.changed(k)
		return r.Back(recordURL(k, mine), ui.ToastProps{Text: "Saved.", Tone: ui.Positive})
	}
}

// changed drops what the site holds of records of the kind.
func (r *Request) changed(k *kind.Kind) {
	if k.Name == "organisation" || k.Name == "workspace" {
		r.Site.places.forget(r.Actor.Workspace)
	}
}

func (r *Request) showForm(v formView, status int) error {
	crumbs := []ui.Crumb{groupCrumb(v.k), {Label: pluralLabel(v.k), Href: "/" + v.k.Plural}}
	if v.rec != nil {
		crumbs = append(crumbs, ui.Crumb{Label: v.rec.GetBase().Title, Href: recordURL(v.k, v.rec)})
	}
	r.Crumbs(crumbs...)
	r.here = "New"
	if v.rec != nil {
		r.here = "Edit"
	}
	return r.RenderAs(status, v.title(), formBody(r, v))
}

// errors are the mistakes for the summary, each with the label of its field.
func (v formView) errors() []ui.FieldError {
	var list []ui.FieldError
	for _, e := range kind.FieldsOf(v.problem) {
		fe := ui.FieldError{Field: e.Field, Text: e.Message}
		if f := v.k.Field(e.Field); f != nil {
			fe.Label = f.Label
			if f.Type == kind.Span {
				fe.ID = "f-" + f.Name + "-low"
			}
			if !slices.Contains(v.fields, f) {
				fe.Field = "" // nothing on the form to lead to
				fe.Text = f.Label + " " + fe.Text
			}
		}
		list = append(list, fe)
	}
	if list == nil && v.problem != nil {
		list = append(list, ui.FieldError{Text: upper(v.problem.Error()) + "."})
	}
	return list
}

// A formPart is a headed group of fields.
type formPart struct {
	title, text string
	fields      []*kind.Field
}

// smallForm is how many fields stand together without headings.
const smallForm = 7

// parts orders the fields: what the record is, in words, figures, dates, the rest.
func (v formView) parts() []formPart {
	parts := []formPart{{}, {title: "In words"}, {title: "Figures", text: "Estimates are ranges: nine times out of ten the truth lies between low and high."}, {title: "Dates"}, {title: "More"}}
	ranges := false
	for _, f := range v.fields {
		at := partOf(v.k, f)
		ranges = ranges || f.Type == kind.Span
		parts[at].fields = append(parts[at].fields, f)
	}
	if !ranges {
		parts[2].text = ""
	}
	if len(v.fields) <= smallForm {
		var all []*kind.Field
		for _, p := range parts {
			all = append(all, p.fields...)
		}
		return []formPart{{fields: all}}
	}
	return slices.DeleteFunc(parts, func(p formPart) bool { return len(p.fields) == 0 })
}

func partOf(k *kind.Kind, f *kind.Field) int {
	switch {
	case f.Name == "key" || f.Name == "labels":
		return 4
	case f.Type == kind.LongText:
		return 1
	case f.Type == kind.Span, f.Type == kind.Amount, f.Type == kind.Decimal, f.Type == kind.Number, f.Type == kind.Grade:
		return 2
	case f.Required, f.List, f.Name == k.OwnerField, f.Name == k.ParentField, f.Type == kind.Ref, f.Type == kind.Option:
		return 0
	case f.Type == kind.Day, f.Type == kind.Instant:
		return 3
	}
	return 4
}

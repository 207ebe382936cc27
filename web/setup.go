package web

import (
	"net/http"
	"strings"

	"holdfast/access"
	"holdfast/app"
	"holdfast/kind"
	"holdfast/web/ui"
)

type setupView struct {
	Link, Organisation, Name, Email string
	Errors                          []ui.FieldError
	Minimum                         int
}

// problem is what is wrong with a field; empty when nothing is.
func (v setupView) problem(field string) string {
	for _, e := range v.Errors {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

// setupPage is where the one-time link of the first start leads. Opening it does
// not use it up.
func (s *Site) setupPage(r *Request) error {
	link := r.FormValue("link")
	if err := s.App.MaySetUp(r.Context(), link); err != nil {
		return err
	}
	return r.RenderPlain(http.StatusOK, "Set up Holdfast", setupForm(setupView{Link: link, Minimum: access.MinPassword}))
}

// setUp makes the first workspace and signs its administrator in.
func (s *Site) setUp(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	view := setupView{Link: form.Get("link"), Organisation: strings.TrimSpace(form.Get("organisation")), Name: strings.TrimSpace(form.Get("name")),
		Email: strings.TrimSpace(form.Get("email")), Minimum: access.MinPassword}
	if !s.attempts.allow(s.ClientAddress(r.Request)) {
		return kind.Errorf(kind.Unavailable, "too many attempts from your address; wait a minute")
	}
	if form.Get("password") != form.Get("again") {
		err = kind.Fieldf("again", "the two passwords differ")
	}
	var who access.Actor
	if err == nil {
		who, err = s.App.SetUp(r.Context(), view.Link, view.Organisation, app.First{Name: view.Name, Email: view.Email, Password: form.Get("password")})
	}
	if kind.CodeOf(err) == kind.Invalid {
		view.Errors = setupErrors(err)
		return r.RenderPlain(http.StatusUnprocessableEntity, "Set up Holdfast", setupForm(view))
	}
	if err != nil {
		return err
	}
	if err := s.enter(r.Context(), []access.Actor{who}); err != nil {
		return err
	}
	return r.Redirect("/", ui.ToastProps{Text: "Welcome. " + view.Organisation + " is set up.", Tone: ui.Positive})
}

// setupErrors names the fields of the form, which differ from those of the records.
func setupErrors(err error) []ui.FieldError {
	labels := map[string]string{"title": "name", "organisation": "organisation", "email": "email", "password": "password", "again": "again"}
	var list []ui.FieldError
	for _, f := range kind.FieldsOf(err) {
		list = append(list, ui.FieldError{Field: labels[f.Field], Label: kind.Humanise(labels[f.Field]), Text: upper(f.Message) + "."})
	}
	return list
}

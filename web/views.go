package web

import (
	"net/http"
	"net/url"
	"strings"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web/ui"
)

// maxViews bounds the saved views that are shown above a list.
const maxViews = 12

// savedViews are the views of the list that the actor may use: its own and those
// that somebody shares.
func (r *Request) savedViews(a listAddress) ([]ui.SavedView, error) {
	if !r.MaySome(kind.Read, isms.SavedViews) {
		return nil, nil
	}
	page, err := r.App().List(r.Ctx(), isms.SavedViews, kind.Query{Sort: "title", Limit: 100}.Where("of", a.k.Name))
	if err != nil {
		return nil, err
	}
	chosen := a.values.Get(paramView)
	views := []ui.SavedView{{Label: "All", Href: "/" + a.k.Plural, Current: chosen == ""}}
	for _, rec := range page.Records {
		v := rec.(*isms.SavedView)
		if (v.Shared || v.OwnerID == r.Actor.ID) && len(views) < maxViews {
			views = append(views, ui.SavedView{Label: v.Title, Href: viewURL(a.k, v), Current: chosen == v.ID})
		}
	}
	if len(views) == 1 {
		return nil, nil
	}
	return views, nil
}

// viewURL is the list as the view keeps it. What a view says is a query and
// nothing more: it cannot lead anywhere else.
func viewURL(k *kind.Kind, v *isms.SavedView) string {
	values, err := url.ParseQuery(v.Query)
	if err != nil {
		values = url.Values{}
	}
	values[paramColumns] = v.Columns
	values.Set(paramView, v.ID)
	return "/" + k.Plural + "?" + values.Encode()
}

type viewForm struct {
	k       *kind.Kind
	query   url.Values
	title   string
	shared  bool
	problem string
}

func newViewPage(k *kind.Kind) func(*Request) error {
	return func(r *Request) error {
		a, err := readAddress(k, r.URL.Query())
		if err != nil {
			return err
		}
		q := a.narrowed()
		q[paramColumns] = a.values[paramColumns]
		r.Crumbs(groupCrumb(k), ui.Crumb{Label: pluralLabel(k), Href: a.here()})
		return r.Render("Save view", viewBody(viewForm{k: k, query: q}))
	}
}

func saveView(k *kind.Kind) func(*Request) error {
	return func(r *Request) error {
		form, err := r.Form()
		if err != nil {
			return err
		}
		query, err := url.ParseQuery(form.Get("query"))
		if err != nil {
			return kind.Errorf(kind.Invalid, "the view could not be read: %w", err)
		}
		a, err := readAddress(k, query)
		if err != nil {
			return err
		}
		v := &isms.SavedView{Of: k.Name, Query: a.narrowed().Encode(), Columns: a.values[paramColumns], OwnerID: r.Actor.ID}
		v.Title = strings.TrimSpace(form.Get("title"))
		v.Shared = last(form["shared"]) == "true" && r.May(kind.Write, isms.SavedViews)
		if err := r.App().Save(r.Ctx(), v); kind.CodeOf(err) == kind.Invalid {
			r.Crumbs(groupCrumb(k), ui.Crumb{Label: pluralLabel(k), Href: a.here()})
			return r.RenderAs(http.StatusUnprocessableEntity, "Save view", viewBody(viewForm{k: k, query: query, title: v.Title, shared: v.Shared, problem: err.Error()}))
		} else if err != nil {
			return err
		}
		return r.Redirect(viewURL(k, v), ui.ToastProps{Text: "The view “" + v.Title + "” is saved.", Tone: ui.Positive})
	}
}

// last is the value that counts when a checkbox posts its two.
func last(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

package web

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"holdfast/access"
	"holdfast/app"
	"holdfast/kind"
	"holdfast/web/ui"
)

// A Request is one request of somebody who is signed in. Its context carries the
// actor, so it can be handed to the waist as it is.
type Request struct {
	*http.Request
	W      http.ResponseWriter
	Site   *Site
	Actor  access.Actor
	Format *Format // numbers, money and time as the organisation writes them
	ID     string  // of the request, for the log and the error page

	notices []ui.ToastProps
	crumbs  []ui.Crumb
	here    string // last crumb, when shorter than the title
	wide    bool
}

// App is the waist.
func (r *Request) App() *app.App { return r.Site.App }

// Now is the time.
func (r *Request) Now() time.Time { return r.Site.Now() }

// Ctx carries the actor.
func (r *Request) Ctx() context.Context { return r.Context() }

// Kind finds a kind by its name; the name must be right.
func (r *Request) Kind(name string) *kind.Kind { return r.App().Registry().Named(name) }

// May tells whether the actor has the permission for every record of the kind.
func (r *Request) May(v kind.Verb, k *kind.Kind) bool { return r.Actor.May(v, k) == access.All }

// MayTouch tells whether the actor may do this to the record, so that no button is
// shown that would be refused.
func (r *Request) MayTouch(v kind.Verb, k *kind.Kind, rec kind.Record) bool {
	switch r.Actor.May(v, k) {
	case access.All:
		return true
	case access.Own:
		return k.OwnerField != "" && r.Actor.ID != "" && k.Field(k.OwnerField).Text(rec) == r.Actor.ID
	}
	return false
}

// MaySome tells whether the actor may do this to at least its own records.
func (r *Request) MaySome(v kind.Verb, k *kind.Kind) bool {
	g := r.Actor.May(v, k)
	return g == access.All || g == access.Own && k.OwnerField != "" && r.Actor.ID != ""
}

// Fragment tells whether a part of a page is asked for, not a page.
func (r *Request) Fragment() bool {
	return r.Header.Get("HX-Request") == "true" && r.Header.Get("HX-Boosted") != "true"
}

// Crumbs sets the way to the page, before the page itself.
func (r *Request) Crumbs(crumbs ...ui.Crumb) { r.crumbs = crumbs }

// Wide lets the page use the whole width: diagrams, boards.
func (r *Request) Wide() { r.wide = true }

// Notice shows a notice on the page that is rendered, or on the one the answer
// redirects to.
func (r *Request) Notice(n ui.ToastProps) { r.notices = append(r.notices, n) }

// Form reads the body and returns what was posted, without the query.
func (r *Request) Form() (url.Values, error) {
	if err := r.ParseForm(); err != nil {
		return nil, bodyError(err)
	}
	return r.PostForm, nil
}

// Render answers with a whole page: the navigation and the body.
func (r *Request) Render(title string, body templ.Component) error {
	return r.RenderAs(http.StatusOK, title, body)
}

// RenderAs is Render with a status: 422 for a form with mistakes.
func (r *Request) RenderAs(status int, title string, body templ.Component) error {
	shell := r.shell(title)
	ctx := templ.WithChildren(r.Ctx(), body)
	return r.write(ctx, status, ui.Shell(shell))
}

// RenderPlain answers with a page without navigation.
func (r *Request) RenderPlain(status int, title string, body templ.Component) error {
	return r.write(templ.WithChildren(r.Ctx(), body), status, ui.PlainPage(title, r.theme()))
}

// RenderPart answers with a fragment.
func (r *Request) RenderPart(body templ.Component) error {
	return r.write(r.Ctx(), http.StatusOK, body)
}

// RenderPartAs is RenderPart with a status.
func (r *Request) RenderPartAs(status int, body templ.Component) error {
	return r.write(r.Ctx(), status, body)
}

// write renders into memory first, so that a failure half way is a proper error.
func (r *Request) write(ctx context.Context, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(ctx, &b); err != nil {
		return err
	}
	h := r.W.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	r.W.WriteHeader(status)
	_, _ = r.W.Write(b.Bytes()) // the reader has gone: nobody is left to tell
	return nil
}

// Redirect leads to a path of this site with 303, as every write ends. Notices
// are shown there.
func (r *Request) Redirect(path string, notices ...ui.ToastProps) error {
	r.Site.leaveNotices(r.Ctx(), append(r.notices, notices...))
	if !safePath(path) {
		path = "/"
	}
	if r.Fragment() {
		r.W.Header().Set("HX-Redirect", path)
		r.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(r.W, r.Request, path, http.StatusSeeOther)
	return nil
}

// Back leads to where the form was sent from: the posted or queried "back", else
// the fallback. Paths that lead off the site are ignored.
func (r *Request) Back(fallback string, notices ...ui.ToastProps) error {
	if back := r.FormValue("back"); back != "" && safePath(back) {
		fallback = back
	}
	return r.Redirect(fallback, notices...)
}

// safePath tells whether a redirect to the path stays on this site.
func safePath(path string) bool {
	if !strings.HasPrefix(path, "/") || strings.HasPrefix(path, "//") || strings.ContainsAny(path, "\\\r\n\t\x00") {
		return false
	}
	u, err := url.Parse(path)
	return err == nil && u.Scheme == "" && u.Host == "" && u.User == nil && !strings.HasPrefix(u.Path, "//")
}

func (r *Request) theme() ui.Theme {
	if c, err := r.Cookie(ui.ThemeCookie); err == nil {
		return ui.ParseTheme(c.Value)
	}
	return ui.System
}

// Meaning explains a word of the field; empty when the glossary has no entry.
func (r *Request) Meaning(word string) string {
	if r.Site.Glossary == nil {
		return ""
	}
	m, _ := r.Site.Glossary.Meaning(word)
	return m
}

// recordURL is the address of the page of a record: by its key, as people read it.
func recordURL(k *kind.Kind, rec kind.Record) string {
	b := rec.GetBase()
	return keyURL(k, b.ID, b.Key)
}

func keyURL(k *kind.Kind, id, key string) string {
	if key == "" || reserved[key] || strings.ContainsAny(key, "/:@#+~=") {
		key = id
	}
	return RecordURL(k, key)
}

// RecordURL is the address of the page of a record with the id or key.
func RecordURL(k *kind.Kind, idOrKey string) string {
	return "/" + k.Plural + "/" + url.PathEscape(idOrKey)
}

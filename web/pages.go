package web

import (
	"net/http"

	"holdfast/web/ui"
)

// ownPages are the pages of this package, in the order of the menu.
func (s *Site) ownPages() []Page {
	pages := []Page{
		{Pattern: "GET /signin", Serve: s.signInPage, public: true},
		{Pattern: "POST /signin", Serve: s.signIn, public: true, MaxBody: 8 << 10},
		{Pattern: "POST /signout", Serve: s.signOut, public: true},
		{Pattern: "GET /welcome", Serve: s.welcomePage, public: true, unlock: true},
		{Pattern: "POST /welcome", Serve: s.welcome, public: true, unlock: true, MaxBody: 8 << 10},
		{Pattern: "GET /setup", Serve: s.setupPage, public: true},
		{Pattern: "POST /setup", Serve: s.setUp, public: true, MaxBody: 8 << 10},
		{Pattern: "POST /workspace/{id}", Serve: s.changeWorkspace},
		{Pattern: "POST /preferences/theme", Serve: setTheme, public: true},
		{Pattern: "POST /preferences/density", Serve: setDensity},
		{Pattern: "GET /{$}", Serve: homePage},
		{Pattern: "GET /account", Title: "Account", Icon: "user", Words: "password tokens theme profile", Serve: s.accountPage},
		{Pattern: "POST /account/password", Serve: s.changePassword},
		{Pattern: "POST /account/tokens", Serve: s.issueToken},
		{Pattern: "POST /account/tokens/{id}/revoke", Serve: s.revokeToken},
		{Pattern: "GET /search", Serve: searchPage},
		{Pattern: "POST /markdown", Serve: preview},
		{Pattern: "GET /jobs", Title: "Background jobs", Icon: "clock", Words: "progress queue scan", Needs: insider, Serve: jobsPage},
		{Pattern: "GET /jobs/{id}", Needs: insider, Serve: jobPage},
		{Pattern: "POST /jobs/{id}/cancel", Needs: insider, Serve: cancelJob},
	}
	if s.Demo.Secret != "" {
		pages = append(pages, Page{Pattern: "GET /demo/{secret}", public: true, Serve: s.enterDemo})
	}
	if s.Dev {
		pages = append(pages, Page{Pattern: "GET /ui", public: true, Serve: func(r *Request) error { return r.write(r.Ctx(), http.StatusOK, ui.Gallery(r.theme())) }})
	}
	for _, k := range s.App.Registry().All() {
		pages = append(pages, genericPages(k)...)
	}
	return pages
}

// yearCookie keeps a preference of the browser for a year.
func (r *Request) yearCookie(name, value string) {
	http.SetCookie(r.W, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 365 * 24 * 3600, SameSite: http.SameSiteLaxMode, Secure: r.Site.Secure})
}

func setTheme(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	r.yearCookie(ui.ThemeCookie, or(string(ui.ParseTheme(form.Get("theme"))), "system"))
	return r.Redirect(r.referer())
}

// referer is the page of this site on which a link or button was pressed.
func (r *Request) referer() string {
	u, err := r.Request.URL.Parse(r.Request.Referer())
	if err != nil || u.Host != r.Host || !safePath(u.RequestURI()) {
		return "/"
	}
	return u.RequestURI()
}

// homePage stands in until a workbench takes its place.
func homePage(r *Request) error {
	return r.Render("Home", overview(r))
}

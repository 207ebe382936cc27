package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/web/ui"
)

// An accountView is the page of the person who is signed in.
type accountView struct {
	person   *isms.Person
	tokens   []*isms.APIToken
	mayIssue bool
	secret   string // of a token made just now; shown once, kept nowhere
	password error
	token    error
	form     map[string]string
}

func (s *Site) accountPage(r *Request) error {
	return s.showAccount(r, http.StatusOK, accountView{})
}

func (s *Site) showAccount(r *Request, status int, v accountView) error {
	rec, err := r.App().Get(r.Ctx(), isms.People, r.Actor.ID)
	if err != nil {
		return err
	}
	v.person = rec.(*isms.Person)
	v.mayIssue = r.MaySome(kind.Write, isms.APITokens)
	if r.MaySome(kind.Read, isms.APITokens) {
		page, err := r.App().List(r.Ctx(), isms.APITokens, kind.Query{Sort: "-created_at", Limit: 100}.Where("person_id", r.Actor.ID))
		if err != nil {
			return err
		}
		for _, t := range page.Records {
			v.tokens = append(v.tokens, t.(*isms.APIToken))
		}
	}
	return r.RenderAs(status, "Account", accountBody(r, v))
}

// changePassword asks for the present one, ends every other session and goes on
// with this one under a new token.
func (s *Site) changePassword(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	if !s.attempts.allow(s.ClientAddress(r.Request)) {
		return s.showAccount(r, http.StatusTooManyRequests, accountView{password: kind.Errorf(kind.Invalid, "too many attempts; wait a minute")})
	}
	if form.Get("password") != form.Get("again") {
		return s.showAccount(r, http.StatusUnprocessableEntity, accountView{password: kind.Fieldf("again", "differs from the new password")})
	}
	err = r.App().SetPassword(r.Ctx(), r.Actor.ID, form.Get("present"), form.Get("password"))
	if kind.CodeOf(err) == kind.Invalid {
		return s.showAccount(r, http.StatusUnprocessableEntity, accountView{password: err})
	}
	if err != nil {
		return err
	}
	if err := s.sessions.RenewToken(r.Ctx()); err != nil {
		return err
	}
	s.restart(r.Ctx())
	return r.Redirect("/account", ui.ToastProps{Text: "The password is changed. Other sessions are signed out.", Tone: ui.Positive})
}

// tokenScopes are the usual choices; anything finer is typed.
var tokenScopes = []ui.Option{
	{Value: "*:read", Label: "Read everything that I may read"},
	{Value: "*:write", Label: "Read and change everything that I may change"},
	{Value: "own", Label: "Only what I list below"},
}

var tokenLives = []ui.Option{{Value: "30", Label: "30 days"}, {Value: "90", Label: "90 days"}, {Value: "365", Label: "A year"}}

func (s *Site) issueToken(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	v := accountView{form: map[string]string{"title": form.Get("title"), "scope": form.Get("scope"), "scopes": form.Get("scopes"), "days": form.Get("days")}}
	t := &isms.APIToken{Base: isms.Base{Title: strings.TrimSpace(form.Get("title"))}}
	t.Scopes = []string{form.Get("scope")}
	if form.Get("scope") == "own" {
		t.Scopes = strings.FieldsFunc(form.Get("scopes"), func(c rune) bool { return c == ',' || c == ' ' || c == '\n' })
	}
	days := atoi64(form.Get("days"))
	if !slices.ContainsFunc(tokenLives, func(o ui.Option) bool { return o.Value == form.Get("days") }) {
		days = 30
	}
	t.ExpiresAt = r.App().Now().Add(time.Duration(days) * 24 * time.Hour)
	v.secret, v.token = r.App().IssueToken(r.Ctx(), t)
	if kind.CodeOf(v.token) == kind.Invalid {
		v.secret = ""
		return s.showAccount(r, http.StatusUnprocessableEntity, v)
	}
	if v.token != nil {
		return v.token
	}
	v.form = nil
	return s.showAccount(r, http.StatusCreated, v)
}

func (s *Site) revokeToken(r *Request) error {
	if _, err := r.App().Do(r.Ctx(), isms.APITokens, r.PathValue("id"), "revoke", 0, kind.Input{}); err != nil {
		return err
	}
	return r.Redirect("/account#tokens", ui.ToastProps{Text: "The token is revoked. It stopped working just now.", Tone: ui.Positive})
}

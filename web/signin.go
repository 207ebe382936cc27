package web

import (
	"net/http"
	"time"

	"holdfast/access"
	"holdfast/kind"
	"holdfast/web/ui"
)

type signInView struct {
	Email, Next, Problem string
	Demo                 Demo
}

func (s *Site) signInPage(r *Request) error {
	next := safeNext(r.FormValue("next"))
	if _, err := s.actor(r.Context()); err == nil {
		return r.Redirect(next)
	}
	return r.RenderPlain(http.StatusOK, "Sign in", signInForm(signInView{Next: next, Demo: s.offered()}))
}

// offered is the account that the sign-in page offers to enter with one press. A
// demo whose link was printed on the terminal offers none: it shows the machine it
// runs on, which is nobody else's business.
func (s *Site) offered() Demo {
	if s.Demo.Secret != "" {
		return Demo{}
	}
	return s.Demo
}

// safeNext is where to go after signing in: a page of this site, never one that
// signs out or in again.
func safeNext(next string) string {
	switch {
	case !safePath(next), next == "/signin", next == "/signout", next == "/welcome":
		return "/"
	}
	return next
}

func (s *Site) signIn(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	view := signInView{Email: form.Get("email"), Next: safeNext(form.Get("next")), Demo: s.offered()}
	if !s.attempts.allow(s.ClientAddress(r.Request)) {
		r.W.Header().Set("Retry-After", itoa(int(attemptRefill/time.Second)))
		view.Problem = "Too many attempts from your address. Wait a minute, then try again."
		return r.RenderPlain(http.StatusTooManyRequests, "Sign in", signInForm(view))
	}
	open, err := s.App.SignIn(r.Context(), view.Email, form.Get("password"))
	if kind.CodeOf(err) == kind.Unauthenticated {
		s.Log.WarnContext(r.Context(), "sign-in refused", "request", r.ID, "from", s.ClientAddress(r.Request))
		view.Problem = upper(err.Error()) + "."
		return r.RenderPlain(http.StatusUnauthorized, "Sign in", signInForm(view))
	}
	if err != nil {
		return err
	}
	if err := s.enter(r.Context(), open); err != nil {
		return err
	}
	return r.Redirect(view.Next)
}

func (s *Site) signOut(r *Request) error {
	if err := s.sessions.Destroy(r.Context()); err != nil {
		return err
	}
	r.W.Header().Set("Clear-Site-Data", `"storage"`)
	http.Redirect(r.W, r.Request, "/signin", http.StatusSeeOther)
	return nil
}

type welcomeView struct {
	Link, Problem string
	Minimum       int
}

// welcomePage asks for a password. Opening the link does not use it up: programs
// that look into mails open links too.
func (s *Site) welcomePage(r *Request) error {
	link := r.FormValue("link")
	if link == "" && !s.sessions.GetBool(r.Context(), keyChoose) {
		return r.Redirect("/")
	}
	return r.RenderPlain(http.StatusOK, "Welcome", welcomeForm(welcomeView{Link: link, Minimum: access.MinPassword}))
}

func (s *Site) welcome(r *Request) error {
	form, err := r.Form()
	if err != nil {
		return err
	}
	view := welcomeView{Link: form.Get("link"), Minimum: access.MinPassword}
	again := func(problem string) error {
		view.Problem = problem
		return r.RenderPlain(http.StatusUnprocessableEntity, "Welcome", welcomeForm(view))
	}
	if !s.attempts.allow(s.ClientAddress(r.Request)) {
		return again("Too many attempts from your address. Wait a minute, then try again.")
	}
	password := form.Get("password")
	if password != form.Get("again") {
		return again("The two passwords differ. Type the same one twice.")
	}
	if err := access.CheckNewPassword(password, ""); err != nil {
		return again(passwordProblem(err))
	}
	if err := s.throughLink(r, view.Link); err != nil {
		return err
	}
	view.Link = ""
	return s.choosePassword(r, password, again)
}

// throughLink lets in whoever holds the one-time link, to choose a password and
// nothing else. Without a link the session must be at that point already.
func (s *Site) throughLink(r *Request, link string) error {
	if link == "" {
		if !s.sessions.GetBool(r.Context(), keyChoose) {
			return errOver
		}
		return nil
	}
	actor, err := s.App.TakeLink(r.Context(), link)
	if err != nil {
		return err
	}
	if err := s.enter(r.Context(), []access.Actor{actor}); err != nil {
		return err
	}
	s.sessions.Put(r.Context(), keyChoose, true)
	return nil
}

// choosePassword sets the password of whoever came through a link. The link stands
// for the present password, so the product itself sets the new one.
func (s *Site) choosePassword(r *Request, password string, again func(string) error) error {
	actor, err := s.actor(r.Context())
	if err != nil {
		return err
	}
	machine := access.With(r.Context(), access.Actor{Name: actor.Name, Workspace: actor.Workspace, Machine: true, Via: "sign-in"})
	err = s.App.SetPassword(machine, actor.ID, "", password)
	if kind.CodeOf(err) == kind.Invalid {
		return again(passwordProblem(err))
	}
	if err != nil {
		return err
	}
	if err := s.sessions.RenewToken(r.Context()); err != nil {
		return err
	}
	s.sessions.Remove(r.Context(), keyChoose)
	s.restart(r.Context())
	return r.Redirect("/", ui.ToastProps{Text: "Welcome, " + actor.Name + ". Your password is set.", Tone: ui.Positive})
}

func passwordProblem(err error) string {
	for _, f := range kind.FieldsOf(err) {
		return "The password " + f.Message + "."
	}
	return upper(err.Error()) + "."
}

// changeWorkspace goes to another workspace of the same person: one that the
// sign-in opened, never one that a request names freely.
func (s *Site) changeWorkspace(r *Request) error {
	for _, m := range s.members(r.Ctx()) {
		if m.Workspace != r.PathValue("id") {
			continue
		}
		if _, err := s.App.Actor(r.Ctx(), m.Workspace, m.Person, s.timeOf(r.Ctx(), keyStarted)); err != nil {
			return kind.Errorf(kind.Forbidden, "you do not belong to this workspace any more")
		}
		if err := s.sessions.RenewToken(r.Ctx()); err != nil {
			return err
		}
		s.sessions.Put(r.Ctx(), keyWorkspace, m.Workspace)
		s.sessions.Put(r.Ctx(), keyPerson, m.Person)
		return r.Redirect("/")
	}
	return kind.Errorf(kind.NotFound, "there is no workspace %s for you", r.PathValue("id"))
}

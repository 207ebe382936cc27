package web

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"

	"holdfast/kind"
	"holdfast/web/ui"
)

// An answer is how an error looks from outside.
type answer struct {
	status int
	title  string
	remedy string // what the person can do
}

// answers maps the codes of errors, here and nowhere else.
var answers = map[kind.Code]answer{
	kind.Invalid:         {http.StatusUnprocessableEntity, "That could not be read", "Go back, correct it and send it again. What you typed is still there."},
	kind.NotFound:        {http.StatusNotFound, "Not found", "It may have been deleted, or you may not be allowed to see it. Search for it, or start from Home."},
	kind.Forbidden:       {http.StatusForbidden, "Not allowed", "Ask an administrator of this workspace if you need it for your work."},
	kind.Unauthenticated: {http.StatusUnauthorized, "Sign in first", "Sign in, then go back: what you typed is kept in this browser tab."},
	kind.Conflict:        {http.StatusConflict, "Something changed in the meantime", "Go back and reload the page to see how it stands now."},
	kind.TooLarge:        {http.StatusRequestEntityTooLarge, "Too large", "Send less at once."},
	kind.Unavailable:     {http.StatusServiceUnavailable, "Not available at the moment", "Nothing was lost. Try again in a minute."},
	kind.Internal:        {http.StatusInternalServerError, "That is our fault", "Nothing was saved. Try again; if it happens again, give the number below to whoever runs this installation."},
}

func answerTo(err error) (answer, kind.Code) {
	code := kind.CodeOf(err)
	if a, ok := answers[code]; ok {
		return a, code
	}
	return answers[kind.Internal], kind.Internal
}

// bodyError explains why the body of a request could not be read.
func bodyError(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return kind.Errorf(kind.TooLarge, "more than %d bytes were sent: %w", big.Limit, err)
	}
	return kind.Errorf(kind.Invalid, "the form could not be read: %w", err)
}

// fail is the only place that turns an error into an answer.
func (s *Site) fail(r *Request, err error) {
	a, code := answerTo(err)
	if code == kind.Internal || code == kind.Unavailable {
		s.Log.ErrorContext(r.Ctx(), "request failed", "request", r.ID, "path", r.URL.Path, "error", err)
	}
	if code == kind.Unauthenticated && s.askToSignIn(r) {
		return
	}
	sentence := err.Error()
	if code == kind.Internal && !s.Dev {
		sentence = "The product could not do this."
	}
	if r.Fragment() {
		s.failFragment(r, a, sentence)
		return
	}
	page := problemPage(a, upper(sentence), r.ID, code)
	if err := r.RenderPlain(a.status, a.title, page); err != nil {
		s.Log.ErrorContext(r.Ctx(), "error page", "request", r.ID, "error", err)
	}
}

// failFragment leaves the page as it is and raises a notice.
func (s *Site) failFragment(r *Request, a answer, sentence string) {
	h := r.W.Header()
	if text, err := json.Marshal(map[string]any{"toast": map[string]string{"text": upper(sentence), "tone": string(ui.Negative)}}); err == nil {
		h.Set("HX-Trigger", string(text))
	}
	h.Set("HX-Reswap", "none")
	h.Set("Content-Type", "text/html; charset=utf-8")
	r.W.WriteHeader(a.status)
}

// askToSignIn leads a visitor to the sign-in page and from there back. What was
// posted cannot be kept by a redirect; its sender gets a page that says so.
func (s *Site) askToSignIn(r *Request) bool {
	if r.Fragment() {
		r.W.Header().Set("HX-Redirect", "/signin")
		r.W.WriteHeader(http.StatusUnauthorized)
		return true
	}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		return false
	}
	target := "/signin"
	if next := r.URL.RequestURI(); next != "/" && safePath(next) {
		target += "?" + url.Values{"next": {next}}.Encode()
	}
	http.Redirect(r.W, r.Request, target, http.StatusSeeOther)
	return true
}

package web

import (
	"fmt"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/kind"
	"holdfast/web/static"
)

// policy allows what our own pages need and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

const permissions = "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=()"

// SetSecurityHeaders sets the headers that every answer of the product carries.
func SetSecurityHeaders(h http.Header, secure bool) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Permissions-Policy", permissions)
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("X-Frame-Options", "DENY")
	if secure {
		h.Set("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
	}
}

// guard is around everything: headers, the log and the net under a panic.
func (s *Site) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		began, id := s.Now(), s.App.NewID()
		seen := &watched{ResponseWriter: w}
		SetSecurityHeaders(w.Header(), s.Secure)
		w.Header().Set("X-Request-Id", id)
		if !strings.HasPrefix(hr.URL.Path, static.Prefix) {
			w.Header().Set("Cache-Control", "no-store")
		}
		r := &Request{Request: hr, W: seen, Site: s, ID: id}
		defer s.logRequest(r, seen, began)
		defer s.recover(r, seen)
		if err := s.origins.Check(hr); err != nil {
			s.fail(r, kind.Errorf(kind.Forbidden, "this form was sent from another site: %w", err))
			return
		}
		next.ServeHTTP(seen, hr.WithContext(withRequest(hr.Context(), r)))
	})
}

func (s *Site) recover(r *Request, seen *watched) {
	p := recover()
	if p == nil || p == http.ErrAbortHandler { //nolint:errorlint // returned as it is, never wrapped
		return
	}
	s.Log.ErrorContext(r.Ctx(), "panic", "request", r.ID, "path", r.URL.Path, "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	if seen.status == 0 {
		s.fail(r, kind.Errorf(kind.Internal, "panic"))
	}
}

// logRequest writes the access log. The query is left out: it may hold the secret
// of a one-time link or words that somebody searched for.
func (s *Site) logRequest(r *Request, seen *watched, began time.Time) {
	if strings.HasPrefix(r.URL.Path, static.Prefix) {
		return
	}
	s.Log.InfoContext(r.Ctx(), "request", "request", r.ID, "method", r.Method, "path", r.URL.Path, "status", seen.status,
		"bytes", seen.bytes, "took", s.Now().Sub(began), "from", s.ClientAddress(r.Request), "person", r.Actor.ID, "workspace", r.Actor.Workspace)
}

// watched remembers what was answered.
type watched struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (w *watched) WriteHeader(status int) {
	if w.status != 0 {
		return // the first word counts
	}
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach what is below.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// handle makes a handler of a page: who is it, may they, how much may they send.
func (s *Site) handle(p Page) http.Handler {
	limit := p.MaxBody
	if limit == 0 {
		limit = DefaultBody
	}
	return http.HandlerFunc(func(w http.ResponseWriter, hr *http.Request) {
		hr.Body = http.MaxBytesReader(w, hr.Body, limit)
		r := requestOf(hr.Context())
		r.Request, r.W = hr, w
		if err := s.run(r, p); err != nil {
			s.fail(r, err)
		}
	})
}

func (s *Site) run(r *Request, p Page) error {
	actor, err := s.actor(r.Context())
	r.Format = s.places.format(r.Context(), actor.Workspace)
	if err != nil {
		if kind.CodeOf(err) != kind.Unauthenticated || !p.public && !p.Visitors {
			return err
		}
		if p.Visitors && r.Method != http.MethodGet && !s.attempts.allow(s.ClientAddress(r.Request)) {
			r.W.Header().Set("Retry-After", itoa(int(attemptRefill/time.Second)))
			return kind.Errorf(kind.Unavailable, "too many from your address; wait a minute, then try again")
		}
		return p.Serve(r)
	}
	r.Actor = actor
	r.Request = r.WithContext(access.With(r.Context(), actor))
	s.touch(r.Context())
	if !p.public && !p.unlock && s.sessions.GetBool(r.Context(), keyChoose) {
		return r.Redirect("/welcome")
	}
	if p.Needs != nil && !p.Needs(actor) {
		return kind.Errorf(kind.NotFound, "there is no page %s for you", r.URL.Path)
	}
	return p.Serve(r)
}

package web

import (
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"

	"holdfast/access"
	"holdfast/app"
	"holdfast/kind"
	"holdfast/web/static"
)

// A Glossary explains words of the field.
type Glossary interface {
	// Meaning of a word or one of its other names; false when it has no entry.
	Meaning(word string) (string, bool)
}

// A Demo is an account that the sign-in page offers to enter with one press. Only
// an installation that holds nothing but samples has one.
type Demo struct {
	Email, Password string
	Secret          string // of the link /demo/SECRET that signs in at once; empty: there is none
}

// Config is what a Site is made of. App, Log and Now are required.
type Config struct {
	App      *app.App
	Log      *slog.Logger
	Now      func() time.Time
	Pages    []Page
	Details  []Detail
	Glossary Glossary
	Secure   bool // reached through TLS: Secure cookies and HSTS
	Dev      bool // shows the gallery of components at /ui
	Demo     Demo

	// ClientAddress tells the address of the visitor, for the limit on sign-ins and
	// the log; nil: the address of the connection. Behind a trusted proxy the server
	// hands in what it was told.
	ClientAddress func(*http.Request) string

	// CountWithin bounds the time spent on counting the rows of a list and of its
	// facets; 0: 80 ms. What takes longer is shown without a figure.
	CountWithin time.Duration
}

// DefaultBody is the most that the body of a request may hold, unless its Page
// says otherwise.
const DefaultBody = 4 << 20

// A Site answers the requests of people. It is a http.Handler.
type Site struct {
	Config
	handler  http.Handler
	sessions *scs.SessionManager
	attempts *throttle
	places   *places
	details  map[string]Detail
	menu     []Page // pages with a title, generic lists included, in the order of the menu
	origins  *http.CrossOriginProtection
}

// New puts the site together. It panics when two pages claim the same pattern:
// that is a mistake in the program.
func New(c Config) *Site {
	if c.CountWithin == 0 {
		c.CountWithin = 80 * time.Millisecond
	}
	if c.ClientAddress == nil {
		c.ClientAddress = func(r *http.Request) string { return r.RemoteAddr }
	}
	s := &Site{Config: c, sessions: newSessions(c), attempts: newThrottle(c.Now), details: map[string]Detail{}, origins: http.NewCrossOriginProtection()}
	s.places = &places{app: c.App, now: c.Now}
	for _, d := range c.Details {
		s.details[d.Kind] = d
	}
	mux := http.NewServeMux()
	mux.Handle(static.Prefix, static.Handler())
	claimed := map[string]bool{}
	for _, p := range c.Pages {
		claimed[p.Pattern] = true
		mux.Handle(p.Pattern, s.handle(p))
		s.list(p)
	}
	for _, p := range s.ownPages() {
		if !claimed[p.Pattern] {
			mux.Handle(p.Pattern, s.handle(p))
			s.list(p)
		}
	}
	mux.Handle("/", s.handle(Page{Serve: notFound}))
	s.handler = s.guard(s.sessions.LoadAndSave(mux))
	return s
}

// ServeHTTP answers a request.
func (s *Site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// list keeps what the menu and the palette show.
func (s *Site) list(p Page) {
	if p.Title != "" && strings.HasPrefix(p.Pattern, "GET ") && !strings.Contains(p.Pattern, "{id}") {
		s.menu = append(s.menu, p)
	}
}

func notFound(r *Request) error {
	return kind.Errorf(kind.NotFound, "there is no page %s", r.URL.Path)
}

// insider tells whether somebody does more here than read policies and do tasks.
func insider(a access.Actor) bool {
	for _, role := range a.Roles {
		if role != access.Staff {
			return true
		}
	}
	return false
}

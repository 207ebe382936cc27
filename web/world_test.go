package web_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
	"holdfast/web"
)

const password = "seven quiet harbours at dawn"

// A site is a running site over a database, with a workspace and its people.
type site struct {
	t         testing.TB
	url       string
	world     *testkit.World
	log       *logbook
	workspace string
	admin     access.Actor
	ctx       context.Context // of the administrator
}

// A logbook is read while the site still writes it.
type logbook struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logbook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

type glossary map[string]string

func (g glossary) Meaning(word string) (string, bool) {
	m, ok := g[strings.ToLower(word)]
	return m, ok
}

// start serves a site whose administrator is ada@example.org.
func start(t testing.TB, s *store.Store, change ...func(*web.Config)) *site {
	t.Helper()
	w := testkit.New(s)
	admin, err := w.App.Found(context.Background(), "Northwind", app.First{Name: "Ada Admin", Email: "ada@example.org", Password: password})
	if err != nil {
		t.Fatal(err)
	}
	log := &logbook{}
	cfg := web.Config{App: w.App, Log: slog.New(slog.NewTextHandler(log, nil)), Now: w.Clock.Now, CountWithin: 10 * time.Second,
		Glossary: glossary{"vector": "The way in."}}
	for _, c := range change {
		c(&cfg)
	}
	server := httptest.NewServer(web.New(cfg))
	t.Cleanup(server.Close)
	return &site{t: t, url: server.URL, world: w, log: log, workspace: admin.Workspace, admin: admin, ctx: access.With(context.Background(), admin)}
}

// person makes somebody with the roles who signs in with the usual password.
func (s *site) person(email string, roles ...string) *isms.Person {
	s.t.Helper()
	p := &isms.Person{Base: isms.Base{Title: strings.Split(email, "@")[0]}, Email: email, Roles: roles, Employment: "employee"}
	s.save(p)
	if err := s.world.App.SetPassword(s.ctx, p.ID, "", password); err != nil {
		s.t.Fatal(err)
	}
	return p
}

func (s *site) save(records ...kind.Record) {
	s.t.Helper()
	for _, r := range records {
		if err := s.world.App.Save(s.ctx, r); err != nil {
			s.t.Fatal(err)
		}
	}
}

// A visitor is a browser without a window.
type visitor struct {
	t    testing.TB
	base string
	c    *http.Client
}

func (s *site) visitor() *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &visitor{s.t, s.url, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// as signs in.
func (s *site) as(email string) *visitor {
	s.t.Helper()
	v := s.visitor()
	v.post("/signin", "email", email, "password", password).leadsTo("/")
	return v
}

// A reply is an answer with its body read.
type reply struct {
	t    testing.TB
	what string
	*http.Response
	body string
}

func (v *visitor) send(req *http.Request) *reply {
	v.t.Helper()
	resp, err := v.c.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return &reply{v.t, req.Method + " " + req.URL.RequestURI(), resp, string(body)}
}

func (v *visitor) get(path string) *reply {
	v.t.Helper()
	req, err := http.NewRequest("GET", v.base+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	return v.send(req)
}

// fragment asks as htmx does.
func (v *visitor) fragment(path string) *reply {
	v.t.Helper()
	req, err := http.NewRequest("GET", v.base+path, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("HX-Request", "true")
	return v.send(req)
}

// post sends a form of names and values.
func (v *visitor) post(path string, pairs ...string) *reply {
	v.t.Helper()
	return v.send(v.form(path, pairs...))
}

func (v *visitor) form(path string, pairs ...string) *http.Request {
	v.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequest("POST", v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return req
}

// is checks the status.
func (r *reply) is(status int) *reply {
	r.t.Helper()
	if r.StatusCode != status {
		r.t.Fatalf("%s answered %d, want %d\n%s", r.what, r.StatusCode, status, text(r.body))
	}
	return r
}

// leadsTo checks a redirect after a write.
func (r *reply) leadsTo(path string) *reply {
	r.t.Helper()
	r.is(http.StatusSeeOther)
	if got := r.Header.Get("Location"); got != path {
		r.t.Fatalf("%s leads to %q, want %q", r.what, got, path)
	}
	return r
}

// shows checks that the page holds the texts.
func (r *reply) shows(texts ...string) *reply {
	r.t.Helper()
	for _, want := range texts {
		if !strings.Contains(r.body, want) && !strings.Contains(text(r.body), want) {
			r.t.Errorf("%s does not show %q:\n%s", r.what, want, text(r.body))
		}
	}
	return r
}

// hides checks that the page holds none of the texts.
func (r *reply) hides(texts ...string) *reply {
	r.t.Helper()
	for _, bad := range texts {
		if strings.Contains(r.body, bad) {
			at := strings.Index(r.body, bad)
			r.t.Errorf("%s shows %q: …%s…", r.what, bad, r.body[max(0, at-120):min(len(r.body), at+120)])
		}
	}
	return r
}

var (
	tags   = regexp.MustCompile(`(?s)<(script|svg|style|head)\b.*?</(script|svg|style|head)>|<[^>]*>`)
	spaces = regexp.MustCompile(`[\s\x{a0}]+`)
)

// text is what a reader sees of a page, roughly.
func text(html string) string {
	if at := strings.Index(html, "<main"); at >= 0 {
		html = html[at:]
	}
	t := spaces.ReplaceAllString(tags.ReplaceAllString(html, " "), " ")
	for from, to := range map[string]string{"&#34;": `"`, "&#39;": "'", "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": `"`} {
		t = strings.ReplaceAll(t, from, to)
	}
	return t
}

func both(t *testing.T, test func(t *testing.T, s *site)) {
	testkit.Databases(t, func(t *testing.T, db *store.Store) { test(t, start(t, db)) })
}

func path(k *kind.Kind, r kind.Record) string {
	return fmt.Sprintf("/%s/%s", k.Plural, r.GetBase().Key)
}

// isOneOf checks that the status is one of several refusals.
func (r *reply) isOneOf(status ...int) *reply {
	r.t.Helper()
	for _, s := range status {
		if r.StatusCode == s {
			return r
		}
	}
	r.t.Fatalf("%s answered %d, want one of %v\n%s", r.what, r.StatusCode, status, text(r.body))
	return r
}

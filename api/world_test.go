package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/api"
	"holdfast/catalog"
	"holdfast/engine"
	"holdfast/eventstore"
	"holdfast/flow"
	"holdfast/flow/detection"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/report"
	"holdfast/report/paper"
	"holdfast/store"
	"holdfast/testkit"
)

// A world is a served API with people who have tokens.
type world struct {
	*testkit.World
	t         *testing.T
	h         http.Handler
	flow      *flow.Flow
	response  *response.Flow
	detection *detection.Flow
	tokens    map[string]string // by name of the holder
	log       *bytes.Buffer
	events    func(workspace string) (*eventstore.Store, error)
}

// each runs the test on both databases.
func each(t *testing.T, test func(t *testing.T, w *world)) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) { test(t, newWorld(t, s, 1_000_000)) })
}

func newWorld(t *testing.T, s *store.Store, perMinute int) *world {
	t.Helper()
	w := &world{World: testkit.New(s), t: t, tokens: map[string]string{}, log: &bytes.Buffer{}}
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	f, err := flow.New(w.App, cat)
	if err != nil {
		t.Fatal(err)
	}
	w.flow, w.response = f, response.New(f)
	w.detection = detection.New(f, w.response)
	w.h = api.New(api.Config{
		App: w.App, Flow: f, Response: w.response, Detection: w.detection, Log: slog.New(slog.NewTextHandler(w.log, nil)), Now: w.Clock.Now, Version: "test", PerMinute: perMinute,
		Events: func(workspace string) (*eventstore.Store, error) { return w.events(workspace) },
		Session: func(r *http.Request) (access.Actor, error) {
			if c, err := r.Cookie("holdfast_session"); err == nil && c.Value == "lead" {
				return access.Actor{ID: "p-lead", Name: "Lead", Workspace: testkit.Workspace, Roles: []access.Role{access.SecurityLead}, Via: "web"}, nil
			}
			return access.Actor{}, kind.Errorf(kind.Unauthenticated, "sign in first")
		},
		Look: func(ctx context.Context, target *engine.Target) ([]engine.Run, error) {
			return flow.Look(ctx, target, nil, w.Clock.Now, nil), nil
		},
		Reports: func() []paper.Paper {
			return []paper.Paper{{Name: "risk", Title: "Risks", Make: func(context.Context) (report.Document, error) {
				return report.Document{Title: "Risks", Blocks: []report.Block{report.Paragraph{Text: report.Plain("All is well.")}}}, nil
			}}}
		},
		Areas: map[string]func(http.ResponseWriter, *http.Request) error{
			"GET /extra/{id}": func(rw http.ResponseWriter, r *http.Request) error {
				actor, err := access.From(r.Context())
				if err == nil {
					_, err = io.WriteString(rw, actor.Name+" asks for "+r.PathValue("id"))
				}
				return err
			},
			"GET /broken": func(http.ResponseWriter, *http.Request) error { panic("secret detail") },
		},
	})
	w.person("admin", testkit.Workspace, []string{isms.RoleAdministrator}, "*:admin")
	return w
}

// person makes somebody with roles and a token with scopes.
func (w *world) person(name, workspace string, roles []string, scopes ...string) string {
	w.t.Helper()
	machine := access.With(context.Background(), access.Actor{Name: "setup", Workspace: workspace, Machine: true})
	p := &isms.Person{Base: isms.Base{Title: name}, Email: name + "@example.org", Roles: roles, Status: isms.PersonActive}
	if err := w.App.Save(machine, p); err != nil {
		w.t.Fatal(err)
	}
	actor, err := w.App.Actor(context.Background(), workspace, p.ID, w.Clock.Now())
	if err != nil {
		w.t.Fatal(err)
	}
	secret, err := w.App.IssueToken(access.With(context.Background(), actor), &isms.APIToken{Base: isms.Base{Title: name}, Scopes: scopes})
	if err != nil {
		w.t.Fatal(err)
	}
	w.tokens[name] = secret
	return p.ID
}

// A reply is an answer that was read.
type reply struct {
	t      *testing.T
	status int
	header http.Header
	body   []byte
}

// do makes a request; pairs of headers follow the body.
func (w *world) do(who, method, path, body string, header ...string) *reply {
	w.t.Helper()
	r := httptest.NewRequest(method, api.Prefix+path, strings.NewReader(body))
	if token := w.tokens[who]; token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	w.h.ServeHTTP(rec, r)
	return &reply{w.t, rec.Code, rec.Header(), rec.Body.Bytes()}
}

// is fails the test when the status is another one.
func (r *reply) is(status int) *reply {
	r.t.Helper()
	if r.status != status {
		r.t.Fatalf("status %d, want %d: %s", r.status, status, r.body)
	}
	return r
}

// refused expects a problem with the status and the code.
func (r *reply) refused(status int, code string) *reply {
	r.t.Helper()
	r.is(status)
	if got := r.header.Get("Content-Type"); got != "application/problem+json" {
		r.t.Errorf("the refusal is %s, not a problem", got)
	}
	if got := r.text("code"); got != code {
		r.t.Errorf("code %q, want %q: %s", got, code, r.body)
	}
	return r
}

func (r *reply) json() map[string]any {
	r.t.Helper()
	var v map[string]any
	if err := json.Unmarshal(r.body, &v); err != nil {
		r.t.Fatalf("%v: %s", err, r.body)
	}
	return v
}

func (r *reply) text(field string) string {
	r.t.Helper()
	s, _ := r.json()[field].(string)
	return s
}

// fields are the fields that a problem names.
func (r *reply) fields() []string {
	r.t.Helper()
	var p struct {
		Errors []struct {
			Field string `json:"field"`
		} `json:"errors"`
	}
	if err := json.Unmarshal(r.body, &p); err != nil {
		r.t.Fatal(err)
	}
	var names []string
	for _, e := range p.Errors {
		names = append(names, e.Field)
	}
	return names
}

// data are the things of a list.
func (r *reply) data() []map[string]any {
	r.t.Helper()
	var l struct {
		Data []map[string]any `json:"data"`
	}
	if err := json.Unmarshal(r.body, &l); err != nil {
		r.t.Fatalf("%v: %s", err, r.body)
	}
	return l.Data
}

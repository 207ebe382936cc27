// Package flowtest is the world in which the pipeline is tried.
package flowtest

import (
	"context"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/catalog"
	"holdfast/engine"
	"holdfast/flow"
	"holdfast/flow/detection"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// A World is an organisation of its own, with the whole pipeline over it.
type World struct {
	*testkit.World
	*testing.T
	Flow      *flow.Flow
	Response  *response.Flow
	Detection *detection.Flow
}

// New returns a world over a store. Risks react to what changes, as in the product.
func New(t *testing.T, s *store.Store) *World {
	t.Helper()
	w := &World{World: testkit.New(s), T: t}
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	if w.Flow, err = flow.New(w.App, cat); err != nil {
		t.Fatal(err)
	}
	w.Response = response.New(w.Flow)
	w.Detection = detection.New(w.Flow, w.Response)
	w.App.Settle(w.Flow.React)
	return w
}

// Must ends the test on an error.
func (w *World) Must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// Scan takes in a run of the configuration checks over the host web-1.
func (w *World) Scan(list ...engine.Observation) flow.Outcome {
	w.Helper()
	w.Clock.Advance(time.Hour)
	now := w.Clock.Now()
	target := &engine.Target{Kind: engine.Host, Name: "web-1", Now: now, Inventory: &engine.Inventory{
		Host:     engine.HostFacts{Hostname: "web-1", OS: engine.OS{PrettyName: "Debian GNU/Linux 12"}},
		Packages: []engine.Package{{Name: "bash", Version: "5.2", Ecosystem: "Debian:12"}},
	}}
	out, err := w.Flow.Observe(testkit.Machine(), target, []engine.Run{{Engine: "configcheck", Target: "web-1", Started: now, Finished: now, Observations: list}})
	w.Must(err)
	return out
}

// RootLogin is what the check of root's sign-in saw.
func RootLogin(o engine.Outcome) engine.Observation {
	return engine.Observation{Engine: "configcheck", Check: "sshd-root-login", Outcome: o, Title: "Root may sign in over SSH",
		Severity: engine.High, Detail: "PermitRootLogin (etc/ssh/sshd_config:3)", Principle: "compromise"}
}

// OneFinding is the only finding there is.
func (w *World) OneFinding() *isms.Finding {
	w.Helper()
	list, err := app.Of[isms.Finding](w.App, isms.Findings).All(testkit.Machine(), kind.Query{})
	w.Must(err)
	if len(list) != 1 {
		w.Fatalf("want one finding, have %d", len(list))
	}
	return list[0]
}

// Risks lists all risks by key.
func (w *World) Risks() []*isms.Risk {
	w.Helper()
	list, err := app.Of[isms.Risk](w.App, isms.Risks).All(testkit.Machine(), kind.Query{Sort: "key"})
	w.Must(err)
	return list
}

// JournalLength is how many changes were written so far.
func (w *World) JournalLength() int64 {
	w.Helper()
	var n int64
	w.Must(w.App.View(testkit.Machine(), func(tx *store.Tx) error {
		h, err := tx.Head()
		n = h.Seq
		return err
	}))
	return n
}

// Save writes a record as the product, which may set any state.
func (w *World) Save(r kind.Record) kind.Record {
	w.Helper()
	w.Must(w.App.Save(testkit.Machine(), r))
	return r
}

// Actor makes somebody and returns a context in which they act.
func (w *World) Actor(key string, roles ...access.Role) context.Context {
	w.Helper()
	p := &isms.Person{Base: isms.Base{Key: key, Title: strings.ToUpper(key[:1]) + key[1:]}, Status: isms.PersonActive}
	w.Save(p)
	return access.With(context.Background(), access.Actor{ID: p.ID, Name: p.Title, Workspace: testkit.Workspace, Roles: roles, Via: "test"})
}

// Record reads one record.
func (w *World) Record(k *kind.Kind, idOrKey string) kind.Record {
	w.Helper()
	r, err := w.App.Get(testkit.Machine(), k, idOrKey)
	w.Must(err)
	return r
}

// Person reads a person.
func (w *World) Person(key string) *isms.Person {
	w.Helper()
	p, err := app.Of[isms.Person](w.App, isms.People).Get(testkit.Machine(), key)
	w.Must(err)
	return p
}

// Refuses wants an error of this code.
func (w *World) Refuses(code kind.Code, what string, err error) {
	w.Helper()
	if kind.CodeOf(err) != code {
		w.Errorf("%s: %v, want %s", what, err, code)
	}
}

// Indicator reads an indicator.
func (w *World) Indicator(key string) *isms.Indicator {
	w.Helper()
	i, err := app.Of[isms.Indicator](w.App, isms.Indicators).Get(testkit.Machine(), key)
	w.Must(err)
	return i
}

// IDOf is who acts in a context.
func IDOf(ctx context.Context) string {
	a, _ := access.From(ctx)
	return a.ID
}

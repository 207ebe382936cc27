package flow_test

import (
	"context"
	"holdfast/access"
	"holdfast/app"
	"holdfast/catalog"
	"holdfast/engine"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
	"strings"
	"testing"
	"time"
)

type world struct {
	*testkit.World
	*testing.T
	flow *flow.Flow
}

func newWorld(t *testing.T, s *store.Store) *world {
	t.Helper()
	w := &world{World: testkit.New(s), T: t}
	cat, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	if w.flow, err = flow.New(w.App, cat); err != nil {
		t.Fatal(err)
	}
	w.App.Settle(w.flow.React)
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// scan takes in a run of the configuration checks over the host web-1.
func (w *world) scan(list ...engine.Observation) flow.Outcome {
	w.Helper()
	w.Clock.Advance(time.Hour)
	now := w.Clock.Now()
	target := &engine.Target{Kind: engine.Host, Name: "web-1", Now: now, Inventory: &engine.Inventory{
		Host:     engine.HostFacts{Hostname: "web-1", OS: engine.OS{PrettyName: "Debian GNU/Linux 12"}},
		Packages: []engine.Package{{Name: "bash", Version: "5.2", Ecosystem: "Debian:12"}},
	}}
	out, err := w.flow.Observe(testkit.Machine(), target, []engine.Run{{Engine: "configcheck", Target: "web-1", Started: now, Finished: now, Observations: list}})
	w.must(err)
	return out
}

func rootLogin(o engine.Outcome) engine.Observation {
	return engine.Observation{Engine: "configcheck", Check: "sshd-root-login", Outcome: o, Title: "Root may sign in over SSH",
		Severity: engine.High, Detail: "PermitRootLogin (etc/ssh/sshd_config:3)", Principle: "compromise"}
}

func (w *world) oneFinding() *isms.Finding {
	w.Helper()
	list, err := app.Of[isms.Finding](w.App, isms.Findings).All(testkit.Machine(), kind.Query{})
	w.must(err)
	if len(list) != 1 {
		w.Fatalf("want one finding, have %d", len(list))
	}
	return list[0]
}

func (w *world) risks() []*isms.Risk {
	w.Helper()
	list, err := app.Of[isms.Risk](w.App, isms.Risks).All(testkit.Machine(), kind.Query{Sort: "key"})
	w.must(err)
	return list
}

func (w *world) journalLength() int64 {
	w.Helper()
	var n int64
	w.must(w.App.View(testkit.Machine(), func(tx *store.Tx) error {
		h, err := tx.Head()
		n = h.Seq
		return err
	}))
	return n
}

// save writes a record as the product, which may set any state.
func (w *world) save(r kind.Record) kind.Record {
	w.Helper()
	w.must(w.App.Save(testkit.Machine(), r))
	return r
}

// actor makes somebody and returns a context in which they act.
func (w *world) actor(key string, roles ...access.Role) context.Context {
	w.Helper()
	p := &isms.Person{Base: isms.Base{Key: key, Title: strings.ToUpper(key[:1]) + key[1:]}, Status: isms.PersonActive}
	w.save(p)
	return access.With(context.Background(), access.Actor{ID: p.ID, Name: p.Title, Workspace: testkit.Workspace, Roles: roles, Via: "test"})
}

func (w *world) record(k *kind.Kind, idOrKey string) kind.Record {
	w.Helper()
	r, err := w.App.Get(testkit.Machine(), k, idOrKey)
	w.must(err)
	return r
}

func (w *world) person(key string) *isms.Person {
	w.Helper()
	p, err := app.Of[isms.Person](w.App, isms.People).Get(testkit.Machine(), key)
	w.must(err)
	return p
}

func (w *world) refuses(code kind.Code, what string, err error) {
	w.Helper()
	if kind.CodeOf(err) != code {
		w.Errorf("%s: %v, want %s", what, err, code)
	}
}

func (w *world) indicator(key string) *isms.Indicator {
	w.Helper()
	i, err := app.Of[isms.Indicator](w.App, isms.Indicators).Get(testkit.Machine(), key)
	w.must(err)
	return i
}

func idOf(ctx context.Context) string {
	a, _ := access.From(ctx)
	return a.ID
}

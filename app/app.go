// Package app is the waist: every read and every change of a record goes through
// it, from the web, the API, the command line and the automations alike. Here, and
// only here, permission, preparation, validation, transaction, journal and event
// happen, in this order.
package app

import (
	"context"
	"slices"
	"time"

	"holdfast/access"
	"holdfast/kind"
	"holdfast/store"
)

// An App serves records out of a store.
type App struct {
	store    *store.Store
	reg      *kind.Registry
	now      func() time.Time
	newID    func() string
	settlers []Settler
	watch    []func(context.Context, Event)
	counts   *counts
}

// An Event tells of a change of a record.
type Event struct {
	Workspace string
	Kind      *kind.Kind
	ID        string
	Actor     access.Actor
	Verb      string // create, update, delete, restore, link, unlink, or the name of an action
	Version   int64
	Record    kind.Record // as it is now; shared, do not change
	Before    kind.Record // as it was; nil for a new one
}

// A Settler is called inside the transaction, once before it is committed, with
// everything that changed. What it writes is committed with the change; an error
// undoes both. Its own changes are told to it in a further round.
type Settler func(ctx context.Context, changed []Event) error

// New returns an App. now is the clock, newID makes ids that sort by time.
func New(s *store.Store, now func() time.Time, newID func() string) *App {
	return &App{store: s, reg: s.Registry(), now: now, newID: newID, counts: &counts{}}
}

// Settle adds a Settler. Call it before the App is used.
func (a *App) Settle(h Settler) { a.settlers = append(a.settlers, h) }

// Watch adds a function that hears of changes after they are on disk.
func (a *App) Watch(w func(context.Context, Event)) { a.watch = append(a.watch, w) }

// Registry is the list of kinds.
func (a *App) Registry() *kind.Registry { return a.reg }

// Now is the time by the clock of the App.
func (a *App) Now() time.Time { return a.now().UTC().Truncate(time.Microsecond) }

// NewID makes an id.
func (a *App) NewID() string { return a.newID() }

// Store gives automations and workbenches the large tables that are not records.
func (a *App) Store() *store.Store { return a.store }

type reasonKey struct{}

// Because gives a reason to everything that is written with the context and gives
// none of its own: the journal keeps it.
func (a *App) Because(ctx context.Context, reason string) context.Context {
	if reason == "" {
		return ctx
	}
	return context.WithValue(ctx, reasonKey{}, reason)
}

// reasonFor is the reason of a change: its own, or that of the context.
func reasonFor(ctx context.Context, own string) string {
	if own != "" {
		return own
	}
	reason, _ := ctx.Value(reasonKey{}).(string)
	return reason
}

type unitKey struct{}

// A unit is one transaction with the events it will tell of.
type unit struct {
	tx     *store.Tx
	events []Event
}

// Atomic runs do so that all its changes happen or none. Calls of the App inside
// must use the context that do is given. Nested calls join the outer one.
func (a *App) Atomic(ctx context.Context, do func(context.Context) error) error {
	if _, ok := ctx.Value(unitKey{}).(*unit); ok {
		return do(ctx)
	}
	var u *unit
	err := a.store.Update(ctx, func(tx *store.Tx) error {
		u = &unit{tx: tx} // a repeated transaction starts with no events
		inside := context.WithValue(ctx, unitKey{}, u)
		if err := do(inside); err != nil {
			return err
		}
		return a.settle(inside, u)
	})
	if err != nil {
		return err
	}
	for _, e := range u.events {
		for _, w := range a.watch {
			w(ctx, e)
		}
	}
	return nil
}

// View reads. Inside Atomic it sees what was written there.
func (a *App) View(ctx context.Context, do func(*store.Tx) error) error {
	if u, ok := ctx.Value(unitKey{}).(*unit); ok {
		return do(u.tx)
	}
	return a.store.View(ctx, do)
}

// Write gives automations the transaction itself, for tables that are not records.
func (a *App) Write(ctx context.Context, do func(*store.Tx) error) error {
	return a.Atomic(ctx, func(ctx context.Context) error { return do(ctx.Value(unitKey{}).(*unit).tx) })
}

func (a *App) change(ctx context.Context, do func(ctx context.Context, u *unit) error) error {
	return a.Atomic(ctx, func(ctx context.Context) error { return do(ctx, ctx.Value(unitKey{}).(*unit)) })
}

// maxRounds bounds how often settlers hear of each other's changes.
const maxRounds = 5

func (a *App) settle(ctx context.Context, u *unit) error {
	told := 0
	for range maxRounds {
		fresh := u.events[told:]
		told = len(u.events)
		if len(fresh) == 0 {
			return nil
		}
		for _, h := range a.settlers {
			if err := h(ctx, fresh); err != nil {
				return err
			}
		}
	}
	return nil
}

// permit returns the actor and how far its permission reaches, or why it has none.
func permit(ctx context.Context, v kind.Verb, k *kind.Kind) (access.Actor, access.Grant, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return actor, access.Nothing, err
	}
	g := actor.May(v, k)
	if g == access.Nothing || g == access.Own && (actor.ID == "" || k.OwnerField == "") {
		return actor, access.Nothing, actor.Refuse(v, k)
	}
	return actor, g, nil
}

// permitRecord is permit for one record: with the grant Own it must be the actor's,
// with the grant Published in a state for everybody. What may not be read does not
// exist for the actor.
func permitRecord(ctx context.Context, v kind.Verb, k *kind.Kind, r kind.Record) (access.Actor, error) {
	actor, g, err := permit(ctx, v, k)
	if err != nil {
		return actor, err
	}
	if g == access.Own && k.Field(k.OwnerField).Text(r) != actor.ID || g == access.Published && !slices.Contains(k.Public, k.State(r)) {
		if v == kind.Read {
			return actor, kind.Errorf(kind.NotFound, "there is no %s %q", k.Name, r.GetBase().ID)
		}
		return actor, actor.Refuse(v, k)
	}
	return actor, nil
}

package app

import (
	"context"
	"errors"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/journal"
	"holdfast/kind"
	"holdfast/store"
)

// Save writes a record: a new one when it has no id, otherwise over the stored one,
// whose version it must name. The order is always the same: authorise, prepare,
// check, write with journal, tell. A save that changes nothing leaves no trace.
// On success the record holds what is stored. The error Conflict carries the
// stored record, see Stored.
func (a *App) Save(ctx context.Context, r kind.Record) error {
	return a.SaveBecause(ctx, r, "")
}

// SaveBecause is Save with a reason for the journal.
func (a *App) SaveBecause(ctx context.Context, r kind.Record, reason string) error {
	k := a.reg.Of(r)
	if r.GetBase().ID == "" {
		return a.create(ctx, k, r, reason)
	}
	return a.update(ctx, k, r, reason)
}

func (a *App) create(ctx context.Context, k *kind.Kind, r kind.Record, reason string) error {
	actor, grant, err := permit(ctx, kind.Write, k)
	if err != nil {
		return err
	}
	if grant == access.Own {
		if err := claim(k, r, actor); err != nil {
			return err
		}
	}
	if err := guardFields(actor, k, nil, r); err != nil {
		return err
	}
	b := r.GetBase()
	if !actor.Machine {
		clearComputed(k, r)
		b.Origin = "person"
	}
	k.Prepare(r)
	if err := k.Validate(r); err != nil {
		return err
	}
	if state := k.State(r); !actor.Machine && Decided(k, state) {
		return kind.Fieldf(k.StateField, "%s is decided by an action, once the record exists", state)
	}
	return a.change(ctx, func(ctx context.Context, u *unit) error {
		if err := a.resolveRefs(u.tx, k, r); err != nil {
			return err
		}
		if err := a.nameRecord(u.tx, k, b); err != nil {
			return err
		}
		b.ID, b.Version = a.newID(), 1
		b.CreatedAt, b.CreatedBy = a.Now(), actor.Name
		b.UpdatedAt, b.UpdatedBy = b.CreatedAt, b.CreatedBy
		err := a.write(ctx, u, actor, change{k: k, after: r, verb: "create", reason: reason})
		if err != nil {
			b.ID, b.Version = "", 0 // the record is as new as before
		}
		return err
	})
}

// claim makes the actor the owner of a record that it may only write as its own.
func claim(k *kind.Kind, r kind.Record, actor access.Actor) error {
	f := k.Field(k.OwnerField)
	if f.IsZero(r) {
		return f.SetText(r, actor.ID)
	}
	if f.Text(r) != actor.ID {
		return actor.Refuse(kind.Write, k)
	}
	return nil
}

// nameRecord gives a new record its key.
func (a *App) nameRecord(tx *store.Tx, k *kind.Kind, b *kind.Base) error {
	want := kind.Slug(b.Key)
	if b.Key != "" && b.Key != want && !validKey(b.Key) {
		return kind.Fieldf("key", "may hold letters, digits and - . _ / : @ only, at most 200")
	}
	if b.Key != "" {
		return nil
	}
	if want = kind.Slug(b.Title); want == "" {
		want = k.Name
	}
	key, err := tx.FreeKey(k, want)
	b.Key = key
	return err
}

func validKey(key string) bool {
	const extra = "-._/:@+~=#"
	return len(key) <= 200 && !strings.ContainsFunc(key, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune(extra, r))
	})
}

func (a *App) update(ctx context.Context, k *kind.Kind, r kind.Record, reason string) error {
	return a.change(ctx, func(ctx context.Context, u *unit) error {
		stored, actor, err := a.loadFor(ctx, u.tx, kind.Write, k, r.GetBase().ID)
		if err != nil {
			return err
		}
		next := k.Clone(r)
		if err := a.carryOver(actor, k, stored, next); err != nil {
			return err
		}
		k.Prepare(next)
		if err := k.Validate(next); err != nil {
			return err
		}
		if err := a.resolveRefs(u.tx, k, next); err != nil {
			return err
		}
		if err := a.stillOwn(ctx, k, next); err != nil {
			return err
		}
		if err := a.rewrite(ctx, u, actor, change{k: k, before: stored, after: next, verb: "update", reason: reason}); err != nil {
			return err
		}
		for _, f := range k.Fields {
			f.Copy(r, next)
		}
		return nil
	})
}

// stillOwn refuses to hand over a record that the actor may only write as its own.
func (a *App) stillOwn(ctx context.Context, k *kind.Kind, next kind.Record) error {
	_, err := permitRecord(ctx, kind.Write, k, next)
	return err
}

// loadFor reads the stored record and asks whether the actor may do this to it.
func (a *App) loadFor(ctx context.Context, tx *store.Tx, v kind.Verb, k *kind.Kind, id string) (kind.Record, access.Actor, error) {
	if _, _, err := permit(ctx, v, k); err != nil {
		return nil, access.Actor{}, err
	}
	stored, err := tx.Get(k, id)
	if err != nil {
		return nil, access.Actor{}, err
	}
	actor, err := permitRecord(ctx, v, k, stored)
	return stored, actor, err
}

// carryOver takes from the stored record what a save may not change, and refuses
// an attempt to change it that would otherwise be lost silently.
func (a *App) carryOver(actor access.Actor, k *kind.Kind, stored, next kind.Record) error {
	if !stored.GetBase().DeletedAt.IsZero() {
		return kind.Errorf(kind.Conflict, "this %s lies in the bin; restore it first", strings.ToLower(k.Label))
	}
	if next.GetBase().Version != stored.GetBase().Version {
		return conflict(k, stored)
	}
	var bad []kind.FieldError
	for _, f := range k.Fields {
		switch {
		case f.Computed && !actor.Machine, f.Hidden && f.IsZero(next) && !actor.Machine:
			f.Copy(next, stored)
		case f.Immutable && !f.Equal(stored, next):
			bad = append(bad, kind.FieldError{Field: f.Name, Message: "is given once and cannot be changed"})
		case f.Name == k.StateField && !f.Equal(stored, next) && (!actor.Machine || Decided(k, k.State(next))):
			bad = append(bad, kind.FieldError{Field: f.Name, Message: "changes through an action, not by editing"})
		case f.Name == "key" && (f.IsZero(next) || !f.Equal(stored, next) && !validKey(next.GetBase().Key)):
			bad = append(bad, kind.FieldError{Field: "key", Message: "may hold letters, digits and - . _ / : @ only, at most 200"})
		}
	}
	if bad != nil {
		return kind.InvalidFields(bad)
	}
	return guardFields(actor, k, stored, next)
}

// Decided tells whether only a decision leads to the state: every action that ends
// there takes more than the right to write.
func Decided(k *kind.Kind, state string) bool {
	found := false
	for _, act := range k.Actions {
		if act.To != state || state == "" {
			continue
		}
		if act.Needs == kind.Write {
			return false
		}
		found = true
	}
	return found && state != k.States()[0]
}

// guardFields refuses changes of fields that take more than the right to write.
func guardFields(actor access.Actor, k *kind.Kind, stored, next kind.Record) error {
	for _, f := range k.Fields {
		if f.Needs == "" {
			continue
		}
		same := stored == nil && f.IsZero(next) || stored != nil && f.Equal(stored, next)
		if !same && actor.May(f.Needs, k) != access.All {
			return kind.Errorf(kind.Forbidden, "%s may not change %s", actor.Name, strings.ToLower(f.Label))
		}
	}
	return nil
}

func clearComputed(k *kind.Kind, r kind.Record) {
	empty := k.New()
	for _, f := range k.Fields {
		if f.Computed {
			f.Copy(r, empty)
		}
	}
}

// resolveRefs replaces keys by ids in references and makes sure that what they
// name exists in the workspace and is not in the bin.
func (a *App) resolveRefs(tx *store.Tx, k *kind.Kind, r kind.Record) error {
	var bad []kind.FieldError
	for _, f := range k.Fields {
		if f.Ref == "" || f.IsZero(r) {
			continue
		}
		id, err := tx.ResolveRef(a.reg.Named(f.Ref), f.Text(r))
		if err == nil {
			err = f.SetText(r, id)
		}
		if kind.CodeOf(err) == kind.NotFound {
			bad = append(bad, kind.FieldError{Field: f.Name, Message: err.Error()})
			continue
		}
		if err != nil {
			return err
		}
	}
	if bad != nil {
		return kind.InvalidFields(bad)
	}
	return nil
}

// Stored returns the record as it is in the store, out of a Conflict error.
func Stored(err error) (kind.Record, bool) {
	var c *conflictCause
	if errors.As(err, &c) {
		return c.stored, true
	}
	return nil, false
}

type conflictCause struct{ stored kind.Record }

func (c *conflictCause) Error() string { return "the stored version is newer" }

func conflict(k *kind.Kind, stored kind.Record) error {
	b := stored.GetBase()
	return &kind.Error{Code: kind.Conflict, Cause: &conflictCause{stored},
		Message: b.UpdatedBy + " changed this " + strings.ToLower(k.Label) + " at " + b.UpdatedAt.Format(time.DateTime) + " UTC; it is now version " + kind.Itoa(b.Version)}
}

// A change is one write with all that the journal tells of it.
type change struct {
	k             *kind.Kind
	before, after kind.Record
	verb, reason  string
	extra         []kind.Change // what is not a field: links
}

// rewrite stores a new version of a record if anything differs.
func (a *App) rewrite(ctx context.Context, u *unit, actor access.Actor, c change) error {
	diff, err := c.k.Diff(c.before, c.after)
	if err != nil {
		return err
	}
	if len(diff) == 0 {
		return nil
	}
	was, b := c.before.GetBase().Version, c.after.GetBase()
	b.Version, b.UpdatedAt, b.UpdatedBy = was+1, a.Now(), actor.Name
	return a.write(ctx, u, actor, c)
}

// write is the only place that changes a record: the row, its journal entry and
// the event, in one transaction.
func (a *App) write(ctx context.Context, u *unit, actor access.Actor, c change) error {
	diff, err := c.k.Diff(c.before, c.after)
	if err != nil {
		return err
	}
	if err := a.keepAnAdministrator(u.tx, c.before, c.after); err != nil {
		return err
	}
	b := c.after.GetBase()
	if c.before == nil {
		err = u.tx.Insert(c.k, c.after)
	} else {
		err = u.tx.Update(c.k, c.after, c.before.GetBase().Version)
	}
	if err != nil {
		return err
	}
	_, err = u.tx.Append(journal.Entry{
		At: b.UpdatedAt, ActorID: actor.ID, Actor: actor.Name, Via: actor.Via, Verb: c.verb, Kind: c.k.Name,
		RecordID: b.ID, Title: b.Title, Version: b.Version, Reason: reasonFor(ctx, c.reason), Changes: append(diff, c.extra...),
	})
	if err != nil {
		return err
	}
	u.events = append(u.events, Event{actor.Workspace, c.k, b.ID, actor, c.verb, b.Version, c.k.Clone(c.after), c.before})
	return nil
}

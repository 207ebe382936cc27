package app

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/journal"
	"holdfast/kind"
	"holdfast/store"
)

// Do performs an action on a record and returns the record as it is afterwards.
// version 0 takes whatever version is stored.
func (a *App) Do(ctx context.Context, k *kind.Kind, idOrKey, action string, version int64, in kind.Input) (kind.Record, error) {
	act := k.Action(action)
	if act == nil {
		return nil, kind.Errorf(kind.NotFound, "%s has no action %q", k.Name, action)
	}
	var after kind.Record
	err := a.change(ctx, func(ctx context.Context, u *unit) error {
		stored, actor, err := a.loadFor(ctx, u.tx, act.Needs, k, idOrKey)
		if err != nil {
			return err
		}
		if version != 0 && version != stored.GetBase().Version {
			return conflict(k, stored)
		}
		if !stored.GetBase().DeletedAt.IsZero() {
			return kind.Errorf(kind.Conflict, "this %s lies in the bin; restore it first", strings.ToLower(k.Label))
		}
		after = k.Clone(stored)
		in.By, in.At = actor.ID, a.Now()
		if err := k.Run(act, after, in); err != nil {
			return err
		}
		k.Prepare(after)
		if err := k.Validate(after); err != nil {
			return err
		}
		return a.rewrite(ctx, u, actor, change{k: k, before: stored, after: after, verb: action, reason: in.Reason})
	})
	return after, err
}

// Delete puts a record into the bin, from which Restore takes it back. version 0
// takes whatever version is stored.
func (a *App) Delete(ctx context.Context, k *kind.Kind, idOrKey string, version int64) error {
	return a.move(ctx, k, idOrKey, version, "delete", func(b *kind.Base) error {
		if b.DeletedAt.IsZero() {
			b.DeletedAt = a.Now()
		}
		return nil
	})
}

// Restore takes a record out of the bin.
func (a *App) Restore(ctx context.Context, k *kind.Kind, idOrKey string) error {
	return a.move(ctx, k, idOrKey, 0, "restore", func(b *kind.Base) error {
		b.DeletedAt = time.Time{}
		return nil
	})
}

func (a *App) move(ctx context.Context, k *kind.Kind, idOrKey string, version int64, verb string, do func(*kind.Base) error) error {
	return a.change(ctx, func(ctx context.Context, u *unit) error {
		stored, actor, err := a.loadFor(ctx, u.tx, kind.Delete, k, idOrKey)
		if err != nil {
			return err
		}
		if version != 0 && version != stored.GetBase().Version {
			return conflict(k, stored)
		}
		after := k.Clone(stored)
		if err := do(after.GetBase()); err != nil {
			return err
		}
		return a.rewrite(ctx, u, actor, change{k: k, before: stored, after: after, verb: verb})
	})
}

// Link joins a record with another by a declared relation, in either direction.
// It is a change of the record, and what is already joined stays as it is.
func (a *App) Link(ctx context.Context, k *kind.Kind, idOrKey, relation, otherIDOrKey string) error {
	return a.join(ctx, k, idOrKey, relation, otherIDOrKey, "link", func(tx *store.Tx, rel kind.Relation, id, other string) (bool, error) {
		return tx.Link(rel, id, other, a.Now())
	})
}

// Unlink ends a link.
func (a *App) Unlink(ctx context.Context, k *kind.Kind, idOrKey, relation, otherIDOrKey string) error {
	return a.join(ctx, k, idOrKey, relation, otherIDOrKey, "unlink", (*store.Tx).Unlink)
}

// Relation finds a relation of the kind by its name in the direction of reading.
func (a *App) Relation(k *kind.Kind, name string) (kind.Relation, error) {
	for _, rel := range a.reg.Relations(k) {
		if rel.Name == name {
			return rel, nil
		}
	}
	return kind.Relation{}, kind.Errorf(kind.NotFound, "%s has no relation %q", k.Name, name)
}

func (a *App) join(ctx context.Context, k *kind.Kind, idOrKey, relation, otherIDOrKey, verb string, do func(tx *store.Tx, rel kind.Relation, id, other string) (bool, error)) error {
	rel, err := a.Relation(k, relation)
	if err != nil {
		return err
	}
	return a.change(ctx, func(ctx context.Context, u *unit) error {
		r, actor, err := a.loadFor(ctx, u.tx, kind.Write, k, idOrKey)
		if err != nil {
			return err
		}
		other, err := u.tx.Get(rel.Other, otherIDOrKey)
		if err != nil {
			return err
		}
		if _, err := permitRecord(ctx, kind.Read, rel.Other, other); err != nil {
			return err
		}
		changed, err := do(u.tx, rel, r.GetBase().ID, other.GetBase().ID)
		if err != nil || !changed {
			return err
		}
		return a.tellOfLink(ctx, u, actor, k, r, verb, relation, other.GetBase())
	})
}

// tellOfLink writes the journal of a link on the record from which it was made.
// The record itself does not change and keeps its version.
func (a *App) tellOfLink(ctx context.Context, u *unit, actor access.Actor, k *kind.Kind, r kind.Record, verb, relation string, other *kind.Base) error {
	b := r.GetBase()
	value, err := json.Marshal(map[string]string{"id": other.ID, "title": other.Title})
	if err != nil {
		return err
	}
	c := kind.Change{Field: relation, After: value}
	if verb == "unlink" {
		c = kind.Change{Field: relation, Before: value}
	}
	_, err = u.tx.Append(journal.Entry{
		At: a.Now(), ActorID: actor.ID, Actor: actor.Name, Via: actor.Via, Verb: verb, Kind: k.Name,
		RecordID: b.ID, Title: b.Title, Version: b.Version, Reason: reasonFor(ctx, ""), Changes: []kind.Change{c},
	})
	if err != nil {
		return err
	}
	u.events = append(u.events, Event{actor.Workspace, k, b.ID, actor, verb, b.Version, r, r})
	return nil
}

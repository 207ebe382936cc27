package app

import (
	"context"

	"holdfast/kind"
)

// A Repo is the typed door to the records of one kind. Both doors, Repo and the
// methods of App with a Kind, lead into the same room.
type Repo[T any] struct {
	a *App
	k *kind.Kind
}

// Of returns the typed door: app.Of[isms.Risk](a, isms.Risks).
func Of[T any](a *App, k *kind.Kind) Repo[T] {
	if _, ok := any(k.New()).(*T); !ok {
		panic("kind " + k.Name + " does not hold this type")
	}
	return Repo[T]{a, k}
}

func typed[T any](r kind.Record) *T { return any(r).(*T) }

// Get reads one record by id or key.
func (r Repo[T]) Get(ctx context.Context, idOrKey string) (*T, error) {
	rec, err := r.a.Get(ctx, r.k, idOrKey)
	if err != nil {
		return nil, err
	}
	return typed[T](rec), nil
}

// List reads one page of records.
func (r Repo[T]) List(ctx context.Context, q kind.Query) ([]*T, error) {
	page, err := r.a.List(ctx, r.k, q)
	if err != nil {
		return nil, err
	}
	return typedAll[T](page.Records), nil
}

// All reads every record that matches.
func (r Repo[T]) All(ctx context.Context, q kind.Query) ([]*T, error) {
	var all []*T
	err := r.a.All(ctx, r.k, q, func(rec kind.Record) error {
		all = append(all, typed[T](rec))
		return nil
	})
	return all, err
}

// Linked reads the records that the relation of another record leads to.
func (r Repo[T]) Linked(ctx context.Context, rel kind.Relation, id string) ([]*T, error) {
	return r.All(ctx, kind.Query{Linked: &kind.LinkedTo{Relation: rel, ID: id}})
}

// Save writes a record.
func (r Repo[T]) Save(ctx context.Context, rec *T) error {
	return r.a.Save(ctx, any(rec).(kind.Record))
}

func typedAll[T any](list []kind.Record) []*T {
	out := make([]*T, len(list))
	for i, rec := range list {
		out[i] = typed[T](rec)
	}
	return out
}

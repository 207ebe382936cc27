// Package port takes records in and gives them out: as YAML, JSON, CSV and XLSX.
//
// A document names a record by its kind and key, so that it means the same in
// every installation. An import happens whole or not at all, and a second import
// of the same documents changes nothing. Everything goes through the waist, which
// is known here as App, because this package lies below it.
package port

import (
	"context"
	"time"

	"holdfast/kind"
)

// An App is what this package asks of the waist. *app.App is one.
type App interface {
	Registry() *kind.Registry
	Atomic(ctx context.Context, do func(context.Context) error) error
	Get(ctx context.Context, k *kind.Kind, idOrKey string) (kind.Record, error)
	All(ctx context.Context, k *kind.Kind, q kind.Query, each func(kind.Record) error) error
	Many(ctx context.Context, k *kind.Kind, ids []string) (map[string]kind.Record, error)
	SaveBecause(ctx context.Context, r kind.Record, reason string) error
	Do(ctx context.Context, k *kind.Kind, idOrKey, action string, version int64, in kind.Input) (kind.Record, error)
	Restore(ctx context.Context, k *kind.Kind, idOrKey string) error
	Relation(k *kind.Kind, name string) (kind.Relation, error)
	Link(ctx context.Context, k *kind.Kind, idOrKey, relation, otherIDOrKey string) error
	Unlink(ctx context.Context, k *kind.Kind, idOrKey, relation, otherIDOrKey string) error
	Linked(ctx context.Context, rel kind.Relation, id string, limit int) ([]kind.Record, error)
	LinkedIDs(ctx context.Context, rel kind.Relation, ids []string) (map[string][]string, error)
	Delete(ctx context.Context, k *kind.Kind, idOrKey string, version int64) error
	Because(ctx context.Context, reason string) context.Context
}

// Options say how documents are taken in.
type Options struct {
	Now    time.Time // what relative dates ("-30d", "+2w") count from; zero: they are refused
	Reason string    // for the journal and for actions that ask why
	DryRun bool      // do everything, tell the result, keep nothing
}

// A Result tells what an import did.
type Result struct {
	Created   int    `json:"created"`
	Changed   int    `json:"changed"`
	Unchanged int    `json:"unchanged"`
	Linked    int    `json:"linked"` // links named by the documents, new or not
	Records   []Done `json:"records"`
}

// Done is what became of one document.
type Done struct {
	Kind string `json:"kind"`
	Key  string `json:"key"`
	What string `json:"what"` // created, changed, unchanged
}

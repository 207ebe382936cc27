package app

import (
	"context"
	"slices"

	"holdfast/access"
	"holdfast/journal"
	"holdfast/kind"
	"holdfast/store"
)

// Get reads one record by its id or key.
func (a *App) Get(ctx context.Context, k *kind.Kind, idOrKey string) (kind.Record, error) {
	if _, _, err := permit(ctx, kind.Read, k); err != nil {
		return nil, err
	}
	var r kind.Record
	err := a.View(ctx, func(tx *store.Tx) (err error) {
		r, err = tx.Get(k, idOrKey)
		return err
	})
	if err != nil {
		return nil, err
	}
	if _, err := permitRecord(ctx, kind.Read, k, r); err != nil {
		return nil, err
	}
	return r, nil
}

// List reads a page of records.
func (a *App) List(ctx context.Context, k *kind.Kind, q kind.Query) (store.Page, error) {
	q, own, err := restrict(ctx, k, q)
	if err != nil {
		return store.Page{}, err
	}
	var page store.Page
	err = a.View(ctx, func(tx *store.Tx) (err error) {
		asked := q.Count
		q.Count = false
		if page, err = tx.List(k, q, own); err != nil || !asked {
			return err
		}
		n, err := a.counts.recall(tx, workspaceOf(ctx), k, q, own, "", func() (counted, error) {
			total, err := tx.Count(k, q, own)
			return counted{total: total}, err
		})
		page.Total = n.total
		return err
	})
	return page, err
}

// workspaceOf is called behind permit, which has made sure that there is an actor.
func workspaceOf(ctx context.Context) string {
	actor, _ := access.From(ctx)
	return actor.Workspace
}

// All reads every record that matches, page by page, and stops at the first error
// of each.
func (a *App) All(ctx context.Context, k *kind.Kind, q kind.Query, each func(kind.Record) error) error {
	q.Limit = kind.MaxLimit
	for {
		page, err := a.List(ctx, k, q)
		if err != nil {
			return err
		}
		for _, r := range page.Records {
			if err := each(r); err != nil {
				return err
			}
		}
		if page.Next == "" {
			return nil
		}
		q.Cursor = page.Next
	}
}

// Many reads the records with the ids that the actor may read, by id.
func (a *App) Many(ctx context.Context, k *kind.Kind, ids []string) (map[string]kind.Record, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	if _, _, err := permit(ctx, kind.Read, k); err != nil {
		return nil, err
	}
	found := map[string]kind.Record{}
	err := a.View(ctx, func(tx *store.Tx) error {
		list, err := tx.Many(k, ids)
		for _, r := range list {
			if _, err := permitRecord(ctx, kind.Read, k, r); err == nil {
				found[r.GetBase().ID] = r
			}
		}
		return err
	})
	return found, err
}

// Groups counts the records that match by the value of a field.
func (a *App) Groups(ctx context.Context, k *kind.Kind, q kind.Query, field string, limit int) ([]store.Group, error) {
	q, own, err := restrict(ctx, k, q)
	if err != nil {
		return nil, err
	}
	var groups []store.Group
	err = a.View(ctx, func(tx *store.Tx) (err error) {
		n, err := a.counts.recall(tx, workspaceOf(ctx), k, q, own, field+" "+kind.Itoa(int64(limit)), func() (counted, error) {
			groups, err := tx.Groups(k, q, own, field, limit)
			return counted{groups: groups}, err
		})
		groups = slices.Clone(n.groups)
		return err
	})
	return groups, err
}

// Sum adds up a number field over the records that match; money in major units.
func (a *App) Sum(ctx context.Context, k *kind.Kind, q kind.Query, field string) (float64, error) {
	q, own, err := restrict(ctx, k, q)
	if err != nil {
		return 0, err
	}
	var sum float64
	err = a.View(ctx, func(tx *store.Tx) (err error) {
		sum, err = tx.Sum(k, q, own, field)
		return err
	})
	return sum, err
}

// restrict narrows a question to the records that the actor may read: those of one
// person, whose id is returned, or those in a state for everybody.
func restrict(ctx context.Context, k *kind.Kind, q kind.Query) (kind.Query, string, error) {
	actor, g, err := permit(ctx, kind.Read, k)
	switch {
	case err != nil:
		return q, "", err
	case g == access.Own:
		return q, actor.ID, nil
	case g == access.Published:
		return q.Where(k.StateField, k.Public...), "", nil
	}
	return q, "", nil
}

// Linked reads the records at the far end of a relation, as far as the actor may
// read them.
func (a *App) Linked(ctx context.Context, rel kind.Relation, id string, limit int) ([]kind.Record, error) {
	page, err := a.List(ctx, rel.Other, kind.Query{Linked: &kind.LinkedTo{Relation: rel, ID: id}, Limit: limit})
	return page.Records, err
}

// LinkedIDs reads for many records at once which ids a relation leads to. Whether the
// actor may read what stands behind them, Many tells.
func (a *App) LinkedIDs(ctx context.Context, rel kind.Relation, ids []string) (map[string][]string, error) {
	for _, k := range []*kind.Kind{rel.From, rel.To} {
		if _, _, err := permit(ctx, kind.Read, k); err != nil {
			return nil, err
		}
	}
	var found map[string][]string
	err := a.View(ctx, func(tx *store.Tx) (err error) {
		found, err = tx.LinkedOf(rel, ids)
		return err
	})
	return found, err
}

// History tells what happened to a record, newest first. Who may read only what is
// published does not read how it came about.
func (a *App) History(ctx context.Context, k *kind.Kind, idOrKey string, before int64, limit int) ([]journal.Entry, error) {
	actor, g, err := permit(ctx, kind.Read, k)
	if err != nil {
		return nil, err
	}
	if g == access.Published {
		return nil, actor.Refuse(kind.Read, k)
	}
	r, err := a.Get(ctx, k, idOrKey)
	if err != nil {
		return nil, err
	}
	var list []journal.Entry
	err = a.View(ctx, func(tx *store.Tx) (err error) {
		list, err = tx.History(r.GetBase().ID, before, limit)
		return err
	})
	return list, err
}

// Recent tells what happened in the workspace, newest first, as far as the actor
// may read the kinds it happened to.
func (a *App) Recent(ctx context.Context, before int64, limit int) ([]journal.Entry, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	var list []journal.Entry
	err = a.View(ctx, func(tx *store.Tx) error {
		all, err := tx.History("", before, limit)
		for _, e := range all {
			if k := a.reg.Named(e.Kind); k != nil && actor.May(kind.Read, k) == access.All {
				list = append(list, e)
			}
		}
		return err
	})
	return list, err
}

// Search finds records by words, best first, among the kinds of which the actor may
// read more than its own. kinds restricts it further; empty means all.
func (a *App) Search(ctx context.Context, text string, limit int, kinds ...*kind.Kind) ([]store.Hit, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	if len(kinds) == 0 {
		kinds = a.reg.All()
	}
	var readable []*kind.Kind
	for _, k := range kinds {
		if actor.May(kind.Read, k) > access.Own {
			readable = append(readable, k)
		}
	}
	var hits []store.Hit
	err = a.View(ctx, func(tx *store.Tx) (err error) {
		if hits, err = tx.Search(readable, text, min(max(limit, 1), 100)); err != nil {
			return err
		}
		hits, err = a.published(ctx, tx, hits)
		return err
	})
	return hits, err
}

// published leaves out the hits that the actor may not read because of their state.
func (a *App) published(ctx context.Context, tx *store.Tx, hits []store.Hit) ([]store.Hit, error) {
	var out []store.Hit
	for _, h := range hits {
		k := a.reg.Named(h.Kind)
		if _, g, err := permit(ctx, kind.Read, k); err != nil {
			return nil, err
		} else if g == access.Published {
			r, err := tx.Get(k, h.ID)
			if err != nil {
				return nil, err
			}
			if _, err := permitRecord(ctx, kind.Read, k, r); err != nil {
				continue
			}
		}
		out = append(out, h)
	}
	return out, nil
}

package app

import (
	"context"
	"fmt"

	"holdfast/kind"
	"holdfast/store"
)

// FindingGroups sums up findings by the value of a field, as far as the actor may
// read them; see store.Tx.FindingGroups. The answer is shared: do not change it.
func (a *App) FindingGroups(ctx context.Context, q kind.Query, by string, today kind.Date, order store.TriageOrder, limit, offset int) (groups []store.FindingGroup, total int64, err error) {
	k := a.reg.Named("finding")
	actor, _, err := permit(ctx, kind.Read, k)
	if err != nil {
		return nil, 0, err
	}
	q, own, err := restrict(ctx, k, q)
	if err != nil {
		return nil, 0, err
	}
	what := fmt.Sprintf("triage %s %s %s %d %d", by, today, order, limit, offset)
	var known counted
	err = a.View(ctx, func(tx *store.Tx) (err error) {
		known, err = a.counts.recall(tx, actor.Workspace, k, q, own, what, func() (c counted, err error) {
			c.triage, c.total, err = tx.FindingGroups(q, own, by, today, order, limit, offset)
			return c, err
		})
		return err
	})
	return known.triage, known.total, err
}

// JournalHead is the number of the last entry in the journal of the workspace: as
// long as it stays, no record has changed. What was computed from records may be
// kept under it.
func (a *App) JournalHead(ctx context.Context) (int64, error) {
	var seq int64
	err := a.View(ctx, func(tx *store.Tx) error {
		head, err := tx.Head()
		seq = head.Seq
		return err
	})
	return seq, err
}

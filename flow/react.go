package flow

import (
	"context"
	"slices"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
)

// React keeps the figures of risks true when something they rest on changes: it is
// a Settler of the waist, so the change and its consequences are one transaction.
func (f *Flow) React(ctx context.Context, changed []app.Event) error {
	dirty := map[string]bool{}
	actor, err := access.From(ctx)
	if err != nil {
		return err
	}
	machine := access.With(ctx, access.Actor{Name: "holdfast", Workspace: actor.Workspace, Machine: true, Via: "flow"})
	for _, e := range changed {
		if err := f.touched(machine, e, dirty); err != nil {
			return err
		}
		if err := f.followDocuments(ctx, machine, e); err != nil {
			return err
		}
	}
	ids := make([]string, 0, len(dirty))
	for id := range dirty {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		r, err := f.risks.Get(machine, id)
		if err != nil {
			return err
		}
		if r.Status == isms.RiskClosed || !r.DeletedAt.IsZero() {
			continue
		}
		if err := f.Reprice(machine, id); err != nil {
			return err
		}
	}
	return nil
}

// touched marks the risks whose figures may follow from the change. What the
// machine writes while it computes is not a reason to compute again, except for a
// new treatment: it shares the cost of its safeguard with others.
func (f *Flow) touched(ctx context.Context, e app.Event, dirty map[string]bool) error {
	if e.Actor.Machine && !(e.Kind == isms.Treatments && moved(e)) {
		return nil
	}
	switch e.Kind {
	case isms.Risks:
		dirty[e.ID] = true
	case isms.Findings:
		return f.markLinked(ctx, isms.Findings, "feeds", e.ID, dirty)
	case isms.Treatments:
		t := e.Record.(*isms.Treatment)
		dirty[t.RiskID] = true
		return f.markSharers(ctx, t.SafeguardID, dirty)
	case isms.Safeguards:
		if err := f.markSharers(ctx, e.ID, dirty); err != nil {
			return err
		}
		return f.markLinked(ctx, isms.Safeguards, "treats", e.ID, dirty)
	case isms.Assets:
		return f.markRisks(ctx, kind.Query{}.Where("asset_id", e.ID), dirty)
	}
	return nil
}

// moved tells whether a treatment is new or its state changed.
func moved(e app.Event) bool {
	before, ok := e.Before.(*isms.Treatment)
	return !ok || before.Status != e.Record.(*isms.Treatment).Status
}

func (f *Flow) markLinked(ctx context.Context, k *kind.Kind, relation, id string, dirty map[string]bool) error {
	rel, err := f.app.Relation(k, relation)
	if err != nil {
		return err
	}
	return f.markRisks(ctx, kind.Query{Linked: &kind.LinkedTo{Relation: rel, ID: id}}, dirty)
}

func (f *Flow) markRisks(ctx context.Context, q kind.Query, dirty map[string]bool) error {
	list, err := f.risks.All(ctx, q)
	for _, r := range list {
		dirty[r.ID] = true
	}
	return err
}

func (f *Flow) markSharers(ctx context.Context, safeguardID string, dirty map[string]bool) error {
	list, err := f.treatments.All(ctx, kind.Query{}.Where("safeguard_id", safeguardID))
	for _, t := range list {
		dirty[t.RiskID] = true
	}
	return err
}

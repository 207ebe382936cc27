package flow

import (
	"context"
	"slices"

	"holdfast/app"
	"holdfast/isms"
	"holdfast/kind"
)

// touchedProcessings are the uses of personal data that an incident touches: those
// that it names, and those that run and use one of the affected assets.
func (f *Flow) touchedProcessings(ctx context.Context, incidentID string, affected map[string]bool) ([]*isms.Processing, error) {
	all, err := app.Of[isms.Processing](f.app, isms.Processings).All(ctx, kind.Query{Sort: "title"})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var ids []string
	for _, p := range all {
		ids = append(ids, p.ID)
	}
	uses, err := f.farIDs(ctx, isms.Processings, "uses", ids)
	if err != nil {
		return nil, err
	}
	named, err := f.farIDs(ctx, isms.Incidents, "concerns", []string{incidentID})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(p *isms.Processing) bool {
		touched := p.Status == isms.ProcessingActive && slices.ContainsFunc(uses[p.ID], func(a string) bool { return affected[a] })
		return !touched && !slices.Contains(named[incidentID], p.ID)
	}), nil
}

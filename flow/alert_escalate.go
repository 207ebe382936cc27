package flow

import (
	"context"

	"holdfast/isms"
	"holdfast/kind"
)

// escalateAlert marks an alert as grave enough for an incident.
func (f *Flow) escalateAlert(ctx context.Context, a *isms.Alert) error {
	if a.Status == isms.AlertEscalated {
		return nil
	}
	a.Status = isms.AlertEscalated
	return f.app.SaveBecause(ctx, a, "the rule or trap says that a hit opens an incident")
}

// CareForAlerts ends suppressions whose time is over, so that the alerts call again, and
// tells how many. It is safe to repeat.
func (f *Flow) CareForAlerts(ctx context.Context) (int, error) {
	today := string(kind.DateOf(f.app.Now()))
	q := kind.Query{Sort: "suppressed_until", Limit: kind.MaxLimit}.Where("status", string(isms.AlertSuppressed)).
		With("suppressed_until", kind.Less, today).With("suppressed_until", kind.Empty, "false")
	n := 0
	for {
		list, err := f.alerts().List(ctx, q)
		if err != nil || len(list) == 0 {
			return n, err
		}
		for _, a := range list {
			if _, err := f.app.Do(ctx, isms.Alerts, a.ID, "reopen", 0, kind.Input{Reason: "its suppression has expired"}); err != nil {
				return n, err
			}
			n++
		}
	}
}

package detection

import (
	"context"

	"holdfast/app"
	"holdfast/flow"
	"holdfast/flow/response"
	"holdfast/isms"
	"holdfast/kind"
)

// escalateAlert makes an alert part of an incident: a new one, or the open one of the
// same story.
func (f *Flow) escalateAlert(ctx context.Context, a *isms.Alert) error {
	_, err := f.response.DeclareIncident(ctx, response.IncidentCall{AlertIDs: []string{a.ID}, TrapID: a.TrapID})
	return err
}

// FollowAlerts is a Settler: people are called about an alert that is new or open again,
// one that a person makes an incident gets one, and a false alarm is counted on its rule.
func (f *Flow) FollowAlerts(ctx context.Context, changed []app.Event) error {
	for _, e := range changed {
		if e.Kind != isms.Alerts || e.Record == nil {
			continue
		}
		a := e.Record.(*isms.Alert)
		var err error
		switch {
		case e.Verb == "create" || e.Verb == "reopen":
			err = f.callAbout(flow.AsIfProduct(ctx), a)
		case e.Verb == "escalate" && a.IncidentID == "":
			err = f.escalateAlert(flow.AsIfProduct(ctx), a)
		case falseAlarm(e):
			err = f.countFalseAlarm(flow.AsIfProduct(ctx), a)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// falseAlarm tells whether the change says of an alert that the rule was wrong, which it
// did not say before.
func falseAlarm(e app.Event) bool {
	a, was := e.Record.(*isms.Alert), e.Before
	if a.Verdict != "false_alarm" || a.RuleID == "" {
		return false
	}
	before, ok := was.(*isms.Alert)
	return !ok || before.Verdict != a.Verdict
}

func (f *Flow) countFalseAlarm(ctx context.Context, a *isms.Alert) error {
	r, err := f.rules().Get(ctx, a.RuleID)
	if err != nil {
		return err
	}
	r.FalseAlarms++
	return f.rules().Save(ctx, r)
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

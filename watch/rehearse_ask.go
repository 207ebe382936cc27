package watch

import (
	"context"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/detection"
	"holdfast/isms"
)

// AskToRehearse asks for a rehearsal in the background, for which everything but the time
// that it takes is as with RehearseRule. The id of the job is empty when the rule is being
// tried already.
func AskToRehearse(ctx context.Context, a *app.App, f *detection.Flow, in Rehearse) (job string, err error) {
	actor, err := access.From(ctx)
	if err != nil {
		return "", err
	}
	if !actor.MayReadEvents() {
		return "", actor.RefuseEvents()
	}
	rule, err := app.Of[isms.DetectionRule](a, isms.DetectionRules).Get(ctx, in.Rule)
	if err != nil {
		return "", err
	}
	in.Rule, in.MostTime = rule.ID, 0
	if err := in.settle(a.Now(), string(rule.Body)); err != nil {
		return "", err
	}
	if _, err := rehearsalRules(ctx, f, rule, in.Text); err != nil {
		return "", err
	}
	return a.Enqueue(ctx, app.Request{Name: JobRehearse, Title: "Try “" + shorten(rule.Title, 80) + "” on stored events", Payload: in, Once: "rehearse " + rule.ID})
}

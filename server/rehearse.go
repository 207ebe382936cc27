package server

import (
	"context"
	"fmt"

	"holdfast/job"
	"holdfast/watch"
)

// rehearseRule tries a rule on stored events. What came of it lies beside them, where the
// page of the rule finds it.
func (l *Local) rehearseRule(ctx context.Context, w *job.Work) error {
	var in watch.Rehearse
	if err := w.Payload(&in); err != nil {
		return err
	}
	events, err := l.Events(w.Job.Workspace)
	if err != nil {
		return err
	}
	out, err := watch.RehearseRule(ctx, l.App, l.Detection, events, in, w.Progress)
	if err != nil {
		return err
	}
	w.Progress(fmt.Sprintf("%d events read, %d match, about %.1f alerts a day", out.Read, out.Matches, out.PerDay()), 1, 1)
	w.Result("/detection-rules/" + out.Rule + "/bench#stored")
	return watch.KeepRehearsal(events, out)
}

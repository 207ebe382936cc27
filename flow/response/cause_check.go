package response

import (
	"context"
	"fmt"

	"holdfast/app"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// doubtEarlier re-opens the corrective actions that were done before the incident
// and should have made it impossible: of the same weakness, of the same safeguard,
// or of the same kind of cause behind the same risk. It tells whether there was one;
// then the cause needs no action of its own.
func (f *Flow) doubtEarlier(ctx context.Context, c *isms.RootCause, i *isms.Incident, risks []*isms.Risk) (bool, error) {
	rel, err := f.app.Relation(isms.Risks, "lowered by")
	if err != nil {
		return false, err
	}
	repo := app.Of[isms.CorrectiveAction](f.app, isms.CorrectiveActions)
	found := false
	seen := map[string]bool{}
	for _, r := range risks {
		list, err := repo.Linked(ctx, rel, r.ID)
		if err != nil {
			return found, err
		}
		for _, a := range list {
			over := a.Status == "done" || a.Status == "effective"
			if seen[a.ID] || !over || a.RootCauseID == c.ID || a.DoneOn == "" || a.DoneOn > kind.DateOf(momentOf(i)) {
				continue
			}
			seen[a.ID] = true
			same, err := f.sameCause(ctx, c, a)
			if err != nil {
				return found, err
			}
			if !same {
				continue
			}
			found = true
			if err := f.doubt(ctx, a, i); err != nil {
				return found, err
			}
		}
	}
	return found, nil
}

// sameCause tells whether a corrective action was meant for the cause: it answers
// another of the same category, or one with which it shares a weakness or a safeguard.
func (f *Flow) sameCause(ctx context.Context, c *isms.RootCause, a *isms.CorrectiveAction) (bool, error) {
	if a.RootCauseID == "" {
		return false, nil
	}
	rec, err := f.app.Get(ctx, isms.RootCauses, a.RootCauseID)
	if kind.CodeOf(err) == kind.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if old := rec.(*isms.RootCause); old.Category != "" && old.Category == c.Category {
		return true, nil
	}
	for _, relation := range []string{"lies in", "past"} {
		far, err := f.far(ctx, isms.RootCauses, relation, []string{c.ID, a.RootCauseID})
		if err != nil {
			return false, err
		}
		for _, x := range far[c.ID] {
			for _, y := range far[a.RootCauseID] {
				if x.ID == y.ID {
					return true, nil
				}
			}
		}
	}
	return false, nil
}

func (f *Flow) doubt(ctx context.Context, a *isms.CorrectiveAction, i *isms.Incident) error {
	reason := fmt.Sprintf("It happened again: “%s” on %s.", i.Title, kind.DateOf(momentOf(i)))
	_, err := f.app.Do(ctx, isms.CorrectiveActions, a.ID, "doubt", 0, kind.Input{Reason: reason})
	return err
}

// CheckCorrections asks for the look whether a corrective action worked, on the day
// that was set for it: a task for its owner, once for each round. It returns how
// many it asked for.
func (f *Flow) CheckCorrections(ctx context.Context) (int, error) {
	today := kind.DateOf(f.app.Now())
	due, err := app.Of[isms.CorrectiveAction](f.app, isms.CorrectiveActions).All(ctx,
		kind.Query{Sort: "check_on"}.Where("status", "done").With("check_on", kind.AtMost, string(today)).With("check_on", kind.Empty, "false"))
	if err != nil {
		return 0, err
	}
	tasks := app.Of[isms.Task](f.app, isms.Tasks)
	n := 0
	for _, a := range due {
		key := flow.StableKey("check", a.ID, fmt.Sprint(a.Rounds))
		if _, err := tasks.Get(ctx, key); kind.CodeOf(err) != kind.NotFound {
			if err != nil {
				return n, err
			}
			continue
		}
		t := &isms.Task{Base: isms.Base{Key: key, Title: prose.Cut("Did it work? "+a.Title, 300), Origin: "engine"}, AssigneeID: a.OwnerID, Due: kind.DateOf(a.CheckOn.Time().AddDate(0, 0, 14)),
			Source: "incident", Minutes: 30, SubjectKind: isms.CorrectiveActions.Name, SubjectID: a.ID, Description: a.CheckHow,
			Why: "Whether the cause is gone, only a look long after tells. Confirm the corrective action, or say that it does not work."}
		if err := tasks.Save(ctx, t); err != nil {
			return n, fmt.Errorf("corrective action %s: %w", a.Key, err)
		}
		n++
	}
	return n, nil
}

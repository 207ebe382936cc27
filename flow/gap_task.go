package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/app"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// gapDays is how long a task from a gap may take.
const gapDays = 30

// PlanSteps makes tasks of steps, those with the keys, or all when none is named. A
// step whose task is there already makes no second one; a task that was done although
// the gap is still there is opened again, and one that somebody dropped stays dropped.
// It returns how many tasks were made or opened.
func (f *Flow) PlanSteps(ctx context.Context, st *Statement, gap Gap, keys ...string) (int, error) {
	n := 0
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		n = 0
		for _, s := range gap.Steps {
			if len(keys) > 0 && !slices.Contains(keys, s.Key) {
				continue
			}
			made, err := f.planStep(ctx, st, s)
			if err != nil {
				return fmt.Errorf("task for %q: %w", s.Title, err)
			}
			if made {
				n++
			}
		}
		return nil
	})
	return n, err
}

func (f *Flow) planStep(ctx context.Context, st *Statement, s GapStep) (bool, error) {
	tasks := app.Of[isms.Task](f.app, isms.Tasks)
	have, err := tasks.Get(ctx, taskKey(s))
	switch {
	case err == nil && have.DeletedAt.IsZero() && have.Status == isms.TaskDone:
		_, err := f.app.Do(ctx, isms.Tasks, have.ID, "reopen", 0, kind.Input{Reason: "the gap is still there"})
		return true, err
	case err == nil:
		return false, nil
	case kind.CodeOf(err) != kind.NotFound:
		return false, err
	}
	t := &isms.Task{
		Base:       isms.Base{Key: taskKey(s), Title: prose.Cut(s.Title, 300)},
		AssigneeID: s.OwnerID, Due: dueIn(kind.DateOf(f.app.Now()), gapDays), Minutes: int(s.Hours * 60), Source: "gap", Priority: "normal",
		Description: isms.Markdown(s.How), Why: prose.Cut(f.whyStep(st, s), 500), SubjectKind: isms.Requirements.Name, SubjectID: s.Answers[0],
	}
	if s.QuickWin {
		t.Priority = "high"
	}
	return true, tasks.Save(ctx, t)
}

func taskKey(s GapStep) string { return StableKey("gap", s.Key) }

// Planned tells which of the steps have a task that is not finished, by key of the step.
func (f *Flow) Planned(ctx context.Context, steps []GapStep) (map[string]*isms.Task, error) {
	list, err := app.Of[isms.Task](f.app, isms.Tasks).All(ctx, kind.Query{Sort: "key"}.Where("source", "gap").Where("status", "open", "doing", "waiting"))
	byKey := map[string]*isms.Task{}
	for _, t := range list {
		byKey[t.Key] = t
	}
	out := map[string]*isms.Task{}
	for _, s := range steps {
		if t := byKey[taskKey(s)]; t != nil {
			out[s.Key] = t
		}
	}
	return out, err
}

// whyStep says what a step is good for: the requirements that it answers.
func (f *Flow) whyStep(st *Statement, s GapStep) string {
	const most = 6
	var names []string
	for _, id := range s.Answers[:min(most, len(s.Answers))] {
		names = append(names, st.Name(id))
	}
	text := "It would help to meet " + strings.Join(names, ", ")
	if more := len(s.Answers) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text + "."
}

package response

import (
	"cmp"
	"context"
	"math"
	"slices"
	"time"

	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// An ExerciseRoom is an exercise as the moderator sees it.
type ExerciseRoom struct {
	Exercise *isms.Exercise
	Injects  []*isms.ExerciseInject // by their minute
	Lead     string
	Playbook string // title; empty: none
	Plan     string
	Plays    []flow.Named // risks
	Tries    []flow.Named // assets
	Elapsed  time.Duration
	Next     *isms.ExerciseInject // the first that waits; nil: none
	Score    int                  // percent over what was given so far; -1: nothing was
	Follows  []*isms.CorrectiveAction
}

// Running tells whether the clock goes.
func (r *ExerciseRoom) Running() bool { return r.Exercise.Status == "running" }

// Due tells whether it is time for an inject.
func (r *ExerciseRoom) Due(i *isms.ExerciseInject) bool {
	return r.Running() && i.Status == "waiting" && r.Elapsed >= time.Duration(i.Minute)*time.Minute
}

// ExerciseRoom reads an exercise with its injects and its clock.
func (f *Flow) ExerciseRoom(ctx context.Context, idOrKey string) (*ExerciseRoom, error) {
	e, err := f.exercises().Get(ctx, idOrKey)
	if err != nil {
		return nil, err
	}
	r := &ExerciseRoom{Exercise: e, Score: -1}
	if r.Injects, err = f.injectsOf(ctx, e.ID); err != nil {
		return nil, err
	}
	for _, n := range []struct {
		into *string
		k    *kind.Kind
		id   string
	}{{&r.Lead, isms.People, e.LeadID}, {&r.Playbook, isms.Playbooks, e.PlaybookID}, {&r.Plan, isms.Plans, e.PlanID}} {
		if *n.into, err = f.nameOf(ctx, n.k, n.id); err != nil {
			return nil, err
		}
	}
	if r.Plays, err = f.linkedNames(ctx, isms.Exercises, e.ID, "plays"); err != nil {
		return nil, err
	}
	if r.Tries, err = f.linkedNames(ctx, isms.Exercises, e.ID, "tries"); err != nil {
		return nil, err
	}
	if r.Follows, err = f.corrections(ctx, e.ID); err != nil {
		return nil, err
	}
	r.clock(f.app.Now())
	return r, nil
}

func (r *ExerciseRoom) clock(now time.Time) {
	e := r.Exercise
	switch {
	case e.StartedAt.IsZero():
	case e.EndedAt.IsZero():
		r.Elapsed = now.Sub(e.StartedAt)
	default:
		r.Elapsed = e.EndedAt.Sub(e.StartedAt)
	}
	for _, i := range r.Injects {
		if i.Status == "waiting" && r.Next == nil {
			r.Next = i
		}
	}
	if score, ok := scoreOf(r.Injects); ok {
		r.Score = score
	}
}

// scoreOf is the mean over what was answered or missed; false: nothing was yet.
func scoreOf(list []*isms.ExerciseInject) (int, bool) {
	sum, n := 0, 0
	for _, i := range list {
		if i.Status == "answered" || i.Status == "missed" {
			sum += i.Score
			n++
		}
	}
	if n == 0 {
		return 0, false
	}
	return int(math.Round(float64(sum) / float64(n))), true
}

func (f *Flow) injectsOf(ctx context.Context, exerciseID string) ([]*isms.ExerciseInject, error) {
	list, err := f.injects().All(ctx, kind.Query{Sort: "minute"}.Where("exercise_id", exerciseID))
	slices.SortStableFunc(list, func(a, b *isms.ExerciseInject) int {
		return cmp.Or(cmp.Compare(a.Minute, b.Minute), cmp.Compare(a.ID, b.ID))
	})
	return list, err
}

// linkedNames are the titles of what a record is linked to, as far as the reader may
// see them.
func (f *Flow) linkedNames(ctx context.Context, k *kind.Kind, id, relation string) ([]flow.Named, error) {
	rel, err := f.app.Relation(k, relation)
	if err != nil {
		return nil, err
	}
	records, err := f.app.Linked(ctx, rel, id, 50)
	if kind.CodeOf(err) == kind.Forbidden {
		return nil, nil
	}
	var out []flow.Named
	for _, r := range records {
		out = append(out, flow.Named{Kind: rel.Other.Name, ID: r.GetBase().ID, Key: r.GetBase().Key, Title: r.GetBase().Title})
	}
	return out, err
}

// StartExercise starts the clock.
func (f *Flow) StartExercise(ctx context.Context, idOrKey string) error {
	_, err := f.app.Do(ctx, isms.Exercises, idOrKey, "start", 0, kind.Input{})
	return err
}

// GiveInject tells the players the news.
func (f *Flow) GiveInject(ctx context.Context, idOrKey string) error {
	i, err := f.injects().Get(ctx, idOrKey)
	if err != nil {
		return err
	}
	if err := f.demandRunning(ctx, i.ExerciseID); err != nil {
		return err
	}
	_, err = f.app.Do(ctx, isms.ExerciseInjects, i.ID, "give", 0, kind.Input{})
	return err
}

func (f *Flow) demandRunning(ctx context.Context, id string) error {
	e, err := f.exercises().Get(ctx, id)
	if err == nil && e.Status != "running" && e.Status != "evaluating" {
		return kind.Errorf(kind.Conflict, "the exercise is %s; start it first", kind.Humanise(string(e.Status)))
	}
	return err
}

// An InjectAnswer is what the players did.
type InjectAnswer struct {
	Text   string
	Met    []string // which of the criteria; texts of Criteria
	Missed bool     // nothing was done
}

// latePenalty is the share of the points that is left when it was done too late.
const latePenalty = 0.75

// ScoreInject writes down what the players did and judges it: the share of the
// criteria that were met, three quarters of it when it came too late. An answer may
// be judged again until the exercise is finished.
func (f *Flow) ScoreInject(ctx context.Context, idOrKey string, a InjectAnswer) (*isms.ExerciseInject, error) {
	var out *isms.ExerciseInject
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		i, err := f.injects().Get(ctx, idOrKey)
		if err != nil {
			return err
		}
		if err := f.demandRunning(ctx, i.ExerciseID); err != nil {
			return err
		}
		if i.Status == "waiting" || i.Status == "skipped" {
			return kind.Errorf(kind.Conflict, "the players have not been told yet")
		}
		action := "answer"
		if a.Missed {
			action = "miss"
		}
		if out, err = f.judge(ctx, i, a, action); err != nil {
			return err
		}
		return f.exerciseScore(ctx, i.ExerciseID)
	})
	return out, err
}

func (f *Flow) judge(ctx context.Context, i *isms.ExerciseInject, a InjectAnswer, action string) (*isms.ExerciseInject, error) {
	if slices.Contains(isms.ExerciseInjects.Action(action).From, string(i.Status)) {
		r, err := f.app.Do(ctx, isms.ExerciseInjects, i.ID, action, 0, kind.Input{Reason: a.Text})
		if err != nil {
			return nil, err
		}
		i = r.(*isms.ExerciseInject)
	}
	criteria := Criteria(i)
	i.Met = []string{}
	for _, c := range criteria {
		if slices.Contains(a.Met, c) && !a.Missed {
			i.Met = append(i.Met, c)
		}
	}
	for _, m := range a.Met {
		if !slices.Contains(criteria, m) {
			return nil, kind.Fieldf("met", "%q is not one of what is expected", prose.Cut(m, 80))
		}
	}
	if a.Text != "" {
		i.Answer = isms.Markdown(a.Text)
	}
	i.Score = injectScore(i, len(criteria))
	return i, f.injects().Save(ctx, i)
}

func injectScore(i *isms.ExerciseInject, criteria int) int {
	if i.Status == "missed" || criteria == 0 && i.Answer == "" {
		return 0
	}
	share := 1.0
	if criteria > 0 {
		share = float64(len(i.Met)) / float64(criteria)
	}
	if Late(i) {
		share *= latePenalty
	}
	return int(math.Round(100 * share))
}

// Late tells whether an answer took longer than it may.
func Late(i *isms.ExerciseInject) bool {
	return i.WithinMin > 0 && !i.AnsweredAt.IsZero() && !i.GivenAt.IsZero() && i.AnsweredAt.Sub(i.GivenAt) > time.Duration(i.WithinMin)*time.Minute
}

// exerciseScore writes the mean into the exercise.
func (f *Flow) exerciseScore(ctx context.Context, id string) error {
	list, err := f.injectsOf(ctx, id)
	if err != nil {
		return err
	}
	e, err := f.exercises().Get(ctx, id)
	if err != nil {
		return err
	}
	score, ok := scoreOf(list)
	if !ok || e.Score == score {
		return nil
	}
	e.Score = score
	return f.exercises().Save(ctx, e)
}

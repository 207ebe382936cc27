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

// reviewDays is how soon what a change re-opens has to be looked at, by its urgency.
var reviewDays = map[isms.Level]int{5: 7, 4: 14, 3: 30, 2: 60}

// laterDays is the same where nobody graded the urgency, or very low.
const laterDays = 90

// mostReopened bounds how many records of one kind a change re-opens one by one.
const mostReopened = 25

// Reopen is a Settler of the waist that keeps the ISMS adaptive: a motivator of
// change re-opens what it touches, a task for each scope, risk, safeguard and policy
// that has to be looked at again, and one for each other part of the work. It asks
// for each review once. A motivator is not handled while a review is open.
func (f *Flow) Reopen(ctx context.Context, changed []app.Event) error {
	seen := map[string]bool{}
	for _, e := range changed {
		if e.Kind != isms.Motivators || e.Verb == "delete" || seen[e.ID+e.Verb] {
			continue
		}
		seen[e.ID+e.Verb] = true
		machine := AsProduct(ctx, e.Actor)
		rec, err := f.app.Get(machine, isms.Motivators, e.ID)
		if err != nil {
			return err
		}
		m := rec.(*isms.Motivator)
		switch {
		case e.Verb == "handle":
			err = f.allReviewed(machine, m)
		case e.Verb == "reopen":
			err = f.reviewAgain(machine, m)
		}
		if err == nil && (m.Status == isms.MotivatorNoticed || m.Status == isms.MotivatorAssessed) {
			err = f.askReviews(machine, m)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Reviews lists the tasks that a motivator asked for.
func (f *Flow) Reviews(ctx context.Context, motivatorID string) ([]*isms.Task, error) {
	rel, err := f.app.Relation(isms.Motivators, "re-opened")
	if err != nil {
		return nil, err
	}
	return app.Of[isms.Task](f.app, isms.Tasks).Linked(ctx, rel, motivatorID)
}

func reviewed(t *isms.Task) bool {
	return t.Status == isms.TaskDone || t.Status == isms.TaskDropped || !t.DeletedAt.IsZero()
}

func (f *Flow) allReviewed(ctx context.Context, m *isms.Motivator) error {
	tasks, err := f.Reviews(ctx, m.ID)
	if err != nil {
		return err
	}
	open := Those(tasks, func(t *isms.Task) bool { return !reviewed(t) })
	if len(open) == 0 {
		return nil
	}
	return kind.Errorf(kind.Conflict, "%d of %d reviews that it asked for are still open; the next is “%s”", len(open), len(tasks), open[0].Title)
}

// reviewAgain opens the reviews anew: the change is not over after all.
func (f *Flow) reviewAgain(ctx context.Context, m *isms.Motivator) error {
	tasks, err := f.Reviews(ctx, m.ID)
	if err != nil {
		return err
	}
	for _, t := range tasks {
		if !t.DeletedAt.IsZero() || !reviewed(t) {
			continue
		}
		if _, err := f.app.Do(ctx, isms.Tasks, t.ID, "reopen", 0, kind.Input{Reason: "the change was taken up again: " + m.Title}); err != nil {
			return err
		}
	}
	return nil
}

// A reopened record has to be looked at again.
type reopened struct {
	kind  *kind.Kind
	base  *kind.Base
	owner string
}

func (f *Flow) askReviews(ctx context.Context, m *isms.Motivator) error {
	s := f.Survey(ctx)
	for _, part := range m.Reopens {
		list := s.touchedBy(m, part)
		if s.Err != nil {
			return s.Err
		}
		if len(list) == 0 {
			list = []reopened{{isms.Motivators, &m.Base, m.OwnerID}}
		}
		for _, r := range list[:min(len(list), mostReopened)] {
			if err := f.askReview(ctx, s, m, part, r); err != nil {
				return fmt.Errorf("motivator %s: %w", m.Key, err)
			}
		}
	}
	return nil
}

// touchedBy finds the records of a part of the work that a change touches: those
// linked with it, and those that belong to the assets it touches. For a scope that
// nobody named, it is every scope.
func (s *Survey) touchedBy(m *isms.Motivator, part string) []reopened {
	touches := s.From(isms.Motivators, "touches")[m.ID]
	var list []reopened
	switch part {
	case "scope":
		named := s.From(isms.Motivators, "shifts")[m.ID]
		for _, x := range Every[isms.Scope](s, isms.Scopes) {
			if x.Status != isms.ScopeRetired && (len(named) == 0 || slices.Contains(named, x.ID)) {
				list = append(list, reopened{isms.Scopes, &x.Base, x.OwnerID})
			}
		}
	case "risk_assessment":
		named := s.From(isms.Motivators, "changes")[m.ID]
		for _, x := range Every[isms.Risk](s, isms.Risks) {
			if x.Status != isms.RiskClosed && (slices.Contains(named, x.ID) || slices.Contains(touches, x.AssetID)) {
				list = append(list, reopened{isms.Risks, &x.Base, x.OwnerID})
			}
		}
	case "safeguards":
		named := s.From(isms.Motivators, "calls into question")[m.ID]
		protects := s.From(isms.Safeguards, "protects")
		for _, x := range Every[isms.Safeguard](s, isms.Safeguards) {
			shields := slices.ContainsFunc(protects[x.ID], func(a string) bool { return slices.Contains(touches, a) })
			if x.Status != isms.SafeguardRetired && (slices.Contains(named, x.ID) || shields) {
				list = append(list, reopened{isms.Safeguards, &x.Base, x.OwnerID})
			}
		}
	case "policies":
		named := s.From(isms.Motivators, "outdates")[m.ID]
		for _, x := range Every[isms.Document](s, isms.Documents) {
			if x.Status != isms.DocumentWithdrawn && slices.Contains(named, x.ID) {
				list = append(list, reopened{isms.Documents, &x.Base, x.OwnerID})
			}
		}
	}
	return list
}

// askReview makes the task, once.
func (f *Flow) askReview(ctx context.Context, s *Survey, m *isms.Motivator, part string, r reopened) error {
	key := StableKey("change", m.Key, part, r.base.Key)
	if _, err := f.app.Get(ctx, isms.Tasks, key); kind.CodeOf(err) != kind.NotFound {
		return err
	}
	what := strings.ReplaceAll(part, "_", " ")
	title := "Look again: " + what
	if r.kind != isms.Motivators {
		title = "Look again: " + r.base.Title
	}
	t := &isms.Task{
		Base: isms.Base{Key: key, Title: prose.Cut(title, 300), Origin: "engine"}, AssigneeID: prose.FirstOf(r.owner, m.OwnerID), Due: reviewBy(s, m), Priority: "normal",
		SubjectKind: r.kind.Name, SubjectID: r.base.ID, Source: "change", Why: prose.Cut("Because of: "+m.Title, 1000),
		Description: isms.Markdown(fmt.Sprintf("“%s” re-opens the %s. Look whether it still holds, change what does not, and say what came of it.", m.Title, what)),
	}
	if m.Urgency >= 4 {
		t.Priority = "high"
	}
	if err := f.app.SaveBecause(ctx, t, "re-opened by "+m.Title); err != nil {
		return err
	}
	return f.app.Link(ctx, isms.Motivators, m.ID, "re-opened", t.ID)
}

// reviewBy is when a review is due: by urgency, and before the change takes effect
// where that is still to come.
func reviewBy(s *Survey, m *isms.Motivator) kind.Date {
	days := reviewDays[m.Urgency]
	if days == 0 {
		days = laterDays
	}
	due := s.day(days)
	if m.Effective > s.Today && m.Effective < due {
		return m.Effective
	}
	return due
}

package response

import (
	"cmp"
	"context"
	"slices"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
)

func (f *Flow) playbooks() app.Repo[isms.Playbook] {
	return app.Of[isms.Playbook](f.app, isms.Playbooks)
}

func (f *Flow) playbookSteps() app.Repo[isms.PlaybookStep] {
	return app.Of[isms.PlaybookStep](f.app, isms.PlaybookSteps)
}

// AnswerPhases are the phases in which something is done, in their order.
var AnswerPhases = []isms.IncidentPhase{isms.IncidentDetect, isms.IncidentContain, isms.IncidentEradicate, isms.IncidentRecover, isms.IncidentLearn}

// A PlaybookSheet is a playbook as it is followed.
type PlaybookSheet struct {
	Playbook *isms.Playbook
	Owner    string
	Steps    []*isms.PlaybookStep    // in the order of their phases and positions
	Uses     map[string][]flow.Named // safeguards by the id of the step that works with them
	Follows  map[string]flow.Named   // the playbook that a step goes over to, by the id of the step
}

// PlaybookSheet reads a playbook with its steps.
func (f *Flow) PlaybookSheet(ctx context.Context, idOrKey string) (*PlaybookSheet, error) {
	p, err := f.playbooks().Get(ctx, idOrKey)
	if err != nil {
		return nil, err
	}
	sheet := &PlaybookSheet{Playbook: p, Uses: map[string][]flow.Named{}, Follows: map[string]flow.Named{}}
	if sheet.Steps, err = f.StepsOf(ctx, p.ID); err != nil {
		return nil, err
	}
	if sheet.Owner, err = f.nameOf(ctx, isms.People, p.OwnerID); err != nil {
		return nil, err
	}
	uses, err := f.namesBeside(ctx, sheet.Steps, "uses")
	if err != nil {
		return nil, err
	}
	sheet.Uses = uses
	follows, err := f.namesBeside(ctx, sheet.Steps, "continues with")
	for id, list := range follows {
		sheet.Follows[id] = list[0]
	}
	return sheet, err
}

// StepsOf lists the steps of a playbook in the order in which they are followed.
func (f *Flow) StepsOf(ctx context.Context, playbookID string) ([]*isms.PlaybookStep, error) {
	steps, err := f.playbookSteps().All(ctx, kind.Query{Sort: "position"}.Where("playbook_id", playbookID))
	slices.SortStableFunc(steps, func(a, b *isms.PlaybookStep) int {
		return cmp.Or(slices.Index(AnswerPhases, a.Phase)-slices.Index(AnswerPhases, b.Phase), cmp.Compare(a.Position, b.Position), cmp.Compare(a.ID, b.ID))
	})
	return steps, err
}

// nameOf is the title of a record; empty when there is none, or none for the reader.
func (f *Flow) nameOf(ctx context.Context, k *kind.Kind, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	r, err := f.app.Get(ctx, k, id)
	switch kind.CodeOf(err) {
	case "":
		return r.GetBase().Title, nil
	case kind.NotFound, kind.Forbidden:
		return "", nil
	}
	return "", err
}

// namesBeside names what steps are linked to.
func (f *Flow) namesBeside(ctx context.Context, steps []*isms.PlaybookStep, relation string) (map[string][]flow.Named, error) {
	out := map[string][]flow.Named{}
	rel, err := f.app.Relation(isms.PlaybookSteps, relation)
	if err != nil || len(steps) == 0 {
		return out, err
	}
	actor, err := access.From(ctx)
	if err != nil || actor.May(kind.Read, rel.Other) != access.All {
		return out, err
	}
	ids := make([]string, len(steps))
	for i, s := range steps {
		ids[i] = s.ID
	}
	links, err := f.app.LinkedIDs(ctx, rel, ids)
	if err != nil {
		return nil, err
	}
	var others []string
	for _, list := range links {
		others = append(others, list...)
	}
	records, err := f.app.Many(ctx, rel.Other, others)
	if err != nil {
		return nil, err
	}
	for id, list := range links {
		for _, other := range list {
			if r := records[other]; r != nil {
				out[id] = append(out[id], flow.Named{Kind: rel.Other.Name, ID: other, Title: r.GetBase().Title})
			}
		}
	}
	return out, nil
}

// Minutes sums what the steps of a phase take.
func (s *PlaybookSheet) Minutes(phase isms.IncidentPhase) (sum int) {
	for _, st := range s.Steps {
		if st.Phase == phase {
			sum += st.Minutes
		}
	}
	return sum
}

// Budget is how many minutes a phase may take; 0: nobody said.
func (s *PlaybookSheet) Budget(phase isms.IncidentPhase) int {
	switch phase {
	case isms.IncidentContain:
		return s.Playbook.Contain
	case isms.IncidentEradicate:
		return s.Playbook.Eradicate
	case isms.IncidentRecover:
		return s.Playbook.Recover
	}
	return 0
}

// Leads tells where the step at a position of the list leads: after it was done, or
// its question answered with yes, and otherwise. len(Steps) is the end; otherwise is
// -1 where there is only one way.
func (s *PlaybookSheet) Leads(i int) (next, otherwise int) {
	next, otherwise = i+1, -1
	if at := s.at(s.Steps[i].NextID); at >= 0 {
		next = at
	}
	if at := s.at(s.Steps[i].ElseID); at >= 0 {
		otherwise = at
	}
	return next, otherwise
}

func (s *PlaybookSheet) at(id string) int {
	if id == "" {
		return -1
	}
	return slices.IndexFunc(s.Steps, func(st *isms.PlaybookStep) bool { return st.ID == id })
}

// mayWritePlaybooks refuses whoever may not write all playbooks and their steps.
func mayWritePlaybooks(ctx context.Context) (access.Actor, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return actor, err
	}
	for _, k := range []*kind.Kind{isms.Playbooks, isms.PlaybookSteps} {
		if actor.May(kind.Write, k) != access.All {
			return actor, actor.Refuse(kind.Write, k)
		}
	}
	return actor, nil
}

// MoveStep moves a step by one place within its phase, up or down. At the border of
// the phase nothing happens.
func (f *Flow) MoveStep(ctx context.Context, stepID string, up bool) error {
	return f.app.Atomic(ctx, func(ctx context.Context) error {
		st, err := f.playbookSteps().Get(ctx, stepID)
		if err != nil {
			return err
		}
		steps, err := f.StepsOf(ctx, st.PlaybookID)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(steps, func(o *isms.PlaybookStep) bool { return o.ID == st.ID })
		k := i + 1
		if up {
			k = i - 1
		}
		if i < 0 || k < 0 || k >= len(steps) || steps[k].Phase != steps[i].Phase {
			return nil
		}
		steps[i], steps[k] = steps[k], steps[i]
		return f.number(ctx, steps)
	})
}

// AddStep puts a new step behind another one; after empty: at the end of its phase.
func (f *Flow) AddStep(ctx context.Context, st *isms.PlaybookStep, after string) error {
	return f.app.Atomic(ctx, func(ctx context.Context) error {
		steps, err := f.StepsOf(ctx, st.PlaybookID)
		if err != nil {
			return err
		}
		at := 0
		for i, o := range steps {
			if o.ID == after {
				at, st.Phase = i+1, o.Phase
				break
			}
			if slices.Index(AnswerPhases, o.Phase) <= slices.Index(AnswerPhases, st.Phase) {
				at = i + 1
			}
		}
		st.Position = at + 1
		if err := f.playbookSteps().Save(ctx, st); err != nil {
			return err
		}
		return f.number(ctx, slices.Insert(steps, at, st))
	})
}

// number gives steps their positions, from 1.
func (f *Flow) number(ctx context.Context, steps []*isms.PlaybookStep) error {
	for i, st := range steps {
		if st.Position == i+1 {
			continue
		}
		st.Position = i + 1
		if err := f.playbookSteps().Save(ctx, st); err != nil {
			return err
		}
	}
	return nil
}

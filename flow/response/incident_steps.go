package response

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// A RoomStep is a step of the playbook with how it stands in this incident.
type RoomStep struct {
	Step  *isms.PlaybookStep
	State string               // "open", "underway", "done", "failed", "skipped"
	Entry *isms.IncidentAction // that says so; nil while it is open
	Next  bool                 // what to do now
	Wait  bool                 // belongs to a phase that has not begun
}

// phaseOrder are the phases in which steps are done.
var phaseOrder = []isms.IncidentPhase{isms.IncidentDetect, isms.IncidentContain, isms.IncidentEradicate, isms.IncidentRecover, isms.IncidentLearn}

func (f *Flow) roomSteps(ctx context.Context, r *Room) error {
	if r.Playbook == nil {
		return nil
	}
	steps, err := f.stepsOf(ctx, r.Playbook.ID)
	if err != nil {
		return err
	}
	for _, s := range steps {
		rs := &RoomStep{Step: s, State: "open", Wait: slices.Index(phaseOrder, s.Phase) > phaseIndex(r.Incident.Phase)}
		for _, e := range r.Timeline {
			if e.PlaybookStepID == s.ID {
				rs.Entry, rs.State = e, stepState(s, e)
			}
		}
		r.Steps = append(r.Steps, rs)
	}
	if at := nextStep(r.Steps); at != nil {
		at.Next = true
	}
	return nil
}

// stepsOf reads the steps of a playbook in the order in which they are done.
func (f *Flow) stepsOf(ctx context.Context, playbookID string) ([]*isms.PlaybookStep, error) {
	steps, err := app.Of[isms.PlaybookStep](f.app, isms.PlaybookSteps).All(ctx, kind.Query{Sort: "position"}.Where("playbook_id", playbookID))
	slices.SortStableFunc(steps, func(a, b *isms.PlaybookStep) int {
		return cmp.Or(slices.Index(phaseOrder, a.Phase)-slices.Index(phaseOrder, b.Phase), a.Position-b.Position)
	})
	return steps, err
}

// phaseIndex is the place of a phase; everything may be done in a closed incident.
func phaseIndex(p isms.IncidentPhase) int {
	if p == isms.IncidentClosed {
		return len(phaseOrder)
	}
	return slices.Index(phaseOrder, p)
}

// stepState is how a step stands by its newest entry. A step that is no question and
// was answered by a decision is one that somebody left out.
func stepState(s *isms.PlaybookStep, e *isms.IncidentAction) string {
	switch {
	case e.Type == "decision" && s.Type != "decision":
		return "skipped"
	case e.Status == "undone":
		return "open"
	}
	return string(e.Status)
}

// nextStep is what to do now: where the last answer leads, else the first step that
// is open and whose phase has begun.
func nextStep(steps []*RoomStep) *RoomStep {
	var last *RoomStep
	for _, s := range steps {
		if s.Entry != nil && s.State != "underway" && (last == nil || s.Entry.At.After(last.Entry.At)) {
			last = s
		}
	}
	if last != nil {
		if to := cmp.Or(wayOn(last), ""); to != "" {
			for _, s := range steps {
				if s.Step.ID == to && s.State == "open" && !s.Wait {
					return s
				}
			}
		}
	}
	for _, s := range steps {
		if s.State == "open" && !s.Wait {
			return s
		}
	}
	return nil
}

// wayOn is where the playbook goes on after a step; empty: with the next number.
func wayOn(s *RoomStep) string {
	no := s.State == "failed" || s.State == "skipped" || s.Step.Type == "decision" && strings.HasPrefix(strings.ToLower(string(s.Entry.Result)), "no")
	if no && s.Step.ElseID != "" {
		return s.Step.ElseID
	}
	return s.Step.NextID
}

// A Tick says what came of a step of the playbook.
type Tick struct {
	Outcome string // "done", "underway", "failed", "skipped", for a question "yes" or "no"
	Note    string // what was seen; needed for failed and skipped
	Minutes int    // of work
	Cost    kind.Money
}

// TickStep writes what came of a step into the timeline. A step of a phase that has
// not begun is refused: first contain, then eradicate, then recover. A step that
// cannot be undone is for the lead.
func (f *Flow) TickStep(ctx context.Context, incidentID, stepID string, t Tick) error {
	actor, err := mayRespond(ctx)
	if err != nil {
		return err
	}
	return f.app.Atomic(ctx, func(ctx context.Context) error {
		r, err := f.Room(ctx, incidentID)
		if err != nil {
			return err
		}
		at := slices.IndexFunc(r.Steps, func(s *RoomStep) bool { return s.Step.ID == stepID || s.Step.Key == stepID })
		if at < 0 {
			return kind.Errorf(kind.NotFound, "the playbook of this incident has no step %q", stepID)
		}
		if err := r.mayTick(actor, r.Steps[at], t); err != nil {
			return err
		}
		return f.tick(ctx, actor, r, r.Steps[at], t)
	})
}

func (r *Room) mayTick(actor access.Actor, s *RoomStep, t Tick) error {
	switch {
	case !slices.Contains([]string{"done", "underway", "failed", "skipped", "yes", "no"}, t.Outcome):
		return kind.Fieldf("outcome", "is done, underway, failed, skipped, yes or no")
	case (t.Outcome == "yes" || t.Outcome == "no") && s.Step.Type != "decision":
		return kind.Fieldf("outcome", "yes and no answer a question; this is something to do")
	case (t.Outcome == "failed" || t.Outcome == "skipped") && strings.TrimSpace(t.Note) == "":
		return kind.Fieldf("note", "say what was seen, or why it is not needed")
	case t.Minutes < 0 || t.Cost < 0:
		return kind.Fieldf("minutes", "cannot be negative")
	case s.Wait && t.Outcome != "skipped":
		return kind.Errorf(kind.Conflict, "this step belongs to the phase %s, and the incident is in %s: go there first", s.Step.Phase, r.Incident.Phase)
	case s.Step.Irreversible && t.Outcome != "skipped" && r.Incident.LeadID != "" && actor.ID != "" && actor.ID != r.Incident.LeadID:
		return kind.Errorf(kind.Forbidden, "this step cannot be undone; %s as the lead does it, or hands the lead over", cmp.Or(r.Name(r.Incident.LeadID), "the lead"))
	}
	return nil
}

func (f *Flow) tick(ctx context.Context, actor access.Actor, r *Room, s *RoomStep, t Tick) error {
	if s.State == "underway" && (t.Outcome == "done" || t.Outcome == "failed") {
		e := s.Entry
		e.Minutes, e.Cost = e.Minutes+t.Minutes, e.Cost+t.Cost
		if err := f.app.Save(ctx, e); err != nil {
			return err
		}
		action := map[string]string{"done": "finish", "failed": "fail"}[t.Outcome]
		_, err := f.app.Do(ctx, isms.IncidentActions, e.ID, action, 0, kind.Input{Reason: t.Note})
		return err
	}
	me, err := f.inRegister(ctx, actor.ID)
	if err != nil {
		return err
	}
	e := &isms.IncidentAction{IncidentID: r.Incident.ID, At: f.app.Now(), Type: "action", Phase: r.Incident.Phase, PersonID: me, PlaybookStepID: s.Step.ID,
		What: isms.Markdown(s.Step.Title), Result: isms.Markdown(prose.Clean(t.Note)), AssetID: r.Incident.AssetID, Minutes: t.Minutes, Cost: t.Cost, Status: "done"}
	switch t.Outcome {
	case "underway", "failed":
		e.Status = isms.EntryStatus(t.Outcome)
	case "skipped":
		e.Type, e.Result = "decision", isms.Markdown("Not needed: "+prose.Clean(t.Note))
	case "yes", "no":
		e.Type, e.Result = "decision", isms.Markdown(strings.TrimSpace(kind.Humanise(t.Outcome)+". "+prose.Clean(t.Note)))
	}
	return app.Of[isms.IncidentAction](f.app, isms.IncidentActions).Save(ctx, e)
}

package flow

import (
	"context"
	"fmt"
	"slices"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
)

// A LineDecision is what somebody says about one requirement in one scope. Fields that
// are nil stay as they are.
type LineDecision struct {
	RequirementID string
	Applies       isms.Applies // empty: stays
	Reason        string       // why; needed for no
	IncludedFor   []string
	Status        isms.ApplicabilityStatus // empty: stays
	How           *string
	Maturity      *isms.Level
	OwnerID       *string
	ReviewBy      *kind.Date
	Version       int64 // of the line that was seen; 0: whatever is stored
	Links         LineProposal
}

// OpenLines makes the lines of the statement of applicability of one framework in one
// scope that are not there yet, all undecided. It returns how many it made.
func (f *Flow) OpenLines(ctx context.Context, frameworkID, scopeID string) (int, error) {
	n := 0
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		n = 0
		have, err := f.linesOf(ctx, scopeID)
		if err != nil {
			return err
		}
		scope, err := f.scopeOf(ctx, scopeID)
		if err != nil {
			return err
		}
		list, err := f.requirements().All(ctx, kind.Query{Sort: "position"}.Where("framework_id", frameworkID).Where("chapter", "false"))
		if err != nil {
			return err
		}
		for _, r := range list {
			if have[r.ID] != nil {
				continue
			}
			n++
			if err := f.lines().Save(ctx, newLine(r, scope)); err != nil {
				return fmt.Errorf("%s: %w", r.Code, err)
			}
		}
		return nil
	})
	return n, err
}

// newLine is an undecided line. Its key is made of keys, so that it is the same in
// every installation to which the ISMS is carried.
func newLine(r *isms.Requirement, scope *isms.Scope) *isms.Applicability {
	return &isms.Applicability{
		Base:          isms.Base{Key: StableKey("soa", scope.Key, r.Key), Title: prose.Cut(r.Code+" "+r.Title, 300)},
		RequirementID: r.ID, ScopeID: scope.ID, Applies: isms.AppliesUndecided, Status: isms.ApplicabilityNotStarted,
	}
}

// scopeOf is the scope; without an id the whole organisation, which has no record.
func (f *Flow) scopeOf(ctx context.Context, id string) (*isms.Scope, error) {
	if id == "" {
		return &isms.Scope{Base: isms.Base{Key: "all"}}, nil
	}
	return app.Of[isms.Scope](f.app, isms.Scopes).Get(ctx, id)
}

// linesOf are the lines of one scope by requirement.
func (f *Flow) linesOf(ctx context.Context, scopeID string) (map[string]*isms.Applicability, error) {
	q := kind.Query{Sort: "created_at"}.With("scope_id", kind.Empty, "true")
	if scopeID != "" {
		q = kind.Query{Sort: "created_at"}.Where("scope_id", scopeID)
	}
	list, err := f.lines().All(ctx, q)
	out := map[string]*isms.Applicability{}
	for _, l := range list {
		if out[l.RequirementID] == nil {
			out[l.RequirementID] = l
		}
	}
	return out, err
}

// Decide writes what somebody says about requirements in one scope, opening the lines
// that are not there. It happens whole or not at all, and returns how many lines
// changed. Whoever may approve decides in their own name; the decision of somebody who
// may only write stays without a name, which the statement shows.
func (f *Flow) Decide(ctx context.Context, scopeID string, list []LineDecision) (int, error) {
	changed := 0
	err := f.app.Atomic(ctx, func(ctx context.Context) error {
		changed = 0
		have, err := f.linesOf(ctx, scopeID)
		if err != nil {
			return err
		}
		scope, err := f.scopeOf(ctx, scopeID)
		if err != nil {
			return err
		}
		for _, d := range list {
			r, err := f.requirements().Get(ctx, d.RequirementID)
			if err != nil {
				return err
			}
			if r.Chapter {
				return kind.Errorf(kind.Invalid, "%s only holds other requirements; decide about those", r.Code)
			}
			line, was := have[r.ID], int64(0)
			if line == nil {
				line = newLine(r, scope)
			} else {
				was = line.Version
			}
			if d.Version != 0 {
				line.Version = d.Version
			}
			if err := f.decideOne(ctx, line, d); err != nil {
				return fmt.Errorf("%s: %w", r.Code, err)
			}
			now, err := f.lines().Get(ctx, line.ID)
			if err != nil {
				return err
			}
			if now.Version != was {
				changed++
			}
		}
		return nil
	})
	return changed, err
}

// decideOne saves the words first, then does what only an action may.
func (f *Flow) decideOne(ctx context.Context, line *isms.Applicability, d LineDecision) error {
	actor, err := access.From(ctx)
	if err != nil {
		return err
	}
	if d.Applies == isms.AppliesNo && line.Applies != isms.AppliesNo && d.Reason == "" {
		return kind.Fieldf("reason", "say why it does not apply")
	}
	decides := actor.May(kind.Approve, isms.Applicabilities) == access.All
	if d.IncludedFor != nil {
		line.IncludedFor = d.IncludedFor
	}
	if d.How != nil {
		line.How = isms.Markdown(*d.How)
	}
	if d.Maturity != nil {
		line.Maturity = *d.Maturity
	}
	if d.OwnerID != nil {
		line.OwnerID = *d.OwnerID
	}
	if d.ReviewBy != nil {
		line.ReviewBy = *d.ReviewBy
	}
	if d.Applies != "" && !decides {
		line.Applies = d.Applies
	}
	if d.Reason != "" {
		line.Reason = isms.Markdown(d.Reason)
	}
	if line.Applies == isms.AppliesNo {
		line.IncludedFor = nil
	}
	if err := f.lines().Save(ctx, line); err != nil {
		return err
	}
	if err := f.applyState(ctx, line, d); err != nil {
		return err
	}
	if decides {
		if err := f.applyAnswer(ctx, line, d); err != nil {
			return err
		}
	}
	return f.joinReasons(ctx, line, d.Links)
}

// applyState moves the line to the state that was said.
func (f *Flow) applyState(ctx context.Context, line *isms.Applicability, d LineDecision) error {
	action := map[isms.ApplicabilityStatus]string{isms.ApplicabilityNotStarted: "reset", isms.ApplicabilityPlanned: "plan", isms.ApplicabilityPartly: "progress", isms.ApplicabilityMet: "meet"}[d.Status]
	if d.Status == "" || d.Status == line.Status {
		return nil
	}
	if d.Status == isms.ApplicabilityPlanned && line.Status != isms.ApplicabilityNotStarted {
		if _, err := f.app.Do(ctx, isms.Applicabilities, line.ID, "reset", 0, kind.Input{}); err != nil {
			return err
		}
	}
	_, err := f.app.Do(ctx, isms.Applicabilities, line.ID, action, 0, kind.Input{})
	return err
}

// applyAnswer includes or excludes the requirement in the name of the actor. What was
// decided before, and the same way, stays decided by whom it was.
func (f *Flow) applyAnswer(ctx context.Context, line *isms.Applicability, d LineDecision) error {
	switch {
	case d.Applies == "" || d.Applies == line.Applies && (d.Applies == isms.AppliesUndecided || !line.DecidedAt.IsZero()):
		return nil
	case d.Applies == isms.AppliesUndecided:
		now, err := f.lines().Get(ctx, line.ID)
		if err != nil {
			return err
		}
		now.Applies = isms.AppliesUndecided
		return f.lines().Save(ctx, now)
	}
	action := map[isms.Applies]string{isms.AppliesYes: "include", isms.AppliesNo: "exclude"}[d.Applies]
	_, err := f.app.Do(ctx, isms.Applicabilities, line.ID, action, 0, kind.Input{Reason: prose.FirstOf(d.Reason, string(line.Reason))})
	return err
}

// joinReasons links the line with what it was included for and what meets it.
func (f *Flow) joinReasons(ctx context.Context, line *isms.Applicability, p LineProposal) error {
	for _, l := range []struct {
		name string
		ids  []string
	}{{"because of risk", p.Risks}, {"because of obligation", p.Obligations}, {"met by", p.Safeguards}} {
		for _, id := range l.ids {
			if err := f.app.Link(ctx, isms.Applicabilities, line.ID, l.name, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// A LineChange is a line that stood differently on an earlier day.
type LineChange struct {
	LineID                    string
	AppliesThen, AppliesNow   string
	SaidThen, SaidNow         string
	MeasuredThen, MeasuredNow string
}

// maxReplay bounds how many entries of the journal a comparison reads.
const maxReplay = 50_000

// ChangedSince compares the lines of a scope with how they stood at the end of a day,
// by reading the journal backwards. Lines that were made later stand then as
// undecided. The answer is by requirement and holds only what differs.
func (f *Flow) ChangedSince(ctx context.Context, scopeID string, day kind.Date) (map[string]LineChange, error) {
	have, err := f.linesOf(ctx, scopeID)
	if err != nil {
		return nil, err
	}
	then, byID := map[string]map[string]string{}, map[string]*isms.Applicability{}
	for _, l := range have {
		byID[l.ID] = l
		then[l.ID] = map[string]string{"applies": string(l.Applies), "status": string(l.Status), "measured": string(l.Measured)}
	}
	err = f.app.View(ctx, func(tx *store.Tx) error {
		entries, err := tx.HistorySince(isms.Applicabilities, day.Time().AddDate(0, 0, 1), maxReplay)
		for _, e := range entries {
			if was := then[e.RecordID]; was != nil {
				undo(was, e.Verb, e.Changes)
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out := map[string]LineChange{}
	for id, was := range then {
		l := byID[id]
		c := LineChange{LineID: id, AppliesThen: was["applies"], AppliesNow: string(l.Applies), SaidThen: was["status"], SaidNow: string(l.Status), MeasuredThen: was["measured"], MeasuredNow: string(l.Measured)}
		if c.AppliesThen != c.AppliesNow || c.SaidThen != c.SaidNow || c.MeasuredThen != c.MeasuredNow {
			out[l.RequirementID] = c
		}
	}
	return out, nil
}

// undo takes one entry of the journal back.
func undo(state map[string]string, verb string, changes []kind.Change) {
	if verb == "create" {
		state["applies"], state["status"], state["measured"] = string(isms.AppliesUndecided), string(isms.ApplicabilityNotStarted), string(isms.MeasuredUnknown)
		return
	}
	for _, c := range changes {
		if _, ok := state[c.Field]; ok {
			state[c.Field] = unquote(c.Before)
		}
	}
}

func unquote(raw []byte) string {
	if len(raw) < 2 || raw[0] != '"' {
		return ""
	}
	return string(raw[1 : len(raw)-1])
}

// SortedKeys are the keys of a set in order.
func SortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

package flow

import (
	"context"
	"fmt"
	"slices"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// JobMeasure is the name of the job that brings the measured answers of the statement
// of applicability up to date.
const JobMeasure = "measure"

// restsRequirements are the kinds on which measured answers rest.
var restsRequirements = []*kind.Kind{isms.Findings, isms.Safeguards, isms.Evidences, isms.RequirementMappings, isms.Documents, isms.Tests,
	isms.Nonconformities, isms.Exceptions, isms.Scopes, isms.Applicabilities, isms.Requirements}

// ReactMeasure is a Settler of the waist: when something changes on which measured
// answers rest, it asks for the job that measures again, and joins new safeguards with
// the requirements that they meet. A workspace without a framework is left alone.
func (f *Flow) ReactMeasure(ctx context.Context, changed []app.Event) error {
	concerned := slices.ContainsFunc(changed, func(e app.Event) bool {
		ours := e.Actor.Machine && (e.Actor.Via == ViaCatalogue || e.Actor.Via == viaMeasure)
		return slices.Contains(restsRequirements, e.Kind) && !(ours && e.Kind != isms.RequirementMappings)
	})
	if !concerned {
		return nil
	}
	actor, err := access.From(ctx)
	if err != nil {
		return err
	}
	machine := access.With(ctx, access.Actor{Name: "holdfast", Workspace: actor.Workspace, Machine: true, Via: ViaCatalogue})
	any, err := f.anyFramework(machine)
	if err != nil || !any {
		return err
	}
	for _, e := range changed {
		if s, ok := e.Record.(*isms.Safeguard); ok && created(e) {
			if err := f.linkNewSafeguard(machine, s); err != nil {
				return err
			}
		}
	}
	return f.AskToMeasure(machine)
}

// viaMeasure marks what the measurement itself wrote.
const viaMeasure = "measure"

// settleFor is how long a measurement waits for further changes.
const settleFor = 2 * time.Second

// AskToMeasure asks for the job. While one waits, another is not needed.
func (f *Flow) AskToMeasure(ctx context.Context) error {
	_, err := f.app.Enqueue(ctx, app.Request{Name: JobMeasure, Title: "Measure which requirements are met", Once: "measure", At: f.app.Now().Add(settleFor)})
	return err
}

// maxMeasures bounds how often Measure looks again when records change meanwhile.
const maxMeasures = 3

// Measure writes what is measured now into the lines of every scope, where it differs
// from what stands there, and one reading of each framework a day. It returns how many
// lines changed. It acts as the product.
func (f *Flow) Measure(ctx context.Context) (int, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return 0, err
	}
	machine := access.With(ctx, access.Actor{Name: "holdfast", Workspace: actor.Workspace, Machine: true, Via: viaMeasure})
	total := 0
	for range maxMeasures {
		before, err := f.app.JournalHead(machine)
		if err != nil {
			return total, err
		}
		n, wrote, err := f.measureOnce(machine)
		total += n
		if err != nil {
			return total, err
		}
		after, err := f.app.JournalHead(machine)
		if err != nil || after == before+wrote {
			return total, err
		}
	}
	return total, nil
}

// measureOnce measures all scopes. wrote is how many entries of the journal it made.
func (f *Flow) measureOnce(ctx context.Context) (lines int, wrote int64, err error) {
	scopes, err := f.scopesWithLines(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, scope := range scopes {
		st, err := f.Statement(ctx, scope)
		if err != nil {
			return lines, wrote, fmt.Errorf("scope %s: %w", scope, err)
		}
		err = f.app.Atomic(ctx, func(ctx context.Context) error {
			n, w := 0, int64(0)
			for _, s := range st.Lines {
				changed, err := f.keepMeasured(ctx, s)
				if err != nil {
					return fmt.Errorf("%s: %w", s.Requirement.Code, err)
				}
				if changed {
					n++
				}
			}
			w, err := f.keepReadings(ctx, st)
			lines, wrote = lines+n, wrote+int64(n)+w
			return err
		})
		if err != nil {
			return lines, wrote, err
		}
	}
	return lines, wrote, nil
}

// scopesWithLines are the scopes somebody has opened lines for; the whole
// organisation, the empty scope, always.
func (f *Flow) scopesWithLines(ctx context.Context) ([]string, error) {
	groups, err := f.app.Groups(ctx, isms.Applicabilities, kind.Query{}.With("scope_id", kind.Empty, "false"), "scope_id", 100)
	scopes := []string{""}
	for _, g := range groups {
		scopes = append(scopes, g.Value)
	}
	slices.Sort(scopes)
	return scopes, err
}

// refreshAfter is how old the time of a measurement may get in the record while the
// answer stays the same: it is not a change worth an entry in the journal each day.
const refreshAfter = 7 * 24 * time.Hour

// keepMeasured writes one answer if it differs from what is stored.
func (f *Flow) keepMeasured(ctx context.Context, s *Standing) (bool, error) {
	l := s.Line
	if l == nil {
		return false, nil
	}
	why := isms.Markdown(prose.Cut(prose.Clean(s.fullWhy()), 10_000))
	if l.Measured == s.Measured && l.MeasuredWhy == why && s.At.Sub(l.MeasuredAt) < refreshAfter {
		return false, nil
	}
	l.Measured, l.MeasuredWhy, l.MeasuredAt = s.Measured, why, s.At
	return true, f.lines().Save(ctx, l)
}

// fullWhy is Why with what follows from other frameworks.
func (s *Standing) fullWhy() string {
	text := s.Why()
	for _, src := range append(slices.Clone(s.Inferred.Whole), s.Inferred.Parts...) {
		text += "\n- **From a mapping:** " + s.names(src.ID) + " is " + src.Level.String() + " (confidence " + kind.Itoa(int64(src.Confidence)) + " of 5)."
	}
	return text
}

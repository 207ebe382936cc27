package flow

import (
	"context"
	"errors"
	"fmt"

	"holdfast/access"
	"holdfast/catalog"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port/library"
)

// An Intake tells what a library of somebody else brings, or would bring, to the
// workspace.
type Intake struct {
	Format     string            `json:"format"`
	Title      string            `json:"title"`
	DryRun     bool              `json:"dry_run"` // nothing was kept
	Frameworks []FrameworkIntake `json:"frameworks"`
	Mappings   []MappingIntake   `json:"mappings"`
	Notes      []string          `json:"notes"` // what was left out, and what was understood how
}

// A FrameworkIntake is what one framework brings.
type FrameworkIntake struct {
	Adoption
	ID       string   `json:"id"` // among the frameworks of the catalogue
	Title    string   `json:"title"`
	Edition  string   `json:"edition"`
	Controls int      `json:"controls"`
	Chapters int      `json:"chapters"`
	Sample   []string `json:"sample"` // the first requirements, for a look
}

// A MappingIntake is what one mapping brings.
type MappingIntake struct {
	Source string `json:"source"`
	Target string `json:"target"`
	Pairs  int    `json:"pairs"`
	Taken  int    `json:"taken"` // new in the workspace
	Kept   int    `json:"kept"`  // left as another authority has said it
	Twice  int    `json:"twice"` // named twice; the first counts
	Absent string `json:"absent,omitempty"`
}

var errDryIntake = errors.New("only a trial")

// TakeIn brings the frameworks and mappings of a library into the workspace, all in
// one transaction. A dry run does everything, tells the result and keeps nothing. A
// framework that has the identifier of one that ships gets one of its own, because
// its texts are not ours. Lines of the statement of applicability are opened for it.
func (f *Flow) TakeIn(ctx context.Context, lib library.Library, dry bool) (Intake, error) {
	out := Intake{Format: lib.Format, Title: lib.Title, DryRun: dry, Notes: append([]string{}, lib.Notes...), Frameworks: []FrameworkIntake{}, Mappings: []MappingIntake{}}
	keeper, err := f.librarian(ctx)
	if err != nil {
		return Intake{}, err
	}
	if len(lib.Frameworks)+len(lib.Mappings) == 0 {
		return Intake{}, kind.Errorf(kind.Invalid, "%s brings no framework and no mapping%s", lib.Format, because(lib.Notes))
	}
	err = f.app.Atomic(ctx, func(ctx context.Context) error {
		out.Frameworks, out.Mappings = out.Frameworks[:0], out.Mappings[:0] // a repeated transaction starts anew
		maps := f.rename(&lib)
		for i := range lib.Frameworks {
			if err := f.takeFramework(ctx, &lib.Frameworks[i], &out); err != nil {
				return err
			}
		}
		for i := range maps {
			if err := f.takeMapping(access.With(ctx, keeper), maps[i], &out); err != nil {
				return err
			}
		}
		if dry {
			return errDryIntake
		}
		return f.AskToMeasure(ctx)
	})
	if err != nil && !errors.Is(err, errDryIntake) {
		return Intake{}, err
	}
	return out, nil
}

func because(notes []string) string {
	if len(notes) == 0 {
		return ""
	}
	return ": " + notes[0]
}

// rename gives frameworks of the library that would stand in the place of ours an
// identifier of their own, and returns the mappings with it.
func (f *Flow) rename(lib *library.Library) []catalog.Mapping {
	fresh := map[string]string{}
	list := make([]catalog.Framework, len(lib.Frameworks))
	copy(list, lib.Frameworks)
	for i := range list {
		if _, ships := f.cat.Framework(list[i].ID); ships {
			fresh[list[i].ID] = list[i].ID + "-imported"
			list[i].ID += "-imported"
			list[i].Title += " (imported)"
		}
	}
	lib.Frameworks = list
	maps := make([]catalog.Mapping, len(lib.Mappings))
	for i, m := range lib.Mappings {
		if id := fresh[m.Source]; id != "" {
			m.Source = id
		}
		if id := fresh[m.Target]; id != "" {
			m.Target = id
		}
		maps[i] = m
	}
	return maps
}

func (f *Flow) takeFramework(ctx context.Context, fw *catalog.Framework, out *Intake) error {
	done, err := f.AdoptFrom(ctx, fw, nil)
	if err != nil {
		return err
	}
	if _, err := f.OpenLines(ctx, done.FrameworkID, ""); err != nil {
		return err
	}
	in := FrameworkIntake{Adoption: done, ID: fw.ID, Title: fw.Title, Edition: fw.Version, Controls: fw.Controls(), Sample: []string{}}
	in.Chapters = len(fw.Requirements) - in.Controls
	const look = 8
	for _, r := range fw.Requirements {
		if !r.Chapter && len(in.Sample) < look {
			in.Sample = append(in.Sample, r.ID+" "+r.Title)
		}
	}
	out.Frameworks = append(out.Frameworks, in)
	return nil
}

// takeMapping makes the pairs whose both ends are in the workspace. What somebody else
// has already said about two requirements stays as it is.
func (f *Flow) takeMapping(ctx context.Context, m catalog.Mapping, out *Intake) error {
	in := MappingIntake{Source: m.Source, Target: m.Target, Pairs: len(m.Pairs)}
	for _, id := range []string{m.Source, m.Target} {
		have, err := f.frameworkOf(ctx, id)
		if err != nil {
			return err
		}
		if have == nil {
			in.Absent = id
		}
	}
	if in.Absent == "" {
		pairs, twice, err := f.newPairs(ctx, m)
		if err != nil {
			return err
		}
		m.Pairs, in.Kept, in.Twice = pairs, in.Pairs-twice-len(pairs), twice
		var done Adoption
		a := &adopter{f: f, ctx: ctx, fw: &catalog.Framework{ID: m.Source}, out: &done}
		if err := a.compare([]catalog.Mapping{m}); err != nil {
			return fmt.Errorf("mapping of %s to %s: %w", m.Source, m.Target, err)
		}
		in.Taken = done.Mappings
	}
	out.Mappings = append(out.Mappings, in)
	return nil
}

// newPairs leaves out of a mapping the pairs that it names twice, and those about
// which another authority has spoken.
func (f *Flow) newPairs(ctx context.Context, m catalog.Mapping) (pairs []catalog.Pair, twice int, err error) {
	known, err := f.mappings().All(ctx, kind.Query{Sort: "key"})
	if err != nil {
		return nil, 0, err
	}
	byKey := map[string]string{}
	for _, k := range known {
		byKey[k.Key] = k.Authority
	}
	seen := map[string]bool{}
	for _, p := range m.Pairs {
		key := StableKey("map", catalogueID(m.Source, p.Source), catalogueID(m.Target, p.Target))
		authority, there := byKey[key]
		switch {
		case seen[key]:
			twice++
		case !there || authority == prose.Clean(m.Authority):
			pairs = append(pairs, p)
		}
		seen[key] = true
	}
	return pairs, twice, nil
}

// MayTakeIn says whether the actor may import frameworks.
func MayTakeIn(actor access.Actor) bool {
	for _, k := range []*kind.Kind{isms.Frameworks, isms.Requirements, isms.RequirementMappings} {
		if actor.May(kind.Write, k) != access.All {
			return false
		}
	}
	return true
}

package flow

import (
	"context"
	"encoding/json"
	"fmt"

	"holdfast/app"
	"holdfast/catalog"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
)

// removeGone puts requirements into the bin that the edition does not have any more,
// unless somebody has worked with them.
func (a *adopter) removeGone(known map[string]*isms.Requirement) error {
	for code, r := range known {
		if a.byCode[code] != "" || !r.DeletedAt.IsZero() || r.Origin != "catalogue" {
			continue
		}
		used, err := a.used(r)
		if err != nil {
			return err
		}
		if used {
			a.out.Orphans++
			continue
		}
		a.out.Gone++
		if err := a.f.app.Delete(a.ctx, isms.Requirements, r.ID, 0); err != nil {
			return err
		}
	}
	return nil
}

// used tells whether people have decided about the requirement or changed it.
func (a *adopter) used(r *isms.Requirement) (bool, error) {
	theirs, err := a.f.WrittenByPeople(a.ctx, r)
	if err != nil || len(theirs) > 0 {
		return true, err
	}
	for _, ref := range a.f.app.Registry().Referrers(isms.Requirements) {
		if ref.Kind == isms.RequirementMappings || ref.Kind == isms.Requirements {
			continue
		}
		page, err := a.f.app.List(a.ctx, ref.Kind, kind.Query{Limit: 1}.Where(ref.Field.Name, r.ID))
		if err != nil || len(page.Records) > 0 {
			return true, err
		}
	}
	return false, nil
}

// linkSafeguards joins the safeguards of the workspace with the requirements that
// the catalogue says they meet. A link that somebody has ended stays ended.
func (a *adopter) linkSafeguards() error {
	have, err := a.f.safeguards.All(a.ctx, kind.Query{}.With("catalogue", kind.Empty, "false"))
	if err != nil {
		return err
	}
	byEntry := map[string][]*isms.Safeguard{}
	for _, s := range have {
		byEntry[s.Catalogue] = append(byEntry[s.Catalogue], s)
	}
	joined, err := a.f.PairsOf(a.ctx, isms.Safeguards, "meets")
	if err != nil {
		return err
	}
	for _, e := range a.fw.Requirements {
		id := a.byCode[e.ID]
		for _, name := range e.Safeguards {
			for _, s := range byEntry[name] {
				if id == "" || joined[store.Pair{From: s.ID, To: id}] {
					continue
				}
				if err := a.link(s, id); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (a *adopter) link(s *isms.Safeguard, requirement string) error {
	if !a.fresh[requirement] {
		ended, err := a.f.WasUnlinked(a.ctx, s.ID, "meets", requirement)
		if err != nil || ended {
			return err
		}
	}
	a.out.Links++
	return a.f.app.Link(a.ctx, isms.Safeguards, s.ID, "meets", requirement)
}

// PairsOf are all links of a declared name, as a set.
func (f *Flow) PairsOf(ctx context.Context, from *kind.Kind, name string) (map[store.Pair]bool, error) {
	set := map[store.Pair]bool{}
	return set, f.app.View(ctx, func(tx *store.Tx) error {
		pairs, err := tx.Pairs(from, name)
		for _, p := range pairs {
			set[p] = true
		}
		return err
	})
}

// WasUnlinked tells by the journal of the record whether the last word about a link
// was to end it.
func (f *Flow) WasUnlinked(ctx context.Context, id, relation, other string) (ended bool, err error) {
	err = f.app.View(ctx, func(tx *store.Tx) error {
		entries, err := tx.History(id, 0, maxHistory)
		for _, e := range entries {
			if e.Verb != "unlink" || len(e.Changes) != 1 || e.Changes[0].Field != relation {
				continue
			}
			var end struct{ ID string }
			if json.Unmarshal(e.Changes[0].Before, &end) == nil && end.ID == other {
				ended = true
			}
		}
		return err
	})
	return ended, err
}

// compare makes the mappings whose both ends are in the workspace.
func (a *adopter) compare(maps []catalog.Mapping) error {
	var mine []catalog.Mapping
	for _, m := range maps {
		if m.Source == a.fw.ID || m.Target == a.fw.ID {
			mine = append(mine, m)
		}
	}
	if len(mine) == 0 {
		return nil
	}
	ends, err := a.ends()
	if err != nil {
		return err
	}
	known, err := a.f.mappings().All(a.ctx, kind.Query{Sort: "key"})
	if err != nil {
		return err
	}
	byKey := map[string]*isms.RequirementMapping{}
	for _, m := range known {
		byKey[m.Key] = m
	}
	for _, m := range mine {
		for _, p := range m.Pairs {
			from, to := ends[catalogueID(m.Source, p.Source)], ends[catalogueID(m.Target, p.Target)]
			if from == nil || to == nil {
				continue
			}
			if err := a.mapping(&m, p, from, to, byKey); err != nil {
				return fmt.Errorf("%s and %s: %w", p.Source, p.Target, err)
			}
		}
	}
	return nil
}

// ends are the requirements of the workspace by their ids in the catalogue.
func (a *adopter) ends() (map[string]*isms.Requirement, error) {
	all, err := a.f.requirements().All(a.ctx, kind.Query{Sort: "position"}.With("catalogue", kind.Empty, "false"))
	if err != nil {
		return nil, err
	}
	ends := map[string]*isms.Requirement{}
	for _, r := range all {
		ends[r.Catalogue] = r
	}
	return ends, nil
}

func (a *adopter) mapping(m *catalog.Mapping, p catalog.Pair, from, to *isms.Requirement, known map[string]*isms.RequirementMapping) error {
	key := StableKey("map", from.Catalogue, to.Catalogue)
	next := &isms.RequirementMapping{
		Base:     isms.Base{Key: key, Title: prose.Cut(fmt.Sprintf("%s %s %s", from.Code, p.Relation, to.Code), 300), Origin: "catalogue"},
		SourceID: from.ID, TargetID: to.ID, Relation: isms.MappingRelation(p.Relation), Confidence: isms.Level(p.Confidence), Authority: prose.Clean(m.Authority),
		Catalogue: m.Source + " → " + m.Target,
	}
	if have := known[key]; have != nil {
		_, _, err := a.f.Refresh(a.ctx, isms.RequirementMappings, have, next, "title", "relation", "confidence", "authority", "catalogue")
		return err
	}
	a.out.Mappings++
	return a.f.mappings().Save(a.ctx, next)
}

// linkNewSafeguard joins a safeguard that was just made with what it meets in the
// frameworks that are there already.
func (f *Flow) linkNewSafeguard(ctx context.Context, s *isms.Safeguard) error {
	if s.Catalogue == "" {
		return nil
	}
	for _, id := range f.metBy()[s.Catalogue] {
		have, err := f.requirements().List(ctx, kind.Query{Limit: 1}.Where("catalogue", id))
		if err != nil {
			return err
		}
		for _, r := range have {
			if err := f.app.Link(ctx, isms.Safeguards, s.ID, "meets", r.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

// metBy are the requirements of the catalogue that each of its safeguards meets.
func (f *Flow) metBy() map[string][]string {
	out := map[string][]string{}
	for i := range f.cat.Frameworks {
		fw := &f.cat.Frameworks[i]
		for _, r := range fw.Requirements {
			for _, s := range r.Safeguards {
				out[s] = append(out[s], catalogueID(fw.ID, r.ID))
			}
		}
	}
	return out
}

// anyFramework tells whether the workspace has a framework at all.
func (f *Flow) anyFramework(ctx context.Context) (bool, error) {
	have, err := f.frameworks().List(ctx, kind.Query{Limit: 1}.With("status", kind.Not, string(isms.FrameworkRetired)))
	return len(have) > 0, err
}

// created tells whether the event is of a new record.
func created(e app.Event) bool { return e.Before == nil && e.Verb == "create" }

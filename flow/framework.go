package flow

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/access"
	"holdfast/app"
	"holdfast/catalog"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
)

func (f *Flow) frameworks() app.Repo[isms.Framework] {
	return app.Of[isms.Framework](f.app, isms.Frameworks)
}

func (f *Flow) requirements() app.Repo[isms.Requirement] {
	return app.Of[isms.Requirement](f.app, isms.Requirements)
}

func (f *Flow) mappings() app.Repo[isms.RequirementMapping] {
	return app.Of[isms.RequirementMapping](f.app, isms.RequirementMappings)
}

// An Adoption tells what adopting a framework changed. Adopting it again over
// unchanged knowledge changes nothing.
type Adoption struct {
	FrameworkID string `json:"framework_id"`
	Framework   string `json:"framework"`
	Status      string `json:"status"` // adopted, or available while nobody who may approve has adopted it
	Created     int    `json:"created"`
	Changed     int    `json:"changed"`
	Unchanged   int    `json:"unchanged"`
	Kept        int    `json:"kept"`    // requirements where the words of people stay although the catalogue says otherwise
	Gone        int    `json:"gone"`    // put into the bin: the edition does not have them and nobody worked with them
	Orphans     int    `json:"orphans"` // not in the edition, kept because somebody worked with them
	Mappings    int    `json:"mappings"`
	Links       int    `json:"links"` // safeguards joined with the requirements that they meet
}

// Adopt takes a framework of the catalogue into the workspace. The error NotFound
// names the frameworks that there are.
func (f *Flow) Adopt(ctx context.Context, id string) (Adoption, error) {
	fw, ok := f.cat.Framework(id)
	if !ok {
		var ids []string
		for _, fw := range f.cat.Frameworks {
			ids = append(ids, fw.ID)
		}
		return Adoption{}, kind.Errorf(kind.NotFound, "the catalogue has no framework %q; it has %s", id, strings.Join(ids, ", "))
	}
	return f.AdoptFrom(ctx, fw, nil)
}

// AdoptFrom is Adopt for a framework that an importer has read, with the mappings
// that came with it; those of the catalogue count as well. Whoever may write
// frameworks may load one; it counts as adopted when they may approve, too. What
// people have changed about a requirement is never written over. It happens whole or
// not at all.
func (f *Flow) AdoptFrom(ctx context.Context, fw *catalog.Framework, maps []catalog.Mapping) (Adoption, error) {
	keeper, err := f.librarian(ctx)
	if err != nil {
		return Adoption{}, err
	}
	var out Adoption
	err = f.app.Atomic(ctx, func(ctx context.Context) error {
		out = Adoption{Framework: fw.Name()}
		a := &adopter{f: f, ctx: access.With(ctx, keeper), fw: fw, out: &out}
		if err := a.takeIn(); err != nil {
			return fmt.Errorf("framework %s: %w", fw.ID, err)
		}
		if err := a.compare(append(slices.Clone(f.cat.Mappings), maps...)); err != nil {
			return fmt.Errorf("mappings of %s: %w", fw.ID, err)
		}
		return f.markAdopted(ctx, &out)
	})
	return out, err
}

// librarian is the product acting for somebody who may write frameworks: it sets what
// no person may type. Its entries in the journal are told apart from those of people.
func (f *Flow) librarian(ctx context.Context) (access.Actor, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return actor, err
	}
	for _, k := range []*kind.Kind{isms.Frameworks, isms.Requirements, isms.RequirementMappings} {
		if actor.May(kind.Write, k) != access.All {
			return actor, actor.Refuse(kind.Write, k)
		}
	}
	return access.Actor{ID: actor.ID, Name: actor.Name, Workspace: actor.Workspace, Via: ViaCatalogue, Machine: true}, nil
}

// ViaCatalogue marks in the journal what the catalogue wrote and not a person.
const ViaCatalogue = "catalogue"

// markAdopted adopts the framework when the actor may decide that.
func (f *Flow) markAdopted(ctx context.Context, out *Adoption) error {
	fw, err := f.frameworks().Get(ctx, out.FrameworkID)
	if err != nil {
		return err
	}
	actor, err := access.From(ctx)
	if err != nil {
		return err
	}
	possible := slices.Contains(isms.Frameworks.Action("adopt").From, string(fw.Status))
	if possible && actor.May(kind.Approve, isms.Frameworks) == access.All {
		if _, err := f.app.Do(ctx, isms.Frameworks, fw.ID, "adopt", 0, kind.Input{}); err != nil {
			return err
		}
		fw.Status = isms.FrameworkAdopted
	}
	out.Status = string(fw.Status)
	return nil
}

// An adopter takes one framework into the workspace.
type adopter struct {
	f      *Flow
	ctx    context.Context // of the librarian
	fw     *catalog.Framework
	out    *Adoption
	record *isms.Framework
	byCode map[string]string // id of the record of each requirement
	fresh  map[string]bool   // ids of requirements that are new
}

// catalogueID is how the records remember an entry of the catalogue.
func catalogueID(framework, code string) string { return framework + "/" + code }

func (a *adopter) takeIn() error {
	if err := a.framework(); err != nil {
		return err
	}
	known, err := a.known()
	if err != nil {
		return err
	}
	a.byCode, a.fresh = map[string]string{}, map[string]bool{}
	for i := range a.fw.Requirements {
		if err := a.requirement(i, known); err != nil {
			return fmt.Errorf("%s: %w", a.fw.Requirements[i].ID, err)
		}
	}
	if err := a.removeGone(known); err != nil {
		return err
	}
	return a.linkSafeguards()
}

// framework finds the record of the framework or makes it.
func (a *adopter) framework() error {
	r, err := a.f.frameworkOf(a.ctx, a.fw.ID)
	if err != nil {
		return err
	}
	next := &isms.Framework{
		Base:         isms.Base{Key: StableKey(a.fw.ID), Title: prose.Cut(prose.Clean(a.fw.Title), 300), Origin: "catalogue"},
		Abbreviation: prose.Clean(a.fw.Abbreviation), Publisher: prose.Clean(a.fw.Publisher), Edition: prose.Clean(a.fw.Version), Topic: isms.FrameworkTopic(a.fw.Topic),
		Description: isms.Markdown(prose.Clean(a.fw.About)), Certifiable: a.fw.Certifiable, URL: a.fw.URL, Catalogue: a.fw.ID, Status: isms.FrameworkAvailable,
	}
	if r == nil {
		r = next
		err = a.f.frameworks().Save(a.ctx, r)
	} else {
		_, _, err = a.f.Refresh(a.ctx, isms.Frameworks, r, next, "title", "abbreviation", "publisher", "edition", "topic", "description", "certifiable", "url", "catalogue")
	}
	a.record, a.out.FrameworkID = r, r.ID
	return err
}

// frameworkOf is the record of a framework of the catalogue; nil when it was not
// taken in. A record of that key which somebody made by hand is the same framework.
func (f *Flow) frameworkOf(ctx context.Context, id string) (*isms.Framework, error) {
	have, err := f.frameworks().List(ctx, kind.Query{Limit: 1}.Where("catalogue", id))
	if err != nil || len(have) > 0 {
		return First(have), err
	}
	r, err := f.frameworks().Get(ctx, StableKey(id))
	if kind.CodeOf(err) == kind.NotFound || err == nil && !r.DeletedAt.IsZero() {
		return nil, nil
	}
	return r, err
}

// First is the first of a list; nil of none.
func First[T any](list []*T) *T {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// known are the requirements of the framework that are there already, by code; those
// in the bin as well, because nobody wants them back.
func (a *adopter) known() (map[string]*isms.Requirement, error) {
	byCode := map[string]*isms.Requirement{}
	for _, bin := range []bool{true, false} {
		list, err := a.f.requirements().All(a.ctx, kind.Query{Deleted: bin, Sort: "position"}.Where("framework_id", a.record.ID))
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			byCode[r.Code] = r
		}
	}
	return byCode, nil
}

var requirementFields = []string{"title", "parent_id", "position", "chapter", "text", "guidance", "proof", "function", "principles", "tier", "optional", "checks", "catalogue"}

func (a *adopter) requirement(i int, known map[string]*isms.Requirement) error {
	e := &a.fw.Requirements[i]
	next := &isms.Requirement{
		Base:        isms.Base{Key: StableKey(a.fw.ID, e.ID), Title: prose.Cut(prose.Clean(e.Title), 300), Origin: "catalogue"},
		FrameworkID: a.record.ID, ParentID: a.byCode[e.In], Code: prose.Clean(e.ID), Position: i + 1, Chapter: e.Chapter,
		Text: isms.Markdown(prose.Clean(e.Asks)), Guidance: isms.Markdown(prose.Clean(e.Guidance)), Proof: isms.Markdown(prose.Clean(e.Proof)),
		Function: isms.SafeguardKind(e.Function), Principles: e.Principles, Tier: prose.Clean(e.Tier), Optional: e.Optional, Checks: e.Checks,
		Catalogue: catalogueID(a.fw.ID, e.ID),
	}
	r := known[next.Code]
	if r == nil {
		a.out.Created++
		if err := a.f.requirements().Save(a.ctx, next); err != nil {
			return err
		}
		a.byCode[e.ID], a.fresh[next.ID] = next.ID, true
		return nil
	}
	if !r.DeletedAt.IsZero() {
		a.out.Unchanged++
		return nil
	}
	a.byCode[e.ID] = r.ID
	changed, kept, err := a.f.Refresh(a.ctx, isms.Requirements, r, next, requirementFields...)
	if changed {
		a.out.Changed++
	} else {
		a.out.Unchanged++
	}
	if kept {
		a.out.Kept++
	}
	return err
}

// Refresh writes what the catalogue says now over what it said before, and leaves
// alone every field that a person has written. kept tells that one was.
func (f *Flow) Refresh(ctx context.Context, k *kind.Kind, stored, next kind.Record, fields ...string) (changed, kept bool, err error) {
	var differ []*kind.Field
	for _, name := range fields {
		if fd := k.Field(name); !fd.Equal(stored, next) {
			differ = append(differ, fd)
		}
	}
	if len(differ) == 0 {
		return false, false, nil
	}
	theirs, err := f.WrittenByPeople(ctx, stored)
	if err != nil {
		return false, false, err
	}
	for _, fd := range differ {
		if theirs[fd.Name] {
			kept = true
			continue
		}
		fd.Copy(stored, next)
		changed = true
	}
	if !changed {
		return false, kept, nil
	}
	return true, kept, f.app.Save(ctx, stored)
}

// maxHistory is how far back the journal of one record is read.
const maxHistory = 500

// WrittenByPeople are the fields of a record that somebody other than the catalogue
// has set, by the journal. The words of a record that a person made are all theirs.
func (f *Flow) WrittenByPeople(ctx context.Context, r kind.Record) (map[string]bool, error) {
	theirs := map[string]bool{}
	if b := r.GetBase(); b.Version == 1 && b.Origin == "catalogue" {
		return theirs, nil
	}
	return theirs, f.app.View(ctx, func(tx *store.Tx) error {
		entries, err := tx.History(r.GetBase().ID, 0, maxHistory)
		for _, e := range entries {
			if e.Via == ViaCatalogue || e.Verb == "link" || e.Verb == "unlink" {
				continue
			}
			for _, c := range e.Changes {
				theirs[c.Field] = true
			}
		}
		return err
	})
}

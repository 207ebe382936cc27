package response

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"holdfast/access"
	"holdfast/catalog"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port/cacao"
	"holdfast/store"
)

// A PlaybookIntake tells what became of one playbook of the catalogue or of a file.
type PlaybookIntake struct {
	PlaybookID string   `json:"playbook_id"`
	Title      string   `json:"title"`
	Status     string   `json:"status"`
	New        bool     `json:"new"`
	Created    int      `json:"created"` // steps that are new
	Changed    int      `json:"changed"`
	Unchanged  int      `json:"unchanged"`
	Kept       int      `json:"kept"` // steps where the words of people stay
	Gone       int      `json:"gone"` // steps that the source has no more and nobody changed
	Notes      []string `json:"notes"`
}

// A playbookDraft is a playbook from outside before it becomes records.
type playbookDraft struct {
	record  isms.Playbook
	steps   []stepDraft
	vectors []string // entries of the catalogue that it answers
}

// A stepDraft is one of its steps. Its identity is the key of the record.
type stepDraft struct {
	record isms.PlaybookStep
	next   int // position in the list; -1: the one behind it
	other  int // -1: there is no other way
	uses   []string
	follow string // identity in exchanged playbooks of the playbook that it goes over to
}

// AdoptPlaybooks takes playbooks of the catalogue into the workspace, all of them when
// none is named. Doing it again brings what the catalogue says now and leaves alone
// every word that people have changed, and what they have deleted. It happens whole or
// not at all. Playbooks are ready at once when the actor may approve them.
func (f *Flow) AdoptPlaybooks(ctx context.Context, ids ...string) ([]PlaybookIntake, error) {
	var chosen []*catalog.Playbook
	for i := range f.cat.Playbooks {
		if p := &f.cat.Playbooks[i]; len(ids) == 0 || slices.Contains(ids, p.ID) {
			chosen = append(chosen, p)
		}
	}
	for _, id := range ids {
		if _, ok := f.cat.Playbook(id); !ok {
			return nil, kind.Errorf(kind.NotFound, "the catalogue has no playbook %q", id)
		}
	}
	var drafts []playbookDraft
	for _, p := range chosen {
		drafts = append(drafts, draftOf(p))
	}
	return f.takePlaybooks(ctx, drafts)
}

// takePlaybooks makes records of drafts.
func (f *Flow) takePlaybooks(ctx context.Context, drafts []playbookDraft) ([]PlaybookIntake, error) {
	actor, err := mayWritePlaybooks(ctx)
	if err != nil {
		return nil, err
	}
	keeper := access.Actor{ID: actor.ID, Name: actor.Name, Workspace: actor.Workspace, Via: flow.ViaCatalogue, Machine: true}
	var out []PlaybookIntake
	err = f.app.Atomic(ctx, func(ctx context.Context) error {
		out = make([]PlaybookIntake, len(drafts))
		takers := make([]*playbookTaker, len(drafts))
		for i := range drafts {
			takers[i] = &playbookTaker{f: f, ctx: access.With(ctx, keeper), draft: &drafts[i], out: &out[i]}
			if err := takers[i].head(actor); err != nil {
				return fmt.Errorf("playbook %s: %w", drafts[i].record.Title, err)
			}
		}
		for _, t := range takers {
			if err := t.body(); err != nil {
				return fmt.Errorf("playbook %s: %w", t.draft.record.Title, err)
			}
			if err := t.ready(ctx, actor); err != nil {
				return err
			}
		}
		return nil
	})
	return out, err
}

// draftOf is a playbook of the catalogue as records will be.
func draftOf(p *catalog.Playbook) playbookDraft {
	d := playbookDraft{vectors: p.Vectors, record: isms.Playbook{
		Base: isms.Base{Key: flow.StableKey(p.ID), Title: p.Title, Origin: "catalogue"}, Scenario: isms.IncidentType(p.Scenario), Severity: isms.Severity(p.Severity),
		Description: isms.Markdown(p.Aim), Triggers: bullets(p.Triggers), Contain: p.Budget.Contain, Eradicate: p.Budget.Eradicate, Recover: p.Budget.Recover,
		Techniques: p.Techniques, Catalogue: p.ID, ExternalID: cacao.ID("playbook", p.ID),
	}}
	for i := range p.Steps {
		d.steps = append(d.steps, stepOf(p, i))
	}
	return d
}

func bullets(list []string) isms.Markdown {
	text := ""
	for _, line := range list {
		text += "- " + line + "\n"
	}
	return isms.Markdown(text)
}

func stepOf(p *catalog.Playbook, i int) stepDraft {
	s := &p.Steps[i]
	d := stepDraft{next: -1, other: -1, uses: s.Uses, record: isms.PlaybookStep{
		Base:  isms.Base{Key: flow.StableKey(p.ID, s.ID), Title: s.Title, Origin: "catalogue"},
		Phase: isms.IncidentPhase(s.Phase), Position: i + 1, Type: isms.StepType(s.Type), Role: s.Role, Instruction: isms.Markdown(s.Do), Condition: s.If,
		Check: isms.Markdown(s.Check), Command: isms.Markdown(s.Command), Minutes: s.Minutes, Optional: s.Optional, Irreversible: s.Irreversible,
		ExternalID: cacao.ID(string(cacaoType(isms.StepType(s.Type))), p.ID+"/"+s.ID),
	}}
	for k := range p.Steps {
		switch p.Steps[k].ID {
		case s.Next:
			d.next = k
		case s.Else:
			d.other = k
		}
	}
	if s.Follow != "" {
		d.follow = cacao.ID("playbook", s.Follow)
	}
	return d
}

// A playbookTaker makes the records of one draft.
type playbookTaker struct {
	f      *Flow
	ctx    context.Context // of the catalogue
	draft  *playbookDraft
	out    *PlaybookIntake
	record *isms.Playbook
	fresh  map[string]bool                // ids of records that are new
	joined map[string]map[store.Pair]bool // links that are there, by relation
}

var playbookFields = []string{"title", "scenario", "severity", "description", "triggers", "contain", "eradicate", "recover", "techniques", "external_id", "exchange"}

// head finds the record of the playbook or makes it.
func (t *playbookTaker) head(actor access.Actor) error {
	next := t.draft.record
	t.fresh, t.joined, t.out.Notes = map[string]bool{}, map[string]map[store.Pair]bool{}, []string{}
	have, err := t.f.playbookLike(t.ctx, &next)
	if err != nil {
		return err
	}
	if have == nil {
		if next.OwnerID, err = t.f.ownerFor(t.ctx, actor); err != nil {
			return err
		}
		next.ReviewBy = kind.DateOf(t.f.app.Now().AddDate(1, 0, 0))
		have = &next
		err = t.f.playbooks().Save(t.ctx, have)
		t.out.New, t.fresh[have.ID] = true, true
	} else {
		_, _, err = t.f.Refresh(t.ctx, isms.Playbooks, have, &next, playbookFields...)
	}
	t.record, t.out.PlaybookID, t.out.Title, t.out.Status = have, have.ID, have.Title, string(have.Status)
	return err
}

// ownerFor is the person who acts, for machines the security lead; empty for whoever
// is no person of the workspace.
func (f *Flow) ownerFor(ctx context.Context, actor access.Actor) (string, error) {
	if actor.Machine || actor.ID == "" {
		s := f.survey(ctx)
		if o := s.Organisation(); o != nil {
			return o.SecurityLeadID, s.Err
		}
		return "", s.Err
	}
	_, err := f.app.Get(ctx, isms.People, actor.ID)
	if kind.CodeOf(err) == kind.NotFound {
		return "", nil
	}
	return actor.ID, err
}

// playbookLike finds the record of the same entry of the catalogue, or of the same
// identity; nil: there is none.
func (f *Flow) playbookLike(ctx context.Context, p *isms.Playbook) (*isms.Playbook, error) {
	for field, value := range map[string]string{"catalogue": p.Catalogue, "external_id": p.ExternalID} {
		if value == "" {
			continue
		}
		list, err := f.playbooks().List(ctx, kind.Query{Limit: 1}.Where(field, value))
		if err != nil || len(list) > 0 {
			return flow.First(list), err
		}
	}
	if p.Key == "" {
		return nil, nil
	}
	have, err := f.playbooks().Get(ctx, p.Key)
	if kind.CodeOf(err) != kind.NotFound && err != nil {
		return nil, err
	}
	if have != nil && !have.DeletedAt.IsZero() {
		return have, nil // deleted by somebody: it stays so
	}
	if have != nil {
		p.Key = "" // a playbook of people that has the name by chance
	}
	return nil, nil
}

var stepFields = []string{"title", "phase", "position", "type", "role", "instruction", "condition", "check", "command", "minutes", "optional", "irreversible", "next_id", "else_id", "external_id"}

// body makes the steps, the last first, because ways lead forward.
func (t *playbookTaker) body() error {
	if !t.record.DeletedAt.IsZero() {
		t.out.Notes = append(t.out.Notes, "It lies in the bin and stays there.")
		return nil
	}
	known, err := t.known()
	if err != nil {
		return err
	}
	ids := make([]string, len(t.draft.steps))
	for i := len(t.draft.steps) - 1; i >= 0; i-- {
		d := &t.draft.steps[i]
		if ids[i], err = t.step(d, ids, known); err != nil {
			return fmt.Errorf("step %s: %w", d.record.Title, err)
		}
	}
	if err := t.removeGone(ids, known); err != nil {
		return err
	}
	return t.links(ids)
}

// known are the steps that are there, by identity in exchanged playbooks; those in the
// bin too.
func (t *playbookTaker) known() (map[string]*isms.PlaybookStep, error) {
	out := map[string]*isms.PlaybookStep{}
	for _, bin := range []bool{true, false} {
		list, err := t.f.playbookSteps().All(t.ctx, kind.Query{Deleted: bin, Sort: "position"}.Where("playbook_id", t.record.ID))
		if err != nil {
			return nil, err
		}
		for _, s := range list {
			if s.ExternalID != "" {
				out[s.ExternalID] = s
			}
		}
	}
	return out, nil
}

func (t *playbookTaker) step(d *stepDraft, ids []string, known map[string]*isms.PlaybookStep) (string, error) {
	next := d.record
	next.PlaybookID = t.record.ID
	at := func(i int) string {
		if i < 0 {
			return ""
		}
		return ids[i]
	}
	next.NextID, next.ElseID = at(d.next), at(d.other)
	have := known[next.ExternalID]
	switch {
	case have == nil:
		t.out.Created++
		if taken, err := t.f.playbookSteps().Get(t.ctx, cmp.Or(next.Key, "-")); err == nil && taken != nil {
			next.Key = ""
		}
		err := t.f.playbookSteps().Save(t.ctx, &next)
		t.fresh[next.ID] = true
		return next.ID, err
	case !have.DeletedAt.IsZero():
		t.out.Unchanged++
		return "", nil
	}
	changed, kept, err := t.f.Refresh(t.ctx, isms.PlaybookSteps, have, &next, stepFields...)
	if changed {
		t.out.Changed++
	} else {
		t.out.Unchanged++
	}
	if kept {
		t.out.Kept++
	}
	return have.ID, err
}

// removeGone puts steps into the bin that came from the same source, are in it no
// more, and were changed by nobody.
func (t *playbookTaker) removeGone(ids []string, known map[string]*isms.PlaybookStep) error {
	for _, s := range known {
		if slices.Contains(ids, s.ID) || !s.DeletedAt.IsZero() || s.Origin == "" {
			continue
		}
		theirs, err := t.f.WrittenByPeople(t.ctx, s)
		if err != nil {
			return err
		}
		if len(theirs) > 0 {
			t.out.Kept++
			continue
		}
		t.out.Gone++
		if err := t.f.app.Delete(t.ctx, isms.PlaybookSteps, s.ID, 0); err != nil {
			return err
		}
	}
	return nil
}

// links joins steps with safeguards and playbooks, and the playbook with the threat
// vectors that it answers. A link that somebody has ended stays ended.
func (t *playbookTaker) links(ids []string) error {
	safeguards, err := t.entries(isms.Safeguards)
	if err != nil {
		return err
	}
	vectors, err := t.entries(isms.ThreatVectors)
	if err != nil {
		return err
	}
	for _, v := range t.draft.vectors {
		if err := t.link(isms.Playbooks, t.record.ID, "answers", vectors[v]); err != nil {
			return err
		}
	}
	for i, d := range t.draft.steps {
		if ids[i] == "" {
			continue
		}
		for _, u := range d.uses {
			if err := t.link(isms.PlaybookSteps, ids[i], "uses", safeguards[u]); err != nil {
				return err
			}
		}
		if d.follow == "" {
			continue
		}
		list, err := t.f.playbooks().List(t.ctx, kind.Query{Limit: 1}.Where("external_id", d.follow))
		if err != nil {
			return err
		}
		if len(list) == 0 {
			t.out.Notes = append(t.out.Notes, fmt.Sprintf("The step %q goes over to playbook %s, which is not here.", d.record.Title, d.follow))
			continue
		}
		if err := t.link(isms.PlaybookSteps, ids[i], "continues with", list[0].ID); err != nil {
			return err
		}
	}
	return nil
}

// entries are the ids of records by their entry of the catalogue.
func (t *playbookTaker) entries(k *kind.Kind) (map[string]string, error) {
	out := map[string]string{}
	err := t.f.app.All(t.ctx, k, kind.Query{}.With("catalogue", kind.Empty, "false"), func(r kind.Record) error {
		entry, _ := k.Field("catalogue").Of(r).(string)
		out[entry] = r.GetBase().ID
		return nil
	})
	return out, err
}

func (t *playbookTaker) link(k *kind.Kind, id, relation, other string) error {
	if other == "" {
		return nil
	}
	joined := t.joined[relation]
	if joined == nil {
		var err error
		if joined, err = t.f.PairsOf(t.ctx, k, relation); err != nil {
			return err
		}
		t.joined[relation] = joined
	}
	pair := store.Pair{From: id, To: other}
	if joined[pair] {
		return nil
	}
	joined[pair] = true
	if !t.fresh[id] {
		ended, err := t.f.WasUnlinked(t.ctx, id, relation, other)
		if err != nil || ended {
			return err
		}
	}
	return t.f.app.Link(t.ctx, k, id, relation, other)
}

// ready makes a new playbook ready when the actor may decide that.
func (t *playbookTaker) ready(ctx context.Context, actor access.Actor) error {
	if !t.out.New || actor.May(kind.Approve, isms.Playbooks) != access.All || t.draft.record.Catalogue == "" {
		return nil
	}
	r, err := t.f.app.Do(ctx, isms.Playbooks, t.record.ID, "approve", 0, kind.Input{})
	if err == nil {
		t.out.Status = string(r.(*isms.Playbook).Status)
	}
	return err
}

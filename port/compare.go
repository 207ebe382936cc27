package port

import (
	"context"
	"slices"
	"strings"
	"time"

	"holdfast/access"
	"holdfast/kind"
)

// A planner compares a folder with the database, inside one transaction.
type planner struct {
	ctx    context.Context
	a      App
	src    *source
	folder *Folder
	opts   PlanOptions
	im     importer // finds the mistakes of documents, and does the work
	plan   *Plan
	work   []*errand
}

// An errand is a change with what it takes to make it.
type errand struct {
	Change
	k      *kind.Kind
	id     string // of the stored record
	doc    Doc    // what the importer is given
	clears []Value
	finals []Value
}

// stored is a record of the database as the planner sees it.
type stored struct {
	wide Row
	held bool
	hash string              // of what the tree would hold
	tree map[string][]string // links that the tree would hold
	said func(f *kind.Field) bool
}

func newPlanner(ctx context.Context, a App, folder *Folder, opts PlanOptions) (*planner, error) {
	actor, err := access.From(ctx)
	if err != nil {
		return nil, err
	}
	for _, name := range opts.Force {
		if _, err := a.Registry().Find(name); err != nil && name != "all" {
			return nil, kind.Fieldf("force", "%v; write a kind of record, or all", err)
		}
	}
	p := &planner{ctx: ctx, a: a, src: newSource(ctx, a), folder: folder, opts: opts, plan: &Plan{Changes: []Change{}, Prune: opts.Prune, Force: opts.Force}}
	p.im = newImporter(ctx, a, actor, opts.Options)
	return p, nil
}

// compare finds what differs.
func (p *planner) compare() error {
	for i := range p.folder.Docs {
		p.im.prepare(&p.folder.Docs[i])
	}
	if err := p.im.bad.err(); err != nil {
		return err
	}
	items := map[*kind.Kind][]*item{}
	for _, it := range p.im.items {
		items[it.k] = append(items[it.k], it)
	}
	gone := p.goneKeys()
	for _, k := range p.a.Registry().All() {
		for part := range slices.Chunk(items[k], 200) {
			if err := p.part(k, part); err != nil {
				return err
			}
		}
		for part := range slices.Chunk(gone[k.Name], 200) {
			if err := p.dropped(k, part); err != nil {
				return err
			}
		}
	}
	return p.im.bad.err()
}

// goneKeys are the keys of records that the folder held once, by kind.
func (p *planner) goneKeys() map[string][]string {
	gone := map[string][]string{}
	for _, name := range sortedKeys(p.folder.Lock) {
		if p.im.named[name] == nil {
			kindName, key, _ := strings.Cut(name, "\x00")
			gone[kindName] = append(gone[kindName], key)
		}
	}
	return gone
}

// load reads the records with the keys.
func (p *planner) load(k *kind.Kind, keys []string) (map[string]*stored, error) {
	var page []kind.Record
	err := p.a.All(p.ctx, k, kind.Query{Sort: "key"}.Where("key", keys...), func(r kind.Record) error {
		page = append(page, r)
		return nil
	})
	if err != nil {
		return nil, err
	}
	found := map[string]*stored{}
	wide, err := p.src.rows(k, page, true)
	if err != nil {
		return nil, err
	}
	for _, r := range wide {
		found[r.Record.GetBase().Key] = &stored{wide: r, said: func(*kind.Field) bool { return false }}
	}
	narrow, err := p.src.rows(k, page, false)
	for _, r := range narrow {
		s := found[r.Record.GetBase().Key]
		s.held, s.hash, s.tree, s.said = true, r.hash(), r.links, r.said
	}
	return found, err
}

func (p *planner) part(k *kind.Kind, items []*item) error {
	keys := make([]string, 0, len(items))
	for _, it := range items {
		if it.key != "" {
			keys = append(keys, it.key)
		}
	}
	found, err := p.load(k, keys)
	if err != nil {
		return err
	}
	for _, it := range items {
		if err := p.one(it, found[it.key]); err != nil {
			return err
		}
	}
	return nil
}

// one compares one document with its record.
func (p *planner) one(it *item, have *stored) error {
	base := p.folder.Lock[nameOf(it.k.Name, it.key)]
	e := &errand{k: it.k, doc: *it.doc, Change: Change{Kind: it.k.Name, Key: it.key, Place: it.doc.At.String(), What: Alter}}
	e.doc.Kind, e.doc.Key = it.k.Name, it.key
	if have == nil {
		return p.missing(it, e, base)
	}
	e.id = have.wide.Record.GetBase().ID
	differs, err := p.differences(it, e, have, base != "")
	if err != nil {
		return err
	}
	if !differs {
		p.plan.Summary.Unchanged++
		return nil
	}
	why := ""
	if base != "" && have.hash != base {
		b := have.wide.Record.GetBase()
		why = "changed in the database since this folder was in step with it; last saved by " + b.UpdatedBy + " at " + b.UpdatedAt.UTC().Format(time.DateTime) + " UTC"
	}
	p.settle(it, e, base, why)
	return nil
}

// settle adds the errand, unless the database alone changed.
func (p *planner) settle(it *item, e *errand, base, why string) {
	switch {
	case why == "":
	case p.opts.forced(it.k):
		e.Forced = why
	case docHash(it, p.opts.Now) == base:
		p.plan.Newer = append(p.plan.Newer, Named{e.Kind, e.Key, e.Title, why})
		return
	default:
		e.Conflict = why
	}
	p.work = append(p.work, e)
}

// missing plans a record that is not there, or lies in the bin.
func (p *planner) missing(it *item, e *errand, base string) error {
	e.What = Create
	binned, err := p.a.Get(p.ctx, it.k, it.key)
	if err != nil && kind.CodeOf(err) != kind.NotFound {
		return err
	}
	if err == nil && it.key != "" && binned.GetBase().Key == it.key {
		e.What, e.id = Restore, binned.GetBase().ID
		found, err := p.src.rows(it.k, []kind.Record{binned}, true)
		if err != nil || len(found) != 1 {
			return err
		}
		have := &stored{wide: found[0], said: func(*kind.Field) bool { return false }}
		if _, err := p.differences(it, e, have, false); err != nil {
			return err
		}
		why := ""
		if base != "" {
			why = "removed in the database since this folder was in step with it"
		}
		p.settle(it, e, base, why)
		return nil
	}
	if base != "" { // it is written anew, as it was
		e.finals = clears(it, &stored{said: func(f *kind.Field) bool { return !f.Computed && !f.Hidden && !bookkeeping[f.Name] }}, it.k.New())
	}
	fresh := &stored{wide: Row{Kind: it.k, Record: it.k.New()}, said: func(*kind.Field) bool { return false }}
	if _, err := p.differences(it, e, fresh, false); err != nil {
		return err
	}
	p.settle(it, e, base, "")
	return nil
}

// differences fills the errand. whole: the document describes all of the record, so
// what it does not say is emptied.
func (p *planner) differences(it *item, e *errand, have *stored, whole bool) (bool, error) {
	k := it.k
	was := inKeys(have.wide)
	next := k.Clone(was)
	wanted, err := p.fillIn(it, next)
	if err != nil {
		return false, err
	}
	if whole {
		e.clears = clears(it, have, next)
	}
	e.Title = next.GetBase().Title
	if err := p.links(it, e, have, whole); err != nil {
		return false, err
	}
	k.Prepare(next)
	if from := k.State(next); wanted != "" && wanted != from {
		e.Actions = p.steps(it, from, wanted)
	}
	for _, f := range k.Fields {
		if f.Computed || f.Hidden || bookkeeping[f.Name] || f.Name == k.StateField || f.Equal(was, next) {
			continue
		}
		e.Fields = append(e.Fields, fieldChange(f, was, next))
	}
	return len(e.Fields)+len(e.Actions)+len(e.Linked)+len(e.Unlinked) > 0, nil
}

// fillIn sets what the document says and returns the state that it asks for.
func (p *planner) fillIn(it *item, next kind.Record) (state string, err error) {
	for _, v := range it.doc.Values {
		f := it.k.Field(v.Field)
		if bookkeeping[v.Field] || f.Computed || v.unsaid(it.k, f) {
			continue
		}
		target := next
		if f.Name == it.k.StateField {
			target = it.k.New()
		}
		if err := v.set(it.k, f, target, p.opts.Now); err != nil {
			p.im.bad.add(v.At, "%s: %s", v.Field, message(f, err))
			continue
		}
		if f.Name == it.k.StateField {
			state = f.Text(target)
		}
	}
	return state, nil
}

// clears empties what a whole document does not say, and returns how.
func clears(it *item, have *stored, next kind.Record) []Value {
	var list []Value
	for _, f := range it.k.Fields {
		if !have.said(f) || it.doc.value(f.Name) != nil || f.Required || f.Immutable || f.Name == it.k.StateField || f.Name == "title" {
			continue
		}
		v := Value{Field: f.Name, At: it.doc.At}
		if f.SetText(next, "") == nil {
			list = append(list, v)
		}
	}
	return list
}

func (p *planner) steps(it *item, from, to string) []Step {
	way, ok := Way(it.k, from, to)
	if !ok {
		p.im.bad.add(it.place(it.k.StateField), "%s: no actions lead from %s to %s", it.k.StateField, from, to)
		return nil
	}
	steps := make([]Step, len(way))
	for i, name := range way {
		act := it.k.Action(name)
		steps[i] = Step{name, act.To, act.Needs}
	}
	return steps
}

// inKeys is a copy of the record in which references are keys, as in files.
func inKeys(r Row) kind.Record {
	c := r.Kind.Clone(r.Record)
	for _, f := range r.Kind.Fields {
		if refersTo(r.Kind, f, r.Record) == "" || f.IsZero(r.Record) {
			continue
		}
		if key := r.keys[f.Text(r.Record)]; key != "" {
			_ = f.SetText(c, key) // a reference takes any text
		}
	}
	return c
}

func fieldChange(f *kind.Field, was, next kind.Record) FieldChange {
	c := FieldChange{Field: f.Name, Before: f.Text(was), After: f.Text(next)}
	if f.Type == kind.LongText && c.Before != "" && (strings.Contains(c.Before, "\n") || strings.Contains(c.After, "\n")) {
		c.Diff = unified(c.Before, c.After)
		c.Before, c.After = "", ""
	}
	return c
}

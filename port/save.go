package port

import (
	"cmp"
	"slices"

	"holdfast/kind"
)

// save writes the record of a document, those it refers to first.
func (im *importer) save(it *item) error {
	if it.phase != untouched {
		return nil
	}
	it.phase = underway
	if err := im.saveReferred(it); err != nil {
		return err
	}
	it.phase = saved
	if it.failed {
		return nil
	}
	stored, err := im.stored(it)
	if err != nil {
		return err
	}
	if err := im.write(it, stored); err != nil {
		return im.fail(it, err)
	}
	return nil
}

// saveReferred saves what the document refers to. A reference back to a document
// that waits for this one is set later.
func (im *importer) saveReferred(it *item) error {
	for _, v := range it.doc.Values {
		f := it.k.Field(v.Field)
		if f == nil || v.text == "" {
			continue
		}
		other := im.named[nameOf(im.target(it, f), v.text)]
		if other == nil || other == it && f.Required {
			continue
		}
		if other.phase == underway {
			it.later = append(it.later, v)
			continue
		}
		if err := im.save(other); err != nil {
			return err
		}
		it.failed = it.failed || other.failed
	}
	return nil
}

// stored is the record that has the key; nil when there is none yet.
func (im *importer) stored(it *item) (kind.Record, error) {
	if it.key == "" {
		return nil, nil
	}
	r, err := im.a.Get(im.ctx, it.k, it.key)
	if kind.CodeOf(err) == kind.NotFound {
		return nil, nil
	}
	if err != nil {
		return nil, im.fail(it, err)
	}
	if r.GetBase().DeletedAt.IsZero() {
		return r, nil
	}
	it.what = changed
	if err := im.a.Restore(im.ctx, it.k, r.GetBase().ID); err != nil {
		return nil, im.fail(it, err)
	}
	return im.a.Get(im.ctx, it.k, r.GetBase().ID)
}

func (im *importer) write(it *item, stored kind.Record) error {
	r := stored
	if stored == nil {
		r = it.k.New()
		r.GetBase().Key = it.key
		it.what = created
	}
	before := r.GetBase().Version
	state, err := im.fill(it, r)
	if err != nil {
		return err
	}
	if err := it.empty(it.clears, r); err != nil {
		return err
	}
	if im.actor.Machine && r.GetBase().Origin == "" {
		r.GetBase().Origin = "import"
	}
	if err := im.a.SaveBecause(im.ctx, r, im.opts.Reason); err != nil {
		return err
	}
	it.id, it.key = r.GetBase().ID, r.GetBase().Key
	if r, err = im.walk(it, r, state); err != nil {
		return err
	}
	it.what = cmp.Or(it.what, changedIf(r.GetBase().Version != before))
	return nil
}

func (it *item) empty(fields []Value, r kind.Record) error {
	for _, v := range fields {
		if err := it.k.Field(v.Field).SetText(r, ""); err != nil {
			return err
		}
	}
	return nil
}

func changedIf(differs bool) string {
	if differs {
		return changed
	}
	return unchanged
}

// fill sets the fields of the document in the record and returns the state that a
// person must reach through actions; empty: none is asked for.
func (im *importer) fill(it *item, r kind.Record) (state string, err error) {
	for _, v := range it.doc.Values {
		f := it.k.Field(v.Field)
		switch {
		case bookkeeping[v.Field], f.Computed && !im.actor.Machine, v.unsaid(it.k, f), slices.ContainsFunc(it.later, v.same):
			continue
		case f.Name == it.k.StateField && !im.actor.Machine:
			scratch := it.k.New()
			err = v.set(it.k, f, scratch, im.opts.Now)
			state = f.Text(scratch)
		default:
			err = im.setField(it, f, v, r)
		}
		if err != nil {
			return "", kind.Fieldf(f.Name, "%s", message(f, err))
		}
	}
	return state, nil
}

func (v Value) same(o Value) bool { return v.Field == o.Field }

// unsaid tells whether an empty cell of a table says nothing: there is no empty
// state, and what is given once cannot be taken away.
func (v Value) unsaid(k *kind.Kind, f *kind.Field) bool {
	return v.cell && v.text == "" && (f.Name == k.StateField || f.Immutable || f.Name == "title")
}

func (im *importer) setField(it *item, f *kind.Field, v Value, r kind.Record) error {
	to := im.target(it, f)
	if to == "" {
		to = refersTo(it.k, f, r)
	}
	if to == "" || v.shape != scalar || v.text == "" {
		return v.set(it.k, f, r, im.opts.Now)
	}
	id, err := im.resolve(to, v.text)
	if err != nil {
		return err
	}
	return f.SetText(r, id)
}

// target is the name of the kind that the document refers to with the field; empty
// for none.
func (im *importer) target(it *item, f *kind.Field) string {
	if f.Name != subjectID {
		return f.Ref
	}
	for _, v := range it.doc.Values {
		if v.Field == subjectKind {
			if k := im.a.Registry().Named(v.text); k != nil {
				return k.Name
			}
		}
	}
	return ""
}

// resolve finds the id of the record that a key names.
func (im *importer) resolve(kindName, key string) (string, error) {
	k, err := im.a.Registry().Find(kindName)
	if err != nil {
		return "", err
	}
	if it := im.named[nameOf(k.Name, key)]; it != nil && it.id != "" {
		return it.id, nil
	}
	name := nameOf(k.Name, key)
	if id := im.ids[name]; id != "" {
		return id, nil
	}
	r, err := im.a.Get(im.ctx, k, key)
	if err != nil {
		return "", err
	}
	im.ids[name] = r.GetBase().ID
	return r.GetBase().ID, nil
}

// walk takes the record to the state by the shortest way of actions, and then says
// once more what the document says, because actions set fields too.
func (im *importer) walk(it *item, r kind.Record, state string) (kind.Record, error) {
	if state == "" || state == it.k.State(r) {
		return r, nil
	}
	way, ok := Way(it.k, it.k.State(r), state)
	if !ok {
		return nil, kind.Fieldf(it.k.StateField, "no actions lead from %s to %s", it.k.State(r), state)
	}
	for _, action := range way {
		var err error
		r, err = im.a.Do(im.ctx, it.k, it.id, action, 0, kind.Input{Reason: cmp.Or(im.opts.Reason, "imported from "+it.doc.At.File)})
		if err != nil {
			return nil, err
		}
	}
	if _, err := im.fill(it, r); err != nil {
		return nil, err
	}
	if err := it.empty(it.finals, r); err != nil {
		return nil, err
	}
	return r, im.a.SaveBecause(im.ctx, r, im.opts.Reason)
}

// Way is the shortest sequence of actions that leads from one state to another; of
// equally short ones the first in the order of the description.
func Way(k *kind.Kind, from, to string) ([]string, bool) {
	type step struct {
		state string
		way   []string
	}
	seen := map[string]bool{from: true}
	for queue := []step{{from, nil}}; len(queue) > 0; queue = queue[1:] {
		at := queue[0]
		if at.state == to {
			return at.way, true
		}
		for _, a := range k.Actions {
			if a.To == "" || seen[a.To] || len(a.From) > 0 && !slices.Contains(a.From, at.state) {
				continue
			}
			seen[a.To] = true
			queue = append(queue, step{a.To, append(slices.Clone(at.way), a.Name)})
		}
	}
	return nil, false
}

// saveLater sets the references that went in a circle.
func (im *importer) saveLater(it *item) error {
	if it.later == nil || it.failed {
		return nil
	}
	r, err := im.a.Get(im.ctx, it.k, it.id)
	if err != nil {
		return im.fail(it, err)
	}
	before := r.GetBase().Version
	for _, v := range it.later {
		f := it.k.Field(v.Field)
		if err := im.setField(it, f, v, r); err != nil {
			return im.fail(it, kind.Fieldf(f.Name, "%s", message(f, err)))
		}
	}
	if err := im.a.SaveBecause(im.ctx, r, im.opts.Reason); err != nil {
		return im.fail(it, err)
	}
	if it.what == unchanged {
		it.what = changedIf(r.GetBase().Version != before)
	}
	return nil
}

// link makes the links that the document names. Links it does not name stay.
func (im *importer) link(it *item) error {
	if it.failed {
		return nil
	}
	for _, l := range it.doc.Links {
		rel, err := im.a.Relation(it.k, l.Relation)
		if err != nil {
			return err
		}
		if other := im.named[nameOf(rel.Other.Name, l.Key)]; other != nil && other.failed {
			continue // that it could not be saved is told already
		}
		other, err := im.resolve(rel.Other.Name, l.Key)
		if kind.CodeOf(err) == kind.NotFound {
			im.bad.add(l.At, "%s: %v", l.Relation, err)
			continue
		}
		if err == nil {
			err = im.a.Link(im.ctx, it.k, it.id, l.Relation, other)
		}
		if err != nil {
			return im.fail(it, err)
		}
		im.links++
	}
	return nil
}

package port

import (
	"slices"
	"time"

	"holdfast/kind"
)

// links compares the links that the document names with those that are there.
func (p *planner) links(it *item, e *errand, have *stored, whole bool) error {
	wanted := map[string][]string{}
	for _, l := range it.doc.Links {
		wanted[l.Relation] = append(wanted[l.Relation], l.Key)
	}
	e.doc.Links = nil
	for _, rel := range p.a.Registry().Relations(it.k) {
		there, err := p.linked(have, rel, wanted[rel.Name])
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, key := range wanted[rel.Name] {
			if !slices.Contains(there, key) && !seen[key] {
				e.Linked = append(e.Linked, LinkChange{rel.Name, rel.Other.Name, key})
				e.doc.Links = append(e.doc.Links, it.doc.link(rel.Name, key))
			}
			seen[key] = true
		}
		for _, key := range have.tree[rel.Name] {
			if whole && !seen[key] {
				e.Unlinked = append(e.Unlinked, LinkChange{rel.Name, rel.Other.Name, key})
			}
		}
	}
	return nil
}

func (d *Doc) link(relation, key string) Link {
	i := slices.IndexFunc(d.Links, func(l Link) bool { return l.Relation == relation && l.Key == key })
	return d.Links[i]
}

// linked are the keys at the far end of a relation. Rows know those that start at the
// record; the others are looked up when a document names some.
func (p *planner) linked(have *stored, rel kind.Relation, wanted []string) ([]string, error) {
	if rel.Forward {
		return have.wide.links[rel.Name], nil
	}
	id := have.wide.Record.GetBase().ID
	if len(wanted) == 0 || id == "" {
		return nil, nil
	}
	found, err := p.a.LinkedIDs(p.ctx, rel, []string{id})
	if err == nil {
		err = p.src.learn(rel.Other, found[id])
	}
	var keys []string
	for _, other := range found[id] {
		keys = append(keys, p.src.known[other].key)
	}
	return keys, err
}

// dropped plans records that the folder held once and holds no more.
func (p *planner) dropped(k *kind.Kind, keys []string) error {
	found, err := p.load(k, keys)
	if err != nil {
		return err
	}
	for _, key := range keys {
		have := found[key]
		if have == nil || !have.held {
			continue
		}
		b := have.wide.Record.GetBase()
		if !p.opts.Prune {
			p.plan.Dropped = append(p.plan.Dropped, Named{k.Name, key, b.Title, "is no longer in the folder"})
			continue
		}
		e := &errand{k: k, id: b.ID, Change: Change{Kind: k.Name, Key: key, Title: b.Title, What: Remove}}
		if have.hash != p.folder.Lock[nameOf(k.Name, key)] {
			why := "changed in the database since this folder was in step with it; last saved by " + b.UpdatedBy + " at " + b.UpdatedAt.UTC().Format(time.DateTime) + " UTC"
			if p.opts.forced(k) {
				e.Forced = why
			} else {
				e.Conflict = why
			}
		}
		p.work = append(p.work, e)
	}
	return nil
}

// docHash is the hash of what a document says: equal to that of the record when it
// was written by an export and nobody edited it.
func docHash(it *item, now time.Time) string {
	r := Row{Kind: it.k, Record: it.k.New(), links: map[string][]string{}}
	for _, v := range it.doc.Values {
		f := it.k.Field(v.Field)
		if bookkeeping[v.Field] || f != nil && f.Computed {
			continue
		}
		if f == nil || f.Hidden || v.set(it.k, f, r.Record, now) != nil {
			return ""
		}
	}
	for _, l := range it.doc.Links {
		r.links[l.Relation] = append(r.links[l.Relation], l.Key)
	}
	for _, keys := range r.links {
		slices.Sort(keys)
	}
	return r.hash()
}

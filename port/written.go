package port

import (
	"context"
	"slices"

	"holdfast/kind"
)

// The rule of what a tree holds. It is what people decided and described:
//
//   - every record that a person, an import or the catalogue made,
//   - and what an engine proposed once somebody has taken it on: an asset that it
//     met, a risk or treatment that has left its first state.
//
// It leaves out what the product knows better than any file:
//
//   - fields that the product computes, and times and versions,
//   - what engines found and proposed: findings, weaknesses, evidence, drafts,
//   - what happened and only grows: alerts, measurements, acknowledgements,
//     comments, restore points (the journal and sessions are no records at all),
//   - what means something only in this installation: tokens, passkeys, saved views,
//     attached files, the workspace itself,
//   - and what cannot stand without one of these.
//
// A record that is left out is not named by others either.

// keptHere are kinds that mean something only in this installation: they hold
// secrets, or are the workspace itself.
var keptHere = map[string]bool{"api_token": true, "passkey": true, "workspace": true}

// happened are kinds that only grow, or whose substance is not in the record.
var happened = map[string]bool{
	"acknowledgement": true, "alert": true, "attachment": true, "comment": true, "measurement": true, "restore_point": true, "saved_view": true,
}

// takenOn are kinds that engines propose and people go on with. True: only once
// the record has left its first state.
var takenOn = map[string]bool{"asset": false, "risk": true, "treatment": true}

// holds tells whether a tree holds the record, as far as can be seen of itself.
func holds(k *kind.Kind, r kind.Record) bool {
	if happened[k.Name] {
		return false
	}
	if f := k.Field("engine"); f != nil && !f.IsZero(r) {
		return false
	}
	if r.GetBase().Origin != "engine" {
		return true
	}
	later, ok := takenOn[k.Name]
	return ok && !(later && k.State(r) == k.States()[0])
}

// A verdict is what a tree must know of a record that others name.
type verdict struct {
	key  string // empty: the actor may not read it, or it means something only here
	held bool   // the tree holds it
	root string // key of the topmost record that it belongs to; its own when it belongs to none
}

// shown tells whether rows name the record; wide: whatever the actor may read.
func (v verdict) shown(wide bool) bool { return v.held || wide && v.key != "" }

// A source reads records for a tree, or, wide, whatever the actor may read.
type source struct {
	ctx   context.Context
	a     App
	known map[string]verdict
}

func newSource(ctx context.Context, a App) *source {
	return &source{ctx: ctx, a: a, known: map[string]verdict{}}
}

// each calls do for every record.
func (s *source) each(k *kind.Kind, q kind.Query, wide bool, do func(Row) error) error {
	var page []kind.Record
	flush := func() error {
		rows, err := s.rows(k, page, wide)
		page = page[:0]
		for _, r := range rows {
			if err == nil {
				err = do(r)
			}
		}
		return err
	}
	err := s.a.All(s.ctx, k, q, func(r kind.Record) error {
		if page = append(page, r); len(page) < batch {
			return nil
		}
		return flush()
	})
	if err != nil {
		return err
	}
	return flush()
}

// rows makes rows of the records, with keys and links; not wide: of those that the
// tree holds.
func (s *source) rows(k *kind.Kind, page []kind.Record, wide bool) ([]Row, error) {
	if err := s.learnOf(k, page, false); err != nil {
		return nil, err
	}
	var rows []Row
	var ids []string
	for _, r := range page {
		v := s.judge(k, r)
		s.known[r.GetBase().ID] = v
		if v.shown(wide) {
			rows = append(rows, Row{Kind: k, Record: r, keys: s.keysOf(k, r, wide), links: map[string][]string{}, tree: !wide})
			ids = append(ids, r.GetBase().ID)
		}
	}
	return rows, s.linkRows(k, rows, ids, wide)
}

func (s *source) linkRows(k *kind.Kind, rows []Row, ids []string, wide bool) error {
	if len(ids) == 0 {
		return nil
	}
	for _, rel := range s.a.Registry().Relations(k) {
		if !rel.Forward || keptHere[rel.Other.Name] || happened[rel.Other.Name] && !wide {
			continue
		}
		found, err := s.a.LinkedIDs(s.ctx, rel, ids)
		if kind.CodeOf(err) == kind.Forbidden {
			continue
		}
		if err != nil {
			return err
		}
		var others []string
		for _, id := range ids {
			others = append(others, found[id]...)
		}
		if err := s.learn(rel.Other, others); err != nil {
			return err
		}
		for i, id := range ids {
			for _, other := range found[id] {
				if v := s.known[other]; v.shown(wide) {
					rows[i].links[rel.Name] = append(rows[i].links[rel.Name], v.key)
				}
			}
			slices.Sort(rows[i].links[rel.Name])
		}
	}
	return nil
}

// keysOf are the keys of what the record refers to, by id.
func (s *source) keysOf(k *kind.Kind, r kind.Record, wide bool) map[string]string {
	keys := map[string]string{}
	for _, f := range k.Fields {
		if refersTo(k, f, r) == "" || f.IsZero(r) {
			continue
		}
		if v := s.known[f.Text(r)]; v.shown(wide) {
			keys[f.Text(r)] = v.key
		}
	}
	return keys
}

// judge needs what the record must refer to and its parent to be known.
func (s *source) judge(k *kind.Kind, r kind.Record) verdict {
	b := r.GetBase()
	v := verdict{key: b.Key, root: b.Key, held: b.DeletedAt.IsZero() && holds(k, r)}
	for _, f := range k.Fields {
		if refersTo(k, f, r) == "" || f.IsZero(r) {
			continue
		}
		other := s.known[f.Text(r)]
		if f.Required && !other.held {
			v.held = false
		}
		if f.Name == k.ParentField && other.root != "" {
			v.root = other.root
		}
	}
	return v
}

// learnOf finds out about what the records refer to; only: required references and
// parents, which is what a verdict takes.
func (s *source) learnOf(k *kind.Kind, page []kind.Record, only bool) error {
	ids := map[string][]string{}
	for _, f := range k.Fields {
		if only && !f.Required && f.Name != k.ParentField {
			continue
		}
		for _, r := range page {
			if to := refersTo(k, f, r); to != "" && !f.IsZero(r) {
				ids[to] = append(ids[to], f.Text(r))
			}
		}
	}
	for _, name := range sortedKeys(ids) {
		if other := s.a.Registry().Named(name); other != nil {
			if err := s.learn(other, ids[name]); err != nil {
				return err
			}
		}
	}
	return nil
}

// learn finds out about the records with the ids.
func (s *source) learn(k *kind.Kind, ids []string) error {
	if keptHere[k.Name] {
		return nil
	}
	var fresh []string
	for _, id := range ids {
		if _, ok := s.known[id]; !ok {
			s.known[id] = verdict{} // also ends circles
			fresh = append(fresh, id)
		}
	}
	found, err := s.a.Many(s.ctx, k, fresh)
	if kind.CodeOf(err) == kind.Forbidden {
		return nil
	}
	if err != nil {
		return err
	}
	list := make([]kind.Record, 0, len(found))
	for _, id := range fresh {
		if r := found[id]; r != nil {
			list = append(list, r)
		}
	}
	if err := s.learnOf(k, list, true); err != nil {
		return err
	}
	for _, r := range list {
		s.known[r.GetBase().ID] = s.judge(k, r)
	}
	return nil
}

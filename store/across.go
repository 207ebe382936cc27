package store

import (
	"context"
	"database/sql"

	"holdfast/kind"
)

// An Owned is a record with the workspace it lies in.
type Owned struct {
	Workspace string
	Record    kind.Record
}

// Across finds records in all workspaces whose column has the value. It exists for
// signing in, where nobody is known yet, and for nothing else.
func (s *Store) Across(ctx context.Context, k *kind.Kind, field, value string) ([]Owned, error) {
	if !storable(value) {
		return nil, nil
	}
	f := k.Field(field)
	t := &Tx{ctx: ctx, q: s.read, s: s}
	rows, err := t.query("SELECT workspace_id, "+quote("id")+" FROM "+table(k)+" WHERE "+quote(f.Name)+" = ? AND deleted_at = '' ORDER BY workspace_id", value)
	if err != nil {
		return nil, explain(err)
	}
	return t.owned(k, rows)
}

// owned reads the records that rows of workspace and id name.
func (t *Tx) owned(k *kind.Kind, rows *sql.Rows) ([]Owned, error) {
	found, err := scanPairs(rows)
	if err != nil {
		return nil, explain(err)
	}
	var list []Owned
	for _, p := range found {
		t.workspace = p[0]
		r, err := t.Get(k, p[1])
		if err != nil {
			return nil, explain(err)
		}
		list = append(list, Owned{p[0], r})
	}
	return list, nil
}

func scanPairs(rows *sql.Rows) ([][2]string, error) {
	defer rows.Close()
	var list [][2]string
	for rows.Next() {
		var p [2]string
		if err := rows.Scan(&p[0], &p[1]); err != nil {
			return nil, err
		}
		list = append(list, p)
	}
	return list, rows.Err()
}

// Workspaces lists the workspaces of the installation: each holds one record of
// the kind workspace, whose id is its own.
func (s *Store) Workspaces(ctx context.Context) ([]Owned, error) {
	k := s.reg.Named("workspace")
	t := &Tx{ctx: ctx, q: s.read, s: s}
	rows, err := t.query("SELECT workspace_id, " + quote("id") + " FROM " + table(k) + " WHERE deleted_at = '' ORDER BY LOWER(" + quote("title") + "), workspace_id")
	if err != nil {
		return nil, explain(err)
	}
	return t.owned(k, rows)
}

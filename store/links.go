package store

import (
	"database/sql"
	"time"

	"holdfast/kind"
)

// Link joins two records. It tells whether the link is new.
func (t *Tx) Link(rel kind.Relation, fromID, toID string, at time.Time) (bool, error) {
	if !rel.Forward {
		fromID, toID = toID, fromID
	}
	n, err := t.exec(`INSERT INTO links (workspace_id, from_kind, from_id, name, to_kind, to_id, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO NOTHING`, t.workspace, rel.From.Name, fromID, rel.Declared, rel.To.Name, toID, kind.FormatTime(at))
	return n > 0, err
}

// Unlink ends a link. It tells whether there was one.
func (t *Tx) Unlink(rel kind.Relation, fromID, toID string) (bool, error) {
	if !rel.Forward {
		fromID, toID = toID, fromID
	}
	n, err := t.exec("DELETE FROM links WHERE workspace_id = ? AND from_kind = ? AND from_id = ? AND name = ? AND to_id = ?",
		t.workspace, rel.From.Name, fromID, rel.Declared, toID)
	return n > 0, err
}

// Linked lists the ids at the far end of a relation.
func (t *Tx) Linked(rel kind.Relation, id string) ([]string, error) {
	text := "SELECT to_id FROM links WHERE workspace_id = ? AND from_kind = ? AND name = ? AND from_id = ? ORDER BY created_at, to_id"
	if !rel.Forward {
		text = "SELECT from_id FROM links WHERE workspace_id = ? AND from_kind = ? AND name = ? AND to_id = ? ORDER BY created_at, from_id"
	}
	var ids []string
	err := t.each(func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, text, t.workspace, rel.From.Name, rel.Declared, id)
	return ids, err
}

// LinkedOf lists the ids at the far end of a relation for many records, by the id at
// the near end.
func (t *Tx) LinkedOf(rel kind.Relation, ids []string) (map[string][]string, error) {
	near, far := "from_id", "to_id"
	if !rel.Forward {
		near, far = far, near
	}
	found := map[string][]string{}
	const most = 500 // parameters in one statement
	for len(ids) > 0 {
		n := min(most, len(ids))
		err := t.each(func(rows *sql.Rows) error {
			var id, other string
			err := rows.Scan(&id, &other)
			found[id] = append(found[id], other)
			return err
		}, "SELECT "+near+", "+far+" FROM links WHERE workspace_id = ? AND from_kind = ? AND name = ? AND "+near+" IN ("+marks(n)+") ORDER BY 1, 2",
			append([]any{t.workspace, rel.From.Name, rel.Declared}, anys(ids[:n])...)...)
		if err != nil {
			return nil, err
		}
		ids = ids[n:]
	}
	return found, nil
}

// A Pair is one link, as a whole list of them is read.
type Pair struct{ From, To string }

// Pairs lists all links of a declared name that start at a kind.
func (t *Tx) Pairs(from *kind.Kind, name string) ([]Pair, error) {
	var pairs []Pair
	err := t.each(func(rows *sql.Rows) error {
		var p Pair
		err := rows.Scan(&p.From, &p.To)
		pairs = append(pairs, p)
		return err
	}, "SELECT from_id, to_id FROM links WHERE workspace_id = ? AND from_kind = ? AND name = ? ORDER BY from_id, to_id", t.workspace, from.Name, name)
	return pairs, err
}

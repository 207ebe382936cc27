package store

import "database/sql"

// A Handover is what one process of an installation hands to another through the database.
type Handover struct {
	ID   string // sorts by time
	Body string // JSON that both understand
}

// HandOver leaves something for whoever takes it, in the transaction of what it came from.
func (t *Tx) HandOver(h Handover) error {
	_, err := t.exec("INSERT INTO handover (workspace_id, id, body) VALUES (?, ?, ?)", t.workspace, h.ID, h.Body)
	return err
}

// HandedOver lists what waits in the workspace, the oldest first.
func (t *Tx) HandedOver(limit int) ([]Handover, error) {
	var list []Handover
	err := t.each(func(rows *sql.Rows) error {
		var h Handover
		err := rows.Scan(&h.ID, &h.Body)
		list = append(list, h)
		return err
	}, "SELECT id, body FROM handover WHERE workspace_id = ? ORDER BY id LIMIT ?", t.workspace, limit)
	return list, err
}

// Taken removes what was dealt with, in the transaction of what came of it. It tells
// whether it was still there: somebody else may have dealt with it.
func (t *Tx) Taken(id string) (bool, error) {
	n, err := t.exec("DELETE FROM handover WHERE workspace_id = ? AND id = ?", t.workspace, id)
	return n > 0, err
}

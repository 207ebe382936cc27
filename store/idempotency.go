package store

import (
	"database/sql"
	"time"

	"holdfast/kind"
)

// An Answer is what a request was answered, kept so that a repeated request is not
// done twice.
type Answer struct {
	Request string // hash of what was asked
	Status  int
	Body    string
}

// Claim takes the token of a request in the transaction that does it. When the
// token was taken before, it returns the answer of then; first is false. A second
// transaction with the same token waits for the first to end. Tokens older than
// before are forgotten.
func (t *Tx) Claim(token, request string, now, before time.Time) (a Answer, first bool, err error) {
	if _, err := t.exec("DELETE FROM idempotency WHERE workspace_id = ? AND created_at < ?", t.workspace, kind.FormatTime(before)); err != nil {
		return a, false, err
	}
	n, err := t.exec("INSERT INTO idempotency (workspace_id, token, request, status, body, created_at) VALUES (?, ?, ?, 0, '', ?) ON CONFLICT DO NOTHING",
		t.workspace, token, request, kind.FormatTime(now))
	if err != nil || n > 0 {
		return a, n > 0, err
	}
	err = t.each(func(rows *sql.Rows) error { return rows.Scan(&a.Request, &a.Status, &a.Body) },
		"SELECT request, status, body FROM idempotency WHERE workspace_id = ? AND token = ?", t.workspace, token)
	return a, false, err
}

// Answered keeps the answer to a claimed request.
func (t *Tx) Answered(token string, a Answer) error {
	_, err := t.exec("UPDATE idempotency SET status = ?, body = ? WHERE workspace_id = ? AND token = ?", a.Status, a.Body, t.workspace, token)
	return err
}

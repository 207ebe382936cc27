package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"holdfast/journal"
	"holdfast/kind"
)

// Append adds an entry to the chain of the workspace. The head is taken by an
// update first, so that two writers cannot follow the same entry.
func (t *Tx) Append(e journal.Entry) (journal.Entry, error) {
	if err := t.startJournal(); err != nil {
		return e, err
	}
	var seq int64
	var hash string
	if _, err := t.one([]any{&seq, &hash}, "UPDATE journal_head SET seq = seq + 1 WHERE workspace_id = ? RETURNING seq, hash", t.workspace); err != nil {
		return e, err
	}
	e.Workspace = t.workspace
	e = e.Seal(seq-1, hash)
	changes, err := json.Marshal(e.Changes)
	if err != nil {
		return e, fmt.Errorf("journal: %w", err)
	}
	_, err = t.exec(`INSERT INTO journal (workspace_id, seq, at, actor_id, actor, via, verb, kind, record_id, title, version, reason, changes, prev, hash)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, e.Workspace, e.Seq, kind.FormatTime(e.At), e.ActorID, e.Actor, e.Via, e.Verb,
		e.Kind, e.RecordID, e.Title, e.Version, e.Reason, string(changes), e.Prev, e.Hash)
	if err != nil {
		return e, err
	}
	_, err = t.exec("UPDATE journal_head SET hash = ?, at = ? WHERE workspace_id = ?", e.Hash, kind.FormatTime(e.At), t.workspace)
	return e, err
}

// startJournal makes the head of the chain of the workspace, if there is none.
func (t *Tx) startJournal() error {
	_, err := t.exec("INSERT INTO journal_head (workspace_id, seq, hash, at) VALUES (?, 0, '', '') ON CONFLICT DO NOTHING", t.workspace)
	return err
}

const entryColumns = "workspace_id, seq, at, actor_id, actor, via, verb, kind, record_id, title, version, reason, changes, prev, hash"

func scanEntry(rows *sql.Rows) (journal.Entry, error) {
	var e journal.Entry
	var at, changes string
	err := rows.Scan(&e.Workspace, &e.Seq, &at, &e.ActorID, &e.Actor, &e.Via, &e.Verb, &e.Kind, &e.RecordID, &e.Title, &e.Version, &e.Reason, &changes, &e.Prev, &e.Hash)
	if err != nil {
		return e, err
	}
	if e.At, err = kind.ParseTime(at); err != nil {
		return e, err
	}
	return e, json.Unmarshal([]byte(changes), &e.Changes)
}

// History lists the entries about one record, newest first; about the whole
// workspace when the id is empty. before 0 starts at the newest.
func (t *Tx) History(recordID string, before int64, limit int) ([]journal.Entry, error) {
	where, args := "workspace_id = ?", []any{t.workspace}
	if recordID != "" {
		where, args = where+" AND record_id = ?", append(args, recordID)
	}
	if before > 0 {
		where, args = where+" AND seq < ?", append(args, before)
	}
	var list []journal.Entry
	err := t.each(func(rows *sql.Rows) error {
		e, err := scanEntry(rows)
		list = append(list, e)
		return err
	}, "SELECT "+entryColumns+" FROM journal WHERE "+where+" ORDER BY seq DESC LIMIT ?", append(args, limit)...)
	return list, err
}

// HistorySince lists the entries about records of a kind from a moment on, newest first.
func (t *Tx) HistorySince(k *kind.Kind, from time.Time, limit int) ([]journal.Entry, error) {
	var list []journal.Entry
	err := t.each(func(rows *sql.Rows) error {
		e, err := scanEntry(rows)
		list = append(list, e)
		return err
	}, "SELECT "+entryColumns+" FROM journal WHERE workspace_id = ? AND kind = ? AND at >= ? ORDER BY seq DESC LIMIT ?", t.workspace, k.Name, kind.FormatTime(from), limit)
	return list, err
}

// Head is the end of the chain of the workspace.
func (t *Tx) Head() (journal.Head, error) {
	h := journal.Head{Workspace: t.workspace}
	var at string
	found, err := t.one([]any{&h.Seq, &h.Hash, &at}, "SELECT seq, hash, at FROM journal_head WHERE workspace_id = ?", t.workspace)
	if err != nil || !found {
		return h, err
	}
	h.At, err = kind.ParseTime(at)
	return h, err
}

// LastOf is the number of the last journal entry about records of the kind; 0 when
// there is none.
func (t *Tx) LastOf(k *kind.Kind) (seq int64, err error) {
	_, err = t.one([]any{&seq}, "SELECT COALESCE(MAX(seq), 0) FROM journal WHERE workspace_id = ? AND kind = ?", t.workspace, k.Name)
	return seq, err
}

// VerifyJournals checks the chain of every workspace against its anchors and
// returns where each ends. tell, if not nil, hears of progress.
func (s *Store) VerifyJournals(ctx context.Context, anchors []journal.Head, tell func(workspace string, seq int64)) ([]journal.Head, error) {
	ids, err := s.workspacesWithJournal(ctx)
	if err != nil {
		return nil, explain(err)
	}
	var heads []journal.Head
	for _, id := range ids {
		head, err := s.verifyOne(ctx, id, anchors, tell)
		if err != nil {
			return heads, fmt.Errorf("workspace %s: %w", id, err)
		}
		heads = append(heads, head)
	}
	for _, a := range anchors {
		if !contains(ids, a.Workspace) {
			return heads, fmt.Errorf("workspace %s: an anchor was written down, but its journal is gone", a.Workspace)
		}
	}
	return heads, nil
}

func contains(list []string, s string) bool {
	for _, v := range list {
		if v == s {
			return true
		}
	}
	return false
}

func (s *Store) workspacesWithJournal(ctx context.Context) ([]string, error) {
	t := &Tx{ctx: ctx, q: s.read, s: s}
	var ids []string
	err := t.each(func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	}, "SELECT DISTINCT workspace_id FROM journal UNION SELECT workspace_id FROM journal_head ORDER BY 1")
	return ids, err
}

func (s *Store) verifyOne(ctx context.Context, workspace string, anchors []journal.Head, tell func(string, int64)) (end journal.Head, err error) {
	err = s.inSnapshot(ctx, workspace, func(t *Tx) error {
		v := journal.NewVerifier(workspace, anchors)
		err := t.each(func(rows *sql.Rows) error {
			e, err := scanEntry(rows)
			if err != nil {
				return err
			}
			if tell != nil && e.Seq%1000 == 0 {
				tell(workspace, e.Seq)
			}
			return v.Add(e)
		}, "SELECT "+entryColumns+" FROM journal WHERE workspace_id = ? ORDER BY seq", workspace)
		if err != nil {
			return err
		}
		head, err := t.Head()
		if err != nil {
			return err
		}
		end, err = v.Close(head)
		return err
	})
	return end, err
}

// Heads lists where the journal of every workspace ends.
func (s *Store) Heads(ctx context.Context) ([]journal.Head, error) {
	ids, err := s.workspacesWithJournal(ctx)
	if err != nil {
		return nil, explain(err)
	}
	var heads []journal.Head
	for _, id := range ids {
		h, err := (&Tx{ctx: ctx, q: s.read, s: s, workspace: id}).Head()
		if err != nil {
			return nil, explain(err)
		}
		heads = append(heads, h)
	}
	return heads, nil
}

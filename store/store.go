// Package store keeps records in SQLite or PostgreSQL. It is the only package with
// SQL. One text serves both databases, with bound parameters only; the exceptions
// are named in dialect.go. The workspace comes from the actor in the context and
// is added to every statement here, so no caller can reach another one.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"holdfast/access"
	"holdfast/kind"
)

// A Store is an open database.
type Store struct {
	reg   *kind.Registry
	d     dialect
	write *sql.DB // SQLite: one connection, so that writers queue instead of failing
	read  *sql.DB
}

// Open opens the database and brings its tables up to date. The source is the
// path of a SQLite file, which is created, or a postgres:// URL.
func Open(ctx context.Context, source string, reg *kind.Registry) (*Store, error) {
	s, err := connect(source, reg)
	if err != nil {
		return nil, err
	}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func connect(source string, reg *kind.Registry) (*Store, error) {
	if strings.HasPrefix(source, "postgres://") || strings.HasPrefix(source, "postgresql://") {
		return openPostgres(source, reg)
	}
	return openSQLite(source, reg)
}

// Close ends all work with the database.
func (s *Store) Close() error {
	if s.read == s.write {
		return s.write.Close()
	}
	return errors.Join(s.read.Close(), s.write.Close())
}

// Dialect is "sqlite" or "postgres".
func (s *Store) Dialect() string { return s.d.name }

// Registry is the list of kinds that the store keeps.
func (s *Store) Registry() *kind.Registry { return s.reg }

// Ping tells whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.read.PingContext(ctx) }

// A Tx reads or writes in one transaction. It belongs to one goroutine.
type Tx struct {
	ctx       context.Context
	q         querier
	s         *Store
	workspace string
	writable  bool
}

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Update runs do in a transaction that is committed when do returns nil and
// undone otherwise. When Update returns nil, the change is on disk.
func (s *Store) Update(ctx context.Context, do func(*Tx) error) error {
	actor, err := access.From(ctx)
	if err != nil {
		return err
	}
	return s.update(ctx, actor.Workspace, do)
}

// update retries a transaction that PostgreSQL asked to repeat; SQLite never does,
// because its writers hold the lock from the start.
func (s *Store) update(ctx context.Context, workspace string, do func(*Tx) error) error {
	const attempts = 5
	var err error
	for range attempts {
		if err = s.updateOnce(ctx, workspace, do); err == nil || !s.d.again(err) {
			return explain(err)
		}
	}
	return explain(err)
}

func (s *Store) updateOnce(ctx context.Context, workspace string, do func(*Tx) error) error {
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	t := &Tx{ctx, tx, s, workspace, true}
	if err := t.queue(); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	if err := do(t); err != nil {
		return errors.Join(err, ignoreDone(tx.Rollback()))
	}
	return tx.Commit()
}

// queue lets the writers of a workspace wait for each other, as SQLite does by
// itself: what one reads before it writes then holds until it has written. They
// would meet at the head of the journal anyhow.
func (t *Tx) queue() error {
	if t.s.d.name != "postgres" || t.workspace == "" {
		return nil
	}
	const lock = "SELECT seq FROM journal_head WHERE workspace_id = ? FOR UPDATE"
	var seq int64
	found, err := t.one([]any{&seq}, lock, t.workspace)
	if err != nil || found {
		return err
	}
	if err := t.startJournal(); err != nil {
		return err
	}
	_, err = t.one([]any{&seq}, lock, t.workspace)
	return err
}

func ignoreDone(err error) error {
	if errors.Is(err, sql.ErrTxDone) {
		return nil
	}
	return err
}

// View runs do over a reading connection.
func (s *Store) View(ctx context.Context, do func(*Tx) error) error {
	actor, err := access.From(ctx)
	if err != nil {
		return err
	}
	return explain(do(&Tx{ctx, s.read, s, actor.Workspace, false}))
}

// explain gives errors of the database a code and a sentence.
func explain(err error) error {
	var known *kind.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	text := err.Error()
	switch {
	case strings.Contains(text, "FOREIGN KEY") || strings.Contains(text, "foreign key"):
		return kind.Errorf(kind.Invalid, "it refers to a record that does not exist in this workspace: %w", err)
	case strings.Contains(text, "UNIQUE") || strings.Contains(text, "duplicate key"):
		return kind.Errorf(kind.Conflict, "a record with this key exists already: %w", err)
	case strings.Contains(text, "invalid byte sequence"):
		return kind.Errorf(kind.Invalid, "it contains a zero byte or broken text encoding: %w", err)
	case strings.Contains(text, "disk is full") || strings.Contains(text, "No space left"):
		return kind.Errorf(kind.Unavailable, "the disk is full; nothing was changed: %w", err)
	}
	return kind.Errorf(kind.Internal, "database: %w", err)
}

// query runs a statement whose parameters are written as "?".
func (t *Tx) query(text string, args ...any) (*sql.Rows, error) {
	return t.q.QueryContext(t.ctx, t.s.d.bind(text), args...)
}

func (t *Tx) exec(text string, args ...any) (int64, error) {
	if !t.writable {
		return 0, fmt.Errorf("a write in a reading transaction: %s", text)
	}
	res, err := t.q.ExecContext(t.ctx, t.s.d.bind(text), args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// one scans the only row of a statement; found is false when there is none.
func (t *Tx) one(dest []any, text string, args ...any) (found bool, err error) {
	rows, err := t.query(text, args...)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	if !rows.Next() {
		return false, rows.Err()
	}
	if err := rows.Scan(dest...); err != nil {
		return false, err
	}
	return true, rows.Close()
}

// each calls scan for every row.
func (t *Tx) each(scan func(*sql.Rows) error, text string, args ...any) error {
	rows, err := t.query(text, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Analyse lets the database learn how its tables are filled, so that it chooses
// indexes well. The server calls it after much has changed.
func (s *Store) Analyse(ctx context.Context) error {
	text := "ANALYZE"
	if s.d.name == "postgres" {
		text = "VACUUM (ANALYZE)" // also lets counts read indexes alone
	}
	_, err := s.write.ExecContext(ctx, text)
	return explain(err)
}

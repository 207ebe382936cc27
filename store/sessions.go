package store

import (
	"context"
	"encoding/base64"
	"time"

	"holdfast/kind"
)

// Sessions keeps signed-in sessions. It has the methods that alexedwards/scs asks
// of a store; the token it is given is a hash already.
type Sessions struct {
	s   *Store
	now func() time.Time
}

// Sessions returns the keeper of sessions.
func (s *Store) Sessions(now func() time.Time) *Sessions { return &Sessions{s, now} }

// FindCtx returns the data of a session that has not expired.
func (k *Sessions) FindCtx(ctx context.Context, token string) (data []byte, found bool, err error) {
	t := &Tx{ctx: ctx, q: k.s.read, s: k.s}
	var text string
	found, err = t.one([]any{&text}, "SELECT data FROM session WHERE token = ? AND expires > ?", token, kind.FormatTime(k.now()))
	if err != nil || !found {
		return nil, false, explain(err)
	}
	data, err = base64.StdEncoding.DecodeString(text)
	return data, err == nil, err
}

// CommitCtx stores a session and forgets those that have expired.
func (k *Sessions) CommitCtx(ctx context.Context, token string, data []byte, expiry time.Time) error {
	return k.s.update(ctx, "", func(t *Tx) error {
		if _, err := t.exec("DELETE FROM session WHERE expires <= ?", kind.FormatTime(k.now())); err != nil {
			return err
		}
		_, err := t.exec("INSERT INTO session (token, data, expires) VALUES (?, ?, ?) ON CONFLICT (token) DO UPDATE SET data = excluded.data, expires = excluded.expires",
			token, base64.StdEncoding.EncodeToString(data), kind.FormatTime(expiry))
		return err
	})
}

// DeleteCtx ends a session.
func (k *Sessions) DeleteCtx(ctx context.Context, token string) error {
	return k.s.update(ctx, "", func(t *Tx) error {
		_, err := t.exec("DELETE FROM session WHERE token = ?", token)
		return err
	})
}

// Find is FindCtx without a context; so are Commit and Delete.
func (k *Sessions) Find(token string) ([]byte, bool, error) {
	return k.FindCtx(context.Background(), token)
}

// Commit stores a session.
func (k *Sessions) Commit(token string, data []byte, expiry time.Time) error {
	return k.CommitCtx(context.Background(), token, data, expiry)
}

// Delete ends a session.
func (k *Sessions) Delete(token string) error { return k.DeleteCtx(context.Background(), token) }

// AllCtx lists the sessions that have not expired, by token.
func (k *Sessions) AllCtx(ctx context.Context) (map[string][]byte, error) {
	t := &Tx{ctx: ctx, q: k.s.read, s: k.s}
	rows, err := t.query("SELECT token, data FROM session WHERE expires > ?", kind.FormatTime(k.now()))
	if err != nil {
		return nil, explain(err)
	}
	defer rows.Close()
	all := map[string][]byte{}
	for rows.Next() {
		var token, text string
		if err := rows.Scan(&token, &text); err != nil {
			return nil, err
		}
		if all[token], err = base64.StdEncoding.DecodeString(text); err != nil {
			return nil, err
		}
	}
	return all, rows.Err()
}

// Setting reads a setting of the installation; empty when it was never set.
func (s *Store) Setting(ctx context.Context, name string) (string, error) {
	t := &Tx{ctx: ctx, q: s.read, s: s}
	value, err := t.Setting(name)
	return value, explain(err)
}

// Setting reads a setting of the installation as the transaction sees it; empty when it
// was never set.
func (t *Tx) Setting(name string) (value string, err error) {
	_, err = t.one([]any{&value}, "SELECT value FROM setting WHERE name = ?", name)
	return value, err
}

// SetSetting writes a setting of the installation.
func (s *Store) SetSetting(ctx context.Context, name, value string) error {
	return s.update(ctx, "", func(t *Tx) error { return t.SetSetting(name, value) })
}

// SetSetting writes a setting of the installation as part of the transaction: whoever
// notes how far it came keeps the note together with what it did.
func (t *Tx) SetSetting(name, value string) error {
	_, err := t.exec("INSERT INTO setting (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value", name, value)
	return err
}

// Tally adds a stroke to a setting that counts and returns how many there are now.
// Set it to the empty text to begin anew.
func (s *Store) Tally(ctx context.Context, name string) (strokes int, err error) {
	var value string
	err = s.update(ctx, "", func(t *Tx) error {
		_, err := t.one([]any{&value}, "INSERT INTO setting (name, value) VALUES (?, 'x') ON CONFLICT (name) DO UPDATE SET value = setting.value || 'x' RETURNING value", name)
		return err
	})
	return len(value), err
}

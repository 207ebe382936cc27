package store

import (
	"database/sql"
	"fmt"
	"strings"
	"unicode/utf8"

	"holdfast/kind"
)

// Get reads one record by its id or its key. Records in the bin are found too:
// DeletedAt tells.
func (t *Tx) Get(k *kind.Kind, idOrKey string) (kind.Record, error) {
	if !storable(idOrKey) {
		return nil, kind.Errorf(kind.NotFound, "there is no %s %q", strings.ToLower(k.Label), idOrKey)
	}
	list, err := t.records(k, "("+quote("id")+" = ? OR "+quote("key")+" = ?)", "", 2, idOrKey, idOrKey)
	if err != nil {
		return nil, err
	}
	for _, r := range list {
		if r.GetBase().ID == idOrKey || len(list) == 1 {
			return r, nil
		}
	}
	return nil, kind.Errorf(kind.NotFound, "there is no %s %q", strings.ToLower(k.Label), idOrKey)
}

// storable tells whether a text can be compared with stored ones: PostgreSQL
// refuses zero bytes and broken encoding.
func storable(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// Many reads the records with the ids, in no order; ids that do not exist are
// left out. It serves pages that show what a list refers to.
func (t *Tx) Many(k *kind.Kind, ids []string) ([]kind.Record, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	const most = 500 // parameters in one statement
	var all []kind.Record
	for len(ids) > 0 {
		n := min(most, len(ids))
		part, err := t.records(k, quote("id")+" IN ("+marks(n)+")", "", 0, anys(ids[:n])...)
		if err != nil {
			return nil, err
		}
		all, ids = append(all, part...), ids[n:]
	}
	return all, nil
}

func marks(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

func anys[T any](list []T) []any {
	out := make([]any, len(list))
	for i, v := range list {
		out[i] = v
	}
	return out
}

// records runs a select over one kind in the workspace. limit 0 means all.
func (t *Tx) records(k *kind.Kind, where, order string, limit int, args ...any) ([]kind.Record, error) {
	text := "SELECT " + columnList(k) + " FROM " + table(k) + " WHERE workspace_id = ? AND " + where
	if order != "" {
		text += " ORDER BY " + order
	}
	if limit > 0 {
		text += fmt.Sprintf(" LIMIT %d", limit)
	}
	var list []kind.Record
	scan := scanner(k)
	err := t.each(func(rows *sql.Rows) error {
		r, err := scan(rows)
		list = append(list, r)
		return err
	}, text, append([]any{t.workspace}, args...)...)
	return list, err
}

func columnList(k *kind.Kind) string {
	names := make([]string, len(k.Columns()))
	for i, c := range k.Columns() {
		names[i] = quote(c.Name)
	}
	return strings.Join(names, ", ")
}

// scanner returns a function that reads one row into a new record.
func scanner(k *kind.Kind) func(*sql.Rows) (kind.Record, error) {
	cols := k.Columns()
	values := make([]any, len(cols))
	dest := make([]any, len(cols))
	for i := range values {
		dest[i] = &values[i]
	}
	return func(rows *sql.Rows) (kind.Record, error) {
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		r := k.New()
		for i, c := range cols {
			if err := c.Set(r, values[i]); err != nil {
				return nil, fmt.Errorf("%s.%s: %w", k.Name, c.Name, err)
			}
		}
		return r, nil
	}
}

// Insert writes a new record. Its id, key and times are set by the caller.
func (t *Tx) Insert(k *kind.Kind, r kind.Record) error {
	cols := k.Columns()
	args := make([]any, 0, len(cols)+1)
	args = append(args, t.workspace)
	for _, c := range cols {
		args = append(args, c.Value(r))
	}
	_, err := t.exec("INSERT INTO "+table(k)+" (workspace_id, "+columnList(k)+") VALUES ("+marks(len(args))+")", args...)
	if err != nil {
		return err
	}
	return t.index(k, r)
}

// Update writes the record over the stored one if that still has the version
// was. It fails with Conflict when somebody else was faster.
func (t *Tx) Update(k *kind.Kind, r kind.Record, was int64) error {
	var set strings.Builder
	var args []any
	for i, c := range k.Columns() {
		if i > 0 {
			set.WriteString(", ")
		}
		set.WriteString(quote(c.Name) + " = ?")
		args = append(args, c.Value(r))
	}
	n, err := t.exec("UPDATE "+table(k)+" SET "+set.String()+` WHERE workspace_id = ? AND "id" = ? AND "version" = ?`,
		append(args, t.workspace, r.GetBase().ID, was)...)
	if err != nil {
		return err
	}
	if n == 0 {
		return kind.Errorf(kind.Conflict, "somebody else changed this %s in the meantime", strings.ToLower(k.Label))
	}
	return t.index(k, r)
}

// FreeKey returns the wanted key, or the same with the lowest number behind it
// that nobody uses.
func (t *Tx) FreeKey(k *kind.Kind, want string) (string, error) {
	taken := map[string]bool{}
	err := t.each(func(rows *sql.Rows) error {
		var key string
		err := rows.Scan(&key)
		taken[key] = true
		return err
	}, "SELECT "+quote("key")+" FROM "+table(k)+" WHERE workspace_id = ? AND ("+quote("key")+" = ? OR "+quote("key")+" LIKE ? ESCAPE '\\')",
		t.workspace, want, escapeLike(want)+"-%")
	if err != nil || !taken[want] {
		return want, err
	}
	for n := 2; ; n++ {
		if key := fmt.Sprintf("%s-%d", want, n); !taken[key] {
			return key, nil
		}
	}
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

package store

import (
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"holdfast/kind"
)

// A Page is a part of a list.
type Page struct {
	Records []kind.Record
	Next    string // cursor of the page that follows; empty on the last one
	Total   int64  // all that match; -1 when the query did not ask
}

// List returns a page of records. own, when not empty, restricts it to those whose
// owner field holds this person.
func (t *Tx) List(k *kind.Kind, q kind.Query, own string) (Page, error) {
	c, err := t.conditions(k, q, own)
	if err != nil {
		return Page{}, err
	}
	page := Page{Total: -1}
	if q.Count {
		if page.Total, err = t.count(k, c); err != nil {
			return Page{}, err
		}
	}
	return t.fill(k, q, c, page)
}

func (t *Tx) fill(k *kind.Kind, q kind.Query, c conditions, page Page) (Page, error) {
	limit := q.Limit
	if limit <= 0 {
		limit = kind.DefaultLimit
	}
	limit = min(limit, kind.MaxLimit)
	by, down := sortOf(k, q)
	way, cmp := "", ">"
	if down {
		way, cmp = " DESC", "<"
	}
	if q.Cursor != "" {
		cur, err := readCursor(q.Cursor, by)
		if err != nil {
			return Page{}, err
		}
		c.add("("+sortKey(by)+`, "id") `+cmp+" (?, ?)", cur.Value, cur.ID)
	}
	order := sortKey(by) + way + `, "id"` + way
	list, err := t.pageOf(k, c, order, limit+1)
	if err != nil {
		return Page{}, err
	}
	if len(list) > limit {
		list = list[:limit]
		page.Next = writeCursor(by, list[limit-1])
	}
	page.Records = list
	return page, nil
}

// pageOf finds the rows of the page first, by the indexes alone where they hold what
// is asked, and reads only those whole: sorting whole rows costs many times more.
func (t *Tx) pageOf(k *kind.Kind, c conditions, order string, limit int) ([]kind.Record, error) {
	ids := fmt.Sprintf(`SELECT "id" FROM %s WHERE workspace_id = ? AND %s ORDER BY %s LIMIT %d`, table(k), c.text(), order, limit)
	return t.records(k, `"id" IN (`+ids+`)`, order, 0, append([]any{t.workspace}, c.args...)...)
}

// sortOf returns the field to sort by and whether it goes down.
func sortOf(k *kind.Kind, q kind.Query) (*kind.Field, bool) {
	name := q.Sort
	if name == "" {
		name = k.DefaultSort
	}
	return k.Field(strings.TrimPrefix(name, "-")), strings.HasPrefix(name, "-")
}

// A cursor remembers the last row of a page by its place in the order, so that
// rows that come or go do not shift the next page.
type cursor struct {
	By    string `json:"b"`
	Value any    `json:"v"`
	ID    string `json:"i"`
}

func writeCursor(by *kind.Field, r kind.Record) string {
	var value any
	for _, c := range by.Columns() {
		if c.Name == by.SortColumn() {
			value = c.Value(r)
		}
	}
	if s, ok := value.(string); ok && by.Name == "title" {
		value = strings.ToLower(s)
	}
	if value == nil {
		value = ""
	}
	b, _ := json.Marshal(cursor{by.Name, value, r.GetBase().ID}) // text and numbers always marshal
	return base64.RawURLEncoding.EncodeToString(b)
}

func readCursor(text string, by *kind.Field) (cursor, error) {
	bad := kind.Fieldf("page[cursor]", "is not a cursor of this list; start again without it")
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		return cursor{}, bad
	}
	var c cursor
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.UseNumber()
	if err := dec.Decode(&c); err != nil || c.By != by.Name {
		return cursor{}, bad
	}
	if c.Value, err = cursorValue(c.Value, by); err != nil || strings.ContainsRune(c.ID, 0) {
		return cursor{}, bad
	}
	return c, nil
}

// cursorValue makes sure that the value can be compared with the column: a cursor
// comes back from outside.
func cursorValue(v any, by *kind.Field) (any, error) {
	switch v := v.(type) {
	case string:
		if sortsAsNumber[by.Type] || strings.ContainsRune(v, 0) {
			break
		}
		return v, nil
	case json.Number:
		switch {
		case !sortsAsNumber[by.Type]:
		case by.Type == kind.Decimal || by.Type == kind.Span:
			return v.Float64()
		default:
			return v.Int64()
		}
	}
	return nil, fmt.Errorf("not a value of %s", by.Name)
}

var sortsAsNumber = map[kind.Type]bool{
	kind.Number: true, kind.Amount: true, kind.Grade: true, kind.Flag: true, kind.Decimal: true, kind.Span: true,
}

// conditions are parts of a WHERE clause with their parameters.
type conditions struct {
	parts []string
	args  []any
}

func (c *conditions) add(part string, args ...any) {
	c.parts = append(c.parts, part)
	c.args = append(c.args, args...)
}

func (c conditions) text() string { return strings.Join(c.parts, " AND ") }

func (t *Tx) conditions(k *kind.Kind, q kind.Query, own string) (conditions, error) {
	var c conditions
	if err := q.Check(k); err != nil {
		return c, err
	}
	if q.Deleted {
		c.add("deleted_at > ''")
	} else {
		c.add("deleted_at = ''")
	}
	if own != "" {
		c.add(quote(k.OwnerField)+" = ?", own)
	}
	for _, f := range q.Filters {
		if err := t.addFilter(&c, k, f); err != nil {
			return c, err
		}
	}
	if q.Linked != nil {
		t.addLinked(&c, q.Linked)
	}
	if words := strings.TrimSpace(q.Search); words != "" {
		if err := t.addSearch(&c, k, words); err != nil {
			return c, err
		}
	}
	return c, nil
}

func (t *Tx) addLinked(c *conditions, l *kind.LinkedTo) {
	if l.Relation.Forward {
		c.add(`"id" IN (SELECT to_id FROM links WHERE workspace_id = ? AND from_kind = ? AND from_id = ? AND name = ?)`,
			t.workspace, l.Relation.From.Name, l.ID, l.Relation.Declared)
		return
	}
	c.add(`"id" IN (SELECT from_id FROM links WHERE workspace_id = ? AND from_kind = ? AND to_id = ? AND name = ?)`,
		t.workspace, l.Relation.From.Name, l.ID, l.Relation.Declared)
}

func (t *Tx) addFilter(c *conditions, k *kind.Kind, f kind.Filter) error {
	field := k.Field(f.Field)
	col := quote(field.SortColumn())
	switch f.Op {
	case kind.Empty:
		t.addEmpty(c, field, col, f.Values[0] == "true")
		return nil
	case kind.Contains:
		c.add("LOWER("+quote(field.Name)+") LIKE ? ESCAPE '\\'", "%"+escapeLike(strings.ToLower(f.Values[0]))+"%")
		return nil
	}
	if field.Type == kind.WordList {
		t.addWords(c, col, f)
		return nil
	}
	values, err := t.filterValues(k, field, f.Values)
	if err != nil {
		return err
	}
	switch f.Op {
	case kind.Is:
		c.add(col+" IN ("+marks(len(values))+")", values...)
	case kind.Not:
		c.add("("+col+" IS NULL OR "+col+" NOT IN ("+marks(len(values))+"))", values...)
	default:
		c.add(col+" "+map[kind.Op]string{kind.Less: "<", kind.AtMost: "<=", kind.More: ">", kind.AtLeast: ">="}[f.Op]+" ?", values[0])
	}
	return nil
}

func (t *Tx) addEmpty(c *conditions, field *kind.Field, col string, empty bool) {
	blank := map[kind.Type]string{
		kind.Ref: col + " IS NULL", kind.WordList: col + " = '[]'", kind.Number: col + " = 0", kind.Amount: col + " = 0",
		kind.Grade: col + " = 0", kind.Flag: col + " = 0", kind.Decimal: col + " = 0", kind.Span: col + " = 0",
	}[field.Type]
	if blank == "" {
		blank = col + " = ''"
	}
	if !empty {
		blank = "NOT (" + blank + ")"
	}
	c.add(blank)
}

// addWords matches whole entries of a stored list, which is JSON text.
func (t *Tx) addWords(c *conditions, col string, f kind.Filter) {
	var either []string
	var args []any
	for _, v := range f.Values {
		quoted, _ := json.Marshal(v) // strings always marshal
		either = append(either, col+" LIKE ? ESCAPE '\\'")
		args = append(args, "%"+escapeLike(string(quoted))+"%")
	}
	part := "(" + strings.Join(either, " OR ") + ")"
	if f.Op == kind.Not {
		part = "NOT " + part
	}
	c.add(part, args...)
}

// filterValues turns the text of a filter into stored values. A reference may be
// given by the key of the record referred to.
func (t *Tx) filterValues(k *kind.Kind, field *kind.Field, texts []string) ([]any, error) {
	values := make([]any, len(texts))
	for i, text := range texts {
		v, err := field.FilterValue(k, text)
		if err != nil {
			return nil, kind.Fieldf("filter["+field.Name+"]", "%v", err)
		}
		if field.Ref != "" {
			v, err = t.ResolveRef(t.s.reg.Named(field.Ref), text)
			if kind.CodeOf(err) == kind.NotFound {
				v, err = text, nil // matches nothing
			}
			if err != nil {
				return nil, err
			}
		}
		values[i] = v
	}
	return values, nil
}

// ResolveRef returns the id of the record with the id or key.
func (t *Tx) ResolveRef(k *kind.Kind, idOrKey string) (string, error) {
	var id string
	if !storable(idOrKey) {
		return "", kind.Errorf(kind.NotFound, "there is no %s %q", strings.ToLower(k.Label), idOrKey)
	}
	found, err := t.one([]any{&id}, "SELECT "+quote("id")+" FROM "+table(k)+" WHERE workspace_id = ? AND ("+quote("id")+" = ? OR "+quote("key")+" = ?) ORDER BY CASE WHEN "+quote("id")+" = ? THEN 0 ELSE 1 END LIMIT 1",
		t.workspace, idOrKey, idOrKey, idOrKey)
	if err != nil {
		return "", err
	}
	if !found {
		return "", kind.Errorf(kind.NotFound, "there is no %s %q", strings.ToLower(k.Label), idOrKey)
	}
	return id, nil
}

func (t *Tx) count(k *kind.Kind, c conditions) (int64, error) {
	var n int64
	_, err := t.one([]any{&n}, "SELECT COUNT(*) FROM "+table(k)+" WHERE workspace_id = ? AND "+c.text(), append([]any{t.workspace}, c.args...)...)
	return n, err
}

// Count counts all records that match the query.
func (t *Tx) Count(k *kind.Kind, q kind.Query, own string) (int64, error) {
	c, err := t.conditions(k, q, own)
	if err != nil {
		return 0, err
	}
	return t.count(k, c)
}

// A Group is a value of a field and how many records have it.
type Group struct {
	Value string
	Count int64
}

// Groups counts the records that match the query by the value of a field, most
// first, at most limit of them.
func (t *Tx) Groups(k *kind.Kind, q kind.Query, own, field string, limit int) ([]Group, error) {
	f := k.Field(field)
	if f == nil || f.Hidden || f.Type == kind.Span {
		return nil, kind.Fieldf("group", "cannot group by %q", field)
	}
	c, err := t.conditions(k, q, own)
	if err != nil {
		return nil, err
	}
	col := quote(f.Name)
	by := col
	if len(c.parts) > 1 { // without a filter, the index of the column is the shortest way
		by = t.s.d.group(col)
	}
	text := fmt.Sprintf("SELECT %s, COUNT(*) FROM %s WHERE workspace_id = ? AND %s GROUP BY %s ORDER BY 2 DESC, 1 LIMIT %d", col, table(k), c.text(), by, limit)
	var groups []Group
	err = t.each(func(rows *sql.Rows) error {
		var value any
		var g Group
		if err := rows.Scan(&value, &g.Count); err != nil {
			return err
		}
		if value != nil {
			if b, ok := value.([]byte); ok {
				value = string(b)
			}
			g.Value = fmt.Sprint(value)
		}
		groups = append(groups, g)
		return nil
	}, text, append([]any{t.workspace}, c.args...)...)
	return groups, err
}

// Sum adds up a number field over the records that match the query.
func (t *Tx) Sum(k *kind.Kind, q kind.Query, own, field string) (float64, error) {
	f := k.Field(field)
	if f == nil || f.Hidden || !sortsAsNumber[f.Type] {
		return 0, kind.Fieldf("sum", "cannot add up %q", field)
	}
	c, err := t.conditions(k, q, own)
	if err != nil {
		return 0, err
	}
	var sum float64
	_, err = t.one([]any{&sum}, "SELECT CAST(COALESCE(SUM("+quote(f.SortColumn())+"), 0) AS DOUBLE PRECISION) FROM "+table(k)+" WHERE workspace_id = ? AND "+c.text(), append([]any{t.workspace}, c.args...)...)
	if f.Type == kind.Amount {
		sum /= 100
	}
	return sum, err
}

package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"holdfast/kind"
)

// Examine looks for damage that no write of the product can cause: a broken file,
// rows that refer to nothing, a search index that disagrees with the records, a
// schema that is not that of the kinds. It changes nothing.
func (s *Store) Examine(ctx context.Context) ([]Problem, error) {
	x := &examiner{s: s, t: &Tx{ctx: ctx, q: s.read, s: s}}
	for _, look := range []func() error{x.file, x.version, x.schema, x.references, x.linkEnds, x.sightings, x.search} {
		if err := look(); err != nil {
			return x.problems, explain(err)
		}
		if x.broken {
			break // what else a broken file tells is not worth reading
		}
	}
	return x.problems, nil
}

type examiner struct {
	s        *Store
	t        *Tx
	problems []Problem
	broken   bool
}

func (x *examiner) found(workspace, where, what, remedy string) {
	x.problems = append(x.problems, Problem{workspace, where, what, remedy, false})
}

const fromBackup = "stop the server, keep a copy of the data folder, and restore the last backup"

// file asks SQLite whether its pages and indexes are sound. PostgreSQL guards its
// pages itself.
func (x *examiner) file() error {
	if x.s.d.name != "sqlite" {
		return nil
	}
	lines, err := x.integrity()
	if err != nil {
		lines = []string{err.Error()}
	}
	for _, line := range lines {
		if line != "ok" && !strings.HasPrefix(line, fullTextLine) {
			x.broken = true
			x.found("", "database file", "is damaged: "+line, fromBackup)
		}
	}
	return nil
}

// fullTextLine begins what the check of the whole file says of the full-text index.
// A reading connection can be wrong about it after another has written, because it
// remembers the shape of the index; fullText asks where that cannot happen.
const fullTextLine = "fts5:"

func (x *examiner) integrity() ([]string, error) {
	rows, err := x.t.query("PRAGMA integrity_check(20)")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, rows.Err()
}

// schema compares the tables with the kinds of the program.
func (x *examiner) schema() error {
	missing, err := x.s.Missing(x.t.ctx)
	if err != nil {
		return err
	}
	if missing != "" {
		first, _, _ := strings.Cut(missing, "\n")
		x.broken = true
		x.found("", "tables", "lack what this version of the product keeps: "+first, "use the release that matches the database, or report this as a defect")
	}
	return nil
}

func (x *examiner) version() error {
	have, newest, err := x.s.Version(x.t.ctx)
	if err != nil {
		return err
	}
	if have != newest {
		x.found("", "tables", fmt.Sprintf("are at version %d, this program knows %d", have, newest), "use the release that matches the database")
	}
	return nil
}

// references finds references that lead nowhere, and required ones that are empty.
func (x *examiner) references() error {
	for _, k := range x.s.reg.All() {
		for _, f := range k.Fields {
			if f.Ref == "" {
				continue
			}
			what := "refers by " + f.Name + " to a " + f.Ref + " that does not exist"
			col := "r." + quote(f.Name)
			if err := x.rows(k, what, col+" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "+table(x.s.reg.Named(f.Ref))+" o WHERE o.workspace_id = r.workspace_id AND o.id = "+col+")"); err != nil {
				return err
			}
			if !f.Required {
				continue
			}
			if err := x.rows(k, "names no "+f.Ref+" in "+f.Name, "deleted_at = '' AND "+col+" IS NULL"); err != nil {
				return err
			}
		}
	}
	return nil
}

// rows tells of every row of a kind for which the condition holds.
func (x *examiner) rows(k *kind.Kind, what, where string, args ...any) error {
	return x.t.each(func(rows *sql.Rows) error {
		var workspace, id, title string
		if err := rows.Scan(&workspace, &id, &title); err != nil {
			return err
		}
		x.found(workspace, fmt.Sprintf("%s %s (%s)", k.Name, id, title), what, behindBack)
		return nil
	}, "SELECT r.workspace_id, r.id, r.title FROM "+table(k)+" r WHERE "+where+fmt.Sprintf(" LIMIT %d", mostProblems), args...)
}

// linkEnds finds links to records that do not exist, and links that no kind declares.
func (x *examiner) linkEnds() error {
	pairs, err := x.linkTypes()
	if err != nil {
		return err
	}
	for _, p := range pairs {
		from, to := x.s.reg.Named(p[0]), x.s.reg.Named(p[2])
		if from == nil || to == nil || !declares(from, p[1], p[2]) {
			x.found("", fmt.Sprintf("links %s %q %s", p[0], p[1], p[2]), "are of no declared relation", behindBack)
			continue
		}
		for end, k := range map[string]*kind.Kind{"from_id": from, "to_id": to} {
			err := x.t.each(func(rows *sql.Rows) error {
				var workspace string
				l := linkKey{fromKind: p[0], name: p[1]}
				err := rows.Scan(&workspace, &l.fromID, &l.toID)
				x.found(workspace, l.String(), "leads to a "+k.Name+" that does not exist", behindBack)
				return err
			}, "SELECT workspace_id, from_id, to_id FROM links l WHERE from_kind = ? AND name = ? AND to_kind = ? AND NOT EXISTS (SELECT 1 FROM "+table(k)+
				" o WHERE o.workspace_id = l.workspace_id AND o.id = l."+end+fmt.Sprintf(") LIMIT %d", mostProblems), p[0], p[1], p[2])
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// linkTypes lists the kinds and names that occur among the links.
func (x *examiner) linkTypes() ([][3]string, error) {
	var list [][3]string
	err := x.t.each(func(rows *sql.Rows) error {
		var p [3]string
		err := rows.Scan(&p[0], &p[1], &p[2])
		list = append(list, p)
		return err
	}, "SELECT DISTINCT from_kind, name, to_kind FROM links ORDER BY 1, 2, 3")
	return list, err
}

func declares(k *kind.Kind, name, to string) bool {
	for _, l := range k.Links {
		if l.Name == name && l.To == to {
			return true
		}
	}
	return false
}

// sightings finds software and runs of assets that do not exist.
func (x *examiner) sightings() error {
	assets := x.s.reg.Named("asset")
	if assets == nil {
		return nil
	}
	for _, name := range []string{"component", "run"} {
		err := x.t.each(func(rows *sql.Rows) error {
			var workspace, asset string
			var n int64
			err := rows.Scan(&workspace, &asset, &n)
			x.found(workspace, fmt.Sprintf("table %s, asset %q", name, asset), fmt.Sprintf("%d rows belong to an asset that does not exist", n), behindBack)
			return err
		}, "SELECT workspace_id, asset_id, COUNT(*) FROM "+name+" c WHERE asset_id <> '' AND NOT EXISTS (SELECT 1 FROM "+table(assets)+
			" a WHERE a.workspace_id = c.workspace_id AND a.id = c.asset_id) GROUP BY workspace_id, asset_id")
		if err != nil {
			return err
		}
	}
	return nil
}

// rebuild is the remedy for what can be made anew from the records.
const rebuild = "run holdfast doctor --repair: it makes the search index anew from the records"

// search compares what search knows with the records.
func (x *examiner) search() error {
	for _, k := range x.s.reg.All() {
		if err := x.searchOf(k); err != nil {
			return err
		}
		err := x.t.each(func(rows *sql.Rows) error {
			var workspace, id string
			err := rows.Scan(&workspace, &id)
			x.found(workspace, k.Name+" "+id, "is found by search but is in the bin or does not exist", rebuild)
			return err
		}, "SELECT workspace_id, record_id FROM search_doc d WHERE kind = ? AND NOT EXISTS (SELECT 1 FROM "+table(k)+
			fmt.Sprintf(" r WHERE r.workspace_id = d.workspace_id AND r.id = d.record_id AND r.deleted_at = '') LIMIT %d", mostProblems), k.Name)
		if err != nil {
			return err
		}
	}
	return x.fullText()
}

type searchDoc struct{ id, title, body string }

// searchOf compares the documents of one kind, page by page.
func (x *examiner) searchOf(k *kind.Kind) error {
	wrong := 0
	return x.t.everywhere(k, func(page []Owned) error {
		if wrong >= mostProblems {
			return nil
		}
		bad, err := x.searchDocs(k, page)
		wrong += bad
		return err
	})
}

// everywhere reads all records of a kind that are not in the bin, in all workspaces,
// in pages that each belong to one workspace.
func (t *Tx) everywhere(k *kind.Kind, do func(page []Owned) error) error {
	const atOnce = 500
	workspace, id := "", ""
	for {
		var page []Owned
		scan := ownedScanner(k)
		err := t.each(func(rows *sql.Rows) error {
			o, err := scan(rows)
			page = append(page, o)
			return err
		}, "SELECT workspace_id, "+columnList(k)+" FROM "+table(k)+` WHERE deleted_at = '' AND (workspace_id, "id") > (?, ?) ORDER BY workspace_id, "id" LIMIT ?`, workspace, id, atOnce)
		if err != nil || len(page) == 0 {
			return err
		}
		n := 1
		for n < len(page) && page[n].Workspace == page[0].Workspace {
			n++
		}
		if err := do(page[:n]); err != nil {
			return err
		}
		workspace, id = page[n-1].Workspace, page[n-1].Record.GetBase().ID
	}
}

// ownedScanner is scanner for rows that begin with the workspace.
func ownedScanner(k *kind.Kind) func(*sql.Rows) (Owned, error) {
	values := make([]any, len(k.Columns()))
	var o Owned
	dest := []any{&o.Workspace}
	for i := range values {
		dest = append(dest, &values[i])
	}
	return func(rows *sql.Rows) (Owned, error) {
		if err := rows.Scan(dest...); err != nil {
			return o, err
		}
		o.Record = k.New()
		for i, c := range k.Columns() {
			if err := c.Set(o.Record, values[i]); err != nil {
				return o, fmt.Errorf("%s.%s: %w", k.Name, c.Name, err)
			}
		}
		return o, nil
	}
}

// searchDocs compares the documents of records of one workspace.
func (x *examiner) searchDocs(k *kind.Kind, list []Owned) (wrong int, err error) {
	ids := make([]string, len(list))
	for i, o := range list {
		ids[i] = o.Record.GetBase().ID
	}
	docs := map[string]searchDoc{}
	err = x.t.each(func(rows *sql.Rows) error {
		var d searchDoc
		err := rows.Scan(&d.id, &d.title, &d.body)
		docs[d.id] = d
		return err
	}, "SELECT record_id, title, body FROM search_doc WHERE workspace_id = ? AND kind = ? AND record_id IN ("+marks(len(ids))+")",
		append([]any{list[0].Workspace, k.Name}, anys(ids)...)...)
	if err != nil {
		return 0, err
	}
	for _, o := range list {
		b := o.Record.GetBase()
		title, body := searchText(k, o.Record)
		d, ok := docs[b.ID]
		what := ""
		switch {
		case !ok:
			what = "is not found by search"
		case d.title != title || d.body != body:
			what = "is found by search under words that it no longer has"
		default:
			continue
		}
		wrong++
		x.found(o.Workspace, fmt.Sprintf("%s %s (%s)", k.Name, b.ID, b.Title), what, rebuild)
	}
	return wrong, nil
}

// fullText asks the full-text index of SQLite whether it agrees with its documents.
// The question is written as a change, which is undone.
func (x *examiner) fullText() error {
	if x.s.d.name != "sqlite" {
		return nil
	}
	errAsked := errors.New("asked")
	err := x.s.update(x.t.ctx, "", func(t *Tx) error {
		if _, err := t.exec("INSERT INTO search_text (search_text, rank) VALUES ('integrity-check', 1)"); err != nil {
			return err
		}
		return errAsked
	})
	if err != nil && !errors.Is(err, errAsked) {
		x.found("", "full-text index", "disagrees with its documents: "+err.Error(), rebuild)
	}
	return nil
}

// RebuildSearch makes the search index anew from the records, in one transaction.
func (s *Store) RebuildSearch(ctx context.Context) error {
	return s.update(ctx, "", func(t *Tx) error {
		for _, text := range []string{"DELETE FROM search_doc", "DELETE FROM search_word"} {
			if _, err := t.exec(text); err != nil {
				return err
			}
		}
		if s.d.name == "sqlite" {
			if _, err := t.exec("INSERT INTO search_text (search_text) VALUES ('rebuild')"); err != nil {
				return err
			}
		}
		for _, k := range s.reg.All() {
			err := t.everywhere(k, func(page []Owned) error {
				t.workspace = page[0].Workspace
				for _, o := range page {
					if err := t.index(k, o.Record); err != nil {
						return err
					}
				}
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
}

package store

import (
	"database/sql"
	"strings"
	"time"

	"holdfast/kind"
)

// A Run is one engine over one asset: when, with what result.
type Run struct {
	ID, AssetID, Engine string
	Started, Finished   time.Time
	Error               string // why it failed; empty when it succeeded
	Looked, Failed      int    // how many checks concluded something, how many of them failed
	Summary             string
}

// AddRun keeps a run.
func (t *Tx) AddRun(r Run) error {
	_, err := t.exec("INSERT INTO run (workspace_id, id, asset_id, engine, started, finished, error, looked, failed, summary) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		t.workspace, r.ID, r.AssetID, r.Engine, kind.FormatTime(r.Started), kind.FormatTime(r.Finished), r.Error, r.Looked, r.Failed, r.Summary)
	return err
}

// Runs lists the newest runs over an asset; over all assets when the id is empty.
func (t *Tx) Runs(assetID string, limit int) ([]Run, error) {
	where, args := "workspace_id = ?", []any{t.workspace}
	if assetID != "" {
		where, args = where+" AND asset_id = ?", append(args, assetID)
	}
	var runs []Run
	err := t.each(func(rows *sql.Rows) error {
		var r Run
		var started, finished string
		err := rows.Scan(&r.ID, &r.AssetID, &r.Engine, &started, &finished, &r.Error, &r.Looked, &r.Failed, &r.Summary)
		if err == nil {
			err = parseTimes([]string{started, finished}, &r.Started, &r.Finished)
		}
		runs = append(runs, r)
		return err
	}, "SELECT id, asset_id, engine, started, finished, error, looked, failed, summary FROM run WHERE "+where+" ORDER BY finished DESC, id DESC LIMIT ?", append(args, limit)...)
	return runs, err
}

// A Component is one piece of software found on an asset.
type Component struct {
	Ecosystem, Name, Version, Path, PURL string
	FirstSeen, LastSeen                  time.Time
}

// ReplaceComponents makes the list of software of an asset equal to the one given
// and keeps the time when each was first seen.
func (t *Tx) ReplaceComponents(assetID string, list []Component, at time.Time) error {
	now := kind.FormatTime(at)
	list = distinct(list)
	const rowsAtOnce = 80
	for len(list) > 0 {
		n := min(rowsAtOnce, len(list))
		args := make([]any, 0, 9*n)
		for _, c := range list[:n] {
			args = append(args, t.workspace, assetID, c.Ecosystem, c.Name, c.Version, c.Path, c.PURL, now, now)
		}
		text := "INSERT INTO component (workspace_id, asset_id, ecosystem, name, version, path, purl, first_seen, last_seen) VALUES " +
			strings.TrimSuffix(strings.Repeat("("+marks(9)+"), ", n), ", ") +
			" ON CONFLICT (workspace_id, asset_id, ecosystem, name, version, path) DO UPDATE SET last_seen = excluded.last_seen, purl = excluded.purl"
		if _, err := t.exec(text, args...); err != nil {
			return err
		}
		list = list[n:]
	}
	_, err := t.exec("DELETE FROM component WHERE workspace_id = ? AND asset_id = ? AND last_seen <> ?", t.workspace, assetID, now)
	return err
}

// Components lists the software of an asset by name, and counts all of it. A
// filter keeps those whose name contains it.
func (t *Tx) Components(assetID, filter string, limit, offset int) (list []Component, total int, err error) {
	where := "workspace_id = ? AND asset_id = ? AND LOWER(name) LIKE ? ESCAPE '\\'"
	args := []any{t.workspace, assetID, "%" + escapeLike(strings.ToLower(filter)) + "%"}
	if _, err = t.one([]any{&total}, "SELECT COUNT(*) FROM component WHERE "+where, args...); err != nil {
		return nil, 0, err
	}
	err = t.each(func(rows *sql.Rows) error {
		var c Component
		var first, last string
		err := rows.Scan(&c.Ecosystem, &c.Name, &c.Version, &c.Path, &c.PURL, &first, &last)
		if err == nil {
			err = parseTimes([]string{first, last}, &c.FirstSeen, &c.LastSeen)
		}
		list = append(list, c)
		return err
	}, "SELECT ecosystem, name, version, path, purl, first_seen, last_seen FROM component WHERE "+where+" ORDER BY name, version, path LIMIT ? OFFSET ?", append(args, limit, offset)...)
	return list, total, err
}

// distinct drops repeats: a statement may not insert the same row twice.
func distinct(list []Component) []Component {
	seen := make(map[[4]string]bool, len(list))
	var once []Component
	for _, c := range list {
		if id := [4]string{c.Ecosystem, c.Name, c.Version, c.Path}; !seen[id] {
			seen[id] = true
			once = append(once, c)
		}
	}
	return once
}

// parseTimes reads stored times into their places.
func parseTimes(texts []string, into ...*time.Time) error {
	for i, text := range texts {
		t, err := kind.ParseTime(text)
		if err != nil {
			return err
		}
		*into[i] = t
	}
	return nil
}

// sighted is the field that Touch writes.
const sighted = "last_seen"

// Touch notes when records were last seen, in the column last_seen. That a thing is
// still as it was is not a change: it makes no version and no journal entry.
func (t *Tx) Touch(k *kind.Kind, ids []string, at time.Time) error {
	const most = 500
	for len(ids) > 0 {
		n := min(most, len(ids))
		args := append([]any{kind.FormatTime(at), t.workspace}, anys(ids[:n])...)
		if _, err := t.exec("UPDATE "+table(k)+" SET "+quote(sighted)+" = ? WHERE workspace_id = ? AND "+quote("id")+" IN ("+marks(n)+")", args...); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// LatestRuns lists the newest successful run of an engine on each asset, without when
// it started.
func (t *Tx) LatestRuns(engine string) ([]Run, error) {
	var runs []Run
	err := t.each(func(rows *sql.Rows) error {
		var r Run
		var finished string
		err := rows.Scan(&r.ID, &r.AssetID, &r.Engine, &finished, &r.Looked, &r.Failed, &r.Summary)
		if err == nil {
			err = parseTimes([]string{finished}, &r.Finished)
		}
		runs = append(runs, r)
		return err
	}, `SELECT id, asset_id, engine, finished, looked, failed, summary FROM run WHERE workspace_id = ? AND engine = ? AND error = ''
		AND id = (SELECT MAX(id) FROM run newest WHERE newest.workspace_id = run.workspace_id AND newest.asset_id = run.asset_id AND newest.engine = run.engine AND newest.error = '')
		ORDER BY asset_id`, t.workspace, engine)
	return runs, err
}

// CountComponents counts the software found in the workspace.
func (t *Tx) CountComponents() (int, error) {
	var n int
	_, err := t.one([]any{&n}, "SELECT COUNT(*) FROM component WHERE workspace_id = ?", t.workspace)
	return n, err
}

package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"holdfast/journal"
	"holdfast/kind"
)

// A Problem is something in the database that should not be so.
type Problem struct {
	Workspace string `json:"workspace,omitempty"`
	Where     string `json:"where"`           // which record, link or table
	What      string `json:"what"`            // what is wrong with it
	Remedy    string `json:"remedy"`          // what to do
	Minor     bool   `json:"minor,omitempty"` // something to know; nothing is damaged
}

// mostProblems bounds what one check of one workspace tells: a database with more
// is not repaired one row at a time.
const mostProblems = 200

// behindBack is the remedy for a row that the product did not write.
const behindBack = "somebody changed the database behind the product; find out who, and restore the last backup that is sound"

// CheckRecords compares every record and every link with what the journal says of
// it, so that a row edited, added or removed behind the product's back is found.
// Hidden fields and times of sighting are not in the journal and are not compared.
// It trusts the journal: see VerifyJournals. tell, if not nil, hears of progress.
func (s *Store) CheckRecords(ctx context.Context, tell func(workspace string, entries int64)) ([]Problem, error) {
	ids, err := s.allWorkspaces(ctx)
	if err != nil {
		return nil, explain(err)
	}
	var all []Problem
	for _, id := range ids {
		err := s.inSnapshot(ctx, id, func(t *Tx) error {
			p := &replay{t: t, tell: tell, links: map[linkKey]bool{}}
			err := p.run()
			all = append(all, p.problems...)
			return err
		})
		if err != nil {
			return all, explain(err)
		}
	}
	return all, nil
}

// inSnapshot reads one workspace as it is at one moment.
func (s *Store) inSnapshot(ctx context.Context, workspace string, do func(*Tx) error) error {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: s.d.snapshot()})
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // it only read
	return do(&Tx{ctx: ctx, q: tx, s: s, workspace: workspace})
}

// allWorkspaces are those with a journal or with any record.
func (s *Store) allWorkspaces(ctx context.Context) ([]string, error) {
	ids, err := s.workspacesWithJournal(ctx)
	if err != nil {
		return nil, err
	}
	t := &Tx{ctx: ctx, q: s.read, s: s}
	for _, name := range append(tablesOf(s.reg), "links") {
		err := t.each(func(rows *sql.Rows) error {
			var id string
			err := rows.Scan(&id)
			ids = append(ids, id)
			return err
		}, "SELECT DISTINCT workspace_id FROM "+name)
		if err != nil {
			return nil, err
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

func tablesOf(reg *kind.Registry) []string {
	var names []string
	for _, k := range reg.All() {
		names = append(names, table(k))
	}
	return names
}

type linkKey struct{ fromKind, fromID, name, toID string }

func (l linkKey) String() string {
	return fmt.Sprintf("link %s %s %q %s", l.fromKind, l.fromID, l.name, l.toID)
}

// A replay tells the journal of one workspace again, record by record.
type replay struct {
	t        *Tx
	tell     func(string, int64)
	read     int64
	now      *past
	done     []*past
	links    map[linkKey]bool
	problems []Problem
}

// A past is one record as its journal tells it.
type past struct {
	k           *kind.Kind
	id          string
	r           kind.Record
	first, last journal.Entry // of the changes that made a version
	mentioned   map[string]bool
}

func (p *replay) found(where, what, remedy string) {
	switch len(p.problems) {
	case mostProblems:
		p.problems = append(p.problems, Problem{p.t.workspace, "journal and records", fmt.Sprintf("more than %d problems; the rest is not listed", mostProblems), remedy, false})
	default:
		if len(p.problems) < mostProblems {
			p.problems = append(p.problems, Problem{p.t.workspace, where, what, remedy, false})
		}
	}
}

func (p *replay) run() error {
	const atOnce = 2000
	id, seq := "", int64(0)
	for {
		var page []journal.Entry
		err := p.t.each(func(rows *sql.Rows) error {
			e, err := scanEntry(rows)
			page = append(page, e)
			return err
		}, "SELECT "+entryColumns+" FROM journal WHERE workspace_id = ? AND (record_id, seq) > (?, ?) ORDER BY record_id, seq LIMIT ?", p.t.workspace, id, seq, atOnce)
		if err != nil {
			return err
		}
		for _, e := range page {
			p.add(e)
		}
		if len(page) < atOnce {
			break
		}
		id, seq = page[len(page)-1].RecordID, page[len(page)-1].Seq
		if err := p.compare(); err != nil {
			return err
		}
		if p.read += int64(len(page)); p.tell != nil {
			p.tell(p.t.workspace, p.read)
		}
	}
	if p.now != nil {
		p.done, p.now = append(p.done, p.now), nil
	}
	if err := p.compare(); err != nil {
		return err
	}
	if err := p.compareLinks(); err != nil {
		return err
	}
	return p.strangers()
}

// add tells one entry.
func (p *replay) add(e journal.Entry) {
	k := p.t.s.reg.Named(e.Kind)
	if k == nil {
		return // a kind that the product no longer has
	}
	if e.Verb == "link" || e.Verb == "unlink" {
		p.addLink(k, e)
		return
	}
	if p.now == nil || p.now.id != e.RecordID {
		if p.now != nil {
			p.done = append(p.done, p.now)
		}
		p.now = &past{k: k, id: e.RecordID, r: k.New(), first: e, mentioned: map[string]bool{}}
	}
	if was := p.now.last.Version; e.Version != was+1 {
		p.found(k.Name+" "+e.RecordID, fmt.Sprintf("the journal goes from version %d to %d in entry %d", was, e.Version, e.Seq), behindBack)
	}
	for _, c := range e.Changes {
		p.now.mentioned[c.Field] = true
	}
	if err := k.Apply(p.now.r, e.Changes); err != nil {
		p.found(k.Name+" "+e.RecordID, fmt.Sprintf("journal entry %d cannot be read: %v", e.Seq, err), behindBack)
	}
	p.now.last = e
}

func (p *replay) addLink(k *kind.Kind, e journal.Entry) {
	for _, c := range e.Changes {
		key, ok := p.linkOf(k, e.RecordID, c)
		switch {
		case !ok:
		case e.Verb == "link":
			p.links[key] = true
		default:
			delete(p.links, key)
		}
	}
}

// linkOf reads which link a journal entry speaks of.
func (p *replay) linkOf(k *kind.Kind, id string, c kind.Change) (linkKey, bool) {
	raw := c.After
	if len(raw) == 0 {
		raw = c.Before
	}
	var other struct{ ID string }
	if json.Unmarshal(raw, &other) != nil {
		return linkKey{}, false
	}
	for _, rel := range p.t.s.reg.Relations(k) {
		if rel.Name != c.Field {
			continue
		}
		if rel.Forward {
			return linkKey{rel.From.Name, id, rel.Declared, other.ID}, true
		}
		return linkKey{rel.From.Name, other.ID, rel.Declared, id}, true
	}
	return linkKey{}, false
}

// compare holds the records told so far against the tables.
func (p *replay) compare() error {
	byKind := map[*kind.Kind][]*past{}
	for _, told := range p.done {
		byKind[told.k] = append(byKind[told.k], told)
	}
	p.done = nil
	for _, k := range p.t.s.reg.All() {
		ids := make([]string, len(byKind[k]))
		for i, told := range byKind[k] {
			ids[i] = told.id
		}
		list, err := p.t.Many(k, ids)
		if err != nil {
			return err
		}
		stored := map[string]kind.Record{}
		for _, r := range list {
			stored[r.GetBase().ID] = r
		}
		for _, told := range byKind[k] {
			p.compareOne(told, stored[told.id])
		}
	}
	return nil
}

func (p *replay) compareOne(told *past, stored kind.Record) {
	where := fmt.Sprintf("%s %s (%s)", told.k.Name, told.id, told.r.GetBase().Title)
	if stored == nil {
		p.found(where, "is in the journal, but its row is gone", behindBack)
		return
	}
	if differ := told.differences(stored); differ != nil {
		p.found(where, "is not as the journal tells it: "+strings.Join(differ, ", "), behindBack)
	}
}

// differences names the fields in which a row is not as its journal tells it.
func (told *past) differences(stored kind.Record) []string {
	want := told.r.GetBase()
	want.ID, want.Version = told.id, told.last.Version
	want.CreatedAt, want.CreatedBy = told.first.At, told.first.Actor
	want.UpdatedAt, want.UpdatedBy = told.last.At, told.last.Actor
	var differ []string
	for _, f := range told.k.Fields {
		switch {
		case f.Name == sighted:
		case f.Hidden:
			if !told.mentioned[f.Name] && !f.IsZero(stored) {
				differ = append(differ, f.Name)
			}
		case !f.Equal(told.r, stored):
			differ = append(differ, f.Name)
		}
	}
	return differ
}

// compareLinks holds the links told against the table.
func (p *replay) compareLinks() error {
	err := p.t.each(func(rows *sql.Rows) error {
		var l linkKey
		if err := rows.Scan(&l.fromKind, &l.fromID, &l.name, &l.toID); err != nil {
			return err
		}
		if !p.links[l] {
			p.found(l.String(), "is not in the journal", behindBack)
		}
		delete(p.links, l)
		return nil
	}, "SELECT from_kind, from_id, name, to_id FROM links WHERE workspace_id = ?", p.t.workspace)
	var gone []string
	for l := range p.links {
		gone = append(gone, l.String())
	}
	slices.Sort(gone)
	for _, l := range gone {
		p.found(l, "is in the journal, but its row is gone", behindBack)
	}
	return err
}

// strangers finds rows of which the journal knows nothing.
func (p *replay) strangers() error {
	for _, k := range p.t.s.reg.All() {
		err := p.t.each(func(rows *sql.Rows) error {
			var id, title string
			err := rows.Scan(&id, &title)
			p.found(fmt.Sprintf("%s %s (%s)", k.Name, id, title), "is not in the journal", behindBack)
			return err
		}, `SELECT "id", "title" FROM `+table(k)+` r WHERE workspace_id = ? AND NOT EXISTS (
			SELECT 1 FROM journal j WHERE j.workspace_id = r.workspace_id AND j.record_id = r."id" AND j.kind = ?) ORDER BY "id" LIMIT ?`,
			p.t.workspace, k.Name, mostProblems)
		if err != nil {
			return err
		}
	}
	return nil
}

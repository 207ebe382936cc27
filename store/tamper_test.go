package store_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/journal"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// A backdoor is a second connection to the database, as somebody has who can reach
// the file or the server but not the product.
type backdoor struct {
	t        *testing.T
	db       *sql.DB
	w        *testkit.World
	numbered bool
}

// behind runs the test on both databases, each with a way around the product.
func behind(t *testing.T, test func(t *testing.T, b *backdoor)) {
	t.Run("sqlite", func(t *testing.T) {
		path := testkit.SQLiteFile(t)
		test(t, openBackdoor(t, "sqlite", path, "file:"+path+"?_pragma=busy_timeout(10000)"))
	})
	t.Run("postgres", func(t *testing.T) {
		url := testkit.PostgresURL(t)
		test(t, openBackdoor(t, "pgx", url, url))
	})
}

func openBackdoor(t *testing.T, driver, source, dsn string) *backdoor {
	s, err := store.Open(context.Background(), source, isms.Registry)
	must(t, err)
	db, err := sql.Open(driver, dsn)
	must(t, err)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return &backdoor{t: t, db: db, w: testkit.New(s), numbered: driver == "pgx"}
}

// exec does what no door of the product allows.
func (b *backdoor) exec(text string, args ...any) {
	b.t.Helper()
	for i := 1; b.numbered && strings.Contains(text, "?"); i++ {
		text = strings.Replace(text, "?", fmt.Sprintf("$%d", i), 1)
	}
	res, err := b.db.Exec(text, args...)
	must(b.t, err)
	verb, _, _ := strings.Cut(text, " ")
	if n, err := res.RowsAffected(); err == nil && n == 0 && strings.Contains("INSERT UPDATE DELETE", verb) {
		b.t.Fatalf("nothing was tampered with: %s", text)
	}
}

// withoutForeignKeys lets the backdoor write what no foreign key allows.
func (b *backdoor) withoutForeignKeys() {
	if b.numbered {
		b.exec("SET session_replication_role = replica")
		return
	}
	b.exec("PRAGMA foreign_keys = OFF")
}

var admin = testkit.As(access.Administrator)

// story makes a workspace with some history and returns its risk.
func (b *backdoor) story() *isms.Risk { return b.storyOf(admin) }

func (b *backdoor) storyOf(admin context.Context) *isms.Risk {
	b.t.Helper()
	a := b.w.App
	asset := &isms.Asset{Base: kind.Base{Title: "Patient records"}, Type: "data_set"}
	must(b.t, a.Save(admin, asset))
	risk := &isms.Risk{Base: kind.Base{Title: "Ransomware"}, AssetID: asset.ID, Events: kind.Range{Low: 0.1, High: 2}}
	must(b.t, a.Save(admin, risk))
	guard := &isms.Safeguard{Base: kind.Base{Title: "Offline backup"}}
	must(b.t, a.Save(admin, guard))
	must(b.t, a.Link(admin, isms.Risks, risk.ID, "treated by", guard.ID))
	must(b.t, a.Link(admin, isms.Safeguards, guard.ID, "treats", risk.ID))
	b.w.Clock.Advance(time.Hour)
	risk.Title, risk.Labels = "Ransomware in the hospital", []string{"urgent"}
	must(b.t, a.Save(admin, risk))
	_, err := a.Do(admin, isms.Risks, risk.ID, "confirm", 0, kind.Input{})
	must(b.t, err)
	note := &isms.Team{Base: kind.Base{Title: "Night shift"}}
	must(b.t, a.Save(admin, note))
	must(b.t, a.Delete(admin, isms.Teams, note.ID, 0))
	return risk
}

func (b *backdoor) verify(anchors ...journal.Head) error {
	_, err := b.w.Store.VerifyJournals(context.Background(), anchors, nil)
	return err
}

func (b *backdoor) heads() []journal.Head {
	b.t.Helper()
	heads, err := b.w.Store.Heads(context.Background())
	must(b.t, err)
	return heads
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestNoEntryOfTheJournalCanBeTamperedWithUnseen(t *testing.T) {
	t.Parallel()
	crimes := map[string]struct {
		do   func(b *backdoor)
		want string
	}{
		"another actor":         {func(b *backdoor) { b.exec("UPDATE journal SET actor = 'nobody' WHERE seq = 3") }, "entry 3"},
		"another time":          {func(b *backdoor) { b.exec("UPDATE journal SET at = '2020-01-01T00:00:00.000000Z' WHERE seq = 2") }, "entry 2"},
		"another reason":        {func(b *backdoor) { b.exec("UPDATE journal SET reason = 'agreed by the board' WHERE seq = 6") }, "entry 6"},
		"another change":        {func(b *backdoor) { b.exec("UPDATE journal SET changes = '[]' WHERE seq = 2") }, "entry 2"},
		"the last entry":        {func(b *backdoor) { b.exec("UPDATE journal SET title = 'x' WHERE seq = 8") }, "entry 8"},
		"entry dropped":         {func(b *backdoor) { b.exec("DELETE FROM journal WHERE seq = 4") }, "entry 5 follows entry 3"},
		"first entry dropped":   {func(b *backdoor) { b.exec("DELETE FROM journal WHERE seq = 1") }, "entry 2 follows entry 0"},
		"end cut off":           {func(b *backdoor) { b.exec("DELETE FROM journal WHERE seq > 5") }, "entries were removed"},
		"whole journal removed": {func(b *backdoor) { b.exec("DELETE FROM journal") }, "entries were removed"},
		"entry repeated": {func(b *backdoor) {
			b.exec("INSERT INTO journal SELECT workspace_id, seq + 8, at, actor_id, actor, via, verb, kind, record_id, title, version, reason, changes, prev, hash FROM journal WHERE seq = 1")
		}, "entry 9"},
		"two entries swapped": {func(b *backdoor) {
			b.exec("UPDATE journal SET seq = 100 WHERE seq = 3")
			b.exec("UPDATE journal SET seq = 3 WHERE seq = 4")
			b.exec("UPDATE journal SET seq = 4 WHERE seq = 100")
		}, "entry 3"},
		"entry moved to another workspace": {func(b *backdoor) { b.exec("UPDATE journal SET workspace_id = 'ws9' WHERE seq = 8") }, "entries were removed"},
	}
	behind(t, func(t *testing.T, b *backdoor) {
		b.story()
		must(t, b.verify())
		for name, crime := range crimes {
			t.Run(name, func(t *testing.T) {
				tx := b.copyJournal()
				crime.do(b)
				err := b.verify()
				if err == nil || !strings.Contains(err.Error(), crime.want) {
					t.Errorf("verification says %v, want it to name %q", err, crime.want)
				}
				tx()
				must(t, b.verify())
			})
		}
	})
}

// copyJournal returns a function that puts the journal back as it is now.
func (b *backdoor) copyJournal() (restore func()) {
	b.exec("CREATE TABLE kept AS SELECT * FROM journal")
	b.exec("CREATE TABLE kept_head AS SELECT * FROM journal_head")
	return func() {
		_, err := b.db.Exec("DELETE FROM journal")
		must(b.t, err)
		_, err = b.db.Exec("DELETE FROM journal_head")
		must(b.t, err)
		b.exec("INSERT INTO journal SELECT * FROM kept")
		b.exec("INSERT INTO journal_head SELECT * FROM kept_head")
		_, err = b.db.Exec("DROP TABLE kept")
		must(b.t, err)
		_, err = b.db.Exec("DROP TABLE kept_head")
		must(b.t, err)
	}
}

// rewrite makes a whole new chain in which every entry is as change makes it: what
// somebody does who knows how the hashes are computed.
func (b *backdoor) rewrite(change func(e *journal.Entry) (keep bool)) {
	b.t.Helper()
	var list []journal.Entry
	must(b.t, b.w.Store.View(admin, func(tx *store.Tx) (err error) {
		list, err = tx.History("", 0, 1000)
		return err
	}))
	b.exec("DELETE FROM journal")
	var seq int64
	var hash string
	for i := len(list) - 1; i >= 0; i-- {
		e := list[i]
		if !change(&e) {
			continue
		}
		e = e.Seal(seq, hash)
		seq, hash = e.Seq, e.Hash
		changes, err := json.Marshal(e.Changes)
		must(b.t, err)
		b.exec("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", e.Workspace, e.Seq, kind.FormatTime(e.At), e.ActorID, e.Actor,
			e.Via, e.Verb, e.Kind, e.RecordID, e.Title, e.Version, e.Reason, string(changes), e.Prev, e.Hash)
	}
	b.exec("UPDATE journal_head SET seq = ?, hash = ?", seq, hash)
}

func TestARewrittenChainIsFoundByItsAnchor(t *testing.T) {
	t.Parallel()
	behind(t, func(t *testing.T, b *backdoor) {
		b.story()
		anchors := b.heads()
		must(t, b.w.App.Save(admin, &isms.Team{Base: kind.Base{Title: "Day shift"}}))
		must(t, b.verify(anchors...))

		forged := anchors[0]
		forged.Hash = strings.Repeat("0", 64)
		if err := b.verify(forged); err == nil || !strings.Contains(err.Error(), "rewritten") {
			t.Errorf("an edited anchor: %v", err)
		}
		late := anchors[0]
		late.Seq = 99
		if err := b.verify(late); err == nil || !strings.Contains(err.Error(), "removed") {
			t.Errorf("an anchor beyond the end: %v", err)
		}
		strange := anchors[0]
		strange.Workspace = "ws9"
		if err := b.verify(strange); err == nil || !strings.Contains(err.Error(), "gone") {
			t.Errorf("an anchor of a workspace without journal: %v", err)
		}

		b.rewrite(func(e *journal.Entry) bool {
			if e.Seq == 2 {
				e.Actor = "nobody"
			}
			return true
		})
		must(t, b.verify()) // the chain is sound in itself: only the anchor knows
		if err := b.verify(anchors...); err == nil || !strings.Contains(err.Error(), "rewritten") {
			t.Errorf("a rewritten chain: %v", err)
		}
	})
}

func (b *backdoor) problems() []store.Problem {
	b.t.Helper()
	list, err := b.w.Store.CheckRecords(context.Background(), nil)
	must(b.t, err)
	return list
}

func TestARowEditedBehindTheProductIsFound(t *testing.T) {
	t.Parallel()
	here := " WHERE workspace_id = ?"
	crimes := []struct{ name, do, want string }{
		{"text", "UPDATE r_risk SET title = 'Harmless'" + here, "title"},
		{"number", "UPDATE r_risk SET events_high = 0.2" + here, "events"},
		{"state", "UPDATE r_risk SET status = 'accepted'" + here, "status"},
		{"list", "UPDATE r_risk SET labels = '[]'" + here, "labels"},
		{"version", "UPDATE r_risk SET version = 2" + here, "version"},
		{"who", "UPDATE r_risk SET updated_by = 'nobody'" + here, "updated_by"},
		{"when", "UPDATE r_risk SET created_at = '2020-01-01T00:00:00.000000Z'" + here, "created_at"},
		{"bin", "UPDATE r_team SET deleted_at = ''" + here, "deleted_at"},
		{"row removed", "DELETE FROM r_risk" + here, "row is gone"},
		{"link removed", "DELETE FROM links" + here, "row is gone"},
		{"link changed", "UPDATE links SET to_id = 'other'" + here, "not in the journal"},
		{"journal alone", "UPDATE journal SET changes = '[]'" + here + " AND verb = 'update'", "title"},
		{"row added", "INSERT INTO r_team (workspace_id, id, key, title, version) VALUES (?, 'x1', 'x1', 'Ghosts', 1)", "not in the journal"},
	}
	behind(t, func(t *testing.T, b *backdoor) {
		for _, crime := range crimes {
			ws := "of " + crime.name
			b.storyOf(testkit.In(ws, access.Administrator))
			if list := b.problemsOf(ws); len(list) != 0 {
				t.Fatalf("before: %v", list)
			}
			b.exec(crime.do, ws)
			list := b.problemsOf(ws)
			if len(list) == 0 || !strings.Contains(list[0].What, crime.want) || list[0].Where == "" || list[0].Remedy == "" {
				t.Errorf("%s: found %v, want %q", crime.name, list, crime.want)
			}
		}
		b.exec("INSERT INTO r_team (workspace_id, id, key, title, version) VALUES ('nowhere', 'x1', 'x1', 'Ghosts', 1)")
		if list := b.problemsOf("nowhere"); len(list) != 1 {
			t.Errorf("a row in a workspace without journal: %v", list)
		}
	})
}

// problemsOf are those of one workspace.
func (b *backdoor) problemsOf(workspace string) []store.Problem {
	b.t.Helper()
	var mine []store.Problem
	for _, p := range b.problems() {
		if p.Workspace == workspace {
			mine = append(mine, p)
		}
	}
	return mine
}

func TestAPasswordPlantedInARowIsFound(t *testing.T) {
	t.Parallel()
	behind(t, func(t *testing.T, b *backdoor) {
		p := &isms.Person{Base: kind.Base{Title: "Ada"}, Email: "ada@example.org"}
		must(t, b.w.App.Save(admin, p))
		b.exec("UPDATE r_person SET password_hash = '$argon2id$'")
		if list := b.problems(); len(list) != 1 || !strings.Contains(list[0].What, "password_hash") {
			t.Errorf("found %v", list)
		}
	})
}

// Whatever is done to a record of whatever kind, its journal tells the row again.
func TestTheJournalTellsEveryRecordAgain(t *testing.T) {
	t.Parallel()
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		for _, k := range isms.Kinds {
			r := testkit.Example(t, w.App, admin, k)
			w.Clock.Advance(time.Minute)
			r.GetBase().Labels = []string{"<b>", "\"quoted\"", "é"}
			must(t, w.App.Save(admin, r))
			must(t, w.App.Delete(admin, k, r.GetBase().ID, 0))
			must(t, w.App.Restore(admin, k, r.GetBase().ID))
		}
		must(t, w.App.SetPassword(admin, firstPerson(t, w.App), "", "a long enough pass phrase"))
		list, err := s.CheckRecords(context.Background(), nil)
		must(t, err)
		for _, p := range list {
			t.Errorf("%s: %s", p.Where, p.What)
		}
		found, err := s.Examine(context.Background())
		must(t, err)
		for _, p := range found {
			t.Errorf("%s: %s", p.Where, p.What)
		}
	})
}

func firstPerson(t *testing.T, a *app.App) string {
	t.Helper()
	page, err := a.List(admin, isms.People, kind.Query{Limit: 1})
	must(t, err)
	return page.Records[0].GetBase().ID
}

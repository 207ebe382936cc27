package store_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

func (b *backdoor) examine() []store.Problem {
	b.t.Helper()
	list, err := b.w.Store.Examine(context.Background())
	must(b.t, err)
	return list
}

func TestRowsThatReferToNothingAreFound(t *testing.T) {
	t.Parallel()
	crimes := []struct{ name, do, undo, want string }{
		{"reference", "UPDATE r_risk SET asset_id = 'gone' WHERE asset_id IS NOT NULL", "UPDATE r_risk SET asset_id = (SELECT MIN(id) FROM r_asset)", "by asset_id"},
		{"required reference", "INSERT INTO r_finding (workspace_id, id, key, title, severity) VALUES ('ws1', 'f1', 'f1', 'Hole', 'high')", "DELETE FROM r_finding", "names no asset"},
		{"link to nothing", "UPDATE links SET to_id = 'gone'", "UPDATE links SET to_id = (SELECT MIN(id) FROM r_safeguard)", "does not exist"},
		{"link from nothing", "UPDATE links SET from_id = 'gone'", "UPDATE links SET from_id = (SELECT MIN(id) FROM r_risk)", "does not exist"},
		{"link of no relation", "UPDATE links SET name = 'likes'", "UPDATE links SET name = 'treated by'", "declared"},
		{"link of no kind", "UPDATE links SET to_kind = 'unicorn'", "UPDATE links SET to_kind = 'safeguard'", "declared"},
		{"software of nothing", "INSERT INTO component VALUES ('ws1', 'gone', 'deb', 'bash', '5', '', '', '', '')", "DELETE FROM component", "1 rows"},
		{"run of nothing", "INSERT INTO run VALUES ('ws1', 'r1', 'gone', 'vulnmatch', '', '', '', 0, 0, '')", "DELETE FROM run", "1 rows"},
		{"search knows less", "DELETE FROM search_doc WHERE kind = 'asset'", "", "is not found by search"},
		{"search knows better", "UPDATE search_doc SET title = 'Harmless' WHERE kind = 'risk'", "", "no longer has"},
		{"search finds the bin", "INSERT INTO search_doc (workspace_id, kind, record_id, title, body) SELECT 'ws1', 'team', id, 'x', 'x' FROM r_team", "", "in the bin"},
	}
	behind(t, func(t *testing.T, b *backdoor) {
		b.story()
		b.withoutForeignKeys()
		if list := b.examine(); len(list) != 0 {
			t.Fatalf("before: %v", list)
		}
		for _, crime := range crimes {
			b.exec(crime.do)
			list := b.examine()
			if !tells(list, crime.want) {
				t.Errorf("%s: found %v, want %q", crime.name, list, crime.want)
			}
			if crime.undo != "" {
				b.exec(crime.undo)
			}
			must(t, b.w.Store.RebuildSearch(context.Background()))
			if list := b.examine(); len(list) != 0 {
				t.Fatalf("%s: afterwards: %v", crime.name, list)
			}
		}
		if !b.numbered { // the full-text index of SQLite is a table of its own
			b.exec("UPDATE search_text_data SET block = zeroblob(8) WHERE id = (SELECT MAX(id) FROM search_text_data)")
			if list := b.examine(); !tells(list, "disagrees") {
				t.Errorf("a broken full-text index: found %v", list)
			}
			must(t, b.w.Store.RebuildSearch(context.Background()))
		}
		if hits, err := b.w.App.Search(admin, "patient", 5); err != nil || len(hits) != 1 {
			t.Errorf("search after rebuilding: %v, %v", hits, err)
		}
	})
}

func tells(list []store.Problem, want string) bool {
	for _, p := range list {
		if strings.Contains(p.What, want) && p.Where != "" && p.Remedy != "" {
			return true
		}
	}
	return false
}

func TestAMissingColumnIsFound(t *testing.T) {
	t.Parallel()
	behind(t, func(t *testing.T, b *backdoor) {
		_, err := b.db.Exec("ALTER TABLE r_webhook DROP COLUMN note")
		must(t, err)
		if list := b.examine(); !tells(list, "note") {
			t.Errorf("found %v", list)
		}
	})
}

func TestADatabaseOfAnotherVersionIsToldOf(t *testing.T) {
	t.Parallel()
	behind(t, func(t *testing.T, b *backdoor) {
		have, newest, err := b.w.Store.Version(context.Background())
		must(t, err)
		if have != newest || have == 0 {
			t.Errorf("version %d of %d", have, newest)
		}
		_, err = b.db.Exec("INSERT INTO goose_db_version (version_id, is_applied) VALUES (900, true)")
		must(t, err)
		if list := b.examine(); !tells(list, "version 900") {
			t.Errorf("found %v", list)
		}
	})
}

// A file with overwritten pages is reported, not read as if it were sound.
func TestADamagedFileIsFound(t *testing.T) {
	t.Parallel()
	path := testkit.SQLiteFile(t)
	s, err := store.Open(context.Background(), path, isms.Registry)
	must(t, err)
	w := testkit.New(s)
	for range 40 {
		must(t, w.App.Save(admin, &isms.Team{Base: kind.Base{Title: strings.Repeat("Night shift ", 20)}}))
	}
	must(t, s.Close())
	data, err := os.ReadFile(path)
	must(t, err)
	const page = 4096
	for at := len(data) / 2; at < len(data)/2+20*page && at < len(data); at++ {
		data[at] ^= 0xa5
	}
	must(t, os.WriteFile(path, data, 0o600))
	s, err = store.Open(context.Background(), path, isms.Registry)
	if err != nil {
		return // refused at once: as good
	}
	defer s.Close() //nolint:errcheck // the file is broken
	list, err := s.Examine(context.Background())
	if err == nil && !tells(list, "damaged") {
		t.Errorf("found %v", list)
	}
}

func TestADatabaseFileIsMadeForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "new.db")
	s, err := store.Open(context.Background(), path, isms.Registry)
	must(t, err)
	defer s.Close() //nolint:errcheck // the test is over
	files, err := filepath.Glob(path + "*")
	must(t, err)
	if len(files) < 2 {
		t.Errorf("only %v", files)
	}
	for _, name := range files {
		info, err := os.Stat(name)
		must(t, err)
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %04o", name, info.Mode().Perm())
		}
	}
}

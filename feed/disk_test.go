package feed

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// folder makes a data folder with sources, given as name and content by turns.
func folder(tb testing.TB, files ...string) string {
	tb.Helper()
	dir := tb.TempDir()
	for i := 0; i < len(files); i += 2 {
		write(tb, filepath.Join(sourcesFolder(dir), files[i]), files[i+1])
	}
	return dir
}

func open(tb testing.TB, dir string) *Index {
	tb.Helper()
	x, err := Open(dir)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = x.Close() })
	return x
}

func TestAnEmptyDataFolderIsAnEmptyIndexThatSaysWhatToDo(t *testing.T) {
	x := open(t, t.TempDir())
	if s := x.Stats(); s.Advisories != 0 || len(s.Notes) != 1 || !strings.Contains(s.Notes[0], "fetch them") {
		t.Errorf("%+v", s)
	}
}

func TestAStoredIndexIsUsedAgainAndSaysTheSame(t *testing.T) {
	dir := folder(t, "a.json", record1("X-1", "npm", "p", "1.0.0", `,"summary":"Short","aliases":["CVE-2024-1"]`), "kev.csv", "cveID,dateAdded,dueDate\nCVE-2024-1,2024-01-01,2024-01-22\n")
	made := open(t, dir)
	if len(made.Stats().Notes) != 1 {
		t.Errorf("the first start must say that the index was made: %v", made.Stats().Notes)
	}
	before, err := os.Stat(indexFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	again := open(t, dir)
	after, err := os.Stat(indexFile(dir))
	if err != nil || !os.SameFile(before, after) {
		t.Error("the index was made twice")
	}
	a, b := made.Stats(), again.Stats()
	a.Notes = nil
	if diff := cmp.Diff(a, b); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(ids(made, "npm", "p"), ids(again, "npm", "p")); diff != "" {
		t.Error(diff)
	}
	found, err := again.Find("CVE-2024-1")
	if err != nil || len(found) != 1 || found[0].Summary != "Short" || !again.Enrich("CVE-2024-1").KEV {
		t.Errorf("%v %v", found, err)
	}
}

func TestADamagedIndexIsMadeAgainWithAMessage(t *testing.T) {
	dir := folder(t, "a.json", record1("X-1", "npm", "p", "1.0.0", ""))
	_ = open(t, dir).Close()
	whole, err := os.ReadFile(indexFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func([]byte) []byte{
		"its checksum": func(b []byte) []byte { b[len(b)-3] ^= 1; return b },
		"its length":   func(b []byte) []byte { return b[:len(b)-1] },
		"EOF":          func([]byte) []byte { return nil },
		"no index":     func(b []byte) []byte { b[0] = 'X'; return b },
		"format 9":     func(b []byte) []byte { b[8] = 9; return b },
		"its length ":  func(b []byte) []byte { b[30] = 0xff; return b },
		"its checksum ": func(b []byte) []byte {
			b[17]++ // one more for the texts, one less for the rest
			b[25]--
			return b
		},
	} {
		write(t, indexFile(dir), string(spoil(append([]byte(nil), whole...))))
		x := open(t, dir)
		if notes := strings.Join(x.Stats().Notes, " "); !strings.Contains(notes, strings.TrimSpace(name)) || !strings.Contains(notes, "made again") {
			if !strings.HasPrefix(name, "its checksum ") { // the shift may also make the length wrong
				t.Errorf("%s: notes %q", name, notes)
			}
		}
		if len(ids(x, "npm", "p")) != 1 {
			t.Errorf("%s: the advisory is lost", name)
		}
	}
}

func TestADamagedTextIsAnErrorAndNotWrongText(t *testing.T) {
	dir := folder(t, "a.json", record1("X-1", "npm", "p", "1.0.0", `,"details":"`+strings.Repeat("some words ", 50)+`"`))
	_ = open(t, dir).Close()
	whole, err := os.ReadFile(indexFile(dir))
	if err != nil {
		t.Fatal(err)
	}
	whole[headerSize+12] ^= 0xff
	write(t, indexFile(dir), string(whole))
	x := open(t, dir)
	if _, err := x.Find("X-1"); err == nil || !strings.Contains(err.Error(), "X-1") {
		t.Errorf("got %v", err)
	}
}

func TestChangedSourcesAreNoticed(t *testing.T) {
	dir := folder(t, "a.json", record1("X-1", "npm", "p", "1.0.0", ""))
	_ = open(t, dir).Close()
	write(t, filepath.Join(sourcesFolder(dir), "b.json"), record1("X-2", "npm", "p", "2.0.0", ""))
	x := open(t, dir)
	if len(ids(x, "npm", "p")) != 2 || len(x.Stats().Notes) != 1 {
		t.Errorf("%v, notes %v", ids(x, "npm", "p"), x.Stats().Notes)
	}
}

func TestABrokenSourceLeavesTheOldIndex(t *testing.T) {
	dir := folder(t, "a.json", record1("X-1", "npm", "p", "1.0.0", ""))
	_ = open(t, dir).Close()
	whole := zipOf(t, "b.json", record1("X-2", "npm", "p", "2.0.0", ""))
	write(t, filepath.Join(sourcesFolder(dir), "b.zip"), whole[:len(whole)/2])
	x := open(t, dir)
	if diff := cmp.Diff([]string{"X-1 introduced=0 fixed=1.0.0"}, ids(x, "npm", "p")); diff != "" {
		t.Error(diff)
	}
	if notes := strings.Join(x.Stats().Notes, " "); !strings.Contains(notes, "the old index is used") || !strings.Contains(notes, "b.zip") {
		t.Errorf("notes %q", notes)
	}
	if entries, err := os.ReadDir(filepath.Dir(indexFile(dir))); err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestAFolderThatCannotBeWrittenStillServes(t *testing.T) {
	if os.Geteuid() == 0 {
		// The superuser may write everywhere: a file where the folder of the index
		// must be has the same effect.
		dir := folder(t, "a.json", record1("X-1", "npm", "p", "1.0.0", ""))
		if err := os.Mkdir(indexFile(dir), 0o700); err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(indexFile(dir), "in-the-way"), "")
		checkInMemory(t, dir)
		return
	}
	dir := folder(t, "a.json", record1("X-1", "npm", "p", "1.0.0", ""))
	if err := os.Chmod(filepath.Join(dir, "feed"), 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(dir, "feed"), 0o700) })
	checkInMemory(t, dir)
}

func checkInMemory(t *testing.T, dir string) {
	t.Helper()
	x := open(t, dir)
	if len(ids(x, "npm", "p")) != 1 || !strings.Contains(strings.Join(x.Stats().Notes, " "), "kept in memory") {
		t.Errorf("%v, notes %v", ids(x, "npm", "p"), x.Stats().Notes)
	}
}

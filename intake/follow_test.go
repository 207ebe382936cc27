package intake

import (
	"compress/gzip"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"holdfast/engine/event"
)

// newLog is a world that follows app.log in its folder.
func newLog(t *testing.T) (*world, string) {
	w := newWorld(t, nil)
	path := filepath.Join(w.dir, "app.log")
	w.in.Use([]Source{{ID: "f", Transport: File, At: path}})
	return w, path
}

func (w *world) write(path, text string) {
	w.Helper()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		w.Fatal(err)
	}
	if _, err := f.WriteString(text); err != nil {
		w.Fatal(err)
	}
	if err := f.Close(); err != nil {
		w.Fatal(err)
	}
}

func (w *world) rename(from, to string) {
	w.Helper()
	if err := os.Rename(from, to); err != nil {
		w.Fatal(err)
	}
}

// age makes files look older than those that are made now, as the days between
// rotations do.
func (w *world) age(path string, by time.Duration) {
	w.Helper()
	at := time.Now().Add(-by)
	if err := os.Chtimes(path, at, at); err != nil {
		w.Fatal(err)
	}
}

func TestAFileIsReadAsItGrowsAndNotTwice(t *testing.T) {
	w, path := newLog(t)
	w.eventually(func() bool { st, _ := w.in.State("f"); return strings.HasPrefix(st.Trouble, "waits for") })
	w.write(path, "one\ntwo\nthr")
	w.wants("one", "two")
	w.write(path, "ee\r\n\n")
	w.wants("one", "two", "three")
	w.again(Source{ID: "f", Transport: File, At: path})
	w.write(path, "four\n")
	w.wants("one", "two", "three", "four")
	if st, _ := w.in.State("f"); st.Trouble != "" || st.Open != 1 {
		t.Errorf("%+v", st)
	}
}

func TestARotatedFileIsReadToItsEnd(t *testing.T) {
	w, path := newLog(t)
	w.write(path, "one\n")
	w.wants("one")
	w.rename(path, path+".1")
	w.write(path+".1", "two\n") // the program was not told yet
	w.write(path, "three\n")
	w.write(path+".1", "still old\n")
	w.wants("one", "two", "still old", "three")
}

func TestRotationsWhileNobodyLookedLoseNothing(t *testing.T) {
	for name, pack := range map[string]bool{"plain": false, "packed": true} {
		t.Run(name, func(t *testing.T) {
			w, path := newLog(t)
			w.write(path, "a1\na2\n")
			w.wants("a1", "a2")
			w.in.Close()
			w.write(path, "a3\nlast of a")
			w.rename(path, path+".3")
			w.write(path+".2", "b1\nb2\n")
			w.write(path+".1", "c1\n")
			w.age(path+".3", 3*time.Hour)
			w.age(path+".2", 2*time.Hour)
			w.age(path+".1", time.Hour)
			if pack {
				w.pack(path + ".3")
				w.pack(path + ".2")
			}
			w.write(path, "d1\n")
			w.again(Source{ID: "f", Transport: File, At: path + "*"})
			w.wants("a1", "a2", "a3", "last of a", "b1", "b2", "c1", "d1")
			w.again(Source{ID: "f", Transport: File, At: path + "*"})
			w.write(path, "d2\n")
			w.wants("a1", "a2", "a3", "last of a", "b1", "b2", "c1", "d1", "d2")
		})
	}
}

// pack does what gzip does to a file.
func (w *world) pack(path string) {
	w.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		w.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		w.Fatal(err)
	}
	f, err := os.Create(path + ".gz")
	if err != nil {
		w.Fatal(err)
	}
	z := gzip.NewWriter(f)
	if _, err := z.Write(data); err != nil {
		w.Fatal(err)
	}
	_, _ = z.Close(), f.Close()
	if err := os.Chtimes(path+".gz", info.ModTime(), info.ModTime()); err != nil {
		w.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		w.Fatal(err)
	}
}

func TestAFileThatIsCopiedAndEmptiedLosesNothing(t *testing.T) {
	for name, asleep := range map[string]bool{"awake": false, "asleep": true} {
		t.Run(name, func(t *testing.T) {
			w, path := newLog(t)
			w.write(path, "one\ntwo\n")
			w.wants("one", "two")
			if asleep {
				w.in.Close()
				w.write(path, "three\n")
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			w.write(path+".1", string(data))
			if err := os.Truncate(path, 0); err != nil {
				t.Fatal(err)
			}
			w.write(path, "four, and longer than what was there before\n")
			want := []string{"one", "two", "four, and longer than what was there before"}
			if asleep {
				w.again(Source{ID: "f", Transport: File, At: path})
				want = slices.Insert(want, 2, "three")
			}
			w.wants(want...)
		})
	}
}

func TestALineWithoutEndWaitsAndOneThatIsTooLongIsCut(t *testing.T) {
	w, path := newLog(t)
	w.write(path, strings.Repeat("x", 3*event.MaxLine))
	time.Sleep(50 * time.Millisecond)
	w.wants()
	w.write(path, "yy\nnext\n")
	w.eventually(func() bool { return len(w.store.lines()) == 2 })
	got := w.store.lines()
	if len(got[0]) > event.MaxLine || !strings.HasSuffix(got[0], fmt.Sprintf(" [cut here: %d bytes arrived]", 3*event.MaxLine+2)) || got[1] != "next" {
		t.Errorf("%q", got[0][len(got[0])-80:])
	}
	if st, _ := w.in.State("f"); st.Cut != 1 {
		t.Errorf("%+v", st)
	}
}

func TestFilesOutsideTheFoldersAreNotFollowed(t *testing.T) {
	w := newWorld(t, nil)
	secret := filepath.Join(t.TempDir(), "secret")
	w.write(secret, "root:hash\n")
	for _, path := range []string{secret, filepath.Join(w.dir, "link.log")} {
		if path != secret {
			if err := os.Symlink(secret, path); err != nil {
				t.Fatal(err)
			}
		}
		w.in.Use([]Source{{ID: path, Transport: File, At: path}})
		w.eventually(func() bool {
			st, _ := w.in.State(path)
			return strings.Contains(st.Trouble, "none of the folders")
		})
	}
	if got := w.store.lines(); len(got) > 0 {
		t.Errorf("%q was read", got)
	}
}

func TestManyFilesMatchOnePattern(t *testing.T) {
	w := newWorld(t, nil)
	for i := range 5 {
		w.write(filepath.Join(w.dir, fmt.Sprintf("app%d.log", i)), fmt.Sprintf("line of %d\n", i))
	}
	w.in.Use([]Source{{ID: "f", Transport: File, At: filepath.Join(w.dir, "app*.log")}})
	w.wants("line of 0", "line of 1", "line of 2", "line of 3", "line of 4")
}

func TestAPipeIsRead(t *testing.T) {
	w := newWorld(t, nil)
	path := filepath.Join(w.dir, "journal")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	w.in.Use([]Source{{ID: "f", Transport: File, At: path}})
	w.write(path, "{\"MESSAGE\":\"one\"}\n{\"MESSAGE\":")
	w.wants(`{"MESSAGE":"one"}`)
	w.write(path, "\"two\"}\n")
	w.wants(`{"MESSAGE":"one"}`, `{"MESSAGE":"two"}`)
}

func TestALineThatCannotBeKeptIsReadAgain(t *testing.T) {
	w, path := newLog(t)
	w.store.refuse(fmt.Errorf("the disk is full"))
	w.write(path, "one\n")
	w.eventually(func() bool { st, _ := w.in.State("f"); return strings.Contains(st.Trouble, "the disk is full") })
	w.store.refuse(nil)
	w.wants("one")
}

// Rows of several tables are told apart by the file that they stand in.
func TestFilesOfAPatternAreNamedByTheirLines(t *testing.T) {
	w := newWorld(t, nil)
	w.in.Use([]Source{{ID: "many", Transport: File, At: filepath.Join(w.dir, "*.log")}, {ID: "one", Transport: File, At: filepath.Join(w.dir, "single.txt")}})
	for _, c := range []struct{ source, file, peer string }{
		{"many", "conn.log", filepath.Join(w.dir, "conn.log")},
		{"many", "dns.log", filepath.Join(w.dir, "dns.log")},
		{"one", "single.txt", ""},
	} {
		w.write(filepath.Join(w.dir, c.file), c.file+"\n")
		w.eventually(func() bool { st, _ := w.in.State(c.source); return string(st.Last) == c.file })
		if st, _ := w.in.State(c.source); st.Peer != c.peer {
			t.Errorf("%s says that it is of %q, want %q", c.file, st.Peer, c.peer)
		}
	}
}

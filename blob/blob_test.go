package blob

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"filippo.io/age"

	"holdfast/kind"
)

func open(t *testing.T) (*Store, string) {
	t.Helper()
	dir := t.TempDir()
	s, err := Open(filepath.Join(dir, "files"), filepath.Join(dir, "files.key"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

func put(t *testing.T, s *Store, text string) Info {
	t.Helper()
	info, err := s.Put(strings.NewReader(text), 0)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func read(s *Store, address string) (string, error) {
	in, err := s.Get(address)
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(in)
	return string(text), errors.Join(err, in.Close())
}

// everything is what lies below the folder, by path.
func everything(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	err := filepath.WalkDir(filepath.Join(dir, "files"), func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		out[p], err = os.ReadFile(p)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAFileComesBackAsItWasAndLiesEncrypted(t *testing.T) {
	s, dir := open(t)
	for _, text := range []string{"", "x", strings.Repeat("the salary of the director ", 9000)} {
		info := put(t, s, text)
		if got, err := read(s, info.Address); err != nil || got != text || info.Size != int64(len(text)) {
			t.Errorf("%d bytes came back as %d: %v", len(text), len(got), err)
		}
		if again := put(t, s, text); again != info {
			t.Errorf("the same content has two addresses: %v, %v", info, again)
		}
	}
	files := everything(t, dir)
	if len(files) != 3 {
		t.Errorf("%d files lie there, want 3", len(files))
	}
	for p, data := range files {
		if bytes.Contains(data, []byte("salary")) {
			t.Errorf("%s can be read without the key", p)
		}
		if info, err := os.Stat(p); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v", p, info.Mode())
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "files.key")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("others can read the key: %v", err)
	}
}

func TestNothingHalfDoneIsLeft(t *testing.T) {
	s, dir := open(t)
	broken := errors.New("the line broke")
	if _, err := s.Put(io.MultiReader(strings.NewReader(strings.Repeat("x", 200_000)), iotest.ErrReader(broken)), 0); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if _, err := s.Put(strings.NewReader(strings.Repeat("x", 1001)), 1000); kind.CodeOf(err) != kind.TooLarge {
		t.Errorf("a file over the limit: %v", err)
	}
	if files := everything(t, dir); len(files) != 0 {
		t.Errorf("left behind: %d files", len(files))
	}
	if _, err := s.Put(strings.NewReader(strings.Repeat("x", 1000)), 1000); err != nil {
		t.Errorf("a file at the limit: %v", err)
	}
}

func TestWhatACrashLeftIsNoFileAndIsSweptAway(t *testing.T) {
	s, dir := open(t)
	kept := put(t, s, "kept")
	if err := os.WriteFile(filepath.Join(dir, "files", "tmp", "HALF"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	n := 0
	if err := s.Each(func(k Kept) error { n++; return nil }); err != nil || n != 1 {
		t.Errorf("%d files are listed: %v", n, err)
	}
	if n, err := s.Sweep(time.Now().Add(-time.Hour)); err != nil || n != 0 {
		t.Errorf("swept away what is being written: %d, %v", n, err)
	}
	if n, err := s.Sweep(time.Now().Add(time.Hour)); err != nil || n != 1 {
		t.Errorf("swept %d: %v", n, err)
	}
	if got, err := read(s, kept.Address); err != nil || got != "kept" {
		t.Errorf("the kept file: %q, %v", got, err)
	}
}

func TestAChangedOrExchangedFileIsNoticed(t *testing.T) {
	s, dir := open(t)
	a, b := put(t, s, "the contract"), put(t, s, "another contract")
	at := func(i Info) string { return filepath.Join(dir, "files", i.Address[:2], i.Address[2:]) }
	data, err := os.ReadFile(at(b))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at(a), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := read(s, a.Address); err == nil {
		t.Errorf("an exchanged file was read as %q", got)
	}
	data[len(data)-1] ^= 1
	if err := os.WriteFile(at(b), data, 0o600); err != nil {
		t.Fatal(err)
	}
	if got, err := read(s, b.Address); err == nil {
		t.Errorf("a changed file was read as %q", got)
	}
}

func TestAnAddressLeadsNowhereElse(t *testing.T) {
	s, _ := open(t)
	for _, address := range []string{"", "..", "../files.key", strings.Repeat("a", 63), strings.Repeat("A", 64), strings.Repeat("z", 64), strings.Repeat("../", 22), strings.Repeat("0", 64)} {
		if _, err := s.Get(address); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestWithoutItsKeyTheFolderIsNotOpenedAnew(t *testing.T) {
	s, dir := open(t)
	put(t, s, "x")
	if err := os.Remove(filepath.Join(dir, "files.key")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(dir, "files"), filepath.Join(dir, "files.key")); err == nil {
		t.Error("a new key was made over files that it cannot read")
	}
	if _, err := os.Stat(filepath.Join(dir, "files.key")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a key file was written: %v", err)
	}
}

func TestAfterARotationTheOldKeyReadsNothing(t *testing.T) {
	s, dir := open(t)
	var list []Info
	for _, text := range []string{"a", "b", "c"} {
		list = append(list, put(t, s, text))
	}
	old, err := os.ReadFile(filepath.Join(dir, "files.key"))
	if err != nil {
		t.Fatal(err)
	}
	other, err := Open(filepath.Join(dir, "files"), filepath.Join(dir, "files.key")) // another process
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close() //nolint:errcheck // the folder goes with the test
	n, err := s.Rotate(nil)
	if err != nil || n != 3 {
		t.Fatalf("rotated %d: %v", n, err)
	}
	if got, err := read(other, put(t, other, "d").Address); err != nil || got != "d" {
		t.Errorf("the other process: %q, %v", got, err)
	}
	for i, text := range []string{"a", "b", "c"} {
		if got, err := read(other, list[i].Address); err != nil || got != text {
			t.Errorf("%q: %q, %v", text, got, err)
		}
	}
	ids, err := age.ParseIdentities(bytes.NewReader(old))
	if err != nil {
		t.Fatal(err)
	}
	for p, data := range everything(t, dir) {
		if _, err := age.Decrypt(bytes.NewReader(data), ids...); err == nil {
			t.Errorf("%s is read with the old key", p)
		}
	}
}

func TestARotationThatWasCutOffGoesOn(t *testing.T) {
	s, _ := open(t)
	a, b := put(t, s, "a"), put(t, s, "b")
	keys, err := s.identities()
	if err != nil {
		t.Fatal(err)
	}
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.writeKeys(append([]age.Identity{id}, keys...)); err != nil {
		t.Fatal(err)
	}
	both, err := s.identities()
	if err != nil || len(both) != 2 {
		t.Fatalf("%d keys: %v", len(both), err)
	}
	if err := s.renewOne(a.Address, both); err != nil {
		t.Fatal(err)
	}
	if n, err := s.Rotate(nil); err != nil || n != 1 {
		t.Errorf("the rest of the rotation took %d: %v", n, err)
	}
	for _, i := range []Info{a, b} {
		if _, err := read(s, i.Address); err != nil {
			t.Error(err)
		}
	}
}

func TestManyWriteTheSameFileAtOnce(t *testing.T) {
	s, dir := open(t)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := s.Put(strings.NewReader("the same"), 0); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if files := everything(t, dir); len(files) != 1 {
		t.Errorf("%d files", len(files))
	}
}

func TestKindsOfFileAreRecognisedWhateverTheyAreCalled(t *testing.T) {
	for _, c := range []struct{ name, head, want string }{
		{"policy.pdf", "%PDF-1.7\n", MediaPDF}, {"notes.txt", "Grüße, Ελλάδα\r\n", MediaText}, {"table.csv", "a,b\n1,2\n", MediaText},
		{"x.png", "\x89PNG\x0D\x0A\x1A\x0A", "image/png"}, {"a.docx", "PK\x03\x04....[Content_Types].xml....word/document.xml", MediaDOCX},
		{"a.docx", "PK\x03\x04....[Content_Types].xml", MediaDOCX}, {"a.zip", "PK\x03\x04....readme", "application/zip"},
		{"evil.pdf", "<!DOCTYPE html><script>", ""}, {"page.txt", "<html><body>", ""}, {"program.pdf", "\x7fELF\x02\x01", ""}, {"setup.txt", "MZ\x90\x00\x03", ""}, {"null.txt", "a\x00b", ""}, {"x.xml", "<?xml version=\"1.0\"?><svg>", ""},
	} {
		got, err := Sniff(c.name, []byte(c.head))
		if got != c.want || (err != nil) != (c.want == "") {
			t.Errorf("%s %.12q: %q, %v", c.name, c.head, got, err)
		}
	}
}

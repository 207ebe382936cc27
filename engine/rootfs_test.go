package engine_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"holdfast/engine"
)

// newRoot makes a directory with a file system in it, beside a secret that must
// never be reached, and opens it.
func newRoot(t *testing.T) (fsys *engine.RootFS, dir string) {
	t.Helper()
	outer := t.TempDir()
	dir = filepath.Join(outer, "root")
	for _, d := range []string{"root/etc/alternatives", "root/usr/lib", "root/data"} {
		if err := os.MkdirAll(filepath.Join(outer, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for file, text := range map[string]string{
		"secret": "outside", "root/etc/real": "inside", "root/usr/lib/os-release": "ID=test", "root/data/f": "data",
	} {
		if err := os.WriteFile(filepath.Join(outer, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{
		"etc/relative":       "real",
		"etc/absolute":       "/etc/real",
		"etc/os-release":     "../usr/lib/os-release",
		"lib":                "/usr/lib",
		"chain":              "etc/absolute",
		"etc/dir":            "/data",
		"etc/up":             "../../../../etc/real",
		"etc/escape":         "../../secret",
		"etc/escape-abs":     filepath.Join(outer, "secret"),
		"loop":               "loop",
		"ping":               "/pong",
		"pong":               "/ping",
		"dangling":           "/nowhere/at/all",
		"etc/alternatives/a": "/etc/relative",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	fsys, err := engine.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = fsys.Close() })
	return fsys, dir
}

func TestLinksAreFollowedAsTheSystemInsideWould(t *testing.T) {
	fsys, _ := newRoot(t)
	for name, want := range map[string]string{
		"etc/real": "inside", "etc/relative": "inside", "etc/absolute": "inside", "chain": "inside",
		"etc/alternatives/a": "inside", "etc/up": "inside", "etc/os-release": "ID=test",
		"lib/os-release": "ID=test", "etc/dir/f": "data",
	} {
		read, err := fs.ReadFile(fsys, name)
		if err != nil || string(read) != want {
			t.Errorf("ReadFile %s: %q, %v; want %q", name, read, err, want)
		}
		opened, err := engine.ReadLimited(fsys, name, 100)
		if err != nil || string(opened) != want {
			t.Errorf("Open %s: %q, %v; want %q", name, opened, err, want)
		}
		if info, err := fs.Stat(fsys, name); err != nil || info.Size() != int64(len(want)) {
			t.Errorf("Stat %s: %v", name, err)
		}
	}
}

func TestNoLinkLeadsOutOfTheRoot(t *testing.T) {
	fsys, _ := newRoot(t)
	for _, name := range []string{"etc/escape", "etc/escape-abs", "../secret", "/etc/real", "etc/../../secret", ""} {
		for how, read := range map[string]func() ([]byte, error){
			"ReadFile": func() ([]byte, error) { return fs.ReadFile(fsys, name) },
			"Open":     func() ([]byte, error) { return engine.ReadLimited(fsys, name, 100) },
		} {
			if data, err := read(); err == nil || strings.Contains(string(data), "outside") {
				t.Errorf("%s %q must fail, got %q", how, name, data)
			}
		}
		if _, err := fs.Stat(fsys, name); err == nil {
			t.Errorf("Stat %q must fail", name)
		}
	}
}

func TestLinksThatNeverEndAreRefused(t *testing.T) {
	fsys, _ := newRoot(t)
	for _, name := range []string{"loop", "ping", "loop/x", "dangling"} {
		if _, err := fs.ReadFile(fsys, name); err == nil {
			t.Errorf("%s must fail", name)
		}
	}
	if _, err := fs.ReadFile(fsys, "dangling"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a link to nothing does not exist: %v", err)
	}
}

func TestLstatAndReadLinkTellOfTheLinkItself(t *testing.T) {
	fsys, _ := newRoot(t)
	for name, want := range map[string]string{"etc/absolute": "/etc/real", "lib": "/usr/lib", "etc/escape": "../../secret"} {
		info, err := fsys.Lstat(name)
		if err != nil || info.Mode().Type() != fs.ModeSymlink {
			t.Errorf("Lstat %s: %v, %v", name, info, err)
		}
		if to, err := fsys.ReadLink(name); err != nil || to != want {
			t.Errorf("ReadLink %s: %q, %v; want %q", name, to, err, want)
		}
	}
	// The directory in front of the name is followed, though.
	if info, err := fsys.Lstat("lib/os-release"); err != nil || !info.Mode().IsRegular() {
		t.Errorf("Lstat through a link: %v, %v", info, err)
	}
	if uid, gid, ok := engine.Owner(must(t, fsys, "etc/real")); !ok || uid != os.Getuid() || gid != os.Getgid() {
		t.Errorf("owner %d:%d, %v", uid, gid, ok)
	}
}

func must(t *testing.T, fsys *engine.RootFS, name string) fs.FileInfo {
	t.Helper()
	info, err := fsys.Lstat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestAPipeIsRefusedAndDoesNotBlock(t *testing.T) {
	fsys, dir := newRoot(t)
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("/pipe", filepath.Join(dir, "link-to-pipe")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pipe", "link-to-pipe"} {
		for how, read := range map[string]func() error{
			"Open":        func() error { _, err := fsys.Open(name); return err },
			"ReadLimited": func() error { _, err := engine.ReadLimited(fsys, name, 100); return err },
			"ReadFile":    func() error { _, err := fsys.ReadFile(name); return err },
			"ReadDir":     func() error { _, err := fsys.ReadDir(name); return err },
		} {
			if err := read(); err == nil {
				t.Errorf("%s %s must fail", how, name)
			}
		}
	}
}

func TestDirectoriesAreListedThroughLinksAndInOrder(t *testing.T) {
	fsys, _ := newRoot(t)
	list, err := fs.ReadDir(fsys, "lib")
	if err != nil || len(list) != 1 || list[0].Name() != "os-release" {
		t.Errorf("%v, %v", list, err)
	}
	top, err := fs.ReadDir(fsys, ".")
	if err != nil {
		t.Fatal(err)
	}
	for i := 1; i < len(top); i++ {
		if top[i-1].Name() >= top[i].Name() {
			t.Errorf("%s stands before %s", top[i-1].Name(), top[i].Name())
		}
	}
}

func TestAFileOverTheLimitIsRefusedAndOneOfTheLimitIsRead(t *testing.T) {
	fsys := fstest.MapFS{"f": {Data: []byte("12345")}}
	if data, err := engine.ReadLimited(fsys, "f", 5); err != nil || string(data) != "12345" {
		t.Errorf("%q, %v", data, err)
	}
	if data, err := engine.ReadLimited(fsys, "f", 4); !errors.Is(err, engine.ErrTooLarge) || data != nil {
		t.Errorf("%q, %v; half of a file must not be returned", data, err)
	}
}

package configcheck

import (
	"context"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine"
)

// minRemedies is the least number of remedies that are really run.
const minRemedies = 40

// The remedies of the scenarios marked "remedy" are run by a shell on a copy of
// the root. Then the check must not fail any more, and a second run must change
// nothing.
func TestRemediesMendWhatTheirCheckFoundAndMayRunTwice(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh to run the remedies with")
	}
	if out, err := exec.Command("sed", "--version").Output(); err != nil || !strings.Contains(string(out), "GNU sed") {
		t.Skip("the remedies are written for GNU sed, which is not here")
	}
	remedies := map[string]string{}
	for _, c := range Checks() {
		remedies[c.ID] = c.Remedy
	}
	ran := map[string]bool{}
	for _, s := range loadScenarios(t) {
		if !s.remedy {
			continue
		}
		ran[s.check] = true
		t.Run(s.check+"/"+s.name, func(t *testing.T) {
			box := newSandbox(t, s.root)
			box.run(t, sh, remedies[s.check])
			once := box.load(t, s.root)
			box.run(t, sh, remedies[s.check])
			if diff := cmp.Diff(contents(once), contents(box.load(t, s.root))); diff != "" {
				t.Errorf("the second run changed something (-once +twice):\n%s", diff)
			}
			target := *s.target
			target.FS = once
			list, err := New().Observe(context.Background(), &target)
			if err != nil {
				t.Fatal(err)
			}
			for _, o := range list {
				if o.Check == s.check && (o.Outcome == engine.Fail || o.Outcome == engine.Unknown) {
					t.Errorf("still wrong after the remedy:%s\n%s", describe([]engine.Observation{o}), contents(once))
				}
			}
		})
	}
	if len(ran) < minRemedies {
		t.Errorf("only %d remedies were run, want %d", len(ran), minRemedies)
	}
}

// A sandbox is a copy of a root in a directory. Absolute paths in its files and
// in the script are moved below the directory. Commands that act on the running
// system are replaced by one that does nothing.
type sandbox struct{ dir, bin string }

// inert are commands that a test must not run on the machine it runs on.
var inert = []string{
	"chown", "systemctl", "sysctl", "mount", "visudo", "sshd", "apt-get", "dnf", "apk", "groupadd", "getent",
	"passwd", "usermod", "chage", "pwconv", "authselect", "pam-auth-update", "certbot", "ufw", "firewall-cmd", "dpkg", "rpm",
}

func newSandbox(t *testing.T, root fstest.MapFS) *sandbox {
	t.Helper()
	dir, err := os.MkdirTemp("", "holdfastbox")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	b := &sandbox{dir: filepath.Join(dir, "root"), bin: filepath.Join(dir, "bin")}
	for _, name := range inert {
		b.write(t, filepath.Join(b.bin, name), "#!/bin/sh\nexit 0\n", 0o755)
	}
	for name, f := range root {
		to := filepath.Join(b.dir, name)
		switch {
		case f.Mode.IsDir():
			if err := os.MkdirAll(to, 0o755); err != nil {
				t.Fatal(err)
			}
		case f.Mode&fs.ModeSymlink != 0:
			_ = os.MkdirAll(filepath.Dir(to), 0o755)
			if err := os.Symlink(b.inside(string(f.Data)), to); err != nil {
				t.Fatal(err)
			}
		default:
			b.write(t, to, b.inside(string(f.Data)), f.Mode)
		}
	}
	for name, f := range root { // at the end, so that a closed directory can be filled
		if f.Mode&fs.ModeSymlink == 0 {
			if err := os.Chmod(filepath.Join(b.dir, name), f.Mode&^fs.ModeDir); err != nil {
				t.Fatal(err)
			}
		}
	}
	return b
}

func (b *sandbox) write(t *testing.T, file, body string, mode fs.FileMode) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(body), mode.Perm()); err != nil {
		t.Fatal(err)
	}
}

// absolute finds paths of the system, and the root itself after find.
var (
	absolute = regexp.MustCompile(`(^|[\s'"=,:(|+\\#>!@-])(/(?:etc|root|home|usr|var|tmp|opt|srv|boot|dev/shm|keys|proc|sys|run)(?:[/\s'":;,)|?*[]|$))`)
	wholeFS  = regexp.MustCompile(`find / `)
)

// inside moves absolute paths below the directory. Paths may touch each other,
// so that one pass is not enough.
func (b *sandbox) inside(text string) string {
	const mark = "\x00"
	text = wholeFS.ReplaceAllString(text, "find "+mark+" ")
	for moved := ""; moved != text; {
		moved, text = text, absolute.ReplaceAllString(text, "${1}"+mark+"${2}")
	}
	return strings.ReplaceAll(text, mark, b.dir)
}

func (b *sandbox) run(t *testing.T, sh, script string) {
	t.Helper()
	cmd := exec.Command(sh, "-c", b.inside(script))
	cmd.Env = []string{"PATH=" + b.bin + ":" + os.Getenv("PATH"), "LC_ALL=C"}
	cmd.Dir = b.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		if _, status := err.(*exec.ExitError); !status { //nolint:errorlint // returned as it is, never wrapped
			t.Fatalf("%v\n%s", err, out)
		}
		t.Logf("%v\n%s", err, out)
	}
}

// load reads the directory back, with the owners of the original.
func (b *sandbox) load(t *testing.T, original fstest.MapFS) fstest.MapFS {
	t.Helper()
	root := fstest.MapFS{}
	err := filepath.WalkDir(b.dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || file == b.dir {
			return err
		}
		name, _ := filepath.Rel(b.dir, file)
		info, err := d.Info()
		if err != nil {
			return err
		}
		f := &fstest.MapFile{Mode: info.Mode(), Sys: engine.Ownership{}}
		if o := original[name]; o != nil {
			f.Sys = o.Sys
		}
		if info.Mode()&fs.ModeSymlink != 0 {
			to, _ := os.Readlink(file)
			f.Data = []byte(strings.ReplaceAll(to, b.dir, ""))
		} else if info.Mode().IsRegular() {
			body, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			f.Data = []byte(strings.ReplaceAll(string(body), b.dir, ""))
		}
		root[filepath.ToSlash(name)] = f
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return root
}

// contents is a root as text for comparison.
func contents(root fstest.MapFS) map[string]string {
	list := map[string]string{}
	for name, f := range root {
		list[name] = f.Mode.String() + "\n" + string(f.Data)
	}
	return list
}

package configcheck

import (
	"context"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"holdfast/engine"
)

// A scenario is one small root with what must be found in it. testdata/<check>.txtar
// holds the scenarios of a check: every file is below a directory whose name begins
// with the outcome that is expected, good, bad, absent or unknown. The file
// "facts" in it holds what is not a file, one per line, see fact.
type scenario struct {
	check  string
	name   string
	root   fstest.MapFS
	target *engine.Target
	want   []wanted
	remedy bool // the remedy is run on the root and must mend it
	expect engine.Outcome
}

// wanted is one expected failure.
type wanted struct {
	severity engine.Severity
	subject  string
	detail   string // part of it
}

var testNow = time.Date(2025, 6, 1, 12, 0, 0, 0, time.UTC)

func loadScenarios(t *testing.T) []*scenario {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenarios in testdata: %v", err)
	}
	var list []*scenario
	for _, f := range files {
		a, err := txtar.ParseFile(f)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, scenariosOf(t, strings.TrimSuffix(filepath.Base(f), ".txtar"), a)...)
	}
	return list
}

func scenariosOf(t *testing.T, check string, a *txtar.Archive) []*scenario {
	t.Helper()
	byName := map[string]*scenario{}
	var list []*scenario
	facts := map[string]string{}
	for _, f := range a.Files {
		name, file, _ := strings.Cut(f.Name, "/")
		s := byName[name]
		if s == nil {
			s = newScenario(t, check, name)
			byName[name] = s
			list = append(list, s)
		}
		if file == "facts" {
			facts[name] = string(f.Data)
			continue
		}
		s.root[file] = &fstest.MapFile{Data: f.Data, Mode: 0o644, Sys: engine.Ownership{}}
	}
	for _, s := range list {
		for no, l := range strings.Split(facts[s.name], "\n") {
			if l = strings.TrimSpace(l); l != "" && l[0] != '#' {
				if !s.fact(strings.Fields(l), l) {
					t.Fatalf("testdata/%s.txtar: %s/facts line %d: %q is not understood", check, s.name, no+1, l)
				}
			}
		}
		s.ownDirs()
	}
	return list
}

func newScenario(t *testing.T, check, name string) *scenario {
	t.Helper()
	s := &scenario{check: check, name: name, root: fstest.MapFS{}}
	s.target = &engine.Target{Kind: engine.Root, Name: name, FS: s.root, Inventory: &engine.Inventory{}, Now: testNow}
	for prefix, o := range map[string]engine.Outcome{"good": engine.Pass, "bad": engine.Fail, "absent": engine.NotApplicable, "unknown": engine.Unknown} {
		if strings.HasPrefix(name, prefix) {
			s.expect = o
		}
	}
	if s.expect == "" {
		t.Fatalf("testdata/%s.txtar: the scenario %q must begin with good, bad, absent or unknown", check, name)
	}
	return s
}

// fact applies one line of a facts file.
func (s *scenario) fact(f []string, line string) bool {
	h := &s.target.Inventory.Host
	num := func(s string) int { n, _ := strconv.Atoi(s); return n }
	mode := func(s string) fs.FileMode { n, _ := strconv.ParseUint(s, 8, 32); return fileModeOf(uint32(n)) }
	switch f[0] {
	case "live":
		h.Live, s.target.Kind = true, engine.Host
	case "kernel": // a root that boots a kernel of its own
		s.root["lib/modules/6.1.0/modules.dep"] = &fstest.MapFile{Mode: 0o644, Sys: engine.Ownership{}}
	case "container":
		h.Container = f[1]
	case "os":
		h.OS = engine.OS{ID: f[1], VersionID: strings.Join(f[2:], "")}
	case "package":
		s.target.Inventory.Packages = append(s.target.Inventory.Packages, engine.Package{Name: f[1], Version: f[2], Ecosystem: "Debian:12"})
	case "user": // name uid gid home shell state [method]
		u := engine.User{Name: f[1], UID: num(f[2]), GID: num(f[3]), Home: f[4], Shell: f[5], Password: engine.PasswordState(f[6])}
		if len(f) > 7 {
			u.Method = f[7]
		}
		h.Users = append(h.Users, u)
	case "group": // name gid [members]
		g := engine.Group{Name: f[1], GID: num(f[2])}
		if len(f) > 3 {
			g.Members = strings.Split(f[3], ",")
		}
		h.Groups = append(h.Groups, g)
	case "listen": // proto address port program
		h.Listeners = append(h.Listeners, engine.Listener{Proto: f[1], Address: f[2], Port: num(f[3]), Process: f[4]})
	case "service":
		h.Services = append(h.Services, engine.Service{Name: f[1], Enabled: f[2] == "enabled", Running: f[2] == "running"})
	case "mount":
		h.Mounts = append(h.Mounts, engine.Mount{Device: f[1], Path: f[2], Type: f[3], Options: strings.Split(f[4], ",")})
	case "gap":
		s.target.Inventory.Problems = append(s.target.Inventory.Problems, engine.Problem{Path: f[1], Reason: strings.Join(f[2:], " ")})
	case "mode":
		s.entry(f[2]).Mode = s.entry(f[2]).Mode&fs.ModeType | mode(f[1])
	case "owner":
		uid, gid, _ := strings.Cut(f[1], ":")
		s.entry(f[2]).Sys = engine.Ownership{UID: num(uid), GID: num(gid)}
	case "dir":
		s.root[f[2]] = &fstest.MapFile{Mode: fs.ModeDir | mode(f[1]), Sys: engine.Ownership{}}
	case "link": // where what-it-says
		s.root[f[1]] = &fstest.MapFile{Mode: fs.ModeSymlink | 0o777, Data: []byte(f[2]), Sys: engine.Ownership{}}
	case "now":
		s.target.Now, _ = time.Parse(time.DateOnly, f[1])
	case "remedy":
		s.remedy = true
	case "outcome": // the name says something else, because nothing can be absent
		s.expect = engine.Outcome(f[1])
	case "want": // severity "subject" part of the detail
		quoted, err := strconv.QuotedPrefix(strings.TrimSpace(strings.SplitN(line, f[1], 2)[1]))
		if err != nil {
			return false
		}
		subject, _ := strconv.Unquote(quoted)
		_, detail, _ := strings.Cut(line, quoted)
		s.want = append(s.want, wanted{engine.Severity(f[1]), subject, strings.TrimSpace(detail)})
	default:
		return false
	}
	return true
}

func (s *scenario) entry(file string) *fstest.MapFile {
	if s.root[file] == nil {
		s.root[file] = &fstest.MapFile{Mode: 0o644, Sys: engine.Ownership{}}
	}
	return s.root[file]
}

// ownDirs gives the directories above each file to root, because a map file
// system invents them without an owner.
func (s *scenario) ownDirs() {
	for _, file := range slices.Collect(maps.Keys(s.root)) {
		for dir := path.Dir(file); dir != "."; dir = path.Dir(dir) {
			if s.root[dir] == nil {
				s.root[dir] = &fstest.MapFile{Mode: 0o755, Sys: engine.Ownership{}}
			}
			s.root[dir].Mode |= fs.ModeDir
		}
	}
}

func fileModeOf(bits uint32) fs.FileMode {
	m := fs.FileMode(bits & 0o777)
	for bit, flag := range map[uint32]fs.FileMode{0o4000: fs.ModeSetuid, 0o2000: fs.ModeSetgid, 0o1000: fs.ModeSticky} {
		if bits&bit != 0 {
			m |= flag
		}
	}
	return m
}

// observe runs the whole engine and returns the observations by check.
func observe(t *testing.T, target *engine.Target) map[string][]engine.Observation {
	t.Helper()
	list, err := New().Observe(context.Background(), target)
	if err != nil {
		t.Fatalf("Observe: %v", err)
	}
	byCheck := map[string][]engine.Observation{}
	for _, o := range list {
		byCheck[o.Check] = append(byCheck[o.Check], o)
	}
	return byCheck
}

func describe(list []engine.Observation) string {
	var b strings.Builder
	for _, o := range list {
		b.WriteString("\n  " + string(o.Outcome) + " " + string(o.Severity) + " " + strconv.Quote(o.Subject) + " " + o.Detail)
	}
	return b.String()
}

// sharedData opens a file of the shared test data, or skips the test.
func sharedData(t *testing.T, file string) string {
	t.Helper()
	p := filepath.Join("..", "..", "..", "shared", "data", file)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("the shared test data is not here: %s is missing beside the module", filepath.Join("shared", "data", file))
	}
	return p
}

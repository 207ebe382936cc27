package inventory

import (
	"bytes"
	"compress/zlib"
	"debug/buildinfo"
	"debug/elf"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine"
)

func TestLanguagePackagesAreFoundWhereTheyAreInstalledAndNowhereElse(t *testing.T) {
	npm := func(name, version string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte(fmt.Sprintf(`{"name": %q, "version": %q, "license": "MIT"}`, name, version))}
	}
	fsys := fstest.MapFS{
		"app/package.json":                                           npm("app", "0.0.1"),
		"app/node_modules/left-pad/package.json":                     npm("left-pad", "1.3.0"),
		"app/node_modules/@babel/core/package.json":                  npm("@babel/core", "7.0.0"),
		"app/node_modules/left-pad/dist/package.json":                npm("not-one", "9"),
		"app/node_modules/esm/package.json":                          {Data: []byte(`{"type": "module"}`)},
		"app/node_modules/old/package.json":                          {Data: []byte("\xef\xbb\xbf" + `{"name": "old", "version": "1", "license": {"type": "BSD"}}`)},
		"venv/lib/python3/site-packages/Flask-2.dist-info/METADATA":  {Data: []byte("Metadata-Version: 2.1\nName: Flask_Login\nVersion: 2.0\nLicense: BSD-3-Clause\n\nName: not this\n")},
		"venv/lib/python3/site-packages/Flask-2.dist-info/REQUESTED": {},
		"venv/lib/python3/site-packages/six.egg-info/PKG-INFO":       {Data: []byte("Name: six\r\nVersion: 1.16\r\n")},
		"venv/lib/python3/site-packages/flat.egg-info":               {Data: []byte("Name: flat\nVersion: 1\n")},
		"docs/METADATA": {Data: []byte("Name: no\nVersion: 1\n")},
		"opt/gems/specifications/rack-2.2.3.gemspec":            {Data: []byte("Gem::Specification.new do |s|\n  s.name = \"rack\".freeze\n  s.version = \"2.2.3\"\n  s.licenses = [\"MIT\".freeze]\nend\n")},
		"opt/gems/specifications/default/json-2.6.gemspec":      {Data: []byte("  s.name = 'json'\n  s.version = Gem::Version.new(\"2.6\")\n")},
		"opt/gems/gems/rack-2.2.3/rack.gemspec":                 {Data: []byte("  s.name = 'rack'\n  s.version = '0'\n")},
		"tmp/node_modules/x/package.json":                       npm("x", "1"),
		"proc/1/node_modules/x/package.json":                    npm("x", "1"),
		"home/a/go/pkg/mod/m/node_modules/x/package.json":       npm("x", "1"),
		"mnt/share/node_modules/x/package.json":                 npm("x", "1"),
		"var/lib/docker/overlay2/l/node_modules/x/package.json": npm("x", "1"),
		"home/a/project/.git/node_modules/x/package.json":       npm("x", "1"),
	}
	facts := engine.HostFacts{Live: true, Mounts: []engine.Mount{{Path: "/", Type: "overlay"}, {Path: "/mnt/share", Type: "nfs4"}}}
	got, problems := Packages(t.Context(), fsys, facts, nil)
	want := []engine.Package{
		{Name: "flask-login", Version: "2.0", Ecosystem: "PyPI", PURL: "pkg:pypi/flask-login@2.0", Licenses: []string{"BSD-3-Clause"}, Path: "/venv/lib/python3/site-packages/Flask-2.dist-info/METADATA", Direct: true},
		{Name: "flat", Version: "1", Ecosystem: "PyPI", PURL: "pkg:pypi/flat@1", Path: "/venv/lib/python3/site-packages/flat.egg-info"},
		{Name: "six", Version: "1.16", Ecosystem: "PyPI", PURL: "pkg:pypi/six@1.16", Path: "/venv/lib/python3/site-packages/six.egg-info/PKG-INFO"},
		{Name: "json", Version: "2.6", Ecosystem: "RubyGems", PURL: "pkg:gem/json@2.6", Path: "/opt/gems/specifications/default/json-2.6.gemspec"},
		{Name: "rack", Version: "2.2.3", Ecosystem: "RubyGems", PURL: "pkg:gem/rack@2.2.3", Licenses: []string{"MIT"}, Path: "/opt/gems/specifications/rack-2.2.3.gemspec"},
		{Name: "@babel/core", Version: "7.0.0", Ecosystem: "npm", PURL: "pkg:npm/%40babel/core@7.0.0", Licenses: []string{"MIT"}, Path: "/app/node_modules/@babel/core/package.json"},
		{Name: "left-pad", Version: "1.3.0", Ecosystem: "npm", PURL: "pkg:npm/left-pad@1.3.0", Licenses: []string{"MIT"}, Path: "/app/node_modules/left-pad/package.json"},
		{Name: "old", Version: "1", Ecosystem: "npm", PURL: "pkg:npm/old@1", Licenses: []string{"BSD"}, Path: "/app/node_modules/old/package.json"},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if len(problems) != 1 || problems[0].Path != "/mnt/share" || !strings.Contains(problems[0].Reason, "nfs4") {
		t.Errorf("what was not looked into must be told: %v", problems)
	}
}

func TestAnFstabHidesNothing(t *testing.T) {
	fsys := fstest.MapFS{"usr/node_modules/x/package.json": {Data: []byte(`{"name": "x", "version": "1"}`)}}
	got, _ := Packages(t.Context(), fsys, engine.HostFacts{Mounts: []engine.Mount{{Path: "/usr", Type: "nfs"}}}, nil)
	if len(got) != 1 {
		t.Errorf("got %v", got)
	}
}

// closedFS is a file system of which some directories may not be read.
type closedFS struct{ fstest.MapFS }

func (c closedFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if strings.HasPrefix(name, "closed") {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return c.MapFS.ReadDir(name)
}

func TestDirectoriesThatMayNotBeReadAreToldOnce(t *testing.T) {
	fsys := closedFS{fstest.MapFS{"closed1/x": {}, "closed2/x": {}, "closed3/x": {}, "open/x": {}}}
	_, problems := Packages(t.Context(), fsys, engine.HostFacts{}, nil)
	want := []engine.Problem{{Path: "/closed1", Reason: "and 2 more directories may not be read; run as root to include them"}}
	if d := cmp.Diff(want, problems); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	_, problems = Packages(t.Context(), closedFS{fstest.MapFS{"closed/x": {}}}, engine.HostFacts{}, nil)
	want = []engine.Problem{{Path: "/closed", Reason: "may not be read; run as root to include it"}}
	if d := cmp.Diff(want, problems); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestWhatADistributionPackageOwnsIsNotListedAgain(t *testing.T) {
	meta := func(name string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("Name: " + name + "\nVersion: 1.0\n")}
	}
	fsys := fstest.MapFS{
		"usr/lib/python3/dist-packages/yaml.egg-info":    meta("yaml"),
		"usr/lib/python3/dist-packages/merged.egg-info":  meta("merged"),
		"usr/local/lib/python3/dist-packages/x.egg-info": meta("x"),
		"var/lib/dpkg/status":                            {Data: []byte("Package: python3-yaml\nStatus: install ok installed\nVersion: 6.0-3+deb12u1\nSource: pyyaml\n")},
		"var/lib/dpkg/info/python3-yaml.list":            {Data: []byte("/.\n/usr\n/usr/lib/python3/dist-packages/yaml.egg-info\n/lib/python3/dist-packages/merged.egg-info\n")},
	}
	got, problems := Packages(t.Context(), fsys, engine.HostFacts{OS: bookworm}, nil)
	var names []string
	for _, p := range got {
		names = append(names, p.Ecosystem+" "+p.Name)
	}
	if d := cmp.Diff([]string{"Debian:12 python3-yaml", "PyPI x"}, names); d != "" || len(problems) != 0 {
		t.Errorf("problems %v (-want +got):\n%s", problems, d)
	}
}

func TestPackagesOfAnUnknownDistributionAreListedAndReported(t *testing.T) {
	fsys := fstest.MapFS{"var/lib/dpkg/status": {Data: []byte("Package: a\nStatus: install ok installed\nVersion: 1\n")}}
	got, problems := Packages(t.Context(), fsys, engine.HostFacts{}, nil)
	if len(got) != 1 || got[0].Ecosystem != "" {
		t.Errorf("got %+v", got)
	}
	if len(problems) != 1 || problems[0].Path != "/etc/os-release" || !strings.Contains(problems[0].Reason, "cannot be checked") {
		t.Errorf("silence must not be taken for safety: %v", problems)
	}
}

func TestABrokenManifestIsAProblemAndTheScanGoesOn(t *testing.T) {
	fsys := fstest.MapFS{
		"a/node_modules/bad/package.json":                        {Data: []byte(`{"name": `)},
		"a/node_modules/good/package.json":                       {Data: []byte(`{"name": "good", "version": "1"}`)},
		"a/x.dist-info/METADATA":                                 {Data: []byte("nothing")},
		"a/specifications/x.gemspec":                             {Data: []byte("nothing")},
		"a/broken.jar":                                           {Data: []byte("no zip")},
		"a/empty.jar":                                            {},
		strings.Repeat("d/", maxDepth+2) + "x.egg-info/PKG-INFO": {Data: []byte("Name: x\nVersion: 1\n")},
	}
	got, problems := Packages(t.Context(), fsys, engine.HostFacts{}, nil)
	if len(got) != 1 || got[0].Name != "good" {
		t.Errorf("got %+v", got)
	}
	if len(problems) != 5 {
		t.Errorf("problems %v, want one for each broken file and one for the depth", problems)
	}
}

func TestAGoProgramNamesItsModulesAsTheToolchainDoes(t *testing.T) {
	self := filepath.Join(t.TempDir(), "program")
	if out, err := exec.Command("go", "build", "-o", self, "./testdata/program").CombinedOutput(); err != nil {
		t.Skipf("a program to look at cannot be built here: %v %s", err, out)
	}
	data, err := os.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	info, err := buildinfo.ReadFile(self)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, d := range info.Deps {
		want[d.Path] = strings.TrimPrefix(d.Version, "v")
	}
	if len(want) == 0 {
		t.Fatal("the test program should have modules")
	}
	fsys := fstest.MapFS{
		"usr/local/bin/tool":     {Data: data, Mode: 0o755},
		"usr/local/bin/tool.txt": {Data: data, Mode: 0o755},
		"usr/local/share/tool":   {Data: data, Mode: 0o644},
		"usr/local/bin/script":   {Data: []byte("#!/bin/sh\n" + strings.Repeat("#", minBinary)), Mode: 0o755},
		"usr/local/bin/cut":      {Data: data[:minBinary+1], Mode: 0o755},
	}
	pkgs, problems := Packages(t.Context(), fsys, engine.HostFacts{}, nil)
	got := map[string]string{}
	for _, p := range pkgs {
		if p.Path != "/usr/local/bin/tool" || p.Ecosystem != "Go" {
			t.Errorf("only the program may be read: %+v", p)
		}
		if p.Name == "stdlib" {
			if v, _, _ := strings.Cut(strings.TrimPrefix(info.GoVersion, "go"), " "); p.Version != v {
				t.Errorf("stdlib %s, want %s", p.Version, v)
			}
			continue
		}
		got[p.Name] = p.Version
	}
	if d := cmp.Diff(want, got); d != "" || len(problems) != 0 {
		t.Errorf("problems %v (-toolchain +ours):\n%s", problems, d)
	}
}

func TestReplacedGoModulesCountAsWhatReplacedThem(t *testing.T) {
	got := goModules(&buildinfo.BuildInfo{
		GoVersion: "go1.22.1 X:boringcrypto", Main: debug.Module{Path: "example.org/app", Version: "(devel)"},
		Deps: []*debug.Module{
			{Path: "a", Version: "v1.0.0"},
			{Path: "b", Version: "v1.0.0", Replace: &debug.Module{Path: "fork/b", Version: "v1.0.1"}},
			{Path: "c", Version: "v1.0.0", Replace: &debug.Module{Path: "./c"}},
		},
	})
	var names []string
	for _, p := range got {
		names = append(names, p.Name+" "+p.Version)
	}
	if d := cmp.Diff([]string{"stdlib 1.22.1", "a 1.0.0", "fork/b 1.0.1"}, names); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// rustELF makes a 64-bit ELF file with a list of crates, as cargo-auditable does.
func rustELF(t *testing.T, list string) []byte {
	t.Helper()
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	if _, err := z.Write([]byte(list)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	names := "\x00" + auditName + "\x00.shstrtab\x00"
	head := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(elf.EM_X86_64), Version: 1, Ehsize: 64, Shentsize: 64, Shnum: 3, Shstrndx: 2}
	copy(head.Ident[:], elf.ELFMAG)
	head.Ident[elf.EI_CLASS], head.Ident[elf.EI_DATA], head.Ident[elf.EI_VERSION] = byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), 1
	head.Shoff = uint64(64 + packed.Len() + len(names))
	var b bytes.Buffer
	sections := []elf.Section64{{},
		{Name: 1, Type: uint32(elf.SHT_PROGBITS), Off: 64, Size: uint64(packed.Len())},
		{Name: uint32(2 + len(auditName)), Type: uint32(elf.SHT_STRTAB), Off: uint64(64 + packed.Len()), Size: uint64(len(names))},
	}
	for _, part := range []any{head, packed.Bytes(), []byte(names), sections, make([]byte, minBinary)} {
		if err := binary.Write(&b, binary.LittleEndian, part); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func TestARustProgramNamesItsCratesButNotThoseOfTheBuild(t *testing.T) {
	fsys := fstest.MapFS{
		"opt/tool-1.2": {Mode: 0o755, Data: rustELF(t, `{"packages":[{"name":"tool","version":"1.2.0","source":"local","root":true},{"name":"rand","version":"0.8.5","source":"crates.io"},{"name":"cc","version":"1","source":"crates.io","kind":"build"}]}`)},
		"opt/broken":   {Mode: 0o755, Data: rustELF(t, `{"packages":`)},
	}
	got, problems := Packages(t.Context(), fsys, engine.HostFacts{}, nil)
	want := []engine.Package{
		{Name: "rand", Version: "0.8.5", Ecosystem: "crates.io", PURL: "pkg:cargo/rand@0.8.5", Path: "/opt/tool-1.2"},
		{Name: "tool", Version: "1.2.0", Ecosystem: "crates.io", PURL: "pkg:cargo/tool@1.2.0", Path: "/opt/tool-1.2", Direct: true},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if len(problems) != 1 || problems[0].Path != "/opt/broken" {
		t.Errorf("problems %v", problems)
	}
}

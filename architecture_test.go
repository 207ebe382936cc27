package holdfast_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// layers reads the table in docs/ARCHITECTURE.md: which line a package stands on.
func layers(t *testing.T) [][]string {
	t.Helper()
	page, err := os.ReadFile("docs/ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(page), "## The layers")
	_, block, found2 := strings.Cut(after, "```\n")
	block, _, found3 := strings.Cut(block, "```")
	if !found || !found2 || !found3 {
		t.Fatal("docs/ARCHITECTURE.md has no table of layers")
	}
	var table [][]string
	for line := range strings.Lines(block) {
		table = append(table, strings.Fields(line))
	}
	if len(table) < 10 {
		t.Fatalf("only %d layers", len(table))
	}
	return table
}

// layerOf finds the line of a package: its own name, or its folder with a star.
func layerOf(table [][]string, pkg string) int {
	for _, name := range []string{pkg, path.Dir(pkg) + "/*"} {
		for i, line := range table {
			if slices.Contains(line, name) {
				return i
			}
		}
	}
	return -1
}

// imports lists what each package of the module imports outside its tests.
func imports(t *testing.T) map[string][]string {
	t.Helper()
	found := map[string][]string{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && d.Name() != ".") {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(file))
		for _, imp := range f.Imports {
			p, err := strconv.Unquote(imp.Path.Value)
			if err != nil {
				return err
			}
			if !slices.Contains(found[pkg], p) {
				found[pkg] = append(found[pkg], p)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestImportsPointDown(t *testing.T) {
	table := layers(t)
	for pkg, list := range imports(t) {
		if pkg == "testkit" || strings.HasPrefix(pkg, "testkit/") {
			continue // stands beside the product, and is imported by tests only
		}
		from := layerOf(table, pkg)
		if from < 0 {
			t.Errorf("%s stands on no layer of docs/ARCHITECTURE.md", pkg)
			continue
		}
		for _, imp := range list {
			to, ours := strings.CutPrefix(imp, "holdfast/")
			if !ours {
				continue
			}
			if at := layerOf(table, to); at < 0 || at >= from {
				t.Errorf("%s imports %s, which does not stand below it", pkg, to)
			}
		}
	}
}

// owners are packages of the library that only some of ours may use. What stands
// below a name is meant too.
var owners = map[string][]string{
	"reflect":                        {"kind"},
	"database/sql":                   {"store", "engine/inventory", "testkit"},
	"net/http":                       {"api", "web", "server", "feed", "testkit", "engine/decoy", "notify", "forward", "eventstore/remote", "eventstore/outside"},
	"os/exec":                        {"engine/inventory", "engine/configcheck", "testkit", "server"},
	"modernc.org/sqlite":             {"store", "engine/inventory"},
	"github.com/jackc/pgx/v5/stdlib": {"store"},
	"testing":                        {"testkit"},
}

func TestWhatHasAnOwnerIsUsedByNobodyElse(t *testing.T) {
	for pkg, list := range imports(t) {
		for _, imp := range list {
			who, owned := owners[imp]
			if owned && !slices.ContainsFunc(who, func(o string) bool { return pkg == o || strings.HasPrefix(pkg, o+"/") }) {
				t.Errorf("%s imports %s, which belongs to %s", pkg, imp, strings.Join(who, ", "))
			}
		}
	}
}

func TestTheClockIsHandedIn(t *testing.T) {
	for pkg := range imports(t) {
		if pkg == "server" || strings.HasPrefix(pkg, "testkit") || strings.HasPrefix(pkg, "cmd/") {
			continue
		}
		files, err := filepath.Glob(filepath.Join(pkg, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "time.Now()") {
				t.Errorf("%s asks the clock itself", file)
			}
		}
	}
}

func TestNothingRegistersItself(t *testing.T) {
	for pkg := range imports(t) {
		files, err := filepath.Glob(filepath.Join(pkg, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(string(text), "\nfunc init() {") {
				t.Errorf("%s has an init function: list the thing in one visible place instead", file)
			}
		}
	}
}

package port_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"holdfast/kind"
	"holdfast/port"
	"holdfast/testkit"
)

func TestMistakesOfAFolderAreToldWithFileLineAndRemedy(t *testing.T) {
	for _, c := range []struct{ name, file, text, want string }{
		{"unknown field", "a.yaml", "kind: risk\nrecords:\n  - key: r\n    titel: x", "a.yaml:4: titel is not a field of risk; did you mean title?"},
		{"a field twice", "a.yaml", "kind: risk\nrecords:\n  - key: r\n    title: x\n    title: y", "a.yaml:5: title is given twice"},
		{"a record twice", "a.yaml", "kind: risk\nrecords:\n  - key: r\n    title: R\n  - key: r\n    title: R", `a.yaml:5: risk "r" is described twice, also at a.yaml:3`},
		{"records is no list", "a.yaml", "kind: risk\nrecords:\n  key: r", "a.yaml:3: records is a list; begin each record with a dash"},
		{"something beside records", "a.yaml", "kind: risk\ntitle: R\nrecords: []", "a.yaml:2: beside records there is only kind; title belongs into a record"},
		{"wrong type", "a.yaml", "kind: risk\nrecords:\n  - key: r\n    impact_level: [1]", "a.yaml:4: impact_level: is one value, not a list"},
		{"an alias", "a.yaml", "kind: risk\nrecords:\n  - &a {key: r, title: R}\n  - *a", "a.yaml:4: expected a record"},
		{"a bomb", "a.yaml", bomb(), "a.yaml:3: aliases (*a) are not read; write the value"},
		{"deep nesting", "a.yaml", strings.Repeat("[", 20_000), "this is not YAML"},
		{"no way to the state", "a.yaml", "kind: risk\nkey: r\ntitle: R\nstatus: nowhere", `a.yaml:4: status: "nowhere" is not possible here`},
		{"text without field", "a.md", "---\nkind: risk\nkey: r\n---\ntext", "a.md:1: the front matter does not say to which field the text belongs"},
		{"text without record", "a.md", "---\nfield: description\n---\ntext", "a.md:1: the front matter names no record"},
		{"text of an unknown field", "a.md", "---\nkind: risk\nkey: r\nfield: descriptoin\n---\ntext", "descriptoin is not a field of risk; did you mean description?"},
		{"text without an end of the front matter", "a.md", "---\nkind: risk\n", "a.md:1: the front matter has no end"},
		{"a broken lock", port.LockFile, "<<<<<<< HEAD\n", port.LockFile + ":1: is not a line of a lock"},
		{"not UTF-8", "a.yaml", "kind: risk\ntitle: \xff\xfe", "a.yaml"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := testkit.New(testkit.SQLite(t))
			files := fstest.MapFS{c.file: {Data: []byte(c.text)}, "good.yaml": {Data: []byte("{kind: person, key: good, title: Good}")}}
			f, err := port.ReadFolder(files)
			if err == nil {
				_, err = port.Apply(operator(testkit.Workspace), w.App, f, options())
			}
			if kind.CodeOf(err) != kind.Invalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
			if n := count(t, w); n != 0 {
				t.Errorf("%d records were kept", n)
			}
		})
	}
}

// bomb doubles itself with every line.
func bomb() string {
	var b strings.Builder
	b.WriteString("a: &a [x, x, x, x, x, x, x, x]\n")
	for c := 'b'; c < 'z'; c++ {
		fmt.Fprintf(&b, "%c: &%c [*%c, *%c, *%c, *%c, *%c, *%c]\n", c, c, c-1, c-1, c-1, c-1, c-1, c-1)
	}
	return "kind: risk\n" + b.String()
}

func TestATextThatIsSaidTwiceIsRefused(t *testing.T) {
	_, err := port.ReadFolder(fstest.MapFS{
		"a.yaml": {Data: []byte("kind: risk\nkey: r\ntitle: R\ndescription: inline\n")},
		"b.md":   {Data: []byte("---\nkind: risk\nkey: r\nfield: description\n---\n\nbeside\n")},
	})
	if err == nil || !strings.Contains(err.Error(), "b.md:7: description of risk r is said twice, also at a.yaml:4") {
		t.Errorf("got %v", err)
	}
}

func TestMarkdownWithoutFrontMatterIsNotRead(t *testing.T) {
	f := folder(t, fstest.MapFS{"README.md": {Data: []byte("# Our ISMS\n---\nkind: risk\n")}, ".git/a.yaml": {Data: []byte("kind: [")}, "x.txt": {Data: []byte("x")}})
	if len(f.Docs) != 0 {
		t.Errorf("got %+v", f.Docs)
	}
}

func TestLinksOutOfAFolderAreRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "secret.yaml"), []byte("{kind: person, key: p, title: P}"), 0o600); err != nil {
		t.Fatal(err)
	}
	in := filepath.Join(dir, "isms")
	if err := os.Mkdir(in, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"a.yaml": "../secret.yaml", "sub": ".."} {
		if err := os.Symlink(to, filepath.Join(in, name)); err != nil {
			t.Fatal(err)
		}
		if _, err := port.ReadFolder(os.DirFS(in)); kind.CodeOf(err) != kind.Invalid || !strings.Contains(err.Error(), name+": is a symbolic link") {
			t.Errorf("%s: %v", name, err)
		}
		if err := os.Remove(filepath.Join(in, name)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestAnArchiveThatLeavesItsFolderOrIsABombIsRefused(t *testing.T) {
	for _, name := range []string{"../a.yaml", "/a.yaml", "a/../../b.yaml", `a\b.yaml`, "C:/a.yaml"} {
		if _, err := port.Unzip("x.zip", zipped(t, map[string]string{name: "kind: risk"})); kind.CodeOf(err) != kind.Invalid || !strings.Contains(err.Error(), "outside of the folder") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := port.Unzip("x.zip", []byte("PK\x03\x04")); kind.CodeOf(err) != kind.Invalid {
		t.Errorf("not an archive: %v", err)
	}
	large := map[string]string{}
	for i := range 5 {
		large[fmt.Sprintf("%d.yaml", i)] = strings.Repeat(" ", port.MaxFile)
	}
	if _, err := port.Unzip("x.zip", zipped(t, large)); kind.CodeOf(err) != kind.TooLarge {
		t.Errorf("a bomb: %v", err)
	}
}

func zipped(t testing.TB, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTenThousandFilesAreOneFolder(t *testing.T) {
	if testing.Short() {
		t.Skip("writes ten thousand records")
	}
	w := testkit.New(testkit.SQLite(t))
	files := fstest.MapFS{}
	for i := range 10_000 {
		files[fmt.Sprintf("assets/%d.yaml", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "{kind: asset, key: a%d, title: A, nature: tangible, type: host}", i)}
	}
	if p := applied(t, operator(testkit.Workspace), w, files, options()); p.Summary.Created != 10_000 {
		t.Errorf("got %+v", p.Summary)
	}
	if p := planned(t, operator(testkit.Workspace), w, files, options()); p.Summary.Unchanged != 10_000 || !p.Empty() {
		t.Errorf("got %+v", p.Summary)
	}
	if n := len(tree(t, operator(testkit.Workspace), w, false)); n != 10_001 {
		t.Errorf("%d files", n)
	}
}

func FuzzReadFolder(f *testing.F) {
	fuzzing(f)
	f.Add("kind: risk\nrecords:\n  - key: r\n    title: R\n", "---\nkind: risk\nkey: r\nfield: description\n---\n\ntext\n", "risk r 00000000000000000000000000000000\n")
	f.Add("records: [records: [x]]", "---\n---\n", "# x")
	f.Fuzz(func(t *testing.T, yaml, markdown, lock string) {
		files := fstest.MapFS{"a.yaml": {Data: []byte(yaml)}, "b.md": {Data: []byte(markdown)}, port.LockFile: {Data: []byte(lock)}}
		got, err := port.ReadFolder(files)
		if err == nil && len(got.Docs) < 50 {
			_, err = port.MakePlan(lead, fuzzWorld.App, got, options())
		}
		if kind.CodeOf(err) == kind.Internal {
			t.Errorf("our mistake: %v", err)
		}
	})
}

// FuzzUpdate edits any file that can be read and changes it: what is read afterwards
// must be what was meant, and a second time nothing is to do.
func FuzzUpdate(f *testing.F) {
	fuzzing(f)
	for _, s := range []string{kept, "kind: person\nkey: ada\ntitle: |\n  # no comment\n\n# end", "- {key: ada, kind: person, title: \"x\"}\n- kind: person\n  key: bob\n", "kind: person\nrecords: [{key: ada}]\n---\nkind: person\nkey: bob"} {
		f.Add(s)
	}
	if _, err := tryImport(lead, fuzzWorld, "- {kind: person, key: ada, title: Ada, site: \"a: #b\", labels: [x, y]}\n- {kind: person, key: bob, title: Bob, description: \"a\\n# b\\n\"}"); err != nil && !strings.Contains(err.Error(), "description") {
		f.Fatal(err)
	}
	fresh := fstest.MapFS{}
	if _, err := port.Tree(lead, fuzzWorld.App, func(name string, data []byte) error {
		fresh[name] = &fstest.MapFile{Data: data}
		return nil
	}, port.TreeOptions{}); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		files := fstest.MapFS{"a.yaml": {Data: []byte(text)}}
		for range 2 {
			if _, err := port.ReadFolder(files); err != nil {
				return
			}
			u, err := port.Update(fuzzWorld.App.Registry(), files, fresh, port.UpdateOptions{})
			if kind.CodeOf(err) == kind.Internal {
				t.Fatalf("our mistake: %v", err)
			}
			if err != nil {
				return
			}
			for name, data := range u.Write {
				files[name] = &fstest.MapFile{Data: data}
			}
			for _, name := range u.Remove {
				delete(files, name)
			}
			if _, err := port.ReadFolder(files); err != nil {
				t.Fatalf("what was written cannot be read: %v\n%s", err, files["a.yaml"].Data)
			}
		}
	})
}

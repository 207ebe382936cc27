package port_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port"
	"holdfast/testkit"
)

// A folder that people keep in their own way: a file of their own layout, comments,
// flow style, lists without indentation, several documents.
const kept = `# People first.
- kind: person
  key: ada   # the lead
  # phones change often
  phone: '1'

  site: "London"   # since 2020
  labels:
  - one # the first
  # and then
  - two
- {kind: person, key: bob, title: Bob, phone: "5"} # in one line

- kind: person
  key: cy
  title: Cy
# the end
`

// inStep is a world with ada, bob and cy, and a folder in step with it.
func inStep(t *testing.T, text string) (*testkit.World, fstest.MapFS) {
	t.Helper()
	w := testkit.New(testkit.SQLite(t))
	me := operator(testkit.Workspace)
	imported(t, me, w, "- {kind: person, key: ada, title: Ada}\n- {kind: person, key: bob, title: B}\n- {kind: person, key: cy, title: C}")
	files := fstest.MapFS{"team.yaml": {Data: []byte(text)}}
	applied(t, me, w, files, options())
	for name, data := range updated(t, w, files, port.UpdateOptions{}).Write { // what the product filled in
		files[name] = &fstest.MapFile{Data: data}
	}
	return w, files
}

func updated(t *testing.T, w *testkit.World, files fstest.MapFS, opts port.UpdateOptions) *port.Updated {
	t.Helper()
	u, err := port.Update(isms.Registry, files, tree(t, lead, w, false), opts)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func TestAnExportOverAnEditedFolderChangesOnlyWhatDiffers(t *testing.T) {
	for _, c := range []struct{ name, change, old, want string }{
		{"nothing", "", "", ""},
		{"a value keeps its quotes and its comment", "{kind: person, key: ada, site: Paris}", `site: "London"   # since 2020`, `site: "Paris" # since 2020`},
		{"a value that is emptied goes", "{kind: person, key: ada, phone: null}", "  phone: '1'\n", ""},
		{"values that are new come where the description has them", "{kind: person, key: cy, phone: '7', site: Rome}", "  title: Cy\n  status: active\n", "  title: Cy\n  status: active\n  phone: \"7\"\n  site: Rome\n"},
		{"a list keeps the comments of what stays", "{kind: person, key: ada, labels: [one, two, three]}", "  - two\n", "  - two\n  - three\n"},
		{"a record in one line stays in one line", "{kind: person, key: bob, phone: '6'}", `phone: "5", status: active} # in one line`, `phone: "6", status: active} # in one line`},
		{"the last record", "{kind: person, key: cy, title: Cyrus}", "title: Cy\n", "title: Cyrus\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			w, files := inStep(t, kept)
			before := string(files["team.yaml"].Data)
			for _, remark := range []string{"# People first.", "# the lead", "# phones change often", "# since 2020", "# the first", "# and then", "# in one line", "# the end"} {
				if !strings.Contains(before, remark) {
					t.Fatalf("%q is lost:\n%s", remark, before)
				}
			}
			if c.change != "" {
				imported(t, operator(testkit.Workspace), w, c.change)
			}
			u := updated(t, w, files, port.UpdateOptions{})
			got := before
			if data := u.Write["team.yaml"]; data != nil {
				got = string(data)
			}
			normal := func(s string) string { return strings.Join(strings.Fields(s), " ") }
			want := strings.Replace(before, c.old, c.want, 1)
			if normal(got) != normal(want) || strings.Count(got, "\n\n") != strings.Count(before, "\n\n") {
				t.Error(cmp.Diff(want, got))
			}
			files["team.yaml"] = &fstest.MapFile{Data: []byte(got)}
			files[port.LockFile] = tree(t, lead, w, false)[port.LockFile]
			if p := planned(t, operator(testkit.Workspace), w, files, options()); !p.Empty() || len(p.Newer)+len(p.Dropped) > 0 {
				t.Errorf("afterwards there is still something to do: %+v", p)
			}
			if again := updated(t, w, files, port.UpdateOptions{}); len(again.Write)+len(again.Remove) > 0 {
				t.Errorf("a second export writes again: %v", again.Write)
			}
		})
	}
}

func TestARecordThatIsGoneLeavesItsFileAndTheOthersStay(t *testing.T) {
	w, files := inStep(t, kept)
	for i, key := range []string{"ada", "bob", "cy"} {
		if err := w.App.Delete(operator(testkit.Workspace), isms.People, key, 0); err != nil {
			t.Fatal(err)
		}
		u := updated(t, w, files, port.UpdateOptions{})
		if len(u.Kept) > 0 {
			t.Fatalf("got %+v", u.Kept)
		}
		if i == 2 {
			if diff := cmp.Diff([]string{"team.yaml"}, u.Remove); diff != "" {
				t.Error(diff)
			}
			break
		}
		files["team.yaml"] = &fstest.MapFile{Data: u.Write["team.yaml"]}
		files[port.LockFile] = &fstest.MapFile{Data: u.Write[port.LockFile]}
		if text := string(u.Write["team.yaml"]); strings.Contains(text, "key: "+key) || !strings.Contains(text, "key: cy") || !strings.Contains(text, "# the end") {
			t.Errorf("without %s:\n%s", key, text)
		}
	}
}

func TestWhatWasEditedAndIsNotAppliedIsNotOverwritten(t *testing.T) {
	w, files := inStep(t, kept)
	files = edit(t, files, "team.yaml", `site: "London"`, `site: "Oslo"`)
	files["new.yaml"] = &fstest.MapFile{Data: []byte("kind: person\nkey: new\ntitle: New\n")}
	imported(t, operator(testkit.Workspace), w, "{kind: person, key: ada, site: Paris}")
	u := updated(t, w, files, port.UpdateOptions{})
	if len(u.Kept) != 2 || u.Write["team.yaml"] != nil || u.Write[port.LockFile] != nil {
		t.Errorf("got %+v", u)
	}
	if p := planned(t, operator(testkit.Workspace), w, files, options()); p.Summary.Conflicts != 1 {
		t.Errorf("the conflict is forgotten: %+v", p.Summary)
	}
	if u := updated(t, w, files, port.UpdateOptions{Overwrite: true}); !strings.Contains(string(u.Write["team.yaml"]), `"Paris"`) {
		t.Errorf("overwrite keeps it: %s", u.Write["team.yaml"])
	}
}

func TestARecordThatIsNewComesIntoTheFileOfItsLike(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	me := operator(testkit.Workspace)
	imported(t, me, w, small)
	files := tree(t, lead, w, false)
	files["govern/people.yaml"] = &fstest.MapFile{Data: append([]byte("# Who we are\n"), files["govern/people.yaml"].Data...)}
	imported(t, me, w, "{kind: person, key: zoe, title: Zoe}\n---\n{kind: team, key: t, title: T}")
	u := updated(t, w, files, port.UpdateOptions{})
	text := string(u.Write["govern/people.yaml"])
	if !strings.HasPrefix(text, "# Who we are\n") || !strings.Contains(text, "\n\n  - key: zoe\n    title: Zoe\n") || u.Write["govern/teams.yaml"] == nil || len(u.Write) != 3 {
		t.Errorf("got %d files\n%s", len(u.Write), text)
	}
}

func TestLongTextStaysInItsMarkdownFileAndInlineTextInline(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	me := operator(testkit.Workspace)
	long := strings.Repeat("A line.\n", 12) + "# not a comment\nend"
	imported(t, me, w, fmt.Sprintf("{kind: risk, key: r, title: R, description: %q}", long))
	files := tree(t, lead, w, false)
	const name = "identify/risks/r.description.md"
	if files[name] == nil || strings.Contains(string(files["identify/risks.yaml"].Data), "A line") {
		t.Fatalf("the text does not stand beside: %v", files)
	}
	change := func(text string) *port.Updated {
		t.Helper()
		imported(t, me, w, fmt.Sprintf("{kind: risk, key: r, description: %q}", text))
		u := updated(t, w, files, port.UpdateOptions{})
		for n, data := range u.Write {
			files[n] = &fstest.MapFile{Data: data}
		}
		for _, n := range u.Remove {
			delete(files, n)
		}
		if p := planned(t, me, w, files, options()); !p.Empty() || len(p.Newer) > 0 {
			t.Errorf("%q: still to do: %+v", text, p)
		}
		return u
	}
	if u := change("Short now."); string(u.Write[name]) != "---\nkind: risk\nkey: r\nfield: description\n---\n\nShort now.\n" || u.Write["identify/risks.yaml"] != nil {
		t.Errorf("got %q", u.Write)
	}
	if u := change(""); len(u.Remove) != 1 || u.Remove[0] != name {
		t.Errorf("got %+v", u)
	}
	change("Short from the beginning.")
	if u := change(long); u.Write[name] != nil || !strings.Contains(string(u.Write["identify/risks.yaml"]), "# not a comment") {
		t.Errorf("got %q", u.Write)
	}
	if u := change(long + " changed"); u.Write[name] != nil {
		t.Errorf("got %q", u.Write)
	}
}

func TestAFileThatCannotBeReadIsNotOverwritten(t *testing.T) {
	w, files := inStep(t, kept)
	files["broken.yaml"] = &fstest.MapFile{Data: []byte("kind: [")}
	_, err := port.Update(isms.Registry, files, tree(t, lead, w, false), port.UpdateOptions{})
	if kind.CodeOf(err) != kind.Invalid || !strings.Contains(err.Error(), "broken.yaml:1: this is not YAML") {
		t.Errorf("got %v", err)
	}
}

func TestARecordInJSONIsAppliedAndNotWrittenASecondTime(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	me := operator(testkit.Workspace)
	files := fstest.MapFS{"ada.json": {Data: []byte(`{"kind": "person", "key": "ada", "title": "Ada", "status": "active"}`)}}
	applied(t, me, w, files, options())
	u := updated(t, w, files, port.UpdateOptions{})
	if len(u.Write) > 1 || len(u.Kept) != 0 {
		t.Fatalf("got %+v", u)
	}
	files[port.LockFile] = &fstest.MapFile{Data: u.Write[port.LockFile]}
	imported(t, me, w, "{kind: person, key: ada, title: Renamed}")
	u = updated(t, w, files, port.UpdateOptions{})
	if len(u.Write) != 0 || len(u.Kept) != 1 || !strings.Contains(u.Kept[0].Why, "ada.json") {
		t.Errorf("got %+v", u)
	}
}

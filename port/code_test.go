package port_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"holdfast/access"
	"holdfast/catalog"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port"
	"holdfast/store"
	"holdfast/testkit"
)

// operator is somebody with every right who is no record of the workspace.
func operator(workspace string) context.Context {
	return access.With(context.Background(), access.Actor{Name: "operator", Workspace: workspace, Roles: []access.Role{access.Administrator}, Via: "test"})
}

// loadSample brings in the sample organisation, as a demo does.
func loadSample(t testing.TB, w *testkit.World) {
	t.Helper()
	list, err := catalog.Sample(testkit.Start)
	if err != nil {
		t.Fatal(err)
	}
	var lines bytes.Buffer
	for _, d := range list {
		object := map[string]any{"kind": d.Kind, "key": d.Key}
		for name, v := range d.Fields {
			object[name] = v
		}
		if len(d.Links) > 0 {
			object["links"] = d.Links
		}
		line, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		lines.Write(append(line, '\n'))
	}
	docs, err := port.ReadJSON("sample", &lines)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := port.Import(testkit.Machine(), w.App, docs, port.Options{Now: testkit.Start}); err != nil {
		t.Fatal(err)
	}
}

func folder(t testing.TB, files fs.FS) *port.Folder {
	t.Helper()
	f, err := port.ReadFolder(files)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func options() port.PlanOptions {
	return port.PlanOptions{Options: port.Options{Now: testkit.Start, Reason: "from the folder"}}
}

func planned(t testing.TB, ctx context.Context, w *testkit.World, files fs.FS, opts port.PlanOptions) *port.Plan {
	t.Helper()
	p, err := port.MakePlan(ctx, w.App, folder(t, files), opts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func applied(t testing.TB, ctx context.Context, w *testkit.World, files fs.FS, opts port.PlanOptions) *port.Plan {
	t.Helper()
	p, err := port.Apply(ctx, w.App, folder(t, files), opts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func entries(t testing.TB, ctx context.Context, w *testkit.World) int64 {
	t.Helper()
	list, err := w.App.Recent(ctx, 0, 1)
	if err != nil || len(list) == 0 {
		t.Fatal(err)
	}
	return list[0].Seq
}

func TestTheSampleOrganisationGoesThroughAFolderIntoAnEmptyWorkspace(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		loadSample(t, w)
		want := tree(t, lead, w, false)
		if p := planned(t, operator(testkit.Workspace), w, want, options()); !p.Empty() {
			t.Errorf("what was just exported is to be changed: %+v", p.Changes[0])
		}
		p := applied(t, operator("fresh"), w, want, options())
		if p.Summary.Created < 500 || p.Summary.Changed+p.Summary.Removed != 0 {
			t.Errorf("got %+v", p.Summary)
		}
		if diff := cmp.Diff(want, tree(t, testkit.In("fresh", access.Administrator), w, false)); diff != "" {
			t.Error(diff)
		}
		before := entries(t, testkit.In("fresh", access.Administrator), w)
		if p := applied(t, operator("fresh"), w, want, options()); !p.Empty() {
			t.Errorf("the second time something changes: %+v", p.Changes)
		}
		if after := entries(t, testkit.In("fresh", access.Administrator), w); after != before {
			t.Errorf("the second time the journal grew from %d to %d entries", before, after)
		}
	})
}

// random is a workspace of some kinds of record with random texts and links.
func random(t *testing.T, w *testkit.World, ctx context.Context, r *rand.Rand) {
	t.Helper()
	var docs []port.Doc
	for range 4 + r.IntN(12) {
		k := isms.Kinds[r.IntN(len(isms.Kinds))]
		if k.Name == "workspace" || k.Name == "api_token" || k.Name == "passkey" {
			continue
		}
		docs = append(docs, port.Example(isms.Registry, k, fmt.Sprintf("%s%d", []string{"k", "K", "odd/key:", "con", "x.y@"}[r.IntN(5)], len(docs)))...)
	}
	for i, d := range docs {
		k := isms.Registry.Named(d.Kind)
		for _, f := range k.Fields {
			if f.Type == kind.LongText && !f.Computed && d.Said(f.Name) == "" && r.IntN(2) == 0 {
				docs[i].Values = append(docs[i].Values, port.Text(f.Name, randomText(r)))
			}
		}
	}
	if _, err := port.Import(ctx, w.App, docs, port.Options{Now: testkit.Start}); err != nil {
		t.Fatal(err)
	}
	for range 20 {
		a, b := docs[r.IntN(len(docs))], docs[r.IntN(len(docs))]
		k := isms.Registry.Named(a.Kind)
		for _, rel := range isms.Registry.Relations(k) {
			if rel.Other.Name == b.Kind {
				if err := w.App.Link(ctx, k, a.Key, rel.Name, b.Key); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
}

func randomText(r *rand.Rand) string {
	pieces := []string{"word", " ", "\n", "# heading", "- item", ": ", "'", "\"", "é漢", "---", "\n\n", "  indented", "|", "{x}", "\t", "&a *b", "key: value"}
	var b strings.Builder
	b.WriteString("T")
	for range r.IntN(60) {
		b.WriteString(pieces[r.IntN(len(pieces))])
	}
	return b.String()
}

func TestAnyWorkspaceGoesThroughAFolderUnchanged(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		for seed := range uint64(15) {
			from, to := fmt.Sprintf("from%d", seed), fmt.Sprintf("to%d", seed)
			random(t, w, operator(from), rand.New(rand.NewPCG(seed, 1)))
			want := tree(t, operator(from), w, false)
			if again := tree(t, operator(from), w, false); !cmp.Equal(want, again) {
				t.Fatalf("seed %d: a second export differs: %s", seed, cmp.Diff(want, again))
			}
			if p := planned(t, operator(from), w, want, options()); !p.Empty() || len(p.Newer) > 0 {
				t.Fatalf("seed %d: what was just exported is to be changed: %+v", seed, p)
			}
			applied(t, operator(to), w, want, options())
			if diff := cmp.Diff(want, tree(t, operator(to), w, false)); diff != "" {
				t.Fatalf("seed %d: %s", seed, diff)
			}
			if p := applied(t, operator(to), w, want, options()); !p.Empty() {
				t.Fatalf("seed %d: the second time something changes: %+v", seed, p.Changes)
			}
			u, err := port.Update(isms.Registry, want, tree(t, operator(to), w, false), port.UpdateOptions{})
			if err != nil || len(u.Write)+len(u.Remove)+len(u.Kept) > 0 {
				t.Fatalf("seed %d: the folder is not in step: %v, %v", seed, u, err)
			}
		}
	})
}

func TestNoTwoRecordsShareAFileAndNamesAreSafeEverywhere(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	long := strings.Repeat("x/", 99)
	for _, key := range []string{"a", "A", "con", "NUL.x", ".hidden", "a/b:c", long, long + "y"} {
		text := strings.Repeat("A line of text\n", 20) + "end"
		if err := w.App.Save(lead, &isms.Risk{Base: kind.Base{Key: key, Title: "R"}, Description: kind.Markdown(text), Objectives: isms.AttackObjectives{"espionage"}}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 40 {
		if err := w.App.Save(lead, &isms.Risk{Base: kind.Base{Key: fmt.Sprintf("r%d", i), Title: "R", Labels: []string{"a", "b", "c", "d"}}}); err != nil {
			t.Fatal(err)
		}
	}
	files := tree(t, lead, w, false)
	seen := map[string]bool{}
	for name := range files {
		lower := strings.ToLower(name)
		if seen[lower] {
			t.Errorf("%s is the same as another file where case does not count", name)
		}
		seen[lower] = true
		base, _, _ := strings.Cut(lower[strings.LastIndexByte(lower, '/')+1:], ".")
		if base == "con" || base == "nul" || base == "" || len(name) > 180 || strings.ContainsAny(name, `:\*?"<>| `) {
			t.Errorf("%q is not a safe name", name)
		}
	}
	if len(files) != 8+48+1 {
		t.Errorf("%d files", len(files))
	}
	if p := applied(t, operator("other"), w, files, options()); p.Summary.Created != 48 {
		t.Errorf("got %+v", p.Summary)
	}
	if diff := cmp.Diff(files, tree(t, operator("other"), w, false)); diff != "" {
		t.Error(diff)
	}
}

func TestATreeLeavesOutWhatEnginesSawAndWhatOnlyGrows(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	machine := testkit.Machine()
	imported(t, machine, w, `
- {kind: asset, key: web, title: Web, nature: tangible, type: host}
- {kind: vulnerability, key: v, title: V, type: configuration}
- {kind: finding, key: seen, title: Seen, asset_id: web, vulnerability_id: v, severity: high, engine: configcheck}
- {kind: finding, key: by-hand, title: By hand, asset_id: web, vulnerability_id: v, severity: high}
- {kind: risk, key: r, title: R, status: open, loss_now: 12, links: {uses: [seen, by-hand]}}
- {kind: comment, key: c, title: C, subject_kind: risk, subject_id: r, text: Hello}
`)
	save := func(r kind.Record) {
		t.Helper()
		if err := w.App.Save(machine, r); err != nil {
			t.Fatal(err)
		}
	}
	hole := &isms.Vulnerability{Base: kind.Base{Key: "cve", Title: "CVE", Origin: "engine"}, Type: "advisory"}
	met := &isms.Asset{Base: kind.Base{Key: "met", Title: "Met", Origin: "engine"}, Nature: "tangible", Type: "host"}
	save(hole)
	save(met)
	save(&isms.Finding{Base: kind.Base{Key: "leans", Title: "Leans on what is left out"}, AssetID: met.ID, VulnerabilityID: hole.ID, Severity: "low"})
	save(&isms.Risk{Base: kind.Base{Key: "draft", Title: "Draft", Origin: "engine"}})
	save(&isms.Risk{Base: kind.Base{Key: "taken", Title: "Taken on", Origin: "engine"}, Status: isms.RiskOpen})
	files := tree(t, lead, w, false)
	var names []string
	for _, line := range strings.Split(string(files[port.LockFile].Data), "\n") {
		if f := strings.Fields(line); len(f) == 3 && line[0] != '#' {
			names = append(names, f[0]+" "+f[1])
		}
	}
	want := []string{"asset met", "asset web", "finding by-hand", "risk r", "risk taken", "vulnerability v"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	for name, f := range files {
		for _, secret := range []string{"loss_now", "seen\n", "created_at", "version:", "id0000"} {
			if strings.Contains(string(f.Data), secret) {
				t.Errorf("%s holds %q: %s", name, secret, f.Data)
			}
		}
	}
	if full := tree(t, lead, w, true); !strings.Contains(string(full["identify/risks.yaml"].Data), "loss_now: 12.00") || full["identify/findings.yaml"] == nil {
		t.Error("a full export lacks computed figures")
	}
	// What is not named is not ended either: the link to the finding of the engine stays.
	if p := applied(t, operator(testkit.Workspace), w, files, options()); !p.Empty() {
		t.Errorf("got %+v", p.Changes)
	}
	edited := edit(t, files, "identify/risks.yaml", "title: R\n", "title: Renamed\n")
	if p := applied(t, operator(testkit.Workspace), w, edited, options()); p.Summary.Unlinked != 0 || p.Summary.Changed != 1 {
		t.Errorf("got %+v", p)
	}
	rel, err := w.App.Relation(isms.Risks, "uses")
	if err != nil {
		t.Fatal(err)
	}
	if list, err := w.App.Linked(lead, rel, get[isms.Risk](t, w, isms.Risks, "r").ID, 10); err != nil || len(list) != 2 {
		t.Errorf("the risk uses %v, %v", list, err)
	}
}

// edit is a copy of the files with a text replaced in one.
func edit(t testing.TB, files fstest.MapFS, name, old, replaced string) fstest.MapFS {
	t.Helper()
	c := maps.Clone(files)
	if c[name] == nil || !strings.Contains(string(c[name].Data), old) {
		t.Fatalf("%s does not hold %q: %v", name, old, c[name])
	}
	c[name] = &fstest.MapFile{Data: []byte(strings.Replace(string(c[name].Data), old, replaced, 1))}
	return c
}

const small = `
- {kind: person, key: ada, title: Ada, phone: "1", site: London}
- {kind: asset, key: web, title: Web, nature: tangible, type: host, owner_id: ada}
- {kind: safeguard, key: s, title: S}
- {kind: safeguard, key: s2, title: S2}
- {kind: risk, key: r, title: R, asset_id: web, status: open, description: "One\nTwo", links: {treated by: [s, s2]}}
- {kind: risk, key: other, title: Other, asset_id: web}
`

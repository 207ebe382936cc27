package port_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

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

var _ = fmt.Sprint
var _ = strings.Contains
var _ fstest.MapFS
var _ = rapid.Check
var _ = isms.Risks
var _ = kind.Invalid

package port_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port"
	"holdfast/store"
	"holdfast/testkit"
)

func TestAPlanTellsWhatHappensAndKeepsNothing(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		imported(t, operator(testkit.Workspace), w, small)
		files := tree(t, lead, w, false)
		files = edit(t, files, "identify/risks.yaml", "treated by:\n        - s\n", "treated by:\n")
		files = edit(t, files, "identify/risks.yaml", "status: open", "status: accepted")
		files = edit(t, files, "identify/risks.yaml", "One\n      Two", "One\n      Three")
		files = edit(t, files, "govern/people.yaml", "    phone: \"1\"\n", "")
		files["new.yaml"] = &fstest.MapFile{Data: []byte("{kind: asset, key: new, title: New, nature: tangible, type: host, owner_id: ada, links: {}}")}
		before := entries(t, lead, w)
		p := planned(t, operator(testkit.Workspace), w, files, options())
		want := []port.Change{
			{Kind: "asset", Key: "new", Title: "New", What: port.Create, Place: "new.yaml:1", Fields: []port.FieldChange{{Field: "title", After: "New"},
				{Field: "nature", After: "tangible"}, {Field: "type", After: "host"}, {Field: "owner_id", After: "ada"}}},
			{Kind: "risk", Key: "r", Title: "R", What: port.Alter, Place: "identify/risks.yaml:8",
				Fields:   []port.FieldChange{{Field: "description", Diff: "@@ -1,2 +1,2 @@\n One\n-Two\n+Three\n"}},
				Unlinked: []port.LinkChange{{Relation: "treated by", Kind: "safeguard", Key: "s"}},
				Actions:  []port.Step{{Action: "accept", To: "accepted", Needs: kind.Approve}}},
			{Kind: "person", Key: "ada", Title: "Ada", What: port.Alter, Place: "govern/people.yaml:3", Fields: []port.FieldChange{{Field: "phone", Before: "1"}}},
		}
		got := slices.Clone(p.Changes)
		for i := range got { // what an asset fills in by itself is not the point here
			got[i].Fields = slices.DeleteFunc(slices.Clone(got[i].Fields), func(f port.FieldChange) bool {
				return got[i].Key == "new" && !slices.Contains([]string{"title", "nature", "type", "owner_id"}, f.Field)
			})
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		if after := entries(t, lead, w); after != before {
			t.Errorf("a plan wrote %d entries into the journal", after-before)
		}
		applied(t, operator(testkit.Workspace), w, files, options())
		r := get[isms.Risk](t, w, isms.Risks, "r")
		if r.Status != isms.RiskAccepted || r.Description != "One\nThree" || get[isms.Person](t, w, isms.People, "ada").Phone != "" {
			t.Errorf("got %+v", r)
		}
		history, err := w.App.History(lead, isms.Risks, "r", 0, 20)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range history {
			if e.Seq > before && e.Reason != "from the folder" {
				t.Errorf("the journal gives no reason for %s: %+v", e.Verb, e)
			}
		}
	})
}

func TestWhatBothSidesChangedIsRefusedUnlessForced(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		me := operator(testkit.Workspace)
		imported(t, me, w, small)
		files := tree(t, lead, w, false)
		imported(t, me, w, "- {kind: person, key: ada, phone: '2'}\n- {kind: safeguard, key: s, title: Renamed}\n- {kind: risk, key: other, impact_level: 2}")
		if err := w.App.Delete(me, isms.Safeguards, "s2", 0); err != nil {
			t.Fatal(err)
		}
		files = edit(t, files, "govern/people.yaml", `phone: "1"`, `phone: "3"`)
		before := entries(t, lead, w)
		p := planned(t, me, w, files, options())
		if p.Summary.Conflicts != 1 || p.Changes[0].Kind != "person" || len(p.Changes) != 1 || len(p.Newer) < 3 {
			t.Errorf("got %+v", p)
		}
		_, err := port.Apply(me, w.App, folder(t, files), options())
		if kind.CodeOf(err) != kind.Conflict || !strings.Contains(err.Error(), "person ada: changed in the database") {
			t.Errorf("got %v", err)
		}
		if after := entries(t, lead, w); after != before {
			t.Error("a refused apply wrote something")
		}
		opts := options()
		opts.Force = []string{"risk"}
		if _, err := port.Apply(me, w.App, folder(t, files), opts); kind.CodeOf(err) != kind.Conflict {
			t.Errorf("force for another kind lets people through: %v", err)
		}
		opts.Force = []string{"person"}
		applied(t, me, w, files, opts)
		if got := get[isms.Person](t, w, isms.People, "ada").Phone; got != "3" {
			t.Errorf("the phone is %q", got)
		}
		if got := get[isms.Safeguard](t, w, isms.Safeguards, "s").Title; got != "Renamed" {
			t.Errorf("what the database changed alone was set back to %q", got)
		}
	})
}

func TestOnlyWhatTheFolderHeldIsPruned(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	me := operator(testkit.Workspace)
	imported(t, me, w, small)
	files := tree(t, lead, w, false)
	imported(t, me, w, "{kind: risk, key: never-exported, title: N}")
	delete(files, "identify/risks.yaml")
	if p := applied(t, me, w, files, options()); !p.Empty() || len(p.Dropped) != 2 {
		t.Errorf("without prune: %+v", p)
	}
	imported(t, me, w, "{kind: risk, key: other, impact_level: 4}")
	opts := options()
	opts.Prune = true
	p := planned(t, me, w, files, opts)
	if p.Summary.Removed != 2 || p.Summary.Conflicts != 1 {
		t.Errorf("got %+v", p.Summary)
	}
	if _, err := port.Apply(me, w.App, folder(t, files), opts); kind.CodeOf(err) != kind.Conflict {
		t.Errorf("a record that was changed meanwhile is removed: %v", err)
	}
	opts.Force = []string{"all"}
	applied(t, me, w, files, opts)
	for key, gone := range map[string]bool{"r": true, "other": true, "never-exported": false} {
		if got := !get[isms.Risk](t, w, isms.Risks, key).DeletedAt.IsZero(); got != gone {
			t.Errorf("%s removed: %v", key, got)
		}
	}
}

func TestAPlanTellsWhatTheActorMayNotDoAndApplyRefusesIt(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		imported(t, operator(testkit.Workspace), w, small)
		files := edit(t, tree(t, lead, w, false), "identify/risks.yaml", "status: open", "status: accepted")
		before := entries(t, lead, w)
		for _, role := range []access.Role{access.SecurityLead, access.Auditor} {
			actor := access.With(context.Background(), access.Actor{Name: string(role), Workspace: testkit.Workspace, Roles: []access.Role{role}})
			p := planned(t, actor, w, files, options())
			if p.Summary.Refused != 1 || !strings.Contains(p.Changes[0].Refused, "may not") {
				t.Errorf("%s: %+v", role, p)
			}
			if _, err := port.Apply(actor, w.App, folder(t, files), options()); kind.CodeOf(err) != kind.Forbidden {
				t.Errorf("%s: %v", role, err)
			}
		}
		reader := access.With(context.Background(), access.Actor{Name: "ci", Workspace: testkit.Workspace, Roles: []access.Role{access.Administrator}, Scopes: []string{"*:read"}})
		if p := planned(t, reader, w, files, options()); p.Summary.Refused != 1 {
			t.Errorf("a token that may only read: %+v", p.Summary)
		}
		if after := entries(t, lead, w); after != before {
			t.Error("something was written")
		}
		if other := planned(t, operator("ws2"), w, files, options()); other.Summary.Changed != 0 {
			t.Errorf("another workspace sees records of the first: %+v", other.Summary)
		}
	})
}

func TestAStalePlanIsRefused(t *testing.T) {
	w := testkit.New(testkit.SQLite(t))
	me := operator(testkit.Workspace)
	imported(t, me, w, small)
	files := edit(t, tree(t, lead, w, false), "govern/people.yaml", `phone: "1"`, `phone: "3"`)
	opts := options()
	opts.Only = planned(t, me, w, files, options()).Fingerprint
	if again := planned(t, me, w, files, options()).Fingerprint; again != opts.Only {
		t.Error("the same plan has two fingerprints")
	}
	more := edit(t, files, "govern/people.yaml", "site: London", "site: Paris")
	if _, err := port.Apply(me, w.App, folder(t, more), opts); kind.CodeOf(err) != kind.Conflict || !strings.Contains(err.Error(), "stale") {
		t.Errorf("another folder: %v", err)
	}
	imported(t, me, w, "{kind: risk, key: unrelated, title: U}")
	applied(t, me, w, files, opts) // what has nothing to do with it makes no plan stale
	if _, err := port.Apply(me, w.App, folder(t, files), opts); kind.CodeOf(err) != kind.Conflict {
		t.Errorf("a second time: %v", err)
	}
}

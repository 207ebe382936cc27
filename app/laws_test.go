package app_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"holdfast/access"
	"holdfast/app"
	"holdfast/isms"
	"holdfast/journal"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// everyKind runs a law over all kinds on both databases.
func everyKind(t *testing.T, law func(t *testing.T, w *testkit.World, k *kind.Kind)) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		for _, k := range isms.Kinds {
			t.Run(k.Name, func(t *testing.T) { law(t, w, k) })
		}
	})
}

var admin = testkit.As(access.Administrator)

func TestEveryRecordIsStoredAsItWasSaved(t *testing.T) {
	everyKind(t, func(t *testing.T, w *testkit.World, k *kind.Kind) {
		r := testkit.Example(t, w.App, admin, k)
		got, err := w.App.Get(admin, k, r.GetBase().ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range k.Fields {
			if !f.Equal(r, got) {
				t.Errorf("%s was saved as %q and read as %q", f.Name, f.Text(r), f.Text(got))
			}
		}
		if b := got.GetBase(); b.Version != 1 || b.Key == "" || b.CreatedBy != "administrator" || !b.CreatedAt.Equal(w.Clock.Now()) {
			t.Errorf("bookkeeping: %+v", b)
		}
	})
}

func TestAStaleSaveWritesNothing(t *testing.T) {
	everyKind(t, func(t *testing.T, w *testkit.World, k *kind.Kind) {
		first := testkit.Example(t, w.App, admin, k)
		stale := k.Clone(first)
		first.GetBase().Labels = []string{"newer"}
		must(t, w.App.Save(admin, first))
		stale.GetBase().Labels = []string{"older"}
		err := w.App.Save(admin, stale)
		if kind.CodeOf(err) != kind.Conflict {
			t.Fatalf("want a conflict, have %v", err)
		}
		stored, ok := app.Stored(err)
		if !ok || stored.GetBase().Labels[0] != "newer" {
			t.Errorf("the conflict does not carry what is stored")
		}
		got, err := w.App.Get(admin, k, first.GetBase().ID)
		must(t, err)
		if b := got.GetBase(); b.Version != 2 || b.Labels[0] != "newer" {
			t.Errorf("version %d with %v", b.Version, b.Labels)
		}
	})
}

func TestASaveThatChangesNothingLeavesNoTrace(t *testing.T) {
	everyKind(t, func(t *testing.T, w *testkit.World, k *kind.Kind) {
		r := testkit.Example(t, w.App, admin, k)
		w.Clock.Advance(time.Minute)
		must(t, w.App.Save(admin, r))
		if b := r.GetBase(); b.Version != 1 {
			t.Errorf("version %d", b.Version)
		}
		if h := history(t, w, k, r); len(h) != 1 {
			t.Errorf("%d journal entries", len(h))
		}
	})
}

func TestAnotherWorkspaceSeesAndChangesNothing(t *testing.T) {
	stranger := testkit.In("ws2", access.Administrator)
	everyKind(t, func(t *testing.T, w *testkit.World, k *kind.Kind) {
		r := testkit.Example(t, w.App, admin, k)
		id, key := r.GetBase().ID, r.GetBase().Key
		for _, name := range []string{id, key} {
			if _, err := w.App.Get(stranger, k, name); kind.CodeOf(err) != kind.NotFound {
				t.Errorf("get %s: %v", name, err)
			}
		}
		if err := w.App.Save(stranger, k.Clone(r)); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("save: %v", err)
		}
		if err := w.App.Delete(stranger, k, id, 0); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("delete: %v", err)
		}
		page, err := w.App.List(stranger, k, kind.Query{Count: true})
		must(t, err)
		if page.Total != 0 || len(page.Records) != 0 {
			t.Errorf("the list shows %d", page.Total)
		}
		hits, err := w.App.Search(stranger, r.GetBase().Title, 10)
		must(t, err)
		if len(hits) != 0 {
			t.Errorf("search finds %v", hits)
		}
		for _, f := range k.Fields {
			if f.Ref == "" || f.IsZero(r) {
				continue
			}
			theirs := k.Clone(r)
			*theirs.GetBase() = kind.Base{Title: "borrowed"}
			if err := w.App.Save(stranger, theirs); kind.CodeOf(err) != kind.Invalid {
				t.Errorf("a reference into the other workspace was accepted: %v", err)
			}
			break
		}
		if got, err := w.App.Get(admin, k, id); err != nil || got.GetBase().Version != 1 {
			t.Errorf("the record was touched: %v", err)
		}
	})
}

func TestWhatIsDeletedCanBeRestored(t *testing.T) {
	everyKind(t, func(t *testing.T, w *testkit.World, k *kind.Kind) {
		r := testkit.Example(t, w.App, admin, k)
		id := r.GetBase().ID
		must(t, w.App.Delete(admin, k, id, 1))
		page, err := w.App.List(admin, k, kind.Query{Limit: kind.MaxLimit})
		must(t, err)
		for _, other := range page.Records {
			if other.GetBase().ID == id {
				t.Error("the list still shows it")
			}
		}
		if err := w.App.Save(admin, r); kind.CodeOf(err) != kind.Conflict {
			t.Errorf("a record in the bin was changed: %v", err)
		}
		must(t, w.App.Restore(admin, k, id))
		got, err := w.App.Get(admin, k, id)
		must(t, err)
		for _, f := range k.Fields {
			if !f.Computed && !f.Equal(r, got) {
				t.Errorf("%s came back as %q", f.Name, f.Text(got))
			}
		}
		if verbs := verbsOf(history(t, w, k, r)); verbs != "restore delete create" {
			t.Errorf("history: %s", verbs)
		}
	})
}

func TestTheMatrixOfPermissionsHoldsInTheWaist(t *testing.T) {
	everyKind(t, func(t *testing.T, w *testkit.World, k *kind.Kind) {
		r := testkit.Example(t, w.App, admin, k)
		for _, role := range access.Roles {
			ctx := testkit.As(role)
			actor, err := access.From(ctx)
			must(t, err)
			_, err = w.App.Get(ctx, k, r.GetBase().ID)
			if may, did := actor.May(kind.Read, k) == access.All, err == nil; may != did {
				t.Errorf("%s: may read %v, did %v: %v", role, may, did, err)
			}
			changed := k.Clone(r)
			changed.GetBase().Labels = []string{string(role)}
			err = w.App.Save(ctx, changed)
			if may, did := actor.May(kind.Write, k) == access.All, err == nil; may != did {
				t.Errorf("%s: may write %v, did %v: %v", role, may, did, err)
			}
			if err == nil {
				r = changed
			}
			err = w.App.Delete(ctx, k, r.GetBase().ID, 0)
			if may, did := actor.May(kind.Delete, k) == access.All, err == nil; may != did {
				t.Errorf("%s: may delete %v, did %v: %v", role, may, did, err)
			}
			must(t, w.App.Restore(admin, k, r.GetBase().ID))
			if r, err = w.App.Get(admin, k, r.GetBase().ID); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.App.Save(context.Background(), k.New()); kind.CodeOf(err) != kind.Unauthenticated {
			t.Errorf("nobody saved: %v", err)
		}
	})
}

func TestComputedFieldsCannotBeWritten(t *testing.T) {
	everyKind(t, func(t *testing.T, w *testkit.World, k *kind.Kind) {
		r := testkit.Sample(t, w.App, admin, k)
		forged := testkit.Example(t, w.App, admin, k)
		for _, f := range k.Fields {
			if f.Computed && f.Type == kind.Amount {
				must(t, f.SetText(r, "99"))
				must(t, f.SetText(forged, "99"))
			}
		}
		must(t, w.App.Save(admin, r))
		must(t, w.App.Save(admin, forged))
		for _, saved := range []kind.Record{r, forged} {
			got, err := w.App.Get(admin, k, saved.GetBase().ID)
			must(t, err)
			for _, f := range k.Fields {
				if f.Computed && f.Type == kind.Amount && f.Text(got) == "99.00" {
					t.Errorf("%s was written", f.Name)
				}
			}
		}
	})
}

func TestPagesShowEveryRecordOnce(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		for i := range 23 {
			must(t, w.App.Save(admin, &isms.Team{Base: kind.Base{Title: []string{"b", "A", "c"}[i%3]}}))
			w.Clock.Advance(time.Second)
		}
		for _, sort := range []string{"title", "-title", "updated_at", "-updated_at", "key", "-version"} {
			seen := map[string]bool{}
			q := kind.Query{Sort: sort, Limit: 5}
			for {
				page, err := w.App.List(admin, isms.Teams, q)
				must(t, err)
				for _, r := range page.Records {
					if seen[r.GetBase().ID] {
						t.Errorf("%s: %s twice", sort, r.GetBase().Key)
					}
					seen[r.GetBase().ID] = true
				}
				if q.Cursor = page.Next; q.Cursor == "" {
					break
				}
			}
			if len(seen) != 23 {
				t.Errorf("sorted by %s: %d of 23", sort, len(seen))
			}
		}
	})
}

func TestSearchForgivesATypingError(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		must(t, w.App.Save(admin, &isms.Asset{Base: kind.Base{Title: "Patient records database"}, Type: "data_set"}))
		must(t, w.App.Save(admin, &isms.Asset{Base: kind.Base{Title: "Office printer"}, Type: "device"}))
		for _, words := range []string{"patient", "pati", "Patinet", "recrods database", "patient-records", "PATIENT RECORDS DATABASE"} {
			hits, err := w.App.Search(admin, words, 10)
			must(t, err)
			if len(hits) != 1 || hits[0].Title != "Patient records database" {
				t.Errorf("%q finds %v", words, hits)
			}
		}
		for _, words := range []string{"", "zebra", `"; DROP TABLE`, "* OR title", "patient printer"} {
			if hits, err := w.App.Search(admin, words, 10); err != nil || len(hits) != 0 {
				t.Errorf("%q finds %v, %v", words, hits, err)
			}
		}
	})
}

func TestAnInvalidRecordNamesEveryFieldAndLeavesNoTrace(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		err := w.App.Save(admin, &isms.Risk{AssetID: "nowhere", Exposure: kind.Range{Low: 0.5, High: 3}})
		var fields []string
		for _, f := range kind.FieldsOf(err) {
			fields = append(fields, f.Field)
		}
		if got := strings.Join(fields, " "); got != "title exposure" {
			t.Errorf("complaints about %q: %v", got, err)
		}
		err = w.App.Save(admin, &isms.Risk{Base: kind.Base{Title: "x\x00y"}, AssetID: "nowhere"})
		if kind.CodeOf(err) != kind.Invalid {
			t.Error(err)
		}
		h, err := w.App.Recent(admin, 0, 10)
		must(t, err)
		if len(h) != 0 {
			t.Errorf("%d journal entries", len(h))
		}
	})
}

func TestAtomicKeepsAllOrNothing(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		err := w.App.Atomic(admin, func(ctx context.Context) error {
			must(t, w.App.Save(ctx, &isms.Team{Base: kind.Base{Title: "one"}}))
			return w.App.Save(ctx, &isms.Team{})
		})
		if kind.CodeOf(err) != kind.Invalid {
			t.Fatal(err)
		}
		page, err := w.App.List(admin, isms.Teams, kind.Query{Count: true})
		must(t, err)
		if page.Total != 0 {
			t.Errorf("%d teams", page.Total)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func history(t *testing.T, w *testkit.World, k *kind.Kind, r kind.Record) []journal.Entry {
	t.Helper()
	h, err := w.App.History(admin, k, r.GetBase().ID, 0, 100)
	must(t, err)
	return h
}

func verbsOf(list []journal.Entry) string {
	verbs := make([]string, len(list))
	for i, e := range list {
		verbs[i] = e.Verb
	}
	return strings.Join(verbs, " ")
}

package app_test

import (
	"testing"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

func TestStaffReadWhatIsPublishedAndNothingOfHowItWasMade(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		machine, staff := testkit.Machine(), testkit.As(access.Staff)
		d := &isms.Document{Base: isms.Base{Key: "p", Title: "Clean desk"}, Type: "policy", Status: isms.DocumentPublished}
		must(t, w.App.Save(machine, d))
		held := &isms.DocumentVersion{Base: isms.Base{Key: "p-1"}, DocumentID: d.ID, Number: "1.0", Status: isms.VersionPublished, Body: "Lock the drawer."}
		must(t, w.App.Save(machine, held))
		draft := &isms.DocumentVersion{Base: isms.Base{Key: "p-2"}, DocumentID: d.ID, Number: "2.0", Status: isms.VersionDraft, Body: "Burn the drawer."}
		must(t, w.App.Save(machine, draft))

		if _, err := w.App.Get(staff, isms.DocumentVersions, "p-1"); err != nil {
			t.Errorf("what holds cannot be read: %v", err)
		}
		if _, err := w.App.Get(staff, isms.DocumentVersions, "p-2"); kind.CodeOf(err) != kind.NotFound {
			t.Errorf("a draft is read: %v", err)
		}
		page, err := w.App.List(staff, isms.DocumentVersions, kind.Query{Count: true})
		must(t, err)
		if len(page.Records) != 1 || page.Total != 1 {
			t.Errorf("%d of %d versions are listed", len(page.Records), page.Total)
		}
		if page, err := w.App.List(staff, isms.DocumentVersions, kind.Query{}.Where("status", "draft")); err != nil || len(page.Records) != 0 {
			t.Errorf("asking for drafts gives %d, %v", len(page.Records), err)
		}
		if groups, err := w.App.Groups(staff, isms.DocumentVersions, kind.Query{}, "status", 10); err != nil || len(groups) != 1 || groups[0].Count != 1 {
			t.Errorf("the counts betray drafts: %v, %v", groups, err)
		}
		if found, err := w.App.Many(staff, isms.DocumentVersions, []string{held.ID, draft.ID}); err != nil || len(found) != 1 {
			t.Errorf("%d are read by id, %v", len(found), err)
		}
		if hits, err := w.App.Search(staff, "drawer", 10); err != nil || len(hits) != 1 || hits[0].Key != "p-1" {
			t.Errorf("the search finds %v, %v", hits, err)
		}
		if _, err := w.App.History(staff, isms.DocumentVersions, "p-1", 0, 10); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("the history is read: %v", err)
		}
		if list, err := w.App.Recent(staff, 0, 100); err != nil || len(list) != 0 {
			t.Errorf("the journal tells %d entries, %v", len(list), err)
		}
		if hits, err := w.App.Search(testkit.As(access.Auditor), "drawer", 10); err != nil || len(hits) != 2 {
			t.Errorf("an auditor finds %v, %v", hits, err)
		}
	})
}

package flow_test

import (
	"strings"
	"testing"

	"holdfast/access"
	"holdfast/catalog"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port/library"
	"holdfast/store"
	"holdfast/testkit"
)

// houseRules is somebody else's framework, with how it compares with one that ships.
func houseRules() library.Library {
	return library.Library{
		Format: "table", Title: "House rules", Notes: []string{"A note."},
		Frameworks: []catalog.Framework{{
			ID: "house-rules", Title: "House rules", Version: "2", Topic: "security", Source: "Imported.",
			Requirements: []catalog.Requirement{
				{ID: "1", Chapter: true, Title: "Doors"},
				{ID: "1.1", In: "1", Title: "Locks", Asks: "Lock them."},
				{ID: "1.2", In: "1", Title: "Keys", Asks: "Count them."},
			},
		}},
		Mappings: []catalog.Mapping{
			{Source: "house-rules", Target: "small-1", Authority: "Us", Pairs: []catalog.Pair{
				{Source: "1.1", Relation: "subset", Target: "1.1", Confidence: 4}, {Source: "1.1", Relation: "equal", Target: "1.1", Confidence: 4}, {Source: "1.2", Relation: "intersects", Target: "9.9", Confidence: 3}}},
			{Source: "house-rules", Target: "unknown", Authority: "Us", Pairs: []catalog.Pair{{Source: "1.1", Relation: "equal", Target: "1", Confidence: 3}}},
		},
	}
}

func TestALibraryIsPreviewedTakenInOnceAndRefusedToReaders(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		admin := testkit.As(access.Administrator)
		w.adopt(admin, small())
		before := head(w)

		preview, err := w.Flow.TakeIn(admin, houseRules(), true)
		w.Must(err)
		if !preview.DryRun || len(preview.Frameworks) != 1 || preview.Frameworks[0].Created != 3 || preview.Frameworks[0].Controls != 2 || preview.Frameworks[0].Chapters != 1 {
			t.Errorf("preview: %+v", preview)
		}
		if head(w) != before || len(all[isms.Framework](w, isms.Frameworks, kind.Query{})) != 1 {
			t.Error("a preview has kept something")
		}

		done, err := w.Flow.TakeIn(admin, houseRules(), false)
		w.Must(err)
		if done.DryRun || done.Frameworks[0].Created != 3 || done.Mappings[0].Taken != 1 || done.Mappings[0].Twice != 1 || done.Mappings[0].Absent != "" || done.Mappings[1].Absent != "unknown" || done.Mappings[1].Taken != 0 {
			t.Errorf("taken in: %+v", done)
		}
		maps := all[isms.RequirementMapping](w, isms.RequirementMappings, kind.Query{})
		if len(maps) != 1 || maps[0].Relation != "subset" || maps[0].Confidence != 4 {
			t.Errorf("mappings: %+v", maps)
		}
		before = head(w)
		again, err := w.Flow.TakeIn(admin, houseRules(), false)
		w.Must(err)
		if head(w) != before || again.Frameworks[0].Created+again.Frameworks[0].Changed+again.Mappings[0].Taken != 0 {
			t.Errorf("a second import changed something: %+v", again)
		}

		other := houseRules()
		other.Mappings[0].Authority, other.Mappings[0].Pairs[0].Relation = "Somebody else", "equal"
		kept, err := w.Flow.TakeIn(admin, other, false)
		w.Must(err)
		if maps := all[isms.RequirementMapping](w, isms.RequirementMappings, kind.Query{}); kept.Mappings[0].Kept != 1 || maps[0].Relation != "subset" || maps[0].Authority != "Us" {
			t.Errorf("another authority wrote over the first: %+v %+v", kept.Mappings[0], maps[0])
		}

		for _, role := range []access.Role{access.Auditor, access.Staff} {
			if _, err := w.Flow.TakeIn(testkit.As(role), houseRules(), true); kind.CodeOf(err) != kind.Forbidden {
				t.Errorf("%s previewed an import: %v", role, err)
			}
		}
		if list, err := w.App.List(testkit.In("elsewhere", access.Administrator), isms.Requirements, kind.Query{}); err != nil || len(list.Records) > 0 {
			t.Errorf("another workspace sees %d requirements: %v", len(list.Records), err)
		}
	})
}

func TestAForeignFrameworkNeverWritesOverOneThatShips(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		admin := testkit.As(access.Administrator)
		lib := houseRules()
		lib.Frameworks[0].ID = "nist-csf-2.0"
		lib.Mappings = nil
		done, err := w.Flow.TakeIn(admin, lib, false)
		w.Must(err)
		if done.Frameworks[0].ID != "nist-csf-2.0-imported" || lib.Frameworks[0].ID != "nist-csf-2.0" {
			t.Errorf("taken in as %q; the library now says %q", done.Frameworks[0].ID, lib.Frameworks[0].ID)
		}
		for _, fw := range all[isms.Framework](w, isms.Frameworks, kind.Query{}) {
			if fw.Catalogue == "nist-csf-2.0" || !strings.HasSuffix(fw.Title, "(imported)") {
				t.Errorf("%+v", fw)
			}
		}
	})
}

func TestALibraryOfWhichOnePartIsWrongLeavesNothingBehind(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		lib := houseRules()
		broken := lib.Frameworks[0]
		broken.ID, broken.Requirements = "broken", []catalog.Requirement{{ID: "1", Title: "x", Function: "magic"}}
		lib.Frameworks = append(lib.Frameworks, broken)
		if _, err := w.Flow.TakeIn(testkit.As(access.Administrator), lib, false); err == nil {
			t.Fatal("a requirement of an unknown function was taken in")
		}
		if n := len(all[isms.Framework](w, isms.Frameworks, kind.Query{})); n != 0 {
			t.Errorf("%d frameworks were left behind", n)
		}
		if _, err := w.Flow.TakeIn(testkit.As(access.Administrator), library.Library{Format: "table", Notes: []string{"Only a matrix."}}, false); kind.CodeOf(err) != kind.Invalid || !strings.Contains(err.Error(), "Only a matrix") {
			t.Errorf("nothing to take in: %v", err)
		}
	})
}

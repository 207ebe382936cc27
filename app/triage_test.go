package app_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

const triageDay = kind.Date("2026-03-02")

// triageFindings makes an asset with findings of two repairs, one of them resolved.
func triageFindings(t *testing.T, w *testkit.World) (asset string) {
	t.Helper()
	ctx := testkit.Machine()
	save := func(r kind.Record) {
		t.Helper()
		if err := w.App.Save(ctx, r); err != nil {
			t.Fatal(err)
		}
	}
	a := &isms.Asset{Base: isms.Base{Title: "web-1"}, Type: "host"}
	v := &isms.Vulnerability{Base: isms.Base{Title: "A flaw"}, Type: "advisory"}
	save(a)
	save(v)
	for i, f := range []isms.Finding{
		{Fix: "Upgrade openssl", Severity: isms.SeverityCritical, Due: "2026-03-01", EPSS: 0.2, Exploited: true},
		{Fix: "Upgrade openssl", Severity: isms.SeverityLow, Due: "2026-05-01", EPSS: 0.9},
		{Fix: "Upgrade curl", Severity: isms.SeverityHigh, Due: "2026-03-02"},
		{Fix: "Upgrade curl", Severity: isms.SeverityMedium, Due: "2026-02-01"},
		{Fix: "Upgrade curl", Severity: isms.SeverityMedium, Due: "2026-09-01"},
		{Fix: "Upgrade curl", Severity: isms.SeverityCritical, Due: "2026-01-01", Status: isms.FindingResolved},
		{Fix: "Upgrade bash", Severity: isms.SeverityNone, Status: isms.FindingOpen},
	} {
		f.AssetID, f.VulnerabilityID, f.Title = a.ID, v.ID, fmt.Sprintf("finding %d", i)
		if f.Status == "" {
			f.Status = isms.FindingOpen
		}
		save(&f)
	}
	return a.ID
}

func open() kind.Query { return kind.Query{}.Where("status", "open") }

func TestFindingGroupsSumUpWhatOneRepairMends(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		asset := triageFindings(t, w)
		groups, total, err := w.App.FindingGroups(testkit.As(access.Auditor), open(), "fix", triageDay, store.WorstFirst, 10, 0)
		if err != nil {
			t.Fatal(err)
		}
		want := []store.FindingGroup{
			{Value: "Upgrade openssl", Count: 2, Critical: 1, Low: 1, Exploited: 1, Overdue: 1, EPSS: 0.9, Due: "2026-03-01"},
			{Value: "Upgrade curl", Count: 3, High: 1, Medium: 2, Overdue: 1, Due: "2026-02-01"},
			{Value: "Upgrade bash", Count: 1},
		}
		if diff := cmp.Diff(want, groups); diff != "" || total != 3 {
			t.Errorf("groups (-want +have), total %d:\n%s", total, diff)
		}
		for i, worst := range []string{"critical", "high", "none"} {
			if got := groups[i].Worst(); got != worst {
				t.Errorf("the worst of %s is %s, want %s", groups[i].Value, got, worst)
			}
		}

		page, total, err := w.App.FindingGroups(testkit.As(access.Auditor), open(), "fix", triageDay, store.MostFirst, 1, 1)
		if err != nil || total != 3 || len(page) != 1 || page[0].Value != "Upgrade openssl" {
			t.Errorf("second page of one, most first: %v, total %d, %v", page, total, err)
		}
		page, _, err = w.App.FindingGroups(testkit.As(access.Auditor), open(), "fix", triageDay, store.DueFirst, 1, 0)
		if err != nil || len(page) != 1 || page[0].Value != "Upgrade curl" {
			t.Errorf("due first: %v, %v", page, err)
		}
		page, total, err = w.App.FindingGroups(testkit.As(access.Auditor), open(), "asset_id", triageDay, store.WorstFirst, 10, 0)
		if err != nil || total != 1 || page[0].Value != asset || page[0].Count != 6 {
			t.Errorf("by asset: %v, total %d, %v", page, total, err)
		}
	})
}

func TestFindingGroupsAreNotForEverybody(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		triageFindings(t, w)
		if _, _, err := w.App.FindingGroups(testkit.As(access.Staff), open(), "fix", triageDay, store.WorstFirst, 10, 0); kind.CodeOf(err) != kind.Forbidden {
			t.Errorf("staff: %v", err)
		}
		groups, total, err := w.App.FindingGroups(testkit.In("ws2", access.Administrator), open(), "fix", triageDay, store.WorstFirst, 10, 0)
		if err != nil || len(groups) != 0 || total != 0 {
			t.Errorf("another workspace sees %v, total %d, %v", groups, total, err)
		}
		for _, by := range []string{"title", "password_hash", "fix; DROP TABLE r_finding"} {
			if _, _, err := w.App.FindingGroups(testkit.As(access.Auditor), open(), by, triageDay, store.WorstFirst, 10, 0); kind.CodeOf(err) != kind.Invalid {
				t.Errorf("grouped by %q: %v", by, err)
			}
		}
		if _, _, err := w.App.FindingGroups(testkit.As(access.Auditor), open(), "fix", triageDay, "1; --", 10, 0); kind.CodeOf(err) != kind.Invalid {
			t.Errorf("an order that does not exist: %v", err)
		}
	})
}

func TestTheJournalHeadMovesWithEveryChange(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := testkit.New(s)
		before, err := w.App.JournalHead(testkit.Machine())
		if err != nil {
			t.Fatal(err)
		}
		w.Clock.Advance(time.Minute)
		if err := w.App.Save(testkit.Machine(), &isms.Asset{Base: isms.Base{Title: "new"}, Type: "host"}); err != nil {
			t.Fatal(err)
		}
		after, err := w.App.JournalHead(testkit.Machine())
		if err != nil || after <= before {
			t.Errorf("before %d, after %d, %v", before, after, err)
		}
	})
}

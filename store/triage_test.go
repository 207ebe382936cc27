package store_test

import (
	"testing"

	"holdfast/access"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// BenchmarkTriageOf100000 measures the sums that the triage page opens with.
func BenchmarkTriageOf100000(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": testkit.SQLite, "postgres": testkit.Postgres} {
		b.Run(name, func(b *testing.B) {
			s := open(b)
			testkit.Findings(b, testkit.Machine(), s, 100_000)
			for _, by := range []string{"fix", "asset_id", "vulnerability_id"} {
				b.Run(by, func(b *testing.B) {
					for b.Loop() {
						groupsBy(b, s, by)
					}
				})
			}
		})
	}
}

func groupsBy(t testing.TB, s *store.Store, by string) []store.FindingGroup {
	t.Helper()
	var groups []store.FindingGroup
	err := s.View(testkit.As(access.Auditor), func(tx *store.Tx) (err error) {
		q := kind.Query{}.Where("status", string(isms.FindingOpen))
		groups, _, err = tx.FindingGroups(q, "", by, "2026-03-02", store.WorstFirst, 25, 0)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return groups
}

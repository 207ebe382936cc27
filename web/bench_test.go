package web_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"

	"holdfast/isms"
	"holdfast/testkit"
)

// The pages people open all day, over five thousand findings.
func BenchmarkPages(b *testing.B) {
	s := start(b, testkit.SQLite(b))
	m := s.samples()
	err := s.world.App.Atomic(s.ctx, func(ctx context.Context) error {
		for i := range 5000 {
			f := &isms.Finding{Base: isms.Base{Title: fmt.Sprintf("Finding of package %d", i)}, AssetID: m.booking.ID, VulnerabilityID: m.weakness.ID, Severity: "high", Status: "open", Due: "2026-05-30"}
			if err := s.world.App.Save(ctx, f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	v := s.as("ada@example.org")
	for name, page := range map[string]string{
		"list": "/findings", "sorted": "/findings?sort=-epss&filter[severity]=high", "found": "/findings?q=package", "record": path(isms.Assets, m.booking), "form": path(isms.Risks, m.rdp) + "/edit", "palette": "/search?q=pack",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				v.get(page).is(http.StatusOK)
			}
		})
	}
}

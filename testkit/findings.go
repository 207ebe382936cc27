package testkit

import (
	"context"
	"fmt"
	"testing"
	"time"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
)

// Findings writes n findings of 2 000 weaknesses on 40 assets, as many scans would
// have, straight into the workspace of the context: past the waist, because writing
// a hundred thousand is not what is measured.
func Findings(t testing.TB, ctx context.Context, s *store.Store, n int) {
	t.Helper()
	const assets, weaknesses, atOnce = 40, 2000, 5000
	write := func(from, to int, record func(i int) (*kind.Kind, kind.Record)) {
		t.Helper()
		err := s.Update(ctx, func(tx *store.Tx) error {
			for i := from; i < to; i++ {
				if err := tx.Insert(record(i)); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	write(0, assets, func(i int) (*kind.Kind, kind.Record) {
		return isms.Assets, &isms.Asset{Base: numbered("a", i, "Server "), Type: "host", Nature: "tangible", Lifecycle: "operating"}
	})
	write(0, weaknesses, func(i int) (*kind.Kind, kind.Record) {
		return isms.Vulnerabilities, &isms.Vulnerability{Base: numbered("v", i, "Weakness "), Type: "advisory"}
	})
	for from := 0; from < n; from += atOnce {
		write(from, min(n, from+atOnce), func(i int) (*kind.Kind, kind.Record) {
			return isms.Findings, finding(i, i%assets, i%weaknesses)
		})
	}
	if err := s.Analyse(ctx); err != nil {
		t.Fatal(err)
	}
}

func finding(i, asset, weakness int) *isms.Finding {
	severities := []isms.Severity{"critical", "high", "medium", "low"}
	states := []isms.FindingState{"open", "open", "open", "resolved", "accepted", "false_positive"}
	first := Start.Add(-time.Duration(i%400) * 24 * time.Hour)
	f := &isms.Finding{Base: numbered("f", i, fmt.Sprintf("CVE-2026-%05d in package-%d number ", weakness, i%700)),
		AssetID: fmt.Sprintf("a%06d", asset), VulnerabilityID: fmt.Sprintf("v%06d", weakness), Severity: severities[(i*7)%4],
		Status: states[(i*11)%6], FirstSeen: first, LastSeen: Start, Engine: "vulnmatch", Check: fmt.Sprintf("CVE-2026-%05d", weakness),
		Subject: fmt.Sprintf("package-%d", i%700), Fix: fmt.Sprintf("Upgrade package-%d", i%700), Kind: "advisory",
		Detail: "1.2.3-1 is older than 1.2.4-1", EPSS: float64(i%100) / 100, Score: float64(i%100) / 10, Exploited: i%50 == 0}
	f.Due = isms.DueDate(first, f.Severity, f.Exploited)
	return f
}

func numbered(prefix string, i int, title string) kind.Base {
	id := fmt.Sprintf("%s%06d", prefix, i)
	return kind.Base{ID: id, Key: id, Title: fmt.Sprintf("%s%d", title, i), Version: 1, CreatedAt: Start, UpdatedAt: Start}
}

package flow_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"holdfast/app"
	"holdfast/engine"
	"holdfast/feed"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/store"
	"holdfast/testkit"
)

// advisories writes OSV records and loads them.
func advisories(t *testing.T, records map[string]string) *feed.Index {
	t.Helper()
	dir := t.TempDir()
	for name, text := range records {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	idx, err := feed.Load(context.Background(), dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = idx.Close() })
	return idx
}

const debianRecord = `{"id": "DSA-9001-1", "aliases": ["CVE-2026-9001"], "modified": "2026-02-01T00:00:00Z", "summary": "Made up for this test",
	"severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],
	"affected": [{"package": {"ecosystem": "Debian:12", "name": "openssh"}, "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1:9.2p1-2+deb12u3"}]}]}]}`

const npmRecord = `{"id": "GHSA-test-test-test", "aliases": ["CVE-2026-9002"], "modified": "2026-02-01T00:00:00Z",
	"affected": [{"package": {"ecosystem": "npm", "name": "@scope/left"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.0"}]}]}]}`

// software takes in what vulnmatch says of the packages on web-1.
func (w *world) software(idx *feed.Index, packages ...engine.Package) flow.Outcome {
	w.Helper()
	w.Clock.Advance(time.Hour)
	target := &engine.Target{Kind: engine.SBOM, Name: "web-1", Now: w.Clock.Now(), Inventory: &engine.Inventory{Packages: packages}}
	out, err := w.Flow.Observe(testkit.Machine(), target, flow.Look(context.Background(), target, idx, w.Clock.Now, nil))
	w.Must(err)
	return out
}

func (w *world) states() map[string]isms.FindingState {
	w.Helper()
	list, err := app.Of[isms.Finding](w.App, isms.Findings).All(testkit.Machine(), kind.Query{})
	w.Must(err)
	out := map[string]isms.FindingState{}
	for _, f := range list {
		out[f.Check] = f.Status
	}
	return out
}

func ssh(version string) engine.Package {
	return engine.Package{Name: "openssh-server", Source: "openssh", Version: version, Ecosystem: "Debian:12"}
}

func left(version string) engine.Package {
	return engine.Package{Name: "@scope/left", Version: version, Ecosystem: "npm", Path: "/srv/app"}
}

func TestAnUpgradeResolvesAndMissingAdvisoriesDoNot(t *testing.T) {
	testkit.Databases(t, func(t *testing.T, s *store.Store) {
		w := newWorld(t, s)
		both := advisories(t, map[string]string{"a.json": debianRecord, "b.json": npmRecord})
		onlyDebian := advisories(t, map[string]string{"a.json": debianRecord})
		old, fixed := ssh("1:9.2p1-2+deb12u2"), ssh("1:9.2p1-2+deb12u3")

		w.software(both, old, left("1.9.9"))
		if got := w.states(); got["CVE-2026-9001"] != isms.FindingOpen || got["CVE-2026-9002"] != isms.FindingOpen {
			t.Fatalf("the old versions: %v", got)
		}
		if len(w.Risks()) == 0 {
			t.Error("no scenario is fed by a vulnerability that is attacked over the network")
		}
		w.software(onlyDebian, old, left("1.9.9"))
		if got := w.states(); got["CVE-2026-9002"] != isms.FindingOpen {
			t.Error("the finding went away because its advisories were not at hand")
		}
		if out := w.software(nil, fixed, left("2.0.0")); len(out.Failed) == 0 {
			t.Error("a run without advisories did not fail")
		}
		if got := w.states(); got["CVE-2026-9001"] != isms.FindingOpen {
			t.Error("a failed run resolved a finding")
		}
		w.software(both, fixed, left("1.9.9"))
		if got := w.states(); got["CVE-2026-9001"] != isms.FindingResolved || got["CVE-2026-9002"] != isms.FindingOpen {
			t.Errorf("after the upgrade of one: %v", got)
		}
		w.software(both, old, left("2.0.0"))
		if got := w.states(); got["CVE-2026-9001"] != isms.FindingOpen || got["CVE-2026-9002"] != isms.FindingResolved {
			t.Errorf("after a downgrade and an upgrade: %v", got)
		}
	})
}

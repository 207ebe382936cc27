package inventory

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine"
)

func TestARootIsReadThroughItsLinksAndNothingOutsideIt(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(dir, "outside")
	root := filepath.Join(dir, "root")
	for name, text := range map[string]string{
		"outside/node_modules/secret/package.json":    `{"name": "secret", "version": "1"}`,
		"root/usr/lib/os-release":                     "ID=alpine\nVERSION_ID=3.18.4\n",
		"root/usr/lib/apk/db/installed":               "P:musl\nV:1.2.4-r0\n",
		"root/etc/passwd":                             "root:x:0:0:root:/root:/bin/sh\n",
		"root/srv/node_modules/left-pad/package.json": `{"name": "left-pad", "version": "1.3.0"}`,
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"lib": "/usr/lib", "etc/os-release": "/usr/lib/os-release", "escape": outside, "up": "../outside"} {
		if err := os.Symlink(to, filepath.Join(root, link)); err != nil {
			t.Fatal(err)
		}
	}
	target, err := Root(t.Context(), root, noon, nil)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, p := range target.Inventory.Packages {
		names = append(names, p.Ecosystem+" "+p.Name+" "+p.Path)
	}
	if d := cmp.Diff([]string{"Alpine:v3.18 musl /lib/apk/db/installed", "npm left-pad /srv/node_modules/left-pad/package.json"}, names); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if target.Kind != engine.Root || target.Inventory.Host.Live || !target.Now.Equal(noon) || len(target.Inventory.Problems) != 0 {
		t.Errorf("target %+v, problems %v", target, target.Inventory.Problems)
	}
	if _, err := fs.ReadFile(target.FS, "etc/passwd"); err != nil {
		t.Errorf("the file system must stay open for the engines: %v", err)
	}
}

func TestARootThatIsNotThereAndAScanThatIsStoppedAreErrors(t *testing.T) {
	if got, err := Root(t.Context(), filepath.Join(t.TempDir(), "nowhere"), noon, nil); err == nil || got != nil || !strings.Contains(err.Error(), "nowhere") {
		t.Errorf("%+v, %v", got, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if got, err := Root(ctx, t.TempDir(), noon, nil); err == nil || got != nil {
		t.Errorf("half an inventory must not be returned: %+v, %v", got, err)
	}
}

// TestThisHostIsReadInSeconds scans the machine that the tests run on, and says
// how long it took and what it found.
func TestThisHostIsReadInSeconds(t *testing.T) {
	if testing.Short() {
		t.Skip("scans the whole machine; left out by -short")
	}
	steps := map[string]bool{}
	start := time.Now()
	target, err := Host(t.Context(), noon, func(step string, _, _ int) { steps[step] = true })
	if err != nil {
		t.Fatal(err)
	}
	inv := target.Inventory
	t.Logf("%d packages, %d problems in %v", len(inv.Packages), len(inv.Problems), time.Since(start).Round(time.Millisecond))
	if target.Kind != engine.Host || !inv.Host.Live || target.Name == "" || len(inv.Host.Interfaces) == 0 {
		t.Errorf("target %+v", target)
	}
	if !steps["files"] || !steps["dpkg"] {
		t.Errorf("progress was not told: %v", steps)
	}
	status, err := os.ReadFile("/var/lib/dpkg/status")
	if err != nil {
		t.Skip("no dpkg on this machine to count against")
	}
	want, got := strings.Count(string(status), "\nStatus: install ok installed\n"), 0
	for _, p := range inv.Packages {
		if p.Path == "/"+dpkgStatus {
			got++
		}
	}
	if got != want {
		t.Errorf("%d packages of dpkg, want %d", got, want)
	}
}

package inventory

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	rpmdb "github.com/erikvarga/go-rpmdb/pkg"
	"github.com/google/go-cmp/cmp"
)

// TestRealRPMDatabasesReadLikeTheLibraryReadsThem compares all three formats with
// an independent reader on the databases that its authors collected.
func TestRealRPMDatabasesReadLikeTheLibraryReadsThem(t *testing.T) {
	const module = "github.com/erikvarga/go-rpmdb"
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	if err != nil || strings.TrimSpace(string(out)) == "" {
		t.Skipf("the source of %s is not on this machine: %v", module, err)
	}
	files, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(out)), "pkg/testdata/*/*"))
	if err != nil || len(files) < 10 {
		t.Skipf("the module %s has no test databases here (%d files)", module, len(files))
	}
	total := 0
	for _, file := range files {
		dir, base := filepath.Split(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			want := oracleRPMs(t, file)
			var got []string
			err := eachHeader(t.Context(), dir, base, func(h rpmHeader) {
				if h.name != "gpg-pubkey" {
					got = append(got, fmt.Sprintf("%s %d:%s-%s %s %s %s %s", h.name, h.epoch, h.version, h.release, h.arch, h.source, h.module, h.license))
				}
			})
			if err != nil {
				t.Fatal(err)
			}
			slices.Sort(got)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("-library +ours:\n%s", d)
			}
			total += len(got)
		})
	}
	t.Logf("%d packages of %d databases are alike", total, len(files))
}

func eachHeader(ctx context.Context, dir, base string, each func(rpmHeader)) error {
	var broken error
	for _, f := range rpmFiles {
		if f.name != base {
			continue
		}
		err := f.each(ctx, os.DirFS(dir), base, func(blob []byte) {
			h, err := parseRPMHeader(blob)
			if err != nil {
				broken = err
				return
			}
			each(h)
		})
		if err != nil {
			return err
		}
	}
	return broken
}

func oracleRPMs(t *testing.T, file string) []string {
	t.Helper()
	// The library's SQLite reader opens the database for writing beside it.
	copied := filepath.Join(t.TempDir(), filepath.Base(file))
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(copied, data, 0o600); err != nil {
		t.Fatal(err)
	}
	db, err := rpmdb.Open(copied)
	if err != nil {
		t.Fatal(err)
	}
	list, err := db.ListPackages()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range list {
		if p.Name == "gpg-pubkey" {
			continue
		}
		epoch := 0
		if p.Epoch != nil {
			epoch = *p.Epoch
		}
		out = append(out, fmt.Sprintf("%s %d:%s-%s %s %s %s %s", p.Name, epoch, p.Version, p.Release, p.Arch, p.SourceRpm, p.Modularitylabel, p.License))
	}
	slices.Sort(out)
	return out
}

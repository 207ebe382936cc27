package port_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"testing"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port"
	"holdfast/store"
	"holdfast/testkit"
)

// BenchmarkFolderOf100000 exports a hundred thousand records, reads the folder, plans
// it and compares it with itself. docs/performance.md holds the figures.
func BenchmarkFolderOf100000(b *testing.B) {
	w := testkit.New(testkit.SQLite(b))
	const n, atOnce = 100_000, 5000
	for from := 0; from < n; from += atOnce {
		err := w.Store.Update(lead, func(tx *store.Tx) error {
			for i := from; i < from+atOnce; i++ {
				id := fmt.Sprintf("a%06d", i)
				base := kind.Base{ID: id, Key: id, Title: "Server", Origin: "person", Version: 1, CreatedAt: testkit.Start, UpdatedAt: testkit.Start}
				if err := tx.Insert(isms.Assets, &isms.Asset{Base: base, Type: "host", Nature: "tangible", Lifecycle: "operating", Criticality: 3}); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := w.Store.Analyse(lead); err != nil {
		b.Fatal(err)
	}
	var folder *zip.Reader
	b.Run("export", func(b *testing.B) {
		for b.Loop() {
			folder = archiveOf(b, w, n)
		}
	})
	b.Run("plan", func(b *testing.B) {
		for b.Loop() {
			f, err := port.ReadFolder(folder)
			if err != nil {
				b.Fatal(err)
			}
			if p, err := port.MakePlan(operator(testkit.Workspace), w.App, f, port.PlanOptions{}); err != nil || !p.Empty() {
				b.Fatal(p, err)
			}
		}
	})
	b.Run("update", func(b *testing.B) {
		for b.Loop() {
			if u, err := port.Update(isms.Registry, folder, folder, port.UpdateOptions{}); err != nil || len(u.Write) > 0 {
				b.Fatal(u, err)
			}
		}
	})
}

func archiveOf(b *testing.B, w *testkit.World, want int) *zip.Reader {
	b.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	n, err := port.Tree(lead, w.App, func(name string, data []byte) error {
		f, err := z.Create(name)
		if err == nil {
			_, err = f.Write(data)
		}
		return err
	}, port.TreeOptions{})
	if err != nil || n != want {
		b.Fatal(n, err)
	}
	if err := z.Close(); err != nil {
		b.Fatal(err)
	}
	files, err := port.Unzip("folder.zip", out.Bytes())
	if err != nil {
		b.Fatal(err)
	}
	return files
}

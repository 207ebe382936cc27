package inventory

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// sbomData returns the shared test data of packages and bills of materials, by
// name, with the archives inside unpacked. It is only on developers' machines;
// what this package must do is also shown by the small cases of its own.
func sbomData(t *testing.T) map[string][]byte {
	t.Helper()
	file := filepath.Join("..", "..", "..", "shared", "data", "04-sbom-and-packages.zip")
	z, err := zip.OpenReader(file)
	if os.IsNotExist(err) {
		t.Skipf("the shared test data is not on this machine (%s)", filepath.ToSlash(file))
	}
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	out := map[string][]byte{}
	unpack(t, &z.Reader, "", out)
	return out
}

func unpack(t *testing.T, z *zip.Reader, prefix string, out map[string][]byte) {
	t.Helper()
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data := readAll(t, r)
		name := path.Join(prefix, f.Name)
		switch path.Ext(name) {
		case ".zip":
			inner, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			unpack(t, inner, strings.TrimSuffix(name, ".zip"), out)
		case ".gz":
			g, err := gzip.NewReader(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			out[strings.TrimSuffix(name, ".gz")] = readAll(t, g)
		default:
			out[name] = data
		}
	}
}

func readAll(t *testing.T, r io.Reader) []byte {
	t.Helper()
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

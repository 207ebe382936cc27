package oscal

import (
	"archive/zip"
	"compress/gzip"
	"io"
	"strings"
	"testing"
)

// publicFrameworks is the archive of public catalogues and examples. Nothing of it is
// part of this repository.
const publicFrameworks = "../../../shared/data/01-frameworks.zip"

// public returns one file of the public test data, unpacked.
func public(tb testing.TB, name string) []byte {
	tb.Helper()
	archive, err := zip.OpenReader(publicFrameworks)
	if err != nil {
		tb.Skip("NOT COMPARED with published documents: the public test data (../shared/data beside the module) is absent")
	}
	defer archive.Close()
	f, err := archive.Open(name)
	if err != nil {
		tb.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			tb.Fatal(err)
		}
	}
	data, err := io.ReadAll(r)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

func publicDocument(tb testing.TB, name string) *Document {
	tb.Helper()
	return parsed(tb, name, string(public(tb, name)))
}

func parsed(tb testing.TB, name, text string) *Document {
	tb.Helper()
	d, err := Parse(name, []byte(text))
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

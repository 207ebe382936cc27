package event

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"
	"time"
)

const eventData = "../../../shared/data/06-events.zip"

// openData opens the public test data in place, or skips.
func openData(tb testing.TB) *zip.ReadCloser {
	tb.Helper()
	z, err := zip.OpenReader(eventData)
	if errors.Is(err, fs.ErrNotExist) {
		tb.Skip("the public test data (../shared/data beside the module) is absent")
	}
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { z.Close() }) //nolint:errcheck // it was only read
	return z
}

// dataFile is one file of the data, unpacked.
type dataFile struct {
	name string
	data []byte
}

// dataFiles are the files whose name begins so, those within archives too.
func dataFiles(tb testing.TB, prefix string) []dataFile {
	tb.Helper()
	z := openData(tb)
	var files []dataFile
	for _, f := range z.File {
		if !strings.HasPrefix(f.Name, prefix) || f.FileInfo().IsDir() {
			continue
		}
		data := must(fs.ReadFile(z, f.Name))(tb)
		switch lower := strings.ToLower(f.Name); {
		case strings.HasSuffix(lower, ".gz"):
			r := must(gzip.NewReader(bytes.NewReader(data)))(tb)
			files = append(files, dataFile{f.Name, must(io.ReadAll(r))(tb)})
		case strings.HasSuffix(lower, ".zip"):
			inner := must(zip.NewReader(bytes.NewReader(data), int64(len(data))))(tb)
			for _, g := range inner.File {
				if !g.FileInfo().IsDir() {
					files = append(files, dataFile{f.Name + "/" + g.Name, must(fs.ReadFile(inner, g.Name))(tb)})
				}
			}
		default:
			files = append(files, dataFile{f.Name, data})
		}
	}
	if len(files) == 0 {
		tb.Fatalf("the data has no files %s…", prefix)
	}
	return files
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

var arrival = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// parseAll reads a document as one source and gives each event to check.
func parseAll(tb testing.TB, o Options, data []byte, check func(e *Event)) int {
	tb.Helper()
	p := NewParser(o)
	var e Event
	n := 0
	for raw := range Split(data) {
		p.Parse(Line{Raw: raw, Received: arrival}, &e)
		sound(tb, &e)
		if e.Meta {
			continue
		}
		n++
		if check != nil {
			check(&e)
		}
	}
	return n
}

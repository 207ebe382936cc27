package detect

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"io/fs"
	"strings"
	"testing"
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

func readAll(tb testing.TB, fsys fs.FS, name string) []byte {
	tb.Helper()
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		tb.Fatal(err)
	}
	return data
}

// inner opens an archive within the archive.
func inner(tb testing.TB, fsys fs.FS, name string) *zip.Reader {
	tb.Helper()
	data := readAll(tb, fsys, name)
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		tb.Fatal(err)
	}
	return z
}

// ruleArchives are the public rules; with them how many there are at least.
var ruleArchives = map[string]int{
	"sigma/sigma-regression_part1.zip":              91,
	"sigma/sigma-rules_cloud-aws.zip":               57,
	"sigma/sigma-rules_linux.zip":                   210,
	"sigma/sigma-rules_web+network+application.zip": 206,
	"sigma/sigma-rules_windows-slice.zip":           985,
}

// publicRules are all different rules of the data.
func publicRules(tb testing.TB) *Collection {
	tb.Helper()
	z := openData(tb)
	all := &Collection{}
	seen := map[string]bool{}
	for name := range ruleArchives {
		c, problems := Load(inner(tb, z, name), nil)
		if len(problems) > 0 {
			tb.Fatal(problems[0])
		}
		for _, r := range c.Rules {
			if !seen[r.ID] {
				seen[r.ID] = true
				all.Rules = append(all.Rules, r)
			}
		}
	}
	return all
}

// publicEvents are the events of the data, at most limit of each file.
func publicEvents(tb testing.TB, limit int) [][]byte {
	tb.Helper()
	all := publicEventsOf(tb, "", limit)
	if len(all) < 200 {
		tb.Fatalf("only %d events", len(all))
	}
	return all
}

// publicEventsOf are those of files with a word in their name.
func publicEventsOf(tb testing.TB, word string, limit int) [][]byte {
	tb.Helper()
	z := openData(tb)
	var all [][]byte
	take := func(name string, data []byte) {
		s, err := NewStream(name, bytes.NewReader(data))
		if err != nil {
			tb.Fatal(err)
		}
		for range limit {
			e, err := s.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			var bad *BadEvent
			if errors.As(err, &bad) {
				continue
			}
			if err != nil {
				tb.Fatal(err)
			}
			all = append(all, bytes.Clone(e.JSON))
		}
	}
	for _, f := range z.File {
		lower := strings.ToLower(f.Name)
		switch {
		case !strings.Contains(lower, word):
		case strings.HasSuffix(lower, ".json.gz"):
			take(f.Name, readAll(tb, z, f.Name))
		case strings.HasSuffix(lower, ".zip") && (strings.HasPrefix(lower, "security-datasets/atomic") || strings.HasPrefix(lower, "security-datasets/compound") ||
			strings.HasPrefix(lower, "cloudtrail/") || strings.Contains(lower, "regression")):
			sub := inner(tb, z, f.Name)
			for _, g := range sub.File {
				if strings.HasSuffix(strings.ToLower(g.Name), ".json") && !strings.HasSuffix(g.Name, "expected.json") {
					take(g.Name, readAll(tb, sub, g.Name))
				}
			}
		}
	}
	return all
}

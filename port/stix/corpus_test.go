package stix_test

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"path"
	"strings"
	"testing"

	"holdfast/port/stix"
)

// intel is the archive of threat intelligence beside the project; its texts stay there.
const intel = "../../../shared/data/03-threat-intel.zip"

func archive(t *testing.T) *zip.Reader {
	t.Helper()
	data, err := os.ReadFile(intel)
	if err != nil {
		t.Skipf("NOT RUN: the public threat intelligence is not beside the project (%s)", intel)
	}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func contents(t *testing.T, z *zip.Reader, name string) []byte {
	t.Helper()
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// inside reads every file of an archive within the archive, or the file itself.
func inside(t *testing.T, z *zip.Reader, name string, each func(name string, data []byte)) {
	t.Helper()
	data := contents(t, z, name)
	if !strings.HasSuffix(name, ".zip") {
		each(path.Base(name), data)
		return
	}
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range in.File {
		if !f.FileInfo().IsDir() {
			each(f.Name, contents(t, in, f.Name))
		}
	}
}

func TestPublicIntelligenceIsReadAndCounted(t *testing.T) {
	z := archive(t)
	for _, c := range []struct {
		file, ending               string
		files, objects, least, bad int
		of                         string
		context                    bool
	}{
		{"stix/poisonivy.json", ".json", 1, 25, 44, 0, "indicator", false},
		{"misp/eset-misp-events_part1.zip", ".json", 37, 2552, 776, 0, "attribute", false},
		{"misp/eset-misp-events_part1.zip", ".json", 37, 2552, 2042, 0, "attribute", true},
		{"ioc/talos-iocs.zip", ".json", 15, 702, 631, 0, "indicator", false},
		{"ioc/sophos-iocs_part1.zip", ".csv", 64, 8064, 7259, 0, "row", false},
		{"misp/pymisp-testfiles.zip", ".json", 25, 0, 10, 10, "attribute", false},
		{"stix/stix21_examples.zip", ".json", 3, 3, 1, 0, "indicator", false},
	} {
		files, objects, marks, left, bad := 0, 0, 0, 0, 0
		why := map[string]int{}
		inside(t, z, c.file, func(name string, data []byte) {
			if !strings.HasSuffix(name, c.ending) {
				return
			}
			files++
			r, err := stix.Read(name, data, stix.Options{Context: c.context})
			if err != nil {
				bad++
				t.Logf("%s: %v", name, err)
				return
			}
			objects += r.Objects[c.of]
			marks += len(r.Marks)
			left += r.Left
			for _, s := range r.Skipped {
				why[s.Why]++
			}
		})
		t.Logf("%s: %d files, %d of type %s, %d marks, %d left out, %d unreadable: %v", c.file, files, objects, c.of, marks, left, bad, why)
		if c.files > 0 && files != c.files || c.objects > 0 && objects < c.objects || marks < c.least || bad > c.bad {
			t.Errorf("%s: %d files, %d objects, %d marks, %d unreadable", c.file, files, objects, marks, bad)
		}
	}
}

package feed

import (
	"bytes"
	"context"
	"io"
	"testing"
)

// checkBuild indexes what was parsed and reads all of it back: whatever the input
// was, the index must hold together.
func checkBuild(t *testing.T, p parsed) {
	t.Helper()
	var spool bytes.Buffer
	b, err := newBuilder(&spool)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.add("fuzz", p); err != nil {
		t.Fatal(err)
	}
	resident, err := b.finish(nil, unixTime(0))
	if err != nil {
		t.Fatal(err)
	}
	x, err := newIndex(asString(resident), bytes.NewReader(spool.Bytes()), nil)
	if err != nil {
		t.Fatal(err)
	}
	said := 0
	for ecosystem, name := range x.Packages() {
		for a := range x.Affected(ecosystem, name) {
			said++
			facts := x.Facts(a)
			if err := x.Complete(&facts); err != nil {
				t.Fatal(err)
			}
			found, err := x.Find(facts.ID)
			if err != nil || len(found) == 0 {
				t.Fatalf("%q is not found: %v", facts.ID, err)
			}
		}
	}
	if said == 0 && x.stats.Advisories > 0 && len(x.stats.Ecosystems) > 0 {
		t.Fatal("there are advisories for packages, and none is found")
	}
	for _, e := range p.kev {
		if _, ok := findCVE(x.part[secKEV], kevRow, e.cve); !ok {
			t.Fatal("a KEV entry is lost")
		}
	}
}

func FuzzParseJSON(f *testing.F) {
	f.Add([]byte(record1("X-1", "npm", "p", "1.0.0", `,"aliases":["CVE-2024-1"],"summary":"Important: nodejs:16 update","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]`)))
	f.Add([]byte(`{"id":"X","modified":"2024-05-01T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:12","name":"p"},"versions":["1","2"],"ranges":[{"type":"GIT"},{"type":"SEMVER","events":[{"introduced":"0"},{"limit":"*"}]}]}]}`))
	f.Add([]byte(`{"vulns":[{"id":"X","affected":[]}]}`))
	f.Add([]byte(`{"catalogVersion":"1","vulnerabilities":[{"cveID":"CVE-2024-1","dateAdded":"2024-01-01","dueDate":"2024-01-22"}]}`))
	f.Add([]byte(`{"distroversion":"v3.18","packages":[{"pkg":{"name":"p","secfixes":{"1-r0":["CVE-2024-1"]}}}]}`))
	f.Add([]byte(`{"p":{"CVE-2024-1":{"releases":{"bookworm":{"status":"open","urgency":"low"}}}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p parser
		if out, err := p.parse("a.json", data); err == nil {
			checkBuild(t, out)
		}
	})
}

func FuzzParseYAML(f *testing.F) {
	f.Add([]byte("id: X-1\nmodified: 2024-05-01T00:00:00Z\naffected:\n- package: {ecosystem: PyPI, name: p}\n  versions: [1.10]\n"))
	f.Add([]byte("distroversion: v3.18\npackages:\n- pkg:\n    name: p\n    secfixes:\n      1-r0: [CVE-2024-1]\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p parser
		if out, err := p.parse("a.yaml", data); err == nil {
			checkBuild(t, out)
		}
	})
}

func FuzzParseCSV(f *testing.F) {
	f.Add([]byte("#model_version:v4,score_date:2024-05-01\ncve,epss,percentile\nCVE-2024-1,0.00383,0.73075\n"))
	f.Add([]byte("cveID,dateAdded,dueDate\nCVE-2024-1,2024-01-01,2024-01-22\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var p parser
		if out, err := p.parse("a.csv", data); err == nil {
			checkBuild(t, out)
		}
	})
}

// A hostile archive must end in an error or in a result, within the limits.
func FuzzZip(f *testing.F) {
	f.Add([]byte(zipOf(f, "a.json", record1("X-1", "npm", "p", "1.0.0", ""))))
	f.Add([]byte(zipOf(f, "a.zip", zipOf(f, "a.json.gz", gzipOf(f, "{}")))))
	small := limits{member: 1 << 20, total: 4 << 20, entries: 100, ratio: 250, depth: 3}
	f.Fuzz(func(t *testing.T, data []byte) {
		w := &walker{limits: small, ctx: context.Background(), emit: func(f file) {
			if b, err := f.read(); err == nil && int64(len(b)) > small.member {
				t.Errorf("%s has %d bytes", f.name, len(b))
			}
		}}
		_ = w.zip("fuzz.zip", bytes.NewReader(data), int64(len(data)), 0)
		if used := w.used.Load(); used > small.total+small.member {
			t.Errorf("%d bytes were unpacked", used)
		}
	})
}

// A stored index passed its checksum, but the parts of it must still not lead
// outside of it.
func FuzzSectionTable(f *testing.F) {
	b, err := newBuilder(io.Discard)
	if err != nil {
		f.Fatal(err)
	}
	resident, err := b.finish(nil, unixTime(0))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(resident)
	f.Fuzz(func(t *testing.T, data []byte) {
		if x, err := newIndex(string(data), nil, nil); err == nil {
			_ = x.Stats()
		}
	})
}

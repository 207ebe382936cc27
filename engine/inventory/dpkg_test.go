package inventory

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine"
)

var bookworm = engine.OS{ID: "debian", VersionID: "12", Codename: "bookworm"}

func TestADpkgEntryKeepsItsSourceAndTheVersionOfTheSource(t *testing.T) {
	const status = `Package: libc6
Status: install ok installed
Architecture: amd64
Multi-Arch: same
Source: glibc (2.36-9+deb12u3)
Version: 2.36-9+deb12u3+b1
Description: GNU C Library
 Shared libraries.
 .
 Version: not a field, for it is continued

Package: bash
Status: install ok triggers-pending
Architecture: amd64
Version: 5.2.15-2+b2
Source: bash (5.2.15-2)

Package: old
Status: deinstall ok config-files
Version: 1.0
`
	var log problems
	got := parseDpkg(dpkgStatus, []byte(status), bookworm, true, &log)
	want := []engine.Package{{
		Name: "libc6", Version: "2.36-9+deb12u3+b1", Source: "glibc", SourceVer: "2.36-9+deb12u3", Ecosystem: "Debian:12",
		Arch: "amd64", Path: dpkgStatus,
		PURL: "pkg:deb/debian/libc6@2.36-9%2Bdeb12u3%2Bb1?arch=amd64&distro=debian-12&upstream=glibc%402.36-9%2Bdeb12u3",
	}, {
		Name: "bash", Version: "5.2.15-2+b2", SourceVer: "5.2.15-2", Ecosystem: "Debian:12", Arch: "amd64", Path: dpkgStatus,
		PURL: "pkg:deb/debian/bash@5.2.15-2%2Bb2?arch=amd64&distro=debian-12&upstream=bash%405.2.15-2",
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("what was removed must not be listed (-want +got):\n%s", d)
	}
	if len(log.list) != 0 {
		t.Errorf("no problem may be reported: %v", log.list)
	}
	// What is written in a package URL must be read back the same.
	back, err := fromPURL(got[0].PURL)
	if err != nil || back.AdvisoryName() != "glibc" || back.AdvisoryVersion() != "2.36-9+deb12u3" || back.Ecosystem != "Debian:12" {
		t.Errorf("read back: %+v, %v", back, err)
	}
}

func TestABrokenDpkgEntryIsAProblemWithItsLineAndTheGoodOnesAreKept(t *testing.T) {
	good := "Package: good\nStatus: install ok installed\nVersion: 1\n"
	for name, c := range map[string]struct{ bad, want string }{
		"no version":              {"Package: bad\nStatus: install ok installed\n", "line 5: package bad has no Version"},
		"no name":                 {"Status: install ok installed\nVersion: 1\n", "line 5: an entry has no Package"},
		"no status":               {"Package: bad\nVersion: 1\n", "line 5: package bad has no Status"},
		"a strange status":        {"Package: bad\nStatus: so so\nVersion: 1\n", "unknown status"},
		"only unpacked":           {"Package: bad\nStatus: install ok unpacked\nVersion: 1\n", "is only unpacked"},
		"a blank in the version":  {"Package: bad\nStatus: install ok installed\nVersion: 1 2\n", "with a space"},
		"continued from nothing":  {" garbage\n", "line 5: a continued line"},
		"no field":                {"garbage\n", "line 5: expected a field"},
		"a lost empty line":       {"Package: bad\nStatus: install ok config-files\nVersion: 1\n" + good, "line 8: a second Package"},
		"a line that never ends":  {strings.Repeat("x", 1<<20), "line 5: expected a field"},
		"bytes that are no text":  {"\x00\xff\xfe\n", "line 5: expected a field"},
		"a colon at the start":    {": x\n", "line 5: expected a field"},
		"one of the old Mac ends": {"a\rb\n", "line 5: expected a field"},
	} {
		t.Run(name, func(t *testing.T) {
			var log problems
			got := parseDpkg(dpkgStatus, []byte(good+"\n"+c.bad+"\n"+good), bookworm, true, &log)
			for _, p := range got {
				if p.Name != "good" {
					t.Errorf("a broken entry must not become a package: %+v", p)
				}
			}
			if len(got) < 2 {
				t.Errorf("the good entries must be kept, got %d", len(got))
			}
			if len(log.list) == 0 || !strings.Contains(log.list[0].Reason, c.want) || log.list[0].Path != dpkgStatus {
				t.Errorf("problems %v, want %q", log.list, c.want)
			}
		})
	}
}

func TestThousandBrokenLinesDoNotFloodTheReport(t *testing.T) {
	var log problems
	parseDpkg(dpkgStatus, []byte(strings.Repeat("garbage\n", 1000)), bookworm, true, &log)
	got := log.all()
	if len(got) != problemsPerPath+1 || !strings.Contains(got[problemsPerPath].Reason, "980 more") {
		t.Errorf("got %d problems, the last %v", len(got), got[len(got)-1])
	}
}

func TestImagesWithoutDpkgKeepOneFileForEachPackage(t *testing.T) {
	fsys := fstest.MapFS{
		"var/lib/dpkg/status.d/base":         {Data: []byte("Package: base-files\nVersion: 12.4\nArchitecture: amd64\n")},
		"var/lib/dpkg/status.d/base.md5sums": {Data: []byte("0123  etc/x\n")},
		"var/lib/dpkg/status.d/gone":         {Data: []byte("Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n")},
	}
	var log problems
	got := dpkgPackages(t.Context(), fsys, bookworm, func(string) {}, &log)
	if len(got) != 1 || got[0].Name != "base-files" || got[0].Path != "var/lib/dpkg/status.d/base" || len(log.list) != 0 {
		t.Errorf("got %+v, problems %v", got, log.list)
	}
}

// TestDpkgStatusFilesOfTheFieldReadAsCounted uses files whose content is known.
func TestDpkgStatusFilesOfTheFieldReadAsCounted(t *testing.T) {
	data := sbomData(t)
	for name, want := range map[string]string{
		"inventory/dpkg_status_texlive":                       "357 packages, 0 problems",
		"inventory/dpkg-edge_scalibr/dpkg/empty":              "0 packages, 0 problems",
		"inventory/dpkg-edge_scalibr/dpkg/invalid":            "0 packages, 2 problems",
		"inventory/dpkg-edge_scalibr/dpkg/nopackage":          "2 packages, 1 problems",
		"inventory/dpkg-edge_scalibr/dpkg/noversion":          "2 packages, 1 problems",
		"inventory/dpkg-edge_scalibr/dpkg/single":             "1 packages, 0 problems",
		"inventory/dpkg-edge_scalibr/dpkg/statusfield":        "3 packages, 3 problems", // unpacked, half-installed, no status
		"inventory/dpkg-edge_scalibr/dpkg/trailingnewlines":   "1 packages, 0 problems",
		"inventory/dpkg-edge_scalibr/dpkg/transitional":       "1 packages, 0 problems",
		"inventory/dpkg-edge_scalibr/dpkg/transitional_dummy": "1 packages, 0 problems",
		"inventory/dpkg-edge_scalibr/dpkg/valid":              "7 packages, 0 problems",
	} {
		var log problems
		got := parseDpkg(dpkgStatus, data[name], bookworm, true, &log)
		if s := fmt.Sprintf("%d packages, %d problems", len(got), len(log.list)); s != want {
			t.Errorf("%s: %s, want %s: %v", name, s, want, log.list)
		}
	}
}

func FuzzDpkg(f *testing.F) {
	f.Add([]byte("Package: a\nStatus: install ok installed\nVersion: 1\nSource: b (2)\n\nPackage: c\n"))
	f.Add([]byte(" x\n:\nPackage:\n\n\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var log problems
		for _, p := range parseDpkg(dpkgStatus, data, bookworm, true, &log) {
			if p.Name == "" || p.Version == "" || p.Ecosystem != "Debian:12" {
				t.Errorf("half a package: %+v", p)
			}
		}
		if len(log.all()) > problemsPerPath+1 {
			t.Error("the report is flooded")
		}
	})
}

func BenchmarkDpkg(b *testing.B) {
	var status strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&status, "Package: package-%d\nStatus: install ok installed\nPriority: optional\nSection: utils\nArchitecture: amd64\n"+
			"Source: source-%d (1.2-%d)\nVersion: 1.2-%d+b1\nDepends: libc6 (>= 2.34)\nDescription: a package\n A long text\n over two lines.\n\n", i, i, i, i)
	}
	data := []byte(status.String())
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		var log problems
		if got := parseDpkg(dpkgStatus, data, bookworm, true, &log); len(got) != 1000 {
			b.Fatalf("got %d packages", len(got))
		}
	}
}

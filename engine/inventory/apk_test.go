package inventory

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine"
)

var alpine318 = engine.OS{ID: "alpine", VersionID: "3.18.4"}

func TestAnAPKRecordKeepsItsOriginAndItsFiles(t *testing.T) {
	const db = `C:Q1abc=
P:libcrypto3
V:3.1.4-r0
A:x86_64
L:Apache-2.0
o:openssl
F:lib
R:libcrypto.so.3
F:usr/lib
R:x

P:openssl
V:3.1.4-r0
A:x86_64
o:openssl
`
	var owned []string
	var log problems
	got := parseAPK("lib/apk/db/installed", []byte(db), alpine318, func(p string) { owned = append(owned, p) }, &log)
	want := []engine.Package{{
		Name: "libcrypto3", Version: "3.1.4-r0", Source: "openssl", Ecosystem: "Alpine:v3.18", Arch: "x86_64", Licenses: []string{"Apache-2.0"},
		PURL: "pkg:apk/alpine/libcrypto3@3.1.4-r0?arch=x86_64&distro=alpine-3.18.4&upstream=openssl", Path: "lib/apk/db/installed",
	}, {
		Name: "openssl", Version: "3.1.4-r0", Ecosystem: "Alpine:v3.18", Arch: "x86_64",
		PURL: "pkg:apk/alpine/openssl@3.1.4-r0?arch=x86_64&distro=alpine-3.18.4", Path: "lib/apk/db/installed",
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	if d := cmp.Diff([]string{"lib/libcrypto.so.3", "usr/lib/x"}, owned); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
}

func TestABrokenAPKRecordIsAProblemAndTheGoodOnesAreKept(t *testing.T) {
	good := "P:good\nV:1-r0\n\n"
	for name, c := range map[string]struct{ bad, want string }{
		"no version":        {"P:bad\nA:x\n\n", "line 4: package bad has no V"},
		"no name":           {"V:1\n\n", "line 4: a record has no P"},
		"no field":          {"garbage\n\n", "line 4: expected a field"},
		"a lost empty line": {"P:bad\nP:good\nV:1-r0\n\n", "line 5: a second P"},
	} {
		t.Run(name, func(t *testing.T) {
			var log problems
			got := parseAPK("lib/apk/db/installed", []byte(good+c.bad+good), alpine318, func(string) {}, &log)
			for _, p := range got {
				if p.Name != "good" {
					t.Errorf("a broken record must not become a package: %+v", p)
				}
			}
			if len(got) < 2 || len(log.list) == 0 || !strings.Contains(log.list[0].Reason, c.want) {
				t.Errorf("got %d packages, problems %v", len(got), log.list)
			}
		})
	}
}

func TestTheAPKDatabaseIsFoundInItsNewPlaceAndNotCountedTwice(t *testing.T) {
	db := &fstest.MapFile{Data: []byte("P:musl\nV:1.2.4-r0\n")}
	for name, fsys := range map[string]fstest.MapFS{
		"old":  {"lib/apk/db/installed": db},
		"new":  {"usr/lib/apk/db/installed": db},
		"both": {"lib/apk/db/installed": db, "usr/lib/apk/db/installed": db},
	} {
		var log problems
		if got := apkPackages(t.Context(), fsys, alpine318, func(string) {}, &log); len(got) != 1 {
			t.Errorf("%s: got %d packages", name, len(got))
		}
	}
}

func TestTheAPKDatabaseOfTheFieldReadsAsCounted(t *testing.T) {
	var log problems
	got := parseAPK("lib/apk/db/installed", sbomData(t)["inventory/apk_installed_scalibr"], alpine318, func(string) {}, &log)
	if len(got) != 15 || len(log.list) != 0 {
		t.Errorf("%d packages, problems %v; want 15", len(got), log.list)
	}
}

func FuzzAPK(f *testing.F) {
	f.Add([]byte("P:a\nV:1\no:b\nF:x\nR:y\n\nP:c\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var log problems
		for _, p := range parseAPK("lib/apk/db/installed", data, alpine318, func(string) {}, &log) {
			if p.Name == "" || p.Version == "" {
				t.Errorf("half a package: %+v", p)
			}
		}
	})
}

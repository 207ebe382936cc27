package inventory

import (
	"context"
	"database/sql"
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine"
)

var alma8 = engine.OS{ID: "almalinux", IDLike: []string{"rhel"}, VersionID: "8.9"}

// rpmTag is one value of a header made by a test.
type rpmTag struct {
	tag, kind, count uint32
	data             []byte
}

func text(tag uint32, s string) rpmTag {
	return rpmTag{tag, typeString, 1, append([]byte(s), 0)}
}

func texts(tag uint32, list ...string) rpmTag {
	return rpmTag{tag, typeStringArray, uint32(len(list)), []byte(strings.Join(list, "\x00") + "\x00")}
}

func numbers(tag uint32, list ...uint32) rpmTag {
	var b []byte
	for _, n := range list {
		b = binary.BigEndian.AppendUint32(b, n)
	}
	return rpmTag{tag, typeInt32, uint32(len(list)), b}
}

// rpmBlob writes a header as rpm stores it.
func rpmBlob(tags ...rpmTag) []byte {
	var index, data []byte
	for _, t := range tags {
		for t.kind == typeInt32 && len(data)%4 != 0 {
			data = append(data, 0)
		}
		for _, n := range []uint32{t.tag, t.kind, uint32(len(data)), t.count} {
			index = binary.BigEndian.AppendUint32(index, n)
		}
		data = append(data, t.data...)
	}
	blob := binary.BigEndian.AppendUint32(nil, uint32(len(tags)))
	blob = binary.BigEndian.AppendUint32(blob, uint32(len(data)))
	return append(append(blob, index...), data...)
}

func opensslBlob() []byte {
	return rpmBlob(
		text(tagName, "openssl-libs"), text(tagVersion, "1.1.1k"), text(tagRelease, "9.el8"), numbers(tagEpoch, 1),
		text(tagArch, "x86_64"), text(tagLicense, "OpenSSL"), text(tagSourceRPM, "openssl-1.1.1k-9.el8.src.rpm"),
		numbers(tagDirIndexes, 0, 1), texts(tagBaseNames, "libssl.so.1.1", "METADATA"),
		texts(tagDirNames, "/usr/lib64/", "/usr/lib/python3/a.dist-info/"),
	)
}

func postgresBlob() []byte {
	return rpmBlob(
		text(tagName, "postgresql"), text(tagVersion, "12.5"), text(tagRelease, "1.module+el8"), text(tagArch, "x86_64"),
		text(tagSourceRPM, "postgresql-12.5-1.module+el8.src.rpm"), text(tagModularity, "postgresql:12:8030020201207110000:229f0a1c"),
	)
}

// sqliteRPM makes a real rpmdb.sqlite with the given headers.
func sqliteRPM(t *testing.T, blobs ...[]byte) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "rpmdb.sqlite")
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`CREATE TABLE Packages (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL)`); err != nil {
		t.Fatal(err)
	}
	for _, b := range blobs {
		if _, err := db.Exec(`INSERT INTO Packages (blob) VALUES (?)`, b); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestAnRPMDatabaseInSQLiteGivesEpochModuleAndLicence(t *testing.T) {
	fsys := fstest.MapFS{"var/lib/rpm/rpmdb.sqlite": {Data: sqliteRPM(t, opensslBlob(), postgresBlob(),
		rpmBlob(text(tagName, "gpg-pubkey"), text(tagVersion, "1"), text(tagRelease, "2")))}}
	var log problems
	var owned []string
	got := rpmPackages(t.Context(), fsys, alma8, func(p string) { owned = append(owned, p) }, &log)
	want := []engine.Package{{
		Name: "openssl-libs", Version: "1:1.1.1k-9.el8", Arch: "x86_64", Ecosystem: "AlmaLinux:8", Licenses: []string{"OpenSSL"},
		PURL: "pkg:rpm/almalinux/openssl-libs@1.1.1k-9.el8?arch=x86_64&distro=almalinux-8.9&epoch=1&upstream=openssl-1.1.1k-9.el8.src.rpm",
		Path: "var/lib/rpm/rpmdb.sqlite",
	}, {
		Name: "postgresql", Version: "12.5-1.module+el8", Arch: "x86_64", Ecosystem: "AlmaLinux:8",
		Module: "postgresql:12:8030020201207110000:229f0a1c",
		PURL:   "pkg:rpm/almalinux/postgresql@12.5-1.module%2Bel8?arch=x86_64&distro=almalinux-8.9&modularitylabel=postgresql:12:8030020201207110000:229f0a1c&upstream=postgresql-12.5-1.module%2Bel8.src.rpm",
		Path:   "var/lib/rpm/rpmdb.sqlite",
	}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("packages, keys must not be among them (-want +got):\n%s", d)
	}
	if d := cmp.Diff([]string{"/usr/lib64/libssl.so.1.1", "/usr/lib/python3/a.dist-info/METADATA"}, owned); d != "" {
		t.Errorf("files (-want +got):\n%s", d)
	}
	if len(log.list) != 0 {
		t.Errorf("no problem may be reported: %v", log.list)
	}
}

func TestWhereAdvisoriesSpeakOfSourcesTheSourceHasTheEpochOfThePackage(t *testing.T) {
	rocky := engine.OS{ID: "rocky", VersionID: "8.9"}
	fsys := fstest.MapFS{"usr/lib/sysimage/rpm/rpmdb.sqlite": {Data: sqliteRPM(t, opensslBlob())}}
	var log problems
	got := rpmPackages(t.Context(), fsys, rocky, func(string) {}, &log)
	if len(got) != 1 || got[0].AdvisoryName() != "openssl" || got[0].AdvisoryVersion() != "1:1.1.1k-9.el8" || got[0].Ecosystem != "Rocky Linux:8" {
		t.Errorf("got %+v", got)
	}
}

func TestABrokenRPMRecordIsAProblemAndTheOthersAreKept(t *testing.T) {
	broken := opensslBlob()[:40]
	fsys := fstest.MapFS{"var/lib/rpm/rpmdb.sqlite": {Data: sqliteRPM(t, broken, postgresBlob())}}
	var log problems
	got := rpmPackages(t.Context(), fsys, alma8, func(string) {}, &log)
	if len(got) != 1 || got[0].Name != "postgresql" {
		t.Errorf("got %+v", got)
	}
	if len(log.list) != 1 || !strings.Contains(log.list[0].Reason, "cut off") {
		t.Errorf("problems: %v", log.list)
	}
}

func TestADatabaseThatIsNoRPMDatabaseIsAProblem(t *testing.T) {
	view := filepath.Join(t.TempDir(), "view.sqlite")
	db, err := sql.Open("sqlite", view)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`CREATE VIEW Packages AS WITH RECURSIVE n(hnum) AS (SELECT 1 UNION ALL SELECT hnum+1 FROM n) SELECT hnum, x'00' AS blob FROM n`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	endless, err := os.ReadFile(view)
	if err != nil {
		t.Fatal(err)
	}
	for name, f := range map[string]struct {
		file string
		data []byte
	}{
		"text as sqlite":             {"rpmdb.sqlite", []byte("hello")},
		"empty sqlite":               {"rpmdb.sqlite", nil},
		"a view that never ends":     {"rpmdb.sqlite", endless},
		"text as ndb":                {"Packages.db", []byte(strings.Repeat("x", 5000))},
		"text as Berkeley DB":        {"Packages", []byte(strings.Repeat("x", 5000))},
		"a cut-off Berkeley DB":      {"Packages", berkeleyRPM(opensslBlob())[:5000]},
		"a ring of overflow pages":   {"Packages", ringOfPages()},
		"an index that points out":   {"Packages", brokenIndex()},
		"ndb with too many pages":    {"Packages.db", append([]byte("RpmP\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\xff\xff"), make([]byte, 5000)...)},
		"ndb with a blob of 4 GB":    {"Packages.db", ndbRPM(0xffffff00, opensslBlob())},
		"ndb whose slots are broken": {"Packages.db", append([]byte("RpmP\x00\x00\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00"), make([]byte, 5000)...)},
	} {
		t.Run(name, func(t *testing.T) {
			var log problems
			got := rpmPackages(t.Context(), fstest.MapFS{"var/lib/rpm/" + f.file: {Data: f.data}}, alma8, func(string) {}, &log)
			if len(got) != 0 || len(log.list) == 0 {
				t.Errorf("got %d packages, problems %v", len(got), log.list)
			}
		})
	}
}

const testPage = 4096

// berkeleyRPM writes a Berkeley DB hash file: the meta page, one hash page, and
// overflow pages with the value.
func berkeleyRPM(value []byte) []byte {
	le := binary.LittleEndian
	body := testPage - bdbPageHeader
	chunks := (len(value) + body - 1) / body
	file := make([]byte, (2+chunks)*testPage)
	meta, hash := file[:testPage], file[testPage:2*testPage]
	le.PutUint32(meta[12:], bdbHashMagic)
	le.PutUint32(meta[20:], testPage)
	meta[25] = bdbHashMeta
	le.PutUint32(meta[32:], uint32(1+chunks))
	hash[25] = bdbHash
	le.PutUint16(hash[20:], 2)
	key, item := testPage-5, testPage-5-12
	le.PutUint16(hash[bdbPageHeader:], uint16(key))
	le.PutUint16(hash[bdbPageHeader+2:], uint16(item))
	hash[key], hash[item] = bdbItemInPage, bdbItemOffPage
	le.PutUint32(hash[item+4:], 2)
	le.PutUint32(hash[item+8:], uint32(len(value)))
	for i := range chunks {
		page := file[(2+i)*testPage:][:testPage]
		n := copy(page[bdbPageHeader:], value[i*body:])
		page[25] = bdbOverflow
		le.PutUint16(page[22:], uint16(n))
		if i+1 < chunks {
			le.PutUint32(page[16:], uint32(3+i))
		}
	}
	return file
}

// ringOfPages has an overflow page that continues at itself.
func ringOfPages() []byte {
	file := berkeleyRPM(opensslBlob())
	binary.LittleEndian.PutUint32(file[2*testPage+16:], 2)
	binary.LittleEndian.PutUint32(file[testPage+testPage-5-12+8:], 1<<30)
	return file
}

// brokenIndex has an item that lies outside of its page.
func brokenIndex() []byte {
	file := berkeleyRPM(opensslBlob())
	binary.LittleEndian.PutUint16(file[testPage+bdbPageHeader+2:], 0xfff0)
	return file
}

// ndbRPM writes an ndb file with one package of the claimed length.
func ndbRPM(length uint32, blob []byte) []byte {
	le := binary.LittleEndian
	file := make([]byte, 4096)
	copy(file, "RpmP")
	le.PutUint32(file[12:], 1)
	for at := 32; at < 4096; at += 16 {
		copy(file[at:], "Slot")
	}
	le.PutUint32(file[32+4:], 7)
	le.PutUint32(file[32+8:], 4096/16)
	head := append([]byte("BlbS"), 7, 0, 0, 0, 0, 0, 0, 0)
	return append(append(append(file, head...), le.AppendUint32(nil, length)...), blob...)
}

func TestTheOlderRPMFormatsGiveTheSamePackage(t *testing.T) {
	big := rpmBlob(append([]rpmTag{texts(tagBaseNames, strings.Repeat("x", 9000)), texts(tagDirNames, "/")},
		text(tagName, "openssl-libs"), text(tagVersion, "1"), text(tagRelease, "2"))...)
	for name, fsys := range map[string]fstest.MapFS{
		"Berkeley DB":                        {"var/lib/rpm/Packages": {Data: berkeleyRPM(opensslBlob())}},
		"Berkeley DB over several pages":     {"var/lib/rpm/Packages": {Data: berkeleyRPM(big)}},
		"ndb":                                {"usr/lib/sysimage/rpm/Packages.db": {Data: ndbRPM(uint32(len(opensslBlob())), opensslBlob())}},
		"an old file beside the current one": {"var/lib/rpm/rpmdb.sqlite": {Data: sqliteRPM(t, opensslBlob())}, "var/lib/rpm/Packages": {Data: berkeleyRPM(postgresBlob())}},
	} {
		t.Run(name, func(t *testing.T) {
			var log problems
			got := rpmPackages(t.Context(), fsys, alma8, func(string) {}, &log)
			if len(got) != 1 || got[0].Name != "openssl-libs" || len(log.list) != 0 {
				t.Errorf("got %+v, problems %v", got, log.list)
			}
		})
	}
}

func TestTheNameOfASourceArchiveIsSplitFromTheRight(t *testing.T) {
	for file, want := range map[string]string{
		"glibc-2.28-225.el8.src.rpm":               "glibc 2.28-225.el8",
		"java-11-openjdk-11.0.1-1.el8.nosrc.rpm":   "java-11-openjdk 11.0.1-1.el8",
		"NetworkManager-libreswan-1-2.src.rpm":     "NetworkManager-libreswan 1-2",
		"glibc":                                    " ",
		"-1-2.src.rpm":                             " ",
		"noversion.src.rpm":                        " ",
		"glibc-2.28-225.el8.x86_64.rpm":            " ",
		"kernel-rt-core-4.18.0-1.rt7.el8.src.rpm.": " ",
	} {
		name, version, _ := sourceRPM(file)
		if got := name + " " + version; got != want {
			t.Errorf("%s: got %q, want %q", file, got, want)
		}
	}
}

func FuzzRPMHeader(f *testing.F) {
	f.Add(opensslBlob())
	f.Add(postgresBlob())
	f.Add(opensslBlob()[:50])
	f.Fuzz(func(t *testing.T, blob []byte) {
		h, err := parseRPMHeader(blob)
		if err == nil && (h.name == "" || h.version == "") {
			t.Error("a header without a name or a version must be refused")
		}
		h.files(func(string) {})
	})
}

func FuzzRPMDatabases(f *testing.F) {
	f.Add(berkeleyRPM(opensslBlob()))
	f.Add(ringOfPages())
	f.Add(ndbRPM(100, opensslBlob()))
	f.Fuzz(func(t *testing.T, file []byte) {
		total := 0
		count := func(b []byte) { total += len(b) }
		for _, read := range []func(context.Context, fstest.MapFS) error{
			func(ctx context.Context, fsys fstest.MapFS) error { return rpmNDB(ctx, fsys, "db", count) },
			func(ctx context.Context, fsys fstest.MapFS) error { return rpmBerkeley(ctx, fsys, "db", count) },
		} {
			total = 0
			_ = read(t.Context(), fstest.MapFS{"db": {Data: file}})
			if total > 2*len(file) {
				t.Errorf("%d bytes of packages out of a file of %d", total, len(file))
			}
		}
	})
}

package inventory

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine"
)

// archive makes a zip file of names and contents.
func archive(t *testing.T, files map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range files {
		w, err := z.Create(name)
		if err == nil {
			_, err = w.Write([]byte(text))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func properties(group, artifact, version string) string {
	return "#Generated\n\ngroupId=" + group + "\r\nartifactId=" + artifact + "\nversion=" + version + "\n"
}

func TestAJavaArchiveNamesItsPartsAndThoseOfTheArchivesInside(t *testing.T) {
	log4j := archive(t, map[string]string{"META-INF/maven/org.apache.logging.log4j/log4j-core/pom.properties": properties("org.apache.logging.log4j", "log4j-core", "2.14.1")})
	plain := archive(t, map[string]string{"a.class": ""})
	manifest := archive(t, map[string]string{"META-INF/MANIFEST.MF": "Manifest-Version: 1.0\r\nImplementation-Version: 4.2\r\n\r\n"})
	unfiltered := archive(t, map[string]string{"META-INF/maven/g/a/pom.properties": properties("g", "a", "${version}")})
	fsys := fstest.MapFS{"srv/app.war": {Data: archive(t, map[string]string{
		"META-INF/maven/com.acme/app/pom.properties": properties("com.acme", "app", "1.0"),
		"WEB-INF/lib/log4j-core-2.14.1.jar":          string(log4j),
		"WEB-INF/lib/commons-io-2.6.jar":             string(plain),
		"WEB-INF/lib/strange.jar":                    string(manifest),
		"WEB-INF/lib/unknown.jar":                    string(plain),
		"WEB-INF/lib/unfiltered.jar":                 string(unfiltered),
	})}}
	got, problems := Packages(t.Context(), fsys, engine.HostFacts{}, nil)
	want := []engine.Package{
		{Name: "commons-io", Version: "2.6", PURL: "pkg:generic/commons-io@2.6", Path: "/srv/app.war!/WEB-INF/lib/commons-io-2.6.jar"},
		{Name: "strange", Version: "4.2", PURL: "pkg:generic/strange@4.2", Path: "/srv/app.war!/WEB-INF/lib/strange.jar"},
		{Name: "com.acme:app", Version: "1.0", Ecosystem: "Maven", PURL: "pkg:maven/com.acme/app@1.0", Path: "/srv/app.war"},
		{Name: "org.apache.logging.log4j:log4j-core", Version: "2.14.1", Ecosystem: "Maven", PURL: "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", Path: "/srv/app.war!/WEB-INF/lib/log4j-core-2.14.1.jar"},
	}
	if d := cmp.Diff(want, got); d != "" || len(problems) != 0 {
		t.Errorf("problems %v (-want +got):\n%s", problems, d)
	}
}

func TestAnArchiveThatIsABombIsRefused(t *testing.T) {
	doll := archive(t, map[string]string{"a.class": ""})
	for range maxNesting + 2 {
		doll = archive(t, map[string]string{"x.jar": string(doll)})
	}
	bomb := archive(t, map[string]string{"x.jar": strings.Repeat("\x00", maxNestedJar+1)})
	long := append([]byte(nil), doll...)
	binary.LittleEndian.PutUint32(long[len(long)-22+12:], maxDirectory+1) // the size of its list of entries
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"archives in archives":  {doll, "nested more than"},
		"an archive of zeroes":  {bomb, "too large"},
		"an endless directory":  {long, "list of entries"},
		"an archive cut in two": {doll[:len(doll)/2], "not a readable archive"},
	} {
		var log problems
		found := walk(t.Context(), fstest.MapFS{"a.jar": {Data: c.data}}, nil, func(string, int, int) {}, &log)
		found.read(t.Context(), fstest.MapFS{"a.jar": {Data: c.data}}, func(string, int, int) {}, &log)
		if len(log.list) != 1 || !strings.Contains(log.list[0].Reason, c.want) {
			t.Errorf("%s: problems %v, want %q", name, log.list, c.want)
		}
	}
}

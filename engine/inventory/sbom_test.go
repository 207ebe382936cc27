package inventory

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine"
)

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func readSBOM(t *testing.T, name, text string) *engine.Target {
	t.Helper()
	got, err := SBOM(t.Context(), name, strings.NewReader(text), noon)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

const cycloneJSON = `{
  "$schema": "x", "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
  "metadata": {"component": {"type": "application", "bom-ref": "app", "name": "app",
    "components": [{"type": "library", "name": "part", "version": "2", "purl": "pkg:npm/part@2"}]}},
  "components": [
    {"type": "library", "bom-ref": "a", "name": "core", "group": "@babel", "version": "7.1.0", "purl": "pkg:npm/%40babel/core@7.1.0",
     "licenses": [{"license": {"id": "MIT"}}],
     "components": [{"type": "library", "name": "inner", "version": "1", "purl": "pkg:cargo/inner@1"}]},
    {"type": "library", "bom-ref": "b", "name": "Toml", "version": "v1.2.3", "purl": "pkg:golang/github.com/BurntSushi/toml@v1.2.3",
     "licenses": [{"expression": "MIT OR BSD-3-Clause"}]},
    {"type": "operating-system", "name": "debian", "version": "12"},
    {"type": "library", "name": "libc6", "version": "2.36", "purl": "pkg:deb/debian/libc6@2.36?arch=amd64&upstream=glibc"},
    {"type": "file", "name": "/etc/passwd"},
    {"type": "library", "name": "mystery", "group": "com.acme", "version": "9"}
  ],
  "services": [{"name": "deep", "x": [[{"y": [1, 2.5e3, null, true]}]]}],
  "dependencies": [{"ref": "app", "dependsOn": ["a"]}, {"ref": "a", "dependsOn": ["b"]}]
}`

func TestCycloneDXGivesPackagesOfKnownEcosystems(t *testing.T) {
	got := readSBOM(t, "bom.json", cycloneJSON)
	want := []engine.Package{
		{Name: "part", Version: "2", Ecosystem: "npm", PURL: "pkg:npm/part@2"},
		{Name: "@babel/core", Version: "7.1.0", Ecosystem: "npm", PURL: "pkg:npm/%40babel/core@7.1.0", Licenses: []string{"MIT"}, Direct: true},
		{Name: "inner", Version: "1", Ecosystem: "crates.io", PURL: "pkg:cargo/inner@1"},
		{Name: "github.com/BurntSushi/toml", Version: "1.2.3", Ecosystem: "Go", PURL: "pkg:golang/github.com/BurntSushi/toml@v1.2.3", Licenses: []string{"MIT OR BSD-3-Clause"}},
		{Name: "debian", Version: "12"},
		{Name: "libc6", Version: "2.36", Source: "glibc", Ecosystem: "Debian:12", Arch: "amd64", PURL: "pkg:deb/debian/libc6@2.36?arch=amd64&upstream=glibc"},
		{Name: "com.acme/mystery", Version: "9"},
	}
	if d := cmp.Diff(want, got.Inventory.Packages); d != "" {
		t.Errorf("a plain file must not be listed (-want +got):\n%s", d)
	}
	if got.Kind != engine.SBOM || got.FS != nil || got.Name != "bom.json" || !got.Now.Equal(noon) || got.Inventory.Host.Live {
		t.Errorf("target %+v", got)
	}
	if got.Inventory.Host.OS.ID != "debian" {
		t.Errorf("the operating system was not taken: %+v", got.Inventory.Host.OS)
	}
	if p := got.Inventory.Problems; len(p) != 1 || !strings.Contains(p[0].Reason, "2 of 7 components") {
		t.Errorf("problems %v", p)
	}
}

const cycloneXML = `<?xml version="1.0" encoding="UTF-8"?>
<!-- a comment --><bom xmlns="http://cyclonedx.org/schema/bom/1.4" version="1">
 <metadata><component type="application" bom-ref="app"><name>app</name></component></metadata>
 <components>
  <component type="library" bom-ref="a"><group>org.acme</group><name>lib</name><version>1.0</version>
   <licenses><license><id>Apache-2.0</id></license></licenses>
   <purl>pkg:maven/org.acme/lib@1.0?type=jar</purl>
   <components><component type="library"><name>inner</name><version>2</version><purl>pkg:gem/inner@2</purl></component></components>
  </component>
 </components>
 <dependencies><dependency ref="app"><dependency ref="a"/></dependency><dependency ref="a"/></dependencies>
</bom>`

func TestXMLIsReadWhateverTheNameOfTheFile(t *testing.T) {
	want := []engine.Package{
		{Name: "org.acme:lib", Version: "1.0", Ecosystem: "Maven", PURL: "pkg:maven/org.acme/lib@1.0?type=jar", Licenses: []string{"Apache-2.0"}, Direct: true},
		{Name: "inner", Version: "2", Ecosystem: "RubyGems", PURL: "pkg:gem/inner@2"},
	}
	for _, name := range []string{"bom.xml", "bom.json", "noname"} {
		for _, mark := range []string{"", "\xef\xbb\xbf", "\n\n  "} {
			text := mark + cycloneXML
			if strings.TrimSpace(mark) == "" && mark != "" { // a declaration may only stand at the start
				text = mark + cycloneXML[strings.Index(cycloneXML, "<!--"):]
			}
			if d := cmp.Diff(want, readSBOM(t, name, text).Inventory.Packages); d != "" {
				t.Errorf("%s (-want +got):\n%s", name, d)
			}
		}
	}
}

func TestSPDXIsReadInItsForms(t *testing.T) {
	want := []engine.Package{
		{Name: "app", Version: "1"},
		{Name: "django-rest", Version: "3.2", Ecosystem: "PyPI", PURL: "pkg:pypi/django_rest@3.2", Licenses: []string{"BSD-3-Clause"}, Direct: true},
	}
	for name, text := range map[string]string{
		"json": `{"spdxVersion": "SPDX-2.3", "SPDXID": "SPDXRef-DOCUMENT", "name": "x", "packages": [
			{"SPDXID": "SPDXRef-app", "name": "app", "versionInfo": "1", "licenseDeclared": "NOASSERTION"},
			{"SPDXID": "SPDXRef-d", "name": "d", "versionInfo": "3.2", "licenseDeclared": "BSD-3-Clause", "externalRefs": [
				{"referenceCategory": "SECURITY", "referenceType": "cpe23Type", "referenceLocator": "cpe:2.3:a:x"},
				{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:pypi/django_rest@3.2"}]}],
			"relationships": [{"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": "SPDXRef-app"},
				{"spdxElementId": "SPDXRef-d", "relationshipType": "DEPENDENCY_OF", "relatedSpdxElement": "SPDXRef-app"}]}`,
		"tag-value": "# made by hand\nSPDXVersion: SPDX-2.2\nSPDXID: SPDXRef-DOCUMENT\nDocumentComment: <text>PackageName: not one\nof them</text>\n\n" +
			"PackageName: app\nSPDXID: SPDXRef-app\nPackageVersion: 1\nPackageLicenseDeclared: NONE\n\n" +
			"PackageName: d\nSPDXID: SPDXRef-d\nPackageVersion: 3.2\nExternalRef: PACKAGE-MANAGER purl pkg:pypi/django_rest@3.2\nPackageLicenseDeclared: BSD-3-Clause\n" +
			"FileName: ./x\nSPDXID: SPDXRef-file\nPackageVersion: 99\n" +
			"Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-app\nRelationship: SPDXRef-app DEPENDS_ON SPDXRef-d\n",
	} {
		if d := cmp.Diff(want, readSBOM(t, name, text).Inventory.Packages); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
	three := `{"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
		{"type": "SpdxDocument", "spdxId": "doc", "rootElement": ["app"]},
		{"type": "software_File", "spdxId": "f", "name": "x.c"},
		{"type": "software_Package", "spdxId": "app", "name": "app", "software_packageVersion": "1"},
		{"type": "software_Package", "spdxId": "d", "name": "d", "software_packageVersion": "3.2", "externalIdentifier": [{"externalIdentifierType": "packageUrl", "identifier": "pkg:pypi/django_rest@3.2"}]},
		{"type": "Relationship", "from": "app", "relationshipType": "dependsOn", "to": ["d"]}]}`
	want[1].Licenses = nil
	if d := cmp.Diff(want, readSBOM(t, "three", three).Inventory.Packages); d != "" {
		t.Errorf("SPDX 3 (-want +got):\n%s", d)
	}
}

func TestSyftGivesTheReleaseOfTheDistributionToItsPackages(t *testing.T) {
	got := readSBOM(t, "syft.json", `{"artifacts": [{"id": "1", "name": "libcrypto3", "version": "3.1", "purl": "pkg:apk/alpine/libcrypto3@3.1?arch=x86_64",
		"locations": [{"path": "/lib/apk/db/installed"}], "metadata": {"originPackage": "openssl"}},
		{"id": "2", "name": "x", "version": "1", "purl": "pkg:npm/x@1", "metadata": [1]}],
		"distro": {"name": "alpine", "version": "3.18.4"}, "descriptor": {"name": "syft", "version": "0.1"}}`).Inventory
	want := []engine.Package{
		{Name: "libcrypto3", Version: "3.1", Source: "openssl", Ecosystem: "Alpine:v3.18", Arch: "x86_64", PURL: "pkg:apk/alpine/libcrypto3@3.1?arch=x86_64", Path: "/lib/apk/db/installed"},
		{Name: "x", Version: "1", Ecosystem: "npm", PURL: "pkg:npm/x@1"},
	}
	if d := cmp.Diff(want, got.Packages); d != "" || len(got.Problems) != 0 {
		t.Errorf("problems %v, -want +got:\n%s", got.Problems, d)
	}
}

func TestWhatIsNoBillOfMaterialsIsRefusedWithTheNameThePlaceAndTheRemedy(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"an empty file":             {"", []string{"is empty", "export"}},
		"blanks only":               {" \n\t ", []string{"is empty"}},
		"cut off in a component":    {cycloneJSON[:700], []string{"ends in the middle", "after 700 bytes", "line 9", "again"}},
		"cut off after a field":     {`{"bomFormat": "CycloneDX",`, []string{"ends in the middle", "26 bytes"}},
		"cut off in a text":         {`{"bomFormat": "Cycl`, []string{"ends in the middle"}},
		"cut off at once":           {`{`, []string{"ends in the middle", "after 1 bytes"}},
		"cut-off XML":               {cycloneXML[:400], []string{"ends in the middle", "after 400 bytes"}},
		"a declaration only":        {`<?xml version="1.0"?>`, []string{"ends in the middle"}},
		"cut-off tag-value":         {"SPDXVersion: SPDX-2.2\nComment: <text>never", []string{"line 2", "cut off"}},
		"a comma too many":          {"{\"bomFormat\": \"CycloneDX\",\n\"components\": [,]}", []string{"line 2 (byte", "not correct JSON"}},
		"broken inside a component": {"{\"bomFormat\": \"CycloneDX\",\n\"components\": [{\"name\" \"x\"}]}", []string{"not correct JSON"}},
		"text after the end":        {`{"bomFormat": "CycloneDX", "specVersion": "1.4"} {}`, []string{"after the end"}},
		"crossed elements":          {strings.Replace(cycloneXML, "</name>", "</nome>", 1), []string{"line 3", "not correct XML"}},
		"an entity bomb": {`<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><bom xmlns="http://cyclonedx.org/schema/bom/1.4"><components><component><name>&b;</name></component></components></bom>`,
			[]string{"not correct XML", "entity"}},
		"another XML":          {`<project><name>x</name></project>`, []string{"root element project", "expected CycloneDX"}},
		"XML without the name": {`<bom><components/></bom>`, []string{"name space of CycloneDX"}},
		"SPDX in RDF":          {`<rdf:RDF xmlns:rdf="x"></rdf:RDF>`, []string{"RDF", "convert"}},
		"a web page":           {"<!DOCTYPE html><html><body>Sign in</body></html>", []string{"web page"}},
		"SARIF":                {`{"$schema": "x", "runs": []}`, []string{"SARIF", "not a bill of materials"}},
		"another JSON":         {`{"hello": "world"}`, []string{"with the fields hello", "expected"}},
		"JSON of the same keys": {`{"openapi": "3.0", "components": {"schemas": {}}, "packages": "x"}`,
			[]string{"an OpenAPI description", "not a bill of materials"}},
		"an empty object":      {`{}`, []string{"without content"}},
		"a JSON array":         {`[{"bomFormat": "CycloneDX"}]`, []string{"JSON array"}},
		"a later CycloneDX":    {`{"bomFormat": "CycloneDX", "specVersion": "2.0"}`, []string{"CycloneDX 2.0", "1.x"}},
		"an older SPDX":        {`{"spdxVersion": "SPDX-1.2"}`, []string{"SPDX-1.2", "2.x"}},
		"tag-value of SPDX 1":  {"SPDXVersion: SPDX-1.2\n", []string{"line 1", "SPDX-1.2"}},
		"SPDX in YAML":         {"spdxVersion: SPDX-2.3\n", []string{"YAML", "convert it to JSON"}},
		"gzip":                 {"\x1f\x8b\x08\x00", []string{"gzip", "unpack"}},
		"zip":                  {"PK\x03\x04", []string{"zip", "unpack"}},
		"UTF-16":               {"\xff\xfe{\x00", []string{"UTF-16", "UTF-8"}},
		"a PDF":                {"%PDF-1.7", []string{"PDF"}},
		"plain text":           {"name,version\na,1\n", []string{`begins with "name,version"`}},
		"other bytes":          {"\x01\x02\x00\x03", []string{"binary"}},
		"JSON nested too deep": {`{"services": ` + strings.Repeat("[", 100_000), []string{"nested more than 512 deep"}},
		"a component nested too deep": {`{"components": [` + strings.Repeat(`{"components":[`, 20_000),
			[]string{"not correct JSON"}},
		"XML nested too deep": {`<bom xmlns="http://cyclonedx.org/schema/bom/1.4">` + strings.Repeat("<a>", 100_000),
			[]string{"nested more than 512 deep"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := SBOM(t.Context(), "some/bom.json", strings.NewReader(c.text), noon)
			if err == nil || got != nil {
				t.Fatalf("it must be refused whole, got %+v", got)
			}
			for _, w := range append(c.want, "some/bom.json: ") {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("message %q lacks %q", err, w)
				}
			}
			if len(err.Error()) > 500 {
				t.Errorf("a message of %d bytes", len(err.Error()))
			}
		})
	}
}

func TestOneBrokenComponentIsAProblemAndTheOthersAreKept(t *testing.T) {
	for name, bad := range map[string]string{
		"a number for a version":  `{"name": "bad", "version": 1}`,
		"a text for a component":  `"bad"`,
		"a broken package URL":    `{"name": "odd", "version": "1", "purl": "pkg:/"}`,
		"a component of nothing":  `{"version": "1"}`,
		"a list for a component":  `[1, [2]]`,
		"an object for a purl":    `{"name": "bad", "purl": {"a": 1}}`,
		"a list for a component2": `{"name": "bad", "components": {"x": 1}}`,
	} {
		t.Run(name, func(t *testing.T) {
			text := `{"bomFormat": "CycloneDX", "specVersion": "1.4", "components": [{"name": "a", "version": "1", "purl": "pkg:npm/a@1"},` + bad + `,{"name": "b", "version": "1", "purl": "pkg:npm/b@1"}]}`
			inv := readSBOM(t, "bom.json", text).Inventory
			names := map[string]bool{}
			for _, p := range inv.Packages {
				names[p.Name] = true
			}
			if !names["a"] || !names["b"] || names["bad"] {
				t.Errorf("packages %+v", inv.Packages)
			}
			if len(inv.Problems) == 0 || !strings.Contains(inv.Problems[0].Reason, "component 2") || inv.Problems[0].Path != "bom.json" {
				t.Errorf("problems %v", inv.Problems)
			}
		})
	}
}

// endless repeats a text for ever, and counts what was read of it.
type endless struct {
	head, body string
	read       int64
}

func (e *endless) Read(p []byte) (int, error) {
	n := 0
	if e.read < int64(len(e.head)) {
		n = copy(p, e.head[e.read:])
	}
	for n < len(p) {
		n += copy(p[n:], e.body[(e.read+int64(n)-int64(len(e.head)))%int64(len(e.body)):])
	}
	e.read += int64(n)
	return n, nil
}

func TestAnEndlessDocumentIsRefusedBeforeMemoryIsExhausted(t *testing.T) {
	for name, c := range map[string]struct {
		head, body, want string
		atMost           int64 // bytes read of it; buffers double
	}{
		"one text in JSON":  {`{"bomFormat": "`, "x", "one text is longer than 16 MB", 33 << 20},
		"one number":        {`{"version": `, "1", "one text is longer than 16 MB", 33 << 20},
		"one line of JSON":  {`{"bomFormat": "CycloneDX", "vulnerabilities": [`, `{"id": "x"},`, "larger than 20 MB", 21 << 20},
		"one text in XML":   {`<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><a>`, "x", "one text is longer than 16 MB", 33 << 20},
		"one line of XML":   {`<bom xmlns="http://cyclonedx.org/schema/bom/1.4"><services>`, "<a></a>", "larger than 20 MB", 21 << 20},
		"one tag-value":     {"SPDXVersion: SPDX-2.2\nComment: ", "x", "one text is longer than 16 MB", 33 << 20},
		"components":        {`{"bomFormat": "CycloneDX", "components": [`, `{"name":"a"},`, "more than 500000 components", 10 << 20},
		"blanks":            {"", " ", "no bill of materials", 1 << 20},
		"blanks after a {":  {"{", " ", "one text is longer than 16 MB", 33 << 20},
		"lines and nothing": {"SPDXVersion: SPDX-2.2\n", "\n", "larger than 20 MB", 21 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			runtime.GC()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			in := &endless{head: c.head, body: c.body}
			_, err := readBill(t.Context(), "bom.json", in, 20<<20)
			runtime.ReadMemStats(&after)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q", err, c.want)
			}
			if in.read > c.atMost {
				t.Errorf("%d MB were read", in.read>>20)
			}
			if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 512<<20 {
				t.Errorf("the heap grew by %d MB", grown>>20)
			}
		})
	}
}

func TestAnErrorOfTheReaderAndTheEndOfTheContextAreTold(t *testing.T) {
	broken := errors.New("the cable was pulled")
	_, err := SBOM(t.Context(), "bom.json", io.MultiReader(strings.NewReader(cycloneJSON[:500]), errReader{broken}), noon)
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := SBOM(ctx, "bom.json", strings.NewReader(cycloneJSON), noon); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

type errReader struct{ err error }

func (e errReader) Read([]byte) (int, error) { return 0, e.err }

func FuzzSBOM(f *testing.F) {
	f.Add([]byte(cycloneJSON))
	f.Add([]byte(cycloneXML))
	f.Add([]byte("SPDXVersion: SPDX-2.2\nPackageName: a\nPackageVersion: 1\n"))
	f.Add([]byte(`{"@context": "https://spdx.org/rdf/3.0.1/x", "@graph": [{"type": "software_Package", "name": "a"}]}`))
	f.Add([]byte(`{"artifacts": [{"name": "a"}], "descriptor": {"name": "syft"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := SBOM(t.Context(), "f", bytes.NewReader(data), noon)
		if (got == nil) != (err != nil) {
			t.Fatal("either a target or an error")
		}
		if err != nil {
			if !strings.HasPrefix(err.Error(), "f: ") {
				t.Errorf("the error does not name the file: %v", err)
			}
			return
		}
		for _, p := range got.Inventory.Packages {
			if p.Name == "" {
				t.Errorf("a package without a name: %+v", p)
			}
		}
	})
}

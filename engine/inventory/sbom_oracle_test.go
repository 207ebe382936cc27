package inventory

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
	"github.com/google/go-cmp/cmp"
	spdxjson "github.com/spdx/tools-golang/json"
	"github.com/spdx/tools-golang/spdx"
	"github.com/spdx/tools-golang/tagvalue"
)

// TestCycloneDXOfTheFieldReadsLikeTheLibraryReadsIt compares every component with
// an independent reader, and the numbers with those that are known.
func TestCycloneDXOfTheFieldReadsLikeTheLibraryReadsIt(t *testing.T) {
	counts := map[string]int{
		"cyclonedx/cbom_certificate.json": 4, "cyclonedx/dependency-track-apiserver_4.5.0.json": 132,
		"cyclonedx/dropwizard-vulns.json": 167, "cyclonedx/dropwizard_1.3.15.json": 167, "cyclonedx/juice-shop_11.1.2.json": 840,
		"cyclonedx/keycloak_10.0.2.json": 903, "cyclonedx/laravel_7.12.0_v1.1.xml": 62, "cyclonedx/laravel_7.12.0_v1.4.json": 62,
		"cyclonedx/proton-bridge_1.6.3.json": 201, "cyclonedx/saasbom.json": 0,
		"cyclonedx/dependency-track_testboms_part1/bom-metadata-components.json": 185,
		"cyclonedx/dependency-track_testboms_part1/bom-empty.json":               0,
	}
	seen := 0
	for name, data := range sbomData(t) {
		if !strings.HasPrefix(name, "cyclonedx/") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			target, err := SBOM(t.Context(), name, bytes.NewReader(data), noon)
			if strings.HasSuffix(name, "bom-invalid.json") {
				if err == nil || !strings.Contains(err.Error(), "ends in the middle") {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			seen++
			if want, ok := counts[name]; ok && len(target.Inventory.Packages) != want {
				t.Errorf("%d packages, want %d", len(target.Inventory.Packages), want)
			}
			var got []string
			for _, p := range target.Inventory.Packages {
				got = append(got, p.PURL)
			}
			if d := cmp.Diff(oracleCycloneDX(t, name, data), got); d != "" {
				t.Errorf("-library +ours:\n%s", d)
			}
		})
	}
	if seen < 25 {
		t.Errorf("only %d documents were compared", seen)
	}
}

// oracleCycloneDX lists the package URLs as the library of the format sees them.
func oracleCycloneDX(t *testing.T, name string, data []byte) []string {
	t.Helper()
	format := cdx.BOMFileFormatJSON
	if strings.HasSuffix(name, ".xml") {
		format = cdx.BOMFileFormatXML
	}
	var bom cdx.BOM
	if err := cdx.NewBOMDecoder(bytes.NewReader(data), format).Decode(&bom); err != nil {
		t.Fatal(err)
	}
	var out []string
	var collect func(list *[]cdx.Component)
	collect = func(list *[]cdx.Component) {
		if list == nil {
			return
		}
		for _, c := range *list {
			if c.Type != cdx.ComponentTypeFile || c.PackageURL != "" {
				out = append(out, strings.TrimSpace(c.PackageURL))
			}
			collect(c.Components)
		}
	}
	if bom.Metadata != nil && bom.Metadata.Component != nil {
		collect(bom.Metadata.Component.Components)
	}
	collect(bom.Components)
	return out
}

func TestSPDXOfTheFieldReadsLikeTheLibraryReadsIt(t *testing.T) {
	seen := 0
	for name, data := range sbomData(t) {
		if !strings.HasPrefix(name, "spdx/") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			target, err := SBOM(t.Context(), name, bytes.NewReader(data), noon)
			if err != nil {
				t.Fatal(err)
			}
			seen++
			var got []string
			for _, p := range target.Inventory.Packages {
				got = append(got, p.Version+" "+p.PURL)
			}
			if strings.Contains(name, "spdx3.0") {
				if want := bytes.Count(data, []byte(`"software_Package"`)) + bytes.Count(data, []byte(`"ai_AIPackage"`)) + bytes.Count(data, []byte(`"dataset_DatasetPackage"`)); len(got) != want {
					t.Errorf("%d packages, want %d", len(got), want)
				}
				return
			}
			want := oracleSPDX(t, name, data)
			slices.Sort(got)
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("-library +ours:\n%s", d)
			}
		})
	}
	if seen < 25 {
		t.Errorf("only %d documents were compared", seen)
	}
}

func oracleSPDX(t *testing.T, name string, data []byte) []string {
	t.Helper()
	read := tagvalue.Read
	if strings.HasSuffix(name, ".json") {
		read = spdxjson.Read
	}
	doc, err := read(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, p := range doc.Packages {
		out = append(out, p.PackageVersion+" "+purlRef(p.PackageExternalReferences))
	}
	slices.Sort(out)
	return out
}

func purlRef(refs []*spdx.PackageExternalReference) string {
	for _, r := range refs {
		if isPURLType(r.RefType) {
			return r.Locator
		}
	}
	return ""
}

func BenchmarkCycloneDX(b *testing.B) {
	var list []string
	for i := range 1000 {
		list = append(list, fmt.Sprintf(`{"type":"library","bom-ref":"r%d","name":"n%d","version":"1.%d","purl":"pkg:npm/n%d@1.%d","licenses":[{"license":{"id":"MIT"}}]}`, i, i, i, i, i))
	}
	data := []byte(`{"bomFormat":"CycloneDX","specVersion":"1.5","components":[` + strings.Join(list, ",") + `]}`)
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := SBOM(b.Context(), "b", bytes.NewReader(data), noon); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("library", func(b *testing.B) { // decodes only; package URLs not read
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			var bom cdx.BOM
			if err := cdx.NewBOMDecoder(bytes.NewReader(data), cdx.BOMFileFormatJSON).Decode(&bom); err != nil {
				b.Fatal(err)
			}
		}
	})
}

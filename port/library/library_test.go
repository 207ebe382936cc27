package library_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"holdfast/catalog"
	"holdfast/port/library"
)

// publicFrameworks is the archive of public frameworks. Nothing of it is part of this
// repository.
const publicFrameworks = "../../../shared/data/01-frameworks.zip"

func public(tb testing.TB, names ...string) library.Library {
	tb.Helper()
	archive, err := zip.OpenReader(publicFrameworks)
	if err != nil {
		tb.Skip("NOT COMPARED with published frameworks: the public test data (../shared/data beside the module) is absent")
	}
	defer archive.Close()
	var files []library.File
	for _, name := range names {
		f, err := archive.Open(name)
		if err != nil {
			tb.Fatal(err)
		}
		data, err := io.ReadAll(f)
		if err != nil {
			tb.Fatal(err)
		}
		files = append(files, library.File{Name: name, Data: data})
	}
	lib, err := library.ReadFiles(files...)
	if err != nil {
		tb.Fatal(err)
	}
	return lib
}

func TestPublishedFrameworksAreReadWhole(t *testing.T) {
	for _, c := range []struct {
		files              string
		format, id         string
		controls, chapters int
		measures           int
		sample             string // number and the beginning of its title
	}{
		{"ciso-assistant/iso27001-2022.yaml", "CISO Assistant library", "iso27001-2022", 123, 17, 93, "A.5.17 Authentication information"},
		{"ciso-assistant/nist-csf-2.0.yaml", "CISO Assistant library", "nist-csf-2.0", 106, 28, 0, "GV.OC-01 The organizational mission"},
		{"oscal/NIST_CSF_v2.0_catalog.xml", "OSCAL", "csf-2-0-0", 106, 28, 0, "GV.OC-01 The organizational mission"},
		{"bsi/BSI-Methodik-Grundschutz++-catalog.json.gz", "OSCAL", "bsi-methodik-grundschutz", 95, -1, 0, "GC.1.1 Errichtung"},
		{"oscal/NIST_SP-800-53_rev5_catalog-min.json.gz", "OSCAL", "", 1007, 20, 0, "AC-2(1) Automated System Account"},
		{"oscal/NIST_SP-800-53_rev5_MODERATE-baseline_profile.json oscal/NIST_SP-800-53_rev5_catalog-min.json.gz", "OSCAL", "", 287, 18, 0, "AC-2(1) Automated System Account"},
		{"fedramp/FedRAMP_rev5_LI-SaaS-baseline_profile.json.gz oscal/NIST_SP-800-53_rev5_catalog-min.json.gz", "OSCAL", "", 156, 18, 0, "AC-2 Account Management"},
		{"owasp/ASVS_5.0.0_en.json", "ASVS", "asvs-5.0.0", 345, 97, 0, "V1.1.1 Verify that input is decoded"},
		{"owasp/ASVS_5.0.0_en.csv", "table", "asvs-5.0.0-en", 345, 97, 0, "V1.1.1 Verify that input is decoded"},
		{"owasp/ASVS_5.0.0_en.cdx.json", "CycloneDX standard", "asvs-5.0.0", 345, 97, 0, "V1.1.1 Verify that input is decoded"},
		{"owasp/scvs-1.0.0.cdx.json", "CycloneDX standard", "scvs-1.0", 87, 6, 0, "1.1 All direct and transitive"},
		{"probo/GDPR.json", "Probo framework", "gdpr", 62, 0, 0, "Art. 6 Lawfulness of processing"},
		{"probo/ISO27001-2022.json", "Probo framework", "iso-iec-27001-2022", 123, 0, 0, "4.1 Context of the organization"},
	} {
		t.Run(c.files, func(t *testing.T) {
			lib := public(t, strings.Fields(c.files)...)
			if len(lib.Frameworks) != 1 || lib.Format != c.format || len(lib.Measures) != c.measures {
				t.Fatalf("%d frameworks as %q with %d measures", len(lib.Frameworks), lib.Format, len(lib.Measures))
			}
			fw := lib.Frameworks[0]
			chapters := len(fw.Requirements) - fw.Controls()
			if fw.Controls() != c.controls || c.chapters >= 0 && chapters != c.chapters {
				t.Errorf("%d controls in %d chapters, want %d in %d", fw.Controls(), chapters, c.controls, c.chapters)
			}
			if c.id != "" && fw.ID != c.id {
				t.Errorf("id %q, want %q", fw.ID, c.id)
			}
			number, title := cutNumber(fw, c.sample)
			if r, ok := fw.Requirement(number); !ok || !strings.HasPrefix(r.Title, title) {
				t.Errorf("%q is %+v", number, r)
			}
			isWhole(t, fw)
		})
	}
}

// cutNumber parts the number of a requirement, which may hold spaces, from a title.
func cutNumber(fw catalog.Framework, sample string) (string, string) {
	for i := range sample {
		if sample[i] == ' ' {
			if _, ok := fw.Requirement(sample[:i]); ok {
				return sample[:i], sample[i+1:]
			}
		}
	}
	return sample, ""
}

// isWhole checks what every framework must be, whoever made it.
func isWhole(t *testing.T, fw catalog.Framework) {
	t.Helper()
	seen := map[string]bool{"": true}
	if fw.Title == "" || fw.ID == "" || fw.Source == "" {
		t.Errorf("the framework has no title, id or source: %q %q %q", fw.Title, fw.ID, fw.Source)
	}
	for _, r := range fw.Requirements {
		if r.ID == "" || r.Title == "" || seen[r.ID] || !seen[r.In] {
			t.Errorf("%q %q in %q: no title, twice, or before what holds it", r.ID, r.Title, r.In)
		}
		seen[r.ID] = true
	}
}

func TestTheSameStandardInThreeFormatsIsTheSame(t *testing.T) {
	want := public(t, "owasp/ASVS_5.0.0_en.json").Frameworks[0].Requirements
	for _, other := range []string{"owasp/ASVS_5.0.0_en.csv", "owasp/ASVS_5.0.0_en.cdx.json"} {
		if diff := cmp.Diff(want, public(t, other).Frameworks[0].Requirements); diff != "" {
			t.Errorf("%s:\n%.2000s", other, diff)
		}
	}
}

func TestPublishedMappingsKeepTheirRelations(t *testing.T) {
	lib := public(t, "ciso-assistant/mapping-nist-csf-2.0-to-iso27001-2022.yaml")
	if len(lib.Mappings) != 1 || len(lib.Mappings[0].Pairs) != 343 {
		t.Fatalf("%d mappings, want one of 343 pairs", len(lib.Mappings))
	}
	shipped, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	m := lib.Mappings[0]
	source, ok1 := shipped.Framework(m.Source)
	target, ok2 := shipped.Framework(m.Target)
	if !ok1 || !ok2 {
		t.Fatalf("%s and %s are not those of the catalogue", m.Source, m.Target)
	}
	for _, p := range m.Pairs {
		_, has1 := source.Requirement(p.Source)
		_, has2 := target.Requirement(p.Target)
		if !has1 || !has2 || p.Relation != "intersects" || p.Confidence != 3 {
			t.Errorf("%+v does not name requirements of the catalogue", p)
		}
	}
	if !strings.Contains(strings.Join(lib.Notes, " "), "other way round") {
		t.Errorf("the mirror image was not told: %v", lib.Notes)
	}

	bsi := public(t, "bsi/ISO27001-AnnexA-to-GSpp-mapping_collection.json.gz")
	relations := map[string]int{}
	for _, m := range bsi.Mappings {
		for _, p := range m.Pairs {
			relations[p.Relation]++
		}
	}
	// Of 96 relations only 12 are between one control and one other.
	if diff := cmp.Diff(map[string]int{"equal": 11, "subset": 1, "superset": 16, "intersects": 337}, relations); len(bsi.Mappings) != 2 || diff != "" {
		t.Errorf("%d mappings: %s", len(bsi.Mappings), diff)
	}
}

func TestRiskMatricesAreNotTakenInAndSaidSo(t *testing.T) {
	lib := public(t, "ciso-assistant/risk-matrix-5x5-iso-27005.yaml")
	if len(lib.Frameworks) != 0 || len(lib.Notes) != 1 || !strings.Contains(lib.Notes[0], "1 risk matrices were not taken in") {
		t.Errorf("%+v", lib)
	}
}

// read reads a file made in a test.
func read(t *testing.T, name, text string) (library.Library, error) {
	t.Helper()
	return library.Read(name, strings.NewReader(text))
}

func requirements(t *testing.T, name, text string) []catalog.Requirement {
	t.Helper()
	lib, err := read(t, name, text)
	if err != nil {
		t.Fatal(err)
	}
	if len(lib.Frameworks) != 1 {
		t.Fatalf("%d frameworks", len(lib.Frameworks))
	}
	isWhole(t, lib.Frameworks[0])
	return lib.Frameworks[0].Requirements
}

const smallCISO = `urn: urn:us:risk:library:house
ref_id: house
name: House rules
provider: Us
version: 3
objects:
  reference_controls:
  - {urn: "urn:us:risk:function:lock", ref_id: LOCK, name: Good locks, category: physical}
  framework:
    urn: urn:us:risk:framework:house-1.0
    ref_id: House
    name: House rules
    requirement_nodes:
    - {urn: "urn:us:n:1", assessable: false, depth: 1, ref_id: "1", name: Doors}
    - {urn: "urn:us:n:1.1", assessable: true, depth: 2, parent_urn: "urn:us:n:1", ref_id: "1.1", description: "Lock the doors. Always.", annotation: Note, typical_evidence: A key, implementation_groups: [A, B], reference_controls: ["urn:us:risk:function:lock", "urn:other"]}
    - {urn: "urn:us:n:1.2", assessable: true, depth: 2, parent_urn: "urn:us:n:1", description: No number here}
    - {urn: "urn:us:n:2", assessable: false, depth: 1, ref_id: "2", name: An empty chapter}
  requirement_mapping_set:
    source_framework_urn: urn:us:risk:framework:house-1.0
    target_framework_urn: urn:x:risk:framework:nist-csf-2.0
    requirement_mappings:
    - {source_requirement_urn: "urn:us:n:1.1", target_requirement_urn: "urn:x:pr.aa-06", relationship: subset, strength_of_relationship: 9}
    - {source_requirement_urn: "urn:us:n:1.2", target_requirement_urn: "urn:x:pr.aa-05", relationship: not_related}
  risk_matrix: [{name: m}]
  threats: [{name: t}]
`

func TestALibraryOfCISOAssistantIsUnderstood(t *testing.T) {
	lib, err := read(t, "house.yaml", smallCISO)
	if err != nil {
		t.Fatal(err)
	}
	want := library.Library{
		Format: "CISO Assistant library", Title: "House rules",
		Frameworks: []catalog.Framework{{
			ID: "house-1.0", Title: "House rules", Abbreviation: "House", Publisher: "Us", Version: "3", Topic: "security", Source: "Imported from house.yaml.",
			Requirements: []catalog.Requirement{
				{ID: "1", Chapter: true, Title: "Doors"},
				{ID: "1.1", In: "1", Title: "Lock the doors", Asks: "Lock the doors. Always.", Guidance: "Note\n\nReference controls: Good locks.", Proof: "A key", Tier: "A, B"},
				{ID: "1.2", In: "1", Title: "No number here", Asks: "No number here"},
			},
		}},
		Measures: []library.Measure{{Code: "LOCK", Title: "Good locks", Sort: "physical"}},
		Mappings: []catalog.Mapping{{Source: "house-1.0", Target: "nist-csf-2.0", Authority: "Us", Pairs: []catalog.Pair{{Source: "1.1", Relation: "subset", Target: "PR.AA-06", Confidence: 5}}}},
		Notes: []string{
			"1 pairs said to have no relation were left out.",
			"1 reference controls: their names stand in the guidance of the requirements that point to them.",
			"1 risk matrices were not taken in: the matrix of this workspace is set up with the risk appetite.",
			"1 threats were not taken in: scenarios of the catalogue take their place.",
		},
	}
	if diff := cmp.Diff(want, lib); diff != "" {
		t.Error(diff)
	}
}

// book makes a workbook of sheets, in the order of their names given.
func book(t *testing.T, sheets ...any) string {
	t.Helper()
	f := excelize.NewFile()
	for i := 0; i < len(sheets); i += 2 {
		name := sheets[i].(string)
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for j, line := range strings.Split(sheets[i+1].(string), "\n") {
			cells := []any{}
			for _, c := range strings.Split(line, "|") {
				cells = append(cells, c)
			}
			if err := f.SetSheetRow(name, fmt.Sprintf("A%d", j+1), &cells); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.DeleteSheet("Sheet1"); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const houseSheet = "assessable|depth|ref_id|name|description|annotation|typical_evidence|implementation_groups|reference_controls\n" +
	"|1|1|Doors||||\nx|2|1.1||Lock the doors. Always.|Note|A key|A,B|1:lock other:x\nx|2|||No number here\n|1|2|An empty chapter"

func TestWorkbooksOfCISOAssistantSayTheSameAsYAML(t *testing.T) {
	want := requirements(t, "house.yaml", smallCISO)
	want[2].ID = "node3" // a workbook without a number has no URN either
	for name, text := range map[string]string{
		"version 2": book(t, "library_meta", "type|library\nurn|urn:us:risk:library:house\nname|House rules\nprovider|Us\nversion|3",
			"fw_meta", "type|framework\nurn|urn:us:risk:framework:house-1.0\nref_id|House\nname|House rules\nbase_urn|urn:us:n", "fw_content", houseSheet,
			"rc_meta", "type|reference_controls\nbase_urn|urn:us:risk:function", "rc_content", "ref_id|name|category\nLOCK|Good locks|physical",
			"p_meta", "type|urn_prefix", "p_content", "prefix_id|prefix_value\n1|urn:us:risk:function",
			"m_meta", "type|requirement_mapping_set\nsource_framework_urn|urn:us:risk:framework:house-1.0\ntarget_framework_urn|urn:x:nist-csf-2.0\nsource_node_base_urn|urn:us:n\ntarget_node_base_urn|urn:x",
			"m_content", "source_node_id|target_node_id|relationship\n1.1|pr.aa-06|superset",
			"rm_meta", "type|risk_matrix"),
		"version 1": book(t, "library_content", "library_urn|urn:us:risk:library:house\nlibrary_name|House rules\nframework_urn|urn:us:risk:framework:house-1.0\nframework_name|House rules\nreference_control_base_urn|urn:us:risk:function|1\n"+
			"mapping_source_framework_urn|urn:us:house-1.0\nmapping_target_framework_urn|urn:x:nist-csf-2.0\nmapping_source_node_base_urn|urn:us\nmapping_target_node_base_urn|urn:x\n"+
			"tab|reqs|requirements\ntab|rc|reference_controls|urn:us:risk:function\ntab|m|mappings\ntab|rm|risk_matrix",
			"reqs", houseSheet, "rc", "ref_id|name|category\nLOCK|Good locks|physical", "m", "source_node_id|target_node_id|relationship\n1.1|pr.aa-06|superset", "rm", "x|y"),
	} {
		t.Run(name, func(t *testing.T) {
			lib, err := read(t, "house.xlsx", text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, lib.Frameworks[0].Requirements); diff != "" {
				t.Error(diff)
			}
			if len(lib.Measures) != 1 || len(lib.Mappings) != 1 || lib.Mappings[0].Pairs[0] != (catalog.Pair{Source: "1.1", Relation: "superset", Target: "PR.AA-06", Confidence: 3}) {
				t.Errorf("%+v %+v", lib.Measures, lib.Mappings)
			}
		})
	}
}

package library_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"holdfast/catalog"
	"holdfast/kind"
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

func TestTablesAreLearntFromTheirHeadings(t *testing.T) {
	chapter := catalog.Requirement{ID: "1", Title: "Doors", Chapter: true}
	lock := catalog.Requirement{ID: "1.1", In: "1", Title: "Locks", Asks: "Lock them.\nAlways.", Tier: "L2"}
	for _, c := range []struct{ name, text string }{
		{"code, title, text, parent", "Code,Title,Text,Parent,Level\n1,Doors,,,\n1.1,Locks,\"Lock them.\nAlways.\",1,Level 2\n"},
		{"semicolons and other words", "Ref. ID;Name;Description;Part of;L\n1;Doors;;;\n1.1;Locks;\"Lock them.\nAlways.\";1;2\n"},
		{"tabs", "Control ID\tControl name\tControl text\tParent code\tTier\n1\tDoors\t\t\t\n1.1\tLocks\t\"Lock them.\nAlways.\"\t1\tl 2\n"},
		{"chapters in columns", "chapter_id,chapter_name,req_id,title,req_description,L\n1,Doors,1.1,Locks,\"Lock them.\nAlways.\",2\n"},
		{"depths", "assessable,depth,ref_id,name,description,level\n,1,1,Doors,,\nx,2,1.1,Locks,\"Lock them.\nAlways.\",2\n"},
		{"a line before the headings, a byte order mark", "\ufeffOur list,,,,\nid,title,text,in,level\n1,Doors,,,\n,,,,\n1.1,Locks,\"Lock them.\nAlways.\",1,2\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff([]catalog.Requirement{chapter, lock}, requirements(t, "t.csv", c.text)); diff != "" {
				t.Error(diff)
			}
		})
	}
	if diff := cmp.Diff([]catalog.Requirement{chapter, lock}, requirements(t, "t.xlsx", tableBook(t))); diff != "" {
		t.Errorf("workbook: %s", diff)
	}
	if r := requirements(t, "t.csv", "id,text\n'+1,'=A1\n"); r[0].ID != "+1" || r[0].Asks != "=A1" {
		t.Errorf("the guard of a formula was kept: %+v", r)
	}
}

// tableBook is the table of the test above as a workbook.
func tableBook(t *testing.T) string {
	t.Helper()
	f := excelize.NewFile()
	for i, cells := range [][]any{{"Code", "Title", "Text", "Parent", "Level"}, {1, "Doors"}, {"1.1", "Locks", "Lock them.\nAlways.", 1, 2}} {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &cells); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

const houseOSCAL = `{"catalog":{"uuid":"aaaaaaaa-0000-4000-8000-000000000001","metadata":{"title":"House rules","version":"2","remarks":"Ours."},
"groups":[{"title":"Doors","controls":[{"id":"d-1","title":"Locks","props":[{"name":"label","value":"D-1"}],
 "params":[{"id":"p1","label":"hour"},{"id":"p2","values":["nine"]},{"id":"p3","select":{"choice":["a","{{ insert: param, p1 }}"]}},{"id":"p4","label":"{{ insert: param, p4 }}"}],
 "parts":[{"name":"statement","prose":"Lock at {{ insert: param, p1 }}, {{ insert: param, p2 }}, {{insert: param, p3}}, {{ insert: param, p4 }} or {{ insert: param, none }}.","parts":[{"name":"item","prose":"front","props":[{"name":"label","value":"a."}]}]},
  {"name":"guidance","prose":"With a key."},
  {"name":"assessment-method","props":[{"name":"method","value":"EXAMINE"}],"parts":[{"name":"assessment-objects","prose":"key"}]}],
 "controls":[{"id":"d-1.1","title":"Two locks","props":[{"name":"label","value":"D-1(1)"}],"parts":[{"name":"statement","prose":"More."}]}]},
 {"id":"d-2","title":"Old","props":[{"name":"status","value":"withdrawn"}]}]}]}}`

func TestAnOSCALCatalogueBecomesAFramework(t *testing.T) {
	lib, err := read(t, "house.json", houseOSCAL)
	if err != nil {
		t.Fatal(err)
	}
	want := catalog.Framework{
		ID: "house-rules", Title: "House rules", Version: "2", Topic: "security", About: "Ours.", Source: "Imported from house.json.",
		Requirements: []catalog.Requirement{
			{ID: "doors", Title: "Doors", Chapter: true},
			{ID: "D-1", In: "doors", Title: "Locks", Asks: "Lock at [hour], nine, [a | [hour]], [[[[[p4]]]]] or [none].\n- a. front", Guidance: "With a key.", Proof: "key"},
			{ID: "D-1(1)", In: "D-1", Title: "Two locks", Asks: "More."},
		},
	}
	if diff := cmp.Diff(want, lib.Frameworks[0]); diff != "" {
		t.Error(diff)
	}
	if len(lib.Notes) != 1 || lib.Notes[0] != "1 withdrawn controls were left out." {
		t.Errorf("notes: %v", lib.Notes)
	}
}

const houseProfile = `{"profile":{"uuid":"cccccccc-0000-4000-8000-000000000001","metadata":{"title":"Small house","version":"1"},
"imports":[{"href":"../x/house.xml","include-controls":[{"with-ids":["d-1"]}]}],"merge":{"as-is":true},"modify":{"set-parameters":[{"param-id":"p1","values":["ten"]}]}}}`

func TestAProfileIsResolvedOverTheCatalogueBesideIt(t *testing.T) {
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	var squeezed bytes.Buffer
	gz := gzip.NewWriter(&squeezed)
	if _, err := io.WriteString(gz, houseOSCAL); err != nil {
		t.Fatal(err)
	}
	if err := gz.Close(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"a/profile.json": houseProfile, "a/house.json.gz": squeezed.String(), "a/README.md": "#", ".hidden.json": "{"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, text); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	lib, err := library.Read("house.zip", &archive)
	if err != nil {
		t.Fatal(err)
	}
	if len(lib.Frameworks) != 1 || lib.Frameworks[0].Title != "Small house" || lib.Frameworks[0].Controls() != 1 || !strings.Contains(lib.Frameworks[0].Requirements[1].Asks, "Lock at ten") {
		t.Errorf("%+v", lib.Frameworks)
	}
	if _, err := read(t, "profile.json", houseProfile); kind.CodeOf(err) != kind.Invalid || !strings.Contains(err.Error(), "give that file too") {
		t.Errorf("a profile alone: %v", err)
	}
}

func TestARelationWithSeveralSaysOfAPairOnlyWhatIsTrue(t *testing.T) {
	const head = `{"mapping-collection":{"uuid":"dddddddd-0000-4000-8000-000000000001","metadata":{"title":"M"},"mappings":[{"uuid":"dddddddd-0000-4000-8000-000000000002",
		"source-resource":{"type":"catalog","href":"a/one_catalog.json"},"target-resource":{"type":"catalog","href":"two.json"},"maps":[`
	for _, c := range []struct{ relation, sources, targets, want string }{
		{"equivalent-to", "s", "t", "equal"}, {"subset-of", "s", "t", "subset"}, {"superset-of", "s", "t", "superset"}, {"intersects-with", "s", "t", "intersects"},
		{"subset-of", "s", "t u", "intersects"}, {"superset-of", "s", "t u", "superset"}, {"equal-to", "s", "t u", "superset"},
		{"subset-of", "r s", "t", "subset"}, {"superset-of", "r s", "t", "intersects"}, {"equal-to", "r s", "t", "subset"}, {"equal-to", "r s", "t u", "intersects"},
		{"no-relationship", "s", "t", ""},
	} {
		items := func(ids string) string {
			var list []string
			for _, id := range strings.Fields(ids) {
				list = append(list, `{"type":"control","id-ref":"`+id+`"}`)
			}
			return "[" + strings.Join(list, ",") + "]"
		}
		lib, err := read(t, "m.json", head+`{"uuid":"dddddddd-0000-4000-8000-000000000003","relationship":"`+c.relation+`","sources":`+items(c.sources)+`,"targets":`+items(c.targets)+`}]}]}}`)
		if err != nil {
			t.Fatal(err)
		}
		m := lib.Mappings[0]
		if n := len(strings.Fields(c.sources)) * len(strings.Fields(c.targets)); c.want != "" && len(m.Pairs) != n || m.Source != "one" || m.Target != "two" {
			t.Errorf("%s %s %s: %+v", c.sources, c.relation, c.targets, m)
		}
		for _, p := range m.Pairs {
			if p.Relation != c.want {
				t.Errorf("%s %s %s: %s %s %s, want %s", c.sources, c.relation, c.targets, p.Source, p.Relation, p.Target, c.want)
			}
		}
	}
}

func TestWhatCannotBeReadIsToldWithPlaceAndRemedy(t *testing.T) {
	bomb := func() string {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, _ := z.Create("big.csv")
		zeros := make([]byte, 1<<20)
		for range 40 {
			w.Write(zeros) //nolint:errcheck // into memory
		}
		z.Close() //nolint:errcheck // into memory
		return b.String()
	}()
	for _, c := range []struct{ name, file, text, want string }{
		{"empty", "f.csv", "", "f.csv: is empty"},
		{"binary", "f.bin", "\x00\x01\x02", "not a text"},
		{"other JSON", "f.json", `{"a":1}`, "none of the formats"},
		{"a list", "f.json", `[1]`, "none of the formats"},
		{"an SSP", "f.json", `{"system-security-plan":{"uuid":"aaaaaaaa-0000-4000-8000-000000000001","metadata":{"title":"S"}}}`, "frameworks come as catalogue"},
		{"no headings", "f.csv", "a,b\n1,2\n", "line 1: no row of headings"},
		{"no number", "f.csv", "id,text\n1,a\n,b\n", "f.csv: line 3: the column of numbers (column 1) is empty"},
		{"a number twice", "f.csv", "id,text\n1,a\n1,b\n", `f.csv: line 3: the number "1" is used twice`},
		{"parent unknown", "f.csv", "id,text,parent\n1,a,9\n", "f.csv: line 2: 1 stands in \"9\""},
		{"depth jumps", "f.csv", "id,text,depth\n1,a,1\n2,b,3\n", "line 3: the depth"},
		{"only headings", "f.csv", "id,text\n", "there are no requirements"},
		{"broken quotes", "f.csv", "id,text\n1,\"a\n", "line 2: this is not CSV"},
		{"latin 1", "f.csv", "id,text\n1,\xe4\n", "CSV UTF-8"},
		{"YAML cut off", "f.yaml", "urn: a\nobjects: [", "not a library: line 2"},
		{"YAML of another type", "f.yaml", "urn: a\nobjects:\n  framework: {requirement_nodes: 7}\n", "line 3"},
		{"YAML with nothing", "f.yaml", "urn: a\nname: x\nobjects: {}\n", "holds no framework"},
		{"orphan", "f.yaml", "urn: a\nobjects: {framework: {name: F, requirement_nodes: [{ref_id: '1', parent_urn: x, assessable: true}]}}\n", "its parent x does not stand before it"},
		{"odd relation", "f.yaml", "urn: a\nobjects: {requirement_mapping_set: {source_framework_urn: a, target_framework_urn: b, requirement_mappings: [{relationship: like}]}}\n", `"like" is not a relation`},
		{"to itself", "f.yaml", "urn: a\nobjects: {requirement_mapping_set: {source_framework_urn: a, target_framework_urn: a}}\n", "it needs two frameworks"},
		{"an SBOM", "f.json", `{"bomFormat":"CycloneDX"}`, "defines no standard"},
		{"ASVS of another type", "f.json", "{\"Name\":\"x\",\n\"Requirements\":7}", "f.json: line 2: "},
		{"an archive of nothing", "f.zip", zipOf(t, "a.md", "x"), "holds no .json"},
		{"a broken archive", "f.zip", "PK\x03\x04 and no more", "is not a whole archive"},
		{"a broken gzip", "f.gz", "\x1f\x8b\x08", "is not a compressed file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			lib, err := read(t, c.file, c.text)
			if kind.CodeOf(err) != kind.Invalid || !strings.Contains(err.Error(), c.want) || len(lib.Frameworks) > 0 {
				t.Errorf("got %v, want an Invalid error with %q", err, c.want)
			}
		})
	}
	if _, err := read(t, "bomb.zip", bomb); kind.CodeOf(err) != kind.TooLarge {
		t.Errorf("a zip bomb: %v", err)
	}
	if _, err := library.ReadFiles(); kind.CodeOf(err) != kind.Invalid {
		t.Errorf("no file: %v", err)
	}
}

func zipOf(t *testing.T, name, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	w, err := z.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func FuzzRead(f *testing.F) {
	for _, s := range []string{
		smallCISO, houseOSCAL, houseProfile, "Code,Title,Text,Parent,Level\n1,Doors,,,\n1.1,Locks,x,1,2\n",
		"assessable,depth,ref_id,name\n,1,1,Doors\nx,2,1.1,Locks\n", "chapter,section,id,text\na,b,1,x\n",
		`{"Name":"A","Requirements":[{"Shortcode":"V1","Name":"N","Items":[{"Shortcode":"V1.1","Description":"D","L":"1"}]}]}`,
		`{"id":"x","name":"X","controls":[{"id":"1","name":"one"}]}`,
		`{"bomFormat":"CycloneDX","definitions":{"standards":[{"name":"S","requirements":[{"bom-ref":"a","identifier":"1","title":"T"}]}]}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		lib, err := library.Read("f", bytes.NewReader(data))
		if err != nil {
			if code := kind.CodeOf(err); code != kind.Invalid && code != kind.TooLarge {
				t.Fatalf("an error of the input is told as %s: %v", code, err)
			}
			return
		}
		for _, fw := range lib.Frameworks {
			isWhole(t, fw)
		}
	})
}

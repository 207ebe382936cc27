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

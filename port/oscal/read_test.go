package oscal

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/kind"
)

// canonical is JSON with the members of objects in the order of their names.
func canonical(tb testing.TB, data []byte) string {
	tb.Helper()
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		tb.Fatal(err)
	}
	out, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		tb.Fatal(err)
	}
	return string(out)
}

func written(tb testing.TB, d *Document) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// goesRound checks that nothing is lost between reading, writing and reading again.
func goesRound(t *testing.T, name string, data []byte) {
	t.Helper()
	first := written(t, parsed(t, name, string(data)))
	if diff := cmp.Diff(canonical(t, data), canonical(t, first)); diff != "" {
		t.Errorf("%s: writing lost or changed something:\n%s", name, diff)
	}
	if again := written(t, parsed(t, name, string(first))); !bytes.Equal(first, again) {
		t.Errorf("%s: the second writing differs from the first", name)
	}
}

func TestPublishedDocumentsAreWrittenAsTheyWereRead(t *testing.T) {
	for _, name := range []string{
		"oscal/examples/assessment-plan-ifa.json", "oscal/examples/ssp-ifa.json", "oscal/examples/component-definition.json",
		"oscal/examples/basic-catalog.json", "oscal/examples/assessment-results-ifa.json", "oscal/examples/poam-ifa.json",
		"oscal/NIST_SP-800-53_rev5_MODERATE-baseline_profile.json",
		"oscal/NIST_SP-800-53_rev5_MODERATE-baseline-resolved-profile_catalog-min.json.gz",
		"oscal/NIST_SP-800-53_rev5_catalog-min.json.gz",
		"fedramp/FedRAMP-POAM-OSCAL-Template_rev5.json", "fedramp/FedRAMP_rev5_LI-SaaS-baseline_profile.json.gz",
		"bsi/BSI-Methodik-Grundschutz++-catalog.json.gz", "bsi/ISO27001-AnnexA-to-GSpp-mapping_collection.json.gz",
		"bsi/Keycloak-component_definition.json",
	} {
		t.Run(name, func(t *testing.T) { goesRound(t, name, public(t, name)) })
	}
}

const oddCatalog = `{"$schema":"x.json","catalog":{"uuid":"11111111-2222-4333-8444-555555555555",
"metadata":{"title":"Odd & <own>","last-modified":"2026-01-02T03:04:05Z","version":"1","oscal-version":"1.1.3","house":{"rule":[1,2.50,true,null]}},
"groups":[{"id":"g","title":"G","props":[],"controls":[{"id":"c-1","title":"","mood":"good","params":[{"id":"p","values":[]}]}]}]}}`

func TestMembersThatNobodyKnowsAreKept(t *testing.T) {
	goesRound(t, "odd.json", []byte(oddCatalog))
	if out := string(written(t, parsed(t, "odd.json", oddCatalog))); !strings.Contains(out, "Odd & <own>") || !strings.Contains(out, "2.50") {
		t.Errorf("texts or numbers were written in another form:\n%s", out)
	}
}

// TestTheStructsNameWhatTheExamplesSay shows that Go code sees the published examples
// whole, but for the members listed here.
func TestTheStructsNameWhatTheExamplesSay(t *testing.T) {
	views := map[string]any{
		"oscal/examples/basic-catalog.json":        &Catalog{},
		"oscal/examples/component-definition.json": &ComponentDefinition{},
		"oscal/examples/poam-ifa.json":             &ActionPlan{},
	}
	for name, view := range views {
		d := publicDocument(t, name)
		if err := d.Decode(view); err != nil {
			t.Fatal(err)
		}
		again, err := New(d.Model, view)
		if err != nil {
			t.Fatal(err)
		}
		var lost []string
		for _, m := range d.Body.members {
			if again.Body.Get(m.name) == nil {
				lost = append(lost, m.name)
			}
		}
		if len(lost) > 0 {
			t.Errorf("%s: the struct has no place for %v", name, lost)
		}
	}
}

func TestBadInputIsToldWithItsPlace(t *testing.T) {
	head := `{"catalog":{"uuid":"11111111-2222-4333-8444-555555555555","metadata":{"title":"T"}`
	for _, c := range []struct{ name, text, want string }{
		{"empty", ``, "cut off"},
		{"cut off", head, "cut off"},
		{"not JSON", "{\n\"catalog\": nonsense}", "f:2: /catalog: not JSON"},
		{"a list", `[]`, "is a JSON object"},
		{"no model", `{"sbom":{}}`, "none of catalog, profile"},
		{"two models", head + `},"profile":{}}`, "two documents"},
		{"no uuid", `{"catalog":{"metadata":{"title":"T"}}}`, `/catalog/uuid: "" is not a UUID`},
		{"no title", `{"catalog":{"uuid":"11111111-2222-4333-8444-555555555555"}}`, "/catalog/metadata/title: is missing"},
		{"a number for a text", head + ",\n\"groups\":[{\"id\":7}]}}", "f:2: /catalog/groups/0/id: found a number where OSCAL has a text"},
		{"a text for a list", head + `,"controls":"none"}}`, "/catalog/controls: found a string where OSCAL has a list"},
		{"a name twice", head + `,"uuid":"x"}}`, `the member "uuid" stands twice`},
		{"text behind", head + `}} {}`, "text after the end"},
		{"too deep", head + `,"x":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}}`, "nested more than 64 deep"},
		{"another XML", "<html/>", "not an OSCAL element"},
		{"a DTD", `<!DOCTYPE c [<!ENTITY a "b">]><catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0"/>`, "document type"},
		{"an entity", `<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0">&a;</catalog>`, "not XML"},
		{"another model in XML", `<profile xmlns="http://csrc.nist.gov/ns/oscal/1.0"/>`, "only catalogues are read from XML"},
		{"an empty XML", `<?xml version="1.0"?>`, "no element"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d, err := Parse("f", []byte(c.text))
			if kind.CodeOf(err) != kind.Invalid || d != nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want an Invalid error with %q", err, c.want)
			}
		})
	}
}

const smallXML = `<?xml version="1.0" encoding="UTF-8"?>
<catalog xmlns="http://csrc.nist.gov/ns/oscal/1.0" uuid="11111111-2222-4333-8444-555555555555">
  <metadata><title>House <em>rules</em></title><last-modified>2026-01-01T00:00:00Z</last-modified><version>1</version>
    <oscal-version>1.1.3</oscal-version>
    <revisions><revision><version>0</version></revision></revisions>
    <party uuid="11111111-2222-4333-8444-555555555556" type="person"><name>Ann</name><telephone-number type="office">1</telephone-number></party>
    <remarks><p>One</p><p>Two</p></remarks></metadata>
  <group id="g"><title>G</title>
    <control id="c-1"><title>Doors</title>
      <param id="p-1"><label>hour</label><guideline><p>Late.</p></guideline><select how-many="one"><choice>ten</choice><choice>eleven</choice></select></param>
      <prop name="label" value="C-1"><remarks><p>Note</p></remarks></prop>
      <link href="#11111111-2222-4333-8444-555555555557" rel="reference"><text>See</text></link>
      <part id="c-1_smt" name="statement">
        <p>Lock the   doors
           at <insert type="param" id-ref="p-1"/> and <strong>check</strong> <a href="#c-1">them</a>.</p>
        <ul><li>front</li><li>back<ol><li>left</li></ol></li></ul>
        <table><tr><th>A</th></tr><tr><td>b|c</td></tr></table>
        <part name="item"><p>Inner</p></part>
      </part>
    </control>
  </group>
  <back-matter><resource uuid="11111111-2222-4333-8444-555555555557"><title>R</title>
    <rlink href="a.pdf"><hash algorithm="SHA-256">ab</hash></rlink></resource></back-matter>
</catalog>`

const smallXMLAsJSON = `{"catalog":{"uuid":"11111111-2222-4333-8444-555555555555",
"metadata":{"title":"House *rules*","last-modified":"2026-01-01T00:00:00Z","version":"1","oscal-version":"1.1.3",
 "revisions":[{"version":"0"}],
 "parties":[{"uuid":"11111111-2222-4333-8444-555555555556","type":"person","name":"Ann","telephone-numbers":[{"type":"office","number":"1"}]}],
 "remarks":"One\n\nTwo"},
"groups":[{"id":"g","title":"G","controls":[{"id":"c-1","title":"Doors",
 "params":[{"id":"p-1","label":"hour","guidelines":[{"prose":"Late."}],"select":{"how-many":"one","choice":["ten","eleven"]}}],
 "props":[{"name":"label","value":"C-1","remarks":"Note"}],
 "links":[{"href":"#11111111-2222-4333-8444-555555555557","rel":"reference","text":"See"}],
 "parts":[{"id":"c-1_smt","name":"statement","prose":"Lock the doors at {{ insert: param, p-1 }} and **check** [them](#c-1).\n\n- front\n- back\n  \n  1. left\n\n| A |\n| --- |\n| b\\|c |",
   "parts":[{"name":"item","prose":"Inner"}]}]}]}],
"back-matter":{"resources":[{"uuid":"11111111-2222-4333-8444-555555555557","title":"R","rlinks":[{"href":"a.pdf","hashes":[{"algorithm":"SHA-256","value":"ab"}]}]}]}}}`

func TestACatalogueInXMLIsTheSameInJSON(t *testing.T) {
	got := written(t, parsed(t, "c.xml", smallXML))
	if diff := cmp.Diff(canonical(t, []byte(smallXMLAsJSON)), canonical(t, got)); diff != "" {
		t.Error(diff)
	}
	goesRound(t, "c.json", got)
}

func TestTheCSFInXMLHasAllItsControls(t *testing.T) {
	d := publicDocument(t, "oscal/NIST_CSF_v2.0_catalog.xml")
	goesRound(t, "csf.json", written(t, d))
	count := map[string]int{"group": len(d.Body.List("groups"))}
	_, controls := indexOf(d.Body)
	for _, list := range controls {
		for _, c := range list {
			count[c.Text("class")]++
		}
	}
	// With those of CSF 1.1 that were withdrawn: 22 and 106 are of CSF 2.0.
	if diff := cmp.Diff(map[string]int{"group": 6, "category": 34, "subcategory": 185}, count); diff != "" {
		t.Error(diff)
	}
}

func indexOf(o *Object) (params, controls map[string][]*Object) {
	params, controls = map[string][]*Object{}, map[string][]*Object{}
	index(o, params, controls)
	return params, controls
}

func TestUUIDsAreStableAndOfVersion5(t *testing.T) {
	a := UUID("component", "S-1")
	if a != UUID("component", "S-1") || a == UUID("component", "S-2") || a == UUID("componentS-1") || !isUUID(a) || a[14] != '5' || !strings.Contains("89ab", a[19:20]) {
		t.Errorf("%s is not a stable UUID of version 5", a)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(oddCatalog))
	f.Add([]byte(smallXML))
	f.Add([]byte(`{"profile":{"uuid":"11111111-2222-4333-8444-555555555555","metadata":{"title":"T"},"imports":[{"href":"#a"}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse("f", data)
		if err != nil {
			return
		}
		out := written(t, d)
		again, err := Parse("f", out)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, out)
		}
		if !bytes.Equal(out, written(t, again)) {
			t.Fatal("the second writing differs from the first")
		}
	})
}

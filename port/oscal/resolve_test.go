package oscal

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/kind"
)

// houseCatalog has groups in groups, children of children, parameters inside and
// outside of controls, and resources of which some are pointed to.
const houseCatalog = `{"catalog":{"uuid":"aaaaaaaa-0000-4000-8000-000000000001","metadata":{"title":"House"},
"params":[{"id":"far","label":"far"},{"id":"unused","label":"x"}],
"groups":[
 {"id":"a","title":"Access","params":[{"id":"near","label":"see {{ insert: param, far }}"}],"controls":[
  {"id":"a1","title":"A1","params":[{"id":"a1p","label":"hours","values":["8"]}],
   "props":[{"name":"label","value":"A-1"},{"name":"sort-id","value":"3"}],
   "links":[{"href":"#bbbbbbbb-0000-4000-8000-000000000001","rel":"reference"}],
   "parts":[{"id":"a1_s","name":"statement","prose":"Do {{ insert: param, a1p }}.","parts":[
     {"id":"a1_s.a","name":"item","prose":"first"},{"id":"a1_s.b","name":"item","class":"extra","ns":"urn:x","prose":"second"}]},
    {"name":"guidance","prose":"See [it](#bbbbbbbb-0000-4000-8000-000000000002) and {{ insert: param, near }}."}],
   "controls":[{"id":"a1.1","title":"A1.1","controls":[{"id":"a1.1.1","title":"A1.1.1"}]},{"id":"a1.2","title":"A1.2","params":[{"id":"deep","label":"d"}]}]},
  {"id":"a2","title":"A2","props":[{"name":"sort-id","value":"1"}],"parts":[{"name":"statement","prose":"{{ insert: param, deep }}"}]}]},
 {"id":"b","title":"Backup","groups":[{"id":"bb","title":"Inner","controls":[{"id":"b1","title":"B1","props":[{"name":"sort-id","value":"2"}]}]}]}],
"back-matter":{"resources":[{"uuid":"bbbbbbbb-0000-4000-8000-000000000001","title":"one"},{"uuid":"bbbbbbbb-0000-4000-8000-000000000002","title":"two"},
 {"uuid":"bbbbbbbb-0000-4000-8000-000000000003","title":"nobody"},{"uuid":"bbbbbbbb-0000-4000-8000-000000000004","title":"always","props":[{"name":"keep","value":"always"}]}]}}}`

func profileOf(body string) string {
	return `{"profile":{"uuid":"cccccccc-0000-4000-8000-000000000001","metadata":{"title":"P","version":"1","roles":[{"id":"r","title":"R"}]},` + body + `}}`
}

// sketch writes a catalogue as groups, parameters and controls in brackets.
func sketch(o *Object) string {
	var list []string
	for _, p := range o.List("params") {
		list = append(list, "$"+p.Text("id"))
	}
	for _, name := range []string{"groups", "controls"} {
		for _, c := range o.List(name) {
			s := c.Text("id")
			if inner := sketch(c); inner != "" {
				s += "(" + inner + ")"
			}
			list = append(list, s)
		}
	}
	return strings.Join(list, " ")
}

func TestProfilesAreResolvedAsTheSpecificationSays(t *testing.T) {
	for _, c := range []struct{ name, profile, want, warning string }{
		{"nothing but an import is everything, flat", `"imports":[{"href":"house.json"}]`,
			"$near $far a1($a1p a1.1(a1.1.1) a1.2($deep)) a2 b1", ""},
		{"as is keeps groups and drops parameters that nothing inserts", `"imports":[{"href":"house.json","include-all":{}}],"merge":{"as-is":true}`,
			"$far a($near a1($a1p a1.1(a1.1.1) a1.2($deep)) a2) b(bb(b1))", ""},
		{"groups without a control go", `"imports":[{"href":"house.json","include-controls":[{"with-ids":["b1"]}]}],"merge":{"as-is":true}`,
			"b(bb(b1))", ""},
		{"a child alone keeps its parent as a shell", `"imports":[{"href":"house.json","include-controls":[{"with-ids":["a1.1.1"]}]}],"merge":{"as-is":true}`,
			"a(a1(a1.1(a1.1.1)))", ""},
		{"flat has no shells", `"imports":[{"href":"house.json","include-controls":[{"with-ids":["a1.1.1","b1"]}]}],"merge":{"flat":{}}`,
			"a1.1.1 b1", ""},
		{"children are direct ones", `"imports":[{"href":"house.json","include-controls":[{"with-child-controls":"yes","with-ids":["a1"]}]}]`,
			"$near $far a1($a1p a1.1 a1.2($deep))", ""},
		{"patterns", `"imports":[{"href":"house.json","include-controls":[{"matching":[{"pattern":"a?"},{"pattern":"*b*1"}]}]}]`,
			"$near $deep $far a1($a1p) a2 b1", ""},
		{"exclusion prevails", `"imports":[{"href":"house.json","include-controls":[{"matching":[{"pattern":"*"}]}],"exclude-controls":[{"with-ids":["b1"]},{"with-child-controls":"yes","matching":[{"pattern":"a1"}]}]}]`,
			"$deep a1.1.1 a2", ""},
		{"exclusion alone starts from everything", `"imports":[{"href":"house.json","exclude-controls":[{"matching":[{"pattern":"a*"}]}]}]`,
			"b1", ""},
		{"a parameter of a control that was left out comes along when it is inserted", `"imports":[{"href":"house.json","include-controls":[{"with-ids":["a2"]}]}],"merge":{"as-is":true}`,
			"a($deep a2)", ""},
		{"an unknown id is told", `"imports":[{"href":"house.json","include-controls":[{"with-ids":["b1","zz"]}]}]`,
			"b1", "has no control zz"},
		{"twice stands twice", `"imports":[{"href":"house.json","include-controls":[{"with-ids":["b1"]}]},{"href":"house.json","include-controls":[{"with-ids":["b1"]}]}]`,
			"b1 b1", "selected twice"},
		{"use first", `"imports":[{"href":"house.json","include-controls":[{"with-ids":["b1"]}]},{"href":"house.json","include-controls":[{"with-ids":["b1","a2"]}]}],"merge":{"combine":{"method":"use-first"},"as-is":true}`,
			"b(bb(b1)) a($deep a2)", ""},
		{"a shell and its control become one", `"imports":[{"href":"house.json","include-controls":[{"with-ids":["a1.2"]}]},{"href":"house.json","include-controls":[{"with-ids":["a1"]}]}],"merge":{"as-is":true}`,
			"$far a($near a1($a1p a1.2($deep)))", ""},
		{"custom arranges and sorts", `"imports":[{"href":"house.json"}],"merge":{"custom":{"groups":[{"id":"g","title":"G","insert-controls":[{"order":"ascending","include-controls":[{"matching":[{"pattern":"??"}]}]}],"groups":[{"id":"h","title":"H","insert-controls":[{"order":"descending","include-controls":[{"with-ids":["a1.1.1","a1.2"]}]}]}]}],"insert-controls":[{"include-controls":[{"with-ids":["nope"]}]}]}}`,
			"g($near $far h(a1.2($deep) a1.1.1) a2 b1 a1($a1p))", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := resolved(t, parsed(t, "p.json", profileOf(c.profile)), parsed(t, "house.json", houseCatalog))
			if got := sketch(r.Catalog.Body); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if all := strings.Join(r.Warnings, "\n"); (c.warning == "") != (all == "") || !strings.Contains(all, c.warning) {
				t.Errorf("warnings %q, want %q", all, c.warning)
			}
			goesRound(t, "resolved", written(t, r.Catalog))
		})
	}
}

func TestOnlyWhatIsPointedToStaysInTheBackMatter(t *testing.T) {
	house := parsed(t, "house.json", houseCatalog)
	for _, c := range []struct{ name, ids, want string }{
		{"links and prose", `["a1"]`, "one two always"},
		{"nothing", `["b1"]`, "always"},
	} {
		r := resolved(t, parsed(t, "p.json", profileOf(`"imports":[{"href":"#bbbbbbbb-0000-4000-8000-000000000009","include-controls":[{"with-ids":`+c.ids+`}]}],
			"back-matter":{"resources":[{"uuid":"bbbbbbbb-0000-4000-8000-000000000009","title":"the catalogue","rlinks":[{"href":"../x/house.xml"},{"href":"../x/house.json"}]}]}`)), house)
		var titles []string
		for _, res := range r.Catalog.Body.Object("back-matter").List("resources") {
			titles = append(titles, res.Text("title"))
		}
		if got := strings.Join(titles, " "); got != c.want {
			t.Errorf("%s: kept %q, want %q", c.name, got, c.want)
		}
	}
}

func TestParametersAreSetAndControlsAltered(t *testing.T) {
	r := resolved(t, parsed(t, "p.json", profileOf(`"imports":[{"href":"house.json","include-controls":[{"with-ids":["a1"]}]}],"modify":{
	"set-parameters":[{"param-id":"a1p","label":"minutes","constraints":[{"description":"short"}],"select":{"choice":["5","6"]}},{"param-id":"none","values":["1"]}],
	"alters":[{"control-id":"a1","removes":[{"by-name":"item","by-class":"extra"},{"by-item-name":"link"},{"by-name":"guidance","by-ns":"urn:other"},{}],
	 "adds":[{"position":"starting","props":[{"name":"first","value":"1"}],"parts":[{"id":"new","name":"overview","prose":"o"}]},
	  {"props":[{"name":"last","value":"1"}]},
	  {"position":"after","by-id":"a1_s.a","parts":[{"id":"after","name":"item","prose":"p"}],"props":[{"name":"beside","value":"1"}]},
	  {"position":"before","by-id":"a1_s","parts":[{"id":"before","name":"note","prose":"b"}]},
	  {"position":"ending","by-id":"a1_s","parts":[{"id":"end","name":"item","prose":"e"}]},
	  {"by-id":"nowhere","parts":[{"name":"lost"}]}]},
	 {"control-id":"zz","adds":[{"props":[{"name":"x","value":"y"}]}]}]}`)), parsed(t, "house.json", houseCatalog))
	_, controls := indexOf(r.Catalog.Body)
	const want = `{"id":"a1","title":"A1",
	"params":[{"id":"a1p","label":"minutes","select":{"choice":["5","6"]},"constraints":[{"description":"short"}]}],
	"props":[{"name":"first","value":"1"},{"name":"label","value":"A-1"},{"name":"sort-id","value":"3"},{"name":"last","value":"1"}],
	"parts":[{"id":"new","name":"overview","prose":"o"},{"id":"before","name":"note","prose":"b"},
	 {"id":"a1_s","name":"statement","prose":"Do {{ insert: param, a1p }}.","props":[{"name":"beside","value":"1"}],
	  "parts":[{"id":"a1_s.a","name":"item","prose":"first"},{"id":"after","name":"item","prose":"p"},{"id":"end","name":"item","prose":"e"}]},
	 {"name":"guidance","prose":"See [it](#bbbbbbbb-0000-4000-8000-000000000002) and {{ insert: param, near }}."}]}`
	if diff := cmp.Diff(canonical(t, []byte(want)), canonical(t, appendValue(nil, controls["a1"][0], "", ""))); diff != "" {
		t.Error(diff)
	}
	if len(r.Warnings) != 3 {
		t.Errorf("want three warnings (parameter, id, control): %v", r.Warnings)
	}
}

func TestMergingUnitesWhatTwoSourcesSay(t *testing.T) {
	other := strings.NewReplacer("aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002",
		`"value":"A-1"`, `"value":"A-One"`).Replace(houseCatalog)
	r := resolved(t, parsed(t, "p.json", profileOf(`"imports":[{"href":"house.json","include-controls":[{"with-ids":["a1"]}]},{"href":"other.json","include-controls":[{"with-ids":["a1","a1.2"]}]}],"merge":{"combine":{"method":"merge"},"as-is":true}`)),
		parsed(t, "house.json", houseCatalog), parsed(t, "other.json", other))
	_, controls := indexOf(r.Catalog.Body)
	if len(controls["a1"]) != 1 || len(controls["a1"][0].List("props")) != 3 || len(controls["a1.2"]) != 1 {
		t.Errorf("not united: %s", written(t, r.Catalog))
	}
}

func TestAProfileOfAProfileSeesItsChanges(t *testing.T) {
	base := strings.Replace(profileOf(`"imports":[{"href":"house.json","include-controls":[{"with-ids":["a1","b1"]}]}],"merge":{"as-is":true},"modify":{"alters":[{"control-id":"b1","adds":[{"title":"Better"}]}]}`),
		"cccccccc-0000-4000-8000-000000000001", "cccccccc-0000-4000-8000-000000000002", 1)
	top := profileOf(`"imports":[{"href":"base.json","exclude-controls":[{"with-ids":["a1"]}]},{"href":"p.json"}]`)
	p := parsed(t, "p.json", top)
	r := resolved(t, p, p, parsed(t, "base.json", base), parsed(t, "house.json", houseCatalog))
	if got := r.Catalog.Body.List("controls"); len(got) != 1 || got[0].Text("title") != "Better" {
		t.Errorf("got %s", written(t, r.Catalog))
	}
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "imports itself") {
		t.Errorf("the circle was not told: %v", r.Warnings)
	}
	again := resolved(t, p, p, parsed(t, "base.json", base), parsed(t, "house.json", houseCatalog))
	if !bytes.Equal(written(t, r.Catalog), written(t, again.Catalog)) || r.Catalog.UUID() == p.UUID() {
		t.Error("two resolutions differ, or the result has the UUID of its profile")
	}
	if h := r.Catalog.Body.Object("metadata"); h.Text("last-modified") != "2026-11-22T12:00:00Z" || len(h.List("roles")) != 1 {
		t.Errorf("metadata: %s", appendValue(nil, h, "", ""))
	}
}

func TestWhatCannotBeResolvedIsToldWithARemedy(t *testing.T) {
	house := parsed(t, "house.json", houseCatalog)
	two := parsed(t, "two.json", strings.Replace(houseCatalog, "aaaaaaaa", "abababab", 1))
	for _, c := range []struct{ name, profile, want string }{
		{"not among the files", `"imports":[{"href":"elsewhere.json"}]`, "give that file too"},
		{"no such resource", `"imports":[{"href":"#bbbbbbbb-0000-4000-8000-000000000009"}]`, "no resource in the back matter"},
		{"no address", `"imports":[{"href":""}]`, "/profile/imports/0/href: is empty"},
	} {
		_, err := Resolve(parsed(t, "p.json", profileOf(c.profile)), Among(house, two), noon)
		if kind.CodeOf(err) != kind.Invalid || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := Resolve(house, Among(), noon); kind.CodeOf(err) != kind.Invalid {
		t.Errorf("a catalogue was resolved: %v", err)
	}
}

// TestImportsThatMultiplyAreStopped has each profile import the next one twice.
func TestImportsThatMultiplyAreStopped(t *testing.T) {
	docs := []*Document{parsed(t, "house.json", houseCatalog)}
	next := "house.json"
	for i := range 15 {
		name := fmt.Sprintf("p%d.json", i)
		text := fmt.Sprintf(`{"profile":{"uuid":"cccccccc-0000-4000-8000-0000000001%02d","metadata":{"title":"P"},"imports":[{"href":%q},{"href":%q},{"href":%q}]}}`, i, next, next, next)
		docs = append(docs, parsed(t, name, text))
		next = name
	}
	_, err := Resolve(docs[len(docs)-1], Among(docs...), noon)
	if kind.CodeOf(err) != kind.TooLarge {
		t.Errorf("3^15 controls were resolved: %v", err)
	}
}

func FuzzResolve(f *testing.F) {
	f.Add([]byte(profileOf(`"imports":[{"href":"house.json"}],"merge":{"as-is":true},"modify":{"alters":[{"control-id":"a1","removes":[{"by-name":"item"}]}]}`)), []byte(houseCatalog))
	f.Add([]byte(profileOf(`"imports":[{"href":"p"},{"href":"house"}],"merge":{"custom":{"insert-controls":[{"include-all":{},"order":"ascending"}]}}`)), []byte(houseCatalog))
	f.Fuzz(func(t *testing.T, profile, catalog []byte) {
		p, err := Parse("p.json", profile)
		if err != nil || p.Model != ProfileModel {
			return
		}
		docs := []*Document{p}
		if c, err := Parse("house.json", catalog); err == nil {
			docs = append(docs, c)
		}
		r, err := Resolve(p, Among(docs...), noon)
		if err != nil {
			return
		}
		if _, err := Parse("resolved", written(t, r.Catalog)); err != nil {
			t.Fatalf("the result cannot be read: %v", err)
		}
	})
}

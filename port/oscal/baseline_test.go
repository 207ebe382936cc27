package oscal

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/defenseunicorns/go-oscal/src/pkg/validation"
	"github.com/google/go-cmp/cmp"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func resolved(tb testing.TB, profile *Document, docs ...*Document) *Resolution {
	tb.Helper()
	r, err := Resolve(profile, Among(docs...), noon)
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

const (
	moderateProfile = "oscal/NIST_SP-800-53_rev5_MODERATE-baseline_profile.json"
	moderateResult  = "oscal/NIST_SP-800-53_rev5_MODERATE-baseline-resolved-profile_catalog-min.json.gz"
	oldCatalog      = "oscal/NIST_SP-800-53_rev5_catalog-min.json.gz"
)

// outline writes the structure of a catalogue: groups and controls with class, order
// and nesting. Titles stand there for groups only; those of controls are text.
func outline(o *Object, indent string) string {
	var b strings.Builder
	for _, g := range o.List("groups") {
		fmt.Fprintf(&b, "%sgroup %s %s %q\n%s", indent, g.Text("id"), g.Text("class"), g.Text("title"), outline(g, indent+"  "))
	}
	for _, c := range o.List("controls") {
		fmt.Fprintf(&b, "%scontrol %s %s\n%s", indent, c.Text("id"), c.Text("class"), outline(c, indent+"  "))
	}
	return b.String()
}

func uuidsOf(d *Document) []string {
	var ids []string
	for _, r := range d.Body.Object("back-matter").List("resources") {
		ids = append(ids, r.Text("uuid"))
	}
	return ids
}

// partsOf lists the parts of a control that both editions have (statement, item,
// guidance) with id and prose; 5.1.1 added those of the assessment.
func partsOf(o *Object) (ids, texts []string) {
	for _, p := range o.List("parts") {
		if slices.Contains([]string{"statement", "item", "guidance"}, p.Text("name")) {
			ids, texts = append(ids, p.Text("name")+" "+p.Text("id")), append(texts, p.Text("prose"))
			more, prose := partsOf(p)
			ids, texts = append(ids, more...), append(texts, prose...)
		}
	}
	return ids, texts
}

func linksOf(c *Object) []string {
	var list []string
	for _, l := range c.List("links") {
		list = append(list, l.Text("rel")+" "+l.Text("href"))
	}
	return list
}

// knownParams are the parameters of a published control: their ids and the ids that
// they had in the older edition.
func knownParams(c *Object) map[string]bool {
	known := map[string]bool{}
	for _, p := range c.List("params") {
		known[p.Text("id")] = true
		for _, prop := range p.List("props") {
			if prop.Text("name") == "alt-identifier" {
				known[prop.Text("value")] = true
			}
		}
	}
	return known
}

// TestTheModerateBaselineOfTheOlderCatalogueHasThePublishedStructure resolves the
// published profile (5.1.1) over the catalogue at hand (5.0.1) and compares with the
// published result (5.1.1).
//
// Exactly the same must be: groups with title and class; controls with class, order
// and nesting; the parts of statement and guidance with their ids; the resources of
// the back matter and their order; links, but for the controls named here, in which
// 5.1.1 added or dropped one; and each parameter must be known to the result, by its
// id or its former one. Texts are compared one by one: where they differ, ours must be
// what the older catalogue says, word for word. These differences are counted,
// printed control by control, and their number is fixed.
func TestTheModerateBaselineOfTheOlderCatalogueHasThePublishedStructure(t *testing.T) {
	source, want := publicDocument(t, oldCatalog), publicDocument(t, moderateResult)
	r := resolved(t, publicDocument(t, moderateProfile), source)
	if len(r.Warnings) > 0 {
		t.Errorf("warnings: %v", r.Warnings)
	}
	got := r.Catalog
	if diff := cmp.Diff(outline(want.Body, ""), outline(got.Body, "")); diff != "" {
		t.Fatalf("structure:\n%s", diff)
	}
	if diff := cmp.Diff(uuidsOf(want), uuidsOf(got)); diff != "" {
		t.Errorf("back matter:\n%s", diff)
	}
	_, published := indexOf(want.Body)
	_, before := indexOf(source.Body)
	_, ours := indexOf(got.Body)
	if len(ours) != 287 {
		t.Errorf("%d controls, want 287", len(ours))
	}
	var relinked, reworded []string
	for _, id := range slices.Sorted(maps.Keys(ours)) {
		g, w, s := ours[id][0], published[id][0], before[id][0]
		if !same(g.without("controls"), s.without("controls")) {
			t.Errorf("%s: resolution changed what the catalogue says", id)
		}
		gotIDs, gotTexts := partsOf(g)
		wantIDs, wantTexts := partsOf(w)
		if diff := cmp.Diff(wantIDs, gotIDs); diff != "" {
			t.Errorf("%s: parts:\n%s", id, diff)
		}
		if !slices.Equal(linksOf(g), linksOf(w)) {
			relinked = append(relinked, id)
		}
		known := knownParams(w)
		for _, p := range g.List("params") {
			if !known[p.Text("id")] {
				t.Errorf("%s: the result does not know the parameter %s", id, p.Text("id"))
			}
		}
		if changed := changes(g.Text("title"), w.Text("title"), gotTexts, wantTexts); changed != "" {
			reworded = append(reworded, id)
			t.Logf("reworded by 5.1.1: %-9s %s", id, changed)
		}
	}
	if diff := cmp.Diff([]string{"ac-3", "ia-12", "ia-2", "ia-3", "ia-8", "sc-12", "sc-13"}, relinked); diff != "" {
		t.Errorf("links differ elsewhere:\n%s", diff)
	}
	t.Logf("structure, parts, links and back matter of 287 controls compared; %d have the same text, %d were reworded by the edition", 287-len(reworded), len(reworded))
	if diff := cmp.Diff(rewordedBy511, reworded); diff != "" {
		t.Errorf("other controls than these have another text:\n%s", diff)
	}
}

// rewordedBy511 are the controls that 5.1.1 says in other words, once former ids of
// parameters and the spacing of links are set aside: seven titles and two texts.
var rewordedBy511 = []string{"ac-11.1", "ac-2.4", "ia-2", "ia-8", "pl-4.1", "sc-20", "sc-21", "sc-22", "sr-2.1"}

// plainText sets aside how editions write the same: ids of parameters and spaces.
func plainText(s string) string {
	s = insertion.ReplaceAllString(s, "{{}}")
	return strings.NewReplacer(" ", "", "\n", "").Replace(s)
}

func changes(gotTitle, wantTitle string, got, want []string) string {
	var list []string
	if gotTitle != wantTitle {
		list = append(list, fmt.Sprintf("title %q, was %q", wantTitle, gotTitle))
	}
	n := 0
	for i := range got {
		if i < len(want) && plainText(got[i]) != plainText(want[i]) {
			n++
		}
	}
	if n > 0 {
		list = append(list, fmt.Sprintf("%d of %d texts", n, len(got)))
	}
	return strings.Join(list, ", ")
}

// TestTheModerateBaselineIsResolvedToTheLetter fills the published result up to a
// whole catalogue, with all controls and resources that the profile does not select
// taken from the older edition, and resolves the profile over it: body and back matter
// must be the published ones, every member of every control.
func TestTheModerateBaselineIsResolvedToTheLetter(t *testing.T) {
	want, old := publicDocument(t, moderateResult), publicDocument(t, oldCatalog)
	whole := want.Clone()
	fill(whole.Body, old.Body)
	matter := whole.Body.Object("back-matter")
	var resources []*Object
	have := uuidsOf(want)
	for _, r := range old.Body.Object("back-matter").List("resources") {
		if i := slices.Index(have, r.Text("uuid")); i >= 0 {
			r = matter.List("resources")[i]
		}
		resources = append(resources, r)
	}
	matter.SetList("resources", resources)
	if _, all := indexOf(whole.Body); len(all) < 1000 || len(resources) != 192 {
		t.Fatalf("the filled catalogue has only %d controls and %d resources", len(all), len(resources))
	}
	got := resolved(t, publicDocument(t, moderateProfile), whole).Catalog
	for _, member := range []string{"groups", "back-matter"} {
		g, w := object(member, got.Body.Get(member)), object(member, want.Body.Get(member))
		if diff := cmp.Diff(string(appendValue(nil, w, " ", "")), string(appendValue(nil, g, " ", ""))); diff != "" {
			t.Errorf("%s:\n%.4000s", member, diff)
		}
	}
}

// fill adds to a catalogue what another one has beyond it, in the order of the other.
func fill(into, from *Object) {
	for _, name := range []string{"groups", "controls"} {
		var list []*Object
		for _, f := range from.List(name) {
			if have := find(into.List(name), f.Text("id")); have != nil {
				fill(have, f)
				f = have
			}
			list = append(list, f)
		}
		if len(list) > 0 {
			into.SetList(name, list)
		}
	}
}

// TestFedRAMPForSmallServicesSetsAndAlters resolves the profile LI-SaaS over the
// catalogue at hand and looks for every setting and alteration in the result.
func TestFedRAMPForSmallServicesSetsAndAlters(t *testing.T) {
	p := publicDocument(t, "fedramp/FedRAMP_rev5_LI-SaaS-baseline_profile.json.gz")
	whole := publicDocument(t, moderateResult).Clone() // 5.1.1: the parameters of the profile
	fill(whole.Body, publicDocument(t, oldCatalog).Body)
	r := resolved(t, p, whole)
	for _, w := range r.Warnings {
		t.Log(w)
	}
	params, controls := indexOf(r.Catalog.Body)
	if len(controls) != 156 {
		t.Errorf("%d controls, want 156", len(controls))
	}
	set := 0
	for _, s := range p.Body.Object("modify").List("set-parameters") {
		for _, param := range params[s.Text("param-id")] {
			set++
			if !same(param.Get("constraints"), s.Get("constraints")) {
				t.Errorf("%s was not constrained", s.Text("param-id"))
			}
		}
	}
	for _, alter := range p.Body.Object("modify").List("alters") {
		c := controls[alter.Text("control-id")][0]
		for _, add := range alter.List("adds") {
			if add.Text("by-id") == "" && !slices.ContainsFunc(c.List("props"), func(x *Object) bool { return same(x, add.List("props")[0]) }) {
				t.Errorf("%s: a property is missing", c.Text("id"))
			}
		}
		for _, remove := range alter.List("removes") {
			if removed := remove.Text("by-id"); removed != "" && addInside(c.Clone(), object(), removed, "") {
				t.Errorf("%s: %s was not removed", c.Text("id"), removed)
			}
		}
	}
	t.Logf("%d parameters set, %d alterations", set, len(p.Body.Object("modify").List("alters")))
}

// TestWhatIsResolvedAndConvertedIsValid holds the results against the schemas that
// NIST publishes.
func TestWhatIsResolvedAndConvertedIsValid(t *testing.T) {
	house := parsed(t, "house.json", strings.Replace(houseCatalog, `{"title":"House"}`, `{"title":"House","last-modified":"2026-01-01T00:00:00Z","version":"1","oscal-version":"1.1.3"}`, 1))
	profile := strings.Replace(profileOf(`"imports":[{"href":"house.json"}],"merge":{"as-is":true}`), `"version":"1"`, `"version":"1","oscal-version":"1.1.3"`, 1)
	docs := map[string]*Document{
		"small XML": parsed(t, "c.xml", smallXML), "house": resolved(t, parsed(t, "p.json", profile), house).Catalog,
	}
	if _, err := os.Stat(publicFrameworks); err == nil {
		docs["CSF"] = publicDocument(t, "oscal/NIST_CSF_v2.0_catalog.xml")
		docs["moderate"] = resolved(t, publicDocument(t, moderateProfile), publicDocument(t, oldCatalog)).Catalog
	}
	for name, d := range docs {
		v, err := validation.NewValidatorDesiredVersion(written(t, d), Version)
		if err != nil {
			t.Fatal(err)
		}
		if err := v.Validate(); err != nil {
			result, _ := v.GetValidationResult()
			t.Errorf("%s: %v: %.2000v", name, err, result.Errors)
		}
	}
}

package catalog

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"io/fs"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"go.yaml.in/yaml/v3"
)

// The reference lists stay outside the repository: some may not be copied. They
// are read in place and only compared with.
const referenceZip = "../../shared/data/01-frameworks.zip"

const (
	proboISO      = "probo/ISO27001-2022.json"
	proboGDPR     = "probo/GDPR.json"
	prowlerISO    = "checks/prowler_iso27001_2022_aws.json"
	prowlerCSF    = "checks/prowler_nist_csf_2.0_aws.json"
	outlineISO    = "ciso-assistant/iso27001-2022.yaml"
	outlineCSF    = "ciso-assistant/nist-csf-2.0.yaml"
	oscalCSF      = "oscal/NIST_CSF_v2.0_catalog.xml"
	oscal80053    = "oscal/NIST_SP-800-53_rev5_catalog-min.json.gz"
	oscalModerate = "oscal/NIST_SP-800-53_rev5_MODERATE-baseline-resolved-profile_catalog-min.json.gz"
	owaspASVS     = "owasp/ASVS_5.0.0_en.json"
)

type references struct {
	testing.TB
	zip *zip.ReadCloser
}

// openReferences opens the reference lists, or skips the test.
func openReferences(t testing.TB) references {
	t.Helper()
	z, err := zip.OpenReader(referenceZip)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip("NOT COMPARED with the publishers' lists: the public test data (../shared/data beside the module) is absent")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = z.Close() })
	return references{t, z}
}

// read gives one file of the lists, unpacked.
func (r references) read(name string) []byte {
	r.Helper()
	f, err := r.zip.Open(name)
	if err != nil {
		r.Fatal(err)
	}
	defer f.Close()
	var in io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if in, err = gzip.NewReader(f); err != nil {
			r.Fatal(name, err)
		}
	}
	b, err := io.ReadAll(in)
	if err != nil {
		r.Fatal(name, err)
	}
	return b
}

func (r references) json(name string, into any) {
	r.Helper()
	if err := json.Unmarshal(r.read(name), into); err != nil {
		r.Fatal(name, err)
	}
}

func proboIDs(name string) func(references) []string {
	return func(r references) (ids []string) {
		var doc struct{ Controls []struct{ ID string } }
		r.json(name, &doc)
		for _, c := range doc.Controls {
			ids = append(ids, c.ID)
		}
		return ids
	}
}

func prowlerIDs(r references) (ids []string) {
	var doc struct{ Requirements []struct{ ID string } }
	r.json(prowlerISO, &doc)
	for _, c := range doc.Requirements {
		ids = append(ids, c.ID)
	}
	return ids
}

// csfIDs reads the subcategories that stand: the file holds withdrawn ones too,
// which have a statement but no examples of how to implement them.
func csfIDs(r references) (ids []string) {
	type control struct {
		ID       string    `xml:"id,attr"`
		Class    string    `xml:"class,attr"`
		Controls []control `xml:"control"`
		Parts    []struct {
			Name string `xml:"name,attr"`
		} `xml:"part"`
	}
	var doc struct {
		Groups []control `xml:"group"`
	}
	if err := xml.Unmarshal(r.read(oscalCSF), &doc); err != nil {
		r.Fatal(err)
	}
	var walk func([]control)
	walk = func(list []control) {
		for _, c := range list {
			if c.Class == "subcategory" && len(c.Parts) > 1 {
				ids = append(ids, c.ID)
			}
			walk(c.Controls)
		}
	}
	walk(doc.Groups)
	return ids
}

// moderateIDs reads the controls of the resolved profile. OSCAL writes ac-2.1 what
// the publication writes AC-2(1).
func moderateIDs(r references) (ids []string) {
	type control struct {
		ID       string
		Controls []control
	}
	var doc struct {
		Catalog struct{ Groups []control }
	}
	r.json(oscalModerate, &doc)
	var walk func([]control)
	walk = func(list []control) {
		for _, c := range list {
			base, enhancement, ok := strings.Cut(strings.ToUpper(c.ID), ".")
			if ok {
				base += "(" + enhancement + ")"
			}
			ids = append(ids, base)
			walk(c.Controls)
		}
	}
	for _, family := range doc.Catalog.Groups {
		walk(family.Controls)
	}
	return ids
}

func asvsIDs(r references) (ids []string) {
	type item struct {
		Shortcode string
		Items     []item
	}
	var doc struct{ Requirements []item }
	r.json(owaspASVS, &doc)
	for _, chapter := range doc.Requirements {
		for _, section := range chapter.Items {
			for _, requirement := range section.Items {
				ids = append(ids, requirement.Shortcode)
			}
		}
	}
	return ids
}

var articleNumber = regexp.MustCompile(`\d+`)

// article cuts "Art. 32(1)(a)" down to its article.
func article(id string) string { return articleNumber.FindString(id) }

func asIs(id string) string { return id }

func TestIdentifiersAreThoseOfTheReferenceLists(t *testing.T) {
	refs := openReferences(t)
	for _, c := range []struct {
		framework, list string
		ids             func(references) []string
		key             func(string) string
		whole           bool // the list names every requirement, so that we may have no others
	}{
		{"iso27001-2022", proboISO, proboIDs(proboISO), asIs, true},
		{"iso27001-2022", prowlerISO, prowlerIDs, asIs, false},
		{"nist-csf-2.0", oscalCSF, csfIDs, asIs, true},
		{"nist-800-53-moderate", oscalModerate, moderateIDs, asIs, true},
		{"asvs-5.0", owaspASVS, asvsIDs, asIs, true},
		{"gdpr", proboGDPR, proboIDs(proboGDPR), article, false},
	} {
		f, ok := shipped(t).Framework(c.framework)
		if !ok {
			t.Errorf("%s is not shipped", c.framework)
			continue
		}
		ours, theirs := map[string]bool{}, map[string]bool{}
		for _, r := range f.Requirements {
			if !r.Chapter {
				ours[c.key(r.ID)] = true
			}
		}
		for _, id := range c.ids(refs) {
			theirs[c.key(id)] = true
		}
		if len(theirs) < 40 {
			t.Errorf("%s: only %d identifiers were read", c.list, len(theirs))
		}
		for _, id := range slices.Sorted(maps.Keys(theirs)) {
			if !ours[id] {
				t.Errorf("%s: %s is in %s and not here", c.framework, id, c.list)
			}
		}
		for _, id := range slices.Sorted(maps.Keys(ours)) {
			if c.whole && !theirs[id] {
				t.Errorf("%s: %s is not in %s", c.framework, id, c.list)
			}
		}
	}
}

// maxRun is the longest run of equal words that two texts on the same subject may
// share by chance. One more is a copy.
const maxRun = 7

// wordsOf folds case and punctuation away: "The organisation’s (own)" is the
// organisations own.
func wordsOf(text string) []string {
	text = strings.NewReplacer("'", "", "’", "").Replace(strings.ToLower(text))
	return strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// eachRun calls do for every run of maxRun+1 words. The runs are slices of one
// string, so that a text of any length costs two allocations.
func eachRun(text string, do func(run string)) {
	words := wordsOf(text)
	folded := strings.Join(words, " ")
	start, end := 0, -1
	for i, w := range words {
		end += len(w) + 1
		if i >= maxRun {
			do(folded[start:end])
			start += len(words[i-maxRun]) + 1
		}
	}
}

// ownRuns maps every run of words in the texts we wrote to the place it stands at.
func ownRuns(frameworks []Framework) map[string]string {
	own := map[string]string{}
	for _, f := range frameworks {
		note := func(place, text string) { eachRun(text, func(run string) { own[run] = f.ID + " " + place }) }
		note("about", f.About)
		for _, r := range f.Requirements {
			note(r.ID+" asks", r.Asks)
			note(r.ID+" guidance", r.Guidance)
			note(r.ID+" proof", r.Proof)
		}
	}
	return own
}

// eachText calls do for every string of a decoded document.
func eachText(value any, do func(string)) {
	switch v := value.(type) {
	case string:
		do(v)
	case []any:
		for _, item := range v {
			eachText(item, do)
		}
	case map[string]any:
		for _, item := range v {
			eachText(item, do)
		}
	case map[any]any:
		for _, item := range v {
			eachText(item, do)
		}
	}
}

// texts calls do for every text of a reference list, whatever its format.
func (r references) texts(name string, do func(string)) {
	r.Helper()
	var value any
	switch {
	case strings.HasSuffix(name, ".yaml"):
		if err := yaml.Unmarshal(r.read(name), &value); err != nil {
			r.Fatal(name, err)
		}
	case strings.HasSuffix(name, ".xml"):
		dec := xml.NewDecoder(bytes.NewReader(r.read(name)))
		for {
			token, err := dec.Token()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				r.Fatal(name, err)
			}
			if text, ok := token.(xml.CharData); ok {
				do(string(text))
			}
		}
	default:
		r.json(name, &value)
	}
	eachText(value, do)
}

func TestNoSentenceOfAPublisherIsCopied(t *testing.T) {
	refs := openReferences(t)
	own := ownRuns(shipped(t).Frameworks)
	if len(own) < 10000 {
		t.Fatalf("only %d runs of our own words were found", len(own))
	}
	for _, name := range []string{proboISO, proboGDPR, prowlerISO, prowlerCSF, outlineISO, outlineCSF, oscalCSF, oscal80053, oscalModerate, owaspASVS} {
		compared := 0
		refs.texts(name, func(text string) {
			eachRun(text, func(run string) {
				compared++
				if place, ok := own[run]; ok {
					t.Errorf("%s: %q stands in %s", place, run, name)
				}
			})
		})
		if compared < 100 {
			t.Errorf("%s: only %d runs of words were compared", name, compared)
		}
	}
}

func TestACopyIsFoundThroughCaseAndPunctuationAndChanceIsNot(t *testing.T) {
	own := ownRuns([]Framework{{ID: "ours", About: "Short.", Requirements: []Requirement{
		{ID: "1", Title: "One two three four five six seven eight", Asks: "We said: keep the organisation’s records safe, whole and readable for years."},
	}}})
	for text, copied := range map[string]bool{
		"KEEP the organisation's records \"safe\" - whole\nand readable": true,
		"always keep the organisations records safe whole and legible":   false, // seven
		"whole and readable for years keep the organisations records":    false, // another order
		"one two three four five six seven eight":                        false, // a title is a fact
		"short": false,
		"":      false,
	} {
		found := false
		eachRun(text, func(run string) { found = found || own[run] == "ours 1 asks" })
		if found != copied {
			t.Errorf("%q: copied %t, found %t", text, copied, found)
		}
	}
}

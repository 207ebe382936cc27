package catalog

import (
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/engine/configcheck"
)

// counts says how many requirements stand under each name.
type counts map[string]int

func (c counts) sum() (n int) {
	for _, v := range c {
		n += v
	}
	return n
}

// A shape is what the publisher's text has: how many requirements in each part at
// the top, how many chapters on all levels, how identifiers look, and, where the
// framework has levels, how many requirements each level adds.
type shape struct {
	parts    counts
	chapters int
	form     string
	tiers    counts
}

var shapes = map[string]shape{
	"principles": {counts{"disruption": 1, "compromise": 1, "detection": 1, "impact": 1}, 0, `[a-z]+`, nil},
	"iso27001-2022": {counts{"4": 4, "5": 3, "6": 5, "7": 7, "8": 3, "9": 6, "10": 2, "A.5": 37, "A.6": 8, "A.7": 14, "A.8": 34},
		15, `(A\.[5-8]\.\d{1,2}|([4-9]|10)\.\d(\.\d)?)`, nil},
	"soc2-2017": {counts{"CC1": 5, "CC2": 3, "CC3": 4, "CC4": 2, "CC5": 3, "CC6": 8, "CC7": 5, "CC8": 1, "CC9": 2,
		"A1": 3, "C1": 2, "PI1": 5, "P1": 1, "P2": 1, "P3": 2, "P4": 3, "P5": 2, "P6": 7, "P7": 1, "P8": 1},
		20, `(CC[1-9]|A1|C1|PI1|P[1-8])\.[1-8]`, counts{"": 33, "Availability": 3, "Confidentiality": 2, "Processing integrity": 5, "Privacy": 18}},
	"cyber-essentials":       {counts{"FW": 7, "SC": 8, "SU": 4, "AC": 10, "MP": 3}, 5, `(FW|SC|SU|AC|MP)\.\d{1,2}`, nil},
	"ncsc-caf":               {counts{"A": 9, "B": 20, "C": 7, "D": 5}, 18, `[A-D][1-6]\.[a-f]`, nil},
	"ncsc-design-principles": {counts{"1": 6, "2": 9, "3": 4, "4": 6, "5": 8}, 5, `[1-5]\.[1-9]`, nil},
	"nist-csf-2.0":           {counts{"GV": 31, "ID": 21, "PR": 22, "DE": 11, "RS": 13, "RC": 8}, 28, `[A-Z]{2}\.[A-Z]{2}-\d{2}`, nil},
	"cis-controls-8.1": {counts{"1": 5, "2": 7, "3": 14, "4": 12, "5": 6, "6": 8, "7": 7, "8": 12, "9": 7, "10": 7, "11": 5, "12": 8,
		"13": 11, "14": 9, "15": 7, "16": 14, "17": 9, "18": 5}, 18, `\d{1,2}\.\d{1,2}`, counts{"IG1": 56, "IG2": 74, "IG3": 23}},
	"hipaa-security": {counts{"164.308": 25, "164.310": 10, "164.312": 9, "164.314": 9, "164.316": 4}, 20,
		`164\.3\d\d\([a-e]\)(\(\d\)(\([ivx]+\)(\([A-Z]\))?)?)?`, counts{"required": 35, "addressable": 22}},
	"nist-800-53-moderate": {counts{"AC": 39, "AT": 6, "AU": 16, "CA": 10, "CM": 24, "CP": 23, "IA": 24, "IR": 13, "MA": 9, "MP": 7,
		"PE": 18, "PL": 7, "PS": 9, "RA": 10, "SA": 17, "SC": 25, "SI": 18, "SR": 12}, 18, `[A-Z]{2}-\d{1,2}(\(\d{1,2}\))?`, nil},
	"nis2": {counts{"3": 1, "20": 2, "21": 15, "23": 9, "24": 1, "26": 1, "27": 2, "28": 5, "29": 2, "30": 1, "32": 1, "33": 1},
		13, `\d{1,2}\(\d{1,2}\)(\([a-j]\))?`, nil},
	"dora": {counts{"II": 71, "III": 18, "IV": 20, "V": 28, "VI": 3}, 29, `\d{1,2}(\(\d{1,2}\)(\([a-z]\))?)?`, nil},
	"asvs-5.0": {counts{"V1": 30, "V2": 13, "V3": 31, "V4": 16, "V5": 13, "V6": 47, "V7": 19, "V8": 13, "V9": 7, "V10": 36,
		"V11": 24, "V12": 12, "V13": 21, "V14": 13, "V15": 21, "V16": 17, "V17": 12},
		97, `V\d{1,2}\.\d{1,2}\.\d{1,2}`, counts{"L1": 70, "L2": 183, "L3": 92}},
	"pci-dss-4.0.1": {counts{"1": 19, "2": 11, "3": 29, "4": 6, "5": 13, "6": 19, "7": 12, "8": 29, "9": 27, "10": 27, "11": 21, "12": 37},
		75, `\d{1,2}(\.\d{1,2}){2,4}`, counts{"": 232, "service providers": 16, "issuers": 1, "customised approach": 1}},
	"eu-ai-act": {counts{"I": 1, "II": 8, "III": 113, "IV": 5, "V": 14, "VI": 3, "IX": 10}, 53, `Art\. \d{1,2}(\(\d{1,2}\))?(\([a-z]\))?`,
		counts{"provider": 96, "deployer": 20, "provider and deployer": 11, "model provider": 14, "importer": 7, "distributor": 6}},
	"gdpr": {counts{"II": 23, "III": 39, "IV": 78, "V": 11, "VII": 1, "IX": 2}, 53, `Art\. \d{1,2}(\(\d{1,2}\)(\([a-z]\))?)?`, nil},
}

// shapeOf measures what a framework really has.
func shapeOf(f *Framework) shape {
	s := shape{parts: counts{}, tiers: counts{}}
	top := map[string]string{}
	for _, r := range f.Requirements {
		top[r.ID] = r.ID
		if r.In != "" {
			top[r.ID] = top[r.In]
		}
		if r.Chapter {
			s.chapters++
			continue
		}
		s.parts[top[r.ID]]++
		s.tiers[r.Tier]++
	}
	return s
}

func TestFrameworksHaveExactlyTheRequirementsOfTheirPublishers(t *testing.T) {
	for id := range shapes {
		if _, ok := shipped(t).Framework(id); !ok {
			t.Errorf("%s is no longer shipped", id)
		}
	}
	for i := range shipped(t).Frameworks {
		f := &shipped(t).Frameworks[i]
		want, ok := shapes[f.ID]
		if !ok {
			t.Errorf("%s: this table does not say how many requirements it must have", f.ID)
			continue
		}
		got := shapeOf(f)
		if diff := cmp.Diff(want.parts, got.parts); diff != "" {
			t.Errorf("%s must have %d requirements, has %d:\n%s", f.ID, want.parts.sum(), f.Controls(), diff)
		}
		if want.chapters != got.chapters {
			t.Errorf("%s must have %d chapters, has %d", f.ID, want.chapters, got.chapters)
		}
		if diff := cmp.Diff(want.tiers, got.tiers); want.tiers != nil && diff != "" {
			t.Errorf("%s: levels: %s", f.ID, diff)
		}
		form := regexp.MustCompile(`^` + want.form + `$`)
		for _, r := range f.Requirements {
			if !r.Chapter && !form.MatchString(r.ID) {
				t.Errorf("%s: %q is not written as its publisher writes numbers", f.ID, r.ID)
			}
		}
	}
}

// A text that stands under two requirements says nothing about either.
func TestNoTextOfAFrameworkStandsUnderTwoRequirements(t *testing.T) {
	for _, f := range shipped(t).Frameworks {
		seen := map[string]string{}
		for _, r := range f.Requirements {
			for field, text := range map[string]string{"asks": r.Asks, "proof": r.Proof} {
				key := field + strings.Join(wordsOf(text), " ")
				if before, ok := seen[key]; ok && text != "" {
					t.Errorf("%s: %s of %s is the same as that of %s", f.ID, field, r.ID, before)
				}
				seen[key] = r.ID
			}
		}
	}
}

// A slip in the name of a check would measure nothing, silently.
func TestRequirementsAreMeasuredOnlyByWhatExists(t *testing.T) {
	exists := func(pattern string) bool {
		topic, isTopic := strings.CutPrefix(pattern, "topic:")
		for _, c := range configcheck.Checks() {
			if matched, err := path.Match(pattern, c.ID); isTopic && c.Topic == topic || err == nil && matched {
				return true
			}
		}
		return pattern == "advisory"
	}
	if exists("topic:unicorns") || exists("sshd-unicorn") || exists("unicorn-*") {
		t.Fatal("what does not exist must not be found")
	}
	for _, f := range shipped(t).Frameworks {
		for _, r := range f.Requirements {
			for _, pattern := range r.Checks {
				if !exists(pattern) {
					t.Errorf("%s %s: no configuration check answers to %q", f.ID, r.ID, pattern)
				}
			}
		}
	}
}

// Nobody meets a chapter: a pair may point at one, and must conclude nothing from it.
func TestMappingsConcludeNothingAboutChaptersAndSeldomSayEqual(t *testing.T) {
	c := shipped(t)
	for _, m := range c.Mappings {
		source, _ := c.Framework(m.Source)
		target, _ := c.Framework(m.Target)
		equal := 0
		for _, p := range m.Pairs {
			left, _ := source.Requirement(p.Source)
			right, _ := target.Requirement(p.Target)
			if (left.Chapter || right.Chapter) && p.Relation != "intersects" {
				t.Errorf("%s: %s %s %s: one of them is a chapter and can only intersect", m.id(), p.Source, p.Relation, p.Target)
			}
			if p.Relation == "equal" {
				equal++
			}
		}
		if equal*4 > len(m.Pairs) {
			t.Errorf("%s: %d of %d pairs are said to be equal; two publishers seldom mean the same", m.id(), equal, len(m.Pairs))
		}
	}
}

func TestFrameworksAreKnownByTheirShortNamesOnce(t *testing.T) {
	var names []string
	for i := range shipped(t).Frameworks {
		f := &shipped(t).Frameworks[i]
		if slices.Contains(names, f.Name()) {
			t.Errorf("two frameworks are called %s", f.Name())
		}
		names = append(names, f.Name())
	}
}

package catalog_test

import (
	"regexp"
	"testing"

	"holdfast/catalog"
	"holdfast/engine/detect"
)

var technique = regexp.MustCompile(`^attack\.t[0-9]{4}`)

func TestEveryShippedRuleRunsAndSaysWhatItIsAbout(t *testing.T) {
	fsys, err := catalog.Rules()
	if err != nil {
		t.Fatal(err)
	}
	c, problems := detect.Load(fsys, nil)
	for _, p := range problems {
		t.Error(p)
	}
	e, problems := detect.Compile(c, detect.Options{})
	for _, p := range problems {
		t.Error(p)
	}
	if n := e.Rules() + e.Correlations(); n < 40 {
		t.Errorf("only %d rules", n)
	}
	ids := map[string]string{}
	about := func(a detect.About) {
		if a.ID == "" {
			return // serves a correlation
		}
		if other := ids[a.ID]; other != "" {
			t.Errorf("%s and %s have one id", a.File, other)
		}
		ids[a.ID] = a.File
		tagged := false
		for _, tag := range a.Tags {
			tagged = tagged || technique.MatchString(tag)
		}
		if a.Title == "" || a.Description == "" || a.Level == "" || len(a.FalsePositives) == 0 || !tagged {
			t.Errorf("%s: says too little of itself", a.File)
		}
	}
	for _, r := range c.Rules {
		about(r.About)
	}
	for _, r := range c.Correlations {
		about(r.About)
	}
	if len(ids) < 40 {
		t.Errorf("only %d rules ring on their own", len(ids))
	}
}

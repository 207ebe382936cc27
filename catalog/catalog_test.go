package catalog

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func shipped(t testing.TB) *Catalog {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestShippedKnowledgeIsCompleteAndHangsTogether(t *testing.T) {
	c := shipped(t)
	for _, n := range []struct {
		what        string
		have, least int
	}{{"safeguards", len(c.Safeguards), 45}, {"scenarios", len(c.Scenarios), 16}, {"actors", len(c.Actors), 12},
		{"vectors", len(c.Vectors), 40}, {"terms", len(c.Terms), 80}, {"frameworks", len(c.Frameworks), 1}} {
		if n.have < n.least {
			t.Errorf("%d %s, must be at least %d", n.have, n.what, n.least)
		}
	}
}

func TestEverySafeguardTreatsAScenarioAndEveryVectorIsUsed(t *testing.T) {
	c := shipped(t)
	used := map[string]bool{}
	for _, s := range c.Scenarios {
		for _, id := range s.Safeguards {
			used["safeguard/"+id] = true
		}
		for _, id := range s.Vectors {
			used["vector/"+id] = true
		}
	}
	for _, a := range c.Actors {
		for _, id := range a.Vectors {
			used["vector/"+id] = true
		}
	}
	for _, s := range c.Safeguards {
		if !used["safeguard/"+s.ID] {
			t.Errorf("no scenario is treated by safeguard %s", s.ID)
		}
	}
	for _, v := range c.Vectors {
		if !used["vector/"+v.ID] {
			t.Errorf("nobody uses vector %s", v.ID)
		}
	}
}

func TestEveryTopicOfTheConfigurationChecksHasScenariosAndSafeguards(t *testing.T) {
	c := shipped(t)
	for _, topic := range []string{"authentication", "remote access", "privilege", "files", "kernel", "network", "maintenance", "monitoring", "certificates", "accounts"} {
		fact := Fact{AssetType: "host", Weakness: "configuration", Topic: topic}
		if len(c.ScenariosFor(fact)) == 0 || len(c.SafeguardsFor(fact)) == 0 {
			t.Errorf("topic %s leads nowhere", topic)
		}
	}
	for _, w := range weaknesses {
		if w != "configuration" && len(c.ScenariosFor(Fact{AssetType: "application", Weakness: w, Network: true})) == 0 {
			t.Errorf("weakness %s feeds no scenario", w)
		}
	}
}

func TestFindingsFeedTheScenariosOneWouldName(t *testing.T) {
	c := shipped(t)
	for _, test := range []struct {
		name       string
		fact       Fact
		want, skip []string
	}{
		{"an exploited hole in a network service", Fact{AssetType: "host", Weakness: "advisory", Network: true, Exploited: true},
			[]string{"ransomware-internet"}, []string{"lost-device", "privilege-escalation", "failed-restore"}},
		{"a hole for local users", Fact{AssetType: "host", Weakness: "advisory"},
			[]string{"privilege-escalation"}, []string{"ransomware-internet", "web-breach"}},
		{"root may sign in over SSH", Fact{AssetType: "host", Weakness: "configuration", Topic: "remote access", Check: "sshd-root-login"},
			[]string{"admin-password"}, []string{"web-breach"}},
		{"no audit service", Fact{AssetType: "host", Weakness: "configuration", Topic: "monitoring", Check: "auditd-missing"},
			[]string{"unnoticed-intrusion"}, []string{"ransomware-internet"}},
		{"a loose sudo rule", Fact{AssetType: "host", Weakness: "configuration", Topic: "privilege", Check: "sudo-nopasswd"},
			[]string{"privilege-escalation"}, []string{"mail-fraud"}},
		{"an advisory on a person", Fact{AssetType: "person", Weakness: "advisory", Network: true}, nil, []string{"ransomware-internet"}},
	} {
		var got []string
		for _, s := range c.ScenariosFor(test.fact) {
			got = append(got, s.ID)
		}
		for _, id := range test.want {
			if !slices.Contains(got, id) {
				t.Errorf("%s must feed %s, feeds %v", test.name, id, got)
			}
		}
		for _, id := range test.skip {
			if slices.Contains(got, id) {
				t.Errorf("%s must not feed %s", test.name, id)
			}
		}
	}
}

func TestFrequencyGrowsWithExposureAndNeverShrinks(t *testing.T) {
	s := &Scenario{Frequency: Range{0.01, 0.02, 0.1}, Growth: Growth{Internet: 2, Exploited: 4, EPSS: 3, Most: 0.5}}
	for _, c := range []struct {
		now  Circumstances
		want Range
	}{
		{Circumstances{}, Range{0.01, 0.02, 0.1}},
		{Circumstances{Internet: true}, Range{0.02, 0.04, 0.2}},
		{Circumstances{EPSS: 0.5}, Range{0.02, 0.04, 0.2}},
		{Circumstances{Exploited: true, EPSS: 1}, Range{0.04, 0.08, 0.4}},
		{Circumstances{Internet: true, Exploited: true}, Range{0.08, 0.16, 0.5}},
	} {
		if diff := cmp.Diff(c.want, s.FrequencyFor(c.now)); diff != "" {
			t.Errorf("%+v: %s", c.now, diff)
		}
	}
	for _, s := range shipped(t).Scenarios {
		worst := s.FrequencyFor(Circumstances{Internet: true, Exploited: true, EPSS: 1})
		if worst.Low < s.Frequency.Low || worst.Likely < s.Frequency.Likely || worst.High < s.Frequency.High || worst.Likely > worst.High {
			t.Errorf("%s shrinks from %v to %v", s.ID, s.Frequency, worst)
		}
	}
}

func TestLookUps(t *testing.T) {
	c := shipped(t)
	if s, ok := c.Scenario("lost-device"); !ok || s.TitleFor("Laptop 7") != "Laptop 7 is lost or stolen" {
		t.Error("the title must carry the asset's name")
	}
	if g, ok := c.Safeguard("mfa"); !ok || !slices.Contains(g.References.All(), "ISO 27001 A.8.5") {
		t.Error("mfa must be found, with its references as text")
	}
	if term, ok := c.Term("ROSI"); !ok || term.Term != "return on security investment" {
		t.Error("a term must be found by its abbreviation in any case")
	}
	if _, ok := c.Term("unicorn"); ok {
		t.Error("an unknown term must not be found")
	}
	if f, ok := c.Framework("principles"); !ok || len(f.Requirements) != 4 {
		t.Error("the four principles must be there")
	}
	if _, ok := c.Actor("nobody"); ok {
		t.Error("an unknown actor must not be found")
	}
	if v, ok := c.Vector("exploit-public-application"); !ok || v.Technique != "T1190" {
		t.Error("T1190 must be found")
	}
}

// copyOf is the shipped catalogue as a map that a test may spoil.
func copyOf(t testing.TB) fstest.MapFS {
	t.Helper()
	m := fstest.MapFS{}
	err := fs.WalkDir(files, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := files.ReadFile(p)
		m[p] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestASlipInTheKnowledgeIsRefusedWithItsPlace(t *testing.T) {
	replace := func(file, old, new string) func(testing.TB, fstest.MapFS) {
		return func(t testing.TB, m fstest.MapFS) {
			text := string(m[file].Data)
			if !strings.Contains(text, old) {
				t.Fatalf("%s does not hold %q", file, old)
			}
			m[file].Data = []byte(strings.Replace(text, old, new, 1))
		}
	}
	appendTo := func(file, text string) func(testing.TB, fstest.MapFS) {
		return func(_ testing.TB, m fstest.MapFS) { m[file].Data = append(slices.Clone(m[file].Data), text...) }
	}
	const access, attacks = "safeguards/access.yaml", "scenarios/attacks.yaml"
	for name, c := range map[string]struct {
		spoil func(testing.TB, fstest.MapFS)
		words []string
	}{
		"unknown field":        {replace(access, "  title: Second", "  titel: Second"), []string{access, "line 4", "titel"}},
		"id used twice":        {replace(access, "- id: password-rules", "- id: mfa"), []string{access + ":", `"mfa" stands already at ` + access + ":3"}},
		"no id":                {replace(access, "- id: mfa", "- id: ''"), []string{access + ":3", "has no id"}},
		"id of other letters":  {replace(access, "- id: mfa", "- id: MFA!"), []string{access + ":3", "small letters"}},
		"unknown safeguard":    {replace(attacks, "safeguards: [patching,", "safeguards: [patchings,"), []string{attacks + ":", `"patchings" does not exist`}},
		"unknown actor":        {replace(attacks, "actor: ransomware-crew", "actor: nobody"), []string{attacks + ":", `actor: "nobody" does not exist`}},
		"unknown vector":       {replace(attacks, "vectors: [valid-accounts", "vectors: [invalid-accounts"), []string{`"invalid-accounts" does not exist`}},
		"unknown principle":    {replace(access, "principles: [compromise]", "principles: [compromises]"), []string{access + ":3", `"compromises" is not one of`}},
		"range that falls":     {replace(access, "effort: [16, 30, 60]", "effort: [16, 70, 60]"), []string{access, "line 11", "ascend"}},
		"range of words":       {replace(access, "effort: [16, 30, 60]", "effort: much"), []string{access, "line 11", `"much" is not a number`}},
		"share above one":      {replace(access, "on_frequency: [0.5, 0.75, 0.9]", "on_frequency: [0.5, 0.75, 9]"), []string{access + ":3", "a share is between 0 and 1"}},
		"technique":            {replace(access, "[T1110, T1078, T1566", "[T110, T1078, T1566"), []string{access + ":3", `"T110" is not such an identifier`}},
		"Annex A that is not":  {replace(access, "A.5.17, A.8.5]", "A.5.38, A.8.5]"), []string{`"A.5.38" is not in Annex A`}},
		"CIS that is not":      {replace(access, `["6.3", "6.4"`, `["6.9", "6.4"`), []string{`"6.9" is not in CIS`}},
		"shares of loss":       {replace(attacks, "{form: productivity, share: 0.4}", "{form: productivity, share: 0.5}"), []string{attacks + ":", "sum to 1.1"}},
		"pattern":              {replace(attacks, `"*password*"`, `"[password"`), []string{`"[password" is not a pattern`}},
		"title without asset":  {replace(attacks, "reaches {asset} through", "comes through"), []string{attacks + ":", "must name {asset}"}},
		"term with two owners": {appendTo("glossary.yaml", "\n- {term: thing, also: [ALE], means: x}\n"), []string{"glossary.yaml:", `"ALE" is a name of "annual loss expectancy" too`}},
		"not a list":           {replace("glossary.yaml", "- term: \"ISMS\"", "term: \"ISMS\""), []string{"glossary.yaml"}},
		"two documents":        {appendTo(access, "\n---\n- id: more\n"), []string{access, "one YAML document"}},
		"broken YAML":          {appendTo(access, "\n  - ]["), []string{access, "line"}},
		"empty file":           {func(_ testing.TB, m fstest.MapFS) { m[access].Data = nil }, []string{access}},
		"too large":            {func(_ testing.TB, m fstest.MapFS) { m[access].Data = make([]byte, maxFile+1) }, []string{access, "limit of 4 MB"}},
		"missing file":         {func(_ testing.TB, m fstest.MapFS) { delete(m, "threats.yaml") }, []string{"threats.yaml"}},
	} {
		t.Run(name, func(t *testing.T) {
			m := copyOf(t)
			c.spoil(t, m)
			got, err := LoadFS(m)
			if err == nil || got != nil {
				t.Fatal("must be refused")
			}
			for _, w := range c.words {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("the message must say %q: %v", w, err)
				}
			}
		})
	}
	if _, err := LoadFS(copyOf(t)); err != nil {
		t.Errorf("the copy itself must be good: %v", err)
	}
}

func FuzzCatalogueFilesNeverPanic(f *testing.F) {
	good := copyOf(f)
	f.Add(string(good["safeguards/access.yaml"].Data[:400]))
	f.Add("- id: a\n  effort: [1, 2]\n")
	f.Add("- &a [*a]")
	f.Add("- null\n- id: [x]")
	f.Fuzz(func(t *testing.T, text string) {
		r := reader{fsys: fstest.MapFS{"safeguards/a.yaml": {Data: []byte(text)}}, catalog: &Catalog{place: map[string]where{}}}
		readFolder(&r, "safeguards", "safeguard", &r.catalog.Safeguards)
		if r.err == nil {
			_ = r.catalog.check()
		}
	})
}

package configcheck

import (
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"holdfast/engine"
)

// Every scenario says what its check must find, and what it must not find.
func TestEveryCheckFindsWhatIsWrongAndNothingElse(t *testing.T) {
	for _, s := range loadScenarios(t) {
		t.Run(s.check+"/"+s.name, func(t *testing.T) {
			list := observe(t, s.target)[s.check]
			if s.expect != engine.Fail {
				for _, o := range list {
					if o.Outcome != s.expect {
						t.Errorf("want only %s, got:%s", s.expect, describe(list))
						break
					}
				}
				return
			}
			if len(s.want) == 0 {
				t.Fatal("a bad scenario must say with want what is to be found")
			}
			for _, w := range s.want {
				if !slices.ContainsFunc(list, w.matches) {
					t.Errorf("want %s %q %q, got:%s", w.severity, w.subject, w.detail, describe(list))
				}
			}
			for _, o := range list {
				known := slices.ContainsFunc(s.want, func(w wanted) bool { return w.matches(o) })
				if o.Outcome == engine.Fail && !known {
					t.Errorf("must not fail: %s", describe([]engine.Observation{o}))
				}
			}
		})
	}
}

func (w wanted) matches(o engine.Observation) bool {
	return o.Outcome == engine.Fail && o.Severity == w.severity && o.Subject == w.subject && strings.Contains(o.Detail, w.detail)
}

func TestEveryCheckHasAGoodABadAndAnAbsentScenario(t *testing.T) {
	have := map[string]bool{}
	known := map[string]bool{}
	for _, c := range Checks() {
		known[c.ID] = true
	}
	for _, s := range loadScenarios(t) {
		if !known[s.check] {
			t.Errorf("testdata/%s.txtar belongs to no check", s.check)
		}
		for _, kind := range []string{"good", "bad", "absent"} {
			if strings.HasPrefix(s.name, kind) {
				have[s.check+" "+kind] = true
			}
		}
	}
	for _, c := range Checks() {
		for _, kind := range []string{"good", "bad", "absent"} {
			if !have[c.ID+" "+kind] {
				t.Errorf("%s has no %s scenario", c.ID, kind)
			}
		}
	}
}

var (
	kebab     = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)
	cwe       = regexp.MustCompile(`^CWE-[1-9][0-9]*$`)
	technique = regexp.MustCompile(`^T1[0-9]{3}(\.[0-9]{3})?$`)
)

func TestEveryCheckExplainsItself(t *testing.T) {
	if n := len(Checks()); n < 30 {
		t.Fatalf("want at least 30 checks, got %d", n)
	}
	ids := map[string]bool{}
	titles := map[string]bool{}
	principles := []string{"disruption", "compromise", "detection", "impact"}
	for _, c := range Checks() {
		if ids[c.ID] || titles[c.Title] {
			t.Errorf("%s: the id or the title is used twice", c.ID)
		}
		ids[c.ID], titles[c.Title] = true, true
		if !kebab.MatchString(c.ID) {
			t.Errorf("%q is not kebab-case", c.ID)
		}
		for field, text := range map[string]string{"title": c.Title, "why": c.Why, "fix": c.Fix, "remedy": c.Remedy, "false positives": c.FalsePositives, "topic": c.Topic} {
			if strings.TrimSpace(text) == "" {
				t.Errorf("%s has no %s", c.ID, field)
			}
		}
		if !strings.HasSuffix(c.Why, ".") || !strings.HasSuffix(c.Fix, ".") || strings.HasSuffix(c.Title, ".") {
			t.Errorf("%s: why and fix are sentences, the title has no full stop", c.ID)
		}
		if c.Severity.Rank() <= engine.None.Rank() {
			t.Errorf("%s has the severity %q", c.ID, c.Severity)
		}
		if !slices.Contains(principles, c.Principle) {
			t.Errorf("%s has the principle %q", c.ID, c.Principle)
		}
		if !cwe.MatchString(c.CWE) || !slices.Contains(c.References, c.CWE) {
			t.Errorf("%s: CWE %q must be an id that is among the references", c.ID, c.CWE)
		}
		if len(c.Techniques) == 0 || len(c.References) < 2 {
			t.Errorf("%s needs techniques and references", c.ID)
		}
		for _, tech := range c.Techniques {
			if !technique.MatchString(tech) {
				t.Errorf("%s: %q is no technique of ATT&CK", c.ID, tech)
			}
		}
	}
}

// The rule of New: every check answers, keys are unique, Pass stands alone.
func TestEveryCheckAnswersOnEveryRootAndKeysAreUnique(t *testing.T) {
	for _, s := range loadScenarios(t) {
		keys := map[string]bool{}
		byCheck := observe(t, s.target)
		for _, c := range Checks() {
			list := byCheck[c.ID]
			if len(list) == 0 {
				t.Errorf("%s/%s: %s says nothing", s.check, s.name, c.ID)
			}
			for _, o := range list {
				if keys[o.Key()+string(o.Outcome)] {
					t.Errorf("%s/%s: the key %s appears twice", s.check, s.name, o.Key())
				}
				keys[o.Key()+string(o.Outcome)] = true
				if (o.Outcome == engine.Pass || o.Outcome == engine.NotApplicable) && (len(list) > 1 || o.Subject != "" || o.Severity != "") {
					t.Errorf("%s/%s: %s must stand alone, without subject and severity:%s", s.check, s.name, o.Outcome, describe(list))
				}
				if o.Outcome == engine.Unknown && o.Subject != "" {
					t.Errorf("%s/%s: Unknown is about the whole check: %s", s.check, s.name, describe(list))
				}
				if o.Detail == "" || o.Title == "" || o.Principle == "" {
					t.Errorf("%s/%s: an observation without detail, title or principle: %+v", s.check, s.name, o)
				}
			}
		}
	}
}

func TestRunsAreRepeatable(t *testing.T) {
	for _, s := range loadScenarios(t) {
		first, second := observe(t, s.target), observe(t, s.target)
		for id := range first {
			if a, b := describe(first[id]), describe(second[id]); a != b {
				t.Errorf("%s/%s: %s differs between two runs:%s\nand%s", s.check, s.name, id, a, b)
			}
		}
	}
}

func TestEveryRemedyIsValidShell(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("there is no sh to read the remedies with")
	}
	for _, c := range Checks() {
		cmd := exec.Command(sh, "-n")
		cmd.Stdin = strings.NewReader(c.Remedy)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%s: sh cannot read the remedy: %s", c.ID, out)
		}
		guarded := strings.Contains(c.Remedy, "sed -i") || strings.Contains(c.Remedy, "grep -")
		if strings.Contains(c.Remedy, ">>") && !guarded {
			t.Errorf("%s: the remedy appends on every run", c.ID)
		}
	}
}

func TestATargetWithoutFilesIsAnErrorAndNotAPass(t *testing.T) {
	list, err := New().Observe(t.Context(), &engine.Target{Kind: engine.SBOM})
	if err == nil || len(list) != 0 {
		t.Errorf("want an error and no observation, got %v and %d", err, len(list))
	}
}

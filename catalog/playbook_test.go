package catalog

import (
	"io/fs"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"holdfast/isms"
)

func TestEveryKindOfIncidentHasExactlyOnePlaybook(t *testing.T) {
	c := shipped(t)
	for _, choice := range isms.IncidentType("").Choices() {
		n := 0
		for _, p := range c.Playbooks {
			if p.Scenario == choice.Value {
				n++
			}
		}
		if want := map[bool]int{true: 0, false: 1}[choice.Value == "other"]; n != want {
			t.Errorf("%s is answered by %d playbooks, must be %d", choice.Value, n, want)
		}
	}
}

func TestWordsOfPlaybooksAreThoseOfTheRecords(t *testing.T) {
	var types, steps, phases []string
	for _, c := range isms.IncidentType("").Choices() {
		if c.Value != "other" {
			types = append(types, c.Value)
		}
	}
	for _, c := range isms.StepType("").Choices() {
		steps = append(steps, c.Value)
	}
	for _, c := range isms.IncidentPhase("").Choices() {
		if c.Value != string(isms.IncidentClosed) {
			phases = append(phases, c.Value)
		}
	}
	for name, pair := range map[string][2][]string{"types": {types, incidentTypes}, "steps": {steps, stepTypes}, "phases": {phases, PlaybookPhases}} {
		if !slices.Equal(pair[0], pair[1]) {
			t.Errorf("%s: the records have %v, the playbooks %v", name, pair[0], pair[1])
		}
	}
}

// What no seasoned responder would leave out, whatever happened.
func TestEveryPlaybookHasWhatANightNeeds(t *testing.T) {
	for _, p := range shipped(t).Playbooks {
		var types, roles []string
		irreversible, evidence, minutes := -1, -1, map[string]int{}
		for i, s := range p.Steps {
			types, roles = append(types, s.Type), append(roles, s.Role)
			minutes[s.Phase] += s.Minutes
			if s.Irreversible && irreversible < 0 {
				irreversible = i
			}
			if evidence < 0 && mentions(s, "hash", "keep", "copy", "copies", "snapshot", "photograph", "save", "export", "record", "confirm serial") {
				evidence = i
			}
		}
		if !slices.Contains(types, "communication") || !slices.Contains(types, "decision") {
			t.Errorf("%s tells nobody or decides nothing", p.ID)
		}
		if !slices.Contains(roles, "Incident lead") {
			t.Errorf("%s is led by nobody", p.ID)
		}
		if irreversible >= 0 && (evidence < 0 || evidence > irreversible) {
			t.Errorf("%s destroys in %s before it keeps anything", p.ID, p.Steps[irreversible].ID)
		}
		if !slices.ContainsFunc(p.Steps, func(s PlaybookStep) bool {
			return slices.Contains(s.Uses, "legal-notification") || s.Role == "Data protection"
		}) {
			t.Errorf("%s forgets the clocks of the law", p.ID)
		}
		for _, phase := range PlaybookPhases {
			if minutes[phase] == 0 {
				t.Errorf("%s: nothing is done in phase %s", p.ID, phase)
			}
		}
		if last := p.Steps[len(p.Steps)-1]; last.Phase != "learn" {
			t.Errorf("%s ends with %s and not with what was learnt", p.ID, last.ID)
		}
	}
}

func mentions(s PlaybookStep, words ...string) bool {
	text := strings.ToLower(s.Title + " " + s.Do + " " + s.Check)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(text, w) })
}

// Whoever takes any way through a playbook comes to its end, holds before throwing
// out, and throws out before restoring.
func TestOnEveryWayPhasesNeverGoBack(t *testing.T) {
	for _, p := range shipped(t).Playbooks {
		for i := range p.Steps {
			for _, k := range p.Leads(i) {
				if k <= i {
					t.Errorf("%s: %s leads back", p.ID, p.Steps[i].ID)
				}
				if k == len(p.Steps) && p.Steps[i].Phase != "learn" {
					t.Errorf("%s: after %s it is over, and nothing was learnt", p.ID, p.Steps[i].ID)
				}
			}
		}
	}
}

func TestIsolationComesBeforePowerOff(t *testing.T) {
	p, _ := shipped(t).Playbook("ransomware")
	isolate, wipe := p.at("cut-hosts"), p.at("throw-out")
	if isolate < 0 || wipe < isolate || !strings.Contains(p.Steps[isolate].Do, "Leave the power on") {
		t.Error("a burning host must be isolated and left on before anything is removed")
	}
	if evidence := p.at("evidence"); evidence > wipe {
		t.Error("evidence is taken after the wipe")
	}
	if point := p.at("restore-point"); !strings.Contains(p.Steps[point].Check, "older than the earliest trace") {
		t.Error("a restore point is taken without a look at the time of the intrusion")
	}
}

func TestNoSentenceOfAPublisherIsCopiedIntoAPlaybook(t *testing.T) {
	refs := openReferences(t)
	var ours []Framework
	for _, p := range shipped(t).Playbooks {
		f := Framework{ID: p.ID, About: p.Aim}
		for _, s := range p.Steps {
			f.Requirements = append(f.Requirements, Requirement{ID: s.ID, Asks: s.Do, Guidance: s.Check})
		}
		ours = append(ours, f)
	}
	own := ownRuns(ours)
	if len(own) < 5000 {
		t.Fatalf("only %d runs of our own words were found", len(own))
	}
	for _, name := range []string{proboISO, proboGDPR, prowlerISO, prowlerCSF, oscalCSF, oscal80053} {
		refs.texts(name, func(text string) {
			eachRun(text, func(run string) {
				if place, ok := own[run]; ok {
					t.Errorf("%s: %q stands in %s", place, run, name)
				}
			})
		})
	}
}

func TestABrokenPlaybookIsRefusedWithItsPlace(t *testing.T) {
	text, err := fs.ReadFile(files, "playbooks/mistake.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"another kind of incident":      {"scenario: mistake", "scenario: bad_luck", `"bad_luck" is not one of`},
		"a phase that goes back":        {"phase: eradicate", "phase: detect", "comes after contain"},
		"a phase that is left out":      {"phase: contain\n      role: Administrator\n      title: Pull", "phase: recover\n      role: Administrator\n      title: Pull", "the phase contain was left out"},
		"a way to nowhere":              {"else: stop-damage", "else: nowhere", `"nowhere" is not a later step`},
		"a way back":                    {"next: data", "next: thanks", `"thanks" is not a later step`},
		"a step nobody comes to":        {"else: stop-damage", "else: data", "step stop-damage: no way leads to it"},
		"a safeguard that is not there": {"uses: [offline-backups]", "uses: [luck]", `there is no safeguard "luck"`},
		"a role that nobody has":        {"role: People lead", "role: Wizard", `"Wizard" is not one of`},
		"a question without a no":       {"      else: resume\n", "", "has a question"},
		"a step of the same name":       {"id: hands-off", "id: thanks", "stands there twice"},
		"no check":                      {"      check: \"The plan was read by the second person.\"\n", "", "check is missing"},
		"a field that nobody knows":     {"severity: medium", "severity: medium\n  colour: red", "colour"},
		"a novel":                       {"do: \"Whoever tells", "do: \"" + strings.Repeat("on and on ", 100) + "\"\n      optional: false #\"", "is too long"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(string(text), c.old, c.new, 1)
			if changed == string(text) {
				t.Fatalf("%q does not stand in the file", c.old)
			}
			_, err := LoadFS(withPlaybook(t, changed))
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "playbooks/mistake.yaml") {
				t.Errorf("must be refused with %q, is %v", c.want, err)
			}
		})
	}
}

// withPlaybook is the shipped catalogue with another text of one playbook.
func withPlaybook(t *testing.T, text string) fs.FS {
	t.Helper()
	all := fstest.MapFS{}
	err := fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(files, path)
		all[path] = &fstest.MapFile{Data: b}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all["playbooks/mistake.yaml"] = &fstest.MapFile{Data: []byte(text)}
	return all
}

func TestEveryKindOfIncidentCanBePlayed(t *testing.T) {
	c := shipped(t)
	for _, scenario := range append([]string{"restore"}, incidentTypes...) {
		s, ok := c.Story(scenario)
		if !ok {
			t.Errorf("nothing is played about %s", scenario)
			continue
		}
		for _, i := range s.Injects {
			for _, e := range i.Expects {
				if len(e) > 110 || len(i.News) > 400 {
					t.Errorf("%s %s is too long to be read out", s.ID, i.ID)
				}
			}
		}
	}
	if common, ok := c.Story("common"); !ok || len(common.Twists) < 8 {
		t.Error("too few twists for two exercises a year")
	}
}

func TestAStoryTellsTheNamesOfWhoeverPlays(t *testing.T) {
	if got := Tell("{owner} cannot reach {asset}.", map[string]string{"owner": "Ada", "asset": "Shop"}); got != "Ada cannot reach Shop." {
		t.Error(got)
	}
	text := "- id: failure\n  openings: [\"{nobody} calls\"]\n  goals: [a]\n"
	fsys := withPlaybook(t, "")
	delete(fsys.(fstest.MapFS), "playbooks/mistake.yaml")
	fsys.(fstest.MapFS)["exercises/others.yaml"] = &fstest.MapFile{Data: []byte(text)}
	_, err := LoadFS(fsys)
	for _, want := range []string{"exercises/others.yaml:1", "nobody knows the name {nobody}", "at least four injects"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("must be refused with %q, is %v", want, err)
		}
	}
}

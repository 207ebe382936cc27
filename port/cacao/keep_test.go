package cacao

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// written is the document after a change.
func written(t testing.TB, p *Playbook) object {
	t.Helper()
	out, err := Write(p)
	if err != nil && !errors.Is(err, ErrSignature) {
		t.Fatal(err)
	}
	doc, err := decode(out)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func step(t *testing.T, p *Playbook, name string) *Step {
	t.Helper()
	i := slices.IndexFunc(p.Steps, func(s Step) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("there is no step %q", name)
	}
	return &p.Steps[i]
}

// A step that is taken out takes nothing with it that was said of others.
func TestNewWaysLeaveEverythingElse(t *testing.T) {
	data := file(t, "everything.json")
	p, before := read(t, data), tree(t, data)
	gone := step(t, p, "Give it a new one").ID
	decision := step(t, p, "Was it used?")
	decision.Else = decision.Next
	p.Steps = slices.DeleteFunc(p.Steps, func(s Step) bool { return s.ID == gone })
	p.Modified = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	after := written(t, p)

	flow, was := after["workflow"].(object), before["workflow"].(object)
	if _, there := flow[gone]; there {
		t.Error("the step is still there")
	}
	ways := []string{"on_completion", "on_success", "on_failure", "on_true", "on_false", "next_steps"}
	for id, v := range flow {
		old, known := was[id].(object)
		if !known {
			if v.(object)["type"] != "end" {
				t.Errorf("%s is new", id)
			}
			continue
		}
		bare := func(o object) object {
			c := object{}
			for name, value := range o {
				if !slices.Contains(ways, name) {
					c[name] = value
				}
			}
			return c
		}
		if d := cmp.Diff(bare(old), bare(v.(object))); d != "" {
			t.Errorf("%s (-want +got):\n%s", id, d)
		}
	}
	for _, id := range []string{"if-condition--e4000000-0000-4000-8000-000000000003", "parallel--e4000000-0000-4000-8000-000000000004"} {
		if at := flow[id].(object)["on_failure"]; at != "end--e4000000-0000-4000-8000-0000000000ff" || flow[at.(string)] == nil {
			t.Errorf("%s: when it fails it goes to %v", id, at)
		}
	}
	if at := after["workflow_exception"]; at != before["workflow_exception"] || flow[at.(string)] == nil {
		t.Errorf("the way for exceptions is %v", at)
	}
	for _, name := range []string{"workflow", "modified"} {
		delete(before, name)
		delete(after, name)
	}
	if d := cmp.Diff(before, after); d != "" {
		t.Errorf("around the steps (-want +got):\n%s", d)
	}
}

func TestAWayForExceptionsGoesWithItsStep(t *testing.T) {
	p := read(t, file(t, "everything.json"))
	gone := step(t, p, "Call somebody awake").ID
	step(t, p, "See who used it").Else = ""
	p.Steps = slices.DeleteFunc(p.Steps, func(s Step) bool { return s.ID == gone })
	doc := written(t, p)
	if _, there := doc["workflow_exception"]; there {
		t.Error("the document still names a step that is gone")
	}
}

func TestACommandIsRewrittenInItsPlace(t *testing.T) {
	p := read(t, file(t, "everything.json"))
	s := step(t, p, "Take the rights away")
	if s.Command != "# openc2-http\nPOST /openc2" {
		t.Fatalf("the command is %q", s.Command)
	}
	s.Command = "# openc2-http\nPOST /other"
	got := written(t, p)["workflow"].(object)[s.ID].(object)["commands"]
	want := []any{object{"type": "openc2-http", "command": "POST /other", "content": `{"action":"deny"}`}}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestWhatPeopleAreToldStandsThereThoughTheStepSaysMore(t *testing.T) {
	p := read(t, file(t, "everything.json"))
	look := step(t, p, "See who used it")
	if look.Description != "Ask every log for the key." || !strings.HasSuffix(look.Command, "# manual\nAsk the owner of the key as well.") {
		t.Errorf("told %q, commands %q", look.Description, look.Command)
	}
	if want := []Case{{"a supplier's", step(t, p, "Call the supplier").ID}, {"default", ""}, {"ours", step(t, p, "Find where it leaked").ID}}; !slices.Equal(step(t, p, "Whose is it?").Cases, want) {
		t.Errorf("the cases are %v", step(t, p, "Whose is it?").Cases)
	}
	if want := []string{"T1552.001", "T1078.004"}; !slices.Equal(p.Techniques, want) {
		t.Errorf("techniques %v, want those of the playbook and of its steps: %v", p.Techniques, want)
	}
	p.Name += "!"
	if refs := written(t, p)["external_references"].([]any); len(refs) != 1 {
		t.Errorf("the technique of a step is now one of the playbook too: %v", refs)
	}
}

// shared is a decision whose branches use a step of a loop, as published playbooks do.
const shared = `{"type": "playbook", "spec_version": "cacao-2.0", "id": "playbook--ea000000-0000-4000-8000-000000000000", "name": "Shared",
"workflow_start": "start--ea000000-0000-4000-8000-000000000001", "workflow": {
"start--ea000000-0000-4000-8000-000000000001": {"type": "start", "on_completion": "if-condition--ea000000-0000-4000-8000-000000000002"},
"if-condition--ea000000-0000-4000-8000-000000000002": {"type": "if-condition", "name": "Bad?", "condition": "a", "on_true": "action--ea000000-0000-4000-8000-000000000004", "on_completion": "while-condition--ea000000-0000-4000-8000-000000000003"},
"while-condition--ea000000-0000-4000-8000-000000000003": {"type": "while-condition", "name": "Still bad?", "condition": "b", "on_true": "action--ea000000-0000-4000-8000-000000000004", "on_completion": "action--ea000000-0000-4000-8000-000000000005"},
"action--ea000000-0000-4000-8000-000000000004": {"type": "action", "name": "Block", "on_completion": "end--ea000000-0000-4000-8000-000000000006"},
"action--ea000000-0000-4000-8000-000000000005": {"type": "action", "name": "Report", "on_completion": "end--ea000000-0000-4000-8000-000000000006"},
"end--ea000000-0000-4000-8000-000000000006": {"type": "end"}}}`

func TestBranchesMayShareAStep(t *testing.T) {
	p := read(t, []byte(shared))
	if !step(t, p, "Block").Shared || step(t, p, "Report").Shared {
		t.Error("a step from which it goes on in two places must say so, and no other")
	}
	p.Steps = append([]Step{{ID: ID("action", "added"), Type: Action, Name: "First", Next: p.Steps[0].ID}}, p.Steps...)
	decision := written(t, p)["workflow"].(object)["if-condition--ea000000-0000-4000-8000-000000000002"].(object)
	if at := decision["on_completion"]; at != "while-condition--ea000000-0000-4000-8000-000000000003" {
		t.Errorf("after the decision it goes on at %v", at)
	}
}

func TestAnAgentThatNobodyDefinedIsNoReasonToRefuse(t *testing.T) {
	data := strings.ReplaceAll(string(file(t, "everything.json")), `"agent_definitions"`, `"agents"`)
	p := read(t, []byte(data))
	if s := step(t, p, "Call the supplier"); s.Role != "" {
		t.Errorf("the role is %q", s.Role)
	}
	p.Name += "!"
	if got := written(t, p)["workflow"].(object)[step(t, p, "Call the supplier").ID].(object)["agent"]; got != "organization--e5000000-0000-4000-8000-000000000005" {
		t.Errorf("its agent is now %v", got)
	}
}

// Whatever a document holds beside what we know: it is there after a change of words,
// and of the ways.
func TestWhatWeDoNotKnowSurvivesEveryChange(t *testing.T) {
	base := file(t, "everything.json")
	rapid.Check(t, func(rt *rapid.T) {
		doc := tree(t, base)
		strange := strangers(rt, doc)
		data, err := json.Marshal(doc)
		if err != nil {
			rt.Fatal(err)
		}
		p, err := Read(data)
		if err != nil {
			rt.Fatal(err)
		}
		if same, err := Write(p); err != nil || string(same) != string(data) {
			rt.Fatalf("unchanged, and yet it is another document: %v", err)
		}
		p.Name += "!"
		if rapid.Bool().Draw(rt, "words") {
			p.Steps[rapid.IntRange(0, len(p.Steps)-2).Draw(rt, "step")].Description += " And hurry."
		}
		if rapid.Bool().Draw(rt, "ways") {
			add := Step{ID: ID("action", "added"), Type: Action, Name: "First of all", Description: "Breathe.", Next: p.Steps[0].ID}
			p.Steps = append([]Step{add}, p.Steps...)
		}
		after := written(t, p)
		for _, path := range strange {
			want, got := at(doc, path), at(after, path)
			if d := cmp.Diff(want, got); d != "" {
				rt.Fatalf("%s (-want +got):\n%s", strings.Join(path, " / "), d)
			}
		}
		again, err := Read(must(json.Marshal(after)))
		if err != nil {
			rt.Fatalf("what was written cannot be read: %v", err)
		}
		if d := cmp.Diff(lines(p), lines(again)); d != "" {
			rt.Fatalf("the ways changed (-want +got):\n%s", d)
		}
	})
}

// strangers puts properties that nobody knows into objects all over a document.
func strangers(rt *rapid.T, doc object) (paths [][]string) {
	var places [][]string
	var walk func(o object, path []string)
	walk = func(o object, path []string) {
		places = append(places, path)
		for _, name := range sortedNames(o) {
			if c, ok := o[name].(object); ok && !holdsOnlyReferences(name) {
				walk(c, append(slices.Clone(path), name))
			}
		}
	}
	walk(doc, nil)
	for i := range rapid.IntRange(1, 12).Draw(rt, "strangers") {
		path := rapid.SampledFrom(places).Draw(rt, "place")
		name := fmt.Sprintf("x_%d", i)
		if len(path) == 1 && path[0] == "workflow" {
			continue // everything in there is a step
		}
		at(doc, path).(object)[name] = value(rt, 3)
		paths = append(paths, append(slices.Clone(path), name))
	}
	return paths
}

// holdsOnlyReferences tells whether every value of the object is the id of a step.
func holdsOnlyReferences(name string) bool { return name == "cases" }

func sortedNames(o object) []string {
	names := make([]string, 0, len(o))
	for name := range o {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func at(v any, path []string) any {
	for _, name := range path {
		o, _ := v.(object)
		v = o[name]
	}
	return v
}

// value is any JSON, with numbers that no float holds.
func value(rt *rapid.T, depth int) any {
	switch n := rapid.IntRange(0, 6).Draw(rt, "sort"); {
	case n == 0:
		return rapid.Bool().Draw(rt, "bool")
	case n == 1:
		return json.Number(rapid.StringMatching(`-?[1-9][0-9]{0,30}(\.[0-9]{1,9})?`).Draw(rt, "number"))
	case n == 2:
		return nil
	case n == 3 && depth > 0:
		list := []any{}
		for range rapid.IntRange(0, 3).Draw(rt, "items") {
			list = append(list, value(rt, depth-1))
		}
		return list
	case n == 4 && depth > 0:
		o := object{}
		for range rapid.IntRange(0, 3).Draw(rt, "names") {
			o[rapid.StringN(1, 8, -1).Draw(rt, "name")] = value(rt, depth-1)
		}
		return o
	}
	return rapid.StringN(0, 20, -1).Draw(rt, "text")
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

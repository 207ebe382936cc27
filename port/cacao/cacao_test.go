package cacao

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func file(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func read(t testing.TB, data []byte) *Playbook {
	t.Helper()
	p, err := Read(data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// line is a step with where it leads, by names.
func lines(p *Playbook) []string {
	name := map[string]string{"": "-"}
	for _, s := range p.Steps {
		name[s.ID] = s.Name
	}
	var out []string
	for _, s := range p.Steps {
		text := s.Name + " → " + name[s.Next]
		if s.Else != "" {
			text += " / " + name[s.Else]
		}
		for _, b := range s.Branches {
			text += " | " + name[b]
		}
		out = append(out, text)
	}
	return out
}

func TestStepsStandInTheOrderInWhichPeopleFollowThem(t *testing.T) {
	for name, want := range map[string][]string{
		"branches.json": {
			"Look up the address → Known to be bad?",
			"Known to be bad? → At the same time / Watch it for a day",
			"At the same time → Malware | Block the address | Isolate the host",
			"Block the address → Malware",
			"Isolate the host → Malware",
			"Malware → Write it down",
			"Watch it for a day → Write it down",
			"Write it down → -",
		},
		"everything.json": {
			"See who used it → Was it used? / Call somebody awake",
			"Call somebody awake → End of the playbook",
			"Was it used? → Stop it everywhere / Give it a new one",
			"Stop it everywhere → Until it is quiet | Take the rights away | Machines started? | Tell the people concerned",
			"Take the rights away → Until it is quiet",
			"Machines started? → Stop the machines / Until it is quiet",
			"Stop the machines → Until it is quiet",
			"Tell the people concerned → Until it is quiet",
			"Give it a new one → Until it is quiet",
			"Until it is quiet → Look again / Whose is it?",
			"Look again → Whose is it?",
			"Whose is it? → End of the playbook | Call the supplier | Find where it leaked",
			"Call the supplier → End of the playbook",
			"Find where it leaked → End of the playbook",
			"End of the playbook → -",
		},
		"legacy.json": {
			"Still there? → Ask again / How bad?",
			"Ask again → Wait",
			"Wait → How bad?",
			"How bad? → End of the playbook | A note | The big one",
			"A note → End of the playbook",
			"The big one → End of the playbook",
			"Nobody comes here → End of the playbook",
			"End of the playbook → -",
		},
	} {
		if d := cmp.Diff(want, lines(read(t, file(t, name)))); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}

func TestWhatADocumentSaysIsRead(t *testing.T) {
	p := read(t, file(t, "branches.json"))
	look, block, isolate := p.Steps[0], p.Steps[3], p.Steps[4]
	if look.Role != "Watch team" || look.Command != "# http-api\nGET /indicators?value=__host__:value" {
		t.Errorf("agent or command: %+v", look)
	}
	if block.Command != "nft add element inet filter bad { 192.0.2.7 }" {
		t.Errorf("an encoded command is %q", block.Command)
	}
	if isolate.Description != "Ask the owner, then isolate it." || isolate.Command != "" {
		t.Errorf("a manual command is what people are told: %+v", isolate)
	}
	if !p.Signed || p.Severity != 70 || !slices.Equal(p.Techniques, []string{"T1071"}) || p.Created.Year() != 2026 {
		t.Errorf("head: %+v", p)
	}
}

func TestAnUnchangedDocumentComesBackByteByByte(t *testing.T) {
	for _, name := range []string{"branches.json", "legacy.json", "everything.json"} {
		data := file(t, name)
		got, err := Write(read(t, data))
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("%s: %v, equal %t", name, err, bytes.Equal(got, data))
		}
	}
}

// tree is a document with numbers as they stand.
func tree(t *testing.T, data []byte) map[string]any {
	t.Helper()
	doc, err := decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestAChangeLeavesAloneWhatWeDoNotKnow(t *testing.T) {
	data := file(t, "branches.json")
	p := read(t, data)
	p.Name, p.Modified = "Renamed", time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	p.Steps[3].Description = "Mind the shared address."
	out, err := Write(p)
	if !errors.Is(err, ErrSignature) {
		t.Errorf("a changed signed document must say so: %v", err)
	}
	want := tree(t, data)
	want["name"], want["modified"] = "Renamed", "2026-05-01T00:00:00.000Z"
	step := want["workflow"].(map[string]any)[p.Steps[3].ID].(map[string]any)
	step["description"] = "Mind the shared address."
	if d := cmp.Diff(want, tree(t, out)); d != "" {
		t.Errorf("more changed than was changed (-want +got):\n%s", d)
	}
	if d := cmp.Diff(lines(read(t, data))[1:], lines(read(t, out))[1:]); d != "" {
		t.Errorf("the ways changed: %s", d)
	}
}

func TestAStepThatIsAddedFindsItsWay(t *testing.T) {
	p := read(t, file(t, "branches.json"))
	add := Step{ID: ID("action", "new"), Type: Action, Name: "Thank the reporter", Description: "Say thanks.", Role: "Spokesperson", Next: p.Steps[0].ID}
	p.Steps = append([]Step{add}, p.Steps...)
	out, err := Write(p)
	if err != nil && !errors.Is(err, ErrSignature) {
		t.Fatal(err)
	}
	got := read(t, out)
	if d := cmp.Diff(lines(p), lines(got)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got.Steps[0].Role != "Spokesperson" || !strings.Contains(string(out), `"timeout": 90000`) || !strings.Contains(string(out), "12345678901234567890") {
		t.Error("the agent of the new step or an unknown property of an old one is gone")
	}
}

func TestAnOldDocumentThatWasChangedIsWrittenInTheVersionOfToday(t *testing.T) {
	p := read(t, file(t, "legacy.json"))
	p.Name = "A newer one"
	out, err := Write(p)
	if err != nil {
		t.Fatal(err)
	}
	got := read(t, out)
	if got.Spec != "cacao-2.0" {
		t.Errorf("spec %s", got.Spec)
	}
	if d := cmp.Diff(lines(p), lines(got)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestAHostileDocumentIsRefusedWithItsPlace(t *testing.T) {
	valid := string(file(t, "branches.json"))
	swap := func(old, text string) string {
		t.Helper()
		if !strings.Contains(valid, old) {
			t.Fatalf("%q does not stand there", old)
		}
		return strings.Replace(valid, old, text, 1)
	}
	many := func(n int) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, `"action--%08d-0000-4000-8000-000000000000": {"type": "action"},`, i)
		}
		return swap(`"workflow": {`, `"workflow": {`+b.String())
	}
	for name, c := range map[string]struct{ text, want string }{
		"no JSON":                 {"{", "not a playbook in JSON"},
		"nothing":                 {"", "not a playbook in JSON"},
		"a list":                  {"[]", "not a playbook in JSON"},
		"null":                    {"null", "not a CACAO playbook"},
		"two documents":           {valid + valid, "more behind"},
		"another thing":           {`{"type": "bundle"}`, "not a CACAO playbook"},
		"another version":         {swap("cacao-2.0", "cacao-9"), `version "cacao-9"`},
		"an odd id":               {swap(`"id": "playbook--1`, `"id": "../1`), "is not playbook-- and a UUID"},
		"no name":                 {swap(`"name": "A host calls a bad address"`, `"name": " "`), "name is missing"},
		"a circle":                {swap(`"on_completion": "end--00000000-0000-4000-8000-00000000000b",`+"\n"+`      "commands": [{"type": "manual"`, `"on_completion": "action--00000000-0000-4000-8000-000000000002",`+"\n"+`      "commands": [{"type": "manual"`), "in a circle"},
		"a circle of starts":      {swap(`{"type": "start", "on_completion": "action--00000000-0000-4000-8000-000000000002"}`, `{"type": "start", "on_completion": "start--00000000-0000-4000-8000-000000000001"}`), "circle"},
		"a way to nowhere":        {swap(`"on_false": "action--00000000-0000-4000-8000-000000000008"`, `"on_false": "action--no"`), `on_false names "action--no"`},
		"an agent that is text":   {swap(`"organization--44444444-4444-4444-8444-444444444444": {"type": "organization", "name": "Watch team"}`, `"organization--44444444-4444-4444-8444-444444444444": "Watch team"`), "is not an object"},
		"an unknown type":         {swap(`"type": "parallel"`, `"type": "magic"`), `"magic" is no type of step`},
		"no workflow":             {swap(`"workflow": {`, `"werkflow": {`), "there is no workflow"},
		"a step that is a number": {swap(`"workflow": {`, `"workflow": {"x": 5,`), "is not an object"},
		"text that is a list":     {swap(`"description": "Hand`, `"description": ["Hand`) + "", "not a playbook in JSON"},
		"a severity of a million": {swap(`"severity": 70`, `"severity": 1000000`), "ends at 100"},
		"a negative severity":     {swap(`"severity": 70`, `"severity": -1`), "severity is not a whole number"},
		"half a severity":         {swap(`"severity": 70`, `"severity": 0.5`), "severity is not a whole number"},
		"a day that is none":      {swap(`"created": "2026-01-02T03:04:05.678Z"`, `"created": "soon"`), `created is "soon"`},
		"too many steps":          {many(1001), "can be followed"},
		"too deep":                {strings.Repeat("[", 1<<16), "nested deeper"},
		"too large":               {strings.Repeat(" ", MaxFile+1), "larger than"},
		"a very long text":        {swap(`Hand-written`, strings.Repeat("long ", 50_000)), "description is longer"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Read([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("must be refused with %q, is %v", c.want, err)
			}
		})
	}
}

func TestAThousandStepsOneAfterAnotherAreRead(t *testing.T) {
	flow := map[string]any{"start--00000000-0000-4000-8000-000000000000": map[string]any{"type": "start", "on_completion": ID("action", "0")}}
	for i := range 998 {
		flow[ID("action", fmt.Sprint(i))] = map[string]any{"type": "action", "name": fmt.Sprint(i), "on_completion": ID("action", fmt.Sprint(i+1))}
	}
	flow[ID("action", "998")] = map[string]any{"type": "end"}
	doc := map[string]any{"type": "playbook", "spec_version": "cacao-2.0", "id": ID("playbook", "long"), "name": "Long", "workflow_start": "start--00000000-0000-4000-8000-000000000000", "workflow": flow}
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	p := read(t, data)
	if len(p.Steps) != 998 || p.Steps[997].Name != "997" {
		t.Errorf("%d steps, last %q", len(p.Steps), p.Steps[len(p.Steps)-1].Name)
	}
}

func TestNamesGiveTheSameIdentifierOnEveryMachine(t *testing.T) {
	const want = "playbook--" // and the name-based UUID of ransomware
	a, b := ID("playbook", "ransomware"), ID("playbook", "ransomware")
	if a != b || !strings.HasPrefix(a, want) || !Identifier(a) || a[24] != '5' {
		t.Errorf("%s and %s", a, b)
	}
	if ID("playbook", "x") == ID("action", "x") || Identifier("playbook--zz") {
		t.Error("different things have one identifier, or a wrong one is taken")
	}
}

// Whatever comes: no panic; what is read comes back unchanged; and a change of the
// name leaves the steps as they are.
func FuzzRead(f *testing.F) {
	for _, name := range []string{"branches.json", "legacy.json", "everything.json"} {
		f.Add(file(f, name))
	}
	f.Add([]byte(`{"type":"playbook","spec_version":"cacao-2.0","id":"playbook--11111111-1111-4111-8111-111111111111","name":"x","workflow_start":"a","workflow":{"a":{"type":"start"}}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := Read(data)
		if err != nil {
			return
		}
		same, err := Write(p)
		if err != nil || !bytes.Equal(same, data) {
			t.Fatalf("unchanged, and yet: %v", err)
		}
		if p.Spec != "cacao-2.0" {
			return
		}
		p.Name += "!"
		out, err := Write(p)
		if err != nil && !errors.Is(err, ErrSignature) {
			t.Fatal(err)
		}
		again, err := Read(out)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v\n%s", err, out)
		}
		if d := cmp.Diff(lines(p), lines(again)); d != "" {
			t.Fatalf("the ways changed:\n%s", d)
		}
	})
}

package cli

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"holdfast/isms"
	"holdfast/kind"
	"holdfast/testkit"
)

func TestATerminalIsNotCommandedByNamesFromStrangers(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "plain", "\x1b[2J\x1b]0;owned\x07x": "[2J]0;ownedx", "a\tb": "a b", "\u202eexe.txt": "exe.txt", "\u009b31m": "31m", "漢 é": "漢 é",
	} {
		if got := printable(text); got != want {
			t.Errorf("%q is printed as %q, want %q", text, got, want)
		}
	}
	var b bytes.Buffer
	tab := table{head: []string{"A", "B"}}
	tab.add("\x1b[31m"+strings.Repeat("x", 80), "y")
	if err := tab.write(&b); err != nil {
		t.Fatal(err)
	}
	if strings.ContainsRune(b.String(), 0x1b) || !strings.Contains(b.String(), "…  y") {
		t.Errorf("printed %q", b.String())
	}
}

func TestFiltersAreReadAsWritten(t *testing.T) {
	for text, want := range map[string]kind.Filter{
		"status=open":          {Field: "status", Op: kind.Is, Values: []string{"open"}},
		"status=open,accepted": {Field: "status", Op: kind.Is, Values: []string{"open", "accepted"}},
		"status!=closed":       {Field: "status", Op: kind.Not, Values: []string{"closed"}},
		"title~a=b<c":          {Field: "title", Op: kind.Contains, Values: []string{"a=b<c"}},
		"loss_now>=1000":       {Field: "loss_now", Op: kind.AtLeast, Values: []string{"1000"}},
		"loss_now<1000":        {Field: "loss_now", Op: kind.Less, Values: []string{"1000"}},
		"owner_id=":            {Field: "owner_id", Op: kind.Empty, Values: []string{"true"}},
		"owner_id!=":           {Field: "owner_id", Op: kind.Empty, Values: []string{"false"}},
	} {
		got, err := filterOf(isms.Risks, text)
		if err != nil || got.Field != want.Field || got.Op != want.Op || strings.Join(got.Values, "|") != strings.Join(want.Values, "|") {
			t.Errorf("%s: %+v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "status", "=open", "statsu=open", "password_hash=x"} {
		if _, err := filterOf(isms.People, text); !isSlip(err) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// run calls the program without a place for records.
func run(args ...string) (status int, out, err string) {
	var o, e bytes.Buffer
	status = Run(context.Background(), Deps{Args: args, Env: func(string) string { return "" }, In: strings.NewReader(""), Out: &o, Err: &e, Now: testkit.NewClock().Now, Version: "test"})
	return status, o.String(), e.String()
}

func TestEveryCommandOfEveryKindHasHelpWithAnExample(t *testing.T) {
	for _, k := range isms.Kinds {
		for _, name := range []string{dashed(k.Name), k.Name, k.Plural} {
			status, out, err := run(name, "--help")
			if status != OK || !strings.Contains(out, "Examples:") || !strings.Contains(out, "list") || err != "" {
				t.Errorf("%s --help: %d %s %s", name, status, out, err)
			}
		}
		for _, verb := range []string{"list", "get", "set", "new", "delete", "restore", "history", "link", "unlink", "links", "fields"} {
			if status, out, _ := run(dashed(k.Name), verb, "--help"); status != OK || !strings.Contains(out, "Examples:") {
				t.Errorf("%s %s --help: %d %s", k.Name, verb, status, out)
			}
		}
	}
}

func TestNoKindHidesACommandOfTheProgram(t *testing.T) {
	for _, name := range []string{"demo", "serve", "scan", "verify", "doctor", "report", "export", "import", "apply", "search", "version", "completion", "kinds", "help"} {
		if k := isms.Registry.Named(name); k != nil {
			t.Errorf("the kind %s is called like a command", k.Name)
		}
		if status, _, err := run(name, "--help"); status != OK {
			t.Errorf("%s --help: %d %s", name, status, err)
		}
	}
}

package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"holdfast/engine"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
)

const module = "../.."

func TestEveryGeneratedFileIsWhatTheCodeSays(t *testing.T) {
	if err := verify(module); err != nil {
		t.Error(err)
	}
}

func TestThePageOfKindsLeavesOutNoKindFieldActionOrLink(t *testing.T) {
	text := string(kindsPage(isms.Registry))
	for _, k := range isms.Registry.All() {
		_, section, found := strings.Cut(text, "\n### "+k.Name+"\n")
		if !found {
			t.Errorf("%s is missing", k.Name)
			continue
		}
		section, _, _ = strings.Cut(section, "\n### ")
		for _, f := range k.Fields[baseFields(isms.Registry):] {
			if !strings.Contains(section, "| `"+f.Name+"` |") {
				t.Errorf("%s: the field %s is missing", k.Name, f.Name)
			}
		}
		for _, a := range k.Actions {
			if !strings.Contains(section, "| `"+a.Name+"`: ") {
				t.Errorf("%s: the action %s is missing", k.Name, a.Name)
			}
		}
		for _, r := range isms.Registry.Relations(k) {
			if !strings.Contains(section, "- "+r.Name+" "+anchor(r.Other.Name)) {
				t.Errorf("%s: the link %q is missing", k.Name, r.Name)
			}
		}
	}
}

func TestThePageOfChecksLeavesOutNoCheck(t *testing.T) {
	text := string(checksPage(flow.KnownChecks()))
	for _, c := range flow.KnownChecks() {
		if strings.Count(text, "\n### "+c.ID+"\n") != 1 {
			t.Errorf("%s does not stand there once", c.ID)
		}
	}
}

func TestTextOfARecordTypeOrACheckCannotBreakThePage(t *testing.T) {
	type thing struct {
		kind.Base
		Odd string `json:"odd" doc:"one | two <script>"`
	}
	k := kind.Of("thing", kind.Spec[thing]{Group: kind.Govern, Doc: "A <b>thing</b>."})
	check := engine.Check{ID: "x", Title: "<img>.", Why: "<b>", Fix: "f", Topic: "files"}
	text := string(kindsPage(kind.NewRegistry(k))) + string(checksPage([]engine.Check{check}))
	text = strings.ReplaceAll(text, notice, "")
	for _, bad := range []string{"<script", "<b>", "<img", "one | two"} {
		if strings.Contains(text, bad) {
			t.Errorf("%q stands in the page as it is", bad)
		}
	}
}

// moduleWith makes a folder with the given files, and the pages as they should be.
func moduleWith(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "docs"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := write(root); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestAStalePageOrTemplateIsNotPassedOver(t *testing.T) {
	const hello = "package p\n\ntempl Hello() {\n\t<p>Hello</p>\n}\n"
	scratch := filepath.Join(t.TempDir(), "hello.templ")
	if err := os.WriteFile(scratch, []byte(hello), 0o644); err != nil {
		t.Fatal(err)
	}
	made, err := generate(scratch)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		files map[string]string
		want  string // part of the error; empty: all is current
	}{
		"all current":            {nil, ""},
		"template current":       {map[string]string{"hello.templ": hello, "hello_templ.go": string(made)}, ""},
		"page changed by hand":   {map[string]string{"docs/kinds.md": "# Record types\n\nby hand\n"}, "docs/kinds.md:3"},
		"template not generated": {map[string]string{"hello.templ": hello}, "hello.templ"},
		"template changed later": {map[string]string{"hello.templ": strings.ReplaceAll(hello, "Hello<", "Bye<"), "hello_templ.go": string(made)}, "is not what hello.templ says"},
		"template that is wrong": {map[string]string{"hello.templ": "package p\n\ntempl Hello( {\n", "hello_templ.go": string(made)}, "hello.templ"},
	} {
		t.Run(name, func(t *testing.T) {
			err := verify(moduleWith(t, test.files))
			switch {
			case test.want == "" && err != nil:
				t.Errorf("unexpected: %v", err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error %v does not name %q", err, test.want)
			}
		})
	}
}

func TestAMissingPageIsStale(t *testing.T) {
	root := moduleWith(t, nil)
	if err := os.Remove(filepath.Join(root, "docs", "checks.md")); err != nil {
		t.Fatal(err)
	}
	if err := verify(root); err == nil || !strings.Contains(err.Error(), "docs/checks.md") {
		t.Errorf("the missing page was passed over: %v", err)
	}
}

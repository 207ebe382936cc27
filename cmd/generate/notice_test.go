package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestTheNoticeNamesEveryModuleThatIsLinkedIntoTheProgram(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(module, "NOTICE"))
	if err != nil {
		t.Fatal(err)
	}
	list := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./cmd/holdfast")
	list.Dir = module
	out, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	linked := strings.Fields(string(out))
	slices.Sort(linked)
	linked = slices.Compact(linked)
	if len(linked) < 10 {
		t.Fatalf("only %d modules: %v", len(linked), linked)
	}
	named := strings.Fields(string(text))
	for _, m := range linked {
		if m != "holdfast" && !slices.Contains(named, m) {
			t.Errorf("NOTICE does not name %s: look up its licence and add it", m)
		}
	}
}

// Command generate writes the pages of docs/ that are made from the code: the
// record types and the configuration checks. With -check it writes nothing and
// fails when a page, or a file made from a .templ file, is not what the code says
// today. Run it through "make gen" and "make check".
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"holdfast/flow"
	"holdfast/isms"
)

func main() {
	check := flag.Bool("check", false, "write nothing; fail when a generated file is stale")
	root := flag.String("root", ".", "folder of the module")
	flag.Parse()
	do := write
	if *check {
		do = verify
	}
	if err := do(*root); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A page is a generated file with its path below the module.
type page struct {
	path string
	text []byte
}

// pages are all generated pages, as they should be now.
func pages() []page {
	return []page{
		{"docs/kinds.md", kindsPage(isms.Registry)},
		{"docs/checks.md", checksPage(flow.KnownChecks())},
	}
}

func write(root string) error {
	for _, p := range pages() {
		if err := os.WriteFile(filepath.Join(root, filepath.FromSlash(p.path)), p.text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// verify returns one error for each stale file, or nil.
func verify(root string) error {
	var stale []error
	for _, p := range pages() {
		have, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(p.path)))
		if err != nil {
			stale = append(stale, fmt.Errorf("%s: %w: run make gen", p.path, err))
			continue
		}
		if line := firstDifference(have, p.text); line > 0 {
			stale = append(stale, fmt.Errorf("%s:%d: is not what the code says: run make gen", p.path, line))
		}
	}
	return errors.Join(append(stale, staleTemplates(root))...)
}

package main

import (
	"bytes"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/a-h/templ/generator"
	parser "github.com/a-h/templ/parser/v2"
)

// staleTemplates tells of every .templ file whose Go code is missing or is not
// what the generator makes of it now. The generator is the one of go.mod, so it
// always fits the library that the pages use.
func staleTemplates(root string) error {
	var stale []error
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && path != root && (d.Name() == "node_modules" || strings.HasPrefix(d.Name(), ".")) {
			return filepath.SkipDir
		}
		if !d.IsDir() && strings.HasSuffix(path, ".templ") {
			stale = append(stale, staleTemplate(path))
		}
		return nil
	})
	return errors.Join(append(stale, err)...)
}

func staleTemplate(path string) error {
	made := strings.TrimSuffix(path, ".templ") + "_templ.go"
	have, err := os.ReadFile(made)
	if err != nil {
		return fmt.Errorf("%s: %w: run make gen", path, err)
	}
	want, err := generate(path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if !bytes.Equal(substance(have), substance(want)) {
		return fmt.Errorf("%s: is not what %s says: run make gen", made, filepath.Base(path))
	}
	return nil
}

// generate makes the Go code of a .templ file as the command of templ does.
func generate(path string) ([]byte, error) {
	file, err := parser.Parse(path)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := generator.Generate(file, &b); err != nil {
		return nil, err
	}
	return format.Source(b.Bytes())
}

// told is where the generated code names its source in error messages, and the
// version of the generator in its first lines.
var told = regexp.MustCompile("FileName: `[^`]*`|// templ: version: [^\n]*\n")

// substance leaves out what depends on the folder in which the generator ran and
// on how it was built, and not on the template.
func substance(text []byte) []byte { return told.ReplaceAll(text, nil) }

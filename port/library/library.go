// Package library reads other people's frameworks and the relations between them into
// those of our catalogue: OSCAL catalogues, profiles and mapping collections, the
// libraries of CISO Assistant (YAML and XLSX), tables (CSV and XLSX), and the JSON of
// OWASP ASVS, Probo and CycloneDX standards.
//
// What is read is theirs: texts are taken as they stand. Nothing is fetched, nothing
// is written, and every input is bounded.
package library

import (
	"archive/zip"
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"holdfast/catalog"
	"holdfast/kind"
)

// Limits on what is read.
const (
	MaxFile         = 32 << 20 // bytes of one file, unpacked
	MaxFiles        = 64       // in an archive
	MaxRequirements = 20_000   // of one framework
	MaxPairs        = 200_000  // of one mapping
	maxText         = 20_000   // bytes of one text
	maxCode         = 100      // bytes of one number of a requirement
)

// A Library is what one file, or several that belong together, brings.
type Library struct {
	Format     string              `json:"format"` // in words: "OSCAL catalogue"
	Title      string              `json:"title"`
	Frameworks []catalog.Framework `json:"frameworks"`
	Mappings   []catalog.Mapping   `json:"mappings"`
	Measures   []Measure           `json:"measures"` // reference controls: how others meet requirements
	Notes      []string            `json:"notes"`    // what was left out, and what was understood how
}

// A Measure is a reference control: what a library proposes to do.
type Measure struct {
	Code  string `json:"code"`
	Title string `json:"title"`
	Text  string `json:"text"`
	Sort  string `json:"sort"` // policy, process, technical, physical, …
}

// A File is one file in memory.
type File struct {
	Name string
	Data []byte
}

// Read reads one file, whatever its format; an archive (.zip) may hold several that
// belong together, a compressed one (.gz) is unpacked. A file that cannot be
// understood is an Invalid error with file, place and remedy.
func Read(name string, r io.Reader) (Library, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return Library{}, fmt.Errorf("%s: %w", name, err)
	}
	return ReadFiles(File{name, data})
}

// ReadFiles reads files that belong together, as a profile and the catalogue on which
// it builds.
func ReadFiles(files ...File) (Library, error) {
	var all []File
	for _, f := range files {
		more, err := unpack(f)
		if err != nil {
			return Library{}, err
		}
		all = append(all, more...)
	}
	switch {
	case len(all) == 0:
		return Library{}, bad("", "", "there is no file to read")
	case len(all) > MaxFiles:
		return Library{}, kind.Errorf(kind.TooLarge, "more than %d files; give those that belong together", MaxFiles)
	}
	return readAll(all)
}

// unpack opens what is compressed.
func unpack(f File) ([]File, error) {
	switch {
	case len(f.Data) > MaxFile:
		return nil, tooLarge(f.Name)
	case bytes.HasPrefix(f.Data, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(bytes.NewReader(f.Data))
		if err != nil {
			return nil, bad(f.Name, "", "is not a compressed file: %v", err)
		}
		data, err := bounded(f.Name, z)
		return []File{{strings.TrimSuffix(f.Name, ".gz"), data}}, err
	case bytes.HasPrefix(f.Data, []byte("PK\x03\x04")) && !isWorkbook(f):
		return unzip(f)
	}
	return []File{f}, nil
}

func bounded(name string, r io.Reader) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxFile+1))
	if err != nil {
		return nil, bad(name, "", "cannot be unpacked: %v", err)
	}
	if len(data) > MaxFile {
		return nil, tooLarge(name)
	}
	return data, nil
}

// isWorkbook says whether an archive is an XLSX file.
func isWorkbook(f File) bool {
	z, err := zip.NewReader(bytes.NewReader(f.Data), int64(len(f.Data)))
	return err == nil && slices.ContainsFunc(z.File, func(e *zip.File) bool { return e.Name == "xl/workbook.xml" })
}

func unzip(f File) ([]File, error) {
	z, err := zip.NewReader(bytes.NewReader(f.Data), int64(len(f.Data)))
	if err != nil {
		return nil, bad(f.Name, "", "is not a whole archive: %v", err)
	}
	var files []File
	total := 0
	for _, e := range z.File {
		if e.FileInfo().IsDir() || strings.HasPrefix(path.Base(e.Name), ".") || !known(e.Name) {
			continue
		}
		if len(files) == MaxFiles {
			return nil, kind.Errorf(kind.TooLarge, "%s: more than %d files; pack those that belong together", f.Name, MaxFiles)
		}
		r, err := e.Open()
		if err != nil {
			return nil, bad(e.Name, "", "cannot be unpacked: %v", err)
		}
		data, err := bounded(e.Name, r)
		r.Close() //nolint:errcheck // it was only read
		if err != nil {
			return nil, err
		}
		if total += len(data); total > 2*MaxFile {
			return nil, tooLarge(f.Name)
		}
		inner := []File{{e.Name, data}}
		if bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
			if inner, err = unpack(inner[0]); err != nil {
				return nil, err
			}
			total += len(inner[0].Data)
		}
		files = append(files, inner...)
	}
	if len(files) == 0 {
		return nil, bad(f.Name, "", "the archive holds no .json, .xml, .yaml, .csv or .xlsx file")
	}
	return files, nil
}

func known(name string) bool {
	return slices.Contains([]string{".json", ".xml", ".yaml", ".yml", ".csv", ".tsv", ".txt", ".xlsx", ".gz"}, strings.ToLower(path.Ext(name)))
}

// readAll reads files: those of OSCAL together, the others each for itself.
func readAll(files []File) (Library, error) {
	var out Library
	var oscals []File
	for _, f := range files {
		format, read := sniff(f)
		if read == nil {
			if format == "" {
				format = "none of the formats that are read: OSCAL (JSON, XML), CISO Assistant (YAML, XLSX), CSV, CycloneDX, ASVS or Probo (JSON)"
			}
			return Library{}, bad(f.Name, "", "is %s", format)
		}
		if format == formatOSCAL {
			oscals = append(oscals, f)
			continue
		}
		one, err := read(f)
		if err != nil {
			return Library{}, err
		}
		one.Format = format
		out.join(one)
	}
	if len(oscals) > 0 {
		one, err := readOSCAL(oscals)
		if err != nil {
			return Library{}, err
		}
		out.join(one)
	}
	return out, out.settle()
}

// join adds what another library brings.
func (l *Library) join(o Library) {
	if l.Format == "" {
		l.Format = o.Format
	} else if l.Format != o.Format {
		l.Format += ", " + o.Format
	}
	l.Title = cmp.Or(l.Title, o.Title)
	l.Frameworks = append(l.Frameworks, o.Frameworks...)
	l.Mappings = append(l.Mappings, o.Mappings...)
	l.Measures = append(l.Measures, o.Measures...)
	l.Notes = append(l.Notes, o.Notes...)
}

// settle makes identifiers of frameworks unique and those of pairs the ones of the
// frameworks, of this library or of the catalogue that ships.
func (l *Library) settle() error {
	seen := map[string]bool{}
	for i := range l.Frameworks {
		f := &l.Frameworks[i]
		if seen[f.ID] {
			return bad(f.ID, "", "two frameworks have this identifier; import them one by one")
		}
		seen[f.ID] = true
	}
	if len(l.Mappings) == 0 {
		return nil
	}
	shipped, err := catalog.Load()
	if err != nil {
		return err
	}
	for i := range l.Mappings {
		l.settlePairs(&l.Mappings[i], shipped)
	}
	return nil
}

func (l *Library) settlePairs(m *catalog.Mapping, shipped *catalog.Catalog) {
	source, target := l.codes(m.Source, shipped), l.codes(m.Target, shipped)
	for i := range m.Pairs {
		p := &m.Pairs[i]
		p.Source, p.Target = cmp.Or(source[fold(p.Source)], p.Source), cmp.Or(target[fold(p.Target)], p.Target)
	}
}

// codes are the numbers of the requirements of a framework, by their folded form.
func (l *Library) codes(id string, shipped *catalog.Catalog) map[string]string {
	f, _ := shipped.Framework(id)
	for i := range l.Frameworks {
		if l.Frameworks[i].ID == id {
			f = &l.Frameworks[i]
		}
	}
	codes := map[string]string{}
	if f != nil {
		for _, r := range f.Requirements {
			codes[fold(r.ID)] = r.ID
		}
	}
	return codes
}

// fold makes numbers comparable that are written differently: AC-2(1) and ac-2.1.
func fold(code string) string {
	var b strings.Builder
	separated := true
	for _, r := range strings.ToLower(code) {
		if strings.ContainsRune("abcdefghijklmnopqrstuvwxyz0123456789", r) || r >= utf8.RuneSelf {
			b.WriteRune(r)
			separated = false
		} else if !separated {
			b.WriteByte('.')
			separated = true
		}
	}
	return strings.TrimSuffix(b.String(), ".")
}

func tooLarge(name string) error {
	return kind.Errorf(kind.TooLarge, "%s: more than %d MB unpacked; split it", name, MaxFile>>20)
}

// bad makes an Invalid error that names file and place.
func bad(name, place, format string, args ...any) error {
	text := fmt.Sprintf(format, args...)
	for _, s := range []string{place, name} {
		if s != "" {
			text = s + ": " + text
		}
	}
	return kind.Errorf(kind.Invalid, "%s", text)
}

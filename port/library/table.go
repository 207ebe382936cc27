package library

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"holdfast/catalog"
)

// Limits on tables.
const (
	maxColumns  = 200
	headingRows = 20 // in which the headings are looked for
)

// A row is one line of a table with where it stands.
type row struct {
	line  int
	cells []string
}

// readCSV reads a table of requirements. Columns are parted by a comma, a semicolon
// or a tab; what they hold is learnt from the headings.
func readCSV(f File) (Library, error) {
	data := bytes.TrimPrefix(f.Data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return Library{}, bad(f.Name, "", "is not text in UTF-8; save it as “CSV UTF-8”")
	}
	rd := csv.NewReader(bytes.NewReader(data))
	rd.Comma, rd.FieldsPerRecord, rd.LazyQuotes = separator(data), -1, false
	var rows []row
	for {
		cells, err := rd.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			var p *csv.ParseError
			if errors.As(err, &p) {
				return Library{}, bad(f.Name, fmt.Sprintf("line %d", p.Line), "this is not CSV: %v", p.Err)
			}
			return Library{}, bad(f.Name, "", "%v", err)
		}
		line, _ := rd.FieldPos(0)
		if rows = append(rows, row{line, cells}); len(rows) > 2*MaxRequirements || len(cells) > maxColumns {
			return Library{}, bad(f.Name, fmt.Sprintf("line %d", line), "a table has at most %d rows and %d columns; split it", 2*MaxRequirements, maxColumns)
		}
	}
	return readTable(f.Name, rows)
}

// separator is the one that the first line uses most.
func separator(data []byte) rune {
	line, _, _ := bytes.Cut(data, []byte("\n"))
	best := ','
	for _, c := range ";\t" {
		if bytes.Count(line, []byte(string(c))) > bytes.Count(line, []byte(string(best))) {
			best = c
		}
	}
	return best
}

// columns are what a table may tell, with the headings that people give it, folded.
var columns = []struct {
	name     string
	headings []string
}{
	{"code", []string{"code", "req.id", "requirement.id", "control.id", "controlid", "ref.id", "refid", "id", "ref", "reference", "identifier", "number", "no", "nr", "shortcode", "clause", "article", "control.number", "requirement.number", "control", "section.number", "nummer", "kennung", "item"}},
	{"title", []string{"title", "name", "control.name", "control.title", "requirement.title", "requirement.name", "short.name", "heading", "subject", "titel", "bezeichnung"}},
	{"text", []string{"text", "req.description", "description", "requirement", "requirement.text", "control.text", "control.description", "statement", "content", "details", "asks", "what.it.demands", "verification.requirement", "beschreibung", "anforderung"}},
	{"parent", []string{"parent", "parent.id", "parent.code", "in", "part.of", "parent.ref.id"}},
	{"chapter", []string{"chapter.id", "chapter", "domain", "category", "function", "theme", "kapitel"}},
	{"chapter.name", []string{"chapter.name", "chapter.title", "domain.name", "category.name"}},
	{"section", []string{"section.id", "section", "subcategory", "area"}},
	{"section.name", []string{"section.name", "section.title", "area.name"}},
	{"guidance", []string{"guidance", "implementation.guidance", "annotation", "notes", "discussion", "hinweise"}},
	{"proof", []string{"proof", "evidence", "typical.evidence", "evidence.examples", "nachweis"}},
	{"tier", []string{"l", "level", "tier", "implementation.group", "implementation.groups", "ig", "stufe"}},
	{"assessable", []string{"assessable"}},
	{"depth", []string{"depth"}},
	{"optional", []string{"optional"}},
}

// A table is rows whose columns are understood.
type table struct {
	file  string
	at    map[string]int
	rows  []row
	stack []string // of chapters by depth, where a table has depths
}

// readTable makes a framework of rows.
func readTable(file string, rows []row) (Library, error) {
	t, err := learn(file, rows)
	if err != nil {
		return Library{}, err
	}
	name := strings.TrimSuffix(path.Base(strings.ReplaceAll(file, `\`, "/")), path.Ext(file))
	b := newBuilder(file, catalog.Framework{ID: name, Title: titled(name)})
	parents := t.parents()
	for _, r := range t.rows {
		if err := t.add(b, r, parents); err != nil {
			return Library{}, err
		}
	}
	out, err := single(b)
	if err != nil {
		return out, err
	}
	var understood []string
	for _, c := range columns {
		if i, ok := t.at[c.name]; ok {
			understood = append(understood, fmt.Sprintf("%s from column %d", strings.ReplaceAll(c.name, ".", " "), i+1))
		}
	}
	out.Notes = append(out.Notes, "Understood of the table: "+strings.Join(understood, ", ")+".")
	return out, nil
}

// titled makes a title of the name of a file.
func titled(name string) string {
	title := []rune(strings.TrimSpace(strings.NewReplacer("_", " ", "-", " ").Replace(name)))
	if len(title) > 0 {
		title[0] = unicode.ToUpper(title[0])
	}
	return string(title)
}

// learn finds the row of headings: the first one that names a number of requirements
// and a title or text.
func learn(file string, rows []row) (*table, error) {
	for i, r := range rows[:min(len(rows), headingRows)] {
		at := map[string]int{}
		for _, c := range columns {
			for _, h := range c.headings {
				j := slices.IndexFunc(r.cells, func(cell string) bool { return fold(cell) == h })
				if j >= 0 && !slices.Contains(mapValues(at), j) {
					at[c.name] = j
					break
				}
			}
		}
		_, code := at["code"]
		_, title := at["title"]
		_, text := at["text"]
		if code && (title || text) {
			return &table{file: file, at: at, rows: rows[i+1:]}, nil
		}
	}
	return nil, bad(file, "line 1", "no row of headings was found; name the columns code, title, text and, if there is one, parent")
}

func mapValues(m map[string]int) []int {
	var list []int
	for _, v := range m {
		list = append(list, v)
	}
	return list
}

func (t *table) cell(r row, name string) string {
	i, ok := t.at[name]
	if !ok || i >= len(r.cells) {
		return ""
	}
	s := strings.TrimSpace(r.cells[i])
	if rest, guarded := strings.CutPrefix(s, "'"); guarded && rest != "" && strings.ContainsRune("=+-@", rune(rest[0])) {
		return rest // an apostrophe guards what would be a formula
	}
	return s
}

// parents are the numbers that stand in the column of parents.
func (t *table) parents() map[string]bool {
	all := map[string]bool{}
	for _, r := range t.rows {
		all[oneLine(t.cell(r, "parent"))] = true
	}
	return all
}

func (t *table) add(b *builder, r row, parents map[string]bool) error {
	if !slices.ContainsFunc(r.cells, func(c string) bool { return strings.TrimSpace(c) != "" }) {
		return nil
	}
	place := fmt.Sprintf("line %d", r.line)
	req := catalog.Requirement{
		ID: t.cell(r, "code"), Title: t.cell(r, "title"), Asks: t.cell(r, "text"), In: oneLine(t.cell(r, "parent")),
		Guidance: t.cell(r, "guidance"), Proof: t.cell(r, "proof"), Tier: t.cell(r, "tier"), Optional: isYes(t.cell(r, "optional")),
	}
	if req.ID == "" {
		return bad(t.file, place, "the column of numbers (column %d) is empty; every requirement needs its own", t.at["code"]+1)
	}
	req.Chapter = parents[oneLine(req.ID)] && req.Asks == ""
	if _, ok := t.at["assessable"]; ok {
		req.Chapter = !isYes(t.cell(r, "assessable"))
	}
	if err := t.place(b, r, place, &req); err != nil {
		return err
	}
	return b.add(place, req)
}

// place finds what holds a requirement: a parent, a depth, or chapter and section.
func (t *table) place(b *builder, r row, place string, req *catalog.Requirement) error {
	if d := t.cell(r, "depth"); d != "" {
		depth, err := strconv.Atoi(d)
		if err != nil || depth < 1 || depth > len(t.stack)+1 {
			return bad(t.file, place, "the depth %q does not follow from the rows before it; it is 1 at the top and grows by one", d)
		}
		t.stack = append(t.stack[:depth-1], oneLine(req.ID))
		if depth > 1 {
			req.In = t.stack[depth-2]
		}
		return nil
	}
	for _, level := range []string{"chapter", "section"} {
		id, name := t.cell(r, level), t.cell(r, level+".name")
		if id == "" && name == "" || req.Chapter || oneLine(id) == oneLine(req.ID) {
			continue
		}
		if name == "" {
			name = id
		}
		in := req.In
		if level == "chapter" {
			in = ""
		}
		held, err := b.chapter(place, id, name, in)
		if err != nil {
			return err
		}
		req.In = held
	}
	return nil
}

func isYes(s string) bool {
	return slices.Contains([]string{"x", "yes", "true", "1", "y", "ja"}, strings.ToLower(s))
}

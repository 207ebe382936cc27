package library

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

const maxSheets = 100

// A workbook is the sheets of a file, each as rows.
type workbook struct {
	file   string
	names  []string
	sheets map[string][]row
}

// readWorkbook reads a workbook: a library of CISO Assistant, or a table on its first
// sheet.
func readWorkbook(f File) (Library, error) {
	w, err := openWorkbook(f)
	if err != nil {
		return Library{}, err
	}
	switch {
	case w.sheets["library_meta"] != nil:
		return w.library()
	case slices.ContainsFunc(w.sheets["library_content"], func(r row) bool { return r.at(0) == "library_urn" }):
		return w.oldLibrary()
	}
	for _, name := range w.names {
		if len(w.sheets[name]) > 0 {
			return readTable(f.Name, w.sheets[name])
		}
	}
	return Library{}, bad(f.Name, "", "every sheet is empty")
}

func openWorkbook(f File) (*workbook, error) {
	book, err := excelize.OpenReader(bytes.NewReader(f.Data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: 4 * MaxFile, UnzipXMLSizeLimit: MaxFile,
	})
	if err != nil {
		return nil, bad(f.Name, "", "is not a workbook in XLSX form: %v", err)
	}
	defer book.Close() //nolint:errcheck // it was only read
	w := &workbook{file: f.Name, names: book.GetSheetList(), sheets: map[string][]row{}}
	if len(w.names) > maxSheets {
		return nil, bad(f.Name, "", "more than %d sheets; split it", maxSheets)
	}
	total := 0
	for _, name := range w.names {
		rows, err := book.Rows(name)
		if err != nil {
			return nil, bad(f.Name, "sheet "+name, "cannot be read: %v", err)
		}
		for n := 1; rows.Next(); n++ {
			cells, err := rows.Columns()
			if err != nil {
				return nil, bad(f.Name, fmt.Sprintf("sheet %s row %d", name, n), "cannot be read: %v", err)
			}
			if len(cells) > maxColumns || total > 2*MaxRequirements {
				return nil, bad(f.Name, fmt.Sprintf("sheet %s row %d", name, n), "a workbook has at most %d rows and %d columns; split it", 2*MaxRequirements, maxColumns)
			}
			if len(cells) > 0 {
				total++
				w.sheets[name] = append(w.sheets[name], row{n, cells})
			}
		}
		if err := rows.Close(); err != nil {
			return nil, bad(f.Name, "sheet "+name, "cannot be read to its end: %v", err)
		}
	}
	return w, nil
}

func (r row) at(i int) string {
	if i >= len(r.cells) {
		return ""
	}
	return strings.TrimSpace(r.cells[i])
}

// pairs reads a sheet of names and values.
func (w *workbook) pairs(sheet string) map[string]string {
	m := map[string]string{}
	for _, r := range w.sheets[sheet] {
		m[strings.ToLower(r.at(0))] = r.at(1)
	}
	return m
}

// records reads a sheet whose first row names the columns.
func (w *workbook) records(sheet string) []map[string]string {
	rows := w.sheets[sheet]
	if len(rows) == 0 {
		return nil
	}
	var list []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, h := range rows[0].cells {
			m[strings.ToLower(strings.TrimSpace(h))] = r.at(i)
		}
		list = append(list, m)
	}
	return list
}

// library reads a workbook of CISO Assistant, version 2: of each object a sheet that
// describes it (_meta) and one that holds it (_content).
func (w *workbook) library() (Library, error) {
	meta := w.pairs("library_meta")
	lib := cisoLibrary{URN: meta["urn"], RefID: meta["ref_id"], Name: meta["name"], Description: meta["description"], Provider: meta["provider"]}
	lib.Version.Value = meta["version"]
	prefixes := w.prefixes()
	for _, name := range w.names {
		object, isMeta := strings.CutSuffix(name, "_meta")
		if !isMeta || object == "library" {
			continue
		}
		if err := w.object(&lib, w.pairs(name), object+"_content", prefixes); err != nil {
			return Library{}, err
		}
	}
	return lib.library(w.file)
}

// prefixes are the short names for the beginnings of URNs.
func (w *workbook) prefixes() map[string]string {
	m := map[string]string{}
	for _, name := range w.names {
		if object, isMeta := strings.CutSuffix(name, "_meta"); isMeta && w.pairs(name)["type"] == "urn_prefix" {
			for _, r := range w.records(object + "_content") {
				m[r["prefix_id"]] = r["prefix_value"]
			}
		}
	}
	return m
}

func (w *workbook) object(lib *cisoLibrary, meta map[string]string, sheet string, prefixes map[string]string) error {
	switch meta["type"] {
	case "framework":
		nodes, err := w.nodes(sheet, meta["base_urn"], prefixes)
		if err != nil {
			return err
		}
		lib.Objects.Frameworks = append(lib.Objects.Frameworks, cisoFramework{
			URN: meta["urn"], RefID: meta["ref_id"], Name: meta["name"], Description: meta["description"], Nodes: nodes,
		})
	case "reference_controls":
		for _, r := range w.records(sheet) {
			lib.Objects.Controls = append(lib.Objects.Controls, cisoControl{
				URN: joinURN(meta["base_urn"], r["ref_id"]), RefID: r["ref_id"], Name: r["name"], Category: r["category"], Description: r["description"],
			})
		}
	case "requirement_mapping_set":
		set := cisoMapping{SourceURN: meta["source_framework_urn"], TargetURN: meta["target_framework_urn"], Name: meta["name"]}
		for _, r := range w.records(sheet) {
			strength, _ := strconv.Atoi(r["strength_of_relationship"]) // left empty by most
			set.Pairs = append(set.Pairs, cisoPair{
				SourceURN: joinURN(meta["source_node_base_urn"], r["source_node_id"]), TargetURN: joinURN(meta["target_node_base_urn"], r["target_node_id"]),
				Relationship: r["relationship"], Strength: strength,
			})
		}
		lib.Objects.MappingSets = append(lib.Objects.MappingSets, set)
	case "risk_matrix":
		lib.Objects.Matrices = append(lib.Objects.Matrices, lib.Version)
	case "threats":
		for range w.records(sheet) {
			lib.Objects.Threats = append(lib.Objects.Threats, lib.Version)
		}
	}
	return nil
}

func joinURN(base, id string) string {
	if id == "" {
		return ""
	}
	return base + ":" + strings.ToLower(id)
}

// nodes reads the sheet of a framework; the depth of a row says what holds it.
func (w *workbook) nodes(sheet, base string, prefixes map[string]string) ([]cisoNode, error) {
	if len(w.sheets[sheet]) == 0 {
		return nil, bad(w.file, "sheet "+sheet, "is missing or empty; it holds the requirements")
	}
	var nodes []cisoNode
	var open []string
	for i, r := range w.records(sheet) {
		place := fmt.Sprintf("sheet %s row %d", sheet, w.sheets[sheet][i+1].line)
		depth, err := strconv.Atoi(r["depth"])
		if err != nil || depth < 1 || depth > len(open)+1 {
			return nil, bad(w.file, place, "the depth %q does not follow from the rows before it; it is 1 at the top and grows by one", r["depth"])
		}
		n := cisoNode{
			RefID: r["ref_id"], Name: r["name"], Description: r["description"], Annotation: r["annotation"], Evidence: r["typical_evidence"],
			Assessable: r["assessable"] != "", Groups: listOf(r["implementation_groups"]), Importance: strings.ReplaceAll(r["importance"], " ", "_"),
			URN: fmt.Sprintf("%s:node%d", base, i+1),
		}
		for _, c := range listOf(r["reference_controls"]) {
			prefix, id, found := strings.Cut(c, ":")
			if found && prefixes[prefix] != "" {
				c = joinURN(prefixes[prefix], id)
			}
			n.Controls = append(n.Controls, c)
		}
		if open = append(open[:depth-1], n.URN); depth > 1 {
			n.ParentURN = open[depth-2]
		}
		nodes = append(nodes, n)
	}
	return nodes, nil
}

// listOf splits what stands in one cell.
func listOf(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune(" ,;\n\t", r) })
}

// oldLibrary reads a workbook of CISO Assistant, version 1: one sheet tells which
// others hold what.
func (w *workbook) oldLibrary() (Library, error) {
	meta := w.pairs("library_content")
	lib := cisoLibrary{URN: meta["library_urn"], Name: meta["library_name"], Description: meta["library_description"], Provider: meta["library_provider"]}
	lib.Version.Value = meta["library_version"]
	prefixes := map[string]string{}
	for _, r := range w.sheets["library_content"] {
		if r.at(0) == "reference_control_base_urn" && r.at(2) != "" {
			prefixes[r.at(2)] = r.at(1)
		}
	}
	for _, r := range w.sheets["library_content"] {
		if r.at(0) != "tab" {
			continue
		}
		object := map[string]string{"base_urn": r.at(3)}
		switch r.at(2) {
		case "requirements":
			object = map[string]string{
				"type": "framework", "urn": meta["framework_urn"], "ref_id": meta["framework_ref_id"], "name": meta["framework_name"],
				"description": meta["framework_description"], "base_urn": meta["framework_urn"],
			}
		case "reference_controls", "threats":
			object["type"] = r.at(2)
			if object["base_urn"] == "" {
				object["base_urn"] = meta["reference_control_base_urn"]
			}
		case "risk_matrix":
			object["type"] = r.at(2)
		case "mappings":
			object = map[string]string{
				"type": "requirement_mapping_set", "name": meta["mapping_name"],
				"source_framework_urn": meta["mapping_source_framework_urn"], "target_framework_urn": meta["mapping_target_framework_urn"],
				"source_node_base_urn": meta["mapping_source_node_base_urn"], "target_node_base_urn": meta["mapping_target_node_base_urn"],
			}
		}
		if err := w.object(&lib, object, r.at(1), prefixes); err != nil {
			return Library{}, err
		}
	}
	return lib.library(w.file)
}

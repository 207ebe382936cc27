package port

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
	"go.yaml.in/yaml/v3"

	"holdfast/kind"
)

// A Format is how records are written to a file.
type Format string

// The formats.
const (
	CSV  Format = "csv"
	JSON Format = "json"
	YAML Format = "yaml"
	XLSX Format = "xlsx"
)

// Formats lists the formats that Write knows.
var Formats = []Format{CSV, JSON, YAML, XLSX}

// MediaTypes are the content types of the formats.
var MediaTypes = map[Format]string{
	CSV: "text/csv; charset=utf-8", JSON: "application/json", YAML: "application/yaml",
	XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

// Write writes the records that match, page by page, and returns how many: all of
// them, or as many as the query limits it to. References are written as keys, so that the file can be read by Import. CSV and
// XLSX hold every field that is shown; YAML and JSON hold documents with links.
func Write(ctx context.Context, a App, w io.Writer, format Format, k *kind.Kind, q kind.Query) (int, error) {
	out, err := newSink(w, format, k)
	if err != nil {
		return 0, err
	}
	e := exporter{ctx: ctx, a: a, links: format == YAML || format == JSON}
	n := 0
	err = e.each(k, q, func(r Row) error {
		if q.Limit > 0 && n == q.Limit {
			return errEnough
		}
		n++
		return out.add(r)
	})
	if err != nil && !errors.Is(err, errEnough) {
		return n, err
	}
	return n, out.close()
}

var errEnough = errors.New("as many as were asked for")

// A sink takes rows and writes one format.
type sink interface {
	add(Row) error
	close() error
}

func newSink(w io.Writer, format Format, k *kind.Kind) (sink, error) {
	switch format {
	case CSV:
		return newCSVSink(w, k)
	case JSON:
		return &jsonSink{w: w}, nil
	case YAML:
		return &yamlSink{w: w}, nil
	case XLSX:
		return newXLSXSink(w, k)
	}
	return nil, kind.Errorf(kind.Invalid, "%q is not a format; choose csv, json, yaml or xlsx", format)
}

// tableFields are the columns of a table: every field that is shown, without what
// only this installation understands.
func tableFields(k *kind.Kind) []*kind.Field {
	var list []*kind.Field
	for _, f := range k.Fields {
		if !f.Hidden && f.Name != "id" && f.Name != "deleted_at" {
			list = append(list, f)
		}
	}
	return list
}

type csvSink struct {
	w      *csv.Writer
	fields []*kind.Field
	cells  []string
}

func newCSVSink(w io.Writer, k *kind.Kind) (*csvSink, error) {
	s := &csvSink{w: csv.NewWriter(w), fields: tableFields(k)}
	s.cells = make([]string, len(s.fields))
	for i, f := range s.fields {
		s.cells[i] = f.Name
	}
	return s, s.w.Write(s.cells)
}

func (s *csvSink) add(r Row) error {
	for i, f := range s.fields {
		s.cells[i] = guard(r.Text(f))
	}
	if err := s.w.Write(s.cells); err != nil {
		return err
	}
	s.w.Flush()
	return s.w.Error()
}

func (s *csvSink) close() error {
	s.w.Flush()
	return s.w.Error()
}

// maxRows is how many rows a sheet can hold.
const maxRows = 1 << 20

type xlsxSink struct {
	w      io.Writer
	book   *excelize.File
	sheet  *excelize.StreamWriter
	fields []*kind.Field
	n      int
}

func newXLSXSink(w io.Writer, k *kind.Kind) (*xlsxSink, error) {
	s := &xlsxSink{w: w, book: excelize.NewFile(), fields: tableFields(k)}
	name := k.Plural[:min(len(k.Plural), 31)]
	if err := s.book.SetSheetName("Sheet1", name); err != nil {
		return nil, err
	}
	var err error
	if s.sheet, err = s.book.NewStreamWriter(name); err != nil {
		return nil, err
	}
	bold, err := s.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	if err := s.sheet.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return nil, err
	}
	head := make([]any, len(s.fields))
	for i, f := range s.fields {
		head[i] = excelize.Cell{StyleID: bold, Value: f.Name}
	}
	return s, s.row(head)
}

func (s *xlsxSink) row(cells []any) error {
	if s.n++; s.n > maxRows {
		return kind.Errorf(kind.TooLarge, "a sheet holds %d rows; filter the list or choose csv", maxRows)
	}
	return s.sheet.SetRow(fmt.Sprintf("A%d", s.n), cells)
}

// add writes numbers as numbers and all else as text, which no spreadsheet takes
// for a formula.
func (s *xlsxSink) add(r Row) error {
	cells := make([]any, len(s.fields))
	for i, f := range s.fields {
		switch v := f.Of(r.Record).(type) {
		case int, int64, float64, bool:
			cells[i] = v
		case kind.Money:
			cells[i] = v.Float()
		default:
			cells[i] = cut(r.Text(f))
		}
	}
	return s.row(cells)
}

// cut keeps text within what a cell can hold.
func cut(text string) string {
	if runes := []rune(text); len(runes) > excelize.TotalCellChars {
		return string(runes[:excelize.TotalCellChars-1]) + "…"
	}
	return text
}

func (s *xlsxSink) close() error {
	if err := s.sheet.Flush(); err != nil {
		return err
	}
	if err := s.book.Write(s.w); err != nil {
		return err
	}
	return s.book.Close()
}

type jsonSink struct {
	w io.Writer
	n int
}

func (s *jsonSink) add(r Row) error {
	data, err := json.Marshal(r.document())
	if err != nil {
		return err
	}
	before := ",\n"
	if s.n++; s.n == 1 {
		before = "[\n"
	}
	_, err = fmt.Fprintf(s.w, "%s%s", before, data)
	return err
}

func (s *jsonSink) close() error {
	end := "\n]\n"
	if s.n == 0 {
		end = "[]\n"
	}
	_, err := io.WriteString(s.w, end)
	return err
}

type yamlSink struct {
	w io.Writer
	n int
}

func (s *yamlSink) add(r Row) error {
	if s.n++; s.n > 1 {
		if _, err := io.WriteString(s.w, "---\n"); err != nil {
			return err
		}
	}
	return writeYAML(s.w, r.node(everyField))
}

func (s *yamlSink) close() error { return nil }

func writeYAML(w io.Writer, n *yaml.Node) error {
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(n); err != nil {
		return err
	}
	return enc.Close()
}

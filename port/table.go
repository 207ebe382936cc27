package port

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"holdfast/kind"
)

// ReadCSV reads a table of records of one kind. The first row names the fields, by
// name or label, or a relation as "links: treated by". Columns are parted by a
// comma, a semicolon or a tab.
func ReadCSV(name string, r io.Reader, k *kind.Kind) ([]Doc, error) {
	data, err := io.ReadAll(&bounded{r: r, left: MaxFile, name: name})
	if err != nil {
		return nil, err
	}
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(data) {
		return nil, wrong(Place{File: name}, "is not text in UTF-8; save it as “CSV UTF-8”")
	}
	rows := csv.NewReader(bytes.NewReader(data))
	rows.Comma, rows.FieldsPerRecord, rows.ReuseRecord = separator(data), -1, true
	t := tableReader{file: name, k: k, guarded: true}
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return t.end()
		}
		if err != nil {
			return nil, explainCSV(name, err)
		}
		line, _ := rows.FieldPos(0)
		if err := t.row(row, line); err != nil {
			return nil, err
		}
	}
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

func explainCSV(name string, err error) error {
	var p *csv.ParseError
	if errors.As(err, &p) {
		return wrong(Place{name, p.Line}, "this is not CSV: %v", p.Err)
	}
	return fmt.Errorf("%s: %w", name, err)
}

// ReadXLSX reads the first sheet of a workbook as ReadCSV reads a file.
func ReadXLSX(name string, r io.Reader, k *kind.Kind) ([]Doc, error) {
	data, err := io.ReadAll(&bounded{r: r, left: MaxFile, name: name})
	if err != nil {
		return nil, err
	}
	book, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: 4 * MaxFile, UnzipXMLSizeLimit: MaxFile,
	})
	if err != nil {
		return nil, wrong(Place{File: name}, "is not a workbook in XLSX form: %v", err)
	}
	defer book.Close() //nolint:errcheck // it was only read
	rows, err := book.Rows(book.GetSheetName(0))
	if err != nil {
		return nil, wrong(Place{File: name}, "its first sheet cannot be read: %v", err)
	}
	defer rows.Close() //nolint:errcheck // it was only read
	t := tableReader{file: name, k: k, serialDays: true}
	for n := 1; rows.Next(); n++ {
		row, err := rows.Columns()
		if err != nil {
			return nil, wrong(Place{name, n}, "cannot be read: %v", err)
		}
		if err := t.row(row, n); err != nil {
			return nil, err
		}
	}
	if err := rows.Error(); err != nil {
		return nil, wrong(Place{File: name}, "cannot be read to its end: %v", err)
	}
	return t.end()
}

// A tableReader turns rows into documents.
type tableReader struct {
	file       string
	k          *kind.Kind
	serialDays bool // dates are numbers of days, as in workbooks
	guarded    bool // text that looks like a formula carries an apostrophe, as in CSV
	head       []column
	docs       []Doc
	bad        problems
}

// A column is what a heading names: a field, or a relation.
type column struct {
	field    *kind.Field
	relation string
}

func (t *tableReader) row(cells []string, line int) error {
	at := Place{t.file, line}
	if t.head == nil {
		t.heading(cells, at)
		return t.bad.err()
	}
	if blank(cells) {
		return nil
	}
	if len(t.docs) == MaxDocs {
		return kind.Errorf(kind.TooLarge, "%s: holds more than %d records; split it", t.file, MaxDocs)
	}
	if len(cells) > len(t.head) && !blank(cells[len(t.head):]) {
		t.bad.add(at, "has %d cells, but the heading names %d columns", len(cells), len(t.head))
		return nil
	}
	d := Doc{Kind: t.k.Name, At: at}
	for i, c := range t.head {
		text := ""
		if i < len(cells) {
			text = cells[i]
		}
		if t.guarded {
			text = unguard(text)
		}
		t.cell(&d, c, text, at)
	}
	t.docs = append(t.docs, d)
	return nil
}

func blank(cells []string) bool {
	for _, c := range cells {
		if strings.TrimSpace(c) != "" {
			return false
		}
	}
	return true
}

const relationColumn = "links:"

func (t *tableReader) heading(cells []string, at Place) {
	if blank(cells) {
		return
	}
	seen := map[string]bool{}
	for i, cell := range cells {
		name := strings.TrimSpace(cell)
		if name == "" && blank(cells[i:]) {
			break
		}
		if seen[name] {
			t.bad.add(at, "two columns are called %q", name)
		}
		seen[name] = true
		if rel, ok := strings.CutPrefix(name, relationColumn); ok {
			if strings.TrimSpace(rel) == "" {
				t.bad.add(at, "the column %q names no relation", name)
			}
			t.head = append(t.head, column{relation: strings.TrimSpace(rel)})
			continue
		}
		f := t.fieldNamed(name)
		if f == nil {
			t.bad.add(at, "the column %q %s", name, Unknown(t.k, strings.ToLower(name)))
		}
		t.head = append(t.head, column{field: f})
	}
}

// fieldNamed finds a field by its name or by its label.
func (t *tableReader) fieldNamed(name string) *kind.Field {
	for _, f := range t.k.Fields {
		if !f.Hidden && (strings.EqualFold(f.Name, name) || strings.EqualFold(f.Label, name)) {
			return f
		}
	}
	return nil
}

func (t *tableReader) cell(d *Doc, c column, text string, at Place) {
	switch {
	case c.relation != "":
		for _, key := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == '\n' }) {
			if key = strings.TrimSpace(key); key != "" {
				d.Links = append(d.Links, Link{c.relation, key, at})
			}
		}
	case c.field.Name == "key":
		d.Key = strings.TrimSpace(text)
	default:
		if t.serialDays {
			text = fromSerial(c.field, text)
		}
		d.Values = append(d.Values, Value{Field: c.field.Name, At: at, text: text, cell: true})
	}
}

// fromSerial turns the number by which workbooks keep a date into the date.
func fromSerial(f *kind.Field, text string) string {
	if f.Type != kind.Day && f.Type != kind.Instant {
		return text
	}
	days, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return text
	}
	at, err := excelize.ExcelDateToTime(days, false)
	if err != nil {
		return text
	}
	if f.Type == kind.Day {
		return string(kind.DateOf(at))
	}
	return at.UTC().Format(time.RFC3339)
}

func (t *tableReader) end() ([]Doc, error) {
	if t.head == nil && t.bad.list == nil {
		return nil, wrong(Place{File: t.file}, "is empty; the first row names the fields, such as: key,title")
	}
	return t.docs, t.bad.err()
}

// CSV cells that a spreadsheet would take for a formula get an apostrophe in front,
// which the reader takes off again. Plain numbers need none, and a workbook marks
// its text as text.
var (
	formula = regexp.MustCompile(`^'*[=+\-@\t\r]`)
	number  = regexp.MustCompile(`^[+-]?\d+(\.\d+)?(\.\.[+-]?\d+(\.\d+)?){0,2}$`)
)

func guard(s string) string {
	if formula.MatchString(s) && !number.MatchString(s) {
		return "'" + s
	}
	return s
}

func unguard(s string) string {
	if strings.HasPrefix(s, "'") && formula.MatchString(s) {
		return s[1:]
	}
	return s
}

package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// A table is printed in columns as wide as they need to be, the last one as it is.
type table struct {
	head []string
	rows [][]string
}

func (t *table) add(cells ...string) { t.rows = append(t.rows, cells) }

// widest bounds a column, so that one long cell does not push the others away.
const widest = 60

func (t *table) write(w io.Writer) error {
	widths := make([]int, len(t.head))
	all := append([][]string{t.head}, t.rows...)
	for _, row := range all {
		for i := range row {
			row[i] = printable(row[i])
			if i < len(row)-1 {
				row[i] = shorten(row[i])
				widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
			}
		}
	}
	var b strings.Builder
	for _, row := range all {
		for i, cell := range row {
			b.WriteString(cell)
			if i < len(row)-1 {
				b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)+2))
			}
		}
		b.WriteByte('\n')
	}
	text := strings.Split(b.String(), "\n")
	for i := range text {
		text[i] = strings.TrimRight(text[i], " ")
	}
	_, err := io.WriteString(w, strings.Join(text, "\n"))
	return err
}

func shorten(s string) string {
	if utf8.RuneCountInString(s) <= widest {
		return s
	}
	return string([]rune(s)[:widest-1]) + "…"
}

// printable drops what a terminal would obey: names of packages and files come from
// strangers. Line ends become spaces, except in messages of several lines.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\t' || r == '\u2028' || r == '\u2029':
			return ' '
		case r < ' ' || r >= 0x7f && r < 0xa0 || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
}

// oneLine is printable text without line ends.
func oneLine(s string) string { return strings.Join(strings.Fields(printable(s)), " ") }

// printJSON writes a value with indentation.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// printYAML writes a value by its JSON form, so that names are the same in both.
func printYAML(w io.Writer, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	var root yaml.Node
	if err := yaml.NewDecoder(bytes.NewReader(data)).Decode(&root); err != nil {
		return err
	}
	blockStyle(&root)
	enc := yaml.NewEncoder(w)
	enc.SetIndent(2)
	if err := enc.Encode(&root); err != nil {
		return err
	}
	return enc.Close()
}

// blockStyle turns the braces of JSON into the lines of YAML.
func blockStyle(n *yaml.Node) {
	if len(n.Content) > 0 {
		n.Style = 0
	}
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		n.Style = 0
		n.SetString(n.Value)
	}
	for _, child := range n.Content {
		blockStyle(child)
	}
}

// print writes a value in the format, or calls plain for people.
func (c *cmdline) print(format string, v any, plain func() error) error {
	switch format {
	case "table":
		return plain()
	case "json":
		return printJSON(c.Out, v)
	case "yaml":
		return printYAML(c.Out, v)
	}
	return badFormat(format, "table", "json", "yaml")
}

func badFormat(format string, known ...string) error {
	return slipf("-o %s is not possible here; choose %s", format, strings.Join(known, ", "))
}

// say writes a message for people.
func (c *cmdline) say(format string, args ...any) {
	fmt.Fprintln(c.Err, printable(fmt.Sprintf(format, args...)))
}

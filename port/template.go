package port

import (
	"fmt"
	"io"
	"strings"

	"holdfast/kind"
)

// Template writes an empty document of the kind for people to fill in: required
// fields first, all others as comments, each with what it means.
func Template(w io.Writer, k *kind.Kind) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\nkind: %s\nkey: \"\" # %s\n", k.Doc, k.Name, k.Field("key").Doc)
	for _, required := range []bool{true, false} {
		for _, f := range k.Fields {
			if f.Required != required || f.Hidden || f.Computed || bookkeeping[f.Name] {
				continue
			}
			templateField(&b, k, f)
		}
	}
	templateLinks(&b, k)
	_, err := io.WriteString(w, b.String())
	return err
}

func templateField(b *strings.Builder, k *kind.Kind, f *kind.Field) {
	mark := "# "
	if f.Required {
		mark = ""
	}
	value, hint := "", f.Doc
	switch {
	case f.Name == k.StateField:
		hint = join(hint, "Changes through actions; one of: "+strings.Join(k.States(), ", "))
	case len(f.Choices) > 0:
		hint = join(hint, "One of: "+strings.Join(values(f.Choices), ", "))
	case f.Ref != "":
		hint = join(hint, "Key of a record of the kind "+f.Ref)
	}
	if f.Unit != "" {
		hint = join(hint, "Unit: "+f.Unit)
	}
	switch f.Type {
	case kind.WordList:
		value = "[]"
	case kind.Text, kind.LongText, kind.Ref, kind.Option:
		value = `""`
	}
	fmt.Fprintf(b, "%s%s: %s # %s\n", mark, f.Name, value, join(hint, typeHints[f.Type]))
}

var typeHints = map[kind.Type]string{
	kind.Day: "As 2026-11-21, or -30d, +2w, +3m, +1y", kind.Instant: "As 2026-11-21T09:00:00Z", kind.Amount: "As 1250.50",
	kind.Span: "As 5, 2..10 or 2..5..10", kind.Grade: "1 to 5", kind.Flag: "true or false", kind.Number: "A whole number", kind.Decimal: "A number",
}

func values(choices []kind.Choice) []string {
	list := make([]string, len(choices))
	for i, c := range choices {
		list[i] = c.Value
	}
	return list
}

// join puts two sentences together.
func join(a, b string) string {
	a, b = strings.TrimSuffix(a, "."), strings.TrimSuffix(b, ".")
	switch {
	case a == "":
		return b
	case b == "":
		return a
	}
	return a + ". " + b
}

func templateLinks(b *strings.Builder, k *kind.Kind) {
	if len(k.Links) == 0 {
		return
	}
	b.WriteString("# links:\n")
	for _, l := range k.Links {
		fmt.Fprintf(b, "#   %s: [] # Keys of records of the kind %s\n", l.Name, l.To)
	}
}

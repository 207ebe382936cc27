package main

import (
	"bytes"
	"fmt"
	"strings"

	"holdfast/kind"
)

// kindsPage is the reference of all record types, in the order of the menu.
func kindsPage(g *kind.Registry) []byte {
	var b bytes.Buffer
	b.WriteString("# Record types\n\n" + notice + "\n")
	fmt.Fprintf(&b, "%d types of record, by their place in the menu. A name such as `risk` is used in files and scopes, its plural in addresses and on the command line.\n", len(g.All()))
	for _, group := range kind.Groups {
		fmt.Fprintf(&b, "\n- **%s**: %s", heading(group), strings.Join(anchors(g.In(group)), ", "))
	}
	b.WriteString("\n\n## What every record has\n\n")
	fieldTable(&b, g.All()[0].Fields[:baseFields(g)])
	for _, group := range kind.Groups {
		fmt.Fprintf(&b, "\n## %s\n", heading(group))
		for _, k := range g.In(group) {
			kindSection(&b, g, k)
		}
	}
	return b.Bytes()
}

// baseFields is how many fields come from kind.Base: it is embedded first, and
// deleted_at is its last.
func baseFields(g *kind.Registry) int {
	for i, f := range g.All()[0].Fields {
		if f.Name == "deleted_at" {
			return i + 1
		}
	}
	return 0
}

func anchors(list []*kind.Kind) []string {
	out := make([]string, len(list))
	for i, k := range list {
		out[i] = anchor(k.Name)
	}
	return out
}

func anchor(name string) string { return "[" + name + "](#" + name + ")" }

func kindSection(b *bytes.Buffer, g *kind.Registry, k *kind.Kind) {
	fmt.Fprintf(b, "\n### %s\n\n**%s.** %s\n\n", k.Name, k.Label, prose(k.Doc))
	fmt.Fprintf(b, "Addresses: `/%s`, `/api/v1/%s`.%s\n\n", k.Plural, k.Plural, traits(k))
	fieldTable(b, k.Fields[baseFields(g):])
	states(b, k)
	actions(b, k)
	relations(b, g, k)
}

// traits are what the description says of the type as a whole.
func traits(k *kind.Kind) string {
	text := ""
	if k.OwnerField != "" {
		text += " The person responsible stands in " + code(k.OwnerField) + "."
	}
	if k.Personal {
		text += " Staff see and change their own."
	}
	if k.ParentField != "" {
		text += " Listed on the page of its " + code(k.ParentField) + "."
	}
	return text
}

func fieldTable(b *bytes.Buffer, fields []*kind.Field) {
	if len(fields) == 0 {
		return
	}
	b.WriteString("| field | type | rules | meaning |\n|---|---|---|---|\n")
	for _, f := range fields {
		fmt.Fprintf(b, "| `%s` | %s | %s | %s |\n", f.Name, typeOf(f), strings.Join(marks(f), ", "), cell(meaning(f)))
	}
}

func typeOf(f *kind.Field) string {
	switch {
	case f.Ref != "":
		return anchor(f.Ref)
	case f.Unit != "":
		return string(f.Type) + ", " + f.Unit
	}
	return string(f.Type)
}

// marks are what may and must be done with a field.
func marks(f *kind.Field) []string {
	var list []string
	for _, m := range []struct {
		is   bool
		word string
	}{
		{f.Required, "required"}, {f.Computed, "computed"}, {f.Immutable, "given once"}, {f.Hidden, "never shown"},
		{f.Filter, "filter"}, {f.Search, "search"}, {f.Needs != "", "needs " + string(f.Needs)},
	} {
		if m.is {
			list = append(list, m.word)
		}
	}
	return list
}

func meaning(f *kind.Field) string {
	text := f.Doc
	if text == "" && !strings.EqualFold(f.Label, kind.Humanise(f.Name)) {
		text = f.Label + "."
	}
	if len(f.Choices) == 0 {
		return text
	}
	values := make([]string, len(f.Choices))
	for i, c := range f.Choices {
		values[i] = c.Value
	}
	return strings.TrimSpace(text + " One of: " + codes(values) + ".")
}

// states lists the states with what they mean, where something is said of them.
func states(b *bytes.Buffer, k *kind.Kind) {
	if k.StateField == "" {
		return
	}
	list := make([]string, 0, len(k.States()))
	for _, c := range k.Field(k.StateField).Choices {
		text := code(c.Value)
		if c.Doc != "" {
			text += " (" + prose(strings.TrimSuffix(c.Doc, ".")) + ")"
		}
		list = append(list, text)
	}
	fmt.Fprintf(b, "\nStates: %s.\n", strings.Join(list, " · "))
}

func actions(b *bytes.Buffer, k *kind.Kind) {
	if len(k.Actions) == 0 {
		return
	}
	b.WriteString("\n| action | from | to | needs | note |\n|---|---|---|---|---|\n")
	for _, a := range k.Actions {
		from, to, note := codes(a.From), code(a.To), a.Doc
		if from == "" {
			from = "any"
		}
		if to == "" {
			to = "the same"
		}
		if a.Reason {
			note = strings.TrimSpace(note + " A reason is asked for.")
		}
		fmt.Fprintf(b, "| `%s`: %s | %s | %s | %s | %s |\n", a.Name, cell(a.Label), from, to, a.Needs, cell(note))
	}
}

func relations(b *bytes.Buffer, g *kind.Registry, k *kind.Kind) {
	list := g.Relations(k)
	if len(list) == 0 {
		return
	}
	b.WriteString("\nLinks:\n\n")
	for _, r := range list {
		fmt.Fprintf(b, "- %s %s", prose(r.Name), anchor(r.Other.Name))
		if r.Doc != "" && r.Forward {
			fmt.Fprintf(b, ": %s", prose(r.Doc))
		}
		b.WriteByte('\n')
	}
}

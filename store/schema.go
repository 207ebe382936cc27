package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"holdfast/kind"
)

// Missing is the SQL that the database lacks to hold every kind of the registry:
// new tables, new columns and their indexes. It is empty when nothing is missing.
// "make migration" writes it into a file; from then on the file is what counts.
func (s *Store) Missing(ctx context.Context) (string, error) {
	var b strings.Builder
	for _, k := range inOrder(s.reg) {
		have, err := s.columnsOf(ctx, table(k))
		if err != nil {
			return "", err
		}
		if len(have) == 0 {
			b.WriteString(createTable(s.reg, k))
			continue
		}
		for _, c := range k.Columns() {
			if have[c.Name] {
				continue
			}
			fmt.Fprintf(&b, "ALTER TABLE %s ADD COLUMN %s %s;\n", table(k), quote(c.Name), c.SQL)
			b.WriteString(createIndexes(k, c.Field))
		}
	}
	return b.String(), nil
}

// inOrder sorts the kinds so that each comes after those it refers to. It panics
// on a circle of references, which is a mistake in the program.
func inOrder(reg *kind.Registry) []*kind.Kind {
	var order []*kind.Kind
	state := map[*kind.Kind]int{}
	var visit func(k *kind.Kind, trail []string)
	visit = func(k *kind.Kind, trail []string) {
		trail = append(trail, k.Name)
		switch state[k] {
		case 1:
			panic("references go in a circle: " + strings.Join(trail, " → "))
		case 2:
			return
		}
		state[k] = 1
		for _, f := range k.Fields {
			if f.Ref != "" && f.Ref != k.Name {
				visit(reg.Named(f.Ref), slices.Clone(trail))
			}
		}
		state[k] = 2
		order = append(order, k)
	}
	for _, k := range reg.All() {
		visit(k, nil)
	}
	return order
}

// table is the name of the table of a kind. Names that SQL knows are quoted.
func table(k *kind.Kind) string { return "r_" + k.Name }

// quote protects column names that are words of SQL: "return", "check", "key".
func quote(column string) string { return `"` + column + `"` }

func createTable(reg *kind.Registry, k *kind.Kind) string {
	var b strings.Builder
	fmt.Fprintf(&b, "CREATE TABLE %s (\n\tworkspace_id TEXT NOT NULL", table(k))
	for _, c := range k.Columns() {
		fmt.Fprintf(&b, ",\n\t%s %s", quote(c.Name), c.SQL)
	}
	b.WriteString(",\n\tPRIMARY KEY (workspace_id, \"id\"),\n\tUNIQUE (workspace_id, \"key\")")
	for _, f := range k.Fields {
		if f.Ref != "" {
			fmt.Fprintf(&b, ",\n\tFOREIGN KEY (workspace_id, %s) REFERENCES %s (workspace_id, \"id\")", quote(f.Name), table(reg.Named(f.Ref)))
		}
	}
	b.WriteString("\n);\n")
	for _, f := range k.Fields {
		b.WriteString(createIndexes(k, f))
	}
	if slices.ContainsFunc(k.Fields, func(f *kind.Field) bool { return f.Index }) {
		fmt.Fprintf(&b, "CREATE INDEX ix_%s_title ON %s (workspace_id, deleted_at, LOWER(\"title\"), \"id\");\n", k.Name, table(k))
	}
	b.WriteString("\n")
	return b.String()
}

// sortKey is what a list sorts by. Titles sort as people read, ignoring case.
func sortKey(f *kind.Field) string {
	if f.Name == "title" {
		return `LOWER("title")`
	}
	return quote(f.SortColumn())
}

// createIndexes makes one index for every foreign key and every field marked
// index, ending in the id so that pages follow it without sorting.
func createIndexes(k *kind.Kind, f *kind.Field) string {
	name := fmt.Sprintf("ix_%s_%s", k.Name, f.Name)
	switch {
	case f.Ref != "":
		return fmt.Sprintf("CREATE INDEX %s ON %s (workspace_id, deleted_at, %s, \"id\");\n", name, table(k), quote(f.Name))
	case f.Name == "title": // see createTable
		return ""
	case f.Index || f.Name == strings.TrimPrefix(k.DefaultSort, "-"):
		return fmt.Sprintf("CREATE INDEX %s ON %s (workspace_id, deleted_at, %s, \"id\");\n", name, table(k), sortKey(f))
	}
	return ""
}

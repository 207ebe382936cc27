package port

import (
	"fmt"
	"io"
	"strings"

	"holdfast/kind"
)

// signs stand before a record, as in a diff.
var signs = map[string]string{Create: "+", Alter: "~", Restore: "+", Remove: "-"}

// newLines bounds how many lines of a new text are shown.
const newLines = 12

// Write tells the plan to people: kind by kind in the order of the chain, each record
// with what happens to it.
func (p *Plan) Write(w io.Writer, reg *kind.Registry) error {
	var b strings.Builder
	last := ""
	for _, c := range p.Changes {
		if c.Kind != last {
			last = c.Kind
			fmt.Fprintf(&b, "%s\n", headOf(reg, c.Kind))
		}
		c.write(&b)
	}
	writeNamed(&b, "Newer in the database, left as they are (export brings them here)", p.Newer)
	writeNamed(&b, "No longer in the folder, left as they are (--prune removes them)", p.Dropped)
	_, err := io.WriteString(w, b.String())
	return err
}

func headOf(reg *kind.Registry, name string) string {
	if k := reg.Named(name); k != nil {
		return k.Label
	}
	return name
}

func (c Change) write(b *strings.Builder) {
	fmt.Fprintf(b, "  %s %s/%s  %s", signs[c.What], strings.ReplaceAll(c.Kind, "_", "-"), c.Key, oneLine(c.Title))
	if c.What == Restore {
		b.WriteString("  (back from the bin)")
	}
	b.WriteByte('\n')
	for _, f := range c.Fields {
		f.write(b)
	}
	for _, l := range c.Linked {
		fmt.Fprintf(b, "      + %s %s/%s\n", l.Relation, strings.ReplaceAll(l.Kind, "_", "-"), l.Key)
	}
	for _, l := range c.Unlinked {
		fmt.Fprintf(b, "      - %s %s/%s\n", l.Relation, strings.ReplaceAll(l.Kind, "_", "-"), l.Key)
	}
	for _, s := range c.Actions {
		fmt.Fprintf(b, "      action %s%s%s\n", s.Action, after(" → ", s.To), needs(s.Needs))
	}
	for _, remark := range []struct{ what, why string }{{"CONFLICT", c.Conflict}, {"forced", c.Forced}, {"NOT PERMITTED", c.Refused}} {
		if remark.why != "" {
			fmt.Fprintf(b, "      ! %s: %s\n", remark.what, oneLine(remark.why))
		}
	}
}

func after(sign, text string) string {
	if text == "" {
		return ""
	}
	return sign + text
}

// needs names the right that an action takes beyond writing.
func needs(v kind.Verb) string {
	if v == kind.Write {
		return ""
	}
	return " (a decision: needs the right to " + string(v) + ")"
}

func (f FieldChange) write(b *strings.Builder) {
	switch {
	case f.Diff != "":
		fmt.Fprintf(b, "      %s:\n%s", f.Field, shifted(f.Diff, "        ", 0))
	case strings.Contains(f.After, "\n") && f.Before == "":
		fmt.Fprintf(b, "      %s:\n%s", f.Field, shifted(f.After, "        + ", newLines))
	case f.Before == "":
		fmt.Fprintf(b, "      %s: %s\n", f.Field, oneLine(f.After))
	case f.After == "":
		fmt.Fprintf(b, "      %s: %s → (empty)\n", f.Field, oneLine(f.Before))
	default:
		fmt.Fprintf(b, "      %s: %s → %s\n", f.Field, oneLine(f.Before), oneLine(f.After))
	}
}

// shifted indents every line; most bounds how many, 0: all.
func shifted(text, by string, most int) string {
	var b strings.Builder
	list := lines(text)
	for i, line := range list {
		if most > 0 && i == most {
			fmt.Fprintf(&b, "%s… %d more lines\n", by, len(list)-most)
			break
		}
		b.WriteString(strings.TrimRight(by+line, " ") + "\n")
	}
	return b.String()
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func writeNamed(b *strings.Builder, head string, list []Named) {
	if len(list) == 0 {
		return
	}
	fmt.Fprintf(b, "%s\n", head)
	for _, n := range list {
		fmt.Fprintf(b, "  · %s/%s  %s\n", strings.ReplaceAll(n.Kind, "_", "-"), n.Key, n.Why)
	}
}

// Sentence sums the plan up.
func (p *Plan) Sentence() string {
	s := p.Summary
	var parts []string
	for _, c := range []struct {
		n    int
		what string
	}{
		{s.Created, "created"}, {s.Changed, "changed"}, {s.Restored, "restored"}, {s.Removed, "removed"}, {s.Unchanged, "unchanged"},
		{s.Linked, "linked"}, {s.Unlinked, "unlinked"}, {s.Actions, "actions"}, {s.Conflicts, "in conflict"}, {s.Refused, "not permitted"},
	} {
		if c.n > 0 || c.what == "created" || c.what == "changed" || c.what == "unchanged" {
			parts = append(parts, fmt.Sprintf("%d %s", c.n, c.what))
		}
	}
	return strings.Join(parts, ", ")
}

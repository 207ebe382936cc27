package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/api/client"
	"holdfast/isms"
	"holdfast/kind"
)

func (c *cmdline) fields(k *kind.Kind) *cobra.Command {
	return &cobra.Command{Use: "fields", Short: "Explain the fields", Args: slips(cobra.NoArgs), Example: "  holdfast " + dashed(k.Name) + " fields",
		RunE: func(*cobra.Command, []string) error {
			t := table{head: []string{"FIELD", "TYPE", "", "MEANS"}}
			for _, f := range k.Fields {
				if f.Hidden {
					continue
				}
				t.add(f.Name, fieldType(f), fieldMark(f), fieldDoc(f))
			}
			return t.write(c.Out)
		}}
}

func fieldType(f *kind.Field) string {
	if f.Ref != "" {
		return dashed(f.Ref)
	}
	return string(f.Type)
}

func fieldMark(f *kind.Field) string {
	switch {
	case f.Computed:
		return "computed"
	case f.Required:
		return "required"
	case f.Immutable:
		return "given once"
	}
	return ""
}

func fieldDoc(f *kind.Field) string {
	doc := f.Doc
	if f.Unit != "" {
		doc += " (" + f.Unit + ")"
	}
	if len(f.Choices) > 0 {
		var words []string
		for _, ch := range f.Choices {
			words = append(words, ch.Value)
		}
		doc += " " + strings.Join(words, " | ")
	}
	return strings.TrimSpace(doc)
}

// links shows what the relations of a record lead to.
func (c *cmdline) links(k *kind.Kind) *cobra.Command {
	return c.command("links KEY", "Show what it is joined with", "holdfast "+dashed(k.Name)+" links KEY", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			t := table{head: []string{"RELATION", "KIND", "KEY", "TITLE"}}
			for _, rel := range isms.Registry.Relations(k) {
				page, err := cl.Linked(ctx, k, args[0], rel.Name, rel.Other, kind.Query{Limit: 200})
				if err != nil {
					return err
				}
				for _, r := range page.Records {
					t.add(rel.Name, dashed(rel.Other.Name), r.GetBase().Key, r.GetBase().Title)
				}
				if page.Next != "" {
					t.add(rel.Name, dashed(rel.Other.Name), "…", "and more")
				}
			}
			return t.write(c.Out)
		})
}

func (c *cmdline) link(k *kind.Kind, join bool) *cobra.Command {
	var names []string
	for _, rel := range isms.Registry.Relations(k) {
		names = append(names, strconv.Quote(rel.Name))
	}
	use, short, done := "link", "Join it with another", "linked"
	if !join {
		use, short, done = "unlink", "End a link", "unlinked"
	}
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	cmd := c.command(use+" KEY RELATION OTHER", short, "holdfast "+dashed(k.Name)+" "+use+` KEY "treated by" OTHER`, cobra.ExactArgs(3),
		func(ctx context.Context, cl *client.Client, args []string) error {
			if !slices.Contains(names, strconv.Quote(args[1])) {
				return slipf("%q is not a relation of %s; it has: %s", args[1], dashed(k.Name), strings.Join(names, ", "))
			}
			act := cl.Link
			if !join {
				act = cl.Unlink
			}
			if err := act(ctx, k, args[0], args[1], args[2]); err != nil {
				return err
			}
			_, err := fmt.Fprintf(c.Out, "%s/%s %s %s\n", dashed(k.Name), args[0], done, args[2])
			return err
		})
	cmd.Long = short + ". Its relations: " + strings.Join(names, ", ") + "."
	return cmd
}

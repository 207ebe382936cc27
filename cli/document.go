package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/api/client"
)

// documentCommands are what documents know beyond other records.
func (c *cmdline) documentCommands() []*cobra.Command {
	return []*cobra.Command{c.documentSet(), c.writeDocument(), c.writeAllDocuments(), c.documentDiff(), c.publishDocument(), c.campaign()}
}

// documentSet prints which documents there are and which are not written.
func (c *cmdline) documentSet() *cobra.Command {
	format := "table"
	cmd := c.command("overview", "Which documents there are, and which are not written", "holdfast document overview", cobra.NoArgs, func(ctx context.Context, cl *client.Client, _ []string) error {
		list, err := cl.Documents(ctx)
		if err != nil {
			return err
		}
		return c.print(format, list, func() error {
			t := table{head: []string{"KEY OR TEMPLATE", "TITLE", "STATE", "IN FORCE", "OPEN", "REVIEW BY"}}
			for _, d := range list {
				name := d.Key
				if name == "" {
					name = d.Template
				}
				t.add(name, d.Title, strings.ReplaceAll(d.State, "_", " "), d.InForce, d.Open, d.ReviewBy)
			}
			return t.write(c.Out)
		})
	})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) writeDocument() *cobra.Command {
	return c.writing("write TEMPLATE", "Write the document of a template from your own data", "holdfast document write access-control", cobra.ExactArgs(1))
}

func (c *cmdline) writeAllDocuments() *cobra.Command {
	return c.writing("write-all", "Write the whole set; later: propose what changed", "holdfast document write-all", cobra.NoArgs)
}

// writing makes the commands that write documents. Edits of people are never lost; what
// changes is shown.
func (c *cmdline) writing(use, short, example string, args cobra.PositionalArgs) *cobra.Command {
	format := "table"
	cmd := c.command(use, short, example, args, func(ctx context.Context, cl *client.Client, args []string) error {
		list, err := cl.WriteDocuments(ctx, strings.Join(args, ""))
		if err != nil {
			return err
		}
		return c.print(format, list, func() error {
			t := table{head: []string{"DOCUMENT", "WHAT", "VERSION", "TITLE"}}
			for _, d := range list {
				what := d.What
				if d.Kept > 0 {
					what += fmt.Sprintf(", %d places kept", d.Kept)
				}
				t.add(d.Key, what, d.Number, d.Title)
			}
			if err := t.write(c.Out); err != nil {
				return err
			}
			for _, d := range list {
				if _, err := io.WriteString(c.Out, printable(d.Diff)); err != nil {
					return err
				}
			}
			return nil
		})
	})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) documentDiff() *cobra.Command {
	from, to, format := "", "", "table"
	cmd := c.command("diff KEY", "What changed between two versions, as a unified diff", "holdfast document diff access-control --from 1.0 --to 1.1", cobra.ExactArgs(1), func(ctx context.Context, cl *client.Client, args []string) error {
		d, err := cl.DocumentDiff(ctx, args[0], from, to)
		if err != nil {
			return err
		}
		return c.print(format, d, func() error {
			if d.Unified == "" {
				c.say("version %s and version %s hold the same text", d.From, d.To)
			}
			_, err := io.WriteString(c.Out, printable(d.Unified))
			return err
		})
	})
	cmd.Flags().StringVar(&from, "from", "", "number of the older version (the one in force)")
	cmd.Flags().StringVar(&to, "to", "", "number of the newer version (the newest)")
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) publishDocument() *cobra.Command {
	return c.command("publish KEY…", "Take the newest version into force, where nobody's consent is waited for", "holdfast document publish access-control backup", cobra.MinimumNArgs(1), func(ctx context.Context, cl *client.Client, args []string) error {
		for _, key := range args {
			d, err := cl.PublishDocument(ctx, key)
			if err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			if _, err := fmt.Fprintf(c.Out, "%s: version %s is in force\n", printable(d.Key), printable(d.Number)); err != nil {
				return err
			}
		}
		return nil
	})
}

// campaign asks people to read, or tells how far it has come.
func (c *cmdline) campaign() *cobra.Command {
	in, format := client.CampaignInput{}, "table"
	cmd := c.command("campaign [KEY…]", "Ask people to read and accept; without --name: how far it has come", `holdfast document campaign acceptable-use --name "Spring reading" --audience everybody --due 2026-12-01`, cobra.ArbitraryArgs,
		func(ctx context.Context, cl *client.Client, args []string) error {
			if in.Name == "" {
				return c.progressOf(ctx, cl, args, format)
			}
			in.Documents = args
			out, err := cl.StartCampaign(ctx, in)
			if err != nil {
				return err
			}
			return c.print(format, out, func() error {
				_, err := fmt.Fprintf(c.Out, "%d asked, %d were asked before\n", out.Asked, out.Already)
				return err
			})
		})
	f := cmd.Flags()
	f.StringVar(&in.Name, "name", "", "name of the campaign")
	f.StringSliceVar(&in.Audience, "audience", nil, "everybody, teams, roles or job titles (whom each document names)")
	f.StringVar(&in.Due, "due", "", "day by which it is to be read, as 2026-12-01")
	f.BoolVar(&in.Standing, "standing", false, "ask newcomers too, and everybody again for each new version")
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) progressOf(ctx context.Context, cl *client.Client, keys []string, format string) error {
	if len(keys) > 1 {
		return slipf("name one document, or none for all; to start a campaign give it a --name")
	}
	list, err := cl.Campaigns(ctx, strings.Join(keys, ""))
	if err != nil {
		return err
	}
	return c.print(format, list, func() error {
		t := table{head: []string{"CAMPAIGN", "DOCUMENT", "VERSION", "DUE", "ACCEPTED", "OPEN", "LATE", "DECLINED"}}
		for _, p := range list {
			t.add(p.Name, p.Document, p.Version, p.Due, fmt.Sprintf("%d of %d", p.Accepted, p.Total), strconv.Itoa(p.Open), strconv.Itoa(p.Overdue), strconv.Itoa(p.Declined))
		}
		return t.write(c.Out)
	})
}

package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"holdfast/api/client"
	"holdfast/port/cacao"
)

// playbook holds the commands on playbooks beside those of every kind of record.
func (c *cmdline) playbook() *cobra.Command {
	return c.parent("playbook", "How kinds of incident are answered: adopt, follow, exchange", "  holdfast playbook adopt\n  holdfast playbook show ransomware\n  holdfast playbook export ransomware -o ransomware.json",
		c.playbookAdopt(), c.playbookShow(), c.playbookImport(), c.playbookExport())
}

func (c *cmdline) playbookAdopt() *cobra.Command {
	format := "table"
	cmd := c.command("adopt [NAME...]", "Take playbooks of the catalogue in; what people changed stays", "holdfast playbook adopt\n  holdfast playbook adopt ransomware phishing", cobra.ArbitraryArgs,
		func(ctx context.Context, cl *client.Client, args []string) error {
			list, err := cl.AdoptPlaybooks(ctx, args)
			if err != nil {
				return err
			}
			return c.print(format, list, func() error {
				t := table{head: []string{"PLAYBOOK", "STATUS", "NEW STEPS", "CHANGED", "UNCHANGED", "KEPT"}}
				for _, in := range list {
					t.add(in.Title, in.Status, fmt.Sprint(in.Created), fmt.Sprint(in.Changed), fmt.Sprint(in.Unchanged), fmt.Sprint(in.Kept))
				}
				return t.write(c.Out)
			})
		})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) playbookShow() *cobra.Command {
	format := "table"
	cmd := c.command("show KEY", "A playbook as it is followed, step by step", "holdfast playbook show ransomware", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			s, err := cl.PlaybookSheet(ctx, args[0])
			if err != nil {
				return err
			}
			return c.print(format, s, func() error { return c.printSheet(s) })
		})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) printSheet(s client.PlaybookSheet) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s (%s, %s)\n", oneLine(s.Title), s.Severity, s.Status)
	phase := ""
	for _, st := range s.Steps {
		if st.Phase != phase {
			phase = st.Phase
			fmt.Fprintf(&b, "\n%s\n", phase)
		}
		fmt.Fprintf(&b, "%3d  %s  [%s, %d min]\n     %s\n", st.Number, oneLine(st.Title), oneLine(st.Role), st.Minutes, oneLine(st.Instruction))
		switch {
		case st.Otherwise > 0:
			fmt.Fprintf(&b, "     if: %s → %d, otherwise → %d\n", oneLine(st.Condition), st.Next, st.Otherwise)
		case st.Next != st.Number+1:
			fmt.Fprintf(&b, "     then → %d\n", st.Next)
		}
		if st.Irreversible {
			fmt.Fprintln(&b, "     cannot be undone: the lead has to agree")
		}
		if st.Check != "" {
			fmt.Fprintf(&b, "     done when: %s\n", oneLine(st.Check))
		}
	}
	_, err := b.WriteTo(c.Out)
	return err
}

func (c *cmdline) playbookImport() *cobra.Command {
	dryRun, format := false, "table"
	cmd := c.command("import FILE", "Take in a CACAO playbook (2.0, 1.1 or 1.0)", "holdfast playbook import playbook.json --dry-run", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			data, err := readFile(args[0], cacao.MaxFile)
			if err != nil {
				return err
			}
			in, err := cl.ImportPlaybook(ctx, bytes.NewReader(data), dryRun)
			if err != nil {
				return err
			}
			return c.print(format, in, func() error {
				would := ""
				if dryRun {
					would = " (nothing was kept)"
				}
				for _, n := range in.Notes {
					c.say("%s", oneLine(n))
				}
				_, err := fmt.Fprintf(c.Out, "%s: %d steps new, %d changed, %d unchanged, %d kept%s\n", oneLine(in.Title), in.Created, in.Changed, in.Unchanged, in.Kept, would)
				return err
			})
		})
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "tell what would come and keep nothing")
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) playbookExport() *cobra.Command {
	out := "-"
	cmd := c.command("export KEY", "Write a playbook as a CACAO 2.0 document", "holdfast playbook export ransomware -o ransomware.json", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			if out == "-" {
				return cl.ExportPlaybook(ctx, args[0], c.Out)
			}
			err := writeWhole(out, func(w io.Writer) error { return cl.ExportPlaybook(ctx, args[0], w) })
			if err == nil {
				c.say("written to %s", out)
			}
			return err
		})
	cmd.Flags().StringVarP(&out, "output", "o", "-", "file to write; - is standard output")
	return cmd
}

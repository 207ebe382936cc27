package cli

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"holdfast/api/client"
)

// shippedFrameworks lists the frameworks of the catalogue.
func (c *cmdline) shippedFrameworks() *cobra.Command {
	format := "table"
	cmd := c.command("shipped", "List the frameworks that come with Holdfast", "holdfast framework shipped", cobra.NoArgs, func(ctx context.Context, cl *client.Client, _ []string) error {
		list, err := cl.ShippedFrameworks(ctx)
		if err != nil {
			return err
		}
		return c.print(format, list, func() error {
			t := table{head: []string{"ID", "REQUIREMENTS", "HERE", "TITLE"}}
			for _, f := range list {
				here := ""
				if f.Loaded {
					here = "yes"
				}
				t.add(f.ID, strconv.Itoa(f.Requirements), here, f.Title)
			}
			return t.write(c.Out)
		})
	})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

// adopt takes a framework of the catalogue into the workspace.
func (c *cmdline) adopt() *cobra.Command {
	format := "table"
	cmd := c.command("adopt ID", "Adopt a framework that comes with Holdfast, or bring it up to date", "holdfast framework adopt iso27001-2022", cobra.ExactArgs(1), func(ctx context.Context, cl *client.Client, args []string) error {
		a, err := cl.Adopt(ctx, args[0])
		if err != nil {
			return err
		}
		return c.print(format, a, func() error {
			_, err := fmt.Fprintf(c.Out, "%s is %s: %d requirements new, %d changed, %d unchanged; %d mappings, %d safeguards joined, %d lines opened\n",
				a.Framework, a.Status, a.Created, a.Changed, a.Unchanged, a.Mappings, a.Links, a.Lines)
			if err == nil && a.Kept > 0 {
				c.say("%d requirements keep words of yours where the new edition says otherwise", a.Kept)
			}
			return err
		})
	})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

// frameworkStatus prints how the requirements of a framework stand.
func (c *cmdline) frameworkStatus() *cobra.Command {
	format, scope := "table", ""
	cmd := c.command("status KEY", "How its requirements stand, measured now", "holdfast framework status iso27001-2022\n  holdfast framework status nist-csf-2.0 --scope head-office -o json", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			g, err := cl.Gap(ctx, args[0], scope)
			if err != nil {
				return err
			}
			return c.print(format, g, func() error { return c.printGap(g) })
		})
	cmd.Flags().StringVar(&scope, "scope", "", "only this scope, by its key; the whole organisation without it")
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

// steps are how many steps a gap prints.
const steps = 10

func (c *cmdline) printGap(g client.Gap) error {
	n := g.Count
	where := g.Scope
	if where == "" {
		where = "the whole organisation"
	}
	if _, err := fmt.Fprintf(c.Out, "%s in %s\n%d of %d met (%.0f %%), %d partly, %d fail, %d stale, %d not measured; %d do not apply, %d undecided; people say %d are met\n",
		printable(g.Framework), printable(where), n.Met, n.Total-n.Excluded, 100*n.Share, n.Partly, n.Fails, n.Stale, n.Unknown, n.Excluded, n.Undecided, n.Said); err != nil {
		return err
	}
	if len(g.Steps) == 0 {
		return nil
	}
	fmt.Fprintln(c.Out, "\nWhat would turn it green")
	t := table{head: []string{"HOURS", "ANSWERS", "STEP"}}
	for _, s := range g.Steps[:min(steps, len(g.Steps))] {
		t.add(strconv.FormatFloat(s.Hours, 'f', 1, 64), strconv.Itoa(len(s.Answers)), s.Title)
	}
	return t.write(c.Out)
}

// soa is the statement of applicability.
func (c *cmdline) soa() *cobra.Command {
	return c.parent("soa", "The statement of applicability, as it is measured now", "  holdfast soa show --framework iso27001-2022\n  holdfast soa check --framework iso27001-2022", c.soaShow(), c.soaCheck(), c.soaDecide())
}

// soaFlags are the framework and the scope.
func soaFlags(cmd *cobra.Command, framework, scope *string) {
	cmd.Flags().StringVar(framework, "framework", "", "framework, by its key; the first adopted one without it")
	cmd.Flags().StringVar(scope, "scope", "", "scope, by its key; the whole organisation without it")
}

func (c *cmdline) soaShow() *cobra.Command {
	format, framework, scope, only := "table", "", "", ""
	cmd := c.command("show", "Show it", "holdfast soa show --framework iso27001-2022 --only fails\n  holdfast soa show -o csv > soa.csv", cobra.NoArgs, func(ctx context.Context, cl *client.Client, _ []string) error {
		if format == "csv" {
			return cl.StatementCSV(ctx, framework, scope, c.Out)
		}
		s, err := cl.Statement(ctx, framework, scope)
		if err != nil {
			return err
		}
		if only != "" {
			s.Lines = slices.DeleteFunc(s.Lines, func(l client.StatementLine) bool { return l.Measured != only })
		}
		if !slices.Contains([]string{"table", "json", "yaml"}, format) {
			return badFormat(format, "table", "json", "yaml", "csv")
		}
		return c.print(format, s, func() error {
			t := table{head: []string{"CODE", "APPLIES", "MEASURED", "PEOPLE SAY", "MATURITY", "TITLE"}}
			for _, l := range s.Lines {
				t.add(l.Code, l.Applies, l.Measured, l.Said, strconv.Itoa(l.Maturity)+" ("+strconv.Itoa(l.Proposed)+")", l.Title)
			}
			return t.write(c.Out)
		})
	})
	soaFlags(cmd, &framework, &scope)
	cmd.Flags().StringVar(&only, "only", "", "only lines measured so: met, partly, fails, stale, unknown")
	formatFlag(cmd, &format, "table, json, yaml, csv")
	return cmd
}

// soaCheck is for pipelines: it fails while something that is said to be met is not
// measured as met, or, with --all, while anything that applies is not met.
func (c *cmdline) soaCheck() *cobra.Command {
	framework, scope, all := "", "", false
	cmd := c.command("check", "Fail while proof is against what people say", "holdfast soa check --framework iso27001-2022\n  holdfast soa check --all", cobra.NoArgs, func(ctx context.Context, cl *client.Client, _ []string) error {
		s, err := cl.Statement(ctx, framework, scope)
		if err != nil {
			return err
		}
		var bad []client.StatementLine
		for _, l := range s.Lines {
			claimed := l.Said == "met" && (l.Measured == "fails" || l.Measured == "stale" || l.Measured == "partly")
			if l.Applies != "no" && (claimed || l.Measured == "fails" || all && l.Measured != "met") {
				bad = append(bad, l)
			}
		}
		if len(bad) == 0 {
			_, err := fmt.Fprintf(c.Out, "%s: nothing is against what people say; %d of %d met\n", printable(s.Framework), s.Count.Met, s.Count.Total-s.Count.Excluded)
			return err
		}
		t := table{head: []string{"CODE", "MEASURED", "PEOPLE SAY", "WHY"}}
		for _, l := range bad {
			t.add(l.Code, l.Measured, l.Said, whyLine(l))
		}
		if err := t.write(c.Out); err != nil {
			return err
		}
		return &exit{Findings, fmt.Sprintf("%d requirements do not stand as they should", len(bad))}
	})
	soaFlags(cmd, &framework, &scope)
	cmd.Flags().BoolVar(&all, "all", false, "fail while anything that applies is not measured as met")
	return cmd
}

// whyLine is the first proof, which is the worst.
func whyLine(l client.StatementLine) string {
	if len(l.Proofs) == 0 {
		return "nothing shows it"
	}
	return l.Proofs[0].Title + ": " + l.Proofs[0].Text
}

func (c *cmdline) soaDecide() *cobra.Command {
	framework, scope := "", ""
	cmd := c.command("accept", "Decide everything undecided as proposed", "holdfast soa accept --framework iso27001-2022", cobra.NoArgs, func(ctx context.Context, cl *client.Client, _ []string) error {
		out, err := cl.Decide(ctx, client.LineDecisions{Framework: framework, Scope: scope, Proposed: true})
		if err == nil {
			_, err = fmt.Fprintf(c.Out, "%d requirements decided\n", out.Changed)
		}
		return err
	})
	soaFlags(cmd, &framework, &scope)
	return cmd
}

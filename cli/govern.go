package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/api/client"
)

// needs prints how the needs of interested parties are met.
func (c *cmdline) needs() *cobra.Command {
	format := "table"
	cmd := c.command("needs", "How the needs of each are met, and what is missing", "holdfast interested-party needs", cobra.NoArgs, func(ctx context.Context, cl *client.Client, _ []string) error {
		list, err := cl.Parties(ctx)
		if err != nil {
			return err
		}
		return c.print(format, list, func() error {
			t := table{head: []string{"PARTY", "CATEGORY", "MEASURED", "PROOFS", "MISSING"}}
			for _, p := range list {
				t.add(p.Title, p.Category, p.Measured, strconv.Itoa(len(p.Proofs)), strings.Join(p.Lacks, " "))
			}
			return t.write(c.Out)
		})
	})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

// boundary prints what lies inside a scope and what crosses.
func (c *cmdline) boundary() *cobra.Command {
	format := "table"
	cmd := c.command("boundary KEY", "What lies inside, outside, and what crosses", "holdfast scope boundary company", cobra.ExactArgs(1), func(ctx context.Context, cl *client.Client, args []string) error {
		b, err := cl.Boundary(ctx, args[0])
		if err != nil {
			return err
		}
		return c.print(format, b, func() error {
			t := table{head: []string{"", "WHAT", "WHY"}}
			for _, p := range b.In {
				t.add("in", p.Title, p.Why)
			}
			for _, x := range b.Crossings {
				mark := "crosses"
				if x.AtRisk {
					mark = "at risk"
				}
				t.add(mark, x.Inside+" "+x.How+" "+x.Outside, x.Verdict)
			}
			for _, p := range b.Out {
				t.add("out", p.Title, p.Why)
			}
			return t.write(c.Out)
		})
	})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

// caseFigures prints the business case from the live records.
func (c *cmdline) caseFigures() *cobra.Command {
	format := "table"
	cmd := c.command("figures", "Loss now and with the plan, what it costs and what it returns", "holdfast business-case figures", cobra.NoArgs, func(ctx context.Context, cl *client.Client, _ []string) error {
		b, err := cl.Case(ctx)
		if err != nil {
			return err
		}
		return c.print(format, b, func() error {
			_, err := fmt.Fprintf(c.Out, "Loss of a year now   %14.0f   bad year (P90) %14.0f\nLoss with the plan   %14.0f   bad year (P90) %14.0f\nCost of the plan     %14.0f   a year, and %.0f hours once\nReturn (RoSI)        %14.0f   ALE₁ − ALE₂ − ACS\n\n",
				b.Now.Mean, b.Now.P90, b.With.Mean, b.With.P90, b.Yearly, b.Hours, b.Return)
			if err != nil {
				return err
			}
			t := table{head: []string{"MEASURE", "AVOIDS", "COSTS", "RETURNS"}}
			for _, m := range b.Measures {
				t.add(m.Title, fmt.Sprintf("%.0f", m.Avoided), fmt.Sprintf("%.0f", m.Cost), fmt.Sprintf("%.0f", m.Return))
			}
			return t.write(c.Out)
		})
	})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

// trends prints the indicators with how they moved.
func (c *cmdline) trends() *cobra.Command {
	format, days := "table", 365
	cmd := c.command("trends", "How the indicators moved", "holdfast indicator trends --days 90", cobra.NoArgs, func(ctx context.Context, cl *client.Client, _ []string) error {
		list, err := cl.Trends(ctx, days)
		if err != nil {
			return err
		}
		return c.print(format, list, func() error {
			t := table{head: []string{"INDICATOR", "VALUE", "TARGET", "UNIT", "HEALTH", "CHANGE", "READINGS"}}
			for _, i := range list {
				t.add(i.Title, number(i.Value), number(i.Target), i.Unit, i.Health, changeWords(i.Change), strconv.Itoa(len(i.Points)))
			}
			return t.write(c.Out)
		})
	})
	formatFlag(cmd, &format, "table, json, yaml")
	cmd.Flags().IntVar(&days, "days", days, "how far back")
	return cmd
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// changeWords says whether a figure became better, whichever way it points.
func changeWords(d *float64) string {
	switch {
	case d == nil:
		return ""
	case *d > 0:
		return "better by " + number(*d)
	case *d < 0:
		return "worse by " + number(-*d)
	}
	return "as before"
}

package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/api/client"
)

// coverage prints what would be noticed of what attackers do.
func (c *cmdline) coverage() *cobra.Command {
	format, all := "table", false
	cmd := c.command("coverage", "What would be noticed of what attackers do, by MITRE ATT&CK", "holdfast coverage\n  holdfast coverage layer > layer.json\n  holdfast coverage write", cobra.NoArgs,
		func(ctx context.Context, cl *client.Client, _ []string) error {
			m, err := cl.Coverage(ctx)
			if err != nil {
				return err
			}
			return c.print(format, m, func() error { return c.coverageTable(m, all) })
		})
	formatFlag(cmd, &format, "table, json, yaml")
	cmd.Flags().BoolVar(&all, "all", false, "list what would be noticed too, not only the blind spots that matter")
	cmd.AddCommand(c.coverageLayer(), c.coverageWrite())
	return cmd
}

func (c *cmdline) coverageTable(m client.Coverage, all bool) error {
	_, err := fmt.Fprintf(c.Out, "%.0f %% of what weighs here would be noticed, %.0f %% proved itself in a test.\n\n", 100*m.Share, 100*m.Proved)
	if err != nil {
		return err
	}
	t := table{head: []string{"TECHNIQUE", "NAME", "SIGHT", "WEIGHT", "BY", "REMEDY"}}
	for _, x := range m.Techniques {
		if !x.Matters && !(all && x.Sight != "blind") {
			continue
		}
		var by []string
		for _, w := range x.By {
			by = append(by, w.Title)
		}
		t.add(x.ID, x.Name, x.Sight, fmt.Sprintf("%.0f", x.Weight), strings.Join(by, ", "), x.Remedy)
	}
	return t.write(c.Out)
}

func (c *cmdline) coverageLayer() *cobra.Command {
	return c.command("layer", "Print the matrix as a layer of ATT&CK Navigator", "holdfast coverage layer > layer.json", cobra.NoArgs,
		func(ctx context.Context, cl *client.Client, _ []string) error { return cl.CoverageLayer(ctx, c.Out) })
}

func (c *cmdline) coverageWrite() *cobra.Command {
	return c.command("write", "Write the blind spots that matter into the register as findings", "holdfast coverage write", cobra.NoArgs,
		func(ctx context.Context, cl *client.Client, _ []string) error {
			out, err := cl.FindBlindSpots(ctx)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.Out, "%d opened, %d opened again, %d resolved; %d blind spots matter\n", out.Opened, out.Reopened, out.Resolved, out.Open)
			return err
		})
}

package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"holdfast/api/client"
)

// roadmap prints the way to a working ISMS, and plans it.
func (c *cmdline) roadmap() *cobra.Command {
	format := "table"
	cmd := c.command("roadmap", "The way to a working ISMS: what is done, what lacks, what comes next", "holdfast roadmap\n  holdfast roadmap plan --hours 4", cobra.NoArgs,
		func(ctx context.Context, cl *client.Client, _ []string) error {
			r, err := cl.Roadmap(ctx)
			if err != nil {
				return err
			}
			return c.print(format, r, func() error { return c.roadmapTable(r) })
		})
	formatFlag(cmd, &format, "table, json, yaml")
	cmd.AddCommand(c.roadmapPlan(), c.roadmapReplan())
	return cmd
}

func (c *cmdline) roadmapTable(r client.Roadmap) error {
	t := table{head: []string{"STEP", "TITLE", "THERE", "STATUS", "DUE", "EXPECTED", "NEXT"}}
	for i := len(r.Tracks) - 1; i >= 0; i-- {
		for _, st := range r.Tracks[i].Steps {
			mark := st.Status
			if st.Done {
				mark = "done"
			}
			next := st.Next
			if st.ID == r.Next {
				next = "→ " + next
			}
			t.add(st.ID, st.Title, fmt.Sprintf("%.0f %%", 100*st.Progress), mark, st.Due, st.Expected, next)
		}
	}
	return t.write(c.Out)
}

func (c *cmdline) roadmapPlan() *cobra.Command {
	var in client.PlanRequest
	cmd := c.command("plan", "Make the milestones that are missing, with owner and date", "holdfast roadmap plan --start 2027-01-11 --hours 4 --owner ada", cobra.NoArgs,
		func(ctx context.Context, cl *client.Client, _ []string) error {
			out, err := cl.PlanRoadmap(ctx, in)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.Out, "%d milestones planned\n", out.Made)
			return err
		})
	f := cmd.Flags()
	f.StringSliceVar(&in.Tracks, "track", nil, "isms, first; both when not given")
	f.StringVar(&in.Start, "start", "", "day on which the work begins; today when not given")
	f.Float64Var(&in.Hours, "hours", 0, "hours a week there are for it; 4 when not given")
	f.StringVar(&in.Owner, "owner", "", "key of the person who owns the milestones; the security lead when not given")
	return cmd
}

func (c *cmdline) roadmapReplan() *cobra.Command {
	var in client.ReplanRequest
	cmd := c.command("replan", "Hold the plan against reality: progress, forecast, what slips and why", "holdfast roadmap replan --adopt", cobra.NoArgs,
		func(ctx context.Context, cl *client.Client, _ []string) error {
			out, err := cl.Replan(ctx, in)
			if err != nil {
				return err
			}
			if len(out.Moved) == 0 {
				_, err = fmt.Fprintln(c.Out, "the plan and reality agree")
				return err
			}
			for _, line := range out.Moved {
				if _, err := fmt.Fprintln(c.Out, line); err != nil {
					return err
				}
			}
			return nil
		})
	cmd.Flags().BoolVar(&in.Adopt, "adopt", false, "take the forecasts as the new dates")
	return cmd
}

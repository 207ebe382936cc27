package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"holdfast/api/client"
)

// incidentTimes prints how fast alerts and incidents were answered.
func (c *cmdline) incidentTimes() *cobra.Command {
	format, months := "table", 12
	cmd := c.command("times", "Mean time to detect, acknowledge, contain and recover, by month", "holdfast incident times\n  holdfast incident times --months 24 -o json", cobra.NoArgs,
		func(ctx context.Context, cl *client.Client, _ []string) error {
			r, err := cl.ResponseTimes(ctx, months)
			if err != nil {
				return err
			}
			return c.print(format, r, func() error { return c.timesTable(r) })
		})
	cmd.Flags().IntVar(&months, "months", 12, "how many months back, 1 to 60")
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) timesTable(r client.ResponseTimes) error {
	t := table{head: []string{"MONTH", "INCIDENTS", "DETECT", "ACKNOWLEDGE", "CONTAIN", "RECOVER"}}
	line := func(first, second string, hours func(client.ResponseMeasure) (float64, bool)) {
		cells := []string{first, second}
		for _, m := range r.Measures {
			cell := ""
			if h, ok := hours(m); ok {
				cell = fmt.Sprintf("%.1f h", h)
			}
			cells = append(cells, cell)
		}
		t.add(cells...)
	}
	mean := func(times map[string]client.TimeSpread) func(client.ResponseMeasure) (float64, bool) {
		return func(m client.ResponseMeasure) (float64, bool) {
			sp, ok := times[m.ID]
			return sp.Mean, ok
		}
	}
	for _, m := range r.Months {
		line(m.Month, strconv.Itoa(m.Incidents), mean(m.Times))
	}
	line("last year", "", mean(r.Year))
	line("aim", "", func(m client.ResponseMeasure) (float64, bool) { return m.Target, true })
	return t.write(c.Out)
}

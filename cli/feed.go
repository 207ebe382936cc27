package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"holdfast/api/client"
)

// indicatorFeeds tells how the servers of indicators.yaml go.
func (c *cmdline) indicatorFeeds() *cobra.Command {
	format, fetch := "table", ""
	cmd := c.command("feeds", "The servers that indicators are fetched from: last fetch, how many, the last error", "holdfast threat-indicator feeds\n  holdfast threat-indicator feeds --fetch \"National CERT\"", cobra.NoArgs,
		func(ctx context.Context, cl *client.Client, _ []string) error {
			if fetch != "" {
				return c.fetchFeed(ctx, cl, fetch)
			}
			list, err := cl.IndicatorFeeds(ctx)
			if err != nil {
				return err
			}
			return c.print(format, list, func() error { return c.feedTable(list) })
		})
	cmd.Long = "The servers of indicators.yaml in the data folder, which the server of this product asks by\nitself: when that worked last, what it brought, and why it failed. --fetch has it ask now."
	cmd.Flags().StringVar(&fetch, "fetch", "", "have the server fetch from this one now")
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) fetchFeed(ctx context.Context, cl *client.Client, name string) error {
	job, err := cl.FetchFeed(ctx, name)
	if err != nil {
		return err
	}
	if job == "" {
		c.say("The server is fetching it already.")
		return nil
	}
	c.say("The server fetches it now; see job %s.", job)
	return nil
}

func (c *cmdline) feedTable(list []client.IndicatorFeed) error {
	if len(list) == 0 {
		c.say("No server is asked. Name some in indicators.yaml in the data folder; docs/recipes/indicators.md shows how.")
		return nil
	}
	t := table{head: []string{"NAME", "KIND", "HOST", "EVERY", "LAST WORKED", "READ", "NEW", "TROUBLE"}}
	for _, f := range list {
		last := "never"
		if !f.At.IsZero() {
			last = f.At.UTC().Format(time.DateTime)
		}
		t.add(printable(f.Name), f.Kind, f.Host, fmt.Sprintf("%d h", f.Every), last, fmt.Sprint(f.Read), fmt.Sprint(f.Created), printable(oneLine(f.Trouble)))
	}
	return t.write(c.Out)
}

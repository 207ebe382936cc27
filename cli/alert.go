package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"holdfast/api/client"
)

// alerts holds the commands about what rang, beside those of every kind of record.
func (c *cmdline) alerts() *cobra.Command {
	cmd := c.parent("alert", "What rang: by story, why it matters, whom it calls",
		"  holdfast alerts stories\n  holdfast alert about KEY\n  holdfast alert do KEY close --reason \"it was our own test\"",
		c.alertStories(), c.alertAbout(), c.alertTestRoute())
	cmd.Aliases = []string{"alerts"}
	return cmd
}

func (c *cmdline) alertStories() *cobra.Command {
	format := "table"
	cmd := c.command("stories", "The alerts that wait, by story, the worst first", "holdfast alerts stories", cobra.NoArgs,
		func(ctx context.Context, cl *client.Client, _ []string) error {
			list, err := cl.Stories(ctx)
			if err != nil {
				return err
			}
			return c.print(format, list, func() error { return c.storyTable(list) })
		})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) storyTable(list []client.Story) error {
	if len(list) == 0 {
		c.say("Nothing rings.")
		return nil
	}
	t := table{head: []string{"STORY", "SEVERITY", "SCORE", "EVENTS", "LAST SEEN", "STATUS", "KEY", "WHAT HAPPENED"}}
	for i, s := range list {
		for _, a := range s.Alerts {
			t.add(fmt.Sprint(i+1), a.Severity, fmt.Sprintf("%.0f", a.Score), fmt.Sprint(a.Count), a.Last.UTC().Format(time.DateTime), a.Status, a.Key, a.Title)
		}
	}
	return t.write(c.Out)
}

func (c *cmdline) alertAbout() *cobra.Command {
	format := "table"
	cmd := c.command("about KEY", "Why an alert matters here, what to do first, its events and its story", "holdfast alert about KEY", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			a, err := cl.AboutAlert(ctx, args[0])
			if err != nil {
				return err
			}
			return c.print(format, a, func() error { return c.alertSheet(a) })
		})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) alertSheet(a client.AlertAbout) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n%s, %s, %d events, last at %s UTC\n", a.Alert.Title, a.Alert.Severity, a.Alert.Status, a.Alert.Count, a.Alert.Last.UTC().Format(time.DateTime))
	fmt.Fprintf(&b, "\nWhy it matters: %s\nFirst: %s\nScore: %s\n", a.Why, a.FirstStep, a.Formula)
	for _, part := range []struct {
		head string
		list []string
	}{{"Open findings that fit", a.Findings}, {"Risks it shows", a.Risks}, {"What falls with it", a.Dependents}, {"The next doors", a.Next}} {
		if len(part.list) > 0 {
			fmt.Fprintf(&b, "%s: %s\n", part.head, strings.Join(part.list, "; "))
		}
	}
	for _, s := range a.Story {
		fmt.Fprintf(&b, "Same story: %s (%s)\n", s.Title, s.Key)
	}
	for _, e := range a.Events {
		fmt.Fprintf(&b, "  %q\n", e) // quoted: a line of a log can steer a terminal
	}
	_, err := fmt.Fprint(c.Out, b.String())
	return err
}

func (c *cmdline) alertTestRoute() *cobra.Command {
	return c.command("test-route ROUTE", "Send a test over an alert route", "holdfast alert test-route route-on-call", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			job, err := cl.TryRoute(ctx, args[0])
			if err != nil {
				return err
			}
			c.say("The server sends it now; see job %s.", job)
			return nil
		})
}

package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"holdfast/api/client"
)

// forward holds the commands about the systems that events are handed on to.
func (c *cmdline) forward() *cobra.Command {
	return c.parent("forward", "Where events are handed on to: how that goes, and a test", "  holdfast forward status\n  holdfast forward test siem", c.forwardStatus(), c.forwardTest())
}

func (c *cmdline) forwardStatus() *cobra.Command {
	format := "table"
	cmd := c.command("status", "How each target of forward.yaml goes: waiting, sent, refused, the last error", "holdfast forward status -o json", cobra.NoArgs,
		func(ctx context.Context, cl *client.Client, _ []string) error {
			out, err := cl.Forwarding(ctx)
			if err != nil {
				return err
			}
			return c.print(format, out, func() error { return c.forwardTable(out) })
		})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) forwardTable(out client.Forwarding) error {
	if out.Problem != "" {
		c.say("Events are not forwarded: %s", printable(out.Problem))
		return nil
	}
	if len(out.Targets) == 0 {
		c.say("Events are not forwarded. Name targets in %s; docs/recipes/forward.md shows how.", out.File)
		return nil
	}
	t := table{head: []string{"TARGET", "TO", "STATE", "LAST", "WAITING", "SENT", "FILTERED", "REFUSED", "SKIPPED", "CUT"}}
	for _, s := range out.Targets {
		last := "never"
		if !s.LastDealt.IsZero() {
			last = s.LastDealt.UTC().Format(time.DateTime)
		}
		t.add(s.Name, s.To, s.State, last, fmt.Sprint(s.Waiting), fmt.Sprint(s.Sent), fmt.Sprint(s.Filtered), fmt.Sprint(s.Refused+s.Unwritten), fmt.Sprint(s.Skipped), fmt.Sprint(s.Cut))
	}
	if err := t.write(c.Out); err != nil {
		return err
	}
	for _, s := range out.Targets {
		if s.LastError != "" {
			c.say("%s: the last error was at %s UTC: %s", s.Name, s.LastErrorAt.UTC().Format(time.DateTime), printable(oneLine(s.LastError)))
		}
	}
	return nil
}

func (c *cmdline) forwardTest() *cobra.Command {
	return c.command("test TARGET", "Send one event that says that it is a test", "holdfast forward test siem", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			if err := cl.TestForward(ctx, args[0]); err != nil {
				return err
			}
			c.say("%s took the test event.", args[0])
			return nil
		})
}

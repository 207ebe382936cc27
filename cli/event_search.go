package cli

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"holdfast/api/client"
)

// eventsSearch finds events, the newest first.
func (c *cmdline) eventsSearch() *cobra.Command {
	format := "table"
	q := client.EventQuery{Limit: 50}
	cmd := c.command("search [WORDS …]", "Find events by field, text and time", `holdfast events search 'src:10.0.0.0/8 user:root "failed password" -host:x after:2h'`, cobra.ArbitraryArgs,
		func(ctx context.Context, cl *client.Client, args []string) error {
			q.Text = strings.Join(args, " ")
			p, err := cl.Events(ctx, q)
			if err != nil {
				return err
			}
			return c.print(format, p, func() error { return c.eventTable(p) })
		})
	cmd.Flags().IntVar(&q.Limit, "limit", q.Limit, "how many at most, the newest")
	cmd.Flags().StringVar(&q.Cursor, "cursor", "", "go on where the page before ended")
	cmd.Flags().StringSliceVar(&q.Facets, "facet", nil, "count the values of a field: host, user, src, source, …")
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) eventTable(p client.EventPage) error {
	for _, e := range slices.Backward(p.Events) { // the newest stands last, above the prompt
		if err := c.eventLine(e); err != nil {
			return err
		}
	}
	more := ""
	if p.AtLeast {
		more = "at least "
	}
	_, err := fmt.Fprintf(c.Out, "%d of %s%d events\n", len(p.Events), more, p.Total)
	if p.Note != "" {
		c.say("%s", printable(oneLine(p.Note)))
	}
	for _, name := range slices.Sorted(maps.Keys(p.Facets)) {
		for _, v := range p.Facets[name] {
			fmt.Fprintf(c.Out, "%8d  %s:%s\n", v.Count, name, printable(v.Value))
		}
	}
	return err
}

// eventLine prints an event in one line. Nothing in it reaches the terminal as a
// command.
func (c *cmdline) eventLine(e client.Event) error {
	what := e.Fields["message"]
	if what == "" {
		what = string(e.Line())
	}
	_, err := fmt.Fprintf(c.Out, "%10d  %s  %s  %s\n", e.Position, e.Time.UTC().Format("2006-01-02 15:04:05.000"), printable(oneLine(e.Fields["device.hostname"])), printable(cutText(oneLine(what), 300)))
	return err
}

// tailPause is how often events are asked for while they are followed.
const tailPause = time.Second

// eventsTail prints events as they arrive.
func (c *cmdline) eventsTail() *cobra.Command {
	count := 0
	cmd := c.command("tail [WORDS …]", "Print events as they arrive", "holdfast events tail 'status:failure -source:web'", cobra.ArbitraryArgs,
		func(ctx context.Context, cl *client.Client, args []string) error {
			return c.tailEvents(ctx, cl, strings.Join(args, " "), count)
		})
	cmd.Flags().IntVar(&count, "count", 0, "end after so many; 0: never")
	return cmd
}

func (c *cmdline) tailEvents(ctx context.Context, cl *client.Client, text string, count int) error {
	q := client.EventQuery{Text: text, Limit: 10}
	for seen := 0; ; {
		p, err := cl.Events(ctx, q)
		if err != nil {
			return err
		}
		list := slices.SortedFunc(slices.Values(p.Events), func(a, b client.Event) int { return int(a.Position) - int(b.Position) }) //nolint:gosec // positions count lines
		for _, e := range list {
			if err := c.eventLine(e); err != nil {
				return err
			}
			if seen++; seen == count {
				return nil
			}
		}
		q.Behind, q.Limit = max(p.Last, 1), 1_000
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(tailPause):
		}
	}
}

// eventsStats tells what is kept.
func (c *cmdline) eventsStats() *cobra.Command {
	format := "table"
	cmd := c.command("stats", "How many events are kept, by source and day", "holdfast events stats", cobra.NoArgs,
		func(ctx context.Context, cl *client.Client, _ []string) error {
			s, err := cl.EventStats(ctx)
			if err != nil {
				return err
			}
			return c.print(format, s, func() error { return c.statsTable(s) })
		})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) statsTable(s client.EventStats) error {
	fmt.Fprintf(c.Out, "%d events, %d bytes of lines in %d bytes on disk; %d segments, %d lines not sealed\n", s.Count, s.Raw, s.Size, s.Segments, s.Unsealed)
	t := table{head: []string{"WHAT", "NAME", "EVENTS", "BYTES", "LAST"}}
	for _, part := range []struct {
		what string
		list map[string]client.EventSourceStat
	}{{"source", s.Sources}, {"day", s.Days}, {"dropped", s.Dropped}} {
		for _, name := range slices.Sorted(maps.Keys(part.list)) {
			i := part.list[name]
			t.add(part.what, name, strconv.FormatInt(i.Count, 10), strconv.FormatInt(i.Bytes, 10), i.Last.UTC().Format("2006-01-02 15:04:05"))
		}
	}
	return t.write(c.Out)
}

// eventsExport writes what a search finds.
func (c *cmdline) eventsExport() *cobra.Command {
	format := "json"
	cmd := c.command("export [WORDS …]", "Write events one a line, the newest first: JSON, OCSF or as they arrived", "holdfast events export 'after:24h' -o ocsf > events.jsonl", cobra.ArbitraryArgs,
		func(ctx context.Context, cl *client.Client, args []string) error {
			return cl.ExportEvents(ctx, strings.Join(args, " "), format, c.Out)
		})
	formatFlag(cmd, &format, "json, ocsf, raw")
	return cmd
}

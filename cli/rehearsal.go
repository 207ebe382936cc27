package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"holdfast/api/client"
)

// rehearse tries a rule on stored events.
func (c *cmdline) rehearse(ctx context.Context, cl *client.Client, rule string, in client.RehearsalRequest, format string) error {
	out, err := cl.Rehearse(ctx, rule, in)
	if err != nil {
		return err
	}
	return c.print(format, out, func() error { return c.rehearsalSheet(out) })
}

// rehearsalSheet prints what a rule would have done. Nothing of an event reaches the
// terminal as a command.
func (c *cmdline) rehearsalSheet(r client.Rehearsal) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%d events read, %d match; it would have rung %d times, as %d alerts: about %s a day.\n", r.Read, r.Matches, r.Rings, r.Alerts, roughly(r.PerDay))
	if r.Read > 0 {
		fmt.Fprintf(&b, "They arrived from %s to %s UTC.\n", r.First.UTC().Format(time.DateTime), r.Last.UTC().Format(time.DateTime))
	}
	switch r.Stopped {
	case "time":
		fmt.Fprintf(&b, "It stopped after %.0f seconds: what arrived later was not looked at.\n", r.Seconds)
	case "events":
		fmt.Fprintf(&b, "Only the newest of about %d events were looked at.\n", r.Stored)
	}
	for _, part := range []struct {
		head string
		list []client.Tally
	}{{"Machines", r.Assets}, {"Sources", r.Sources}, {"Actors", r.Actors}} {
		if len(part.list) > 0 {
			fmt.Fprintf(&b, "%s: %s\n", part.head, tallyWords(part.list))
		}
	}
	if _, err := fmt.Fprint(c.Out, b.String()); err != nil || len(r.Hits) == 0 {
		return err
	}
	t := table{head: []string{"TIME", "EVENT", "WHAT", "BECAUSE"}}
	for _, h := range r.Hits {
		because := ""
		if len(h.Reasons) > 0 {
			because = fmt.Sprintf("%q", cutText(h.Reasons[0], 120))
		}
		t.add(h.At.UTC().Format(time.DateTime), fmt.Sprint(h.Position), printable(oneLine(h.Title)), because)
	}
	return t.write(c.Out)
}

func tallyWords(list []client.Tally) string {
	var words []string
	for _, t := range list {
		name := printable(oneLine(t.Name))
		if name == "" {
			name = "unknown"
		}
		words = append(words, fmt.Sprintf("%s (%d)", name, t.Count))
	}
	return strings.Join(words, ", ")
}

// roughly writes an estimate: no more exact than it is.
func roughly(v float64) string {
	switch {
	case v == 0:
		return "0"
	case v < 0.1:
		return "less than 0.1"
	case v < 10:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

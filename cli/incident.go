package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"holdfast/api/client"
)

// incidentCommands are the commands of the incident room, beside those that every
// kind of record has.
func (c *cmdline) incidentCommands() []*cobra.Command {
	return []*cobra.Command{c.incidentDeclare(), c.incidentShow(), c.incidentLog(), c.incidentPhase(), c.incidentStep(), c.incidentNotify(), c.incidentTimeline(), c.incidentHand(), c.incidentTimes(), c.reportOn("incidents", "incident")}
}

func (c *cmdline) incidentDeclare() *cobra.Command {
	var in client.DeclareRequest
	cmd := c.command("declare TITLE", "Call something an incident; what is not said is guessed and shown", `holdfast incident declare "Files are encrypted" --asset file-server`, cobra.MaximumNArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			in.Title = strings.Join(args, " ")
			r, err := cl.Declare(ctx, in)
			if err != nil {
				return err
			}
			return c.roomTable(r)
		})
	f := cmd.Flags()
	f.StringVar(&in.AssetID, "asset", "", "where: key or id of an asset")
	f.StringVar(&in.Category, "category", "", "what kind, such as ransomware or phishing")
	f.StringVar(&in.Severity, "severity", "", "critical, high, medium or low; by the asset when not given")
	f.StringSliceVar(&in.AlertIDs, "alert", nil, "alerts that it is made of")
	f.StringVar(&in.TrapID, "trap", "", "the trap that was touched")
	f.StringVar(&in.ConcernID, "concern", "", "the report of something odd that it follows up")
	f.StringVar(&in.PlaybookID, "playbook", "", "what to follow")
	f.StringVar(&in.Summary, "summary", "", "what is known")
	f.BoolVar(&in.Exercise, "exercise", false, "it is only played; nobody outside is told")
	return cmd
}

func (c *cmdline) incidentShow() *cobra.Command {
	format := "table"
	cmd := c.command("show KEY", "Phase, next step, clocks and reach of an incident", "holdfast incident show files-are-encrypted", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			r, err := cl.Room(ctx, args[0])
			if err != nil {
				return err
			}
			return c.print(format, r, func() error { return c.roomTable(r) })
		})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

// roomTable prints what one must know at once.
func (c *cmdline) roomTable(r client.Room) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s  %s\n%s, %s, %s", r.Key, r.Title, r.Severity, r.Category, r.Phase)
	if !r.PhaseDue.IsZero() {
		fmt.Fprintf(&b, " until %s", clockTime(r.PhaseDue))
	}
	b.WriteString("\n")
	for _, line := range [][2]string{{"asset", r.Asset}, {"lead", r.Lead}, {"playbook", r.Playbook}} {
		if line[1] != "" {
			fmt.Fprintf(&b, "%-9s %s\n", line[0], line[1])
		}
	}
	fmt.Fprintf(&b, "%-9s %d assets, %.0f of value, data of %d people\n%-9s %.2f so far\n", "reach", len(r.Reach), r.Value, r.People, "cost", r.Cost)
	for _, s := range r.Steps {
		if s.Next {
			fmt.Fprintf(&b, "%-9s %s (%s)\n", "next", s.Title, s.Key)
		}
	}
	if _, err := fmt.Fprint(c.Out, b.String()); err != nil {
		return err
	}
	if len(r.Clocks) == 0 {
		return nil
	}
	t := table{head: []string{"CLOCK", "RULE", "STATUS", "DUE", "LEFT"}}
	for _, k := range r.Clocks {
		name := k.Clock
		if name == "" {
			name = k.ID
		}
		t.add(name, k.Rule, k.Status, clockTime(k.Due), k.Left)
	}
	return t.write(c.Out)
}

// clockTime is a time as commands print it.
func clockTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04Z")
}

func (c *cmdline) incidentLog() *cobra.Command {
	var in client.NoteRequest
	cmd := c.command("log KEY TEXT", "Write into the timeline, or put an entry right", `holdfast incident log files-are-encrypted "The host is off the network." --minutes 5`, cobra.ExactArgs(2),
		func(ctx context.Context, cl *client.Client, args []string) error {
			in.What = args[1]
			r, err := cl.WriteNote(ctx, args[0], in)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.Out, "%d entries\n", len(r.Timeline))
			return err
		})
	f := cmd.Flags()
	f.StringVar(&in.Type, "type", "action", "action, observation, decision or communication")
	f.StringVar(&in.Result, "result", "", "what came of it")
	f.IntVar(&in.Minutes, "minutes", 0, "work of people; it counts into the cost")
	f.Float64Var(&in.Cost, "cost", 0, "money spent besides")
	f.StringVar(&in.Correct, "corrects", "", "id of the entry that was wrong; it stays")
	return cmd
}

func (c *cmdline) incidentPhase() *cobra.Command {
	var in client.PhaseRequest
	cmd := c.command("phase KEY ACTION", "Go to a phase: contain, eradicate, recover, learn; or close, dismiss, reopen", `holdfast incident phase files-are-encrypted contain`, cobra.ExactArgs(2),
		func(ctx context.Context, cl *client.Client, args []string) error {
			in.Action = args[1]
			r, err := cl.MovePhase(ctx, args[0], in)
			if err != nil {
				return err
			}
			return c.roomTable(r)
		})
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why; needed to dismiss and to re-open")
	cmd.Flags().StringVar(&in.Lessons, "lessons", "", "what was learnt; needed to close")
	return cmd
}

func (c *cmdline) incidentStep() *cobra.Command {
	var in client.TickRequest
	cmd := c.command("step KEY STEP", "Say what came of a step of the playbook", `holdfast incident step files-are-encrypted isolate --outcome done`, cobra.ExactArgs(2),
		func(ctx context.Context, cl *client.Client, args []string) error {
			r, err := cl.TickStep(ctx, args[0], args[1], in)
			if err != nil {
				return err
			}
			return c.roomTable(r)
		})
	f := cmd.Flags()
	f.StringVar(&in.Outcome, "outcome", "done", "done, underway, failed, skipped; to a question yes or no")
	f.StringVar(&in.Note, "note", "", "what was seen")
	f.IntVar(&in.Minutes, "minutes", 0, "work of people")
	return cmd
}

func (c *cmdline) incidentNotify() *cobra.Command {
	var in client.NoticeRequest
	text := false
	cmd := c.command("notify KEY CLOCK", "Approve, send, waive or fill a message again", "holdfast incident notify files-are-encrypted gdpr-33 --text\n  holdfast incident notify files-are-encrypted gdpr-33 --do approve\n  holdfast incident notify files-are-encrypted gdpr-33 --do send --reference DPC-7", cobra.ExactArgs(2),
		func(ctx context.Context, cl *client.Client, args []string) error {
			if text {
				return c.noticeText(ctx, cl, args[0], args[1])
			}
			r, err := cl.Notice(ctx, args[0], args[1], in)
			if err != nil {
				return err
			}
			return c.roomTable(r)
		})
	f := cmd.Flags()
	f.BoolVar(&text, "text", false, "print the text and do nothing")
	f.StringVar(&in.Do, "do", "", "approve, send, waive or refill")
	f.StringVar(&in.Channel, "channel", "", "by what means it was sent")
	f.StringVar(&in.Reference, "reference", "", "the number that the recipient gave it")
	f.StringVar(&in.Remark, "remark", "", "proof; when it is late or not needed, why")
	return cmd
}

func (c *cmdline) noticeText(ctx context.Context, cl *client.Client, incident, clock string) error {
	r, err := cl.Room(ctx, incident)
	if err != nil {
		return err
	}
	for _, k := range r.Clocks {
		if k.Clock == clock || k.ID == clock {
			_, err := fmt.Fprintln(c.Out, k.Text)
			return err
		}
	}
	return slipf("this incident has no clock %q", clock)
}

func (c *cmdline) incidentTimeline() *cobra.Command {
	format := "table"
	cmd := c.command("timeline KEY", "What happened, in order", "holdfast incident timeline files-are-encrypted", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			r, err := cl.Room(ctx, args[0])
			if err != nil {
				return err
			}
			return c.print(format, r.Timeline, func() error {
				t := table{head: []string{"AT", "PHASE", "BY", "WHAT", "ID"}}
				for _, e := range r.Timeline {
					what := strings.Join(strings.Fields(e.What), " ")
					switch {
					case e.Corrects != "":
						what = "correction: " + what
					case e.Corrected != "":
						what += " (corrected)"
					}
					t.add(clockTime(e.At), e.Phase, e.By, what, e.ID)
				}
				return t.write(c.Out)
			})
		})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) incidentHand() *cobra.Command {
	var in client.HandOverRequest
	cmd := c.command("handover KEY ROLE PERSON", "Give a role to somebody else: lead, scribe, communication", `holdfast incident handover files-are-encrypted lead eve --note "Asleep until six."`, cobra.ExactArgs(3),
		func(ctx context.Context, cl *client.Client, args []string) error {
			in.Role, in.Person = args[1], args[2]
			r, err := cl.HandOver(ctx, args[0], in)
			if err != nil {
				return err
			}
			return c.roomTable(r)
		})
	cmd.Flags().StringVar(&in.Note, "note", "", "what the next one must know")
	return cmd
}

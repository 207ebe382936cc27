package cli

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/api/client"
	"holdfast/report"
)

// continuity is what keeps us going after the worst: the plan, the impact analysis
// and the sheet that needs no system.
func (c *cmdline) continuity() *cobra.Command {
	return c.parent("continuity", "The management plan, the impact of outages, and the crisis sheet",
		"  holdfast continuity plan\n  holdfast continuity impact\n  holdfast continuity sheet -o crisis.pdf", c.continuityPlan(), c.continuityWrite(), c.continuityImpact(), c.crisisSheet())
}

func (c *cmdline) continuityPlan() *cobra.Command {
	format := "table"
	cmd := c.command("plan", "How complete the management plan is, and what is missing", "holdfast continuity plan", cobra.NoArgs, func(ctx context.Context, cl *client.Client, _ []string) error {
		p, err := cl.SecurityPlan(ctx)
		if err != nil {
			return err
		}
		return c.print(format, p, func() error {
			t := table{head: []string{"PART", "THERE", "STATUS", "NEXT"}}
			for _, part := range p.Parts {
				t.add(part.Title, fmt.Sprintf("%.0f %%", 100*part.Progress), part.Status, oneLine(part.Next))
			}
			return t.write(c.Out)
		})
	})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) continuityWrite() *cobra.Command {
	return c.command("write", "Write the plans that are missing from the shipped skeletons", "holdfast continuity write", cobra.NoArgs, func(ctx context.Context, cl *client.Client, _ []string) error {
		out, err := cl.WritePlans(ctx)
		if err != nil {
			return err
		}
		for _, p := range out.Made {
			if _, err := fmt.Fprintf(c.Out, "%s  %s\n", p.Key, oneLine(p.Title)); err != nil {
				return err
			}
		}
		c.say("%d plans written", len(out.Made))
		return nil
	})
}

func (c *cmdline) continuityImpact() *cobra.Command {
	format := "table"
	cmd := c.command("impact", "How soon everything must be back, in which order, and what parts need and reality", "holdfast continuity impact", cobra.NoArgs, func(ctx context.Context, cl *client.Client, _ []string) error {
		a, err := cl.Impact(ctx)
		if err != nil {
			return err
		}
		return c.print(format, a, func() error {
			t := table{head: []string{"STEP", "ASSET", "NEEDED (h)", "ABLE (h)", "GAP"}}
			for _, r := range a.Assets {
				gap := ""
				if len(r.Gaps) > 0 {
					gap = r.Gaps[0].Text
				}
				t.add(fmt.Sprint(r.Step), oneLine(r.Asset.Title), hoursCell(r.Need.Hours), hoursCell(r.Able), oneLine(gap))
			}
			return t.write(c.Out)
		})
	})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func hoursCell(h float64) string {
	if h == 0 {
		return ""
	}
	return fmt.Sprintf("%.3g", h)
}

// crisisSheet writes the sheet that is printed and needs no system.
func (c *cmdline) crisisSheet() *cobra.Command {
	out := "crisis.pdf"
	cmd := &cobra.Command{Use: "sheet -o FILE", Short: "Write the crisis sheet: first steps, whom to call, what comes back first", Args: slips(cobra.NoArgs),
		Example: "  holdfast continuity sheet -o crisis.pdf",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ending := strings.ToLower(filepath.Ext(out))
			if _, ok := report.FormatOf(ending); !ok {
				return slipf("say where to with -o FILE; the file ends in %s", formatEndings())
			}
			return c.withClient(cmd, func(ctx context.Context, cl *client.Client) error {
				if err := writeWhole(out, func(w io.Writer) error { return cl.Report(ctx, "crisis-sheet"+ending, w) }); err != nil {
					return err
				}
				c.say("written to %s; print it, and keep it away from the systems", out)
				return nil
			})
		}}
	cmd.Flags().StringVarP(&out, "output", "o", out, "file to write: "+formatEndings())
	return cmd
}

// backupCommands are what a backup tool calls, and what a person asks in a crisis.
// They stand beside the commands of the record type.
func (c *cmdline) backupCommands() []*cobra.Command {
	return []*cobra.Command{c.backupReport(), c.backupVerify(), c.backupStatus(), c.backupChoose()}
}

func (c *cmdline) backupReport() *cobra.Command {
	var in client.CopyReport
	cmd := c.command("report KEY", "Report a copy, or that it failed; for a backup tool", "holdfast backup report backup-database --id snap-2291 --size 1502000000000\n  holdfast backup report backup-database --failed \"disk full\"", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			p, err := cl.ReportCopy(ctx, args[0], in)
			if err != nil {
				return err
			}
			if in.Failure != "" {
				_, err = fmt.Fprintln(c.Out, "failure noted")
				return err
			}
			_, err = fmt.Fprintf(c.Out, "%s  %s\n", p.Key, oneLine(p.Title))
			return err
		})
	f := cmd.Flags()
	f.StringVar(&in.Identifier, "id", "", "how the tool names the copy; reporting it twice changes nothing")
	f.StringVar(&in.Taken, "taken", "", "moment of which it holds the data, 2026-03-02T14:30:00Z; now when not given")
	f.Int64Var(&in.Size, "size", 0, "bytes")
	f.StringVar(&in.SHA256, "sha256", "", "hash of the copy")
	f.StringVar(&in.Place, "place", "", "where it lies; that of the backup when not given")
	f.StringVar(&in.KeepUntil, "keep-until", "", "day until which it is kept")
	f.StringVar(&in.Failure, "failed", "", "what went wrong; then there is no copy")
	return cmd
}

func (c *cmdline) backupVerify() *cobra.Command {
	var in client.RestoreReport
	cmd := c.command("verify KEY", "Report that a copy was restored and compared", "holdfast backup verify backup-database --minutes 95 --result \"All tables, counts equal\"", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			p, err := cl.ReportRestore(ctx, args[0], in)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.Out, "%s  %s\n", p.Status, oneLine(p.Title))
			return err
		})
	f := cmd.Flags()
	f.StringVar(&in.Point, "id", "", "the copy that was restored; the newest when not given")
	f.IntVar(&in.Minutes, "minutes", 0, "how long it took until it worked")
	f.StringVar(&in.Result, "result", "", "what was compared and what was found")
	f.BoolVar(&in.Failed, "failed", false, "it could not be restored")
	return cmd
}

func (c *cmdline) backupStatus() *cobra.Command {
	format := "table"
	cmd := c.command("status", "How well every asset can be restored; a copy nobody restored counts as none", "holdfast backup status", cobra.NoArgs, func(ctx context.Context, cl *client.Client, _ []string) error {
		b, err := cl.BackupBoard(ctx)
		if err != nil {
			return err
		}
		return c.print(format, b, func() error {
			t := table{head: []string{"ASSET", "STATE", "WHY", "NEXT"}}
			for _, l := range b.Assets {
				t.add(oneLine(l.Asset.Title), l.Health, oneLine(l.Verdict), oneLine(l.Next))
			}
			return t.write(c.Out)
		})
	})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) backupChoose() *cobra.Command {
	format, mark := "table", false
	var in client.TaintRequest
	cmd := c.command("choose", "To which copy one goes back: the newest proved one from before they came in", "holdfast backup choose --incident INCIDENT\n  holdfast backup choose --asset rondo-db --before 2026-03-02T14:30:00Z --mark", cobra.NoArgs,
		func(ctx context.Context, cl *client.Client, _ []string) error {
			if mark {
				if in.Asset == "" {
					return slipf("say with --asset of which asset the copies are marked")
				}
				out, err := cl.Taint(ctx, in)
				if err != nil {
					return err
				}
				c.say("%d copies marked as tainted, %s is held", out.Marked, orNone(out.Chosen))
			}
			list, err := cl.RestoreChoice(ctx, in)
			if err != nil {
				return err
			}
			return c.print(format, list, func() error {
				t := table{head: []string{"ASSET", "TAKEN", "VERDICT", "WHY"}}
				for _, choice := range list {
					for _, o := range choice.Options {
						verdict := o.Verdict
						if choice.Chosen != nil && choice.Chosen.Point.Key == o.Point.Key {
							verdict = "→ " + verdict
						}
						t.add(oneLine(choice.Asset.Title), o.Taken, verdict, oneLine(o.Why))
					}
				}
				return t.write(c.Out)
			})
		})
	f := cmd.Flags()
	f.StringVar(&in.Incident, "incident", "", "key of the incident; its assets and its beginning are taken from it")
	f.StringVar(&in.Asset, "asset", "", "key of the asset")
	f.StringVar(&in.Before, "before", "", "since when copies are not trusted; as the incident says when not given")
	f.BoolVar(&mark, "mark", false, "mark the copies from after it as tainted, and hold the chosen one")
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}

package cli

import (
	"bytes"
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"holdfast/api/client"
)

// exercise holds the commands on exercises beside those of every kind of record.
func (c *cmdline) exercise() *cobra.Command {
	return c.parent("exercise", "Play a crisis before it comes, and measure it", "  holdfast exercise generate --risk ransomware\n  holdfast exercise run KEY\n  holdfast exercise finish KEY --recovery 6",
		c.exerciseGenerate(), c.exerciseRun(), c.exerciseShow(), c.exerciseInject(), c.exerciseScore(), c.exerciseFinish(), c.reportOn("exercises", "exercise"))
}

func (c *cmdline) exerciseGenerate() *cobra.Command {
	var in client.ExerciseOrder
	format := "table"
	cmd := c.command("generate", "Make an exercise of your own risks, systems, people and duties", "holdfast exercise generate\n  holdfast exercise generate --scenario ransomware --seed 7\n  holdfast exercise generate --restore", cobra.NoArgs,
		func(ctx context.Context, cl *client.Client, _ []string) error {
			r, err := cl.PlanExercise(ctx, in)
			if err != nil {
				return err
			}
			return c.print(format, r, func() error { return c.printRoom(r) })
		})
	f := cmd.Flags()
	f.StringVar(&in.Risk, "risk", "", "key of the risk to play; the dearest that was not played for longest when not given")
	f.StringVar(&in.Scenario, "scenario", "", "kind of incident: ransomware, phishing, data_leak, …")
	f.BoolVar(&in.Restore, "restore", false, "a restore test instead of a story")
	f.StringVar(&in.Asset, "asset", "", "key of the asset that a restore test brings back")
	f.IntVar(&in.Seed, "seed", 0, "number of the story: the same number makes the same story")
	f.IntVar(&in.Minutes, "minutes", 0, "length; 90 when not given")
	f.StringVar(&in.At, "at", "", "when, as 2027-03-01T09:00:00Z; in two weeks when not given")
	f.StringVar(&in.Lead, "lead", "", "key of the moderator; you when not given")
	f.BoolVar(&in.Announced, "announced", true, "people know that it is an exercise")
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) printRoom(r client.ExerciseRoom) error {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s  (%s, %s, story %d)\n%s\n", oneLine(r.Title), r.ID, r.Status, r.Seed, oneLine(r.Scenario))
	if r.Status == "running" {
		fmt.Fprintf(&b, "%d minutes on the clock\n", r.Minutes)
	}
	fmt.Fprintln(&b)
	t := table{head: []string{"MINUTE", "ID", "TO", "STATUS", "SCORE", "NEWS"}}
	for _, i := range r.Injects {
		status := i.Status
		if i.Due {
			status = "due"
		}
		score := ""
		if i.Status == "answered" || i.Status == "missed" {
			score = fmt.Sprintf("%d %%", i.Score)
		}
		t.add(fmt.Sprint(i.Minute), i.ID, i.To, status, score, oneLine(i.News))
	}
	if err := t.write(&b); err != nil {
		return err
	}
	if r.Score >= 0 {
		fmt.Fprintf(&b, "\nscore %d %%", r.Score)
		if r.Recovery > 0 {
			fmt.Fprintf(&b, ", back after %g h", r.Recovery)
		}
		if r.Recovery > 0 && r.TargetHours > 0 {
			fmt.Fprintf(&b, " (target %g h)", r.TargetHours)
		}
		fmt.Fprintln(&b)
	}
	for _, f := range r.Follows {
		fmt.Fprintf(&b, "→ %s\n", oneLine(f))
	}
	_, err := b.WriteTo(c.Out)
	return err
}

// room makes a command that answers with the room.
func (c *cmdline) room(use, short, example string, do func(context.Context, *client.Client, string) (client.ExerciseRoom, error)) *cobra.Command {
	format := "table"
	cmd := c.command(use, short, example, cobra.ExactArgs(1), func(ctx context.Context, cl *client.Client, args []string) error {
		r, err := do(ctx, cl, args[0])
		if err != nil {
			return err
		}
		return c.print(format, r, func() error { return c.printRoom(r) })
	})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) exerciseRun() *cobra.Command {
	return c.room("run KEY", "Start the clock of an exercise", "holdfast exercise run KEY", func(ctx context.Context, cl *client.Client, id string) (client.ExerciseRoom, error) {
		return cl.StartExercise(ctx, id)
	})
}

func (c *cmdline) exerciseShow() *cobra.Command {
	return c.room("show KEY", "An exercise with its clock, its news and its score", "holdfast exercise show KEY", func(ctx context.Context, cl *client.Client, id string) (client.ExerciseRoom, error) {
		return cl.ExerciseRoom(ctx, id)
	})
}

func (c *cmdline) exerciseInject() *cobra.Command {
	return c.command("inject ID", "Note that the players were told the news", "holdfast exercise inject ID", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			if err := cl.GiveInject(ctx, args[0]); err != nil {
				return err
			}
			_, err := fmt.Fprintln(c.Out, "told")
			return err
		})
}

func (c *cmdline) exerciseScore() *cobra.Command {
	var in client.InjectScore
	cmd := c.command("score ID", "Judge what the players did about the news", "holdfast exercise score ID --met 'Declare the incident' --answer 'Called after six minutes'", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			score, err := cl.ScoreInject(ctx, args[0], in)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.Out, "%d %%\n", score)
			return err
		})
	f := cmd.Flags()
	f.StringArrayVar(&in.Met, "met", nil, "a criterion that was met, word by word; may be given several times")
	f.StringVar(&in.Answer, "answer", "", "what they did, in their words")
	f.BoolVar(&in.Missed, "missed", false, "nothing was done")
	return cmd
}

func (c *cmdline) exerciseFinish() *cobra.Command {
	var in client.ExerciseEnd
	cmd := c.room("finish KEY", "End an exercise; what went wrong becomes corrective actions", "holdfast exercise finish KEY --recovery 6\n  holdfast exercise finish KEY --restored --compared 'Counts of all tables'", func(ctx context.Context, cl *client.Client, id string) (client.ExerciseRoom, error) {
		return cl.FinishExercise(ctx, id, in)
	})
	f := cmd.Flags()
	f.Float64Var(&in.Recovery, "recovery", 0, "hours from the first sign until work went on")
	f.StringVar(&in.Result, "result", "", "what worked, what did not; made of the scores when not given")
	f.StringVar(&in.NextOn, "next", "", "day of the next one; sooner the worse it went when not given")
	f.BoolVar(&in.Restored, "restored", false, "of a restore test: what came back is complete")
	f.StringVar(&in.Compared, "compared", "", "of a restore test: what was compared and what was found")
	return cmd
}

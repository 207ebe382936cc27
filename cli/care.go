package cli

import (
	"context"
	"fmt"
	"slices"

	"github.com/spf13/cobra"

	"holdfast/store"
)

// verify proves that the history is whole.
func (c *cmdline) verify() *cobra.Command {
	format, fingerprint := "table", ""
	cmd := &cobra.Command{
		Use: "verify [PACK.zip]", Short: "Prove that nobody changed the history, or an audit pack", Args: slips(cobra.MaximumNArgs(1)),
		Long: "Check every entry of the journal against its hash, the entry before it, and the anchors\nthat were written down outside the database. With an audit pack, check that instead: every\nfile, and the chain of the journal inside; it needs no server and no data. It ends with\nstatus 3 when something is wrong.",
		Example: `  holdfast verify --data /srv/holdfast
  holdfast verify audit-pack.zip
  holdfast verify --data /srv/holdfast --database postgres://holdfast@db/holdfast`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				return c.verifyPack(args[0], fingerprint, format)
			}
			if fingerprint != "" {
				return slipf("--fingerprint belongs to an audit pack: name its file")
			}
			if err := c.onThisMachine(cmd); err != nil {
				return err
			}
			return c.withLocal(cmd, func(ctx context.Context, l *Local) error { return c.verifyIn(ctx, l, format) })
		},
	}
	formatFlag(cmd, &format, "table, json, yaml")
	cmd.Flags().StringVar(&fingerprint, "fingerprint", "", "fingerprint that the audit pack must have, as it was given by another way")
	return cmd
}

// onThisMachine refuses a server: the proof must not depend on what it says.
func (c *cmdline) onThisMachine(cmd *cobra.Command) error {
	if err := c.choose(cmd); err != nil {
		return err
	}
	if c.at.server != "" {
		return slipf("this works on the data itself: name the data folder with --data, on the machine that has it")
	}
	if c.at.data == "" {
		c.at.data = usualData(c.Env)
	}
	return nil
}

func (c *cmdline) verifyIn(ctx context.Context, l *Local, format string) error {
	p := c.newProgress(false)
	defer p.end()
	heads, err := l.App.Store().VerifyJournals(ctx, l.Anchors, func(workspace string, seq int64) { p.tell("journal of "+workspace, int(seq), 0) })
	p.end()
	if err != nil {
		return fmt.Errorf("the history does not hold: %w", err)
	}
	return c.print(format, heads, func() error {
		t := table{head: []string{"WORKSPACE", "ENTRIES", "LAST", "HASH"}}
		for _, h := range heads {
			t.add(h.Workspace, fmt.Sprint(h.Seq), h.At.UTC().Format("2006-01-02 15:04:05"), h.Hash)
		}
		if err := t.write(c.Out); err != nil {
			return err
		}
		c.say("The history is whole; %d anchors agree.", len(l.Anchors))
		return nil
	})
}

// doctor looks for damage.
func (c *cmdline) doctor() *cobra.Command {
	format, repair := "table", false
	cmd := &cobra.Command{
		Use: "doctor", Short: "Look for damage, each with its remedy", Args: slips(cobra.NoArgs),
		Long: "Look for damage in the data: the file of the database, references that lead nowhere, records\nthat differ from their journal, the history, the version, disk space, permissions, the clock\nand the age of the advisories. It changes nothing, unless --repair is given, and ends with status 3 when something is wrong.",
		Example: `  holdfast doctor --data /srv/holdfast
  holdfast doctor --data /srv/holdfast -o json`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := c.onThisMachine(cmd); err != nil {
				return err
			}
			if repair {
				if err := c.withLocal(cmd, func(ctx context.Context, l *Local) error { return l.App.Store().RebuildSearch(ctx) }); err != nil {
					return err
				}
			}
			problems, err := c.examine(cmd)
			if err != nil {
				return err
			}
			return c.prescribe(problems, format)
		},
	}
	formatFlag(cmd, &format, "table, json, yaml")
	cmd.Flags().BoolVar(&repair, "repair", false, "first make the search index anew from the records; nothing else is touched")
	return cmd
}

// examine collects everything that is wrong. A database that cannot be opened is
// one of the problems, not the end of the examination.
func (c *cmdline) examine(cmd *cobra.Command) ([]store.Problem, error) {
	var problems []store.Problem
	err := c.withLocal(cmd, func(ctx context.Context, l *Local) error {
		p := c.newProgress(false)
		defer p.end()
		p.tell("installation", 0, 0)
		found, err := l.Doctor(ctx)
		problems = append(problems, found...)
		return err
	})
	if isSlip(err) {
		return nil, err
	}
	if err != nil {
		problems = append(problems, store.Problem{Where: "database", What: "cannot be read: " + err.Error(),
			Remedy: "stop the server, keep a copy of the data folder, and restore the last backup"})
	}
	return problems, nil
}

func (c *cmdline) prescribe(problems []store.Problem, format string) error {
	if problems == nil {
		problems = []store.Problem{}
	}
	err := c.print(format, problems, func() error {
		for _, p := range problems {
			where := p.Where
			if p.Workspace != "" {
				where += " in workspace " + p.Workspace
			}
			word := "remedy"
			if p.Minor {
				word = "advice"
			}
			if _, err := fmt.Fprintf(c.Out, "%s: %s\n  %s: %s\n", oneLine(where), oneLine(p.What), word, oneLine(p.Remedy)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	problems = slices.DeleteFunc(problems, func(p store.Problem) bool { return p.Minor })
	if len(problems) > 0 {
		return &exit{Failure, fmt.Sprintf("%d problems", len(problems))}
	}
	c.say("Nothing is wrong.")
	return nil
}

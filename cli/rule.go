package cli

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"

	"holdfast/api/client"
	"holdfast/flow/detection"

	"github.com/spf13/cobra"
)

// rules holds the commands about detection rules, beside those of every kind of record.
func (c *cmdline) rules() *cobra.Command {
	cmd := c.parent("detection-rule", "Detection rules: take them in and out, try them on events",
		"  holdfast rules adopt --state active\n  holdfast rules import sigma/rules --state testing\n  holdfast rules try rule-guessing --since 7d\n  holdfast rules export rules.zip",
		c.rulesImport(), c.rulesAdopt(), c.rulesExport(), c.rulesTry())
	cmd.Aliases = []string{"detection-rules", "detection_rule", "detection_rules", "rule", "rules"}
	return cmd
}

func stateFlag(cmd *cobra.Command, into *string, dryRun *bool) {
	cmd.Flags().BoolVar(dryRun, "dry-run", false, "tell what would come and keep nothing")
	cmd.Flags().StringVar(into, "state", "testing", "in which new rules begin: draft, testing (they count and call nobody), active")
}

func (c *cmdline) rulesImport() *cobra.Command {
	var state string
	var dryRun bool
	cmd := c.command("import PATH", "Take in Sigma rules: a YAML file, a folder or a ZIP archive", "holdfast rules import sigma/rules --dry-run\n  holdfast rules import sigma/rules --state testing", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			data, err := rulesAt(args[0])
			if err != nil {
				return err
			}
			out, err := cl.ImportRules(ctx, filepath.Base(args[0]), state, dryRun, bytes.NewReader(data))
			if err != nil {
				return err
			}
			return c.tellImport(out)
		})
	stateFlag(cmd, &state, &dryRun)
	return cmd
}

// rulesAt reads a file, or packs the rules of a folder into an archive.
func rulesAt(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return os.ReadFile(path)
	}
	files, err := detection.ReadRuleFiles(os.DirFS(path))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, badInput{fmt.Errorf("%s: no rules were found", path)}
	}
	return detection.PackRules(files)
}

func (c *cmdline) tellImport(out client.RuleImport) error {
	would := ""
	if out.DryRun {
		would = "would be "
		t := table{head: []string{"WHAT", "LEVEL", "SOURCE", "TITLE"}}
		for _, n := range out.Rules {
			what := "new"
			if n.Key != "" {
				what = "changes " + n.Key
			}
			t.add(what, n.Level, n.Source, printable(oneLine(n.Title)))
		}
		if err := t.write(c.Out); err != nil {
			return err
		}
	}
	if _, err := fmt.Fprintf(c.Out, "%s%d new, %d changed, %d as they were\n", would, out.Added, out.Changed, out.Same); err != nil {
		return err
	}
	for _, why := range out.Refused {
		c.say("left out: %s", why)
	}
	return nil
}

func (c *cmdline) rulesAdopt() *cobra.Command {
	var state string
	var dryRun bool
	cmd := c.command("adopt", "Take in the rules that ship with the product", "holdfast rules adopt --state active", cobra.NoArgs,
		func(ctx context.Context, cl *client.Client, _ []string) error {
			out, err := cl.AdoptRules(ctx, state, dryRun)
			if err != nil {
				return err
			}
			return c.tellImport(out)
		})
	stateFlag(cmd, &state, &dryRun)
	return cmd
}

func (c *cmdline) rulesExport() *cobra.Command {
	return c.command("export FILE", "Write all rules into a ZIP archive, letter for letter", "holdfast rules export rules.zip", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			var packed bytes.Buffer
			if err := cl.ExportRules(ctx, &packed); err != nil {
				return err
			}
			return os.WriteFile(args[0], packed.Bytes(), 0o600)
		})
}

func (c *cmdline) rulesTry() *cobra.Command {
	var as string
	var in client.RehearsalRequest
	format := "table"
	cmd := c.command("try RULE [EVENTS]", "Try a rule on stored events, or on a file of them; nothing is kept and nobody is called",
		"holdfast rules try rule-guessing --since 7d\n  holdfast rules try my-rule.yml /var/log/auth.log", cobra.RangeArgs(1, 2),
		func(ctx context.Context, cl *client.Client, args []string) error {
			if len(args) == 1 {
				return c.rehearse(ctx, cl, args[0], in, format)
			}
			return c.tryOnFile(ctx, cl, args[0], args[1], as, format)
		})
	cmd.Long = "Try a rule. With a file of rules and one of events: what matches, and why. With the key of a\nrule alone: what it would have done with the events that are stored, and about how many\nalerts a day that is."
	f := cmd.Flags()
	f.StringVar(&as, "as", "", "how the lines of a file are read: syslog, json, access_log, cloudtrail, …; recognised when not given")
	f.StringVar(&in.Since, "since", "7d", "stored events that arrived since: how long ago (24h, 7d), a date, an instant, or all")
	f.StringVar(&in.Until, "until", "", "and before; now when not given")
	f.IntVar(&in.Hits, "hits", 20, "how many matches are told one by one, at most 200")
	f.IntVar(&in.Events, "events", 0, "look at so many events at most: of more, the newest")
	f.IntVar(&in.Seconds, "seconds", 20, "stop after so many seconds, at most 120, and tell what was found until then")
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) tryOnFile(ctx context.Context, cl *client.Client, ruleFile, eventFile, as, format string) error {
	rule, err := os.ReadFile(ruleFile)
	if err != nil {
		return err
	}
	events, err := os.ReadFile(eventFile)
	if err != nil {
		return err
	}
	out, err := cl.TryRule(ctx, client.RuleTry{Body: string(rule), Events: string(events), Format: as})
	if err != nil {
		return err
	}
	return c.print(format, out, func() error { return c.trialTable(out) })
}

func (c *cmdline) trialTable(out client.RuleTrial) error {
	t := table{head: []string{"LINE", "RULE", "BECAUSE"}}
	for _, h := range out.Hits {
		because := ""
		if len(h.Reasons) > 0 {
			because = fmt.Sprintf("%q", h.Reasons[0])
		}
		t.add(fmt.Sprint(h.Line), h.Rule, because)
	}
	if err := t.write(c.Out); err != nil {
		return err
	}
	for _, found := range out.Together {
		c.say("together: %q", found)
	}
	c.say("%d of %d lines match.", out.Matches, out.Lines)
	return nil
}

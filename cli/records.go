package cli

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/api/client"
	"holdfast/isms"
	"holdfast/kind"
	"holdfast/port"
)

// addKind adds the commands of a kind. Where another command has the name already,
// they become part of it.
func (c *cmdline) addKind(root *cobra.Command, k *kind.Kind) {
	name := dashed(k.Name)
	names := []string{name, k.Name, k.Plural, strings.ReplaceAll(k.Plural, "-", "_")}
	for _, cmd := range root.Commands() {
		if cmd.Name() == name {
			cmd.AddCommand(c.kindCommands(k)...)
			return
		}
	}
	cmd := c.parent(name, k.Doc, kindExamples(k))
	cmd.GroupID, cmd.Hidden = "records", true // "holdfast kinds" lists them; 83 lines would bury the rest
	slices.Sort(names[1:])
	cmd.Aliases = slices.DeleteFunc(slices.Compact(names[1:]), func(s string) bool { return s == name })
	if c.mentions(names) {
		cmd.AddCommand(c.kindCommands(k)...)
	}
	root.AddCommand(cmd)
}

// mentions tells whether an argument names the kind: the commands of the others
// need not be made.
func (c *cmdline) mentions(names []string) bool {
	return slices.ContainsFunc(c.Args, func(arg string) bool { return slices.Contains(names, arg) })
}

func kindExamples(k *kind.Kind) string {
	name := dashed(k.Name)
	lines := []string{
		"holdfast " + name + " list --sort -updated_at --limit 20",
		"holdfast " + name + " get KEY -o yaml",
		"holdfast " + name + ` new title="A title"`,
		"holdfast " + name + ` set KEY title="Another title" --reason "misspelt"`,
	}
	if k.StateField != "" {
		lines = append(lines, "holdfast "+name+" list --filter "+k.StateField+"="+k.States()[0])
	}
	if len(k.Actions) > 0 {
		line := "holdfast " + name + " do KEY " + k.Actions[0].Name
		if k.Actions[0].Reason {
			line += ` --reason "why"`
		}
		lines = append(lines, line)
	}
	return "  " + strings.Join(lines, "\n  ")
}

func (c *cmdline) kindCommands(k *kind.Kind) []*cobra.Command {
	cmds := []*cobra.Command{
		c.list(k), c.get(k), c.set(k), c.create(k), c.delete(k), c.restore(k), c.history(k), c.links(k), c.link(k, true), c.link(k, false), c.fields(k),
	}
	if len(k.Actions) > 0 {
		cmds = append(cmds, c.do(k))
	}
	if own := c.ownCommands()[k.Name]; own != nil {
		cmds = append(cmds, own()...)
	}
	return cmds
}

// ownCommands are those that only one kind has, by its name.
func (c *cmdline) ownCommands() map[string]func() []*cobra.Command {
	return map[string]func() []*cobra.Command{
		isms.Documents.Name: c.documentCommands,
		isms.Risks.Name:     func() []*cobra.Command { return []*cobra.Command{c.why(), c.whatIf()} },
		isms.Frameworks.Name: func() []*cobra.Command {
			return []*cobra.Command{c.importFramework(), c.shippedFrameworks(), c.adopt(), c.frameworkStatus()}
		},
		isms.InterestedParties.Name: func() []*cobra.Command { return []*cobra.Command{c.needs()} },
		isms.Scopes.Name:            func() []*cobra.Command { return []*cobra.Command{c.boundary()} },
		isms.BusinessCases.Name:     func() []*cobra.Command { return []*cobra.Command{c.caseFigures()} },
		isms.Incidents.Name:         c.incidentCommands,
		isms.ThreatIndicators.Name: func() []*cobra.Command {
			return []*cobra.Command{c.importIndicators(), c.fetchIndicators(), c.indicatorFeeds()}
		},
		isms.Backups.Name:    c.backupCommands,
		isms.Indicators.Name: func() []*cobra.Command { return []*cobra.Command{c.trends()} },
	}
}

// command makes a command on records: do is called with a client.
func (c *cmdline) command(use, short, example string, args cobra.PositionalArgs, do func(ctx context.Context, cl *client.Client, args []string) error) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Example: "  " + example, Args: slips(args),
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.withClient(cmd, func(ctx context.Context, cl *client.Client) error { return do(ctx, cl, args) })
		}}
}

// show prints records as a file, written where the records are.
func (c *cmdline) show(ctx context.Context, cl *client.Client, k *kind.Kind, q kind.Query, format string) error {
	if !slices.Contains(port.Formats, port.Format(format)) {
		return badFormat(format, "table", "json", "yaml", "csv", "xlsx")
	}
	return cl.Download(ctx, k, q, format, c.Out)
}

func (c *cmdline) get(k *kind.Kind) *cobra.Command {
	format := "table"
	cmd := c.command("get KEY", "Show one", "holdfast "+dashed(k.Name)+" get KEY -o yaml", cobra.ExactArgs(1), func(ctx context.Context, cl *client.Client, args []string) error {
		r, err := cl.Get(ctx, k, args[0])
		if err != nil {
			return err
		}
		if format == "table" {
			return c.sheet(k, r)
		}
		b := r.GetBase()
		q := kind.Query{Deleted: !b.DeletedAt.IsZero()}.Where("id", b.ID)
		return c.show(ctx, cl, k, q, format)
	})
	formatFlag(cmd, &format, "table, json, yaml, csv")
	return cmd
}

func formatFlag(cmd *cobra.Command, format *string, known string) {
	cmd.Flags().StringVarP(format, "output", "o", *format, "format: "+known)
}

// sheet prints the fields of a record that hold something.
func (c *cmdline) sheet(k *kind.Kind, r kind.Record) error {
	t := table{head: []string{"FIELD", "VALUE"}}
	for _, f := range k.Fields {
		if f.Hidden || f.IsZero(r) {
			continue
		}
		lines := strings.Split(strings.TrimSpace(f.Text(r)), "\n")
		for i, line := range lines {
			name := f.Name
			if i > 0 {
				name = ""
			}
			t.add(name, line)
		}
	}
	return t.write(c.Out)
}

func (c *cmdline) set(k *kind.Kind) *cobra.Command {
	var reason string
	var version int64
	cmd := c.command("set KEY FIELD=VALUE…", "Change fields; FIELD= empties one, FIELD=@FILE takes it from a file",
		"holdfast "+dashed(k.Name)+` set KEY title="Another title" labels=a,b`, cobra.MinimumNArgs(2), func(ctx context.Context, cl *client.Client, args []string) error {
			fields, err := assignments(k, args[1:])
			if err != nil {
				return err
			}
			before, err := cl.Get(ctx, k, args[0])
			if err != nil {
				return err
			}
			was := before.GetBase().Version
			if version == 0 {
				version = was
			}
			r, err := cl.PatchBecause(ctx, k, before.GetBase().ID, version, reason, fields)
			if err != nil {
				return err
			}
			what := "changed"
			if r.GetBase().Version == was {
				what = "unchanged"
			}
			return c.told(k, r, what)
		})
	cmd.Flags().StringVar(&reason, "reason", "", "why; kept in the history")
	cmd.Flags().Int64Var(&version, "version", 0, "refuse when the record has another version")
	return cmd
}

// told prints what became of a record.
func (c *cmdline) told(k *kind.Kind, r kind.Record, what string) error {
	_, err := fmt.Fprintf(c.Out, "%s/%s %s\n", dashed(k.Name), r.GetBase().Key, what)
	return err
}

func (c *cmdline) create(k *kind.Kind) *cobra.Command {
	template := false
	cmd := &cobra.Command{Use: "new FIELD=VALUE…", Short: "Make one; --template prints a file to fill in for apply", Args: slips(cobra.ArbitraryArgs),
		Example: "  holdfast " + dashed(k.Name) + " new key=KEY title=\"A title\"\n  holdfast " + dashed(k.Name) + " new --template > " + dashed(k.Name) + ".yaml",
		RunE: func(cmd *cobra.Command, args []string) error {
			if template {
				return port.Template(c.Out, k)
			}
			if len(args) == 0 {
				return slipf("say what it is: FIELD=VALUE…, or print a file to fill in with --template")
			}
			fields, err := assignments(k, args)
			if err != nil {
				return err
			}
			return c.withClient(cmd, func(ctx context.Context, cl *client.Client) error {
				r, err := cl.Create(ctx, k, fields)
				if err != nil {
					return err
				}
				return c.told(k, r, "created")
			})
		}}
	cmd.Flags().BoolVar(&template, "template", false, "print an empty document with every field explained")
	return cmd
}

// maxFieldFile bounds a file that is the value of a field.
const maxFieldFile = kind.MaxLongText

// assignments reads FIELD=VALUE words into JSON values.
func assignments(k *kind.Kind, words []string) (map[string]any, error) {
	fields := map[string]any{}
	scratch := k.New()
	for _, word := range words {
		name, text, ok := strings.Cut(word, "=")
		if !ok {
			return nil, slipf("%q is not FIELD=VALUE", word)
		}
		if msg := port.Unknown(k, name); msg != "" {
			return nil, slipf("%s %s", name, msg)
		}
		f := k.Field(name)
		if f.Computed {
			return nil, slipf("%s is computed; it cannot be set", name)
		}
		text, err := fromFile(text)
		if err != nil {
			return nil, err
		}
		if err := f.SetText(scratch, text); err != nil {
			return nil, err
		}
		raw, err := f.JSON(scratch)
		if err != nil {
			return nil, err
		}
		fields[name] = raw
	}
	return fields, nil
}

// fromFile is the content of FILE for "@FILE"; "@@name" is the text "@name".
func fromFile(text string) (string, error) {
	path, named := strings.CutPrefix(text, "@")
	if !named || strings.HasPrefix(path, "@") {
		return path, nil
	}
	data, err := readFile(path, maxFieldFile)
	return string(data), err
}

// readFile reads a file of at most limit bytes.
func readFile(path string, limit int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, slipf("%s is a directory", path)
	}
	if info.Size() > limit {
		return nil, slipf("%s is larger than %d bytes", path, limit)
	}
	return os.ReadFile(path)
}

func (c *cmdline) delete(k *kind.Kind) *cobra.Command {
	return c.command("delete KEY…", "Put it into the bin, from which restore takes it back", "holdfast "+dashed(k.Name)+" delete KEY", cobra.MinimumNArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			for _, key := range args {
				r, err := cl.Get(ctx, k, key)
				if err != nil {
					return err
				}
				if err := cl.Delete(ctx, k, r.GetBase().ID, r.GetBase().Version); err != nil {
					return err
				}
				if err := c.told(k, r, "deleted"); err != nil {
					return err
				}
			}
			return nil
		})
}

func (c *cmdline) restore(k *kind.Kind) *cobra.Command {
	return c.command("restore KEY", "Take it out of the bin", "holdfast "+dashed(k.Name)+" restore KEY", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			r, err := cl.Restore(ctx, k, args[0])
			if err != nil {
				return err
			}
			return c.told(k, r, "restored")
		})
}

func (c *cmdline) history(k *kind.Kind) *cobra.Command {
	limit, format := 50, "table"
	cmd := c.command("history KEY", "Who changed what, when and why", "holdfast "+dashed(k.Name)+" history KEY", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			list, err := cl.History(ctx, k, args[0], limit)
			if err != nil {
				return err
			}
			return c.print(format, list, func() error {
				t := table{head: []string{"WHEN", "WHO", "DID", "WHAT", "WHY"}}
				for _, e := range list {
					var fields []string
					for _, ch := range e.Changes {
						fields = append(fields, ch.Field)
					}
					t.add(e.At.UTC().Format("2006-01-02 15:04:05"), e.Actor, e.Verb, strings.Join(fields, ", "), oneLine(e.Reason))
				}
				return t.write(c.Out)
			})
		})
	cmd.Flags().IntVar(&limit, "limit", limit, "how many entries")
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) do(k *kind.Kind) *cobra.Command {
	var in client.ActionInput
	var until string
	var names []string
	for _, a := range k.Actions {
		names = append(names, a.Name)
	}
	cmd := c.command("do KEY ACTION", "Act on it: "+strings.Join(names, ", "), "holdfast "+dashed(k.Name)+" do KEY "+names[0]+` --reason "why"`, cobra.ExactArgs(2),
		func(ctx context.Context, cl *client.Client, args []string) error {
			if k.Action(args[1]) == nil {
				return slipf("%s has no action %q; it has: %s%s", dashed(k.Name), args[1], strings.Join(names, ", "), didYouMean(args[1], names))
			}
			var err error
			if in.Until, err = kind.ParseDate(until); err != nil {
				return slipf("--until: %w", err)
			}
			r, err := cl.Act(ctx, k, args[0], args[1], 0, in)
			if err != nil {
				return err
			}
			what := args[1]
			if state := k.State(r); state != "" {
				what += ": " + state
			}
			return c.told(k, r, what)
		})
	cmd.ValidArgsFunction = func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) != 1 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
	cmd.Flags().StringVar(&in.Reason, "reason", "", "why; kept in the history")
	cmd.Flags().StringVar(&until, "until", "", "day on which a decision ends, such as 2027-01-31")
	return cmd
}

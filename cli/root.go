package cli

import (
	"fmt"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/isms"
	"holdfast/kind"
)

const rootHelp = `Holdfast measures security, puts it in money, and closes the loop from what was
seen to a decision, a safeguard, and proof.

Every kind of record has its own commands: holdfast KIND list, get, new, set, do,
delete, history and more. "holdfast kinds" lists the kinds.

Scans need nothing but this program. Commands on records work on a data folder
(--data DIR) or on a server (--server URL, token in HOLDFAST_TOKEN).`

const rootExamples = `  holdfast demo                                   try it with a sample organisation
  holdfast serve --data /srv/holdfast             run it
  holdfast scan host                              what is wrong on this machine?
  holdfast scan sbom bom.json --advisories osv/ --fail-on high
  holdfast detect --rules sigma/rules --events events.json
  holdfast risk list --sort -loss_now
  holdfast risk why ransomware
  holdfast plan -f isms/`

// root is the tree of all commands.
func (c *cmdline) root() *cobra.Command {
	root := &cobra.Command{
		Use: "holdfast", Short: "An information security management system that measures", Long: rootHelp, Example: rootExamples,
		SilenceErrors: true, SilenceUsage: true, Args: slips(cobra.ArbitraryArgs), RunE: c.unknown,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: false},
	}
	root.SetOut(c.Out)
	root.SetErr(c.Err)
	root.SetIn(c.In)
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return slip{err} })
	c.at.flags(root, c.Env)
	root.AddGroup(&cobra.Group{ID: "run", Title: "Run it:"}, &cobra.Group{ID: "look", Title: "Look:"},
		&cobra.Group{ID: "records", Title: "Records:"}, &cobra.Group{ID: "care", Title: "Take care of it:"})
	root.SetHelpCommandGroupID("care")
	root.SetCompletionCommandGroupID("care")
	add := func(group string, commands ...*cobra.Command) {
		for _, cmd := range commands {
			cmd.GroupID = group
			root.AddCommand(cmd)
		}
	}
	add("run", c.serve(), c.demo(), c.version())
	add("look", c.roadmap(), c.continuity(), c.scan(), c.detect(), c.events(), c.source(), c.alerts(), c.rules(), c.forward(), c.decoy(), c.trap(), c.coverage(), c.soa(), c.search(), c.report())
	add("records", c.kinds(), c.oscal(), c.export(), c.importFile(), c.plan(), c.apply())
	add("records", c.file(), c.playbook(), c.exercise())
	add("care", c.verify(), c.doctor())
	for _, k := range isms.Kinds {
		c.addKind(root, k)
	}
	return root
}

// unknown answers a command that does not exist with the one that was meant.
func (c *cmdline) unknown(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return cmd.Help()
	}
	var names []string
	for _, sub := range cmd.Commands() {
		if sub.Name() != "help" {
			names = append(names, sub.Name())
			names = append(names, sub.Aliases...)
		}
	}
	return slipf("%q is not a command of %s%s", args[0], cmd.CommandPath(), didYouMean(args[0], names))
}

// didYouMean names the word that is nearest to what was written.
func didYouMean(word string, names []string) string {
	best, bestD := "", 3
	slices.Sort(names)
	for _, name := range names {
		if d := kind.Distance(word, name); d < bestD {
			best, bestD = name, d
		}
	}
	if best == "" {
		return ""
	}
	return "; did you mean " + best + "?"
}

// parent makes a command that only holds others.
func (c *cmdline) parent(use, short, example string, subs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{Use: use, Short: short, Example: example, Args: slips(cobra.ArbitraryArgs), RunE: c.unknown}
	cmd.AddCommand(subs...)
	return cmd
}

func (c *cmdline) version() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "Print the version", Args: slips(cobra.NoArgs), Example: "  holdfast version",
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintf(c.Out, "holdfast %s (%s, %s/%s)\n", c.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		}}
}

func (c *cmdline) kinds() *cobra.Command {
	return &cobra.Command{Use: "kinds", Short: "List the kinds of record", Args: slips(cobra.NoArgs), Example: "  holdfast kinds",
		RunE: func(*cobra.Command, []string) error {
			t := table{head: []string{"KIND", "GROUP", "WHAT IT IS"}}
			for _, k := range isms.Kinds {
				t.add(dashed(k.Name), string(k.Group), k.Doc)
			}
			return t.write(c.Out)
		}}
}

func dashed(name string) string { return strings.ReplaceAll(name, "_", "-") }

func (c *cmdline) serve() *cobra.Command {
	var o ServeOptions
	cmd := &cobra.Command{
		Use: "serve", Short: "Run the server", Args: slips(cobra.NoArgs),
		Long: "Run the server until it is stopped. On the first start it makes the data folder and\nprints a link by which the first administrator comes in. With detect: true alone under\nstream: in events.yaml it looks at events that another machine shares, and serves no pages.\n\nWith --keep a small process holds the sockets of the server and starts it again when it\ndies: no message of plain syslog is lost. systemd does the same where the unit says so.",
		Example: `  holdfast serve
  holdfast serve --data /srv/holdfast --listen 0.0.0.0:8420
  holdfast serve --data /srv/holdfast --keep --follow /srv/app/logs
  holdfast serve --data /srv/holdfast --database postgres://holdfast@db/holdfast`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o.Data, o.Database, o.Templates = c.at.data, c.at.database, c.at.templates
			if o.Data == "" {
				o.Data = usualData(c.Env)
			}
			return c.Serve(cmd.Context(), o)
		},
	}
	listenFlags(cmd, &o)
	cmd.Flags().BoolVar(&o.Keep, "keep", false, "start the server again when it dies, and hold its sockets meanwhile (Linux)")
	cmd.Flags().StringArrayVar(&o.Follow, "follow", filepath.SplitList(c.Env("HOLDFAST_FOLLOW")), "folder whose log files may be followed, beside /var/log; repeatable (HOLDFAST_FOLLOW, separated by colons)")
	return cmd
}

func (c *cmdline) demo() *cobra.Command {
	var o ServeOptions
	cmd := &cobra.Command{
		Use: "demo", Short: "Run it with a sample organisation", Args: slips(cobra.NoArgs),
		Long:    "Run the product with a sample organisation in a temporary folder, which is removed at\nthe end, and look at this machine.",
		Example: "  holdfast demo\n  holdfast demo --advisories osv.zip --no-browser",
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("data") {
				o.Data = c.at.data
			}
			return c.Demo(cmd.Context(), o)
		},
	}
	listenFlags(cmd, &o)
	cmd.Flags().StringVar(&o.Advisories, "advisories", "", "directory or archive of advisories (OSV) instead of fetching them")
	return cmd
}

func listenFlags(cmd *cobra.Command, o *ServeOptions) {
	cmd.Flags().StringVar(&o.Listen, "listen", "127.0.0.1:8420", "address to listen on")
	cmd.Flags().BoolVar(&o.NoBrowser, "no-browser", false, "do not open a browser")
	trapFlags(cmd, &o.Traps)
}

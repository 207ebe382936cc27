package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/api/client"
	"holdfast/engine"
	"holdfast/engine/inventory"
	"holdfast/feed"
	"holdfast/flow"
	"holdfast/port"
)

// A scanning is one scan with its flags.
type scanning struct {
	advisories string
	format     string
	failOn     string
	name       string
	quiet      bool
}

func (c *cmdline) scan() *cobra.Command {
	return c.parent("scan", "Look at a machine, a directory or a bill of materials",
		"  holdfast scan host\n  holdfast scan root /mnt/image -o json\n  holdfast scan sbom bom.json --advisories osv.zip --fail-on high",
		c.scanCommand("host", "Look at this machine", "Look at this machine: the software it holds and how it is set up. Nothing is run and nothing\nchanged. What only root may see is left out when you are not root.",
			"  holdfast scan host\n  sudo holdfast scan host --fail-on critical\n  holdfast scan host --data /srv/holdfast", cobra.NoArgs,
			func(ctx context.Context, _ []string, tell engine.Progress) (*engine.Target, error) {
				return inventory.Host(ctx, c.Now(), tell)
			}),
		c.scanCommand("root DIR", "Look at a directory that holds a whole system", "Look at a directory that holds a whole file system: an unpacked image, a chroot, a mounted disk.",
			"  holdfast scan root /mnt/image\n  holdfast scan root ./rootfs -o json > scan.json", cobra.ExactArgs(1),
			func(ctx context.Context, args []string, tell engine.Progress) (*engine.Target, error) {
				if info, err := os.Stat(args[0]); err != nil {
					return nil, err
				} else if !info.IsDir() {
					return nil, slipf("%s is not a directory", args[0])
				}
				return inventory.Root(ctx, args[0], c.Now(), tell)
			}),
		c.scanCommand("sbom FILE", "Look at a bill of materials", "Look at a bill of materials: CycloneDX, SPDX or Syft, recognised by its content. - reads standard input.",
			"  holdfast scan sbom bom.json --advisories osv.zip\n  syft alpine -o cyclonedx-json | holdfast scan sbom - --name alpine", cobra.ExactArgs(1), c.readSBOM),
	)
}

type looker func(ctx context.Context, args []string, tell engine.Progress) (*engine.Target, error)

func (c *cmdline) scanCommand(use, short, long, example string, args cobra.PositionalArgs, look looker) *cobra.Command {
	s := scanning{format: "table", advisories: c.Env("HOLDFAST_ADVISORIES")}
	cmd := &cobra.Command{Use: use, Short: short, Long: long, Example: example, Args: slips(args),
		RunE: func(cmd *cobra.Command, args []string) error { return c.runScan(cmd, s, args, look) }}
	f := cmd.Flags()
	f.StringVar(&s.advisories, "advisories", s.advisories, "directory or archive of advisories in OSV form, with KEV and EPSS (HOLDFAST_ADVISORIES)")
	f.Lookup("advisories").DefValue = ""
	formatFlag(cmd, &s.format, "table, json, yaml, csv")
	f.StringVar(&s.failOn, "fail-on", "", "exit with status 1 when a finding is at least this bad: low, medium, high, critical")
	f.StringVar(&s.name, "name", "", "what to call the target; the asset gets this name")
	f.BoolVarP(&s.quiet, "quiet", "q", false, "no progress")
	return cmd
}

func (c *cmdline) readSBOM(ctx context.Context, args []string, _ engine.Progress) (*engine.Target, error) {
	if args[0] == "-" {
		return sbomErr(inventory.SBOM(ctx, "standard input", c.In, c.Now()))
	}
	f, err := os.Open(args[0])
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, slipf("%s is a directory; name a file, or use: holdfast scan root %s", args[0], args[0])
	}
	return sbomErr(inventory.SBOM(ctx, args[0], f, c.Now()))
}

// sbomErr says that a file which cannot be read is wrong input.
func sbomErr(t *engine.Target, err error) (*engine.Target, error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		return nil, badInput{err}
	}
	return t, err
}

// badInput is a file that is not as it should be. The command was right.
type badInput struct{ error }

func (b badInput) Unwrap() error { return b.error }

func (c *cmdline) runScan(cmd *cobra.Command, s scanning, args []string, look looker) error {
	if err := s.check(); err != nil {
		return err
	}
	takeIn, err := c.named(cmd)
	if err != nil {
		return err
	}
	p := c.newProgress(s.quiet)
	defer p.end()
	t, err := look(cmd.Context(), args, p.tell)
	if err != nil {
		return err
	}
	if s.name != "" {
		t.Name = s.name
	}
	index, err := c.index(cmd.Context(), s, p)
	if err != nil {
		return err
	}
	defer index.Close() //nolint:errcheck // it was only read
	runs := engine.RunAll(cmd.Context(), c.able(t, index), t, c.Now, p.tell)
	if err := cmd.Context().Err(); err != nil {
		return err
	}
	p.end()
	stats := index.Stats()
	scan := port.NewScan(t, runs, port.ScanAdvisories{Loaded: stats.Advisories, Newest: stats.Newest})
	if err := c.printScan(s.format, scan); err != nil {
		return err
	}
	if takeIn {
		if err := c.withClient(cmd, func(ctx context.Context, cl *client.Client) error { return c.takeIn(ctx, cl, scan) }); err != nil {
			return err
		}
	}
	return s.verdict(scan)
}

func (s scanning) check() error {
	if s.failOn != "" && engine.Severity(s.failOn).Rank() < engine.Low.Rank() {
		return slipf("--fail-on %s: choose low, medium, high or critical", s.failOn)
	}
	if !slices.Contains([]string{"table", "json", "yaml", "csv"}, s.format) {
		return badFormat(s.format, "table", "json", "yaml", "csv")
	}
	return nil
}

// index loads the advisories: those that are named, or those of the data folder.
func (c *cmdline) index(ctx context.Context, s scanning, p *progress) (*feed.Index, error) {
	if s.advisories != "" {
		if _, err := os.Stat(s.advisories); err != nil {
			return nil, err
		}
		index, err := feed.Load(ctx, s.advisories, feed.Progress(p.tell))
		if err != nil {
			return nil, badInput{err}
		}
		return index, nil
	}
	if c.at.data == "" || !exists(filepath.Join(c.at.data, "feed")) {
		return nil, nil
	}
	return feed.Open(c.at.data)
}

// able leaves out engines that have nothing to look at. Without advisories a machine
// is still checked for how it is set up, which is said; of a bill of materials
// nothing would be left, so that its comparison fails and says why.
func (c *cmdline) able(t *engine.Target, index *feed.Index) []engine.Engine {
	none := index.Stats().Advisories == 0
	var list []engine.Engine
	for _, e := range flow.Engines(index) {
		switch {
		case e.Name() == "configcheck" && t.FS == nil:
		case e.Name() == "vulnmatch" && none && t.FS != nil:
			c.say("There are no advisories, so software was not compared with them; name some with --advisories.")
		default:
			list = append(list, e)
		}
	}
	return list
}

// verdict is the exit status that --fail-on asks for. An engine that failed cannot
// vouch for anything.
func (s scanning) verdict(scan *port.Scan) error {
	var failed []string
	for _, e := range scan.Engines {
		if e.Error != "" {
			failed = append(failed, e.Name+": "+e.Error)
		}
	}
	if s.failOn == "" {
		if len(failed) == len(scan.Engines) && len(failed) > 0 {
			return &exit{Failure, "holdfast: " + printable(strings.Join(failed, "; "))}
		}
		return nil
	}
	n := 0
	for _, f := range scan.Findings {
		if f.Severity.Rank() >= engine.Severity(s.failOn).Rank() {
			n++
		}
	}
	switch {
	case n > 0:
		return &exit{Findings, fmt.Sprintf("%d of severity %s or worse", n, s.failOn)}
	case len(failed) > 0:
		return &exit{Failure, "holdfast: cannot say whether anything is " + s.failOn + ": " + printable(strings.Join(failed, "; "))}
	}
	return nil
}

// takeIn sends the scan to where the records are.
func (c *cmdline) takeIn(ctx context.Context, cl *client.Client, scan *port.Scan) error {
	data, err := json.Marshal(scan)
	if err != nil {
		return err
	}
	var out flow.Outcome
	if err := cl.Scan(ctx, bytes.NewReader(data), &out); err != nil {
		return err
	}
	c.say("%s: %d new, %d back again, %d resolved; %d findings are open in %d risks.", out.Asset, out.Opened, out.Reopened, out.Resolved, out.Open, out.Risks)
	return nil
}

func (c *cmdline) printScan(format string, scan *port.Scan) error {
	switch format {
	case "json":
		return printJSON(c.Out, scan)
	case "yaml":
		return printYAML(c.Out, scan)
	case "csv":
		return scan.WriteCSV(c.Out)
	}
	return c.scanTable(scan)
}

func (c *cmdline) scanTable(scan *port.Scan) error {
	t := table{head: []string{"SEVERITY", "WHAT", "WHERE", "INSTALLED", "FIXED IN", "TITLE"}}
	counts := map[engine.Severity]int{}
	for _, f := range scan.Findings {
		counts[f.Severity]++
		where := f.Package
		if where == "" {
			where = f.Subject
		}
		mark := ""
		if f.Exploited {
			mark = " (exploited)"
		}
		t.add(string(f.Severity)+mark, f.Check, oneLine(where), oneLine(f.Installed), oneLine(f.FixedIn), oneLine(f.Title))
	}
	if len(t.rows) > 0 {
		if err := t.write(c.Out); err != nil {
			return err
		}
		fmt.Fprintln(c.Out)
	}
	var parts []string
	for _, s := range []engine.Severity{engine.Critical, engine.High, engine.Medium, engine.Low, engine.None} {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	summary := "nothing found"
	if len(parts) > 0 {
		summary = strings.Join(parts, ", ")
	}
	fmt.Fprintf(c.Out, "%s: %s in %d packages\n", oneLine(scan.Target.Name), summary, scan.Inventory.Packages)
	for _, e := range scan.Engines {
		if e.Error != "" {
			c.say("%s did not finish: %s", e.Name, e.Error)
		}
	}
	if n := len(scan.Inventory.Problems); n > 0 {
		c.say("%d things could not be read; -o json lists them.", n)
	}
	return nil
}

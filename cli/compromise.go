package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"holdfast/api/client"
	"holdfast/port/stix"
)

// importIndicators takes in indicators of compromise.
func (c *cmdline) importIndicators() *cobra.Command {
	var in client.IndicatorIntake
	format := "table"
	cmd := c.command("import FILE...", "Take in STIX 2 bundles, events of MISP, or tables", "holdfast threat-indicator import report.json --source \"National CERT\"", cobra.MinimumNArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			for _, file := range args {
				data, err := c.readBounded(file, stix.MaxFile)
				if err != nil {
					return err
				}
				in.Name = filepath.Base(file)
				out, err := cl.ImportIndicators(ctx, in, bytes.NewReader(data))
				if err != nil {
					return err
				}
				if err := c.print(format, out, func() error { return c.tellIndicators(in.Name, out) }); err != nil {
					return err
				}
			}
			return nil
		})
	f := cmd.Flags()
	f.StringVar(&in.Source, "source", "", "who tells, where the file does not say")
	f.StringVar(&in.Severity, "severity", "", "how bad a sighting is: low, medium, high, critical; medium when not given")
	f.IntVar(&in.ValidDays, "valid-days", 0, "how long they are looked for; what their author says, or by their type, when not given")
	f.BoolVar(&in.Context, "context", false, "take in also what MISP marks as context only, as less sure")
	f.BoolVar(&in.DryRun, "dry-run", false, "tell what would happen and keep nothing")
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

// readBounded reads a file, or standard input for -.
func (c *cmdline) readBounded(file string, most int64) ([]byte, error) {
	from := c.In
	if file != "-" {
		f, err := os.Open(file)
		if err != nil {
			return nil, err
		}
		defer func() { _ = f.Close() }() // it was only read
		from = f
	}
	data, err := io.ReadAll(io.LimitReader(from, most+1))
	if err == nil && int64(len(data)) > most {
		return nil, badInput{fmt.Errorf("%s: is larger than %d MiB", file, most>>20)}
	}
	return data, err
}

func (c *cmdline) tellIndicators(name string, out client.IndicatorsTaken) error {
	would := ""
	if out.DryRun {
		would = "would be "
	}
	_, err := fmt.Fprintf(c.Out, "%s: %d indicators read as %s; %s%d new, %d changed, %d unchanged, %d revoked; %d too old, %d cannot be looked for\n",
		name, out.Read, out.Format, would, out.Created, out.Changed, out.Unchanged, out.Revoked, out.Old, out.Left)
	for i, s := range out.Skipped {
		if i == 5 {
			c.say("and %d more; -o json lists them", out.Left-5)
			break
		}
		c.say("left out: %s %s: %s", s.Where, s.What, s.Why)
	}
	return err
}

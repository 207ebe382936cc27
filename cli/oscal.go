package cli

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/api/client"
	"holdfast/flow"
	"holdfast/port/library"
)

// oscal holds the commands on documents of OSCAL.
func (c *cmdline) oscal() *cobra.Command {
	return c.parent("oscal", "Write documents of OSCAL from live records", "  holdfast oscal export ssp -o ssp.json\n  holdfast oscal export poam -o -", c.oscalExport())
}

func (c *cmdline) oscalExport() *cobra.Command {
	out, scope := "", ""
	var names, lines []string
	for _, d := range flow.OSCALDocuments {
		names = append(names, d.Name)
		lines = append(lines, fmt.Sprintf("  %-10s %s", d.Name, d.Title))
	}
	cmd := &cobra.Command{
		Use: "export NAME -o FILE", Short: "Write a document of OSCAL: " + strings.Join(names, ", "), Args: slips(cobra.ExactArgs(1)), ValidArgs: names,
		Long:    "Write a document of OSCAL 1.1 as JSON, made of the records as they are now:\n\n" + strings.Join(lines, "\n") + "\n\nThe same records give the same bytes.",
		Example: "  holdfast oscal export ssp -o ssp.json\n  holdfast oscal export results --scope office -o results.json",
		RunE: func(cmd *cobra.Command, args []string) error {
			if out == "" {
				return slipf("say where to with -o FILE, or -o - for standard output")
			}
			return c.withClient(cmd, func(ctx context.Context, cl *client.Client) error {
				if out == "-" {
					return cl.OSCAL(ctx, args[0], scope, c.Out)
				}
				err := writeWhole(out, func(w io.Writer) error { return cl.OSCAL(ctx, args[0], scope, w) })
				if err == nil {
					c.say("written to %s", out)
				}
				return err
			})
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write; - is standard output")
	cmd.Flags().StringVar(&scope, "scope", "", "key of a scope; without it, the whole organisation")
	return cmd
}

// importFramework takes in frameworks of others.
func (c *cmdline) importFramework() *cobra.Command {
	dryRun, format := false, "table"
	cmd := c.command("import FILE...", "Take in a framework of somebody else", "holdfast framework import catalog.json --dry-run\n  holdfast framework import profile.json catalog.json", cobra.MinimumNArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			name, data, err := gatherLibrary(args)
			if err != nil {
				return err
			}
			options := url.Values{"name": {name}}
			if dryRun {
				options.Set("dry_run", "true")
			}
			var in flow.Intake
			if err := cl.ImportFramework(ctx, bytes.NewReader(data), options, &in); err != nil {
				return err
			}
			return c.print(format, in, func() error { return c.tookIn(in) })
		})
	cmd.Long = "Take in frameworks and the mappings between them, all or none: OSCAL catalogues (JSON, XML),\nprofiles with the catalogues they build on, and mapping collections; libraries of CISO Assistant\n(YAML, XLSX); tables (CSV, XLSX) with columns such as code, title, text and parent; standards in\nCycloneDX; ASVS and Probo (JSON). The form is found by what the file holds. A second import\nchanges nothing."
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "tell what would come and change nothing")
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

// gatherLibrary reads one file as it is, and several as an archive.
func gatherLibrary(paths []string) (string, []byte, error) {
	if len(paths) == 1 {
		data, err := readFile(paths[0], library.MaxFile)
		return filepath.Base(paths[0]), data, err
	}
	var b bytes.Buffer
	archive := zip.NewWriter(&b)
	for _, p := range paths {
		data, err := readFile(p, library.MaxFile)
		if err != nil {
			return "", nil, err
		}
		w, err := archive.Create(filepath.Base(p))
		if err != nil {
			return "", nil, err
		}
		if _, err := w.Write(data); err != nil {
			return "", nil, err
		}
	}
	err := archive.Close()
	return "files.zip", b.Bytes(), err
}

func (c *cmdline) tookIn(in flow.Intake) error {
	would := ""
	if in.DryRun {
		would = " (nothing was kept)"
	}
	for _, f := range in.Frameworks {
		if _, err := fmt.Fprintf(c.Out, "%s: %d requirements in %d chapters; %d new, %d changed, %d unchanged%s\n",
			oneLine(f.Title), f.Controls, f.Chapters, f.Created, f.Changed, f.Unchanged, would); err != nil {
			return err
		}
	}
	for _, m := range in.Mappings {
		text := fmt.Sprintf("%d new", m.Taken)
		if m.Absent != "" {
			text = "left out, because " + m.Absent + " is not in the workspace"
		}
		if _, err := fmt.Fprintf(c.Out, "%s → %s: %d pairs; %s%s\n", oneLine(m.Source), oneLine(m.Target), m.Pairs, text, would); err != nil {
			return err
		}
	}
	for _, n := range in.Notes {
		c.say("%s", oneLine(n))
	}
	return nil
}

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

// report writes a document, or lists those that can be written.
func (c *cmdline) report() *cobra.Command {
	out := ""
	cmd := &cobra.Command{
		Use: "report NAME -o FILE", Short: "Write a document, such as the risk assessment report", Args: slips(cobra.ExactArgs(1)),
		Long:    "Write a document from live records. The ending of the file says as what: .pdf, .html,\n.docx for a word processor or .xlsx for a spreadsheet. \"holdfast report list\" tells which\ndocuments there are; audit-pack.zip holds all of them with the records and the journal.",
		Example: "  holdfast report list\n  holdfast report risk -o risk.pdf\n  holdfast report risk-register -o register.xlsx\n  holdfast report audit-pack -o pack.zip",
		RunE: func(cmd *cobra.Command, args []string) error {
			ending := strings.ToLower(filepath.Ext(out))
			if args[0] == auditPack && ending != ".zip" {
				return slipf("the audit pack is an archive: say where to with -o FILE.zip")
			}
			if _, ok := report.FormatOf(ending); !ok && args[0] != auditPack {
				return slipf("say where to with -o FILE; the file ends in %s", formatEndings())
			}
			return c.withClient(cmd, func(ctx context.Context, cl *client.Client) error {
				err := writeWhole(out, func(w io.Writer) error { return cl.Report(ctx, args[0]+ending, w) })
				if err != nil {
					return err
				}
				c.say("written to %s", out)
				if args[0] == auditPack {
					return c.verifyPack(out, "", "table")
				}
				return nil
			})
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write: "+formatEndings())
	cmd.AddCommand(c.reportList())
	return cmd
}

// auditPack is the name of the pack among the reports.
const auditPack = "audit-pack"

func formatEndings() string {
	var list []string
	for _, f := range report.Formats() {
		list = append(list, f.Ending)
	}
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}

// reportList tells which documents can be written.
func (c *cmdline) reportList() *cobra.Command {
	format := "table"
	cmd := c.command("list", "Which documents there are", "holdfast report list", cobra.NoArgs, func(ctx context.Context, cl *client.Client, _ []string) error {
		list, err := cl.Reports(ctx)
		if err != nil {
			return err
		}
		return c.print(format, list, func() error {
			t := table{head: []string{"NAME", "TITLE", "WHAT IT IS FOR"}}
			for _, r := range list {
				text := r.Text
				if r.Own {
					text = strings.TrimSpace(fmt.Sprintf("%s (your own)", text))
				}
				t.add(r.Name, oneLine(r.Title), oneLine(text))
			}
			return t.write(c.Out)
		})
	})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

// reportOn writes the report on one record of a kind.
func (c *cmdline) reportOn(plural, name string) *cobra.Command {
	out := ""
	cmd := &cobra.Command{
		Use: "report KEY -o FILE", Short: "Write the report on one " + name, Args: slips(cobra.ExactArgs(1)),
		Example: "  holdfast " + name + " report KEY -o " + name + ".pdf\n  holdfast " + name + " report KEY -o " + name + ".docx",
		RunE: func(cmd *cobra.Command, args []string) error {
			ending := strings.ToLower(filepath.Ext(out))
			if _, ok := report.FormatOf(ending); !ok {
				return slipf("say where to with -o FILE; the file ends in %s", formatEndings())
			}
			return c.withClient(cmd, func(ctx context.Context, cl *client.Client) error {
				if err := writeWhole(out, func(w io.Writer) error { return cl.ReportOn(ctx, plural, args[0], ending, w) }); err != nil {
					return err
				}
				c.say("written to %s", out)
				return nil
			})
		},
	}
	cmd.Flags().StringVarP(&out, "output", "o", "", "file to write: "+formatEndings())
	return cmd
}

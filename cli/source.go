package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"holdfast/api/client"
	"holdfast/flow/detection"

	"github.com/spf13/cobra"
)

// source holds the commands about where events come from.
func (c *cmdline) source() *cobra.Command {
	return c.parent("source", "Where events come from: connect, list, hand over, send", "  holdfast source list\n  holdfast source add linux --senders 10.1.0.0/16\n  tail -F app.log | holdfast source send URL",
		c.sourceList(), c.sourceAdd(), c.sourceShow(), c.sourceToken(), c.sourceCertificate(), c.sourceImport(), c.sourceSend())
}

func (c *cmdline) sourceList() *cobra.Command {
	format := "table"
	cmd := c.command("list", "The sources: silent ones first, with how much they say", "holdfast source list", cobra.NoArgs,
		func(ctx context.Context, cl *client.Client, _ []string) error {
			list, err := cl.Sources(ctx)
			if err != nil {
				return err
			}
			return c.print(format, list, func() error {
				t := table{head: []string{"KEY", "TITLE", "TRANSPORT", "STATUS", "LAST EVENT", "LAST DAY", "LEFT OUT", "TROUBLE"}}
				for _, s := range list {
					seen := "never"
					if !s.LastSeen.IsZero() {
						seen = s.LastSeen.UTC().Format(time.DateTime)
					}
					t.add(s.Key, s.Title, s.Transport, s.Status, seen, fmt.Sprint(s.LastDay), fmt.Sprint(s.Dropped), printable(s.Trouble))
				}
				return t.write(c.Out)
			})
		})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) sourceAdd() *cobra.Command {
	var in client.SourceRequest
	format := "table"
	var names []string
	for _, r := range detection.SourceRecipes {
		names = append(names, r.ID)
	}
	cmd := c.command("add WHAT", "Connect a source and print what to paste on the other side, with its token", "holdfast source add http --title Shop", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			in.Recipe = args[0]
			if _, ok := detection.SourceRecipeOf(in.Recipe); !ok {
				return slipf("%q is none of: %s", in.Recipe, strings.Join(names, ", "))
			}
			out, err := cl.ConnectSource(ctx, in)
			if err != nil {
				return err
			}
			return c.printSource(format, out)
		})
	cmd.Long = "Connects a source. WHAT is one of: " + strings.Join(names, ", ") + "."
	f := cmd.Flags()
	f.StringVar(&in.Title, "title", "", "name; that of WHAT when not given")
	f.StringVar(&in.Asset, "asset", "", "key of the asset that it tells about")
	f.StringSliceVar(&in.Senders, "senders", nil, "addresses or networks that may send; needed for syslog")
	f.StringVar(&in.File, "file", "", "file to follow on the machine of the server")
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) printSource(format string, out client.ConnectedSource) error {
	return c.print(format, out, func() error {
		fmt.Fprintf(c.Out, "%s (%s) is %s.\n", out.Source.Title, out.Source.Key, out.Source.Status)
		if out.Token != "" {
			fmt.Fprintf(c.Out, "Token, shown this once: %s\n", out.Token)
		}
		_, err := fmt.Fprintf(c.Out, "\n# %s\n%s\n# Then:\n%s\n", out.Where, out.Text, out.After)
		return err
	})
}

func (c *cmdline) sourceShow() *cobra.Command {
	format := "table"
	cmd := c.command("show KEY", "What to do on the other side of a source", "holdfast source show bastion", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			out, err := cl.Source(ctx, args[0])
			if err != nil {
				return err
			}
			return c.printSource(format, out)
		})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) sourceToken() *cobra.Command {
	format := "table"
	cmd := c.command("token KEY", "Give a source another token; the old one is worth nothing at once", "holdfast source token shop", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			out, err := cl.RenewSourceToken(ctx, args[0])
			if err != nil {
				return err
			}
			return c.printSource(format, out)
		})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) sourceCertificate() *cobra.Command {
	renew := false
	cmd := c.command("certificate", "Print the certificate by which senders over TLS know the server", "holdfast source certificate > holdfast.pem", cobra.NoArgs,
		func(ctx context.Context, cl *client.Client, _ []string) error {
			out, err := cl.SourceCertificate(ctx, renew)
			if err != nil {
				return err
			}
			fmt.Fprintf(c.Err, "SHA-256 %s\n", out.SHA256)
			_, err = fmt.Fprint(c.Out, out.PEM)
			return err
		})
	cmd.Flags().BoolVar(&renew, "renew", false, "make another, with a new key; every sender over TLS must be given it")
	return cmd
}

package cli

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"holdfast/api/client"
	"holdfast/engine/decoy"
	"holdfast/isms"
)

// A TrapPlace says where traps are reached from outside.
type TrapPlace struct {
	URL    string // under which tokens call home; empty: the address of the product, /share
	Listen string // a further address on which tokens are answered and nothing else; empty: none
	Zone   string // name of DNS that is delegated to us; empty: none
	Server string // our name in that delegation
	Names  string // address on which names of the zone are answered
}

func trapFlags(cmd *cobra.Command, p *TrapPlace) {
	f := cmd.Flags()
	f.StringVar(&p.URL, "trap-url", "", "address under which tokens call home, such as https://files.example.org/share (default: that of the product, /share)")
	f.StringVar(&p.Listen, "trap-listen", "", "a further address that answers tokens and nothing else, such as 0.0.0.0:8080")
	f.StringVar(&p.Zone, "trap-zone", "", "name of DNS that is delegated to this server for tokens, such as c.example.org")
	f.StringVar(&p.Server, "trap-server", "", "name of this server in the delegation, such as ns-c.example.org")
	f.StringVar(&p.Names, "trap-names", "", "address on which names of the zone are answered, such as 0.0.0.0:5353")
}

// trap holds the commands around traps; those on their records join them.
func (c *cmdline) trap() *cobra.Command {
	return c.parent("trap", "Traps: what waits where, make tokens, test, see who was there", "  holdfast trap map\n  holdfast trap add type=ssh address=0.0.0.0:2222 asset_id=db-1\n  holdfast trap token old-key -o ./bait/\n  holdfast trap visits",
		c.trapMap(), c.trapAdd(), c.trapPlan(), c.trapToken(), c.trapTest(), c.trapVisits())
}

func (c *cmdline) trapMap() *cobra.Command {
	format := "table"
	cmd := c.command("map", "What waits where, where nothing does, and where a trap would pay", "holdfast trap map", cobra.NoArgs,
		func(ctx context.Context, cl *client.Client, _ []string) error {
			m, err := cl.TrapMap(ctx)
			if err != nil {
				return err
			}
			return c.print(format, m, func() error { return c.trapMapTable(m) })
		})
	formatFlag(cmd, &format, "table, json, yaml")
	return cmd
}

func (c *cmdline) trapMapTable(m client.TrapMap) error {
	t := table{head: []string{"ZONE", "TRAP", "TYPE", "STATUS", "ASSET", "HITS", "RINGS", "PROVED"}}
	for _, z := range m.Zones {
		if z.Blind && len(z.Traps) == 0 {
			t.add(z.Name, "–", "", "", "", "", "nothing waits here", "")
		}
		for _, p := range z.Traps {
			rings := "yes"
			if p.Lacks != "" {
				rings = "no: " + p.Lacks
			}
			t.add(z.Name, p.Key, p.Type, p.Status, p.Asset, fmt.Sprint(p.Hits), rings, p.Proved)
		}
	}
	if err := t.write(c.Out); err != nil || len(m.Suggestions) == 0 {
		return err
	}
	if _, err := fmt.Fprintln(c.Out, "\nWhere a trap would pay:"); err != nil {
		return err
	}
	s := table{head: []string{"SUGGESTION", "SCORE", "WHAT", "WHY"}}
	for _, x := range m.Suggestions {
		s.add(x.ID, fmt.Sprintf("%.0f", x.Score), x.Title, x.Why)
	}
	return s.write(c.Out)
}

// trapAdd makes a trap and arms it.
func (c *cmdline) trapAdd() *cobra.Command {
	return c.command("add FIELD=VALUE...", "Make a trap; a decoy is armed at once, a token when it is made", "holdfast trap add type=ssh address=0.0.0.0:2222 asset_id=db-1 zone=data\n  holdfast trap add type=cloud_key asset_id=app-1 title='Old key'", cobra.MinimumNArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			patch, err := assignments(isms.Traps, args)
			if err != nil {
				return err
			}
			if _, ok := patch["level"]; !ok {
				patch["level"] = string(isms.SeverityHigh)
			}
			r, err := cl.Create(ctx, isms.Traps, patch)
			if err != nil {
				return err
			}
			t := r.(*isms.Trap)
			if t.Type.Decoy() {
				if _, err := cl.Act(ctx, isms.Traps, t.ID, "arm", 0, client.ActionInput{}); err != nil {
					return err
				}
				_, err = fmt.Fprintf(c.Out, "%s is armed\n", t.Key)
				return err
			}
			_, err = fmt.Fprintf(c.Out, "%s is planned; make its token: holdfast trap token %s -o FOLDER/\n", t.Key, t.Key)
			return err
		})
}

func (c *cmdline) trapPlan() *cobra.Command {
	return c.command("propose SUGGESTION", "Make a planned trap of a suggestion of the map", "holdfast trap propose zone/data/ssh", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			t, err := cl.PlanTrap(ctx, args[0])
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.Out, "%s is %s: %s\n", t.Key, t.Status, t.Title)
			return err
		})
}

// trapToken makes the token of a trap, and writes its file.
func (c *cmdline) trapToken() *cobra.Command {
	var in client.TokenRequest
	var out string
	cmd := c.command("token KEY", "Make the token of a trap; it is written this once", "holdfast trap token old-key --base https://files.example.org/share -o ./bait/", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			if out == "" {
				return slipf("say where to write the token with -o FILE, -o FOLDER/ or -o -")
			}
			if info, err := os.Stat(out); out != "-" && err == nil && !info.IsDir() {
				return slipf("%s is there already; bait lies beside what people use, so nothing is written over", out)
			}
			t, err := cl.MakeToken(ctx, args[0], in)
			if err != nil {
				return err
			}
			if out == "-" {
				_, err = c.Out.Write(t.Data)
			} else {
				err = writeToken(out, decoy.Token{Name: t.Name, Data: t.Data})
			}
			c.say("%s\nvalue  %s", t.Advice, printable(t.Value))
			return err
		})
	f := cmd.Flags()
	f.StringVar(&in.Base, "base", "", "address under which the callback is served; where the server says when not given")
	f.StringVar(&in.Zone, "zone", "", "name of DNS that is delegated to the server")
	f.StringVar(&in.Host, "host", "", "page_clone: the host where the real page is")
	f.StringVar(&in.Title, "title", "", "document: what it is about")
	f.StringVar(&in.Format, "format", "", "document: docx, pdf")
	f.BoolVar(&in.Replace, "replace", false, "the trap has a token, which will ring no more")
	f.StringVarP(&out, "output", "o", "", "file, or folder, to write to; - is standard output")
	return cmd
}

func (c *cmdline) trapTest() *cobra.Command {
	return c.command("test KEY", "Announce a test: the next touch proves the trap and opens no incident", "holdfast trap test quiet-ssh", cobra.ExactArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			t, err := cl.TestTrap(ctx, args[0])
			if err != nil {
				return err
			}
			text := "touch it before " + t.Until.UTC().Format("15:04") + " UTC"
			if t.Knocked {
				text = "the server touched it at " + t.At
			}
			_, err = fmt.Fprintln(c.Out, "a test is announced; "+text)
			return err
		})
}

func (c *cmdline) trapVisits() *cobra.Command {
	format, limit := "table", 20
	cmd := c.command("visits [KEY]", "Who touched the traps, newest first", "holdfast trap visits quiet-ssh -o json", cobra.MaximumNArgs(1),
		func(ctx context.Context, cl *client.Client, args []string) error {
			list, err := cl.Touches(ctx, strings.Join(args, ""), limit)
			if err != nil {
				return err
			}
			return c.print(format, list, func() error {
				t := table{head: []string{"WHEN", "FROM", "WHAT"}}
				for _, x := range list {
					t.add(x.At.UTC().Format(time.DateTime), printable(x.Remote), printable(x.Statement))
				}
				return t.write(c.Out)
			})
		})
	formatFlag(cmd, &format, "table, json, yaml")
	cmd.Flags().IntVar(&limit, "limit", 20, "how many at most, up to 200")
	return cmd
}

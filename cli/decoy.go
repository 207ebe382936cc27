package cli

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"holdfast/engine/decoy"
)

func (c *cmdline) decoy() *cobra.Command {
	cmd := c.parent("decoy", "Set traps: services and tokens that nobody has a reason to touch",
		"  holdfast decoy run --service ssh --listen 0.0.0.0:2222 -o json\n  holdfast decoy token document --base https://files.example.org/share -o Salaries.docx",
		c.decoyRun(), c.decoyNames(), c.decoyToken())
	cmd.Long = "Set traps. A decoy is a service that records who speaks to it; a token is a thing that calls\nhome when it is used. Both need nothing but this program."
	return cmd
}

// A decoying is one decoy with its flags.
type decoying struct {
	trap     decoy.Trap
	listen   string
	format   string
	scanners []string
	limits   decoy.Limits
	visits   int
}

func (c *cmdline) decoyRun() *cobra.Command {
	d := decoying{format: "table"}
	var names []string
	for _, s := range decoy.Services() {
		names = append(names, s.Name)
	}
	cmd := &cobra.Command{
		Use: "run", Short: "Run one decoy and print its visits", Args: slips(cobra.NoArgs),
		Long: "Run one decoy until it is stopped, and print each visit when it ends. The decoy opens no\nfile, runs no program and connects to nobody. It needs no rights: let the firewall lead a\nwell-known port to a high one.\n\nServices: " + strings.Join(names, ", ") + ".",
		Example: `  holdfast decoy run --service ssh --listen 0.0.0.0:2222 -o json
  holdfast decoy run --service http --look router --listen 127.0.0.1:8080
  holdfast decoy run --service ssh --let-in 3 --scanner 10.0.9.0/24 --listen :2222`,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.runDecoy(cmd.Context(), d) },
	}
	f := cmd.Flags()
	f.StringVar(&d.trap.Service, "service", "", "what it pretends to be: "+strings.Join(names, ", "))
	f.StringVar(&d.listen, "listen", "", "address and port, such as 0.0.0.0:2222")
	formatFlag(cmd, &d.format, "table, json (one line for each visit)")
	f.StringVar(&d.trap.ID, "name", "", "what to call the trap in its visits")
	f.StringVar(&d.trap.Options.Banner, "banner", "", "the first words or the version of the service")
	f.StringVar(&d.trap.Options.Host, "host", "", "name of the machine that it pretends to be")
	f.StringVar(&d.trap.Options.Look, "look", "", "of a sign-in page: router, mail, intranet")
	f.StringVar(&d.trap.Options.Title, "title", "", "what a sign-in page calls itself")
	f.IntVar(&d.trap.Options.LetIn, "let-in", 0, "the attempt to sign in that succeeds; 0: none")
	f.BoolVar(&d.trap.Options.Locked, "locked", false, "redis: ask for a password")
	f.StringSliceVar(&d.scanners, "scanner", nil, "address or network of our own that may look; its visits are marked")
	f.IntVar(&d.trap.MaxVisits, "max-visits", 0, "visitors at the same time; 0: sixteen")
	f.DurationVar(&d.limits.Visit, "max-time", decoy.DefaultLimits.Visit, "how long a visit may last")
	f.IntVar(&d.visits, "stop-after", 0, "end after so many visits; 0: never")
	return cmd
}

func (c *cmdline) runDecoy(ctx context.Context, d decoying) error {
	switch {
	case d.trap.Service == "":
		return slipf("say what the decoy pretends to be with --service")
	case d.listen == "":
		return slipf("say where the decoy listens with --listen, such as 0.0.0.0:2222")
	case d.format != "table" && d.format != "json":
		return badFormat(d.format, "table", "json")
	}
	nets, err := decoy.ParseScanners(d.scanners)
	if err != nil {
		return slip{err}
	}
	d.trap.Scanners = nets
	if err := d.trap.Check(); err != nil {
		return slip{err}
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", d.listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", d.listen, err)
	}
	c.say("A decoy %s waits at %s. Stop it with Ctrl-C.", d.trap.Service, listener.Addr())
	visits := make(chan decoy.Visit, 64)
	server := decoy.NewServer(decoy.Config{Limits: d.limits, Now: c.Now, Random: rand.Reader, Visits: visits})
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	go func() {
		served <- server.Serve(ctx, listener, d.trap)
		close(visits)
	}()
	err = c.printVisits(d, visits, stop)
	if failed := <-served; err == nil {
		err = failed
	}
	if s := server.Stats(); s.Refused+s.Dropped+s.Faults > 0 {
		c.say("%d visits; %d connections refused, %d visits lost, %d faults.", s.Visits, s.Refused, s.Dropped, s.Faults)
	}
	return err
}

// printVisits prints until the channel is closed. After a failure it only empties it.
func (c *cmdline) printVisits(d decoying, visits <-chan decoy.Visit, stop func()) error {
	var failed error
	seen := 0
	for v := range visits {
		seen++
		if failed != nil || d.visits > 0 && seen > d.visits {
			continue
		}
		if failed = c.printVisit(d.format, v); failed != nil || seen == d.visits {
			stop()
		}
	}
	return failed
}

func (c *cmdline) printVisit(format string, v decoy.Visit) error {
	if format == "json" {
		enc := json.NewEncoder(c.Out)
		enc.SetEscapeHTML(false)
		return enc.Encode(v)
	}
	var did []string
	for _, t := range v.Credentials {
		did = append(did, fmt.Sprintf("%s %s:%s", t.Method, t.User, t.Secret))
	}
	did = slices.Concat(did, v.Paths, v.Commands)
	who := v.Remote
	if v.Tool != "" {
		who += " (" + v.Tool + ")"
	}
	if v.Scanner {
		who += " our scanner"
	}
	what := "said nothing of note"
	if len(did) > 0 {
		what = strings.Join(did, "; ")
	}
	_, err := fmt.Fprintln(c.Out, printable(fmt.Sprintf("%s  %s  %s", v.Start.Format("2006-01-02 15:04:05"), who, what)))
	return err
}

func (c *cmdline) decoyToken() *cobra.Command {
	var place decoy.Place
	var out string
	kinds := strings.ReplaceAll(strings.Join(decoy.TokenKinds(), ", "), "_", "-")
	cmd := &cobra.Command{
		Use: "token KIND", Short: "Make a canary token", Args: slips(cobra.ExactArgs(1)),
		Long: "Make a canary token: a file that calls home when it is used. Kinds:\n" + kinds + ".\n\nWhat is used of it, what to do with it, and the hash by which a hit is recognised are\nprinted; the file goes to --output, or to the name that suits it in the folder given there.",
		Example: `  holdfast decoy token document --base https://files.example.org/share -o Salaries.docx
  holdfast decoy token cloud-key --base https://files.example.org/share -o ./bait/
  holdfast decoy token dns-name --zone c.example.org -o hosts-old.txt`,
		RunE: func(_ *cobra.Command, args []string) error { return c.makeToken(args[0], place, out) },
	}
	f := cmd.Flags()
	f.StringVar(&place.Base, "base", "", "address under which the callback is served")
	f.StringVar(&place.Zone, "zone", "", "name of DNS that is delegated to our name server")
	f.StringVar(&place.Host, "host", "", "page-clone: the host where the real page is")
	f.StringVar(&place.Title, "title", "", "document: what it is about")
	f.StringVarP(&out, "output", "o", "", "file, or folder, to write to; - is standard output")
	return cmd
}

func (c *cmdline) makeToken(kind string, place decoy.Place, out string) error {
	if out == "" {
		return slipf("say where to write the token with -o FILE, -o FOLDER/ or -o -")
	}
	if strings.EqualFold(filepath.Ext(out), ".pdf") {
		place.Format = "pdf"
	}
	id, err := decoy.NewID(rand.Reader)
	if err != nil {
		return err
	}
	t, err := decoy.Make(strings.ReplaceAll(kind, "-", "_"), id, place)
	if err != nil {
		return slip{err}
	}
	if out == "-" {
		if _, err := c.Out.Write(t.Data); err != nil {
			return err
		}
	} else if err := writeToken(out, t); err != nil {
		return err
	}
	c.say("%s\n", t.Advice)
	fmt.Fprintf(c.Err, "value  %s\nid     %s\nhash   %s\n", printable(t.Value), t.ID, decoy.Hash(t.ID))
	for _, m := range t.Marks {
		fmt.Fprintf(c.Err, "mark   %s (hash %s)\n", m, decoy.Hash(m))
	}
	return nil
}

// writeToken never writes over a file: bait lies beside what people use.
func writeToken(out string, t decoy.Token) error {
	if info, err := os.Stat(out); err == nil && info.IsDir() {
		out = filepath.Join(out, t.Name)
	}
	f, err := os.OpenFile(out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	if _, err := f.Write(t.Data); err != nil {
		f.Close() //nolint:errcheck // the first failure is told
		return err
	}
	return f.Close()
}

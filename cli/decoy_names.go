package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/spf13/cobra"

	"holdfast/engine/decoy"
)

// A naming is a name server for tokens with its flags.
type naming struct {
	server    decoy.NameServer
	listen    string
	format    string
	addresses []string
	scanners  []string
	hits      int
}

func (c *cmdline) decoyNames() *cobra.Command {
	n := naming{format: "table"}
	cmd := &cobra.Command{
		Use: "names", Short: "Answer for the names of tokens and print who looks them up", Args: slips(cobra.NoArgs),
		Long: "Be the name server of a zone in which only tokens live, over UDP and TCP, until it is\nstopped. Delegate the zone to it in the zone above. It asks nobody and resolves nothing else.",
		Example: `  holdfast decoy names --zone c.example.org --server ns-c.example.org --listen 0.0.0.0:5353 -o json
  holdfast decoy names --zone c.example.org --server ns-c.example.org --address 192.0.2.7 --listen :5353`,
		RunE: func(cmd *cobra.Command, _ []string) error { return c.runNames(cmd.Context(), &n) },
	}
	f := cmd.Flags()
	f.StringVar(&n.server.Zone.Name, "zone", "", "name that is delegated to us")
	f.StringVar(&n.server.Zone.Server, "server", "", "our name in the delegation")
	f.StringVar(&n.listen, "listen", "", "address and port, such as 0.0.0.0:5353")
	formatFlag(cmd, &n.format, "table, json (one line for each look-up)")
	f.StringSliceVar(&n.addresses, "address", nil, "where the names lead to; none: nowhere")
	f.StringSliceVar(&n.scanners, "scanner", nil, "address or network of our own that may look; its hits are marked")
	f.IntVar(&n.hits, "stop-after", 0, "end after so many hits; 0: never")
	return cmd
}

// check reads what the flags say.
func (n *naming) check() error {
	switch {
	case n.server.Zone.Name == "" || n.server.Zone.Server == "":
		return slipf("say which zone is delegated to us with --zone, and our name in it with --server")
	case n.listen == "":
		return slipf("say where to listen with --listen, such as 0.0.0.0:5353")
	case n.format != "table" && n.format != "json":
		return badFormat(n.format, "table", "json")
	}
	for _, text := range n.addresses {
		a, err := netip.ParseAddr(text)
		if err != nil {
			return slipf("--address %s is not an address", text)
		}
		n.server.Zone.Addresses = append(n.server.Zone.Addresses, a)
	}
	nets, err := decoy.ParseScanners(n.scanners)
	if err != nil {
		return slip{err}
	}
	n.server.Scanners = nets
	if err := n.server.Zone.Check(); err != nil {
		return slip{err}
	}
	return nil
}

func (c *cmdline) runNames(ctx context.Context, n *naming) error {
	if err := n.check(); err != nil {
		return err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", n.listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %s: %w", n.listen, err)
	}
	packets, err := new(net.ListenConfig).ListenPacket(ctx, "udp", l.Addr().String())
	if err != nil {
		l.Close() //nolint:errcheck // nothing was accepted
		return fmt.Errorf("cannot listen on %s: %w", n.listen, err)
	}
	c.say("The names below %s are answered at %s. Stop it with Ctrl-C.", n.server.Zone.Name, l.Addr())
	hits := make(chan decoy.Hit, 256)
	server := &n.server
	server.Now, server.Hits = c.Now, hits
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 2)
	go func() { served <- server.ServeUDP(ctx, packets); stop() }()
	go func() { served <- server.ServeTCP(ctx, l); stop() }()
	err = c.printHits(ctx, n, hits)
	stop()
	return errors.Join(err, <-served, <-served)
}

func (c *cmdline) printHits(ctx context.Context, n *naming, hits <-chan decoy.Hit) error {
	for seen := 0; n.hits == 0 || seen < n.hits; seen++ {
		select {
		case <-ctx.Done():
			return nil
		case h := <-hits:
			if err := c.printHit(n.format, h); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *cmdline) printHit(format string, h decoy.Hit) error {
	if format == "json" {
		enc := json.NewEncoder(c.Out)
		enc.SetEscapeHTML(false)
		return enc.Encode(h)
	}
	mark := ""
	if h.Scanner {
		mark = " our scanner"
	}
	_, err := fmt.Fprintln(c.Out, printable(fmt.Sprintf("%s  %s%s  %s %s", h.At.Format("2006-01-02 15:04:05"), h.Remote, mark, h.Query, h.Name)))
	return err
}

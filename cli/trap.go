package cli

import "github.com/spf13/cobra"

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

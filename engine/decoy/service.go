package decoy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// Options say what a decoy pretends to be. Every field has a believable default.
type Options struct {
	Banner string            // the first words, or the version, of the service
	Host   string            // name of the machine it pretends to be: letters, digits, - and .
	Look   string            // http, https: router, mail or intranet
	Title  string            // http, https: what the sign-in page calls itself
	LetIn  int               // the attempt to sign in that succeeds; 0: none
	Locked bool              // redis: ask for a password
	Files  map[string]string // ssh, telnet: more files of the shell, by absolute path; a place for tokens
	Secret []byte            // from which keys and certificates are made; empty: new ones at each start
}

// A Service is a protocol that a decoy can speak.
type Service struct {
	Name string // value of isms.TrapType
	Port int    // where people expect it
	Doc  string

	banner string
	check  func(Options) error
	serve  func(*session)
}

// Services lists what a decoy can be.
func Services() []Service {
	return []Service{
		{Name: "ssh", Port: 22, Doc: "Keys and passwords; behind LetIn a shell that runs nothing.", banner: "OpenSSH_9.2p1 Debian-2+deb12u3", serve: serveSSH},
		{Name: "http", Port: 80, Doc: "A sign-in page: router, mail or intranet.", banner: "nginx", check: checkLook, serve: serveHTTP},
		{Name: "https", Port: 443, Doc: "The same over TLS, with a certificate of its own.", banner: "nginx", check: checkLook, serve: serveHTTPS},
		{Name: "ftp", Port: 21, Doc: "Names and passwords.", banner: "(vsFTPd 3.0.3)", serve: serveFTP},
		{Name: "telnet", Port: 23, Doc: "Names and passwords; behind LetIn the same shell as of ssh.", banner: "Debian GNU/Linux 12", serve: serveTelnet},
		{Name: "redis", Port: 6379, Doc: "Commands, in an open or a locked store.", banner: "7.0.15", serve: serveRedis},
		{Name: "postgresql", Port: 5432, Doc: "Names and passwords; behind LetIn statements.", banner: "15.8 (Debian 15.8-0+deb12u1)", serve: servePostgres},
		{Name: "mysql", Port: 3306, Doc: "Names and responses to a challenge; behind LetIn statements.", banner: "8.0.36", serve: serveMySQL},
		{Name: "smb", Port: 445, Doc: "A file server: negotiation and NTLM sign-in.", banner: "10.0.20348", serve: serveSMB},
		{Name: "rdp", Port: 3389, Doc: "A remote desktop up to the name of the user.", banner: "10.0.20348", serve: serveRDP},
		{Name: "port", Port: 9100, Doc: "Listens, says nothing but its banner.", serve: servePort},
	}
}

// prepared is a trap ready to be visited, with what is made once for all visits.
type prepared struct {
	trap    Trap
	service Service
	options Options
	keys    *keys
}

// usualHost is neither a real machine nor a brand.
const usualHost = "files01"

// leastSecret is how many bytes the secret of a decoy has at least.
const leastSecret = 16

// dressed finds the service of the trap, fills in what the options leave out, and
// tells what cannot be.
func (t Trap) dressed() (Service, Options, error) {
	at := slices.IndexFunc(Services(), func(v Service) bool { return v.Name == t.Service })
	if at < 0 {
		return Service{}, Options{}, fmt.Errorf("%q is not a service of a decoy; choose %s", visible(t.Service, 40), strings.Join(serviceNames(), ", "))
	}
	service, o := Services()[at], t.Options
	if o.Banner == "" {
		o.Banner = service.banner
	}
	if o.Host == "" {
		o.Host = usualHost
	}
	return service, o, checkOptions(service, o)
}

// Check tells what Serve would refuse about the trap.
func (t Trap) Check() error {
	_, _, err := t.dressed()
	return err
}

func (s *Server) prepare(t Trap) (*prepared, error) {
	service, o, err := t.dressed()
	if err != nil {
		return nil, err
	}
	if len(o.Secret) == 0 {
		if o.Secret, err = s.bytes(leastSecret); err != nil {
			return nil, fmt.Errorf("trap %s: no randomness: %w", t.ID, err)
		}
	}
	return &prepared{trap: t, service: service, options: o, keys: newKeys(o.Secret, o.Host, s.config.Now)}, nil
}

func serviceNames() []string {
	var names []string
	for _, s := range Services() {
		names = append(names, s.Name)
	}
	return names
}

func checkOptions(s Service, o Options) error {
	if len(o.Banner) > 255 || strings.ContainsFunc(o.Banner, func(r rune) bool { return r < ' ' || r > '~' }) {
		return fmt.Errorf("the banner %s is not one line of at most 255 plain characters", visible(o.Banner, 80))
	}
	if len(o.Host) > 63 || strings.ContainsFunc(o.Host, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.", r)
	}) {
		return fmt.Errorf("the name of the host %s may hold 63 letters, digits, dots and hyphens; it is too long or holds others", visible(o.Host, 80))
	}
	if len(o.Secret) > 0 && len(o.Secret) < leastSecret {
		return fmt.Errorf("the secret of a decoy has %d bytes; give at least %d", len(o.Secret), leastSecret)
	}
	if s.check != nil {
		return s.check(o)
	}
	return nil
}

// Listed tells whether an address, with or without a port, is in one of the networks:
// one of our own scanners.
func Listed(nets []netip.Prefix, remote string) bool {
	a, err := netip.ParseAddr(remote)
	if err != nil {
		at, err := netip.ParseAddrPort(remote)
		if err != nil {
			return false
		}
		a = at.Addr()
	}
	a = a.Unmap().WithZone("")
	return slices.ContainsFunc(nets, func(n netip.Prefix) bool { return n.Contains(a) })
}

// meet lets the service talk. A panic is a fault of this visit and of no other.
func (p *prepared) meet(s *session) { s.contained(func() { p.service.serve(s) }) }

// ParseScanners reads addresses and networks, as isms.Trap.Scanners keeps them.
func ParseScanners(list []string) ([]netip.Prefix, error) {
	var nets []netip.Prefix
	for _, text := range list {
		text = strings.TrimSpace(text)
		n, err := netip.ParsePrefix(text)
		if err != nil {
			a, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("%s is not an address or a network, such as 10.0.3.7 or 10.0.3.0/24", visible(text, 80))
			}
			a = a.Unmap()
			n = netip.PrefixFrom(a, a.BitLen())
		}
		nets = append(nets, n.Masked())
	}
	return nets, nil
}

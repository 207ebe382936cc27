package notify

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

// Network says which addresses may be spoken to. The guard keeps whoever may write an
// address from making the product speak to what only the product can reach.
type Network struct {
	// Private are the names and networks inside that may be reached all the same:
	// "siem.corp.example", "10.1.0.0/16"; "*" is everything.
	Private []string
}

// outside opens connections to the outside.
type outside struct {
	network Network
	client  *http.Client
}

func newOutside(n Network) *outside {
	o := &outside{network: n}
	o.client = &http.Client{
		Transport: &http.Transport{
			DialContext: o.dial, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: 20 * time.Second,
			IdleConnTimeout: 30 * time.Second, MaxIdleConns: 20, MaxResponseHeaderBytes: 64 << 10, ForceAttemptHTTP2: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return o
}

// dial connects. The address is judged after the name was looked up, in the moment of
// connecting: a name cannot change its mind in between.
func (o *outside) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, setUp("%q is no host with a port", address)
	}
	d := net.Dialer{Timeout: 10 * time.Second, Control: func(_, resolved string, _ syscall.RawConn) error {
		return o.network.judge(host, resolved)
	}}
	return d.DialContext(ctx, network, address)
}

// judge refuses addresses of the own network that nobody has allowed.
func (n Network) judge(host, resolved string) error {
	at, err := netip.ParseAddrPort(resolved)
	if err != nil {
		return setUp("%s leads nowhere", host)
	}
	a := at.Addr().Unmap().WithZone("")
	if public(a) || n.allows(host, a) {
		return nil
	}
	return setUp("%s is %s, which lies inside; allow it with HOLDFAST_NOTIFY_PRIVATE", host, a)
}

func (n Network) allows(host string, a netip.Addr) bool {
	for _, p := range n.Private {
		p = strings.TrimSpace(p)
		if p == "*" || p != "" && strings.EqualFold(p, host) {
			return true
		}
		if network, err := netip.ParsePrefix(p); err == nil && network.Contains(a) {
			return true
		}
		if one, err := netip.ParseAddr(p); err == nil && one.Unmap() == a {
			return true
		}
	}
	return false
}

// inside are networks that are not the internet, beyond what netip knows (RFC 6890).
var inside = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"),
}

// public tells whether an address belongs to the internet.
func public(a netip.Addr) bool {
	if !a.IsGlobalUnicast() || a.IsPrivate() || a.IsLoopback() || a.IsLinkLocalUnicast() {
		return false
	}
	for _, p := range inside {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// webAddress reads the address of a webhook.
func webAddress(text string) (*url.URL, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return nil, setUp("the address is no https:// or http:// address")
	}
	return u, nil
}

// hidden is an error of an HTTP call without the address in it, which may hold a secret:
// chat services put it there.
func hidden(host string, err error) error {
	if inner, ok := err.(*url.Error); ok { //nolint:errorlint // only the outermost names the address
		err = inner.Err
	}
	return fmt.Errorf("%s: %w", host, err)
}

package feed

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"syscall"
	"time"
)

// ErrForbiddenAddress is the cause when a source, or where it redirects to, is
// not https or lies in a private network.
var ErrForbiddenAddress = errors.New("address is not allowed for feeds")

// NewClient returns a client for Fetch that reaches public addresses by https
// only, so that a source cannot make the server ask its own network. allowed
// names hosts ("mirror.example", with or without ":port") for which both are
// permitted. It uses no proxy.
func NewClient(allowed ...string) *http.Client {
	plain := &net.Dialer{Timeout: 30 * time.Second}
	guarded := &net.Dialer{Timeout: 30 * time.Second, Control: refusePrivate}
	return &http.Client{Transport: &guard{allowed: allowed, under: &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			if isAllowed(allowed, address) {
				return plain.DialContext(ctx, network, address)
			}
			return guarded.DialContext(ctx, network, address)
		},
		TLSHandshakeTimeout:   30 * time.Second,
		ResponseHeaderTimeout: time.Minute,
		MaxIdleConnsPerHost:   1,
		IdleConnTimeout:       time.Minute,
	}}}
}

// A guard refuses requests that are not https. It sees each redirect too.
type guard struct {
	allowed []string
	under   http.RoundTripper
}

func (g *guard) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.URL.Scheme != "https" && !isAllowed(g.allowed, r.URL.Host) {
		return nil, fmt.Errorf("%w: %s is not https", ErrForbiddenAddress, r.URL.Redacted())
	}
	return g.under.RoundTrip(r)
}

func isAllowed(allowed []string, address string) bool {
	if slices.Contains(allowed, address) {
		return true
	}
	host, _, err := net.SplitHostPort(address)
	return err == nil && slices.Contains(allowed, host)
}

// refusePrivate runs after the name was resolved, right before the connection is
// made, so that a name cannot change its address in between.
func refusePrivate(_, address string, _ syscall.RawConn) error {
	a, err := netip.ParseAddrPort(address)
	if err != nil {
		return err
	}
	if !isPublic(a.Addr()) {
		return fmt.Errorf("%w: %s is not public", ErrForbiddenAddress, a.Addr())
	}
	return nil
}

// notPublic are the ranges of the IANA special-purpose registries that netip does
// not know by itself, and those that carry an IPv4 address inside.
var notPublic = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"),
	netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"),
	netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

func isPublic(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	return !slices.ContainsFunc(notPublic, func(p netip.Prefix) bool { return p.Contains(a) })
}

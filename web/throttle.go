package web

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// Sign-ins from one address: so many at once, then one more for each refill. The
// lock of the account, kept by the waist, stands beside it.
const (
	attemptsAtOnce = 20
	attemptRefill  = 6 * time.Second
	maxAddresses   = 10_000 // remembered at a time
)

// A throttle limits how often an address may try something. It forgets at restart.
type throttle struct {
	now  func() time.Time
	mu   sync.Mutex
	seen map[string]bucket
}

type bucket struct {
	left float64
	at   time.Time
}

func newThrottle(now func() time.Time) *throttle {
	return &throttle{now: now, seen: map[string]bucket{}}
}

// allow takes one attempt from the address and tells whether there was one left.
func (t *throttle) allow(address string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, name := t.now(), network(address)
	b, known := t.seen[name]
	if !known {
		b = bucket{left: attemptsAtOnce, at: now}
		if len(t.seen) >= maxAddresses {
			t.forget(now)
		}
	}
	b.left = min(attemptsAtOnce, b.left+now.Sub(b.at).Seconds()/attemptRefill.Seconds())
	b.at = now
	ok := b.left >= 1
	if ok {
		b.left--
	}
	t.seen[name] = b
	return ok
}

// forget drops the addresses that have all attempts back. When a flood from many
// addresses leaves none of those, it drops all: the lock of the account remains.
func (t *throttle) forget(now time.Time) {
	for name, b := range t.seen {
		if now.Sub(b.at) > attemptsAtOnce*attemptRefill {
			delete(t.seen, name)
		}
	}
	if len(t.seen) >= maxAddresses {
		clear(t.seen)
	}
}

// network is the address without its port; of IPv6 the 64 bits that one customer has.
func network(address string) string {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || ip.Unmap().Is4() {
		return host
	}
	p, err := ip.WithZone("").Prefix(64)
	if err != nil {
		return host
	}
	return p.String()
}

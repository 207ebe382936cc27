package event

import (
	"net/netip"
	"strconv"
	"strings"
)

// address reads an address with or without brackets, a zone or a port behind it.
func address(s string) netip.Addr {
	s = strings.Trim(s, "[]")
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Addr{}
	}
	return a.Unmap()
}

// port reads the number of a port; 0: none.
func port(s string) uint16 {
	n, err := strconv.ParseUint(s, 10, 16)
	if err != nil {
		return 0
	}
	return uint16(n)
}

func firstAddress(list ...netip.Addr) netip.Addr {
	for _, a := range list {
		if a.IsValid() {
			return a
		}
	}
	return netip.Addr{}
}

func bytesAddress(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a.Unmap()
}

// webClient is the address that a web server's error is about: "[client 1.2.3.4:567]"
// or "client: 1.2.3.4,".
func webClient(s string) netip.AddrPort {
	_, tail, ok := strings.Cut(s, "[client ")
	if ok {
		tail, _, _ = strings.Cut(tail, "]")
	} else if _, tail, ok = strings.Cut(s, "client: "); ok {
		tail, _, _ = strings.Cut(tail, ",")
	}
	if !ok {
		return netip.AddrPort{}
	}
	if a := address(tail); a.IsValid() {
		return netip.AddrPortFrom(a, 0)
	}
	if a, err := netip.ParseAddrPort(tail); err == nil {
		return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
	}
	return netip.AddrPort{}
}

package indicator

import (
	"net/netip"
	"strings"
)

// Reports and feeds carry things that are no sign of anything: addresses of private
// networks, the hash of nothing, the resolvers that everybody asks. A set that took
// them would ring all day.

var noHost = prefixes("0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.168.0.0/16 224.0.0.0/4 240.0.0.0/4 ::/128 ::1/128 fc00::/7 fe80::/10 ff00::/8")

// resolvers are public name servers that anybody may ask (as their operators publish
// them).
var resolvers = words("1.1.1.1 1.0.0.1 8.8.8.8 8.8.4.4 9.9.9.9 149.112.112.112 208.67.222.222 208.67.220.220 2606:4700:4700::1111 2606:4700:4700::1001 2001:4860:4860::8888 2001:4860:4860::8844 2620:fe::fe 2620:fe::9")

// nothing are the hashes of the empty file.
var nothing = words("d41d8cd98f00b204e9800998ecf8427e da39a3ee5e6b4b0d3255bfef95601890afd80709 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")

// shared are names under which everybody stands, good and bad.
var shared = words("localhost localdomain local lan home.arpa example.com example.net example.org com net org google.com microsoft.com windowsupdate.com apple.com amazonaws.com cloudfront.net azure.com github.com githubusercontent.com")

// Harmless says why a value in its normal form must not be looked for; empty: it may.
func Harmless(t Type, v string) string {
	switch t {
	case Address:
		if a, err := netip.ParseAddr(v); err == nil && within(a) {
			return "belongs to a network that nobody can be reached in from outside"
		}
		if resolvers[v] {
			return "is a public name server"
		}
	case Network:
		if p, err := netip.ParsePrefix(v); err == nil && (p.Bits() < widest(p.Addr()) || within(p.Addr())) {
			return "is private or so wide that it names nobody"
		}
	case Domain:
		if shared[v] || !strings.Contains(v, ".") {
			return "is a name that everybody uses"
		}
	case MD5, SHA1, SHA256:
		if nothing[v] {
			return "is the hash of the empty file"
		}
	case FileName:
		if len(v) < 3 {
			return "is too short to name anything"
		}
	}
	return ""
}

// widest is how many bits a network has at least.
func widest(a netip.Addr) int {
	if a.Is4() {
		return 8
	}
	return 19
}

func within(a netip.Addr) bool {
	for _, p := range noHost {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

func prefixes(text string) []netip.Prefix {
	var out []netip.Prefix
	for s := range strings.FieldsSeq(text) {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}

func words(text string) map[string]bool {
	out := map[string]bool{}
	for s := range strings.FieldsSeq(text) {
		out[s] = true
	}
	return out
}

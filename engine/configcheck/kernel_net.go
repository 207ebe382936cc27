package configcheck

import (
	"fmt"
	"strconv"
	"strings"

	"holdfast/engine"
)

// An ifaceRule judges a setting that every network interface has. all is its
// value for all interfaces and own that of one.
type ifaceRule struct {
	name         string // "accept_redirects"
	stdAll, std  int    // of a kernel nobody has configured
	weak         func(all, own int, forwarding bool) bool
	weak6        func(own int, forwarding bool) bool // nil: IPv6 does not have the setting
	onlyForwards bool                                // the setting does nothing on a host that does not forward
}

func ifaceCheck(c engine.Check, r ifaceRule) check {
	return check{Check: c, look: func(h *host) []verdict { return h.judgeInterfaces(r) }}
}

func (h *host) judgeInterfaces(r ifaceRule) []verdict {
	if !h.facts.Live && h.isContainer() {
		return absent(hostsJob)
	}
	if h.facts.Live && !h.exists("proc/sys/net/ipv4/conf") {
		return unknown(fmt.Errorf("/proc/sys/net/ipv4/conf does not exist"))
	}
	var t tally
	forwards, err := h.number("net.ipv4.ip_forward", 0)
	if err != nil {
		t.doubt(err)
	}
	if r.onlyForwards && forwards == 0 && err == nil {
		return pass("the host does not forward packets, so that %s has no effect", r.name)
	}
	t.interfaces(h, "ipv4", func(iface string) (bool, error) {
		all, err := h.number("net.ipv4.conf.all."+r.name, r.stdAll)
		if err != nil {
			return false, err
		}
		own, err := h.number("net.ipv4.conf."+iface+"."+r.name, r.std)
		return r.weak(all, own, forwards != 0), err
	}, r.name)
	if r.weak6 != nil {
		t.interfaces(h, "ipv6", func(iface string) (bool, error) {
			forwards6, err := h.number("net.ipv6.conf.all.forwarding", 0)
			if err != nil {
				return false, err
			}
			own, err := h.number("net.ipv6.conf."+iface+"."+r.name, r.std)
			return r.weak6(own, forwards6 != 0), err
		}, r.name)
	}
	return t.verdicts("no interface is open to it", "there is no network interface")
}

// interfaces asks weak for every interface of one family and fails once for all.
func (t *tally) interfaces(h *host, family string, weak func(iface string) (bool, error), name string) {
	list, err := h.interfaces(family)
	if err != nil {
		t.doubt(err)
	}
	var open []string
	for _, iface := range list {
		t.looked++
		bad, err := weak(iface)
		if err != nil {
			t.doubt(err)
		} else if bad {
			open = append(open, iface)
		}
	}
	if len(open) > 0 {
		at := engine.Seen{Path: "/proc/sys/net/" + family + "/conf/" + open[0] + "/" + name}
		t.fail("", fmt.Sprintf("%s %s: %s", family, name, some(open, 6)), at)
	}
}

// interfaces lists those of a live host without the loopback. Of a host that is
// not running only the default for new interfaces is known.
func (h *host) interfaces(family string) ([]string, error) {
	if !h.facts.Live {
		return []string{"default"}, nil
	}
	names, err := h.list("proc/sys/net/" + family + "/conf")
	if err != nil {
		return nil, err
	}
	var list []string
	for _, n := range names {
		if n != "all" && n != "default" && n != "lo" {
			list = append(list, strings.ReplaceAll(n, ".", "/")) // eth0.100 is written eth0/100 in a key
		}
	}
	return list, nil
}

// number is a setting as a number, or the standard value when nothing sets it.
func (h *host) number(key string, standard int) (int, error) {
	v, found, err := h.sysctl(key)
	if err != nil || !found {
		return standard, err
	}
	n, err := strconv.Atoi(v.value)
	if err != nil {
		return 0, fmt.Errorf("%s is not a number: %q (%s)", key, v.value, where(v.at))
	}
	return n, nil
}

var netAcceptRedirects = ifaceCheck(engine.Check{
	ID:             "net-accept-redirects",
	Title:          "The host believes redirects from its neighbours",
	Why:            "A neighbour on the network can send an ICMP redirect and have the traffic of this host pass through them.",
	Fix:            "Set accept_redirects to 0 for all and default, IPv4 and IPv6.",
	Remedy:         setSysctl("accept-redirects", "net.ipv4.conf.all.accept_redirects = 0", "net.ipv4.conf.default.accept_redirects = 0", "net.ipv6.conf.all.accept_redirects = 0", "net.ipv6.conf.default.accept_redirects = 0"),
	FalsePositives: "On networks with several routers redirects save a hop; a cloud network drops forged ones.",
	References:     []string{"CWE-940", "T1557", "RFC 1122", "CIS Debian Linux 12 Benchmark 3.3.5", "Lynis KRNL-6000"},
	Severity:       engine.Low, Principle: "compromise", CWE: "CWE-940",
	Techniques: []string{"T1557"}, Topic: "kernel",
}, ifaceRule{
	name: "accept_redirects", stdAll: 1, std: 1,
	weak: func(all, own int, forwarding bool) bool {
		if forwarding {
			return all != 0 && own != 0
		}
		return all != 0 || own != 0
	},
	weak6: func(own int, forwarding bool) bool { return own != 0 && !forwarding },
})

var netSendRedirects = ifaceCheck(engine.Check{
	ID:             "net-send-redirects",
	Title:          "The host sends redirects to others",
	Why:            "Only routers have reason to. A host that was taken over uses them to draw the traffic of others to itself, unnoticed among its own.",
	Fix:            "Set send_redirects to 0 for all and default.",
	Remedy:         setSysctl("send-redirects", "net.ipv4.conf.all.send_redirects = 0", "net.ipv4.conf.default.send_redirects = 0"),
	FalsePositives: "A router on a network with other routers may send them on purpose. Hosts that do not forward are not reported.",
	References:     []string{"CWE-940", "T1557", "CIS Debian Linux 12 Benchmark 3.3.2", "Lynis KRNL-6000"},
	Severity:       engine.Low, Principle: "impact", CWE: "CWE-940",
	Techniques: []string{"T1557"}, Topic: "kernel",
}, ifaceRule{
	name: "send_redirects", stdAll: 1, std: 1, onlyForwards: true,
	weak: func(all, own int, _ bool) bool { return all != 0 || own != 0 },
})

var netSourceRoute = ifaceCheck(engine.Check{
	ID:             "net-source-routing",
	Title:          "The sender of a packet may choose its way",
	Why:            "Source routing leads packets around filters and makes answers to forged addresses come back.",
	Fix:            "Set accept_source_route to 0 for all and default.",
	Remedy:         setSysctl("source-route", "net.ipv4.conf.all.accept_source_route = 0", "net.ipv4.conf.default.accept_source_route = 0", "net.ipv6.conf.all.accept_source_route = 0", "net.ipv6.conf.default.accept_source_route = 0"),
	FalsePositives: "None known.",
	References:     []string{"CWE-291", "T1557", "RFC 7126", "CIS Debian Linux 12 Benchmark 3.3.8", "Lynis KRNL-6000"},
	Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-291",
	Techniques: []string{"T1557"}, Topic: "kernel",
}, ifaceRule{
	name: "accept_source_route", stdAll: 0, std: 0,
	weak:  func(all, own int, _ bool) bool { return all != 0 && own != 0 },
	weak6: func(own int, _ bool) bool { return own > 0 },
})

var netReversePath = ifaceCheck(engine.Check{
	ID:             "net-reverse-path-off",
	Title:          "Packets with forged senders are accepted",
	Why:            "Without a reverse path check a packet from outside may claim to come from inside.",
	Fix:            "Set rp_filter to 1 (strict), or 2 (loose) with several ways to the network.",
	Remedy:         setSysctl("rp-filter", "net.ipv4.conf.all.rp_filter = 1", "net.ipv4.conf.default.rp_filter = 1"),
	FalsePositives: "Hosts with several uplinks need 2, which is not reported. A firewall that drops such packets does the same.",
	References:     []string{"CWE-290", "T1557", "RFC 3704", "CIS Debian Linux 12 Benchmark 3.3.7", "Lynis KRNL-6000"},
	Severity:       engine.Low, Principle: "compromise", CWE: "CWE-290",
	Techniques: []string{"T1557", "T1498"}, Topic: "kernel",
}, ifaceRule{
	name: "rp_filter", stdAll: 0, std: 0,
	weak: func(all, own int, _ bool) bool { return max(all, own) == 0 },
})

var netSynCookies = check{
	Check: engine.Check{
		ID:             "net-syncookies-off",
		Title:          "A flood of half-open connections stops the services",
		Why:            "A single machine fills the queue of waiting connections, and nobody else gets in.",
		Fix:            "Set net.ipv4.tcp_syncookies to 1.",
		Remedy:         setSysctl("syncookies", "net.ipv4.tcp_syncookies = 1"),
		FalsePositives: "None known; 2 (always) is accepted as well.",
		References:     []string{"CWE-770", "T1499.001", "RFC 4987", "CIS Debian Linux 12 Benchmark 3.3.10", "Lynis KRNL-6000"},
		Severity:       engine.Medium, Principle: "disruption", CWE: "CWE-770",
		Techniques: []string{"T1499.001"}, Topic: "kernel",
	},
	look: func(h *host) []verdict {
		return h.judgeNumber("net.ipv4.tcp_syncookies", 1, func(n int) bool { return n == 0 })
	},
}

// judgeNumber judges one setting of the network, which a container has too.
func (h *host) judgeNumber(key string, standard int, weak func(int) bool) []verdict {
	if !h.facts.Live && h.isContainer() {
		return absent(hostsJob)
	}
	n, err := h.number(key, standard)
	if err != nil {
		return unknown(err)
	}
	detail := fmt.Sprintf("%s = %d", key, n)
	if weak(n) {
		return fail(detail, engine.Seen{Path: "/proc/sys/" + strings.ReplaceAll(key, ".", "/"), Value: strconv.Itoa(n)})
	}
	return pass("%s", detail)
}

// routers are programs that forward packets as their purpose.
var routers = []string{
	"docker.io", "docker-ce", "moby-engine", "podman", "containerd", "containerd.io", "libvirt-daemon", "libvirt-daemon-system", "lxd", "lxc", "incus",
	"kubelet", "k3s", "cri-o", "wireguard", "wireguard-tools", "openvpn", "strongswan", "frr", "bird", "bird2", "quagga", "shorewall", "tailscale", "proxmox-ve",
}

var netForward = check{
	Check: engine.Check{
		ID:             "net-ip-forward",
		Title:          "The host passes packets on between networks",
		Why:            "A host that forwards is a bridge between networks that were kept apart: whoever reaches one side may reach the other.",
		Fix:            "Set net.ipv4.ip_forward and net.ipv6.conf.all.forwarding to 0, unless the host is a router.",
		Remedy:         setSysctl("ip-forward", "net.ipv4.ip_forward = 0", "net.ipv6.conf.all.forwarding = 0"),
		FalsePositives: "Routers, VPN servers and hosts of containers or virtual machines have to forward; where such software is installed the check does not apply.",
		References:     []string{"CWE-441", "T1090.001", "T1599", "CIS Debian Linux 12 Benchmark 3.3.1", "Lynis KRNL-6000"},
		Severity:       engine.Low, Principle: "impact", CWE: "CWE-441",
		Techniques: []string{"T1090.001", "T1599"}, Topic: "kernel",
	},
	look: func(h *host) []verdict {
		if p, ok := h.hasPackage(routers...); ok {
			return absent("%s is installed, which forwards packets on purpose", p.Name)
		}
		if v := h.judgeNumber("net.ipv4.ip_forward", 0, func(n int) bool { return n != 0 }); v[0].outcome != engine.Pass {
			return v
		}
		return h.judgeNumber("net.ipv6.conf.all.forwarding", 0, func(n int) bool { return n != 0 })
	},
}

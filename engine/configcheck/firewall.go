package configcheck

import (
	"errors"
	"regexp"
	"strings"

	"holdfast/engine"
)

var firewallMissing = check{
	Check: engine.Check{
		ID:    "firewall-missing",
		Title: "No firewall limits what comes in",
		Why:   "Every port that a program opens, by mistake or by an intruder, is open to the whole network.",
		Fix:   "Switch on one firewall (ufw, firewalld or nftables) that drops what is not allowed, and allow the services that others need.",
		Remedy: `if command -v apt-get >/dev/null 2>&1 && ! command -v ufw >/dev/null 2>&1; then DEBIAN_FRONTEND=noninteractive apt-get install -y ufw; fi
if command -v ufw >/dev/null 2>&1; then ufw allow OpenSSH || ufw allow 22/tcp; ufw default deny incoming; ufw --force enable; fi
if command -v firewall-cmd >/dev/null 2>&1; then systemctl enable --now firewalld; fi`,
		FalsePositives: "A firewall of the cloud or the network in front of the host may do the same. Rules loaded by a script of your own cannot be seen in files.",
		References:     []string{"CWE-284", "CWE-923", "T1190", "T1562.004", "nft(8)", "iptables(8)", "ufw(8)", "CIS Debian Linux 12 Benchmark 4.1.1", "Lynis FIRE-4512"},
		Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-923",
		Techniques: []string{"T1190", "T1046", "T1571"}, Topic: "network",
	},
	look: lookFirewall,
}

// A firewall is one way to filter and what is known of it.
type firewall struct {
	name   string
	on     bool
	strict bool   // it refuses something that comes in
	detail string // where that was seen
}

func lookFirewall(h *host) []verdict {
	if h.isContainer() {
		return absent(hostsJob)
	}
	var open []string
	for _, find := range []func(*host) (firewall, error){ufw, firewalld, nftables, iptables} {
		f, err := find(h)
		if err != nil {
			return unknown(err)
		}
		if f.on && f.strict {
			return pass("%s filters what comes in (%s)", f.name, f.detail)
		}
		if f.on {
			open = append(open, f.name+" is on, but refuses nothing ("+f.detail+")")
		}
	}
	if tool, ok := h.activeService("shorewall", "csf", "lfd", "ferm", "foomuuri", "arno-iptables-firewall", "pve-firewall"); ok {
		return pass("%s is set up to start", tool)
	}
	if h.filterModules() {
		return unknown(errors.New("no rule file of a known firewall was found, but the kernel may hold rules that another program loaded; those cannot be read from files"))
	}
	if len(open) > 0 {
		return fail(some(open, 3))
	}
	return fail("neither ufw, firewalld, nftables nor iptables is set up")
}

// filterModules says whether the kernel has loaded rules of its own accord. The
// tables file exists when iptables has been used.
func (h *host) filterModules() bool {
	if !h.facts.Live {
		return false
	}
	if body, err := h.read("proc/net/ip_tables_names"); err == nil && strings.Contains(body, "filter") {
		return true
	}
	body, err := h.read("proc/modules")
	if err != nil {
		return true // not known
	}
	for _, l := range lines(body, "") {
		f := strings.Fields(l.text)
		if len(f) > 2 && (f[0] == "nf_tables" || f[0] == "iptable_filter" || f[0] == "nft_chain_nat") && f[2] != "0" {
			return true
		}
	}
	return len(lines(body, "")) == 0 // everything is built in
}

// shellValue finds NAME=value in a file of assignments.
func shellValue(body, name string) string {
	value := ""
	for _, l := range lines(body, "#") {
		if v, ok := strings.CutPrefix(l.text, name+"="); ok {
			value = strings.Trim(strings.TrimSpace(v), `"'`)
		}
	}
	return value
}

func ufw(h *host) (firewall, error) {
	body, err := h.read("etc/ufw/ufw.conf")
	if isMissing(err) {
		return firewall{}, nil
	}
	if err != nil {
		return firewall{}, err
	}
	f := firewall{name: "ufw", on: strings.EqualFold(shellValue(body, "ENABLED"), "yes"), detail: "/etc/ufw/ufw.conf"}
	policy, err := h.read("etc/default/ufw")
	if err != nil && !isMissing(err) {
		return f, err
	}
	in := strings.ToUpper(shellValue(policy, "DEFAULT_INPUT_POLICY"))
	f.strict = in == "DROP" || in == "REJECT" || in == ""
	return f, nil
}

func firewalld(h *host) (firewall, error) {
	name, on := h.activeService("firewalld")
	f := firewall{name: "firewalld", on: on, strict: true, detail: name}
	body, err := h.read("etc/firewalld/firewalld.conf")
	if err != nil && !isMissing(err) {
		return f, err
	}
	if on && shellValue(body, "DefaultZone") == "trusted" {
		f.strict, f.detail = false, "DefaultZone=trusted"
	}
	return f, nil
}

var (
	nftInput  = regexp.MustCompile(`hook\s+input`)
	nftRefuse = regexp.MustCompile(`policy\s+drop|\b(drop|reject)\b`)
)

func nftables(h *host) (firewall, error) {
	body, file, err := h.readFirst("etc/nftables.conf", "etc/sysconfig/nftables.conf", "etc/nftables.nft")
	if isMissing(err) {
		return firewall{}, nil
	}
	if err != nil {
		return firewall{}, err
	}
	_, on := h.activeService("nftables")
	rules := body
	more, err := h.glob("etc/nftables.d/*.nft")
	if err != nil {
		return firewall{}, err
	}
	for _, m := range more {
		text, err := h.read(m)
		if err != nil {
			return firewall{}, err
		}
		rules += "\n" + text
	}
	var kept strings.Builder
	for _, l := range lines(rules, "#") {
		kept.WriteString(l.text + "\n")
	}
	strict := nftInput.MatchString(kept.String()) && nftRefuse.MatchString(kept.String())
	return firewall{name: "nftables", on: on, strict: strict, detail: "/" + file}, nil
}

// iptables reads the files that are loaded at the start: of iptables-persistent
// on Debian, of the iptables service on Red Hat systems and Alpine.
func iptables(h *host) (firewall, error) {
	body, file, err := h.readFirst("etc/iptables/rules.v4", "etc/sysconfig/iptables", "etc/iptables/rules-save", "etc/iptables/iptables.rules")
	if isMissing(err) {
		return firewall{}, nil
	}
	if err != nil {
		return firewall{}, err
	}
	_, on := h.activeService("netfilter-persistent", "iptables", "iptables-persistent")
	strict := false
	for _, l := range lines(body, "#") {
		f := strings.Fields(l.text)
		policy := len(f) > 1 && f[0] == ":INPUT" && f[1] == "DROP"
		rule := strings.HasPrefix(l.text, "-A ") && (strings.Contains(l.text, "-j DROP") || strings.Contains(l.text, "-j REJECT"))
		strict = strict || policy || rule
	}
	return firewall{name: "iptables", on: on, strict: strict, detail: "/" + file}, nil
}

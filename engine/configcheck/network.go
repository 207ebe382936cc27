package configcheck

import (
	"errors"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"holdfast/engine"
)

// A service that is dangerous on an open network, by its port.
type danger struct {
	name     string
	severity engine.Severity
	why      string
}

// dangers are services that send passwords in the clear, or that let in whoever
// reaches them in their usual set-up.
var dangers = map[string]danger{
	"tcp/21":    {"FTP", engine.High, "passwords in the clear"},
	"tcp/23":    {"Telnet", engine.Critical, "passwords in the clear"},
	"udp/69":    {"TFTP", engine.High, "files without a password"},
	"tcp/79":    {"finger", engine.Medium, "tells the names of accounts"},
	"tcp/111":   {"rpcbind", engine.Medium, "tells what runs, amplifies floods"},
	"udp/111":   {"rpcbind", engine.Medium, "tells what runs, amplifies floods"},
	"tcp/135":   {"RPC endpoint mapper", engine.Medium, "tells what runs"},
	"tcp/139":   {"NetBIOS", engine.High, "shares of an old protocol"},
	"udp/161":   {"SNMP", engine.Medium, "default communities are known to all"},
	"tcp/389":   {"LDAP", engine.Medium, "passwords in the clear"},
	"tcp/445":   {"SMB", engine.High, "spread of worms"},
	"tcp/512":   {"rexec", engine.Critical, "passwords in the clear"},
	"tcp/513":   {"rlogin", engine.Critical, "trusts addresses"},
	"tcp/514":   {"rsh", engine.Critical, "trusts addresses"},
	"tcp/873":   {"rsync", engine.Medium, "often without a password"},
	"tcp/1433":  {"SQL Server", engine.High, "a database open to guessing"},
	"tcp/1521":  {"Oracle", engine.High, "a database open to guessing"},
	"tcp/2049":  {"NFS", engine.High, "trusts addresses and user ids"},
	"udp/2049":  {"NFS", engine.High, "trusts addresses and user ids"},
	"tcp/2375":  {"Docker without TLS", engine.Critical, "root for everybody"},
	"tcp/2379":  {"etcd", engine.High, "secrets of a cluster"},
	"tcp/3306":  {"MySQL", engine.High, "a database open to guessing"},
	"tcp/3389":  {"remote desktop", engine.High, "guessing and known holes"},
	"tcp/5432":  {"PostgreSQL", engine.High, "a database open to guessing"},
	"tcp/5601":  {"Kibana", engine.Medium, "often without a password"},
	"tcp/5672":  {"AMQP", engine.Medium, "default account guest"},
	"tcp/5900":  {"VNC", engine.High, "short passwords, no encryption"},
	"tcp/5901":  {"VNC", engine.High, "short passwords, no encryption"},
	"tcp/5984":  {"CouchDB", engine.High, "a database open to guessing"},
	"tcp/6000":  {"X11", engine.High, "screen and keyboard"},
	"tcp/6379":  {"Redis", engine.Critical, "no password by default, runs commands"},
	"tcp/7001":  {"WebLogic", engine.High, "known holes"},
	"tcp/8500":  {"Consul", engine.Medium, "runs commands when set up so"},
	"tcp/9042":  {"Cassandra", engine.High, "a database open to guessing"},
	"tcp/9200":  {"Elasticsearch", engine.High, "no password by default in old versions"},
	"tcp/10250": {"kubelet", engine.High, "commands in every pod"},
	"tcp/11211": {"memcached", engine.Critical, "no password, amplifies floods"},
	"udp/11211": {"memcached", engine.Critical, "no password, amplifies floods"},
	"tcp/27017": {"MongoDB", engine.High, "no password by default in old versions"},
	"tcp/50000": {"DB2 or Jenkins agents", engine.Medium, "a database open to guessing"},
}

// publicPorts are services that are meant for everybody.
var publicPorts = map[string]bool{"tcp/22": true, "tcp/80": true, "tcp/443": true, "udp/443": true, "udp/68": true, "udp/546": true}

var listenDangerous = check{
	Check: engine.Check{
		ID:             "listen-dangerous-service",
		Title:          "A service that should stay inside listens on every interface",
		Why:            "Such services send passwords in the clear, trust addresses, or let in whoever reaches them. Scanners find an open one within hours.",
		Fix:            "Bind the service to 127.0.0.1 or to the internal address, or stop it; use an encrypted replacement for clear-text protocols.",
		Remedy:         `for s in telnet.socket telnetd rsh.socket rlogin.socket rexec.socket tftp.socket tftpd-hpa finger.socket rpcbind.socket; do systemctl disable --now "$s" 2>/dev/null || true; done`,
		FalsePositives: "A firewall in front or on the host may keep the network out; a cluster may need it on an internal network.",
		References:     []string{"CWE-668", "CWE-319", "T1190", "T1133", "ss(8)", "Lynis NETW-3012"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-668",
		Techniques: []string{"T1190", "T1133"}, Topic: "network",
	},
	look: func(h *host) []verdict {
		return h.judgeListeners("no such service listens on every interface", func(t *tally, key string, l engine.Listener) {
			if d, ok := dangers[key]; ok {
				t.failAs(d.severity, key, d.name+" ("+d.why+")"+process(l), listenerSeen(l))
			}
		})
	},
}

var listenEverywhere = check{
	Check: engine.Check{
		ID:             "listen-all-interfaces",
		Title:          "A service listens on every interface",
		Why:            "Every service that the network reaches can be attacked through its next hole; many are meant for the host alone and were left at their default.",
		Fix:            "Bind the service to 127.0.0.1 or to the address that needs it, or stop it.",
		Remedy:         `for s in cups.socket cups-browsed avahi-daemon.socket avahi-daemon rpcbind.socket; do systemctl disable --now "$s" 2>/dev/null || true; done`,
		FalsePositives: "Services meant for others are right to listen. SSH and the web (22, 80, 443) are not reported, nor are the dangerous ones, which have a check of their own.",
		References:     []string{"CWE-1327", "T1190", "T1046", "ss(8)", "Lynis NETW-3012"},
		Severity:       engine.Low, Principle: "compromise", CWE: "CWE-1327",
		Techniques: []string{"T1190", "T1046"}, Topic: "network",
	},
	look: func(h *host) []verdict {
		return h.judgeListeners("only public services listen on every interface", func(t *tally, key string, l engine.Listener) {
			if _, ok := dangers[key]; !ok && !publicPorts[key] {
				t.fail(key, "listens on every interface"+process(l), listenerSeen(l))
			}
		})
	},
}

func process(l engine.Listener) string {
	if l.Process == "" {
		return ""
	}
	return ", program " + l.Process
}

func listenerSeen(l engine.Listener) engine.Seen {
	return engine.Seen{Path: "/proc/net/" + l.Proto, Value: fmt.Sprintf("%s:%d", l.Address, l.Port)}
}

// judgeListeners calls find for each socket that is open to every interface, with
// the key "tcp/22".
func (h *host) judgeListeners(good string, find func(t *tally, key string, l engine.Listener)) []verdict {
	if !h.facts.Live {
		return absent("the target is not running, so nothing listens")
	}
	var t tally
	for _, p := range h.gaps {
		if strings.HasPrefix(p.Path, "/proc/net") || strings.HasPrefix(p.Path, "proc/net") {
			t.doubt(errors.New("the sockets may not all be known: " + p.Path + ": " + p.Reason))
		}
	}
	for _, l := range h.facts.Listeners {
		addr, err := netip.ParseAddr(strings.Trim(l.Address, "[]"))
		if l.Address != "*" && (err != nil || !addr.Unmap().IsUnspecified()) {
			continue
		}
		proto := strings.TrimSuffix(l.Proto, "6")
		if proto == "udp" && l.Port >= 32768 && dangers["udp/"+strconv.Itoa(l.Port)].name == "" {
			continue // a client waiting for an answer
		}
		find(&t, proto+"/"+strconv.Itoa(l.Port), l)
	}
	return t.verdicts(good, "")
}

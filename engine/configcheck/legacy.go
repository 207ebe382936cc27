package configcheck

import (
	"sort"

	"holdfast/engine"
)

// legacyServers are packages of services that were made before the network was
// hostile. Clients are rated lower than servers.
var legacyServers = map[string]engine.Severity{
	"telnetd": engine.High, "telnet-server": engine.High, "inetutils-telnetd": engine.High, "telnetd-ssl": engine.Medium, "busybox-extras": engine.Low,
	"rsh-server": engine.High, "rsh-redone-server": engine.High, "inetutils-rshd": engine.High, "rexecd": engine.High,
	"xinetd": engine.Medium, "openbsd-inetd": engine.Medium, "inetutils-inetd": engine.Medium, "rinetd": engine.Medium,
	"tftpd": engine.Medium, "tftpd-hpa": engine.Medium, "atftpd": engine.Medium, "tftp-server": engine.Medium, "tftp-hpa": engine.Medium,
	"ftpd": engine.Medium, "inetutils-ftpd": engine.Medium, "wu-ftpd": engine.High, "ftpd-ssl": engine.Low,
	"vsftpd": engine.Low, "proftpd-basic": engine.Low, "proftpd-core": engine.Low, "pure-ftpd": engine.Low,
	"nis": engine.High, "ypserv": engine.High, "ypbind": engine.Medium, "yp-tools": engine.Low,
	"talkd": engine.Medium, "talk-server": engine.Medium, "fingerd": engine.Medium, "finger-server": engine.Medium, "efingerd": engine.Medium,
	"rwhod": engine.Medium, "rstatd": engine.Medium, "rusersd": engine.Medium,
	"rsh-client": engine.Low, "rsh": engine.Low, "rsh-redone-client": engine.Low, "talk": engine.Low, "inetutils-talk": engine.Low,
}

var legacyInstalled = check{
	Check: engine.Check{
		ID:    "legacy-service-installed",
		Title: "A service from before the network was hostile is installed",
		Why: "Telnet, rsh, FTP, TFTP, NIS and their super-servers send passwords in the clear or trust addresses. " +
			"Once started, by a package update or an intruder, they are an open door.",
		Fix: "Remove the package; use SSH, SFTP and LDAP with TLS instead.",
		Remedy: `for p in telnetd telnet-server inetutils-telnetd rsh-server rsh-redone-server inetutils-rshd rexecd xinetd openbsd-inetd inetutils-inetd tftpd tftpd-hpa atftpd tftp-server ftpd inetutils-ftpd nis ypserv ypbind talkd talk-server fingerd finger-server rwhod rstatd rusersd rsh-client rsh rsh-redone-client talk; do
  if dpkg -s "$p" >/dev/null 2>&1; then DEBIAN_FRONTEND=noninteractive apt-get remove -y "$p"; elif rpm -q "$p" >/dev/null 2>&1; then rpm -e "$p"; fi
done`,
		FalsePositives: "TFTP is needed to start machines over a separate network. FTP servers that insist on TLS are rated low.",
		References:     []string{"CWE-319", "CWE-1104", "T1021", "T1040", "CIS Debian Linux 12 Benchmark 2.1", "Lynis INSE-8000"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-319",
		Techniques: []string{"T1040", "T1021"}, Topic: "network",
	},
	look: lookLegacy,
}

func lookLegacy(h *host) []verdict {
	if len(h.pkgs) == 0 {
		return unknown(errNoPackages)
	}
	var names []string
	for n := range legacyServers {
		names = append(names, n)
	}
	sort.Strings(names)
	var t tally
	for _, n := range names {
		if p, ok := h.pkgs[n]; ok {
			t.failAs(legacyServers[n], n, "version "+p.Version+" is installed", engine.Seen{Path: p.Path, Value: n + " " + p.Version})
		}
	}
	return t.verdicts("no such service is installed", "")
}

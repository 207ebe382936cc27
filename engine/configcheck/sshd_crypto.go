package configcheck

import (
	"errors"
	"strings"

	"holdfast/engine"
)

// sshdList makes the check of a list of algorithms. A list without a broken
// algorithm but with a dull one is rated low.
func sshdList(c engine.Check, key string, broken, dull func(string) bool) check {
	return check{Check: c, look: func(h *host) []verdict {
		return h.judgeSSHD(key, func(c *sshdConfig, s sshdSetting) (string, engine.Severity) {
			if list := c.outdated(s, broken); len(list) > 0 {
				return "accepts " + strings.Join(list, ", "), ""
			}
			if dull != nil {
				if list := c.outdated(s, dull); len(list) > 0 {
					return "accepts " + strings.Join(list, ", "), engine.Low
				}
			}
			return "", ""
		})
	}}
}

var sshdCiphers = sshdList(engine.Check{
	ID:             "sshd-weak-ciphers",
	Title:          "SSH accepts outdated ciphers",
	Why:            "CBC modes let somebody on the path recover parts of the text, arcfour leaks it, and 3DES and Blowfish blocks are too small for long sessions.",
	Fix:            "Remove the Ciphers line to use the defaults of a current OpenSSH, or list only AES-GCM, AES-CTR and ChaCha20.",
	Remedy:         setSSHD("Ciphers", "chacha20-poly1305@openssh.com,aes256-gcm@openssh.com,aes128-gcm@openssh.com,aes256-ctr,aes192-ctr,aes128-ctr"),
	FalsePositives: "Old network devices may know nothing better; let them in through a jump host.",
	References:     []string{"CWE-327", "T1557", "CVE-2008-5161", "sshd_config(5)", "CIS Debian Linux 12 Benchmark 5.1.6"},
	Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-327",
	Techniques: []string{"T1557", "T1040"}, Topic: "remote access",
}, "ciphers", weakCipher, nil)

var sshdMACs = sshdList(engine.Check{
	ID:             "sshd-weak-macs",
	Title:          "SSH accepts outdated integrity codes",
	Why:            "Codes built on MD5, RIPEMD or cut to 96 or 64 bits give somebody on the path a better chance to change what is sent.",
	Fix:            "Set MACs to hmac-sha2-512-etm, hmac-sha2-256-etm and umac-128-etm.",
	Remedy:         setSSHD("MACs", "hmac-sha2-512-etm@openssh.com,hmac-sha2-256-etm@openssh.com,umac-128-etm@openssh.com"),
	FalsePositives: "HMAC-SHA1 and umac-64 (rated low) are still among the defaults of OpenSSH; no attack on them in this use is known, and a current client picks a better one.",
	References:     []string{"CWE-327", "CWE-328", "T1557", "sshd_config(5)", "CIS Debian Linux 12 Benchmark 5.1.15"},
	Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-328",
	Techniques: []string{"T1557"}, Topic: "remote access",
}, "macs", brokenMAC, dullMAC)

var sshdKex = sshdList(engine.Check{
	ID:             "sshd-weak-key-exchange",
	Title:          "SSH accepts outdated key exchanges",
	Why:            "A 1024-bit group can be precomputed by a well-funded attacker, and SHA-1 collides; recorded sessions may then be read.",
	Fix:            "Remove the KexAlgorithms line to use the defaults of a current OpenSSH, or list curve25519 and the larger groups only.",
	Remedy:         setSSHD("KexAlgorithms", "curve25519-sha256,curve25519-sha256@libssh.org,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group-exchange-sha256"),
	FalsePositives: "Old network devices may know nothing better; let them in through a jump host.",
	References:     []string{"CWE-326", "CWE-327", "CVE-2015-4000", "RFC 9142", "sshd_config(5)", "CIS Debian Linux 12 Benchmark 5.1.12"},
	Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-326",
	Techniques: []string{"T1557", "T1040"}, Topic: "remote access",
}, "kexalgorithms", weakKex, nil)

var sshdHostKeyAlgorithms = sshdList(engine.Check{
	ID:             "sshd-weak-host-key-algorithms",
	Title:          "SSH proves itself with outdated signatures",
	Why:            "ssh-rsa signs with SHA-1 and ssh-dss with 1024 bits; somebody who forges one can pretend to be this server.",
	Fix:            "Remove the HostKeyAlgorithms line, or list ssh-ed25519, ecdsa-sha2 and rsa-sha2 only.",
	Remedy:         setSSHD("HostKeyAlgorithms", "ssh-ed25519,rsa-sha2-512,rsa-sha2-256"),
	FalsePositives: "RSA keys themselves are fine: rsa-sha2-512 uses the same key.",
	References:     []string{"CWE-327", "CWE-328", "T1557", "sshd_config(5)", "OpenSSH 8.8 release notes"},
	Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-328",
	Techniques: []string{"T1557"}, Topic: "remote access",
}, "hostkeyalgorithms", weakKeyAlgorithm, nil)

var sshdUserKeyAlgorithms = sshdList(engine.Check{
	ID:             "sshd-weak-user-key-algorithms",
	Title:          "SSH accepts logins with outdated signatures",
	Why:            "ssh-rsa signs with SHA-1 and ssh-dss with 1024 bits; forging one is a login.",
	Fix:            "Remove the PubkeyAcceptedAlgorithms line, and have ssh-dss keys replaced.",
	Remedy:         setSSHD("PubkeyAcceptedAlgorithms", "ssh-ed25519,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-512,rsa-sha2-256"),
	FalsePositives: "Clients older than OpenSSH 7.2 know nothing better; update them.",
	References:     []string{"CWE-327", "CWE-328", "T1021.004", "sshd_config(5)", "OpenSSH 8.8 release notes"},
	Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-328",
	Techniques: []string{"T1021.004"}, Topic: "remote access",
}, "pubkeyacceptedalgorithms", weakKeyAlgorithm, nil)

var sshdHostKeys = check{
	Check: engine.Check{
		ID:             "sshd-host-key-permissions",
		Title:          "A private host key of SSH is open to others",
		Why:            "Who reads the host key can pretend to be this server and collect passwords; who replaces it can do the same.",
		Fix:            "The private keys belong to root with mode 0600. If others could read one, make new host keys.",
		Remedy:         `for k in /etc/ssh/ssh_host_*_key; do if [ -f "$k" ]; then chown root "$k"; chmod 0600 "$k"; fi; done`,
		FalsePositives: "Red Hat systems give the group ssh_keys read access (mode 0640); that is not reported.",
		References:     []string{"CWE-732", "T1552.004", "sshd(8)", "CIS Debian Linux 12 Benchmark 5.1.2"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-732",
		Techniques: []string{"T1552.004", "T1557"}, Topic: "remote access",
	},
	look: lookHostKeys,
}

func lookHostKeys(h *host) []verdict {
	c, err := h.sshd()
	if errors.Is(err, errNoSSHD) {
		return absent("the OpenSSH server is not installed")
	}
	if err != nil {
		return unknown(err)
	}
	keys, err := h.glob("etc/ssh/ssh_host_*_key")
	if err != nil {
		return unknown(err)
	}
	for _, s := range c.all("hostkey") {
		keys = append(keys, relative(s.args[0]))
	}
	var t tally
	for _, k := range keys {
		m, err := h.mode(k)
		if isMissing(err) {
			continue
		}
		t.looked++
		if err != nil {
			t.doubt(err)
			continue
		}
		allowed := uint32(0o600)
		if h.groupName(m.gid) == "ssh_keys" {
			allowed = 0o640
		}
		if problem := m.opener(allowed, 0); problem != "" {
			t.fail("/"+k, problem, m.seen(k))
		}
	}
	return t.verdicts("the host keys belong to root and are closed to others", "there are no host keys yet")
}

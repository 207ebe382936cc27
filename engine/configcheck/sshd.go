package configcheck

import (
	"fmt"
	"path"
	"strconv"
	"strings"

	"holdfast/engine"
)

// setSSHD makes the lines that set a keyword for everybody: the first value
// wins, so the line goes to the top of the file, before every Include.
func setSSHD(keyword, value string) string {
	return fmt.Sprintf(`sed -i -E '/^%[1]s[[:space:]=]+%[2]s$/d' /etc/ssh/sshd_config
sed -i '1i %[1]s %[2]s' /etc/ssh/sshd_config
if command -v sshd >/dev/null 2>&1; then sshd -t && { systemctl reload ssh 2>/dev/null || systemctl reload sshd 2>/dev/null || true; }; fi`, keyword, value)
}

const matchHint = " Settings inside Match blocks are weakened on purpose or by mistake; edit those by hand."

func isYes(s sshdSetting) bool { return strings.EqualFold(s.value(), "yes") }

var sshdRootLogin = check{
	Check: engine.Check{
		ID:             "sshd-root-login",
		Title:          "root may log in over SSH",
		Why:            "Every attacker knows the name, only the password or key is left to find; what root did cannot be told to a person afterwards.",
		Fix:            "Let people log in as themselves and use sudo, then set PermitRootLogin no." + matchHint,
		Remedy:         setSSHD("PermitRootLogin", "no"),
		FalsePositives: "prohibit-password (keys only, rated low) is common on machines that are run by one tool from one place. forced-commands-only is not reported.",
		References:     []string{"CWE-250", "T1021.004", "sshd_config(5)", "CIS Debian Linux 12 Benchmark 5.1.20", "Lynis SSH-7408"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-250",
		Techniques: []string{"T1021.004", "T1110.001"}, Topic: "remote access",
	},
	look: func(h *host) []verdict {
		return h.judgeSSHD("permitrootlogin", func(c *sshdConfig, s sshdSetting) (string, engine.Severity) {
			switch strings.ToLower(s.value()) {
			case "no", "forced-commands-only":
				return "", ""
			case "yes":
				if c.takesPassword(s.match) {
					return "root may log in with a password: PermitRootLogin yes", engine.High
				}
			}
			if c.refuses("root") {
				return "", ""
			}
			return "root may log in with a key: PermitRootLogin " + s.value(), engine.Low
		})
	},
}

// refuses says whether DenyUsers or AllowUsers keep a user out for everybody.
func (c *sshdConfig) refuses(user string) bool {
	named := func(key string) (listed, written bool) {
		for _, s := range c.all(key) {
			for _, p := range s.args {
				written = true
				if ok, _ := path.Match(p, user); ok {
					listed = true
				}
			}
		}
		return listed, written
	}
	denied, _ := named("denyusers")
	allowed, written := named("allowusers")
	return denied || written && !allowed && !c.allowsUserAt(user)
}

// allowsUserAt finds the form user@host in AllowUsers.
func (c *sshdConfig) allowsUserAt(user string) bool {
	for _, s := range c.all("allowusers") {
		for _, p := range s.args {
			if name, _, ok := strings.Cut(p, "@"); ok {
				if m, _ := path.Match(name, user); m {
					return true
				}
			}
		}
	}
	return false
}

// takesPassword says whether a password is asked for, directly or through the
// dialogue of PAM, under a Match condition or, with "", for everybody.
func (c *sshdConfig) takesPassword(match string) bool {
	if m := strings.ToLower(c.under(match, "authenticationmethods").value()); m != "any" && !listsBarePassword(m) {
		return false
	}
	if isYes(c.under(match, "passwordauthentication")) {
		return true
	}
	return isYes(c.under(match, "kbdinteractiveauthentication")) && isYes(c.under("", "usepam"))
}

// listsBarePassword says whether one of the alternatives of AuthenticationMethods
// can be met without a key.
func listsBarePassword(methods string) bool {
	for _, m := range strings.Fields(methods) {
		if !strings.Contains(m, "publickey") && !strings.Contains(m, "gssapi") && !strings.Contains(m, "hostbased") {
			return true
		}
	}
	return false
}

// under is the setting that counts in a Match block.
func (c *sshdConfig) under(match, key string) sshdSetting {
	for _, s := range c.settings {
		if match != "" && s.key == key && s.match == match {
			return s
		}
	}
	s, _ := c.get(key)
	return s
}

// sshdTakesNoPassword says whether SSH is known to refuse passwords.
func (h *host) sshdTakesNoPassword() bool {
	c, err := h.sshd()
	if err != nil || c.takesPassword("") {
		return false
	}
	for _, key := range []string{"passwordauthentication", "kbdinteractiveauthentication", "authenticationmethods"} {
		for _, m := range c.inMatch(key) {
			if c.takesPassword(m.match) {
				return false
			}
		}
	}
	return true
}

var sshdPasswordLogin = check{
	Check: engine.Check{
		ID:             "sshd-password-login",
		Title:          "Passwords are accepted over SSH",
		Why:            "Passwords are guessed from all over the network day and night, and people use them elsewhere too. A key cannot be guessed.",
		Fix:            "Give everybody a key, then set PasswordAuthentication no and KbdInteractiveAuthentication no, or require both with AuthenticationMethods publickey,keyboard-interactive." + matchHint,
		Remedy:         setSSHD("PasswordAuthentication", "no") + "\n" + setSSHD("KbdInteractiveAuthentication", "no"),
		FalsePositives: "Right to accept where the port is reachable only through a VPN, or where PAM asks for a second factor (which is not looked at here).",
		References:     []string{"CWE-308", "T1110", "sshd_config(5)", "NIST IR 7966", "Lynis SSH-7408"},
		Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-308",
		Techniques: []string{"T1110.003", "T1021.004"}, Topic: "remote access",
	},
	look: func(h *host) []verdict {
		password := func(c *sshdConfig, s sshdSetting) (string, engine.Severity) {
			if !c.takesPassword(s.match) {
				return "", ""
			}
			if isYes(c.under(s.match, "passwordauthentication")) {
				return "PasswordAuthentication yes", ""
			}
			return "KbdInteractiveAuthentication yes with UsePAM yes", ""
		}
		return h.judgeSSHD("passwordauthentication", password)
	},
}

var sshdEmptyPasswords = sshdNo(engine.Check{
	ID:             "sshd-empty-passwords",
	Title:          "SSH accepts accounts with an empty password",
	Why:            "An account whose password field is empty is open to the whole network.",
	Fix:            "Set PermitEmptyPasswords no." + matchHint,
	Remedy:         setSSHD("PermitEmptyPasswords", "no"),
	FalsePositives: "None known.",
	References:     []string{"CWE-258", "T1078.003", "sshd_config(5)", "CIS Debian Linux 12 Benchmark 5.1.19"},
	Severity:       engine.Critical, Principle: "compromise", CWE: "CWE-258",
	Techniques: []string{"T1078.003", "T1021.004"}, Topic: "remote access",
}, "permitemptypasswords")

// sshdNo makes the check of a keyword that should be no.
func sshdNo(c engine.Check, key string) check {
	return check{Check: c, look: func(h *host) []verdict {
		return h.judgeSSHD(key, func(_ *sshdConfig, s sshdSetting) (string, engine.Severity) {
			if strings.EqualFold(s.value(), "no") {
				return "", ""
			}
			return s.key + " " + s.value(), ""
		})
	}}
}

// sshdForwards is sshdNo for a kind of forwarding, which DisableForwarding ends too.
func sshdForwards(c engine.Check, key string) check {
	return check{Check: c, look: func(h *host) []verdict {
		return h.judgeSSHD(key, func(c *sshdConfig, s sshdSetting) (string, engine.Severity) {
			if strings.EqualFold(s.value(), "no") || isYes(c.under(s.match, "disableforwarding")) {
				return "", ""
			}
			return s.key + " " + s.value(), ""
		})
	}}
}

var sshdX11 = sshdForwards(engine.Check{
	ID:             "sshd-x11-forwarding",
	Title:          "X11 is forwarded over SSH",
	Why:            "Whoever controls the server can reach back through the connection, watch the screen of the person who logged in and type on their keyboard.",
	Fix:            "Set X11Forwarding no; servers need no windows." + matchHint,
	Remedy:         setSSHD("X11Forwarding", "no"),
	FalsePositives: "Right to accept on machines on which people really work with remote windows.",
	References:     []string{"CWE-668", "T1056.001", "T1113", "sshd_config(5)", "Lynis SSH-7408"},
	Severity:       engine.Low, Principle: "impact", CWE: "CWE-668",
	Techniques: []string{"T1056.001", "T1113"}, Topic: "remote access",
}, "x11forwarding")

var sshdTCPForwarding = sshdForwards(engine.Check{
	ID:             "sshd-tcp-forwarding",
	Title:          "Any login may tunnel through the SSH server",
	Why:            "One account is enough to reach everything the server reaches, behind the firewall and without leaving more than a login in the log.",
	Fix:            "Set AllowTcpForwarding no and allow it in a Match block for those who need it.",
	Remedy:         setSSHD("AllowTcpForwarding", "no"),
	FalsePositives: "Jump hosts live from forwarding. People with a shell can tunnel by other means, which makes this a second line only.",
	References:     []string{"CWE-441", "T1572", "T1090.001", "sshd_config(5)", "CIS Debian Linux 12 Benchmark 5.1.8", "Lynis SSH-7408"},
	Severity:       engine.Low, Principle: "impact", CWE: "CWE-441",
	Techniques: []string{"T1572", "T1090.001"}, Topic: "remote access",
}, "allowtcpforwarding")

var sshdAgentForwarding = sshdForwards(engine.Check{
	ID:             "sshd-agent-forwarding",
	Title:          "SSH agents may be forwarded to the server",
	Why:            "While somebody with a forwarded agent is logged in, whoever is root on the server uses their keys to go on to other machines.",
	Fix:            "Set AllowAgentForwarding no and let people use ProxyJump instead.",
	Remedy:         setSSHD("AllowAgentForwarding", "no"),
	FalsePositives: "People with a shell can bring a forwarder of their own; the setting is a second line.",
	References:     []string{"CWE-522", "T1563.001", "sshd_config(5)", "ssh-agent(1)", "Lynis SSH-7408"},
	Severity:       engine.Low, Principle: "impact", CWE: "CWE-522",
	Techniques: []string{"T1563.001", "T1021.004"}, Topic: "remote access",
}, "allowagentforwarding")

var sshdGatewayPorts = sshdForwards(engine.Check{
	ID:             "sshd-gateway-ports",
	Title:          "Forwarded ports are opened to the network",
	Why:            "Anybody with a login can open a port on the server's public address that leads to a machine of theirs, past the firewall.",
	Fix:            "Set GatewayPorts no." + matchHint,
	Remedy:         setSSHD("GatewayPorts", "no"),
	FalsePositives: "A server that exists to publish tunnels needs it; limit it to that account with a Match block.",
	References:     []string{"CWE-441", "T1090", "sshd_config(5)"},
	Severity:       engine.Medium, Principle: "impact", CWE: "CWE-441",
	Techniques: []string{"T1090", "T1572"}, Topic: "remote access",
}, "gatewayports")

var sshdUserEnvironment = sshdNo(engine.Check{
	ID:             "sshd-user-environment",
	Title:          "People choose the environment of their SSH session",
	Why:            "With LD_PRELOAD or PATH in ~/.ssh/environment a forced command or a restricted shell is escaped.",
	Fix:            "Set PermitUserEnvironment no, or name the harmless variables one by one." + matchHint,
	Remedy:         setSSHD("PermitUserEnvironment", "no"),
	FalsePositives: "A pattern list of harmless names (LANG,LC_*) is reported as well; look at it.",
	References:     []string{"CWE-15", "T1574.006", "sshd_config(5)", "CIS Debian Linux 12 Benchmark 5.1.21"},
	Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-15",
	Techniques: []string{"T1574.006", "T1574.007"}, Topic: "remote access",
}, "permituserenvironment")

var sshdHostbased = sshdNo(engine.Check{
	ID:             "sshd-hostbased-login",
	Title:          "SSH trusts whole machines instead of people",
	Why:            "Who becomes root on a trusted machine is every user on this one.",
	Fix:            "Set HostbasedAuthentication no and use keys or certificates." + matchHint,
	Remedy:         setSSHD("HostbasedAuthentication", "no"),
	FalsePositives: "Used inside some computing clusters; keep it to the internal network there.",
	References:     []string{"CWE-290", "T1021.004", "sshd_config(5)", "CIS Debian Linux 12 Benchmark 5.1.10"},
	Severity:       engine.High, Principle: "impact", CWE: "CWE-290",
	Techniques: []string{"T1021.004", "T1199"}, Topic: "remote access",
}, "hostbasedauthentication")

var sshdStrictModes = check{
	Check: engine.Check{
		ID:             "sshd-strict-modes-off",
		Title:          "SSH ignores open permissions of key files",
		Why:            "A home directory that others may write to is enough to add a key and log in as its owner.",
		Fix:            "Set StrictModes yes.",
		Remedy:         setSSHD("StrictModes", "yes"),
		FalsePositives: "Sometimes switched off because a shared file system shows odd permissions; mend those instead.",
		References:     []string{"CWE-732", "T1098.004", "sshd_config(5)"},
		Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-732",
		Techniques: []string{"T1098.004"}, Topic: "remote access",
	},
	look: func(h *host) []verdict {
		return h.judgeSSHD("strictmodes", func(_ *sshdConfig, s sshdSetting) (string, engine.Severity) {
			if isYes(s) {
				return "", ""
			}
			return "StrictModes " + s.value(), ""
		})
	},
}

var sshdMaxAuthTries = check{
	Check: engine.Check{
		ID:             "sshd-max-auth-tries",
		Title:          "SSH allows many attempts on one connection",
		Why:            "The more attempts a connection has, the faster passwords are tried and the later the failures appear in the log (from half the limit on).",
		Fix:            "Set MaxAuthTries 4." + matchHint,
		Remedy:         setSSHD("MaxAuthTries", "4"),
		FalsePositives: "People with many keys in their agent may need more; IdentitiesOnly in their client cures that. Of no weight where passwords are not accepted.",
		References:     []string{"CWE-307", "T1110.001", "sshd_config(5)", "CIS Debian Linux 12 Benchmark 5.1.16", "Lynis SSH-7408"},
		Severity:       engine.Low, Principle: "compromise", CWE: "CWE-307",
		Techniques: []string{"T1110.001"}, Topic: "remote access",
	},
	look: func(h *host) []verdict {
		return h.judgeSSHD("maxauthtries", func(c *sshdConfig, s sshdSetting) (string, engine.Severity) {
			n, err := strconv.Atoi(s.value())
			if err != nil || n <= 4 || !c.takesPassword(s.match) {
				return "", ""
			}
			return "MaxAuthTries " + s.value(), ""
		})
	},
}

var sshdLogLevel = check{
	Check: engine.Check{
		ID:             "sshd-log-level",
		Title:          "SSH logs too little, or secrets",
		Why:            "Below INFO neither logins nor failures are written down, so guessing and intrusion leave no trace. DEBUG levels write what people type.",
		Fix:            "Set LogLevel VERBOSE, which also records the fingerprint of the key used, or INFO." + matchHint,
		Remedy:         setSSHD("LogLevel", "VERBOSE"),
		FalsePositives: "DEBUG for an hour of fault-finding is fine; switch it off afterwards.",
		References:     []string{"CWE-778", "T1562", "sshd_config(5)", "CIS Debian Linux 12 Benchmark 5.1.14", "Lynis SSH-7408"},
		Severity:       engine.Medium, Principle: "detection", CWE: "CWE-778",
		Techniques: []string{"T1562.002", "T1110"}, Topic: "remote access",
	},
	look: func(h *host) []verdict {
		return h.judgeSSHD("loglevel", func(_ *sshdConfig, s sshdSetting) (string, engine.Severity) {
			switch level := strings.ToUpper(s.value()); {
			case level == "QUIET" || level == "FATAL" || level == "ERROR":
				return "LogLevel " + s.value() + " hides logins", ""
			case strings.HasPrefix(level, "DEBUG"):
				return "LogLevel " + s.value() + " breaks privacy", engine.Low
			}
			return "", ""
		})
	},
}

var sshdProtocol = check{
	Check: engine.Check{
		ID:             "sshd-protocol-1",
		Title:          "SSH speaks protocol version 1",
		Why:            "Version 1 can be broken into by somebody on the path: sessions are read and changed.",
		Fix:            "Set Protocol 2, and update: servers from OpenSSH 7.4 on do not know version 1 at all.",
		Remedy:         setSSHD("Protocol", "2"),
		FalsePositives: "None known; a line that names version 1 is not reported for a server that no longer speaks it.",
		References:     []string{"CWE-327", "T1557", "sshd_config(5)", "OpenSSH 7.4 release notes"},
		Severity:       engine.Critical, Principle: "compromise", CWE: "CWE-327",
		Techniques: []string{"T1557", "T1040"}, Topic: "remote access",
	},
	look: func(h *host) []verdict {
		return h.judgeSSHD("protocol", func(c *sshdConfig, s sshdSetting) (string, engine.Severity) {
			if !strings.Contains(s.value(), "1") || c.major != 0 && !c.before(7, 4) {
				return "", ""
			}
			return "Protocol " + s.value(), ""
		})
	},
}

package configcheck

import (
	"errors"
	"path"
	"strings"

	"holdfast/engine"
)

var logMissing = check{
	Check: engine.Check{
		ID:             "log-not-kept",
		Title:          "Log messages are lost at the next start",
		Why:            "Without a log on disk nobody can tell who came in, when and how far; an intruder only needs to restart the machine.",
		Fix:            "Let journald store its log (Storage=persistent, or create /var/log/journal), or install rsyslog or syslog-ng.",
		Remedy:         "mkdir -p /var/log/journal /etc/systemd/journald.conf.d\nprintf '[Journal]\\nStorage=persistent\\n' > /etc/systemd/journald.conf.d/zz-holdfast.conf\nsystemctl restart systemd-journald || true",
		FalsePositives: "A host that sends every message away at once keeps its log elsewhere.",
		References:     []string{"CWE-778", "CWE-223", "T1070.002", "journald.conf(5)", "rsyslogd(8)", "CIS Debian Linux 12 Benchmark 6.1.2", "Lynis LOGG-2130"},
		Severity:       engine.Medium, Principle: "detection", CWE: "CWE-778",
		Techniques: []string{"T1070.002", "T1562.001"}, Topic: "monitoring",
	},
	look: lookLogging,
}

func lookLogging(h *host) []verdict {
	if h.isContainer() {
		return absent("a container writes to its output; the host keeps the log")
	}
	if name, ok := h.activeService("rsyslog", "syslog-ng", "syslog", "sysklogd", "syslogd", "metalog", "busybox-syslogd"); ok {
		return pass("%s is set up to run", name)
	}
	if h.existsAny("usr/lib/systemd/systemd-journald", "lib/systemd/systemd-journald") == "" {
		if !h.hasInit() {
			return absent("nothing runs here that could log")
		}
		return fail("neither rsyslog, syslog-ng nor journald is set up")
	}
	storage, at, err := h.iniValue("Journal", "Storage", "etc/systemd/journald.conf", "systemd/journald.conf.d")
	switch {
	case err != nil:
		return unknown(err)
	case storage == "persistent":
		return pass("journald stores its log (%s)", where(at))
	case storage == "volatile" || storage == "none":
		return fail("journald: Storage="+storage+" ("+where(at)+")", at)
	case h.exists("var/log/journal"):
		return pass("journald stores its log in /var/log/journal")
	}
	return fail("journald keeps its log in memory only: /var/log/journal does not exist")
}

var auditMissing = check{
	Check: engine.Check{
		ID:             "audit-missing",
		Title:          "Nothing records who changed the system",
		Why:            "Logs of programs tell what the programs want to tell. The audit records which account opened, changed and ran what; without it an intrusion cannot be followed.",
		Fix:            "Install auditd with a rule set for accounts, sudoers, time and modules, or another agent that watches system calls.",
		Remedy:         "if command -v apt-get >/dev/null 2>&1; then DEBIAN_FRONTEND=noninteractive apt-get install -y auditd; elif command -v dnf >/dev/null 2>&1; then dnf install -y audit; fi\nmkdir -p /etc/audit/rules.d\nprintf '%s\\n' '-w /etc/passwd -p wa -k accounts' '-w /etc/shadow -p wa -k accounts' '-w /etc/sudoers -p wa -k privilege' '-w /etc/sudoers.d -p wa -k privilege' '-w /etc/ssh/sshd_config -p wa -k remote' > /etc/audit/rules.d/50-holdfast.rules\nsystemctl enable --now auditd || true",
		FalsePositives: "Agents for endpoint detection do the same in another way; the well-known ones are recognised.",
		References:     []string{"CWE-778", "T1562.012", "auditd(8)", "CIS Debian Linux 12 Benchmark 6.2.1.1", "Lynis ACCT-9628"},
		Severity:       engine.Low, Principle: "detection", CWE: "CWE-778",
		Techniques: []string{"T1562.012", "T1070"}, Topic: "monitoring",
	},
	look: func(h *host) []verdict {
		if h.isContainer() {
			return absent(hostsJob)
		}
		if name, ok := h.activeService("auditd", "wazuh-agent", "ossec", "falcon-sensor", "mdatp", "osqueryd", "falco", "tetragon", "sysmon", "elastic-agent", "auditbeat", "laurel", "cbagentd", "ds_agent", "sentinelone"); ok {
			return pass("%s is set up to run", name)
		}
		return fail("neither auditd nor another known agent is set up to run")
	},
}

// privateLogs tell who logged in and with which mistakes; 0640 is enough for them.
var privateLogs = []string{"auth.log", "secure", "sudo.log", "btmp", "audit", "tallylog", "syslog", "messages", "kern.log", "cron"}

var logPermissions = check{
	Check: engine.Check{
		ID:    "log-permissions",
		Title: "A log is open to everybody",
		Why:   "Failed logins often contain passwords typed into the wrong field; whoever may write to a log wipes their traces.",
		Fix:   "chmod 0640, owned by root or the logging service; set the mode in rsyslog ($FileCreateMode) and logrotate (create) as well.",
		Remedy: `find /var/log -type f -perm -0002 -exec chmod o-w {} +
for f in auth.log secure sudo.log btmp tallylog syslog messages kern.log cron; do if [ -f "/var/log/$f" ]; then chmod g-w,o-rwx "/var/log/$f"; fi; done
if [ -d /var/log/audit ]; then chmod -R g-w,o-rwx /var/log/audit; fi`,
		FalsePositives: "lastlog, faillog and wtmp are readable by design and are not reported.",
		References:     []string{"CWE-532", "CWE-732", "T1070.002", "T1654", "rsyslog.conf(5)", "CIS Debian Linux 12 Benchmark 6.1.4.1"},
		Severity:       engine.Medium, Principle: "detection", CWE: "CWE-532",
		Techniques: []string{"T1070.002", "T1654"}, Topic: "monitoring",
	},
	look: lookLogPermissions,
}

func lookLogPermissions(h *host) []verdict {
	names, err := h.list("var/log")
	if err != nil {
		return unknown(err)
	}
	private := map[string]bool{}
	for _, n := range privateLogs {
		private[n] = true
	}
	var t tally
	for _, n := range names {
		f := path.Join("var/log", n)
		m, err := h.mode(f)
		if err != nil {
			if !isMissing(err) {
				t.doubt(err)
			}
			continue
		}
		t.looked++
		switch {
		case m.perm&0o002 != 0 && m.perm&0o1000 == 0:
			t.failAs(engine.High, "/"+f, "everybody may write to it ("+m.String()+")", m.seen(f))
		case private[n] && m.perm&0o004 != 0:
			t.fail("/"+f, "everybody may read it ("+m.String()+")", m.seen(f))
		}
	}
	return t.verdicts("the logs are closed to others", "there are no logs")
}

var macMissing = check{
	Check: engine.Check{
		ID:             "mandatory-access-control-off",
		Title:          "No mandatory access control confines the services",
		Why:            "A service that was broken into may do whatever its account may. AppArmor or SELinux would keep it to its own files and ports.",
		Fix:            "Switch AppArmor on (Debian, Ubuntu, SUSE), or set SELINUX=enforcing (Red Hat, Fedora).",
		Remedy:         "if [ -f /etc/selinux/config ]; then sed -i -E 's/^SELINUX=.*/SELINUX=enforcing/' /etc/selinux/config; fi\nsystemctl enable --now apparmor 2>/dev/null || true",
		FalsePositives: "Other confinement, such as the sandbox options of systemd units, may do for a host with a single service.",
		References:     []string{"CWE-693", "T1562.001", "T1068", "apparmor(7)", "selinux(8)", "CIS Debian Linux 12 Benchmark 1.3.1", "Lynis MACF-6208"},
		Severity:       engine.Low, Principle: "impact", CWE: "CWE-693",
		Techniques: []string{"T1068", "T1562.001"}, Topic: "kernel",
	},
	look: lookMandatory,
}

func lookMandatory(h *host) []verdict {
	if h.isContainer() {
		return absent(hostsJob)
	}
	if h.facts.Live {
		if v, err := h.read("sys/fs/selinux/enforce"); err == nil {
			if strings.TrimSpace(v) == "1" {
				return pass("SELinux is enforcing")
			}
			return fail("SELinux only warns (permissive)", engine.Seen{Path: "/sys/fs/selinux/enforce", Value: "0"})
		}
		v, err := h.read("sys/module/apparmor/parameters/enabled")
		switch {
		case err == nil && strings.TrimSpace(v) == "Y":
			return pass("AppArmor is switched on")
		case err != nil && !isMissing(err):
			return unknown(err)
		}
		return fail("the running kernel has neither SELinux nor AppArmor switched on")
	}
	body, err := h.read("etc/selinux/config")
	if err == nil {
		if mode := shellValue(body, "SELINUX"); mode != "enforcing" {
			return fail("SELINUX="+mode, seen("etc/selinux/config", 0, "SELINUX="+mode))
		}
		return pass("SELINUX=enforcing")
	}
	if !isMissing(err) {
		return unknown(err)
	}
	if _, ok := h.activeService("apparmor"); ok {
		return pass("AppArmor is set up to start")
	}
	if h.family() == "" {
		return unknown(errors.New("the distribution, which decides on the default, is not known"))
	}
	return fail("neither SELinux nor AppArmor is set up")
}

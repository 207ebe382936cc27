package configcheck

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"holdfast/engine"
)

var errNoPackages = errors.New("the installed packages are not known: the inventory has none")

// family is the packaging world of the target: "debian", "redhat", "alpine",
// "suse", "arch" or "".
func (h *host) family() string {
	ids := append([]string{h.facts.OS.ID}, h.facts.OS.IDLike...)
	for _, id := range ids {
		switch id {
		case "debian", "ubuntu":
			return "debian"
		case "rhel", "fedora", "centos", "almalinux", "rocky", "ol", "amzn":
			return "redhat"
		case "alpine", "arch":
			return id
		case "suse", "opensuse", "sles", "opensuse-leap", "opensuse-tumbleweed":
			return "suse"
		}
	}
	switch {
	case h.exists("etc/apt"):
		return "debian"
	case h.exists("etc/yum.repos.d"):
		return "redhat"
	case h.exists("etc/apk"):
		return "alpine"
	}
	return ""
}

var updatesManual = check{
	Check: engine.Check{
		ID:    "updates-not-automatic",
		Title: "Security updates are not installed by themselves",
		Why:   "Between the publication of a hole and its use by criminals lie days; an update that waits for somebody to think of it comes later.",
		Fix:   "Switch on unattended-upgrades (Debian, Ubuntu), dnf-automatic (Red Hat, Fedora) or a daily apk upgrade (Alpine).",
		Remedy: `if command -v apt-get >/dev/null 2>&1; then
  DEBIAN_FRONTEND=noninteractive apt-get install -y unattended-upgrades
  mkdir -p /etc/apt/apt.conf.d
  printf 'APT::Periodic::Update-Package-Lists "1";\nAPT::Periodic::Unattended-Upgrade "1";\n' > /etc/apt/apt.conf.d/99zz-holdfast-upgrades
elif command -v dnf >/dev/null 2>&1; then
  dnf install -y dnf-automatic
  sed -i -E 's/^[#[:space:]]*apply_updates[[:space:]]*=.*/apply_updates = yes/' /etc/dnf/automatic.conf
  systemctl enable --now dnf-automatic.timer
elif command -v apk >/dev/null 2>&1; then
  printf '#!/bin/sh\nexec apk upgrade --no-interactive\n' > /etc/periodic/daily/apk-upgrade
  chmod 0755 /etc/periodic/daily/apk-upgrade
fi`,
		FalsePositives: "A tool that updates all machines from one place does the same, as do images that are rebuilt instead of updated.",
		References:     []string{"CWE-1104", "T1190", "T1210", "unattended-upgrade(8)", "dnf-automatic(8)", "NIST SP 800-40", "Lynis PKGS-7420"},
		Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-1104",
		Techniques: []string{"T1190", "T1210", "T1068"}, Topic: "maintenance",
	},
	look: lookUpdates,
}

func lookUpdates(h *host) []verdict {
	if !h.hasInit() && h.isContainer() {
		return absent("an image is rebuilt, not updated in place")
	}
	switch h.family() {
	case "debian":
		return lookAptUpdates(h)
	case "redhat":
		return lookDnfUpdates(h)
	case "alpine":
		return lookApkUpdates(h)
	case "suse":
		if _, ok := h.activeService("transactional-update.timer", "os-update.timer", "yast2-online-update-configuration"); ok || h.exists("etc/cron.daily/opensuse.org-online_update") {
			return pass("an update timer is set up")
		}
		return fail("no timer installs updates")
	}
	return unknown(errors.New("the packaging of this system is not known"))
}

// aptSetting finds a name of apt.conf(5) in the one-line form; the last file wins.
func (h *host) aptSetting(name string) (value string, at engine.Seen, err error) {
	files, err := h.glob("etc/apt/apt.conf.d/*")
	if err != nil {
		return "", at, err
	}
	pattern := regexp.MustCompile(`(?i)^` + regexp.QuoteMeta(name) + `\s+"?([^";]*)"?\s*;`)
	for _, f := range append(files, "etc/apt/apt.conf") {
		body, err := h.read(f)
		if isMissing(err) {
			continue
		}
		if err != nil {
			return "", at, err
		}
		for _, l := range lines(body, "/#") {
			if m := pattern.FindStringSubmatch(l.text); m != nil {
				value, at = m[1], seen(f, l.no, l.text)
			}
		}
	}
	return value, at, nil
}

func lookAptUpdates(h *host) []verdict {
	if len(h.pkgs) > 0 {
		if _, ok := h.hasPackage("unattended-upgrades"); !ok {
			return fail("the package unattended-upgrades is not installed")
		}
	} else if !h.exists("usr/bin/unattended-upgrade") {
		return fail("unattended-upgrade is not installed")
	}
	for _, name := range []string{"APT::Periodic::Unattended-Upgrade", "APT::Periodic::Update-Package-Lists"} {
		value, at, err := h.aptSetting(name)
		switch {
		case err != nil:
			return unknown(err)
		case value == "":
			return fail(name + " is not set")
		case value == "0":
			return fail(name+" is 0 ("+where(at)+")", at)
		}
	}
	return pass("unattended-upgrades is installed and switched on")
}

func lookDnfUpdates(h *host) []verdict {
	if timer, ok := h.activeService("dnf-automatic-install.timer", "dnf5-automatic.timer", "rpm-ostreed-automatic.timer"); ok {
		return pass("%s is set up", timer)
	}
	timer, on := h.activeService("dnf-automatic.timer", "yum-cron")
	if !on {
		return fail("no timer installs updates (dnf-automatic.timer)")
	}
	body, file, err := h.readFirst("etc/dnf/automatic.conf", "etc/yum/yum-cron.conf")
	if err != nil {
		return unknown(err)
	}
	for _, l := range lines(body, "#") {
		key, value, _ := strings.Cut(l.text, "=")
		if strings.TrimSpace(key) == "apply_updates" && strings.TrimSpace(value) == "yes" {
			return pass("%s installs updates", timer)
		}
	}
	return fail("updates are downloaded, not installed: apply_updates is not yes", seen(file, 0, ""))
}

func lookApkUpdates(h *host) []verdict {
	scripts, err := h.glob("etc/periodic/daily/*")
	if err != nil {
		return unknown(err)
	}
	for _, f := range append(scripts, "etc/crontabs/root") {
		if body, err := h.read(f); err == nil && strings.Contains(body, "apk") && strings.Contains(body, "upgrade") {
			return pass("/%s upgrades the packages", f)
		}
	}
	return fail("nothing runs apk upgrade")
}

var updatesUnverified = check{
	Check: engine.Check{
		ID:             "updates-not-verified",
		Title:          "Packages are installed without checking their signature",
		Why:            "Somebody on the path, or who took over a mirror, can hand over changed packages, which are installed as root.",
		Fix:            "Remove trusted=yes, AllowUnauthenticated and gpgcheck=0, and add the key of the repository instead.",
		Remedy:         `sed -i -E 's/[[:space:]]*(trusted|allow-insecure)=yes//g; s/\[[[:space:]]*\][[:space:]]*//' $(ls /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null) /dev/null` + "\n" + `sed -i -E '/^(Trusted|Allow-Insecure):[[:space:]]*yes/Id' $(ls /etc/apt/sources.list.d/*.sources 2>/dev/null) /dev/null` + "\n" + `sed -i -E '/(AllowUnauthenticated|AllowInsecureRepositories)/ s/"?(true|yes|1)"?[[:space:]]*;/"false";/I' $(ls /etc/apt/apt.conf /etc/apt/apt.conf.d/* 2>/dev/null) /dev/null` + "\n" + `sed -i -E 's/^([[:space:]]*gpgcheck[[:space:]]*=[[:space:]]*)(0|no|false)/\11/I' $(ls /etc/yum.conf /etc/dnf/dnf.conf /etc/yum.repos.d/*.repo 2>/dev/null) /dev/null`,
		FalsePositives: "A repository on the machine's own disk needs no signature.",
		References:     []string{"CWE-347", "CWE-494", "T1195.002", "sources.list(5)", "apt-secure(8)", "dnf.conf(5)"},
		Severity:       engine.High, Principle: "compromise", CWE: "CWE-347",
		Techniques: []string{"T1195.002", "T1557"}, Topic: "maintenance",
	},
	look: lookUnverified,
}

// unverified are the ways to switch signatures off, by the files they stand in.
var unverified = []struct {
	files   []string
	pattern *regexp.Regexp
}{
	{[]string{"etc/apt/sources.list", "etc/apt/sources.list.d/*.list"}, regexp.MustCompile(`(?i)^deb(-src)?\s+\[[^\]]*(trusted|allow-insecure)=yes`)},
	{[]string{"etc/apt/sources.list.d/*.sources"}, regexp.MustCompile(`(?i)^(trusted|allow-insecure):\s*yes`)},
	{[]string{"etc/apt/apt.conf", "etc/apt/apt.conf.d/*"}, regexp.MustCompile(`(?i)(AllowUnauthenticated|AllowInsecureRepositories)\s+"?(true|yes|1)`)},
	{[]string{"etc/yum.conf", "etc/dnf/dnf.conf", "etc/yum.repos.d/*.repo"}, regexp.MustCompile(`(?i)^gpgcheck\s*=\s*(0|no|false)`)},
}

func lookUnverified(h *host) []verdict {
	var t tally
	for _, u := range unverified {
		for _, pattern := range u.files {
			files, err := h.glob(pattern)
			if err != nil {
				t.doubt(err)
			}
			for _, f := range files {
				body, err := h.read(f)
				if isMissing(err) {
					continue
				}
				t.looked++
				if err != nil {
					t.doubt(err)
				}
				for _, l := range lines(body, "#/") {
					found := u.pattern.FindString(l.text) // not the whole line: an address may hold a password
					if found != "" && !strings.Contains(l.text, "file:/") {
						at := seen(f, l.no, found)
						t.fail(at.Path, fmt.Sprintf("%s at line %d", found, l.no), at)
					}
				}
			}
		}
	}
	return t.verdicts("the signatures of packages are checked", "neither apt nor dnf is set up")
}

var timeUnsynchronised = check{
	Check: engine.Check{
		ID:             "time-not-synchronised",
		Title:          "The clock is not kept right",
		Why:            "Logs of several machines cannot be put in order, certificates and one-time passwords are accepted too long or not at all.",
		Fix:            "Run chrony, ntpd or systemd-timesyncd with two or more time sources.",
		Remedy:         `systemctl enable --now systemd-timesyncd 2>/dev/null || systemctl enable --now chronyd 2>/dev/null || { command -v apt-get >/dev/null 2>&1 && DEBIAN_FRONTEND=noninteractive apt-get install -y chrony; } || { command -v dnf >/dev/null 2>&1 && dnf install -y chrony && systemctl enable --now chronyd; }`,
		FalsePositives: "Virtual machines may take the time from their host through a guest agent or a PTP device.",
		References:     []string{"CWE-778", "T1070.006", "chronyd(8)", "systemd-timesyncd(8)", "CIS Debian Linux 12 Benchmark 2.3.1.1", "Lynis TIME-3104"},
		Severity:       engine.Low, Principle: "detection", CWE: "CWE-778",
		Techniques: []string{"T1070.006"}, Topic: "maintenance",
	},
	look: func(h *host) []verdict {
		if h.isContainer() {
			return absent(hostsJob)
		}
		if name, ok := h.activeService("systemd-timesyncd", "chrony", "chronyd", "ntp", "ntpd", "ntpsec", "openntpd", "ntpd-rs", "busybox-ntpd", "qemu-guest-agent", "open-vm-tools", "vmtoolsd", "hv-kvp-daemon"); ok {
			return pass("%s is set up to run", name)
		}
		return fail("none of systemd-timesyncd, chrony, ntpd and openntpd is set up to run")
	},
}

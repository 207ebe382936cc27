package configcheck

import (
	"errors"
	"slices"
	"strings"

	"holdfast/engine"
)

// A mountRule says with which options a place should be mounted.
type mountRule struct {
	path    string
	options []string
	own     bool // it should be a file system of its own
}

func mountCheck(c engine.Check, r mountRule) check {
	return check{Check: c, look: func(h *host) []verdict { return h.judgeMount(r) }}
}

func (h *host) judgeMount(r mountRule) []verdict {
	if h.isContainer() {
		return absent(hostsJob)
	}
	mounts, err := h.mounts()
	if err != nil {
		return unknown(err)
	}
	if !h.exists(relative(r.path)) {
		return absent("%s does not exist", r.path)
	}
	var found *engine.Mount
	for i := range mounts {
		if strings.TrimSuffix(mounts[i].Path, "/") == r.path {
			found = &mounts[i] // the last one lies on top
		}
	}
	if found == nil {
		if r.own {
			return fail(r.path+" is part of the file system around it, so that options cannot protect it", engine.Seen{Path: "/etc/fstab"})
		}
		return absent("%s is not a file system of its own", r.path)
	}
	var lacking []string
	for _, o := range r.options {
		if !slices.Contains(found.Options, o) {
			lacking = append(lacking, o)
		}
	}
	options := strings.Join(found.Options, ",")
	if len(lacking) > 0 {
		return fail(r.path+" is mounted without "+strings.Join(lacking, ", ")+" ("+options+")", engine.Seen{Path: r.path, Value: options})
	}
	return pass("%s is mounted with %s", r.path, options)
}

// mounts is the mount table of a live host; of another one the inventory's, or
// fstab with the tmp.mount unit.
func (h *host) mounts() ([]engine.Mount, error) {
	list := h.facts.Mounts
	if len(list) == 0 && h.facts.Live {
		return nil, errors.New("the mount table is not known: the inventory has none")
	}
	if len(list) == 0 {
		body, err := h.read("etc/fstab")
		if err != nil && !isMissing(err) {
			return nil, err
		}
		list = parseFstab(body)
	}
	if !h.facts.Live && h.isEnabled("tmp.mount") {
		list = append(slices.Clone(list), h.tmpUnit())
	}
	return list, nil
}

// parseFstab reads fstab(5).
func parseFstab(body string) []engine.Mount {
	var list []engine.Mount
	for _, l := range lines(body, "#") {
		f := strings.Fields(l.text)
		if len(f) >= 4 && f[2] != "swap" {
			list = append(list, engine.Mount{Device: f[0], Path: f[1], Type: f[2], Options: strings.Split(f[3], ",")})
		}
	}
	return list
}

// tmpUnit is what systemd's tmp.mount mounts.
func (h *host) tmpUnit() engine.Mount {
	m := engine.Mount{Device: "tmpfs", Path: "/tmp", Type: "tmpfs"}
	body, _, err := h.readFirst("etc/systemd/system/tmp.mount", "usr/lib/systemd/system/tmp.mount", "lib/systemd/system/tmp.mount", "usr/share/systemd/tmp.mount")
	if err != nil {
		return m
	}
	for _, l := range lines(body, "#;") {
		if v, ok := strings.CutPrefix(l.text, "Options="); ok {
			m.Options = strings.Split(v, ",")
		}
	}
	return m
}

// setMount makes the lines that give a mount in fstab the options, and those
// that bring them into force.
func setMount(path, source, options string) string {
	return `if ! grep -Eq '^[^#[:space:]]+[[:space:]]+` + path + `[[:space:]]' /etc/fstab; then printf '` + source + "\\n" + `' >> /etc/fstab; fi
for o in ` + options + `; do sed -i -E "\#^[^\#[:space:]]+[[:space:]]+` + path + `[[:space:]]#{/[[:space:],]$o([[:space:],]|\$)/! s#^([^[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+[^[:space:]]+[[:space:]]+[^[:space:]]+)#\1,$o#}" /etc/fstab; done
systemctl daemon-reload || true
mount -o remount ` + path + ` || mount ` + path + ` || true`
}

var mountTmp = mountCheck(engine.Check{
	ID:             "mount-tmp-options",
	Title:          "/tmp may hold programs and devices",
	Why:            "Attacks drop their tools where everybody may write. Without noexec, nosuid and nodev the tools run from there, with extra rights if they find a way to set them.",
	Fix:            "Mount /tmp as a file system of its own with nodev, nosuid and noexec; systemd's tmp.mount does most of it.",
	Remedy:         setMount("/tmp", "tmpfs /tmp tmpfs mode=1777,nodev,nosuid,noexec 0 0", "nodev nosuid noexec"),
	FalsePositives: "Some installers and build tools run programs from /tmp; give them TMPDIR. Scripts can still be run by naming their interpreter.",
	References:     []string{"CWE-284", "T1059", "T1548.001", "mount(8)", "fstab(5)", "CIS Debian Linux 12 Benchmark 1.1.2.1", "Lynis FILE-6374"},
	Severity:       engine.Low, Principle: "compromise", CWE: "CWE-284",
	Techniques: []string{"T1059.004", "T1548.001"}, Topic: "file systems",
}, mountRule{path: "/tmp", options: []string{"nodev", "nosuid", "noexec"}, own: true})

var mountVarTmp = mountCheck(engine.Check{
	ID:             "mount-var-tmp-options",
	Title:          "/var/tmp may hold programs and devices",
	Why:            "Like /tmp it is open to everybody, and what is dropped there survives a restart.",
	Fix:            "Add nodev, nosuid and noexec to the mount of /var/tmp.",
	Remedy:         setMount("/var/tmp", "/tmp /var/tmp none bind,nodev,nosuid,noexec 0 0", "nodev nosuid noexec"),
	FalsePositives: "Package tools may build there. A /var/tmp that is not a file system of its own is not reported.",
	References:     []string{"CWE-284", "T1059", "mount(8)", "CIS Debian Linux 12 Benchmark 1.1.2.5", "Lynis FILE-6374"},
	Severity:       engine.Low, Principle: "compromise", CWE: "CWE-284",
	Techniques: []string{"T1059.004", "T1548.001"}, Topic: "file systems",
}, mountRule{path: "/var/tmp", options: []string{"nodev", "nosuid", "noexec"}})

var mountShm = mountCheck(engine.Check{
	ID:             "mount-shm-options",
	Title:          "/dev/shm may hold programs and devices",
	Why:            "It lies in memory and is open to everybody: what runs from there leaves nothing on the disk for an investigation.",
	Fix:            "Add nodev, nosuid and noexec to the mount of /dev/shm.",
	Remedy:         setMount("/dev/shm", "tmpfs /dev/shm tmpfs nodev,nosuid,noexec 0 0", "nodev nosuid noexec"),
	FalsePositives: "A few programs that translate code while they run need it executable.",
	References:     []string{"CWE-284", "T1059", "T1027", "mount(8)", "CIS Debian Linux 12 Benchmark 1.1.2.2", "Lynis FILE-6374"},
	Severity:       engine.Low, Principle: "detection", CWE: "CWE-284",
	Techniques: []string{"T1059.004", "T1620"}, Topic: "file systems",
}, mountRule{path: "/dev/shm", options: []string{"nodev", "nosuid", "noexec"}})

var mountHome = mountCheck(engine.Check{
	ID:             "mount-home-options",
	Title:          "/home may hold setuid programs and devices",
	Why:            "A disk or a backup that is brought in may carry setuid programs; with nosuid and nodev they are harmless.",
	Fix:            "Add nodev and nosuid to the mount of /home.",
	Remedy:         `if grep -Eq '^[^#[:space:]]+[[:space:]]+/home[[:space:]]' /etc/fstab; then` + "\n" + setMount("/home", "", "nodev nosuid") + "\nfi",
	FalsePositives: "A /home that is not a file system of its own is not reported.",
	References:     []string{"CWE-284", "T1548.001", "mount(8)", "CIS Debian Linux 12 Benchmark 1.1.2.3", "Lynis FILE-6374"},
	Severity:       engine.Low, Principle: "compromise", CWE: "CWE-284",
	Techniques: []string{"T1548.001"}, Topic: "file systems",
}, mountRule{path: "/home", options: []string{"nodev", "nosuid"}})

package configcheck

import (
	"fmt"
	"slices"
	"strings"

	"holdfast/engine"
)

// setSysctl makes the lines that set kernel settings, given as "key = value", now
// and at every start. The name of the file sorts after those of distributions.
func setSysctl(id string, pairs ...string) string {
	file := "/etc/sysctl.d/zz-holdfast-" + id + ".conf"
	var b strings.Builder
	fmt.Fprintf(&b, "mkdir -p /etc/sysctl.d\nprintf '%%s\\n' %s > %s\n", quoteAll(pairs), file)
	for _, p := range pairs { // sysctl.conf is read last by some tools
		key, _, _ := strings.Cut(p, " ")
		fmt.Fprintf(&b, "if [ -f /etc/sysctl.conf ]; then sed -i -E '/^[[:space:]]*-?%s[[:space:]]*=/d' /etc/sysctl.conf; fi\n", strings.ReplaceAll(key, ".", "[./]"))
	}
	return b.String() + "sysctl -q -p " + file + " || true"
}

func quoteAll(words []string) string {
	list := make([]string, 0, len(words))
	for _, w := range words {
		list = append(list, "'"+w+"'")
	}
	return strings.Join(list, " ")
}

// A kernelRule says which values of which settings are good.
type kernelRule struct {
	keys     []string
	good     string // accepted values, blank separated
	standard string // value of a kernel nobody has configured; empty: it depends on how it was built
	missing  string // what it means when a running kernel does not know the setting; empty: nothing to judge
}

// sysctlCheck makes a check of settings that belong to the kernel as a whole.
func sysctlCheck(c engine.Check, r kernelRule) check {
	return check{Check: c, look: func(h *host) []verdict { return h.judgeKernel(r) }}
}

func (h *host) judgeKernel(r kernelRule) []verdict {
	if h.isContainer() {
		return absent(hostsJob)
	}
	var t tally
	var good []string
	for _, key := range r.keys {
		v, found, err := h.sysctl(key)
		switch {
		case err != nil:
			t.doubt(err)
			continue
		case !found && h.facts.Live && r.missing != "":
			t.fail("", r.missing)
			continue
		case !found && h.facts.Live:
			continue
		case !found && r.standard == "":
			t.doubt(fmt.Errorf("no file sets %s, and the default depends on how the kernel was built", key))
			continue
		case !found:
			v = sysctlValue{value: r.standard, at: engine.Seen{Path: "the kernel's default"}}
		}
		t.looked++
		if strings.Contains(" "+r.good+" ", " "+v.value+" ") {
			good = append(good, fmt.Sprintf("%s = %s (%s)", key, v.value, where(v.at)))
			continue
		}
		t.fail("", fmt.Sprintf("%s = %s (%s)", key, v.value, where(v.at)), v.at)
	}
	return t.verdicts(strings.Join(good, ", "), "the kernel does not have this setting")
}

var kernelASLR = sysctlCheck(engine.Check{
	ID:             "kernel-aslr-off",
	Title:          "Programs are loaded at predictable addresses",
	Why:            "Without address space randomisation a memory error in any program is far easier to turn into running code.",
	Fix:            "Set kernel.randomize_va_space to 2.",
	Remedy:         setSysctl("aslr", "kernel.randomize_va_space = 2"),
	FalsePositives: "Switched off for an hour by people who debug; it must come back.",
	References:     []string{"CWE-330", "T1203", "T1068", "CIS Debian Linux 12 Benchmark 1.5.1", "Lynis KRNL-6000"},
	Severity:       engine.High, Principle: "compromise", CWE: "CWE-330",
	Techniques: []string{"T1203", "T1068"}, Topic: "kernel",
}, kernelRule{keys: []string{"kernel.randomize_va_space"}, good: "2", standard: "2"})

var kernelPtrace = sysctlCheck(engine.Check{
	ID:             "kernel-ptrace-open",
	Title:          "A process may look into every other one of the same user",
	Why:            "Whoever takes over one program of a person reads passwords and keys out of the memory of their agent, browser and terminals.",
	Fix:            "Set kernel.yama.ptrace_scope to 1 (only children) or more.",
	Remedy:         setSysctl("ptrace", "kernel.yama.ptrace_scope = 1"),
	FalsePositives: "Developers who attach debuggers to running programs need 0; give them gdb with a capability instead.",
	References:     []string{"CWE-200", "T1055.008", "ptrace(2)", "CIS Debian Linux 12 Benchmark 1.5.2", "Lynis KRNL-6000"},
	Severity:       engine.Low, Principle: "impact", CWE: "CWE-200",
	Techniques: []string{"T1055.008", "T1003.007"}, Topic: "kernel",
}, kernelRule{keys: []string{"kernel.yama.ptrace_scope"}, good: "1 2 3", missing: "the kernel was built without Yama, so that nothing restricts ptrace"})

var kernelKptr = sysctlCheck(engine.Check{
	ID:             "kernel-pointers-shown",
	Title:          "The kernel shows its addresses",
	Why:            "The addresses tell an attack on the kernel where to aim and undo its address randomisation.",
	Fix:            "Set kernel.kptr_restrict to 1 or 2.",
	Remedy:         setSysctl("kptr", "kernel.kptr_restrict = 2"),
	FalsePositives: "With 0 current kernels hash most addresses for ordinary users, so little is lost; profiling as root works with 1.",
	References:     []string{"CWE-200", "T1068", "Lynis KRNL-6000"},
	Severity:       engine.Low, Principle: "compromise", CWE: "CWE-200",
	Techniques: []string{"T1068", "T1082"}, Topic: "kernel",
}, kernelRule{keys: []string{"kernel.kptr_restrict"}, good: "1 2", standard: "0"})

var kernelDmesg = sysctlCheck(engine.Check{
	ID:             "kernel-log-open",
	Title:          "Everybody may read the log of the kernel",
	Why:            "The log shows addresses, hardware and crashes that help to attack the kernel.",
	Fix:            "Set kernel.dmesg_restrict to 1.",
	Remedy:         setSysctl("dmesg", "kernel.dmesg_restrict = 1"),
	FalsePositives: "A workstation whose owner reads dmesg without sudo.",
	References:     []string{"CWE-532", "T1082", "dmesg(1)", "Lynis KRNL-6000"},
	Severity:       engine.Low, Principle: "compromise", CWE: "CWE-532",
	Techniques: []string{"T1082", "T1068"}, Topic: "kernel",
}, kernelRule{keys: []string{"kernel.dmesg_restrict"}, good: "1"})

var kernelSuidDump = sysctlCheck(engine.Check{
	ID:             "kernel-suid-dumpable",
	Title:          "Programs with extra rights write readable core dumps",
	Why:            "A crashing setuid program leaves its memory, with hashes or keys in it, where its caller can read it.",
	Fix:            "Set fs.suid_dumpable to 0; 2 is acceptable when a handler in kernel.core_pattern stores the dump for root only.",
	Remedy:         setSysctl("suid-dumpable", "fs.suid_dumpable = 0"),
	FalsePositives: "2 is set by systemd-coredump and apport on purpose and is not reported.",
	References:     []string{"CWE-528", "T1003", "proc_sys_fs(5)", "core(5)", "CIS Debian Linux 12 Benchmark 1.5.3", "Lynis KRNL-5820"},
	Severity:       engine.Medium, Principle: "impact", CWE: "CWE-528",
	Techniques: []string{"T1003.007"}, Topic: "kernel",
}, kernelRule{keys: []string{"fs.suid_dumpable"}, good: "0 2", standard: "0"})

var kernelLinks = sysctlCheck(engine.Check{
	ID:             "kernel-links-unprotected",
	Title:          "Links in shared directories lead privileged programs astray",
	Why:            "A link in /tmp makes a program of root write to a file of the attacker's choice.",
	Fix:            "Set fs.protected_hardlinks and fs.protected_symlinks to 1.",
	Remedy:         setSysctl("links", "fs.protected_hardlinks = 1", "fs.protected_symlinks = 1"),
	FalsePositives: "None known.",
	References:     []string{"CWE-59", "CWE-61", "T1068", "proc_sys_fs(5)", "Lynis KRNL-6000"},
	Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-59",
	Techniques: []string{"T1068"}, Topic: "kernel",
}, kernelRule{keys: []string{"fs.protected_hardlinks", "fs.protected_symlinks"}, good: "1", standard: "0"})

var kernelBPF = sysctlCheck(engine.Check{
	ID:             "kernel-unprivileged-bpf",
	Title:          "Everybody may load programs into the kernel (BPF)",
	Why:            "The checker of BPF programs had many mistakes; each of them made an ordinary user root or let them read kernel memory.",
	Fix:            "Set kernel.unprivileged_bpf_disabled to 1 or 2.",
	Remedy:         setSysctl("bpf", "kernel.unprivileged_bpf_disabled = 1"),
	FalsePositives: "None known; monitoring tools that use BPF run as root.",
	References:     []string{"CWE-269", "T1068", "bpf(2)", "Lynis KRNL-6000"},
	Severity:       engine.Medium, Principle: "compromise", CWE: "CWE-269",
	Techniques: []string{"T1068"}, Topic: "kernel",
}, kernelRule{keys: []string{"kernel.unprivileged_bpf_disabled"}, good: "1 2"})

var coreDumps = check{
	Check: engine.Check{
		ID:             "core-dumps-kept",
		Title:          "Crashing programs leave their memory on disk",
		Why:            "A core file holds passwords, keys and personal data of the program, and stays for years where nobody looks.",
		Fix:            "Set a hard limit of 0 for core in /etc/security/limits.conf, and Storage=none with ProcessSizeMax=0 in coredump.conf where systemd-coredump is installed.",
		Remedy:         "mkdir -p /etc/security/limits.d\nprintf '* hard core 0\\n' > /etc/security/limits.d/zz-holdfast-core.conf\nif [ -f /etc/systemd/coredump.conf ] || [ -e /usr/lib/systemd/systemd-coredump ]; then\n  mkdir -p /etc/systemd/coredump.conf.d\n  printf '[Coredump]\\nStorage=none\\nProcessSizeMax=0\\n' > /etc/systemd/coredump.conf.d/zz-holdfast.conf\nfi",
		FalsePositives: "Right to accept on machines where crashes are analysed; keep the dumps short and closed.",
		References:     []string{"CWE-528", "T1003.007", "core(5)", "limits.conf(5)", "coredump.conf(5)", "CIS Debian Linux 12 Benchmark 1.5.4", "Lynis KRNL-5820"},
		Severity:       engine.Low, Principle: "impact", CWE: "CWE-528",
		Techniques: []string{"T1003.007", "T1005"}, Topic: "kernel",
	},
	look: lookCoreDumps,
}

func lookCoreDumps(h *host) []verdict {
	systemd := h.existsAny("usr/lib/systemd/systemd-coredump", "lib/systemd/systemd-coredump", "etc/systemd/coredump.conf") != ""
	if systemd {
		storage, at, err := h.iniValue("Coredump", "Storage", "etc/systemd/coredump.conf", "systemd/coredump.conf.d")
		switch {
		case err != nil:
			return unknown(err)
		case storage == "none":
			return pass("systemd-coredump keeps nothing (%s)", where(at))
		case storage == "":
			return fail("systemd-coredump keeps dumps (Storage=external by default)")
		}
		return fail("systemd-coredump keeps dumps: Storage="+storage+" ("+where(at)+")", at)
	}
	limit, at, err := h.coreLimit()
	switch {
	case err != nil:
		return unknown(err)
	case limit == "0":
		return pass("a hard limit of 0 for core (%s)", where(at))
	case h.isContainer() && limit == "":
		return absent(hostsJob)
	case limit == "":
		return fail("no hard limit for core is set for everybody in /etc/security/limits.conf or limits.d")
	}
	return fail("the limit for core is "+limit+" ("+where(at)+")", at)
}

// coreLimit is the hard limit for core files of everybody; the last one counts.
func (h *host) coreLimit() (limit string, at engine.Seen, err error) {
	drop, err := h.glob("etc/security/limits.d/*.conf")
	if err != nil {
		return "", at, err
	}
	for _, f := range append([]string{"etc/security/limits.conf"}, drop...) {
		body, err := h.read(f)
		if isMissing(err) {
			continue
		}
		if err != nil {
			return "", at, err
		}
		for _, l := range lines(body, "#") {
			w := strings.Fields(l.text)
			if len(w) >= 4 && w[0] == "*" && (w[1] == "hard" || w[1] == "-") && w[2] == "core" {
				limit, at = w[3], seen(f, l.no, l.text)
			}
		}
	}
	return limit, at, nil
}

// iniValue reads a setting of a systemd configuration file: the main file, then
// its drop-ins below /usr/lib, /run and /etc sorted by name; the last one counts.
func (h *host) iniValue(section, key, main, drop string) (value string, at engine.Seen, err error) {
	files := []string{"usr/lib/" + strings.TrimPrefix(main, "etc/"), main}
	chosen := map[string]string{}
	var names []string
	for _, dir := range []string{"usr/lib/" + drop, "run/" + drop, "etc/" + drop} {
		found, err := h.glob(dir + "/*.conf")
		if err != nil {
			return "", at, err
		}
		for _, f := range found {
			name := f[strings.LastIndexByte(f, '/')+1:]
			if chosen[name] == "" {
				names = append(names, name)
			}
			chosen[name] = f
		}
	}
	slices.Sort(names)
	for _, n := range names {
		files = append(files, chosen[n])
	}
	for _, f := range files {
		body, err := h.read(f)
		if isMissing(err) {
			continue
		}
		if err != nil {
			return "", at, err
		}
		in := ""
		for _, l := range lines(body, "#;") {
			if strings.HasPrefix(l.text, "[") {
				in = strings.Trim(l.text, "[]")
				continue
			}
			if k, v, ok := strings.Cut(l.text, "="); ok && in == section && strings.TrimSpace(k) == key {
				value, at = strings.TrimSpace(v), seen(f, l.no, l.text)
			}
		}
	}
	return value, at, nil
}

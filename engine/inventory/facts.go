package inventory

import (
	"debug/elf"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"time"

	"holdfast/engine"
)

const (
	maxFact    = 1 << 20  // a file that holds one fact
	maxListing = 64 << 20 // a file with a line for each user, socket, mount
)

// hostFacts reads what kind of machine the file system belongs to. live says that
// it is running and that its proc can be believed.
func hostFacts(fsys fs.FS, live bool) (engine.HostFacts, []engine.Problem) {
	log := problems{base: "/"}
	f := engine.HostFacts{
		Live: live, OS: osRelease(fsys, &log), Arch: arch(fsys), Container: container(fsys, live),
		Users: users(fsys, &log), Groups: groups(fsys, &log),
	}
	if live {
		f.Hostname = oneLine(fsys, "proc/sys/kernel/hostname")
		f.Kernel = oneLine(fsys, "proc/sys/kernel/osrelease")
		f.BootTime = bootTime(fsys)
		f.Mounts = mounts(fsys, "proc/self/mounts", &log)
		procs := processes(fsys)
		f.Listeners = listeners(fsys, procs, &log)
		f.Services = services(fsys, procs)
	} else {
		f.Mounts = mounts(fsys, "etc/fstab", &log)
		f.Services = services(fsys, nil)
	}
	if f.Hostname == "" {
		f.Hostname = oneLine(fsys, "etc/hostname")
	}
	return f, log.all()
}

// oneLine reads a file that holds one value; empty when it cannot be read.
func oneLine(fsys fs.FS, name string) string {
	data, err := engine.ReadLimited(fsys, name, maxFact)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(data)), "\n")
	return strings.TrimSpace(line)
}

// osRelease reads etc/os-release, and usr/lib/os-release where that is missing.
func osRelease(fsys fs.FS, log *problems) engine.OS {
	values := map[string]string{}
	for _, name := range []string{"etc/os-release", "usr/lib/os-release"} {
		data, err := engine.ReadLimited(fsys, name, maxFact)
		log.fail(name, err)
		if err == nil {
			values = shellValues(string(data))
			break
		}
	}
	os := engine.OS{
		ID: values["ID"], IDLike: strings.Fields(values["ID_LIKE"]),
		VersionID: values["VERSION_ID"], PrettyName: values["PRETTY_NAME"],
	}
	// A derivative names the release it is built on, and that is what counts.
	for _, key := range []string{"UBUNTU_CODENAME", "DEBIAN_CODENAME", "VERSION_CODENAME"} {
		if os.Codename = values[key]; os.Codename != "" {
			return os
		}
	}
	if os.ID == "debian" && os.VersionID == "" { // old testing: "Debian GNU/Linux bullseye/sid"
		fields := strings.Fields(os.PrettyName)
		if len(fields) > 0 {
			os.Codename, _, _ = strings.Cut(fields[len(fields)-1], "/")
		}
	}
	return os
}

// shellValues reads NAME=value lines as a shell would, without expanding anything.
func shellValues(text string) map[string]string {
	out := map[string]string{}
	for line := range strings.Lines(text) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), "=")
		if !ok || strings.HasPrefix(key, "#") {
			continue
		}
		if n := len(value); n >= 2 && (value[0] == '"' || value[0] == '\'') && value[n-1] == value[0] {
			value = strings.NewReplacer(`\"`, `"`, `\$`, `$`, `\\`, `\`, "\\`", "`").Replace(value[1 : n-1])
		}
		out[key] = value
	}
	return out
}

// machines are Go's names of the architectures that Linux runs on.
var machines = map[elf.Machine]string{
	elf.EM_X86_64: "amd64", elf.EM_386: "386", elf.EM_AARCH64: "arm64", elf.EM_ARM: "arm", elf.EM_RISCV: "riscv64",
	elf.EM_PPC64: "ppc64", elf.EM_S390: "s390x", elf.EM_MIPS: "mips", elf.EM_LOONGARCH: "loong64",
}

// arch is the architecture of the first program found of those that every system has.
func arch(fsys fs.FS) string {
	for _, name := range []string{"bin/sh", "usr/bin/env", "bin/busybox", "sbin/init"} {
		r, _, err := openAt(fsys, name, maxBinary)
		if err != nil {
			continue
		}
		f, err := elf.NewFile(r)
		_ = r.Close()
		if err != nil {
			continue
		}
		if f.Machine == elf.EM_PPC64 && f.Data == elf.ELFDATA2LSB {
			return "ppc64le"
		}
		return machines[f.Machine]
	}
	return ""
}

// container tells what kind of container the system runs in, by the marks that
// the engines leave.
func container(fsys fs.FS, live bool) string {
	for _, mark := range []struct{ file, kind string }{{".dockerenv", "docker"}, {"run/.containerenv", "podman"}} {
		if _, err := fs.Stat(fsys, mark.file); err == nil {
			return mark.kind
		}
	}
	if !live {
		return ""
	}
	if kind := oneLine(fsys, "run/systemd/container"); kind != "" {
		return kind
	}
	environ, _ := engine.ReadLimited(fsys, "proc/1/environ", maxFact)
	for v := range strings.SplitSeq(string(environ), "\x00") {
		if kind, ok := strings.CutPrefix(v, "container="); ok {
			return kind
		}
	}
	groups, _ := engine.ReadLimited(fsys, "proc/1/cgroup", maxFact)
	for _, mark := range []struct{ part, kind string }{
		{"kubepods", "kubernetes"}, {"docker", "docker"}, {"libpod", "podman"}, {"containerd", "containerd"}, {"lxc", "lxc"},
	} {
		if strings.Contains(string(groups), mark.part) {
			return mark.kind
		}
	}
	return ""
}

func bootTime(fsys fs.FS) time.Time {
	data, _ := engine.ReadLimited(fsys, "proc/stat", maxListing)
	for line := range strings.Lines(string(data)) {
		if s, ok := strings.CutPrefix(line, "btime "); ok {
			if sec, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64); err == nil {
				return time.Unix(sec, 0).UTC()
			}
		}
	}
	return time.Time{}
}

// mounts reads the mount table, or fstab, which has the same form.
func mounts(fsys fs.FS, name string, log *problems) []engine.Mount {
	data, err := engine.ReadLimited(fsys, name, maxListing)
	log.fail(name, err)
	var out []engine.Mount
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0 || strings.HasPrefix(fields[0], "#"):
			continue
		case len(fields) < 3:
			log.line(name, n, "expected a device, a directory and a type")
			continue
		}
		m := engine.Mount{Device: unescapeMount(fields[0]), Path: unescapeMount(fields[1]), Type: fields[2]}
		if len(fields) > 3 {
			m.Options = strings.Split(fields[3], ",")
		}
		if strings.HasPrefix(m.Path, "/") {
			m.Path = path.Clean(m.Path)
		}
		out = append(out, m)
	}
	return out
}

// unescapeMount undoes the octal escapes of blanks: \040 is a space.
func unescapeMount(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+4 <= len(s) {
			if c, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(c))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

package inventory

import (
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"

	"holdfast/engine"
)

const (
	serviceSuffix = ".service"
	systemdUnits  = "etc/systemd/system"
)

// services lists the units of the init system that are enabled or running. The
// name of a service has no suffix; sockets, timers and the like keep theirs.
func services(fsys fs.FS, procs []process) []engine.Service {
	found := map[string]*engine.Service{}
	get := func(name string) *engine.Service {
		if found[name] == nil {
			found[name] = &engine.Service{Name: name}
		}
		return found[name]
	}
	for _, name := range systemdEnabled(fsys) {
		get(name).Enabled = true
	}
	running := map[string]bool{}
	for _, p := range procs {
		running[p.name] = true
		if p.unit != "" {
			get(p.unit).Running = true
		}
	}
	for _, name := range scripts(fsys) {
		s := get(name)
		s.Enabled = true
		s.Running = s.Running || running[truncateComm(name)]
	}
	var out []engine.Service
	for _, name := range slices.Sorted(maps.Keys(found)) {
		out = append(out, *found[name])
	}
	return out
}

// systemdEnabled lists what targets and other units want. A unit that is masked,
// by a link to /dev/null or an empty file, does not start, whatever wants it.
func systemdEnabled(fsys fs.FS) []string {
	var out []string
	dirs, _ := fs.ReadDir(fsys, systemdUnits)
	for _, d := range dirs {
		if !strings.HasSuffix(d.Name(), ".wants") && !strings.HasSuffix(d.Name(), ".requires") {
			continue
		}
		units, _ := fs.ReadDir(fsys, path.Join(systemdUnits, d.Name()))
		for _, u := range units {
			if !masked(fsys, u.Name()) {
				out = append(out, strings.TrimSuffix(u.Name(), serviceSuffix))
			}
		}
	}
	return out
}

func masked(fsys fs.FS, unit string) bool {
	name := path.Join(systemdUnits, unit)
	if to, err := fs.ReadLink(fsys, name); err == nil {
		return path.Clean(to) == "/dev/null"
	}
	info, err := fs.Lstat(fsys, name)
	return err == nil && info.Mode().IsRegular() && info.Size() == 0
}

// scripts lists what the runlevels of OpenRC and of System V start. Under systemd
// a script counts only when no unit of its name replaces it.
func scripts(fsys fs.FS) []string {
	var out []string
	for _, level := range []string{"sysinit", "boot", "default"} {
		entries, _ := fs.ReadDir(fsys, path.Join("etc/runlevels", level))
		for _, e := range entries {
			out = append(out, e.Name())
		}
	}
	for _, dir := range []string{"etc/rc2.d", "etc/rc3.d", "etc/rc4.d", "etc/rc5.d"} {
		entries, _ := fs.ReadDir(fsys, dir)
		for _, e := range entries {
			if name := e.Name(); len(name) > 3 && name[0] == 'S' && !hasUnit(fsys, name[3:]) {
				out = append(out, name[3:])
			}
		}
	}
	return out
}

func hasUnit(fsys fs.FS, name string) bool {
	for _, dir := range []string{systemdUnits, "usr/lib/systemd/system", "lib/systemd/system"} {
		if _, err := fs.Lstat(fsys, path.Join(dir, name+serviceSuffix)); err == nil {
			return true
		}
	}
	return false
}

// truncateComm cuts a name as the kernel cuts those of processes.
func truncateComm(name string) string {
	const commLen = 15
	return name[:min(len(name), commLen)]
}

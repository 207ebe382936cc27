package configcheck

import (
	"io/fs"
	"path"
	"strings"
)

// activeService returns the first of the services that runs, or that is set up
// to start: by the inventory, by links of systemd, OpenRC or System V. Names are
// without ".service".
func (h *host) activeService(names ...string) (name string, ok bool) {
	for _, n := range names {
		for _, s := range h.facts.Services {
			if strings.TrimSuffix(s.Name, ".service") == n && (s.Running || s.Enabled) {
				return n, true
			}
		}
		if h.isEnabled(n) {
			return n, true
		}
	}
	return "", false
}

// isEnabled looks for the links by which init systems start a service. A link
// to a unit is only looked at, not followed.
func (h *host) isEnabled(service string) bool {
	unit := service
	if !strings.Contains(unit, ".") {
		unit += ".service"
	}
	for _, dir := range []string{"etc/systemd/system", "usr/lib/systemd/system", "lib/systemd/system"} {
		if h.masked(dir + "/" + unit) {
			return false
		}
		wants, _ := h.glob(dir + "/*.wants")
		for _, w := range wants {
			if _, err := fs.Lstat(h.fsys, w+"/"+unit); err == nil {
				return true
			}
		}
	}
	for _, pattern := range []string{"etc/runlevels/*/" + service, "etc/rc[2345].d/S[0-9][0-9]" + service} {
		if found, _ := fs.Glob(h.fsys, pattern); len(found) > 0 {
			return true
		}
	}
	return false
}

// masked says whether a unit is switched off by a link to /dev/null or an empty file.
func (h *host) masked(file string) bool {
	if !strings.HasPrefix(file, "etc/") {
		return false
	}
	if to, err := fs.ReadLink(h.fsys, file); err == nil {
		return path.Clean(to) == "/dev/null" || strings.HasSuffix(to, "dev/null")
	}
	info, err := fs.Stat(h.fsys, file)
	return err == nil && info.Mode().IsRegular() && info.Size() == 0
}

// hasInit says whether the target starts services at all, which a bare image of
// an application does not.
func (h *host) hasInit() bool {
	return h.existsAny("sbin/init", "usr/sbin/init", "usr/lib/systemd/systemd", "lib/systemd/systemd", "sbin/openrc", "usr/sbin/openrc", "etc/inittab") != "" ||
		len(h.facts.Services) > 0
}

package configcheck

import (
	"fmt"
	"path"
	"sort"
	"strings"

	"holdfast/engine"
)

// sysctlDirs are where sysctl.d(5) finds its files; of two files with one name
// the earlier directory wins.
var sysctlDirs = []string{"etc/sysctl.d", "run/sysctl.d", "usr/local/lib/sysctl.d", "usr/lib/sysctl.d", "lib/sysctl.d"}

// A sysctlValue is a kernel setting and where it comes from.
type sysctlValue struct {
	value   string
	at      engine.Seen
	pattern bool // set by a pattern, which an explicit key overrides in any order
}

// sysctl returns the value of a kernel setting such as "net.ipv4.ip_forward":
// the one in force on a live host, otherwise the one the files set at the next
// start. found is false when neither tells.
func (h *host) sysctl(key string) (v sysctlValue, found bool, err error) {
	if h.facts.Live {
		file := "proc/sys/" + strings.NewReplacer(".", "/", "/", ".").Replace(key)
		body, err := h.read(file)
		if isMissing(err) {
			return v, false, nil
		}
		value := strings.TrimSpace(body)
		return sysctlValue{value: value, at: engine.Seen{Path: "/" + file, Value: value}}, err == nil, err
	}
	all, err := h.sysctls.get(h.readSysctls)
	if err != nil {
		return v, false, err
	}
	v, found = all[key]
	return v, found, nil
}

// readSysctls applies the files as systemd-sysctl does: sorted by name over all
// directories, later files win. /etc/sysctl.conf comes last, as in procps, unless
// a link in /etc/sysctl.d gives it another place.
func (h *host) readSysctls() (map[string]sysctlValue, error) {
	files, err := h.sysctlFiles()
	if err != nil {
		return nil, err
	}
	set := sysctlSet{values: map[string]sysctlValue{}}
	for _, f := range files {
		body, err := h.read(f)
		if isMissing(err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		set.add(body, f)
	}
	return set.values, nil
}

func (h *host) sysctlFiles() ([]string, error) {
	chosen := map[string]string{}
	for _, dir := range sysctlDirs {
		names, err := h.list(dir)
		if err != nil {
			return nil, err
		}
		for _, n := range names {
			if _, taken := chosen[n]; !taken && strings.HasSuffix(n, ".conf") {
				chosen[n] = path.Join(dir, n)
			}
		}
	}
	names := make([]string, 0, len(chosen))
	for n := range chosen {
		names = append(names, n)
	}
	sort.Strings(names)
	var files []string
	for _, n := range names {
		files = append(files, chosen[n])
	}
	if _, linked := chosen["99-sysctl.conf"]; !linked {
		files = append(files, "etc/sysctl.conf")
	}
	return files, nil
}

type sysctlSet struct{ values map[string]sysctlValue }

// add reads "key = value" lines. Keys may be written with dots or slashes, a
// leading dash means "ignore errors" and, without a value, "not by a pattern".
func (s *sysctlSet) add(body, file string) {
	for _, l := range lines(body, "#;") {
		key, value, ok := strings.Cut(l.text, "=")
		key = sysctlKey(strings.TrimPrefix(strings.TrimSpace(key), "-"))
		if !ok || key == "" {
			continue
		}
		v := sysctlValue{value: strings.Join(strings.Fields(value), " "), at: seen(file, l.no, l.text)}
		if strings.ContainsAny(key, "*?[") {
			s.addPattern(key, v)
			continue
		}
		s.values[key] = v
	}
}

// addPattern gives the well-known keys that match and are not set explicitly
// the value.
func (s *sysctlSet) addPattern(pattern string, v sysctlValue) {
	v.pattern = true
	for _, key := range patternKeys {
		if ok, _ := path.Match(strings.ReplaceAll(pattern, ".", "/"), strings.ReplaceAll(key, ".", "/")); ok {
			if old, ok := s.values[key]; !ok || old.pattern {
				s.values[key] = v
			}
		}
	}
}

// patternKeys are the keys that patterns in sysctl files usually stand for.
var patternKeys = func() []string {
	var keys []string
	for _, family := range []string{"ipv4", "ipv6"} {
		for _, iface := range []string{"all", "default"} {
			for _, name := range []string{"accept_redirects", "send_redirects", "accept_source_route", "rp_filter", "log_martians", "secure_redirects", "forwarding"} {
				keys = append(keys, fmt.Sprintf("net.%s.conf.%s.%s", family, iface, name))
			}
		}
	}
	return keys
}()

// sysctlKey writes a key with dots. When the first separator is a slash, dots are
// part of a name and slashes separate.
func sysctlKey(key string) string {
	if i := strings.IndexAny(key, "./"); i >= 0 && key[i] == '/' {
		return strings.NewReplacer("/", ".", ".", "/").Replace(key)
	}
	return key
}

package vulnmatch

import (
	"slices"
	"strings"

	"holdfast/engine"
	"holdfast/feed"
)

// RPM distributions keep several lines of one software side by side as module
// streams, nodejs:16 and nodejs:18. A package of one stream is not repaired by an
// update of another, nor one outside of any module by a modular update.

const moduleMark = ".module"

// A module says from which stream a package was built.
type module struct {
	modular bool
	streams []string // "nodejs:16"; empty: not known
}

// moduleOf reads the label of a package, "nodejs:16:8060020220523:c5e3…". Without
// a label the build tag in the release says that it is modular, and an advisory
// that names a build with the same tag says of which stream.
func moduleOf(p *engine.Package, version string, said func(func(*feed.Affected) bool)) module {
	if name, rest, ok := strings.Cut(p.Module, ":"); ok {
		stream, _, _ := strings.Cut(rest, ":")
		return module{true, []string{name + ":" + stream}}
	}
	tag := moduleTag(version)
	if tag == "" {
		return module{modular: p.Module != ""}
	}
	m := module{modular: true}
	for a := range said {
		if len(a.Streams) > 0 && hasTag(a, tag) {
			m.streams = slices.Clone(a.Streams)
			break
		}
	}
	return m
}

// moduleTag is the part of a release that is common to all packages of one build
// of a stream: ".module_el8.5.0+2589+0ec1386d".
func moduleTag(version string) string {
	_, tag, ok := strings.Cut(version, moduleMark)
	if !ok {
		return ""
	}
	return moduleMark + tag
}

func hasTag(a *feed.Affected, tag string) bool {
	for _, r := range a.Ranges {
		for _, e := range r.Events {
			if strings.HasSuffix(e.Version, tag) {
				return true
			}
		}
	}
	return false
}

// concerns reports whether an advisory can be about a package of this module. One
// that names no build at all is about every package of the name.
func (m module) concerns(a *feed.Affected) bool {
	modular, builds := len(a.Streams) > 0, false
	for _, r := range a.Ranges {
		for _, e := range r.Events {
			builds = builds || e.Version != "0"
			modular = modular || strings.Contains(e.Version, moduleMark)
		}
	}
	switch {
	case !modular && !builds:
		return true
	case m.modular != modular:
		return false
	case len(m.streams) == 0 || len(a.Streams) == 0:
		return true
	}
	return slices.ContainsFunc(m.streams, func(s string) bool { return slices.Contains(a.Streams, s) })
}

package vulnmatch

import (
	"cmp"
	"slices"
	"strings"

	"holdfast/engine"
	"holdfast/feed"
)

// A group is what one finding is about: all installed packages that are built
// from one source, or all copies of one library at one place.
type group struct {
	ecosystem string // canonical, with release
	name      string // under which advisories are filed
	path      string // empty for packages of a distribution
	packages  []*engine.Package
	subject   string
}

// groupPackages puts the packages together and gives each group its subject. The
// order is that of name, ecosystem and path, whatever the order of the inventory.
func groupPackages(packages []engine.Package) []*group {
	type key struct{ ecosystem, name, path string }
	byKey := map[key]*group{}
	var out []*group
	for i := range packages {
		p := &packages[i]
		k := key{feed.Canonical(p.Ecosystem), p.AdvisoryName(), p.Path}
		if isDistribution(k.ecosystem) {
			k.path = ""
		}
		g := byKey[k]
		if g == nil {
			g = &group{ecosystem: k.ecosystem, name: k.name, path: k.path}
			byKey[k] = g
			out = append(out, g)
		}
		g.packages = append(g.packages, p)
	}
	for _, g := range out {
		slices.SortStableFunc(g.packages, func(a, b *engine.Package) int {
			return cmp.Or(strings.Compare(a.Name, b.Name), strings.Compare(a.Version, b.Version))
		})
	}
	slices.SortFunc(out, func(a, b *group) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(a.ecosystem, b.ecosystem), strings.Compare(a.path, b.path))
	})
	nameSubjects(out)
	return out
}

// nameSubjects uses the bare name where it is the only one, then name@path, then
// name@path:ecosystem. A subject never contains a version.
func nameSubjects(groups []*group) {
	forms := []func(*group) string{
		func(g *group) string { return g.name },
		func(g *group) string {
			if g.path == "" {
				return g.name
			}
			return g.name + "@" + g.path
		},
		func(g *group) string { return g.name + "@" + g.path + ":" + feed.Base(g.ecosystem) },
		func(g *group) string { return g.name + "@" + g.path + ":" + g.ecosystem },
	}
	open := groups
	for i, form := range forms {
		count := map[string]int{}
		for _, g := range open {
			count[form(g)]++
		}
		var next []*group
		for _, g := range open {
			if g.subject = form(g); count[g.subject] > 1 && i+1 < len(forms) {
				next = append(next, g)
			}
		}
		open = next
	}
}

// isDistribution reports whether the packages of an ecosystem belong to an
// operating system, where a place in the file system says nothing.
func isDistribution(ecosystem string) bool {
	switch distributionOf(ecosystem) {
	case rpm, dpkg, apk:
		return true
	}
	return false
}

// The families of distributions.
const (
	other = iota
	rpm
	dpkg
	apk
)

// rpmNames, dpkgNames and apkNames are the ecosystems of each family.
var (
	rpmNames  = []string{"AlmaLinux", "Azure Linux", "Fedora", "Mageia", "Photon OS", "Red Hat", "Rocky Linux", "SUSE", "openEuler", "openSUSE"}
	dpkgNames = []string{"Debian", "Echo", "Ubuntu"}
	apkNames  = []string{"Alpaquita", "Alpine", "BellSoft Hardened Containers", "Chainguard", "MinimOS", "Wolfi"}
)

func distributionOf(ecosystem string) int {
	base := feed.Base(ecosystem)
	switch {
	case slices.Contains(rpmNames, base):
		return rpm
	case slices.Contains(dpkgNames, base):
		return dpkg
	case slices.Contains(apkNames, base):
		return apk
	}
	return other
}

// lookups are the ecosystems under which advisories for a package may be filed,
// the most telling first. An advisory found under one is not sought in the next.
func lookups(ecosystem, version string) []string {
	list := []string{ecosystem}
	if release, ok := strings.CutPrefix(ecosystem, "Ubuntu:Pro:"); ok {
		list = append(list, "Ubuntu:"+release)
	} else if release, ok := strings.CutPrefix(ecosystem, "Ubuntu:"); ok {
		// Ubuntu Pro repairs what the plain archive does not. A package from there
		// has esm in its version; for all others its advisories come second.
		pro := "Ubuntu:Pro:" + release
		if strings.Contains(version, "esm") {
			list = []string{pro, ecosystem}
		} else {
			list = append(list, pro)
		}
	}
	if base := feed.Base(ecosystem); base != ecosystem {
		list = append(list, base) // records that speak of every release
	}
	return list
}

// Package inventory finds out what software a target holds and what kind of
// machine it is. It reads files only: nothing is executed and nothing changed.
//
// A target is the machine we run on (Host), a directory that holds a file system
// (Root) or a bill of materials (SBOM). What cannot be read becomes an
// engine.Problem, so that nobody takes silence for safety.
package inventory

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"net"
	"slices"
	"time"

	"holdfast/engine"
)

// Host looks at the machine this program runs on. What only root may see
// (password states, the programs behind sockets) is left unknown when we are not
// root. tell may be nil. It fails only when the root directory cannot be opened
// or the context ends.
func Host(ctx context.Context, now time.Time, tell engine.Progress) (*engine.Target, error) {
	t, err := open(ctx, "/", now, tell, true)
	if err != nil {
		return nil, err
	}
	t.Kind = engine.Host
	t.Inventory.Host.Interfaces = addresses()
	t.Name = cmp.Or(t.Inventory.Host.Hostname, "localhost")
	return t, nil
}

// Root looks at a directory that holds a whole file system: an unpacked image, a
// chroot, a mounted disk. Symbolic links are followed as the system inside would
// follow them. tell may be nil.
func Root(ctx context.Context, dir string, now time.Time, tell engine.Progress) (*engine.Target, error) {
	return open(ctx, dir, now, tell, false)
}

func open(ctx context.Context, dir string, now time.Time, tell engine.Progress, live bool) (*engine.Target, error) {
	// The target keeps the directory open for the engines that come after; the
	// runtime closes it when the target is dropped.
	root, err := engine.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w; name a directory that holds a file system", dir, err)
	}
	facts, problems := hostFacts(root, live)
	pkgs, more := Packages(ctx, root, facts, tell)
	if err := ctx.Err(); err != nil {
		_ = root.Close()
		return nil, fmt.Errorf("inventory of %s was stopped: %w", dir, err)
	}
	return &engine.Target{
		Kind: engine.Root, Name: dir, FS: root, Now: now,
		Inventory: &engine.Inventory{Host: facts, Packages: pkgs, Problems: append(problems, more...)},
	}, nil
}

// Packages lists the software in a file system: what the package managers say is
// installed, and what language ecosystems left on the disk. The order is stable.
// A language package whose files belong to a package of the distribution is left
// out: the distribution's advisories speak for it, and its version numbers do not
// show the fixes that the distribution put in. tell may be nil.
func Packages(ctx context.Context, fsys fs.FS, facts engine.HostFacts, tell engine.Progress) ([]engine.Package, []engine.Problem) {
	if tell == nil {
		tell = func(string, int, int) {}
	}
	log := problems{base: "/"}
	found := walk(ctx, fsys, skipMounts(facts, &log), tell, &log)
	var pkgs []engine.Package
	for _, m := range managers {
		if ctx.Err() != nil {
			break
		}
		tell(m.name, 0, 0)
		pkgs = append(pkgs, m.packages(ctx, fsys, facts.OS, found.own, &log)...)
	}
	noteUnmatched(pkgs, facts.OS, &log)
	pkgs = append(pkgs, found.read(ctx, fsys, tell, &log)...)
	for i := range pkgs {
		pkgs[i].Path = "/" + pkgs[i].Path
	}
	slices.SortFunc(pkgs, comparePackages)
	pkgs = slices.CompactFunc(pkgs, func(a, b engine.Package) bool { return comparePackages(a, b) == 0 })
	return pkgs, log.all()
}

// A manager is a package manager of a distribution.
type manager struct {
	name string
	// read lists what is installed. It calls own for every file that belongs to a
	// package, when that is known.
	read func(ctx context.Context, fsys fs.FS, os engine.OS, own func(path string), log *problems) []engine.Package
}

// packages turns a panic into a problem: one broken database must not end the scan.
func (m manager) packages(ctx context.Context, fsys fs.FS, os engine.OS, own func(string), log *problems) (pkgs []engine.Package) {
	defer func() {
		if r := recover(); r != nil {
			pkgs = nil
			log.add(".", fmt.Sprintf("reading the packages of %s stopped: %v", m.name, r))
		}
	}()
	return m.read(ctx, fsys, os, own, log)
}

// managers are asked in this order; a target may have several.
var managers = []manager{
	{"dpkg", dpkgPackages},
	{"apk", apkPackages},
	{"rpm", rpmPackages},
}

// noteUnmatched says so when installed packages have no ecosystem, because then
// no advisory will ever be found for them.
func noteUnmatched(pkgs []engine.Package, os engine.OS, log *problems) {
	n := 0
	for _, p := range pkgs {
		if p.Ecosystem == "" {
			n++
		}
	}
	if n == 0 {
		return
	}
	reason := fmt.Sprintf("no advisories are known for the distribution %q: %d packages cannot be checked", os.ID, n)
	if os.ID == "" {
		reason = fmt.Sprintf("the distribution is not known (os-release is missing): %d packages cannot be checked", n)
	}
	log.add("etc/os-release", reason)
}

func comparePackages(a, b engine.Package) int {
	return cmp.Or(
		cmp.Compare(a.Ecosystem, b.Ecosystem), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Version, b.Version),
		cmp.Compare(a.Arch, b.Arch), cmp.Compare(a.Path, b.Path), cmp.Compare(a.PURL, b.PURL),
	)
}

// addresses are those of the interfaces of this machine, with prefix length.
func addresses() []string {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	out := make([]string, 0, len(list))
	for _, a := range list {
		out = append(out, a.String())
	}
	return out
}

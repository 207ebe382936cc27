package inventory

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"holdfast/engine"
)

// The bounds of the walk. A bound that is reached is a problem in the report.
const (
	maxEntries    = 3_000_000
	maxDepth      = 48
	maxCandidates = 100_000
	tellEvery     = 8192
)

// skipped are directories whose content is not installed software: what the
// kernel shows, what is temporary, and other systems' file systems.
var skipped = map[string]bool{
	"proc": true, "sys": true, "dev": true, "run": true, "tmp": true, "var/tmp": true, "var/run": true, "lost+found": true,
	"var/lib/docker": true, "var/lib/containers": true, "var/lib/containerd": true, "var/lib/kubelet": true,
	"var/lib/lxc": true, "var/lib/lxd": true, "var/lib/machines": true, "var/lib/libvirt": true,
}

// caches hold what was fetched or built on the way, not software that is
// installed. They are known by the end of their path.
var caches = []string{"/go/pkg/mod", "/.cache/go-build", "/.cache/pip", "/.cargo/registry", "/.npm/_cacache", "/.git", "/.hg", "/.svn"}

// virtual are the types of mounts that hold no files of their own: the kernel's,
// memory, and the layers of containers.
var virtual = map[string]bool{
	"proc": true, "sysfs": true, "devtmpfs": true, "devpts": true, "tmpfs": true, "ramfs": true, "cgroup": true,
	"cgroup2": true, "securityfs": true, "debugfs": true, "tracefs": true, "pstore": true, "bpf": true, "mqueue": true,
	"hugetlbfs": true, "configfs": true, "fusectl": true, "autofs": true, "binfmt_misc": true, "efivarfs": true,
	"rpc_pipefs": true, "nsfs": true, "overlay": true,
}

// remote are the types of mounts whose files are on another machine.
var remote = map[string]bool{
	"nfs": true, "nfs4": true, "cifs": true, "smb3": true, "smbfs": true, "afs": true, "ceph": true, "glusterfs": true,
	"lustre": true, "gpfs": true, "9p": true, "virtiofs": true, "davfs": true,
}

// skipMounts returns the mount points that the walk leaves out. The root itself
// is walked whatever its type. Only a live system has mounts: an fstab could name
// any directory and so hide it.
func skipMounts(facts engine.HostFacts, log *problems) map[string]bool {
	if !facts.Live {
		return nil
	}
	out := map[string]bool{}
	for _, m := range facts.Mounts {
		p := strings.Trim(path.Clean("/"+m.Path), "/")
		far := remote[m.Type] || strings.HasPrefix(m.Type, "fuse.")
		if p == "" || !far && !virtual[m.Type] {
			continue
		}
		out[p] = true
		if far {
			log.add(p, "is a mount of type "+clip(m.Type)+" and was not looked into; scan it where its files are")
		}
	}
	return out
}

// A candidate is a file that one of the readers wants to read.
type candidate struct {
	path   string
	reader *reader
	owned  bool // by a package of the distribution
}

// candidates are what the walk found, by path.
type candidates struct {
	list   []*candidate
	byPath map[string]*candidate
}

// walk goes through the file system, without following links, and lists what the
// readers of language packages want to read.
func walk(ctx context.Context, fsys fs.FS, mounts map[string]bool, tell engine.Progress, log *problems) *candidates {
	w := walker{ctx: ctx, fsys: fsys, mounts: mounts, tell: tell, log: log, found: &candidates{byPath: map[string]*candidate{}}}
	w.dir(".", 0)
	switch {
	case w.denied == 1:
		log.fail(w.firstDenied, fs.ErrPermission)
	case w.denied > 1:
		log.add(w.firstDenied, fmt.Sprintf("and %d more directories may not be read; run as root to include them", w.denied-1))
	}
	tell("files", w.entries, w.entries)
	return w.found
}

type walker struct {
	ctx     context.Context
	fsys    fs.FS
	mounts  map[string]bool
	tell    engine.Progress
	log     *problems
	found   *candidates
	entries int
	full    bool

	denied      int // directories that may not be read
	firstDenied string
}

func (w *walker) dir(dir string, depth int) {
	if depth > maxDepth {
		w.log.add(dir, fmt.Sprintf("lies more than %d directories deep and was not looked into", maxDepth))
		return
	}
	list, err := fs.ReadDir(w.fsys, dir)
	if errors.Is(err, fs.ErrPermission) {
		w.denied++
		w.firstDenied = cmp.Or(w.firstDenied, dir)
	} else {
		w.log.fail(dir, err)
	}
	for _, e := range list {
		if w.full || w.ctx.Err() != nil {
			return
		}
		if w.entries++; w.entries%tellEvery == 0 {
			w.tell("files", w.entries, 0)
		}
		if w.entries > maxEntries {
			w.stop(dir, fmt.Sprintf("there are more than %d files; those after this directory were not looked at", maxEntries))
			return
		}
		name := path.Join(dir, e.Name())
		switch {
		case e.IsDir():
			if !w.skip(name) {
				w.dir(name, depth+1)
			}
		case e.Type().IsRegular():
			w.file(name, e)
		}
	}
}

func (w *walker) skip(dir string) bool {
	if skipped[dir] || w.mounts[dir] {
		return true
	}
	return slices.ContainsFunc(caches, func(end string) bool { return strings.HasSuffix("/"+dir, end) })
}

func (w *walker) file(name string, d fs.DirEntry) {
	for i := range readers {
		r := &readers[i]
		if !r.wants(name, d) {
			continue
		}
		if len(w.found.list) == maxCandidates {
			w.stop(name, fmt.Sprintf("there are more than %d files with language packages; those after this one were not read", maxCandidates))
			return
		}
		c := &candidate{path: name, reader: r}
		w.found.list = append(w.found.list, c)
		w.found.byPath[name] = c
		return
	}
}

func (w *walker) stop(path, reason string) {
	w.full = true
	w.log.add(path, reason)
}

// own marks a file as part of a package of the distribution. The path is
// absolute or relative; /lib and its like may be links into /usr.
func (c *candidates) own(name string) {
	name = strings.TrimPrefix(name, "/")
	if found := c.byPath[name]; found != nil {
		found.owned = true
	} else if found := c.byPath["usr/"+name]; found != nil {
		found.owned = true
	}
}

// read reads the candidates that no package of the distribution owns.
func (c *candidates) read(ctx context.Context, fsys fs.FS, tell engine.Progress, log *problems) []engine.Package {
	var pkgs []engine.Package
	for i, f := range c.list {
		if ctx.Err() != nil {
			break
		}
		if i%64 == 0 {
			tell("language packages", i, len(c.list))
		}
		if f.owned {
			continue
		}
		found, err := readOne(fsys, f)
		log.fail(f.path, err)
		for _, p := range found {
			if p.Path == "" {
				p.Path = f.path
			}
			pkgs = append(pkgs, p)
		}
	}
	tell("language packages", len(c.list), len(c.list))
	return pkgs
}

// readOne turns a panic into a problem: one broken file must not end the scan.
func readOne(fsys fs.FS, c *candidate) (pkgs []engine.Package, err error) {
	defer func() {
		if r := recover(); r != nil {
			pkgs, err = nil, fmt.Errorf("reading it as %s stopped: %v", c.reader.name, r)
		}
	}()
	return c.reader.read(fsys, c.path)
}

package configcheck

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// maxWalk is the number of files after which the walk gives up, maxFound the
// number of files of one kind that are kept.
const (
	maxWalk  = 3_000_000
	maxFound = 20_000
	maxDepth = 200
)

// skippedDirs are not walked: what the kernel makes up, what lives only until the
// next start, and file systems of containers, which are targets of their own.
var skippedDirs = map[string]bool{
	"proc": true, "sys": true, "dev": true, "run": true, "snap": true, "lost+found": true, "nix/store": true,
	"var/lib/docker": true, "var/lib/containers/storage": true, "var/lib/containerd": true, "var/lib/lxc": true,
	"var/lib/lxd": true, "var/lib/kubelet/pods": true, "var/lib/machines": true, "var/lib/snapd": true,
	"var/lib/schroot": true, "var/lib/rancher": true, "var/lib/flatpak": true, "var/snap": true,
}

// foreignTypes are file systems whose content belongs to other machines or
// cannot be changed.
var foreignTypes = map[string]bool{
	"nfs": true, "nfs4": true, "cifs": true, "smb3": true, "smbfs": true, "ceph": true, "glusterfs": true, "9p": true, "virtiofs": true,
	"afs": true, "sshfs": true, "fuse.sshfs": true, "fuse.rclone": true, "fuse.s3fs": true, "autofs": true, "davfs": true,
	"squashfs": true, "iso9660": true, "erofs": true, "proc": true, "sysfs": true, "devtmpfs": true, "devpts": true,
	"cgroup": true, "cgroup2": true, "overlay": true, "vfat": true, "ntfs": true, "exfat": true, "fuse.ntfs-3g": true,
}

// A found file is one that a check of the walk is about.
type foundFile struct {
	path string
	mode fileMode
}

// walked is what one pass over all files saw.
type walked struct {
	writableFiles []foundFile // by everybody, and everybody can get to them
	writableDirs  []foundFile // the same, without the sticky bit
	setID         []foundFile // setuid or setgid and executable
	unowned       []foundFile // owner or group is in neither passwd nor group
	entries       int
	problem       error // why not everything was seen; nil: all was
}

// walk goes over all files once, for all checks.
func (h *host) walk() (*walked, error) { return h.walkOnce.get(h.walkAll) }

func (h *host) walkAll() (*walked, error) {
	w := walker{h: h, out: &walked{}, skip: h.foreignMounts(), knownUIDs: map[int]bool{}, knownGIDs: map[int]bool{}}
	for _, u := range h.facts.Users {
		w.knownUIDs[u.UID], w.knownGIDs[u.GID] = true, true
	}
	for _, g := range h.facts.Groups {
		w.knownGIDs[g.GID] = true
	}
	w.judgeOwners = len(h.facts.Users) > 0 && len(h.facts.Groups) > 0
	w.dir(".", true, false, 0)
	if w.closed > 0 {
		w.out.problem = fmt.Errorf("%d directories may not be read by this account, the first is /%s: run as root to see all", w.closed, w.firstClosed)
	}
	if w.stop != nil {
		w.out.problem = w.stop
	}
	return w.out, nil
}

// foreignMounts are the mount points that are not walked. The root itself always
// is. Of a host that is not running nothing is left out: its fstab could name any
// directory and so hide it.
func (h *host) foreignMounts() map[string]bool {
	skip := map[string]bool{}
	if !h.facts.Live {
		return skip
	}
	for _, m := range h.facts.Mounts {
		if p := relative(m.Path); p != "." && (foreignTypes[m.Type] || strings.HasPrefix(m.Type, "fuse.")) {
			skip[p] = true
		}
	}
	return skip
}

type walker struct {
	h           *host
	out         *walked
	skip        map[string]bool
	knownUIDs   map[int]bool
	knownGIDs   map[int]bool
	judgeOwners bool
	closed      int
	firstClosed string
	stop        error
}

var errWalkSize = fmt.Errorf("the target has more than %d files: the walk was ended", maxWalk)

// dir walks one directory. reachable says whether everybody may enter it,
// orphan whether it is itself reported as unowned, which covers its content.
func (w *walker) dir(dir string, reachable, orphan bool, depth int) {
	if depth > maxDepth {
		w.stop = errors.New("a directory is nested too deeply: /" + dir)
		return
	}
	entries, err := fs.ReadDir(w.h.fsys, dir)
	if err != nil {
		if !isMissing(err) {
			w.cannotRead(dir)
		}
		return
	}
	if err := w.h.ctx.Err(); err != nil {
		w.stop = err
	}
	for _, e := range entries {
		if w.stop != nil {
			return
		}
		w.entry(dir, e, reachable, orphan, depth)
	}
}

func (w *walker) cannotRead(dir string) {
	if w.closed++; w.closed == 1 {
		w.firstClosed = dir
	}
}

func (w *walker) entry(dir string, e fs.DirEntry, reachable, orphan bool, depth int) {
	name := path.Join(dir, e.Name())
	if w.out.entries++; w.out.entries > maxWalk {
		w.stop = errWalkSize
		return
	}
	if e.IsDir() && w.skipped(name) {
		return
	}
	info, err := e.Info()
	if err != nil {
		if !isMissing(err) { // it may have gone since the directory was read
			w.cannotRead(name)
		}
		return
	}
	m := modeOf(info)
	lost := w.judgeOwners && !orphan && m.owned && !(w.known(m.uid, w.knownUIDs) && w.known(m.gid, w.knownGIDs))
	if lost {
		keep(&w.out.unowned, name, m)
	}
	switch {
	case info.IsDir():
		if reachable && m.perm&0o1002 == 0o002 {
			keep(&w.out.writableDirs, name, m)
		}
		w.dir(name, reachable && m.perm&0o001 != 0, orphan || lost, depth+1)
	case info.Mode().IsRegular():
		if reachable && m.perm&0o002 != 0 {
			keep(&w.out.writableFiles, name, m)
		}
		if m.perm&0o4000 != 0 && m.perm&0o111 != 0 || m.perm&0o2000 != 0 && m.perm&0o010 != 0 {
			keep(&w.out.setID, name, m)
		}
	}
}

func (w *walker) skipped(name string) bool {
	return skippedDirs[name] || w.skip[name] || strings.HasSuffix(name, "/.local/share/containers/storage") || strings.HasSuffix(name, "/.local/share/docker")
}

// known says whether a number belongs to an account. The ranges that systemd
// gives to transient units and that user namespaces map are known as well.
func (w *walker) known(id int, ids map[int]bool) bool {
	return ids[id] || id == 65534 || id >= 61184 && id <= 65519 || id >= 100000
}

func keep(list *[]foundFile, name string, m fileMode) {
	if len(*list) < maxFound {
		*list = append(*list, foundFile{path: name, mode: m})
	}
}

package configcheck

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"holdfast/engine"
)

// A fileMode is who owns a file and what they may do.
type fileMode struct {
	info     fs.FileInfo
	perm     uint32 // the twelve bits of chmod(1)
	uid, gid int
	owned    bool // the owner is known
}

// mode follows links.
func (h *host) mode(file string) (fileMode, error) {
	info, err := fs.Stat(h.fsys, file)
	if err != nil {
		return fileMode{}, plain(file, err)
	}
	return modeOf(info), nil
}

// specialBits are the three bits that package fs keeps elsewhere than chmod(1).
var specialBits = [...]struct {
	bit  uint32
	flag fs.FileMode
}{{0o4000, fs.ModeSetuid}, {0o2000, fs.ModeSetgid}, {0o1000, fs.ModeSticky}}

func modeOf(info fs.FileInfo) fileMode {
	m := fileMode{info: info, perm: uint32(info.Mode().Perm())}
	for _, b := range specialBits {
		if info.Mode()&b.flag != 0 {
			m.perm |= b.bit
		}
	}
	m.uid, m.gid, m.owned = engine.Owner(info)
	return m
}

func (m fileMode) seen(file string) engine.Seen {
	return engine.Seen{Path: "/" + file, Value: m.String()}
}

func (m fileMode) String() string {
	if !m.owned {
		return fmt.Sprintf("%04o", m.perm)
	}
	return fmt.Sprintf("%04o %d:%d", m.perm, m.uid, m.gid)
}

// opener says what is too open: permission bits over the allowed ones, or
// another owner than the wanted one. Empty: nothing.
func (m fileMode) opener(allowed uint32, owner int) string {
	if m.owned && m.uid != owner {
		return fmt.Sprintf("belongs to user id %d instead of %d", m.uid, owner)
	}
	if over := m.perm & 0o777 &^ allowed; over != 0 {
		return fmt.Sprintf("mode %04o; %04o is enough", m.perm, allowed)
	}
	return ""
}

// groupName is the name of a group id, or "".
func (h *host) groupName(gid int) string {
	for _, g := range h.facts.Groups {
		if g.GID == gid {
			return g.Name
		}
	}
	return ""
}

// privateGroup says whether nobody but the user is in the group: the group a
// distribution makes for each person.
func (h *host) privateGroup(gid int, user string) bool {
	for _, g := range h.facts.Groups {
		if g.GID != gid {
			continue
		}
		for _, m := range g.Members {
			if m != user {
				return false
			}
		}
		for _, u := range h.facts.Users {
			if u.GID == gid && u.Name != user {
				return false
			}
		}
		return true
	}
	return false
}

// changers says who besides root may change what stands at an absolute path, by
// writing to it or by replacing it in one of its directories. Empty: nobody. A
// path that does not exist is judged by the directories that do.
func (h *host) changers(file string) (string, error) {
	at := ""
	for _, part := range strings.Split(relative(file), "/") {
		at = path.Join(at, part)
		m, err := h.mode(at)
		if isMissing(err) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		if who := h.writers(m); who != "" {
			return fmt.Sprintf("/%s can be changed by %s (%s)", at, who, m), nil
		}
	}
	return "", nil
}

// writers says who besides root may write to a file or, unless the sticky bit
// protects its entries, to a directory.
func (h *host) writers(m fileMode) string {
	sticky := m.info.IsDir() && m.perm&0o1000 != 0
	switch {
	case m.owned && m.uid != 0:
		return h.ownerName(m.uid)
	case m.perm&0o002 != 0 && !sticky:
		return "everybody"
	case m.perm&0o020 != 0 && !sticky && m.owned && m.gid != 0 && !h.emptyGroup(m.gid):
		if name := h.groupName(m.gid); name != "" {
			return "the group " + name
		}
		return fmt.Sprintf("the group id %d", m.gid)
	}
	return ""
}

func (h *host) ownerName(uid int) string {
	for _, u := range h.facts.Users {
		if u.UID == uid {
			return "the user " + u.Name
		}
	}
	return fmt.Sprintf("the user id %d", uid)
}

// emptyGroup says whether a group is known to have no member; Debian ships
// directories that are writable for such a group, staff for instance.
func (h *host) emptyGroup(gid int) bool {
	known := false
	for _, g := range h.facts.Groups {
		if g.GID == gid {
			known = true
			if len(g.Members) > 0 {
				return false
			}
		}
	}
	for _, u := range h.facts.Users {
		if u.GID == gid {
			return false
		}
	}
	return known
}

package inventory

import (
	"errors"
	"io/fs"
	"strconv"
	"strings"

	"holdfast/engine"
)

// shadowEntry is what we keep of a line of shadow. The hash is read and dropped.
type shadowEntry struct {
	state   engine.PasswordState
	method  string
	maxDays int
}

// users reads etc/passwd and, where it may, etc/shadow.
func users(fsys fs.FS, log *problems) []engine.User {
	const name = "etc/passwd"
	shadow, readable := shadowEntries(fsys, log)
	var out []engine.User
	for n, f := range colonLines(fsys, name, log) {
		if len(f) != 7 {
			log.line(name, n, "expected seven fields with colons between them")
			continue
		}
		uid, err1 := strconv.Atoi(f[2])
		gid, err2 := strconv.Atoi(f[3])
		if err1 != nil || err2 != nil {
			log.line(name, n, "the user or group id of "+clip(f[0])+" is not a number")
			continue
		}
		u := engine.User{Name: f[0], UID: uid, GID: gid, Home: f[5], Shell: f[6]}
		u.Password, u.Method = passwordState(f[1])
		if f[1] == "x" {
			s, ok := shadow[f[0]]
			switch {
			case ok:
				u.Password, u.Method, u.MaxDays = s.state, s.method, s.maxDays
			case !readable:
				u.Password, u.Method = engine.PasswordUnreadable, ""
			} // else: without a line in shadow no password is accepted, as for any text that is no hash
		}
		out = append(out, u)
	}
	return out
}

// shadowEntries reads etc/shadow; readable is false when it exists and may not be read.
func shadowEntries(fsys fs.FS, log *problems) (entries map[string]shadowEntry, readable bool) {
	const name = "etc/shadow"
	if _, err := fs.Stat(fsys, name); errors.Is(err, fs.ErrNotExist) {
		return nil, true
	}
	entries = map[string]shadowEntry{}
	readable = true
	data, err := engine.ReadLimited(fsys, name, maxListing)
	if err != nil {
		log.fail(name, err)
		return nil, false
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		f := strings.Split(strings.TrimRight(line, "\r\n"), ":")
		if f[0] == "" || strings.HasPrefix(f[0], "#") || strings.ContainsAny(f[0][:1], "+-") {
			continue
		}
		if len(f) < 2 {
			log.line(name, n, "expected a name and a password field with a colon between them")
			continue
		}
		var s shadowEntry
		s.state, s.method = passwordState(f[1])
		if len(f) > 4 {
			s.maxDays, _ = strconv.Atoi(f[4]) // empty means no limit, and so does 0 here
		}
		entries[f[0]] = s
	}
	return entries, readable
}

// groups reads etc/group.
func groups(fsys fs.FS, log *problems) []engine.Group {
	const name = "etc/group"
	var out []engine.Group
	for n, f := range colonLines(fsys, name, log) {
		if len(f) != 4 {
			log.line(name, n, "expected four fields with colons between them")
			continue
		}
		gid, err := strconv.Atoi(f[2])
		if err != nil {
			log.line(name, n, "the id of group "+clip(f[0])+" is not a number")
			continue
		}
		g := engine.Group{Name: f[0], GID: gid}
		for m := range strings.SplitSeq(f[3], ",") {
			if m != "" {
				g.Members = append(g.Members, m)
			}
		}
		out = append(out, g)
	}
	return out
}

// colonLines yields line numbers and fields. Empty lines, comments and the
// entries of directory services (+, -) are left out.
func colonLines(fsys fs.FS, name string, log *problems) func(yield func(int, []string) bool) {
	return func(yield func(int, []string) bool) {
		data, err := engine.ReadLimited(fsys, name, maxListing)
		log.fail(name, err)
		n := 0
		for line := range strings.Lines(string(data)) {
			n++
			line = strings.TrimRight(line, "\r\n")
			if line == "" || strings.ContainsAny(line[:1], "#+-") {
				continue
			}
			if !yield(n, strings.Split(line, ":")) {
				return
			}
		}
	}
}

// methods are the prefixes of password hashes (crypt(5)).
var methods = []struct{ prefix, name string }{
	{"$y$", "yescrypt"}, {"$gy$", "gost-yescrypt"}, {"$7$", "scrypt"}, {"$2", "bcrypt"}, {"$6$", "sha512"},
	{"$5$", "sha256"}, {"$sha1", "sha1"}, {"$md5", "sunmd5"}, {"$1$", "md5"}, {"$3$", "nt"}, {"_", "bsdi"},
}

// passwordState reads a password field. A field that is no hash, "*" or "x" for
// example, matches no password. The method is told of a locked hash too, for it
// works again when the account is unlocked.
func passwordState(field string) (state engine.PasswordState, method string) {
	if field == "" {
		return engine.PasswordEmpty, ""
	}
	hash := strings.TrimLeft(field, "!")
	method = hashMethod(hash)
	if method == "" || hash != field {
		return engine.PasswordLocked, method
	}
	return engine.PasswordSet, method
}

func hashMethod(hash string) string {
	for _, m := range methods {
		if strings.HasPrefix(hash, m.prefix) && len(hash) > len(m.prefix) {
			return m.name
		}
	}
	if strings.HasPrefix(hash, "$") && strings.Count(hash, "$") >= 3 {
		return "unknown"
	}
	const desLen = 13
	if len(hash) == desLen && strings.Trim(hash, "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == "" {
		return "des"
	}
	return ""
}

package configcheck

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
	"syscall"
	"time"

	"holdfast/engine"
)

// maxConfig is the size of the largest configuration file that is read.
const maxConfig = 4 << 20

// A host is the target as the checks see it. What several checks need is read
// once and kept.
type host struct {
	ctx   context.Context
	fsys  fs.FS
	facts engine.HostFacts
	pkgs  map[string]engine.Package // by installed name
	gaps  []engine.Problem          // what the inventory could not read
	now   time.Time
	texts map[string]text

	sshdOnce once[*sshdConfig]
	sudoOnce once[*sudoers]
	walkOnce once[*walked]
	sysctls  once[map[string]sysctlValue]
	certs    once[[]certificate]
}

type text struct {
	body string
	err  error
}

// once keeps the first answer of a question.
type once[T any] struct {
	done  bool
	value T
	err   error
}

func (o *once[T]) get(ask func() (T, error)) (T, error) {
	if !o.done {
		o.value, o.err = ask()
		o.done = true
	}
	return o.value, o.err
}

func newHost(ctx context.Context, t *engine.Target) *host {
	h := &host{ctx: ctx, fsys: t.FS, now: t.Now, texts: map[string]text{}, pkgs: map[string]engine.Package{}}
	if t.Inventory == nil {
		return h
	}
	h.facts, h.gaps = t.Inventory.Host, t.Inventory.Problems
	for _, p := range t.Inventory.Packages {
		if isSystemPackage(p) {
			h.pkgs[p.Name] = p
		}
	}
	return h
}

// isSystemPackage leaves out the libraries of programming languages: an npm
// module called "telnet" is not a telnet server.
func isSystemPackage(p engine.Package) bool {
	switch p.Ecosystem {
	case "npm", "PyPI", "Go", "crates.io", "Maven", "RubyGems", "NuGet", "Packagist", "Hex", "Pub", "CRAN":
		return false
	}
	return true
}

// read returns a file of at most maxConfig bytes. The error names the file as
// the system does, "/etc/shadow: permission denied".
func (h *host) read(file string) (string, error) {
	if t, ok := h.texts[file]; ok {
		return t.body, t.err
	}
	b, err := engine.ReadLimited(h.fsys, file, maxConfig)
	t := text{body: string(b), err: plain(file, err)}
	h.texts[file] = t
	return t.body, t.err
}

// plain replaces the words of the Go library by the path and the cause.
func plain(file string, err error) error {
	if err == nil {
		return nil
	}
	cause := err
	var pe *fs.PathError
	if errors.As(err, &pe) {
		cause = pe.Err
	}
	if errors.Is(err, engine.ErrTooLarge) {
		cause = engine.ErrTooLarge
	}
	return fmt.Errorf("/%s: %w", file, cause)
}

// isMissing tells an absent file from one that could not be read. A directory
// where a file is looked for is no file.
func isMissing(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EISDIR)
}

// readFirst returns the first of the files that exists.
func (h *host) readFirst(files ...string) (body, file string, err error) {
	for _, file = range files {
		if body, err = h.read(file); !isMissing(err) {
			return body, file, err
		}
	}
	return "", "", err
}

// exists says whether something has that name. A name that may not be looked at
// counts as existing, because its absence was not seen.
func (h *host) exists(file string) bool {
	_, err := fs.Stat(h.fsys, file)
	return err == nil || !isMissing(err)
}

func (h *host) existsAny(files ...string) string {
	for _, f := range files {
		if h.exists(f) {
			return f
		}
	}
	return ""
}

// list returns the names in a directory, none when there is no such directory.
func (h *host) list(dir string) ([]string, error) {
	entries, err := fs.ReadDir(h.fsys, dir)
	if isMissing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, plain(dir, err)
	}
	names := make([]string, 0, len(entries))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, nil
}

// glob expands a pattern in sorted order. Unlike fs.Glob it tells when a
// directory may not be read.
func (h *host) glob(pattern string) ([]string, error) {
	dir := path.Dir(pattern)
	if strings.ContainsAny(dir, `*?[\`) {
		return fs.Glob(h.fsys, pattern)
	}
	if !strings.ContainsAny(pattern, `*?[\`) {
		if !h.exists(pattern) {
			return nil, nil
		}
		return []string{pattern}, nil
	}
	names, err := h.list(dir)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, n := range names {
		hidden := strings.HasPrefix(n, ".") && !strings.HasPrefix(path.Base(pattern), ".")
		if ok, err := path.Match(path.Base(pattern), n); err == nil && ok && !hidden {
			found = append(found, path.Join(dir, n))
		}
	}
	sort.Strings(found)
	return found, nil
}

// A line is one line of a text file.
type line struct {
	no   int
	text string
}

// lines splits a text, without blank lines and lines that begin with one of the
// comment characters. White space around a line is removed.
func lines(body, comments string) []line {
	var list []line
	for i, s := range strings.Split(body, "\n") {
		s = strings.TrimSpace(s)
		if s == "" || strings.ContainsRune(comments, rune(s[0])) {
			continue
		}
		list = append(list, line{no: i + 1, text: s})
	}
	return list
}

// relative turns the path of the system into that of the file system.
func relative(file string) string {
	p := strings.TrimPrefix(path.Clean("/"+file), "/")
	if p == "" {
		return "."
	}
	return p
}

func seen(file string, no int, value string) engine.Seen {
	return engine.Seen{Path: "/" + file, Line: no, Value: value}
}

// where names a place in a file: "/etc/login.defs:12".
func where(s engine.Seen) string {
	if s.Line == 0 {
		return s.Path
	}
	return fmt.Sprintf("%s:%d", s.Path, s.Line)
}

// hasPackage returns the first of the packages that is installed.
func (h *host) hasPackage(names ...string) (engine.Package, bool) {
	for _, n := range names {
		if p, ok := h.pkgs[n]; ok {
			return p, true
		}
	}
	return engine.Package{}, false
}

// hasKernel says whether the root boots a kernel of its own. A root without one
// is the image of a container; one that may not be looked into is not taken for that.
func (h *host) hasKernel() bool {
	if h.facts.Live {
		return h.facts.Container == ""
	}
	for _, dir := range []string{"lib/modules", "usr/lib/modules"} {
		if names, err := h.list(dir); len(names) > 0 || err != nil {
			return true
		}
	}
	for _, pattern := range []string{"boot/vmlinuz*", "boot/vmlinux*"} {
		if names, err := h.glob(pattern); len(names) > 0 || err != nil {
			return true
		}
	}
	return false
}

// isContainer says whether the target shares the kernel of another system.
func (h *host) isContainer() bool { return !h.hasKernel() }

const hostsJob = "this is a container or its image: the host it runs on does this"

package engine

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"syscall"
)

// A RootFS is the file system below a directory. Symbolic links are resolved as
// the system inside would see them: an absolute link starts at the directory, and
// no link leads out of it. It is read-only.
type RootFS struct{ root *os.Root }

var _ fs.ReadLinkFS = (*RootFS)(nil)

// maxLinks is the number of symbolic links followed in one path, as in Linux.
const maxLinks = 40

// OpenRoot opens the directory. Close it when done.
func OpenRoot(dir string) (*RootFS, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	return &RootFS{root: root}, nil
}

// Close releases the directory.
func (r *RootFS) Close() error { return r.root.Close() }

// Open opens the named file for reading, following links inside the root.
func (r *RootFS) Open(name string) (fs.File, error) {
	return follow(r, "open", name, func(p string) (fs.File, error) { return r.openPlain(p) })
}

// Only regular files and directories are opened: a FIFO would block for ever and
// a device may act when it is read.
func (r *RootFS) openPlain(name string) (fs.File, error) {
	f, err := r.root.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK|syscall.O_NOCTTY, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		err = &fs.PathError{Op: "open", Path: name, Err: errors.New("not a regular file")}
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// Stat follows links; Lstat does not.
func (r *RootFS) Stat(name string) (fs.FileInfo, error) {
	return follow(r, "stat", name, r.root.Stat)
}

// ReadFile reads a whole file. The caller bounds the size, see ReadLimited.
func (r *RootFS) ReadFile(name string) ([]byte, error) {
	f, err := r.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// ReadDir lists a directory, sorted by name.
func (r *RootFS) ReadDir(name string) ([]fs.DirEntry, error) {
	f, err := r.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	dir, ok := f.(fs.ReadDirFile)
	if !ok {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errors.New("not implemented")}
	}
	list, err := dir.ReadDir(-1)
	slices.SortFunc(list, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return list, err
}

// ReadLink returns the destination of a link as it is written.
func (r *RootFS) ReadLink(name string) (string, error) {
	return followParent(r, "readlink", name, r.root.Readlink)
}

// Lstat describes the file itself, also when it is a link.
func (r *RootFS) Lstat(name string) (fs.FileInfo, error) {
	return followParent(r, "lstat", name, r.root.Lstat)
}

// follow calls do with the name and, when a link stands in the way that leads out
// of the root, once more with the name as the system inside would resolve it.
func follow[T any](r *RootFS, op, name string, do func(string) (T, error)) (T, error) {
	var zero T
	if !fs.ValidPath(name) {
		return zero, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	v, err := do(name)
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return v, err
	}
	inside, rerr := r.resolve(name)
	if rerr != nil || inside == name {
		return zero, err
	}
	return do(inside)
}

func followParent[T any](r *RootFS, op, name string, do func(string) (T, error)) (T, error) {
	var zero T
	if !fs.ValidPath(name) {
		return zero, &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	v, err := do(name)
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) {
		return v, err
	}
	dir, rerr := r.resolve(path.Dir(name))
	if rerr != nil {
		return zero, err
	}
	return do(path.Join(dir, path.Base(name)))
}

// resolve replaces every link in the name by what it leads to.
func (r *RootFS) resolve(name string) (string, error) {
	done, rest, links := ".", strings.Split(name, "/"), 0
	for len(rest) > 0 {
		part := rest[0]
		rest = rest[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			done = path.Dir(done)
			continue
		}
		next := path.Join(done, part)
		to, err := r.root.Readlink(next)
		if err != nil { // not a link
			done = next
			continue
		}
		if links++; links > maxLinks {
			return "", &fs.PathError{Op: "open", Path: name, Err: syscall.ELOOP}
		}
		if path.IsAbs(to) {
			done = "."
		}
		rest = append(strings.Split(to, "/"), rest...)
	}
	return done, nil
}

// Ownership is what FileInfo.Sys of a map file system may return in tests.
type Ownership struct{ UID, GID int }

// Owner returns the numeric owner of a file; ok is false where the file system
// does not tell.
func Owner(info fs.FileInfo) (uid, gid int, ok bool) {
	switch s := info.Sys().(type) {
	case *syscall.Stat_t:
		return int(s.Uid), int(s.Gid), true
	case Ownership:
		return s.UID, s.GID, true
	case *Ownership:
		return s.UID, s.GID, true
	}
	return 0, 0, false
}

// ErrTooLarge is returned by ReadLimited for a file over the limit.
var ErrTooLarge = errors.New("file is larger than the limit")

// ReadLimited reads a file of at most limit bytes. Every parser of outside data
// reads through it or through a bounded reader, so that no file can exhaust memory.
func ReadLimited(fsys fs.FS, name string, limit int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return ReadAllLimited(f, name, limit)
}

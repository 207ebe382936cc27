package configcheck

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"holdfast/engine"
)

// A closedFS is a root in which one file or directory may not be opened, as for
// an account that is not root. Its mode and owner can still be seen.
type closedFS struct {
	fstest.MapFS
	closed string
}

func (c closedFS) Open(name string) (fs.File, error) {
	if name == c.closed {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return c.MapFS.Open(name)
}

func (c closedFS) ReadFile(name string) ([]byte, error) {
	if name == c.closed {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return c.MapFS.ReadFile(name)
}

func (c closedFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == c.closed {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrPermission}
	}
	return c.MapFS.ReadDir(name)
}

// In every bad scenario each file and directory is closed in turn. The weakness is
// then still seen or it is Unknown; it must never turn into Pass.
func TestWhatMayNotBeReadNeverTurnsAFailureIntoAPass(t *testing.T) {
	for _, s := range loadScenarios(t) {
		if s.expect != engine.Fail {
			continue
		}
		for file := range s.root {
			target := *s.target
			target.FS = closedFS{MapFS: s.root, closed: file}
			list := observe(t, &target)[s.check]
			for _, o := range list {
				if o.Outcome == engine.Pass || o.Outcome == engine.NotApplicable {
					t.Errorf("%s/%s without /%s:%s", s.check, s.name, file, describe(list))
				}
			}
		}
	}
}

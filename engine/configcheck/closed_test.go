package configcheck

import (
	"encoding/json"
	"io/fs"
	"strings"
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

func TestSecretsThatStandInFilesAreNotRepeated(t *testing.T) {
	const secret = "correcthorse"
	files := fstest.MapFS{}
	for name, body := range map[string]string{
		"etc/crontab":                           "* * * * * root /opt/job --password=" + secret + "\n",
		"etc/systemd/system/a.service":          "[Service]\nExecStart=/opt/job --token " + secret + "\n",
		"etc/apt/sources.list":                  "deb [trusted=yes] https://me:" + secret + "@deb.example.org stable main\n",
		"etc/passwd":                            "old:" + secret + ":1:1::/:/bin/sh\n",
		"opt/job":                               "#!/bin/sh\n",
		"home/ann/.netrc":                       "machine x password " + secret + "\n",
		"etc/letsencrypt/archive/a/privkey.pem": secret,
	} {
		files[name] = &fstest.MapFile{Data: []byte(body), Mode: 0o777, Sys: engine.Ownership{}}
	}
	users := []engine.User{{Name: "ann", UID: 1000, GID: 1000, Home: "/home/ann", Shell: "/bin/sh", Password: engine.PasswordSet}}
	target := &engine.Target{FS: files, Now: testNow, Inventory: &engine.Inventory{Host: engine.HostFacts{Users: users}}}
	fails := 0
	for id, list := range observe(t, target) {
		for _, o := range list {
			if b, _ := json.Marshal(o); strings.Contains(string(b), secret) {
				t.Errorf("%s repeats the secret: %s", id, b)
			}
			if o.Outcome == engine.Fail {
				fails++
			}
		}
	}
	if fails < 6 {
		t.Errorf("the root must fail in at least 6 ways to be a test, it did in %d", fails)
	}
}

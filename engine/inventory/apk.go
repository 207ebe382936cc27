package inventory

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"path"

	"holdfast/engine"
)

// apkDatabases are the places of the list of installed packages; the first that
// exists counts, for one may be a link to the other.
var apkDatabases = []string{"lib/apk/db/installed", "usr/lib/apk/db/installed"}

// apkPackages lists what apk has installed.
func apkPackages(_ context.Context, fsys fs.FS, os engine.OS, own func(string), log *problems) []engine.Package {
	for _, name := range apkDatabases {
		data, err := engine.ReadLimited(fsys, name, maxStatus)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		log.fail(name, err)
		return parseAPK(name, data, os, own, log)
	}
	return nil
}

// parseAPK reads the database: records of "letter:value" lines, an empty line
// between them. own is called for each file of each package.
func parseAPK(file string, data []byte, os engine.OS, own func(string), log *problems) []engine.Package {
	r := apkReader{file: file, os: os, eco: ecosystem(typeAPK, os), distro: distroQualifier(os), log: log}
	var dir string
	for n := 1; len(data) > 0; n++ {
		var line []byte
		line, data = cutLine(data)
		if len(bytes.TrimSpace(line)) == 0 {
			r.end()
			continue
		}
		if len(line) < 2 || line[1] != ':' {
			log.line(file, n, "expected a field like \"P:name\"")
			continue
		}
		if r.line == 0 {
			r.line = n
		}
		switch value := line[2:]; line[0] {
		case 'F':
			dir = string(value)
		case 'R':
			own(path.Join(dir, string(value)))
		default:
			r.field(line[0], value, n)
		}
	}
	r.end()
	return r.pkgs
}

type apkReader struct {
	file        string
	os          engine.OS
	eco, distro string
	log         *problems
	pkgs        []engine.Package

	line   int // of the first field of the record; 0 between records
	p      engine.Package
	origin string
}

func (r *apkReader) field(key byte, value []byte, n int) {
	switch key {
	case 'P':
		if r.p.Name != "" {
			r.log.line(r.file, n, "a second P in one record: the empty line between two records is missing")
			r.end()
			r.line = n
		}
		r.p.Name = string(value)
	case 'V':
		r.p.Version = string(value)
	case 'A':
		r.p.Arch = string(value)
	case 'L':
		r.p.Licenses = []string{string(value)}
	case 'o':
		r.origin = string(value)
	}
}

func (r *apkReader) end() {
	p, origin, line := r.p, r.origin, r.line
	r.p, r.origin, r.line = engine.Package{}, "", 0
	switch {
	case line == 0:
		return
	case p.Name == "":
		r.log.line(r.file, line, "a record has no P (package name); it was left out")
		return
	case p.Version == "":
		r.log.line(r.file, line, "package "+clip(p.Name)+" has no V (version); it was left out")
		return
	}
	if origin != p.Name {
		p.Source = origin
	}
	p.Ecosystem, p.Path = r.eco, r.file
	p.PURL = purlOf(typeAPK, r.os.ID, p.Name, p.Version, "arch", p.Arch, "distro", r.distro, "upstream", p.Source)
	r.pkgs = append(r.pkgs, p)
}

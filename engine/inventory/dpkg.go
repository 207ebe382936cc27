package inventory

import (
	"bytes"
	"context"
	"io/fs"
	"path"
	"strings"

	"holdfast/engine"
)

const (
	dpkgStatus   = "var/lib/dpkg/status"
	dpkgStatusD  = "var/lib/dpkg/status.d" // images without a shell keep one file for each package
	dpkgInfo     = "var/lib/dpkg/info"
	maxStatus    = 256 << 20
	maxFileLists = 64 << 20
)

// dpkgPackages lists what dpkg has installed.
func dpkgPackages(ctx context.Context, fsys fs.FS, os engine.OS, own func(string), log *problems) []engine.Package {
	var pkgs []engine.Package
	data, err := engine.ReadLimited(fsys, dpkgStatus, maxStatus)
	log.fail(dpkgStatus, err)
	pkgs = append(pkgs, parseDpkg(dpkgStatus, data, os, true, log)...)

	entries, err := fs.ReadDir(fsys, dpkgStatusD)
	log.fail(dpkgStatusD, err)
	for _, e := range entries {
		name := path.Join(dpkgStatusD, e.Name())
		if strings.HasSuffix(name, ".md5sums") || e.IsDir() {
			continue
		}
		data, err := engine.ReadLimited(fsys, name, maxFileLists)
		log.fail(name, err)
		pkgs = append(pkgs, parseDpkg(name, data, os, false, log)...)
	}
	if len(pkgs) > 0 {
		dpkgFiles(ctx, fsys, own, log)
	}
	return pkgs
}

// dpkgFiles tells which files belong to packages.
func dpkgFiles(ctx context.Context, fsys fs.FS, own func(string), log *problems) {
	entries, err := fs.ReadDir(fsys, dpkgInfo)
	log.fail(dpkgInfo, err)
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".list") || ctx.Err() != nil {
			continue
		}
		name := path.Join(dpkgInfo, e.Name())
		data, err := engine.ReadLimited(fsys, name, maxFileLists)
		log.fail(name, err)
		for line := range bytes.Lines(data) {
			own(string(bytes.TrimSpace(line)))
		}
	}
}

// dpkgEntry is one paragraph of a status file.
type dpkgEntry struct {
	line, fields                        int // line is that of the first field
	name, version, status, source, arch string
}

// parseDpkg reads a status file. Broken entries become problems and the good ones
// are kept. needStatus is false for files of status.d, where a paragraph without
// a Status is installed. The strings of the result do not hold on to data.
func parseDpkg(file string, data []byte, os engine.OS, needStatus bool, log *problems) []engine.Package {
	d := dpkgReader{file: file, os: os, eco: ecosystem(typeDeb, os), distro: distroQualifier(os), needStatus: needStatus, log: log}
	var entry dpkgEntry
	for n := 1; len(data) > 0; n++ {
		var line []byte
		line, data = cutLine(data)
		switch {
		case len(bytes.TrimSpace(line)) == 0:
			d.end(&entry)
		case line[0] == ' ' || line[0] == '\t':
			if entry.fields == 0 {
				log.line(file, n, "a continued line stands where an entry should begin")
			}
		default:
			d.field(&entry, line, n)
		}
	}
	d.end(&entry)
	return d.pkgs
}

func cutLine(data []byte) (line, rest []byte) {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return bytes.TrimSuffix(data[:i], []byte{'\r'}), data[i+1:]
	}
	return data, nil
}

type dpkgReader struct {
	file        string
	os          engine.OS
	eco, distro string
	needStatus  bool
	log         *problems
	pkgs        []engine.Package
}

// field takes one "Name: value" line.
func (d *dpkgReader) field(e *dpkgEntry, line []byte, n int) {
	i := bytes.IndexByte(line, ':')
	if i <= 0 {
		d.log.line(d.file, n, "expected a field like \"Package: name\"")
		return
	}
	if e.fields++; e.fields == 1 {
		e.line = n
	}
	value := bytes.TrimSpace(line[i+1:])
	switch string(line[:i]) {
	case "Package":
		if e.name != "" {
			d.log.line(d.file, n, "a second Package in one entry: the empty line between two entries is missing")
			d.end(e)
			e.line, e.fields = n, 1
		}
		e.name = string(value)
	case "Version":
		e.version = string(value)
	case "Status":
		e.status = string(value)
	case "Source":
		e.source = string(value)
	case "Architecture":
		e.arch = string(value)
	}
}

// end turns an entry into a package, or into a problem.
func (d *dpkgReader) end(e *dpkgEntry) {
	defer func() { *e = dpkgEntry{} }()
	if e.fields == 0 {
		return
	}
	switch {
	case e.name == "":
		d.log.line(d.file, e.line, "an entry has no Package; it was left out")
		return
	case !d.installed(e):
		return
	case e.version == "":
		d.log.line(d.file, e.line, "package "+e.name+" has no Version; it was left out")
		return
	case strings.ContainsAny(e.version, " \t"):
		d.log.line(d.file, e.line, "package "+e.name+" has the version \""+clip(e.version)+"\" with a space in it; it was left out")
		return
	}
	d.pkgs = append(d.pkgs, d.pkg(e))
}

// installed reads the last word of the status. From half-configured on, the
// software is complete on the disk and may run. What was only unpacked is no
// installed package, but its files are there: that is worth a warning.
func (d *dpkgReader) installed(e *dpkgEntry) bool {
	if e.status == "" {
		if d.needStatus {
			d.log.line(d.file, e.line, "package "+e.name+" has no Status; it was taken as not installed")
		}
		return !d.needStatus
	}
	state := e.status[strings.LastIndexByte(e.status, ' ')+1:]
	switch state {
	case "installed", "triggers-awaited", "triggers-pending", "half-configured":
		return true
	case "unpacked", "half-installed":
		d.log.line(d.file, e.line, "package "+e.name+" is only "+state+"; it was left out. Finish or remove it with dpkg")
	case "config-files", "not-installed":
	default:
		d.log.line(d.file, e.line, "package "+e.name+" has the unknown status \""+clip(e.status)+"\"; it was left out")
	}
	return false
}

func (d *dpkgReader) pkg(e *dpkgEntry) engine.Package {
	p := engine.Package{Name: e.name, Version: e.version, Arch: e.arch, Ecosystem: d.eco, Path: d.file}
	// "glibc (2.36-9)"; the version is there only when it differs.
	source, rest, _ := strings.Cut(e.source, " ")
	version := strings.Trim(rest, " ()")
	if source != e.name {
		p.Source = source
	}
	if version != e.version {
		p.SourceVer = version
	}
	upstream := p.Source
	if version != "" {
		upstream = source + "@" + version
	}
	p.PURL = purlOf(typeDeb, d.os.ID, e.name, e.version, "arch", e.arch, "distro", d.distro, "upstream", upstream)
	return p
}

// clip shortens hostile text for a message.
func clip(s string) string {
	const most = 80
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}

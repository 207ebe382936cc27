package inventory

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"holdfast/engine"
)

// The places and names of rpm's database in its three formats. The first that
// exists counts: directories may be links to one another, and an old file stays
// behind when a database was converted.
var (
	rpmDirs  = []string{"usr/lib/sysimage/rpm", "var/lib/rpm", "usr/share/rpm"}
	rpmFiles = []struct {
		name string
		each func(ctx context.Context, fsys fs.FS, name string, header func([]byte)) error
	}{
		{"rpmdb.sqlite", rpmSQLite},
		{"Packages.db", rpmNDB},
		{"Packages", rpmBerkeley},
	}
)

const (
	maxRPMDatabase = 1 << 30  // the largest seen in the field is under 300 MB
	maxRPMHeader   = 64 << 20 // rpm's own bound is 256 MB; the largest in the field is under 20 MB
	maxRPMs        = 200_000
)

var errTooManyRPMs = fmt.Errorf("more than %d packages; the rest was left out", maxRPMs)

// rpmPackages lists what rpm has installed.
func rpmPackages(ctx context.Context, fsys fs.FS, os engine.OS, own func(string), log *problems) []engine.Package {
	for _, dir := range rpmDirs {
		for _, f := range rpmFiles {
			name := path.Join(dir, f.name)
			r := rpmReader{file: name, os: os, eco: ecosystem(typeRPM, os), distro: distroQualifier(os), own: own, log: log}
			err := f.each(ctx, fsys, name, r.header)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			log.fail(name, err)
			return r.pkgs
		}
	}
	return nil
}

type rpmReader struct {
	file        string
	os          engine.OS
	eco, distro string
	own         func(string)
	log         *problems
	pkgs        []engine.Package
}

// header takes one record of the database.
func (r *rpmReader) header(blob []byte) {
	h, err := parseRPMHeader(blob)
	if err != nil {
		r.log.add(r.file, fmt.Sprintf("a package record could not be read (%v); it was left out", err))
		return
	}
	if h.name == "gpg-pubkey" { // keys are stored like packages and are none
		return
	}
	h.files(r.own)
	r.pkgs = append(r.pkgs, r.pkg(h))
}

func (r *rpmReader) pkg(h rpmHeader) engine.Package {
	epoch := ""
	if h.epoch > 0 {
		epoch = strconv.Itoa(h.epoch)
	}
	version := joined(epoch, ":", h.version+"-"+h.release)
	p := engine.Package{
		Name: h.name, Version: version, Arch: h.arch, Module: h.module, Ecosystem: r.eco, Path: r.file,
		PURL: purlOf(typeRPM, r.os.ID, h.name, h.version+"-"+h.release,
			"arch", h.arch, "epoch", epoch, "distro", r.distro, "upstream", h.source, "modularitylabel", h.module),
	}
	if h.license != "" {
		p.Licenses = []string{h.license}
	}
	if h.source != "" && advisoriesBySource(r.eco) {
		setUpstream(&p, typeRPM, h.source)
	}
	return p
}

// sourceRPM splits the name of a source archive: glibc-2.28-225.el8.src.rpm.
func sourceRPM(file string) (name, version string, ok bool) {
	base, ok := strings.CutSuffix(file, ".src.rpm")
	if !ok {
		if base, ok = strings.CutSuffix(file, ".nosrc.rpm"); !ok {
			return "", "", false
		}
	}
	rel := strings.LastIndexByte(base, '-')
	if rel <= 0 {
		return "", "", false
	}
	ver := strings.LastIndexByte(base[:rel], '-')
	if ver <= 0 {
		return "", "", false
	}
	return base[:ver], base[ver+1:], true
}

// withEpochOf gives a source version the epoch of the package built from it,
// which the name of a source archive does not carry.
func withEpochOf(version, source string) string {
	if epoch, _, ok := strings.Cut(version, ":"); ok {
		return epoch + ":" + source
	}
	return source
}

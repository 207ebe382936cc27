package inventory

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"holdfast/engine"
)

const (
	maxArchive    = 4 << 30
	maxDirectory  = 32 << 20  // of the list of entries at the end of an archive
	maxNestedJar  = 128 << 20 // of one archive inside another
	maxNestedJars = 512 << 20 // of all archives inside one, together
	maxNesting    = 4
	maxProperties = 1 << 20
)

func wantsJava(name string, _ fs.DirEntry) bool { return isJavaArchive(name) }

func isJavaArchive(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jar", ".war", ".ear", ".hpi", ".jpi":
		return true
	}
	return false
}

func readJava(fsys fs.FS, name string) ([]engine.Package, error) {
	f, size, err := openAt(fsys, name, maxArchive)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if size == 0 {
		return nil, nil
	}
	j := jarReader{left: maxNestedJars}
	err = j.read(f, size, name, 0)
	return j.pkgs, err
}

// jarReader reads an archive and those inside it.
type jarReader struct {
	left int64 // bytes of nested archives that may still be unpacked
	pkgs []engine.Package
}

// read lists what Maven's build wrote into the archive. where names the archive,
// with those around it: "a.war!/WEB-INF/lib/b.jar".
func (j *jarReader) read(r io.ReaderAt, size int64, where string, depth int) error {
	if n := directorySize(r, size); n > maxDirectory {
		return fmt.Errorf("%s has a list of entries over %d MB and was not read", path.Base(where), maxDirectory>>20)
	}
	z, err := zip.NewReader(r, size)
	if err != nil {
		return fmt.Errorf("%s is not a readable archive: %w", path.Base(where), err)
	}
	before, manifest := len(j.pkgs), (*zip.File)(nil)
	var nested []*zip.File
	for _, f := range z.File {
		switch {
		case strings.HasPrefix(f.Name, "META-INF/maven/") && path.Base(f.Name) == "pom.properties":
			if err := j.properties(f, where); err != nil {
				return err
			}
		case strings.EqualFold(f.Name, "META-INF/MANIFEST.MF"):
			manifest = f
		case isJavaArchive(f.Name):
			nested = append(nested, f)
		}
	}
	if len(j.pkgs) == before && len(nested) == 0 {
		if err := j.guess(manifest, where); err != nil {
			return err
		}
	}
	for _, f := range nested {
		if err := j.nested(f, where, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// directorySize is how much of the end of an archive its list of entries may take
// up, by what the archive says. The reader of the standard library holds the whole
// list in memory and trusts no count, so the size has to be known before. Zero
// means that there is no list, which the reader then reports.
func directorySize(r io.ReaderAt, size int64) int64 {
	const endLen, maxComment, locatorLen, end64Len = 22, 1 << 16, 20, 56
	tail := make([]byte, min(size, endLen+maxComment+locatorLen))
	if _, err := r.ReadAt(tail, size-int64(len(tail))); err != nil && err != io.EOF {
		return 0
	}
	at := bytes.LastIndex(tail, []byte("PK\x05\x06"))
	if at < 0 || at+endLen > len(tail) {
		return 0
	}
	le := binary.LittleEndian
	length, offset := int64(le.Uint32(tail[at+12:])), int64(le.Uint32(tail[at+16:]))
	if l := at - locatorLen; l >= 0 && string(tail[l:l+4]) == "PK\x06\x07" {
		var end [end64Len]byte
		if _, err := r.ReadAt(end[:], int64(le.Uint64(tail[l+8:]))); err != nil {
			return 0
		}
		length, offset = int64(le.Uint64(end[40:])), int64(le.Uint64(end[48:]))
	}
	return max(length, size-offset)
}

func (j *jarReader) nested(f *zip.File, where string, depth int) error {
	where += "!/" + f.Name
	if depth > maxNesting {
		return fmt.Errorf("%s: archives are nested more than %d deep", where, maxNesting)
	}
	if f.UncompressedSize64 > maxNestedJar || int64(f.UncompressedSize64) > j.left {
		return fmt.Errorf("%s: the archives inside are too large (over %d MB, or %d MB together) and were not all read",
			where, maxNestedJar>>20, maxNestedJars>>20)
	}
	data, err := readEntry(f, int64(f.UncompressedSize64))
	if err != nil {
		return err
	}
	j.left -= int64(len(data))
	return j.read(bytes.NewReader(data), int64(len(data)), where, depth)
}

func readEntry(f *zip.File, limit int64) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("entry %s: %w", clip(f.Name), err)
	}
	defer r.Close()
	return engine.ReadAllLimited(r, f.Name, limit)
}

func (j *jarReader) properties(f *zip.File, where string) error {
	data, err := readEntry(f, maxProperties)
	if err != nil {
		return err
	}
	values := map[string]string{}
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(line, "="); ok && !strings.HasPrefix(key, "#") {
			values[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	group, artifact, version := values["groupId"], values["artifactId"], values["version"]
	if group == "" || artifact == "" || version == "" || strings.Contains(version, "${") {
		return nil
	}
	j.pkgs = append(j.pkgs, engine.Package{Name: group + ":" + artifact, Version: version,
		Ecosystem: languages["maven"], Path: where, PURL: purlOf("maven", group, artifact, version)})
	return nil
}

var jarName = regexp.MustCompile(`^(.+?)[-_]v?(\d[\w.+-]*)$`)

// guess names an archive that Maven did not build, by its file name or its
// manifest. Without a group no advisory can be found, so it has no ecosystem; it
// is listed so that people know of it.
func (j *jarReader) guess(manifest *zip.File, where string) error {
	base := strings.TrimSuffix(path.Base(where), path.Ext(where))
	p := engine.Package{Name: base, Path: where}
	if m := jarName.FindStringSubmatch(base); m != nil {
		p.Name, p.Version = m[1], m[2]
	} else if manifest != nil {
		data, err := readEntry(manifest, maxProperties)
		if err != nil {
			return err
		}
		fields := mailHeader(data)
		p.Version = fields["implementation-version"]
		if p.Version == "" {
			p.Version = fields["bundle-version"]
		}
	}
	if p.Version == "" {
		return nil
	}
	p.PURL = purlOf("generic", "", p.Name, p.Version)
	j.pkgs = append(j.pkgs, p)
	return nil
}

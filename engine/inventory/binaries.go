package inventory

import (
	"compress/zlib"
	"debug/buildinfo"
	"debug/elf"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"holdfast/engine"
)

const (
	minBinary  = 64 << 10 // no Go or Rust program is smaller
	maxBinary  = 2 << 30
	maxAudit   = 16 << 20 // of cargo-auditable's list, unpacked
	auditName  = ".dep-v0"
	goInfoName = ".go.buildinfo"
	executable = 0o111
)

// wantsBinary takes executable files. Most files are refused by name, for asking
// for the mode may cost.
func wantsBinary(name string, d fs.DirEntry) bool {
	if !maybeProgram(path.Base(name)) {
		return false
	}
	info, err := d.Info()
	return err == nil && info.Mode()&executable != 0 && info.Size() >= minBinary
}

// maybeProgram refuses names that end in letters after a dot (.py, .txt, .so):
// programs have no extension, or a version.
func maybeProgram(base string) bool {
	ext := strings.TrimPrefix(path.Ext(base), ".")
	return ext == "" || ext == "bin" || strings.ContainsAny(ext, "0123456789-_")
}

// readBinary lists the modules that the Go linker or cargo-auditable wrote into a
// program. Other programs have none.
func readBinary(fsys fs.FS, name string) ([]engine.Package, error) {
	r, _, err := openAt(fsys, name, maxBinary)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	f, err := elf.NewFile(r)
	if err != nil {
		return nil, nil // a script, or a program that is cut off
	}
	if s := f.Section(auditName); s != nil {
		return readAudit(s)
	}
	if f.Section(goInfoName) == nil {
		return nil, nil
	}
	info, err := buildinfo.Read(r)
	if err != nil {
		return nil, fmt.Errorf("it is a Go program whose list of modules cannot be read: %w", err)
	}
	return goModules(info), nil
}

func goModules(info *buildinfo.BuildInfo) []engine.Package {
	var pkgs []engine.Package
	add := func(name, version string, direct bool) {
		p := engine.Package{Name: name, Version: goVersion(version), Ecosystem: languages["golang"], Direct: direct}
		dir, base := path.Split(name)
		p.PURL = purlOf("golang", strings.TrimSuffix(dir, "/"), base, version)
		pkgs = append(pkgs, p)
	}
	// "go1.22.1 X:boringcrypto" is a release with an experiment.
	release, _, _ := strings.Cut(strings.TrimPrefix(info.GoVersion, "go"), " ")
	add("stdlib", release, false)
	if info.Main.Path != "" && info.Main.Version != "" && info.Main.Version != "(devel)" {
		add(info.Main.Path, info.Main.Version, true)
	}
	for _, d := range info.Deps {
		m := d
		if m.Replace != nil {
			m = m.Replace
		}
		if m.Path != "" && m.Version != "" { // a replacement by a directory has no version
			add(m.Path, m.Version, false)
		}
	}
	return pkgs
}

// readAudit reads the list of crates that cargo-auditable embeds.
func readAudit(s *elf.Section) ([]engine.Package, error) {
	z, err := zlib.NewReader(s.Open())
	if err != nil {
		return nil, fmt.Errorf("its list of crates cannot be unpacked: %w", err)
	}
	data, err := engine.ReadAllLimited(z, auditName, maxAudit)
	if err != nil {
		return nil, err
	}
	var list struct {
		Packages []struct {
			Name, Version, Source, Kind string
			Root                        bool
		}
	}
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, fmt.Errorf("its list of crates is broken: %w", err)
	}
	var pkgs []engine.Package
	for _, c := range list.Packages {
		if c.Kind == "build" { // took part in the build and is not in the program
			continue
		}
		pkgs = append(pkgs, engine.Package{Name: c.Name, Version: c.Version, Ecosystem: languages["cargo"],
			Direct: c.Root, PURL: purlOf("cargo", "", c.Name, c.Version)})
	}
	return pkgs, nil
}

package inventory

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"holdfast/engine"
)

// A reader finds the packages of one language in a file. Our own are small; the
// library with all of them would be most of the size of the product.
type reader struct {
	name  string
	wants func(name string, d fs.DirEntry) bool
	read  func(fsys fs.FS, name string) ([]engine.Package, error)
}

// readers are asked in this order; the first that wants a file gets it.
var readers = []reader{
	{"npm package", wantsNPM, readNPM},
	{"Python package", wantsPython, readPython},
	{"Ruby gem", wantsGem, readGem},
	{"Java archive", wantsJava, readJava},
	{"Go or Rust program", wantsBinary, readBinary},
}

// maxManifest bounds the small text files that describe a package.
const maxManifest = 8 << 20

// wantsNPM takes node_modules/name/package.json and node_modules/@scope/name/package.json.
func wantsNPM(name string, _ fs.DirEntry) bool {
	dir, base := path.Split(name)
	if base != "package.json" {
		return false
	}
	parent := path.Dir(path.Clean(dir))
	if strings.HasPrefix(path.Base(parent), "@") {
		parent = path.Dir(parent)
	}
	return path.Base(parent) == "node_modules"
}

func readNPM(fsys fs.FS, name string) ([]engine.Package, error) {
	data, err := engine.ReadLimited(fsys, name, maxManifest)
	if err != nil {
		return nil, err
	}
	var m struct {
		Name    string          `json:"name"`
		Version string          `json:"version"`
		License json.RawMessage `json:"license"`
	}
	if err := json.Unmarshal(bytes.TrimPrefix(data, utf8BOM), &m); err != nil {
		return nil, fmt.Errorf("it is not a package.json: %w", err)
	}
	if m.Name == "" || m.Version == "" {
		return nil, nil // a directory inside a package, made to mark its module type
	}
	p := engine.Package{Name: m.Name, Version: m.Version, Ecosystem: languages["npm"], Licenses: npmLicense(m.License)}
	scope, base, ok := strings.Cut(m.Name, "/")
	if !ok {
		scope, base = "", m.Name
	}
	p.PURL = purlOf("npm", scope, base, m.Version)
	return []engine.Package{p}, nil
}

// npmLicense reads the two forms of the field: a text, or the old object.
func npmLicense(raw json.RawMessage) []string {
	var text string
	var object struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(raw, &text) != nil && json.Unmarshal(raw, &object) == nil {
		text = object.Type
	}
	if text == "" {
		return nil
	}
	return []string{text}
}

// wantsPython takes name.dist-info/METADATA, name.egg-info/PKG-INFO and the file
// name.egg-info.
func wantsPython(name string, _ fs.DirEntry) bool {
	dir, base := path.Split(name)
	dir = strings.TrimSuffix(dir, "/")
	switch {
	case base == "METADATA":
		return strings.HasSuffix(dir, ".dist-info")
	case base == "PKG-INFO":
		return strings.HasSuffix(dir, ".egg-info") || strings.HasSuffix(dir, "EGG-INFO")
	}
	return strings.HasSuffix(base, ".egg-info")
}

func readPython(fsys fs.FS, name string) ([]engine.Package, error) {
	data, err := engine.ReadLimited(fsys, name, maxManifest)
	if err != nil {
		return nil, err
	}
	fields := mailHeader(data)
	if fields["name"] == "" || fields["version"] == "" {
		return nil, errors.New("it has no Name or no Version")
	}
	p := engine.Package{Name: pypiName(fields["name"]), Version: fields["version"], Ecosystem: languages["pypi"]}
	for _, key := range []string{"license-expression", "license"} {
		if l := fields[key]; l != "" && l != "UNKNOWN" && len(l) < 200 {
			p.Licenses = []string{l}
			break
		}
	}
	// pip leaves this mark when a person asked for the package by name.
	_, err = fs.Stat(fsys, path.Join(path.Dir(name), "REQUESTED"))
	p.Direct = err == nil
	p.PURL = purlOf("pypi", "", p.Name, p.Version)
	return []engine.Package{p}, nil
}

// mailHeader reads the first value of each field up to the first empty line, the
// names in lower case.
func mailHeader(data []byte) map[string]string {
	out := map[string]string{}
	for line := range bytes.Lines(data) {
		text := strings.TrimRight(string(line), "\r\n")
		if text == "" {
			break
		}
		key, value, ok := strings.Cut(text, ":")
		key = strings.ToLower(key)
		if _, seen := out[key]; ok && !seen && !strings.HasPrefix(text, " ") {
			out[key] = strings.TrimSpace(value)
		}
	}
	return out
}

// wantsGem takes specifications/name-version.gemspec, where RubyGems writes what
// it installed.
func wantsGem(name string, _ fs.DirEntry) bool {
	if !strings.HasSuffix(name, ".gemspec") {
		return false
	}
	dir := path.Dir(name)
	return path.Base(dir) == "specifications" || path.Base(path.Dir(dir)) == "specifications"
}

var gemField = regexp.MustCompile(`^\s*\w+\.(name|version|licenses?)\s*=\s*\[?(?:Gem::Version\.new\()?\s*["']([^"']+)["']`)

func readGem(fsys fs.FS, name string) ([]engine.Package, error) {
	data, err := engine.ReadLimited(fsys, name, maxManifest)
	if err != nil {
		return nil, err
	}
	p := engine.Package{Ecosystem: languages["gem"]}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, maxManifest)
	for lines.Scan() {
		m := gemField.FindStringSubmatch(lines.Text())
		switch {
		case m == nil:
		case m[1] == "name":
			p.Name = m[2]
		case m[1] == "version":
			p.Version = m[2]
		default:
			p.Licenses = []string{m[2]}
		}
	}
	if p.Name == "" || p.Version == "" {
		return nil, errors.Join(errors.New("it has no plain name or version"), lines.Err())
	}
	p.PURL = purlOf("gem", "", p.Name, p.Version)
	return []engine.Package{p}, nil
}

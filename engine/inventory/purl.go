package inventory

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	packageurl "github.com/package-url/packageurl-go"

	"holdfast/engine"
)

// languages maps the types of package URLs to the ecosystems of the OSV schema.
var languages = map[string]string{
	"npm": "npm", "pypi": "PyPI", "golang": "Go", "cargo": "crates.io", "maven": "Maven", "nuget": "NuGet",
	"composer": "Packagist", "gem": "RubyGems", "hex": "Hex", "pub": "Pub", "swift": "SwiftURL",
	"hackage": "Hackage", "cran": "CRAN", "conan": "ConanCenter", "bitnami": "Bitnami", "julia": "Julia",
	"githubactions": "GitHub Actions", "k8s": "Kubernetes", "vscode": "VSCode",
}

// fromPURL reads a package URL into a package. A type that we do not know keeps
// the package, with an empty ecosystem.
func fromPURL(s string) (engine.Package, error) {
	u, err := packageurl.FromString(s)
	if err != nil {
		return engine.Package{}, fmt.Errorf("package URL %q: %w", s, err)
	}
	q := u.Qualifiers.Map()
	p := engine.Package{Name: joined(u.Namespace, "/", u.Name), Version: u.Version, PURL: s, Arch: q["arch"]}
	switch u.Type {
	case typeDeb, typeAPK, typeRPM:
		distroPackage(&p, u, q)
		return p, nil
	case "maven":
		p.Name = joined(u.Namespace, ":", u.Name)
	case "golang":
		p.Name, p.Version = goName(s, p.Name), goVersion(u.Version)
	case "pypi":
		p.Name = pypiName(u.Name)
	}
	p.Ecosystem = languages[u.Type]
	return p, nil
}

// distroPackage fills what package URLs of distributions carry in qualifiers.
func distroPackage(p *engine.Package, u packageurl.PackageURL, q map[string]string) {
	p.Name = u.Name
	p.Ecosystem = ecosystem(u.Type, distroOf(u.Type, u.Namespace, q["distro"], u.Version))
	if e := q["epoch"]; e != "" && e != "0" && !strings.Contains(p.Version, ":") {
		p.Version = e + ":" + p.Version
	}
	p.Module = q["modularitylabel"]
	if p.Module == "" {
		p.Module = q["rpmmod"]
	}
	if p.Arch == "source" || p.Arch == "src" {
		return
	}
	if up := q["upstream"]; up != "" && (u.Type != typeRPM || advisoriesBySource(p.Ecosystem)) {
		setUpstream(p, u.Type, up)
	}
}

// setUpstream reads the source package: "glibc", "glibc@2.36-9" or, of an rpm,
// the name of the source archive.
func setUpstream(p *engine.Package, kind, upstream string) {
	name, version, _ := strings.Cut(upstream, "@")
	if kind == typeRPM {
		if n, v, ok := sourceRPM(upstream); ok {
			name, version = n, withEpochOf(p.Version, v)
		}
	}
	if name != p.Name {
		p.Source = name
	}
	if version != p.Version {
		p.SourceVer = version
	}
}

// distTag is the release of Enterprise Linux in the version of an rpm.
var distTag = regexp.MustCompile(`\.el(\d+)`)

// distroOf reads the distribution from the namespace and the distro qualifier,
// which is written in many ways: debian-12, bookworm, 3.18.4, rocky-linux-8-4.
func distroOf(kind, namespace, distro, version string) engine.OS {
	distro = strings.ToLower(distro)
	os := engine.OS{ID: strings.ToLower(namespace)}
	if i := strings.LastIndex(distro, "/"); i >= 0 { // esm-infra/xenial
		distro = distro[i+1:]
	}
	i := strings.IndexAny(distro, "0123456789")
	if i < 0 {
		os.Codename = distro[strings.LastIndex(distro, "-")+1:]
		if os.Codename == "edge" || distro == "opensuse-tumbleweed" {
			os.VersionID = os.Codename
		}
	} else {
		os.VersionID = distro[i:]
	}
	if name := strings.Trim(distro[:max(i, 0)], "-v"); strings.HasPrefix(name, "opensuse") || os.ID == "" {
		os.ID = name
	}
	if distro == "opensuse-tumbleweed" {
		os.ID = distro
	}
	if kind == typeRPM {
		if os.VersionID == "" {
			if m := distTag.FindStringSubmatch(version); m != nil {
				os.VersionID = m[1]
			}
		}
		os.VersionID, _, _ = strings.Cut(os.VersionID, "-")
	}
	return os
}

// goName takes the module path from the text of the package URL, because its
// parser makes it lower case and module paths are case sensitive.
func goName(purl, fallback string) string {
	_, rest, ok := strings.Cut(purl, "/")
	if !ok {
		return fallback
	}
	if i := strings.IndexAny(rest, "@?#"); i >= 0 {
		rest = rest[:i]
	}
	name, err := url.PathUnescape(strings.Trim(rest, "/"))
	if err != nil || !strings.EqualFold(name, fallback) {
		return fallback
	}
	return name
}

// goVersion drops the v: the OSV schema writes versions of Go modules without it.
func goVersion(v string) string { return strings.TrimPrefix(v, "v") }

var pypiSeparators = regexp.MustCompile(`[-_.]+`)

// pypiName is the normal form of a Python package name (PEP 503).
func pypiName(name string) string {
	return strings.ToLower(pypiSeparators.ReplaceAllString(name, "-"))
}

func joined(namespace, sep, name string) string {
	if namespace == "" {
		return name
	}
	return namespace + sep + name
}

// purlOf writes a package URL. Qualifiers come in pairs; empty ones are left out.
func purlOf(kind, namespace, name, version string, pairs ...string) string {
	var q packageurl.Qualifiers
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q = append(q, packageurl.Qualifier{Key: pairs[i], Value: pairs[i+1]})
		}
	}
	return packageurl.NewPackageURL(kind, namespace, name, version, q, "").ToString()
}

// distroQualifier is the distribution and its release as package URLs carry it.
func distroQualifier(os engine.OS) string {
	switch {
	case os.ID == "":
		return ""
	case os.VersionID != "":
		return os.ID + "-" + os.VersionID
	case os.Codename != "":
		return os.ID + "-" + os.Codename
	}
	return os.ID
}

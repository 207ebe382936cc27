package feed

import "strings"

// debianReleases are the version numbers of Debian's code names.
var debianReleases = map[string]string{
	"wheezy": "7", "jessie": "8", "stretch": "9", "buster": "10", "bullseye": "11",
	"bookworm": "12", "trixie": "13", "forky": "14", "duke": "15",
}

// Canonical is the one spelling under which an ecosystem and its release are
// filed, whatever the source or the inventory writes: "Debian:12.5" and
// "Debian:bookworm" are "Debian:12", "Ubuntu:22.04:LTS" is "Ubuntu:22.04",
// "Alpine:3.18.4" is "Alpine:v3.18".
func Canonical(ecosystem string) string {
	base, release, ok := strings.Cut(ecosystem, ":")
	if !ok {
		return ecosystem
	}
	if release = canonicalRelease(base, release); release == "" {
		return base
	}
	return base + ":" + release
}

// Base is the ecosystem without its release.
func Base(ecosystem string) string {
	base, _, _ := strings.Cut(ecosystem, ":")
	return base
}

func canonicalRelease(base, release string) string {
	switch base {
	case "Debian":
		if number := debianReleases[release]; number != "" {
			return number
		}
		return numbers(release, 1)
	case "Ubuntu":
		return strings.TrimSuffix(release, ":LTS")
	case "Alpine":
		return alpineRelease(release)
	case "AlmaLinux", "Rocky Linux":
		return numbers(release, 1)
	case "Red Hat":
		return redHatRelease(release)
	}
	return release
}

// alpineRelease is v3.18; edge and other names stay.
func alpineRelease(release string) string {
	digits := strings.TrimPrefix(release, "v")
	if digits == "" || digits[0] < '0' || digits[0] > '9' {
		return release
	}
	return "v" + numbers(digits, 2)
}

// redHatRelease reads the CPE part of Red Hat's ecosystems: the repository behind
// "::" does not change the version rules, and the main product is left unnamed.
func redHatRelease(release string) string {
	release, _, _ = strings.Cut(release, "::")
	if main, ok := strings.CutPrefix(release, "enterprise_linux:"); ok {
		release = main
	}
	if strings.Contains(release, ":") {
		return release
	}
	return numbers(release, 1)
}

// numbers keeps the first n parts of a release that starts with a digit.
func numbers(release string, n int) string {
	if release == "" || release[0] < '0' || release[0] > '9' {
		return release
	}
	parts := strings.SplitN(release, ".", n+1)
	return strings.Join(parts[:min(n, len(parts))], ".")
}

// canonicalName is the one spelling of a package name where the ecosystem itself
// does not tell spellings apart.
func canonicalName(ecosystem, name string) string {
	switch Base(ecosystem) {
	case "PyPI":
		return pep503(name)
	case "NuGet", "Packagist", "GitHub Actions":
		return strings.ToLower(name)
	}
	return name
}

// pep503 lowers the case and turns runs of hyphens, underscores and dots into one
// hyphen, as PEP 503 says.
func pep503(name string) string {
	if isPEP503(name) {
		return name
	}
	out := make([]byte, 0, len(name))
	for i := 0; i < len(name); i++ {
		switch c := name[i]; {
		case c == '-' || c == '_' || c == '.':
			if n := len(out); n == 0 || out[n-1] != '-' {
				out = append(out, '-')
			}
		case 'A' <= c && c <= 'Z':
			out = append(out, c|0x20)
		default:
			out = append(out, c)
		}
	}
	return string(out)
}

func isPEP503(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		if c == '_' || c == '.' || ('A' <= c && c <= 'Z') || (c == '-' && i > 0 && name[i-1] == '-') {
			return false
		}
	}
	return true
}

package vulnmatch

import "strings"

// A comparer orders two versions: negative, zero or positive as a is older than,
// equal to or newer than b. It accepts any text and never fails: an advisory with
// a malformed version must not stop a run.
type comparer func(a, b string) int

// comparers lists the ecosystems of the OSV schema whose versions can be ordered,
// by their name without the release ("Debian" of "Debian:12").
var comparers = map[string]comparer{
	"Debian": compareDebian,
	"Ubuntu": compareDebian,
	"Echo":   compareDebian,

	"AlmaLinux":   compareRPM,
	"Azure Linux": compareRPM,
	"Fedora":      compareRPM,
	"Mageia":      compareRPM,
	"Photon OS":   compareRPM,
	"Red Hat":     compareRPM,
	"Rocky Linux": compareRPM,
	"SUSE":        compareRPM,
	"openEuler":   compareRPM,
	"openSUSE":    compareRPM,

	"Alpaquita":                    compareAlpine,
	"Alpine":                       compareAlpine,
	"BellSoft Hardened Containers": compareAlpine,
	"Chainguard":                   compareAlpine,
	"MinimOS":                      compareAlpine,
	"Wolfi":                        compareAlpine,

	"Bioconductor":   compareSemVer,
	"ConanCenter":    compareSemVer,
	"crates.io":      compareSemVer,
	"GHC":            compareSemVer,
	"GitHub Actions": compareSemVer,
	"Go":             compareGo,
	"Hex":            compareSemVer,
	"Julia":          compareSemVer,
	"Kubernetes":     compareSemVer,
	"npm":            compareSemVer,
	"Pub":            comparePub,
	"SwiftURL":       compareSemVer,

	"Bitnami":   compareBitnami,
	"CRAN":      compareNumberList,
	"Hackage":   compareNumberList,
	"Maven":     compareMaven,
	"NuGet":     compareNuGet,
	"Packagist": comparePackagist,
	"PyPI":      comparePEP440,
	"RubyGems":  compareGem,
}

// Compare orders two versions by the rules of an ecosystem, with or without its
// release ("Debian" or "Debian:12"). The result is -1, 0 or 1; ok is false when
// the versions of that ecosystem cannot be ordered.
func Compare(ecosystem, a, b string) (order int, ok bool) {
	base, _, _ := strings.Cut(ecosystem, ":")
	compare := comparers[base]
	if compare == nil {
		return 0, false
	}
	return sign(compare(a, b)), true
}

func sign(n int) int { return min(1, max(-1, n)) }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isLower(c byte) bool { return 'a' <= c && c <= 'z' }

func isLetter(c byte) bool { return isLower(c | 0x20) }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// digitsEnd is the index behind the run of digits that starts at i.
func digitsEnd(s string, i int) int {
	for i < len(s) && isDigit(s[i]) {
		i++
	}
	return i
}

func allDigits(s string) bool { return s != "" && digitsEnd(s, 0) == len(s) }

// compareNumber orders two runs of digits by value, whatever their length; the
// empty run counts as zero. Real versions hold numbers beyond 64 bits.
func compareNumber(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// compareFold is strings.Compare for ASCII without regard to case.
func compareFold(a, b string) int {
	for i := 0; i < len(a) && i < len(b); i++ {
		if x, y := lower(a[i]), lower(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

// hasFoldPrefix reports whether s starts with prefix, which is in lower case.
func hasFoldPrefix(s, prefix string) bool {
	return len(s) >= len(prefix) && compareFold(s[:len(prefix)], prefix) == 0
}

// compareNumberList is the order of CRAN and Hackage: lists of numbers between
// dots or hyphens, where the longer list is newer when the shorter is its start.
func compareNumberList(a, b string) int {
	for a != "" && b != "" {
		var x, y string
		x, a = cutAny(a, ".-")
		y, b = cutAny(b, ".-")
		if d := compareNumberFirst(x, y, strings.Compare); d != 0 {
			return d
		}
	}
	return len(a) - len(b)
}

// compareNumberFirst compares numbers by value and words by text; a number is
// newer than a word.
func compareNumberFirst(x, y string, text comparer) int {
	switch nx, ny := allDigits(x), allDigits(y); {
	case nx && ny:
		return compareNumber(x, y)
	case nx:
		return 1
	case ny:
		return -1
	}
	return text(x, y)
}

// cutAny cuts s behind the part that ends at the first of the separators.
func cutAny(s, separators string) (part, rest string) {
	if i := strings.IndexAny(s, separators); i >= 0 {
		return s[:i], s[i+1:]
	}
	return s, ""
}

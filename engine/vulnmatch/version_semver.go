package vulnmatch

import "strings"

// compareSemVer is the order of Semantic Versioning 2.0.0, lenient in what it
// reads: a leading v, fewer or more than three numbers. Build data has no order.
func compareSemVer(a, b string) int {
	v, w := parseSemVer(a), parseSemVer(b)
	if d := compareCore(v.core, w.core); d != 0 {
		return d
	}
	return comparePreRelease(v.pre, w.pre, strings.Compare)
}

// compareGo is SemVer for module versions; the standard library is versioned
// "1.22.3" in advisories and "go1.22.3" by the tool chain.
func compareGo(a, b string) int {
	return compareSemVer(strings.TrimPrefix(a, "go"), strings.TrimPrefix(b, "go"))
}

// compareNuGet is SemVer with four numbers and without regard to case.
func compareNuGet(a, b string) int {
	v, w := parseSemVer(a), parseSemVer(b)
	if d := compareCore(v.core, w.core); d != 0 {
		return d
	}
	return comparePreRelease(v.pre, w.pre, compareFold)
}

// comparePub is SemVer, but a version with build data is newer than the same
// version without.
func comparePub(a, b string) int {
	if d := compareSemVer(a, b); d != 0 {
		return d
	}
	v, w := parseSemVer(a), parseSemVer(b)
	if v.build == "" || w.build == "" {
		return len(v.build) - len(w.build)
	}
	return compareIdentifiers(v.build, w.build, strings.Compare)
}

// compareBitnami is SemVer, but a number behind the hyphen is the revision of the
// packaging, newer than the version without.
func compareBitnami(a, b string) int {
	v, w := parseSemVer(a), parseSemVer(b)
	if d := compareCore(v.core, w.core); d != 0 {
		return d
	}
	x, y := "", ""
	if allDigits(v.pre) {
		x, v.pre = v.pre, ""
	}
	if allDigits(w.pre) {
		y, w.pre = w.pre, ""
	}
	if d := comparePreRelease(v.pre, w.pre, strings.Compare); d != 0 {
		return d
	}
	return compareNumber(x, y)
}

type semVer struct{ core, pre, build string }

func parseSemVer(s string) semVer {
	s = strings.TrimPrefix(s, "v")
	i := 0
	for i < len(s) && (isDigit(s[i]) || s[i] == '.') {
		i++
	}
	pre, build, _ := strings.Cut(s[i:], "+")
	return semVer{core: s[:i], pre: strings.TrimPrefix(pre, "-"), build: build}
}

// compareCore compares numbers between dots; a missing number is zero.
func compareCore(a, b string) int {
	for a != "" || b != "" {
		var x, y string
		x, a = cutAny(a, ".")
		y, b = cutAny(b, ".")
		if d := compareNumber(x, y); d != 0 {
			return d
		}
	}
	return 0
}

// comparePreRelease: a version without a pre-release part is the newer one.
func comparePreRelease(a, b string, text comparer) int {
	switch {
	case a == "" && b == "":
		return 0
	case a == "":
		return 1
	case b == "":
		return -1
	}
	return compareIdentifiers(a, b, text)
}

// compareIdentifiers follows item 11 of the SemVer specification: numbers by
// value and before words, words by text, the longer list is newer.
func compareIdentifiers(a, b string, text comparer) int {
	for {
		x, restA, moreA := strings.Cut(a, ".")
		y, restB, moreB := strings.Cut(b, ".")
		if d := compareIdentifier(x, y, text); d != 0 {
			return d
		}
		switch {
		case !moreA && !moreB:
			return 0
		case !moreA:
			return -1
		case !moreB:
			return 1
		}
		a, b = restA, restB
	}
}

func compareIdentifier(x, y string, text comparer) int {
	switch nx, ny := allDigits(x), allDigits(y); {
	case nx && ny:
		return compareNumber(x, y)
	case nx:
		return -1
	case ny:
		return 1
	}
	return text(x, y)
}

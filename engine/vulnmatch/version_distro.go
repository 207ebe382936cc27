package vulnmatch

import "strings"

// compareDebian is the order of dpkg (deb-version(7)): epoch, upstream version,
// revision. A missing epoch or revision counts as zero.
func compareDebian(a, b string) int {
	ae, au, ar := splitDebian(a)
	be, bu, br := splitDebian(b)
	if d := compareNumber(ae, be); d != 0 {
		return d
	}
	if d := compareDebianPart(au, bu); d != 0 {
		return d
	}
	return compareDebianPart(ar, br)
}

func splitDebian(s string) (epoch, upstream, revision string) {
	s = strings.TrimSpace(s)
	if i := digitsEnd(s, 0); i < len(s) && s[i] == ':' {
		epoch, s = s[:i], s[i+1:]
	}
	if i := strings.LastIndexByte(s, '-'); i >= 0 {
		return epoch, s[:i], s[i+1:]
	}
	return epoch, s, ""
}

// compareDebianPart follows dpkg's verrevcmp: by turns a run of other characters,
// by weight, and a run of digits, by value.
func compareDebianPart(a, b string) int {
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		for (i < len(a) && !isDigit(a[i])) || (j < len(b) && !isDigit(b[j])) {
			x, y := debianWeight(a, i), debianWeight(b, j)
			if x != y {
				return x - y
			}
			i, j = i+1, j+1
		}
		i, j = min(i, len(a)), min(j, len(b))
		x, y := digitsEnd(a, i), digitsEnd(b, j)
		if d := compareNumber(a[i:x], b[j:y]); d != 0 {
			return d
		}
		i, j = x, y
	}
	return 0
}

// debianWeight sorts a tilde before the end of the part, the end before letters,
// and letters before all other characters.
func debianWeight(s string, i int) int {
	switch {
	case i >= len(s) || isDigit(s[i]):
		return 0
	case s[i] == '~':
		return -1
	case isLetter(s[i]):
		return int(s[i])
	}
	return int(s[i]) + 256
}

// compareRPM is the order of rpm: epoch, version, release. A missing epoch is
// zero; a missing release is older than any release.
func compareRPM(a, b string) int {
	ae, av, ar, aHas := splitRPM(a)
	be, bv, br, bHas := splitRPM(b)
	if d := compareNumber(ae, be); d != 0 {
		return d
	}
	if d := compareRPMPart(av, bv); d != 0 {
		return d
	}
	switch {
	case aHas && bHas:
		return compareRPMPart(ar, br)
	case aHas:
		return 1
	case bHas:
		return -1
	}
	return 0
}

func splitRPM(s string) (epoch, version, release string, hasRelease bool) {
	if i := digitsEnd(s, 0); i < len(s) && s[i] == ':' {
		epoch, s = s[:i], s[i+1:]
	}
	version, release, hasRelease = strings.Cut(s, "-")
	return epoch, version, release, hasRelease
}

// compareRPMPart follows rpmvercmp: runs of digits and runs of letters; all else
// separates. A tilde sorts before the end of the text, a caret just behind it.
func compareRPMPart(a, b string) int {
	i, j := 0, 0
	for {
		i, j = skipRPMSeparators(a, i), skipRPMSeparators(b, j)
		x, y := rpmClass(a, i), rpmClass(b, j)
		if x != y {
			return x - y
		}
		switch x {
		case rpmEnd:
			return 0
		case rpmTilde, rpmCaret:
			i, j = i+1, j+1
			continue
		}
		m, n := rpmRunEnd(a, i), rpmRunEnd(b, j)
		d := 0
		if x == rpmNumber {
			d = compareNumber(a[i:m], b[j:n])
		} else {
			d = strings.Compare(a[i:m], b[j:n])
		}
		if d != 0 {
			return d
		}
		i, j = m, n
	}
}

// What may stand at a place of an rpm version, oldest first.
const (
	rpmTilde = iota
	rpmEnd
	rpmCaret
	rpmLetters
	rpmNumber
)

func rpmClass(s string, i int) int {
	switch {
	case i >= len(s):
		return rpmEnd
	case s[i] == '~':
		return rpmTilde
	case s[i] == '^':
		return rpmCaret
	case isDigit(s[i]):
		return rpmNumber
	}
	return rpmLetters
}

func skipRPMSeparators(s string, i int) int {
	for i < len(s) && !isDigit(s[i]) && !isLetter(s[i]) && s[i] != '~' && s[i] != '^' {
		i++
	}
	return i
}

func rpmRunEnd(s string, i int) int {
	if isDigit(s[i]) {
		return digitsEnd(s, i)
	}
	for i < len(s) && isLetter(s[i]) {
		i++
	}
	return i
}

package vulnmatch

import "strings"

// An alpineVersion is a version of apk cut into its parts, each a piece of the
// original text: 1.2.3 a _rc1_p2 ~hash -r4 and what does not belong.
type alpineVersion struct {
	numbers  string
	letter   byte
	suffixes string
	release  string
	released bool // there is a -r part
	rest     string
	tail     string // from the last number to the end, when the text is malformed there
}

// compareAlpine is the order of apk. A commit hash (~abc123) has no order and is
// left out, as in apk itself.
func compareAlpine(a, b string) int {
	v, w := parseAlpine(a), parseAlpine(b)
	if d := compareAlpineNumbers(v.numbers, w.numbers); d != 0 {
		return d
	}
	if v.letter != w.letter {
		return int(v.letter) - int(w.letter)
	}
	if d := compareAlpineSuffixes(v.suffixes, w.suffixes); d != 0 {
		return d
	}
	if d := compareNumber(v.release, w.release); d != 0 {
		return d
	}
	return compareAlpineRest(v, w)
}

func parseAlpine(s string) alpineVersion {
	var v alpineVersion
	i := 0
	for i < len(s) && isDigit(s[i]) {
		i = digitsEnd(s, i)
		v.numbers = s[:i]
		if i < len(s) && s[i] == '.' {
			i++
		}
	}
	if i < len(s) && isLower(s[i]) {
		v.letter = s[i]
		i++
	}
	start := i
	for {
		end, _, ok := alpineSuffix(s, i)
		if !ok {
			break
		}
		i = end
	}
	v.suffixes = s[start:i]
	i = skipAlpineHash(s, i)
	if strings.HasPrefix(s[i:], "-r") {
		end := digitsEnd(s, i+2)
		v.release, v.released, i = s[i+2:end], true, end
	}
	v.rest = s[i:]
	if v.rest != "" && !v.released && v.rest[0] != '-' {
		v.tail = s[len(v.numbers):]
	}
	return v
}

func skipAlpineHash(s string, i int) int {
	if i >= len(s) || s[i] != '~' {
		return i
	}
	end := i + 1
	for end < len(s) && (isDigit(s[end]) || ('a' <= s[end] && s[end] <= 'f')) {
		end++
	}
	if end == i+1 {
		return i
	}
	return end
}

// compareAlpineNumbers compares the first number by value; a later one that
// starts with a zero is a fraction and compares as text.
func compareAlpineNumbers(a, b string) int {
	for first := true; a != "" && b != ""; first = false {
		var x, y string
		x, a = cutAny(a, ".")
		y, b = cutAny(b, ".")
		var d int
		if !first && x != "" && y != "" && (x[0] == '0' || y[0] == '0') {
			d = strings.Compare(x, y)
		} else {
			d = compareNumber(x, y)
		}
		if d != 0 {
			return d
		}
	}
	return len(a) - len(b)
}

// alpineSuffixWords in order of age; the empty word is where a version without
// suffix stands. "p" is last because "pre" starts with it.
var alpineSuffixWords = [...]string{"alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p"}

const alpineNoSuffix = 4

// alpineSuffix reads one suffix such as _rc2 at i; weight is its place in
// alpineSuffixWords.
func alpineSuffix(s string, i int) (end, weight int, ok bool) {
	if i >= len(s) || s[i] != '_' {
		return i, alpineNoSuffix, false
	}
	for weight, word := range alpineSuffixWords {
		if word != "" && strings.HasPrefix(s[i+1:], word) {
			return digitsEnd(s, i+1+len(word)), weight, true
		}
	}
	return i, alpineNoSuffix, false
}

func compareAlpineSuffixes(a, b string) int {
	for a != "" || b != "" {
		m, x, _ := alpineSuffix(a, 0)
		n, y, _ := alpineSuffix(b, 0)
		if x != y {
			return x - y
		}
		skip := 1 + len(alpineSuffixWords[x])
		if d := compareNumber(a[skip:m], b[skip:n]); d != 0 {
			return d
		}
		a, b = a[m:], b[n:]
	}
	return 0
}

// compareAlpineRest decides between versions that are equal but for a malformed
// end: the well-formed one is newer.
func compareAlpineRest(v, w alpineVersion) int {
	switch {
	case v.rest == "" && w.rest == "":
		return 0
	case v.rest == "":
		return 1
	case w.rest == "":
		return -1
	}
	return strings.Compare(v.tail, w.tail)
}

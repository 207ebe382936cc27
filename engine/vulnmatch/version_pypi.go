package vulnmatch

import "strings"

// A pep440 is a version of PEP 440 cut into its parts, each a piece of the text.
type pep440 struct {
	epoch, release string
	pre            byte // 'a', 'b' or 'r' (rc); 0: none
	preN           string
	post, dev      bool
	postN, devN    string
	local          string
}

// comparePEP440 is the order of PEP 440. A version that does not follow it is
// older than all that do, and two such compare by their words and numbers.
func comparePEP440(a, b string) int {
	v, okV := parsePEP440(a)
	w, okW := parsePEP440(b)
	switch {
	case !okV && !okW:
		return compareNatural(a, b)
	case !okV:
		return -1
	case !okW:
		return 1
	}
	if d := compareNumber(v.epoch, w.epoch); d != 0 {
		return d
	}
	if d := compareCore(v.release, w.release); d != 0 {
		return d
	}
	if d := v.comparePhase(w); d != 0 {
		return d
	}
	return compareLocal(v.local, w.local)
}

// phase places the parts behind the release: dev of the release itself, then
// pre-releases, then the release, then post releases.
func (v *pep440) phase() int {
	switch {
	case v.pre != 0:
		return int(v.pre)
	case !v.post && v.dev:
		return 0
	}
	return 'z'
}

func (v *pep440) comparePhase(w pep440) int {
	if d := v.phase() - w.phase(); d != 0 {
		return d
	}
	if d := compareNumber(v.preN, w.preN); d != 0 {
		return d
	}
	if d := compareOptional(v.post, w.post, v.postN, w.postN, -1); d != 0 {
		return d
	}
	return compareOptional(v.dev, w.dev, v.devN, w.devN, 1)
}

// compareOptional compares two numbers that may be absent; absent is the result
// when only the first is.
func compareOptional(hasA, hasB bool, a, b string, absent int) int {
	switch {
	case hasA && hasB:
		return compareNumber(a, b)
	case hasB:
		return absent
	case hasA:
		return -absent
	}
	return 0
}

func parsePEP440(s string) (pep440, bool) {
	var v pep440
	s = strings.TrimSpace(s)
	if s != "" && lower(s[0]) == 'v' {
		s = s[1:]
	}
	s, v.local, _ = strings.Cut(s, "+")
	if i := digitsEnd(s, 0); i > 0 && i < len(s) && s[i] == '!' {
		v.epoch, s = s[:i], s[i+1:]
	}
	end := releaseEnd(s)
	if end == 0 {
		return v, false
	}
	v.release, s = s[:end], s[end:]
	s = v.readPre(s)
	s = v.readPost(s)
	s = v.readDev(s)
	return v, s == ""
}

// releaseEnd is the end of numbers between single dots at the start of s.
func releaseEnd(s string) int {
	end := digitsEnd(s, 0)
	for end > 0 && end+1 < len(s) && s[end] == '.' && isDigit(s[end+1]) {
		end = digitsEnd(s, end+1)
	}
	return end
}

// pep440Words are the spellings of a phase; a word that starts with another one
// stands before it.
var (
	pep440Pre  = [...]string{"alpha", "beta", "preview", "pre", "rc", "a", "b", "c"}
	pep440Post = [...]string{"post", "rev", "r"}
	pep440Dev  = [...]string{"dev"}
)

func (v *pep440) readPre(s string) string {
	word, number, rest := readPhase(s, pep440Pre[:])
	if word == "" {
		return s
	}
	v.pre, v.preN = word[0], number
	if v.pre == 'p' || v.pre == 'c' {
		v.pre = 'r'
	}
	return rest
}

func (v *pep440) readPost(s string) string {
	if len(s) > 1 && s[0] == '-' && isDigit(s[1]) { // 1.0-1
		end := digitsEnd(s, 1)
		v.post, v.postN = true, s[1:end]
		return s[end:]
	}
	word, number, rest := readPhase(s, pep440Post[:])
	if word == "" {
		return s
	}
	v.post, v.postN = true, number
	return rest
}

func (v *pep440) readDev(s string) string {
	word, number, rest := readPhase(s, pep440Dev[:])
	if word == "" {
		return s
	}
	v.dev, v.devN = true, number
	return rest
}

// readPhase reads an optional separator, one of the words, and an optional number
// that may have its own separator.
func readPhase(s string, words []string) (word, number, rest string) {
	body := s
	if body != "" && isPEP440Separator(body[0]) {
		body = body[1:]
	}
	for _, w := range words {
		if !hasFoldPrefix(body, w) {
			continue
		}
		body = body[len(w):]
		start := 0
		if len(body) > 1 && isPEP440Separator(body[0]) && isDigit(body[1]) {
			start = 1
		}
		end := digitsEnd(body, start)
		if end == start {
			// "1.0a-" is legal only when a later phase follows the separator.
			return w, "", body
		}
		return w, body[start:end], body[end:]
	}
	return "", "", s
}

func isPEP440Separator(c byte) bool { return c == '.' || c == '-' || c == '_' }

// compareLocal compares the labels behind the plus: numbers by value and above
// words, the longer is newer.
func compareLocal(a, b string) int {
	for a != "" && b != "" {
		var x, y string
		x, a = cutAny(a, "._-")
		y, b = cutAny(b, "._-")
		if d := compareNumberFirst(x, y, compareFold); d != 0 {
			return d
		}
	}
	return len(a) - len(b)
}

// compareNatural compares runs of digits by value and all else as text without
// regard to case.
func compareNatural(a, b string) int {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		if isDigit(a[i]) && isDigit(b[j]) {
			m, n := digitsEnd(a, i), digitsEnd(b, j)
			if d := compareNumber(a[i:m], b[j:n]); d != 0 {
				return d
			}
			i, j = m, n
			continue
		}
		if x, y := lower(a[i]), lower(b[j]); x != y {
			return int(x) - int(y)
		}
		i, j = i+1, j+1
	}
	return (len(a) - i) - (len(b) - j)
}

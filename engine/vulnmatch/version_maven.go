package vulnmatch

// A mavenToken is one number or qualifier with the character before it.
type mavenToken struct {
	prefix byte // '.', '-', or 0 for the first
	text   string
	number bool
	filled bool // stands in for what the shorter version lacks
}

// compareMaven is the order of Maven's version specification: numbers and
// qualifiers cut at dots, hyphens and between digits and letters, empty values at
// the ends dropped, ".word" < "-word" < "-number" < ".number".
func compareMaven(a, b string) int {
	var bufA, bufB [usualTokens]mavenToken
	v := trimMaven(appendMavenTokens(bufA[:0], a))
	w := trimMaven(appendMavenTokens(bufB[:0], b))
	for i := 0; i < len(v) || i < len(w); i++ {
		x, y := mavenTokenAt(v, w, i), mavenTokenAt(w, v, i)
		if d := compareMavenToken(x, y); d != 0 {
			return d
		}
	}
	return 0
}

// mavenTokenAt fills the shorter list with the empty value that fits the other
// side: 0 behind a dot, nothing behind a hyphen.
func mavenTokenAt(list, other []mavenToken, i int) mavenToken {
	if i < len(list) {
		return list[i]
	}
	t := mavenToken{prefix: other[i].prefix, filled: true}
	if t.prefix == '.' && compareFold(other[i].text, "sp") != 0 {
		t.text, t.number = "0", true
	}
	return t
}

func compareMavenToken(x, y mavenToken) int {
	if x.prefix != y.prefix {
		return mavenPlace(x) - mavenPlace(y)
	}
	switch {
	case x.number && y.number:
		return compareNumber(x.text, y.text)
	case x.number && !x.filled:
		return 1
	case y.number && !y.filled:
		return -1
	}
	p, q := mavenQualifier(x.text), mavenQualifier(y.text)
	if p == q && p == len(mavenQualifiers) {
		return compareFold(x.text, y.text)
	}
	return p - q
}

func mavenPlace(t mavenToken) int {
	switch {
	case t.prefix == '.' && t.number:
		return 3
	case t.prefix == '-' && t.number:
		return 2
	case t.prefix == '-':
		return 1
	}
	return 0
}

// mavenQualifiers in order of age; unknown words follow in the order of text.
var mavenQualifiers = [...]string{"alpha", "beta", "milestone", "rc", "snapshot", "", "sp"}

func mavenQualifier(s string) int {
	for i, q := range mavenQualifiers {
		if compareFold(s, q) == 0 {
			return i
		}
	}
	return len(mavenQualifiers)
}

func appendMavenTokens(list []mavenToken, s string) []mavenToken {
	prefix := byte(0)
	for i := 0; ; {
		end := mavenRunEnd(s, i)
		text := s[i:end]
		beforeDigit := end < len(s) && isDigit(s[end])
		list = append(list, newMavenToken(prefix, text, beforeDigit))
		if end == len(s) {
			return list
		}
		if s[end] == '.' || s[end] == '-' {
			prefix, i = s[end], end+1
		} else {
			prefix, i = '-', end // a change between digits and letters counts as a hyphen
		}
	}
}

func mavenRunEnd(s string, i int) int {
	if i < len(s) && isDigit(s[i]) {
		return digitsEnd(s, i)
	}
	for i < len(s) && s[i] != '.' && s[i] != '-' && !isDigit(s[i]) {
		i++
	}
	return i
}

// newMavenToken resolves the aliases of qualifiers; a, b and m are short for
// alpha, beta and milestone only right before a number.
func newMavenToken(prefix byte, text string, beforeDigit bool) mavenToken {
	t := mavenToken{prefix: prefix, text: text, number: allDigits(text)}
	switch {
	case text == "":
		t.text, t.number = "0", true
	case t.number:
	case compareFold(text, "cr") == 0:
		t.text = "rc"
	case compareFold(text, "ga") == 0, compareFold(text, "final") == 0, compareFold(text, "release") == 0:
		t.text = ""
	case beforeDigit && compareFold(text, "a") == 0:
		t.text = "alpha"
	case beforeDigit && compareFold(text, "b") == 0:
		t.text = "beta"
	case beforeDigit && compareFold(text, "m") == 0:
		t.text = "milestone"
	}
	return t
}

// trimMaven drops empty values from the end, and from before each hyphen.
func trimMaven(list []mavenToken) []mavenToken {
	for i := len(list) - 1; i > 0; {
		if list[i].empty() {
			list = append(list[:i], list[i+1:]...)
			i--
			continue
		}
		for i >= 0 && list[i].prefix != '-' {
			i--
		}
		i--
	}
	return list
}

func (t mavenToken) empty() bool {
	return t.text == "" || (t.number && compareNumber(t.text, "") == 0)
}

package vulnmatch

import "strings"

// The orders of RubyGems, Packagist and Maven work on lists of words and numbers.
// They are cut into arrays on the stack; only absurdly long versions allocate.
const usualTokens = 24

// A gemToken is a segment of a version; the segments change between digits and
// other characters and at dots.
type gemToken struct {
	text   string
	number bool
}

// compareGem is the order of Gem::Version: numbers are newer than words, trailing
// zeros of the release and of the pre-release do not count.
func compareGem(a, b string) int {
	var bufA, bufB [usualTokens]gemToken
	v := trimGem(appendGemTokens(bufA[:0], a))
	w := trimGem(appendGemTokens(bufB[:0], b))
	for i := 0; i < len(v) || i < len(w); i++ {
		x, y := gemTokenAt(v, i), gemTokenAt(w, i)
		if d := compareNumberFirst(x.text, y.text, strings.Compare); d != 0 {
			return d
		}
	}
	return 0
}

func gemTokenAt(list []gemToken, i int) gemToken {
	if i < len(list) {
		return list[i]
	}
	return gemToken{"0", true}
}

func appendGemTokens(list []gemToken, s string) []gemToken {
	for i := 0; i < len(s); {
		switch {
		case s[i] == '.':
			i++
		case s[i] == '-': // Gem::Version reads a hyphen as ".pre."
			list = append(list, gemToken{"pre", false})
			i++
		case isDigit(s[i]):
			end := digitsEnd(s, i)
			list = append(list, gemToken{s[i:end], true})
			i = end
		default:
			end := i
			for end < len(s) && !isDigit(s[end]) && s[end] != '.' && s[end] != '-' {
				end++
			}
			list = append(list, gemToken{s[i:end], false})
			i = end
		}
	}
	return list
}

// trimGem drops the zeros at the end of the leading numbers and at the end of all.
func trimGem(list []gemToken) []gemToken {
	n := 0
	for n < len(list) && list[n].number {
		n++
	}
	kept := n
	for kept > 0 && compareNumber(list[kept-1].text, "") == 0 {
		kept--
	}
	list = append(list[:kept], list[n:]...)
	for len(list) > kept && list[len(list)-1].number && compareNumber(list[len(list)-1].text, "") == 0 {
		list = list[:len(list)-1]
	}
	return list
}

// comparePackagist is PHP's version_compare, with a leading v dropped as Composer
// does: unknown words and dev < alpha < beta < RC < number < patch level.
func comparePackagist(a, b string) int {
	var bufA, bufB [usualTokens]gemToken
	v, w := appendPHPTokens(bufA[:0], a), appendPHPTokens(bufB[:0], b)
	n := min(len(v), len(w))
	for i := range n {
		x, y := v[i], w[i]
		d := 0
		if x.number && y.number {
			d = compareNumber(x.text, y.text)
		} else {
			d = phpWeight(x) - phpWeight(y)
		}
		if d != 0 {
			return d
		}
	}
	return phpTail(v[n:]) - phpTail(w[n:])
}

// phpTail says how the rest of the longer version compares with nothing.
func phpTail(rest []gemToken) int {
	for _, t := range rest {
		if t.number {
			return 1
		}
		if d := phpWeight(t) - phpNumber; d != 0 {
			return d
		}
	}
	return 0
}

const phpNumber = 4

func phpWeight(t gemToken) int {
	if t.number {
		return phpNumber
	}
	for weight, word := range [...]string{"dev", "a", "b", "rc", "#", "p"} {
		if hasFoldPrefix(t.text, word) {
			return weight
		}
	}
	return 0
}

func appendPHPTokens(list []gemToken, s string) []gemToken {
	if s != "" && lower(s[0]) == 'v' {
		s = s[1:]
	}
	for i := 0; i < len(s); {
		end := i
		switch {
		case isPHPSeparator(s[i]):
			i++
			continue
		case isDigit(s[i]):
			end = digitsEnd(s, i)
			list = append(list, gemToken{s[i:end], true})
		default:
			for end < len(s) && !isDigit(s[end]) && !isPHPSeparator(s[end]) {
				end++
			}
			list = append(list, gemToken{s[i:end], false})
		}
		i = end
	}
	return list
}

func isPHPSeparator(c byte) bool { return c == '.' || c == '-' || c == '_' || c == '+' }

package font

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// marksPerSign bounds stacked accents, so that no text grows over its neighbours.
const marksPerSign = 3

// Clean makes text from outside safe to set: valid UTF-8, every kind of line end
// as '\n', tabs as spaces, and no control signs. Signs that change the reading
// direction by force are dropped too, because they let a text show something other
// than it says; words written from right to left stay as they are.
func Clean(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	marks := 0
	s = strings.ReplaceAll(s, "\r\n", "\n")
	for _, r := range s {
		switch {
		case r == '\t' || r == '\v' || r == '\f':
			r = ' '
		case r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029:
			r = '\n'
		}
		if unicode.Is(unicode.Mn, r) || unicode.Is(unicode.Me, r) {
			if marks++; marks > marksPerSign && !variation(r) {
				continue
			}
		} else {
			marks = 0
		}
		if !dropped(r) {
			b.WriteRune(r) // an invalid byte arrives here as U+FFFD
		}
	}
	return b.String()
}

// OneLine is Clean on one line: line ends and runs of space become one space.
func OneLine(s string) string { return strings.Join(strings.Fields(Clean(s)), " ") }

// plain reports text that Clean would return unchanged, the usual case.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c < ' ' && c != '\n' || c == 0x7F {
			return false
		}
	}
	return true
}

func variation(r rune) bool { return r >= 0xFE00 && r <= 0xFE0F }

// dropped lists what never reaches a page: control signs, marks that force a
// direction, empty signs, and code points that are no signs at all.
func dropped(r rune) bool {
	switch {
	case r == '\n':
		return false
	case unicode.IsControl(r):
		return true
	case r == 0x00AD, r == 0x061C, r == 0x200B, r == 0x200E, r == 0x200F, r == 0xFEFF:
		return true
	case r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x206F:
		return true
	case r >= 0xFDD0 && r <= 0xFDEF, r&0xFFFE == 0xFFFE, r >= 0xFFF9 && r <= 0xFFFB:
		return true
	}
	return false
}

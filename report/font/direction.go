package font

import (
	"slices"
	"unicode"

	"golang.org/x/text/unicode/bidi"
)

// visual puts a line into the order in which it is seen. A PDF prints signs from
// left to right, so words of Hebrew or Arabic have to be turned. This is the core
// of the Unicode bidirectional algorithm for one line without explicit marks,
// which Clean has dropped: runs against the direction of the line are turned,
// numbers inside them are not.
func visual(s string) string {
	if !rightToLeft(s) {
		return s
	}
	signs := []rune(s)
	levels := embed(signs)
	for level := slices.Max(levels); level > 0; level-- {
		for start := 0; start < len(signs); start++ {
			end := start
			for end < len(signs) && levels[end] >= level {
				end++
			}
			if end > start+1 {
				slices.Reverse(signs[start:end])
				slices.Reverse(levels[start:end])
			}
			start = max(start, end)
		}
	}
	for i, r := range signs {
		signs[i] = mirror(r, levels, i)
	}
	return string(signs)
}

// RightToLeft reports text that is read from right to left, by its first strong sign.
func RightToLeft(s string) bool {
	for _, r := range s {
		if d := strong(r); d != 0 {
			return d < 0
		}
	}
	return false
}

// rightToLeft reports text with anything in it that has to be turned.
func rightToLeft(s string) bool {
	for _, r := range s {
		if r >= 0x590 && strong(r) == -1 {
			return true
		}
	}
	return false
}

// strong is +1 for a sign read from left to right, -1 for right to left, 0 for
// signs that take the direction of their surroundings.
func strong(r rune) int {
	p, _ := bidi.LookupRune(r)
	switch p.Class() {
	case bidi.L:
		return 1
	case bidi.R, bidi.AL:
		return -1
	}
	return 0
}

// embed gives every sign its level: even reads from left to right, odd from right
// to left. The first strong sign sets the direction of the line.
func embed(signs []rune) []int {
	base := 0
	if RightToLeft(string(signs)) {
		base = 1
	}
	levels := make([]int, len(signs))
	current := base
	pending := 0 // neutral signs since the last strong one
	for i, r := range signs {
		var level int
		switch d := strong(r); {
		case d < 0:
			level = 1
		case d > 0:
			level = 2 * base
		case unicode.IsDigit(r):
			level = 2
			if current%2 == 0 {
				level = current
			}
		case unicode.Is(unicode.Mn, r):
			level = current
		default:
			levels[i] = base
			pending++
			continue
		}
		if pending > 0 && level%2 == current%2 {
			for j := i - pending; j < i; j++ {
				levels[j] = min(level, current)
			}
		}
		levels[i], pending = level, 0
		if !unicode.IsDigit(r) {
			current = level
		}
	}
	return levels
}

var mirrored = map[rune]rune{'(': ')', ')': '(', '[': ']', ']': '[', '{': '}', '}': '{', '<': '>', '>': '<', '«': '»', '»': '«'}

func mirror(r rune, levels []int, i int) rune {
	if m, ok := mirrored[r]; ok && levels[i]%2 == 1 {
		return m
	}
	return r
}

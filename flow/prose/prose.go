// Package prose helps to write sentences out of records.
package prose

import (
	"fmt"
	"strings"
	"unicode"
)

// Cut shortens text at a border between characters.
func Cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n-3], "") + "…"
}

// Clean drops what a record may not hold, or what machines should not hand on to people:
// control characters, broken encoding, and what turns the direction of text or is seen by
// nobody. What scripts need to join and order their letters stays.
func Clean(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r < ' ' && r != '\n' && r != '\t', r >= 0x7f && r < 0xa0, r == '\uFFFD':
			return -1
		case r >= 0x200c && r <= 0x200f, r == 0x00ad: // joiners, marks of order, the soft hyphen
			return r
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, s)
}

// FirstOf is the first text that says something; empty when none does.
func FirstOf(texts ...string) string {
	for _, t := range texts {
		if strings.TrimSpace(t) != "" {
			return t
		}
	}
	return ""
}

// FirstWords keeps the first n words, cleaned and cut; empty ones are left out.
func FirstWords(words []string, n int) []string {
	var kept []string
	for _, w := range words[:min(len(words), n)] {
		if w = Cut(Clean(strings.TrimSpace(w)), 1000); w != "" {
			kept = append(kept, w)
		}
	}
	return kept
}

// Plural counts: 1 host, 2 hosts.
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Lower begins a text with a small letter.
func Lower(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// Upper begins a text with a capital letter.
func Upper(s string) string {
	if s == "" {
		return ""
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// Sentence ends a text with a full stop and begins it with a capital letter.
func Sentence(s string) string {
	s = strings.TrimSpace(s)
	if s == "" {
		return ""
	}
	if !strings.ContainsAny(s[len(s)-1:], ".!?…") {
		s += "."
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

package isms

import (
	"encoding/hex"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"holdfast/kind"
)

// titleLength keeps a title that was taken from longer text readable in a list.
const titleLength = 100

// entitle gives a record without a natural title one made of its other fields;
// what people wrote stays. Parts that are empty are left out.
func entitle(b *Base, parts ...string) {
	if strings.TrimSpace(b.Title) != "" {
		return
	}
	parts = slices.DeleteFunc(parts, func(s string) bool { return strings.TrimSpace(s) == "" })
	b.Title = firstLine(strings.Join(parts, ", "))
}

// firstLine is the first line of the text that holds words, without the marks of
// a heading, a quotation or a list, shortened at a space.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.TrimLeft(strings.TrimSpace(line), "#>*-+ "))
		if line != "" {
			return shorten(line, titleLength)
		}
	}
	return ""
}

// shorten cuts the text to at most n characters, at a space where there is one.
func shorten(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	cut := string([]rune(s)[:n-1])
	if i := strings.LastIndexByte(cut, ' '); i > 0 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:") + "…"
}

// words is a choice as people read it: "in_review" is "In review".
func words[T ~string](value T) string {
	if value == "" {
		return ""
	}
	return kind.Humanise(string(value))
}

// byDay is the end of a title that says until when: "by 2026-11-21".
func byDay(d Date) string {
	if d == "" {
		return ""
	}
	return "by " + string(d)
}

// ordered tells when the second of two times lies before the first. Times that
// are not set are never wrong.
func ordered(field string, first, second Instant, message string) error {
	if first.IsZero() || second.IsZero() || !second.Before(first) {
		return nil
	}
	return kind.Fieldf(field, "%s", message)
}

// complaints puts the answers of several checks together; nil when all is well.
func complaints(errs ...error) error {
	var bad []kind.FieldError
	for _, err := range errs {
		bad = append(bad, kind.FieldsOf(err)...)
	}
	if bad == nil {
		return nil
	}
	return kind.InvalidFields(bad)
}

// notNegative refuses numbers below zero.
func notNegative[N int | float64 | Money](field string, n N) error {
	if n < 0 {
		return kind.Fieldf(field, "cannot be negative")
	}
	return nil
}

// within refuses numbers outside the limits.
func within[N int | float64](field string, n, low, high N) error {
	if n < low || n > high {
		return kind.Fieldf(field, "is a number from %v to %v", low, high)
	}
	return nil
}

// daysOrdered tells when the second of two days lies before the first.
func daysOrdered(field string, first, second Date, message string) error {
	if first == "" || second == "" || second >= first {
		return nil
	}
	return kind.Fieldf(field, "%s", message)
}

// isHex tells whether the text is n hexadecimal digits.
func isHex(text string, n int) bool {
	b, err := hex.DecodeString(text)
	return err == nil && 2*len(b) == n
}

// isAddress tells whether the text is an IP address.
func isAddress(text string) bool {
	_, err := netip.ParseAddr(text)
	return err == nil
}

// isNetwork tells whether the text is an IP network in prefix form.
func isNetwork(text string) bool {
	_, err := netip.ParsePrefix(text)
	return err == nil
}

// seal keeps the hash of text that may not be changed any more, so that a later
// change is noticed, and drops it when the text is open again (ADR 32).
func seal(hash *string, text string, closed bool) {
	switch {
	case !closed:
		*hash = ""
	case *hash == "":
		*hash = hashText(text)
	}
}

// broken tells whether the text was changed after it was sealed.
func broken(hash, text string) bool { return hash != "" && hash != hashText(text) }

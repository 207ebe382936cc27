package ui

import (
	"strconv"
	"strings"
	"unicode"
)

// initials returns the first letters of the first and last word of a name.
func initials(name string) string {
	words := strings.FieldsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || r == '-' })
	switch len(words) {
	case 0:
		return "?"
	case 1:
		return firstUpper(words[0])
	}
	return firstUpper(words[0]) + firstUpper(words[len(words)-1])
}

func firstUpper(word string) string {
	for _, r := range word {
		return string(unicode.ToUpper(r))
	}
	return ""
}

// capped keeps a counter on a bell small.
func capped(n int) string {
	if n > 99 {
		return "99+"
	}
	return strconv.Itoa(n)
}

func alertsLabel(n int) string {
	switch n {
	case 0:
		return "Alerts, none unread"
	case 1:
		return "Alerts, 1 unread"
	}
	return "Alerts, " + strconv.Itoa(n) + " unread"
}

func boolean(b bool) string { return strconv.FormatBool(b) }

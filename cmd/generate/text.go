package main

import (
	"bytes"
	"strings"

	"holdfast/kind"
)

const notice = "<!-- Made by cmd/generate from the code. Change the code and run \"make gen\". -->\n"

// cell makes text fit into one cell of a table. HTML is shown, not obeyed.
func cell(s string) string {
	return strings.NewReplacer("\n", " ", "|", `\|`, "<", "&lt;").Replace(strings.TrimSpace(s))
}

// prose is text outside a table, in which HTML is shown and not obeyed.
func prose(s string) string { return strings.ReplaceAll(strings.TrimSpace(s), "<", "&lt;") }

// code is text in the type of code; empty text stays empty.
func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

// codes joins words in the type of code.
func codes(words []string) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = code(w)
	}
	return strings.Join(list, ", ")
}

// heading is a name as a title.
func heading[T ~string](name T) string { return kind.Humanise(string(name)) }

// firstDifference is the number of the first line in which two texts differ, or 0.
func firstDifference(a, b []byte) int {
	if bytes.Equal(a, b) {
		return 0
	}
	x, y := bytes.Split(a, []byte("\n")), bytes.Split(b, []byte("\n"))
	for i := range min(len(x), len(y)) {
		if !bytes.Equal(x[i], y[i]) {
			return i + 1
		}
	}
	return min(len(x), len(y)) + 1
}

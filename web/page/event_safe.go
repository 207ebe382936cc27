package page

import (
	"context"
	"fmt"
	"html"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/a-h/templ"
)

// A log line is written by whoever attacks us. Its letters are shown; whatever else is
// in it is named instead of obeyed: control characters and terminal escapes, marks that
// turn the direction of text, characters that nobody sees, and bytes that are no text.

// A glimpse is a piece of a line: text, or the name of a character that is not shown.
type glimpse struct {
	text   string
	hidden string // what it is, in words; empty for text
}

// maxMarks is how many marks a letter may carry before they are named, not drawn: they
// would reach into other lines.
const maxMarks = 4

// glimpses cuts a line into pieces, up to a number of characters. It tells whether
// there is more.
func glimpses(line []byte, limit int) (list []glimpse, more bool) {
	var text strings.Builder
	flush := func() {
		if text.Len() > 0 {
			list = append(list, glimpse{text: text.String()})
			text.Reset()
		}
	}
	marks := 0
	for n := 0; len(line) > 0; n++ {
		if n == limit {
			flush()
			return list, true
		}
		r, size := utf8.DecodeRune(line)
		hidden := unseen(r, line[:size])
		if unicode.In(r, unicode.Mn, unicode.Me) {
			if marks++; marks > maxMarks {
				hidden = fmt.Sprintf("U+%04X", r)
			}
		} else {
			marks = 0
		}
		if hidden == "" {
			text.Write(line[:size])
		} else {
			flush()
			list = append(list, glimpse{text: sign(r, line[:size]), hidden: hidden})
		}
		line = line[size:]
	}
	flush()
	return list, false
}

// names of the characters that are met most.
var unseenNames = map[rune]string{
	0: "null", '\t': "tabulator", '\n': "new line", '\r': "carriage return", 0x1b: "escape, which begins a command to a terminal", 0x7f: "delete",
	0x200b: "space of no width", 0x200e: "left-to-right mark", 0x200f: "right-to-left mark", 0x202d: "left-to-right override", 0x202e: "right-to-left override",
	0x2066: "left-to-right isolate", 0x2067: "right-to-left isolate", 0x2028: "line separator", 0xfeff: "byte order mark",
}

// unseen names a character that is not drawn; empty for one that is.
func unseen(r rune, raw []byte) string {
	switch {
	case r == utf8.RuneError && len(raw) == 1:
		return fmt.Sprintf("byte %#02x, which is no text", raw[0])
	case unicode.IsGraphic(r):
		return ""
	case unseenNames[r] != "":
		return fmt.Sprintf("U+%04X, %s", r, unseenNames[r])
	}
	return fmt.Sprintf("U+%04X", r)
}

// sign stands for a character that is not drawn.
func sign(r rune, raw []byte) string {
	switch {
	case r == utf8.RuneError && len(raw) == 1:
		return fmt.Sprintf(`\x%02x`, raw[0])
	case r < 0x20:
		return string(0x2400 + r)
	case r == 0x7f:
		return "␡"
	}
	return fmt.Sprintf("U+%04X", r)
}

// seen is a line as a component: isolated, so that text from right to left turns
// nothing around it.
func seen(line []byte, limit int) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		list, more := glimpses(line, limit)
		var b strings.Builder
		b.WriteString("<bdi>")
		for _, g := range list {
			if g.hidden == "" {
				b.WriteString(html.EscapeString(g.text))
			} else {
				b.WriteString(`<mark title="` + html.EscapeString(g.hidden) + `">` + html.EscapeString(g.text) + "</mark>")
			}
		}
		if more {
			b.WriteString("…")
		}
		b.WriteString("</bdi>")
		_, err := io.WriteString(w, b.String())
		return err
	})
}

// plainly is a line as plain text, for titles and labels: what is not drawn is named.
func plainly(line string, limit int) string {
	list, more := glimpses([]byte(line), limit)
	var b strings.Builder
	for _, g := range list {
		b.WriteString(g.text)
	}
	if more {
		b.WriteString("…")
	}
	return b.String()
}

// readable is what people wrote, or copied from somebody who attacks us, as it may be
// shown: lines and the marks that scripts need stay, what turns the direction of text or is
// seen by nobody is named, letters are not heaped with marks, and the text has an end.
func readable[T ~string](text T, limit int) string {
	var b strings.Builder
	n, marks := 0, 0
	for _, r := range string(text) {
		if n++; n > limit {
			return b.String() + " …"
		}
		if unicode.In(r, unicode.Mn, unicode.Me) {
			marks++
		} else {
			marks = 0
		}
		switch {
		case marks > maxMarks: // they would reach into other lines
		case r == '\n', r == '\t', r >= 0x200c && r <= 0x200f, unicode.IsGraphic(r):
			b.WriteRune(r)
		default:
			b.WriteString(sign(r, nil))
		}
	}
	return b.String()
}

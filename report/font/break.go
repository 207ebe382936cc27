package font

import (
	"strings"
	"unicode"
)

// A Span is a piece of text in one style. Tag is the caller's own (a link, a
// colour); Break hands it through.
type Span struct {
	Text string
	Face Face
	Size float64
	Tag  int
}

// A Line is what fits beside each other, and how wide it is.
type Line struct {
	Spans []Span
	Width float64
}

// Text of the line without its styles.
func (l Line) Text() string {
	var b strings.Builder
	for _, s := range l.Spans {
		b.WriteString(s.Text)
	}
	return b.String()
}

// Break sets spans into lines no wider than width. It breaks at spaces, after
// hyphens, dashes and slashes, and between ideographs; a word wider than a whole
// line is cut where it must be. '\n' always ends a line. A sign wider than width
// still gets a line of its own, so that the text is never lost.
func Break(spans []Span, width float64) []Line {
	b := breaker{width: width}
	for _, s := range spans {
		b.add(s)
	}
	b.flushWord()
	if len(b.line.Spans) > 0 || len(b.lines) == 0 {
		b.endLine()
	}
	return b.lines
}

// breaker holds the line being filled and the word being read, which may run over
// several spans.
type breaker struct {
	width float64
	lines []Line
	line  Line
	word  []Span
	wide  float64 // width of word
	space Span    // waits until the next word fits
}

func (b *breaker) add(s Span) {
	start, before := 0, rune(0)
	for i, r := range s.Text {
		switch {
		case r == '\n':
			b.push(s, start, i)
			b.flushWord()
			b.endLine()
			start = i + 1
		case r == ' ':
			b.push(s, start, i)
			b.flushWord()
			b.space = Span{Text: " ", Face: s.Face, Size: s.Size, Tag: s.Tag}
			start = i + 1
		case opportunity(before, r):
			b.push(s, start, i)
			b.flushWord()
			start = i
		}
		before = r
	}
	b.push(s, start, len(s.Text))
}

// opportunity reports whether a line may end between two signs that no space parts.
func opportunity(before, after rune) bool {
	switch before {
	case '-', '/', '–', '—', '_', '|':
		return unicode.IsLetter(after) || unicode.IsDigit(after)
	}
	return ideograph(before) && (ideograph(after) || unicode.IsLetter(after))
}

func ideograph(r rune) bool {
	return r >= 0x2E80 && r <= 0xD7AF && r != '。' && r != '、' || r >= 0xF900 && r <= 0xFAFF || r >= 0x20000 && r <= 0x3FFFF
}

func (b *breaker) push(s Span, from, to int) {
	if from < to {
		s.Text = s.Text[from:to]
		b.word = append(b.word, s)
		b.wide += Width(s.Face, s.Size, s.Text)
	}
}

// flushWord puts the word on the line, or on the next one, or cut over several.
func (b *breaker) flushWord() {
	if len(b.word) == 0 {
		return
	}
	gap := 0.0
	if b.space.Text != "" && len(b.line.Spans) > 0 {
		gap = Width(b.space.Face, b.space.Size, " ")
	}
	if len(b.line.Spans) > 0 && b.line.Width+gap+b.wide > b.width+slack {
		b.endLine()
		gap = 0
	}
	if gap > 0 {
		b.put(b.space, gap)
	}
	b.space = Span{}
	if b.line.Width+b.wide > b.width+slack {
		b.cutWord()
	} else {
		for _, s := range b.word {
			b.put(s, Width(s.Face, s.Size, s.Text))
		}
	}
	b.word, b.wide = b.word[:0], 0
}

// slack forgives rounding when a text is set into the width that was measured of it.
const slack = 0.01

func (b *breaker) cutWord() {
	for _, s := range b.word {
		start, wide := 0, 0.0
		for i, r := range s.Text {
			w := Width(s.Face, s.Size, string(r))
			if b.line.Width+wide+w > b.width+slack && b.line.Width+wide > 0 && w > 0 {
				b.put(Span{s.Text[start:i], s.Face, s.Size, s.Tag}, wide)
				b.endLine()
				start, wide = i, 0
			}
			wide += w
		}
		b.put(Span{s.Text[start:], s.Face, s.Size, s.Tag}, wide)
	}
}

// put appends to the line, joining what has the same style.
func (b *breaker) put(s Span, width float64) {
	if s.Text == "" {
		return
	}
	b.line.Width += width
	if n := len(b.line.Spans); n > 0 {
		last := &b.line.Spans[n-1]
		if last.Face == s.Face && last.Size == s.Size && last.Tag == s.Tag {
			last.Text += s.Text
			return
		}
	}
	b.line.Spans = append(b.line.Spans, s)
}

func (b *breaker) endLine() {
	b.lines = append(b.lines, b.line)
	b.line, b.space = Line{}, Span{}
}

// Wrap is Break for text in one style, with at most max lines: what does not fit
// ends in an ellipsis. max below 1 means no limit.
func Wrap(f Face, size float64, text string, width float64, max int) []string {
	lines := Break([]Span{{Text: text, Face: f, Size: size}}, width)
	out := make([]string, 0, len(lines))
	for i, l := range lines {
		if max > 0 && i == max-1 && len(lines) > max {
			return append(out, Fit(f, size, l.Text()+"…", width))
		}
		out = append(out, l.Text())
	}
	return out
}

// Fit shortens text with an ellipsis until it is no wider than width. Nothing is
// left of it when not even the ellipsis fits.
func Fit(f Face, size float64, text string, width float64) string {
	if Width(f, size, text) <= width+slack {
		return text
	}
	const ellipsis = "…"
	text = strings.TrimSuffix(text, ellipsis)
	room := width - Width(f, size, ellipsis)
	if room < -slack {
		return ""
	}
	end, used := 0, 0.0
	for i, r := range text {
		w := Width(f, size, string(r))
		if used+w > room+slack {
			break
		}
		used += w
		end = i + len(string(r))
	}
	return strings.TrimRight(text[:end], " ,.;:–-") + ellipsis
}

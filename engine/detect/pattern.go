package detect

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// A partKind is what one part of a pattern stands for.
type partKind uint8

const (
	partText partKind = iota // itself
	partMany                 // *: any text
	partOne                  // ?: any one character
	partDash                 // any one of the dashes that Windows takes for an option
)

type part struct {
	kind partKind
	text string // of partText
}

// A pattern is a value of a rule in parts.
type pattern []part

// dashes are the characters between which windash does not tell.
const dashes = "-/–—―"

// parsePattern reads a Sigma string: * and ? are wildcards, a backslash before one
// of these or before a backslash makes it plain, any other backslash is itself.
func parsePattern(s string) pattern {
	var p pattern
	var text strings.Builder
	wildcard := func(k partKind) {
		if text.Len() > 0 {
			p = append(p, part{text: text.String()})
			text.Reset()
		}
		if k == partMany && len(p) > 0 && p[len(p)-1].kind == partMany {
			return
		}
		p = append(p, part{kind: k})
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && i+1 < len(s) && strings.IndexByte(`\*?`, s[i+1]) >= 0:
			i++
			text.WriteByte(s[i])
		case c == '*':
			wildcard(partMany)
		case c == '?':
			wildcard(partOne)
		default:
			text.WriteByte(c)
		}
	}
	if text.Len() > 0 {
		p = append(p, part{text: text.String()})
	}
	return p
}

// literal returns the text of a pattern without wildcards.
func (p pattern) literal() (string, bool) {
	switch {
	case len(p) == 0:
		return "", true
	case len(p) == 1 && p[0].kind == partText:
		return p[0].text, true
	}
	return "", false
}

// anchored adds * where the modifier leaves an end open.
func (p pattern) anchored(openStart, openEnd bool) pattern {
	many := part{kind: partMany}
	if openStart && (len(p) == 0 || p[0].kind != partMany) {
		p = append(pattern{many}, p...)
	}
	if openEnd && (len(p) == 0 || p[len(p)-1].kind != partMany) {
		p = append(p[:len(p):len(p)], many)
	}
	return p
}

// windash lets each dash or slash that begins an option stand for all dashes: one
// before a letter, digit or underscore and not after such.
func (p pattern) windash() pattern {
	var out pattern
	for _, q := range p {
		if q.kind != partText {
			out = append(out, q)
			continue
		}
		from, before := 0, ' '
		for i, r := range q.text {
			size := utf8.RuneLen(r)
			next, _ := utf8.DecodeRuneInString(q.text[min(i+max(size, 1), len(q.text)):])
			if strings.ContainsRune(dashes, r) && !isWord(before) && isWord(next) {
				if from < i {
					out = append(out, part{text: q.text[from:i]})
				}
				out = append(out, part{kind: partDash})
				from = i + size
			}
			before = r
		}
		if from < len(q.text) {
			out = append(out, part{text: q.text[from:]})
		}
	}
	return out
}

func isWord(r rune) bool {
	return r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}

// spellings writes a pattern with dashes out in all its forms, for encodings that
// have to know the characters. ok is false when there would be more than limit.
func (p pattern) spellings(limit int) (list []pattern, ok bool) {
	list = []pattern{nil}
	for _, q := range p {
		var texts []string
		if q.kind == partDash {
			for _, r := range dashes {
				texts = append(texts, string(r))
			}
		}
		var next []pattern
		for _, have := range list {
			if texts == nil {
				next = append(next, append(have[:len(have):len(have)], q))
			}
			for _, t := range texts {
				next = append(next, append(have[:len(have):len(have)], part{text: t}))
			}
		}
		if list = next; len(list) > limit {
			return nil, false
		}
	}
	for i := range list {
		list[i] = list[i].merged()
	}
	return list, true
}

// merged joins neighbouring texts.
func (p pattern) merged() pattern {
	var out pattern
	for _, q := range p {
		if n := len(out); n > 0 && q.kind == partText && out[n-1].kind == partText {
			out[n-1].text += q.text
			continue
		}
		out = append(out, q)
	}
	return out
}

// A shape is how a pattern is matched.
type shape uint8

const (
	shapeGlob shape = iota // part by part
	shapeAny               // anything
	shapeExact
	shapePrefix
	shapeSuffix
	shapeContains
)

// A matcher of text: a pattern made ready. Unless cased, texts and the text they are
// matched with are folded.
type textMatcher struct {
	shape   shape
	letters uint64 // a bit for each that the text must have; none when cased
	lit     []byte // of all shapes but glob and any
	parts   *[]globPart
}

// lettersOf has a bit for each letter of a text, several letters for one bit. A text
// that lacks a bit of a pattern cannot fit it: most values of long lists are told so.
func lettersOf(text []byte) uint64 {
	var bits uint64
	for _, c := range text {
		bits |= 1 << (c & 63)
	}
	return bits
}

type globPart struct {
	kind partKind
	lit  []byte
}

func (p pattern) matcher(cased bool) textMatcher {
	ready := func(s string) []byte {
		if cased {
			return []byte(s)
		}
		return foldAppend(nil, []byte(s))
	}
	var m textMatcher
	if lit, ok := p.literal(); ok {
		m.shape, m.lit = shapeExact, ready(lit)
		if !cased {
			m.letters = lettersOf(m.lit)
		}
		return m
	}
	many := func(i int) bool { return p[i].kind == partMany }
	text := func(i int) bool { return p[i].kind == partText }
	switch {
	case len(p) == 1 && many(0):
		m.shape = shapeAny
	case len(p) == 2 && text(0) && many(1):
		m.shape, m.lit = shapePrefix, ready(p[0].text)
	case len(p) == 2 && many(0) && text(1):
		m.shape, m.lit = shapeSuffix, ready(p[1].text)
	case len(p) == 3 && many(0) && text(1) && many(2):
		m.shape, m.lit = shapeContains, ready(p[1].text)
	default:
		var parts []globPart
		for _, q := range p {
			parts = append(parts, globPart{q.kind, ready(q.text)})
		}
		m.parts = &parts
	}
	if !cased {
		m.letters = lettersOf(m.lit)
		if m.parts != nil {
			for _, q := range *m.parts {
				m.letters |= lettersOf(q.lit)
			}
		}
	}
	return m
}

// match says whether the whole text fits.
func (m *textMatcher) match(text []byte) bool {
	switch m.shape {
	case shapeAny:
		return true
	case shapeExact:
		return bytes.Equal(text, m.lit)
	case shapePrefix:
		return bytes.HasPrefix(text, m.lit)
	case shapeSuffix:
		return bytes.HasSuffix(text, m.lit)
	case shapeContains:
		return bytes.Contains(text, m.lit)
	}
	return glob(*m.parts, text)
}

// glob matches part by part and returns only to the latest *, because an earlier one
// could not do better: the time is at most the product of the lengths.
func glob(parts []globPart, text []byte) bool {
	i, at := 0, 0
	star, starAt := -1, 0
	for {
		if i == len(parts) && at == len(text) {
			return true
		}
		if i < len(parts) {
			if parts[i].kind == partMany {
				if i == len(parts)-1 {
					return true
				}
				star, starAt = i, at
				i++
				continue
			}
			if n, ok := parts[i].take(text[at:]); ok {
				i, at = i+1, at+n
				continue
			}
		}
		if star < 0 || starAt >= len(text) {
			return false
		}
		starAt += step(text[starAt:])
		i, at = star+1, starAt
	}
}

// take matches one part at the start of the text and says how long it is there.
func (q *globPart) take(text []byte) (int, bool) {
	switch q.kind {
	case partText:
		return len(q.lit), bytes.HasPrefix(text, q.lit)
	case partOne:
		return step(text), len(text) > 0
	}
	r, n := utf8.DecodeRune(text)
	return n, n > 0 && r != utf8.RuneError && strings.ContainsRune(dashes, r)
}

// step is the length of the first character; of a broken one, one byte.
func step(text []byte) int {
	_, n := utf8.DecodeRune(text)
	return n
}

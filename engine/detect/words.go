package detect

import (
	"bytes"
	"encoding/binary"
	"unicode/utf8"
)

// A wordIndex finds the pieces of keywords in the JSON of an event as it stands. That
// text is long, and every event is asked: one pass over it looks for the pieces and at
// the same time for what would make the look in vain, characters beyond ASCII and those
// that are hidden in escapes.
type wordIndex struct {
	long, short *gramIndex       // as of a field
	wide        *[1 << 14]uint8  // where every fourth place is enough: 1 for each hash of a gram
	longBits    *[1 << 10]uint64 // else a bit for each
	shortBits   *[1 << 10]uint64 // for each two bytes, without a hash
}

// Shifts of the hash of a gram, down to its place.
const (
	wideShift = 32 - 14
	longShift = 32 - 16
)

// newWordIndex takes lists of long and of short pieces.
func newWordIndex(long, short *gramIndex) *wordIndex {
	w := &wordIndex{long: long, short: short}
	if short == nil && long.step == wideStep {
		w.wide = new([1 << 14]uint8)
		long.eachGram(func(gram uint32) { w.wide[hashGram(gram)>>wideShift] = 1 })
		return w
	}
	w.longBits, w.shortBits = new([1 << 10]uint64), new([1 << 10]uint64)
	long.eachGram(func(gram uint32) {
		h := hashGram(gram) >> longShift
		w.longBits[h>>6] |= 1 << (h & 63)
	})
	short.eachGram(func(gram uint32) { w.shortBits[gram>>6&1023] |= 1 << (gram & 63) })
	return w
}

func (g *gramIndex) eachGram(do func(gram uint32)) {
	if g == nil {
		return
	}
	for i := range g.slots {
		if s := &g.slots[i]; s.first != 0 {
			do(s.gram)
		}
	}
}

// What a text turns out to be while it is searched.
type plainness uint8

const (
	isPlain   plainness = iota // ASCII, and all that is written stands there
	isForeign                  // it has characters beyond ASCII: it must be folded first
	isHidden                   // it has characters in escapes: its values must be searched
)

// scanWords proposes the rules of every piece in the JSON of the event. What was
// proposed before the text turned out not to be plain does no harm: rules are proposed
// too often, never too seldom.
func (m *Matcher) scanWords(a *admission) {
	w := a.words
	var is plainness
	if w.wide != nil {
		is = m.scanWide(w, m.json, a)
	} else {
		is = m.scanNarrow(w, m.json, a)
	}
	if is == isPlain {
		return
	}
	text := m.json
	if is == isHidden {
		m.jsonPlain = unhidden(m.jsonPlain[:0], m.json)
		text = m.jsonPlain
	}
	m.jsonFold = foldAppend(m.jsonFold[:0], text)
	m.scanFolded(w, m.jsonFold, a)
}

// unhidden appends JSON in which \u0041 and \/ are written out. No piece of a keyword has
// a character of the other escapes; they stay.
func unhidden(dst, text []byte) []byte {
	for {
		i := bytes.IndexByte(text, '\\')
		if i < 0 || i+1 >= len(text) {
			return append(dst, text...)
		}
		dst = append(dst, text[:i]...)
		switch text[i+1] {
		case '/':
			dst = append(dst, '/')
		case 'u':
			if r, ok := hexRune(text[i+2:]); ok {
				dst = utf8.AppendRune(dst, r)
				text = text[i+6:]
				continue
			}
			dst = append(dst, '\\', 'u')
		default:
			dst = append(dst, text[i:i+2]...)
		}
		text = text[i+2:]
	}
}

// hexRune reads the four digits of a character. Halves of pairs are none.
func hexRune(text []byte) (rune, bool) {
	if len(text) < 4 {
		return 0, false
	}
	r := rune(0)
	for _, c := range text[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// scanFolded proposes the rules of every piece in a text that is folded.
func (m *Matcher) scanFolded(w *wordIndex, text []byte, a *admission) {
	if w.long != nil {
		m.scanLong(w.long, text, a)
	}
	if w.short != nil {
		m.scanShort(w.short, text, a)
	}
}

// The patterns of eight equal characters.
const (
	slashes  = '\\' * lowBits
	letterUs = 'u' * lowBits
	strokes  = '/' * lowBits
)

// mayHide has the highest bit set in some byte if \u or \/ may begin in one of eight
// bytes, of which next are those one further on. A byte that is zero after the exclusive
// or borrows in the subtraction, and so does the one behind it at times; bytes beyond
// ASCII have the bit too. The answer is only perhaps, and hidden knows.
func mayHide(eight, next uint64) uint64 {
	return (eight ^ slashes - lowBits) & ((next ^ letterUs - lowBits) | (next ^ strokes - lowBits))
}

// hidden says whether a JSON text writes characters as \u0041 or \/ that could stand
// there plainly.
func hidden(text []byte) bool {
	for at := 0; ; {
		i := bytes.IndexByte(text[at:], '\\')
		if i < 0 || at+i+1 >= len(text) {
			return false
		}
		if c := text[at+i+1]; c == 'u' || c == '/' {
			return true
		}
		at += i + 2 // what is escaped begins no escape
	}
}

// scanWide looks at every fourth place, where all pieces are long.
func (m *Matcher) scanWide(w *wordIndex, text []byte, a *admission) plainness {
	table := w.wide
	var all, perhaps uint64
	rest := text
	for ; len(rest) >= 17; rest = rest[16:] {
		t := rest[:17]
		one, two := binary.LittleEndian.Uint64(t), binary.LittleEndian.Uint64(t[8:])
		all |= one | two
		perhaps |= mayHide(one, binary.LittleEndian.Uint64(t[1:])) | mayHide(two, binary.LittleEndian.Uint64(t[9:]))
		one, two = one|small64, two|small64
		if table[hashGram(uint32(one))>>wideShift]|table[hashGram(uint32(one>>32))>>wideShift]|
			table[hashGram(uint32(two))>>wideShift]|table[hashGram(uint32(two>>32))>>wideShift] != 0 {
			m.compareWide(w, text, len(text)-len(rest), 16, a)
		}
	}
	from := len(text) - len(rest)
	m.compareWide(w, text, from, len(rest), a)
	return judged(text, from, all, perhaps)
}

// compareWide compares the pieces whose grams begin at every fourth place of a part.
func (m *Matcher) compareWide(w *wordIndex, text []byte, from, size int, a *admission) {
	for i := from; i < from+size && i+longGram <= len(text); i += wideStep {
		gram := binary.LittleEndian.Uint32(text[i:]) | small
		if w.wide[hashGram(gram)>>wideShift] != 0 {
			m.compareGram(w.long, gram, text, i, a)
		}
	}
}

// scanNarrow looks at every second place, for long and for short pieces. That is slow
// enough to look for escapes first, which most texts have none of.
func (m *Matcher) scanNarrow(w *wordIndex, text []byte, a *admission) plainness {
	if hidden(text) {
		return isHidden
	}
	var all uint64
	rest := text
	for ; len(rest) >= 10; rest = rest[8:] {
		t := rest[:10]
		eight := binary.LittleEndian.Uint64(t)
		all |= eight
		eight |= small64
		last := binary.LittleEndian.Uint32(t[6:]) | small
		if w.hasGram(uint32(eight))|w.hasGram(uint32(eight>>16))|w.hasGram(uint32(eight>>32))|w.hasGram(last) != 0 {
			at := len(text) - len(rest)
			m.atPlace(w, uint32(eight), text, at, a)
			m.atPlace(w, uint32(eight>>16), text, at+2, a)
			m.atPlace(w, uint32(eight>>32), text, at+4, a)
			m.atPlace(w, last, text, at+6, a)
		}
	}
	from := len(text) - len(rest)
	for i := from; w.long != nil && i+longGram <= len(text); i += 2 {
		m.compareGram(w.long, binary.LittleEndian.Uint32(text[i:])|small, text, i, a)
	}
	for i := from; w.short != nil && i+shortGram <= len(text); i += 2 {
		m.compareGram(w.short, uint32(binary.LittleEndian.Uint16(text[i:]))|small&0xffff, text, i, a)
	}
	if all&highBits != 0 || !isASCII(text[from:]) {
		return isForeign
	}
	return isPlain
}

// atPlace compares the pieces whose grams begin at a place.
func (m *Matcher) atPlace(w *wordIndex, gram uint32, text []byte, i int, a *admission) {
	h, two := hashGram(gram)>>longShift, gram&0xffff
	if w.longBits[h>>6]>>(h&63)&1 != 0 {
		m.compareGram(w.long, gram, text, i, a)
	}
	if w.shortBits[two>>6]>>(two&63)&1 != 0 {
		m.compareGram(w.short, two, text, i, a)
	}
}

// hasGram is odd if a gram of four bytes is one of the long pieces, or its first two
// bytes are of a short one.
func (w *wordIndex) hasGram(gram uint32) uint64 {
	h, two := hashGram(gram)>>longShift, gram&0xffff
	return (w.longBits[h>>6]>>(h&63) | w.shortBits[two>>6]>>(two&63)) & 1
}

// judged says what a text is of which all before a place was looked at. perhaps is what
// mayHide said of it.
func judged(text []byte, from int, all, perhaps uint64) plainness {
	if (perhaps&highBits != 0 || bytes.IndexByte(text[from:], '\\') >= 0) && hidden(text) {
		return isHidden
	}
	if all&highBits != 0 || !isASCII(text[from:]) {
		return isForeign
	}
	return isPlain
}

// Between the values in leafText stands a byte that is in no text of a rule.
const leafEnd = 0xff

// mayHave says whether a folded text is in any value of the event.
func (m *Matcher) mayHave(text []byte) bool {
	m.joinLeaves()
	return bytes.Contains(m.leafText, text)
}

// joinLeaves folds all values, one behind the other, once for each event.
func (m *Matcher) joinLeaves() {
	if m.leafTextIn {
		return
	}
	m.leafTextIn = true
	m.allValues()
	m.leafText = m.leafText[:0]
	for v := m.first(anySlot); v != nil; v = m.following(v) {
		m.leafText = append(foldAppend(m.leafText, v.text), leafEnd)
	}
}

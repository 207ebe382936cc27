package detect

import (
	"bytes"
	"encoding/binary"
)

// A wordIndex finds the pieces of keywords in the JSON of an event as it stands. That
// text is long, and every event is asked: one pass over it looks for the pieces and at
// the same time for what would make the look in vain, characters beyond ASCII and those
// that are hidden in escapes.
type wordIndex struct {
	long, short *gramIndex // as of a field
	longBits    *[1024]uint64
	shortBits   *[1024]uint64 // of each two bytes, without a hash
}

// newWordIndex takes lists of long and of short pieces.
func newWordIndex(long, short *gramIndex) *wordIndex {
	w := &wordIndex{long: long, short: short, longBits: new([1024]uint64), shortBits: new([1024]uint64)}
	if long != nil {
		for i := range long.slots {
			if s := &long.slots[i]; s.first != 0 {
				h := hashGram(s.gram) >> 16
				w.longBits[h>>6] |= 1 << (h & 63)
			}
		}
	}
	if short != nil {
		for i := range short.slots {
			if s := &short.slots[i]; s.first != 0 {
				w.shortBits[s.gram>>6&1023] |= 1 << (s.gram & 63)
			}
		}
	}
	return w
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
	is := isPlain
	if w.short == nil && w.long.step == wideStep {
		is = m.scanWide(w, m.json, a)
	} else {
		is = m.scanNarrow(w, m.json, a)
	}
	switch is {
	case isForeign:
		m.jsonFold = foldAppend(m.jsonFold[:0], m.json)
		m.scanFolded(w, m.jsonFold, a)
	case isHidden:
		m.allValues()
		for v := m.first(anySlot); v != nil; v = m.following(v) {
			m.scanFolded(w, m.folded(v), a)
		}
	}
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

// mayHide says whether \u or \/ may begin in one of eight bytes, of which next are those
// one further on. A byte that is zero borrows in the subtraction; the bytes behind it may
// seem to be zero too, which is why the answer is only perhaps.
func mayHide(eight, next uint64) bool {
	s, u, l := eight^slashes, next^letterUs, next^strokes
	return (s-lowBits)&^s&((u-lowBits)&^u|(l-lowBits)&^l)&highBits != 0
}

// hidesIn says whether an escape that hides a character begins in these eight bytes.
func hidesIn(text []byte, from int) bool {
	for i := from; i < from+8 && i+1 < len(text); i++ {
		if hides(text, i) {
			return true
		}
	}
	return false
}

// hides says whether an escape begins here: a backslash that is not itself escaped.
func hides(text []byte, at int) bool {
	if c := text[at+1]; text[at] != '\\' || c != 'u' && c != '/' {
		return false
	}
	from := at
	for from > 0 && text[from-1] == '\\' {
		from--
	}
	return (at-from)%2 == 0
}

// scanWide looks at every fourth place, where all pieces are long.
func (m *Matcher) scanWide(w *wordIndex, text []byte, a *admission) plainness {
	table := w.longBits
	all := uint64(0)
	i := 0
	for ; i+9 <= len(text); i += 8 {
		t := text[i : i+9]
		eight, next := binary.LittleEndian.Uint64(t), binary.LittleEndian.Uint64(t[1:])
		all |= eight
		if mayHide(eight, next) && hidesIn(text, i) {
			return isHidden
		}
		g := eight | small64
		h, k := hashGram(uint32(g))>>16, hashGram(uint32(g>>32))>>16
		if (table[h>>6]>>(h&63)|table[k>>6]>>(k&63))&1 != 0 {
			m.compareGram(w.long, uint32(g), text, i, a)
			m.compareGram(w.long, uint32(g>>32), text, i+4, a)
		}
	}
	for j := i; j+longGram <= len(text); j += wideStep {
		m.compareGram(w.long, binary.LittleEndian.Uint32(text[j:])|small, text, j, a)
	}
	return plainTail(text, i, all)
}

// scanNarrow looks at every second place, for long and for short pieces.
func (m *Matcher) scanNarrow(w *wordIndex, text []byte, a *admission) plainness {
	all := uint64(0)
	i := 0
	for ; i+10 <= len(text); i += 8 {
		t := text[i : i+10]
		eight, next := binary.LittleEndian.Uint64(t), binary.LittleEndian.Uint64(t[1:])
		all |= eight
		if mayHide(eight, next) && hidesIn(text, i) {
			return isHidden
		}
		g := eight | small64
		m.atPlace(w, uint32(g), text, i, a)
		m.atPlace(w, uint32(g>>16), text, i+2, a)
		m.atPlace(w, uint32(g>>32), text, i+4, a)
		m.atPlace(w, binary.LittleEndian.Uint32(t[6:])|small, text, i+6, a)
	}
	for j := i; j+shortGram <= len(text); j += 2 {
		if w.short != nil {
			m.compareGram(w.short, uint32(binary.LittleEndian.Uint16(text[j:]))|small&0xffff, text, j, a)
		}
		if w.long != nil && j+longGram <= len(text) {
			m.compareGram(w.long, binary.LittleEndian.Uint32(text[j:])|small, text, j, a)
		}
	}
	return plainTail(text, i, all)
}

// atPlace compares the pieces whose grams begin at a place.
func (m *Matcher) atPlace(w *wordIndex, gram uint32, text []byte, i int, a *admission) {
	h, two := hashGram(gram)>>16, gram&0xffff
	if w.longBits[h>>6]>>(h&63)&1 != 0 {
		m.compareGram(w.long, gram, text, i, a)
	}
	if w.shortBits[two>>6]>>(two&63)&1 != 0 {
		m.compareGram(w.short, two, text, i, a)
	}
}

// plainTail judges a text of which all before a place was looked at.
func plainTail(text []byte, from int, all uint64) plainness {
	if hidesIn(text, from) || hidesIn(text, from+8) {
		return isHidden
	}
	if all&highBits != 0 || !isASCII(text[from:]) {
		return isForeign
	}
	return isPlain
}

// Between the values in leafText stands a byte that is in no text of a rule.
const leafEnd = 0xff

// mayHave says whether a folded text is in any value of the event. All values are folded
// once, one behind the other, and searched together.
func (m *Matcher) mayHave(text []byte) bool {
	if !m.leafTextIn {
		m.leafTextIn = true
		m.allValues()
		m.leafText = m.leafText[:0]
		for v := m.first(anySlot); v != nil; v = m.following(v) {
			m.leafText = append(foldAppend(m.leafText, v.text), leafEnd)
		}
	}
	return bytes.Contains(m.leafText, text)
}

package detect

import (
	"encoding/binary"
	"math/bits"
)

// A gramIndex finds pieces of text in a text. Of each piece it knows grams, a few
// neighbouring bytes, the rarest it has. Each place of the text is asked whether its
// bytes may be such a gram, in a small table of bits that stays in the cache of the
// processor, and only where they may be is a piece compared. An automaton for all
// pieces would need tables of many megabytes and wait for the memory at each byte.
//
// Two neighbouring grams are known of each piece: one of them begins at an even place
// wherever the piece stands, so that every second place is enough. Where all pieces
// are long, four grams are known of each, and every fourth place is enough. A gram has
// four bytes, of short pieces two.
//
// Grams are read with the bit set that makes ASCII letters small. That makes some
// other characters alike too, which the comparison tells apart.
type gramIndex struct {
	bits  []uint64
	shift uint8 // of the hash, down to a bit
	step  int   // from place to place; so many grams are known of each piece
	slots []gramSlot
	mask  uint32
	list  []gramPiece
}

// Sizes in bytes.
const (
	longGram   = 4
	shortGram  = 2
	leastLong  = longGram + 1  // of a piece that is looked for by long grams
	leastPiece = shortGram + 1 // a shorter piece is not looked for at all
	wideStep   = 4
	leastWide  = longGram + wideStep - 1 // of all pieces, where every fourth place is enough
)

// A gramSlot is one place of an open hash table. first is the first of its pieces,
// counted from 1; 0 is an empty place.
type gramSlot struct {
	gram  uint32
	first int32
}

type gramPiece struct {
	text   string // folded
	at     int32  // of the gram in the piece
	follow int32  // the next piece with the same gram, counted from 1
	rules  []int32
}

// foldByte folds the letters of ASCII.
var foldByte = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
		if i >= 'A' && i <= 'Z' {
			t[i] += 'a' - 'A'
		}
	}
	return t
}()

// newGramIndex takes folded pieces, each with the rules to propose, and how often
// each gram occurs in all that the rules ask for. Either all pieces are long or none.
func newGramIndex(pieces []string, rules [][]int32, usual map[uint32]int) *gramIndex {
	step := wideStep
	for _, text := range pieces {
		if len(text) < leastWide {
			step = 2
		}
	}
	size := bits.Len(uint(step * len(pieces)))
	logBits := min(max(size+6, 12), 19)
	g := &gramIndex{
		bits: make([]uint64, 1<<logBits/64), shift: uint8(32 - logBits), step: step,
		slots: make([]gramSlot, 2<<size), mask: 2<<size - 1,
	}
	for i, text := range pieces {
		length, gramAt := longGram, longAt
		if len(text) < leastLong {
			length, gramAt = shortGram, shortAt
		}
		at := rarest(text, length, step, gramAt, usual)
		for k := range step {
			g.enter(text, at+k, gramAt(text, at+k), rules[i])
		}
	}
	return g
}

func (g *gramIndex) enter(text string, at int, gram uint32, rules []int32) {
	h := hashGram(gram) >> g.shift
	g.bits[h>>6] |= 1 << (h & 63)
	slot := g.find(gram)
	g.list = append(g.list, gramPiece{text, int32(at), slot.first, rules})
	slot.gram, slot.first = gram, int32(len(g.list))
}

// small makes the ASCII letters of a gram small.
const (
	small   = 0x20202020
	small64 = small<<32 | small
)

func longAt(text string, at int) uint32 {
	return (uint32(text[at]) | uint32(text[at+1])<<8 | uint32(text[at+2])<<16 | uint32(text[at+3])<<24) | small
}

func shortAt(text string, at int) uint32 {
	return (uint32(text[at]) | uint32(text[at+1])<<8) | small&0xffff
}

// rarest is the place of so many neighbouring grams that fewest pieces have.
func rarest(text string, length, neighbours int, gramAt func(string, int) uint32, usual map[uint32]int) int {
	best, least := 0, 1<<60
	for at := 0; at+length+neighbours-1 <= len(text); at++ {
		n := 0
		for k := range neighbours {
			n += usual[gramAt(text, at+k)]
		}
		if n <= least {
			best, least = at, n
		}
	}
	return best
}

func hashGram(gram uint32) uint32 { return gram * 0x9e3779b1 }

// find is the place of a gram in the table, or the empty one where it belongs.
func (g *gramIndex) find(gram uint32) *gramSlot {
	for i := hashGram(gram) >> 7; ; i++ {
		if s := &g.slots[i&g.mask]; s.first == 0 || s.gram == gram {
			return s
		}
	}
}

// scanLong proposes the rules of every long piece in the text, which is folded or
// ASCII.
func (m *Matcher) scanLong(g *gramIndex, text []byte, a *admission) {
	table, shift, step := g.bits, g.shift&31, g.step
	for i := 0; i+longGram <= len(text); i += step {
		gram := binary.LittleEndian.Uint32(text[i:]) | small
		h := hashGram(gram) >> shift
		if table[h>>6]&(1<<(h&63)) != 0 {
			m.compareGram(g, gram, text, i, a)
		}
	}
}

// scanShort is scanLong for short pieces.
func (m *Matcher) scanShort(g *gramIndex, text []byte, a *admission) {
	table, shift := g.bits, g.shift&31
	for i := 0; i+shortGram <= len(text); i += 2 {
		gram := uint32(binary.LittleEndian.Uint16(text[i:])) | small&0xffff
		h := hashGram(gram) >> shift
		if table[h>>6]&(1<<(h&63)) != 0 {
			m.compareGram(g, gram, text, i, a)
		}
	}
}

// compareGram compares the pieces of a gram that was met.
func (m *Matcher) compareGram(g *gramIndex, gram uint32, text []byte, i int, a *admission) {
	for at := g.find(gram).first; at != 0; at = g.list[at-1].follow {
		p := &g.list[at-1]
		if foldedPrefix(text, i-int(p.at), p.text) {
			m.propose(p.rules, a)
		}
	}
}

// foldedPrefix says whether a folded piece stands in the text from a place on.
func foldedPrefix(text []byte, from int, piece string) bool {
	if from < 0 || from+len(piece) > len(text) {
		return false
	}
	for j := range len(piece) {
		if foldByte[text[from+j]] != piece[j] {
			return false
		}
	}
	return true
}

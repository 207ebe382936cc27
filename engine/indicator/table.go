package indicator

import (
	"hash/maphash"
	"math/bits"
)

// A table finds values by their hash. Beside the slots it keeps one byte of each
// hash, eight of them in a word: a value that is not there is nearly always refused
// by looking at a single word, and those words of five million values take eight
// megabytes. Empty slots have the byte 0, so no hash has.
type table struct {
	seed  maphash.Seed
	marks []uint64 // eight slots each; as many as a power of two
	slots []uint32 // number of an entry
	mask  uint64
	count int
}

// newTable has room for n values with one slot in six empty at least.
func newTable(n int) *table {
	groups := 1 << bits.Len(uint(n*6/5/8))
	return &table{seed: maphash.MakeSeed(), marks: make([]uint64, groups), slots: make([]uint32, groups*8), mask: uint64(groups - 1)}
}

// hash is that of a value of a type: the same text of another type is another value.
func (t *table) hash(typ uint8, value string) uint64 {
	return mix(maphash.String(t.seed, value), typ)
}

func (t *table) hashBytes(typ uint8, value []byte) uint64 {
	return mix(maphash.Bytes(t.seed, value), typ)
}

func mix(h uint64, typ uint8) uint64 {
	h ^= uint64(typ) * 0x9e3779b97f4a7c15
	return h ^ h>>29
}

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// mark is the byte of a hash that is kept beside the slots.
func mark(h uint64) uint64 {
	if m := h >> 56; m != 0 {
		return m
	}
	return 1
}

// zeros has the high bit set of every byte of w that is zero; a byte above such a one
// may be marked although it is 1, which costs a comparison and nothing else.
func zeros(w uint64) uint64 { return (w - lows) &^ w & highs }

// may tells by one word whether the value can be in the table at all.
func (t *table) may(h uint64) bool {
	w := t.marks[h&t.mask]
	return zeros(w^mark(h)*lows) != 0 || zeros(w) == 0
}

// find calls with the number of each entry whose hash may be h until it returns true.
func (t *table) find(h uint64, same func(entry uint32) bool) (uint32, bool) {
	m := mark(h) * lows
	for g := h & t.mask; ; g = (g + 1) & t.mask {
		w := t.marks[g]
		for z := zeros(w ^ m); z != 0; z &= z - 1 {
			at := g*8 + uint64(bits.TrailingZeros64(z))/8
			if e := t.slots[at]; same(e) {
				return e, true
			}
		}
		if zeros(w) != 0 {
			return 0, false
		}
	}
}

// add enters a value that is not there yet.
func (t *table) add(h uint64, entry uint32) {
	for g := h & t.mask; ; g = (g + 1) & t.mask {
		if z := zeros(t.marks[g]); z != 0 {
			i := uint64(bits.TrailingZeros64(z)) / 8
			t.marks[g] |= mark(h) << (8 * i)
			t.slots[g*8+i] = entry
			t.count++
			return
		}
	}
}

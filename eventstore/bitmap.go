package eventstore

import "math/bits"

// A bitmap says of each row whether it is meant.
type bitmap []uint64

func newBitmap(rows int) bitmap { return make(bitmap, (rows+63)/64) }

// allOf is a bitmap in which all rows are meant.
func allOf(rows int) bitmap {
	b := newBitmap(rows)
	for i := range b {
		b[i] = ^uint64(0)
	}
	if rest := rows % 64; rest > 0 {
		b[len(b)-1] = 1<<rest - 1
	}
	return b
}

func (b bitmap) set(row int)      { b[row/64] |= 1 << (row % 64) }
func (b bitmap) has(row int) bool { return b[row/64]&(1<<(row%64)) != 0 }

func (b bitmap) count() int {
	n := 0
	for _, w := range b {
		n += bits.OnesCount64(w)
	}
	return n
}

// keep leaves only what is in the other too, or what is not.
func (b bitmap) keep(other bitmap, not bool) {
	for i := range b {
		if not {
			b[i] &^= other[i]
		} else {
			b[i] &= other[i]
		}
	}
}

// next is the first row from this one on that is meant; -1 for none.
func (b bitmap) next(row int) int {
	for w := row / 64; w < len(b); w++ {
		word := b[w]
		if w == row/64 {
			word &= ^uint64(0) << (row % 64)
		}
		if word != 0 {
			return w*64 + bits.TrailingZeros64(word)
		}
	}
	return -1
}

// each calls the function with every row that is meant, in order.
func (b bitmap) each(fn func(row int)) {
	for w, word := range b {
		for ; word != 0; word &= word - 1 {
			fn(w*64 + bits.TrailingZeros64(word))
		}
	}
}

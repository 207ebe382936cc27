package detect

import (
	"encoding/binary"
	"math/bits"
)

// hidden says whether a JSON text writes characters as \u0041 or \/ that could stand
// there plainly. It looks at eight bytes at a time: every event is asked.
func hidden(text []byte) bool {
	const slashes = '\\' * lowBits
	i := 0
	for ; i+9 <= len(text); i += 8 {
		w := binary.LittleEndian.Uint64(text[i:]) ^ slashes
		for z := (w - lowBits) &^ w & highBits; z != 0; z &= z - 1 { // bytes that are zero, and perhaps some behind them
			if hides(text, i+bits.TrailingZeros64(z)/8) {
				return true
			}
		}
	}
	for ; i+1 < len(text); i++ {
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

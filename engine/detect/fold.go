package detect

import (
	"encoding/binary"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Folding makes texts that differ only in case the same, by Unicode's simple folding:
// each letter becomes the first of those that it is equal to, an ASCII letter its small form.

// foldRune is the letter that stands for all forms of r.
func foldRune(r rune) rune {
	least := r
	for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
		least = min(least, f)
	}
	if least >= 'A' && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}

// foldTable holds the folded form of the letters that have a case and one or two
// bytes beyond ASCII; asking the tables of package unicode for each is slow.
var foldTable = sync.OnceValue(func() *[0x800]rune {
	var t [0x800]rune
	for r := range t {
		t[r] = foldRune(rune(r))
	}
	return &t
})

// foldAppend appends the folded text. Bytes that are no UTF-8 are kept.
func foldAppend(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		if i+8 <= len(text) {
			if w := binary.LittleEndian.Uint64(text[i:]); w&highBits == 0 {
				dst = binary.LittleEndian.AppendUint64(dst, foldEight(w))
				i += 8
				continue
			}
		}
		c := text[i]
		if c < utf8.RuneSelf {
			if c >= 'A' && c <= 'Z' {
				c += 'a' - 'A'
			}
			dst = append(dst, c)
			i++
			continue
		}
		r, n := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			dst = append(dst, c)
		case r < 0x800:
			dst = utf8.AppendRune(dst, foldTable()[r])
		case caseless(r):
			dst = append(dst, text[i:i+n]...)
		default:
			dst = utf8.AppendRune(dst, foldRune(r))
		}
		i += n
	}
	return dst
}

const (
	highBits = 0x8080808080808080
	lowBits  = 0x0101010101010101
)

// foldEight makes eight ASCII characters small at once: in each byte the sums reach the
// highest bit from A on, and from behind Z on; between them stands a capital letter.
func foldEight(w uint64) uint64 {
	fromA, behindZ := w+(0x80-'A')*lowBits, w+(0x7f-'Z')*lowBits
	return w | (fromA^behindZ)&highBits>>2
}

// caseless are the large blocks of letters without case: Chinese, Japanese, Korean.
func caseless(r rune) bool {
	return r >= 0x3000 && r < 0xa000 || r >= 0xac00 && r < 0xd800
}

// isASCII says whether folding by single bytes is enough.
func isASCII(text []byte) bool {
	for len(text) >= 8 {
		if binary.LittleEndian.Uint64(text)&highBits != 0 {
			return false
		}
		text = text[8:]
	}
	for _, c := range text {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

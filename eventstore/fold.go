package eventstore

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf8"
)

// A finder finds a text in lines, whatever the case of its letters.
type finder struct {
	needle []byte // in small letters
	plain  bool   // only ASCII: eight bytes are folded at once
	buffer []byte
}

func newFinder(text string) *finder {
	needle := []byte(strings.ToLower(text))
	plain := true
	for _, c := range needle {
		plain = plain && c < utf8.RuneSelf
	}
	return &finder{needle: needle, plain: plain}
}

// in tells whether a line holds the text.
func (f *finder) in(line []byte) bool { return bytes.Contains(f.fold(line), f.needle) }

// fold is the data in small letters, in a buffer that is used again. The letters of
// ASCII keep their places; where the text has others, the length may change.
func (f *finder) fold(data []byte) []byte {
	if !f.plain {
		return bytes.ToLower(data)
	}
	if cap(f.buffer) < len(data) {
		f.buffer = make([]byte, len(data)+len(data)/4)
	}
	out := f.buffer[:len(data)]
	i := 0
	for ; i+8 <= len(data); i += 8 {
		binary.LittleEndian.PutUint64(out[i:], foldWord(binary.LittleEndian.Uint64(data[i:])))
	}
	for ; i < len(data); i++ {
		c := data[i]
		if 'A' <= c && c <= 'Z' {
			c |= 0x20
		}
		out[i] = c
	}
	return out
}

// foldWord makes small letters of eight bytes at once: a byte of A to Z passes 'A' and
// not 'Z' when each is added up to the high bit.
func foldWord(w uint64) uint64 {
	const low, high = 0x7f7f7f7f7f7f7f7f, 0x8080808080808080
	fromA := (w & low) + 0x3f3f3f3f3f3f3f3f
	pastZ := (w & low) + 0x2525252525252525
	return w | (fromA&^pastZ&^w&high)>>2
}

// findIn finds the text in lines that lie one after another, and calls the function
// with each line that holds it.
func (f *finder) findIn(data []byte, offsets []uint32, found func(line int)) {
	if !f.plain {
		for i := range len(offsets) - 1 {
			if f.in(data[offsets[i]:offsets[i+1]]) {
				found(i)
			}
		}
		return
	}
	start := int(offsets[0])
	end := int(offsets[len(offsets)-1])
	folded := f.fold(data[start:end])
	line := 0
	for at := 0; ; {
		i := bytes.Index(folded[at:], f.needle)
		if i < 0 {
			return
		}
		at += i
		for int(offsets[line+1])-start <= at {
			line++
		}
		if lineEnd := int(offsets[line+1]) - start; at+len(f.needle) <= lineEnd {
			found(line)
			at = lineEnd
		} else {
			at++ // it runs into the next line
		}
		if at >= len(folded) {
			return
		}
	}
}

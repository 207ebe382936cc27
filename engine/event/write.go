package event

import (
	"strconv"
	"unicode/utf8"
)

// An object writes one JSON object. What it writes is valid whatever it is given.
type object struct{ b []byte }

func (o *object) open(buffer []byte) { o.b = append(buffer[:0], '{') }

func (o *object) close() []byte {
	o.b = append(o.b, '}')
	return o.b
}

func (o *object) key(name string) {
	if o.b[len(o.b)-1] != '{' {
		o.b = append(o.b, ',')
	}
	o.b = appendText(o.b, name)
	o.b = append(o.b, ':')
}

// text writes a value that is not empty.
func (o *object) text(name, value string) {
	if value != "" {
		o.always(name, value)
	}
}

// always writes a value, also an empty one.
func (o *object) always(name, value string) {
	o.key(name)
	o.b = appendText(o.b, value)
}

func (o *object) number(name string, n int64) {
	o.key(name)
	o.b = strconv.AppendInt(o.b, n, 10)
}

// raw writes a value that is JSON already.
func (o *object) raw(name string, value []byte) {
	o.key(name)
	o.b = append(o.b, value...)
}

// enter begins an object within; leave ends it.
func (o *object) enter(name string) {
	o.key(name)
	o.b = append(o.b, '{')
}

func (o *object) leave() { o.b = append(o.b, '}') }

const hexDigits = "0123456789abcdef"

// appendText writes a JSON string. Bytes that are no UTF-8 become U+FFFD.
func appendText(dst []byte, s string) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if plainByte[c] {
				i = plainRun(s, i+1)
				continue
			}
			dst = append(dst, s[from:i]...)
			dst = appendEscape(dst, c)
			i++
			from = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			dst = append(dst, s[from:i]...)
			dst = append(dst, "\ufffd"...)
			i++
			from = i
			continue
		}
		i += n
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

const (
	lowBits  = 0x0101010101010101
	highBits = 0x8080808080808080
)

// plainRun is where the run of plain characters that is tried in eights ends. The sums
// borrow into the highest bit of each byte that is too small, or is the one looked for.
func plainRun(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		w := uint64(s[i]) | uint64(s[i+1])<<8 | uint64(s[i+2])<<16 | uint64(s[i+3])<<24 |
			uint64(s[i+4])<<32 | uint64(s[i+5])<<40 | uint64(s[i+6])<<48 | uint64(s[i+7])<<56
		quote, slash, del := w^'"'*lowBits, w^'\\'*lowBits, w^0x7f*lowBits
		odd := (w-0x20*lowBits)&^w | (quote-lowBits)&^quote | (slash-lowBits)&^slash | (del-lowBits)&^del | w
		if odd&highBits != 0 {
			break
		}
	}
	return i
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	return append(dst, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
}

// plainByte are the characters of ASCII that stand in a JSON string as they are.
var plainByte = func() (t [256]bool) {
	for c := 0x20; c < utf8.RuneSelf; c++ {
		t[c] = c != '"' && c != '\\' && c != 0x7f
	}
	return t
}()

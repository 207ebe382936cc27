package intake

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// A framer finds the messages in a stream of syslog (RFC 6587). Each message may be
// counted ("21 <13>…") or end with a line feed or a NUL; which of the two is
// settled by the first that is seen, so that the lines of a message that ends with
// NUL stay together. It holds at most one message of room bytes.
type framer struct {
	framing
	buf   []byte // begins where a message begins
	seen  int    // of buf: in so much there is no end of the message
	long  []byte // the beginning of a message without end, which was too long
	whole int    // how long that one is so far
}

// A framing is what has to be known of a stream to go on in the middle of it.
type framing struct {
	skip    int  // bytes that still belong to a counted message which was too long
	through bool // the rest of a message without count, which was too long, is left out
	trailer byte
	settled bool // the trailer is known
}

func (f framing) String() string {
	end := "-"
	if f.settled {
		end = strconv.Itoa(int(f.trailer))
	}
	return fmt.Sprintf("%d,%t,%s", f.skip, f.through, end)
}

func readFraming(text string) (f framing, ok bool) {
	part := strings.Split(text, ",")
	if len(part) != 3 {
		return f, false
	}
	var err, err2 error
	f.skip, err = strconv.Atoi(part[0])
	f.through, err2 = strconv.ParseBool(part[1])
	if err != nil || err2 != nil || f.skip < 0 {
		return framing{}, false
	}
	switch part[2] {
	case "0":
		f.settled = true
	case "10":
		f.trailer, f.settled = '\n', true
	case "-":
	default:
		return framing{}, false
	}
	return f, true
}

// push takes what arrived and tells of every message in it, without its frame. Line
// is valid until emit returns; whole is how long it was, more than len(line) when it
// was too long.
func (f *framer) push(data []byte, emit func(line []byte, whole int)) {
	f.buf = append(f.buf, data...)
	rest := f.buf
	for len(rest) > 0 {
		n := f.step(rest, emit)
		if n == 0 {
			break
		}
		rest, f.seen = rest[n:], 0
	}
	if len(rest) < len(f.buf) {
		f.buf = append(f.buf[:0], rest...)
	}
}

// finish tells of a message that has no end because the stream has one.
func (f *framer) finish(emit func(line []byte, whole int)) {
	switch {
	case f.long != nil:
		emit(f.long, f.whole)
	case len(f.buf) > 0:
		last(f.buf, emit)
	}
	*f = framer{}
}

// last tells of a message that has no end.
func last(body []byte, emit func(line []byte, whole int)) {
	if n, head, _ := counted(body); head > 0 {
		emit(body[head:], n)
		return
	}
	emit(bytes.TrimRight(body, "\r\n\x00"), 0)
}

// split is push for what stays where it is: it tells of the messages at the beginning of
// data, at most most of them, and returns how much of it they are. What begins behind
// them has to be there again at the next call, and more. A message that is too long and
// has no count is told of before its end is there.
func (f *framer) split(data []byte, most int, emit func(line []byte, whole int)) (used int) {
	count := func(line []byte, whole int) { most--; emit(line, whole) }
	for used < len(data) && most > 0 {
		n := f.step(data[used:], count)
		if f.long != nil {
			count(f.long, f.whole)
			f.long, f.through = nil, true
		}
		if n == 0 {
			break
		}
		used, f.seen = used+n, 0
	}
	return used
}

// begun tells whether a message has begun and not ended.
func (f *framer) begun() bool { return len(f.buf) > 0 || f.long != nil || f.skip > 0 || f.through }

// step takes one message, or a piece of one, from the beginning of rest and returns
// how much it used; 0 when it needs more.
func (f *framer) step(rest []byte, emit func([]byte, int)) int {
	switch {
	case f.skip > 0:
		n := min(f.skip, len(rest))
		f.skip -= n
		return n
	case f.long != nil:
		return f.stepLong(rest, emit)
	case f.through:
		i := f.end(rest)
		if f.through = i < 0; f.through {
			return len(rest)
		}
		return i + 1
	case rest[0] == '\n' || rest[0] == '\r' || rest[0] == 0:
		return 1 // nothing between two messages
	}
	n, head, sure := counted(rest)
	if !sure {
		return 0
	}
	if head > 0 {
		return f.stepCounted(rest, head, n, emit)
	}
	return f.stepLine(rest, emit)
}

func (f *framer) stepCounted(rest []byte, head, n int, emit func([]byte, int)) int {
	keep := min(n, room)
	if len(rest) < head+keep {
		return 0
	}
	emit(rest[head:head+keep], n)
	f.skip = n - keep
	return head + keep
}

func (f *framer) stepLine(rest []byte, emit func([]byte, int)) int {
	i := f.end(rest[f.seen:])
	if i < 0 {
		f.seen = len(rest)
		if len(rest) <= room {
			return 0
		}
		f.long, f.whole = bytes.Clone(rest[:room]), len(rest)
		return len(rest)
	}
	i += f.seen
	line := bytes.TrimRight(rest[:i], "\r")
	whole := len(line)
	emit(line[:min(whole, room)], whole)
	return i + 1
}

func (f *framer) stepLong(rest []byte, emit func([]byte, int)) int {
	i := f.end(rest)
	if i < 0 {
		f.whole += len(rest)
		return len(rest)
	}
	emit(f.long, f.whole+i)
	f.long = nil
	return i + 1
}

// end finds the end of a message.
func (f *framer) end(b []byte) int {
	if f.settled {
		return bytes.IndexByte(b, f.trailer)
	}
	i, j := bytes.IndexByte(b, '\n'), bytes.IndexByte(b, 0)
	if j >= 0 && (i < 0 || j < i) {
		i = j
	}
	if i >= 0 {
		f.trailer, f.settled = b[i], true
	}
	return i
}

// maxDigits bounds the length of a message: more digits are no count.
const maxDigits = 9

// counted reads "LENGTH SP" before a message that begins with its priority. Head is
// how long that is, 0 when the message is not counted. Not sure: more is needed to
// tell.
func counted(b []byte) (n, head int, sure bool) {
	for i, c := range b {
		switch {
		case c >= '0' && c <= '9' && i < maxDigits && (i > 0 || c != '0'):
			n = n*10 + int(c-'0')
		case c == ' ' && i > 0:
			if i+1 == len(b) {
				return 0, 0, false
			}
			if b[i+1] != '<' || n > math.MaxInt32 {
				return 0, 0, true
			}
			return n, i + 1, true
		default:
			return 0, 0, true
		}
	}
	return 0, 0, false
}

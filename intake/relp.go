package intake

import (
	"bytes"
	"errors"
	"strconv"
)

// A relpFrame is one frame of RELP: a number that the answer repeats, a command, and
// data.
type relpFrame struct {
	number  int
	command string
	data    []byte
	whole   int // how long the data was; more than len(data) when it was too long
}

// errRELP is a frame that is none. What follows cannot be read any more.
var errRELP = errors.New("what arrived is not RELP: check that the sender uses omrelp or another RELP sender")

// A relpReader finds frames in a stream. It holds at most one frame of room bytes.
type relpReader struct {
	buf  []byte
	skip int // bytes of data that still belong to a frame which was too long, with its end
}

// push takes what arrived and tells of every frame in it. The data of a frame is
// valid until emit returns.
func (r *relpReader) push(data []byte, emit func(relpFrame) error) error {
	r.buf = append(r.buf, data...)
	rest := r.buf
	var err error
	for len(rest) > 0 && err == nil {
		var n int
		if n, err = r.step(rest, emit); n == 0 {
			break
		}
		rest = rest[n:]
	}
	if len(rest) < len(r.buf) {
		r.buf = append(r.buf[:0], rest...)
	}
	return err
}

// begun tells whether a frame has begun and not ended.
func (r *relpReader) begun() bool { return len(r.buf) > 0 || r.skip > 0 }

func (r *relpReader) step(rest []byte, emit func(relpFrame) error) (int, error) {
	if r.skip > 0 {
		n := min(r.skip, len(rest))
		if r.skip -= n; r.skip == 0 && rest[n-1] != '\n' {
			return n, errRELP
		}
		return n, nil
	}
	if rest[0] == '\n' {
		return 1, nil // some senders end a frame without data twice
	}
	f, size, head, err := relpHead(rest)
	if head == 0 || err != nil {
		return 0, err
	}
	keep := min(size, room)
	f.whole = size
	if keep < size {
		if len(rest) < head+keep {
			return 0, nil
		}
		f.data, r.skip = rest[head:head+keep], size-keep+1
		return head + keep, emit(f)
	}
	if len(rest) < head+size+1 {
		return 0, nil
	}
	if rest[head+size] != '\n' {
		return 0, errRELP
	}
	f.data = rest[head : head+size]
	return head + size + 1, emit(f)
}

// maxCommand is the longest command.
const maxCommand = 32

// relpHead reads "NUMBER SP COMMAND SP LENGTH [SP]". Head is how long that is; 0 when
// more is needed.
func relpHead(b []byte) (f relpFrame, size, head int, err error) {
	const longest = maxDigits + 1 + maxCommand + 1 + maxDigits + 1
	window := b[:min(len(b), longest)]
	first := bytes.IndexByte(window, ' ')
	if first < 0 {
		return f, 0, 0, short(b, maxDigits+1)
	}
	if f.number, err = digits(window[:first]); err != nil {
		return f, 0, 0, err
	}
	second := bytes.IndexByte(window[first+1:], ' ')
	if second < 0 {
		return f, 0, 0, short(b[first+1:], maxCommand+1)
	}
	if second > maxCommand {
		return f, 0, 0, errRELP
	}
	second += first + 1
	f.command = string(window[first+1 : second])
	third := bytes.IndexAny(window[second+1:], " \n")
	if third < 0 {
		return f, 0, 0, short(b[second+1:], maxDigits+1)
	}
	third += second + 1
	if size, err = digits(window[second+1 : third]); err != nil {
		return f, 0, 0, err
	}
	switch {
	case window[third] == ' ':
		return f, size, third + 1, nil
	case size == 0:
		return f, 0, third, nil // the line feed that ends the frame is still there
	}
	return f, 0, 0, errRELP
}

// short tells whether a part that has not ended may still do so.
func short(b []byte, longest int) error {
	if len(b) >= longest {
		return errRELP
	}
	return nil
}

func digits(b []byte) (int, error) {
	if len(b) == 0 || len(b) > maxDigits {
		return 0, errRELP
	}
	n, err := strconv.ParseUint(string(b), 10, 31)
	if err != nil {
		return 0, errRELP
	}
	return int(n), nil
}

// relpAnswer appends a frame that answers number.
func relpAnswer(to []byte, number int, command, data string) []byte {
	to = strconv.AppendInt(to, int64(number), 10)
	to = append(append(append(to, ' '), command...), ' ')
	to = strconv.AppendInt(to, int64(len(data)), 10)
	if data != "" {
		to = append(append(to, ' '), data...)
	}
	return append(to, '\n')
}

// relpWelcome is the answer to "open": what we speak.
const relpWelcome = "200 OK\nrelp_version=0\nrelp_software=holdfast\ncommands=syslog"

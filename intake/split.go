package intake

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"holdfast/engine/event"
)

// ErrTooLarge is a body or file that is larger than it may be once it is unpacked.
var ErrTooLarge = errors.New("it is larger than is taken at once")

// Unpack reads gzip and zstd, recognised by how they begin, and anything else as it
// is. No more than limit bytes come out; then it fails with ErrTooLarge.
func Unpack(r io.Reader, limit int64) (io.Reader, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	head, err := in.Peek(4)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	var out io.Reader = in
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		if out, err = gzip.NewReader(in); err != nil {
			return nil, fmt.Errorf("it begins like gzip and is not: %w", err)
		}
	case bytes.Equal(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		z, err := zstd.NewReader(in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderMaxMemory(64<<20))
		if err != nil {
			return nil, err
		}
		out = z
	}
	return &bounded{out, limit}, nil
}

// A bounded reader fails when there is more than it may give.
type bounded struct {
	r    io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		var one [1]byte
		if n, err := b.r.Read(one[:]); n == 0 {
			return 0, err
		}
		return 0, ErrTooLarge
	}
	n, err := b.r.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// Split tells of every event in a body or file: each line; each element of a JSON
// list, or of the list "Records" or "value" in which cloud services wrap their logs;
// each entry of a journal export. Line is valid until emit returns; whole is more
// than len(line) when it was too long.
func Split(r io.Reader, emit func(line []byte, whole int) error) error {
	in := bufio.NewReaderSize(r, 64<<10)
	head, err := in.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	head = bytes.TrimLeft(head, " \t\r\n\ufeff")
	switch {
	case bytes.HasPrefix(head, []byte("[")) && looksLikeList(head):
		return splitList(in, emit)
	case wrapped.match(head):
		return splitList(in, emit)
	case bytes.HasPrefix(head, []byte("__CURSOR=")):
		return splitEntries(in, emit)
	}
	return splitLines(in, emit)
}

// looksLikeList tells a JSON list from a line that begins with a bracket.
func looksLikeList(head []byte) bool {
	rest := bytes.TrimLeft(head[1:], " \t\r\n")
	return len(rest) > 0 && (rest[0] == '{' || rest[0] == ']')
}

// wrapped are the names of lists in which services wrap their events.
var wrapped = wrappers{"Records", "value", "events", "logEvents"}

type wrappers []string

func (w wrappers) match(head []byte) bool {
	if len(head) == 0 || head[0] != '{' {
		return false
	}
	rest := bytes.TrimLeft(head[1:], " \t\r\n")
	for _, name := range w {
		if after, ok := bytes.CutPrefix(rest, []byte(`"`+name+`"`)); ok {
			after = bytes.TrimLeft(after, " \t\r\n")
			after = bytes.TrimLeft(bytes.TrimPrefix(after, []byte(":")), " \t\r\n")
			return bytes.HasPrefix(after, []byte("["))
		}
	}
	return false
}

// splitList reads a list of JSON values, wrapped or not.
func splitList(r io.Reader, emit func([]byte, int) error) error {
	d := json.NewDecoder(r)
	for { // to the bracket where the list begins
		t, err := d.Token()
		if err != nil {
			return fmt.Errorf("it begins like a JSON list and is not: %w", err)
		}
		if t == json.Delim('[') {
			break
		}
	}
	for n := 1; d.More(); n++ {
		var v json.RawMessage
		if err := d.Decode(&v); err != nil {
			return fmt.Errorf("event %d of the list: %w", n, err)
		}
		if err := emitJSON(v, emit); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("the list has no end: %w", err)
	}
	return nil
}

// emitJSON tells of one value, on one line.
func emitJSON(v []byte, emit func([]byte, int) error) error {
	if bytes.ContainsAny(v, "\n\r") {
		var line bytes.Buffer
		if err := json.Compact(&line, v); err != nil {
			return err
		}
		v = line.Bytes()
	}
	return emit(v[:min(len(v), room)], len(v))
}

// splitLines reads lines. What is too long is cut, and read to its end.
func splitLines(r *bufio.Reader, emit func([]byte, int) error) error {
	var line []byte
	whole := 0
	for {
		part, err := r.ReadSlice('\n')
		whole += len(part)
		line = append(line, part[:min(len(part), event.MaxLine+2-min(len(line), event.MaxLine+2))]...)
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		text := bytes.TrimRight(line, "\r\n")
		whole -= len(line) - len(text)
		if len(bytes.TrimSpace(text)) > 0 {
			if failed := emit(text[:min(len(text), room)], whole); failed != nil {
				return failed
			}
		}
		if err != nil {
			return nil
		}
		line, whole = line[:0], 0
	}
}

// splitEntries reads entries of a journal export: lines, with an empty one between
// two entries.
func splitEntries(r *bufio.Reader, emit func([]byte, int) error) error {
	var entry []byte
	whole := 0
	tell := func() error {
		defer func() { entry, whole = entry[:0], 0 }()
		text := bytes.TrimRight(entry, "\n")
		if len(text) == 0 {
			return nil
		}
		return emit(text[:min(len(text), room)], max(whole-(len(entry)-len(text)), len(text)))
	}
	atStart := true
	for {
		part, err := r.ReadSlice('\n')
		if atStart && len(part) == 1 {
			if failed := tell(); failed != nil {
				return failed
			}
			continue
		}
		whole += len(part)
		entry = append(entry, part[:min(len(part), event.MaxLine-min(len(entry), event.MaxLine))]...)
		atStart = !errors.Is(err, bufio.ErrBufferFull)
		if err == nil || errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if !errors.Is(err, io.EOF) {
			return err
		}
		return tell()
	}
}

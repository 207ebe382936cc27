package eventstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"time"

	"holdfast/engine/event"
)

// A frame is one group of lines as it lies in the log:
//
//	mark(4) length(4) checksum(4) first(8) lines(4) keys(4) body(length)
//
// All numbers are little-endian. The checksum (CRC-32C) covers everything after
// itself; it begins with the seed of the file, which is random, so that no line can be
// written to look like a frame. The body holds the lines, each as source, peer, time of receipt and raw
// bytes, and then the keys that were used; texts and bytes come after their length.
const (
	frameHead = 28
	frameMark = 0x48464556 // "VEFH" on disk
	maxFrame  = 128 << 20
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// errTorn is a frame that is not whole.
var errTorn = errors.New("a frame is not whole")

// A frameInfo is the head of a frame.
type frameInfo struct {
	first  Position
	lines  uint32
	keys   uint32
	length uint32
	sum    uint32
}

// last is the position of the last line; one before the first for a frame of keys only.
func (h frameInfo) last() Position { return h.first + Position(h.lines) - 1 }

// size of the whole frame in bytes.
func (h frameInfo) size() int64 { return frameHead + int64(h.length) }

// sealFrame fills in the head of a frame whose body is complete.
func sealFrame(seed uint32, frame []byte, first Position, lines, keys int) {
	binary.LittleEndian.PutUint32(frame[0:], frameMark)
	binary.LittleEndian.PutUint32(frame[4:], uint32(len(frame)-frameHead)) //nolint:gosec // bounded by maxFrame
	binary.LittleEndian.PutUint64(frame[12:], uint64(first))
	binary.LittleEndian.PutUint32(frame[20:], uint32(lines)) //nolint:gosec // bounded by the length
	binary.LittleEndian.PutUint32(frame[24:], uint32(keys))  //nolint:gosec // bounded by the length
	binary.LittleEndian.PutUint32(frame[8:], crc32.Update(seed, castagnoli, frame[12:]))
}

// readHead reads the head of a frame, without judging its body.
func readHead(b []byte) (frameInfo, error) {
	if len(b) < frameHead || binary.LittleEndian.Uint32(b) != frameMark {
		return frameInfo{}, errTorn
	}
	h := frameInfo{
		length: binary.LittleEndian.Uint32(b[4:]), sum: binary.LittleEndian.Uint32(b[8:]),
		first: Position(binary.LittleEndian.Uint64(b[12:])),
		lines: binary.LittleEndian.Uint32(b[20:]), keys: binary.LittleEndian.Uint32(b[24:]),
	}
	if h.length > maxFrame || h.first == 0 {
		return frameInfo{}, errTorn
	}
	return h, nil
}

// checkFrame reads the head of a whole frame and compares its checksum.
func checkFrame(seed uint32, b []byte) (frameInfo, error) {
	h, err := readHead(b)
	if err != nil || h.size() > int64(len(b)) || crc32.Update(seed, castagnoli, b[12:h.size()]) != h.sum {
		return frameInfo{}, errTorn
	}
	return h, nil
}

func appendLine(b []byte, l event.Line) []byte {
	b = appendText(b, l.Source)
	b = appendText(b, l.Peer)
	b = binary.AppendVarint(b, l.Received.UnixNano())
	b = binary.AppendUvarint(b, uint64(len(l.Raw)))
	return append(b, l.Raw...)
}

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}

// A body reads what a frame holds. The first mistake stops it.
type body struct {
	rest []byte
	err  error
}

func (b *body) bytes() []byte {
	n, size := binary.Uvarint(b.rest)
	if b.err != nil || size <= 0 || n > uint64(len(b.rest)-size) {
		b.err = errTorn
		return nil
	}
	part := b.rest[size : size+int(n) : size+int(n)] //nolint:gosec // not more than there is
	b.rest = b.rest[size+int(n):]                    //nolint:gosec // not more than there is
	return part
}

func (b *body) time() time.Time {
	n, size := binary.Varint(b.rest)
	if b.err != nil || size <= 0 {
		b.err = errTorn
		return time.Time{}
	}
	b.rest = b.rest[size:]
	return time.Unix(0, n).UTC()
}

// names gives the same string for the same bytes, as long as they repeat.
type names struct{ source, peer string }

func same(old string, b []byte) string {
	if old == string(b) {
		return old
	}
	return string(b)
}

// readBody calls the functions with what a checked frame holds. The raw bytes of the
// lines point into the frame.
func readBody(h frameInfo, frame []byte, line func(Stored), key func(Key)) error {
	b := body{rest: frame[frameHead:h.size()]}
	var seen names
	for i := range h.lines {
		seen.source = same(seen.source, b.bytes())
		seen.peer = same(seen.peer, b.bytes())
		at := b.time()
		raw := b.bytes()
		if b.err != nil {
			return fmt.Errorf("line %d: %w", h.first+Position(i), b.err)
		}
		if line != nil {
			line(Stored{h.first + Position(i), event.Line{Source: seen.source, Peer: seen.peer, Received: at, Raw: raw}})
		}
	}
	for range h.keys {
		k := Key{Name: string(b.bytes()), Value: string(b.bytes())}
		if b.err != nil {
			return b.err
		}
		if key != nil {
			key(k)
		}
	}
	return nil
}

package stream

import (
	"encoding/binary"
	"errors"
	"time"

	"holdfast/engine/event"
	"holdfast/eventstore"
)

// messageForm is the first byte of a message. It changes when the form does.
const messageForm = 1

// The bounds of a message. Names have those of the event store.
const (
	maxName  = 1 << 10
	headRoom = 2*maxName + 64 // bytes that a message needs beside the line
)

var errMessage = errors.New("a message of the stream is not one that Holdfast wrote")

// encode writes a line as a message: the form, the position, when it was received in
// nanoseconds, source and address each behind their length, and the bytes of the line.
func encode(l eventstore.Stored) []byte {
	b := make([]byte, 0, headRoom+len(l.Raw))
	b = append(b, messageForm)
	b = binary.AppendUvarint(b, uint64(l.Position))
	b = binary.AppendVarint(b, l.Received.UnixNano())
	for _, text := range []string{l.Source, l.Peer} {
		b = binary.AppendUvarint(b, uint64(len(text)))
		b = append(b, text...)
	}
	return append(b, l.Raw...)
}

// decode reads what encode wrote. The line shares the memory of the message.
func decode(data []byte) (l eventstore.Stored, err error) {
	if len(data) == 0 || data[0] != messageForm || len(data) > headRoom+event.MaxLine {
		return l, errMessage
	}
	data = data[1:]
	position, n := binary.Uvarint(data)
	if n <= 0 || position == 0 {
		return l, errMessage
	}
	data = data[n:]
	received, n := binary.Varint(data)
	if n <= 0 {
		return l, errMessage
	}
	data = data[n:]
	for _, text := range []*string{&l.Source, &l.Peer} {
		size, n := binary.Uvarint(data)
		if n <= 0 || size > maxName || size > uint64(len(data)-n) {
			return l, errMessage
		}
		*text, data = string(data[n:n+int(size)]), data[n+int(size):] //nolint:gosec // at most maxName
	}
	if len(data) > event.MaxLine {
		return l, errMessage
	}
	l.Position, l.Received, l.Raw = eventstore.Position(position), time.Unix(0, received).UTC(), data
	return l, nil
}

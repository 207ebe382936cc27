package stream

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"holdfast/eventstore"
)

// cursorName is the cursor behind which a store is published.
const cursorName = "stream"

// mostInFlight is how many messages wait for an answer at once.
const mostInFlight = 512

// Progress is how far publishing came: the last line that the stream keeps, and how many
// lines retention dropped, since it began, before they could be published.
type Progress func(upTo eventstore.Position, skipped uint64)

// Publish publishes the lines of a store, in order, until the context ends, the store is
// closed, or the stream cannot take them; it returns why. Whoever calls it again goes on
// where the stream ends: no line is left out, and none is in the stream twice. A stream
// that is new, also because the servers lost it, begins behind the line begin. Only one
// may publish into a stream at a time. tell may be nil.
func (s *Stream) Publish(ctx context.Context, store *eventstore.Store, begin eventstore.Position, tell Progress) error {
	cursor, err := store.Follow(cursorName)
	if err != nil {
		return err
	}
	if err := s.prepare(ctx); err != nil {
		return err
	}
	sequence, lines, err := s.resume(ctx, store, cursor, begin)
	for ; err == nil; lines, err = cursor.Next(ctx) {
		if err := s.send(ctx, lines, sequence); err != nil {
			return err
		}
		sequence += uint64(len(lines))
		if err := cursor.Commit(); err != nil {
			return err
		}
		if tell != nil {
			tell(cursor.Position(), cursor.Skipped())
		}
	}
	return err
}

// resume puts the cursor behind the last line of the stream, whatever was committed: a
// crash before the commit doubles nothing, and what the servers lost is sent again. It
// returns the number of the last message and the lines that were read on the way.
func (s *Stream) resume(ctx context.Context, store *eventstore.Store, cursor *eventstore.Cursor, begin eventstore.Position) (sequence uint64, ahead []eventstore.Stored, err error) {
	info, err := s.stream.Info(ctx)
	if err != nil {
		return 0, nil, fmt.Errorf("ask where the stream %s ends: %w", s.cfg.Name, err)
	}
	sequence = info.State.LastSeq
	if sequence == 0 {
		cursor.Seek(min(begin, store.Last()))
		return 0, nil, nil
	}
	message, err := s.stream.GetMsg(ctx, sequence)
	if errors.Is(err, jetstream.ErrMsgNotFound) {
		return sequence, nil, nil // all of it is too old: the cursor knows
	}
	if err != nil {
		return 0, nil, fmt.Errorf("read the end of the stream %s: %w", s.cfg.Name, err)
	}
	last, err := decode(message.Data)
	if err != nil {
		return 0, nil, fmt.Errorf("stream %s, message %d: %w", s.cfg.Name, sequence, err)
	}
	if last.Position > store.Last() {
		return 0, nil, s.foreign(last.Position)
	}
	cursor.Seek(last.Position - 1)
	if ahead, err = cursor.Next(ctx); err != nil {
		return 0, nil, err
	}
	if ahead[0].Position > last.Position {
		return sequence, ahead, nil // retention was quicker: there is nothing to compare with
	}
	if string(encode(ahead[0])) != string(message.Data) {
		return 0, nil, s.foreign(last.Position)
	}
	return sequence, ahead[1:], nil
}

func (s *Stream) foreign(p eventstore.Position) error {
	return fmt.Errorf("the stream %s ends with a line %d that this event store does not have: it belongs to another store, or this one was restored from a backup; name another stream", s.cfg.Name, p)
}

// send publishes lines behind the message with that number and waits until all of them
// are kept. Each message names the number before its own, so when one is refused those
// behind it are too: there is never a gap.
func (s *Stream) send(ctx context.Context, lines []eventstore.Stored, sequence uint64) error {
	for len(lines) > 0 {
		n := min(len(lines), mostInFlight)
		futures := make([]jetstream.PubAckFuture, n)
		var err error
		for i, l := range lines[:n] {
			m := &nats.Msg{Subject: s.subject(), Data: encode(l)}
			futures[i], err = s.js.PublishMsgAsync(m, jetstream.WithMsgID(strconv.FormatUint(uint64(l.Position), 10)),
				jetstream.WithExpectLastSequence(sequence+uint64(i))) //nolint:gosec // counts lines
			if err != nil {
				return fmt.Errorf("publish line %d: %w", l.Position, err)
			}
		}
		if err := s.settle(ctx, futures, lines); err != nil {
			return err
		}
		sequence, lines = sequence+uint64(n), lines[n:] //nolint:gosec // counts lines
	}
	return nil
}

// settle waits for the answers to messages.
func (s *Stream) settle(ctx context.Context, futures []jetstream.PubAckFuture, lines []eventstore.Stored) error {
	ctx, cancel := context.WithTimeout(ctx, answer)
	defer cancel()
	for i, f := range futures {
		select {
		case <-f.Ok():
		case err := <-f.Err():
			return fmt.Errorf("the stream %s did not take line %d: %w", s.cfg.Name, lines[i].Position, err)
		case <-ctx.Done():
			return fmt.Errorf("the stream %s did not answer for line %d: %w", s.cfg.Name, lines[i].Position, ctx.Err())
		}
	}
	return nil
}

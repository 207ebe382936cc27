package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"holdfast/eventstore"
)

// A Mark is a place in a stream, behind a line. The caller keeps it.
type Mark struct {
	Position eventstore.Position // of the line; 0: before the oldest
	Sequence uint64              // of its message, so that it is found quickly; 0: unknown
}

// A Tail reads all of a stream in order, beside every group and without a memory: the
// caller keeps the mark. Each line comes once. It is used by one goroutine.
type Tail struct {
	stream   *Stream
	begin    jetstream.ConsumerConfig // where it begins, until it has read something
	mark     Mark
	consumer jetstream.Consumer // nil: to be made
	next     uint64             // number of the next message from the consumer
	left     uint64             // messages behind the last that came
	foreign  uint64
	barren   int // times in a row that nothing came
}

// fruitless is how often nothing may come before the reader asks whether the stream still
// knows it: it says nothing to one that it has forgotten.
const fruitless = 4

// forgotten is after how long the stream forgets a reader that has died.
const forgotten = 2 * time.Minute

// Tail begins behind a mark. A stream that was made anew is read from its beginning, and
// lines up to the position of the mark are left out.
func (s *Stream) Tail(ctx context.Context, after Mark) (*Tail, error) {
	t := &Tail{stream: s, mark: Mark{Position: after.Position}, begin: jetstream.ConsumerConfig{DeliverPolicy: jetstream.DeliverAllPolicy}}
	if after.Sequence > 0 {
		m, err := s.stream.GetMsg(ctx, after.Sequence)
		if err != nil && !errors.Is(err, jetstream.ErrMsgNotFound) {
			return nil, t.failed("look for line %d", err, after.Position)
		}
		if err == nil {
			if l, err := decode(m.Data); err == nil && l.Position == after.Position {
				t.mark = after
			}
		}
	}
	return t, t.open(ctx)
}

// Received is when the line at a mark was received; zero: the stream no longer has it.
func (s *Stream) Received(ctx context.Context, at Mark) (time.Time, error) {
	m, err := s.stream.GetMsg(ctx, at.Sequence)
	if at.Sequence == 0 || errors.Is(err, jetstream.ErrMsgNotFound) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("look for line %d of the stream %s: %w", at.Position, s.cfg.Name, err)
	}
	l, err := decode(m.Data)
	return l.Received, err
}

// Replay gives each line up to a mark again, in order, that was published at a time or
// later: the last of them when there are more than most. It ends with the first error.
func (s *Stream) Replay(ctx context.Context, until Mark, from time.Time, most uint64, each func(*eventstore.Stored) error) error {
	t := &Tail{stream: s, begin: jetstream.ConsumerConfig{DeliverPolicy: jetstream.DeliverByStartTimePolicy, OptStartTime: &from}}
	if err := t.open(ctx); err != nil {
		return err
	}
	defer func() { t.Close() }()
	if until.Sequence > most && t.left > most {
		if info, err := s.stream.Info(ctx); err != nil {
			return t.failed("ask where it ends", err)
		} else if first := info.State.LastSeq + 1 - min(t.left, info.State.LastSeq); first < until.Sequence-most {
			t.Close()
			t.begin = jetstream.ConsumerConfig{DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: until.Sequence - most + 1}
			if err := t.open(ctx); err != nil {
				return err
			}
		}
	}
	for t.left > 0 {
		lines, err := t.Next(ctx)
		if err != nil {
			return err
		}
		for i := range lines {
			if lines[i].Position > until.Position {
				return nil
			}
			if err := each(&lines[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// open makes the reader in the stream behind what was read.
func (t *Tail) open(ctx context.Context) error {
	cfg := t.begin
	if t.mark.Sequence > 0 {
		cfg = jetstream.ConsumerConfig{DeliverPolicy: jetstream.DeliverByStartSequencePolicy, OptStartSeq: t.mark.Sequence + 1}
	}
	cfg.AckPolicy, cfg.InactiveThreshold, cfg.MemoryStorage, cfg.Replicas = jetstream.AckNonePolicy, forgotten, true, 1
	ctx, cancel := context.WithTimeout(ctx, answer)
	defer cancel()
	c, err := t.stream.stream.CreateConsumer(ctx, cfg)
	if err != nil {
		return t.failed("read on", err)
	}
	t.consumer, t.next, t.left = c, 1, c.CachedInfo().NumPending
	return nil
}

// Next returns the next lines, some thousand at most, and waits while there are none.
func (t *Tail) Next(ctx context.Context) ([]eventstore.Stored, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if t.consumer == nil {
			if err := t.open(ctx); err != nil {
				return nil, err
			}
		}
		if err := t.known(ctx); err != nil {
			return nil, err
		}
		lines, err := t.ask(ctx)
		if t.barren++; len(lines) > 0 {
			t.barren = 0
		}
		if err != nil || len(lines) > 0 {
			return lines, err
		}
		if err := t.stream.Away(); err != nil {
			return nil, err
		}
	}
}

// known makes the reader anew when the stream has forgotten it.
func (t *Tail) known(ctx context.Context) error {
	if t.barren < fruitless {
		return nil
	}
	t.barren = 0
	_, err := t.consumer.Info(ctx)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return t.open(ctx)
	}
	if err != nil {
		return t.failed("ask for the reader", err)
	}
	return nil
}

// ask waits for a line for a while, and takes what else is there.
func (t *Tail) ask(ctx context.Context) ([]eventstore.Stored, error) {
	waiting, cancel := context.WithTimeout(ctx, onePull)
	defer cancel()
	batch, err := t.consumer.Fetch(1, jetstream.FetchContext(waiting))
	if errors.Is(err, jetstream.ErrInvalidOption) {
		<-waiting.Done() // what is left of the time is too short to ask
	}
	lines, n, err := t.take(batch, err)
	if err != nil && waiting.Err() == nil {
		t.Close()
		return nil, err
	}
	if n == 0 {
		return nil, ctx.Err()
	}
	for bytes := size(lines); t.consumer != nil && len(lines)+askedLines <= nextLines && bytes < nextBytes; {
		more, n, err := t.take(t.consumer.FetchNoWait(askedLines))
		lines, bytes = append(lines, more...), bytes+size(more)
		if err != nil || n < askedLines {
			break // what is wrong is told by the next call
		}
	}
	return lines, nil
}

// take reads lines out of an answer and tells how many messages it had. When one got lost
// on the way, what follows is left out and asked for again.
func (t *Tail) take(batch jetstream.MessageBatch, err error) (lines []eventstore.Stored, n int, _ error) {
	if err != nil {
		return nil, 0, t.failed("ask for lines", err)
	}
	for m := range batch.Messages() {
		meta, err := m.Metadata()
		if err != nil || meta.Sequence.Consumer != t.next {
			t.Close()
		}
		if t.consumer == nil {
			continue // the channel is read to its end
		}
		n++
		t.next, t.left, t.mark.Sequence = t.next+1, meta.NumPending, meta.Sequence.Stream
		l, err := decode(m.Data())
		if err != nil {
			t.foreign++
			continue
		}
		if l.Position > t.mark.Position {
			t.mark.Position = l.Position
			lines = append(lines, l)
		}
	}
	if err := batch.Error(); err != nil && n == 0 {
		return nil, 0, t.failed("ask for lines", err)
	}
	return lines, n, nil
}

// Mark is the place behind the last line that Next returned.
func (t *Tail) Mark() Mark { return t.mark }

// Foreign counts messages that were left out because Holdfast did not write them.
func (t *Tail) Foreign() uint64 { return t.foreign }

// Close ends the reader in the stream. A Next after it makes another that reads on.
func (t *Tail) Close() {
	if t.consumer == nil {
		return
	}
	name := t.consumer.CachedInfo().Name
	t.consumer = nil
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = t.stream.stream.DeleteConsumer(ctx, name) // otherwise the stream forgets it
}

func (t *Tail) failed(doing string, err error, args ...any) error {
	return fmt.Errorf("%s of the stream %s: %w", fmt.Sprintf(doing, args...), t.stream.cfg.Name, err)
}

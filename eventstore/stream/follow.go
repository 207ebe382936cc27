package stream

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"holdfast/eventstore"
)

const (
	askedLines = 256              // that are asked for at once
	nextLines  = 2048             // that Next returns at once at most
	nextBytes  = 4 << 20          // behind which Next asks for no more
	mostHeld   = 16 * nextLines   // lines that a group may hold uncommitted
	onePull    = 20 * time.Second // how long one request for lines waits
	heartbeats = 3                // in the time that the stream has patience
)

// A Cursor is one follower of a group. It is used by one goroutine. While it lives the
// lines that it holds are its own, however long it takes; when it dies, others of the
// group get them. Lines come about in order of position, without promise: those of a
// follower that died come late.
//
// A follower that dies after it acted on lines and before Commit returned leaves them
// to another: whoever acts on lines makes sure that doing it twice does no harm, by the
// position, as with a cursor of the event store.
type Cursor struct {
	stream   *Stream
	consumer jetstream.Consumer
	stop     chan struct{}
	stopped  chan struct{}
	once     sync.Once
	foreign  atomic.Uint64

	mu   sync.Mutex // guards held
	held []jetstream.Msg
}

// Follow joins a group. A new group begins with the oldest line that the stream has.
func (s *Stream) Follow(ctx context.Context, group string) (*Cursor, error) {
	if !name.MatchString(group) {
		return nil, fmt.Errorf("%q is no name for a group: letters, digits, - and _ are", group)
	}
	ctx, cancel := context.WithTimeout(ctx, answer)
	defer cancel()
	consumer, err := s.stream.CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: group, DeliverPolicy: jetstream.DeliverAllPolicy, AckPolicy: jetstream.AckExplicitPolicy,
		AckWait: s.cfg.Patience, MaxDeliver: -1, MaxAckPending: mostHeld,
	})
	if err != nil {
		return nil, fmt.Errorf("join the group %s of the stream %s: %w", group, s.cfg.Name, err)
	}
	c := &Cursor{stream: s, consumer: consumer, stop: make(chan struct{}), stopped: make(chan struct{})}
	go c.beat()
	return c, nil
}

// Next returns the next lines of the share of this follower, some hundred at most, and
// waits while there are none.
func (c *Cursor) Next(ctx context.Context) ([]eventstore.Stored, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		waiting, cancel := context.WithTimeout(ctx, onePull)
		batch, err := c.consumer.Fetch(1, jetstream.FetchContext(waiting))
		if errors.Is(err, jetstream.ErrInvalidOption) {
			<-waiting.Done() // what is left of the time is too short to ask
		}
		first, err := c.hold(batch, err)
		ended := waiting.Err() != nil
		cancel()
		if err != nil && !ended {
			return nil, err
		}
		if len(first) == 0 {
			if err := c.stream.Away(); err != nil {
				return nil, err
			}
			continue
		}
		return c.gather(first), nil
	}
}

// gather adds what else is there now, until it is enough. An error leaves what came; what
// is wrong is told by the next call.
func (c *Cursor) gather(lines []eventstore.Stored) []eventstore.Stored {
	for bytes := size(lines); len(lines)+askedLines <= nextLines && bytes < nextBytes; {
		more, err := c.hold(c.consumer.FetchNoWait(askedLines))
		lines, bytes = append(lines, more...), bytes+size(more)
		if err != nil || len(more) < askedLines {
			break
		}
	}
	return lines
}

func size(lines []eventstore.Stored) (bytes int) {
	for _, l := range lines {
		bytes += len(l.Raw)
	}
	return bytes
}

// hold takes lines out of an answer; they are held from then on. A message that is none
// of ours is put aside for good, or it would come again and again.
func (c *Cursor) hold(batch jetstream.MessageBatch, err error) (lines []eventstore.Stored, _ error) {
	if err != nil {
		return nil, c.failed("ask for lines", err)
	}
	for m := range batch.Messages() {
		l, err := decode(m.Data())
		if err != nil {
			c.foreign.Add(1)
			_ = m.Term() // if it gets lost the message comes again
			continue
		}
		lines = append(lines, l)
		c.mu.Lock()
		c.held = append(c.held, m)
		c.mu.Unlock()
	}
	if err := batch.Error(); err != nil && len(lines) == 0 {
		return nil, c.failed("ask for lines", err)
	}
	return lines, nil
}

func (c *Cursor) failed(doing string, err error) error {
	return fmt.Errorf("%s of the stream %s: %w", doing, c.stream.cfg.Name, err)
}

// Commit tells the stream that everything that Next returned is dealt with. When it
// returns without an error nobody gets it again.
func (c *Cursor) Commit() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.held) == 0 {
		return nil
	}
	last := len(c.held) - 1
	for _, m := range c.held[:last] {
		if err := m.Ack(); err != nil && !errors.Is(err, jetstream.ErrMsgAlreadyAckd) {
			return c.failed("commit lines", err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), answer)
	defer cancel()
	// Answers are dealt with in order: that of the last one holds for all.
	if err := c.held[last].DoubleAck(ctx); err != nil {
		return c.failed("commit lines", err)
	}
	c.held = nil
	return nil
}

// Foreign counts messages that were put aside because Holdfast did not write them.
func (c *Cursor) Foreign() uint64 { return c.foreign.Load() }

// Behind tells how many lines nobody of the group has committed.
func (c *Cursor) Behind(ctx context.Context) (uint64, error) {
	info, err := c.consumer.Info(ctx)
	if err != nil {
		return 0, c.failed("ask for the state", err)
	}
	return behind(info), nil
}

func behind(info *jetstream.ConsumerInfo) uint64 {
	return info.NumPending + uint64(info.NumAckPending) //nolint:gosec // counts lines
}

// Close leaves the group. What was not committed goes to others at once.
func (c *Cursor) Close() {
	c.once.Do(func() { close(c.stop) })
	<-c.stopped
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range c.held {
		_ = m.Nak() // otherwise they get it when patience ends
	}
	c.held = nil
}

// beat tells the stream that the lines that are held are still worked on, so that
// nobody else gets them.
func (c *Cursor) beat() {
	defer close(c.stopped)
	tick := time.NewTicker(c.stream.cfg.Patience / heartbeats)
	defer tick.Stop()
	for {
		select {
		case <-c.stop:
			return
		case <-tick.C:
			c.mu.Lock()
			for _, m := range c.held {
				_ = m.InProgress() // a lost connection is told by Next and Commit
			}
			c.mu.Unlock()
		}
	}
}

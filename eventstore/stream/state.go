package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"

	"holdfast/eventstore"
)

// A State is how full a stream is.
type State struct {
	Lines, Bytes uint64
	Oldest       time.Time // when the oldest line was published; zero: there is none
	Keep         time.Duration
	MaxBytes     int64
}

// State asks how full the stream is.
func (s *Stream) State(ctx context.Context) (State, error) {
	info, err := s.stream.Info(ctx)
	if err != nil {
		return State{}, fmt.Errorf("ask for the state of the stream %s: %w", s.cfg.Name, err)
	}
	return State{Lines: info.State.Msgs, Bytes: info.State.Bytes, Oldest: info.State.FirstTime, Keep: info.Config.MaxAge, MaxBytes: info.Config.MaxBytes}, nil
}

// First is the oldest line that the stream has; 0: it has none.
func (s *Stream) First(ctx context.Context) (eventstore.Position, error) {
	info, err := s.stream.Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("ask where the stream %s begins: %w", s.cfg.Name, err)
	}
	if info.State.Msgs == 0 {
		return 0, nil
	}
	m, err := s.stream.GetMsg(ctx, info.State.FirstSeq)
	if errors.Is(err, jetstream.ErrMsgNotFound) { // it has just left
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("read the beginning of the stream %s: %w", s.cfg.Name, err)
	}
	l, err := decode(m.Data)
	if err != nil {
		return 0, fmt.Errorf("stream %s, message %d: %w", s.cfg.Name, info.State.FirstSeq, err)
	}
	return l.Position, nil
}

// Behind tells how many lines nobody of a group has committed, without joining it; known
// is false when nobody ever did.
func (s *Stream) Behind(ctx context.Context, group string) (lines uint64, known bool, err error) {
	c, err := s.stream.Consumer(ctx, group)
	if errors.Is(err, jetstream.ErrConsumerNotFound) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("ask for the group %s of the stream %s: %w", group, s.cfg.Name, err)
	}
	return behind(c.CachedInfo()), true, nil
}

// After tells how many lines are behind a mark, and how many the stream dropped, because
// their time was over, before whoever keeps the mark came to read them.
func (s *Stream) After(ctx context.Context, m Mark) (lines, lost uint64, err error) {
	info, err := s.stream.Info(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("ask where the stream %s ends: %w", s.cfg.Name, err)
	}
	st := info.State
	if m.Sequence > st.LastSeq { // it was made anew
		return st.Msgs, 0, nil
	}
	dropped := max(st.FirstSeq, 1) - 1
	if m.Sequence > 0 && dropped > m.Sequence {
		lost = dropped - m.Sequence
	}
	return st.LastSeq - max(m.Sequence, dropped), lost, nil
}

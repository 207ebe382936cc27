package eventstore

import (
	"errors"
	"time"
)

// errNameless is what committing a cursor without a name comes to.
var errNameless = errors.New("this cursor has no name: it only looks, and remembers nothing")

// Since is a cursor without a name, for somebody who looks at what is there and
// remembers nothing: it begins with the first line that arrived at an instant or later,
// as far as the row groups of segments tell; a few lines before that may come first.
func (s *Store) Since(t time.Time) (*Cursor, error) {
	before, found, err := s.sealedBefore(t.UnixMilli())
	if err == nil && !found {
		before, err = s.unsealedBefore(t.UnixMilli(), before)
	}
	if err != nil {
		return nil, err
	}
	return &Cursor{store: s, read: before, committed: before}, nil
}

// sealedBefore is the last sealed position of which it is sure that it and all before
// arrived earlier; found tells that a sealed line arrived at the instant or later.
func (s *Store) sealedBefore(ms int64) (before Position, found bool, err error) {
	s.segMu.RLock()
	defer s.segMu.RUnlock()
	for _, g := range s.segments {
		if lastReceived(g.SegmentInfo) < ms {
			before = g.Last
			continue
		}
		groups, err := g.open()
		if err != nil {
			return 0, false, err
		}
		for _, group := range groups {
			if _, last := group.bounds(theLayout.received); last >= ms {
				return before, true, nil
			}
			_, last := group.bounds(theLayout.position)
			before = Position(last) //nolint:gosec // positions count lines
		}
	}
	return before, false, nil
}

func lastReceived(i SegmentInfo) int64 {
	var last int64
	for _, s := range i.Sources {
		last = max(last, s.Last.UnixMilli())
	}
	return last
}

// unsealedBefore goes on in what is not sealed, behind a position.
func (s *Store) unsealedBefore(ms int64, before Position) (Position, error) {
	s.headMu.Lock()
	defer s.headMu.Unlock()
	if err := s.catchUp(); err != nil {
		return 0, err
	}
	for _, b := range s.head.blocks {
		for i, received := range b.received {
			if received >= ms {
				return before, nil
			}
			before = max(before, Position(b.position[i])) //nolint:gosec // positions count lines
		}
	}
	return before, nil
}

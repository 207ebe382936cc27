package eventstore

import "holdfast/engine/event"

// A head is what is not sealed, parsed: filled from the log when somebody searches or
// seals.
type head struct {
	blocks []*block // the last one grows
	last   Position // the last line that is in it
	at     place    // where the log goes on
}

// catchUp parses what was appended since the last time. The lock of the head is held.
func (s *Store) catchUp() error {
	until := s.Last()
	var e event.Event
	for s.head.last < until {
		lines, at, err := s.readLog(s.head.last, s.head.at, nextLines, nextBytes)
		if err != nil {
			return err
		}
		s.head.at = at
		for _, l := range lines {
			s.parse(l, &e)
			s.growing(l).add(l, &e)
			s.head.last = l.Position
		}
	}
	return nil
}

// growing is the block that takes the line: a new one when the last is full, or the
// line came on a later day.
func (s *Store) growing(l Stored) *block {
	if n := len(s.head.blocks); n > 0 {
		b := s.head.blocks[n-1]
		if b.len() == 0 || !b.full() && dayOf(l.Received) <= b.day {
			return b
		}
	}
	b := newBlock()
	s.head.blocks = append(s.head.blocks, b)
	return b
}

// ripe are the blocks that can be sealed: those that no longer grow, or all.
func (h *head) ripe(all bool) []*block {
	n := len(h.blocks)
	if n > 0 && (h.blocks[n-1].len() == 0 || !all && !h.blocks[n-1].full()) {
		n--
	}
	return h.blocks[:n:n]
}

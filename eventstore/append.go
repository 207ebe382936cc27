package eventstore

import (
	"context"
	"fmt"

	"holdfast/engine/event"
	"holdfast/kind"
)

// The limits of one call of Append. An intake that has more calls again.
const (
	maxAppend = 32 << 20 // bytes
	maxName   = 1 << 10  // bytes of a source, an address or a key
	lineHead  = 40       // bytes that a line may need beside its texts
)

// A Key is how a sender that repeats itself after a crash is recognised, and how a
// follower of files knows where it was: the value last used under a name is kept
// together with the lines it came with. A file has its path as name and the offset
// after the lines as value; a sender with numbered messages its session and the number.
type Key struct {
	Name  string
	Value string
}

// A group is what goes to the disk with one fsync.
type group struct {
	frame []byte
	lines int
	keys  []Key
	heads []headLine
	done  chan struct{} // closed when its fate is known
	first Position      // once done
	err   error         // once done
}

func newGroup(room int) *group {
	return &group{frame: make([]byte, frameHead, max(room, 4<<10)), done: make(chan struct{})}
}

// empty tells whether there is nothing to write.
func (g *group) empty() bool { return g.lines == 0 && len(g.keys) == 0 }

// Append keeps lines. When it returns without an error they are on disk, all of them,
// in this order, and last is the position of the last. With an error none of them is.
// Callers at the same time share one fsync. While too much waits, for the disk or to be
// sealed, it waits too, until the context ends.
func (s *Store) Append(ctx context.Context, lines ...event.Line) (last Position, err error) {
	return s.append(ctx, Key{}, lines)
}

// AppendOnce keeps lines together with a key. When the value is the one last kept under
// the name of the key, the lines are there already and nothing is done; last is then
// the last position of the store. It may be called without lines, to keep the key.
func (s *Store) AppendOnce(ctx context.Context, key Key, lines ...event.Line) (last Position, err error) {
	if key.Name == "" || len(key.Name) > maxName || len(key.Value) > maxName {
		return 0, kind.Errorf(kind.Invalid, "a key has a name, and neither name nor value is longer than %d bytes", maxName)
	}
	return s.append(ctx, key, lines)
}

// KeyValue is the value last kept under a name.
func (s *Store) KeyValue(name string) (value string, known bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys.get(name)
}

func (s *Store) append(ctx context.Context, key Key, lines []event.Line) (Position, error) {
	size, err := measure(lines)
	if err != nil {
		return 0, err
	}
	for {
		g, end, room, err := s.join(ctx, key, lines, size)
		if err != nil {
			return 0, err
		}
		if room != nil {
			if err := s.await(ctx, room); err != nil {
				return 0, fmt.Errorf("wait for room in the event store: %w", err)
			}
			continue
		}
		if g == nil {
			return s.Last(), nil
		}
		<-g.done // a group is written or refused in the time of one fsync
		if g.err != nil {
			return 0, g.err
		}
		return g.first + Position(end) - 1, nil
	}
}

// join takes lines into the group that is written next and tells how many that has now.
// It answers no group when there is nothing to do, the group that holds the same key
// when there is one, or a channel to wait for when there is no room.
func (s *Store) join(ctx context.Context, key Key, lines []event.Line, size int) (g *group, end int, room <-chan struct{}, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, 0, nil, ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, 0, nil, err
	}
	if len(lines) == 0 && key.Name == "" || s.keys.has(key) {
		return nil, 0, nil, nil
	}
	for _, g := range []*group{s.group, s.writing} {
		if g != nil && g.has(key) {
			return g, g.lines, nil, nil
		}
	}
	if !s.fits(size) {
		return nil, 0, s.room, nil
	}
	end = s.group.add(key, lines)
	select {
	case s.wake <- struct{}{}:
	default:
	}
	return s.group, end, nil, nil
}

// measure refuses what is out of bounds and estimates the bytes that the rest needs.
func measure(lines []event.Line) (int, error) {
	size := 0
	for i, l := range lines {
		switch {
		case len(l.Raw) > event.MaxLine:
			return 0, kind.Errorf(kind.TooLarge, "line %d has %d bytes; at most %d are taken", i+1, len(l.Raw), event.MaxLine)
		case len(l.Source) > maxName || len(l.Peer) > maxName:
			return 0, kind.Errorf(kind.Invalid, "line %d: source and address have at most %d bytes", i+1, maxName)
		}
		size += len(l.Raw) + len(l.Source) + len(l.Peer) + lineHead
	}
	if size > maxAppend {
		return 0, kind.Errorf(kind.TooLarge, "%d lines with %d bytes are more than one call may append (%d bytes)", len(lines), size, maxAppend)
	}
	return size, nil
}

// fits tells whether so many bytes may be taken now.
func (s *Store) fits(size int) bool {
	if s.backlog() >= s.cfg.MaxBacklog {
		return false
	}
	return s.group.empty() || len(s.group.frame)+size <= s.cfg.MaxPending
}

// backlog is how many bytes of the log are not sealed.
func (s *Store) backlog() int64 {
	var n int64
	for _, f := range s.logs {
		n += f.size - logHead
	}
	return n
}

// has tells whether the group holds the key with the same value.
func (g *group) has(k Key) bool {
	if k.Name == "" {
		return false
	}
	for _, have := range g.keys {
		if have == k {
			return true
		}
	}
	return false
}

// add takes lines into the group and tells how many there are now.
func (g *group) add(key Key, lines []event.Line) int {
	for _, l := range lines {
		g.frame = appendLine(g.frame, l)
	}
	g.heads = append(g.heads, headLines(lines, g.lines)...)
	g.lines += len(lines)
	if key.Name != "" {
		g.keys = append(g.keys, key)
	}
	return g.lines
}

// commitLoop writes groups until the store is closed, and then what is left.
func (s *Store) commitLoop() {
	defer close(s.stopped)
	for {
		select {
		case <-s.wake:
			s.commit()
		case <-s.stop:
			s.commit()
			return
		}
	}
}

// commit writes the group that waits and tells those who wait for it.
func (s *Store) commit() {
	s.mu.Lock()
	g := s.group
	if g.empty() {
		s.mu.Unlock()
		return
	}
	s.writing, s.group = g, newGroup(min(cap(g.frame), s.cfg.MaxPending))
	first := s.durable + 1
	s.mu.Unlock()

	err := s.write(g, first)
	if err == nil {
		s.seeHeads(g.heads, first)
	}

	s.mu.Lock()
	s.writing, g.first, g.err = nil, first, err
	if err == nil {
		s.durable += Position(g.lines)
		for _, k := range g.keys {
			s.keys.put(k)
		}
		close(s.grown)
		s.grown = make(chan struct{})
	}
	s.makeRoom()
	s.mu.Unlock()
	g.frame = nil
	close(g.done)
}

// makeRoom wakes those who wait for room. The lock is held.
func (s *Store) makeRoom() {
	close(s.room)
	s.room = make(chan struct{})
}

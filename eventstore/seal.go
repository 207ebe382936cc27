package eventstore

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"
)

// sealAfter is the age at which lines are sealed though they fill no row group. Small
// segments are merged later.
const sealAfter = 15 * time.Minute

// Seal moves lines from the log into segments: all, or those that fill whole row
// groups. A crash on the way neither loses nor doubles any: a segment counts from the
// moment the manifest names it, and the log goes only afterwards.
func (s *Store) Seal(all bool) error {
	s.sealing.Lock()
	defer s.sealing.Unlock()
	s.headMu.Lock()
	err := s.catchUp()
	blocks := s.head.ripe(all)
	if err == nil && all && len(blocks) == len(s.head.blocks) && len(blocks) > 0 {
		s.head.blocks = append(s.head.blocks, newBlock()) // what comes goes there
	}
	s.headMu.Unlock()
	if err != nil {
		return fmt.Errorf("read the log of events: %w", err)
	}
	for len(blocks) > 0 {
		n := 1
		for n < len(blocks) && n < segmentGroups && blocks[n].day == blocks[0].day {
			n++
		}
		if err := s.sealBlocks(blocks[:n]); err != nil {
			return err
		}
		blocks = blocks[n:]
	}
	return nil
}

// segmentGroups is how many row groups a segment has at most: a million lines.
const segmentGroups = 16

// sealBlocks makes a segment of blocks at the start of the head.
func (s *Store) sealBlocks(blocks []*block) error {
	m := s.manifest.clone()
	last := Position(slices.Max(blocks[len(blocks)-1].position)) //nolint:gosec // positions count lines
	m.Made++
	info, err := s.makeSegment(named(blocks[0].day, m.Sealed+1, last, m.Made), each(blocks))
	if err != nil {
		return full(err)
	}
	m.Segments, m.Sealed = append(m.Segments, info), last
	if err := errors.Join(s.writeKeys(), s.writeTables(), s.writeManifest(m)); err != nil {
		return full(err)
	}
	s.headMu.Lock()
	s.swap(m)
	s.head.blocks = s.head.blocks[len(blocks):]
	s.headMu.Unlock()
	return s.dropLog(last)
}

// swap makes the manifest the valid one. Segments that it does not name are closed:
// nobody reads them any more.
func (s *Store) swap(m manifest) {
	s.segMu.Lock()
	defer s.segMu.Unlock()
	old := s.segments
	s.manifest, s.segments = m, nil
	for _, info := range m.Segments {
		i := slices.IndexFunc(old, func(g *segment) bool { return g != nil && g.Name == info.Name })
		if i >= 0 {
			s.segments = append(s.segments, old[i])
			old[i] = nil
		} else {
			s.segments = append(s.segments, &segment{SegmentInfo: info, shelf: s.shelf})
		}
	}
	for _, g := range old {
		if g != nil {
			_ = g.close() // it was only read
		}
	}
}

// dropLog removes the files of the log whose lines are all sealed.
func (s *Store) dropLog(sealed Position) error {
	s.mu.Lock()
	var gone []*logFile
	for len(s.logs) > 1 && s.logs[1].first <= sealed+1 {
		gone = append(gone, s.logs[0])
		s.logs = s.logs[1:]
	}
	s.makeRoom()
	s.mu.Unlock()
	var err error
	for _, f := range gone {
		err = errors.Join(err, removeQuietly(f.path))
	}
	return err
}

// Run seals in the background until the context ends, at which nothing more needs to be
// done: what is not sealed is in the log. Errors are handed over; Run goes on.
func (s *Store) Run(ctx context.Context, failed func(error)) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.stop:
			return
		case <-tick.C:
		}
		if err := s.Seal(s.old()); err != nil && ctx.Err() == nil {
			failed(err)
		}
	}
}

// old tells whether the oldest line that is not sealed has waited for long enough.
func (s *Store) old() bool {
	s.headMu.Lock()
	defer s.headMu.Unlock()
	return len(s.head.blocks) > 0 && s.head.blocks[0].len() > 0 &&
		s.cfg.Now().Sub(time.UnixMilli(s.head.blocks[0].received[0])) > sealAfter
}

// clearTmp removes what a crash left half written.
func (s *Store) clearTmp() error {
	if err := os.RemoveAll(s.path(tmpDir)); err != nil {
		return err
	}
	return os.MkdirAll(s.path(tmpDir), 0o700)
}

package eventstore

import "slices"

// readSealed reads the row group with the next lines behind a position; none when they
// are not sealed.
func (s *Store) readSealed(after Position) ([]Stored, error) {
	s.segMu.RLock()
	defer s.segMu.RUnlock()
	for _, g := range s.segments {
		if g.Last <= after {
			continue
		}
		groups, err := g.open()
		if err != nil {
			return nil, err
		}
		for _, group := range groups {
			if _, last := group.bounds(theLayout.position); Position(last) <= after { //nolint:gosec // positions count lines
				continue
			}
			b, err := group.whole()
			if err != nil {
				return nil, err
			}
			i, _ := slices.BinarySearch(b.position, int64(after)+1) //nolint:gosec // positions count lines
			var lines []Stored
			for ; i < b.len(); i++ {
				lines = append(lines, b.line(i))
			}
			return lines, nil
		}
	}
	return nil, nil
}

package eventstore

import (
	"context"
	"slices"

	"holdfast/kind"
)

// At is the event at a position. One that was dropped, or never was, is not found.
func (s *Store) At(ctx context.Context, p Position) (Hit, error) {
	parts, release, err := s.snapshot()
	if err != nil {
		return Hit{}, err
	}
	defer release()
	for _, part := range parts {
		if err := ctx.Err(); err != nil {
			return Hit{}, err
		}
		if g, sealed := part.(rowGroup); sealed {
			if from, to := g.bounds(theLayout.position); int64(p) < from || int64(p) > to { //nolint:gosec // positions count lines
				continue
			}
		}
		positions, err := part.positions()
		if err != nil {
			return Hit{}, err
		}
		row := slices.Index(positions, int64(p)) //nolint:gosec // positions count lines
		if row < 0 {
			continue
		}
		want := newBitmap(part.len())
		want.set(row)
		lines, err := part.stored(want)
		if err != nil {
			return Hit{}, err
		}
		h := Hit{Position: p}
		s.parse(lines[row], &h.Event)
		return h, nil
	}
	return Hit{}, kind.Errorf(kind.NotFound, "there is no event %d; events are dropped when their time is over", p)
}

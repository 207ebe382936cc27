package watch

import (
	"fmt"
	"slices"
	"sort"

	"holdfast/eventstore"
)

// spans are the lines that a group has dealt with, as ranges of positions in order that
// do not touch.
type spans []span

// A span is a range of positions, both ends in it.
type span [2]eventstore.Position

// mostSpans bounds the ranges, and with them what each transaction writes. A gap is a line
// that a follower holds, or one that never came into the stream. Followers hold fewer
// lines at once (eventstore/stream sees to it) than there may be gaps, so that of more the
// lowest can only be one that never came.
const mostSpans = 40_000

// has tells whether a line was dealt with.
func (s spans) has(p eventstore.Position) bool {
	i := s.above(p)
	return i < len(s) && s[i][0] <= p
}

// above is the first range that ends at a position or behind it.
func (s spans) above(p eventstore.Position) int {
	return sort.Search(len(s), func(i int) bool { return s[i][1] >= p })
}

// add notes a line. It tells whether it was new.
func (s *spans) add(p eventstore.Position) bool {
	list := *s
	i := list.above(p)
	switch {
	case i < len(list) && list[i][0] <= p:
		return false
	case i < len(list) && list[i][0] == p+1:
		list[i][0] = p
		if i > 0 && list[i-1][1]+1 == p {
			list[i-1][1] = list[i][1]
			list = slices.Delete(list, i, i+1)
		}
	case i > 0 && list[i-1][1]+1 == p:
		list[i-1][1] = p
	default:
		list = slices.Insert(list, i, span{p, p})
	}
	if len(list) > mostSpans {
		list[1][0] = list[0][0]
		list = slices.Delete(list, 0, 1)
	}
	*s = list
	return true
}

// low is the last line up to which all were dealt with.
func (s spans) low() eventstore.Position {
	if len(s) == 0 {
		return 0
	}
	return s[0][1]
}

// through notes all lines up to one.
func (s *spans) through(p eventstore.Position) {
	if p == 0 {
		return
	}
	list := *s
	i := sort.Search(len(list), func(i int) bool { return list[i][1] > p+1 })
	if i < len(list) && list[i][0] <= p+1 {
		p = list[i][1]
		i++
	} else if i > 0 {
		p = max(p, list[i-1][1])
	}
	*s = append(spans{{1, p}}, list[i:]...)
}

// holes is how many lines up to one were not dealt with.
func (s spans) holes(upTo eventstore.Position) uint64 {
	n := uint64(upTo)
	for _, r := range s {
		if r[0] <= upTo {
			n -= uint64(min(r[1], upTo) - r[0] + 1)
		}
	}
	return n
}

// check refuses what add would never have made.
func (s spans) check() error {
	var last eventstore.Position
	for i, r := range s {
		if r[0] > r[1] || i > 0 && r[0] <= last+1 {
			return fmt.Errorf("range %d of the lines that were dealt with is not in order", i+1)
		}
		last = r[1]
	}
	return nil
}

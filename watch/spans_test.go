package watch

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"holdfast/eventstore"
)

func TestSpansKnowExactlyWhatWasAdded(t *testing.T) {
	const lines = 400
	for seed := range uint64(50) {
		random := rand.New(rand.NewPCG(seed, 1))
		var s spans
		known := map[eventstore.Position]bool{}
		for range 600 {
			if random.IntN(200) == 0 {
				upTo := eventstore.Position(random.IntN(lines))
				s.through(upTo)
				for p := eventstore.Position(1); p <= upTo; p++ {
					known[p] = true
				}
			}
			p := eventstore.Position(random.IntN(lines) + 1)
			if s.add(p) == known[p] {
				t.Fatalf("seed %d: line %d was new: %v", seed, p, known[p])
			}
			known[p] = true
		}
		if err := s.check(); err != nil {
			t.Fatalf("seed %d: %v in %v", seed, err, s)
		}
		var holes uint64
		for p := eventstore.Position(1); p <= lines; p++ {
			if !known[p] {
				holes++
			}
			if s.holes(p) != holes {
				t.Fatalf("seed %d: %d holes up to line %d instead of %d", seed, s.holes(p), p, holes)
			}
		}
		for p := eventstore.Position(1); p <= lines+1; p++ {
			if s.has(p) != known[p] {
				t.Fatalf("seed %d: line %d: %v", seed, p, s.has(p))
			}
		}
	}
}

func TestGapsThatWillNeverCloseAreGivenUpTheLowestFirst(t *testing.T) {
	var s spans
	for p := eventstore.Position(1); len(s) < mostSpans; p += 2 {
		s.add(p)
	}
	last := s[len(s)-1][1]
	s.add(last + 2)
	if len(s) != mostSpans || !s.has(2) || s.has(4) || s.low() != 3 {
		t.Errorf("%d ranges, the first is %v", len(s), s[0])
	}
}

func TestRangesThatNobodyWroteAreRefused(t *testing.T) {
	for _, s := range []spans{{{3, 1}}, {{1, 2}, {3, 4}}, {{5, 6}, {1, 2}}, {{1, 5}, {2, 9}}} {
		if s.check() == nil {
			t.Errorf("%v is taken", s)
		}
	}
	var none spans
	if none.low() != 0 || none.has(0) || none.check() != nil {
		t.Error("nothing was dealt with, and something is")
	}
	none.through(9)
	if diff := cmp.Diff(spans{{1, 9}}, none); diff != "" {
		t.Error(diff)
	}
}

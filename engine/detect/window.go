package detect

import (
	"slices"
	"sort"
)

// An entry is one match that a correlation keeps.
type entry struct {
	at     int64  // nanoseconds since 1970
	value  uint64 // what is counted: a hash of the value, or the place of the rule
	number int64  // of the event
}

// A span is a window that has been told already. What falls into it belongs to it.
type span struct{ from, to int64 } // to is outside

func (s span) has(at int64) bool { return at >= s.from && at < s.to }

// A group is what a correlation keeps of one combination of group-by values.
type group struct {
	key        groupKey
	entries    []entry // in the order of time, and of arrival where that is equal
	told       []span
	values     []string // of group-by, where they are needed after the event is gone
	prev, next int32    // in the order of the latest use
	deadline   int64    // of the window that is judged at its end; 0: none is open
}

// maxOrdered bounds the entries of one group of temporal_ordered: more would make
// each further event expensive.
const maxOrdered = 1024

// insert puts an entry at its place.
func (g *group) insert(e entry) int {
	at := sort.Search(len(g.entries), func(i int) bool { return g.entries[i].at > e.at })
	g.entries = slices.Insert(g.entries, at, e)
	return at
}

// forget drops what is older than the horizon.
func (g *group) forget(horizon int64) (dropped int) {
	n := sort.Search(len(g.entries), func(i int) bool { return g.entries[i].at >= horizon })
	if n > 0 {
		g.entries = slices.Delete(g.entries, 0, n)
	}
	g.told = slices.DeleteFunc(g.told, func(s span) bool { return s.to < horizon })
	return n
}

// absorbed says whether a window that was told has this time.
func (g *group) absorbed(at int64) bool {
	return slices.ContainsFunc(g.told, func(s span) bool { return s.has(at) })
}

// free says whether no window that was told lies between two times.
func (g *group) free(from, to int64) bool {
	return !slices.ContainsFunc(g.told, func(s span) bool { return s.from <= to && s.to > from })
}

// tell takes the entries of a window out and remembers the window.
func (g *group) tell(from, length int64) (dropped int) {
	s := span{from, from + length}
	before := len(g.entries)
	g.entries = slices.DeleteFunc(g.entries, func(e entry) bool { return s.has(e.at) })
	g.told = append(g.told, s)
	return before - len(g.entries)
}

// thin drops an entry of the same value as that at i which no window needs: of three
// within the length of a window, each window with the middle one has one of the others.
func (g *group) thin(i int, length int64) (dropped int) {
	var same []int
	for j := range g.entries {
		if g.entries[j].value == g.entries[i].value && g.entries[j].at > g.entries[i].at-length && g.entries[j].at < g.entries[i].at+length {
			same = append(same, j)
		}
	}
	for k := len(same) - 2; k >= 1; k-- {
		if g.entries[same[k+1]].at-g.entries[same[k-1]].at < length {
			g.entries = slices.Delete(g.entries, same[k], same[k]+1)
			dropped++
			for l := k + 1; l < len(same); l++ {
				same[l]--
			}
			same = slices.Delete(same, k, k+1)
		}
	}
	return dropped
}

// crowded finds a window with at least n entries that contains entry i.
func (g *group) crowded(i, n int, length int64) (from, to int, ok bool) {
	for s := max(0, i-n+1); s <= i; s++ {
		e := s + n - 1
		if e >= len(g.entries) {
			return 0, 0, false
		}
		if g.entries[e].at-g.entries[s].at < length && g.free(g.entries[s].at, g.entries[e].at) {
			return s, e + 1, true
		}
	}
	return 0, 0, false
}

// varied finds a window that contains the time at and whose different values, each
// with its count, are enough.
func (g *group) varied(at, length int64, enough func(values map[uint64]int) bool) (from, to int, ok bool) {
	seen := map[uint64]int{}
	lo := sort.Search(len(g.entries), func(i int) bool { return g.entries[i].at > at-length })
	for hi := lo; hi < len(g.entries) && g.entries[hi].at < at+length; hi++ {
		seen[g.entries[hi].value]++
		for g.entries[hi].at-g.entries[lo].at >= length || !g.free(g.entries[lo].at, g.entries[hi].at) {
			if seen[g.entries[lo].value]--; seen[g.entries[lo].value] == 0 {
				delete(seen, g.entries[lo].value)
			}
			lo++
		}
		if lo <= hi && g.entries[lo].at <= at && g.entries[hi].at >= at && enough(seen) {
			return lo, hi + 1, true
		}
	}
	return 0, 0, false
}

// ordered finds entries of the values 0, 1, … n-1 one after another within a window,
// and returns their places. Of several chains the one that begins latest is taken.
func (g *group) ordered(n int, length int64) []int {
	best := make([]int, n) // last entry of the chain of so many values that begins latest
	for i := range best {
		best[i] = -1
	}
	start := make([]int, len(g.entries))
	before := make([]int, len(g.entries))
	for i, e := range g.entries {
		v := int(e.value)
		start[i], before[i] = i, -1
		if v > 0 {
			p := best[v-1]
			if p < 0 || e.at-g.entries[start[p]].at >= length || !g.free(g.entries[start[p]].at, e.at) {
				continue
			}
			start[i], before[i] = start[p], p
		}
		if b := best[v]; b < 0 || start[i] >= start[b] {
			best[v] = i
		}
		if v == n-1 {
			var places []int
			for at := i; at >= 0; at = before[at] {
				places = append(places, at)
			}
			slices.Reverse(places)
			return places
		}
	}
	return nil
}

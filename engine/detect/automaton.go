package detect

import "slices"

// An automaton finds many pieces of text in one pass over the text (Aho and Corasick,
// 1975), here as a table with one step for each byte. ASCII letters are folded by the
// table; other text must be folded before.
type automaton struct {
	class  [256]uint8 // of each byte; 0 is every byte that no piece has
	stride uint32     // classes
	next   []uint32   // row of a state + class → row of the next state, with the flag found
	heads  []int32    // state → first of its pieces in list, or -1
	list   []piece
}

// found marks a step into a state in which at least one piece ends.
const found = 1 << 31

// A piece is one entry of the chain of pieces that end in a state.
type piece struct {
	literal int32
	next    int32
}

// newAutomaton builds the table. literals are folded and not empty; each is told by
// its place in ids.
func newAutomaton(literals []string, ids []int32) *automaton {
	a := &automaton{stride: 1}
	a.classes(literals)
	a.addState()
	ends := map[uint32][]int32{}
	for i, lit := range literals {
		row := uint32(0)
		for j := range len(lit) {
			at := row + uint32(a.class[lit[j]])
			if a.next[at] == 0 {
				a.next[at] = a.addState()
			}
			row = a.next[at]
		}
		ends[row] = append(ends[row], ids[i])
	}
	a.link(ends)
	a.next = slices.Clip(a.next)
	return a
}

// classes gives each byte that occurs a column of the table.
func (a *automaton) classes(literals []string) {
	for _, lit := range literals {
		for i := range len(lit) {
			if c := lit[i]; a.class[c] == 0 && a.stride < 256 {
				a.class[c] = uint8(a.stride)
				a.stride++
			}
		}
	}
	for c := byte('A'); c <= 'Z'; c++ {
		a.class[c] = a.class[c+'a'-'A']
	}
}

func (a *automaton) addState() uint32 {
	row := uint32(len(a.next))
	a.next = append(a.next, make([]uint32, a.stride)...)
	a.heads = append(a.heads, -1)
	return row
}

// link turns the trie into a table without dead ends, breadth first: a missing step
// is that of the longest end of the text so far that is also a beginning.
func (a *automaton) link(ends map[uint32][]int32) {
	fail := make([]uint32, len(a.heads))
	queue := []uint32{0}
	for len(queue) > 0 {
		row := queue[0]
		queue = queue[1:]
		state := row / a.stride
		a.heads[state] = a.heads[fail[state]/a.stride] // shorter, and therefore complete
		for _, id := range ends[row] {
			a.list = append(a.list, piece{id, a.heads[state]})
			a.heads[state] = int32(len(a.list) - 1)
		}
		for c := range a.stride {
			to := a.next[row+c]
			back := uint32(0)
			if row != 0 {
				back = a.next[fail[state]+c]
			}
			if to == 0 {
				a.next[row+c] = back
				continue
			}
			fail[to/a.stride] = back
			queue = append(queue, to)
		}
	}
	for i, to := range a.next {
		if a.heads[to/a.stride] >= 0 {
			a.next[i] = to | found
		}
	}
}

// scan appends the states in which pieces ended.
func (a *automaton) scan(text []byte, states []uint32) []uint32 {
	row := uint32(0)
	next := a.next
	for _, c := range text {
		row = next[row+uint32(a.class[c])]
		if row&found != 0 {
			row &^= found
			states = append(states, row)
		}
	}
	return states
}

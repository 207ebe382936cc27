package eventstore

import (
	"cmp"
	"slices"
	"time"

	"holdfast/engine/event"
)

// The size of a block, which is a row group of a segment.
const (
	blockRows  = 1 << 16
	blockBytes = 32 << 20
)

// A block holds lines with their columns in memory. Lines are added at its end;
// whatever has been added never changes.
type block struct {
	position []int64
	time     []int64 // microseconds since 1970
	received []int64 // milliseconds since 1970
	raw      [][]byte
	bytes    int   // of the raw lines
	from, to int64 // of the instants in time
	columns  []values
	sources  map[string]SourceInfo
	day      string // of receipt, of the first line
}

// values is a column as indexes into the list of its values.
type values struct {
	dict  []string
	index []int32
	known map[string]int32
}

func newBlock() *block {
	b := &block{columns: make([]values, len(columns)), sources: map[string]SourceInfo{}}
	for i := range b.columns {
		b.columns[i].known = map[string]int32{}
	}
	return b
}

func (b *block) len() int { return len(b.position) }

func dayOf(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// full tells whether the block is as large as a row group gets.
func (b *block) full() bool { return b.len() >= blockRows || b.bytes >= blockBytes }

// add takes a line and what it says.
func (b *block) add(s Stored, e *event.Event) {
	at := e.Time
	if at.IsZero() {
		at = s.Received
	}
	b.addRow(s, at.UnixMicro(), func(c int) string { return columns[c].valueOf(s, e) })
}

// addRow takes a line whose values are known.
func (b *block) addRow(s Stored, at int64, value func(column int) string) {
	if b.len() == 0 {
		b.from, b.to, b.day = at, at, dayOf(s.Received)
	}
	b.sources[s.Source] = b.sources[s.Source].plus(SourceInfo{1, int64(len(s.Raw)), s.Received})
	b.from, b.to = min(b.from, at), max(b.to, at)
	b.position = append(b.position, int64(s.Position)) //nolint:gosec // positions count lines
	b.time = append(b.time, at)
	b.received = append(b.received, s.Received.UnixMilli())
	b.raw = append(b.raw, s.Raw)
	b.bytes += len(s.Raw)
	for i := range b.columns {
		b.columns[i].add(value(i))
	}
}

// at is the value of a row.
func (v *values) at(row int) string { return v.dict[v.index[row]] }

func (v *values) add(text string) {
	i, ok := v.known[text]
	if !ok {
		i = int32(len(v.dict)) //nolint:gosec // bounded by blockRows
		text = cloned(text)
		v.known[text] = i
		v.dict = append(v.dict, text)
	}
	v.index = append(v.index, i)
}

// cloned frees a text from the line that it may point into.
func cloned(s string) string { return string([]byte(s)) }

// view is the block as it is now: it does not grow when the block does.
func (b *block) view() *block {
	v := &block{position: slices.Clip(b.position), time: slices.Clip(b.time), received: slices.Clip(b.received), raw: slices.Clip(b.raw), bytes: b.bytes, from: b.from, to: b.to}
	for _, c := range b.columns {
		v.columns = append(v.columns, values{dict: slices.Clip(c.dict), index: slices.Clip(c.index)})
	}
	return v
}

// order lists the rows as a segment keeps them: lines of one source and kind stand
// together, which packs them better; each of these in the order of positions.
func (b *block) order() []int32 {
	rows := make([]int32, b.len())
	for i := range rows {
		rows[i] = int32(i) //nolint:gosec // bounded by blockRows
	}
	source, class := b.columns[columnSource], b.columns[columnClass]
	slices.SortStableFunc(rows, func(x, y int32) int {
		if c := cmp.Compare(source.index[x], source.index[y]); c != 0 {
			return c
		}
		return cmp.Compare(class.index[x], class.index[y])
	})
	return rows
}

// A block that is not sealed is searched as it is.

func (b *block) span() (from, to int64)      { return b.from, b.to }
func (b *block) mayHold(int, string) bool    { return true }
func (b *block) times() ([]int64, error)     { return b.time, nil }
func (b *block) positions() ([]int64, error) { return b.position, nil }

func (b *block) stored(want bitmap) (map[int]Stored, error) {
	found := map[int]Stored{}
	want.each(func(row int) { found[row] = b.line(row) })
	return found, nil
}

func (b *block) values(column int, any func([]string) bool) (values, error) {
	v := b.columns[column]
	if any != nil && !any(v.dict) {
		v.index = nil
	}
	return v, nil
}

func (b *block) lines(want bitmap, fn func(first int, data []byte, offsets []uint32)) error {
	want.each(func(row int) { fn(row, b.raw[row], []uint32{0, uint32(len(b.raw[row]))}) }) //nolint:gosec // bounded by MaxLine
	return nil
}

func (b *block) line(row int) Stored {
	text := func(c int) string { return b.columns[c].dict[b.columns[c].index[row]] }
	return Stored{Position(b.position[row]), event.Line{Source: text(columnSource), Peer: text(columnPeer), Received: time.UnixMilli(b.received[row]).UTC(), Raw: b.raw[row]}} //nolint:gosec // positions count lines
}

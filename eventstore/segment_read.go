package eventstore

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/encoding"

	"holdfast/engine/event"
)

// rows is what a search looks through: the row group of a segment, or a block that is
// not sealed.
type rows interface {
	len() int
	span() (from, to int64)                                                     // microseconds; nothing lies outside
	mayHold(column int, value string) bool                                      // false: no row has this value
	values(column int, any func(dict []string) bool) (values, error)            // no indexes when any says that no value is wanted
	times() ([]int64, error)                                                    // microseconds
	lines(want bitmap, fn func(first int, data []byte, offsets []uint32)) error // in pieces that hold at least what is wanted
	positions() ([]int64, error)
	stored(want bitmap) (map[int]Stored, error) // by row
}

// A rowGroup is a part of a segment.
type rowGroup struct {
	where string
	group parquet.RowGroup
}

func (g rowGroup) len() int { return int(g.group.NumRows()) }

func (g rowGroup) chunk(leaf int) *parquet.FileColumnChunk {
	return g.group.ColumnChunks()[leaf].(*parquet.FileColumnChunk)
}

// bounds are the least and the greatest value of a column of numbers.
func (g rowGroup) bounds(leaf int) (from, to int64) {
	low, high, ok := g.chunk(leaf).Bounds()
	if !ok {
		return 0, 1<<63 - 1
	}
	return low.Int64(), high.Int64()
}

func (g rowGroup) span() (from, to int64) { return g.bounds(theLayout.time) }

func (g rowGroup) mayHold(column int, value string) bool {
	filter := g.chunk(theLayout.columns[column]).BloomFilter()
	if filter == nil {
		return true
	}
	may, err := filter.Check(parquet.ByteArrayValue([]byte(value)))
	return may || err != nil
}

// wrong names the segment that could not be read.
func (g rowGroup) wrong(err error) error {
	return fmt.Errorf("segment %s cannot be read: %w (holdfast doctor tells which segments are damaged)", g.where, err)
}

func (g rowGroup) values(column int, any func([]string) bool) (v values, err error) {
	pages := g.chunk(theLayout.columns[column]).Pages().(*parquet.FilePages)
	defer func() { err = errors.Join(err, pages.Close()) }()
	dict, err := pages.ReadDictionary()
	if err != nil {
		return v, g.wrong(err)
	}
	if dict == nil {
		return v, g.wrong(fmt.Errorf("column %s has no list of its values", columns[column].name))
	}
	v.dict = texts(dict.Page().Data(), columns[column].number)
	if any != nil && !any(v.dict) {
		return v, nil
	}
	v.index = make([]int32, 0, g.len())
	err = g.pages(pages, func(p parquet.Page) error {
		data := p.Data()
		v.index = append(v.index, data.Int32()...)
		return nil
	})
	for _, i := range v.index {
		if int(i) >= len(v.dict) || i < 0 {
			return v, g.wrong(fmt.Errorf("column %s points to a value that is not there", columns[column].name))
		}
	}
	return v, err
}

// pages reads the pages that are left.
func (g rowGroup) pages(pages parquet.Pages, fn func(parquet.Page) error) error {
	for {
		p, err := pages.ReadPage()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return g.wrong(err)
		}
		err = fn(p)
		parquet.Release(p)
		if err != nil {
			return err
		}
	}
}

func (g rowGroup) numbers(leaf int) (list []int64, err error) {
	pages := g.chunk(leaf).Pages()
	defer func() { err = errors.Join(err, pages.Close()) }()
	list = make([]int64, 0, g.len())
	err = g.pages(pages, func(p parquet.Page) error {
		data := p.Data()
		list = append(list, data.Int64()...)
		return nil
	})
	if err == nil && len(list) != g.len() {
		err = g.wrong(errors.New("it has fewer values than rows"))
	}
	return list, err
}

func (g rowGroup) times() ([]int64, error)     { return g.numbers(theLayout.time) }
func (g rowGroup) positions() ([]int64, error) { return g.numbers(theLayout.position) }

func (g rowGroup) lines(want bitmap, fn func(first int, data []byte, offsets []uint32)) (err error) {
	pages := g.chunk(theLayout.raw).Pages()
	defer func() { err = errors.Join(err, pages.Close()) }()
	at := 0 // the row that the next page begins with
	for row := want.next(0); row >= 0; row = want.next(at) {
		if row != at {
			if err := pages.SeekToRow(int64(row)); err != nil {
				return g.wrong(err)
			}
			at = row
		}
		p, err := pages.ReadPage()
		if err != nil {
			return g.wrong(err)
		}
		values := p.Data()
		data, offsets := values.ByteArray()
		fn(at, data, offsets)
		at += int(p.NumRows())
		parquet.Release(p)
		if at >= g.len() {
			return nil
		}
	}
	return nil
}

// stored reads some lines, in the order of rows.
func (g rowGroup) stored(want bitmap) (map[int]Stored, error) {
	position, err := g.positions()
	if err != nil {
		return nil, err
	}
	received, err := g.numbers(theLayout.received)
	if err != nil {
		return nil, err
	}
	source, err := g.values(columnSource, nil)
	if err != nil {
		return nil, err
	}
	peer, err := g.values(columnPeer, nil)
	if err != nil {
		return nil, err
	}
	found := map[int]Stored{}
	err = g.lines(want, func(first int, data []byte, offsets []uint32) {
		for i := range len(offsets) - 1 {
			if row := first + i; want.has(row) {
				raw := append([]byte{}, data[offsets[i]:offsets[i+1]]...)
				found[row] = Stored{Position(position[row]), event.Line{Source: source.at(row), Peer: peer.at(row), Received: time.UnixMilli(received[row]).UTC(), Raw: raw}} //nolint:gosec // positions count lines
			}
		}
	})
	return found, err
}

// whole reads the row group back as a block, with the lines in the order of positions.
func (g rowGroup) whole() (*block, error) {
	position, err := g.numbers(theLayout.position)
	if err != nil {
		return nil, err
	}
	at, err := g.times()
	if err != nil {
		return nil, err
	}
	received, err := g.numbers(theLayout.received)
	if err != nil {
		return nil, err
	}
	cols := make([]values, len(columns))
	for i := range columns {
		if cols[i], err = g.values(i, nil); err != nil {
			return nil, err
		}
	}
	raw := make([][]byte, 0, g.len())
	err = g.lines(allOf(g.len()), func(_ int, data []byte, offsets []uint32) {
		data = append([]byte{}, data...)
		for i := range len(offsets) - 1 {
			raw = append(raw, data[offsets[i]:offsets[i+1]:offsets[i+1]])
		}
	})
	if err != nil {
		return nil, err
	}
	b := newBlock()
	for _, row := range byPosition(position) {
		text := func(c int) string { return cols[c].at(int(row)) }
		s := Stored{Position(position[row]), event.Line{Source: text(columnSource), Peer: text(columnPeer), Received: time.UnixMilli(received[row]).UTC(), Raw: raw[row]}} //nolint:gosec // positions count lines
		b.addRow(s, at[row], text)
	}
	return b, nil
}

// texts are the values of a dictionary as texts.
func texts(data encoding.Values, number bool) []string {
	if number {
		numbers := data.Int64()
		list := make([]string, len(numbers))
		for i, n := range numbers {
			list[i] = strconv.FormatInt(n, 10)
		}
		return list
	}
	raw, offsets := data.ByteArray()
	all := string(raw)
	list := make([]string, max(0, len(offsets)-1))
	for i := range list {
		list[i] = all[offsets[i]:offsets[i+1]]
	}
	return list
}

// byPosition lists rows in the order of their positions.
func byPosition(position []int64) []int32 {
	list := make([]int32, len(position))
	for i := range list {
		list[i] = int32(i) //nolint:gosec // bounded by blockRows
	}
	slices.SortFunc(list, func(x, y int32) int { return cmp.Compare(position[x], position[y]) })
	return list
}

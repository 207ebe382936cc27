package eventstore

import (
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
)

// The columns of a segment that are not among columns.
const (
	namePosition = "position"
	nameTime     = "time"
	nameReceived = "metadata.logged_time"
	nameRaw      = "raw_data"
)

// codec packs pages. The lines are kept for long and read rarely: the better level
// costs the sealer a little more and every reader nothing.
var codec = &zstd.Codec{Level: zstd.SpeedBetterCompression}

// A layout is the schema of segments and where each column stands in it.
type layout struct {
	schema                        *parquet.Schema
	position, time, received, raw int
	columns                       []int
}

// newLayout makes the schema: paths of OCSF become groups, as engines write them.
func newLayout() *layout {
	root := parquet.Group{}
	instant := parquet.Encoded(parquet.Timestamp(parquet.Microsecond), &parquet.DeltaBinaryPacked)
	put(root, namePosition, parquet.Encoded(parquet.Leaf(parquet.Int64Type), &parquet.DeltaBinaryPacked))
	put(root, nameTime, instant)
	put(root, nameReceived, parquet.Encoded(parquet.Timestamp(parquet.Millisecond), &parquet.DeltaBinaryPacked))
	put(root, nameRaw, parquet.Encoded(parquet.Leaf(parquet.ByteArrayType), &parquet.DeltaLengthByteArray))
	for _, c := range columns {
		leaf := parquet.String()
		if c.number {
			leaf = parquet.Leaf(parquet.Int64Type)
		}
		put(root, c.name, parquet.Encoded(leaf, &parquet.RLEDictionary))
	}
	l := &layout{schema: parquet.NewSchema("event", root)}
	l.position, l.time, l.received, l.raw = l.find(namePosition), l.find(nameTime), l.find(nameReceived), l.find(nameRaw)
	for _, c := range columns {
		l.columns = append(l.columns, l.find(c.name))
	}
	return l
}

// put adds a leaf under a path with dots.
func put(g parquet.Group, path string, leaf parquet.Node) {
	head, rest, nested := strings.Cut(path, ".")
	if !nested {
		g[head] = parquet.Compressed(leaf, codec)
		return
	}
	if g[head] == nil {
		g[head] = parquet.Group{}
	}
	put(g[head].(parquet.Group), rest, leaf)
}

func (l *layout) find(path string) int {
	leaf, ok := l.schema.Lookup(strings.Split(path, ".")...)
	if !ok {
		panic("eventstore: no column " + path) // the schema is made of the same names
	}
	return leaf.ColumnIndex
}

var theLayout = newLayout()

// writeSegment writes blocks as row groups of one Parquet file, one at a time.
func writeSegment(w io.Writer, blocks iter.Seq2[*block, error]) error {
	options := []parquet.WriterOption{
		theLayout.schema, parquet.Compression(codec), parquet.PageBufferSize(1 << 20), parquet.WriteBufferSize(1 << 20), parquet.CreatedBy("holdfast", "1", ""),
		parquet.SkipPageBounds(nameRaw),
	}
	var filters []parquet.BloomFilterColumn
	for _, c := range columns {
		if c.bloom {
			filters = append(filters, parquet.SplitBlockFilter(10, strings.Split(c.name, ".")...))
		}
	}
	out := parquet.NewGenericWriter[any](w, append(options, parquet.BloomFilters(filters...))...)
	for b, err := range blocks {
		if err != nil {
			return err
		}
		if err := writeRows(out, b); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return fmt.Errorf("write a row group: %w", err)
		}
	}
	return out.Close()
}

// writeRows hands the rows of a block over, some at a time.
func writeRows(out *parquet.GenericWriter[any], b *block) error {
	width := len(columns) + 4
	const chunk = 512
	flat := make([]parquet.Value, chunk*width)
	rows := make([]parquet.Row, 0, chunk)
	numbers := b.numbers()
	order := b.order()
	for len(order) > 0 {
		n := min(chunk, len(order))
		rows = rows[:0]
		for i, row := range order[:n] {
			r := flat[i*width : (i+1)*width]
			b.row(r, int(row), numbers)
			rows = append(rows, r)
		}
		if _, err := out.WriteRows(rows); err != nil {
			return fmt.Errorf("write rows: %w", err)
		}
		order = order[n:]
	}
	return nil
}

// numbers are the values of the columns of numbers.
func (b *block) numbers() [][]int64 {
	list := make([][]int64, len(columns))
	for i, c := range columns {
		if !c.number {
			continue
		}
		for _, text := range b.columns[i].dict {
			n, _ := strconv.ParseInt(text, 10, 64) // nothing is 0
			list[i] = append(list[i], n)
		}
	}
	return list
}

// row fills a row of the schema.
func (b *block) row(r []parquet.Value, i int, numbers [][]int64) {
	set := func(at int, v parquet.Value) { r[at] = v.Level(0, 0, at) }
	set(theLayout.position, parquet.Int64Value(b.position[i]))
	set(theLayout.time, parquet.Int64Value(b.time[i]))
	set(theLayout.received, parquet.Int64Value(b.received[i]))
	set(theLayout.raw, parquet.ByteArrayValue(b.raw[i]))
	for c := range columns {
		v := &b.columns[c]
		if columns[c].number {
			set(theLayout.columns[c], parquet.Int64Value(numbers[c][v.index[i]]))
		} else {
			set(theLayout.columns[c], parquet.ByteArrayValue([]byte(v.dict[v.index[i]])))
		}
	}
}

package feed

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
)

// A builder collects what the sources hold and writes it as an index. It is used
// from one goroutine.
type builder struct {
	strings  *stringTable
	packages map[packageKey]uint32 // number of each package, in order of appearance
	keys     []packageKey
	rows     []buildRow
	byKey    map[string]uint32 // row of each advisory
	said     []statement
	kev      map[uint64]kevEntry
	epss     map[uint64]epssEntry
	epssDate string
	kevDate  string
	texts    textWriter
	stats    Stats
}

type packageKey struct{ ecosystem, name ref }

// A buildRow is one advisory; dead ones were replaced by a newer copy.
type buildRow struct {
	file      string
	modified  int64
	names     []ref // id and aliases
	withdrawn bool
	dead      bool
	body      []byte // as stored in secRecords
}

// A statement is what one advisory says of one package.
type statement struct {
	pkg, row uint32
	body     []byte
}

// maxProblems is how many problems are kept with their text; all are counted.
const maxProblems = 100

func newBuilder(spool io.Writer) (*builder, error) {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(true))
	if err != nil {
		return nil, err
	}
	return &builder{
		strings: newStringTable(), packages: map[packageKey]uint32{}, byKey: map[string]uint32{},
		kev: map[uint64]kevEntry{}, epss: map[uint64]epssEntry{},
		texts: textWriter{out: spool, zstd: z},
	}, nil
}

// add takes over what one file held.
func (b *builder) add(name string, p parsed) error {
	for _, problem := range p.problems {
		b.problem(name, problem)
	}
	if p.ignored {
		b.stats.Ignored++
	}
	for i := range p.records {
		if err := b.record(&p.records[i]); err != nil {
			return err
		}
	}
	for _, e := range p.kev {
		if _, ok := b.kev[e.cve]; !ok || p.kevDate >= b.kevDate {
			b.kev[e.cve] = e
		}
	}
	b.kevDate = max(b.kevDate, p.kevDate)
	for _, e := range p.epss {
		if _, ok := b.epss[e.cve]; !ok || p.epssDate >= b.epssDate {
			b.epss[e.cve] = e
		}
	}
	b.epssDate = max(b.epssDate, p.epssDate)
	return nil
}

// problem notes a file or record that is left out.
func (b *builder) problem(name string, err error) {
	b.stats.Rejected++
	if len(b.stats.Problems) < maxProblems {
		b.stats.Problems = append(b.stats.Problems, name+": "+err.Error())
	}
}

// record adds an advisory; of two copies the one modified last counts, so that a
// withdrawal in one source is not undone by an old copy in another.
func (b *builder) record(r *record) error {
	if old, ok := b.byKey[r.key]; ok {
		row := &b.rows[old]
		if newer := cmp.Or(cmp.Compare(r.modified, row.modified), strings.Compare(row.file, r.file)); newer <= 0 {
			return nil
		}
		row.dead = true
	}
	n := uint32(len(b.rows))
	b.byKey[r.key] = n
	row := buildRow{file: r.file, modified: r.modified, withdrawn: r.withdrawn, dead: !r.security()}
	if !r.security() {
		b.stats.NotSecurity++
	}
	if !row.dead && !row.withdrawn {
		block, offset, err := b.texts.add(r)
		if err != nil {
			return err
		}
		b.describe(&row, r, block, offset)
		for i := range r.affected {
			b.statement(n, &r.affected[i])
		}
	}
	b.rows = append(b.rows, row)
	return nil
}

// describe writes the short facts of an advisory.
func (b *builder) describe(row *buildRow, r *record, block, offset int) {
	row.names = append(row.names, b.strings.add(r.id))
	for _, alias := range r.aliases {
		row.names = append(row.names, b.strings.add(alias))
	}
	out := binary.AppendUvarint(nil, uint64(row.names[0]))
	out = appendRefs(out, b.strings, r.aliases)
	out = appendRefs(out, b.strings, r.upstream)
	out = appendRefs(out, b.strings, r.related)
	out = b.appendRating(out, r.rating)
	for _, n := range []int64{r.published, r.modified, int64(block), int64(offset)} {
		out = binary.AppendUvarint(out, uint64(n))
	}
	row.body = out
}

func (b *builder) appendRating(out []byte, r rating) []byte {
	out = binary.AppendUvarint(out, uint64(b.strings.add(r.vector)))
	out = append(out, byte(math.Round(r.score*10)))
	return binary.AppendUvarint(out, uint64(b.strings.add(r.word)))
}

func (b *builder) statement(row uint32, a *affected) {
	key := packageKey{b.strings.add(a.ecosystem), b.strings.add(a.name)}
	pkg, ok := b.packages[key]
	if !ok {
		pkg = uint32(len(b.keys))
		b.packages[key] = pkg
		b.keys = append(b.keys, key)
	}
	out := appendRefs(nil, b.strings, a.streams)
	out = b.appendRating(out, a.rating)
	out = binary.AppendUvarint(out, uint64(len(a.ranges)))
	for _, g := range a.ranges {
		out = binary.AppendUvarint(append(out, boolByte(g.SemVer)), uint64(len(g.Events)))
		for _, e := range g.Events {
			out = binary.AppendUvarint(append(out, byte(e.Kind)), uint64(b.strings.add(e.Version)))
		}
	}
	out = appendRefs(out, b.strings, a.versions)
	b.said = append(b.said, statement{pkg: pkg, row: row, body: out})
}

func boolByte(v bool) byte {
	if v {
		return 1
	}
	return 0
}

// errTooBig is the limit of 32-bit places; a hundred times the public data.
var errTooBig = errors.New("the advisories are more than one index can hold (4 GB of short facts)")

// finish writes the last block of text and returns the resident part of the
// index. built is when the sources were last changed.
func (b *builder) finish(sources []SourceStats, built time.Time) ([]byte, error) {
	if err := b.texts.flush(); err != nil {
		return nil, err
	}
	var part [sections][]byte
	number := b.liveRecords(&part)
	b.writePackages(&part, number)
	part[secEPSS], part[secKEV] = b.exploitTables()
	part[secBlocks] = b.texts.blocks
	b.stats.Sources, b.stats.Built = sources, built
	b.stats.EPSS, b.stats.EPSSDate = len(b.epss), b.epssDate
	b.stats.KEV, b.stats.KEVVersion = len(b.kev), b.kevDate
	slices.Sort(b.stats.Problems)
	meta, err := json.Marshal(b.stats)
	if err != nil {
		return nil, err
	}
	part[secMeta], part[secStrings] = meta, b.strings.bytes
	return joinSections(part)
}

// liveRecords writes the advisories that count and numbers them; number maps a
// row to its record, or to dead.
func (b *builder) liveRecords(part *[sections][]byte) (number []uint32) {
	number = make([]uint32, len(b.rows))
	type name struct{ name, record uint32 }
	var names []name
	newest := int64(0)
	live := uint32(0)
	for i := range b.rows {
		row := &b.rows[i]
		number[i] = dead
		if row.withdrawn && !row.dead {
			b.stats.Withdrawn++
		}
		if row.dead || row.withdrawn {
			continue
		}
		number[i] = live
		for _, n := range row.names {
			names = append(names, name{n, live})
		}
		newest = max(newest, row.modified)
		part[secRecordIndex] = binary.LittleEndian.AppendUint32(part[secRecordIndex], uint32(len(part[secRecords])))
		part[secRecords] = append(part[secRecords], row.body...)
		live++
	}
	slices.SortFunc(names, func(x, y name) int {
		return cmp.Or(strings.Compare(b.strings.at(x.name), b.strings.at(y.name)), cmp.Compare(x.record, y.record))
	})
	for _, n := range names {
		part[secNames] = binary.LittleEndian.AppendUint32(part[secNames], n.name)
		part[secNames] = binary.LittleEndian.AppendUint32(part[secNames], n.record)
	}
	b.stats.Advisories, b.stats.Newest = int(live), unixTime(newest)
	return number
}

const dead = math.MaxUint32

// writePackages sorts the packages and writes below each what is said of it.
func (b *builder) writePackages(part *[sections][]byte, number []uint32) {
	order := make([]uint32, len(b.keys))
	for i := range order {
		order[i] = uint32(i)
	}
	slices.SortFunc(order, func(x, y uint32) int {
		p, q := b.keys[x], b.keys[y]
		return cmp.Or(strings.Compare(b.strings.at(p.ecosystem), b.strings.at(q.ecosystem)),
			strings.Compare(b.strings.at(p.name), b.strings.at(q.name)))
	})
	place := make([]uint32, len(b.keys))
	for i, pkg := range order {
		place[pkg] = uint32(i)
	}
	said := slices.DeleteFunc(b.said, func(s statement) bool { return number[s.row] == dead })
	slices.SortStableFunc(said, func(x, y statement) int {
		return cmp.Or(cmp.Compare(place[x.pkg], place[y.pkg]), cmp.Compare(number[x.row], number[y.row]))
	})
	ecosystems := newEcosystemCounter()
	for len(said) > 0 {
		n := 1
		for n < len(said) && said[n].pkg == said[0].pkg {
			n++
		}
		key := b.keys[said[0].pkg]
		for _, v := range []uint32{key.ecosystem, key.name, uint32(len(part[secAffected]))} {
			part[secPackages] = binary.LittleEndian.AppendUint32(part[secPackages], v)
		}
		part[secAffected] = binary.AppendUvarint(part[secAffected], uint64(n))
		for _, s := range said[:n] {
			part[secAffected] = binary.AppendUvarint(part[secAffected], uint64(number[s.row]))
			part[secAffected] = binary.AppendUvarint(part[secAffected], uint64(len(s.body)))
			part[secAffected] = append(part[secAffected], s.body...)
			ecosystems.add(b.strings.at(key.ecosystem), s.row, b.rows[s.row].modified)
		}
		ecosystems.packages[b.strings.at(key.ecosystem)]++
		said = said[n:]
	}
	b.stats.Ecosystems = ecosystems.list()
}

func (b *builder) exploitTables() (epss, kev []byte) {
	for _, cve := range sortedKeys(b.epss) {
		e := b.epss[cve]
		epss = binary.LittleEndian.AppendUint64(epss, cve)
		epss = binary.LittleEndian.AppendUint32(epss, e.probability)
		epss = binary.LittleEndian.AppendUint32(epss, e.percentile)
	}
	for _, cve := range sortedKeys(b.kev) {
		e := b.kev[cve]
		kev = binary.LittleEndian.AppendUint64(kev, cve)
		for _, v := range []uint32{b.strings.add(e.added), b.strings.add(e.due), uint32(boolByte(e.ransomware))} {
			kev = binary.LittleEndian.AppendUint32(kev, v)
		}
	}
	return epss, kev
}

func sortedKeys[V any](m map[uint64]V) []uint64 {
	keys := make([]uint64, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// joinSections puts the table of sections before them.
func joinSections(part [sections][]byte) ([]byte, error) {
	size := sections * 16
	for _, p := range part {
		if len(p) > math.MaxUint32 {
			return nil, errTooBig
		}
		size += len(p)
	}
	out := make([]byte, 0, size)
	at := uint64(sections * 16)
	for _, p := range part {
		out = binary.LittleEndian.AppendUint64(out, at)
		out = binary.LittleEndian.AppendUint64(out, uint64(len(p)))
		at += uint64(len(p))
	}
	for _, p := range part {
		out = append(out, p...)
	}
	return out, nil
}

// A textWriter packs the long texts into compressed blocks, so that they stay on
// disk until one is asked for.
type textWriter struct {
	out    io.Writer
	zstd   *zstd.Encoder
	block  []byte
	packed []byte
	offset uint64
	blocks []byte
	count  int
}

// blockSize is the text in one block: small enough to unpack in a moment, large
// enough to compress well.
const blockSize = 32 << 10

// add returns the block and the place in it where the text of the record begins.
func (t *textWriter) add(r *record) (block, offset int, err error) {
	if len(t.block) >= blockSize {
		if err := t.flush(); err != nil {
			return 0, 0, err
		}
	}
	block, offset = t.count, len(t.block)
	t.block = appendText(appendText(t.block, r.summary), r.details)
	for _, list := range [][]string{r.cwes, r.urls} {
		t.block = binary.AppendUvarint(t.block, uint64(len(list)))
		for _, s := range list {
			t.block = appendText(t.block, s)
		}
	}
	return block, offset, nil
}

func (t *textWriter) flush() error {
	if len(t.block) == 0 {
		return nil
	}
	t.packed = t.zstd.EncodeAll(t.block, t.packed[:0])
	if _, err := t.out.Write(t.packed); err != nil {
		return fmt.Errorf("write advisory texts: %w", err)
	}
	t.blocks = binary.LittleEndian.AppendUint64(t.blocks, t.offset)
	t.blocks = binary.LittleEndian.AppendUint32(t.blocks, uint32(len(t.packed)))
	t.offset += uint64(len(t.packed))
	t.count++
	t.block = t.block[:0]
	return nil
}

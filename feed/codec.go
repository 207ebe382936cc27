package feed

import (
	"encoding/binary"
	"unsafe"
)

// The index is one block of bytes that is used as it lies on disk: tables of
// fixed rows that are searched by halving, and runs of variable-length numbers
// that they point into. Strings stand once in a table of their own and are
// referred to by their place.

// ref is the place of a string in the string table.
type ref = uint32

// The sections of an index, in the order in which they are stored.
const (
	secMeta        = iota // Stats as JSON
	secStrings            // length and bytes of each string; the empty string is at 0
	secPackages           // rows of packageRow bytes, sorted by ecosystem and name
	secAffected           // what the advisories say of each package
	secRecordIndex        // place of each record in secRecords, 4 bytes
	secRecords            // the short facts of each record
	secNames              // rows of nameRow bytes: every id and alias, sorted
	secEPSS               // rows of epssRow bytes, sorted by CVE
	secKEV                // rows of kevRow bytes, sorted by CVE
	secBlocks             // rows of blockRow bytes: where each block of text lies in the file
	sections
)

const (
	packageRow = 12 // ecosystem, name, place in secAffected
	nameRow    = 8  // name, record
	epssRow    = 16 // CVE, probability, percentile
	kevRow     = 20 // CVE, added, due, ransomware
	blockRow   = 12 // offset, length
)

func u32(s string, at int) uint32 {
	_ = s[at+3]
	return uint32(s[at]) | uint32(s[at+1])<<8 | uint32(s[at+2])<<16 | uint32(s[at+3])<<24
}

func u64(s string, at int) uint64 { return uint64(u32(s, at)) | uint64(u32(s, at+4))<<32 }

// A cursor reads variable-length numbers from a section.
type cursor struct {
	s  string
	at int
}

func (c *cursor) byte() byte {
	b := c.s[c.at]
	c.at++
	return b
}

func (c *cursor) uint() uint64 {
	var v uint64
	for shift := 0; ; shift += 7 {
		b := c.byte()
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v
		}
	}
}

func (c *cursor) int() int { return int(c.uint()) }

// strings is the table of strings while an index is built.
type stringTable struct {
	bytes []byte
	place map[string]ref
}

func newStringTable() *stringTable {
	return &stringTable{bytes: []byte{0}, place: map[string]ref{"": 0}}
}

func (t *stringTable) add(s string) ref {
	if r, ok := t.place[s]; ok {
		return r
	}
	r := ref(len(t.bytes))
	t.bytes = binary.AppendUvarint(t.bytes, uint64(len(s)))
	t.bytes = append(t.bytes, s...)
	t.place[s] = r
	return r
}

// at is the string at a place. It shares the memory of the table.
func (t *stringTable) at(r ref) string { return stringAt(asString(t.bytes), r) }

func stringAt(table string, r ref) string {
	c := cursor{table, int(r)}
	n := c.int()
	return table[c.at : c.at+n]
}

// asString views bytes that never change again as a string, without a copy.
func asString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func appendRefs(out []byte, t *stringTable, list []string) []byte {
	out = binary.AppendUvarint(out, uint64(len(list)))
	for _, s := range list {
		out = binary.AppendUvarint(out, uint64(t.add(s)))
	}
	return out
}

// appendText writes a string with its length in front, for blocks of text.
func appendText(out []byte, s string) []byte {
	return append(binary.AppendUvarint(out, uint64(len(s))), s...)
}

func (c *cursor) text() string {
	n := c.int()
	s := c.s[c.at : c.at+n]
	c.at += n
	return s
}

package report

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf16"
)

// The PDF writer knows no structure. So the finished file is taken apart into its
// objects, the pages and the catalogue are told of the structure, and all is
// written again with the elements in compressed object streams (PDF 1.7, 7.5.7 and
// 14.7). The file is our own of a moment ago: what does not look as expected is a
// change of the library and an error, never a guess.

// object is an object of the file as it stands, from "n 0 obj" to "endobj".
type object struct {
	number int
	body   []byte
}

var (
	startXref  = regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n?$`)
	trailerIDs = regexp.MustCompile(`/Root (\d+) 0 R\n/Info (\d+) 0 R`)
)

// structured adds the structure tree to a finished PDF.
func (b *book) structured(pdf []byte) ([]byte, error) {
	objects, root, info, err := takeApart(pdf)
	if err != nil {
		return nil, err
	}
	count := len(objects)
	t := tree{next: count + 1, marked: b.marked}
	t.build(b.root)
	f := assembly{offsets: make([]int, count+1)}
	f.out.WriteString("%PDF-1.7\n%\xb5\xb6\xb7\xb8\n")
	for _, o := range objects {
		body, err := b.introduce(o, root, t.root)
		if err != nil {
			return nil, err
		}
		f.offsets[o.number] = f.out.Len()
		f.out.Write(body)
	}
	f.streams(t.bodies, count+1)
	f.crossReference(root, info)
	return f.out.Bytes(), nil
}

var errLayout = errors.New("the PDF library wrote a file of another layout than expected: its version has to be pinned to 0.12")

// takeApart finds the objects of the file in their order.
func takeApart(pdf []byte) (objects []object, root, info int, err error) {
	at := startXref.FindSubmatch(pdf[max(0, len(pdf)-64):])
	ids := trailerIDs.FindSubmatch(pdf[max(0, len(pdf)-256):])
	if at == nil || ids == nil {
		return nil, 0, 0, errLayout
	}
	table, _ := strconv.Atoi(string(at[1]))
	root, _ = strconv.Atoi(string(ids[1]))
	info, _ = strconv.Atoi(string(ids[2]))
	var count int
	if table >= len(pdf) {
		return nil, 0, 0, errLayout
	}
	if _, err := fmt.Sscanf(string(pdf[table:min(len(pdf), table+40)]), "xref\n0 %d\n", &count); err != nil {
		return nil, 0, 0, errLayout
	}
	const entry = 20
	first := table + len(fmt.Sprintf("xref\n0 %d\n", count))
	offsets := make([]int, 0, count)
	for i := 1; i < count; i++ {
		from := first + i*entry
		if from+10 > len(pdf) {
			return nil, 0, 0, errLayout
		}
		offset, err := strconv.Atoi(string(pdf[from : from+10]))
		if err != nil || offset >= table {
			return nil, 0, 0, errLayout
		}
		objects = append(objects, object{number: i})
		offsets = append(offsets, offset)
	}
	ends := append(slices.Clone(offsets), table)
	slices.Sort(ends)
	for i, from := range offsets {
		next, _ := slices.BinarySearch(ends, from+1)
		objects[i].body = pdf[from:ends[next]]
		if !bytes.HasPrefix(objects[i].body, fmt.Appendf(nil, "%d 0 obj\n", i+1)) {
			return nil, 0, 0, errLayout
		}
	}
	return objects, root, info, nil
}

// introduce tells a page its place in the structure, and the catalogue the root.
func (b *book) introduce(o object, root, tree int) ([]byte, error) {
	page := (o.number - 1) / 2 // pages are the objects 3, 5, 7 and so on
	switch {
	case o.number == root:
		return insert(o.body, "/Type /Catalog\n", fmt.Sprintf("/MarkInfo <</Marked true>>\n/StructTreeRoot %d 0 R\n/ViewerPreferences <</DisplayDocTitle true>>\n", tree))
	case o.number >= 3 && o.number%2 == 1 && page <= b.pdf.PageCount():
		return insert(o.body, "<</Type /Page\n", fmt.Sprintf("/StructParents %d\n/Tabs /S\n", page-1))
	}
	return o.body, nil
}

func insert(body []byte, after, what string) ([]byte, error) {
	head, tail, ok := bytes.Cut(body, []byte(after))
	if !ok {
		return nil, errLayout
	}
	return slices.Concat(head, []byte(after), []byte(what), tail), nil
}

// tree turns elements into objects.
type tree struct {
	next   int // number of the next object
	root   int
	marked [][]*element
	number map[*element]int
	bodies []string // of the objects, in the order of their numbers
}

func pageObject(page int) int { return 2*page + 1 }

// build numbers all elements first, because parents and children name each other.
func (t *tree) build(top *element) {
	t.root, t.number = t.next, map[*element]int{}
	parents := t.next + 1
	t.next += 2
	t.bodies = make([]string, 2)
	t.count(top)
	t.write(top, t.root)
	t.bodies[0] = fmt.Sprintf("<</Type /StructTreeRoot /K %d 0 R /ParentTree %d 0 R /ParentTreeNextKey %d>>", t.number[top], parents, len(t.marked))
	var nums bytes.Buffer
	for page, elements := range t.marked {
		if page == 0 {
			continue
		}
		fmt.Fprintf(&nums, "%d [", page-1)
		for _, e := range elements {
			fmt.Fprintf(&nums, "%d 0 R ", t.number[e])
		}
		nums.WriteString("] ")
	}
	t.bodies[1] = "<</Nums [" + nums.String() + "]>>"
}

// used reports elements that say something; the others are left out.
func used(e *element) bool {
	return len(e.marks) > 0 || slices.ContainsFunc(e.kids, used)
}

func (t *tree) count(e *element) {
	t.number[e] = t.next
	t.next++
	for _, k := range e.kids {
		if used(k) {
			t.count(k)
		}
	}
}

func (t *tree) write(e *element, parent int) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "<</S /%s /P %d 0 R", e.kind, parent)
	if e.alt != "" {
		b.WriteString(" /Alt <" + hexText(e.alt) + ">")
	}
	if e.scope != "" {
		b.WriteString(" /A <</O /Table /Scope /" + e.scope + ">>")
	}
	if len(e.marks) > 0 {
		fmt.Fprintf(&b, " /Pg %d 0 R", pageObject(e.marks[0].page))
	}
	b.WriteString(" /K [")
	for _, m := range e.marks {
		if m.page == e.marks[0].page {
			fmt.Fprintf(&b, "%d ", m.id)
		} else {
			fmt.Fprintf(&b, "<</Type /MCR /Pg %d 0 R /MCID %d>> ", pageObject(m.page), m.id)
		}
	}
	for _, k := range e.kids {
		if used(k) {
			fmt.Fprintf(&b, "%d 0 R ", t.number[k])
		}
	}
	b.WriteString("]>>")
	t.bodies = append(t.bodies, b.String())
	for _, k := range e.kids {
		if used(k) {
			t.write(k, t.number[e])
		}
	}
}

// hexText writes a text string as UTF-16 in hexadecimal, which needs no escapes.
func hexText(s string) string {
	out := []byte{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.BigEndian.AppendUint16(out, u)
	}
	return fmt.Sprintf("%x", out)
}

// assembly is the new file.
type assembly struct {
	out     bytes.Buffer
	offsets []int    // of plain objects, by number
	packed  [][2]int // of the others, in order: the stream that holds it, and its place there
}

// perStream bounds how much a reader has to unpack for one object.
const perStream = 400

// streams packs objects, whose numbers begin with first, into object streams. The
// streams come after them in number.
func (f *assembly) streams(bodies []string, first int) {
	stream := first + len(bodies)
	var offsets []int
	for from := 0; from < len(bodies); from += perStream {
		part := bodies[from:min(from+perStream, len(bodies))]
		var index, data bytes.Buffer
		for i, body := range part {
			fmt.Fprintf(&index, "%d %d ", first+from+i, data.Len())
			data.WriteString(body + "\n")
			f.packed = append(f.packed, [2]int{stream + len(offsets), i})
		}
		offsets = append(offsets, f.out.Len())
		packed := deflate(append(index.Bytes(), data.Bytes()...))
		fmt.Fprintf(&f.out, "%d 0 obj\n<</Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d>>\nstream\n", stream+len(offsets)-1, len(part), index.Len(), len(packed))
		f.out.Write(packed)
		f.out.WriteString("\nendstream\nendobj\n")
	}
	f.offsets = append(f.offsets, make([]int, len(bodies))...)
	f.offsets = append(f.offsets, offsets...)
}

// crossReference ends the file with the stream that tells where every object is.
func (f *assembly) crossReference(root, info int) {
	at, number := f.out.Len(), len(f.offsets)
	f.offsets = append(f.offsets, at)
	firstPacked := 0
	for n := 1; n < len(f.offsets) && f.offsets[n] != 0; n++ {
		firstPacked = n + 1
	}
	var table []byte
	entry := func(kind byte, a, b int) {
		table = append(table, kind)
		table = binary.BigEndian.AppendUint32(table, uint32(a))
		table = binary.BigEndian.AppendUint16(table, uint16(b))
	}
	entry(0, 0, 65535)
	for n := 1; n < len(f.offsets); n++ {
		if i := n - firstPacked; i >= 0 && i < len(f.packed) {
			entry(2, f.packed[i][0], f.packed[i][1])
		} else {
			entry(1, f.offsets[n], 0)
		}
	}
	packed := deflate(table)
	fmt.Fprintf(&f.out, "%d 0 obj\n<</Type /XRef /Size %d /W [1 4 2] /Root %d 0 R /Info %d 0 R /Filter /FlateDecode /Length %d>>\nstream\n", number, len(f.offsets), root, info, len(packed))
	f.out.Write(packed)
	fmt.Fprintf(&f.out, "\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n", at)
}

func deflate(data []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write(data) //nolint:errcheck // a buffer in memory takes everything; a Buffer does not fail
	w.Close()     //nolint:errcheck // a buffer in memory takes everything
	return b.Bytes()
}

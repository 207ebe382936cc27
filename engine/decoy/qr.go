package decoy

import (
	"bytes"
	"fmt"
)

// A qrVersion is a size of symbol at error correction M (ISO/IEC 18004, table 9).
type qrVersion struct {
	words, check, blocks int   // codewords altogether, of correction per block, blocks
	align                []int // centres of the alignment patterns
}

var qrVersions = []qrVersion{
	{26, 10, 1, nil}, {44, 16, 1, []int{6, 18}}, {70, 26, 1, []int{6, 22}}, {100, 18, 2, []int{6, 26}}, {134, 24, 2, []int{6, 30}},
	{172, 16, 4, []int{6, 34}}, {196, 18, 4, []int{6, 22, 38}}, {242, 22, 4, []int{6, 24, 42}}, {292, 22, 5, []int{6, 26, 46}}, {346, 26, 5, []int{6, 28, 50}},
}

func (v qrVersion) data() int { return v.words - v.check*v.blocks }

// QRCode draws a text of at most 213 bytes as an SVG, with the quiet zone around it.
func QRCode(text string) ([]byte, error) {
	m, err := qrMatrix(text)
	if err != nil {
		return nil, err
	}
	side := len(m) + 8
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" shape-rendering="crispEdges"><path fill="#fff" d="M0 0h%dv%dH0z"/><path d="`, side, side, 4*side, 4*side, side, side)
	for y, row := range m {
		for x, dark := range row {
			if dark {
				fmt.Fprintf(&b, "M%d %dh1v1h-1z", x+4, y+4)
			}
		}
	}
	b.WriteString(`"/></svg>` + "\n")
	return b.Bytes(), nil
}

// qrMatrix is the symbol, row by row; true is dark.
func qrMatrix(text string) ([][]bool, error) {
	for n, v := range qrVersions {
		count := 1
		if n >= 9 {
			count = 2
		}
		if len(text)+1+count <= v.data() {
			return newQR(n+1, v).fill(qrWords(text, v, count)), nil
		}
	}
	return nil, fmt.Errorf("a text of %d bytes is too long for a QR code; use at most 213", len(text))
}

// qrWords are the data in byte mode, cut into blocks, with their correction, in the
// order in which they are drawn.
func qrWords(text string, v qrVersion, count int) []byte {
	var w qrBits
	w.put(4, 4) // byte mode
	w.put(len(text), 8*count)
	for _, b := range []byte(text) {
		w.put(int(b), 8)
	}
	w.put(0, min(4, v.data()*8-w.n))
	w.put(0, (8-w.n%8)%8)
	for pad := 0xec; len(w.b) < v.data(); pad ^= 0xec ^ 0x11 {
		w.put(pad, 8)
	}
	short := v.data() / v.blocks
	long := v.data() % v.blocks // so many blocks, the last ones, hold one more
	var blocks, checks [][]byte
	for i, at := 0, 0; i < v.blocks; i++ {
		size := short
		if i >= v.blocks-long {
			size++
		}
		blocks = append(blocks, w.b[at:at+size])
		checks = append(checks, reedSolomon(w.b[at:at+size], v.check))
		at += size
	}
	return append(interleave(blocks, short+1), interleave(checks, v.check)...)
}

func interleave(blocks [][]byte, longest int) []byte {
	var out []byte
	for i := range longest {
		for _, b := range blocks {
			if i < len(b) {
				out = append(out, b[i])
			}
		}
	}
	return out
}

// qrBits collects bits, the highest first.
type qrBits struct {
	b []byte
	n int
}

func (w *qrBits) put(value, bits int) {
	for i := bits - 1; i >= 0; i-- {
		if w.n%8 == 0 {
			w.b = append(w.b, 0)
		}
		w.b[w.n/8] |= byte(value>>i&1) << (7 - w.n%8)
		w.n++
	}
}

// gfTimes multiplies in the field of 256 elements with the polynomial 0x11d.
func gfTimes(a, b byte) byte {
	var p int
	for i := 7; i >= 0; i-- {
		p = p<<1 ^ p>>7*0x11d
		p ^= int(b>>i&1) * int(a)
	}
	return byte(p)
}

// reedSolomon is the remainder of the data by the generator of n roots.
func reedSolomon(data []byte, n int) []byte {
	generator := make([]byte, n)
	generator[n-1] = 1
	root := byte(1)
	for range n {
		for j := range n {
			generator[j] = gfTimes(generator[j], root)
			if j+1 < n {
				generator[j] ^= generator[j+1]
			}
		}
		root = gfTimes(root, 2)
	}
	rest := make([]byte, n)
	for _, d := range data {
		factor := d ^ rest[0]
		copy(rest, rest[1:])
		rest[n-1] = 0
		for j := range n {
			rest[j] ^= gfTimes(generator[j], factor)
		}
	}
	return rest
}

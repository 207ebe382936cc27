package decoy

// A qr is a symbol that is being drawn.
type qr struct {
	side  int
	dark  [][]bool
	fixed [][]bool // patterns, which hold no data and are not masked
}

func grid(side int) [][]bool {
	g := make([][]bool, side)
	for i := range g {
		g[i] = make([]bool, side)
	}
	return g
}

// newQR draws the patterns.
func newQR(number int, v qrVersion) *qr {
	side := 17 + 4*number
	q := &qr{side: side, dark: grid(side), fixed: grid(side)}
	for i := range side {
		q.set(6, i, i%2 == 0)
		q.set(i, 6, i%2 == 0)
	}
	for _, c := range [][2]int{{3, 3}, {side - 4, 3}, {3, side - 4}} {
		q.finder(c[0], c[1])
	}
	last := len(v.align) - 1
	for i, x := range v.align {
		for j, y := range v.align {
			if i == 0 && j == 0 || i == 0 && j == last || i == last && j == 0 {
				continue // a finder is there
			}
			q.square(x, y, 2, func(d int) bool { return d != 1 })
		}
	}
	q.format(0) // keeps its place
	if number >= 7 {
		q.version(number)
	}
	return q
}

func (q *qr) set(x, y int, dark bool) {
	if x >= 0 && y >= 0 && x < q.side && y < q.side {
		q.dark[y][x], q.fixed[y][x] = dark, true
	}
}

// square draws rings around a centre.
func (q *qr) square(x, y, radius int, dark func(ring int) bool) {
	for dy := -radius; dy <= radius; dy++ {
		for dx := -radius; dx <= radius; dx++ {
			q.set(x+dx, y+dy, dark(max(dx, -dx, dy, -dy)))
		}
	}
}

func (q *qr) finder(x, y int) { q.square(x, y, 4, func(d int) bool { return d != 2 && d != 4 }) }

// format writes level M and the mask, with their correction, twice.
func (q *qr) format(mask int) {
	data := mask // level M is 00
	rest := data
	for range 10 {
		rest = rest<<1 ^ rest>>9*0x537
	}
	bits := (data<<10 | rest) ^ 0x5412
	bit := func(i int) bool { return bits>>i&1 == 1 }
	for i := range 6 {
		q.set(8, i, bit(i))
	}
	q.set(8, 7, bit(6))
	q.set(8, 8, bit(7))
	q.set(7, 8, bit(8))
	for i := 9; i < 15; i++ {
		q.set(14-i, 8, bit(i))
	}
	for i := range 8 {
		q.set(q.side-1-i, 8, bit(i))
	}
	for i := 8; i < 15; i++ {
		q.set(8, q.side-15+i, bit(i))
	}
	q.set(8, q.side-8, true)
}

// version writes the number of the version, with its correction, twice.
func (q *qr) version(number int) {
	rest := number
	for range 12 {
		rest = rest<<1 ^ rest>>11*0x1f25
	}
	bits := number<<12 | rest
	for i := range 18 {
		dark := bits>>i&1 == 1
		a, b := q.side-11+i%3, i/3
		q.set(a, b, dark)
		q.set(b, a, dark)
	}
}

// fill lays the data and picks the mask that scanners read best.
func (q *qr) fill(words []byte) [][]bool {
	q.lay(words)
	best, least := 0, -1
	for mask := range 8 {
		q.mask(mask)
		q.format(mask)
		if p := q.penalty(); least < 0 || p < least {
			best, least = mask, p
		}
		q.mask(mask) // off again
	}
	q.mask(best)
	q.format(best)
	return q.dark
}

// lay walks up and down in columns of two, from the right.
func (q *qr) lay(words []byte) {
	i := 0
	for right := q.side - 1; right > 0; right -= 2 {
		if right == 6 {
			right = 5
		}
		for step := range q.side {
			y := step
			if (right+1)&2 == 0 {
				y = q.side - 1 - step
			}
			for _, x := range []int{right, right - 1} {
				if !q.fixed[y][x] && i < len(words)*8 {
					q.dark[y][x] = words[i/8]>>(7-i%8)&1 == 1
					i++
				}
			}
		}
	}
}

var qrMasks = [8]func(x, y int) bool{
	func(x, y int) bool { return (x+y)%2 == 0 },
	func(_, y int) bool { return y%2 == 0 },
	func(x, _ int) bool { return x%3 == 0 },
	func(x, y int) bool { return (x+y)%3 == 0 },
	func(x, y int) bool { return (x/3+y/2)%2 == 0 },
	func(x, y int) bool { return x*y%2+x*y%3 == 0 },
	func(x, y int) bool { return (x*y%2+x*y%3)%2 == 0 },
	func(x, y int) bool { return ((x+y)%2+x*y%3)%2 == 0 },
}

func (q *qr) mask(n int) {
	for y := range q.side {
		for x := range q.side {
			if !q.fixed[y][x] && qrMasks[n](x, y) {
				q.dark[y][x] = !q.dark[y][x]
			}
		}
	}
}

// penalty counts what confuses scanners: long runs, blocks, lookalikes of the finder
// and a symbol that is too dark or too light.
func (q *qr) penalty() int {
	sum, dark := 0, 0
	for y := range q.side {
		sum += q.runs(func(i int) bool { return q.dark[y][i] }) + q.runs(func(i int) bool { return q.dark[i][y] })
		for x := range q.side {
			if q.dark[y][x] {
				dark++
			}
			if x > 0 && y > 0 && q.dark[y][x] == q.dark[y-1][x] && q.dark[y][x] == q.dark[y][x-1] && q.dark[y][x] == q.dark[y-1][x-1] {
				sum += 3
			}
		}
	}
	share := 100 * dark / (q.side * q.side)
	return sum + 10*(max(share-50, 50-share)/5)
}

// runs judges one row or column.
func (q *qr) runs(at func(int) bool) int {
	sum, run, window := 0, 0, 0
	for i := range q.side {
		if i > 0 && at(i) == at(i-1) {
			run++
		} else {
			run = 1
		}
		switch {
		case run == 5:
			sum += 3
		case run > 5:
			sum++
		}
		window = window << 1 & 0x7ff
		if at(i) {
			window |= 1
		}
		if i >= 10 && (window == 0x05d || window == 0x5d0) {
			sum += 40
		}
	}
	return sum
}

package chart

import (
	"slices"
)

// layout is a graph in layers: every node after those that depend on it, and a
// place kept free for edges in the layers they pass.
type layout struct {
	layers [][]int // vertices: nodes by index, then the places kept free
	paths  []edgePath
	count  int // of vertices
}

// edgePath is an edge with the vertices it passes, first layer first.
type edgePath struct {
	nodes  []int
	turned bool // the edge itself runs from the last to the first
}

func (l layout) widest() int {
	n := 1
	for _, layer := range l.layers {
		n = max(n, len(layer))
	}
	return n
}

// layers follows Sugiyama: break circles, take the longest path as the layer, fill
// long edges with places, then order each layer by the middle of its neighbours.
func (g Graph) layers() layout {
	edges := g.acyclic()
	depth := depths(len(g.Nodes), edges)
	l := layout{count: len(g.Nodes)}
	deepest := slices.Max(depth)
	l.layers = make([][]int, deepest+1)
	for v, at := range depth {
		l.layers[at] = append(l.layers[at], v)
	}
	for _, e := range edges {
		p := edgePath{nodes: []int{e.from}, turned: e.turned}
		for at := depth[e.from] + 1; at < depth[e.to]; at++ {
			l.layers[at] = append(l.layers[at], l.count)
			p.nodes = append(p.nodes, l.count)
			l.count++
		}
		p.nodes = append(p.nodes, e.to)
		l.paths = append(l.paths, p)
	}
	l.order()
	return l
}

type link struct {
	from, to int
	turned   bool
}

// acyclic returns the edges between known nodes, those that close a circle turned.
func (g Graph) acyclic() []link {
	index := map[string]int{}
	for i, n := range g.Nodes {
		if _, twice := index[n.ID]; !twice {
			index[n.ID] = i
		}
	}
	next := make([][]int, len(g.Nodes))
	for _, e := range g.Edges {
		from, ok1 := index[e.From]
		to, ok2 := index[e.To]
		if ok1 && ok2 && from != to && !slices.Contains(next[from], to) {
			next[from] = append(next[from], to)
		}
	}
	const open, closed = 1, 2
	state := make([]int, len(g.Nodes))
	var edges []link
	var visit func(int)
	visit = func(v int) {
		state[v] = open
		for _, to := range next[v] {
			switch {
			case state[to] != open:
				edges = append(edges, link{v, to, false})
			case !slices.Contains(next[to], v): // the other direction is drawn already
				edges = append(edges, link{to, v, true})
			}
			if state[to] == 0 {
				visit(to)
			}
		}
		state[v] = closed
	}
	for v := range g.Nodes {
		if state[v] == 0 {
			visit(v)
		}
	}
	return edges
}

// depths is the longest way from any source to each node.
func depths(n int, edges []link) []int {
	depth := make([]int, n)
	for range n { // a path is at most n long
		changed := false
		for _, e := range edges {
			if depth[e.to] < depth[e.from]+1 {
				depth[e.to], changed = depth[e.from]+1, true
			}
		}
		if !changed {
			break
		}
	}
	return depth
}

// neighbours of every vertex in the layer before and in the layer after.
func (l *layout) neighbours() (before, after [][]int) {
	before, after = make([][]int, l.count), make([][]int, l.count)
	for _, p := range l.paths {
		for i := 1; i < len(p.nodes); i++ {
			a, b := p.nodes[i-1], p.nodes[i]
			after[a], before[b] = append(after[a], b), append(before[b], a)
		}
	}
	return before, after
}

// settle gives every vertex its top, so that edges run as straight as the order of
// the layers and a gap between neighbours allow. The least top is 1.
func (l *layout) settle(size func(int) float64, gap float64) []float64 {
	before, after := l.neighbours()
	centre := make([]float64, l.count)
	for _, layer := range l.layers {
		for i, v := range layer {
			centre[v] = (float64(i) - float64(len(layer)-1)/2) * (nodeHeight + gap)
		}
	}
	for range 8 {
		for _, near := range [][][]int{before, after} {
			for _, layer := range l.layers {
				spread(layer, near, centre, size, gap)
			}
		}
	}
	least := 0.0
	for v := range centre {
		centre[v] -= size(v) / 2
		if v == 0 || centre[v] < least {
			least = centre[v]
		}
	}
	for v := range centre {
		centre[v] += 1 - least
	}
	return centre
}

// spread moves the vertices of a layer as near to the middle of their neighbours as
// the least distance between them allows: an isotonic regression, by pooling those
// that would overtake each other.
func spread(layer []int, near [][]int, centre []float64, size func(int) float64, gap float64) {
	type pool struct {
		sum    float64
		n      int
		offset []float64
	}
	var pools []pool
	offset := 0.0
	for i, v := range layer {
		if i > 0 {
			offset += (size(layer[i-1])+size(v))/2 + gap
		}
		want := centre[v]
		if len(near[v]) > 0 {
			want = 0
			for _, u := range near[v] {
				want += centre[u] / float64(len(near[v]))
			}
		}
		p := pool{want - offset, 1, []float64{offset}}
		for len(pools) > 0 && pools[len(pools)-1].sum/float64(pools[len(pools)-1].n) > p.sum/float64(p.n) {
			last := pools[len(pools)-1]
			pools = pools[:len(pools)-1]
			p = pool{last.sum + p.sum, last.n + p.n, append(last.offset, p.offset...)}
		}
		pools = append(pools, p)
	}
	i := 0
	for _, p := range pools {
		for _, o := range p.offset {
			centre[layer[i]] = p.sum/float64(p.n) + o
			i++
		}
	}
}

// order sweeps to and fro, moving each vertex to the middle of its neighbours.
func (l *layout) order() {
	before, after := l.neighbours()
	place := make([]float64, l.count)
	note := func(layer []int) {
		for i, v := range layer {
			place[v] = float64(i) - float64(len(layer)-1)/2
		}
	}
	for _, layer := range l.layers {
		note(layer)
	}
	sweep := func(layer []int, near [][]int) {
		middle := map[int]float64{}
		for _, v := range layer {
			middle[v] = place[v]
			if len(near[v]) > 0 {
				sum := 0.0
				for _, u := range near[v] {
					sum += place[u]
				}
				middle[v] = sum / float64(len(near[v]))
			}
		}
		slices.SortStableFunc(layer, func(a, b int) int {
			switch {
			case middle[a] < middle[b]:
				return -1
			case middle[a] > middle[b]:
				return 1
			}
			return 0
		})
		note(layer)
	}
	for range 6 {
		for i := 1; i < len(l.layers); i++ {
			sweep(l.layers[i], before)
		}
		for i := len(l.layers) - 2; i >= 0; i-- {
			sweep(l.layers[i], after)
		}
	}
}

package chart

import (
	"fmt"
	"strings"

	"holdfast/report/font"
)

// A Graph draws what depends on what, in layers: a node stands before everything
// it depends on. It is meant for a neighbourhood of some dozen nodes, not for a
// whole estate.
type Graph struct {
	Title string
	Nodes []Node
	Edges []Edge
}

// A Node is a box of the graph.
type Node struct {
	ID     string
	Name   string
	Kind   string // a short word above the name: "service"
	Strong bool   // the node that the graph is about
}

// An Edge says that From depends on To. Edges to unknown nodes, to itself and
// repeated ones are left out. An edge that closes a circle is drawn dashed.
type Edge struct{ From, To string }

// maxNodes bounds the drawing; the rest is told as a count.
const maxNodes = 48

// Draw implements Chart: layers from left to right where there is room, else
// downwards, else as a list.
func (g Graph) Draw(width float64) *Drawing {
	d := newDrawing("graph", g.Title, width)
	if len(g.Nodes) == 0 {
		return d.empty("Nothing depends on anything here yet.")
	}
	left := max(0, len(g.Nodes)-maxNodes)
	g.Nodes = g.Nodes[:len(g.Nodes)-left]
	l := g.layers()
	d.Desc = g.describe(l)
	const gapX = 46.0
	across := (d.Width - gapX*float64(len(l.layers)-1)) / float64(len(l.layers))
	down := d.Width / float64(l.widest())
	switch {
	case across >= 104:
		g.across(d, l, min(across, 190), gapX)
	case down >= 96:
		g.down(d, l)
	default:
		g.list(d)
	}
	if left > 0 {
		d.text(0, d.Height+14, small, fmt.Sprintf("and %d more", left))
		d.Height += 20
	}
	return d
}

const nodeHeight = 46.0

func (g Graph) node(d *Drawing, n Node, x, y, w float64) {
	p := paint{fill: Panel, stroke: Axis, width: 1}
	if n.Strong {
		p = paint{fill: AccentSoft, stroke: Accent, width: 1.6}
	}
	kind, name := font.OneLine(n.Kind), font.OneLine(n.Name)
	d.tip(strings.TrimSpace(kind+" "+name), func() {
		d.rect(x, y, w, nodeHeight, 6, p)
		if kind == "" {
			lines := strong.wrap(name, w-16, 2)
			d.lines(x+w/2, y+(nodeHeight-float64(len(lines))*strong.line())/2, strong.at(middle), lines)
			return
		}
		d.text(x+w/2, y+17, small.at(middle), small.fit(kind, w-12))
		d.text(x+w/2, y+34, strong.at(middle), strong.fit(name, w-12))
	})
}

// across sets layers as columns.
func (g Graph) across(d *Drawing, l layout, w, gap float64) {
	const gapY, dummy = 14.0, 12.0
	size := func(v int) float64 {
		if v >= len(g.Nodes) {
			return dummy
		}
		return nodeHeight
	}
	tops := l.settle(size, gapY)
	for v, top := range tops {
		d.Height = max(d.Height, top+size(v)+2)
	}
	step := gap + w
	if n := len(l.layers); n > 1 {
		step = (d.Width - w - 2) / float64(n-1)
	}
	in, out := make([]point, l.count), make([]point, l.count)
	at := make([]point, l.count)
	for c, layer := range l.layers {
		for _, v := range layer {
			x, y := 1+float64(c)*step, tops[v]
			at[v] = point{x, y}
			in[v], out[v] = point{x, y + size(v)/2}, point{x + w, y + size(v)/2}
		}
	}
	for _, path := range l.paths {
		g.edge(d, path, in, out, true)
	}
	for v, n := range g.Nodes {
		g.node(d, n, at[v].x, at[v].y, w)
	}
}

// down sets layers as rows.
func (g Graph) down(d *Drawing, l layout) {
	const gapX, gapY = 12.0, 40.0
	in, out, at := make([]point, l.count), make([]point, l.count), make([]point, l.count)
	w := min(190, (d.Width-gapX*float64(l.widest()-1))/float64(l.widest()))
	for r, layer := range l.layers {
		y := 1 + float64(r)*(nodeHeight+gapY)
		x := (d.Width - float64(len(layer))*w - gapX*float64(len(layer)-1)) / 2
		for _, v := range layer {
			at[v] = point{x, y}
			in[v], out[v] = point{x + w/2, y}, point{x + w/2, y + nodeHeight}
			x += w + gapX
		}
	}
	for _, path := range l.paths {
		g.edge(d, path, in, out, false)
	}
	for v, n := range g.Nodes {
		g.node(d, n, at[v].x, at[v].y, w)
	}
	d.Height = float64(len(l.layers))*(nodeHeight+gapY) - gapY + 2
}

// edge draws one path through its layers as a smooth line.
func (g Graph) edge(d *Drawing, p edgePath, in, out []point, across bool) {
	var curves []segment
	from := out[p.nodes[0]]
	for i := 1; i < len(p.nodes); i++ {
		to := in[p.nodes[i]]
		curves = append(curves, bend(from, to, across))
		if i < len(p.nodes)-1 { // straight through the place kept free in this layer
			from = out[p.nodes[i]]
			curves = append(curves, segment{to: from})
		}
	}
	look := paint{stroke: Axis, width: 1.3}
	first := out[p.nodes[0]]
	if p.turned {
		look.dash = dashed
		first, curves = reverse(first, curves)
	}
	d.curve(first, curves, true, look)
}

func bend(a, b point, across bool) segment {
	if across {
		mid := (a.x + b.x) / 2
		return segment{c1: point{mid, a.y}, c2: point{mid, b.y}, to: b, curve: true}
	}
	mid := (a.y + b.y) / 2
	return segment{c1: point{a.x, mid}, c2: point{b.x, mid}, to: b, curve: true}
}

// reverse turns a path around, for edges that run against the layers.
func reverse(first point, s []segment) (point, []segment) {
	out := make([]segment, 0, len(s))
	for i := len(s) - 1; i >= 0; i-- {
		to := first
		if i > 0 {
			to = s[i-1].to
		}
		out = append(out, segment{c1: s[i].c2, c2: s[i].c1, to: to, curve: s[i].curve})
	}
	return s[len(s)-1].to, out
}

// list is the form for a narrow page with many nodes: each with what it depends on.
func (g Graph) list(d *Drawing) {
	y := 2.0
	for _, n := range g.Nodes {
		name := strong.wrap(font.OneLine(n.Name), d.Width-2*cardPad, 2)
		needs := small.wrap(strings.TrimPrefix(font.OneLine(n.Kind)+", "+g.needs(n), ", "), d.Width-2*cardPad, 4)
		h := 16 + float64(len(name))*strong.line() + float64(len(needs))*small.line()
		p := paint{fill: Panel}
		if n.Strong {
			p = paint{fill: AccentSoft, stroke: Accent, width: 1.4}
		}
		d.rect(1, y, d.Width-2, h, 6, p)
		used := d.lines(cardPad, y+8, strong, name)
		d.lines(cardPad, y+8+used, small, needs)
		y += h + 6
	}
	d.Height = y - 4
}

func (g Graph) needs(n Node) string {
	names := map[string]string{}
	for _, m := range g.Nodes {
		names[m.ID] = font.OneLine(m.Name)
	}
	var out []string
	for _, e := range g.Edges {
		if to, ok := names[e.To]; ok && e.From == n.ID && e.To != n.ID {
			out = append(out, to)
		}
	}
	if len(out) == 0 {
		return "depends on nothing shown here"
	}
	return "depends on " + strings.Join(out, ", ")
}

func (g Graph) describe(l layout) string {
	s := fmt.Sprintf("%s in %s, %s.", count(len(g.Nodes), "node", "nodes"), count(len(l.layers), "layer", "layers"), count(len(l.paths), "dependency", "dependencies"))
	for _, n := range g.Nodes {
		if n.Strong {
			s += " " + font.OneLine(n.Name) + " " + g.needs(n) + "."
		}
	}
	return s
}

// Table implements Chart.
func (g Graph) Table() Table {
	t := Table{Columns: []Column{{Name: "Name"}, {Name: "Kind"}, {Name: "Depends on"}}}
	for _, n := range g.Nodes {
		t.Rows = append(t.Rows, []string{font.OneLine(n.Name), font.OneLine(n.Kind), strings.TrimPrefix(g.needs(n), "depends on ")})
	}
	return t
}

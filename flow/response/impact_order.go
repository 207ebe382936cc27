package response

import (
	"cmp"
	"slices"
	"strings"

	"holdfast/flow"
)

// order sorts the assets into waves: everything stands after what it needs. Assets
// that wait for each other in a circle share a wave and are named (Tarjan's strongly
// connected components; the waves are the longest way down in what remains).
func (n *recoveryNet) order() ([]RecoveryWave, [][]flow.Named) {
	c := components{net: n, at: map[string]int{}, low: map[string]int{}, on: map[string]bool{}, of: map[string]int{}}
	ids := make([]string, 0, len(n.nodes))
	for id := range n.nodes {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		if _, seen := c.at[id]; !seen {
			c.visit(id)
		}
	}
	level := c.levels()
	highest := 0
	for _, id := range ids {
		r := n.nodes[id]
		r.Step = level[c.of[id]]
		highest = max(highest, r.Step)
	}
	waves := make([]RecoveryWave, highest)
	for i := range waves {
		waves[i].Number = i + 1
	}
	for _, id := range ids {
		r := n.nodes[id]
		waves[r.Step-1].Assets = append(waves[r.Step-1].Assets, r)
	}
	for _, w := range waves {
		slices.SortStableFunc(w.Assets, sooner)
	}
	return waves, c.cycles()
}

// sooner puts what is needed first before the rest.
func sooner(a, b *Recovery) int {
	x, y := a.Need.Hours, b.Need.Hours
	if (x == 0) != (y == 0) {
		return cmp.Compare(y, x)
	}
	return cmp.Or(cmp.Compare(x, y), cmp.Compare(b.Asset.Criticality, a.Asset.Criticality), strings.Compare(a.Record.Title, b.Record.Title))
}

// components finds the circles of a net.
type components struct {
	net   *recoveryNet
	at    map[string]int // when an asset was met
	low   map[string]int // the earliest that can be reached from it
	on    map[string]bool
	stack []string
	of    map[string]int // component by asset
	list  [][]string     // every one after those it needs
}

// maxDepth bounds the recursion; a chain of dependencies longer than this is drawn
// from a mistake, and its rest begins anew.
const maxDepth = 10_000

func (c *components) visit(id string) {
	c.at[id], c.low[id] = len(c.at), len(c.at)
	c.stack, c.on[id] = append(c.stack, id), true
	for _, d := range c.net.needs[id] {
		to := d.NeedsID
		if c.net.nodes[to] == nil {
			continue
		}
		if _, seen := c.at[to]; !seen && len(c.stack) < maxDepth {
			c.visit(to)
			c.low[id] = min(c.low[id], c.low[to])
		} else if c.on[to] {
			c.low[id] = min(c.low[id], c.at[to])
		}
	}
	if c.low[id] != c.at[id] {
		return
	}
	var part []string
	for {
		last := c.stack[len(c.stack)-1]
		c.stack = c.stack[:len(c.stack)-1]
		c.on[last] = false
		c.of[last] = len(c.list)
		part = append(part, last)
		if last == id {
			break
		}
	}
	slices.Sort(part)
	c.list = append(c.list, part)
}

// levels is the wave of each component: one more than the highest that it needs.
func (c *components) levels() []int {
	level := make([]int, len(c.list))
	for i, part := range c.list { // what it needs has a smaller number
		level[i] = 1
		for _, id := range part {
			for _, d := range c.net.needs[id] {
				if to, ok := c.of[d.NeedsID]; ok && to != i {
					level[i] = max(level[i], level[to]+1)
				}
			}
		}
	}
	return level
}

func (c *components) cycles() [][]flow.Named {
	var out [][]flow.Named
	for _, part := range c.list {
		if len(part) < 2 {
			continue
		}
		var names []flow.Named
		for _, id := range part {
			names = append(names, c.net.nodes[id].Record)
		}
		slices.SortFunc(names, func(a, b flow.Named) int { return strings.Compare(a.Title, b.Title) })
		out = append(out, names)
	}
	return out
}

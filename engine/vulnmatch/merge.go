package vulnmatch

import (
	"cmp"
	"slices"
	"strings"

	"holdfast/feed"
)

// A weakness is one vulnerability of one group, with all advisories about it.
type weakness struct {
	group *group
	check string // the CVE, or the id of the main advisory
	cve   string
	names []string // all ids of the vulnerability, sorted
	hits  []*hit   // the main advisory first
	fixed string
	// shared is set when the main advisory repairs several vulnerabilities, so
	// that its summary is not about this one.
	shared bool
}

// A claim is one vulnerability that an advisory is about, by all its names.
type claim struct {
	hit    *hit
	names  []string
	shared bool
}

// claims says which vulnerabilities an advisory is about. Most are about one and
// carry its names; an update of a distribution names those it repairs as upstream
// or, with some publishers, only as related.
func claims(h *hit, distribution bool) []claim {
	own := append([]string{h.facts.ID}, h.facts.Aliases...)
	for _, id := range own {
		if cve := feed.CVEOf(id); cve != "" {
			return []claim{{hit: h, names: append(own, cve)}}
		}
	}
	cves := cvesOf(h.facts.Upstream)
	if len(cves) == 0 && distribution {
		cves = cvesOf(h.facts.Related)
	}
	if len(cves) == 0 {
		return []claim{{hit: h, names: own}}
	}
	out := make([]claim, len(cves))
	for i, cve := range cves {
		out[i] = claim{hit: h, names: []string{cve}, shared: len(cves) > 1}
	}
	return out
}

func cvesOf(ids []string) []string {
	var out []string
	for _, id := range ids {
		if cve := feed.CVEOf(id); cve != "" && !slices.Contains(out, cve) {
			out = append(out, cve)
		}
	}
	return out
}

// merge joins the claims that share a name and returns the weaknesses of a group
// in the order of their checks.
func merge(g *group, hits map[feed.RecordID]*hit, compare comparer) []*weakness {
	if len(hits) == 0 {
		return nil
	}
	sets := newSets()
	for _, h := range sortedHits(hits) {
		for _, c := range claims(h, isDistribution(g.ecosystem)) {
			sets.add(c)
		}
	}
	var out []*weakness
	for _, list := range sets.all() {
		out = append(out, newWeakness(g, list, compare))
	}
	slices.SortFunc(out, func(a, b *weakness) int { return compareNatural(a.check, b.check) })
	return out
}

func sortedHits(hits map[feed.RecordID]*hit) []*hit {
	out := make([]*hit, 0, len(hits))
	for _, h := range hits {
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b *hit) int {
		return cmp.Or(strings.Compare(a.facts.ID, b.facts.ID), cmp.Compare(a.record, b.record))
	})
	return out
}

// sets joins claims by their names (union and find).
type sets struct {
	parent []int
	claims []claim
	byName map[string]int
}

func newSets() *sets { return &sets{byName: map[string]int{}} }

func (s *sets) add(c claim) {
	n := len(s.claims)
	s.claims, s.parent = append(s.claims, c), append(s.parent, n)
	for _, name := range c.names {
		if m, ok := s.byName[name]; ok {
			s.parent[s.root(m)] = s.root(n)
		} else {
			s.byName[name] = n
		}
	}
}

func (s *sets) root(n int) int {
	for s.parent[n] != n {
		s.parent[n] = s.parent[s.parent[n]]
		n = s.parent[n]
	}
	return n
}

func (s *sets) all() map[int][]claim {
	out := map[int][]claim{}
	for i, c := range s.claims {
		r := s.root(i)
		out[r] = append(out[r], c)
	}
	return out
}

func newWeakness(g *group, list []claim, compare comparer) *weakness {
	slices.SortStableFunc(list, compareClaims)
	w := &weakness{group: g, shared: list[0].shared}
	for _, c := range list {
		w.names = append(w.names, c.names...)
		if !slices.Contains(w.hits, c.hit) {
			w.hits = append(w.hits, c.hit)
		}
		if f := c.hit.fix; f != "" && (w.fixed == "" || compare(f, w.fixed) > 0) {
			w.fixed = f
		}
	}
	slices.SortFunc(w.names, compareNatural)
	w.names = slices.Compact(w.names)
	w.check = list[0].hit.facts.ID
	if i := slices.IndexFunc(w.names, feed.IsCVE); i >= 0 {
		w.cve, w.check = w.names[i], w.names[i]
	}
	return w
}

// compareClaims puts first the advisory that tells most of this vulnerability: one
// that is about it alone, then one with a CVSS vector, then the latest.
func compareClaims(a, b claim) int {
	return cmp.Or(
		cmp.Compare(rank(a.shared), rank(b.shared)),
		cmp.Compare(rank(a.hit.facts.CVSS == ""), rank(b.hit.facts.CVSS == "")),
		b.hit.facts.Modified.Compare(a.hit.facts.Modified),
		strings.Compare(a.hit.facts.ID, b.hit.facts.ID),
	)
}

// rank sorts false before true.
func rank(b bool) int {
	if b {
		return 1
	}
	return 0
}

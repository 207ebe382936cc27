package vulnmatch

import (
	"slices"

	"holdfast/engine"
	"holdfast/feed"
)

// A hit is an advisory that is true of packages of a group.
type hit struct {
	record   feed.RecordID
	facts    feed.Advisory
	fix      string // the version that is right for all the packages
	packages []installed
}

// installed is one affected package with what the advisory says of its version.
type installed struct {
	pkg          *engine.Package
	version      string
	fixed, until string // first good version; newest known bad one when there is no good one
}

// A matcher judges the packages of one group.
type matcher struct {
	index     *feed.Index
	ecosystem string
	compare   comparer
	rpm       bool
	hits      map[feed.RecordID]*hit
}

// match judges every package of a group and merges what was found.
func (v *vulnmatch) match(g *group, gaps *gaps) []*weakness {
	m := newMatcher(v.index, g.ecosystem)
	switch {
	case m.compare == nil:
		gaps.add(g.ecosystem, notOrdered, len(g.packages))
		return nil
	case !slices.ContainsFunc(lookups(g.ecosystem, ""), v.index.Holds):
		gaps.add(g.ecosystem, notLoaded, len(g.packages))
		return nil
	}
	for _, p := range g.packages {
		if p.AdvisoryVersion() == "" {
			gaps.add(g.ecosystem, noVersion, 1)
			continue
		}
		m.judge(p)
	}
	return merge(g, m.hits, m.compare)
}

func newMatcher(index *feed.Index, ecosystem string) *matcher {
	return &matcher{
		index: index, ecosystem: ecosystem, compare: comparers[feed.Base(ecosystem)],
		rpm: distributionOf(ecosystem) == rpm, hits: map[feed.RecordID]*hit{},
	}
}

// judge looks up one package under its names and notes each advisory that is true
// of it. RPM advisories name binary packages with some publishers and source
// packages with others.
func (m *matcher) judge(p *engine.Package) {
	seen := map[feed.RecordID]bool{}
	if m.rpm && p.Name != p.AdvisoryName() && p.Version != "" {
		m.judgeAs(p, p.Name, p.Version, seen)
	}
	m.judgeAs(p, p.AdvisoryName(), p.AdvisoryVersion(), seen)
}

// judgeAs judges by the advisories filed under one name. Those that were judged
// under an earlier name or ecosystem are in seen, and are not judged again.
func (m *matcher) judgeAs(p *engine.Package, name, version string, seen map[feed.RecordID]bool) {
	j := judgement{compare: m.compare, version: version, named: m.rpm}
	for _, ecosystem := range lookups(m.ecosystem, version) {
		said := m.index.Affected(ecosystem, name)
		var mod module
		if m.rpm {
			mod = moduleOf(p, version, said)
		}
		last, skip := int64(-1), false
		for a := range said {
			if int64(a.Record) != last {
				m.note(p, &j)
				last, skip = int64(a.Record), seen[a.Record]
				seen[a.Record] = true
			}
			if !skip && (!m.rpm || mod.concerns(a)) {
				j.add(a)
			}
		}
		m.note(p, &j)
	}
}

// note decides on the advisory that was collected and starts the next one.
func (m *matcher) note(p *engine.Package, j *judgement) {
	if len(j.said) > 0 && j.affected() {
		m.add(p, j)
	}
	j.start()
}

// add adds the package to those of which the advisory is true.
func (m *matcher) add(p *engine.Package, j *judgement) {
	first := &j.said[0]
	h := m.hits[first.Record]
	if h == nil {
		h = &hit{record: first.Record, facts: m.index.Facts(first)}
		m.hits[h.record] = h
	}
	i := installed{pkg: p, version: j.version, fixed: j.fix()}
	if i.fixed == "" {
		i.until = j.last()
	}
	h.packages = append(h.packages, i)
	if i.fixed != "" && (h.fix == "" || j.compare(i.fixed, h.fix) > 0) {
		h.fix = i.fixed
	}
}

// Package vulnmatch compares the installed software with public advisories.
//
// It looks up each package in the index of package feed, orders versions by the
// rules of the ecosystem, and tells one observation for each weakness of each
// package. Advisories of several publishers about the same weakness are one; an
// update of a distribution that repairs several is as many.
package vulnmatch

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"holdfast/engine"
	"holdfast/feed"
)

// Name is the name of the engine in observations.
const Name = "vulnmatch"

// ErrNoAdvisories says that there is nothing to compare with. The run failed, so
// that no finding is resolved by it.
var ErrNoAdvisories = errors.New("no advisories are loaded: fetch them, or load an OSV export")

// ErrNoInventory says that the target was not looked at before.
var ErrNoInventory = errors.New("the target has no inventory of software")

type vulnmatch struct{ index *feed.Index }

// New returns the engine over an index. It must not be used after the index is
// closed.
func New(index *feed.Index) engine.Engine { return &vulnmatch{index} }

func (v *vulnmatch) Name() string { return Name }

// Observe returns a failed observation for each weakness of each package, and an
// unknown one for each ecosystem whose packages could not be judged. The order is
// the same on every run.
func (v *vulnmatch) Observe(ctx context.Context, t *engine.Target) ([]engine.Observation, error) {
	if v.index.Stats().Advisories == 0 {
		return nil, ErrNoAdvisories
	}
	if t.Inventory == nil {
		return nil, ErrNoInventory
	}
	var found []*weakness
	var gaps gaps
	for _, g := range groupPackages(t.Inventory.Packages) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		found = append(found, v.match(g, &gaps)...)
	}
	if err := v.complete(ctx, found); err != nil {
		return nil, err
	}
	out := make([]engine.Observation, 0, len(found))
	for _, w := range found {
		out = append(out, v.observation(w))
	}
	return append(out, gaps.observations()...), nil
}

// match judges every package of a group and merges what was found.
func (v *vulnmatch) match(g *group, gaps *gaps) []*weakness {
	compare := comparers[feed.Base(g.ecosystem)]
	hits := map[feed.RecordID]*hit{}
	for _, p := range g.packages {
		switch {
		case compare == nil:
			gaps.add(g.ecosystem, notOrdered)
		case !v.holds(g.ecosystem):
			gaps.add(g.ecosystem, notLoaded)
		case p.AdvisoryVersion() == "":
			gaps.add(g.ecosystem, noVersion)
		default:
			v.judge(p, g.ecosystem, compare, hits)
		}
	}
	return merge(g, hits, compare)
}

func (v *vulnmatch) holds(ecosystem string) bool {
	return slices.ContainsFunc(lookups(ecosystem, ""), v.index.Holds)
}

// A hit is an advisory that is true of packages of a group.
type hit struct {
	record feed.RecordID
	facts  feed.Advisory
	fix    string // the version that is right for all the packages
	hits   []installed
}

// installed is one affected package with what the advisory says of its version.
type installed struct {
	pkg          *engine.Package
	version      string
	fixed, until string // first good version; newest known bad one when there is no good one
}

// judge looks up one package under its names and notes each advisory that is true
// of it. RPM advisories name binary packages with some publishers and source
// packages with others.
func (v *vulnmatch) judge(p *engine.Package, ecosystem string, compare comparer, hits map[feed.RecordID]*hit) {
	type naming struct{ name, version string }
	names := []naming{{p.AdvisoryName(), p.AdvisoryVersion()}}
	if distributionOf(ecosystem) == rpm && p.Name != p.AdvisoryName() && p.Version != "" {
		names = []naming{{p.Name, p.Version}, names[0]}
	}
	seen := map[feed.RecordID]bool{}
	for _, n := range names {
		for _, e := range lookups(ecosystem, n.version) {
			v.judgeName(p, e, n.name, n.version, compare, seen, hits)
		}
	}
}

// judgeName judges by the advisories filed under one name. seen holds those that
// were judged under an earlier name, and takes up these.
func (v *vulnmatch) judgeName(p *engine.Package, ecosystem, name, version string, compare comparer, seen map[feed.RecordID]bool, hits map[feed.RecordID]*hit) {
	said := v.index.Affected(ecosystem, name)
	isRPM := distributionOf(ecosystem) == rpm
	var m module
	if isRPM {
		m = moduleOf(p, version, said)
	}
	j := judgement{compare: compare, version: version, named: isRPM}
	finish := func() {
		if len(j.said) > 0 && j.affected() {
			v.note(p, &j, hits)
		}
	}
	last, skip := int64(-1), false
	for a := range said {
		if int64(a.Record) != last {
			finish()
			j.start()
			last, skip = int64(a.Record), seen[a.Record]
			seen[a.Record] = true
		}
		if !skip && (!isRPM || m.concerns(a)) {
			j.add(a)
		}
	}
	finish()
}

// note adds the package to what the advisory is true of.
func (v *vulnmatch) note(p *engine.Package, j *judgement, hits map[feed.RecordID]*hit) {
	first := &j.said[0]
	h := hits[first.Record]
	if h == nil {
		h = &hit{record: first.Record, facts: v.index.Facts(first)}
		hits[h.record] = h
	}
	i := installed{pkg: p, version: j.version, fixed: j.fix()}
	if i.fixed == "" {
		i.until = j.last()
	}
	h.hits = append(h.hits, i)
	if i.fixed != "" && (h.fix == "" || j.compare(i.fixed, h.fix) > 0) {
		h.fix = i.fixed
	}
}

// complete reads the texts of all advisories, in the order in which they lie on
// disk.
func (v *vulnmatch) complete(ctx context.Context, found []*weakness) error {
	byRecord := map[feed.RecordID][]*hit{}
	for _, w := range found {
		for _, h := range w.hits {
			byRecord[h.record] = append(byRecord[h.record], h)
		}
	}
	records := make([]feed.RecordID, 0, len(byRecord))
	for r := range byRecord {
		records = append(records, r)
	}
	slices.Sort(records)
	for _, r := range records {
		if err := ctx.Err(); err != nil {
			return err
		}
		hits := byRecord[r]
		full := hits[0].facts
		if err := v.index.Complete(&full); err != nil {
			return err
		}
		for _, h := range hits {
			h.facts.Summary, h.facts.Details, h.facts.CWEs, h.facts.URLs = full.Summary, full.Details, full.CWEs, full.URLs
		}
	}
	return nil
}

// A gap is a reason why packages could not be judged.
type gap int

const (
	notLoaded gap = iota
	notOrdered
	noVersion
)

var gapTexts = [...]string{
	notLoaded:  "no advisories for %s loaded: %s not judged",
	notOrdered: "the versions of %s cannot be ordered: %s not judged",
	noVersion:  "%[2]s of %[1]s without a version not judged",
}

// gaps counts by ecosystem what could not be judged.
type gaps map[string]*[len(gapTexts)]int

func (g *gaps) add(ecosystem string, reason gap) {
	if *g == nil {
		*g = gaps{}
	}
	if ecosystem == "" {
		ecosystem = "an unknown ecosystem"
	}
	if (*g)[ecosystem] == nil {
		(*g)[ecosystem] = &[len(gapTexts)]int{}
	}
	(*g)[ecosystem][reason]++
}

func (g gaps) observations() []engine.Observation {
	out := make([]engine.Observation, 0, len(g))
	for ecosystem, counts := range g {
		var details []string
		for reason, n := range counts {
			if n > 0 {
				details = append(details, fmt.Sprintf(gapTexts[reason], ecosystem, plural(n, "package")))
			}
		}
		out = append(out, engine.Observation{
			Engine: Name, Check: "advisories-missing", Subject: ecosystem, Outcome: engine.Unknown,
			Title:  "Not all software could be compared with advisories",
			Detail: strings.Join(details, "; "), Principle: "compromise",
		})
	}
	slices.SortFunc(out, func(a, b engine.Observation) int { return strings.Compare(a.Subject, b.Subject) })
	return out
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

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

func (g *gaps) add(ecosystem string, reason gap, n int) {
	if *g == nil {
		*g = gaps{}
	}
	if ecosystem == "" {
		ecosystem = "an unknown ecosystem"
	}
	if (*g)[ecosystem] == nil {
		(*g)[ecosystem] = &[len(gapTexts)]int{}
	}
	(*g)[ecosystem][reason] += n
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

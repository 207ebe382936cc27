package detection

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// A Weight is the score of an alert with the factors that it is the product of:
//
//	score = 100 × level × criticality × position
//
// level is that of the rule or trap, criticality that of the asset, position how open
// its place is and how much depends on it. Every factor lies between 0 and 1.
type Weight struct {
	Score   float64 // 0 to 100, whole
	Factors []Factor
}

// A Factor is one part of a score: what it is, what was known, and what that weighs.
type Factor struct {
	Name, Value string
	Weight      float64
}

// An Exposure is what the score needs to know of the place where something happened.
type Exposure struct {
	Known       bool // an asset is named
	Criticality isms.Level
	Exposed     bool   // reachable from the internet
	Zone        string // of the asset
	Dependents  int    // assets that need it, directly or through others
}

// The weights. They are ours: an order of urgency, not a probability. A level counts
// about twice as much as the one below it; the asset can quarter the score at most.
var (
	levelWeights       = map[isms.Severity]float64{isms.SeverityNone: 0.1, isms.SeverityLow: 0.25, isms.SeverityMedium: 0.5, isms.SeverityHigh: 0.8, isms.SeverityCritical: 1}
	criticalityWeights = []float64{0.6, 0.4, 0.55, 0.7, 0.85, 1} // not graded, very low … very high
)

const (
	insidePosition   = 0.7
	exposedBonus     = 0.15
	dependentBonus   = 0.05 // for each of the first three that need it
	countedDependent = 3
)

// Weigh computes the score of an alert of the level at the place.
func Weigh(level isms.Severity, e Exposure) Weight {
	w := Weight{Factors: []Factor{
		{"Level", strings.ToLower(kind.Humanise(string(level))), levelWeights[level]},
		criticalityFactor(e),
		positionFactor(e),
	}}
	w.Score = 100
	for _, f := range w.Factors {
		w.Score *= f.Weight
	}
	w.Score = math.Round(w.Score)
	return w
}

func criticalityFactor(e Exposure) Factor {
	f := Factor{Name: "Criticality of the asset", Value: "not graded", Weight: criticalityWeights[0]}
	switch {
	case !e.Known:
		f.Value = "no asset is known"
	case e.Criticality >= 1 && e.Criticality <= 5:
		f.Value, f.Weight = strings.ToLower(e.Criticality.String()), criticalityWeights[e.Criticality]
	}
	return f
}

func positionFactor(e Exposure) Factor {
	f := Factor{Name: "Position", Weight: insidePosition}
	var parts []string
	if e.Exposed {
		f.Weight += exposedBonus
		parts = append(parts, "reachable from the internet")
	} else if e.Zone != "" {
		parts = append(parts, "in the zone "+e.Zone)
	}
	if e.Dependents > 0 {
		f.Weight += dependentBonus * float64(min(e.Dependents, countedDependent))
		parts = append(parts, prose.Plural(e.Dependents, "asset needs it", "assets need it"))
	}
	f.Value = cmp.Or(strings.Join(parts, ", "), "inside; nothing is known to need it")
	return f
}

// Formula tells in one line how the score came to be, for whoever asks why.
func (w Weight) Formula() string {
	parts := []string{"100"}
	for _, f := range w.Factors {
		parts = append(parts, fmt.Sprintf("%.2f (%s: %s)", f.Weight, strings.ToLower(f.Name), f.Value))
	}
	return strings.Join(parts, " × ") + fmt.Sprintf(" = %.0f", w.Score)
}

// A setting is what surrounds the place where something happened.
type setting struct {
	asset      *isms.Asset
	dependents []*isms.Asset // what needs it, nearest and most critical first
	needs      []*isms.Asset // what it needs itself: where somebody gets from it
	findings   []*isms.Finding
	risks      []*isms.Risk
	currency   string
}

func (s *setting) exposure() Exposure {
	if s.asset == nil {
		return Exposure{}
	}
	return Exposure{Known: true, Criticality: s.asset.Criticality, Exposed: s.asset.Exposed, Zone: s.asset.Zone, Dependents: len(s.dependents)}
}

// maxSurround bounds how many assets around an alert are looked at.
const maxSurround = 200

// setting gathers what depends on the asset and what it needs.
func (f *Flow) setting(ctx context.Context, a *isms.Asset) (*setting, error) {
	s := &setting{asset: a}
	var err error
	if s.currency, err = f.currency(ctx); err != nil || a == nil {
		return s, err
	}
	if s.dependents, err = f.surround(ctx, a.ID, "needs_id", maxSurround); err != nil {
		return nil, err
	}
	s.needs, err = f.surround(ctx, a.ID, "asset_id", 1)
	return s, err
}

// surround walks the dependencies from the asset: field needs_id towards what depends on
// it, asset_id towards what it depends on. It goes at most the number of steps.
func (f *Flow) surround(ctx context.Context, id, field string, steps int) ([]*isms.Asset, error) {
	seen, front := map[string]bool{id: true}, []string{id}
	var order []string
	for ; len(front) > 0 && len(order) < maxSurround && steps > 0; steps-- {
		page, err := f.app.List(ctx, isms.AssetDependencies, kind.Query{Limit: maxSurround}.Where(field, front...))
		if err != nil {
			return nil, err
		}
		front = nil
		for _, rec := range page.Records {
			d := rec.(*isms.AssetDependency)
			next := d.AssetID
			if field == "asset_id" {
				next = d.NeedsID
			}
			if !seen[next] {
				seen[next] = true
				front, order = append(front, next), append(order, next)
			}
		}
	}
	found, err := f.app.Many(ctx, isms.Assets, order)
	if err != nil {
		return nil, err
	}
	var list []*isms.Asset
	for _, id := range order {
		if rec, ok := found[id]; ok && rec.GetBase().DeletedAt.IsZero() {
			list = append(list, rec.(*isms.Asset))
		}
	}
	slices.SortStableFunc(list, func(a, b *isms.Asset) int { return cmp.Compare(b.Criticality, a.Criticality) })
	return list, nil
}

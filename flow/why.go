package flow

import (
	"context"
	"fmt"

	"holdfast/catalog"
	"holdfast/engine/quantify"
	"holdfast/isms"
	"holdfast/kind"
)

// A RiskView is everything there is to say of one risk: the chain, the figures with
// their simulation, the methods side by side and the treatments with their worth.
type RiskView struct {
	Pricing
	Actor      *isms.ThreatActor
	Vector     *isms.ThreatVector
	Figures    Figures
	Now        *quantify.Result // simulated as things stand; nil when the risk has no figures yet
	Inherent   *quantify.Result
	Target     *quantify.Result // nil when nothing is planned
	Why        *quantify.Explanation
	Matrix     quantify.Matrix
	Rating     *quantify.Rating // qualitative; nil when it was not graded
	RatingGoal *quantify.Rating
	Semi       *quantify.Rating // semi-quantitative
}

// View collects what the risk workbench shows.
func (f *Flow) View(ctx context.Context, idOrKey string) (*RiskView, error) {
	r, err := f.risks.Get(ctx, idOrKey)
	if err != nil {
		return nil, err
	}
	p, err := f.Pricing(ctx, r)
	if err != nil {
		return nil, err
	}
	v := &RiskView{Pricing: *p, Matrix: quantify.Matrix5()}
	if r.ActorID != "" {
		if v.Actor, err = f.actors.Get(ctx, r.ActorID); err != nil {
			return nil, err
		}
	}
	if r.VectorID != "" {
		if v.Vector, err = f.vectors.Get(ctx, r.VectorID); err != nil {
			return nil, err
		}
	}
	if v.Figures, err = p.figures(ctx); err != nil {
		return nil, err
	}
	if err := v.simulate(ctx); err != nil {
		return nil, err
	}
	return v, v.rate()
}

func (v *RiskView) simulate(ctx context.Context) error {
	if !v.Priced() {
		return nil
	}
	for _, s := range []struct {
		into *(*quantify.Result)
		sc   quantify.Scenario
		want bool
	}{{&v.Now, v.Scenario(), true}, {&v.Inherent, v.bare(), true}, {&v.Target, v.target(), len(v.Planned) > 0}} {
		if !s.want {
			continue
		}
		res, err := quantify.Simulate(ctx, []quantify.Scenario{s.sc}, quantify.Options{Seed: Seed})
		if err != nil {
			return err
		}
		*s.into = res
	}
	now := v.Scenario()
	why, err := now.Explain("", nil) // the exact mean, which is also the figure of the record
	v.Why = &why
	return err
}

func (v *RiskView) rate() error {
	criticality := v.Risk.SystemLevel
	if criticality == 0 && v.Asset != nil {
		criticality = v.Asset.Criticality
	}
	var err error
	if v.Rating, err = RateLevels(v.Matrix, v.Risk.ImpactLevel, v.Risk.ProbabilityLevel, criticality); err != nil {
		return err
	}
	if v.RatingGoal, err = RateLevels(v.Matrix, v.Risk.TargetImpact, v.Risk.TargetProbability, criticality); err != nil {
		return err
	}
	if v.Now == nil || v.Risk.ImpactLevel == 0 {
		return nil
	}
	semi, err := quantify.DefaultSemiQuantitative().Rate(v.Now.Total.AnyLoss, 2*float64(v.Risk.ImpactLevel))
	v.Semi = &semi
	return err
}

// RateLevels applies the matrix to levels of a record; nil when it was not graded.
// Criticality 0 counts as medium.
func RateLevels(m quantify.Matrix, impact, probability, criticality isms.Level) (*quantify.Rating, error) {
	if impact == 0 || probability == 0 {
		return nil, nil
	}
	if criticality == 0 {
		criticality = 3
	}
	r, err := m.Rate(m.Impact[place(impact, len(m.Impact))], m.Probability[place(probability, len(m.Probability))], m.Criticality[place(criticality, len(m.Criticality))].Label)
	return &r, err
}

// place maps a level of 1 to 5 onto a scale of n steps.
func place(l isms.Level, n int) int { return (int(l) - 1) * (n - 1) / 4 }

// WhatIf computes the risk as if exactly these safeguards were added to those that
// operate: records by id or key, or entries of the catalogue by their id. It
// writes nothing.
func (f *Flow) WhatIf(ctx context.Context, idOrKey string, safeguards []string) (*quantify.Comparison, error) {
	r, err := f.risks.Get(ctx, idOrKey)
	if err != nil {
		return nil, err
	}
	p, err := f.Pricing(ctx, r)
	if err != nil {
		return nil, err
	}
	if !p.Priced() {
		return nil, kind.Errorf(kind.Invalid, "the risk has no figures yet: give it events per year and an exposure factor or losses")
	}
	var plans []Plan
	cost := quantify.Range{Shape: quantify.Point}
	for _, id := range safeguards {
		pl, err := f.planFor(ctx, p, id)
		if err != nil {
			return nil, err
		}
		plans = append(plans, pl)
		cost.Likely += Mean(pl.Safeguard.AnnualCost) * pl.share()
	}
	cost.Low, cost.High = cost.Likely, cost.Likely
	before := p.Scenario()
	return quantify.Compare(ctx, []quantify.Scenario{before}, []quantify.Scenario{with(before, plans...)}, cost, quantify.Options{Seed: Seed})
}

func (f *Flow) planFor(ctx context.Context, p *Pricing, id string) (Plan, error) {
	for _, pl := range p.Planned {
		if pl.Safeguard.ID == id || pl.Safeguard.Key == id {
			return pl, nil
		}
	}
	s, err := f.safeguards.Get(ctx, id)
	if kind.CodeOf(err) == kind.NotFound {
		if entry, ok := f.cat.Safeguard(id); ok {
			s = fromCatalogue(entry)
			s.ID = entry.ID
			return Plan{Safeguard: s}, nil
		}
	}
	if err != nil {
		return Plan{}, fmt.Errorf("what if: %w", err)
	}
	return Plan{Safeguard: s}, nil
}

// Candidates are safeguards of the catalogue that would answer the scenario of the
// risk and that neither operate nor are planned for it. WhatIf takes their ids.
func (f *Flow) Candidates(p *Pricing) []*catalog.Safeguard {
	sc, ok := f.cat.Scenario(p.Risk.Scenario)
	if !ok {
		return nil
	}
	var list []*catalog.Safeguard
	for _, id := range sc.Safeguards {
		if entry, ok := f.cat.Safeguard(id); ok && !p.has(entry.ID) {
			list = append(list, entry)
		}
	}
	return list
}

// share is the part of the safeguard's cost that the risk bears.
func (pl Plan) share() float64 {
	if pl.Treatment == nil || pl.Treatment.CostShare == 0 {
		return 1
	}
	return pl.Treatment.CostShare
}

// Mean is the expected value of a range of a record.
func Mean(r kind.Range) float64 {
	if r.IsZero() {
		return 0
	}
	return Uncertain(r, quantify.Source{}).Mean()
}

package flow

import (
	"context"

	"holdfast/engine/quantify"
	"holdfast/isms"
	"holdfast/kind"
)

// A Portfolio is all risks together: what a year costs, and where that falls.
type Portfolio struct {
	Risks    []*isms.Risk // open ones, most expensive first
	Priced   int          // how many of them have figures
	Now      *quantify.Result
	Target   *quantify.Result
	Inherent *quantify.Result
	Appetite *isms.Appetite // the statement in force; nil when there is none
	Bands    quantify.Appetite
	Position quantify.Band // of the expected yearly loss; meaningful with an Appetite
}

// Portfolio simulates all risks that are not closed.
func (f *Flow) Portfolio(ctx context.Context) (*Portfolio, error) {
	p := &Portfolio{}
	var err error
	if p.Risks, err = f.risks.All(ctx, kind.Query{Sort: "-loss_now"}.With("status", kind.Not, string(isms.RiskClosed))); err != nil {
		return nil, err
	}
	var now, target, bare []quantify.Scenario
	for _, r := range p.Risks {
		pr, err := f.Pricing(ctx, r)
		if err != nil {
			return nil, err
		}
		if !pr.Priced() {
			continue
		}
		p.Priced++
		now, target, bare = append(now, pr.Scenario()), append(target, pr.target()), append(bare, pr.bare())
	}
	for _, s := range []struct {
		into **quantify.Result
		list []quantify.Scenario
	}{{&p.Now, now}, {&p.Target, target}, {&p.Inherent, bare}} {
		if *s.into, err = quantify.Simulate(ctx, s.list, quantify.Options{Seed: Seed}); err != nil {
			return nil, err
		}
	}
	return p, f.placeInAppetite(ctx, p)
}

// placeInAppetite reads the appetite statement for money: the one in force, or the
// newest.
func (f *Flow) placeInAppetite(ctx context.Context, p *Portfolio) error {
	page, err := f.app.List(ctx, isms.Appetites, kind.Query{Limit: 50})
	if err != nil {
		return err
	}
	for _, rec := range page.Records {
		a := rec.(*isms.Appetite)
		if a.Capacity == 0 {
			continue
		}
		if p.Appetite == nil || overall(a) && !overall(p.Appetite) {
			p.Appetite = a
		}
	}
	if p.Appetite == nil {
		return nil
	}
	a := p.Appetite
	p.Bands = quantify.Appetite{Acceptance: a.Acceptance.Float(), Tolerance: a.Tolerance.Float(), Appetite: a.Wanted.Float(), Limit: a.Limit.Float(), Capacity: a.Capacity.Float()}
	p.Position = p.Bands.Position(p.Now.Total.Mean)
	return nil
}

// overall tells whether a statement speaks of all loss together and is in force.
func overall(a *isms.Appetite) bool {
	return a.Category == isms.AppetiteOverall && a.Status == isms.AppetiteInForce
}

package flow

import (
	"context"
	"fmt"
	"slices"
	"sort"

	"holdfast/catalog"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// maxProposals is how many treatments are proposed for one risk: enough to choose
// from, few enough to read.
const maxProposals = 4

// propose puts safeguards of the catalogue beside a risk that has no answer yet,
// those with the greatest return first, and keeps the figures of all its
// treatments true.
func (f *Flow) propose(ctx context.Context, p *Pricing) error {
	if p.Risk.Status == isms.RiskDraft && p.Risk.Origin == "engine" && p.Priced() {
		if err := f.addProposals(ctx, p); err != nil {
			return err
		}
	}
	return f.priceTreatments(ctx, p)
}

func (f *Flow) addProposals(ctx context.Context, p *Pricing) error {
	sc, ok := f.cat.Scenario(p.Risk.Scenario)
	if !ok || len(p.Planned)+len(p.Operating) >= maxProposals {
		return nil
	}
	wanted, err := f.candidates(ctx, sc, p)
	if err != nil {
		return err
	}
	declined, err := f.declined(ctx, p.Risk.ID)
	if err != nil {
		return err
	}
	for _, c := range wanted {
		if len(p.Planned)+len(p.Operating) >= maxProposals {
			break
		}
		if declined[c.entry.ID] || p.has(c.entry.ID) {
			continue
		}
		if err := f.addTreatment(ctx, p, c.entry); err != nil {
			return fmt.Errorf("safeguard %s: %w", c.entry.ID, err)
		}
	}
	return nil
}

func (p *Pricing) has(key string) bool {
	is := func(s *isms.Safeguard) bool { return s.Catalogue == key || s.Key == key }
	return slices.ContainsFunc(p.Operating, is) || slices.ContainsFunc(p.Planned, func(pl Plan) bool { return is(pl.Safeguard) })
}

// A candidate is a safeguard with what it would save on its own.
type candidate struct {
	entry *catalog.Safeguard
	gain  float64 // expected yearly loss avoided, less the yearly cost that falls on one risk
}

// costSpread is among how many risks the cost of a safeguard is thought to be
// shared when it is first weighed; priceTreatments then shares it exactly.
const costSpread = 4

func (f *Flow) candidates(ctx context.Context, sc *catalog.Scenario, p *Pricing) ([]candidate, error) {
	now := p.Scenario()
	before, err := Expected(now)
	if err != nil {
		return nil, err
	}
	var list []candidate
	for _, id := range sc.Safeguards {
		entry, ok := f.cat.Safeguard(id)
		if !ok {
			return nil, fmt.Errorf("scenario %s names the unknown safeguard %s", sc.ID, id)
		}
		after, err := Expected(with(now, Plan{Safeguard: fromCatalogue(entry)}))
		if err != nil {
			return nil, err
		}
		cost := Mean(rangeOf(entry.AnnualCost)) / costSpread
		if gain := before - after - cost; gain > 0 {
			list = append(list, candidate{entry, gain})
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].gain > list[j].gain })
	return list, nil
}

// fromCatalogue makes a record of a catalogue entry.
func fromCatalogue(c *catalog.Safeguard) *isms.Safeguard {
	return &isms.Safeguard{
		Base:       isms.Base{Key: c.ID, Title: c.Title, Origin: "catalogue"},
		Principles: c.Principles, Function: isms.SafeguardKind(c.Function), Means: isms.SafeguardMeans(c.Means), Status: isms.SafeguardProposed,
		AnnualCost: rangeOf(c.AnnualCost), Effort: rangeOf(c.Effort), OnFrequency: rangeOf(c.OnFrequency), OnLoss: rangeOf(c.OnLoss),
		Description: isms.Markdown(c.Does), HowTested: isms.Markdown(c.Test), Checks: append(slices.Clone(c.Resolves.Checks), c.Resolves.Topics...),
		References: c.References.All(), QuickWin: c.QuickWin, Catalogue: c.ID,
	}
}

func (f *Flow) declined(ctx context.Context, riskID string) (map[string]bool, error) {
	list, err := f.treatments.All(ctx, kind.Query{}.Where("risk_id", riskID).Where("status", string(isms.TreatmentDeclined)))
	if err != nil {
		return nil, err
	}
	out := map[string]bool{}
	for _, t := range list {
		s, err := f.safeguards.Get(ctx, t.SafeguardID)
		if err != nil {
			return nil, err
		}
		out[s.Catalogue] = true
	}
	return out, nil
}

// addTreatment proposes the safeguard for the risk, making its record when it is
// first needed.
func (f *Flow) addTreatment(ctx context.Context, p *Pricing, entry *catalog.Safeguard) error {
	s, err := f.safeguards.Get(ctx, entry.ID)
	if kind.CodeOf(err) == kind.NotFound {
		s = fromCatalogue(entry)
		err = f.safeguards.Save(ctx, s)
	}
	if err != nil {
		return err
	}
	if !s.DeletedAt.IsZero() || s.Status == isms.SafeguardRetired {
		return nil
	}
	if err := f.app.Link(ctx, isms.Risks, p.Risk.ID, f.treatedBy.Name, s.ID); err != nil {
		return err
	}
	if s.Status == isms.SafeguardOperating {
		p.Operating = append(p.Operating, s)
		return nil
	}
	key := StableKey(p.Risk.Key, s.Key)
	t, err := f.treatments.Get(ctx, key)
	if kind.CodeOf(err) == kind.NotFound {
		t = &isms.Treatment{Base: isms.Base{Key: key, Title: prose.Cut(s.Title+" for “"+p.Risk.Title+"”", 300), Origin: "engine"},
			RiskID: p.Risk.ID, SafeguardID: s.ID, OwnerID: prose.FirstOf(s.OwnerID, p.Risk.OwnerID), Status: isms.TreatmentProposed}
		err = f.treatments.Save(ctx, t)
	}
	if err != nil || !t.DeletedAt.IsZero() {
		return err
	}
	p.Planned = append(p.Planned, Plan{t, s})
	return nil
}

// priceTreatments computes ALE₁, ALE₂, ACS and RoSI of every planned treatment: of
// each as if it came first, because that is what a person who chooses one asks.
func (f *Flow) priceTreatments(ctx context.Context, p *Pricing) error {
	if !p.Priced() || len(p.Planned) == 0 {
		return nil
	}
	now := p.Scenario()
	before, err := Expected(now)
	if err != nil {
		return err
	}
	for i, pl := range p.Planned {
		after, err := Expected(with(now, pl))
		if err != nil {
			return err
		}
		n, err := f.sharers(ctx, pl.Safeguard.ID)
		if err != nil {
			return err
		}
		t := pl.Treatment
		if t.Origin == "engine" && t.Status == isms.TreatmentProposed {
			t.CostShare = Round4(1 / float64(max(n, 1)))
		}
		cost := Mean(pl.Safeguard.AnnualCost) * t.CostShare
		t.LossBefore, t.LossAfter, t.Cost = kind.MoneyOf(before), kind.MoneyOf(after), kind.MoneyOf(cost)
		t.Return = kind.MoneyOf(before - after - cost)
		if err := f.treatments.Save(ctx, t); err != nil {
			return err
		}
		p.Planned[i].Treatment = t
	}
	return nil
}

// sharers counts the risks among which the cost of a safeguard is shared.
func (f *Flow) sharers(ctx context.Context, safeguardID string) (int64, error) {
	page, err := f.app.List(ctx, isms.Treatments, kind.Query{Limit: 1, Count: true}.Where("safeguard_id", safeguardID).
		With("status", kind.Not, string(isms.TreatmentDeclined)))
	return page.Total, err
}

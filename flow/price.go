package flow

import (
	"context"
	"fmt"

	"holdfast/engine/quantify"
	"holdfast/isms"
	"holdfast/kind"
)

// DoorWeight is how far one open finding of a severity holds the door open for a
// scenario. Several of them combine to 1 − ∏(1 − weight), which grows with each
// and never exceeds 1.
var DoorWeight = map[isms.Severity]float64{
	isms.SeverityCritical: 0.80, isms.SeverityHigh: 0.50, isms.SeverityMedium: 0.20, isms.SeverityLow: 0.05,
}

// mitigatedShare is what is left of the weight of a finding that something stops.
const mitigatedShare = 0.25

// Background is the share of the bare frequency that remains when no finding is
// open: unknown weaknesses exist, and people make mistakes.
const Background = 0.15

// Weakness combines the weights of findings: 0 for none, towards 1 for many.
func Weakness(list []*isms.Finding) float64 {
	shut := 1.0
	for _, fd := range list {
		w := DoorWeight[fd.Severity]
		switch {
		case fd.Status == isms.FindingMitigated:
			w *= mitigatedShare
		case fd.Status == isms.FindingResolved || fd.Status == isms.FindingFalsePositive:
			w = 0
		case fd.Exploited:
			w = max(w, DoorWeight[isms.SeverityCritical])
		}
		shut *= 1 - w
	}
	return 1 - shut
}

// DoorFactor is the share of the bare frequency to expect at a weakness.
func DoorFactor(weakness float64) float64 { return Background + (1-Background)*weakness }

// A Pricing is everything that the figures of one risk follow from.
type Pricing struct {
	Risk      *isms.Risk
	Asset     *isms.Asset // nil when the risk names none
	Open      []*isms.Finding
	Operating []*isms.Safeguard // treat the risk and work today
	Planned   []Plan            // are proposed, approved or under way
}

// A Plan is a treatment with its safeguard.
type Plan struct {
	Treatment *isms.Treatment
	Safeguard *isms.Safeguard
}

// Figures are what a risk costs a year, in major units of money.
type Figures struct {
	Inherent float64 `json:"inherent"` // every door open, no safeguard
	Now      float64 `json:"now"`      // as things stand
	Target   float64 `json:"target"`   // when the planned treatments work
	P95      float64 `json:"p95"`      // one year in twenty costs more
	Weakness float64 `json:"weakness"`
}

// Pricing collects the records from which the figures of a risk follow.
func (f *Flow) Pricing(ctx context.Context, r *isms.Risk) (*Pricing, error) {
	p := &Pricing{Risk: r}
	var err error
	if r.AssetID != "" {
		if p.Asset, err = f.assets.Get(ctx, r.AssetID); err != nil {
			return nil, err
		}
	}
	if p.Open, err = f.findings.Linked(ctx, f.uses, r.ID); err != nil {
		return nil, err
	}
	treating, err := f.safeguards.Linked(ctx, f.treatedBy, r.ID)
	if err != nil {
		return nil, err
	}
	byID := map[string]*isms.Safeguard{}
	for _, s := range treating {
		byID[s.ID] = s
		if s.Status == isms.SafeguardOperating {
			p.Operating = append(p.Operating, s)
		}
	}
	return p, f.addPlans(ctx, p, byID)
}

func (f *Flow) addPlans(ctx context.Context, p *Pricing, byID map[string]*isms.Safeguard) error {
	list, err := f.treatments.All(ctx, kind.Query{Sort: "key"}.Where("risk_id", p.Risk.ID).With("status", kind.Not, string(isms.TreatmentDeclined)))
	if err != nil {
		return err
	}
	for _, t := range list {
		s := byID[t.SafeguardID]
		if s == nil {
			if s, err = f.safeguards.Get(ctx, t.SafeguardID); err != nil {
				return err
			}
		}
		switch s.Status {
		case isms.SafeguardOperating:
			if byID[s.ID] == nil {
				p.Operating = append(p.Operating, s)
			}
		case isms.SafeguardRetired:
		default:
			p.Planned = append(p.Planned, Plan{t, s})
		}
		byID[s.ID] = s
	}
	return nil
}

// unvalued is what an asset that nobody has valued counts as, so that a first
// figure exists; the figure says that it is a guess.
var unvalued = kind.Range{Low: 5_000, High: 60_000}

// value is the AV of the risk and where it comes from.
func (p *Pricing) value() (kind.Range, quantify.Source) {
	switch {
	case !p.Risk.AssetValue.IsZero():
		return p.Risk.AssetValue, sourceOf(&p.Risk.Base, "entered in the risk")
	case p.Asset != nil && !p.Asset.Value.IsZero():
		return p.Asset.Value, sourceOf(&p.Asset.Base, "value of "+p.Asset.Title)
	}
	return unvalued, quantify.Source{Kind: quantify.Estimated, By: "Holdfast", Note: "nobody has valued the asset yet; this is a placeholder for a small organisation"}
}

// sourceOf tells who established the figures of a record.
func sourceOf(b *kind.Base, note string) quantify.Source {
	s := quantify.Source{Kind: quantify.Estimated, By: b.UpdatedBy, When: b.UpdatedAt, Note: note}
	switch b.Origin {
	case "engine":
		s.Kind, s.By = quantify.Imported, "Holdfast catalogue"
	case "catalogue", "import":
		s.Kind = quantify.Imported
	}
	return s
}

func (p *Pricing) losses() []quantify.Loss {
	r := p.Risk
	var list []quantify.Loss
	for _, l := range []struct {
		form   quantify.LossForm
		amount kind.Range
	}{
		{quantify.Productivity, r.LossProductivity}, {quantify.Response, r.LossResponse}, {quantify.Replacement, r.LossReplacement},
		{quantify.Fines, r.LossFines}, {quantify.Advantage, r.LossAdvantage}, {quantify.Reputation, r.LossReputation},
	} {
		if !l.amount.IsZero() {
			list = append(list, quantify.Loss{Form: l.form, Amount: Uncertain(l.amount, sourceOf(&r.Base, ""))})
		}
	}
	return list
}

// Uncertain is a range of a record as the engine understands it; s tells where it comes from.
func Uncertain(r kind.Range, s quantify.Source) quantify.Range {
	return quantify.Range{Low: r.Low, Likely: r.Likely, High: r.High, Source: s}
}

// bare is the risk with every door open and no safeguard.
func (p *Pricing) bare() quantify.Scenario {
	sc := p.Scenario()
	sc.Safeguards = nil
	if bare := p.Risk.EventsBare; !bare.IsZero() {
		sc.Frequency = Uncertain(bare, p.frequencySource())
	}
	return sc
}

// Scenario is the risk as things stand.
func (p *Pricing) Scenario() quantify.Scenario {
	value, from := p.value()
	sc := quantify.Scenario{
		ID: p.Risk.ID, Name: p.Risk.Title, AssetValue: Uncertain(value, from),
		Exposure: Uncertain(p.Risk.Exposure, sourceOf(&p.Risk.Base, "exposure factor")), Losses: p.losses(),
	}
	if sc.Exposure.IsZero() && len(sc.Losses) == 0 {
		sc.Exposure = quantify.Exactly(0)
		sc.Exposure.Shape = quantify.Point
	}
	if !p.Risk.Events.IsZero() {
		sc.Frequency = Uncertain(p.Risk.Events, sourceOf(&p.Risk.Base, "estimated as things stand, safeguards included"))
		return sc
	}
	sc.Frequency = scaled(Uncertain(p.Risk.EventsBare, p.frequencySource()), p.Door())
	if p.Risk.Measured {
		sc.Frequency.Source.Kind = quantify.Measured
		sc.Frequency.Source.Note = fmt.Sprintf("%s events a year with every door open × %.0f %% for %d open findings (%.0f %% remain when none is open)",
			p.Risk.EventsBare, 100*p.Door(), openCount(p.Open), 100*Background)
	}
	for _, s := range p.Operating {
		sc.Safeguards = append(sc.Safeguards, effectOf(s, nil))
	}
	return sc
}

// Door is the factor for open findings; 1 for a risk that no finding ever fed.
func (p *Pricing) Door() float64 {
	if len(p.Open) == 0 {
		return 1
	}
	return DoorFactor(Weakness(p.Open))
}

func openCount(list []*isms.Finding) int {
	n := 0
	for _, fd := range list {
		if fd.Status == isms.FindingOpen || fd.Status == isms.FindingMitigated || fd.Status == isms.FindingAccepted {
			n++
		}
	}
	return n
}

func (p *Pricing) frequencySource() quantify.Source {
	s := sourceOf(&p.Risk.Base, "events a year with every door open")
	if p.Risk.Scenario != "" && p.Risk.Origin == "engine" {
		s.Note = "scenario " + p.Risk.Scenario + ": " + s.Note
	}
	return s
}

func scaled(r quantify.Range, by float64) quantify.Range {
	r.Low, r.Likely, r.High = r.Low*by, r.Likely*by, r.High*by
	return r
}

// effectOf is what a safeguard takes away; the treatment may say otherwise for
// its risk.
func effectOf(s *isms.Safeguard, t *isms.Treatment) quantify.Effect {
	frequency, loss, from := s.OnFrequency, s.OnLoss, sourceOf(&s.Base, "safeguard "+s.Title)
	if t != nil && !(t.OnFrequency.IsZero() && t.OnLoss.IsZero()) {
		frequency, loss, from = t.OnFrequency, t.OnLoss, sourceOf(&t.Base, "treatment "+t.Title)
	}
	return quantify.Effect{ID: s.ID, Name: s.Title, OnFrequency: Uncertain(frequency, from), OnLoss: Uncertain(loss, from)}
}

// with adds safeguards to a scenario.
func with(sc quantify.Scenario, plans ...Plan) quantify.Scenario {
	effects := append([]quantify.Effect(nil), sc.Safeguards...)
	for _, pl := range plans {
		effects = append(effects, effectOf(pl.Safeguard, pl.Treatment))
	}
	sc.Safeguards = effects
	return sc
}

// target is the risk when the planned treatments work.
func (p *Pricing) target() quantify.Scenario { return with(p.Scenario(), p.Planned...) }

// Expected is the exact ALE of a scenario.
func Expected(sc quantify.Scenario) (float64, error) {
	e, _, err := sc.ClosedForm()
	return e.ALE, err
}

// Priced tells whether the risk has enough to be put into money.
func (p *Pricing) Priced() bool {
	r := p.Risk
	return (!r.Events.IsZero() || !r.EventsBare.IsZero()) && (!r.Exposure.IsZero() || len(p.losses()) > 0)
}

// Seed makes simulations repeatable: the same risk is drawn from the same stream.
const Seed = 20260101

// figures computes what the risk costs.
func (p *Pricing) figures(ctx context.Context) (Figures, error) {
	fig := Figures{Weakness: Weakness(p.Open)}
	if !p.Priced() {
		return fig, nil
	}
	var err error
	if fig.Inherent, err = Expected(p.bare()); err != nil {
		return fig, err
	}
	now := p.Scenario()
	if fig.Now, err = Expected(now); err != nil {
		return fig, err
	}
	if fig.Target, err = Expected(p.target()); err != nil {
		return fig, err
	}
	res, err := quantify.Simulate(ctx, []quantify.Scenario{now}, quantify.Options{Seed: Seed})
	if err != nil {
		return fig, err
	}
	fig.P95 = res.Total.P95
	fig.Inherent = max(fig.Inherent, fig.Now)
	return fig, nil
}

// reprice computes the figures of every risk on the asset and proposes treatments.
func (f *Flow) reprice(ctx context.Context, asset *isms.Asset, out *Outcome) error {
	list, err := f.risks.All(ctx, kind.Query{}.Where("asset_id", asset.ID).With("status", kind.Not, string(isms.RiskClosed)))
	if err != nil {
		return err
	}
	for _, r := range list {
		if err := f.Reprice(ctx, r.ID); err != nil {
			return fmt.Errorf("risk %s: %w", r.Key, err)
		}
		out.Risks++
	}
	return nil
}

// Reprice computes the figures of one risk anew from the records it rests on, and
// proposes treatments for it. It writes only what changed.
func (f *Flow) Reprice(ctx context.Context, riskID string) error {
	r, err := f.risks.Get(ctx, riskID)
	if err != nil {
		return err
	}
	p, err := f.Pricing(ctx, r)
	if err != nil {
		return err
	}
	if err := f.propose(ctx, p); err != nil {
		return err
	}
	r.Measured, r.Findings = len(p.Open) > 0, openCount(p.Open)
	fig, err := p.figures(ctx)
	if err != nil {
		return fmt.Errorf("the figures of %q cannot be computed: %w", r.Title, err)
	}
	r.LossInherent, r.LossNow, r.LossTarget, r.LossP95 = kind.MoneyOf(fig.Inherent), kind.MoneyOf(fig.Now), kind.MoneyOf(fig.Target), kind.MoneyOf(fig.P95)
	r.Weakness = Round4(fig.Weakness)
	f.levels(p)
	return f.risks.Save(ctx, r)
}

// Round4 rounds a positive figure to four digits after the point.
func Round4(v float64) float64 { return float64(int64(v*10000+0.5)) / 10000 }

// levels grades a draft on the qualitative scales from its figures, so that both
// methods can be compared. What a person graded stays.
func (f *Flow) levels(p *Pricing) {
	r := p.Risk
	if r.Origin != "engine" || r.Status != isms.RiskDraft || !p.Priced() {
		return
	}
	now := p.Scenario()
	e, _, err := now.ClosedForm()
	if err != nil {
		return
	}
	r.ProbabilityLevel = levelOf(e.Frequency, 0.02, 0.1, 0.5, 2)
	r.ImpactLevel = levelOf(e.SLE, 2_000, 15_000, 75_000, 300_000)
}

// levelOf grades a value by four ascending borders.
func levelOf(v float64, borders ...float64) isms.Level {
	level := 1
	for _, b := range borders {
		if v >= b {
			level++
		}
	}
	return isms.Level(level)
}

// leastThinning keeps an unlikely product of safeguards from making the time of
// watching worth nothing.
const leastThinning = 0.05

// Thinning is the share of the bare events that doors and safeguards let through.
func (p *Pricing) Thinning() float64 {
	q := p.Door()
	for _, s := range p.Operating {
		q *= 1 - Uncertain(s.OnFrequency, quantify.Source{}).MeanFraction()
	}
	return min(1, max(leastThinning, q))
}

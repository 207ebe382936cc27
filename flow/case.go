package flow

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"holdfast/access"
	"holdfast/engine/quantify"
	"holdfast/isms"
	"holdfast/kind"
)

// A Case is what security costs and saves, for management: the loss of a year now
// and with the plan, what the plan costs, and what is at stake besides.
type Case struct {
	Portfolio *Portfolio `json:"-"`
	Now       Span       `json:"now"`        // loss of a year as things stand
	With      Span       `json:"with"`       // loss of a year with the plan
	Once      float64    `json:"once"`       // working time to put the plan in place, in money
	Hours     float64    `json:"hours"`      // the same in hours
	Yearly    float64    `json:"yearly"`     // ACS: yearly cost of the planned safeguards
	Avoided   float64    `json:"avoided"`    // ALE₁ − ALE₂
	Return    float64    `json:"return"`     // RoSI = ALE₁ − ALE₂ − ACS
	Payback   float64    `json:"payback"`    // months; 0: it never pays back
	Measures  []Measure  `json:"measures"`   // most valuable first
	AtStake   []Stake    `json:"at_stake"`   // obligations that carry a fine
	Fines     float64    `json:"fines"`      // sum of the likely fines
	HourCost  float64    `json:"hour_cost"`  // of one hour of work
	HourFrom  string     `json:"hour_from"`  // where that comes from
	Plans     int        `json:"safeguards"` // how many are planned
}

// A Span is a figure with its bad years.
type Span struct {
	Mean float64 `json:"mean"`
	P50  float64 `json:"p50"`
	P90  float64 `json:"p90"`
	P95  float64 `json:"p95"`
}

// A Measure is a planned safeguard with what it is worth over all risks it treats.
type Measure struct {
	ID      string   `json:"id"`
	Title   string   `json:"title"`
	Avoided float64  `json:"avoided"` // expected loss a year, each as if it came first
	Cost    float64  `json:"cost"`    // ACS
	Hours   float64  `json:"hours"`
	Return  float64  `json:"return"` // RoSI
	Risks   []string `json:"risks"`  // keys
}

// A Stake is an obligation that applies, with what a breach can cost.
type Stake struct {
	Obligation *isms.Obligation `json:"obligation"`
	Low        float64          `json:"low"`
	Likely     float64          `json:"likely"`
	High       float64          `json:"high"`
}

// Case computes the business case from the live records.
//
//	RoSI = ALE₁ − ALE₂ − ACS, over all risks with all planned safeguards
//	pay-back in months = 12 × one-off cost ÷ RoSI
//
// The plan is every safeguard that is proposed, approved or under way for a risk
// that is not closed. Losses are simulated, so each is a curve and not a number.
func (f *Flow) Case(ctx context.Context) (*Case, error) {
	p, err := f.Portfolio(ctx)
	if err != nil {
		return nil, err
	}
	return f.CaseOf(ctx, p)
}

// CaseOf is Case for a portfolio that was simulated already.
func (f *Flow) CaseOf(ctx context.Context, p *Portfolio) (*Case, error) {
	s := f.Survey(ctx)
	c := &Case{Portfolio: p, Now: spanOf(p.Now), With: spanOf(p.Target), HourCost: HourlyCost, HourFrom: "usual cost of an hour of an engineer"}
	for _, b := range Every[isms.Budget](s, isms.Budgets) {
		if b.Status == isms.BudgetApproved && b.HourlyCost > 0 && b.Starts <= s.Today && b.Ends >= s.Today {
			c.HourCost, c.HourFrom = b.HourlyCost.Float(), "budget “"+b.Title+"”"
		}
	}
	if s.Err != nil {
		return nil, s.Err
	}
	if err := f.addMeasures(ctx, c); err != nil {
		return nil, err
	}
	c.Avoided = c.Now.Mean - c.With.Mean
	c.Once = c.Hours * c.HourCost
	c.Return = c.Avoided - c.Yearly
	if c.Return > 0 {
		c.Payback = math.Round(10*12*c.Once/c.Return) / 10
	}
	s.stakes(c)
	return c, s.Err
}

func spanOf(r *quantify.Result) Span {
	if r == nil {
		return Span{}
	}
	t := r.Total
	return Span{t.Mean, t.P50, t.P90, t.P95}
}

// addMeasures weighs every planned safeguard once, over all risks it treats.
func (f *Flow) addMeasures(ctx context.Context, c *Case) error {
	found := map[string]*Measure{}
	for _, r := range c.Portfolio.Risks {
		p, err := f.Pricing(ctx, r)
		if err != nil {
			return err
		}
		before, now := 0.0, p.Scenario()
		if p.Priced() {
			if before, err = Expected(now); err != nil {
				return err
			}
		}
		for _, pl := range p.Planned {
			g := pl.Safeguard
			m := found[g.ID]
			if m == nil {
				m = &Measure{ID: g.ID, Title: g.Title, Cost: Mean(g.AnnualCost), Hours: Mean(g.Effort)}
				found[g.ID] = m
			}
			if !p.Priced() {
				continue
			}
			after, err := Expected(with(now, pl))
			if err != nil {
				return err
			}
			m.Avoided += before - after
			m.Risks = append(m.Risks, r.Key)
		}
	}
	for _, m := range found {
		m.Return = m.Avoided - m.Cost
		c.Yearly += m.Cost
		c.Hours += m.Hours
		c.Measures = append(c.Measures, *m)
	}
	slices.SortFunc(c.Measures, func(a, b Measure) int { return cmp.Or(cmp.Compare(b.Return, a.Return), strings.Compare(a.ID, b.ID)) })
	c.Plans = len(c.Measures)
	return nil
}

// stakes lists the obligations that apply and carry a fine, the dearest first.
func (s *Survey) stakes(c *Case) {
	for _, o := range Every[isms.Obligation](s, isms.Obligations) {
		if o.Status != isms.ObligationApplies || o.Penalty.IsZero() {
			continue
		}
		c.AtStake = append(c.AtStake, Stake{o, o.Penalty.Low, Mean(o.Penalty), o.Penalty.High})
		c.Fines += Mean(o.Penalty)
	}
	slices.SortStableFunc(c.AtStake, func(a, b Stake) int { return cmp.Compare(b.Likely, a.Likely) })
}

// FreezeCase writes the figures of today into a business case, with an account of
// how each came about, so that management decides on what it saw. Without an id a
// new draft is made. A case that was decided is not changed.
func (f *Flow) FreezeCase(ctx context.Context, idOrKey string) (*isms.BusinessCase, error) {
	c, err := f.Case(ctx)
	if err != nil {
		return nil, err
	}
	b := &isms.BusinessCase{Base: isms.Base{Title: "Security plan of " + string(kind.DateOf(f.app.Now()))},
		Problem: isms.Markdown(c.problem()), Proposal: isms.Markdown(c.proposal()), Options: "Carry out the plan; carry out only the most valuable measures; do nothing and bear the loss of today."}
	if idOrKey != "" {
		rec, err := f.app.Get(ctx, isms.BusinessCases, idOrKey)
		if err != nil {
			return nil, err
		}
		if b = rec.(*isms.BusinessCase); b.Status == isms.BusinessCaseApproved || b.Status == isms.BusinessCaseDeclined {
			return nil, kind.Errorf(kind.Conflict, "“%s” was decided; revise it first, or freeze a new one", b.Title)
		}
	}
	b.Investment, b.AnnualCost = kind.MoneyOf(c.Once), kind.MoneyOf(c.Yearly)
	b.LossBefore, b.LossAfter = kind.MoneyOf(c.Now.Mean), kind.MoneyOf(c.With.Mean)
	err = f.app.Atomic(ctx, func(ctx context.Context) error {
		if err := f.app.SaveBecause(ctx, b, "figures frozen"); err != nil {
			return err
		}
		return f.sealCase(ctx, b.ID, c)
	})
	if err != nil {
		return nil, err
	}
	rec, err := f.app.Get(ctx, isms.BusinessCases, b.ID)
	if err != nil {
		return nil, err
	}
	return rec.(*isms.BusinessCase), nil
}

// sealCase writes what only the product may write: when, and how it came about.
func (f *Flow) sealCase(ctx context.Context, id string, c *Case) error {
	actor, err := access.From(ctx)
	if err != nil {
		return err
	}
	machine := AsProduct(ctx, actor)
	rec, err := f.app.Get(machine, isms.BusinessCases, id)
	if err != nil {
		return err
	}
	b := rec.(*isms.BusinessCase)
	b.FrozenAt, b.Payback, b.Account = f.app.Now(), c.Payback, isms.Markdown(c.Account())
	return f.app.Save(machine, b)
}

func (c *Case) problem() string {
	return fmt.Sprintf("A year costs %s on average as things stand, and more than %s in one year out of twenty. %d risks are in money.",
		amount(c.Now.Mean), amount(c.Now.P95), c.Portfolio.Priced)
}

func (c *Case) proposal() string {
	var b strings.Builder
	b.WriteString("The most valuable measures:\n")
	for _, m := range c.Measures[:min(5, len(c.Measures))] {
		fmt.Fprintf(&b, "- %s: avoids %s a year for %s\n", m.Title, amount(m.Avoided), amount(m.Cost))
	}
	return b.String()
}

func amount(x float64) string { return kind.MoneyOf(math.Round(x)).String() }

// Account is every figure of the case with the inputs it follows from, in Markdown.
func (c *Case) Account() string {
	var b strings.Builder
	b.WriteString("| figure | amount | how it came about |\n|---|---|---|\n")
	row := func(name, value, how string) { fmt.Fprintf(&b, "| %s | %s | %s |\n", name, value, how) }
	row("ALE₁, loss now", amount(c.Now.Mean), fmt.Sprintf("mean of the simulation of %d risks; P90 %s, P95 %s", c.Portfolio.Priced, amount(c.Now.P90), amount(c.Now.P95)))
	row("ALE₂, loss with the plan", amount(c.With.Mean), fmt.Sprintf("the same with %d planned safeguards; P90 %s, P95 %s", c.Plans, amount(c.With.P90), amount(c.With.P95)))
	row("ACS, yearly cost", amount(c.Yearly), fmt.Sprintf("sum of the yearly cost of %d planned safeguards", c.Plans))
	row("one-off cost", amount(c.Once), fmt.Sprintf("%.0f hours × %s (%s)", c.Hours, amount(c.HourCost), c.HourFrom))
	row("RoSI", amount(c.Return), "ALE₁ − ALE₂ − ACS")
	payback := "never"
	if c.Payback > 0 {
		payback = fmt.Sprintf("%.1f months", c.Payback)
	}
	row("pay-back", payback, "12 × one-off cost ÷ RoSI")
	row("fines at stake", amount(c.Fines), fmt.Sprintf("sum of the likely penalties of %d obligations; not part of RoSI", len(c.AtStake)))
	return b.String()
}

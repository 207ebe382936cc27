package response

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"holdfast/app"
	"holdfast/engine/quantify"
	"holdfast/flow"
	"holdfast/flow/prose"
	"holdfast/isms"
	"holdfast/kind"
)

// An Experience is what incidents taught about the frequency of a risk: what was
// believed before, what was seen, what is believed now, and what that is in money.
type Experience struct {
	Risk       flow.Named      `json:"risk"`
	Incidents  []flow.Named    `json:"incidents"` // that count; Note is the day
	Since      kind.Date       `json:"since"`     // from when on time counts
	Years      float64         `json:"years"`     // up to the last of them
	Thinning   float64         `json:"thinning"`  // share of the bare events that safeguards and shut doors let through
	Ignorant   bool            `json:"ignorant"`  // nobody had estimated it before
	Prior      quantify.Belief `json:"prior"`
	Posterior  quantify.Belief `json:"posterior"`
	Before     kind.Range      `json:"before"` // events a year in the field of the risk
	After      kind.Range      `json:"after"`
	Field      string          `json:"field"`  // which field of the risk: events or events_bare
	Chance     float64         `json:"chance"` // of at least one further event within a year, as things stand
	LossBefore float64         `json:"loss_before"`
	LossAfter  float64         `json:"loss_after"` // expected yearly loss, everything else equal
	Account    []string        `json:"account"`    // how it came about, line by line
}

// Experience computes what the incidents with a confirmed cause that re-prices the
// risk (id or key) say of its frequency. It writes nothing. Without such an incident
// it holds nothing but the risk.
//
// The frequency λ is believed to be gamma distributed, fitted to the range of the
// risk (quantify.Believe). n incidents in T years give the posterior
// Gamma(shape + n, rate + q·T): the conjugate of the Poisson count. q is the share
// of the bare events that open doors and operating safeguards let through, where the
// range is that of the bare events. T runs from the day on which the estimate was
// made, or a year before the first incident if that is earlier, up to the last one.
func (f *Flow) Experience(ctx context.Context, idOrKey string) (*Experience, error) {
	r, err := f.risks.Get(ctx, idOrKey)
	if err != nil {
		return nil, err
	}
	x := &Experience{Risk: flow.NamedOf("risk", &r.Base, ""), Since: r.PriorFrom}
	seen, err := f.happened(ctx, r)
	if err != nil || len(seen) == 0 {
		return x, err
	}
	p, err := f.Pricing(ctx, r)
	if err != nil {
		return nil, err
	}
	return x, x.learn(p, seen)
}

// happened lists the incidents that count for a risk, oldest first: real ones with a
// confirmed cause that re-prices it, since its estimate was made.
func (f *Flow) happened(ctx context.Context, r *isms.Risk) ([]*isms.Incident, error) {
	rel, err := f.app.Relation(isms.Risks, "re-priced by")
	if err != nil {
		return nil, err
	}
	causes, err := app.Of[isms.RootCause](f.app, isms.RootCauses).Linked(ctx, rel, r.ID)
	if err != nil {
		return nil, err
	}
	var list []*isms.Incident
	counted := map[string]bool{}
	for _, c := range causes {
		if c.Status != "confirmed" && c.Status != "removed" || counted[c.IncidentID] {
			continue
		}
		counted[c.IncidentID] = true
		rec, err := f.app.Get(ctx, isms.Incidents, c.IncidentID)
		if err != nil {
			return nil, err
		}
		i := rec.(*isms.Incident)
		if i.DeletedAt.IsZero() && i.Outcome != isms.ResultFalseAlarm && i.Outcome != "exercise" && kind.DateOf(momentOf(i)) >= r.PriorFrom {
			list = append(list, i)
		}
	}
	slices.SortStableFunc(list, func(a, b *isms.Incident) int { return momentOf(a).Compare(momentOf(b)) })
	return list, nil
}

// momentOf is when an incident happened, as far as one knows.
func momentOf(i *isms.Incident) time.Time {
	for _, t := range []time.Time{i.StartedAt, i.DetectedAt, i.DeclaredAt} {
		if !t.IsZero() {
			return t
		}
	}
	return i.CreatedAt
}

const hoursPerYear = 365.25 * 24

// learn does the arithmetic.
func (x *Experience) learn(p *flow.Pricing, seen []*isms.Incident) error {
	r := p.Risk
	for _, i := range seen {
		x.Incidents = append(x.Incidents, flow.NamedOf("incident", &i.Base, string(kind.DateOf(momentOf(i)))))
	}
	if x.Since == "" {
		x.Since = min(kind.DateOf(r.CreatedAt), kind.DateOf(momentOf(seen[0]).AddDate(-1, 0, 0)))
		x.Before = *liveEvents(r)
	} else {
		x.Before = r.EventsPrior
	}
	x.Field, x.Thinning = "events", 1
	if r.Events.IsZero() {
		x.Field, x.Thinning = "events_bare", p.Thinning()
	}
	x.Years = max(1/365.25, momentOf(seen[len(seen)-1]).Sub(x.Since.Time()).Hours()/hoursPerYear)
	var err error
	if x.Ignorant = x.Before.IsZero(); x.Ignorant {
		x.Prior = quantify.Ignorance()
	} else if x.Prior, err = quantify.Believe("events per year", flow.Uncertain(x.Before, quantify.Source{})); err != nil {
		return fmt.Errorf("risk %s: %w", r.Key, err)
	}
	if x.Posterior, err = x.Prior.Update(len(seen), x.Years, x.Thinning); err != nil {
		return fmt.Errorf("risk %s: %w", r.Key, err)
	}
	after := x.Posterior.Range()
	x.After = kind.Range{Low: sixDigits(after.Low), High: sixDigits(after.High)}
	x.Chance = x.Posterior.Chance(x.Thinning)
	x.Account = x.account()
	return x.price(p)
}

// liveEvents is the field from which the frequency of a risk follows.
func liveEvents(r *isms.Risk) *kind.Range {
	if !r.Events.IsZero() {
		return &r.Events
	}
	return &r.EventsBare
}

// sixDigits keeps a figure readable without moving it.
func sixDigits(v float64) float64 {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 6, 64), 64)
	if err != nil {
		return v
	}
	return short
}

// price is the expected loss of a year with the one estimate and with the other.
func (x *Experience) price(p *flow.Pricing) error {
	for _, at := range []struct {
		events kind.Range
		to     *float64
	}{{x.Before, &x.LossBefore}, {x.After, &x.LossAfter}} {
		q := *p
		r := *p.Risk
		*liveEvents(&r) = at.events
		if q.Risk = &r; !q.Priced() {
			continue
		}
		v, err := flow.Expected(q.Scenario())
		if err != nil {
			return fmt.Errorf("risk %s: %w", r.Key, err)
		}
		*at.to = v
	}
	return nil
}

func (x *Experience) account() []string {
	b, a := x.Prior, x.Posterior
	first := fmt.Sprintf("Before: %.3g events a year, as if %.2g events had been seen in %.2g years.", safeMean(b), b.Shape, b.Rate)
	if x.Ignorant {
		first = "Before: nobody had estimated it; that counts as half an event in no time (Jeffreys)."
	}
	days := make([]string, 0, len(x.Incidents))
	for _, i := range x.Incidents {
		days = append(days, i.Note)
	}
	lines := []string{first, fmt.Sprintf("Seen: %d in %.2f years since %s (%s).", len(x.Incidents), x.Years, x.Since, strings.Join(days, ", "))}
	if x.Thinning < 1 {
		lines = append(lines, fmt.Sprintf("The estimate is for every door open; %.0f %% of that gets through today, so the time counts by that share.", 100*x.Thinning))
	}
	return append(lines,
		fmt.Sprintf("After: (%.3g + %d) ÷ (%.3g + %.3g × %.2f) = %.3g events a year (gamma and Poisson, conjugate).", b.Shape, len(x.Incidents), b.Rate, x.Thinning, x.Years, a.Mean()),
		fmt.Sprintf("At least one within the next year: %.0f %%.", 100*x.Chance))
}

// safeMean is the mean of a belief that has one.
func safeMean(b quantify.Belief) float64 {
	if b.Rate == 0 {
		return 0
	}
	return b.Mean()
}

// countExperience writes what experience says into a risk and prices it anew. It is
// idempotent. When nothing counts any more, the old estimate is back.
func (f *Flow) countExperience(ctx context.Context, riskID string) error {
	r, err := f.risks.Get(ctx, riskID)
	if err != nil || !r.DeletedAt.IsZero() {
		return err
	}
	x, err := f.Experience(ctx, riskID)
	if err != nil {
		return err
	}
	live := liveEvents(r)
	switch {
	case len(x.Incidents) > 0:
		r.EventsPrior, r.PriorFrom, *live = x.Before, x.Since, x.After
	case r.PriorFrom != "":
		*live = r.EventsPrior
	default:
		return nil
	}
	if err := f.app.SaveBecause(ctx, r, prose.Cut(strings.Join(x.Account, " "), 900)); err != nil {
		return err
	}
	if r.Status == isms.RiskClosed && len(x.Incidents) > 0 {
		if _, err := f.app.Do(ctx, isms.Risks, r.ID, "reopen", 0, kind.Input{Reason: "it happened: " + x.Incidents[len(x.Incidents)-1].Title}); err != nil {
			return err
		}
	}
	return f.Reprice(ctx, r.ID)
}

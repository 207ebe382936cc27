package response

import (
	"context"
	"slices"
	"time"

	"holdfast/app"
	"holdfast/flow"
	"holdfast/isms"
	"holdfast/kind"
)

// A Cost is what an incident has cost until now:
//
//	minutes of people ÷ 60 × rate + money spent + loss of the outage
type Cost struct {
	Minutes  int     // of people, as the timeline has them
	Rate     float64 // of an hour, in money
	RateFrom string  // where the rate comes from
	People   float64 // Minutes ÷ 60 × Rate
	Money    float64 // spent besides
	Hours    float64 // of the outage; 0: none is said
	Outage   float64 // loss by the business impact assessment
	OutageOf string  // what the loss is that of; empty: no assessment
	Total    float64
}

// CostOf computes what the incident has cost until now. The outage counts where
// "operational" is among the impacts: from when it began until it was recovered, by
// the business impact assessment of the affected asset that loses most; the loss
// between two points of the assessment grows evenly.
func (f *Flow) CostOf(ctx context.Context, inc *isms.Incident, entries []*isms.IncidentAction) (*Cost, error) {
	c := &Cost{Rate: flow.HourlyCost, RateFrom: "usual cost of an hour of an engineer"}
	today := kind.DateOf(f.app.Now())
	budgets, err := app.Of[isms.Budget](f.app, isms.Budgets).All(ctx, kind.Query{}.Where("status", string(isms.BudgetApproved)))
	if err != nil {
		return nil, err
	}
	for _, b := range budgets {
		if b.HourlyCost > 0 && b.Starts <= today && b.Ends >= today {
			c.Rate, c.RateFrom = b.HourlyCost.Float(), "budget “"+b.Title+"”"
			break
		}
	}
	for _, e := range entries {
		c.Minutes += e.Minutes
		c.Money += e.Cost.Float()
	}
	c.People = float64(c.Minutes) / 60 * c.Rate
	if err := f.outageCost(ctx, inc, c); err != nil {
		return nil, err
	}
	c.Total = c.People + c.Money + c.Outage
	return c, nil
}

func (f *Flow) outageCost(ctx context.Context, inc *isms.Incident, c *Cost) error {
	if !slices.Contains(inc.Impacts, "operational") {
		return nil
	}
	until := firstTime(inc.RecoveredAt, inc.ClosedAt, f.app.Now())
	if c.Hours = until.Sub(firstTime(inc.StartedAt, inc.DetectedAt, inc.DeclaredAt)).Hours(); c.Hours <= 0 {
		c.Hours = 0
		return nil
	}
	linked, err := f.farIDs(ctx, isms.Incidents, "affects", []string{inc.ID})
	if err != nil {
		return err
	}
	ids := slices.DeleteFunc(append([]string{inc.AssetID}, linked[inc.ID]...), func(s string) bool { return s == "" })
	if len(ids) == 0 {
		return nil
	}
	list, err := app.Of[isms.ImpactAssessment](f.app, isms.ImpactAssessments).All(ctx, kind.Query{}.Where("asset_id", ids...))
	for _, a := range list {
		if loss := lossAfter(a, c.Hours); loss > c.Outage {
			c.Outage, c.OutageOf = loss, a.Title
		}
	}
	return err
}

// lossAfter is the loss after so many hours without the asset.
func lossAfter(a *isms.ImpactAssessment, hours float64) float64 {
	at, loss := 0.0, 0.0
	for _, p := range []struct {
		hours float64
		loss  isms.Range
	}{{1, a.LossHour}, {24, a.LossDay}, {7 * 24, a.LossWeek}, {30 * 24, a.LossMonth}} {
		if p.loss.IsZero() {
			continue
		}
		if hours <= p.hours {
			return loss + (p.loss.Mid()-loss)*(hours-at)/(p.hours-at)
		}
		at, loss = p.hours, p.loss.Mid()
	}
	if at == 0 {
		return 0
	}
	return loss * hours / at // beyond what was assessed it goes on as before
}

// keepCost writes the cost into an incident that is closed, where nobody did.
func (f *Flow) keepCost(machine context.Context, id string) error {
	inc, err := f.incidents().Get(machine, id)
	if err != nil || inc.CostSoFar != 0 {
		return err
	}
	entries, err := f.timelineOf(machine, id)
	if err != nil {
		return err
	}
	c, err := f.CostOf(machine, inc, entries)
	if err != nil || c.Total <= 0 {
		return err
	}
	inc.CostSoFar = kind.MoneyOf(c.Total)
	return f.app.SaveBecause(machine, inc, "summed up when it was closed")
}

// timelineOf reads the entries of an incident in the order in which they happened.
func (f *Flow) timelineOf(ctx context.Context, id string) ([]*isms.IncidentAction, error) {
	list, err := app.Of[isms.IncidentAction](f.app, isms.IncidentActions).All(ctx, kind.Query{Sort: "at"}.Where("incident_id", id))
	slices.SortStableFunc(list, func(a, b *isms.IncidentAction) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return compareIDs(a.ID, b.ID)
	})
	return list, err
}

// compareIDs orders ids by the time at which they were made.
func compareIDs(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// PhaseTime is how long a phase of an incident lasted, or lasts.
type PhaseTime struct {
	Phase      isms.IncidentPhase
	State      string // "done", "now", "ahead"
	From, To   time.Time
	Due        time.Time     // of the phase that is now
	Left, Over time.Duration // of the phase that is now
}

// phaseTimes tells how the phases went, from the timeline.
func phaseTimes(inc *isms.Incident, entries []*isms.IncidentAction, now time.Time) []PhaseTime {
	order := []isms.IncidentPhase{isms.IncidentDetect, isms.IncidentContain, isms.IncidentEradicate, isms.IncidentRecover, isms.IncidentLearn}
	begun := map[isms.IncidentPhase]time.Time{isms.IncidentDetect: firstTime(inc.DeclaredAt, inc.CreatedAt)}
	for _, e := range entries {
		if e.Automatic && e.Type == "decision" && string(e.What) != "" && begun[e.Phase].IsZero() && len(phaseWords[e.Phase]) > 0 && len(e.What) >= len(phaseWords[e.Phase]) && string(e.What)[:len(phaseWords[e.Phase])] == phaseWords[e.Phase] {
			begun[e.Phase] = e.At
		}
	}
	current := slices.Index(order, inc.Phase)
	if inc.Phase == isms.IncidentClosed {
		current = len(order)
	}
	var list []PhaseTime
	for i, p := range order {
		t := PhaseTime{Phase: p, From: begun[p], State: "ahead"}
		switch {
		case i < current:
			t.State = "done"
			if i+1 < len(order) {
				t.To = begun[order[i+1]]
			} else {
				t.To = inc.ClosedAt
			}
		case i == current:
			t.State, t.Due = "now", inc.PhaseDue
			if d := inc.PhaseDue.Sub(now); !inc.PhaseDue.IsZero() && d >= 0 {
				t.Left = d
			} else if !inc.PhaseDue.IsZero() {
				t.Over = -d
			}
		}
		list = append(list, t)
	}
	return list
}

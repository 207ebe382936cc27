package quantify

import (
	"context"
	"fmt"
	"math"
)

// A Comparison says what safeguards are worth.
type Comparison struct {
	Before, After *Result

	Reduction    float64 `json:"reduction"`     // expected loss avoided a year, ALE₁ − ALE₂
	ReductionErr float64 `json:"reduction_err"` // its standard error, from the same years with and without
	AnnualCost   float64 `json:"annual_cost"`   // ACS, expected
	RoSI         float64 `json:"rosi"`          // Reduction − AnnualCost: pays when above 0
	Ratio        float64 `json:"ratio"`         // RoSI for each unit of money spent; 0 when nothing is spent
	PaysInYear   float64 `json:"pays_in_year"`  // share of the years in which the loss avoided exceeds the cost
}

// Pays tells whether the safeguards are worth their money, beyond doubt of the
// simulation: RoSI is more than two standard errors above 0.
func (c *Comparison) Pays() bool { return c.RoSI > 2*c.ReductionErr }

// Compare simulates two states of a portfolio with common random numbers: the
// same attempts in the same years, so that the difference is due to the
// safeguards and hardly to chance. Scenarios are the same when their IDs are.
// annualCost is what the difference costs a year.
func Compare(ctx context.Context, before, after []Scenario, annualCost Range, opts Options) (*Comparison, error) {
	if err := annualCost.Validate("annual cost"); err != nil {
		return nil, err
	}
	told, total := opts.Progress, len(before)+len(after)
	offset := 0
	if told != nil {
		opts.Progress = func(done, _ int) { told(offset+done, total) }
	}
	b, err := Simulate(ctx, before, opts)
	if err != nil {
		return nil, fmt.Errorf("before: %w", err)
	}
	offset = len(before)
	a, err := Simulate(ctx, after, opts)
	if err != nil {
		return nil, fmt.Errorf("after: %w", err)
	}
	return compare(b, a, annualCost.Mean()), nil
}

func compare(before, after *Result, cost float64) *Comparison {
	c := &Comparison{Before: before, After: after, AnnualCost: cost}
	n := float64(len(before.annual))
	sum, pays := 0.0, 0
	for y, loss := range before.annual {
		avoided := loss - after.annual[y]
		sum += avoided
		if avoided > cost {
			pays++
		}
	}
	c.Reduction, c.PaysInYear = sum/n, float64(pays)/n
	sq := 0.0
	for y, loss := range before.annual {
		d := loss - after.annual[y] - c.Reduction
		sq += d * d
	}
	c.ReductionErr = math.Sqrt(sq / (n - 1) / n)
	c.RoSI = RoSI(before.Total.Mean, after.Total.Mean, cost)
	if cost > 0 {
		c.Ratio = c.RoSI / cost
	}
	return c
}

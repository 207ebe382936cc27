package quantify

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// A Belief is what is believed of a yearly frequency: a gamma distribution, which
// is the conjugate of the Poisson count. Shape is in events and Rate in years, so a
// belief reads as experience: "as if Shape events had been seen in Rate years".
type Belief struct {
	Shape float64 `json:"shape"` // events
	Rate  float64 `json:"rate"`  // years; 0: nothing but Shape is known, see Ignorance
}

// LeastShape is the weight of the weakest belief that an estimate counts as: half an
// event, the weight of Jeffreys' prior of a Poisson frequency. A wider range would
// be thrown over by a single event.
const LeastShape = 0.5

// Ignorance is the belief of somebody who never estimated the frequency: Jeffreys'
// prior, a gamma with half an event in no time. It has no mean before an update.
func Ignorance() Belief { return Belief{Shape: LeastShape} }

// Believe fits a belief to a range of a frequency by its mean and variance, so that
// the money that follows from the range is the same before and after:
//
//	shape = mean² ÷ variance, at least LeastShape
//	rate  = shape ÷ mean
//
// A figure without width counts as one event of experience. An error names the
// field; a frequency of zero for certain cannot learn and is one.
func Believe(field string, r Range) (Belief, error) {
	if err := r.Validate(field); err != nil {
		return Belief{}, err
	}
	mean, variance := r.moments()
	if mean <= 0 {
		return Belief{}, fmt.Errorf("%s: is zero for certain, and no event changes that: give a small figure instead", field)
	}
	shape := 1.0
	if variance > 0 {
		shape = max(LeastShape, mean*mean/variance)
	}
	return Belief{Shape: shape, Rate: shape / mean}, nil
}

// moments are mean and variance of a valid range of money or frequency.
func (r Range) moments() (mean, variance float64) {
	mean, width := r.Mean(), r.High-r.Low
	switch r.shape() {
	case Point:
		return mean, 0
	case Interval90:
		_, sigma := LogNormal(r.Low, r.High)
		return mean, mean * mean * math.Expm1(sigma*sigma)
	case PERT:
		w := r.Weight
		if w == 0 {
			w = 4
		}
		return mean, (mean - r.Low) * (r.High - mean) / (w + 3)
	case Triangular:
		l, m, h := r.Low, r.Likely, r.High
		return mean, (l*l + m*m + h*h - l*m - l*h - m*h) / 18
	default:
		return mean, width * width / 12
	}
}

// Update is the belief after events were counted in years of watching. By Bayes'
// theorem with a Poisson count it is a gamma again:
//
//	shape' = shape + events
//	rate'  = rate + years
//
// The order of updates does not matter. thinning is the share of the believed events
// that could be seen at all: believed with every door open, seen behind safeguards
// that let a share through, the time counts by that share (0 to 1; 1: all).
func (b Belief) Update(events int, years, thinning float64) (Belief, error) {
	switch {
	case events < 0:
		return Belief{}, fmt.Errorf("events: %d is negative", events)
	case math.IsNaN(years) || math.IsInf(years, 0) || years < 0:
		return Belief{}, fmt.Errorf("years: %v is not a time of watching", years)
	case math.IsNaN(thinning) || thinning < 0 || thinning > 1:
		return Belief{}, fmt.Errorf("thinning: %v is not a share between 0 and 1", thinning)
	}
	after := Belief{Shape: b.Shape + float64(events), Rate: b.Rate + years*thinning}
	if after.Rate <= 0 {
		return Belief{}, fmt.Errorf("years: without an estimate some time of watching is needed")
	}
	return after, nil
}

// Mean is the expected number of events a year.
func (b Belief) Mean() float64 { return b.Shape / b.Rate }

// Variance of the frequency.
func (b Belief) Variance() float64 { return b.Shape / (b.Rate * b.Rate) }

// Quantile is the frequency below which it lies with the probability p (0 to 1).
func (b Belief) Quantile(p float64) float64 {
	return distuv.Gamma{Alpha: b.Shape, Beta: b.Rate}.Quantile(p)
}

// Chance is the probability of at least one event within so many years. The count is
// negative binomial: 1 − (rate ÷ (rate + years))^shape.
func (b Belief) Chance(years float64) float64 {
	return -math.Expm1(b.Shape * math.Log(b.Rate/(b.Rate+years)))
}

// Range is the belief as a 90 % interval, as the simulation and people take it: of
// the lognormal with the same mean and variance. Its mean is the mean of the belief,
// so that the money computed from it follows exactly. Believe is its inverse.
func (b Belief) Range() Range {
	variance := math.Log1p(1 / b.Shape)
	sigma := math.Sqrt(variance)
	mu := math.Log(b.Mean()) - variance/2
	return Between(math.Exp(mu-z90*sigma), math.Exp(mu+z90*sigma))
}

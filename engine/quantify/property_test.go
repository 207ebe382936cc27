package quantify

import (
	"context"
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

// Generators of valid inputs.

func drawAmount(t *rapid.T, name string, top float64) Range {
	v := func(part string, lo, hi float64) float64 { return rapid.Float64Range(lo, hi).Draw(t, name+" "+part) }
	low := v("low", top/1e3, top/2)
	high := v("high", low, top)
	switch rapid.SampledFrom([]Shape{Point, Interval90, PERT, Triangular, Uniform}).Draw(t, name+" shape") {
	case Point:
		return Exactly(low)
	case Interval90:
		return Between(low, high)
	case PERT:
		return MinLikelyMax(low, v("likely", low, high), high)
	case Triangular:
		return Range{Low: low, Likely: v("likely", low, high), High: high, Shape: Triangular}
	default:
		return Range{Low: low, High: high, Shape: Uniform}
	}
}

func drawScenario(t *rapid.T, id string) Scenario {
	sc := Scenario{ID: id, Frequency: drawAmount(t, id+" frequency", rapid.SampledFrom([]float64{0.5, 5, 40}).Draw(t, id+" rate"))}
	if rapid.Bool().Draw(t, id+" has forms") {
		sc.Losses = []Loss{
			{Form: Response, Amount: drawAmount(t, id+" response", 1e5)},
			{Form: Fines, Amount: drawAmount(t, id+" fines", 1e6), Chance: rapid.Float64Range(0.05, 1).Draw(t, id+" chance")},
		}
	} else {
		sc.AssetValue, sc.Exposure = drawAmount(t, id+" value", 1e6), drawAmount(t, id+" exposure", 1)
	}
	if rapid.Bool().Draw(t, id+" has threat") {
		sc.Threat = &Threat{Vulnerability: drawAmount(t, id+" vulnerability", 1)}
	}
	return sc
}

func drawEffect(t *rapid.T, id string) Effect {
	return Effect{ID: id, OnFrequency: drawAmount(t, id+" on frequency", 0.95), OnLoss: drawAmount(t, id+" on loss", 0.95)}
}

func run(t *rapid.T, scenarios ...Scenario) *Result {
	r, err := Simulate(context.Background(), scenarios, Options{Years: 300, Seed: 3})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func scaled(r Range, by float64) Range {
	r.Low, r.Likely, r.High = r.Low*by, r.Likely*by, r.High*by
	return r
}

func TestMoreFrequencyNeverLowersTheLossOfAnyYear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sc := drawScenario(t, "a")
		more := sc
		more.Frequency = scaled(sc.Frequency, rapid.Float64Range(1, 1.2).Draw(t, "factor"))
		e1, _, _ := sc.ClosedForm()
		e2, _, _ := more.ClosedForm()
		if e2.ALE < e1.ALE*(1-1e-12) {
			t.Fatalf("exact ALE fell from %v to %v", e1.ALE, e2.ALE)
		}
		a, b := run(t, sc), run(t, more)
		for y := range a.annual {
			if b.annual[y] < a.annual[y]*(1-1e-12) {
				t.Fatalf("year %d fell from %v to %v", y, a.annual[y], b.annual[y])
			}
		}
	})
}

func TestASafeguardNeverRaisesTheLossOfAnyYear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sc := drawScenario(t, "a")
		sc.Safeguards = []Effect{drawEffect(t, "first")}
		with := sc
		with.Safeguards = append([]Effect{drawEffect(t, "second")}, sc.Safeguards...)
		a, b := run(t, sc), run(t, with)
		for y := range a.annual {
			if b.annual[y] > a.annual[y]*(1+1e-12) {
				t.Fatalf("year %d rose from %v to %v", y, a.annual[y], b.annual[y])
			}
		}
	})
}

func TestPercentilesAreInOrderAndTheCurveNeverRises(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var list []Scenario
		for i := range rapid.IntRange(1, 4).Draw(t, "scenarios") {
			list = append(list, drawScenario(t, strconv.Itoa(i)))
		}
		r := run(t, list...)
		for _, s := range append(r.Scenarios, r.Total) {
			if !(0 <= s.P50 && s.P50 <= s.P90 && s.P90 <= s.P95 && s.P95 <= s.P99 && s.P99 <= s.Max && s.P95 <= s.TailMean && s.TailMean <= s.Max*(1+1e-12)) {
				t.Fatalf("percentiles out of order: %+v", s)
			}
		}
		for i, p := range r.Curve[1:] {
			if p.Loss < r.Curve[i].Loss || p.Probability > r.Curve[i].Probability {
				t.Fatalf("the curve rises at %d: %v after %v", i+1, p, r.Curve[i])
			}
		}
	})
}

func TestRangesWithoutWidthEqualThePoint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		freq := rapid.Float64Range(0.01, 50).Draw(t, "frequency")
		value := rapid.Float64Range(1, 1e7).Draw(t, "value")
		shape := rapid.SampledFrom([]Shape{Inferred, Interval90, PERT, Triangular, Uniform}).Draw(t, "shape")
		flat := func(v float64) Range { return Range{Low: v, Likely: v, High: v, Shape: shape} }
		a := run(t, Scenario{ID: "a", Frequency: Exactly(freq), AssetValue: Exactly(value), Exposure: Exactly(0.5)})
		b := run(t, Scenario{ID: "a", Frequency: flat(freq), AssetValue: flat(value), Exposure: flat(0.5)})
		for y := range a.annual {
			if a.annual[y] != b.annual[y] {
				t.Fatalf("year %d: %v with points, %v with %s", y, a.annual[y], b.annual[y], shape)
			}
		}
	})
}

func TestSimulationStaysWithinChanceOfTheClosedForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		sc := drawScenario(t, "a")
		sc.Safeguards = []Effect{drawEffect(t, "g")}
		want, ok, err := sc.ClosedForm()
		if err != nil || !ok {
			t.Fatal(err, ok)
		}
		r, err := Simulate(context.Background(), []Scenario{sc}, Options{Years: 4000, Seed: rapid.Uint64().Draw(t, "seed")})
		if err != nil {
			t.Fatal(err)
		}
		// Few events and lognormal tails make the error itself uncertain: at least
		// what a Poisson number of equal events would have, and a little.
		e := max(r.Total.StdErr, want.ALE/math.Sqrt(4000*want.Frequency))
		if d := math.Abs(r.Total.Mean - want.ALE); d > 6*e+0.1*want.ALE {
			t.Fatalf("mean %v ± %v, closed form %v", r.Total.Mean, r.Total.StdErr, want.ALE)
		}
	})
}

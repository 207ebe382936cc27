package quantify

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"gonum.org/v1/gonum/stat/distuv"
)

// portfolio is what a small organisation has, times n: rare events with a
// lognormal cost, a third of them with an uncertain frequency.
func portfolio(n int) []Scenario {
	list := make([]Scenario, n)
	for i := range list {
		freq := 0.05 + 0.4*float64(i%7)/7
		list[i] = Scenario{ID: fmt.Sprint(i), Frequency: Exactly(freq),
			Losses: []Loss{{Form: Response, Amount: Between(10_000, 200_000)}}}
		if i%3 == 0 {
			list[i].Frequency = Between(freq/3, freq*2)
		}
	}
	return list
}

// reference is the textbook simulation with the libraries one would take: a
// Poisson number of events for each year, a lognormal cost for each, percentiles
// by sorting.
func reference(list []Scenario, years int) (mean, p99 float64) {
	src := rand.NewPCG(1, 2)
	total := make([]float64, years)
	for i := range list {
		mu, sigma := LogNormal(list[i].Losses[0].Amount.Low, list[i].Losses[0].Amount.High)
		cost := distuv.LogNormal{Mu: mu, Sigma: sigma, Src: src}
		own := make([]float64, years)
		for y := range own {
			lambda := list[i].Frequency.value()
			if list[i].Frequency.Shape == Interval90 {
				m, s := LogNormal(list[i].Frequency.Low, list[i].Frequency.High)
				lambda = distuv.LogNormal{Mu: m, Sigma: s, Src: src}.Rand()
			}
			for range int(distuv.Poisson{Lambda: lambda, Src: src}.Rand()) {
				own[y] += cost.Rand()
			}
			total[y] += own[y]
		}
		slices.Sort(own)
	}
	for _, v := range total {
		mean += v / float64(years)
	}
	slices.Sort(total)
	return mean, total[rank(0.99, years)]
}

func TestTheReferenceOfTheBenchmarkGivesTheSameFigures(t *testing.T) {
	list := portfolio(20)
	m, p99 := reference(list, 50_000)
	r := simulate(t, 50_000, list...)
	near(t, "mean", m, r.Total.Mean, 6*r.Total.StdErr)
	near(t, "P99", p99, r.Total.P99, 0.03*p99)
}

// BenchmarkPortfolio reports how many times faster than the reference it is, in
// the same run.
func BenchmarkPortfolio(b *testing.B) {
	for _, size := range []struct{ scenarios, years int }{{10, 10_000}, {100, 10_000}, {1000, 10_000}, {10, 100_000}, {1, 1_000_000}} {
		b.Run(fmt.Sprintf("%dx%d", size.scenarios, size.years), func(b *testing.B) {
			list := portfolio(size.scenarios)
			started := time.Now()
			reference(list, size.years)
			ref := time.Since(started)
			b.ReportAllocs()
			b.ResetTimer()
			for b.Loop() {
				if _, err := Simulate(context.Background(), list, Options{Years: size.years}); err != nil {
					b.Fatal(err)
				}
			}
			each := float64(b.Elapsed()) / float64(b.N)
			b.ReportMetric(float64(ref)/each, "x_reference")
			b.ReportMetric(each/float64(size.scenarios*size.years), "ns/scenario-year")
		})
	}
}

func BenchmarkQuantileBySelection(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	v := make([]float64, 10_000)
	for i := range v {
		if rng.Float64() < 0.2 {
			v[i] = rng.ExpFloat64()
		}
	}
	buf := make([]float64, len(v))
	b.Run("select", func(b *testing.B) {
		for b.Loop() {
			copy(buf, v)
			summarise(buf)
		}
	})
	b.Run("sort", func(b *testing.B) {
		for b.Loop() {
			copy(buf, v)
			slices.Sort(buf)
		}
	})
}

func TestASimulatedYearAllocatesNothing(t *testing.T) {
	sc := Scenario{ID: "a", Frequency: Between(0.5, 9), AssetValue: Between(1e5, 1e6), Exposure: MinLikelyMax(0, 0.2, 1),
		Threat:     &Threat{Capability: Exactly(0.5), Difficulty: []Range{Between(0.2, 0.7), MinLikelyMax(0.1, 0.2, 0.9)}},
		Safeguards: []Effect{{ID: "x", OnFrequency: Between(0.1, 0.5)}}}
	c := sc.compile(1)
	row := make([]float64, 4096)
	if n := testing.AllocsPerRun(20, func() { c.fill(row, 0) }); n != 0 {
		t.Errorf("4096 years made %v allocations", n)
	}
	if n := testing.AllocsPerRun(20, func() { summarise(row) }); n != 0 {
		t.Errorf("a summary made %v allocations", n)
	}
}

func TestWorkGrowsWithYearsAndScenariosAndNotFaster(t *testing.T) {
	cost := func(scenarios, years int) float64 {
		list := portfolio(scenarios)
		best := math.Inf(1)
		for range 5 {
			started := time.Now()
			simulate(t, years, list...)
			best = min(best, float64(time.Since(started)))
		}
		return best
	}
	base := cost(20, 10_000)
	for name, ratio := range map[string]float64{"ten times the years": cost(20, 100_000) / base, "ten times the scenarios": cost(200, 10_000) / base} {
		if ratio > 40 {
			t.Errorf("%s cost %.1f times as much", name, ratio)
		}
	}
}

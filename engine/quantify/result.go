package quantify

import (
	"math"
	"slices"
)

// A Summary is what a year costs: in the mean, and in years as bad as one in
// two, ten, twenty and a hundred.
type Summary struct {
	ID       string  `json:"id,omitempty"`
	Name     string  `json:"name,omitempty"`
	Mean     float64 `json:"mean"`      // expected yearly loss, ALE
	StdErr   float64 `json:"std_err"`   // standard error of the mean: how far chance may have moved it
	StdDev   float64 `json:"std_dev"`   // how much years differ
	AnyLoss  float64 `json:"any_loss"`  // share of the years with a loss
	Attempts float64 `json:"attempts"`  // mean number a year, before safeguards
	Events   float64 `json:"events"`    // mean number a year that cost money
	P50      float64 `json:"p50"`       // half of the years cost no more
	P90      float64 `json:"p90"`       // nine years in ten cost no more
	P95      float64 `json:"p95"`       // nineteen in twenty
	P99      float64 `json:"p99"`       // ninety-nine in a hundred
	Max      float64 `json:"max"`       // the worst simulated year
	TailMean float64 `json:"tail_mean"` // mean of the years beyond P95 (expected shortfall)
}

// A Result is the simulated loss of a portfolio.
type Result struct {
	Years     int            `json:"years"`
	Seed      uint64         `json:"seed"`
	Total     Summary        `json:"total"`
	Scenarios []Summary      `json:"scenarios"`
	Curve     []CurvePoint   `json:"curve"`
	annual    []float64      // year by year, for Compare
	sorted    []float64      // ascending
	index     map[string]int // scenario id to place in Scenarios
}

// A CurvePoint of the loss-exceedance curve: a year costs more than Loss with
// this probability.
type CurvePoint struct {
	Loss        float64 `json:"loss"`
	Probability float64 `json:"probability"`
}

func (s *simulation) result(scenarios []Scenario) *Result {
	r := &Result{Years: s.opts.Years, Seed: s.opts.Seed, Scenarios: s.summaries, annual: s.total,
		sorted: slices.Clone(s.total), index: make(map[string]int, len(scenarios))}
	for i := range scenarios {
		r.Scenarios[i].ID, r.Scenarios[i].Name = scenarios[i].ID, scenarios[i].Name
		r.Total.Attempts += r.Scenarios[i].Attempts
		r.Total.Events += r.Scenarios[i].Events
		r.index[scenarios[i].ID] = i
	}
	attempts, events := r.Total.Attempts, r.Total.Events
	r.Total = summarise(r.sorted) // it reorders its argument
	r.Total.Name, r.Total.Attempts, r.Total.Events = "all scenarios", attempts, events
	slices.Sort(r.sorted)
	r.Curve = r.curve()
	return r
}

// Scenario gives the summary of the scenario with the id.
func (r *Result) Scenario(id string) (Summary, bool) {
	i, ok := r.index[id]
	if !ok {
		return Summary{}, false
	}
	return r.Scenarios[i], true
}

// Quantile is the smallest loss that the share p of the years does not exceed.
func (r *Result) Quantile(p float64) float64 { return r.sorted[rank(p, len(r.sorted))] }

// Exceedance is the share of the years that cost more than loss.
func (r *Result) Exceedance(loss float64) float64 {
	i, _ := slices.BinarySearchFunc(r.sorted, loss, func(v, t float64) int {
		if v > t {
			return 1
		}
		return -1
	})
	return float64(len(r.sorted)-i) / float64(len(r.sorted))
}

const curvePoints = 120

// curve has even steps in the logarithm of the loss, from a thousandth of the
// worst year or the smallest loss, whichever is more.
func (r *Result) curve() []CurvePoint {
	worst := r.sorted[len(r.sorted)-1]
	if worst == 0 {
		return []CurvePoint{{}}
	}
	first, _ := slices.BinarySearch(r.sorted, math.SmallestNonzeroFloat64)
	low := math.Log(max(r.sorted[first], worst/1000))
	step := (math.Log(worst) - low) / (curvePoints - 1)
	points := make([]CurvePoint, 0, curvePoints+1)
	points = append(points, CurvePoint{0, r.Exceedance(0)})
	for i := range curvePoints - 1 {
		loss := min(math.Exp(low+float64(i)*step), worst)
		points = append(points, CurvePoint{loss, r.Exceedance(loss)})
	}
	return append(points, CurvePoint{worst, 0})
}

// rank is the position of the quantile p among n sorted values.
func rank(p float64, n int) int {
	return min(max(int(math.Ceil(p*float64(n)-1e-9))-1, 0), n-1)
}

// summarise reorders the annual losses. Years without a loss are put aside
// first; of the rest only the parts above the next lower percentile are looked
// at again, so that the work grows with the number of years and not faster.
func summarise(annual []float64) Summary {
	var s Summary
	n := float64(len(annual))
	zeros := partitionZeros(annual)
	s.Mean, s.StdDev, s.Max = moments(annual[zeros:], n)
	s.StdErr = s.StdDev / math.Sqrt(n)
	s.AnyLoss = (n - float64(zeros)) / n
	from := zeros
	for _, q := range []struct {
		p    float64
		into *float64
	}{{0.50, &s.P50}, {0.90, &s.P90}, {0.95, &s.P95}, {0.99, &s.P99}} {
		k := rank(q.p, len(annual))
		if k < zeros {
			continue
		}
		*q.into = quickselect(annual[from:], k-from)
		from = k
	}
	s.TailMean = tailMean(annual, s.P95)
	return s
}

// tailMean is the mean of the values above the place of P95. The values are
// parted there; P95 itself may stand anywhere in the upper part.
func tailMean(parted []float64, p95 float64) float64 {
	tail := parted[rank(0.95, len(parted)):]
	if len(tail) < 2 {
		return p95
	}
	n := float64(len(tail))
	return max(p95, (mean(tail)*n-p95)/(n-1))
}

// moments are the mean, the standard deviation and the maximum of n values, all
// of which that are not 0 are given. Two passes, for the sake of large means with
// small deviations.
func moments(nonzero []float64, n float64) (avg, sd, top float64) {
	for _, x := range nonzero {
		avg += x
		top = max(top, x)
	}
	avg /= n
	sum := avg * avg * (n - float64(len(nonzero)))
	for _, x := range nonzero {
		sum += (x - avg) * (x - avg)
	}
	return avg, math.Sqrt(sum / (n - 1)), top
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

// partitionZeros moves the zeros to the front and counts them, without a branch
// that depends on chance. No value is negative, so only 0 has no bit set.
func partitionZeros(v []float64) int {
	n := 0
	for i, x := range v {
		v[i] = v[n]
		v[n] = x
		n += int((math.Float64bits(x) - 1) >> 63)
	}
	return n
}

// quickselect puts the k-th smallest value at k, nothing larger before it and
// nothing smaller behind it (Hoare), and returns it.
func quickselect(v []float64, k int) float64 {
	lo, hi := 0, len(v)-1
	for lo < hi {
		i, j := hoare(v, lo, hi)
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return v[k]
		}
	}
	return v[k]
}

// hoare partitions v[lo..hi] around the median of three: everything up to j is
// at most, everything from i on at least the pivot.
func hoare(v []float64, lo, hi int) (i, j int) {
	mid := lo + (hi-lo)/2
	pivot := max(min(v[lo], v[mid]), min(max(v[lo], v[mid]), v[hi]))
	i, j = lo, hi
	for i <= j {
		for v[i] < pivot {
			i++
		}
		for v[j] > pivot {
			j--
		}
		if i <= j {
			v[i], v[j] = v[j], v[i]
			i++
			j--
		}
	}
	return i, j
}

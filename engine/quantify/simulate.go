package quantify

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
)

// Options of a simulation. The zero value is good.
type Options struct {
	Years    int                   // simulated years; 0 means 10 000
	Seed     uint64                // same seed, same figures, on any machine
	Workers  int                   // goroutines; 0 means one for each CPU
	Progress func(done, total int) // told in scenarios, from the calling goroutine
}

const (
	defaultYears = 10_000
	maxYears     = 10_000_000
	maxScenarios = 100_000
	maxWork      = 1e11    // attempts times years: some minutes
	chunk        = 1024    // years simulated in one piece: fits the first-level cache
	blockFloats  = 1 << 20 // annual losses kept at a time, over all scenarios of a block
)

func (o Options) check() (Options, error) {
	if o.Years == 0 {
		o.Years = defaultYears
	}
	if o.Years < 2 || o.Years > maxYears {
		return o, fmt.Errorf("years: %d: simulate between 2 and %d years", o.Years, maxYears)
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Progress == nil {
		o.Progress = func(int, int) {}
	}
	return o, nil
}

// Simulate draws a portfolio of scenarios year by year and returns what a year
// costs in sum and for each scenario, in the order given.
//
// The figures depend on the scenarios and the seed only. Each scenario has its
// own random streams, named by its ID, and each event its own: adding a
// scenario, a safeguard or a CPU leaves all other draws as they were. Two
// simulations with one seed are therefore comparable year by year.
//
// It stops with the context's error when the context ends.
func Simulate(ctx context.Context, scenarios []Scenario, opts Options) (*Result, error) {
	opts, err := opts.check()
	if err != nil {
		return nil, err
	}
	if err := checkPortfolio(scenarios, opts.Years); err != nil {
		return nil, err
	}
	sim := simulation{ctx: ctx, opts: opts, total: make([]float64, opts.Years)}
	for i := range scenarios {
		sim.compiled = append(sim.compiled, scenarios[i].compile(opts.Seed))
	}
	sim.summaries = make([]Summary, len(scenarios))
	if err := sim.run(); err != nil {
		return nil, err
	}
	return sim.result(scenarios), nil
}

func checkPortfolio(scenarios []Scenario, years int) error {
	if len(scenarios) > maxScenarios {
		return fmt.Errorf("%d scenarios are too many: simulate at most %d at a time", len(scenarios), maxScenarios)
	}
	seen := make(map[string]bool, len(scenarios))
	work := 0.0
	for i := range scenarios {
		sc := &scenarios[i]
		if err := sc.Validate(); err != nil {
			return err
		}
		if seen[sc.ID] {
			return fmt.Errorf("scenario %s: id %q is used twice: the two would always strike together", sc.label(), sc.ID)
		}
		seen[sc.ID] = true
		freq := sc.frequencyDist()
		work += (1 + freq.mean()) * float64(years)
	}
	if work > maxWork {
		return fmt.Errorf("%d scenarios over %d years need %.0g draws: simulate fewer years", len(scenarios), years, work)
	}
	return nil
}

// simulation works block by block: the annual losses of a few scenarios at a
// time are kept, years in parallel first, then scenarios in parallel.
type simulation struct {
	ctx       context.Context
	opts      Options
	compiled  []compiled
	total     []float64 // loss of each year over all scenarios
	summaries []Summary
}

func (s *simulation) run() error {
	years, n := s.opts.Years, len(s.compiled)
	size := max(1, min(n, blockFloats/years))
	annual := make([]float64, size*years)
	tallies := make([]tally, size*s.chunks())
	s.opts.Progress(0, n)
	for first := 0; first < n; first += size {
		block := s.compiled[first:min(first+size, n)]
		if err := s.draw(block, annual, tallies); err != nil {
			return err
		}
		if err := s.summarise(block, first, annual, tallies); err != nil {
			return err
		}
		s.opts.Progress(first+len(block), n)
	}
	return nil
}

func (s *simulation) chunks() int { return (s.opts.Years + chunk - 1) / chunk }

// draw fills annual, one row of years for each scenario of the block, and adds
// the rows to the total. A chunk of years belongs to one goroutine and adds in
// the order of the scenarios, so that the sums do not depend on who is faster.
func (s *simulation) draw(block []compiled, annual []float64, tallies []tally) error {
	chunks, years := s.chunks(), s.opts.Years
	return parallel(s.ctx, s.opts.Workers, chunks, func(k int) {
		from := k * chunk
		to := min(from+chunk, years)
		total := s.total[from:to]
		for i := range block {
			row := annual[i*years+from : i*years+to]
			tallies[i*chunks+k] = block[i].fill(row, from)
			for y, v := range row {
				total[y] += v
			}
		}
	})
}

func (s *simulation) summarise(block []compiled, first int, annual []float64, tallies []tally) error {
	chunks, years := s.chunks(), s.opts.Years
	return parallel(s.ctx, s.opts.Workers, len(block), func(i int) {
		sum := summarise(annual[i*years : (i+1)*years])
		var t tally
		for _, part := range tallies[i*chunks : (i+1)*chunks] {
			t.attempts += part.attempts
			t.events += part.events
		}
		sum.Attempts = float64(t.attempts) / float64(years)
		sum.Events = float64(t.events) / float64(years)
		s.summaries[first+i] = sum
	})
}

// parallel calls do for 0 to n-1 on some goroutines and waits. It returns the
// context's error when the context ended before everything was done.
func parallel(ctx context.Context, workers, n int, do func(int)) error {
	var next atomic.Int64
	work := func() {
		for ctx.Err() == nil {
			i := int(next.Add(1)) - 1
			if i >= n {
				return
			}
			do(i)
		}
	}
	var wg sync.WaitGroup
	for range min(workers, n) - 1 {
		wg.Go(work)
	}
	work()
	wg.Wait()
	return ctx.Err()
}

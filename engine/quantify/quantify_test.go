package quantify

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"gonum.org/v1/gonum/stat/distuv"
)

func ransomware() Scenario {
	return Scenario{ID: "ransomware", Name: "Ransomware", Frequency: Between(0.05, 0.4),
		AssetValue: Exactly(2_000_000), Exposure: MinLikelyMax(0.05, 0.2, 0.7)}
}

func backups() Effect {
	return Effect{ID: "backups", Name: "Restore drills", OnLoss: MinLikelyMax(0.3, 0.5, 0.7), OnFrequency: Exactly(0)}
}

func TestFormulasOfTheGlossary(t *testing.T) {
	sc := Scenario{ID: "a", Frequency: Exactly(0.5), AssetValue: Exactly(100_000), Exposure: Exactly(0.2),
		Safeguards: []Effect{{ID: "x", OnFrequency: Exactly(0.5), OnLoss: Exactly(0.25)}, {ID: "y", OnFrequency: Exactly(0.5)}}}
	got, ok, err := sc.ClosedForm()
	if err != nil || !ok {
		t.Fatal(err, ok)
	}
	want := Expected{Frequency: 0.125, SLE: 15_000, ALE: 1_875}
	if diff := cmp.Diff(want, got, cmpopts.EquateApprox(1e-12, 0)); diff != "" {
		t.Error(diff)
	}
	if v := RoSI(ALE(0.5, SLE(100_000, 0.2)), got.ALE, 3_000); v != 5_125 {
		t.Errorf("RoSI is %v, must be 5125", v)
	}
}

func TestDistributionsHaveTheirMeanAndTheirQuantiles(t *testing.T) {
	cases := []struct {
		name   string
		r      Range
		d      domain
		p5     float64
		median float64
	}{
		{"lognormal", Between(10_000, 200_000), amount, 10_000, math.Sqrt(10_000 * 200_000)},
		{"share", Between(0.1, 0.6), fraction, 0.1, expit((logit(0.1) + logit(0.6)) / 2)},
		{"pert", MinLikelyMax(0, 0.3, 1), fraction, distuv.Beta{Alpha: 2.2, Beta: 3.8}.Quantile(0.05), distuv.Beta{Alpha: 2.2, Beta: 3.8}.Quantile(0.5)},
		{"pert at its end", MinLikelyMax(100, 100, 200), amount, 100 + 100*distuv.Beta{Alpha: 1, Beta: 5}.Quantile(0.05), 100 + 100*distuv.Beta{Alpha: 1, Beta: 5}.Quantile(0.5)},
		{"triangular", Range{Low: 0, Likely: 2, High: 10, Shape: Triangular}, amount, 1, distuv.NewTriangle(0, 10, 2, nil).Quantile(0.5)},
		{"uniform", Range{Low: 10, High: 30}.as(Uniform), amount, 11, 20},
		{"from nought", Range{High: 30}, amount, 1.5, 15},
	}
	for _, c := range cases {
		d := c.r.compile(c.d)
		s := stream{hi: 4, lo: 2}
		const n = 400_000
		v := make([]float64, n)
		for i := range v {
			v[i] = d.sample(&s)
		}
		avg, sd, _ := moments(v, n)
		near(t, c.name+" mean", avg, d.mean(), 5*sd/math.Sqrt(n))
		slices.Sort(v)
		near(t, c.name+" P5", v[rank(0.05, n)], c.p5, 0.01*c.p5)
		near(t, c.name+" P50", v[rank(0.5, n)], c.median, 0.01*c.median)
	}
}

func (r Range) as(s Shape) Range { r.Shape = s; return r }

func TestStreamIsThePCGOfTheStandardLibrary(t *testing.T) {
	ours, theirs := stream{hi: 12, lo: 34}, rand.NewPCG(12, 34)
	for i := range 1000 {
		if a, b := ours.next(), theirs.Uint64(); a != b {
			t.Fatalf("number %d is %x, must be %x", i, a, b)
		}
	}
}

func TestExpIsThatOfTheStandardLibrary(t *testing.T) {
	for x := -700.0; x < 700; x += 0.01713 {
		if got, want := exp(x), math.Exp(x); math.Abs(got-want) > 2e-15*want {
			t.Fatalf("exp(%v) is %v, must be %v", x, got, want)
		}
	}
}

func TestNormalDrawsFollowTheNormalDistribution(t *testing.T) {
	const n = 2_000_000
	s, norm := stream{hi: 1, lo: 9}, distuv.UnitNormal
	cuts := []float64{-4, -3.7, -3, -2, -1, -0.5, -0.1, 0, 0.1, 0.5, 1, 2, 3, 3.7, 4}
	below := make([]float64, len(cuts))
	sum, sq := 0.0, 0.0
	for range n {
		x := s.normal()
		sum, sq = sum+x, sq+x*x
		for i, c := range cuts {
			if x < c {
				below[i]++
			}
		}
	}
	near(t, "mean", sum/n, 0, 5/math.Sqrt(n))
	near(t, "variance", sq/n, 1, 5*math.Sqrt(2.0/n))
	for i, c := range cuts {
		p := norm.CDF(c)
		near(t, "share below "+Figure(c), below[i]/n, p, 5*math.Sqrt(p*(1-p)/n))
	}
}

func TestPoissonDrawsHaveTheRightProbabilities(t *testing.T) {
	const n = 400_000
	for _, mean := range []float64{0.02, 0.7, 3, 20, 63.9, 64, 150, 5000} {
		s := stream{hi: 3, lo: 3}
		counts := map[int]float64{}
		sum, sq := 0.0, 0.0
		for range n {
			k := poisson(&s, mean)
			counts[k]++
			sum, sq = sum+float64(k), sq+float64(k*k)
		}
		avg := sum / n
		near(t, "mean of "+Figure(mean), avg, mean, 5*math.Sqrt(mean/n))
		near(t, "variance of "+Figure(mean), sq/n-avg*avg, mean, 0.03*mean)
		law := distuv.Poisson{Lambda: mean}
		for k, c := range counts {
			if p := law.Prob(float64(k)); p*n > 100 {
				near(t, "probability", c/n, p, 5.5*math.Sqrt(p*(1-p)/n))
			}
		}
	}
}

func TestFiguresDoNotDependOnTheNumberOfWorkersOrOtherScenarios(t *testing.T) {
	list := []Scenario{ransomware(), {ID: "b", Frequency: Between(0.5, 9), Losses: []Loss{{Form: Fines, Amount: Between(1, 100)}},
		Safeguards: []Effect{backups()}}, {ID: "c", Frequency: Exactly(90), Losses: []Loss{{Form: Fines, Amount: Between(1, 100)}}}}
	want, err := Simulate(context.Background(), list, Options{Years: 5000, Seed: 5, Workers: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, workers := range []int{2, 3, runtime.GOMAXPROCS(0) * 4} {
		got, err := Simulate(context.Background(), list, Options{Years: 5000, Seed: 5, Workers: workers})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(Result{})); diff != "" {
			t.Errorf("%d workers: %s", workers, diff)
		}
	}
	alone, err := Simulate(context.Background(), list[1:2], Options{Years: 5000, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.Scenarios[1], alone.Scenarios[0]); diff != "" {
		t.Errorf("a scenario alone must have the figures it has in the portfolio: %s", diff)
	}
	other, err := Simulate(context.Background(), list, Options{Years: 5000, Seed: 6})
	if err != nil {
		t.Fatal(err)
	}
	if other.Total.Mean == want.Total.Mean {
		t.Error("another seed must give other years")
	}
}

func TestComparisonIsFarSteadierThanTwoIndependentRuns(t *testing.T) {
	before, after := ransomware(), ransomware()
	after.Safeguards = []Effect{backups()}
	c, err := Compare(context.Background(), []Scenario{before}, []Scenario{after}, Exactly(9_000), Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	b, _, _ := before.ClosedForm()
	a, _, _ := after.ClosedForm()
	near(t, "reduction", c.Reduction, b.ALE-a.ALE, 4*c.ReductionErr)
	near(t, "RoSI", c.RoSI, c.Reduction-9_000, 1e-6)
	near(t, "ratio", c.Ratio, c.RoSI/9_000, 1e-9)
	independent := math.Hypot(c.Before.Total.StdErr, c.After.Total.StdErr)
	if c.ReductionErr > 0.6*independent {
		t.Errorf("error of the difference is %v, of independent runs %v", c.ReductionErr, independent)
	}
	if !c.Pays() || c.PaysInYear <= 0 || c.PaysInYear > c.Before.Total.AnyLoss {
		t.Errorf("pays %v, in %v of the years", c.Pays(), c.PaysInYear)
	}
	nothing, err := Compare(context.Background(), []Scenario{before}, []Scenario{before}, Exactly(100), Options{Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	if nothing.Reduction != 0 || nothing.RoSI != -100 || nothing.Pays() {
		t.Errorf("a change that changes nothing must cost its price: %+v", nothing)
	}
}

func TestWrongInputIsRefusedByTheNameOfItsField(t *testing.T) {
	good := ransomware
	with := func(change func(*Scenario)) Scenario { sc := good(); change(&sc); return sc }
	nan, inf := math.NaN(), math.Inf(1)
	cases := []struct {
		words string
		sc    Scenario
	}{
		{"frequency: low is negative", with(func(s *Scenario) { s.Frequency.Low = -1 })},
		{"frequency: high is not a number", with(func(s *Scenario) { s.Frequency.High = nan })},
		{"frequency: high is not a number", with(func(s *Scenario) { s.Frequency.High = inf })},
		{"frequency: low 0.5 is above high 0.4", with(func(s *Scenario) { s.Frequency.Low = 0.5 })},
		{"frequency: low 0: a 90 % interval starts above 0", with(func(s *Scenario) { s.Frequency.Low = 0 })},
		{"frequency: high 4000 is more than 10000 times", with(func(s *Scenario) { s.Frequency.High = 4000 })},
		{"events a year are too many", with(func(s *Scenario) { s.Frequency = Exactly(1e6) })},
		{"frequency: low is above 1", with(func(s *Scenario) { s.Count, s.Frequency = AtMostOnce, Exactly(1.5) })},
		{"count \"often\" is not known", with(func(s *Scenario) { s.Count = "often" })},
		{"asset value: low is too large", with(func(s *Scenario) { s.AssetValue = Exactly(1e16) })},
		{"exposure factor: high is above 1", with(func(s *Scenario) { s.Exposure.High = 1.1 })},
		{"exposure factor: most likely 0.9 is not between", with(func(s *Scenario) { s.Exposure.Likely = 0.9 })},
		{"exposure factor: shape \"round\" is not known", with(func(s *Scenario) { s.Exposure.Shape = "round" })},
		{"exposure factor: weight", with(func(s *Scenario) { s.Exposure.Weight = nan })},
		{"loss fines: low is negative", with(func(s *Scenario) { s.Losses = []Loss{{Form: Fines, Amount: Range{Low: -1, High: 2}}} })},
		{"loss fines: chance is above 1", with(func(s *Scenario) { s.Losses = []Loss{{Form: Fines, Amount: Exactly(1), Chance: 2}} })},
		{"safeguard Restore drills: effect on loss: high is above 1", with(func(s *Scenario) { e := backups(); e.OnLoss.High = 2; s.Safeguards = []Effect{e} })},
		{"threat: give vulnerability", with(func(s *Scenario) { s.Threat = &Threat{} })},
		{"vulnerability: give it, or", with(func(s *Scenario) { s.Threat = &Threat{Vulnerability: Exactly(1), Difficulty: []Range{Exactly(1)}} })},
		{"difficulty 2: low is negative", with(func(s *Scenario) { s.Threat = &Threat{Difficulty: []Range{Exactly(1), {Low: -1}}} })},
	}
	for _, c := range cases {
		err := c.sc.Validate()
		if err == nil || !strings.Contains(err.Error(), c.words) || !strings.HasPrefix(err.Error(), "scenario Ransomware: ") {
			t.Errorf("must be refused with %q, got: %v", c.words, err)
		}
		if _, err := Simulate(context.Background(), []Scenario{c.sc}, Options{}); err == nil {
			t.Errorf("%s: must not be simulated", c.words)
		}
	}
	if sc := good(); sc.Validate() != nil {
		t.Error(sc.Validate())
	}
}

func TestSimulateRefusesWhatItCannotDo(t *testing.T) {
	ctx := context.Background()
	for words, call := range map[string]func() error{
		"used twice": func() error { _, err := Simulate(ctx, []Scenario{ransomware(), ransomware()}, Options{}); return err },
		"years: 1":   func() error { _, err := Simulate(ctx, nil, Options{Years: 1}); return err },
		"years: -5":  func() error { _, err := Simulate(ctx, nil, Options{Years: -5}); return err },
		"simulate fewer years": func() error {
			_, err := Simulate(ctx, []Scenario{{ID: "a", Frequency: Exactly(1e5)}}, Options{Years: maxYears})
			return err
		},
		"annual cost: low is negative": func() error { _, err := Compare(ctx, nil, nil, Range{Low: -1}, Options{}); return err },
	} {
		if err := call(); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("must be refused with %q, got: %v", words, err)
		}
	}
}

func TestAnEmptyPortfolioCostsNothing(t *testing.T) {
	r := simulate(t, 100)
	if r.Total.Mean != 0 || r.Total.P99 != 0 || r.Exceedance(0) != 0 || len(r.Curve) != 1 {
		t.Errorf("%+v", r.Total)
	}
}

func TestACancelledSimulationStopsAndGivesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	list := []Scenario{{ID: "a", Frequency: Exactly(1000), Losses: []Loss{{Form: Response, Amount: Between(1, 10)}}}}
	started := time.Now()
	timer := time.AfterFunc(20*time.Millisecond, cancel)
	defer timer.Stop()
	r, err := Simulate(ctx, list, Options{Years: 10_000_000})
	if !errors.Is(err, context.Canceled) || r != nil {
		t.Errorf("got %v, %v", r, err)
	}
	if d := time.Since(started); d > 20*time.Second {
		t.Errorf("it took %v to stop", d)
	}
}

func TestProgressGoesUpToTheEnd(t *testing.T) {
	list := make([]Scenario, 30)
	for i := range list {
		list[i] = Scenario{ID: string(rune('a' + i)), Frequency: Exactly(0.1), Losses: []Loss{{Form: Response, Amount: Exactly(1)}}}
	}
	var seen []int
	tell := func(done, total int) {
		if total != 60 {
			t.Errorf("total is %d, must be 60", total)
		}
		seen = append(seen, done)
	}
	if _, err := Compare(context.Background(), list, list, Exactly(0), Options{Years: 100_000, Progress: tell}); err != nil {
		t.Fatal(err)
	}
	if !slices.IsSorted(seen) || seen[0] != 0 || seen[len(seen)-1] != 60 || len(seen) < 6 {
		t.Errorf("told %v", seen)
	}
}

func TestSummaryAgreesWithSorting(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for _, n := range []int{2, 3, 10, 101, 5000} {
		for _, zeros := range []float64{0, 0.5, 0.93, 0.97, 1} {
			v := make([]float64, n)
			for i := range v {
				if rng.Float64() >= zeros {
					v[i] = math.Floor(rng.ExpFloat64() * 50)
				}
			}
			sorted := slices.Clone(v)
			slices.Sort(sorted)
			s := summarise(v)
			for p, got := range map[float64]float64{0.5: s.P50, 0.9: s.P90, 0.95: s.P95, 0.99: s.P99} {
				if want := sorted[rank(p, n)]; got != want {
					t.Errorf("%d values, %v zeros: quantile %v is %v, must be %v", n, zeros, p, got, want)
				}
			}
			if tail := sorted[rank(0.95, n)+1:]; len(tail) > 0 {
				near(t, "tail mean", s.TailMean, mean(tail), 1e-9*(1+s.TailMean))
			}
		}
	}
}

func TestAFigureFallsInTheBandBelowItsBorder(t *testing.T) {
	a := Appetite{Acceptance: 10, Tolerance: 20, Appetite: 30, Limit: 40, Capacity: 50}
	if err := a.Validate(); err != nil {
		t.Fatal(err)
	}
	for loss, want := range map[float64]Band{0: Accepted, 10: Accepted, 10.01: Tolerated, 30: WithinAppetite, 31: AboveAppetite, 41: AboveLimit, 50: AboveLimit, 51: BeyondCapacity} {
		if got := a.Position(loss); got != want {
			t.Errorf("%v is %s, must be %s", loss, got, want)
		}
	}
	if w := AboveLimit.Words(); !strings.Contains(w, "must act now") {
		t.Error(w)
	}
	a.Limit = 30
	if err := a.Validate(); err == nil || !strings.Contains(err.Error(), "risk limit 30 must be above risk appetite 30") {
		t.Errorf("equal steps must be refused by name, got %v", err)
	}
}

func TestQualitativeMethods(t *testing.T) {
	for _, c := range []struct {
		m                 Matrix
		impact, prob, sys string
		want              Rating
	}{
		{Matrix3(), "high", "high", "important", Rating{"high", 2, 9}},
		{Matrix3(), "high", "high", "supporting", Rating{"medium", 1, 4.5}},
		{Matrix3(), "low", "medium", "important", Rating{"low", 0, 2}},
		{Matrix5(), "severe", "almost certain", "vital", Rating{"very high", 4, 50}},
		{Matrix5(), "minor", "unlikely", "important", Rating{"low", 1, 4}},
	} {
		got, err := c.m.Rate(c.impact, c.prob, c.sys)
		if err != nil || got != c.want {
			t.Errorf("%s × %s × %s is %+v (%v), must be %+v", c.impact, c.prob, c.sys, got, err, c.want)
		}
	}
	if _, err := Matrix3().Rate("huge", "low", "vital"); err == nil || !strings.Contains(err.Error(), `impact "huge"`) {
		t.Errorf("an unknown label must be named: %v", err)
	}
	semi := DefaultSemiQuantitative()
	if got, err := semi.Rate(0.4, 8); err != nil || got.Level != "high" {
		t.Error(got, err)
	}
	if _, err := semi.Rate(math.NaN(), 8); err == nil {
		t.Error("NaN must be refused")
	}
	bad := Matrix3()
	bad.Bands[2].From = 3
	if err := bad.Validate(); err == nil || !strings.Contains(err.Error(), "band high") {
		t.Error(err)
	}
	if Matrix3().Validate() != nil || Matrix5().Validate() != nil || semi.Validate() != nil {
		t.Error("the shipped scales must be valid")
	}
}

func TestExplainNamesEveryInputWithItsSource(t *testing.T) {
	sc := ransomware()
	sc.Frequency.Source = Source{Kind: Imported, By: "catalogue", When: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)}
	sc.Safeguards = []Effect{backups()}
	e, err := sc.Explain("EUR", nil)
	if err != nil {
		t.Fatal(err)
	}
	exact, _, _ := sc.ClosedForm()
	near(t, "value", e.Value, exact.ALE, 1e-9)
	eae, sle := e.Inputs[0], e.Inputs[1]
	near(t, "product of the parts", eae.Value*sle.Value, e.Value, 1e-6)
	if sle.Formula != "SLE = AV × EF × (1 − Restore drills)" || eae.Formula != "EAE = events per year before safeguards" {
		t.Errorf("formulas: %q, %q", sle.Formula, eae.Formula)
	}
	if in := eae.Inputs[0]; in.Source.By != "catalogue" || in.Range != "90 % interval from 0.05 to 0.4" {
		t.Errorf("%+v", in)
	}
	var names []string
	for _, in := range sle.Inputs {
		names = append(names, in.Name)
	}
	if diff := cmp.Diff([]string{"asset value (AV)", "exposure factor (EF)", "Restore drills saves"}, names); diff != "" {
		t.Error(diff)
	}
	r := simulate(t, 2000, sc)
	e, _ = sc.Explain("EUR", &r.Scenarios[0])
	if e.Value != r.Total.Mean || !strings.Contains(e.Source.Note, "standard error") {
		t.Errorf("%+v", e)
	}
}

func TestFiguresAreWrittenForPeople(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.25: "0.25", 12.345: "12.3", 999.4: "999", 1234.6: "1 235", 1e6: "1 000 000", -45000: "-45 000"} {
		if got := strings.ReplaceAll(Figure(v), " ", " "); got != want {
			t.Errorf("%v is written %q, must be %q", v, got, want)
		}
	}
}

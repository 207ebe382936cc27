package quantify

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func alike(a, b, tolerance float64) bool {
	return math.Abs(a-b) <= tolerance*max(1e-12, math.Abs(a), math.Abs(b))
}

func believe(t testing.TB, r Range) Belief {
	t.Helper()
	b, err := Believe("events", r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func update(t testing.TB, b Belief, events int, years, thinning float64) Belief {
	t.Helper()
	after, err := b.Update(events, years, thinning)
	if err != nil {
		t.Fatal(err)
	}
	return after
}

// integrated is the mean of prior × likelihood by brute force: Bayes' theorem
// without knowing that the gamma is a conjugate. The frequency runs over a grid that
// is even in its logarithm.
func integrated(b Belief, events int, years, thinning float64) (mean, variance float64) {
	low, high := math.Log(1e-9), math.Log(1e4)
	const steps = 60_000
	var sum, first, second, top float64
	weight := make([]float64, steps+1)
	for i := range weight {
		x := math.Exp(low + (high-low)*float64(i)/steps)
		seen := x * years * thinning
		log := (b.Shape-1)*math.Log(x) - b.Rate*x // prior
		if events > 0 {
			log += float64(events) * math.Log(seen)
		}
		weight[i] = log - seen + math.Log(x) // likelihood, and dx = x d(log x)
		if i == 0 || weight[i] > top {
			top = weight[i]
		}
	}
	for i, w := range weight {
		x, p := math.Exp(low+(high-low)*float64(i)/steps), math.Exp(w-top)
		sum, first, second = sum+p, first+p*x, second+p*x*x
	}
	mean = first / sum
	return mean, second/sum - mean*mean
}

func TestTheUpdateAgreesWithNumericalIntegrationOfBayesTheorem(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		low := rapid.Float64Range(0.01, 2).Draw(t, "low")
		b := Belief{Shape: rapid.Float64Range(LeastShape, 20).Draw(t, "shape")}
		b.Rate = b.Shape / low
		events := rapid.IntRange(0, 12).Draw(t, "events")
		years := rapid.Float64Range(0.1, 10).Draw(t, "years")
		thinning := rapid.Float64Range(0.05, 1).Draw(t, "thinning")
		after, err := b.Update(events, years, thinning)
		if err != nil {
			t.Fatal(err)
		}
		mean, variance := integrated(b, events, years, thinning)
		if !alike(after.Mean(), mean, 1e-4) || !alike(after.Variance(), variance, 1e-3) {
			t.Fatalf("closed form mean %v variance %v, integrated %v %v", after.Mean(), after.Variance(), mean, variance)
		}
	})
}

func TestTheOrderOfExperienceDoesNotMatterAndNoneChangesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := Belief{Shape: rapid.Float64Range(LeastShape, 9).Draw(t, "shape"), Rate: rapid.Float64Range(0.1, 50).Draw(t, "rate")}
		n, m := rapid.IntRange(0, 9).Draw(t, "n"), rapid.IntRange(0, 9).Draw(t, "m")
		x, y := rapid.Float64Range(0, 5).Draw(t, "x"), rapid.Float64Range(0, 5).Draw(t, "y")
		one, _ := b.Update(n, x, 1)
		one, _ = one.Update(m, y, 1)
		other, _ := b.Update(m, y, 1)
		other, _ = other.Update(n, x, 1)
		both, _ := b.Update(n+m, x+y, 1)
		if !alike(one.Mean(), other.Mean(), 1e-12) || !alike(one.Mean(), both.Mean(), 1e-12) || !alike(one.Shape, both.Shape, 1e-12) {
			t.Fatalf("%v, %v and %v differ", one, other, both)
		}
		if same, _ := b.Update(0, 0, 1); same != b {
			t.Fatalf("nothing was seen, and %v became %v", b, same)
		}
		if more, _ := b.Update(n+1, x, 1); more.Mean() <= must(b.Update(n, x, 1)).Mean() {
			t.Fatal("one more event did not raise the frequency")
		}
		if quiet, _ := b.Update(0, x+0.1, 1); quiet.Mean() >= b.Mean() {
			t.Fatal("quiet years did not lower the frequency")
		}
	})
}

func must(b Belief, _ error) Belief { return b }

func TestTheRangeOfABeliefHasItsMeanAndReadsBackAsTheSameBelief(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := Belief{Shape: rapid.Float64Range(LeastShape, 200).Draw(t, "shape"), Rate: rapid.Float64Range(0.01, 500).Draw(t, "rate")}
		r := b.Range()
		if !alike(r.Mean(), b.Mean(), 1e-9) {
			t.Fatalf("%v has the mean %v, its range %v", b, b.Mean(), r.Mean())
		}
		back, err := Believe("events", r)
		if err != nil || !alike(back.Shape, b.Shape, 1e-6) || !alike(back.Rate, b.Rate, 1e-6) {
			t.Fatalf("%v reads back as %v, %v", b, back, err)
		}
	})
}

func TestABeliefKeepsTheMeanOfTheRangeItWasFittedTo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawAmount(t, "events", 20)
		b, err := Believe("events", r)
		if err != nil {
			t.Fatal(err)
		}
		if !alike(b.Mean(), r.Mean(), 1e-9) {
			t.Fatalf("range %v has the mean %v, the belief %v", r, r.Mean(), b.Mean())
		}
		if b.Shape < LeastShape {
			t.Fatalf("%v is weaker than the weakest", b)
		}
	})
}

func TestVariancesAgreeWithTheDistributionsThatAreDrawnFrom(t *testing.T) {
	for _, r := range []Range{Between(0.2, 3), MinLikelyMax(0.1, 0.4, 2), {Low: 1, Likely: 2, High: 5, Shape: Triangular}, {Low: 1, High: 4, Shape: Uniform}} {
		d, s := r.compile(amount), stream{hi: 3, lo: 8}
		var sum, squares float64
		const n = 400_000
		for range n {
			v := d.sample(&s)
			sum, squares = sum+v, squares+v*v
		}
		mean, variance := r.moments()
		if seen := sum / n; !alike(seen, mean, 0.01) {
			t.Errorf("%v: mean %v, drawn %v", r, mean, seen)
		}
		if seen := squares/n - (sum/n)*(sum/n); !alike(seen, variance, 0.04) {
			t.Errorf("%v: variance %v, drawn %v", r, variance, seen)
		}
	}
}

// The figures of a textbook: two events believed in ten years, one seen in the next
// five, is three in fifteen.
func TestABeliefByHand(t *testing.T) {
	b := update(t, Belief{Shape: 2, Rate: 10}, 1, 5, 1)
	if b.Mean() != 0.2 || b.Shape != 3 || b.Rate != 15 {
		t.Errorf("%v", b)
	}
	if got, want := b.Chance(1), 1-math.Pow(15.0/16, 3); !alike(got, want, 1e-12) {
		t.Errorf("chance %v, want %v", got, want)
	}
	for p, q := range map[float64]float64{0.05: 0.0545, 0.5: 0.1783, 0.95: 0.4197} { // χ² tables: q(p; 6 degrees) ÷ 30
		if got := b.Quantile(p); math.Abs(got-q) > 5e-4 {
			t.Errorf("quantile %v is %v, want %v", p, got, q)
		}
	}
	if b := update(t, Belief{Shape: 2, Rate: 10}, 1, 5, 0.2); b.Rate != 11 {
		t.Errorf("behind safeguards that let a fifth through, five years count as one: %v", b)
	}
	if b := update(t, Ignorance(), 1, 1, 1); b.Mean() != 1.5 {
		t.Errorf("the first event in a year of watching: %v", b.Mean())
	}
	if b := believe(t, Exactly(0.5)); b.Shape != 1 || b.Mean() != 0.5 {
		t.Errorf("a figure without width: %v", b)
	}
	if b := believe(t, Between(0.0001, 1)); b.Shape != LeastShape {
		t.Errorf("a range of everything weighs %v events", b.Shape)
	}
}

func TestABeliefRefusesWhatIsNoExperience(t *testing.T) {
	b := Belief{Shape: 1, Rate: 1}
	for name, call := range map[string]func() (Belief, error){
		"negative events":   func() (Belief, error) { return b.Update(-1, 1, 1) },
		"negative years":    func() (Belief, error) { return b.Update(1, -1, 1) },
		"no number":         func() (Belief, error) { return b.Update(1, math.NaN(), 1) },
		"endless":           func() (Belief, error) { return b.Update(1, math.Inf(1), 1) },
		"thinned too much":  func() (Belief, error) { return b.Update(1, 1, 1.5) },
		"no time at all":    func() (Belief, error) { return Ignorance().Update(1, 0, 1) },
		"never, for sure":   func() (Belief, error) { return Believe("events", Range{}) },
		"a broken interval": func() (Belief, error) { return Believe("events", Between(2, 1)) },
	} {
		if got, err := call(); err == nil {
			t.Errorf("%s: taken as %v", name, got)
		}
	}
}

package quantify

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

// oracleFile reads a member of the shared reference data. Without the data the
// test is skipped; the hand-written cases beside it always run.
func oracleFile(t *testing.T, name string) []byte {
	t.Helper()
	const archive = "../../../shared/data/08-risk-quantification.zip"
	z, err := zip.OpenReader(archive)
	if os.IsNotExist(err) {
		t.Skip("the shared reference data is not beside this checkout")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer z.Close()
	f, err := z.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if strings.HasSuffix(name, ".gz") {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func oracleJSON(t *testing.T, name string, into any) {
	t.Helper()
	if err := json.Unmarshal(oracleFile(t, name), into); err != nil {
		t.Fatal(err)
	}
}

func simulate(t testing.TB, years int, scenarios ...Scenario) *Result {
	t.Helper()
	r, err := Simulate(context.Background(), scenarios, Options{Years: years, Seed: 7})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > tolerance {
		t.Errorf("%s is %v, must be within %v of %v", what, got, tolerance, want)
	}
}

func TestPublishedRiskquantFiguresAreMetExactly(t *testing.T) {
	var file struct {
		Cases []struct {
			ID        string
			Frequency float64
			Low       float64   `json:"low_loss"`
			High      float64   `json:"high_loss"`
			ALE       float64   `json:"annualized_loss"`
			MustFail  bool      `json:"must_fail"`
			Between   []float64 `json:"mean_of_10000_years_between"`
		}
		CSV  string  `json:"csv_input"`
		Want [][]any `json:"csv_expected_prioritised_3_significant_digits"`
	}
	oracleJSON(t, "riskquant_cases.json", &file)
	for _, c := range file.Cases {
		sc := Scenario{ID: c.ID, Frequency: Exactly(c.Frequency), Losses: []Loss{{Form: Response, Amount: Between(c.Low, c.High)}}}
		got, ok, err := sc.ClosedForm()
		if c.MustFail {
			if err == nil {
				t.Errorf("%s must not be accepted", c.ID)
			}
			continue
		}
		if err != nil || !ok {
			t.Fatalf("%s: %v, closed form %v", c.ID, err, ok)
		}
		near(t, c.ID, got.ALE, c.ALE, 1e-9*c.ALE)
		if m := simulate(t, 10_000, sc).Total.Mean; c.Between != nil && (m < c.Between[0] || m > c.Between[1]) {
			t.Errorf("%s: mean of 10 000 years is %v, not within %v", c.ID, m, c.Between)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(file.CSV)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		sc := Scenario{ID: row[0], Frequency: Exactly(number(t, row[2])),
			Losses: []Loss{{Form: Response, Amount: Between(number(t, row[3]), number(t, row[4]))}}}
		got, _, err := sc.ClosedForm()
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range file.Want {
			if want[0] == row[0] {
				near(t, row[0], got.ALE, want[1].(float64), 0.005*got.ALE)
			}
		}
	}
}

func number(t *testing.T, s string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestBernoulliLognormalYearsMeetTheExactFigures(t *testing.T) {
	var file struct {
		Cases []struct {
			P              float64
			Low            float64 `json:"lower_bound_p5"`
			High           float64 `json:"upper_bound_p95"`
			Mu, Sigma, ALE float64
			VaR95, VaR99   float64
			VaR999         float64 `json:"VaR99.9"`
			ES99           float64
			Threshold      float64
			PLoss          float64 `json:"P_loss_gt_threshold"`
		}
	}
	oracleJSON(t, "bernoulli-lognormal_closed-form.json", &file)
	const years = 1_000_000
	for _, c := range file.Cases {
		mu, sigma := LogNormal(c.Low, c.High)
		near(t, "mu", mu, c.Mu, 1e-9)
		near(t, "sigma", sigma, c.Sigma, 1e-9)
		sc := Scenario{ID: "a", Count: AtMostOnce, Frequency: Exactly(c.P), Losses: []Loss{{Form: Fines, Amount: Between(c.Low, c.High)}}}
		exact, _, err := sc.ClosedForm()
		if err != nil {
			t.Fatal(err)
		}
		near(t, "exact ALE", exact.ALE, c.ALE, 1e-9*c.ALE)
		r := simulate(t, years, sc)
		near(t, "ALE", r.Total.Mean, c.ALE, 4*r.Total.StdErr)
		near(t, "chance above the threshold", r.Exceedance(c.Threshold), c.PLoss, 4*math.Sqrt(c.PLoss/years))
		nearQuantile(t, r, 0.95, c.VaR95)
		nearQuantile(t, r, 0.99, c.VaR99)
		nearQuantile(t, r, 0.999, c.VaR999)
		near(t, "ES99", mean(r.sorted[years/100*99:]), c.ES99, 0.05*c.ES99)
	}
}

// nearQuantile checks a quantile within four standard errors of its place.
func nearQuantile(t *testing.T, r *Result, p, want float64) {
	t.Helper()
	e := 4 * math.Sqrt(p*(1-p)/float64(r.Years))
	if lo, hi := r.Quantile(p-e), r.Quantile(min(p+e, 1)); want < lo || want > hi {
		t.Errorf("quantile %v is %v (%v to %v), must be %v", p, r.Quantile(p), lo, hi, want)
	}
}

func TestCompoundPoissonQuantilesAreWithinTwoPerCent(t *testing.T) {
	var file struct {
		Cases []struct {
			Frequency   float64 `json:"frequency_poisson_mean"`
			Low         float64 `json:"low_p5"`
			High        float64 `json:"high_p95"`
			Mean, StDev float64
			PZero       float64 `json:"P_zero_loss"`
			Quantiles   map[string]float64
		}
	}
	oracleJSON(t, "compound-poisson-lognormal_reference.json", &file)
	for _, c := range file.Cases {
		r := simulate(t, 2_000_000, Scenario{ID: "a", Frequency: Exactly(c.Frequency), Losses: []Loss{{Form: Response, Amount: Between(c.Low, c.High)}}})
		near(t, "mean", r.Total.Mean, c.Mean, 4*r.Total.StdErr)
		near(t, "deviation", r.Total.StdDev, c.StDev, 0.01*c.StDev)
		near(t, "years without loss", 1-r.Total.AnyLoss, c.PZero, 0.001)
		for p, want := range c.Quantiles {
			near(t, "quantile "+p, r.Quantile(number(t, p)), want, 0.02*want)
		}
	}
}

type pertParameters struct{ Min, Mode, Max, Shape float64 }

func (p pertParameters) pert() Range {
	return Range{Low: p.Min, Likely: p.Mode, High: p.Max, Shape: PERT, Weight: p.Shape}
}

func TestOpenFAIRScenariosMeetThePublishedSimulation(t *testing.T) {
	var file struct {
		Scenarios []struct {
			ID         string `json:"scenario_id"`
			Parameters struct {
				TEF, TC, LM pertParameters
				Diff        map[string]pertParameters
			}
			Published struct {
				Iterations int
				Mean       float64            `json:"ale_mean"`
				Quantiles  map[string]float64 `json:"ale_quantiles"`
				Attempts   float64            `json:"threat_events_mean"`
				Events     float64            `json:"loss_events_mean"`
			} `json:"published_result"`
		}
	}
	oracleJSON(t, "evaluator_openfair_scenarios.json.gz", &file)
	if len(file.Scenarios) != 28 {
		t.Fatalf("%d scenarios, must be 28", len(file.Scenarios))
	}
	for _, c := range file.Scenarios {
		p := c.Parameters
		threat := &Threat{Capability: p.TC.pert()}
		for _, d := range p.Diff {
			threat.Difficulty = append(threat.Difficulty, d.pert())
		}
		sc := Scenario{ID: c.ID, Count: Rounded, Frequency: p.TEF.pert(), Threat: threat, Losses: []Loss{{Form: Response, Amount: p.LM.pert()}}}
		r := simulate(t, 40_000, sc)
		s, n := r.Scenarios[0], math.Sqrt(float64(c.Published.Iterations))
		near(t, c.ID+" mean", c.Published.Mean, s.Mean, 4.5*s.StdDev/n+1e-9)
		near(t, c.ID+" attempts", c.Published.Attempts, s.Attempts, 4.5*math.Max(math.Sqrt(s.Attempts), s.Attempts/3)/n)
		near(t, c.ID+" events", c.Published.Events, s.Events, 4.5*math.Max(math.Sqrt(s.Events), s.Events/2)/n+0.01)
		for key, want := range c.Published.Quantiles {
			q := number(t, key)
			e := 4.5*math.Sqrt(q*(1-q))/n + 1/float64(c.Published.Iterations)
			if lo, hi := r.Quantile(max(q-e, 0)), r.Quantile(min(q+e, 1)); want < lo*0.995 || want > hi*1.005 {
				t.Errorf("%s: published quantile %s is %v, ours lies between %v and %v", c.ID, key, want, lo, hi)
			}
		}
	}
}

func TestSerialisedFAIRModelHasItsAnalyticMean(t *testing.T) {
	type tri struct{ Low, Mode, High float64 }
	var model struct {
		Frequency tri `json:"Loss Event Frequency"`
		Magnitude tri `json:"Loss Magnitude"`
	}
	oracleJSON(t, "pyfair_serialized_model.json", &model)
	sc := Scenario{ID: "m", Frequency: MinLikelyMax(model.Frequency.Low, model.Frequency.Mode, model.Frequency.High),
		Losses: []Loss{{Form: Response, Amount: MinLikelyMax(model.Magnitude.Low, model.Magnitude.Mode, model.Magnitude.High)}}}
	want := 220.0 * 3_666_666.666666667
	got, ok, err := sc.ClosedForm()
	if err != nil || !ok {
		t.Fatal(err, ok)
	}
	near(t, "exact mean", got.ALE, want, 1e-6*want)
	r := simulate(t, 10_000, sc)
	near(t, "simulated mean", r.Total.Mean, want, 4*r.Total.StdErr)
}

func TestQualitativeLabelsMapToUsableRanges(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(oracleFile(t, "evaluator_qualitative_mappings.csv"))).ReadAll()
	if err != nil || len(rows) < 10 {
		t.Fatal(err, len(rows))
	}
	for _, row := range rows[1:] {
		p := pertParameters{number(t, row[2]), number(t, row[3]), number(t, row[4]), number(t, row[5])}
		if err := p.pert().Validate(row[0] + " " + row[1]); err != nil {
			t.Error(err)
		}
		want := (p.Min + p.Shape*p.Mode + p.Max) / (p.Shape + 2)
		d := p.pert().compile(amount)
		near(t, row[0]+" "+row[1], sampleMean(&d, 200_000), want, 0.02*want)
	}
}

func TestRiskTolerancesSplitFigures(t *testing.T) {
	rows, err := csv.NewReader(bytes.NewReader(oracleFile(t, "evaluator_risk_tolerances.csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	bands := []Level{{Label: "low"}}
	for _, row := range rows[1:] {
		bands = append(bands, Level{Label: row[0], From: number(t, row[1])})
	}
	if err := checkBands(bands); err != nil {
		t.Fatal(err)
	}
	for score, want := range map[float64]string{9_999_999: "low", 10_000_000: "medium", 50_000_000: "high"} {
		if got, _ := rate(bands, score); got.Level != want {
			t.Errorf("%v is %s, must be %s", score, got.Level, want)
		}
	}
}

func sampleMean(d *dist, n int) float64 {
	s := stream{hi: 1, lo: 2}
	sum := 0.0
	for range n {
		sum += d.sample(&s)
	}
	return sum / float64(n)
}

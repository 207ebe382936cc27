package quantify

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// An Explanation answers why a figure is what it is: the formula, and the inputs
// with their sources, as deep as they go.
type Explanation struct {
	Name    string        `json:"name"`
	Value   float64       `json:"value"`             // expected value
	Unit    string        `json:"unit"`              // currency, "events per year", "share", …
	Range   string        `json:"range,omitempty"`   // the uncertainty in words
	Formula string        `json:"formula,omitempty"` // empty for an input
	Source  Source        `json:"source"`
	Inputs  []Explanation `json:"inputs,omitempty"`
}

// Explain gives the tree behind the annual loss expectancy of a scenario.
// currency is the unit of money. simulated is the summary of the scenario in a
// Result, or nil: then the value is that of the closed form.
func (sc *Scenario) Explain(currency string, simulated *Summary) (Explanation, error) {
	exact, ok, err := sc.ClosedForm()
	if err != nil {
		return Explanation{}, err
	}
	top := Explanation{Name: "annual loss expectancy (ALE)", Unit: currency + " per year", Formula: "ALE = EAE × SLE",
		Source: Source{Kind: Computed, By: "closed form"}, Value: exact.ALE,
		Inputs: []Explanation{sc.explainFrequency(exact, ok, simulated), sc.explainSLE(currency)}}
	if simulated != nil {
		top.Value = simulated.Mean
		top.Source.By = "simulation"
		top.Source.Note = fmt.Sprintf("standard error %s %s", Figure(simulated.StdErr), currency)
		top.Range = fmt.Sprintf("nine years in ten cost no more than %s, ninety-nine in a hundred no more than %s %s",
			Figure(simulated.P90), Figure(simulated.P99), currency)
	} else if !ok {
		top.Source.Note = "no closed form: simulate this scenario"
	}
	return top, nil
}

func (sc *Scenario) explainFrequency(exact Expected, ok bool, simulated *Summary) Explanation {
	const unit = "events per year"
	name := "events per year before safeguards"
	if sc.Threat != nil {
		name = "attempts per year"
	}
	e := Explanation{Name: "expected annual exploits (EAE)", Unit: unit, Value: exact.Frequency,
		Source: Source{Kind: Computed}, Inputs: []Explanation{sc.Frequency.explain(name, unit, amount)}}
	if !ok && simulated != nil {
		e.Value = simulated.Events
	}
	terms := []string{name}
	if sc.Threat != nil {
		e.Inputs = append(e.Inputs, sc.Threat.explain())
		terms = append(terms, "vulnerability")
	}
	terms = append(terms, e.addEffects(sc.Safeguards, "prevents", func(s Effect) Range { return s.OnFrequency })...)
	e.Formula = "EAE = " + strings.Join(terms, " × ")
	return e
}

func (sc *Scenario) explainSLE(currency string) Explanation {
	e := Explanation{Name: "single loss expectancy (SLE)", Unit: currency, Value: sc.meanLoss(), Source: Source{Kind: Computed}}
	var terms []string
	if len(sc.Losses) == 0 {
		e.Inputs = []Explanation{sc.AssetValue.explain("asset value (AV)", currency, amount),
			sc.Exposure.explain("exposure factor (EF)", "share", fraction)}
		terms = []string{"AV × EF"}
	}
	for _, l := range sc.Losses {
		in := l.Amount.explain("loss: "+string(l.Form), currency, amount)
		if c := l.chance(); c < 1 {
			in.Name += " (in " + Figure(c*100) + " % of events)"
			in.Value *= c
		}
		e.Inputs = append(e.Inputs, in)
		terms = append(terms, string(l.Form))
	}
	terms = []string{strings.Join(terms, " + ")}
	if len(sc.Losses) > 1 && len(sc.Safeguards) > 0 {
		terms[0] = "(" + terms[0] + ")"
	}
	terms = append(terms, e.addEffects(sc.Safeguards, "saves", func(s Effect) Range { return s.OnLoss })...)
	for _, s := range sc.Safeguards {
		e.Value *= 1 - s.OnLoss.mean(fraction)
	}
	e.Formula = "SLE = " + strings.Join(terms, " × ")
	return e
}

// addEffects appends the safeguards that do something here, and gives their
// terms of the formula.
func (e *Explanation) addEffects(safeguards []Effect, verb string, of func(Effect) Range) (terms []string) {
	for _, s := range safeguards {
		r := of(s)
		if r.shape() == Point && r.value() == 0 {
			continue
		}
		name := s.Name
		if name == "" {
			name = s.ID
		}
		e.Inputs = append(e.Inputs, r.explain(name+" "+verb, "share", fraction))
		terms = append(terms, "(1 − "+name+")")
	}
	return terms
}

func (t *Threat) explain() Explanation {
	if len(t.Difficulty) == 0 {
		return t.Vulnerability.explain("vulnerability", "share", fraction)
	}
	e := Explanation{Name: "vulnerability", Unit: "share", Source: Source{Kind: Computed, By: "simulation"},
		Formula: "share of attempts whose capability is above the mean difficulty",
		Inputs:  []Explanation{t.Capability.explain("threat capability", "share", fraction)}}
	for i, r := range t.Difficulty {
		e.Inputs = append(e.Inputs, r.explain(fmt.Sprintf("difficulty %d", i+1), "share", fraction))
	}
	return e
}

func (r Range) explain(name, unit string, d domain) Explanation {
	return Explanation{Name: name, Unit: unit, Value: r.mean(d), Range: r.String(), Source: r.Source}
}

// String says the range in words.
func (r Range) String() string {
	switch r.shape() {
	case Point:
		return "exactly " + Figure(r.value())
	case Interval90:
		return "90 % interval from " + Figure(r.Low) + " to " + Figure(r.High)
	case PERT, Triangular:
		return "between " + Figure(r.Low) + " and " + Figure(r.High) + ", most likely " + Figure(r.Likely)
	default:
		return "anywhere between " + Figure(r.Low) + " and " + Figure(r.High)
	}
}

// Explain gives the tree behind the return on security investment.
func (c *Comparison) Explain(currency string, annualCost Range) Explanation {
	unit := currency + " per year"
	ale := func(name string, r *Result) Explanation {
		return Explanation{Name: name, Unit: unit, Value: r.Total.Mean,
			Source: Source{Kind: Computed, By: "simulation", Note: fmt.Sprintf("%d years, seed %d", r.Years, r.Seed)}}
	}
	return Explanation{Name: "return on security investment (RoSI)", Unit: unit, Value: c.RoSI,
		Formula: "RoSI = ALE₁ − ALE₂ − ACS", Source: Source{Kind: Computed},
		Range: "standard error " + Figure(c.ReductionErr) + " " + currency,
		Inputs: []Explanation{ale("expected yearly loss before (ALE₁)", c.Before), ale("expected yearly loss after (ALE₂)", c.After),
			annualCost.explain("annual cost of the safeguards (ACS)", unit, amount)}}
}

// Figure writes a number for people: three significant digits below a thousand,
// whole numbers in groups of three from there on.
func Figure(v float64) string {
	if math.Abs(v) < 999.5 {
		return strconv.FormatFloat(v, 'g', 3, 64)
	}
	digits := strconv.FormatFloat(math.Abs(v), 'f', 0, 64)
	var b strings.Builder
	if v < 0 {
		b.WriteByte('-')
	}
	for i, d := range []byte(digits) {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteRune(' ')
		}
		b.WriteByte(d)
	}
	return b.String()
}

package quantify

import (
	"fmt"
	"math"
)

// A Scenario is one way to lose money: how often it happens in a year and what
// it costs each time.
//
// The cost of an event is the sum of Losses; without Losses it is AssetValue ×
// Exposure. The asset's value is drawn once for each simulated year, everything
// else for each event.
type Scenario struct {
	ID   string // names the random stream: keep it when inputs change, so that results stay comparable
	Name string

	Frequency Range // EAE, expected events per year; with a Threat, attempts per year
	Count     Count
	Threat    *Threat // Open FAIR: which attempts succeed; nil: all of them

	AssetValue Range // AV, in money
	Exposure   Range // EF, share of the value lost in one event, 0 to 1
	Losses     []Loss

	Safeguards []Effect // in force
}

// A Count says how the frequency of a year becomes a number of events.
type Count string

// The counts.
const (
	CompoundPoisson Count = ""        // any number, independent of each other
	AtMostOnce      Count = "once"    // one event with the probability Frequency, which is then 0 to 1
	Rounded         Count = "rounded" // the frequency itself, to the nearest whole number
)

// A Loss is one form of loss of an event.
type Loss struct {
	Form   LossForm
	Amount Range
	Chance float64 // share of the events that have this loss, 0 to 1; 0 means every event
}

// A LossForm is one of the six forms of Open FAIR.
type LossForm string

// The forms of loss.
const (
	Productivity LossForm = "productivity" // work that is not done, sales that are not made
	Response     LossForm = "response"     // hours and outside help to deal with it
	Replacement  LossForm = "replacement"  // of what was broken or stolen
	Fines        LossForm = "fines"        // and judgements
	Advantage    LossForm = "advantage"    // competitive advantage
	Reputation   LossForm = "reputation"
)

// LossForms lists the forms in the order in which people meet them.
var LossForms = []LossForm{Response, Productivity, Replacement, Fines, Advantage, Reputation}

// A Threat decides by force which attempts succeed. Give either Vulnerability,
// or Capability and Difficulty: then an attempt succeeds when the capability
// drawn is above the mean of the difficulties drawn. All are shares of 0 to 1.
type Threat struct {
	Vulnerability Range
	Capability    Range
	Difficulty    []Range // one for each safeguard that stands in the way
}

// An Effect is what a safeguard takes away from a scenario. Effects of several
// safeguards multiply: two of one half leave one quarter.
type Effect struct {
	ID          string // the same safeguard has the same luck in all scenarios of a year
	Name        string
	OnFrequency Range // share of the events prevented, 0 to 1
	OnLoss      Range // share of the cost of an event saved, 0 to 1
}

// maxEvents bounds the work: who expects more events a year than this should
// model the loss of a day as one event.
const maxEvents = 1e5

// Validate tells what is wrong with a scenario, naming the field.
func (sc *Scenario) Validate() error {
	if err := sc.validate(); err != nil {
		return fmt.Errorf("scenario %s: %w", sc.label(), err)
	}
	return nil
}

func (sc *Scenario) label() string {
	if sc.Name != "" {
		return sc.Name
	}
	if sc.ID != "" {
		return sc.ID
	}
	return "without a name"
}

func (sc *Scenario) validate() error {
	if err := sc.validateFrequency(); err != nil {
		return err
	}
	if err := sc.validateLoss(); err != nil {
		return err
	}
	for _, e := range sc.Safeguards {
		if err := e.Validate(); err != nil {
			return err
		}
	}
	return nil
}

func (sc *Scenario) validateFrequency() error {
	d := amount
	switch sc.Count {
	case CompoundPoisson, Rounded:
	case AtMostOnce:
		d = fraction
	default:
		return fmt.Errorf("count %q is not known: use once, rounded, or nothing for Poisson", sc.Count)
	}
	if err := sc.Frequency.check("frequency", d); err != nil {
		return err
	}
	if top := max(sc.Frequency.High, sc.Frequency.Likely); top > maxEvents {
		return fmt.Errorf("frequency: %v events a year are too many: model the loss of a day as one event", top)
	}
	if sc.Threat != nil {
		return sc.Threat.validate()
	}
	return nil
}

func (t *Threat) validate() error {
	if len(t.Difficulty) == 0 {
		if t.Vulnerability.IsZero() {
			return fmt.Errorf("threat: give vulnerability, or capability and difficulty")
		}
		return t.Vulnerability.check("vulnerability", fraction)
	}
	if !t.Vulnerability.IsZero() {
		return fmt.Errorf("vulnerability: give it, or capability and difficulty, not both")
	}
	if err := t.Capability.check("threat capability", fraction); err != nil {
		return err
	}
	for i, r := range t.Difficulty {
		if err := r.check(fmt.Sprintf("difficulty %d", i+1), fraction); err != nil {
			return err
		}
	}
	return nil
}

func (sc *Scenario) validateLoss() error {
	if len(sc.Losses) == 0 {
		if err := sc.AssetValue.check("asset value", amount); err != nil {
			return err
		}
		return sc.Exposure.check("exposure factor", fraction)
	}
	for _, l := range sc.Losses {
		field := "loss " + string(l.Form)
		if err := l.Amount.check(field, amount); err != nil {
			return err
		}
		if err := checkNumber(field+": chance", l.Chance, fraction); err != nil {
			return err
		}
	}
	return nil
}

// Validate tells what is wrong with an effect, naming the safeguard and field.
func (e Effect) Validate() error {
	name := e.Name
	if name == "" {
		name = e.ID
	}
	if err := e.OnFrequency.check("effect on frequency", fraction); err != nil {
		return fmt.Errorf("safeguard %s: %w", name, err)
	}
	if err := e.OnLoss.check("effect on loss", fraction); err != nil {
		return fmt.Errorf("safeguard %s: %w", name, err)
	}
	return nil
}

// Expected are the exact means of a scenario, without simulation.
type Expected struct {
	Frequency float64 `json:"frequency"` // EAE after safeguards, loss events per year
	SLE       float64 `json:"sle"`       // cost of one event after safeguards
	ALE       float64 `json:"ale"`       // EAE × SLE
}

// ClosedForm gives the exact means of a valid scenario. ok is false where none
// exists (a threat with capability and difficulty, or a rounded count): then
// only Simulate tells.
func (sc *Scenario) ClosedForm() (e Expected, ok bool, err error) {
	if err := sc.Validate(); err != nil {
		return Expected{}, false, err
	}
	if sc.Count == Rounded || sc.Threat != nil && len(sc.Threat.Difficulty) > 0 {
		return Expected{}, false, nil
	}
	freq := sc.frequencyDist()
	e.Frequency = freq.mean()
	if sc.Threat != nil {
		e.Frequency *= sc.Threat.Vulnerability.mean(fraction)
	}
	e.SLE = sc.meanLoss()
	for _, g := range sc.Safeguards {
		e.Frequency *= 1 - g.OnFrequency.mean(fraction)
		e.SLE *= 1 - g.OnLoss.mean(fraction)
	}
	e.ALE = e.Frequency * e.SLE
	return e, true, nil
}

// Mean is the expected value of a valid range of money or frequency.
func (r Range) Mean() float64 { return r.mean(amount) }

// MeanFraction is the expected value of a valid share of 0 to 1.
func (r Range) MeanFraction() float64 { return r.mean(fraction) }

func (r Range) mean(d domain) float64 {
	c := r.compile(d)
	return c.mean()
}

func (sc *Scenario) frequencyDist() dist {
	if sc.Count == AtMostOnce {
		return sc.Frequency.compile(fraction)
	}
	return sc.Frequency.compile(amount)
}

func (sc *Scenario) meanLoss() float64 {
	if len(sc.Losses) == 0 {
		return sc.AssetValue.Mean() * sc.Exposure.mean(fraction)
	}
	sum := 0.0
	for _, l := range sc.Losses {
		sum += l.Amount.Mean() * l.chance()
	}
	return sum
}

func (l Loss) chance() float64 {
	if l.Chance == 0 {
		return 1
	}
	return l.Chance
}

// SLE is the single loss expectancy AV × EF of known values.
func SLE(assetValue, exposure float64) float64 { return assetValue * exposure }

// ALE is the annual loss expectancy EAE × SLE of known values.
func ALE(eventsPerYear, sle float64) float64 { return eventsPerYear * sle }

// RoSI is the return on security investment in money a year: what the expected
// loss falls by, less what the safeguards cost a year. Above 0 it pays.
func RoSI(aleBefore, aleAfter, annualCost float64) float64 { return aleBefore - aleAfter - annualCost }

// roundEvents is the nearest whole number of events.
func roundEvents(v float64) int { return int(math.Round(v)) }

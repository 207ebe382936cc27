package quantify

import "fmt"

// An Appetite is what the executive team says about risk, in money a year,
// ascending: acceptance < tolerance < appetite < limit < capacity.
type Appetite struct {
	Acceptance float64 // up to here nothing needs to be done
	Tolerance  float64 // up to here it is watched
	Appetite   float64 // up to here the organisation chooses to live with it
	Limit      float64 // above it somebody must act
	Capacity   float64 // above it the organisation may not survive
}

// A Band is the place of a figure in the appetite, 0 for accepted to 5 for
// beyond capacity.
type Band int

// The bands.
const (
	Accepted Band = iota
	Tolerated
	WithinAppetite
	AboveAppetite
	AboveLimit
	BeyondCapacity
)

var bandWords = [...]struct{ id, words string }{
	{"accepted", "Within risk acceptance: nothing needs to be done."},
	{"tolerated", "Within risk tolerance: watch it, no money needed."},
	{"within_appetite", "Within risk appetite: live with it, improve where it is cheap."},
	{"above_appetite", "Above risk appetite: plan a treatment."},
	{"above_limit", "Above the risk limit: somebody must act now."},
	{"beyond_capacity", "Beyond risk capacity: the organisation may not survive a year like this."},
}

// String is the stable id of the band, "above_limit" for example.
func (b Band) String() string { return bandWords[b].id }

// Words say what the band means for the reader.
func (b Band) Words() string { return bandWords[b].words }

// Validate tells what is wrong with an appetite, naming the field.
func (a Appetite) Validate() error {
	steps := a.steps()
	for i, s := range steps {
		if err := checkNumber("risk "+s.name, s.v, amount); err != nil {
			return err
		}
		if i > 0 && s.v <= steps[i-1].v {
			return fmt.Errorf("risk %s %v must be above risk %s %v", s.name, s.v, steps[i-1].name, steps[i-1].v)
		}
	}
	return nil
}

type step struct {
	name string
	v    float64
}

func (a Appetite) steps() [5]step {
	return [5]step{{"acceptance", a.Acceptance}, {"tolerance", a.Tolerance}, {"appetite", a.Appetite},
		{"limit", a.Limit}, {"capacity", a.Capacity}}
}

// Position tells in which band a yearly loss falls. A figure on a border belongs
// to the lower band.
func (a Appetite) Position(loss float64) Band {
	band := Accepted
	for _, s := range a.steps() {
		if loss > s.v {
			band++
		}
	}
	return band
}

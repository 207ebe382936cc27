package quantify

import (
	"fmt"
	"math"
	"slices"
)

// A Matrix is the qualitative method: impact × probability × criticality. The
// score is the product of the place of the impact (1 for the lowest), the place
// of the probability and the weight of the system's criticality.
type Matrix struct {
	Impact      []string // lowest first
	Probability []string // lowest first
	Criticality []Weight
	Bands       []Level // lowest first; the first starts at 0
}

// A Weight is a named factor above 0; 1 changes nothing.
type Weight struct {
	Label  string
	Factor float64
}

// A Level is what a score from From on is called.
type Level struct {
	Label string
	From  float64
}

// A Rating is the outcome of a method without money.
type Rating struct {
	Level string  `json:"level"`
	Place int     `json:"place"` // 0 for the lowest band
	Score float64 `json:"score"`
}

// Matrix3 is the 3×3 matrix to start with.
func Matrix3() Matrix {
	return Matrix{
		Impact:      []string{"low", "medium", "high"},
		Probability: []string{"low", "medium", "high"},
		Criticality: defaultCriticality(),
		Bands:       []Level{{"low", 0}, {"medium", 3}, {"high", 6}},
	}
}

// Matrix5 is the 5×5 matrix to start with.
func Matrix5() Matrix {
	return Matrix{
		Impact:      []string{"negligible", "minor", "moderate", "major", "severe"},
		Probability: []string{"rare", "unlikely", "possible", "likely", "almost certain"},
		Criticality: defaultCriticality(),
		Bands:       []Level{{"very low", 0}, {"low", 3}, {"medium", 6}, {"high", 12}, {"very high", 20}},
	}
}

func defaultCriticality() []Weight {
	return []Weight{{"supporting", 0.5}, {"important", 1}, {"vital", 2}}
}

// Validate tells what is wrong with a matrix, naming the field.
func (m Matrix) Validate() error {
	if err := checkLabels("impact", m.Impact); err != nil {
		return err
	}
	if err := checkLabels("probability", m.Probability); err != nil {
		return err
	}
	var names []string
	for _, c := range m.Criticality {
		if err := checkNumber("criticality "+c.Label, c.Factor, amount); err != nil {
			return err
		}
		if c.Factor == 0 {
			return fmt.Errorf("criticality %s: the factor must be above 0", c.Label)
		}
		names = append(names, c.Label)
	}
	if err := checkLabels("criticality", names); err != nil {
		return err
	}
	return checkBands(m.Bands)
}

func checkLabels(field string, labels []string) error {
	if len(labels) == 0 || len(labels) > 10 {
		return fmt.Errorf("%s: %d labels: give between 1 and 10", field, len(labels))
	}
	for i, l := range labels {
		if l == "" {
			return fmt.Errorf("%s: label %d is empty", field, i+1)
		}
		if slices.Contains(labels[:i], l) {
			return fmt.Errorf("%s: label %q is used twice", field, l)
		}
	}
	return nil
}

func checkBands(bands []Level) error {
	var names []string
	for i, b := range bands {
		if err := checkNumber("band "+b.Label, b.From, amount); err != nil {
			return err
		}
		if i == 0 && b.From != 0 {
			return fmt.Errorf("band %s: the lowest band starts at 0, not at %v", b.Label, b.From)
		}
		if i > 0 && b.From <= bands[i-1].From {
			return fmt.Errorf("band %s: must start above band %s", b.Label, bands[i-1].Label)
		}
		names = append(names, b.Label)
	}
	return checkLabels("bands", names)
}

// Rate gives the level of an impact, a probability and a criticality, each by
// its label.
func (m Matrix) Rate(impact, probability, criticality string) (Rating, error) {
	i, p := slices.Index(m.Impact, impact), slices.Index(m.Probability, probability)
	c := slices.IndexFunc(m.Criticality, func(w Weight) bool { return w.Label == criticality })
	switch {
	case i < 0:
		return Rating{}, fmt.Errorf("impact %q is not one of %q", impact, m.Impact)
	case p < 0:
		return Rating{}, fmt.Errorf("probability %q is not one of %q", probability, m.Probability)
	case c < 0:
		return Rating{}, fmt.Errorf("criticality %q is not known in this matrix", criticality)
	}
	return rate(m.Bands, float64((i+1)*(p+1))*m.Criticality[c].Factor)
}

func rate(bands []Level, score float64) (Rating, error) {
	if len(bands) == 0 {
		return Rating{}, fmt.Errorf("bands: there is none")
	}
	place := 0
	for i, b := range bands {
		if score >= b.From {
			place = i
		}
	}
	return Rating{Level: bands[place].Label, Place: place, Score: score}, nil
}

// SemiQuantitative is the method in between: the probability of a successful
// event × the severity of its impact, each on a numeric scale.
type SemiQuantitative struct {
	MaxProbability float64 // top of the scale, 1 for a share, 100 for per cent
	MaxSeverity    float64
	Bands          []Level // over the product
}

// DefaultSemiQuantitative takes a probability of 0 to 1 and a severity of 0 to 10.
func DefaultSemiQuantitative() SemiQuantitative {
	return SemiQuantitative{MaxProbability: 1, MaxSeverity: 10,
		Bands: []Level{{"low", 0}, {"medium", 1}, {"high", 3}, {"critical", 6}}}
}

// Validate tells what is wrong with the scales, naming the field.
func (q SemiQuantitative) Validate() error {
	for _, s := range []step{{"probability", q.MaxProbability}, {"severity", q.MaxSeverity}} {
		if err := checkNumber("top of the "+s.name+" scale", s.v, amount); err != nil {
			return err
		}
		if s.v == 0 {
			return fmt.Errorf("top of the %s scale must be above 0", s.name)
		}
	}
	return checkBands(q.Bands)
}

// Rate gives the level of a probability and a severity on the scales.
func (q SemiQuantitative) Rate(probability, severity float64) (Rating, error) {
	for _, s := range []struct {
		name   string
		v, top float64
	}{{"probability", probability, q.MaxProbability}, {"severity", severity, q.MaxSeverity}} {
		if math.IsNaN(s.v) || s.v < 0 || s.v > s.top {
			return Rating{}, fmt.Errorf("%s %v is not between 0 and %v", s.name, s.v, s.top)
		}
	}
	return rate(q.Bands, probability*severity)
}

package quantify

import (
	"fmt"
	"math"
	"time"
)

// A Shape says how a Range is read as a distribution.
type Shape string

// The shapes. Inferred is the zero value: see Range.
const (
	Inferred   Shape = ""
	Point      Shape = "point"      // one value: Likely, or Low when Likely is 0
	Interval90 Shape = "interval90" // 5 % of cases below Low, 5 % above High
	PERT       Shape = "pert"       // minimum, most likely, maximum
	Triangular Shape = "triangular" // minimum, most likely, maximum, with straight sides
	Uniform    Shape = "uniform"    // anything between Low and High alike
)

// A Range is an uncertain input: what somebody can honestly say of a figure.
//
// With Shape Inferred, a range of one value is a Point, one with a Likely value
// is a PERT, one from 0 on is Uniform (no 90 % interval of a lognormal starts at
// 0), and any other is an Interval90.
type Range struct {
	Low    float64
	Likely float64 // most likely value; only PERT, Triangular and Point use it
	High   float64
	Shape  Shape

	// Weight is the lambda of a PERT, how much the most likely value counts
	// against the ends; 0 means the usual 4.
	Weight float64

	// Source says where the figure comes from, for Explain.
	Source Source
}

// Exactly is the range of one known value.
func Exactly(v float64) Range { return Range{Low: v, Likely: v, High: v, Shape: Point} }

// Between is the 90 % interval from low to high.
func Between(low, high float64) Range { return Range{Low: low, High: high, Shape: Interval90} }

// MinLikelyMax is the PERT range of three values.
func MinLikelyMax(low, likely, high float64) Range {
	return Range{Low: low, Likely: likely, High: high, Shape: PERT}
}

// IsZero tells whether the range was left out: no figure and no shape.
func (r Range) IsZero() bool {
	return r.Low == 0 && r.Likely == 0 && r.High == 0 && r.Shape == Inferred
}

// shape resolves Inferred, and turns ranges without width into points.
func (r Range) shape() Shape {
	switch {
	case r.Shape == Point:
		return Point
	case r.Low == r.High && (r.Likely == 0 || r.Likely == r.Low):
		return Point
	case r.Shape != Inferred:
		return r.Shape
	case r.Low == 0 && r.High == 0:
		return Point
	case r.Likely != 0:
		return PERT
	case r.Low == 0:
		return Uniform
	default:
		return Interval90
	}
}

// value is the figure of a Point.
func (r Range) value() float64 {
	if r.Likely != 0 {
		return r.Likely
	}
	return r.Low
}

// A domain says which values a field may have.
type domain int

const (
	amount   domain = iota // money or frequency: 0 and above
	fraction               // 0 to 1
)

const (
	maxAmount = 1e15 // no organisation loses more; keeps sums far from overflow
	maxSpread = 1e4  // of a 90 % interval; beyond it the mean leaves the interval
	z90       = 1.6448536269514722
)

// Validate tells what is wrong with a range of money or frequency. The field is
// named in the error.
func (r Range) Validate(field string) error { return r.check(field, amount) }

// ValidateFraction does the same for a share between 0 and 1.
func (r Range) ValidateFraction(field string) error { return r.check(field, fraction) }

func (r Range) check(field string, d domain) error {
	ends := []struct {
		name string
		v    float64
	}{{"low", r.Low}, {"most likely", r.Likely}, {"high", r.High}}
	for _, e := range ends {
		if err := checkNumber(field+": "+e.name, e.v, d); err != nil {
			return err
		}
	}
	if math.IsNaN(r.Weight) || r.Weight < 0 || r.Weight > 1000 {
		return fmt.Errorf("%s: weight %v: give a number between 0 and 1000, 0 for the usual 4", field, r.Weight)
	}
	return r.checkShape(field, d)
}

func (r Range) checkShape(field string, d domain) error {
	s := r.shape()
	if s != Point && r.Low > r.High {
		return fmt.Errorf("%s: low %v is above high %v: exchange them", field, r.Low, r.High)
	}
	switch s {
	case Point, Uniform:
		return nil
	case PERT, Triangular:
		if r.Likely < r.Low || r.Likely > r.High {
			return fmt.Errorf("%s: most likely %v is not between low %v and high %v", field, r.Likely, r.Low, r.High)
		}
		return nil
	case Interval90:
		return r.checkInterval(field, d)
	default:
		return fmt.Errorf("%s: shape %q is not known: use point, interval90, pert, triangular or uniform", field, r.Shape)
	}
}

func (r Range) checkInterval(field string, d domain) error {
	if d == fraction {
		return nil
	}
	if r.Low <= 0 {
		return fmt.Errorf("%s: low %v: a 90 %% interval starts above 0; give a small figure, or minimum, most likely and maximum", field, r.Low)
	}
	if r.High/r.Low > maxSpread {
		return fmt.Errorf("%s: high %v is more than %v times low %v: narrow the interval, or give minimum, most likely and maximum", field, r.High, maxSpread, r.Low)
	}
	return nil
}

func checkNumber(field string, v float64, d domain) error {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return fmt.Errorf("%s is not a number: %v", field, v)
	case v < 0:
		return fmt.Errorf("%s is negative: %v", field, v)
	case d == fraction && v > 1:
		return fmt.Errorf("%s is above 1: %v; a share is between 0 and 1", field, v)
	case v > maxAmount:
		return fmt.Errorf("%s is too large: %v", field, v)
	}
	return nil
}

// A SourceKind says how a figure came to be.
type SourceKind string

// The kinds of source.
const (
	Measured  SourceKind = "measured"  // an engine or an indicator
	Imported  SourceKind = "imported"  // another tool, a published study, the catalogue
	Estimated SourceKind = "estimated" // a person's judgement
	Computed  SourceKind = "computed"  // by a formula from other figures
)

// A Source is where a figure comes from.
type Source struct {
	Kind SourceKind `json:"kind,omitempty"`
	By   string     `json:"by,omitempty"`   // person, tool or publication
	When time.Time  `json:"when,omitzero"`  // when it was established
	Note string     `json:"note,omitempty"` // why this figure
}

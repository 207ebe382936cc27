package kind

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Markdown is long text that people format.
type Markdown string

// Money is an amount in minor units (cents) of the currency of the workspace. In
// JSON and files it is a decimal number in major units: 1250.5.
type Money int64

// MoneyOf converts an amount in major units, rounding half away from zero.
func MoneyOf(major float64) Money { return Money(math.Round(major * 100)) }

// Float is the amount in major units.
func (m Money) Float() float64 { return float64(m) / 100 }

// String is the amount in major units without thousands separators: "1250.50".
func (m Money) String() string {
	sign, n := "", int64(m)
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d", sign, n/100, n%100)
}

// MarshalJSON writes major units with the fewest digits.
func (m Money) MarshalJSON() ([]byte, error) {
	s := m.String()
	return []byte(strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(s, "0"), "0"), ".")), nil
}

// UnmarshalJSON reads a number in major units.
func (m *Money) UnmarshalJSON(b []byte) error {
	v, err := ParseMoney(strings.Trim(string(b), `"`))
	*m = v
	return err
}

// maxMoney bounds amounts in major units, so that cents stay exact on the way
// through a float64.
const maxMoney = 1e13

// ParseMoney reads an amount in major units: "1250", "1250.5", "1,250.50", "1 250".
func ParseMoney(s string) (Money, error) {
	f, err := parseDecimal(s)
	if err != nil {
		return 0, err
	}
	if math.Abs(f) > maxMoney {
		return 0, fmt.Errorf("%s is too large an amount", s)
	}
	return MoneyOf(f), nil
}

// Date is a calendar day, "2026-11-21"; empty means not set.
type Date string

// DateOf is the day of t in its own time zone.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// ParseDate reads a day in ISO 8601.
func ParseDate(s string) (Date, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return "", nil
	}
	if _, err := time.Parse(time.DateOnly, s); err != nil {
		return "", fmt.Errorf("%q is not a date; write it as 2026-11-21", s)
	}
	return Date(s), nil
}

// Time is midnight UTC of the day; the zero time when not set.
func (d Date) Time() time.Time {
	t, _ := time.Parse(time.DateOnly, string(d))
	return t
}

// UnmarshalJSON accepts only a day or an empty string.
func (d *Date) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("a date is a string such as \"2026-11-21\"")
	}
	v, err := ParseDate(s)
	*d = v
	return err
}

// Level is a grade on the scale of qualitative assessment, 1 (very low) to 5
// (very high); 0 means not assessed.
type Level int

// LevelNames are the words for the levels 1 to 5.
var LevelNames = [...]string{"very low", "low", "medium", "high", "very high"}

// String is the word for the level.
func (l Level) String() string {
	if l < 1 || int(l) > len(LevelNames) {
		return ""
	}
	return LevelNames[l-1]
}

// ParseLevel reads a number from 0 to 5 or the word for it.
func ParseLevel(s string) (Level, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	if s == "" || s == "0" {
		return 0, nil
	}
	for i, name := range LevelNames {
		if s == name || s == strconv.Itoa(i+1) {
			return Level(i + 1), nil
		}
	}
	return 0, fmt.Errorf("%q is not a level; write 1 to 5 or one of: %s", s, strings.Join(LevelNames[:], ", "))
}

// MarshalJSON writes the number.
func (l Level) MarshalJSON() ([]byte, error) { return strconv.AppendInt(nil, int64(l), 10), nil }

// UnmarshalJSON reads the number or the word.
func (l *Level) UnmarshalJSON(b []byte) error {
	v, err := ParseLevel(strings.Trim(string(b), `"`))
	*l = v
	return err
}

// Range is an uncertain quantity. Low and High enclose 90 % of what is expected;
// with Likely they are minimum, most likely and maximum. All equal: a known value.
// The zero Range means not set. Package engine/quantify gives it a distribution.
type Range struct {
	Low    float64 `json:"low"`
	Likely float64 `json:"likely,omitempty"`
	High   float64 `json:"high"`
}

// Exactly is the range of a known value.
func Exactly(v float64) Range { return Range{v, v, v} }

// IsZero tells whether nothing was entered.
func (r Range) IsZero() bool { return r == Range{} }

// Mid is the most likely value, or the middle when none was given.
func (r Range) Mid() float64 {
	if r.Likely != 0 {
		return r.Likely
	}
	return (r.Low + r.High) / 2
}

// Check tells what is wrong with the range.
func (r Range) Check() error {
	for _, v := range []float64{r.Low, r.Likely, r.High} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("a range needs finite numbers")
		}
	}
	if r.Low > r.High {
		return fmt.Errorf("the low end %v is above the high end %v", r.Low, r.High)
	}
	if r.Likely != 0 && (r.Likely < r.Low || r.Likely > r.High) {
		return fmt.Errorf("the likely value %v lies outside %v to %v", r.Likely, r.Low, r.High)
	}
	return nil
}

// String is "5", "2..10" or "2..5..10", as ParseRange reads it.
func (r Range) String() string {
	num := func(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
	switch {
	case r.IsZero():
		return ""
	case r.Low == r.High && r.Likely == r.Low:
		return num(r.Low)
	case r.Likely == 0:
		return num(r.Low) + ".." + num(r.High)
	}
	return num(r.Low) + ".." + num(r.Likely) + ".." + num(r.High)
}

// ParseRange reads "5", "2..10" or "2..5..10".
func ParseRange(s string) (Range, error) {
	s = strings.TrimSpace(s)
	if s == "" {
		return Range{}, nil
	}
	parts := strings.Split(s, "..")
	if len(parts) > 3 {
		return Range{}, fmt.Errorf("%q is not a range; write 5, 2..10 or 2..5..10", s)
	}
	nums := make([]float64, len(parts))
	for i, p := range parts {
		v, err := parseDecimal(p)
		if err != nil {
			return Range{}, fmt.Errorf("%q is not a range; write 5, 2..10 or 2..5..10", s)
		}
		nums[i] = v
	}
	r := Range{Low: nums[0], High: nums[len(nums)-1]}
	if len(nums) == 1 {
		r.Likely = nums[0]
	}
	if len(nums) == 3 {
		r.Likely = nums[1]
	}
	return r, r.Check()
}

// UnmarshalJSON reads an object with low, likely and high, a number, or the text
// form of ParseRange.
func (r *Range) UnmarshalJSON(b []byte) error {
	text := strings.TrimSpace(string(b))
	if strings.HasPrefix(text, "{") {
		type plain Range
		dec := json.NewDecoder(strings.NewReader(text))
		dec.DisallowUnknownFields()
		if err := dec.Decode((*plain)(r)); err != nil {
			return fmt.Errorf("a range has the numbers low, likely and high")
		}
		return r.Check()
	}
	v, err := ParseRange(strings.Trim(text, `"`))
	*r = v
	return err
}

// A Choice is one word of a closed list.
type Choice struct {
	Value string `json:"value"`
	Label string `json:"label"` // for people; Value with spaces for underscores when empty
	Doc   string `json:"doc,omitempty"`
	Tone  string `json:"tone,omitempty"` // how it is coloured: critical, high, medium, low, good, warn, info, muted
}

// A Chooser is a string type with a closed list of values. The method is called
// on the zero value.
type Chooser interface{ Choices() []Choice }

// Words makes choices of plain words; the label is the word with spaces.
func Words(words ...string) []Choice {
	list := make([]Choice, len(words))
	for i, w := range words {
		list[i] = Choice{Value: w}
	}
	return list
}

// parseDecimal reads a number as people write it: spaces and commas between
// groups of three digits are ignored.
func parseDecimal(s string) (float64, error) {
	clean := strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "'", "", "_", "").Replace(strings.TrimSpace(s))
	if i := strings.IndexByte(clean, ','); i >= 0 && groupedByThree(clean) {
		clean = strings.ReplaceAll(clean, ",", "")
	}
	f, err := strconv.ParseFloat(clean, 64)
	if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
		return 0, fmt.Errorf("%q is not a number; write it as 1250.50", s)
	}
	return f, nil
}

// groupedByThree tells whether every comma is followed by exactly three digits.
func groupedByThree(s string) bool {
	whole, _, _ := strings.Cut(s, ".")
	for _, group := range strings.Split(whole, ",")[1:] {
		if len(group) != 3 {
			return false
		}
	}
	return true
}

// Itoa is the decimal text of a number.
func Itoa(n int64) string { return strconv.FormatInt(n, 10) }

package detect

import (
	"fmt"
	"slices"
)

// A Level is how bad it is when a rule matches.
type Level string

// The levels of Sigma. A rule without a level has the empty one, which ranks lowest.
const (
	Informational Level = "informational"
	Low           Level = "low"
	Medium        Level = "medium"
	High          Level = "high"
	Critical      Level = "critical"
)

// Levels lists the levels, the mildest first.
func Levels() []Level { return []Level{Informational, Low, Medium, High, Critical} }

// Rank orders levels: Informational is 1, Critical is 5, anything else 0.
func (l Level) Rank() int {
	for i, v := range Levels() {
		if l == v {
			return i + 1
		}
	}
	return 0
}

// A LogSource says what events a rule is written for. Empty parts say nothing.
type LogSource struct {
	Category string `json:"category,omitempty"`
	Product  string `json:"product,omitempty"`
	Service  string `json:"service,omitempty"`
}

// About is what every kind of rule says of itself.
type About struct {
	ID             string   `json:"id,omitempty"`
	Name           string   `json:"name,omitempty"` // by which correlations refer to it
	Title          string   `json:"title"`
	Level          Level    `json:"level,omitempty"`
	Status         string   `json:"status,omitempty"`
	Description    string   `json:"description,omitempty"`
	Author         string   `json:"author,omitempty"`
	Tags           []string `json:"tags,omitempty"`
	References     []string `json:"references,omitempty"`
	FalsePositives []string `json:"false_positives,omitempty"`
	File           string   `json:"file,omitempty"`
	Line           int      `json:"line,omitempty"`
}

// at names the place of a rule for messages.
func (a *About) at() place { return place{a.File, a.Line} }

// called says whether a correlation or filter means this rule.
func (a *About) called(ref string) bool {
	return ref != "" && (ref == a.ID || ref == a.Name)
}

// A Rule is a Sigma rule about one event.
type Rule struct {
	About
	LogSource LogSource

	selections []selection // in the order of the file
	conditions []condition // any of them
}

// A Filter is a condition that the organisation adds to rules, usually to leave out
// what is normal with it. A rule matches only where its filters hold too.
type Filter struct {
	About
	LogSource LogSource
	Rules     []string // ids or names; empty: every rule of the log source

	selections []selection
	conditions []condition
}

// A Collection is what was read from rule files.
type Collection struct {
	Rules        []*Rule
	Correlations []*Correlation
	Filters      []*Filter
	Others       int // documents that are no rules: notes that lie beside them
}

// Correlated is the part of the collection that correlations need: them, and the rules
// that they name.
func (c *Collection) Correlated() *Collection {
	part := &Collection{Correlations: c.Correlations, Filters: c.Filters}
	for _, r := range c.Rules {
		if slices.ContainsFunc(c.Correlations, func(o *Correlation) bool { return slices.ContainsFunc(o.Rules, r.called) }) {
			part.Rules = append(part.Rules, r)
		}
	}
	return part
}

// Add appends another collection.
func (c *Collection) Add(other *Collection) {
	c.Rules = append(c.Rules, other.Rules...)
	c.Correlations = append(c.Correlations, other.Correlations...)
	c.Filters = append(c.Filters, other.Filters...)
	c.Others += other.Others
}

// A place is a line of a file.
type place struct {
	file string
	line int
}

func (p place) String() string {
	if p.line == 0 {
		return p.file
	}
	return fmt.Sprintf("%s:%d", p.file, p.line)
}

// errorf makes an error that begins with the place.
func (p place) errorf(format string, args ...any) error {
	return fmt.Errorf("%s: %w", p, fmt.Errorf(format, args...))
}

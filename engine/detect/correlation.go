package detect

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// A CorrelationType is what a correlation looks at.
type CorrelationType string

// The types of correlation.
const (
	EventCount      CorrelationType = "event_count"      // how many events
	ValueCount      CorrelationType = "value_count"      // how many different values of a field
	Temporal        CorrelationType = "temporal"         // different rules close in time
	TemporalOrdered CorrelationType = "temporal_ordered" // the same, one after the other
)

// A Correlation is a rule about the matches of other rules in time.
type Correlation struct {
	About
	Type     CorrelationType
	Rules    []string // ids or names of rules or correlations
	GroupBy  []string // fields or aliases; what differs in one of them is counted apart
	Timespan time.Duration
	Generate bool // the rules it refers to match on their own too

	fields  []string                     // whose values are counted
	aliases map[string]map[string]string // alias → rule → field
	bounds  bounds
	names   *condition // of temporal: which rules are wanted
}

// bounds are the limits of a count. max below 0 is none.
type bounds struct{ min, max int }

func (b bounds) has(n int) bool { return n >= b.min && (b.max < 0 || n <= b.max) }

// maxRulesOfCorrelation is what fits into the set of rules seen in a window.
const maxRulesOfCorrelation = 64

func (r *reader) correlation(about About, n *yaml.Node) *Correlation {
	c := &Correlation{About: about, bounds: bounds{0, -1}, aliases: map[string]map[string]string{}}
	var cond *yaml.Node
	for _, q := range r.pairs(n, "correlation") {
		switch q.key {
		case "type":
			c.Type = CorrelationType(r.text(q.value, q.key))
			if !slices.Contains([]CorrelationType{EventCount, ValueCount, Temporal, TemporalOrdered}, c.Type) {
				r.unknown(pair{string(c.Type), q.value, q.value}, "the types of correlation",
					string(EventCount), string(ValueCount), string(Temporal), string(TemporalOrdered))
			}
		case "rules":
			c.Rules = r.texts(q.value, q.key)
		case "group-by":
			c.GroupBy = r.texts(q.value, q.key)
		case "timespan":
			c.Timespan = r.timespan(q.value)
		case "generate":
			c.Generate = r.bool(q.value, q.key)
		case "aliases":
			r.aliases(c, q.value)
		case "field":
			c.fields = r.texts(q.value, q.key)
		case "condition":
			cond = q.value
		default:
			r.unknown(q, "correlation", "type", "rules", "group-by", "timespan", "condition", "aliases", "generate")
		}
	}
	if r.err == nil {
		r.correlationCondition(c, n, cond)
		r.complete(c, n)
	}
	return c
}

func (r *reader) aliases(c *Correlation, n *yaml.Node) {
	for _, alias := range r.pairs(n, "aliases") {
		fields := map[string]string{}
		for _, q := range r.pairs(alias.value, "alias "+alias.key) {
			fields[q.key] = r.text(q.value, q.key)
		}
		c.aliases[alias.key] = fields
	}
}

// timespan reads a number with s, m, h or d.
func (r *reader) timespan(n *yaml.Node) time.Duration {
	text := r.text(n, "timespan")
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour}
	if len(text) < 2 {
		r.fail(n, "timespan %q: write a number and s, m, h or d, such as 15m", text)
		return 0
	}
	unit := units[text[len(text)-1]]
	count, err := strconv.Atoi(text[:len(text)-1])
	if unit == 0 || err != nil || count < 1 || time.Duration(count) > 366*24*time.Hour/unit {
		r.fail(n, "timespan %q: write a number and s, m, h or d, such as 15m, at most 366d", text)
	}
	return time.Duration(count) * unit
}

// correlationCondition reads limits of a count, or, for temporal, a condition over
// the names of rules.
func (r *reader) correlationCondition(c *Correlation, at, n *yaml.Node) {
	temporal := c.Type == Temporal || c.Type == TemporalOrdered
	switch {
	case n == nil && temporal:
		c.bounds.min = len(c.Rules)
	case n == nil:
		r.fail(at, "the correlation has no condition, such as gte: 10")
	case r.visit(n).Kind == yaml.ScalarNode && temporal:
		r.namesCondition(c, n)
	default:
		r.limits(c, n)
	}
}

func (r *reader) namesCondition(c *Correlation, n *yaml.Node) {
	cond, err := parseCondition(r.text(n, "condition"), c.Rules)
	switch {
	case err != nil:
		r.fail(n, "condition: %w", err)
	case cond.negates():
		r.fail(n, "condition: not would have to wait for what never comes; count with event_count and lt instead")
	case c.Type == TemporalOrdered && (cond.op != opAnd || len(cond.kids) != len(c.Rules)):
		r.fail(n, "condition: an order needs all rules, joined with and")
	}
	c.bounds.min = len(c.Rules)
	if c.Type == Temporal {
		c.names = &cond
	}
}

func (c condition) negates() bool {
	return c.op == opNot || slices.ContainsFunc(c.kids, condition.negates)
}

func (r *reader) limits(c *Correlation, n *yaml.Node) {
	seen := false
	for _, q := range r.pairs(n, "condition") {
		if q.key == "field" {
			c.fields = r.texts(q.value, q.key)
			continue
		}
		seen = true
		limit := r.number(q.value, q.key)
		if limit < 0 || limit > 1<<30 {
			r.fail(q.at, "%s: %d is no useful number of events", q.key, limit)
		}
		switch q.key {
		case "gt":
			c.bounds.min = max(c.bounds.min, limit+1)
		case "gte":
			c.bounds.min = max(c.bounds.min, limit)
		case "lt":
			c.bounds.max = limit - 1
		case "lte":
			c.bounds.max = limit
		case "eq":
			c.bounds = bounds{limit, limit}
		default:
			r.unknown(q, "condition", "gt", "gte", "lt", "lte", "eq", "field")
		}
	}
	if r.err == nil && !seen {
		r.fail(n, "the condition has no limit, such as gte: 10")
	}
	if r.err == nil && c.bounds.max >= 0 && c.bounds.max < max(c.bounds.min, 1) {
		r.fail(n, "no number of events can meet the condition; a group exists only from its first event on")
	}
}

// complete checks that the parts fit together.
func (r *reader) complete(c *Correlation, n *yaml.Node) {
	switch {
	case r.err != nil:
	case c.Type == "":
		r.fail(n, "the correlation has no type")
	case len(c.Rules) == 0:
		r.fail(n, "the correlation names no rules")
	case len(c.Rules) > maxRulesOfCorrelation:
		r.fail(n, "more than %d rules", maxRulesOfCorrelation)
	case c.Timespan == 0:
		r.fail(n, "the correlation has no timespan, such as 15m")
	case c.Type == ValueCount && len(c.fields) == 0:
		r.fail(n, "value_count needs the field whose values are counted, in its condition")
	case c.Type == TemporalOrdered && c.bounds != bounds{len(c.Rules), -1}:
		r.fail(n, "temporal_ordered needs all rules in their order; leave the condition out")
	case c.Type == Temporal && c.bounds.max >= 0:
		r.fail(n, "temporal counts upwards only: use gt or gte")
	case c.Type != EventCount && c.Type != ValueCount && c.bounds.min > len(c.Rules):
		r.fail(n, "there are only %d rules to be seen", len(c.Rules))
	}
	for alias, fields := range c.aliases {
		for name := range fields {
			if r.err == nil && !slices.Contains(c.Rules, name) {
				r.fail(n, "alias %s names %q, which is not one of the rules (%s)", alias, name, strings.Join(c.Rules, ", "))
			}
		}
	}
}

// field is the name of a group-by field or counted field in matches of a rule.
func (c *Correlation) field(name, rule string) string {
	if f, ok := c.aliases[name][rule]; ok {
		return f
	}
	return name
}

// closing says whether a window can be judged only when it has ended: an upper limit
// is met until it is not.
func (c *Correlation) closing() bool { return c.bounds.max >= 0 }

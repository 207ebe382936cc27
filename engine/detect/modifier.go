package detect

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"holdfast/kind"
)

// A mode is how the value is compared with the field.
type mode string

const (
	modeEqual    mode = ""
	modeContains mode = "contains"
	modeStarts   mode = "startswith"
	modeEnds     mode = "endswith"
	modeRegexp   mode = "re"
	modeCIDR     mode = "cidr"
	modeExists   mode = "exists"
	modeGT       mode = "gt"
	modeGTE      mode = "gte"
	modeLT       mode = "lt"
	modeLTE      mode = "lte"
)

// A comparison is the meaning of the modifiers of one item.
type comparison struct {
	mode     mode
	flags    string // of a regular expression: i, m, s
	encoding []string
	part     string // of a time: minute, hour, day, week, month, year
	all      bool
	cased    bool
	not      bool
	expand   bool
	windash  bool
	fieldref bool
}

// Names of modifiers beside those of modes.
var (
	encodings = []string{"base64", "base64offset", "utf16", "utf16le", "utf16be", "wide"}
	timeParts = []string{"minute", "hour", "day", "week", "month", "year"}
	modes     = []mode{modeContains, modeStarts, modeEnds, modeRegexp, modeCIDR, modeExists, modeGT, modeGTE, modeLT, modeLTE}
)

// Modifiers lists every modifier that is understood.
func Modifiers() []string {
	list := []string{"all", "any", "cased", "expand", "fieldref", "i", "m", "neq", "s", "windash"}
	for _, m := range modes {
		list = append(list, string(m))
	}
	list = append(append(list, encodings...), timeParts...)
	slices.Sort(list)
	return list
}

// compare reads the modifiers of an item.
func compare(modifiers []string) (comparison, error) {
	var c comparison
	for _, m := range modifiers {
		if err := c.add(m); err != nil {
			return c, err
		}
	}
	return c, c.check()
}

func (c *comparison) add(m string) error {
	switch {
	case slices.Contains(modes, mode(m)):
		if c.mode != modeEqual && c.mode != mode(m) {
			return fmt.Errorf("%s and %s do not go together", c.mode, m)
		}
		c.mode = mode(m)
	case slices.Contains(encodings, m):
		c.encoding = append(c.encoding, m)
	case slices.Contains(timeParts, m):
		c.part = m
	case m == "i" || m == "m" || m == "s":
		if c.mode != modeRegexp {
			return fmt.Errorf("%s belongs after re", m)
		}
		c.flags += m
	default:
		return c.flag(m)
	}
	return nil
}

func (c *comparison) flag(m string) error {
	switch m {
	case "all":
		c.all = true
	case "any": // is what a list means anyway
	case "cased":
		c.cased = true
	case "neq":
		c.not = true
	case "expand":
		c.expand = true
	case "windash":
		c.windash = true
	case "fieldref":
		c.fieldref = true
	default:
		return unknownModifier(m)
	}
	return nil
}

func unknownModifier(m string) error {
	for _, k := range Modifiers() {
		if len(m) > 2 && kind.Distance(m, k) <= 2 {
			return fmt.Errorf("there is no modifier %q; did you mean %s?", m, k)
		}
	}
	return fmt.Errorf("there is no modifier %q; there are %s", m, strings.Join(Modifiers(), ", "))
}

// check refuses what cannot be meant together.
func (c *comparison) check() error {
	text := c.mode == modeEqual || c.mode == modeContains || c.mode == modeStarts || c.mode == modeEnds
	switch {
	case len(c.encoding) > 0 && !text:
		return fmt.Errorf("%s and %s do not go together", c.encoding[0], c.mode)
	case c.windash && !text:
		return fmt.Errorf("windash and %s do not go together", c.mode)
	case c.fieldref && (!text || len(c.encoding) > 0 || c.windash):
		return errors.New("fieldref goes together with contains, startswith, endswith, cased and neq only")
	case c.part != "" && c.mode != modeEqual && !c.ordered():
		return fmt.Errorf("%s and %s do not go together", c.part, c.mode)
	}
	return nil
}

// ordered says whether numbers are compared by size.
func (c *comparison) ordered() bool {
	return c.mode == modeGT || c.mode == modeGTE || c.mode == modeLT || c.mode == modeLTE
}

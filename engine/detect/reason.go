package detect

import (
	"slices"
	"strings"
)

// A Reason is one part of why a rule matched: a selection, what it asks for and the
// value of the event that fits.
type Reason struct {
	Selection string `json:"selection"`
	Field     string `json:"field,omitempty"` // empty: any value of the event
	Asked     string `json:"asked"`           // as the rule has it: "Image|endswith: \cmd.exe"
	Value     string `json:"value,omitempty"` // of the event, at most maxShown bytes
	Not       bool   `json:"not,omitempty"`   // the selections named do not hold, as the rule wants
}

// maxShown bounds how much of a value a reason repeats.
const maxShown = 2000

// Reasons says why a rule matched the event that was given last. Of alternatives the
// first that holds is given.
func (m *Matcher) Reasons(match Match) []Reason {
	var out []Reason
	m.why(m.engine.rules[match.number].expr, "", &out)
	return out
}

func (m *Matcher) why(e *expr, selection string, out *[]Reason) {
	selection = cmpText(e.selection, selection)
	switch e.op {
	case opAnd:
		for _, k := range e.kids {
			m.why(k, selection, out)
		}
	case opOr:
		for _, k := range e.kids {
			if m.holds(k) {
				m.why(k, selection, out)
				return
			}
		}
	case opNot:
		*out = append(*out, notReason(e.kids[0], selection))
	case opTest:
		r := Reason{Selection: selection, Field: e.test.field, Asked: e.test.String()}
		if _, v := m.passes(e.test); v != nil {
			r.Value = shown(v.text)
		}
		*out = append(*out, r)
	}
}

// notReason names the selections that do not hold, or the item that is negated itself.
func notReason(e *expr, selection string) Reason {
	var names, asked []string
	var collect func(e *expr)
	collect = func(e *expr) {
		switch {
		case e.selection != "":
			names = append(names, e.selection)
		case e.op == opTest:
			asked = append(asked, e.test.String())
		}
		if e.selection == "" {
			for _, k := range e.kids {
				collect(k)
			}
		}
	}
	collect(e)
	if len(names) == 0 {
		names = []string{selection}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(asked) > 3 {
		asked = append(asked[:3], "…")
	}
	what := strings.Join(asked, ", ")
	if what == "" {
		what = "does not hold"
	}
	return Reason{Selection: strings.Join(names, ", "), Asked: what, Not: true}
}

func shown(text []byte) string {
	if len(text) <= maxShown {
		return strings.ToValidUTF8(string(text), "�")
	}
	return strings.ToValidUTF8(string(text[:maxShown]), "") + "…"
}

package outside

import (
	"net/netip"
	"strconv"
	"strings"

	"holdfast/eventstore"
	"holdfast/kind"
)

// What a probe asks.
type asks int

const (
	isExactly asks = iota
	begins         // with text
	holds          // text, behind head
	present        // there is a value that is neither empty nor 0
	between        // what stands behind head is between text and last
)

// onMarks is the field of the marks; others are the paths of columns.
const onMarks = ""

// A probe is one question to a field of a document.
type probe struct {
	asks
	field      string
	head       string
	text, last string
	anyCase    bool // the field is not in small letters
}

// A clause is a term made ready: any of its probes must hold, or text must stand in the
// line; or none of that.
type clause struct {
	not  bool
	text string // in small letters
	any  []probe
}

// clauses makes the terms of a query ready, for any system.
func clauses(terms []eventstore.Term) ([]clause, error) {
	var list []clause
	for _, t := range terms {
		c, err := clauseOf(t)
		if err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return list, nil
}

func clauseOf(t eventstore.Term) (clause, error) {
	if t.Value == "" && t.Op != eventstore.Present {
		return clause{}, kind.Fieldf("q", "there is nothing to look for in %q", t.Field)
	}
	t.Value = strings.ToValidUTF8(t.Value, "\ufffd")
	c := clause{not: t.Not}
	p := t.Place()
	if t.Field == "" {
		c.text = strings.ToLower(t.Value)
		return c, nil
	}
	for _, path := range p.Columns {
		c.any = append(c.any, columnProbe(path, t))
	}
	if c.any == nil {
		name := ofOCSF + p.Path
		if p.Path == "" {
			name = ofNative + plainName(p.Native)
		}
		c.any = []probe{markProbe(name, t)}
	}
	return c, nil
}

// columnProbe asks a field of its own, or for numbers and networks the marks.
func columnProbe(path string, t eventstore.Term) probe {
	p := probe{field: path, text: strings.ToLower(t.Value), anyCase: path == "source" || path == "peer"}
	switch t.Op {
	case eventstore.Prefix:
		p.asks = begins
	case eventstore.Contains:
		p.asks = holds
	case eventstore.Present:
		p.asks = present
	case eventstore.Network, eventstore.AtLeast, eventstore.AtMost:
		return bounds(ofOCSF+path, t)
	default:
		p.anyCase = false
		if path == "source" {
			p.text = t.Value
		}
	}
	return p
}

// markProbe asks the marks of a name.
func markProbe(name string, t eventstore.Term) probe {
	value := strings.ToLower(t.Value)
	switch t.Op {
	case eventstore.Prefix:
		return probe{asks: begins, text: name + isText + value}
	case eventstore.Contains:
		return probe{asks: holds, head: name + isText, text: value}
	case eventstore.Present:
		return probe{asks: isExactly, text: name + isThere}
	case eventstore.Network, eventstore.AtLeast, eventstore.AtMost:
		return bounds(name, t)
	default:
		return probe{asks: isExactly, text: name + isText + value}
	}
}

// bounds asks for a number or an address between two.
func bounds(name string, t eventstore.Term) probe {
	if t.Op == eventstore.Network {
		network, err := netip.ParsePrefix(t.Value)
		if err != nil {
			return probe{asks: isExactly, text: name + isAddress} // as here: no address lies in it
		}
		first, last := networkText(network)
		return probe{asks: between, head: name + isAddress, text: first, last: last}
	}
	n, _ := strconv.ParseInt(t.Value, 10, 64) // the query was checked
	p := probe{asks: between, head: name + isNumber, text: leastNumber, last: mostNumber}
	if t.Op == eventstore.AtLeast {
		p.text = numberText(n)
	} else {
		p.last = numberText(n)
	}
	return p
}

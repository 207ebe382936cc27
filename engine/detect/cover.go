package detect

import (
	"math"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// A literal is something an event must have for a test to hold: a piece of text in a
// field, the whole text of a field, or only the field.
type literal struct {
	slot int32
	is   literalKind
	text string // folded
}

type literalKind uint8

const (
	literalPiece literalKind = iota
	literalWhole
	literalPresence
	literalForeign // some character beyond ASCII; what is too short to be looked for needs at least that
)

// A cover is a set of literals of which an event must have at least one for an
// expression to hold. The cost guesses how often an event will have one in vain.
type cover struct {
	literals []literal
	cost     float64
}

// A coverer chooses covers. uses counts in how many rules a piece occurs: what many
// rules ask for is what is usual.
type coverer struct {
	uses map[literal]int
}

// count notes the pieces of a rule, each once.
func (c *coverer) count(e *expr) {
	seen := map[literal]bool{}
	c.pieces(e, seen)
	for l := range seen {
		c.uses[l]++
	}
}

// grams counts for each field how many rules ask for each gram.
func (c *coverer) grams() map[int32]map[uint32]int {
	all := map[int32]map[uint32]int{}
	for l, n := range c.uses {
		of := all[l.slot]
		if of == nil {
			of = map[uint32]int{}
			all[l.slot] = of
		}
		for at := 0; at+shortGram <= len(l.text); at++ {
			of[shortAt(l.text, at)] += n
			if at+longGram <= len(l.text) {
				of[longAt(l.text, at)] += n
			}
		}
	}
	return all
}

func (c *coverer) pieces(e *expr, seen map[literal]bool) {
	if e.op == opTest && e.test.is == testText {
		for _, l := range textLiterals(e.test) {
			seen[l] = true
		}
	}
	for _, k := range e.kids {
		c.pieces(k, seen)
	}
}

// of returns the cheapest cover. ok is false when there is none: the expression may
// hold for events that have nothing in particular, such as a field that is absent.
func (c *coverer) of(e *expr) (cover, bool) {
	switch e.op {
	case opTest:
		return c.test(e.test)
	case opAnd:
		best, ok := cover{cost: math.Inf(1)}, false
		for _, k := range e.kids {
			if got, covered := c.of(k); covered && got.cost < best.cost {
				best, ok = got, true
			}
		}
		return best, ok
	case opOr:
		var all cover
		for _, k := range e.kids {
			got, covered := c.of(k)
			if !covered {
				return cover{}, false
			}
			all.literals = append(all.literals, got.literals...)
			all.cost += got.cost
		}
		return all, true
	}
	return cover{}, false
}

func (c *coverer) test(t *test) (cover, bool) {
	switch t.is {
	case testNull:
		return cover{}, false
	case testExists:
		return presence(t), t.want
	case testText:
		return c.cheapest(textLiterals(t), t), true
	case testRegexp:
		return c.regexp(t), true
	}
	return presence(t), true
}

// presence is the cover of a test that only needs its field to be there.
func presence(t *test) cover {
	return cover{[]literal{{slot: t.slot, is: literalPresence}}, 4}
}

// cheapest takes the best of several literals that must all be there.
func (c *coverer) cheapest(list []literal, t *test) cover {
	best := presence(t)
	for _, l := range list {
		if cost := c.cost(l); cost < best.cost {
			best = cover{[]literal{l}, cost}
		}
	}
	return best
}

// cost guesses how often a literal is met without the rule matching, in events that
// have the field. Each letter makes a piece rarer; many rules that ask for it show
// that it is usual.
func (c *coverer) cost(l literal) float64 {
	var n float64
	switch l.is {
	case literalPresence:
		return 4
	case literalForeign:
		return 0.1
	case literalWhole:
		n = 0.3 / float64(len(l.text)+1)
	default:
		n = math.Max(2/math.Pow(1.6, float64(len(l.text))), 0.01)
	}
	return n * (1 + 0.3*float64(c.uses[l]))
}

// textLiterals lists what must all be in the field for a text test to hold.
func textLiterals(t *test) []literal {
	if lit, plain := t.pattern.literal(); plain {
		text, ok := folded(lit)
		if !ok || t.slot == anySlot {
			return nil
		}
		return []literal{{t.slot, literalWhole, text}}
	}
	var list []literal
	for _, p := range t.pattern {
		list = append(list, pieces(t.slot, p.text)...)
	}
	return list
}

// pieces are what of a text can be looked for. Keywords are looked for in the JSON of
// an event as it stands, where some characters are written differently: the text is
// cut at these.
func pieces(slot int32, text string) []literal {
	text, ok := folded(text)
	if !ok {
		return nil
	}
	parts := []string{text}
	if slot == anySlot {
		parts = strings.FieldsFunc(text, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' || r >= utf8.RuneSelf })
	}
	var list []literal
	for _, p := range parts {
		if len(p) >= leastPiece {
			list = append(list, literal{slot, literalPiece, p})
		}
	}
	if slot != anySlot && !isASCII([]byte(text)) {
		list = append(list, literal{slot: slot, is: literalForeign})
	}
	return list
}

// folded folds a text. Text that is no UTF-8, as encodings make it, would fold
// differently inside a longer one and is no literal.
func folded(s string) (string, bool) {
	return string(foldAppend(nil, []byte(s))), utf8.ValidString(s)
}

// regexp takes the cheapest set of texts of which one must occur in what matches.
func (c *coverer) regexp(t *test) cover {
	tree, err := syntax.Parse(t.re.String(), syntax.Perl)
	if err != nil {
		return presence(t)
	}
	best := presence(t)
	if got, ok := c.required(t, tree.Simplify()); ok && got.cost < best.cost {
		return got
	}
	return best
}

func (c *coverer) required(t *test, re *syntax.Regexp) (cover, bool) {
	switch re.Op {
	case syntax.OpLiteral:
		if slices.Contains(re.Rune, utf8.RuneError) { // also stands for broken bytes
			return cover{}, false
		}
		best := presence(t)
		for _, l := range pieces(t.slot, string(re.Rune)) {
			if cost := c.cost(l); cost < best.cost {
				best = cover{[]literal{l}, cost}
			}
		}
		return best, true
	case syntax.OpCapture, syntax.OpPlus:
		return c.required(t, re.Sub[0])
	case syntax.OpRepeat:
		if re.Min == 0 {
			return cover{}, false
		}
		return c.required(t, re.Sub[0])
	case syntax.OpConcat:
		best, ok := cover{cost: math.Inf(1)}, false
		for _, sub := range re.Sub {
			if got, covered := c.required(t, sub); covered && got.cost < best.cost {
				best, ok = got, true
			}
		}
		return best, ok
	case syntax.OpAlternate:
		var all cover
		for _, sub := range re.Sub {
			got, covered := c.required(t, sub)
			if !covered {
				return cover{}, false
			}
			all.literals = append(all.literals, got.literals...)
			all.cost += got.cost
		}
		return all, true
	}
	return cover{}, false
}

// compare sorts literals, so that the same rules always make the same tables.
func (l literal) compare(o literal) int {
	if l.slot != o.slot {
		return int(l.slot - o.slot)
	}
	if l.is != o.is {
		return int(l.is) - int(o.is)
	}
	return strings.Compare(l.text, o.text)
}

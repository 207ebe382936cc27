package detect

import (
	"errors"
	"fmt"
	"strings"
)

// An op joins parts of a condition.
type op uint8

const (
	opTest op = iota // one test of one field; in a condition: one selection
	opAnd
	opOr
	opNot
)

// A condition is what has to hold of the selections.
type condition struct {
	op   op
	kids []condition
	name string // of the selection, for opTest
}

// Words of conditions.
const (
	wordAnd = "and"
	wordOr  = "or"
	wordNot = "not"
	wordOf  = "of"
)

// parseCondition reads a condition: and, or, not, parentheses, 1 of, any of, all of,
// names with *, and them. not binds closest, or least. names are the selections.
func parseCondition(text string, names []string) (condition, error) {
	words, err := conditionWords(text)
	if err != nil {
		return condition{}, err
	}
	p := conditionParser{words: words, names: names}
	c, err := p.or(0)
	if err != nil {
		return condition{}, err
	}
	if len(p.words) > 0 {
		return condition{}, fmt.Errorf("%q is unexpected; join selections with and, or", p.words[0])
	}
	return c, nil
}

// conditionWords splits the text. Counting behind a pipe is of an old form of Sigma.
func conditionWords(text string) ([]string, error) {
	if strings.Contains(text, "|") {
		return nil, errors.New("counting behind | is of an old form of Sigma; write a correlation")
	}
	if len(text) > 16<<10 {
		return nil, errors.New("longer than 16 KB")
	}
	text = strings.NewReplacer("(", " ( ", ")", " ) ").Replace(text)
	words := strings.Fields(text)
	if len(words) == 0 {
		return nil, errors.New("empty")
	}
	return words, nil
}

type conditionParser struct {
	words []string
	names []string
}

// next takes a keyword if it is the next word, in small or capital letters.
func (p *conditionParser) next(word string) bool {
	if len(p.words) > 0 && (p.words[0] == word || p.words[0] == strings.ToUpper(word)) {
		p.words = p.words[1:]
		return true
	}
	return false
}

func (p *conditionParser) or(depth int) (condition, error) {
	return p.joined(opOr, wordOr, depth, p.and)
}

func (p *conditionParser) and(depth int) (condition, error) {
	return p.joined(opAnd, wordAnd, depth, p.not)
}

func (p *conditionParser) joined(o op, word string, depth int, part func(int) (condition, error)) (condition, error) {
	c, err := part(depth)
	if err != nil {
		return c, err
	}
	kids := []condition{c}
	for p.next(word) {
		if c, err = part(depth); err != nil {
			return c, err
		}
		kids = append(kids, c)
	}
	if len(kids) == 1 {
		return kids[0], nil
	}
	return condition{op: o, kids: kids}, nil
}

func (p *conditionParser) not(depth int) (condition, error) {
	if depth > maxDepth {
		return condition{}, fmt.Errorf("nested more than %d deep", maxDepth)
	}
	if p.next(wordNot) {
		c, err := p.not(depth + 1)
		return condition{op: opNot, kids: []condition{c}}, err
	}
	if p.next("(") {
		c, err := p.or(depth + 1)
		if err == nil && !p.next(")") {
			err = errors.New("a parenthesis is not closed")
		}
		return c, err
	}
	return p.selection()
}

// selection reads a name or a quantifier.
func (p *conditionParser) selection() (condition, error) {
	if len(p.words) == 0 {
		return condition{}, errors.New("it ends where a selection should stand")
	}
	word := p.words[0]
	p.words = p.words[1:]
	if len(p.words) > 0 && strings.EqualFold(p.words[0], wordOf) {
		p.words = p.words[1:]
		return p.quantified(strings.ToLower(word))
	}
	switch strings.ToLower(word) {
	case wordAnd, wordOr, wordOf, ")":
		return condition{}, fmt.Errorf("%q stands where a selection should", word)
	}
	for _, n := range p.names {
		if n == word {
			return condition{name: word}, nil
		}
	}
	return condition{}, fmt.Errorf("there is no selection %q", word)
}

// quantified reads what follows "1 of" and "all of".
func (p *conditionParser) quantified(quantifier string) (condition, error) {
	o, known := map[string]op{"1": opOr, "any": opOr, "all": opAnd}[quantifier]
	if !known {
		return condition{}, fmt.Errorf("%q of: choose 1, any or all", quantifier)
	}
	if len(p.words) == 0 {
		return condition{}, fmt.Errorf("%s of what? Name selections, such as filter_*, or them", quantifier)
	}
	pattern := p.words[0]
	p.words = p.words[1:]
	found := selectionNames(pattern, p.names)
	if len(found) == 0 {
		return condition{}, fmt.Errorf("no selection is called %q", pattern)
	}
	c := condition{op: o}
	for _, n := range found {
		c.kids = append(c.kids, condition{name: n})
	}
	if len(found) == 1 {
		return c.kids[0], nil
	}
	return c, nil
}
